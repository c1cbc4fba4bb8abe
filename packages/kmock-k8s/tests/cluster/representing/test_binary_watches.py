"""Watches in protobuf."""

import asyncio
import json
from typing import Any

import pytest

import kmock
from kmock_k8s.protobuf import decode, open_envelope

MAPS = '/api/v1/namespaces/default/configmaps'
PROTOBUF = 'application/vnd.kubernetes.protobuf'
PATIENCE = 30.0


async def read_event(response: Any) -> tuple[str, Any]:
    """The type of the next event, and its object."""
    async with asyncio.timeout(PATIENCE):
        size = int.from_bytes(await response.content.readexactly(4), 'big')
        event = await response.content.readexactly(size)
    assert event[:1] == b'\x0a'
    length = event[1]
    body = event[2 + length :]
    return event[2 : 2 + length].decode(), decode(body[body.index(b'k8s\0') :])


@pytest.mark.parametrize('suffix', ['', ';stream=watch'])
async def test_events_are_framed_by_their_lengths(cluster: kmock.KubernetesCluster, suffix: str) -> None:
    assert (await cluster.post(MAPS, json={'metadata': {'name': 'a'}, 'data': {'k': 'v'}})).status == 201
    async with cluster.get(f'{MAPS}?watch=1', headers={'Accept': PROTOBUF + suffix}) as response:
        assert response.headers['Content-Type'] == f'{PROTOBUF};stream=watch'
        type, content = await read_event(response)
        assert (type, content['data']) == ('ADDED', {'k': 'v'})
        assert (await cluster.delete(f'{MAPS}/a')).status == 200
        type, content = await read_event(response)
        assert (type, content['metadata']['name']) == ('DELETED', 'a')


async def test_metadata_is_watched_in_protobuf(cluster: kmock.KubernetesCluster) -> None:
    accept = f'{PROTOBUF};as=PartialObjectMetadata;v=v1;g=meta.k8s.io'
    async with cluster.get(f'{MAPS}?watch=1', headers={'Accept': accept}) as response:
        assert (await cluster.post(MAPS, json={'metadata': {'name': 'a'}})).status == 201
        type, content = await read_event(response)
        assert (type, content['kind'], content['metadata']['name']) == ('ADDED', 'PartialObjectMetadata', 'a')


async def test_errors_are_in_protobuf_too(cluster: kmock.KubernetesCluster) -> None:
    cluster.compact()
    async with cluster.get(f'{MAPS}?watch=1&resourceVersion=1', headers={'Accept': PROTOBUF}) as response:
        type, content = await read_event(response)
        assert (type, content['reason'], content['code']) == ('ERROR', 'Expired', 410)
    found = await cluster.get(f'{MAPS}/nope', headers={'Accept': PROTOBUF})
    assert (found.status, found.headers['Content-Type']) == (404, PROTOBUF)
    assert open_envelope(await found.read()).kind == 'Status'


async def test_who_takes_json_too_watches_json(cluster: kmock.KubernetesCluster) -> None:
    assert (await cluster.post(MAPS, json={'metadata': {'name': 'a'}})).status == 201
    async with cluster.get(f'{MAPS}?watch=1', headers={'Accept': f'{PROTOBUF}, application/json'}) as response:
        assert response.headers['Content-Type'] == 'application/json'
        assert json.loads(await response.content.readline())['object']['kind'] == 'ConfigMap'


async def test_watchers_of_the_same_objects_get_the_same_events(cluster: kmock.KubernetesCluster) -> None:
    accept = {'Accept': PROTOBUF}
    async with (
        cluster.get(f'{MAPS}?watch=1', headers=accept) as one,
        cluster.get(f'{MAPS}?watch=1', headers=accept) as two,
    ):
        assert (await cluster.post(MAPS, json={'metadata': {'name': 'a'}})).status == 201
        assert await read_event(one) == await read_event(two)
