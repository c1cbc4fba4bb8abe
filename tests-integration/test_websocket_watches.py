"""Watches by WebSockets, with real clients: one message an event, and errors as ordinary answers before them."""

import asyncio
import json
from collections.abc import AsyncGenerator
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
import websocket
import websockets

import kmock
from kmock_core.testing import until

CONFIGMAPS = '/api/v1/namespaces/default/configmaps'
WATCH = f'{CONFIGMAPS}?watch=1'
LOG = '/api/v1/namespaces/default/pods/web/log'


@pytest_asyncio.fixture(params=['cluster', 'emulator'])
async def mock(request: pytest.FixtureRequest) -> AsyncGenerator[kmock.KubernetesEmulator | kmock.KubernetesCluster]:
    handler: Any = kmock.KubernetesCluster() if request.param == 'cluster' else kmock.KubernetesEmulator()
    async with handler, kmock.Server(handler):
        yield handler


@pytest_asyncio.fixture
async def cluster() -> AsyncGenerator[kmock.KubernetesCluster]:
    async with kmock.KubernetesCluster() as cluster, kmock.Server(cluster):
        yield cluster


@pytest_asyncio.fixture
async def session() -> AsyncGenerator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=10)) as session:
        yield session


def change(mock: Any, name: str, **data: str) -> None:
    mock.objects['v1/configmaps', 'default', name] = {'metadata': {'name': name}, 'data': data}


def read(text: str | bytes) -> tuple[str, str]:
    event = json.loads(text)
    return event['type'], event['object']['metadata']['name']


async def test_aiohttp_watches(mock: Any, session: aiohttp.ClientSession) -> None:
    change(mock, 'a')
    async with session.ws_connect(f'{mock.url}{WATCH}', origin=str(mock.url)) as ws:
        assert read(await ws.receive_str()) == ('ADDED', 'a')
        change(mock, 'a', x='ü')
        change(mock, 'b')
        assert [read(await ws.receive_str()) for _ in range(2)] == [('MODIFIED', 'a'), ('ADDED', 'b')]
        await ws.ping(b'still there?')
        await ws.send_str('this is ignored')
        await mock.delete(f'{CONFIGMAPS}/b')
        assert read(await ws.receive_str()) == ('DELETED', 'b')

    assert ws.close_code == 1000


async def test_websockets_watches(mock: Any) -> None:
    change(mock, 'a')
    url = f'{mock.url}{WATCH}'.replace('http', 'ws', 1)
    async with websockets.connect(url, subprotocols=[websockets.Subprotocol('base64.binary.k8s.io')]) as ws:
        assert ws.subprotocol == 'base64.binary.k8s.io'
        assert read(await ws.recv()) == ('ADDED', 'a')
        await (await ws.ping())
        change(mock, 'a', x='y')
        assert read(await ws.recv()) == ('MODIFIED', 'a')


async def test_websocket_client_watches_from_a_thread(mock: Any) -> None:
    change(mock, 'a')
    url = f'{mock.url}{WATCH}'.replace('http', 'ws', 1)

    def watch() -> tuple[str, str]:
        ws = websocket.create_connection(url, timeout=10)
        try:
            return read(ws.recv())
        finally:
            ws.close()

    assert await asyncio.to_thread(watch) == ('ADDED', 'a')


async def test_a_watch_over_tls() -> None:
    async with kmock.KubernetesCluster() as cluster, kmock.Server(cluster, tls=True) as server:
        change(cluster, 'a')
        async with server.client.ws_connect(WATCH) as ws:
            assert read(await ws.receive_str()) == ('ADDED', 'a')


async def test_a_watch_that_is_over_says_goodbye(mock: Any, session: aiohttp.ClientSession) -> None:
    async with session.ws_connect(f'{mock.url}{WATCH}&timeoutSeconds=1') as ws:
        assert (await ws.receive()).type is aiohttp.WSMsgType.CLOSE

    assert ws.close_code == 1000


async def test_a_watch_from_too_long_ago_is_an_event_and_a_goodbye(
    cluster: kmock.KubernetesCluster, session: aiohttp.ClientSession
) -> None:
    change(cluster, 'a')
    cluster.compact()
    async with session.ws_connect(f'{cluster.url}{WATCH}&resourceVersion=1') as ws:
        event = await ws.receive_json()
        assert (event['type'], event['object']['code']) == ('ERROR', 410)
        assert (await ws.receive()).type is aiohttp.WSMsgType.CLOSE


@pytest.mark.parametrize(
    ('url', 'status'),
    [
        ('/apis/nope.dev/v1/foos?watch=1', 404),
        (f'{WATCH}&labelSelector=(', 400),
        (f'{WATCH}&timeoutSeconds=3.0', 400),
    ],
)
async def test_an_error_before_the_watch_is_an_ordinary_answer(
    cluster: kmock.KubernetesCluster, session: aiohttp.ClientSession, url: str, status: int
) -> None:
    with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
        await session.ws_connect(f'{cluster.url}{url}')

    assert caught.value.status == status


