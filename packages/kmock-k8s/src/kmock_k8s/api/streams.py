"""Open watches: the streams, and how the events of the store get to them.

In each loop with watches of a resource, one hub gets the events; a change that is made in this very thread goes to the
sockets of its watchers before it returns, others at the next turn of the loop. Watches that select the same objects are
one group: for all of them, an event is looked at, encoded and framed once.
"""

import asyncio
import threading
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import suppress

from kmock_core.values.responses import Chunks, Tap
from kmock_k8s.api.selection import Selection
from kmock_k8s.model.resources import resource
from kmock_k8s.store.announcing import Subscription
from kmock_k8s.store.memory import Store
from kmock_k8s.store.states import Event

BOOKMARK_INTERVAL = 60.0
"""Seconds from bookmark to bookmark: as of a real server (``defaultBookmarkFrequency`` of its cacher)."""

LAST_BOOKMARK = 2.0
"""Seconds from the last bookmark to the end by a timeout: as of a real server (``bookmarkTimer`` of its cacher)."""


class Watch:
    """One open watch: a `BodyStream`; it belongs to its loop.

    Args:
        hub: where the events come from.
        selection: what is watched.
        revision: up to which all has been said.
        first: the lines to begin with.
    """

    __slots__ = ('_ended', '_future', '_hub', '_pending', '_timers', 'revision', 'selection', 'tap')

    breakage: None = None
    is_unheard: bool = False
    tap: Tap | None
    selection: Selection
    revision: int

    def __init__(self, hub: 'Hub', selection: Selection, revision: int, first: list[bytes]) -> None:
        self.tap = None
        self.selection = selection
        self.revision = revision
        self._hub = hub
        self._pending: deque[Chunks] = deque([Chunks(first)])  # also if it is empty: the head has to be sent
        self._future: asyncio.Future[None] | None = None
        self._timers: list[asyncio.TimerHandle] = []
        self._ended = False

    def take(self, chunks: Chunks, revision: int) -> None:
        """Take the lines of an event, in the loop; what is known already is left out."""
        if revision <= self.revision:
            return
        self.revision = revision
        self._send(chunks)

    def _send(self, chunks: Chunks) -> None:
        if self._future is None or self._pending or self.tap is None or not self.tap(chunks):
            self._pending.append(chunks)
            self._wake()

    def limit(self, seconds: float) -> None:
        """End in so many seconds."""
        self._timers.append(self._hub.loop.call_later(seconds, self.end))

    def mark(self, make: Callable[[int], bytes], timeout: float | None) -> None:
        """Send bookmarks from now on: each minute, and shortly before the end by a timeout."""
        loop = self._hub.loop

        def send() -> None:
            revision = self._hub.catch_up()
            self.revision = max(self.revision, revision)
            self._send(Chunks([make(self.revision)]))

        def repeat() -> None:
            send()
            self._timers.append(loop.call_later(BOOKMARK_INTERVAL, repeat))
            del self._timers[:-4]  # those that are over

        self._timers.append(loop.call_later(BOOKMARK_INTERVAL, repeat))
        if timeout is not None:
            self._timers.insert(0, loop.call_later(max(timeout - LAST_BOOKMARK, timeout / 2), send))

    def end(self) -> None:
        """End after what is there, in the loop."""
        self._ended = True
        self._wake()

    def _wake(self) -> None:
        if self._future is not None and not self._future.done():
            self._future.set_result(None)

    async def batches(self) -> AsyncGenerator[list[bytes], None]:
        """The lines, those that are there at once in one list."""
        try:
            while True:
                if self._pending:
                    batch = [line for chunks in self._pending for line in chunks.chunks]
                    self._pending.clear()
                    yield batch
                elif self._ended:
                    break
                else:
                    self._future = self._hub.loop.create_future()
                    try:
                        await self._future
                    finally:
                        self._future = None
        finally:
            self._leave()

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for batch in self.batches():
            for line in batch:
                yield line

    async def aclose(self) -> None:
        """End it early: a client has left, or a server stops."""
        self._ended = True
        self._leave()

    def _leave(self) -> None:
        for timer in self._timers:
            timer.cancel()
        self._timers.clear()
        self._hub.leave(self)


class Hub:
    """The watches of one resource in one loop: all of them get the events of the store from here."""

    def __init__(
        self, store: Store, one: resource, loop: asyncio.AbstractEventLoop, forget: Callable[[], object]
    ) -> None:
        self.loop = loop
        self._store = store
        self._forget = forget
        self._thread = threading.get_ident()
        self._groups: dict[Selection, dict[Watch, None]] = {}
        self._queue: deque[Event] = deque()
        self._subscription: Subscription = store.subscribe(self._receive, one)

    def join(self, watch: Watch) -> None:
        """Let a watch get the events from now on."""
        self._groups.setdefault(watch.selection, {})[watch] = None

    def leave(self, watch: Watch) -> None:
        """Let it get no more of them; twice is as good as once."""
        group = self._groups.get(watch.selection, {})
        group.pop(watch, None)
        if not group and self._groups.pop(watch.selection, None) is not None and not self._groups:
            with self._store.lock:
                self._subscription.cancel()
                self._forget()

    def end(self) -> None:
        """End all watches, from any thread."""
        with suppress(RuntimeError):  # the loop is closed, and with it the watches
            self.loop.call_soon_threadsafe(self._end)

    def _end(self) -> None:
        for group in list(self._groups.values()):
            for watch in list(group):
                watch.end()

    def catch_up(self) -> int:
        """Send what is on its way from other threads; the revision up to which all is sent then."""
        with self._store.lock:
            self._drain()
            return self._store.revision

    def _receive(self, event: Event) -> None:
        if threading.get_ident() == self._thread and not self._queue:
            self._send(event)
            return
        self._queue.append(event)
        if len(self._queue) == 1:
            with suppress(RuntimeError):  # the loop is closed, and with it the watches
                self.loop.call_soon_threadsafe(self._drain)

    def _drain(self) -> None:
        with self._store.lock:
            while self._queue:
                self._send(self._queue[0])
                self._queue.popleft()

    def _send(self, event: Event) -> None:
        revision = event.state.revision
        for selection, group in self._groups.items():
            chunks = selection.translate(event)
            if chunks is not None:
                for watch in group:
                    watch.take(chunks, revision)


class Watches:
    """All open watches of a store."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._hubs: dict[tuple[int, resource], Hub] = {}

    def hub(self, one: resource) -> Hub:
        """The hub of a resource in the running loop; under the lock of the store, where it has to be joined yet."""
        loop = asyncio.get_running_loop()
        place = (id(loop), one)
        hub = self._hubs.get(place)
        if hub is None or hub.loop is not loop:
            hub = self._hubs[place] = Hub(self._store, one, loop, lambda: self._hubs.pop(place, None))
        return hub

    def end(self) -> None:
        """End all of them, from any thread."""
        with self._store.lock:
            hubs = list(self._hubs.values())
        for hub in hubs:
            hub.end()
