"""Open watches: the streams, and how the events of the store get to them.

In each loop with watches of a resource, one hub gets the events; a change that is made in this very thread goes to the
sockets of its watchers before it returns, others at the next turn of the loop. Watches that select the same objects are
one group: for all of them, an event is looked at, encoded and framed once.

With very many watchers, telling all of them takes its time. Then the hub rests for as long, so that the loop has time
for all else; what happens meanwhile is told at once after it, in one piece.
"""

import asyncio
import threading
import time
from collections.abc import Callable, Hashable
from typing import Protocol

from kmock_core.values.responses import Chunks
from kmock_k8s.api.feeds import Feed
from kmock_k8s.model.resources import resource
from kmock_k8s.store.spi import Following, ObjectStore
from kmock_k8s.store.states import Event

REST_FROM = 0.001
"""Seconds: telling the watchers has to take so long that the hub rests after it."""

MAX_REST = 0.05
"""Seconds that a hub rests at most."""

BOOKMARK_INTERVAL = 60.0
"""Seconds from bookmark to bookmark: as of a real server (``defaultBookmarkFrequency`` of its cacher)."""

LAST_BOOKMARK = 2.0
"""Seconds from the last bookmark to the end by a timeout: as of a real server (``bookmarkTimer`` of its cacher)."""


class Watched(Hashable, Protocol):
    """What a watch is about: a `Selection`, for one. Those who watch equal ones get the same lines."""

    def translate(self, event: Event, /) -> Chunks | None:
        """What is shown of a change; None if it is about others, before and after it."""
        ...


class Watch(Feed):
    """One open watch; it belongs to its loop.

    Args:
        hub: where the events come from.
        selection: what is watched.
        revision: up to which all has been said.
        first: the lines to begin with.
    """

    __slots__ = ('_following', '_hub', '_timers', 'revision', 'selection')

    selection: Watched
    revision: int

    def __init__(self, hub: 'Hub', selection: Watched, revision: int, first: list[bytes]) -> None:
        super().__init__(hub.loop, Chunks(first))
        self.selection = selection
        self.revision = revision
        self._hub = hub
        self._timers: list[asyncio.TimerHandle] = []
        self._following: Following | None = None

    def take(self, chunks: Chunks, revision: int) -> None:
        """Take the lines of an event, in the loop; what is known already is left out."""
        if revision <= self.revision:
            return
        self.revision = revision
        self._send(chunks)

    def limit(self, seconds: float) -> None:
        """End in so many seconds, unless it has ended already."""
        if not self._ended:
            self._timers.append(self._loop.call_later(seconds, self._expire))

    def _expire(self) -> None:
        self._hub.catch_up()
        self.end()

    def mark(self, make: Callable[[int], bytes], timeout: float | None, marked: int, wanted: int = 0) -> None:
        """Send bookmarks from now on: each minute; and shortly before the end by a timeout, if there is news by then.

        What clients wait for is a bookmark of its own, as soon as it has come (``cacheWatcher.nextBookmarkTime``).

        Args:
            make: makes a bookmark of a revision.
            timeout: in how many seconds the watch ends.
            marked: the revision of the bookmark that was sent already; -1 if there was none.
            wanted: a revision that is waited for; 0 if there is none.
        """
        loop = self._loop
        last = marked

        def send_last() -> None:
            if self._hub.catch_up() > last:
                send()

        def send() -> None:
            nonlocal last
            last = self.revision = max(self.revision, self._hub.catch_up())
            self._send(Chunks([make(last)]))

        def repeat() -> None:
            send()
            self._timers[0] = loop.call_later(BOOKMARK_INTERVAL, repeat)

        self._timers.insert(0, loop.call_later(BOOKMARK_INTERVAL, repeat))
        if timeout is not None:
            self._timers.append(loop.call_later(max(timeout - LAST_BOOKMARK, timeout / 2), send_last))
        if wanted:
            self._following = self._hub.wait_for(wanted, send)

    def _leave(self) -> None:
        for timer in self._timers:
            timer.cancel()
        self._timers.clear()
        if self._following is not None:
            self._following.cancel()
        self._hub.leave(self)


