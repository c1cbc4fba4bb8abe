"""Watches and logs for clients that ask for a WebSocket, in process: the messages are the chunks of the answer."""

import json
from collections.abc import AsyncGenerator
from typing import Any

import pytest
import pytest_asyncio

import kmock

WATCH = '/api/v1/namespaces/default/configmaps?watch=1'
LOG = '/api/v1/namespaces/default/pods/web/log'
UPGRADE = {'Connection': 'Upgrade', 'Upgrade': 'websocket'}


@pytest_asyncio.fixture(params=[kmock.KubernetesCluster, kmock.KubernetesEmulator])
async def mock(request: pytest.FixtureRequest) -> AsyncGenerator[kmock.KubernetesCluster | kmock.KubernetesEmulator]:
    handler: Any = request.param()
    async with handler:
        yield handler


@pytest.mark.parametrize(
    'headers',
    [
        UPGRADE,
        {'Connection': 'keep-alive, upgrade', 'Upgrade': 'WebSocket'},
        {'Connection': 'UPGRADE,x', 'Upgrade': 'websocket'},
    ],
)
async def test_events_are_messages(mock: kmock.KubernetesEmulator, headers: dict[str, str]) -> None:
    mock.objects['v1/configmaps', 'default', 'a'] = {'metadata': {'name': 'a'}}
    async with mock.get(WATCH, headers=headers) as response:
        message, _ = await response.content.readchunk()

        assert (response.status, response.reason) == (101, 'Switching Protocols')
        assert json.loads(message)['type'] == 'ADDED'
        mock.objects['v1/configmaps', 'default', 'a'].delete()
        message, _ = await response.content.readchunk()
        assert json.loads(message)['type'] == 'DELETED'


@pytest.mark.parametrize(
    'headers',
    [
        {},
        {'Upgrade': 'websocket'},
        {'Connection': 'Upgrade'},
        {'Connection': 'Upgrade', 'Upgrade': 'h2c'},
        {'Connection': 'upgraded', 'Upgrade': 'websocket'},
    ],
)
async def test_others_get_an_ordinary_answer(mock: kmock.KubernetesEmulator, headers: dict[str, str]) -> None:
    async with mock.get(WATCH, headers=headers) as response:
        assert response.status == 200


@pytest.mark.parametrize('url', ['/api/v1/namespaces/default/configmaps', '/version', '/healthz'])
async def test_what_is_no_stream_is_not_upgraded(cluster: kmock.KubernetesCluster, url: str) -> None:
    assert (await cluster.get(url, headers=UPGRADE)).status == 200


async def test_several_subprotocols_are_refused_before_the_watch_begins(cluster: kmock.KubernetesCluster) -> None:
    response = await cluster.get(WATCH, headers={**UPGRADE, 'Sec-WebSocket-Protocol': 'a, b'})

    assert response.status == 400
    assert (await response.json())['message'] == 'unable to upgrade: only one subprotocol is understood, not a, b'


async def test_a_watch_that_is_upgraded_can_be_a_table(cluster: kmock.KubernetesCluster) -> None:
    cluster.objects['v1/configmaps', 'default', 'a'] = {}
    accept = 'application/json;as=Table;v=v1;g=meta.k8s.io'
    async with cluster.get(WATCH, headers={**UPGRADE, 'Accept': accept}) as response:
        message, _ = await response.content.readchunk()

    assert json.loads(message)['object']['kind'] == 'Table'


@pytest.mark.parametrize(
    ('protocol', 'message'), [('', b'one\n'), ('binary.k8s.io', b'one\n'), ('x, base64.binary.k8s.io', b'b25lCg==')]
)
async def test_a_log_is_a_message(cluster: kmock.KubernetesCluster, protocol: str, message: bytes) -> None:
    spec = {'containers': [{'name': 'main', 'image': 'nginx'}], 'nodeName': 'n1'}
    cluster.load({'apiVersion': 'v1', 'kind': 'Pod', 'metadata': {'name': 'web'}, 'spec': spec})
    cluster.pod_logs['default', 'web'] = 'one\n'

    response = await cluster.get(LOG, headers={**UPGRADE, 'Sec-WebSocket-Protocol': protocol})
    assert (response.status, await response.read()) == (101, message)


async def test_a_log_that_is_not_there_is_an_ordinary_answer(cluster: kmock.KubernetesCluster) -> None:
    assert (await cluster.get(LOG, headers=UPGRADE)).status == 404
