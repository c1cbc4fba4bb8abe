"""The bus of feedings: who waits at a feeding point now, and what is delivered to whom.

Feeding may come from any thread; delivery happens in the loop of the stream. The table of points is guarded by
a lock; a point itself belongs to its loop.

In the thread of the loop, a feeding is delivered at the next turn, which can't come before the statement is over. To
other threads, the loop is always about to turn: there a feeding is held until it is released.
"""

import asyncio
import threading
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from kmock_core.errors import FeedingError, ForgottenRequestError
from kmock_core.live.leash import Leash
from kmock_core.values.requests import Record, Request
from kmock_core.values.responses import Chunks, Tap

if TYPE_CHECKING:
    from kmock_core.rendering.nodes import Node

Effect = Callable[[Request], Any]

HOLD = 0.05
"""Seconds after which a feeding of another thread is delivered even if nobody has released it."""

_FEEDING = threading.Lock()
"""Held while a feeding grows or is consumed: what another thread adds either gets in or is refused, never lost."""


class Feeding:
    """What is fed at once to the requests that were waiting at that moment.

    Args:
        points: where they wait.
        find_plain: finds out if the items are plain chunks with a continuation: the fast way.
    """

    __slots__ = (
        '_find_plain',
        'chunks',
        'consumed',
        'effects',
        'held',
        'home',
        'nodes',
        'points',
        'released',
        'single',
        'thread',
    )

    def __init__(
        self, points: 'Sequence[Point]', find_plain: 'Callable[[tuple[Node, ...]], list[bytes] | None]'
    ) -> None:
        self._find_plain = find_plain
        self.points: Sequence[Point] = points
        self.nodes: tuple[Node, ...] = ()
        self.effects: tuple[Effect, ...] = ()
        self.single: bool = True
        self.consumed: bool = False
        self.chunks: Chunks | None = None
        self.thread: int = threading.get_ident()
        self.home: asyncio.AbstractEventLoop | None = asyncio._get_running_loop()  # pyright: ignore[reportPrivateUsage]  # documented: never raises
        self.held: tuple[asyncio.AbstractEventLoop, ...] = ()
        self.released: bool = False

    def add(self, node: 'Node') -> None:
        """Add an item; an error if the streams have consumed this feeding already."""
        with _FEEDING:
            self.check()
            self.single = not self.nodes
            self.nodes = (*self.nodes, node)

    def add_effect(self, effect: Effect) -> None:
        """Add a side effect, called for each request that receives this."""
        with _FEEDING:
            self.check()
            self.effects = (*self.effects, effect)

    def check(self) -> None:
        """Raise if this was consumed."""
        if self.consumed:
            raise FeedingError(
                'Cannot feed new items to an already consumed batch. Create a new batch with kmock[...] << item.'
            )

    def seal(self) -> None:
        """Mark it as consumed, and find out if it is plain chunks with a continuation: the fast way."""
        with _FEEDING:
            self.consumed = True
        chunks = None if self.effects else self._find_plain(self.nodes)
        self.chunks = None if chunks is None else Chunks(chunks)


class Point:
    """One request at its feeding points: waiting for a feeding, or still playing one (then feedings queue up)."""

    __slots__ = ('ended', 'future', 'loop', 'notify', 'queue', 'request', 'tap')

    def __init__(self, request: Request) -> None:
        self.request: Request = request
        self.loop: asyncio.AbstractEventLoop = asyncio.get_running_loop()
        self.queue: deque[Feeding] = deque()
        self.future: asyncio.Future[None] | None = None
        self.ended: bool = False
        self.tap: Tap | None = None
        self.notify: Callable[[], None] | None = None

    @property
    def idle(self) -> bool:
        """True if it waits and nothing has come yet."""
        return self.future is not None and not self.future.done() and not self.queue

    def receive(self, feeding: Feeding) -> None:
        """Take a feeding, in the loop: at once if it is plain, else by waking the stream's task."""
        if (
            self.tap is not None
            and self.future is not None
            and not self.queue
            and feeding.chunks is not None
            and self.tap(feeding.chunks)
        ):
            return
        self.queue.append(feeding)
        if self.future is not None and not self.future.done():
            self.future.set_result(None)

    def end(self) -> None:
        """End it, from any thread: `wait` raises a `ForgottenRequestError`."""
        self.ended = True
        if _is_running_here(self.loop):
            self._wake()
        else:
            with suppress(RuntimeError):  # the loop is closed, and with it the stream
                self.loop.call_soon_threadsafe(self._wake)

    def _wake(self) -> None:
        if self.future is not None and not self.future.done():
            self.future.set_result(None)

    async def wait(self) -> deque[Feeding]:
        """Wait for at least one feeding, and take all that are there."""
        if not self.queue and not self.ended:
            self.future = self.loop.create_future()
            if self.notify is not None:
                self.notify()
            try:
                await self.future
            finally:
                self.future = None
        if self.ended:
            raise ForgottenRequestError(f'{self.request!r} was forgotten by reset() while it waited to be fed')
        taken, self.queue = self.queue, deque()
        return taken


