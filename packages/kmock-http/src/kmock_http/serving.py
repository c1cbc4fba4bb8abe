"""A handler and its server in one word: for unittest, scripts, and fixtures of one's own."""

from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from types import TracebackType
from typing import Any, Generic, TypeVar, cast, overload

from kmock_core import RawHandler
from kmock_http.choosing import choose
from kmock_http.errors import AlreadyRunningError
from kmock_http.threads import STOP_TIMEOUT, InThread

HandlerT = TypeVar('HandlerT')


@overload
def serving(cls: type[HandlerT], **options: Any) -> 'Serving[HandlerT]': ...
@overload
def serving(cls: str | None = None, **options: Any) -> 'Serving[RawHandler]': ...
def serving(cls: type[Any] | str | None = None, **options: Any) -> 'Serving[Any]':
    """A mock that is served while the context is entered: ``with kmock.serving() as mock``.

    Entered by a plain ``with``, it is served from a thread of its own, for blocking clients; by ``async with``, on
    the running event loop. Both handler and server are new each time.

    Args:
        cls: a class of handlers, the name of its entry point (``'raw'``), or its dotted path; by default the most
            capable one that is installed.
        options: those of the handler (``limit``, ``strict``, …) and of `Server` (``port``, ``tls``, ``hostnames``, …).

    Raises:
        OptionError: nothing takes such an option; the message lists what there is. It is a TypeError too.
    """
    return Serving(cls, options)


class Serving(Generic[HandlerT]):
    """What `serving` gives: a context manager, blocking or async, of the handler."""

    def __init__(self, cls: type[HandlerT] | str | None, options: dict[str, Any]) -> None:
        self._choice = choose({'cls': cls, **options})
        self._stop_timeout: float = options.get('stop_timeout', STOP_TIMEOUT)
        self._entered: InThread[HandlerT] | AbstractAsyncContextManager[HandlerT] | None = None

    def __repr__(self) -> str:
        return f'<kmock.serving() of {self._choice.handler.__name__}>'

    def __enter__(self) -> HandlerT:
        in_thread = InThread(self._running(), 'kmock', stop_timeout=self._stop_timeout)
        self._begin(in_thread)
        try:
            return in_thread.__enter__()
        except BaseException:
            self._entered = None
            raise

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None
    ) -> bool | None:
        entered, self._entered = self._entered, None
        return cast('InThread[HandlerT]', entered).__exit__(exc_type, exc, tb) if entered is not None else None

    async def __aenter__(self) -> HandlerT:
        running = self._running()
        self._begin(running)
        try:
            return await running.__aenter__()
        except BaseException:
            self._entered = None
            raise

    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None
    ) -> bool | None:
        entered, self._entered = self._entered, None
        if entered is None:
            return None
        return await cast('AbstractAsyncContextManager[HandlerT]', entered).__aexit__(exc_type, exc, tb)

    def _begin(self, entered: 'InThread[HandlerT] | AbstractAsyncContextManager[HandlerT]') -> None:
        if self._entered is not None:
            raise AlreadyRunningError(f'{self!r} is entered already. Make one more: kmock.serving()')
        self._entered = entered

    @asynccontextmanager
    async def _running(self) -> AsyncGenerator[HandlerT, None]:
        choice = self._choice
        handler = choice.handler(**choice.handler_options)
        async with handler as entered, choice.server(handler, **choice.server_options):
            yield cast('HandlerT', entered)
