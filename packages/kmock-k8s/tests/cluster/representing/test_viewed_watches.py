"""Watches of tables and of metadata: what is made of an object is shared by all who see it so."""

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

import kmock
from kmock_k8s.cluster.representing import columns, metadata

MAPS = '/api/v1/namespaces/default/configmaps'
AUTOSCALERS = 'namespaces/default/horizontalpodautoscalers'
TABLE, PARTIAL, LIST = (
    f'application/json;as={kind};v=v1;g=meta.k8s.io'
    for kind in ('Table', 'PartialObjectMetadata', 'PartialObjectMetadataList')
)
PATIENCE = 30.0


class Watcher:
    """A client with a watch."""

    def __init__(self, response: Any) -> None:
        self._response = response

    async def next(self) -> Any:
        async with asyncio.timeout(PATIENCE):
            line = await self._response.content.readline()
        assert line, 'the watch has ended'
        return json.loads(line)

    async def rows(self, count: int) -> list[Any]:
        """The first cells of the rows of the next events, with their types."""
        events = [await self.next() for _ in range(count)]
        return [(event['type'], [row['cells'][0] for row in event['object']['rows']]) for event in events]

    async def rest(self) -> bytes:
        async with asyncio.timeout(PATIENCE):
            body: bytes = await self._response.content.read()
            return body


@asynccontextmanager
async def watching(
    cluster: kmock.KubernetesCluster, accept: str = TABLE, url: str = MAPS, **query: object
) -> AsyncGenerator[Watcher]:
    params = {'watch': '1', **{name: str(value) for name, value in query.items()}}
    async with cluster.get(url, params=params, headers={'Accept': accept}) as response:
        assert (response.status, response.headers['Content-Type']) == (200, 'application/json')
        yield Watcher(response)


async def make(cluster: kmock.KubernetesCluster, *names: str, **labels: str) -> None:
    for name in names:
        response = await cluster.post(MAPS, json={'metadata': {'name': name, 'labels': labels}})
        assert response.status == 201


async def test_only_the_first_event_has_columns(cluster: kmock.KubernetesCluster) -> None:
    await make(cluster, 'a', 'b')
    async with watching(cluster) as watcher:
        first, second = await watcher.next(), await watcher.next()
        await make(cluster, 'c')
        third = await watcher.next()
    assert [event['type'] for event in (first, second, third)] == ['ADDED'] * 3
    assert [column['name'] for column in first['object']['columnDefinitions']] == ['Name', 'Data', 'Age']
    assert second['object']['columnDefinitions'] is third['object']['columnDefinitions'] is None
    assert [*second['object']] == ['kind', 'apiVersion', 'metadata', 'columnDefinitions', 'rows']
    shown = third['object']['rows'][0]['object']
    assert (shown['kind'], shown['metadata']['name']) == ('PartialObjectMetadata', 'c')
    assert third['object']['metadata'] == {'resourceVersion': shown['metadata']['resourceVersion']}


async def test_each_watcher_gets_the_columns_once(cluster: kmock.KubernetesCluster) -> None:
    await make(cluster, 'a')
    async with (
        watching(
            cluster, resourceVersion=cluster.objects['v1/configmaps', 'default', 'a']['metadata']['resourceVersion']
        ) as late,
        watching(cluster) as early,
    ):
        await early.next()
        await make(cluster, 'b')
        seen = [(await watcher.next())['object']['columnDefinitions'] for watcher in (early, late)]
        assert [one is None for one in seen] == [True, False]
        await make(cluster, 'c')
        assert (await late.next())['object']['columnDefinitions'] is None


async def test_rows_come_and_go(cluster: kmock.KubernetesCluster) -> None:
    async with watching(cluster, labelSelector='on') as watcher:
        await make(cluster, 'a', on='1')
        await make(cluster, 'b')
        headers = {'Content-Type': 'application/merge-patch+json'}
        await cluster.patch(f'{MAPS}/b', json={'metadata': {'labels': {'on': '1'}}}, headers=headers)
        await cluster.patch(f'{MAPS}/b', json={'metadata': {'labels': {'on': None}}}, headers=headers)
        await cluster.delete(f'{MAPS}/a')
        assert await watcher.rows(4) == [('ADDED', ['a']), ('ADDED', ['b']), ('DELETED', ['b']), ('DELETED', ['a'])]


async def test_missed_events_are_rows_too(cluster: kmock.KubernetesCluster) -> None:
    await make(cluster, 'a')
    begin = (await (await cluster.get(MAPS)).json())['metadata']['resourceVersion']
    await make(cluster, 'b')
    async with watching(cluster, resourceVersion=begin) as watcher:
        await make(cluster, 'c')
        event = await watcher.next()
        assert len(event['object']['columnDefinitions']) == 3
        assert event['object']['rows'][0]['cells'][0] == 'b'
        assert await watcher.rows(1) == [('ADDED', ['c'])]


async def test_rows_have_what_is_included(cluster: kmock.KubernetesCluster) -> None:
    await make(cluster, 'a')
    async with watching(cluster, includeObject='Object') as watcher:
        assert (await watcher.next())['object']['rows'][0]['object']['kind'] == 'ConfigMap'
    async with watching(cluster, includeObject='None') as watcher:
        assert (await watcher.next())['object']['rows'][0]['object'] is None