class LiveBus:
    """The requests at feeding points and the deliveries to them; owned by a handler."""

    def __init__(self, notify: Callable[[], None], remembers: Callable[[Record], bool]) -> None:
        self._notify = notify
        self._remembers = remembers
        self._lock = threading.Lock()
        self._points: dict[int, Point] = {}
        self._leashes: dict[int, Leash] = {}
        self._outbox: dict[asyncio.AbstractEventLoop, list[Feeding]] = {}
        self._underway: dict[asyncio.AbstractEventLoop, list[Feeding]] = {}
        self._due: set[asyncio.AbstractEventLoop] = set()

    def join(self, point: Point) -> None:
        """Let a request stand at a feeding point from now on."""
        point.notify = self._notify
        with self._lock:
            if self._remembers(point.request.record):
                self._points[id(point)] = point
            else:
                point.ended = True

    def leave(self, point: Point) -> None:
        """The request is not at a feeding point any more; what it has not consumed is gone."""
        with self._lock:
            self._points.pop(id(point), None)
        point.queue.clear()

    def hold(self, leash: Leash) -> None:
        """Take the leash of a stream that begins."""
        with self._lock:
            if self._remembers(leash.request.record):
                self._leashes[id(leash)] = leash
            else:
                leash.ended = True

    def release(self, leash: Leash) -> None:
        """Let the leash of a stream go, which has ended."""
        with self._lock:
            self._leashes.pop(id(leash), None)

    def end(self) -> None:
        """End all open streams and all that stand at a feeding point: their requests were forgotten."""
        with self._lock:
            points, self._points = self._points, {}
            leashes, self._leashes = self._leashes, {}
            self._outbox = {}
        for point in points.values():
            point.end()
        for leash in leashes.values():
            leash.end()

    def points(self) -> list[Point]:
        """Those who are at a feeding point now, also if they still play what they were fed with."""
        with self._lock:
            return list(self._points.values())

    def waiting(self) -> list[Point]:
        """Those who wait at a feeding point now, and nothing is on its way to them."""
        with self._lock:
            busy = {
                id(point)
                for feedings in (*self._outbox.values(), *self._underway.values())
                for feeding in feedings
                for point in feeding.points
            }
            return [point for point in self._points.values() if point.idle and id(point) not in busy]

    def post(self, feeding: Feeding) -> None:
        """Deliver a feeding to its points; till then it can grow.

        Where the loop of a point runs in this thread, that is at its next turn; elsewhere, when it is released.
        """
        for loop in {point.loop for point in feeding.points}:
            is_here = loop is feeding.home
            with self._lock:
                self._outbox.setdefault(loop, []).append(feeding)
                if is_here and loop in self._due:
                    continue
                if is_here:
                    self._due.add(loop)
                else:
                    feeding.held = (*feeding.held, loop)
            try:
                if is_here:
                    loop.call_soon(self._deliver, loop)
                else:
                    loop.call_soon_threadsafe(self._hold, loop, feeding)
            except RuntimeError:  # the loop is closed, and with it the streams that waited there
                with self._lock:
                    self._outbox.pop(loop, None)

    def deliver(self, feeding: Feeding) -> None:
        """Deliver a feeding that was held: nobody can make it grow any more. Takes no lock: finalizers call it."""
        feeding.released = True
        for loop in feeding.held:
            with suppress(RuntimeError):  # the loop is closed, and with it the streams that waited there
                loop.call_soon_threadsafe(self._deliver, loop)

    def _hold(self, loop: asyncio.AbstractEventLoop, feeding: Feeding) -> None:
        if not feeding.released:
            loop.call_later(HOLD, self._expire, loop, feeding)

    def _expire(self, loop: asyncio.AbstractEventLoop, feeding: Feeding) -> None:
        feeding.released = True
        self._deliver(loop)

    def _deliver(self, loop: asyncio.AbstractEventLoop) -> None:
        with self._lock:
            self._due.discard(loop)
            feedings = self._take(loop)
            if not feedings:
                return
            self._underway[loop] = feedings
            present = self._points
            targets = [
                (feeding, [p for p in feeding.points if p.loop is loop and id(p) in present]) for feeding in feedings
            ]
        for feeding, points in targets:
            feeding.seal()
            for point in points:
                point.receive(feeding)
        with self._lock:
            self._underway.pop(loop, None)
        self._notify()

    def _take(self, loop: asyncio.AbstractEventLoop) -> list[Feeding]:
        """Take the feedings that are to be delivered now; those of one thread stay in their order."""
        feedings = self._outbox.pop(loop, [])
        if all(feeding.released or feeding.home is loop for feeding in feedings):
            return feedings
        taken: list[Feeding] = []
        held: list[Feeding] = []
        holding: set[int] = set()
        for feeding in feedings:
            if (feeding.released or feeding.home is loop) and feeding.thread not in holding:
                taken.append(feeding)
            else:
                held.append(feeding)
                holding.add(feeding.thread)
        self._outbox[loop] = held
        return taken


def _is_running_here(loop: asyncio.AbstractEventLoop) -> bool:
    try:
        return asyncio.get_running_loop() is loop
    except RuntimeError:
        return False
