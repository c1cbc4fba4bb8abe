"""Section 4 of the DSL: what is waited for - coroutines, futures, events, conditions, queues - and errors of it."""

import asyncio
import concurrent.futures
import queue
import threading
from collections.abc import Callable
from typing import Any

import pytest

import kmock
from kmock_core.testing import served, until


async def get(handler: kmock.RawHandler) -> Any:
    return await handler.get('/')


async def body_of(handler: kmock.RawHandler) -> bytes:
    return await (await handler.get('/')).read()


def in_thread(fn: Callable[[], object]) -> threading.Thread:
    thread = threading.Thread(target=fn, daemon=True)
    thread.start()
    return thread


async def turns(count: int = 20) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


# ---- Coroutines, tasks, futures ----


class Work:
    """A coroutine that is to be awaited once, whatever comes."""

    def __init__(self) -> None:
        self.begun = asyncio.Event()
        self.going_on = asyncio.Event()
        self.cancelled = False

    async def run(self) -> bytes:
        self.begun.set()
        try:
            await self.going_on.wait()
        except asyncio.CancelledError:
            self.cancelled = True
            raise
        return b'done'


async def test_a_coroutine_is_shared_by_all_requests(transport: str) -> None:
    work = Work()
    async with served(transport) as handler:
        handler << work.run()
        calls = [asyncio.ensure_future(body_of(handler)) for _ in range(3)]
        await work.begun.wait()
        work.going_on.set()
        assert await asyncio.gather(*calls) == [b'done'] * 3
        assert await body_of(handler) == b'done'


@pytest.mark.parametrize('who', [0, 1], ids=['the first', 'the second'])
async def test_a_client_that_leaves_a_shared_coroutine_does_not_cancel_it_for_others(who: int, transport: str) -> None:
    work = Work()
    async with served(transport) as handler:
        handler << work.run()
        calls = [asyncio.ensure_future(body_of(handler)) for _ in range(2)]
        await handler.wait(2)
        await turns()
        calls[who].cancel()
        await asyncio.wait([calls[who]])
        work.going_on.set()
        assert await calls[1 - who] == b'done'
        assert not work.cancelled


async def test_the_last_client_that_leaves_cancels_a_shared_coroutine(transport: str) -> None:
    work = Work()
    async with served(transport, kmock.RawHandler()) as handler:
        handler << work.run()
        calls = [asyncio.ensure_future(body_of(handler)) for _ in range(2)]
        await handler.wait(2)
        await work.begun.wait()
        for call in calls:
            call.cancel()
        await asyncio.wait(calls)
        await turns()
        assert work.cancelled
        assert (await handler.get('/')).status == 500
        assert [type(error) for error in handler.errors] == [kmock.KMockError]
        assert 'was cancelled' in str(handler.errors[0])


@pytest.mark.parametrize('kind', ['task', 'future'])
async def test_a_client_that_leaves_does_not_cancel_a_task_or_a_future_of_the_test(kind: str, transport: str) -> None:
    work = Work()
    async with served(transport) as handler:
        future: asyncio.Future[bytes] = asyncio.ensure_future(work.run())
        if kind == 'future':
            task, future = future, asyncio.get_running_loop().create_future()
            task.add_done_callback(lambda done: future.set_result(done.result()))
        handler << future
        call = asyncio.ensure_future(body_of(handler))
        await handler.wait()
        await turns()
        call.cancel()
        await asyncio.wait([call])
        work.going_on.set()
        assert await body_of(handler) == b'done'


@pytest.mark.parametrize('as_item', [False, True], ids=['alone', 'in a stream'])
async def test_a_future_that_was_cancelled_is_an_error_and_does_not_cancel_the_request(
    as_item: bool, transport: str
) -> None:
    async with served(transport, kmock.RawHandler()) as handler:
        future: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        future.cancel()
        handler << ((None, future) if as_item else future)
        assert (await handler.get('/')).status == 500
        assert 'was cancelled' in str(handler.errors[0])


