"""The life of a mock, from its options to its report."""

from collections.abc import AsyncGenerator, Generator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import pytest

from kmock_http.choosing import Choice
from kmock_http.threads import PATIENCE, LoopThread
from pytest_kmock.choosing import choose
from pytest_kmock.places import Place, Runner


class _TestFailed(Exception):
    """Tells a handler of others that the test has failed, so that it keeps its own errors to itself."""


class Mock:
    """A mock, from its options to its report; owned by the stash of its test, or by the factory."""

    __slots__ = (
        '_known_error', '_known_request', '_told', 'errors', 'failed', 'handler', 'last_words', 'name', 'server',
        'verdict',
    )  # fmt: skip

    handler: Any
    server: Any
    errors: list[Exception]
    """Those of the handler; they outlive its context."""
    failed: bool
    """True once the test, or one of its fixtures, has failed."""
    name: str
    """The URL, to tell it from others."""
    last_words: str | None
    """What there was to tell when a `reset` that fails was about to forget it."""
    verdict: Exception | None
    """What was raised in the end."""

    def __init__(self, choice: Choice) -> None:
        self.handler = choice.handler(**choice.handler_options)
        self.server = choice.server(self.handler, **choice.server_options)
        self.errors = []
        self.failed = False
        self.name = 'not started'
        self.verdict = None
        self.last_words = None
        self._told = False
        self._known_request: tuple[int, object] = (0, None)
        self._known_error: tuple[int, object] = (0, None)

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[Any, None]:
        """Enter the handler and its server."""
        try:
            async with self.handler as handler:
                self.errors = getattr(handler, 'errors', self.errors)
                async with self.server:
                    self.name = str(getattr(self.server, 'url', self.server))
                    yield handler
                if self.failed and not self._silence():
                    raise _TestFailed
        except _TestFailed:
            pass
        except Exception as exc:
            self.verdict = exc
            raise

    def keep_last_words(self) -> None:
        """Keep from now on what a `reset` that fails forgets: those of the fixtures of users do it in tear-downs."""
        if hasattr(self.handler, 'before_forgetting'):
            self.handler.before_forgetting = self._describe

    def _describe(self) -> None:
        from pytest_kmock.reporting import describe_mock

        self.last_words = describe_mock(self.handler, self.errors_of_test(), self.first_request())

    # ---- One test of many ----

    def begin_test(self) -> None:
        """Forget the failure of the last test, and note what has happened already."""
        self.failed = False
        self.last_words = None
        if self._told:
            self._told = self.handler.lenient = False
        self._known_request = _mark_end(self._log)
        self._known_error = _mark_end(self.errors)

    def fail_test(self) -> None:
        """The test has failed: let the handler keep its own errors to itself, now and at its end."""
        self.failed = True
        self._silence()

    def _silence(self) -> bool:
        lenient = getattr(self.handler, 'lenient', None)
        if lenient is False:
            self._told = self.handler.lenient = True
        return lenient is not None

    @property
    def _log(self) -> Sequence[object]:
        records = getattr(self.handler, 'records', tuple)  # classes of others may have none
        return records()

    def first_request(self) -> int:
        """The number of the first request of this test: the others were there before, and were not reset since."""
        return _count_known(self._log, self._known_request)

    def was_used(self) -> bool:
        """Tell if anything came or went wrong in this test."""
        return self.first_request() < len(self._log) or bool(self.errors_of_test()) or self.last_words is not None

    def errors_of_test(self) -> list[Exception]:
        """The errors of this test."""
        return self.errors[_count_known(self.errors, self._known_error) :]


def _mark_end(things: Sequence[object]) -> tuple[int, object]:
    count = len(things)  # more may come while we look
    return (count, things[count - 1] if count else None)


def _count_known(things: Sequence[object], known: tuple[int, object]) -> int:
    count, last = known
    return count if 0 < count <= len(things) and things[count - 1] is last else 0


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


def _serve_in_thread(mock: Mock, place: Place, request: pytest.FixtureRequest) -> Iterator[Any]:
    with served_in_thread(mock, request.node.name) as handler:
        yield handler


@contextmanager
def served_in_thread(mock: Mock, name: str) -> Generator[Any, None, None]:
    """Serve a mock from a thread of its own, which has a name for debuggers."""
    with LoopThread(f'kmock of {name}') as thread:
        context = mock.running()
        handler = thread.run(context.__aenter__())
        try:
            yield handler
        except BaseException as exc:
            mock.fail_test()
            try:
                thread.run(context.__aexit__(None, None, None), patience=PATIENCE)
            except Exception as error:
                exc.add_note(f'Besides, when kmock was stopped: {type(error).__name__}: {error}')
            raise
        thread.run(context.__aexit__(None, None, None), patience=PATIENCE)


_WAYS = {
    Runner.ASYNCIO: _serve_under_asyncio,
    Runner.ANYIO: _serve_under_anyio,
    Runner.THREAD: _serve_in_thread,
}
