"""DELETE: at once, or when the last finalizer is gone; of one object, or of a collection."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

import kmock
from kmock_k8s.store.states import Event

PODS = '/api/v1/namespaces/ns1/pods'
POD = f'{PODS}/pod1'


@pytest.fixture
async def mock() -> AsyncIterator[kmock.KubernetesEmulator]:
    async with kmock.KubernetesEmulator() as mock:
        yield mock


@pytest.fixture
def events(mock: kmock.KubernetesEmulator) -> list[Event]:
    events: list[Event] = []
    mock.objects.store.subscribe(events.append)
    return events


@pytest.fixture
def pod(mock: kmock.KubernetesEmulator) -> kmock.Object:
    return mock.objects['v1/pods', 'ns1', 'pod1']


def told(events: list[Event]) -> list[tuple[str, Any]]:
    return [(event.type, event.state.load()) for event in events]


@pytest.mark.parametrize(
    'body',
    [
        b'{"metadata":{"name":"pod1"}}',
        b'{ "spec": {"finalizers": ["f"]}, "metadata":{"name":"pod1"}}',
        b'{"metadata":{"name":"pod1","finalizers":[]}}',
        b'{"metadata":{"name":"pod1","finalizers":null}}',
        b'{"metadata":{"name":"pod1","annotations":{"finalizers":"\\u005c"}}}',
    ],
)
async def test_an_object_with_no_finalizers_is_deleted_at_once(
    mock: kmock.KubernetesEmulator, pod: kmock.Object, events: list[Event], body: bytes
) -> None:
    await mock.post(PODS, data=body)
    response = await mock.delete(POD)

    assert (response.status, await response.read()) == (200, body)
    assert pod.history == [json.loads(body), None]
    assert told(events) == [('ADDED', json.loads(body)), ('DELETED', json.loads(body))]
    assert events[1].revision == events[0].revision + 1
    assert (await mock.get(POD)).status == 404


@pytest.mark.parametrize('field', ['"finalizers"', '"fin\\u0061lizers"'])
async def test_an_object_with_finalizers_is_marked_as_one_to_be_deleted(
    mock: kmock.KubernetesEmulator, pod: kmock.Object, events: list[Event], field: str
) -> None:
    body = f'{{"metadata":{{"name":"pod1",{field}:["a","b"]}},"spec":1}}'.encode()
    await mock.post(PODS, data=body)
    response = await mock.delete(POD)

    marked = await response.json()
    timestamp = marked['metadata'].pop('deletionTimestamp')
    assert (response.status, marked) == (200, json.loads(body))
    then = datetime.strptime(timestamp, '%Y-%m-%dT%H:%M:%SZ').replace(tzinfo=UTC)
    assert timedelta(0) <= datetime.now(UTC) - then < timedelta(minutes=1)
    assert [event.type for event in events] == ['ADDED', 'MODIFIED']
    assert pod == await (await mock.get(POD)).json() == events[1].state.load()
    assert pod['metadata']['deletionTimestamp'] == timestamp
    assert not pod.deleted


async def test_the_second_deletion_changes_nothing(
    mock: kmock.KubernetesEmulator, pod: kmock.Object, events: list[Event]
) -> None:
    body = {'metadata': {'name': 'pod1', 'finalizers': ['a'], 'deletionTimestamp': '2020-01-01T00:00:00Z'}}
    await mock.post(PODS, json=body)
    response = await mock.delete(POD)
    assert (response.status, await response.json()) == (200, body)
    assert pod.history == [body]
    assert len(events) == 1


LET_GO: dict[str, tuple[str, str, Any]] = {
    'merge-null': ('PATCH', POD, {'metadata': {'finalizers': None}, 'spec': 2}),
    'merge-empty': ('PATCH', POD, {'metadata': {'finalizers': []}, 'spec': 2}),
    'json-patch': (
        'PATCH', POD, [{'op': 'remove', 'path': '/metadata/finalizers/0'}, {'op': 'add', 'path': '/spec', 'value': 2}],
    ),
    'put': ('PUT', POD, {'metadata': {'name': 'pod1', 'deletionTimestamp': '2020-01-01T00:00:00Z'}, 'spec': 2}),
    'subresource': ('PATCH', f'{POD}/status', {'metadata': {'finalizers': None}, 'spec': 2}),
}  # fmt: skip


@pytest.mark.parametrize(('method', 'url', 'body'), LET_GO.values(), ids=LET_GO)
async def test_with_its_last_finalizer_an_object_goes(
    mock: kmock.KubernetesEmulator, pod: kmock.Object, events: list[Event], method: str, url: str, body: Any
) -> None:
    await mock.post(PODS, json={'metadata': {'name': 'pod1', 'finalizers': ['a']}, 'spec': 1})
    await mock.delete(POD)

    response = await mock.request(method, url, json=body)

    last = await response.json()
    assert (response.status, last['spec'], 'deletionTimestamp' in last['metadata']) == (200, 2, True)
    assert [event.type for event in events] == ['ADDED', 'MODIFIED', 'MODIFIED', 'DELETED']
    assert events[2].state.load() == events[3].state.load() == last
    assert len({event.revision for event in events}) == 4
    assert pod.history[2:] == [last, None]
    assert (await mock.get(POD)).status == 404


async def test_an_object_that_is_not_to_be_deleted_stays_without_finalizers(
    mock: kmock.KubernetesEmulator, pod: kmock.Object
) -> None:
    await mock.post(PODS, json={'metadata': {'name': 'pod1', 'finalizers': ['a']}})
    await mock.patch(POD, json={'metadata': {'finalizers': None}})
    assert pod == {'metadata': {'name': 'pod1'}}


async def test_with_one_of_its_finalizers_an_object_stays(mock: kmock.KubernetesEmulator, pod: kmock.Object) -> None:
    await mock.post(PODS, json={'metadata': {'name': 'pod1', 'finalizers': ['a', 'b']}})
    await mock.delete(POD)
    await mock.patch(POD, json={'metadata': {'finalizers': ['b']}})
    assert pod >= {'metadata': {'finalizers': ['b'], 'deletionTimestamp': ...}}


async def test_an_object_can_be_deleted_again_when_it_was_created_again(
    mock: kmock.KubernetesEmulator, pod: kmock.Object, events: list[Event]
) -> None:
    for number in range(2):
        await mock.post(PODS, json={'metadata': {'name': 'pod1', 'finalizers': ['a']}, 'spec': number})
        await mock.delete(POD)
        await mock.patch(POD, json={'metadata': {'finalizers': None}})
    assert [event.type for event in events] == ['ADDED', 'MODIFIED', 'MODIFIED', 'DELETED'] * 2
    assert [None if version is None else version['spec'] for version in pod.history] == [0, 0, 0, None, 1, 1, 1, None]


# ---- Collections. ----


@pytest.fixture
def pods(mock: kmock.KubernetesEmulator) -> None:
    for namespace, name, labels in (('ns1', 'a', {'x': '1'}), ('ns1', 'b', {}), ('ns2', 'c', {'x': '1'})):
        body = {'metadata': {'namespace': namespace, 'name': name, 'labels': labels}}
        mock.objects['v1/pods', namespace, name] = body
    mock.objects['v1/nodes', None, 'a'] = {}


@pytest.mark.usefixtures('pods')
@pytest.mark.parametrize(
    ('url', 'gone'),
    [
        (PODS, 'ab'),
        ('/api/v1/pods', 'abc'),
        (f'{PODS}?labelSelector=x', 'a'),
        ('/api/v1/pods?labelSelector=x', 'ac'),
        ('/api/v1/pods?fieldSelector=metadata.name%3Db', 'b'),
        ('/api/v1/namespaces/nosuch/pods', ''),
    ],
)
async def test_a_deleted_collection_is_what_is_selected(
    mock: kmock.KubernetesEmulator, events: list[Event], url: str, gone: str
) -> None:
    response = await mock.delete(url)

    found = await response.json()
    assert (response.status, found['kind'], found['apiVersion']) == (200, 'PodList', 'v1')
    assert found['metadata'] == {'resourceVersion': str(mock.objects.store.revision)}
    assert [item['metadata']['name'] for item in found['items']] == list(gone)
    assert told(events) == [('DELETED', item) for item in found['items']]
    assert [key.name for key in mock.objects['v1/pods']] == [name for name in 'abc' if name not in gone]
    assert len(mock.objects['v1/nodes']) == 1


@pytest.mark.usefixtures('pods')
async def test_of_a_collection_those_with_finalizers_are_marked(
    mock: kmock.KubernetesEmulator, events: list[Event]
) -> None:
    mock.objects['v1/pods', 'ns1', 'b'].patch({'metadata': {'finalizers': ['f']}})
    events.clear()

    found = await (await mock.delete(PODS)).json()

    assert [event.type for event in events] == ['DELETED', 'MODIFIED']
    assert 'deletionTimestamp' in found['items'][1]['metadata']
    assert mock.objects['v1/pods', 'ns1', 'b'] == found['items'][1]
