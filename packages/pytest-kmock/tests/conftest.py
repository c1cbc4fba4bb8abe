"""Runs test sessions inside of tests, each with exactly the plugins that it asks for."""

import asyncio
import gc
import importlib
import warnings
from collections.abc import Sequence
from textwrap import dedent
from typing import Protocol

import pytest

# What is imported before a session inside of this process is not imported anew in each of them.
for name in ('choosing', 'factory', 'loopfixtures', 'places', 'reporting', 'serving'):
    importlib.import_module(f'pytest_kmock.{name}')

# Else pytest-asyncio 1.x makes Python before 3.14 create a loop that nobody closes, and some later test is blamed.
asyncio.set_event_loop(None)

PLUGINS = {
    'anyio': 'anyio.pytest_plugin',
    'aresponses': 'aresponses.main',
    'asyncio': 'pytest_asyncio.plugin',
    'kmock': 'pytest_kmock.plugin',
    'trio': 'pytest_trio.plugin',
    'xdist': 'xdist.plugin',
}
FLAVOURS = {
    'asyncio, auto': (['asyncio'], 'auto', ''),
    'asyncio, strict': (['asyncio'], 'strict', 'pytestmark = pytest.mark.asyncio'),
    'anyio': (['anyio'], '', 'pytestmark = pytest.mark.anyio'),
    'asyncio of both, auto': (['asyncio', 'anyio'], 'auto', ''),
    'asyncio of both, strict': (['anyio', 'asyncio'], 'strict', 'pytestmark = pytest.mark.asyncio'),
    'anyio of both, first': (['anyio', 'asyncio'], 'strict', 'pytestmark = pytest.mark.anyio'),
    'anyio of both, last': (['asyncio', 'anyio'], 'strict', 'pytestmark = pytest.mark.anyio'),
}


class Run(Protocol):
    """Runs the tests of a source, with the named plugins; with all that are installed if it is None."""

    def __call__(
        self,
        source: str,
        /,
        *args: str,
        plugins: Sequence[str] | None = ...,
        ini: str = ...,
        mode: str = ...,
        subprocess: bool = ...,
    ) -> pytest.RunResult: ...


@pytest.fixture
def run(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Run:
    for variable in ('PYTEST_ADDOPTS', 'PYTEST_PLUGINS', 'PYTEST_DISABLE_PLUGIN_AUTOLOAD'):
        monkeypatch.delenv(variable, raising=False)

    def run(
        source: str,
        /,
        *args: str,
        plugins: Sequence[str] | None = ('asyncio',),
        ini: str = '',
        mode: str = 'auto',
        subprocess: bool = False,
    ) -> pytest.RunResult:
        lines = ['[pytest]', 'filterwarnings = error', ini]
        if plugins is None or 'asyncio' in plugins:
            lines += [f'asyncio_mode = {mode}', 'asyncio_default_fixture_loop_scope = function']
        pytester.makeini('\n'.join(lines))
        pytester.makepyfile(dedent(source))
        options = ['-p', 'no:cacheprovider']
        if plugins is not None:
            monkeypatch.setenv('PYTEST_DISABLE_PLUGIN_AUTOLOAD', '1')
            options += [option for plugin in (*plugins, 'kmock') for option in ('-p', PLUGINS[plugin])]
        run_pytest = pytester.runpytest_subprocess if subprocess else pytester.runpytest_inprocess
        result = run_pytest(*options, *args)
        if result.ret:  # the exceptions of failed tests keep their clients open: no later test is to be blamed for them
            with warnings.catch_warnings():
                warnings.simplefilter('ignore', ResourceWarning)
                gc.collect()
        return result

    return run


class RunFlavoured(Protocol):
    """Runs the tests of a source with a combination of plugins."""

    def __call__(self, source: str, /, *args: str, ini: str = '') -> pytest.RunResult: ...


@pytest.fixture(params=FLAVOURS.values(), ids=list(FLAVOURS))
def run_flavoured(request: pytest.FixtureRequest, run: Run) -> RunFlavoured:
    """Runs async tests as each of the plugins does, alone and beside the other, whichever is loaded first.

    Fixtures in the source are decorated with ``@fixture``: as the plugin wants it.
    """
    plugins, mode, mark = request.param
    decorator = 'import pytest_asyncio\nfixture = pytest_asyncio.fixture' if 'asyncio' in mark else ''
    header = f'import pytest\n{mark}\nfixture = pytest.fixture\n{decorator}\n'
    anyio = "@pytest.fixture\ndef anyio_backend():\n    return 'asyncio'\n" if 'anyio' in mark else ''

    def run_flavoured(source: str, /, *args: str, ini: str = '') -> pytest.RunResult:
        return run(header + anyio + dedent(source), *args, plugins=plugins, ini=ini, mode=mode)

    return run_flavoured
