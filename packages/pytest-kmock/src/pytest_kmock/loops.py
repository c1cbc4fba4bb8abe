"""Whose event loop a test runs on, as told by the plugin that runs it. No such plugin is imported here.

pytest-asyncio tells by its public names ``fixture`` and ``is_async_test``: a plain fixture that it has decorated finds
the loop of its scope as the current one. (An async fixture would be taken away by anyio, if both want the test.)
anyio runs async fixtures on the loop of the test, and has no other way into it.
"""

import enum
from types import ModuleType
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop

LOOPS = 'kmock-loops'
"""The name of the plugin with the fixtures of pytest-asyncio's loops."""
SCOPES = ('function', 'class', 'module', 'package', 'session')
MANUALLY = 'without the fixture: async with kmock.RawHandler() as handler, kmock.Server(handler)'


class Runner(enum.Enum):
    """What runs a test, and so what a mock has to be served by."""

    ASYNCIO = 'pytest-asyncio'
    ANYIO = 'anyio'


class Place(NamedTuple):
    """Where a mock is to be served."""

    runner: Runner
    fixture: str
    """For pytest-asyncio, that of the loop; for anyio, that of the served mock."""


def register_loops(config: pytest.Config) -> None:
    """Make a fixture of the loop for each of the scopes of pytest-asyncio, where there is one."""
    plugin = _asyncio_plugin(config)
    if plugin is None:
        return
    module = ModuleType(LOOPS)
    try:
        for scope in SCOPES:
            setattr(module, _loop_fixture(scope), plugin.fixture(_make_loop_fixture(), loop_scope=scope))
    except TypeError:  # it is older than 0.24, which is told when it matters
        return
    config.pluginmanager.register(module, LOOPS)


def _asyncio_plugin(config: pytest.Config) -> Any:
    plugins = config.pluginmanager
    return plugins.get_plugin('asyncio') or plugins.get_plugin('pytest_asyncio.plugin')


def _make_loop_fixture() -> Any:
    def loop() -> 'AbstractEventLoop':
        import asyncio

        return asyncio.get_event_loop()

    return loop


def _loop_fixture(scope: str) -> str:
    return f'_kmock_loop_of_{scope}'


def place_of(request: pytest.FixtureRequest) -> Place:
    """Where to serve the mock of a test; a UsageError tells how to make it possible."""
    item: pytest.Item = request.node
    if not _is_async(item):
        raise pytest.UsageError(
            f'{item.name} is not async. kmock is served on the event loop of an async test, and can not answer '
            f'the blocking clients of other tests in this version. Make it async: async def {item.name}(...)'
        )
    plugin = _asyncio_plugin(item.config)
    if plugin is not None and not item.config.pluginmanager.has_plugin(LOOPS):
        raise pytest.UsageError('kmock needs pytest-asyncio 0.24 or newer')
    if plugin is not None and plugin.is_async_test(item):
        return Place(Runner.ASYNCIO, _loop_fixture(_loop_scope(item)))
    if 'anyio_backend' in request.fixturenames:
        backend = request.getfixturevalue('anyio_backend')
        name = backend if isinstance(backend, str) else backend[0]
        if name != 'asyncio':
            raise pytest.UsageError(
                f'{item.name} runs on {name}, but kmock is served on asyncio only: '
                f"make the fixture anyio_backend return 'asyncio'"
            )
        return Place(Runner.ANYIO, '_kmock_under_anyio')
    raise pytest.UsageError(_advise(item, plugin))


def _is_async(item: pytest.Item) -> bool:
    from inspect import isasyncgenfunction, iscoroutinefunction

    function = getattr(item, 'obj', None)
    function = getattr(getattr(function, 'hypothesis', None), 'inner_test', function)
    return iscoroutinefunction(function) or isasyncgenfunction(function)


def _loop_scope(item: pytest.Item) -> str:
    mark = item.get_closest_marker('asyncio')
    marked = mark and (mark.kwargs.get('loop_scope') or mark.kwargs.get('scope'))
    if marked:
        return str(marked)
    try:
        return str(item.config.getini('asyncio_default_test_loop_scope'))
    except ValueError:  # older than 0.26: there is no such option
        return 'function'


def _advise(item: pytest.Item, plugin: Any) -> str:
    ways: list[str] = []
    if plugin is not None:
        ways.append('mark it with @pytest.mark.asyncio, or set asyncio_mode = auto')
    if item.config.pluginmanager.has_plugin('anyio'):
        ways.append('mark it with @pytest.mark.anyio')
    if plugin is None:
        ways.append('install pytest-asyncio' if ways else 'install pytest-asyncio or anyio')
    return f'{item.name} is async, but no plugin runs it on asyncio: {"; or ".join(ways)}; or serve {MANUALLY}'
