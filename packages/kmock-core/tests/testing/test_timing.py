"""The deterministic helpers: a clock that stands still, and tasks that take turns."""

import asyncio
import socket
import threading
from collections.abc import Coroutine
from datetime import UTC, datetime
from typing import Any

import pytest

from kmock_core.testing import FakeClock, FakeTimeLoop, Sequencer, until


async def turns(count: int = 10) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


# ---- The clock ----


def test_a_clock_stands_still_until_it_is_moved() -> None:
    clock = FakeClock(start=100.0)
    assert (clock(), clock()) == (100.0, 100.0)
    clock.advance(1.5)
    clock.advance(0)
    assert clock() == 101.5


def test_a_clock_tells_the_time_of_day() -> None:
    clock = FakeClock(epoch=datetime(2026, 1, 1, tzinfo=UTC))
    clock.advance(61)
    assert clock.now() == datetime(2026, 1, 1, 0, 1, 1, tzinfo=UTC)


def test_a_clock_does_not_go_back() -> None:
    with pytest.raises(ValueError, match='forward, not by -1 s'):
        FakeClock().advance(-1)


async def test_sleepers_wake_up_when_their_time_has_come_in_the_order_of_their_deadlines() -> None:
    clock = FakeClock()
    woken: list[tuple[str, float]] = []

    async def sleep(name: str, seconds: float) -> None:
        await clock.sleep(seconds)
        woken.append((name, clock()))

    tasks = [asyncio.create_task(sleep(name, s)) for name, s in (('c', 3), ('a', 1), ('b', 2), ('b2', 2), ('d', 10))]
    await turns()
    assert clock.sleepers == 5
    clock.advance(0.5)
    await turns()
    assert woken == []
    clock.advance(0.5)
    await turns()
    assert woken == [('a', 1.0)]
    clock.advance(2)
    await turns()
    assert woken == [('a', 1.0), ('b', 3.0), ('b2', 3.0), ('c', 3.0)]
    assert clock.sleepers == 1
    assert repr(clock) == '<FakeClock at 3 s, 1 sleeping>'
    clock.advance(7)
    await asyncio.gather(*tasks)


async def test_a_sleeper_that_is_cancelled_is_forgotten() -> None:
    clock = FakeClock()
    task = asyncio.create_task(clock.sleep(1))
    await turns()
    task.cancel()
    await asyncio.wait([task])
    assert clock.sleepers == 0
    clock.advance(2)


async def test_sleeping_for_no_time_lets_others_run() -> None:
    clock = FakeClock()
    ran: list[str] = []
    task = asyncio.create_task(turns(1))
    task.add_done_callback(lambda _: ran.append('other'))
    while not task.done():
        await clock.sleep(0)
    await clock.sleep(0)
    assert ran == ['other']


# ---- The sequencer ----


async def test_blocks_of_concurrent_tasks_run_in_the_order_of_their_positions() -> None:
    turn = Sequencer()
    order: list[int] = []

    async def take(*positions: int) -> None:
        for position in positions:
            async with turn(position):
                await turns(3)
                order.append(position)

    await asyncio.gather(take(2, 4), take(1, 5), take(0, 3))
    assert order == [0, 1, 2, 3, 4, 5]


async def test_a_position_is_taken_once() -> None:
    turn = Sequencer()
    async with turn(0):
        pass
    with pytest.raises(RuntimeError, match='position 0 of a sequence is taken already'):
        turn(0)
    with pytest.raises(ValueError, match='counted from 0, not from -1'):
        turn(-1)


async def test_a_block_that_fails_fails_those_which_wait_for_it() -> None:
    turn = Sequencer()

    async def take(position: int) -> None:
        async with turn(position):
            raise ValueError(f'boo {position}')

    results = await asyncio.gather(*(take(position) for position in (2, 1, 0)), return_exceptions=True)
    assert [type(result) for result in results] == [RuntimeError, RuntimeError, ValueError]
    assert str(results[0]) == 'position 2 can not come: position 0 of the sequence has failed'


async def test_a_block_that_is_cancelled_fails_those_which_wait_for_it() -> None:
    turn = Sequencer()
    entered = asyncio.Event()

    async def first() -> None:
        async with turn(0):
            entered.set()
            await asyncio.Event().wait()

    async def second() -> None:
        async with turn(1):
            raise AssertionError('never reached')

    tasks = [asyncio.create_task(first()), asyncio.create_task(second())]
    await entered.wait()
    tasks[0].cancel()
    await asyncio.wait(tasks)
    assert tasks[0].cancelled()
    assert isinstance(tasks[1].exception(), RuntimeError)


# ---- Until ----


async def test_until_lets_others_run_until_the_condition_is_true() -> None:
    count = 0

    async def work() -> None:
        nonlocal count
        for _ in range(5):
            await asyncio.sleep(0)
            count += 1

    task = asyncio.create_task(work())
    await until(lambda: count == 5)
    await task


async def test_until_gives_up_with_the_name_of_what_it_waited_for() -> None:
    with pytest.raises(AssertionError, match='the moon rises: not done in 0 s'):
        await until(lambda: False, 'the moon rises', 0)


# ---- The loop ----


def run_in_fake_time(coroutine: Coroutine[Any, Any, Any]) -> Any:
    with asyncio.Runner(loop_factory=FakeTimeLoop) as runner:
        return runner.run(coroutine)


def test_time_passes_in_the_order_of_deadlines_and_takes_none() -> None:
    async def main() -> list[tuple[str, float]]:
        loop = asyncio.get_running_loop()
        woken: list[tuple[str, float]] = []

        async def sleep(name: str, seconds: float) -> None:
            await asyncio.sleep(seconds)
            woken.append((name, loop.time()))

        await asyncio.gather(sleep('a day', 86_400), sleep('an hour', 3600), sleep('a second', 1))
        return woken

    expected = [('a second', 1), ('an hour', 3600), ('a day', 86_400)]
    assert run_in_fake_time(main()) == [(name, pytest.approx(time)) for name, time in expected]


def test_timeouts_come_at_their_time() -> None:
    async def main() -> float:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(100):
                await asyncio.Event().wait()
        return asyncio.get_running_loop().time()

    assert run_in_fake_time(main()) == pytest.approx(100)


def test_what_has_come_to_a_socket_is_read_before_time_passes() -> None:
    async def main() -> float:
        loop = asyncio.get_running_loop()
        one, other = socket.socketpair()
        with one, other:
            for end in (one, other):
                end.setblocking(False)
            async with asyncio.timeout(0.1):
                for _ in range(100):
                    await loop.sock_sendall(one, b'ping')
                    assert await loop.sock_recv(other, 100) == b'ping'
        return loop.time()

    assert run_in_fake_time(main()) == 0


def test_a_loop_with_nothing_to_wait_for_waits_for_threads() -> None:
    async def main() -> None:
        loop = asyncio.get_running_loop()
        told = asyncio.Event()
        threading.Thread(target=lambda: loop.call_soon_threadsafe(told.set)).start()
        await told.wait()

    run_in_fake_time(main())
