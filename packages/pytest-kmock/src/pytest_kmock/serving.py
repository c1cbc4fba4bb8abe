"""The life of the mock of one test."""

from collections.abc import AsyncGenerator, Iterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import pytest

from pytest_kmock.choosing import Choice, choose
from pytest_kmock.places import Place, Runner


class _TestFailed(Exception):
    """Tells a handler that the test has failed, so that it keeps its own errors to itself."""


class Mock:
    """The mock of one test, from its options to its report; the stash of the test owns it."""

    __slots__ = ('errors', 'failed', 'handler', 'reported', 'server')

    handler: Any
    server: Any
    errors: list[Exception]
    """Those of the handler; they outlive its context."""
    failed: bool
    """True once the test, or one of its fixtures, has failed."""
    reported: bool
    """True once a report has its section: one is enough."""

    def __init__(self, choice: Choice) -> None:
        self.handler = choice.handler(**choice.handler_options)
        self.server = choice.server(self.handler, **choice.server_options)
        self.errors = []
        self.failed = False
        self.reported = False

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[Any, None]:
        """Enter the handler and its server."""
        try:
            async with self.handler as handler:
                self.errors = getattr(handler, 'errors', self.errors)
                async with self.server:
                    yield handler
                if self.failed:
                    raise _TestFailed
        except _TestFailed:
            pass


MOCK = pytest.StashKey[Mock]()
"""Where a test keeps its mock, from the set-up to the last report."""


def prepare(item: pytest.Item, options: Mapping[str, Any]) -> Mock:
    """The mock of a test, not served yet."""
    mock = item.stash[MOCK] = Mock(choose(options))
    return mock


def serve(mock: Mock, place: Place, request: pytest.FixtureRequest) -> Iterator[Any]:
    """Serve the mock of a test from its set-up to its tear-down: the body of the fixture."""
    __tracebackhide__ = True
    if 'aresponses' in request.fixturenames:
        request.getfixturevalue('aresponses')  # both patch aiohttp: who comes later is asked first, and passes on
    yield from _WAYS[place.runner](mock, place, request)


def _serve_under_asyncio(mock: Mock, place: Place, request: pytest.FixtureRequest) -> Iterator[Any]:
    loop = loop_of(request, place)
    context = mock.running()
    yield loop.run_until_complete(context.__aenter__())
    loop.run_until_complete(context.__aexit__(None, None, None))


def loop_of(request: pytest.FixtureRequest, place: Place) -> Any:
    """The event loop of a test of pytest-asyncio."""
    # Its own runner is there for the test anyway; our fixture of the loop is the public way, and one fixture more.
    if place.shortcut in request.fixturenames:
        get_loop = getattr(request.getfixturevalue(place.shortcut), 'get_loop', None)
        if get_loop is not None:
            return get_loop()
    return request.getfixturevalue(place.fixture)


def _serve_under_anyio(mock: Mock, place: Place, request: pytest.FixtureRequest) -> Iterator[Any]:
    yield request.getfixturevalue(place.fixture)


_WAYS = {Runner.ASYNCIO: _serve_under_asyncio, Runner.ANYIO: _serve_under_anyio}
