"""The examples that the project was created from, as near to the letter as sense allows."""

import asyncio
import datetime

import aiohttp
import pytest

import kmock


async def function_under_test(base_url: str) -> object:
    async with aiohttp.ClientSession(base_url=base_url) as session:
        resp = await session.get('/')
        text = await resp.read()
        resp = await session.post('/hello', json={'name': text.decode()})
        return await resp.json()


async def test_simple_http_server(kmock: kmock.RawHandler) -> None:
    # Setup the server side.
    kmock['get /'] << b'john'
    kmock['post /hello'] << (lambda req: {'you-are': req.params.get('name', 'anonymous')})  # pyright: ignore[reportUnknownLambdaType, reportUnknownMemberType]
    never_called = kmock['/'] << b''

    # Work in the client side.
    data = await function_under_test(str(kmock.url))
    assert data == {'you-are': 'john'}

    # Check the server side.
    assert len(kmock) == 2
    assert len(kmock['get']) == 1
    assert len(kmock['post']) == 1
    assert kmock['post'][0].data == {'name': 'john'}
    assert len(never_called) == 0


async def test_live_streaming(kmock: kmock.RawHandler) -> None:
    kmock['/'] << (
        b'hello', lambda: asyncio.sleep(0.01), b', world!\n',
        {'key': 'val'},
        lambda: ((f'{i}…\n'.encode(), lambda: asyncio.sleep(0.01)) for i in range(3, 0, -1)),
        ...,  # live continuation
    )  # fmt: skip

    seconds = iter(range(6))

    def now() -> bytes:
        moment = datetime.datetime(2020, 1, 1, 0, 0, next(seconds), tzinfo=datetime.UTC)
        return f'{moment:%FT%T}\n'.encode()

    async def pulse() -> None:
        for _ in range(6):
            await kmock[...].wait()
            # Broadcast to every streaming request (any method, any URL).
            kmock[...] << (now, ...)
        await kmock[...].wait()
        kmock[...] << None

    pulsing = asyncio.create_task(pulse())
    async with aiohttp.ClientSession(base_url='http://localhost') as session:
        resp = await session.get('/')
        text = await resp.read()
    await pulsing

    stamps = ''.join(f'2020-01-01T00:00:0{second}\n' for second in range(6))
    assert text.decode() == 'hello, world!\n{"key": "val"}\n3…\n2…\n1…\n' + stamps
    assert kmock.errors == []


@pytest.fixture
def k8surl() -> str:
    return 'http://localhost'


async def test_k8s_out_of_the_box(kmock: kmock.KubernetesEmulator, k8surl: str) -> None:
    async with aiohttp.ClientSession(base_url=k8surl) as session:
        pod1 = {'metadata': {'name': 'pod1'}, 'spec': {'key': 'val'}}
        pod2 = {'metadata': {'name': 'pod2'}, 'spec': {'key': 'val'}}
        await session.post('/api/v1/namespaces/default/pods', json=pod1)
        await session.post('/api/v1/namespaces/default/pods', json=pod2)
        resp = await session.get('/api/v1/namespaces/default/pods')
        data = await resp.json()
        assert data['items'] == [pod1, pod2]

    assert len(kmock[kmock.LIST]) == 1
    assert len(kmock[kmock.resource['pods']]) == 3
    assert kmock[kmock.resource('v1/pods')][-1].method == 'GET'
    assert kmock.errors == []
