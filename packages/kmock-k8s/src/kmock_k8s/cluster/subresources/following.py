"""Logs that are followed: the streams in which they are sent."""

import asyncio
import threading
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from datetime import datetime

from kmock_core.values.responses import BodyStream, Chunks, Tap
from kmock_k8s.cluster.logs import Follower, Line

Shape = Callable[[list[Line]], bytes]
"""Makes what is sent of some lines."""


class LogStream:
    """One log that is followed: a `BodyStream`; it belongs to its loop.

    Args:
        lines: what is there already.
        shape: how the lines are sent, those that come too; nothing is sent after what it leaves no room for.
        is_full: tells if there is no room for more.
    """

    breakage: None = None
    is_unheard: bool = False
    tap: Tap | None = None

    def __init__(self, lines: list[Line], shape: Shape, is_full: Callable[[], bool]) -> None:
        self._shape = shape
        self._is_full = is_full
        self._loop = asyncio.get_running_loop()
        self._thread = threading.get_ident()
        self._pending: deque[Chunks] = deque([Chunks([shape(lines)] if lines else [])])  # the head has to be sent
        self._future: asyncio.Future[None] | None = None
        self._ended = is_full()
        self.on_leave: list[Callable[[], object]] = []

    def feed(self, time: datetime, text: str) -> None:
        self._call(lambda: self._take(Line(time, text)))

    def end(self) -> None:
        self._call(self._end)

    def _call(self, function: Callable[[], object]) -> None:
        if threading.get_ident() == self._thread:
            function()
            return
        try:
            self._loop.call_soon_threadsafe(function)
        except RuntimeError:  # the loop is closed, and with it the client
            self._leave()

    def _take(self, line: Line) -> None:
        raw = self._shape([line])
        chunks = Chunks([raw])
        if raw and (self._future is None or self._pending or self.tap is None or not self.tap(chunks)):
            self._pending.append(chunks)
            self._wake()
        if self._is_full():
            self._end()

    def _end(self) -> None:
        self._ended = True
        self._wake()

    def _wake(self) -> None:
        if self._future is not None and not self._future.done():
            self._future.set_result(None)

    async def batches(self) -> AsyncGenerator[list[bytes], None]:
        try:
            while True:
                if self._pending:
                    batch = [raw for chunks in self._pending for raw in chunks.chunks]
                    self._pending.clear()
                    yield batch
                elif self._ended:
                    break
                else:
                    self._future = self._loop.create_future()
                    try:
                        await self._future
                    finally:
                        self._future = None
        finally:
            self._leave()

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for batch in self.batches():
            for raw in batch:
                yield raw

    async def aclose(self) -> None:
        self._ended = True
        self._leave()

    def _leave(self) -> None:
        while self.on_leave:
            self.on_leave.pop()()


_: tuple[type[BodyStream], type[Follower]] = (LogStream, LogStream)
