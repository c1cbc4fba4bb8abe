"""A handler as an ASGI application under the clients and servers of others: starlette's TestClient, uvicorn."""

import asyncio
import json
import threading
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from typing import Any, Literal

import httpx
import pytest
import uvicorn
import websockets
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.testclient import TestClient

import kmock
from kmock_core.testing import until

# ---- starlette ----


def data_of(request: kmock.Request) -> Any:
    return request.data


def test_starlette_speaks_to_a_handler_in_plain_tests() -> None:
    handler = kmock.RawHandler(strict=True)
    rule = handler['post /p'] << 201 << {'X-A': '1'} << kmock.cookies(c='v') << data_of
    handler << (b'a', lambda: asyncio.sleep(0), {'b': 1})
    with TestClient(handler.asgi) as client:
        response = client.post('/p', params={'q': 'ü'}, json={'a': 'é'})
        assert (response.status_code, response.headers['x-a'], response.json()) == (201, '1', {'a': 'é'})
        assert client.cookies['c'] == 'v'
        assert client.get('/stream').content == b'a{"b": 1}\n'
        assert client.head('/stream').content == b''
        states = [handler.active]
    assert [*states, handler.active] == [True, False]
    assert len(handler) == 3
    assert rule[0].params == {'q': 'ü'}
    assert rule[0].host == 'testserver'
    assert handler['get'][0].cookies['c'] == 'v'


def test_starlette_raises_the_errors_of_a_strict_handler_when_it_is_left() -> None:
    handler = kmock.RawHandler(strict=True)
    handler << ValueError('boo')

    def use() -> None:
        with TestClient(handler.asgi) as client:
            assert client.get('/').status_code == 500

    with pytest.raises(Exception, match='boo'):
        use()


def test_starlette_raises_the_errors_of_a_handler_that_is_not_entered() -> None:
    handler = kmock.RawHandler()
    handler << ValueError('boo')
    with pytest.raises(ValueError, match='boo'):
        TestClient(handler.asgi).get('/')


def test_a_stream_under_starlette_is_fed_from_the_thread_of_the_test() -> None:
    handler = kmock.RawHandler(strict=True)
    handler << (b'a', ..., b'z')
    bodies: list[bytes] = []
    with TestClient(handler.asgi) as client:
        thread = threading.Thread(target=lambda: bodies.append(client.get('/').content))
        thread.start()
        for item in (b'1', b'2', b'3'):
            assert handler[...].wait_sync() == list(handler)
            handler[...] << (item, ...)
        handler[...].wait_sync()
        handler[...] << None
        thread.join()
    assert bodies == [b'a123z']


def test_a_handler_may_be_mounted_into_an_application() -> None:
    handler = kmock.RawHandler(strict=True)
    handler << b'x'
    with TestClient(Starlette(routes=[Mount('/mocks', handler.asgi)])) as client:
        assert client.get('/mocks/a%20b?q=1').content == b'x'
    assert handler[0].path == '/mocks/a b'


# ---- uvicorn ----


class Uvicorn(uvicorn.Server):
    """The server without its handlers of signals: those are pytest's."""

    @contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        yield


@asynccontextmanager
async def uvicorn_for(
    handler: kmock.RawHandler, ws: Literal['none', 'websockets-sansio'] = 'none'
) -> AsyncGenerator[httpx.AsyncClient, None]:
    """Serve a handler on a free port, and give a client of that."""
    config = uvicorn.Config(handler.asgi, host='127.0.0.1', port=0, lifespan='on', ws=ws, log_config=None)
    server = Uvicorn(config)
    task = asyncio.create_task(server.serve())
    await until(lambda: server.started or task.done(), 'uvicorn starts')
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        async with httpx.AsyncClient(base_url=f'http://127.0.0.1:{port}') as client:
            yield client
    finally:
        server.should_exit = True
        await task


async def test_uvicorn_serves_a_handler_on_a_real_port() -> None:
    handler = kmock.RawHandler(strict=True)
    handler['post /p'] << 201 << {'X-A': ['1', '2']} << data_of
    handler['/empty'] << 204
    handler << b'x' * 100_000
    async with uvicorn_for(handler) as client:
        response = await client.post('/p', params={'q': 'ü'}, json={'a': 'é'})
        assert (response.status_code, response.json()) == (201, {'a': 'é'})
        assert response.headers.get_list('x-a') == ['1', '2']
        assert (await client.get('/empty')).status_code == 204
        assert len((await client.get('/large')).content) == 100_000
        assert (await client.head('/large')).headers['content-length'] == '100000'
        states = [handler.active]
    assert [*states, handler.active] == [True, False]
    assert [request.method for request in handler] == ['POST', 'GET', 'GET', 'HEAD']
    assert {request.remote for request in handler} == {'127.0.0.1'}
    assert handler[0].query == {'q': 'ü'}


