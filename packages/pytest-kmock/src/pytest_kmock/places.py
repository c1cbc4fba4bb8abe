"""Where the mock of a test is to be served: on the asyncio loop of the test; in a thread if it has none."""

import enum
import sys
from inspect import isasyncgenfunction, iscoroutinefunction
from typing import Any, NamedTuple

import pytest

from pytest_kmock.loopfixtures import LOOPS, asyncio_plugin, loop_fixture

MANUALLY = 'serve it without the fixture: async with kmock.RawHandler() as handler, kmock.Server(handler): ...'


class Runner(enum.Enum):
    """What runs the loop of a mock: the plugin that runs its test, or a thread."""

    ASYNCIO = 'pytest-asyncio'
    ANYIO = 'anyio'
    THREAD = 'thread'


class Place(NamedTuple):
    """Where a mock is to be served."""

    runner: Runner
    fixture: str = ''
    """For pytest-asyncio that of the loop, for anyio that of the served mock."""
    shortcut: str = ''
    """The fixture of pytest-asyncio's own runner, if its version has such a one; an optimization."""


def place_of(request: pytest.FixtureRequest) -> Place:
    """Where to serve the mock of a test; a UsageError tells how to make it possible."""
    item: pytest.Item = request.node
    if not _is_async(item):
        return _THREAD
    plugin = asyncio_plugin(item.config)
    if plugin is not None and not item.config.pluginmanager.has_plugin(LOOPS):
        raise pytest.UsageError('kmock needs pytest-asyncio 0.24 or newer')
    if plugin is not None and plugin.is_async_test(item):
        scope = _loop_scope(item)
        return Place(Runner.ASYNCIO, loop_fixture(scope), f'_{scope}_scoped_runner')
    if 'anyio_backend' in request.fixturenames:
        backend = request.getfixturevalue('anyio_backend')
        name = backend if isinstance(backend, str) else backend[0]
        return Place(Runner.ANYIO, '_kmock_under_anyio') if name == 'asyncio' else _THREAD
    if _runs_elsewhere(item):
        return _THREAD
    raise pytest.UsageError(_advise(item, plugin))


_THREAD = Place(Runner.THREAD)


def _runs_elsewhere(item: pytest.Item) -> bool:
    """Tell if an async test has a loop that a mock can't be served on: that of trio, or one that nobody gives us."""
    if item.get_closest_marker('trio') is not None and _has_any_plugin(item, 'trio', 'pytest_trio.plugin'):
        return True
    unittest: Any = sys.modules.get('unittest')
    case = getattr(item, 'cls', None)
    return unittest is not None and case is not None and issubclass(case, unittest.IsolatedAsyncioTestCase)


def _has_any_plugin(item: pytest.Item, *names: str) -> bool:
    return any(item.config.pluginmanager.has_plugin(name) for name in names)


def _is_async(item: pytest.Item) -> bool:
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
    except ValueError:  # pytest-asyncio 0.24 and 0.25 have no such option
        return 'function'


def _advise(item: pytest.Item, plugin: Any) -> str:
    ways: list[str] = []
    if plugin is not None:
        ways.append('mark it with @pytest.mark.asyncio, or set asyncio_mode = auto')
    if _has_any_plugin(item, 'anyio', 'anyio.pytest_plugin'):
        ways.append('mark it with @pytest.mark.anyio')
    if plugin is None:
        ways.append('install pytest-asyncio' if ways else 'install pytest-asyncio or anyio')
    return f'{item.name} is async, but no plugin runs it on asyncio: {"; or ".join(ways)}. Or {MANUALLY}'
