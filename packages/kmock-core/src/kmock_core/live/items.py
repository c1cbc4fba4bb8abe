"""A bus of items: everyone who reads it gets all that is put after they began, or after a mark.

It is a sink (requests are put to it) and a payload (its items are streamed as they come).
"""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from kmock_core.errors import KMockError


class BusGone(KMockError):
    """A reader or a mark wants items that are not kept any more: more than ``max_buffer_size`` came since."""


class BusMark:
    """A position on a bus: what is put after it can be read from it, until `Bus.unmark`."""

    __slots__ = ('__weakref__', 'bus', 'position')

    bus: 'Bus'
    position: int

    def __init__(self, bus: 'Bus', position: int) -> None:
        self.bus = bus
        self.position = position

    def __repr__(self) -> str:
        return f'<BusMark {self.position}>'

    def __aiter__(self) -> AsyncIterator[Any]:
        return self.bus.stream(self)


class Bus:
    """A bus with many readers, owned by one event loop.

    Args:
        flush_threshold: how many items that nobody needs any more may stay before they are removed in bulk.
        max_buffer_size: how many items are kept at the most for readers and marks that lag; None is no limit.
    """

    __slots__ = ('_items', '_offset', '_readers', '_waiters', 'flush_threshold', 'max_buffer_size')

    flush_threshold: int
    max_buffer_size: int | None

    def __init__(self, flush_threshold: int = 0, max_buffer_size: int | None = None) -> None:
        self.flush_threshold = flush_threshold
        self.max_buffer_size = max_buffer_size
        self._items: list[Any] = []
        self._offset = 0
        self._readers: dict[int, BusMark] = {}
        self._waiters: list[asyncio.Future[None]] = []

    def __repr__(self) -> str:
        return f'<Bus: {self.buffer_size} items kept, {self.consumer_count} readers>'

    @property
    def buffer_size(self) -> int:
        """How many items are kept now."""
        return len(self._items)

    @property
    def consumer_count(self) -> int:
        """How many readers and marks there are."""
        return len(self._readers)

    @property
    def streamed_count(self) -> int:
        """How many items have been put since the beginning."""
        return self._offset + len(self._items)

    @property
    def removed_count(self) -> int:
        """How many items have been removed since the beginning."""
        return self._offset

    async def put(self, *items: Any) -> None:
        """Put items, for all who read."""
        if self._readers:
            self._items.extend(items)
            self._trim()
        else:
            self._offset += len(items)
        waiters, self._waiters = self._waiters, []
        for waiter in waiters:
            if not waiter.done():
                waiter.set_result(None)

    async def get(self, since: BusMark | None = None) -> Any:
        """The next item after the mark, which moves on, or after now; waits for it."""
        mark = self.mark() if since is None else since
        try:
            return await self._next(mark)
        finally:
            if since is None:
                self.unmark(mark)

    def mark(self) -> BusMark:
        """Mark the present position."""
        mark = BusMark(self, self.streamed_count)
        self._readers[id(mark)] = mark
        return mark

    def unmark(self, mark: BusMark) -> None:
        """Forget a mark; items that only it needed can go."""
        if self._readers.pop(id(mark), None) is None:
            raise ValueError(f'Unknown bus marker: {mark!r}')
        self._trim()

    async def flush(self) -> None:
        """Remove what nobody needs any more, now."""
        self._remove(self._unneeded())

    async def stream(self, since: BusMark | None = None, *, limit: int | None = None) -> AsyncIterator[Any]:
        """The items after the mark, or after now, as they come; `limit` items at the most."""
        mark = self.mark() if since is None else since
        try:
            count = 0
            while limit is None or count < limit:
                yield await self._next(mark)
                count += 1
        finally:
            if since is None:
                self.unmark(mark)

    def __aiter__(self) -> AsyncIterator[Any]:
        return self.stream()

    def __kmock_payload__(self) -> Any:
        return self.stream

    async def _next(self, mark: BusMark) -> Any:
        if id(mark) not in self._readers:
            raise ValueError(f'Unknown bus marker: {mark!r}')
        while mark.position >= self.streamed_count:
            waiter = asyncio.get_running_loop().create_future()
            self._waiters.append(waiter)
            try:
                await waiter
            finally:
                if waiter in self._waiters:
                    self._waiters.remove(waiter)
        if mark.position < self._offset:
            gone = self._offset - mark.position
            mark.position = self._offset
            raise BusGone(f'{gone} items are gone: only {self.max_buffer_size} are kept for readers that lag')
        item = self._items[mark.position - self._offset]
        mark.position += 1
        self._trim()
        return item

    def _unneeded(self) -> int:
        positions = [mark.position for mark in self._readers.values()]
        return min(positions, default=self.streamed_count) - self._offset

    def _trim(self) -> None:
        unneeded = self._unneeded()
        if unneeded > self.flush_threshold:
            self._remove(unneeded)
        if self.max_buffer_size is not None and len(self._items) > self.max_buffer_size:
            self._remove(len(self._items) - self.max_buffer_size)

    def _remove(self, count: int) -> None:
        if count > 0:
            del self._items[:count]
            self._offset += count
