"""WATCH in a cluster: where it begins, what it shows, how it ends."""

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import pytest

import kmock
from kmock_k8s.api import streams

CONFIGMAPS = '/api/v1/namespaces/default/configmaps'
MERGE = {'Content-Type': 'application/merge-patch+json'}
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

    async def take(self, count: int) -> list[tuple[str, str]]:
        """The next events: their types, and the names of their objects."""
        events = [await self.next() for _ in range(count)]
        return [(event['type'], event['object']['metadata']['name']) for event in events]

    async def rest(self) -> list[Any]:
        async with asyncio.timeout(PATIENCE):
            return [json.loads(line) for line in (await self._response.content.read()).splitlines()]


@asynccontextmanager
async def watching(cluster: kmock.KubernetesCluster, url: str = CONFIGMAPS, **query: object) -> AsyncGenerator[Watcher]:
    params = {'watch': '1', **{name: str(value) for name, value in query.items()}}
    async with cluster.get(url, params=params) as response:
        assert (response.status, response.headers['Content-Type']) == (200, 'application/json')
        yield Watcher(response)


async def make(cluster: kmock.KubernetesCluster, name: str, **metadata: Any) -> int:
    response = await cluster.post(CONFIGMAPS, json={'metadata': {'name': name, **metadata}})
    assert response.status == 201
    return int((await response.json())['metadata']['resourceVersion'])


async def patch(cluster: kmock.KubernetesCluster, name: str, changes: Any) -> int:
    response = await cluster.patch(f'{CONFIGMAPS}/{name}', json=changes, headers=MERGE)
    assert response.status == 200
    return int((await response.json())['metadata']['resourceVersion'])


async def list_revision(cluster: kmock.KubernetesCluster) -> int:
    return int((await (await cluster.get(CONFIGMAPS)).json())['metadata']['resourceVersion'])


# ---- Beginning. ----


@pytest.mark.parametrize('query', [{}, {'resourceVersion': '0'}, {'resourceVersion': ''}])
async def test_a_watch_from_anywhere_begins_with_what_is_there(
    cluster: kmock.KubernetesCluster, query: dict[str, str]
) -> None:
    await make(cluster, 'a')
    await make(cluster, 'b')
    async with watching(cluster, **query) as watcher:
        assert await watcher.take(2) == [('ADDED', 'a'), ('ADDED', 'b')]


async def test_a_watch_begins_in_the_order_of_lists_not_of_creation(cluster: kmock.KubernetesCluster) -> None:
    for name in 'bca':
        await make(cluster, name)
    async with watching(cluster) as watcher:
        assert await watcher.take(3) == [('ADDED', 'a'), ('ADDED', 'b'), ('ADDED', 'c')]


async def test_a_watch_goes_on_with_each_change(cluster: kmock.KubernetesCluster) -> None:
    async with watching(cluster) as watcher:
        await make(cluster, 'a')
        await patch(cluster, 'a', {'data': {'k': 'v'}})
        await cluster.delete(f'{CONFIGMAPS}/a')
        assert await watcher.take(3) == [('ADDED', 'a'), ('MODIFIED', 'a'), ('DELETED', 'a')]


async def test_a_watch_from_a_revision_begins_after_it(cluster: kmock.KubernetesCluster) -> None:
    await make(cluster, 'a')
    revision = await list_revision(cluster)
    await make(cluster, 'b')
    async with watching(cluster, resourceVersion=revision) as watcher:
        await make(cluster, 'c')
        assert await watcher.take(2) == [('ADDED', 'b'), ('ADDED', 'c')]


async def test_events_have_the_objects_that_were_written(cluster: kmock.KubernetesCluster) -> None:
    await make(cluster, 'a')
    found = await (await cluster.get(f'{CONFIGMAPS}/a')).json()
    async with watching(cluster) as watcher:
        assert await watcher.next() == {'type': 'ADDED', 'object': found}


async def test_a_write_of_nothing_makes_no_event(cluster: kmock.KubernetesCluster) -> None:
    await make(cluster, 'a')
    async with watching(cluster, resourceVersion=await list_revision(cluster)) as watcher:
        await patch(cluster, 'a', {})
        await cluster.patch(f'{CONFIGMAPS}/a?dryRun=All', json={'data': {'k': 'v'}}, headers=MERGE)
        await make(cluster, 'b')
        assert await watcher.take(1) == [('ADDED', 'b')]


async def test_a_deletion_is_shown_with_its_own_revision(cluster: kmock.KubernetesCluster) -> None:
    revision = await make(cluster, 'a')
    async with watching(cluster, resourceVersion=revision) as watcher:
        await cluster.delete(f'{CONFIGMAPS}/a')
        event = await watcher.next()
    assert (event['type'], event['object']['metadata']['resourceVersion']) == ('DELETED', str(revision + 1))


