"""Runs the Python examples of README.md and docs/ as tests.

Test functions in a ```` ```python ```` block are collected as they are, with fixtures; the blocks of one page share
their names. A block without test functions is one test by itself, where a bare ``await`` is allowed.

Words after ``python`` change that: ```` ```python no-run ```` is only shown; names of ```` ```python setup ```` are
known to all blocks below it on the page. What a block prints is compared with the ```` ```text output ```` after it.
Blocks inside of ``<!-- … -->`` run too, without being shown.
"""

import ast
import asyncio
import contextlib
import inspect
import io
import re
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import pytest
from _pytest.assertion.rewrite import rewrite_asserts

BLOCK = re.compile(
    r'^```python *(?P<options>[^\n`]*)\n(?P<code>.*?)^```(?:\s*^```text output\n(?P<output>.*?)^```)?',
    re.MULTILINE | re.DOTALL,
)

collect_ignore_glob = ['docs/conf.py', 'docs/_ext/*', 'docs/_build/*', 'tests-integration/thirdparty/*']
"""The site is built where Sphinx is installed, and plugins are tested where they are: not where the tests run."""


def pytest_configure() -> None:
    asyncio.set_event_loop(None)  # else pytest-asyncio makes one before the first async test, and forgets to close it


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    if file_path.suffix == '.md' and BLOCK.search(file_path.read_text('utf-8')):
        page: Page = Page.from_parent(parent, path=file_path)  # pyright: ignore[reportUnknownMemberType]
        return page
    return None


class Page(pytest.Module):
    """A Markdown page, seen by pytest as a module with its examples."""

    def _getobj(self) -> ModuleType:
        module = ModuleType(f'{self.path.parent.name}_{self.path.stem}'.replace('-', '_'))
        module.__file__ = str(self.path)
        for tree, is_setup, output in examples(self.path):
            names = [node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
            names = [name for name in names if name.startswith('test')]
            if repeated := [name for name in names if hasattr(module, name)]:
                raise self.CollectError(f'{self.path}: repeated names of tests: {repeated}')
            rewrite_asserts(tree, b'', str(self.path), self.config)
            if names or is_setup:
                exec(compile(tree, str(self.path), 'exec'), module.__dict__)
            else:
                line = tree.body[0].lineno
                known = {**vars(module), '__name__': '__main__'}
                setattr(module, f'test_example_on_line_{line}', runner(tree, self.path, known, output))
        return module


class Example(NamedTuple):
    """A block of a page."""

    tree: ast.Module
    is_setup: bool
    output: str | None


def examples(path: Path) -> Iterator[Example]:
    text = path.read_text('utf-8')
    for block in BLOCK.finditer(text):
        options = block['options'].split()
        if 'no-run' not in options:
            tree = ast.parse(block['code'], str(path))
            ast.increment_lineno(tree, text.count('\n', 0, block.start('code')))
            if tree.body:
                yield Example(tree, 'setup' in options, block['output'])


def runner(tree: ast.Module, path: Path, known: dict[str, Any], output: str | None) -> Callable[[], Any]:
    code = compile(tree, str(path), 'exec', flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)

    def test() -> None:
        with printing(output):
            eval(code, dict(known))

    async def test_async() -> None:
        with printing(output):
            await eval(code, dict(known))

    return test_async if code.co_flags & inspect.CO_COROUTINE else test


@contextlib.contextmanager
def printing(output: str | None) -> Generator[None]:
    """Demand that what is printed is this; None is anything."""
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        yield
    assert output is None or printed.getvalue() == output