@pytest.mark.parametrize('make', ['coroutine', 'future', 'concurrent future'])
async def test_an_error_of_what_is_awaited_is_raised_for_each_request(make: str, transport: str) -> None:
    error = ValueError('boo')

    async def fail() -> None:
        raise error

    payload: Any = fail()
    if make != 'coroutine':
        payload.close()
        payload = asyncio.get_running_loop().create_future() if make == 'future' else concurrent.futures.Future[Any]()
        payload.set_exception(error)
    async with served(transport, kmock.RawHandler()) as handler:
        handler << payload
        assert [(await handler.get('/')).status for _ in range(2)] == [500, 500]
        assert handler.errors == [error, error]


async def test_a_future_gives_its_result_to_all_who_wait_and_to_those_who_come_later(transport: str) -> None:
    async with served(transport) as handler:
        future: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        handler << future
        calls = [asyncio.ensure_future(body_of(handler)) for _ in range(2)]
        await handler.wait(2)
        assert not any(call.done() for call in calls)
        future.set_result(b'x')
        assert await asyncio.gather(*calls) == [b'x', b'x']
        assert await body_of(handler) == b'x'


async def test_a_concurrent_future_is_set_in_another_thread(transport: str) -> None:
    future: concurrent.futures.Future[bytes] = concurrent.futures.Future()
    async with served(transport) as handler:
        handler << (b'<', future, b'>')
        response = await handler.get('/')
        in_thread(lambda: future.set_result(b'x'))
        assert await response.read() == b'<x>'


async def test_a_client_that_leaves_does_not_cancel_a_concurrent_future(transport: str) -> None:
    future: concurrent.futures.Future[bytes] = concurrent.futures.Future()
    async with served(transport) as handler:
        handler << future
        call = asyncio.ensure_future(body_of(handler))
        await handler.wait()
        await turns()
        call.cancel()
        await asyncio.wait([call])
        assert not future.cancelled()
        future.set_result(b'x')
        assert await body_of(handler) == b'x'


async def nobody_awaits() -> bytes:
    raise AssertionError('nobody should come here')


async def test_coroutines_that_no_request_has_come_to_do_not_complain(transport: str) -> None:
    async with served(transport) as handler:
        handler['/other'] << nobody_awaits()
        handler['/other'] << (b'a', (nobody_awaits(), nobody_awaits()))
        handler << b'x'
        assert await body_of(handler) == b'x'


# ---- Events and conditions: a barrier, with nothing to say ----


class Signals:
    """The four things that are waited for and give nothing, with what sets them off."""

    @staticmethod
    def event() -> tuple[Any, Callable[[], Any]]:
        event = asyncio.Event()
        return event, event.set

    @staticmethod
    def thread_event() -> tuple[Any, Callable[[], Any]]:
        event = threading.Event()
        return event, lambda: in_thread(event.set)

    @staticmethod
    def condition() -> tuple[Any, Callable[[], Any]]:
        condition = asyncio.Condition()

        async def notify() -> None:
            async with condition:
                condition.notify_all()

        return condition, notify

    @staticmethod
    def thread_condition() -> tuple[Any, Callable[[], Any]]:
        condition = threading.Condition()

        def notify() -> None:
            with condition:
                condition.notify_all()

        return condition, lambda: in_thread(notify)


SIGNALS = [Signals.event, Signals.thread_event, Signals.condition, Signals.thread_condition]
CONDITIONS = [Signals.condition, Signals.thread_condition]


def name(fn: Any) -> str:
    return str(fn.__name__)


async def until_waited_for(signal: Any, count: int = 1) -> None:
    """Wait until a condition has somebody who waits: what is notified before is not for them."""
    if isinstance(signal, (asyncio.Condition, threading.Condition)):
        waiters: Any = vars(signal)['_waiters']
        await until(lambda: len(waiters) >= count, 'the condition is waited for')


