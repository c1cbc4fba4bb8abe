"""The leash of an open stream: ends it from any thread, whatever it waits for."""

import asyncio
from contextlib import suppress
from types import TracebackType
from typing import Any

from kmock_core.errors import ForgottenRequestError
from kmock_core.values.requests import Request


class Leash:
    """Held by a stream while it waits: ``with leash: await …``, which raises a `ForgottenRequestError` at its end."""

    __slots__ = ('_interrupted', '_loop', '_task', 'ended', 'request')

    def __init__(self, request: Request) -> None:
        self.request: Request = request
        self.ended: bool = False
        self._interrupted = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[Any] | None = None

    def __enter__(self) -> None:
        self._task = asyncio.current_task()
        self._loop = asyncio.get_running_loop()
        self.check()

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None
    ) -> None:
        task, self._task = self._task, None
        if self._interrupted and task is not None:
            self._interrupted = False
            others = task.uncancel()
            if exc_type is asyncio.CancelledError and not others:
                self.check()

    def check(self) -> None:
        """Raise if it has ended."""
        if self.ended:
            self._task = None
            raise ForgottenRequestError(f'{self.request!r} was forgotten by reset() before its answer was complete')

    def end(self) -> None:
        """End the stream: now if it waits, else as soon as it comes to wait."""
        self.ended = True
        loop = self._loop
        if loop is not None:
            with suppress(RuntimeError):  # the loop is closed, and with it the stream
                loop.call_soon_threadsafe(self._interrupt)

    def _interrupt(self) -> None:
        if self._task is not None and not self._interrupted:
            self._interrupted = True
            self._task.cancel()
