"""Time and order under the control of a test: no test has to sleep."""

import asyncio
import selectors
from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime, timedelta
from heapq import heappop, heappush
from itertools import count

EPOCH = datetime(2000, 1, 1, tzinfo=UTC)


class FakeClock:
    """A clock that stands still until the test moves it; what sleeps by it wakes up in the order of its deadlines.

    It can stand for ``time.monotonic`` or ``time.time`` (call it), for ``datetime.now`` (`now`), and for
    ``asyncio.sleep`` (`sleep`). It belongs to one event loop.

    >>> clock = FakeClock()
    >>> clock.advance(1.5)
    >>> clock(), clock.now().isoformat()
    (1.5, '2000-01-01T00:00:01.500000+00:00')
    """

    def __init__(self, start: float = 0.0, epoch: datetime = EPOCH) -> None:
        self.epoch = epoch
        self._time = start
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._numbers = count()

    def __repr__(self) -> str:
        return f'<FakeClock at {self._time:g} s, {self.sleepers} sleeping>'

    def __call__(self) -> float:
        """The seconds that have passed."""
        return self._time

    def now(self) -> datetime:
        """The time of day, aware, in UTC."""
        return self.epoch + timedelta(seconds=self._time)

    @property
    def sleepers(self) -> int:
        """How many sleep by this clock now."""
        return sum(not future.done() for _, _, future in self._sleepers)

    def advance(self, seconds: float) -> None:
        """Move the clock, and wake up those whose time has come, the earliest first."""
        if seconds < 0:
            raise ValueError(f'a clock goes forward, not by {seconds:g} s')
        self._time += seconds
        while self._sleepers and self._sleepers[0][0] <= self._time:
            future = heappop(self._sleepers)[2]
            if not future.done():
                future.set_result(None)

    async def sleep(self, seconds: float) -> None:
        """Sleep until the clock was moved so far; 0 only lets others run."""
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heappush(self._sleepers, (self._time + seconds, next(self._numbers), future))
        await future


class _LeapingSelector(selectors.DefaultSelector):
    """Instead of waiting for a timer, it tells that the time has passed."""

    GRACE = 0.002
    """Seconds of real time in which what was sent to a socket has to arrive at the other one."""

    def __init__(self) -> None:
        super().__init__()
        self.leapt = 0.0

    def select(self, timeout: float | None = None) -> 'list[tuple[selectors.SelectorKey, int]]':
        if timeout is None or timeout <= 0:
            return super().select(timeout)
        ready = super().select(self.GRACE)
        if not ready:
            self.leapt += timeout
        return ready


class FakeTimeLoop(asyncio.SelectorEventLoop):
    """An event loop in which time passes at once when nothing is left to be done: sleeping and timeouts take none.

    Sockets of this process work as ever; what happens in threads and in other processes is not waited for::

        with asyncio.Runner(loop_factory=FakeTimeLoop) as runner:
            runner.run(test())
    """

    def __init__(self) -> None:
        self._leaping = _LeapingSelector()
        super().__init__(self._leaping)

    def time(self) -> float:
        """The seconds that have passed in the loop."""
        return self._leaping.leapt


class Sequencer:
    """Brings blocks of concurrent tasks into an order: the block of position 1 begins when that of 0 has ended.

    ::

        turn = Sequencer()

        async def first() -> None:
            async with turn(0):
                ...
            async with turn(2):
                ...

        async def second() -> None:
            async with turn(1):
                ...

    A block that fails or is cancelled breaks the sequence: those which wait for it get a RuntimeError instead of
    hanging.
    """

    def __init__(self) -> None:
        self._taken: set[int] = set()
        self._ended: dict[int, asyncio.Event] = {}
        self._broken: int | None = None

    def __call__(self, position: int) -> AbstractAsyncContextManager[None]:
        """The block of that position, from 0 without gaps, each to be entered once."""
        if position < 0:
            raise ValueError(f'positions are counted from 0, not from {position}')
        if position in self._taken:
            raise RuntimeError(f'position {position} of a sequence is taken already')
        self._taken.add(position)
        return self._block(position)

    @asynccontextmanager
    async def _block(self, position: int) -> AsyncGenerator[None, None]:
        if position > 0:
            await self._end_of(position - 1).wait()
        if self._broken is not None:
            self._end_of(position).set()
            raise RuntimeError(f'position {position} can not come: position {self._broken} of the sequence has failed')
        try:
            yield
        except BaseException:
            self._broken = position
            raise
        finally:
            self._end_of(position).set()

    def _end_of(self, position: int) -> asyncio.Event:
        return self._ended.setdefault(position, asyncio.Event())