async def test_what_goes_with_its_last_finalizer_is_shown_with_it(cluster: kmock.KubernetesCluster) -> None:
    await make(cluster, 'a', finalizers=['a.b/c'])
    await cluster.delete(f'{CONFIGMAPS}/a')
    async with watching(cluster, resourceVersion=(revision := await list_revision(cluster))) as watcher:
        await patch(cluster, 'a', {'metadata': {'finalizers': None}})
        event = await watcher.next()
    metadata = event['object']['metadata']
    assert (event['type'], metadata['finalizers'], metadata['resourceVersion']) == (
        'DELETED',
        ['a.b/c'],
        str(revision + 1),
    )


# ---- Selectors. ----


async def test_an_object_that_is_not_selected_any_more_is_deleted_as_it_was(cluster: kmock.KubernetesCluster) -> None:
    revision = await make(cluster, 'a', labels={'x': 'y'})
    async with watching(cluster, labelSelector='x=y', resourceVersion=revision) as watcher:
        changed = await patch(cluster, 'a', {'metadata': {'labels': {'x': 'z'}}})
        event = await watcher.next()
    metadata = event['object']['metadata']
    assert (event['type'], metadata['labels'], metadata['resourceVersion']) == ('DELETED', {'x': 'y'}, str(changed))


async def test_an_object_that_is_selected_from_now_on_is_added(cluster: kmock.KubernetesCluster) -> None:
    revision = await make(cluster, 'a', labels={'x': 'z'})
    async with watching(cluster, labelSelector='x=y', resourceVersion=revision) as watcher:
        await patch(cluster, 'a', {'metadata': {'labels': {'x': 'y'}}})
        assert await watcher.take(1) == [('ADDED', 'a')]


async def test_an_object_that_stays_selected_is_modified(cluster: kmock.KubernetesCluster) -> None:
    revision = await make(cluster, 'a', labels={'x': 'y'})
    async with watching(cluster, labelSelector='x=y', resourceVersion=revision) as watcher:
        await patch(cluster, 'a', {'data': {'k': 'v'}})
        assert await watcher.take(1) == [('MODIFIED', 'a')]


async def test_others_are_not_shown(cluster: kmock.KubernetesCluster) -> None:
    async with watching(cluster, fieldSelector='metadata.name=b') as watcher:
        await make(cluster, 'a')
        await make(cluster, 'b')
        assert await watcher.take(1) == [('ADDED', 'b')]


# ---- Bookmarks. ----


async def test_a_bookmark_says_where_the_initial_events_end(cluster: kmock.KubernetesCluster) -> None:
    await make(cluster, 'a')
    query = {'sendInitialEvents': 'true', 'resourceVersionMatch': 'NotOlderThan', 'allowWatchBookmarks': 'true'}
    async with watching(cluster, **query) as watcher:
        assert await watcher.take(1) == [('ADDED', 'a')]
        assert await watcher.next() == {
            'type': 'BOOKMARK',
            'object': {
                'kind': 'ConfigMap',
                'apiVersion': 'v1',
                'metadata': {
                    'resourceVersion': str(await list_revision(cluster)),
                    'annotations': {'k8s.io/initial-events-end': 'true'},
                },
            },
        }


async def test_initial_events_do_not_end_before_the_revision_that_is_asked_for(
    cluster: kmock.KubernetesCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, 'BOOKMARK_INTERVAL', 0.01)
    wanted = await make(cluster, 'a') + 1
    query = {'sendInitialEvents': 'true', 'resourceVersionMatch': 'NotOlderThan', 'allowWatchBookmarks': 'true'}
    async with watching(cluster, resourceVersion=wanted, **query) as watcher:
        assert await watcher.take(1) == [('ADDED', 'a')]
        assert 'annotations' not in (await watcher.next())['object']['metadata']
        await make(cluster, 'b')
        events: list[Any] = []
        while not events or 'annotations' not in events[-1]['object']['metadata']:
            events.append(await watcher.next())
        assert {'type': 'ADDED', 'name': 'b'} in [
            {'type': event['type'], 'name': event['object']['metadata'].get('name')} for event in events
        ]
        assert int(events[-1]['object']['metadata']['resourceVersion']) >= wanted
        assert 'annotations' not in (await watcher.next())['object']['metadata']