@pytest.mark.parametrize('make', SIGNALS, ids=name)
async def test_a_stream_goes_on_when_the_signal_is_given(make: Any, transport: str) -> None:
    signal, give = make()
    async with served(transport) as handler:
        handler << (b'a', signal, b'b')
        response = await handler.get('/')
        assert await response.content.readexactly(1) == b'a'
        await until_waited_for(signal)
        given = give()
        if asyncio.iscoroutine(given):
            await given
        assert await response.read() == b'b'


@pytest.mark.parametrize('make', SIGNALS, ids=name)
async def test_a_signal_alone_holds_the_request_back_and_lets_it_go_on(make: Any, transport: str) -> None:
    signal, give = make()
    async with served(transport) as handler:
        barrier = handler << signal
        handler << b'next'
        call = asyncio.ensure_future(body_of(handler))
        await barrier.wait()
        await until_waited_for(signal)
        await turns()
        assert not call.done()
        given = give()
        if asyncio.iscoroutine(given):
            await given
        assert await call == b'next'


@pytest.mark.parametrize('make', [Signals.event, Signals.thread_event], ids=name)
async def test_an_event_that_is_set_is_not_waited_for(make: Any, transport: str) -> None:
    event, _ = make()
    event.set()
    async with served(transport) as handler:
        handler << (b'a', event, b'b')
        assert [await body_of(handler) for _ in range(2)] == [b'ab', b'ab']


@pytest.mark.parametrize('make', SIGNALS, ids=name)
async def test_many_streams_wait_for_one_signal(make: Any, transport: str) -> None:
    signal, give = make()
    async with served(transport) as handler:
        handler << (b'a', signal, b'b')
        responses = [await handler.get('/') for _ in range(5)]
        for response in responses:
            assert await response.content.readexactly(1) == b'a'
        await until_waited_for(signal, 5)
        given = give()
        if asyncio.iscoroutine(given):
            await given
        assert [await response.read() for response in responses] == [b'b'] * 5


@pytest.mark.parametrize('make', SIGNALS, ids=name)
async def test_others_are_served_while_a_signal_is_waited_for(make: Any, transport: str) -> None:
    signal, _ = make()
    async with served(transport) as handler:
        handler['/stream'] << (b'a', signal)
        handler << b'other'
        async with handler.get('/stream') as response:
            assert await response.content.readexactly(1) == b'a'
            assert [await body_of(handler) for _ in range(10)] == [b'other'] * 10


@pytest.mark.parametrize('make', SIGNALS, ids=name)
async def test_a_client_that_leaves_a_signal_ends_its_stream(make: Any, transport: str) -> None:
    signal, give = make()
    after: list[str] = []
    async with served(transport) as handler:
        handler << (b'a', signal, lambda: after.append('never'))
        response = await handler.get('/')
        assert await response.content.readexactly(1) == b'a'
        await until_waited_for(signal)
        response.close()
        await turns()
        given = give()
        if asyncio.iscoroutine(given):
            await given
        await turns()
        assert after == []


# ---- Queues ----


QUEUES: list[Any] = [asyncio.Queue, asyncio.LifoQueue, queue.Queue, queue.SimpleQueue, queue.LifoQueue]