class Hub:
    """The watches of one resource in one loop: all of them get the events of the store from here."""

    def __init__(
        self, store: ObjectStore, one: resource, loop: asyncio.AbstractEventLoop, forget: 'Callable[[Hub], object]'
    ) -> None:
        self.loop = loop
        self._store = store
        self._forget = forget
        self._thread = threading.get_ident()
        self._groups: dict[Watched, dict[Watch, None]] = {}
        self._queue: list[Event] = []
        self._resting = False
        self._subscription: Following = store.subscribe(self._receive, one)

    def join(self, watch: Watch) -> None:
        """Let a watch get the events from now on."""
        self._groups.setdefault(watch.selection, {})[watch] = None

    def leave(self, watch: Watch) -> None:
        """Let it get no more of them; twice is as good as once."""
        group = self._groups.get(watch.selection, {})
        group.pop(watch, None)
        if not group and self._groups.pop(watch.selection, None) is not None and not self._groups:
            self._close()

    def end(self) -> None:
        """End all watches, from any thread; they get no more of what happens from now on."""
        self._close()
        self._call(self._end)

    def limit(self, seconds: float) -> None:
        """Let the watches that are open now end in so many seconds, from any thread; who comes later is not meant."""
        watches = [watch for group in list(self._groups.values()) for watch in list(group)]

        def limit_each() -> None:
            for watch in watches:
                watch.limit(seconds)

        self._call(limit_each)

    def _close(self) -> None:
        with self._store.lock:
            self._subscription.cancel()
            self._forget(self)

    def _call(self, function: Callable[[], object]) -> None:
        try:
            self.loop.call_soon_threadsafe(function)
        except RuntimeError:  # the loop is closed, and with it the watches
            self._close()

    def _end(self) -> None:
        self.catch_up()
        for group in list(self._groups.values()):
            for watch in list(group):
                watch.end()

    def wait_for(self, revision: int, function: Callable[[], object]) -> Following:
        """Call something in the loop as soon as the store has come to a revision, by a change of whatever resource."""

        def receive(event: Event) -> None:
            if event.state.revision >= revision:
                following.cancel()
                self._call(function)

        with self._store.lock:
            following = self._store.subscribe(receive)
            if self._store.revision >= revision:
                following.cancel()
                self._call(function)
        return following

    def catch_up(self) -> int:
        """Send what is on its way from other threads; the revision up to which all is sent then."""
        with self._store.lock:
            if self._queue:
                self._tell()
            return self._store.revision

    def _receive(self, event: Event) -> None:
        if self.loop.is_closed():  # and with it the watches
            self._close()
            return
        is_first = not self._queue
        self._queue.append(event)
        if self._resting or not is_first:
            return
        if threading.get_ident() == self._thread:
            self._drain()
        else:
            self._call(self._drain)

    def _drain(self) -> None:
        with self._store.lock:
            if self._queue and not self._resting:
                self._tell()

    def _tell(self) -> None:
        events, self._queue = self._queue, []
        start = time.perf_counter()
        for selection, group in self._groups.items():
            told = [(event.state.revision, chunks) for event in events if (chunks := selection.translate(event))]
            if told:
                self._tell_group(group, told)
        spent = time.perf_counter() - start
        if spent > REST_FROM and not self._resting:
            self._resting = True
            self.loop.call_later(min(spent, MAX_REST), self._wake)

    def _tell_group(self, group: 'dict[Watch, None]', told: 'list[tuple[int, Chunks]]') -> None:
        first, last = told[0][0], told[-1][0]
        if len(told) == 1:
            joined = told[0][1]
        else:
            joined = Chunks([line for _, chunks in told for line in chunks.chunks])
        for watch in group:
            if watch.revision < first:
                watch.take(joined, last)
            else:  # it has begun meanwhile
                for revision, chunks in told:
                    watch.take(chunks, revision)

    def _wake(self) -> None:
        self._resting = False
        self._drain()


class Watches:
    """All open watches of a store."""

    def __init__(self, store: ObjectStore) -> None:
        self._store = store
        self._hubs: dict[tuple[asyncio.AbstractEventLoop, resource], Hub] = {}

    def hub(self, one: resource) -> Hub:
        """The hub of a resource in the running loop; under the lock of the store, where it has to be joined yet."""
        place = (asyncio.get_running_loop(), one)
        hub = self._hubs.get(place)
        if hub is None:

            def forget(closed: Hub) -> None:
                if self._hubs.get(place) is closed:
                    del self._hubs[place]

            hub = self._hubs[place] = Hub(self._store, one, place[0], forget)
        return hub

    def limit(self, one: resource, seconds: float) -> None:
        """Let those of a resource that are open now end in so many seconds, from any thread."""
        with self._store.lock:
            hubs = [hub for (_, watched), hub in self._hubs.items() if watched == one]
        for hub in hubs:
            hub.limit(seconds)

    def end(self) -> None:
        """End all of them, from any thread."""
        with self._store.lock:
            hubs = list(self._hubs.values())
        for hub in hubs:
            hub.end()
