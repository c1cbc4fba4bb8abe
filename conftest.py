"""Runs the Python examples of README.md and docs/ as tests.

Test functions in a ```` ```python ```` block are collected as they are, with fixtures; the blocks of one page share
their names. A block without test functions is one test by itself, where a bare ``await`` is allowed.
A block that starts with ```` ```python no-run ```` is only shown.
"""

import ast
import asyncio
import inspect
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest
from _pytest.assertion.rewrite import rewrite_asserts

BLOCK = re.compile(r'^```python *(?P<options>[^\n`]*)\n(?P<code>.*?)^```', re.MULTILINE | re.DOTALL)


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
        for tree in examples(self.path):
            names = [node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
            names = [name for name in names if name.startswith('test')]
            if repeated := [name for name in names if hasattr(module, name)]:
                raise self.CollectError(f'{self.path}: repeated names of tests: {repeated}')
            rewrite_asserts(tree, b'', str(self.path), self.config)
            if names:
                exec(compile(tree, str(self.path), 'exec'), module.__dict__)
            else:
                line = tree.body[0].lineno
                setattr(module, f'test_example_on_line_{line}', runner(tree, self.path))
        return module


def examples(path: Path) -> Iterator[ast.Module]:
    text = path.read_text('utf-8')
    for block in BLOCK.finditer(text):
        if 'no-run' not in block['options']:
            tree = ast.parse(block['code'], str(path))
            ast.increment_lineno(tree, text.count('\n', 0, block.start('code')))
            if tree.body:
                yield tree


def runner(tree: ast.Module, path: Path) -> Callable[[], None]:
    code = compile(tree, str(path), 'exec', flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)

    def test() -> None:
        coroutine = eval(code, {'__name__': '__main__'})
        if inspect.iscoroutine(coroutine):
            asyncio.run(coroutine)

    return test