async def test_a_stream_under_uvicorn_is_fed_while_it_is_open() -> None:
    handler = kmock.RawHandler(strict=True)
    handler << (b'a', ..., b'z')
    async with uvicorn_for(handler) as client, client.stream('GET', '/') as response:
        chunks = response.aiter_raw()
        assert await anext(chunks) == b'a'
        for item in (b'1', b'2'):
            await handler[...].wait()
            handler[...] << (item, ...)
            assert await anext(chunks) == item
        handler[...] << None
        assert [chunk async for chunk in chunks] == [b'z']


@pytest.mark.parametrize('at', ['a pause', 'a feeding point'])
async def test_a_client_that_leaves_uvicorn_ends_its_stream(at: str) -> None:
    begun, ended = asyncio.Event(), asyncio.Event()

    async def pause() -> None:
        begun.set()
        await asyncio.Event().wait()

    async def stream() -> AsyncGenerator[Any, None]:
        try:
            yield b'a'
            yield pause if at == 'a pause' else ...
        finally:
            ended.set()

    handler = kmock.RawHandler(strict=True)
    handler['/stream'] << stream
    handler << b'next'
    async with uvicorn_for(handler) as client:
        async with client.stream('GET', '/stream') as response:
            assert await anext(response.aiter_raw()) == b'a'
            await (begun.wait() if at == 'a pause' else handler[...].wait())
        await ended.wait()
        assert len(handler[...]) == 0
        assert (await client.get('/')).content == b'next'


@pytest.mark.parametrize(
    'payloads',
    [((b'abc', kmock.fault.reset()),), ((b'abc', kmock.fault.truncate()),), ({'a': 1}, kmock.fault.truncate(3))],
    ids=repr,
)
async def test_uvicorn_closes_the_connection_at_a_fault_in_the_body(payloads: tuple[Any, ...]) -> None:
    handler = kmock.RawHandler(strict=True)
    handler['/broken'].respond(*payloads)
    handler << b'next'
    async with uvicorn_for(handler) as client:
        with pytest.raises(httpx.RemoteProtocolError):
            await client.get('/broken')
        assert (await client.get('/')).content == b'next'


async def test_uvicorn_answers_500_to_a_fault_before_the_head() -> None:
    handler = kmock.RawHandler(strict=True)
    handler << kmock.fault.reset()
    async with uvicorn_for(handler) as client:
        assert (await client.get('/')).status_code == 500


async def test_what_stalls_under_uvicorn_ends_with_its_client() -> None:
    handler = kmock.RawHandler(strict=True)
    handler['/stall'] << (b'abc', kmock.fault.stall())
    handler << b'next'
    async with uvicorn_for(handler) as client:
        async with client.stream('GET', '/stall') as response:
            assert await anext(response.aiter_raw()) == b'abc'
        assert (await client.get('/')).content == b'next'


async def test_errors_under_uvicorn_are_answered_and_collected() -> None:
    handler = kmock.RawHandler()
    handler['/answer'] << ValueError('boo')
    handler['/stream'] << (b'a', ValueError('boo'))
    async with uvicorn_for(handler) as client:
        answer = await client.get('/answer')
        assert (answer.status_code, answer.text.splitlines()[-1]) == (500, 'ValueError: boo')
        stream = await client.get('/stream')
        assert (stream.status_code, stream.text.splitlines()[-1]) == (200, 'ValueError: boo')
        assert [str(error) for error in handler.errors] == ['boo', 'boo']


async def test_requests_under_uvicorn_are_served_at_the_same_time() -> None:
    handler = kmock.RawHandler(strict=True)
    barrier = asyncio.Barrier(10)
    handler << 200 << barrier.wait
    async with uvicorn_for(handler) as client:
        responses = await asyncio.gather(*(client.get('/') for _ in range(10)))
    assert sorted(response.json() for response in responses) == list(range(10))


async def test_a_watch_by_a_websocket_under_uvicorn() -> None:
    cluster = kmock.KubernetesCluster()
    async with uvicorn_for(cluster, 'websockets-sansio') as client:
        url = f'{client.base_url}/api/v1/configmaps?watch=1'.replace('http', 'ws', 1)
        async with websockets.connect(url, subprotocols=[websockets.Subprotocol('base64.binary.k8s.io')]) as ws:
            assert ws.subprotocol == 'base64.binary.k8s.io'
            cluster.objects['v1/configmaps', 'default', 'a'] = {}
            assert json.loads(await ws.recv())['type'] == 'ADDED'
        with pytest.raises(websockets.InvalidStatus) as caught:
            await websockets.connect(url.replace('configmaps', 'nopes'))
    assert caught.value.response.status_code == 404


async def test_a_watch_by_a_websocket_is_refused_where_uvicorn_has_none() -> None:
    async with uvicorn_for(kmock.KubernetesCluster()) as client:
        headers = {'Connection': 'Upgrade', 'Upgrade': 'websocket'}
        response = await client.get('/api/v1/configmaps?watch=1', headers=headers)
    assert (response.status_code, 'websocket' in response.text) == (501, True)