@pytest.mark.parametrize('by', ['the same resource', 'another resource', 'another thread'])
async def test_the_end_of_the_initial_events_comes_as_soon_as_the_revision_does(
    cluster: kmock.KubernetesCluster, by: str
) -> None:
    wanted = await make(cluster, 'a') + 2
    query = {'sendInitialEvents': 'true', 'resourceVersionMatch': 'NotOlderThan', 'allowWatchBookmarks': 'true'}
    async with watching(cluster, resourceVersion=wanted, **query) as watcher:
        assert await watcher.take(1) == [('ADDED', 'a')]
        for name in ('b', 'c'):
            if by == 'the same resource':
                await make(cluster, name)
                assert await watcher.take(1) == [('ADDED', name)]
            elif by == 'another resource':
                cluster.objects['v1/nodes', None, name] = {}
            else:
                key = 'v1/secrets', 'default', name
                await asyncio.to_thread(cluster.objects.__setitem__, key, {})
        event = await watcher.next()
        assert event['type'] == 'BOOKMARK'
        annotations = {'k8s.io/initial-events-end': 'true'}
        assert event['object']['metadata'] == {'resourceVersion': str(wanted), 'annotations': annotations}


async def test_a_watch_that_is_left_waits_for_no_revision(cluster: kmock.KubernetesCluster) -> None:
    wanted = await make(cluster, 'a') + 1
    query = {'sendInitialEvents': 'true', 'resourceVersionMatch': 'NotOlderThan', 'allowWatchBookmarks': 'true'}
    async with watching(cluster, resourceVersion=wanted, **query) as watcher:
        assert await watcher.take(1) == [('ADDED', 'a')]
    await make(cluster, 'b')

    assert cluster.errors == []


async def test_initial_events_have_to_be_not_older_than_something(cluster: kmock.KubernetesCluster) -> None:
    response = await cluster.get(CONFIGMAPS, params={'watch': '1', 'sendInitialEvents': 'true'})
    status = await response.json()
    assert (response.status, status['details']['causes'][0]['field']) == (422, 'resourceVersionMatch')


async def test_without_wishing_for_them_there_are_no_bookmarks(cluster: kmock.KubernetesCluster) -> None:
    await make(cluster, 'a')
    async with watching(cluster) as watcher:
        await watcher.take(1)
        await make(cluster, 'b')
        assert await watcher.take(1) == [('ADDED', 'b')]


# ---- Ends. ----


async def test_a_watch_ends_in_time(cluster: kmock.KubernetesCluster) -> None:
    await make(cluster, 'a')
    async with watching(cluster, timeoutSeconds=1) as watcher:
        assert [event['type'] for event in await watcher.rest()] == ['ADDED']


async def test_a_watch_from_the_forgotten_past_is_too_old(cluster: kmock.KubernetesCluster) -> None:
    revision = await make(cluster, 'a')
    await make(cluster, 'b')
    cluster.compact()
    async with watching(cluster, resourceVersion=revision) as watcher:
        [event] = await watcher.rest()
    status = event['object']
    assert (event['type'], status['code'], status['reason']) == ('ERROR', 410, 'Expired')
    assert status['message'].startswith(f'too old resource version: {revision} (')


async def test_a_watch_from_before_the_cluster_is_too_old(cluster: kmock.KubernetesCluster) -> None:
    await make(cluster, 'a')
    cluster.compact()
    async with watching(cluster, resourceVersion=1) as watcher:
        assert [event['object']['code'] for event in await watcher.rest()] == [410]


async def test_a_watch_that_runs_survives_a_compaction(cluster: kmock.KubernetesCluster) -> None:
    async with watching(cluster) as watcher:
        cluster.compact()
        await make(cluster, 'a')
        assert await watcher.take(1) == [('ADDED', 'a')]


async def test_a_reset_ends_the_watches(cluster: kmock.KubernetesCluster) -> None:
    async with watching(cluster) as watcher:
        cluster.reset()
        assert await watcher.rest() == []


async def test_what_is_no_revision_is_no_beginning(cluster: kmock.KubernetesCluster) -> None:
    response = await cluster.get(CONFIGMAPS, params={'watch': '1', 'resourceVersion': 'x'})
    assert response.status == 500


async def test_changes_of_a_test_are_shown_as_those_of_clients(cluster: kmock.KubernetesCluster) -> None:
    async with watching(cluster) as watcher:
        cluster.objects['v1/configmaps', 'default', 'a'] = {'data': {'k': 'v'}}
        cluster.objects['v1/configmaps', 'default', 'a'].patch({'data': {'k': 'w'}})
        cluster.objects['v1/configmaps', 'default', 'a'].delete()
        events = [await watcher.next() for _ in range(3)]
    revisions = [int(event['object']['metadata']['resourceVersion']) for event in events]
    assert [event['type'] for event in events] == ['ADDED', 'MODIFIED', 'DELETED']
    assert revisions == [revisions[0], revisions[0] + 1, revisions[0] + 2]