async def test_several_subprotocols_are_too_many(
    cluster: kmock.KubernetesCluster, session: aiohttp.ClientSession
) -> None:
    with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
        await session.ws_connect(f'{cluster.url}{WATCH}', protocols=['a', 'b'])

    assert caught.value.status == 400


async def test_the_token_of_a_browser_is_not_agreed_on(
    cluster: kmock.KubernetesCluster, session: aiohttp.ClientSession
) -> None:
    token = 'base64url.bearer.authorization.k8s.io.YWRtaW4tdG9rZW4'
    protocols = [token, 'base64.binary.k8s.io']
    async with session.ws_connect(f'{cluster.url}{WATCH}', protocols=protocols) as ws:
        assert ws.protocol == 'base64.binary.k8s.io'


async def test_a_list_is_a_list_even_for_those_who_would_upgrade(
    cluster: kmock.KubernetesCluster, session: aiohttp.ClientSession
) -> None:
    headers = {'Connection': 'Upgrade', 'Upgrade': 'websocket'}
    async with session.get(f'{cluster.url}{CONFIGMAPS}', headers=headers) as response:
        assert (response.status, (await response.json())['kind']) == (200, 'ConfigMapList')


async def test_an_old_watch_can_be_upgraded_too(
    cluster: kmock.KubernetesCluster, session: aiohttp.ClientSession
) -> None:
    change(cluster, 'a')
    async with session.ws_connect(f'{cluster.url}/api/v1/watch/configmaps') as ws:
        assert read(await ws.receive_str()) == ('ADDED', 'a')


async def test_a_client_that_leaves_lets_go_of_its_watch(
    cluster: kmock.KubernetesCluster, session: aiohttp.ClientSession
) -> None:
    before = asyncio.all_tasks()
    async with session.ws_connect(f'{cluster.url}{WATCH}') as ws:
        change(cluster, 'a')
        await ws.receive_str()
    await session.close()

    await until(lambda: not asyncio.all_tasks() - before, 'the end of the tasks of the client and of its connection')


async def test_a_server_that_stops_ends_the_watches(session: aiohttp.ClientSession) -> None:
    async with kmock.KubernetesCluster() as cluster, kmock.Server(cluster):
        change(cluster, 'a')
        ws = await session.ws_connect(f'{cluster.url}{WATCH}')
        await ws.receive_str()

    assert (await ws.receive()).type is aiohttp.WSMsgType.CLOSE
    assert ws.close_code == 1001


async def test_a_rule_comes_before_the_watch(cluster: kmock.KubernetesCluster, session: aiohttp.ClientSession) -> None:
    cluster['watch v1/configmaps'] << 503

    with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
        await session.ws_connect(f'{cluster.url}{WATCH}')
    assert caught.value.status == 503


async def test_a_spy_does_not_keep_it_from_being_upgraded(
    cluster: kmock.KubernetesCluster, session: aiohttp.ClientSession
) -> None:
    spy = cluster['watch v1/configmaps'] << None
    async with session.ws_connect(f'{cluster.url}{WATCH}'):
        assert len(spy) == 1


# ---- Logs ----


@pytest_asyncio.fixture
async def pod(cluster: kmock.KubernetesCluster) -> None:
    spec = {'containers': [{'name': 'main', 'image': 'nginx'}], 'nodeName': 'n1'}
    cluster.load({'apiVersion': 'v1', 'kind': 'Pod', 'metadata': {'name': 'web'}, 'spec': spec})
    cluster.pod_logs['default', 'web'] = 'one\n'


@pytest.mark.parametrize(
    ('protocols', 'first', 'second'),
    [
        ([], b'one\n', b'two\n'),
        (['binary.k8s.io'], b'one\n', b'two\n'),
        (['base64.binary.k8s.io'], 'b25lCg==', 'dHdvCg=='),
    ],
)
@pytest.mark.usefixtures('pod')
async def test_a_log_is_followed_in_the_coding_of_the_subprotocol(
    cluster: kmock.KubernetesCluster,
    session: aiohttp.ClientSession,
    protocols: list[str],
    first: str | bytes,
    second: str | bytes,
) -> None:
    async with session.ws_connect(f'{cluster.url}{LOG}?follow=true', protocols=protocols) as ws:
        assert (await ws.receive()).data == first
        cluster.pod_logs['default', 'web'] += 'two\n'
        assert (await ws.receive()).data == second
        cluster.pod_logs.end('default', 'web')
        assert (await ws.receive()).type is aiohttp.WSMsgType.CLOSE


@pytest.mark.usefixtures('pod')
async def test_a_log_that_is_not_followed_is_one_message(
    cluster: kmock.KubernetesCluster, session: aiohttp.ClientSession
) -> None:
    async with session.ws_connect(f'{cluster.url}{LOG}') as ws:
        assert (await ws.receive()).data == b'one\n'
        assert (await ws.receive()).type is aiohttp.WSMsgType.CLOSE


@pytest.mark.usefixtures('pod')
async def test_a_log_in_an_unknown_subprotocol_is_refused(
    cluster: kmock.KubernetesCluster, session: aiohttp.ClientSession
) -> None:
    with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
        await session.ws_connect(f'{cluster.url}{LOG}', protocols=['v5.channel.k8s.io'])

    assert caught.value.status == 400
