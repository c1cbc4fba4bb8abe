"""Section 5 of the DSL: waiting until requests come, or stand at a feeding point, so that no test sleeps."""

import asyncio
import threading
from typing import Any

import pytest

import kmock
from kmock_core.errors import WaitTimeoutError
from kmock_core.testing import served, until


async def get(handler: kmock.RawHandler, url: str = '/') -> Any:
    return await handler.get(url)


async def test_waiting_returns_the_requests_that_stand_at_a_feeding_point(transport: str) -> None:
    async with served(transport) as handler:
        handler << (b'a', ...)
        responses = [await handler.get(f'/{number}') for number in range(3)]
        waiting = await handler[...].wait(3)
        assert waiting == list(handler)
        assert [request.path for request in await handler['/1'][...].wait()] == ['/1']
        handler[...] << None
        assert [await response.read() for response in responses] == [b'a'] * 3


async def test_waiting_begins_before_the_requests_come(transport: str) -> None:
    async with served(transport) as handler:
        handler << ...
        waiting = asyncio.ensure_future(handler[...].wait(2))
        first = asyncio.ensure_future(get(handler))
        await handler[...].wait(1)
        assert not waiting.done()
        second = asyncio.ensure_future(get(handler))
        assert len(await waiting) == 2
        handler[...] << b'x'
        assert [await (await call).read() for call in (first, second)] == [b'x', b'x']


async def test_waiting_for_more_than_needed_is_satisfied_by_more(transport: str) -> None:
    async with served(transport) as handler:
        handler << (b'a', ...)
        for _ in range(3):
            await handler.get('/')
        await handler[...].wait(3)
        assert len(await handler[...].wait(2)) == 3
        assert len(await handler[...].wait(0)) == 3


async def test_a_request_that_was_fed_is_waited_for_at_its_next_feeding_point(transport: str) -> None:
    async with served(transport) as handler:
        handler << (b'a', ..., b'b', lambda: asyncio.sleep(0), ..., b'c')
        response = await handler.get('/')
        await handler[...].wait()
        handler[...] << b'1'
        assert len(handler[...]) == 0  # what is on its way has ended that feeding point
        await handler[...].wait()
        handler[...] << b'2'
        assert await response.read() == b'a1b2c'


async def test_a_request_that_was_fed_with_a_tail_is_waited_for_again(transport: str) -> None:
    async with served(transport) as handler:
        handler << (b'a', ...)
        response = await handler.get('/')
        for item in (b'1', b'2', b'3'):
            await handler[...].wait()
            handler[...] << (item, ...)
        await handler[...].wait()
        assert await response.content.readexactly(4) == b'a123'
        response.close()


async def test_waiting_without_success_tells_what_did_arrive(transport: str) -> None:
    async with served(transport) as handler:
        handler << (b'a', ...)
        await handler.get('/came')
        await handler[...].wait()
        with pytest.raises(WaitTimeoutError, match=r'2 requests of .* did not come in 0 s, only 1') as caught:
            await handler[...].wait(2, timeout=0)
        assert 'GET /came' in str(caught.value)
        assert isinstance(caught.value, TimeoutError)
        assert isinstance(caught.value, kmock.KMockError)


async def test_waiting_for_requests_works_on_any_view(transport: str) -> None:
    async with served(transport) as handler:
        rule = handler['post'] << b'x'
        handler << b'y'
        views: list[Any] = [handler, handler['post'], rule, handler['post'] | handler['/nowhere'], handler['post', :1]]
        waiting = [asyncio.ensure_future(view.wait()) for view in views]
        await asyncio.sleep(0)
        assert not any(task.done() for task in waiting)
        await handler.post('/')
        assert await asyncio.gather(*waiting) == [[handler[0]]] * len(views)


async def test_waiting_that_is_cancelled_leaves_nothing_behind(transport: str) -> None:
    async with served(transport) as handler:
        handler << b'x'
        waiting = asyncio.ensure_future(handler['/never'].wait())
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.wait([waiting])
        assert (await handler.get('/')).status == 200
        assert len(handler) == 1


async def test_another_thread_waits_without_a_loop(transport: str) -> None:
    async with served(transport) as handler:
        handler << (b'a', ..., b'z')
        waiting = asyncio.ensure_future(asyncio.to_thread(handler[...].wait_sync, 2))
        responses = [await handler.get('/') for _ in range(2)]
        assert await waiting == list(handler)
        handler[...] << None
        assert [await response.read() for response in responses] == [b'az'] * 2


async def test_another_thread_waits_and_feeds(transport: str) -> None:
    async with served(transport) as handler:
        handler << (b'a', ..., b'z')

        def feed() -> None:
            for number in range(100):
                handler[...].wait_sync()
                handler[...] << (b'%d,' % number, ...)
            handler[...].wait_sync()
            handler[...] << None

        thread = threading.Thread(target=feed)
        thread.start()
        response = await handler.get('/')
        assert await response.read() == b'a' + b''.join(b'%d,' % number for number in range(100)) + b'z'
        await until(lambda: not thread.is_alive(), 'the thread ends')


async def test_a_thread_that_waits_in_vain_tells_what_did_arrive(transport: str) -> None:
    async with served(transport) as handler:
        handler << b'x'
        await handler.get('/came')
        with pytest.raises(WaitTimeoutError, match=r'only 1:\n.*GET /came'):
            handler.wait_sync(2, timeout=0)


async def test_waiting_for_what_is_there_already_does_not_wait(transport: str) -> None:
    async with served(transport) as handler:
        handler << b'x'
        await handler.get('/')
        assert handler.wait_sync(timeout=0) == list(handler)
        assert await handler.wait(timeout=0) == list(handler)
