"""The bus of feedings: who waits at a feeding point now, and what is delivered to whom.

Feeding may come from any thread; delivery happens in the loop of the stream. The table of points is guarded by
a lock; a point itself belongs to its loop.
"""

import asyncio
import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from kmock_core.errors import FeedingError
from kmock_core.values.requests import Request
from kmock_core.values.responses import Chunks, Tap

if TYPE_CHECKING:
    from kmock_core.rendering.nodes import Node

Effect = Callable[[Request], Any]

_FEEDING = threading.Lock()
"""Held while a feeding grows or is consumed: what another thread adds either gets in or is refused, never lost."""


class Feeding:
    """What is fed at once to the requests that were waiting at that moment.

    Args:
        points: where they wait.
        find_plain: finds out if the items are plain chunks with a continuation: the fast way.
    """

    __slots__ = ('_find_plain', 'chunks', 'consumed', 'effects', 'nodes', 'points', 'single')

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

    __slots__ = ('future', 'loop', 'notify', 'queue', 'request', 'tap')

    def __init__(self, request: Request) -> None:
        self.request: Request = request
        self.loop: asyncio.AbstractEventLoop = asyncio.get_running_loop()
        self.queue: deque[Feeding] = deque()
        self.future: asyncio.Future[None] | None = None
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

    async def wait(self) -> deque[Feeding]:
        """Wait for at least one feeding, and take all that are there."""
        if not self.queue:
            self.future = self.loop.create_future()
            if self.notify is not None:
                self.notify()
            try:
                await self.future
            finally:
                self.future = None
        taken, self.queue = self.queue, deque()
        return taken


class LiveBus:
    """The requests at feeding points and the deliveries to them; owned by a handler."""

    def __init__(self, notify: Callable[[], None]) -> None:
        self._notify = notify
        self._lock = threading.Lock()
        self._points: dict[int, Point] = {}
        self._outbox: dict[asyncio.AbstractEventLoop, list[Feeding]] = {}
        self._underway: dict[asyncio.AbstractEventLoop, list[Feeding]] = {}

    def join(self, point: Point) -> None:
        """Let a request stand at a feeding point from now on."""
        point.notify = self._notify
        with self._lock:
            self._points[id(point)] = point

    def leave(self, point: Point) -> None:
        """The request is not at a feeding point any more; what it has not consumed is gone."""
        with self._lock:
            self._points.pop(id(point), None)
        point.queue.clear()

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
        """Deliver a feeding at the next turn of the loops of its points; till then it can grow."""
        loops = {point.loop for point in feeding.points}
        for loop in loops:
            with self._lock:
                box = self._outbox.get(loop)
                if box is not None:
                    box.append(feeding)
                    continue
                self._outbox[loop] = [feeding]
            try:
                if _is_running_here(loop):
                    loop.call_soon(self._deliver, loop)
                else:
                    loop.call_soon_threadsafe(self._deliver, loop)
            except RuntimeError:  # the loop is closed, and with it the streams that waited there
                with self._lock:
                    self._outbox.pop(loop, None)

    def _deliver(self, loop: asyncio.AbstractEventLoop) -> None:
        with self._lock:
            feedings = self._underway[loop] = self._outbox.pop(loop, [])
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


def _is_running_here(loop: asyncio.AbstractEventLoop) -> bool:
    try:
        return asyncio.get_running_loop() is loop
    except RuntimeError:
        return False
