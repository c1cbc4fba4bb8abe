"""The site: Sphinx with MyST and furo. ``python3 dev.py docs`` builds it; nothing is fetched from the network."""

import sys
from importlib.metadata import version as version_of
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / '_ext'))

project = 'KMock'
author = 'KMock contributors'
copyright = f'2026, {author}'
release = version_of('kmock-core')
version = release.rpartition('.')[0]

extensions = [
    'myst_parser',
    'sphinx.ext.autodoc',
    'sphinx.ext.napoleon',
    'sphinx_copybutton',
    'sphinx_design',
    'facade',
]
exclude_patterns = ['_build', '_ext']
myst_enable_extensions = ['attrs_block', 'attrs_inline', 'colon_fence', 'deflist', 'fieldlist', 'smartquotes']
myst_heading_anchors = 3

# Links: `like_this` in docstrings is a reference if there is such a name, else it is code (see _ext/facade.py).
default_role = 'py:obj'
nitpicky = True

autodoc_member_order = 'bysource'
autodoc_default_options = {'members': True}
autoclass_content = 'class'
autodoc_class_signature = 'mixed'
autodoc_typehints = 'signature'
autodoc_typehints_format = 'short'
add_module_names = False
python_display_short_literal_types = True
maximum_signature_line_length = 76
toc_object_entries_show_parents = 'hide'
napoleon_google_docstring = True
napoleon_numpy_docstring = False
napoleon_use_rtype = False
napoleon_use_ivar = True

html_theme = 'furo'
html_title = 'KMock'
html_favicon = '_static/favicon.svg'
html_static_path = ['_static']
html_css_files = ['kmock.css']
html_copy_source = False
html_show_sphinx = False
pygments_style = 'tango'
pygments_dark_style = 'github-dark'
copybutton_exclude = '.linenos, .gp, .go'
copybutton_prompt_text = r'>>> |\.\.\. |\$ '
copybutton_prompt_is_regexp = True
html_theme_options = {
    'sidebar_hide_name': True,
    'light_logo': 'logo.svg',
    'dark_logo': 'logo-dark.svg',
    'light_css_variables': {
        'color-brand-primary': '#0b6e69',
        'color-brand-content': '#0b6e69',
        'color-brand-visited': '#0b6e69',
        'font-stack': 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif',
        'font-stack--monospace': 'ui-monospace, SFMono-Regular, "JetBrains Mono", Menlo, Consolas, '
        '"DejaVu Sans Mono", monospace',
    },
    'dark_css_variables': {
        'color-brand-primary': '#4fd1c5',
        'color-brand-content': '#4fd1c5',
        'color-brand-visited': '#4fd1c5',
    },
}
