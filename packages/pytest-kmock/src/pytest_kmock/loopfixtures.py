"""Fixtures of the event loops of pytest-asyncio, one for each scope, made by its public decorator ``fixture``.

They are plain functions: these find the loop of their scope as the current one. Async ones would be taken away by anyio
if it wants the test too (``pytest.mark.anyio`` with ``asyncio_mode = auto``), and be run on another loop than the test.
Before pytest-asyncio 1.1, it is the other way round: only async ones are given a loop, and anyio can't take them away.
"""

from types import ModuleType
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop

LOOPS = 'kmock-loops'
"""The name of the plugin that has these fixtures."""
OLD = 'pytest_pycollect_makeitem_preprocess_async_fixtures'
"""What pytest-asyncio had before 1.1."""


def asyncio_plugin(config: pytest.Config) -> Any:
    """The plugin of pytest-asyncio; None if it is not there."""
    plugins = config.pluginmanager
    return plugins.get_plugin('asyncio') or plugins.get_plugin('pytest_asyncio.plugin')


def register_loops(config: pytest.Config) -> None:
    """Make the fixtures, if pytest-asyncio is there."""
    plugin = asyncio_plugin(config)
    if plugin is None:
        return
    make = _make_async_fixture if hasattr(plugin, OLD) else _make_plain_fixture
    module = ModuleType(LOOPS)
    try:
        for scope in ('function', 'class', 'module', 'package', 'session'):
            setattr(module, loop_fixture(scope), plugin.fixture(make(), loop_scope=scope))
    except TypeError:  # it is older than 0.24; whoever needs it will be told
        return
    config.pluginmanager.register(module, LOOPS)


def loop_fixture(scope: str) -> str:
    """The name of the fixture of the loop of a scope."""
    return f'_kmock_loop_of_{scope}'


def _make_plain_fixture() -> Any:
    def loop() -> 'AbstractEventLoop':
        import asyncio

        return asyncio.get_event_loop()

    return loop


def _make_async_fixture() -> Any:
    async def loop() -> 'AbstractEventLoop':
        import asyncio

        return asyncio.get_running_loop()

    return loop
