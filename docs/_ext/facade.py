"""Shows the names of KMock as its users type them: ``kmock.Request``, not the module where it lives.

- A reference to a name of ours finds the documented one by its last parts; a name of others stays code.
- Signatures are those of the sources, letter by letter, not what is left of them at run time.
- Inline code of a page that is one of our names (``kmock.Server``) is a link to it.
- A public name that is documented nowhere is a warning.
"""

import ast
import inspect
import textwrap
from enum import Enum
from importlib import import_module
from typing import Any

import attrs
from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util import logging
from sphinx.util.nodes import make_refnode

from kmock_core import Chained

logger = logging.getLogger(__name__)

OURS = ('kmock', 'kmock_core', 'kmock_http', 'kmock_k8s', 'pytest_kmock')
SHORTER = {
    '_MappingSource': 'Mapping | str | Iterable',
    'Payload[RequestT]': 'Payload',
    'Sink[RequestT]': 'Sink',
    'Criterions[RequestT]': 'Criterion',
}


def resolve(app: Sphinx, env: BuildEnvironment, node: Any, contnode: nodes.Element) -> nodes.Element | None:
    """Find what is meant by a name; None, and so a warning, if it should be one of ours but there is none."""
    if node.get('refdomain') != 'py':
        return None
    target: str = node['reftarget'].removesuffix('()')
    found = find(env, target, node.get('py:class'))
    if found is not None:
        return make_refnode(app.builder, node['refdoc'], found[1], found[2], contnode, found[0])
    if node.get('refexplicit') or (node['reftype'] != 'obj' and target.partition('.')[0] == 'kmock'):
        return None
    return contnode


def find(env: BuildEnvironment, target: str, owner: str | None = None) -> tuple[str, str, str] | None:
    """The full name, the page and the anchor of a documented name."""
    objects = env.domains.python_domain.objects
    last = target.rpartition('.')[2]
    names = [target, f'kmock.{owner}.{target}' if owner else '', f'kmock.{target}']
    if target.partition('.')[0] in OURS:
        names.append(f'kmock.{last}')
        names.append('kmock.' + '.'.join(target.split('.')[-2:]))
    for name in names:
        if name in objects:
            entry = objects[name]
            return name, entry.docname, entry.node_id
    return None


def sign(
    app: Sphinx, what: str, name: str, obj: Any, options: Any, signature: str | None, returns: str | None
) -> tuple[str | None, str | None] | None:
    """The signature as it stands in the source."""
    function = inspect.unwrap(obj.__init__ if inspect.isclass(obj) else obj) if callable(obj) else None
    function = getattr(function, '__func__', function)
    if not inspect.isfunction(function) or signature is None or (inspect.isclass(obj) and issubclass(obj, Enum)):
        return None
    if inspect.isclass(obj) and issubclass(obj, Chained):
        return '', None  # views are made by operators
    if function.__code__.co_filename.startswith('<attrs generated'):
        return f'({", ".join(map(describe_option, inspect.signature(obj).parameters.values()))})', None
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(function))).body[0]
    except (OSError, SyntaxError):
        return None
    if not isinstance(tree, ast.FunctionDef | ast.AsyncFunctionDef):
        return None
    Unquote().visit(tree)
    args = tree.args
    positional = args.posonlyargs or args.args
    if positional and positional[0].arg in ('self', 'cls'):
        del positional[0]
    result = None if tree.returns is None or inspect.isclass(obj) else shorten(ast.unparse(tree.returns))
    return f'({shorten(ast.unparse(args).removeprefix("/, "))})', result


def describe_option(parameter: inspect.Parameter) -> str:
    """An option of an attrs class; all of ours are keywords."""
    kind = '' if parameter.annotation is parameter.empty else f': {inspect.formatannotation(parameter.annotation)}'
    default = '' if parameter.default is parameter.empty else f' = {parameter.default!r}'
    if parameter.default is attrs.NOTHING:  # of a factory
        default = ' = ...'
    return f'{parameter.name}{kind}{default}'


def protect(app: Sphinx, what: str, name: str, obj: Any, options: Any, lines: list[str]) -> None:
    """Keep napoleon from taking the words before a colon for the type of an attribute."""
    if what in ('attribute', 'data', 'property') and lines:
        lines[:0] = ['..', '']  # an empty comment


class Unquote(ast.NodeTransformer):
    """Takes the quotes off annotations."""

    def visit_arg(self, node: ast.arg) -> ast.arg:
        node.annotation = unquote(node.annotation)
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        node.returns = unquote(node.returns)
        self.generic_visit(node)
        return node

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> ast.AsyncFunctionDef:
        node.returns = unquote(node.returns)
        self.generic_visit(node)
        return node


def unquote(annotation: ast.expr | None) -> ast.expr | None:
    if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str):
        return ast.parse(annotation.value, mode='eval').body
    return annotation


def shorten(text: str) -> str:
    for long, short in SHORTER.items():
        text = text.replace(long, short)
    text = text.replace('list[RequestT]', 'list[Request]').replace('[RequestT]', '')
    return text.replace('RequestT', 'Request')


def name_requests(app: Sphinx, doctree: nodes.document) -> None:
    """Say `Request` for the variable of its type, in the types of properties."""
    for node in doctree.findall(addnodes.pending_xref):
        if node.get('reftarget', '').endswith('RequestT'):
            node['reftarget'] = 'kmock.Request'
            node[:] = [nodes.Text('Request')]


def link_code(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Make links of the inline code that is a name of ours."""
    for node in list(doctree.findall(nodes.literal)):
        if isinstance(node.parent, nodes.reference) or node.next_node(nodes.reference):
            continue
        name = node.astext().removesuffix('()')
        found = find(app.env, name) if name.startswith('kmock.') else None
        if found is not None and found[1] != docname:
            node.replace_self(make_refnode(app.builder, docname, found[1], found[2], node.deepcopy(), found[0]))


def check_complete(app: Sphinx, env: BuildEnvironment) -> None:
    """Warn of the public names that no page of the reference has."""
    for package in ('kmock_core', 'kmock_http', 'kmock_k8s'):
        for name in import_module(package).__all__:
            if not name.startswith('__') and f'kmock.{name}' not in env.domains.python_domain.objects:
                logger.warning('kmock.%s is public, but not in docs/reference/', name)


def setup(app: Sphinx) -> dict[str, Any]:
    app.connect('missing-reference', resolve)
    app.connect('autodoc-process-signature', sign)
    app.connect('autodoc-process-docstring', protect, priority=0)
    app.connect('doctree-read', name_requests)
    app.connect('doctree-resolved', link_code)
    app.connect('env-check-consistency', check_complete)
    return {'version': '1', 'parallel_read_safe': True, 'parallel_write_safe': True}
