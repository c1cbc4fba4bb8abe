"""The old URLs of watches, with ``/watch`` after the version: deprecated for long, and served nevertheless."""

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import pytest

import kmock

CONFIGMAPS = '/api/v1/namespaces/default/configmaps'
OLD = '/api/v1/watch/namespaces/default/configmaps'
MERGE = {'Content-Type': 'application/merge-patch+json'}
DEFINITION = {
    'metadata': {'name': 'widgets.example.com'},
    'spec': {
        'group': 'example.com',
        'scope': 'Namespaced',
        'names': {'plural': 'widgets', 'singular': 'widget', 'kind': 'Widget', 'listKind': 'WidgetList'},
        'versions': [
            {'name': 'v1', 'served': True, 'storage': True, 'schema': {'openAPIV3Schema': {'type': 'object'}}}
        ],
    },
}


@asynccontextmanager
async def watching(cluster: kmock.KubernetesCluster, url: str) -> AsyncGenerator[Any]:
    async with cluster.get(url) as response:
        assert (response.status, response.headers['Content-Type']) == (200, 'application/json')
        yield response


async def take(response: Any, count: int) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for _ in range(count):
        async with asyncio.timeout(30):
            event = json.loads(await response.content.readline())
        found.append((event['type'], event['object']['metadata']['name']))
    return found


async def make(cluster: kmock.KubernetesCluster, name: str) -> None:
    response = await cluster.post(CONFIGMAPS, json={'metadata': {'name': name}})
    assert response.status == 201


@pytest.mark.parametrize('url', [OLD, '/api/v1/watch/configmaps', f'{OLD}?watch=false'])
async def test_an_old_url_of_a_collection_watches_it(cluster: kmock.KubernetesCluster, url: str) -> None:
    await make(cluster, 'a')
    async with watching(cluster, url) as response:
        await make(cluster, 'b')
        assert await take(response, 2) == [('ADDED', 'a'), ('ADDED', 'b')]


async def test_an_old_url_of_an_object_watches_it_alone(cluster: kmock.KubernetesCluster) -> None:
    await make(cluster, 'a')
    async with watching(cluster, f'{OLD}/b') as response:
        await make(cluster, 'b')
        await make(cluster, 'c')
        await cluster.delete(f'{CONFIGMAPS}/b')
        assert await take(response, 2) == [('ADDED', 'b'), ('DELETED', 'b')]


async def test_an_object_of_the_cluster_is_watched_alone(cluster: kmock.KubernetesCluster) -> None:
    async with watching(cluster, '/api/v1/watch/namespaces/default') as response:
        assert await take(response, 1) == [('ADDED', 'default')]


async def test_custom_resources_have_the_old_urls_too(cluster: kmock.KubernetesCluster) -> None:
    await cluster.post('/apis/apiextensions.k8s.io/v1/customresourcedefinitions', json=DEFINITION)
    async with watching(cluster, '/apis/example.com/v1/watch/namespaces/default/widgets/w') as response:
        for name in ('v', 'w'):
            body = {'apiVersion': 'example.com/v1', 'kind': 'Widget', 'metadata': {'name': name}}
            await cluster.post('/apis/example.com/v1/namespaces/default/widgets', json=body)
        assert await take(response, 1) == [('ADDED', 'w')]


@pytest.mark.parametrize('query', ['', '?fieldSelector=metadata.name%3Da'])
async def test_the_name_may_be_selected_besides(cluster: kmock.KubernetesCluster, query: str) -> None:
    await make(cluster, 'a')
    async with watching(cluster, f'{OLD}/a{query}') as response:
        assert await take(response, 1) == [('ADDED', 'a')]


async def test_another_name_than_that_of_the_url_is_no_selection(cluster: kmock.KubernetesCluster) -> None:
    response = await cluster.get(f'{OLD}/a?fieldSelector=metadata.name%3Db')
    assert response.status == 400
    assert (await response.json())['message'] == "fieldSelector metadata.name doesn't match requested name"


@pytest.mark.parametrize('method', ['POST', 'PUT', 'DELETE', 'PATCH'])
@pytest.mark.parametrize('url', [OLD, f'{OLD}/a', '/api/v1/watch/configmaps'])
async def test_old_urls_are_only_read(cluster: kmock.KubernetesCluster, method: str, url: str) -> None:
    response = await cluster.request(method, url, json={'metadata': {'name': 'a'}}, headers=MERGE)
    assert response.status == 405
    assert len(cluster.objects['v1/configmaps']) == 0


@pytest.mark.parametrize(
    'url', ['/api/v1/watch/configmaps/a', '/api/v1/watch/componentstatuses', f'{OLD}/a/log', '/api/v1/watch']
)
async def test_what_was_never_watched_is_not_there(cluster: kmock.KubernetesCluster, url: str) -> None:
    assert (await cluster.get(url)).status == 404


async def test_a_rule_for_watches_is_for_the_old_urls_too(cluster: kmock.KubernetesCluster) -> None:
    cluster['watch v1/configmaps'] << 410
    assert (await cluster.get(f'{OLD}/a')).status == 410


async def test_the_emulator_has_the_old_urls_too() -> None:
    async with kmock.KubernetesEmulator() as emulator:
        response = await emulator.post(OLD, json={'metadata': {'name': 'x'}})
        assert (response.status, len(emulator.objects)) == (404, 0)
        await emulator.post(CONFIGMAPS, json={'metadata': {'name': 'a'}})
        async with emulator.get(f'{OLD}/a') as response:
            assert await take(response, 1) == [('ADDED', 'a')]