async def test_rows_grow_older(cluster: kmock.KubernetesCluster) -> None:
    times = [datetime(2026, 1, 1, tzinfo=UTC)]
    cluster.clock = lambda: times[0]
    await make(cluster, 'a')
    async with watching(cluster) as watcher:
        times[0] += timedelta(hours=1)
        await cluster.patch(
            f'{MAPS}/a', json={'data': {'k': 'v'}}, headers={'Content-Type': 'application/merge-patch+json'}
        )
        ages = [(await watcher.next())['object']['rows'][0]['cells'][2] for _ in range(2)]
    assert ages == ['0s', '60m']


async def test_metadata_is_watched(cluster: kmock.KubernetesCluster) -> None:
    await make(cluster, 'a')
    async with watching(cluster, PARTIAL) as watcher:
        await make(cluster, 'b')
        events = [await watcher.next() for _ in range(2)]
    assert [(event['object']['kind'], event['object']['metadata']['name']) for event in events] == [
        ('PartialObjectMetadata', 'a'),
        ('PartialObjectMetadata', 'b'),
    ]
    assert all('data' not in event['object'] for event in events)


@pytest.mark.parametrize('names', [['a'], []])
async def test_a_watch_of_lists_breaks_off_at_its_first_event(
    cluster: kmock.KubernetesCluster, names: list[str]
) -> None:
    await make(cluster, *names)
    async with watching(cluster, LIST) as watcher:
        await make(cluster, 'z')
        assert await watcher.rest() == b''


async def test_bookmarks_are_represented_too(cluster: kmock.KubernetesCluster) -> None:
    query = {'allowWatchBookmarks': 'true', 'sendInitialEvents': 'true', 'resourceVersionMatch': 'NotOlderThan'}
    async with watching(cluster, PARTIAL, **query) as watcher:
        bookmark = await watcher.next()
    assert (bookmark['type'], bookmark['object']['kind']) == ('BOOKMARK', 'PartialObjectMetadata')
    assert bookmark['object']['metadata']['annotations'] == {'k8s.io/initial-events-end': 'true'}
    async with watching(cluster, TABLE, **query) as watcher:
        bookmark = await watcher.next()
    assert (bookmark['type'], bookmark['object']['kind']) == ('BOOKMARK', 'Table')
    (row,) = bookmark['object']['rows']
    assert (row['cells'], row['object']['metadata']['resourceVersion']) == (
        ['', 0, '<unknown>'],
        bookmark['object']['metadata']['resourceVersion'],
    )


async def test_errors_are_no_rows(cluster: kmock.KubernetesCluster) -> None:
    await make(cluster, 'a', 'b')
    cluster.compact()
    async with watching(cluster, resourceVersion=1) as watcher:
        event = await watcher.next()
    assert (event['type'], event['object']['kind'], event['object']['code']) == ('ERROR', 'Status', 410)


async def test_wrong_options_are_refused_before_the_watch(cluster: kmock.KubernetesCluster) -> None:
    response = await cluster.get(f'{MAPS}?watch=1&includeObject=x', headers={'Accept': TABLE})
    assert response.status == 400


@pytest.mark.parametrize('version', ['v1', 'v2'])
async def test_rows_are_those_of_the_version_that_is_watched(cluster: kmock.KubernetesCluster, version: str) -> None:
    url = f'/apis/autoscaling/{version}/{AUTOSCALERS}'
    target = {'apiVersion': 'apps/v1', 'kind': 'Deployment', 'name': 'web'}
    async with watching(cluster, url=url, includeObject='Object') as watcher:
        content = {'metadata': {'name': 'h'}, 'spec': {'scaleTargetRef': target, 'maxReplicas': 3}}
        assert (await cluster.post(f'/apis/autoscaling/v1/{AUTOSCALERS}', json=content)).status == 201
        (row,) = (await watcher.next())['object']['rows']
    assert row['cells'][:2] == ['h', 'Deployment/web']
    assert row['object']['apiVersion'] == f'autoscaling/{version}'


async def test_watchers_and_lists_share_what_is_made_of_an_object(
    cluster: kmock.KubernetesCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    cluster.clock = lambda: datetime(2026, 1, 1, tzinfo=UTC)
    made: list[str] = []
    original = metadata.reduce_to_metadata

    def reduce(content: Any, version: str) -> Any:
        made.append(content['metadata']['name'])
        return original(content, version)

    monkeypatch.setattr(metadata, 'reduce_to_metadata', reduce)
    async with watching(cluster) as one, watching(cluster) as two, watching(cluster, PARTIAL) as three:
        await make(cluster, 'a')
        for watcher in (one, two, three):
            await watcher.next()
        await cluster.get(MAPS, headers={'Accept': TABLE})
        await cluster.get(MAPS, headers={'Accept': LIST})
    assert made == ['a']


async def test_cells_are_made_once_a_second(cluster: kmock.KubernetesCluster, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [datetime(2026, 1, 1, tzinfo=UTC)]
    cluster.clock = lambda: now[0]
    printed: list[str] = []

    def print_name(content: Any, _: datetime) -> list[Any]:
        printed.append(content['metadata']['name'])
        return [content['metadata']['name'], 0, '']

    def find(_group: str, _kind: str) -> Any:
        return print_name

    monkeypatch.setattr(columns, 'printer_of', find)
    await make(cluster, 'a')
    for _ in range(3):
        await cluster.get(MAPS, headers={'Accept': TABLE})
    assert printed == ['a']
    now[0] += timedelta(seconds=1)
    await cluster.get(MAPS, headers={'Accept': TABLE})
    assert printed == ['a', 'a']
