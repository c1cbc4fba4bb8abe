"""`reset` while a server is running: what its clients see of it on the wire."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

import kmock
from kmock_http import Server

PENDING: dict[str, Callable[[], Any]] = {
    'a feeding point': lambda: ...,
    'an event': lambda: asyncio.Event(),
    'an endless generator': lambda: _chunks,
}


async def _chunks() -> Any:
    while True:
        yield b'a' * 1000
        await asyncio.sleep(0)


@pytest.mark.parametrize('make', PENDING.values(), ids=list(PENDING))
@pytest.mark.parametrize('is_elsewhere', [False, True], ids=['in the loop', 'in another thread'])
async def test_an_open_stream_ends_properly_and_its_connection_is_used_again(
    make: Callable[[], Any], is_elsewhere: bool
) -> None:
    async with kmock.RawHandler(strict=True) as handler, Server(handler):
        handler << (b'a', make(), b'z')
        response = await handler.get('/')
        assert await response.content.readexactly(1) == b'a'
        if is_elsewhere:
            await asyncio.to_thread(handler.reset)
        else:
            handler.reset()
        assert set(await response.read()) <= {ord('a')}  # a stream that was cut short would be an error of the client
        handler << 200
        assert (await handler.get('/next')).status == 200
        assert [request.path for request in handler] == ['/next']


async def test_a_hundred_stretches_leave_no_trace_in_each_other() -> None:
    async with kmock.RawHandler(strict='all') as handler, Server(handler):
        spy = handler['get']
        handler['/lasting'] << b'lasting'
        handler.checkpoint()
        for number in range(100):
            (handler[f'/{number}'] << b'%d' % number).once()
            response = await handler.get(f'/{number}')
            assert await response.read() == b'%d' % number
            assert await (await handler.get('/lasting')).read() == b'lasting'
            assert [request.id for request in spy] == [0, 1]
            await asyncio.to_thread(handler.reset)
