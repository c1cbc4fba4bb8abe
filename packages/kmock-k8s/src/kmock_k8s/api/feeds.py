"""Bodies that are sent bit by bit, whenever there is something to send."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator

from kmock_core.values.responses import BodyStream, Chunks, Tap

BACKLOG = 67_108_864
"""How many bytes wait for a client that reads nothing; then its stream ends after them, and it has to ask again.

A real server gives up such watchers earlier (``forgetWatcher`` of its cacher). This is for the memory only: whoever
changes thousands of objects before the loop has a turn is not cut off.
"""


class Feed:
    """One body: a `BodyStream`; it belongs to its loop.

    Args:
        loop: the running loop.
        first: what is there already; the head of the answer is sent with it, also if it is nothing.
    """

    __slots__ = ('_ended', '_future', '_loop', '_pending', '_size', 'tap')

    breakage: None = None
    is_unheard: bool = False
    tap: Tap | None

    def __init__(self, loop: asyncio.AbstractEventLoop, first: Chunks) -> None:
        self.tap = None
        self._loop = loop
        self._pending: deque[Chunks] = deque([first])
        self._size = 0  # of what has come since somebody has last taken something
        self._future: asyncio.Future[None] | None = None
        self._ended = False

    def _send(self, chunks: Chunks) -> None:
        """Send this, in the loop: at once if nothing waits before it."""
        if self._future is None or self._pending or self.tap is None or not self.tap(chunks):
            if self._ended:
                return
            self._pending.append(chunks)
            self._size += sum(map(len, chunks.chunks))
            if self._size > BACKLOG:
                self._ended = True
                self._loop.call_soon(self._leave)  # not now, when those who feed it go through all of their streams
            self._wake()

    def end(self) -> None:
        """End after what is there, in the loop."""
        self._ended = True
        self._wake()

    def _wake(self) -> None:
        if self._future is not None and not self._future.done():
            self._future.set_result(None)

    async def batches(self) -> AsyncGenerator[list[bytes], None]:
        """The chunks, those that are there at once in one list."""
        try:
            while True:
                if self._pending:
                    batch = [raw for chunks in self._pending for raw in chunks.chunks]
                    self._pending.clear()
                    self._size = 0
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
        """End it early: a client has left, or a server stops."""
        self._ended = True
        self._leave()

    def _leave(self) -> None:
        """Let go of all that feeds it; it may be called twice."""


_: type[BodyStream] = Feed
