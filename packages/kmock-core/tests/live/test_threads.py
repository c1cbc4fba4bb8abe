"""Feeding from other threads than that of the streams' event loop: a statement is one batch there, too."""

import asyncio
import threading
from collections.abc import Callable, Coroutine, Generator
from typing import Any, TypeVar

import pytest

import kmock
from kmock_core.errors import FeedingError
from kmock_core.live import bus
from kmock_core.testing import served, until

T = TypeVar('T')

LONG = 60.0
"""Seconds; for what must not happen within a test."""


@pytest.fixture
def held_for_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bus, 'HOLD', LONG)


@pytest.fixture
def elsewhere() -> Generator[Callable[..., Any], None, None]:
    """Runs coroutines in an event loop of another thread."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()

    def run(coroutine: Coroutine[Any, Any, T]) -> 'asyncio.Future[T]':
        return asyncio.wrap_future(asyncio.run_coroutine_threadsafe(coroutine, loop))

    yield run
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


async def turns(count: int = 20) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


def after_turns(loop: asyncio.AbstractEventLoop, item: bytes) -> bytes:
    """Give an item after the loop has had the time to do whatever it likes."""
    asyncio.run_coroutine_threadsafe(turns(), loop).result()
    return item


async def body_of(call: Any) -> bytes:
    return bytes(await (await call).read())


@pytest.mark.usefixtures('held_for_long')
async def test_a_statement_of_another_thread_is_one_batch_however_long_it_takes(transport: str) -> None:
    async with served(transport) as handler:
        handler << (b'a', ..., b'z')
        loop = asyncio.get_running_loop()
        response = await handler.get('/')
        await handler[...].wait()

        def feed() -> None:
            handler[...] << after_turns(loop, b'1') << after_turns(loop, b'2') << (..., b'3') << after_turns(loop, b'4')
            handler[...] << after_turns(loop, b'5')

        await asyncio.to_thread(feed)
        assert await response.read() == b'a12534z'
        assert handler.errors == []


@pytest.mark.usefixtures('held_for_long')
async def test_side_effects_of_another_thread_are_part_of_its_statement(transport: str) -> None:
    async with served(transport) as handler:
        handler << (b'a', ..., b'z')
        loop = asyncio.get_running_loop()
        response = await handler.get('/')
        await handler[...].wait()
        received: list[kmock.Request] = []

        def feed() -> None:
            handler[...] << after_turns(loop, b'1') >> received << after_turns(loop, b'2')

        await asyncio.to_thread(feed)
        assert await response.read() == b'a12z'
        assert received == list(handler)


@pytest.mark.usefixtures('held_for_long')
async def test_a_statement_of_another_thread_that_fails_has_fed_what_it_had_till_then(transport: str) -> None:
    async with served(transport) as handler:
        handler << (b'a', ..., b'z')
        response = await handler.get('/')
        await handler[...].wait()

        def feed() -> None:
            try:
                handler[...] << b'1' << [][0]
            except IndexError:
                pass

        await asyncio.to_thread(feed)
        assert await response.read() == b'a1z'


async def test_a_stream_object_that_another_thread_keeps_is_delivered_soon_and_is_over_then(transport: str) -> None:
    async with served(transport) as handler:
        handler << (b'a', ..., b'z')
        response = await handler.get('/')
        await handler[...].wait()
        stream = await asyncio.to_thread(lambda: handler[...] << b'1')
        assert await response.read() == b'a1z'
        with pytest.raises(FeedingError, match='already consumed batch'):
            await asyncio.to_thread(stream.feed, b'2')


async def test_the_feedings_of_a_thread_stay_in_their_order_if_it_keeps_the_first_one(transport: str) -> None:
    async with served(transport) as handler:
        handler << (b'a', ..., b'z')
        response = await handler.get('/')
        await handler[...].wait()

        def feed() -> kmock.Stream:
            first = handler[...] << b'1'
            handler[...] << (b'3', ...)
            handler[...] << b'4'
            return first << b'2' << ...

        kept = await asyncio.to_thread(feed)
        assert await response.read() == b'a1234z'
        assert kept is not None


@pytest.mark.usefixtures('held_for_long')
async def test_what_one_thread_holds_does_not_hold_up_another(transport: str) -> None:
    async with served(transport) as handler:
        handler << (b'a', ..., b'z')
        response = await handler.get('/')
        await handler[...].wait()
        kept = await asyncio.to_thread(lambda: handler[...] << b'late')
        handler[...] << (b'1', ...)
        await turns()
        thread = threading.Thread(target=lambda: handler[...] << b'2')
        thread.start()
        assert await response.read() == b'a12z'
        thread.join()
        del kept


@pytest.mark.usefixtures('held_for_long')
async def test_in_the_loops_own_thread_a_stream_object_that_is_kept_is_delivered_at_the_next_turn(
    transport: str,
) -> None:
    async with served(transport) as handler:
        handler << (b'a', ..., b'z')
        response = await handler.get('/')
        await handler[...].wait()
        stream = handler[...] << b'1' << b'2'
        assert await response.read() == b'a12z'
        with pytest.raises(FeedingError, match='already consumed batch'):
            stream << b'3'


@pytest.mark.usefixtures('held_for_long')
async def test_streams_whose_feeding_is_held_are_not_waiting_any_more(transport: str) -> None:
    async with served(transport) as handler:
        handler << (b'a', ..., b'z')
        response = await handler.get('/')
        await handler[...].wait()
        stream = await asyncio.to_thread(lambda: handler[...] << (b'1', ...))
        await turns()
        assert len(handler[...]) == 0
        del stream
        assert list(await handler[...].wait()) == list(handler)
        handler[...] << None
        assert await response.read() == b'a1z'


@pytest.mark.usefixtures('held_for_long')
async def test_streams_of_several_loops_are_fed_by_one_statement(elsewhere: Callable[..., Any]) -> None:
    async with kmock.RawHandler() as handler:
        handler << (b'a', ..., b'z')
        calls = [asyncio.ensure_future(body_of(handler.get('/'))), elsewhere(body_of(handler.get('/')))]
        await handler[...].wait(2)
        handler[...] << b'1' << b'2'
        assert await asyncio.gather(*calls) == [b'a12z'] * 2


async def test_hundreds_of_chained_feedings_of_a_thread_are_neither_lost_nor_refused(transport: str) -> None:
    async with served(transport) as handler:
        handler << (b'a', ..., b'z')

        def feed() -> None:
            for number in range(300):
                handler[...].wait_sync(2)
                handler[...] << b'%d' % number << b':' << b'%d,' % number << ...
            handler[...].wait_sync(2)
            handler[...] << None

        calls = [asyncio.ensure_future(body_of(handler.get('/'))) for _ in range(2)]
        await asyncio.to_thread(feed)
        expected = b'a' + b''.join(b'%d:%d,' % (number, number) for number in range(300)) + b'z'
        assert await asyncio.gather(*calls) == [expected] * 2
        assert handler.errors == []


def test_a_feeding_that_outlives_the_loop_of_its_streams_is_dropped_in_silence(
    elsewhere: Callable[..., Any],
) -> None:
    handler = kmock.RawHandler()
    kept: list[kmock.Stream] = []

    async def leave_open() -> None:
        handler << (b'a', ...)
        await handler.get('/')
        await handler[...].wait()
        await asyncio.to_thread(lambda: kept.append(handler[...] << b'1'))

    asyncio.run(leave_open())
    kept.clear()
    assert len(handler[...]) == 0


# ---- Waiting ----


async def test_a_criterion_that_fails_is_told_to_the_thread_that_waits_and_not_to_the_server(transport: str) -> None:
    class Picky:
        def __eq__(self, other: object) -> bool:
            if other == '/bad':
                raise ZeroDivisionError
            return False

        __hash__ = None  # type: ignore[assignment]

    async with served(transport) as handler:
        handler << b'x'
        view = handler[kmock.path(Picky())]
        waiting = asyncio.ensure_future(asyncio.to_thread(view.wait_sync))
        await until(lambda: bool(handler._workshop.waiters), 'the thread waits')  # pyright: ignore[reportPrivateUsage]
        assert (await handler.get('/bad')).status == 200
        with pytest.raises(ZeroDivisionError):
            await waiting
