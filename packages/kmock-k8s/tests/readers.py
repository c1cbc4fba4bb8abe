"""Clients that read watches in process."""

import asyncio
import json
from collections.abc import AsyncGenerator
from typing import Any, TypeAlias

from kmock_core.values.responses import BodyStream, Chunks

Line: TypeAlias = tuple[str, dict[str, Any]]
"""The type of an event, and its object."""

PATIENCE = 30.0


class Reader:
    """A client that takes what comes at once, or that does not read before the end.

    Args:
        stream: the body of the answer to a watch.
    """

    def __init__(self, stream: BodyStream) -> None:
        self._lines: list[bytes] = []
        self._stream = stream
        self._batches: AsyncGenerator[list[bytes], None] = stream.batches()
        self._reading: asyncio.Future[list[bytes]] | None = None

    @property
    def is_slow(self) -> bool:
        return self._reading is None

    async def read(self) -> None:
        """Read what is there, and take all that comes then."""
        self._stream.tap = self._take
        self._lines += await anext(self._batches)
        self._reading = asyncio.ensure_future(anext(self._batches))
        await asyncio.sleep(0)

    def _take(self, chunks: Chunks, /) -> bool:
        self._lines += chunks.chunks
        return True

    async def rest(self) -> None:
        """Read until the end, which has to be near."""
        async with asyncio.timeout(PATIENCE):
            try:
                if self._reading is not None:
                    self._lines += await self._reading
            except StopAsyncIteration:
                return
            async for batch in self._batches:
                self._lines += batch

    async def leave(self) -> None:
        if self._reading is not None:
            self._reading.cancel()
            await asyncio.gather(self._reading, return_exceptions=True)
        await self._batches.aclose()
        await self._stream.aclose()

    def events(self) -> list[Line]:
        events = [json.loads(line) for line in self._lines]
        return [(event['type'], event['object']) for event in events]