@pytest.mark.parametrize('kind', QUEUES, ids=['asyncio', 'asyncio lifo', 'threads', 'threads simple', 'threads lifo'])
class TestQueues:
    async def test_the_next_item_takes_the_place_of_a_queue(self, kind: Any, transport: str) -> None:
        items = kind()
        async with served(transport) as handler:
            handler << (b'<', items, b'>')
            for item, expected in ((b'a', b'<a>'), ({'b': 1}, b'<{"b": 1}\n>'), ((b'c', 'd'), b'<c"d"\n>')):
                response = await handler.get('/')
                assert await response.content.readexactly(1) == b'<'
                items.put_nowait(item)
                assert await response.read() == expected[1:]

    async def test_each_request_takes_an_item_of_its_own(self, kind: Any, transport: str) -> None:
        items = kind()
        async with served(transport) as handler:
            handler << items
            calls = [asyncio.ensure_future(body_of(handler)) for _ in range(3)]
            await handler.wait(3)
            for item in (b'a', b'b', b'c'):
                items.put_nowait(item)
            assert sorted(await asyncio.gather(*calls)) == [b'a', b'b', b'c']

    async def test_none_from_a_queue_is_nothing(self, kind: Any, transport: str) -> None:
        items = kind()
        items.put_nowait(None)
        async with served(transport) as handler:
            handler << (b'a', items, b'b')
            assert await body_of(handler) == b'ab'

    async def test_an_empty_queue_does_not_block_others(self, kind: Any, transport: str) -> None:
        items = kind()
        async with served(transport) as handler:
            handler['/stream'] << (b'a', items)
            handler << b'other'
            async with handler.get('/stream'):
                assert [await body_of(handler) for _ in range(10)] == [b'other'] * 10

    async def test_a_client_that_leaves_takes_no_item_with_it(self, kind: Any, transport: str) -> None:
        items = kind()
        async with served(transport) as handler:
            handler << (b'<', items)
            async with handler.get('/') as response:
                assert await response.content.readexactly(1) == b'<'
            items.put_nowait(b'a')
            assert await body_of(handler) == b'<a'


@pytest.mark.parametrize('kind', [queue.Queue, queue.SimpleQueue, queue.LifoQueue], ids=name)
async def test_the_items_of_a_queue_may_come_from_another_thread(kind: Any, transport: str) -> None:
    items = kind()
    async with served(transport) as handler:
        handler << (items, items, items)
        call = asyncio.ensure_future(body_of(handler))
        await handler.wait()
        in_thread(lambda: [items.put(b'%d' % n) for n in range(3)])
        assert sorted(await call) == sorted(b'012')


@pytest.mark.parametrize('thing', [threading.Event, threading.Condition, queue.Queue], ids=name)
async def test_threads_that_wait_end_with_their_requests(thing: Any, transport: str) -> None:
    before = set(threading.enumerate())

    def waiting() -> list[threading.Thread]:
        return [t for t in threading.enumerate() if t.name == 'kmock-waiting' and t not in before]

    async with served(transport) as handler:
        handler << (b'a', thing())
        responses = [await handler.get('/') for _ in range(3)]
        await until(lambda: len(waiting()) == 3, 'all three wait')
        for response in responses:
            response.close()
    await until(lambda: not waiting(), 'nobody waits')


async def test_a_client_that_leaves_takes_no_notification_with_it(transport: str) -> None:
    condition = threading.Condition()

    def waiting() -> int:
        return len(vars(condition)['_waiters'])

    def notify() -> None:
        with condition:
            condition.notify()  # one of them

    async with served(transport) as handler:
        handler << (b'a', condition, b'b')
        async with handler.get('/') as left:
            await until(lambda: waiting() == 1, 'the first one waits')
            assert await left.content.readexactly(1) == b'a'
        await until(lambda: waiting() == 0, 'the first one has left')
        call = asyncio.ensure_future(body_of(handler))
        await until(lambda: waiting() == 1, 'the second one waits')
        notify()
        assert await call == b'ab'


@pytest.mark.parametrize('error', [ValueError('boo'), ValueError], ids=['instance', 'class'])
@pytest.mark.parametrize('how', ['alone', 'returned', 'raised', 'raised async', 'in a stream', 'in an iterator'])
async def test_an_exception_is_raised_where_it_stands(error: Any, how: str, transport: str) -> None:
    def fail() -> None:
        raise error

    async def fail_async() -> None:
        raise error

    forms: dict[str, Any] = {
        'alone': error,
        'returned': lambda: error,
        'raised': fail,
        'raised async': fail_async,
        'in a stream': (None, error),
        'in an iterator': lambda: iter([error]),
    }
    async with served(transport, kmock.RawHandler()) as handler:
        handler << forms[how]
        handler << b'never'
        response = await handler.get('/')
        assert response.status == 500
        assert response.headers['Content-Type'] == 'text/plain; charset=utf-8'
        assert 'ValueError' in await response.text()
        assert [type(caught) for caught in handler.errors] == [ValueError]
