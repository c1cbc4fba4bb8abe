"""WATCH: what is there, then each change: in order, none missed, none repeated."""

import asyncio
import gc
import json
import threading
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
from contextlib import asynccontextmanager
from typing import Any, TypeAlias, cast

import pytest
import pytest_asyncio

import kmock
from kmock_core.spi import TransportOptions
from kmock_core.testing import FakeTimeLoop, served, until
from kmock_core.values.responses import Answer, BodyStream, Chunks
from kmock_k8s.api import streams
from kmock_k8s.api.streams import Hub, Watch
from kmock_k8s.api.watching import INITIAL_EVENTS_END
from kmock_k8s.store.announcing import Subscription

Emulator: TypeAlias = kmock.KubernetesEmulator
Seen: TypeAlias = tuple[str, Any]

PATIENCE = 30.0
PODS = '/api/v1/pods'
PODS1 = '/api/v1/namespaces/ns1/pods'
JSON_PATCH = {'Content-Type': 'application/json-patch+json'}


def pod(name: str = 'a', x: object = 1, **metadata: Any) -> dict[str, Any]:
    return {'metadata': {'name': name, **metadata}, 'x': x}


def patience() -> asyncio.Timeout:
    """What hangs must fail; but hours of fake time pass at once."""
    return asyncio.timeout(None if isinstance(asyncio.get_running_loop(), FakeTimeLoop) else PATIENCE)


class Watcher:
    """A client with a watch: the events as they come."""

    def __init__(self, response: Any) -> None:
        self.response = response

    async def next(self) -> Seen:
        """The next event, the type and the object."""
        async with patience():
            line = await self.response.content.readline()
        assert line.endswith(b'\n'), 'the watch has ended'
        event = json.loads(line)
        assert list(event) == ['type', 'object']
        return event['type'], event['object']

    async def take(self, count: int) -> list[Seen]:
        return [await self.next() for _ in range(count)]

    async def rest(self) -> list[Seen]:
        """All events until the end."""
        async with patience():
            lines = (await self.response.content.read()).splitlines()
        return [(event['type'], event['object']) for event in map(json.loads, lines)]

    async def until_now(self, mock: Emulator) -> list[Seen]:
        """All events until now: the watch is ended for that."""
        mock.reset()
        return await self.rest()


async def watch(mock: Emulator, url: str = PODS, **query: object) -> Watcher:
    params = {name: str(value) for name, value in query.items()}
    async with patience():
        response = await mock.get(url, params={'watch': 'true', **params})
    assert (response.status, response.headers['Content-Type']) == (200, 'application/json')
    return Watcher(response)


async def revision_of(mock: Emulator, url: str = PODS) -> str:
    listed = await (await mock.get(url)).json()
    return str(listed['metadata']['resourceVersion'])


@asynccontextmanager
async def emulated(transport: str = 'inprocess') -> AsyncGenerator[Emulator, None]:
    async with served(transport, kmock.KubernetesEmulator(), options=TransportOptions()) as mock:
        yield mock
        errors = list(mock.errors)
    assert errors == []


@pytest_asyncio.fixture(params=['inprocess', 'asgi', 'resting'])
async def mock(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> AsyncGenerator[Emulator, None]:
    """Also with hubs that rest after each telling, as those of very many watches do."""
    if request.param == 'resting':
        monkeypatch.setattr(streams, 'REST_FROM', -1.0)
    async with emulated('inprocess' if request.param == 'resting' else request.param) as mock:
        yield mock


# ---- What is there, and what happens ----


async def test_a_watch_begins_with_the_objects_that_are_there_and_goes_on_with_each_change(mock: Emulator) -> None:
    mock.objects['v1/pods', 'ns1', 'a'] = pod('a')
    mock.objects['v1/pods', 'ns2', 'b'] = pod('b')
    watcher = await watch(mock)
    assert await watcher.take(2) == [('ADDED', pod('a')), ('ADDED', pod('b'))]
    mock.objects['v1/pods', 'ns1', 'a'] = pod('a', 2)
    assert await watcher.next() == ('MODIFIED', pod('a', 2))
    del mock.objects['v1/pods', 'ns1', 'a']
    assert await watcher.next() == ('DELETED', pod('a', 2))


async def test_a_watch_of_an_unknown_resource_waits_for_its_first_object(mock: Emulator) -> None:
    watcher = await watch(mock, '/apis/kopf.dev/v1/kopfexamples')
    await mock.post('/apis/kopf.dev/v1/namespaces/ns1/kopfexamples', json=pod())
    assert await watcher.next() == ('ADDED', pod())


async def test_objects_that_were_deleted_before_are_not_shown(mock: Emulator) -> None:
    mock.objects['v1/pods', 'ns1', 'a'] = pod()
    mock.objects['v1/pods', 'ns1', 'a'].delete()
    assert await (await watch(mock)).until_now(mock) == []


async def test_objects_are_shown_as_they_were_sent(mock: Emulator) -> None:
    watcher = await watch(mock)
    sent = b'{ "metadata": {"name": "a"},\r\n "big": 12345678901234567890.50, "text": "\\u00fc\xc3\xbc" }\n'
    await mock.post(PODS1, data=sent, headers={'Content-Type': 'application/json'})
    line = await watcher.response.content.readline()
    assert line == b'{"type":"ADDED","object":%b}\n' % sent.replace(b'\r\n', b'  ').strip()


def deletable(x: object = 1, **metadata: Any) -> dict[str, Any]:
    return pod('a', x, finalizers=['f'], **metadata)


Do: TypeAlias = Callable[[Emulator], Awaitable[Any]]

OVER_HTTP: dict[str, tuple[Any, Do, list[Seen]]] = {
    'create': (None, lambda mock: mock.post(PODS1, json=pod()), [('ADDED', pod())]),
    'create in the namespace of the object': (
        None,
        lambda mock: mock.post(PODS, json=pod(namespace='ns1')),
        [('ADDED', pod(namespace='ns1'))],
    ),
    'create what is to be deleted': (
        None,
        lambda mock: mock.post(PODS1, json=pod(deletionTimestamp='now')),
        [('ADDED', pod(deletionTimestamp='now')), ('DELETED', pod(deletionTimestamp='now'))],
    ),
    'replace': (pod(), lambda mock: mock.put(f'{PODS1}/a', json=pod(x=2)), [('MODIFIED', pod(x=2))]),
    'replace the status': (
        pod(),
        lambda mock: mock.put(f'{PODS1}/a/status', json={'status': 5}),
        [('MODIFIED', {**pod(), 'status': 5})],
    ),
    'merge patch': (pod(), lambda mock: mock.patch(f'{PODS1}/a', json={'x': 2}), [('MODIFIED', pod(x=2))]),
    'patch of the status': (
        pod(),
        lambda mock: mock.patch(f'{PODS1}/a/status', json={'status': 5}),
        [('MODIFIED', {**pod(), 'status': 5})],
    ),
    'json patch': (
        pod(),
        lambda mock: mock.patch(f'{PODS1}/a', data=b'[{"op":"replace","path":"/x","value":2}]', headers={**JSON_PATCH}),
        [('MODIFIED', pod(x=2))],
    ),
    'delete': (pod(), lambda mock: mock.delete(f'{PODS1}/a'), [('DELETED', pod())]),
    'remove the last finalizer': (
        deletable(deletionTimestamp='now'),
        lambda mock: mock.patch(f'{PODS1}/a', json={'metadata': {'finalizers': None}}),
        [('MODIFIED', pod(deletionTimestamp='now')), ('DELETED', pod(deletionTimestamp='now'))],
    ),
    'remove the last finalizer by replacing': (
        deletable(deletionTimestamp='now'),
        lambda mock: mock.put(f'{PODS1}/a', json=pod(x=2, deletionTimestamp='now', finalizers=[])),
        [
            ('MODIFIED', pod(x=2, deletionTimestamp='now', finalizers=[])),
            ('DELETED', pod(x=2, deletionTimestamp='now', finalizers=[])),
        ],
    ),
    'remove a finalizer of what is not to be deleted': (
        deletable(),
        lambda mock: mock.patch(f'{PODS1}/a', json={'metadata': {'finalizers': None}}),
        [('MODIFIED', pod())],
    ),
    'delete what is deleted but for its finalizers': (
        deletable(deletionTimestamp='now'),
        lambda mock: mock.delete(f'{PODS1}/a'),
        [],
    ),
    'delete the collection': (pod(), lambda mock: mock.delete(PODS1), [('DELETED', pod())]),
    'delete the collection of another namespace': (pod(), lambda mock: mock.delete('/api/v1/namespaces/ns2/pods'), []),
    'delete what is selected': (pod(), lambda mock: mock.delete(PODS, params={'labelSelector': 'app'}), []),
    'create what exists': (pod(), lambda mock: mock.post(PODS1, json=pod(x=2)), []),
    'patch what does not exist': (None, lambda mock: mock.patch(f'{PODS1}/a', json={'x': 2}), []),
    'delete what does not exist': (None, lambda mock: mock.delete(f'{PODS1}/a'), []),
    'create what is broken': (None, lambda mock: mock.post(PODS1, data=b'{"metadata": {"name": "a"'), []),
    'a patch that fails': (
        pod(),
        lambda mock: mock.patch(
            f'{PODS1}/a', data=b'[{"op":"remove","path":"/x"},{"op":"remove","path":"/y"}]', headers={**JSON_PATCH}
        ),
        [],
    ),
}


@pytest.mark.parametrize('change', OVER_HTTP)
async def test_changes_over_http_reach_watches(mock: Emulator, change: str) -> None:
    before, do, expected = OVER_HTTP[change]
    if before is not None:
        mock.objects['v1/pods', 'ns1', 'a'] = before
    watcher = await watch(mock)
    if before is not None:
        assert await watcher.next() == ('ADDED', before)
    await do(mock)
    assert await watcher.until_now(mock) == expected


async def test_a_deletion_with_finalizers_is_a_modification_at_first(mock: Emulator) -> None:
    mock.objects['v1/pods', 'ns1', 'a'] = deletable()
    watcher = await watch(mock)
    answer = await (await mock.delete(f'{PODS1}/a')).json()
    assert set(answer['metadata']) == {'name', 'finalizers', 'deletionTimestamp'}
    assert await watcher.take(2) == [('ADDED', deletable()), ('MODIFIED', answer)]


def nested(mock: Emulator) -> None:
    mock.objects['v1/pods', 'ns1', 'a']['metadata']['labels'] = {'app': 'x'}


def forget(mock: Emulator) -> None:
    del mock.objects['v1/pods', 'ns1', 'a']


def assign(value: Any) -> Callable[[Emulator], None]:
    def do(mock: Emulator) -> None:
        mock.objects['v1/pods', 'ns1', 'a'] = value

    return do


IN_PYTHON: dict[str, tuple[Any, Callable[[Emulator], object], list[Seen]]] = {
    'assign what is new': (None, assign(pod()), [('ADDED', pod())]),
    'assign what is there': (pod(), assign(pod(x=2)), [('MODIFIED', pod(x=2))]),
    'assign the same': (pod(), assign(pod()), [('MODIFIED', pod())]),
    'create': (None, lambda mock: mock.objects['v1/pods', 'ns1', 'a'].create(pod()), [('ADDED', pod())]),
    'patch': (pod(), lambda mock: mock.objects['v1/pods', 'ns1', 'a'].patch({'x': 2}), [('MODIFIED', pod(x=2))]),
    'write inside': (pod(), nested, [('MODIFIED', pod(labels={'app': 'x'}))]),
    'delete': (pod(), lambda mock: mock.objects['v1/pods', 'ns1', 'a'].delete(), [('DELETED', pod())]),
    'delete in spite of finalizers': (
        deletable(),
        lambda mock: mock.objects['v1/pods', 'ns1', 'a'].delete(),
        [('DELETED', deletable())],
    ),
    'forget': (pod(), forget, [('DELETED', pod())]),
    'pop': (pod(), lambda mock: mock.objects.pop(('v1/pods', 'ns1', 'a')), [('DELETED', pod())]),
    'clear all': (pod(), lambda mock: mock.objects.clear(), [('DELETED', pod())]),
    'clear the resource': (pod(), lambda mock: mock.objects['v1/pods'].clear(), [('DELETED', pod())]),
    'clear another namespace': (pod(), lambda mock: mock.objects['v1/pods', 'ns2'].clear(), []),
    'a history of what is new': (None, assign([pod(), None, pod(x=3)]), [('ADDED', pod(x=3))]),
    'a history of what is there': (pod(), assign([pod(x=2), pod(x=3)]), [('MODIFIED', pod(x=3))]),
    'a history that ends as it is': (pod(), assign([pod(x=2), None, pod()]), []),
    'a history that ends with a deletion': (pod(), assign([pod(x=2), None]), [('DELETED', pod())]),
    'a history of what never was': (None, assign([pod(), None]), []),
    'no history': (pod(), assign([]), [('DELETED', pod())]),
}


@pytest.mark.parametrize('change', IN_PYTHON)
async def test_changes_in_python_reach_watches(mock: Emulator, change: str) -> None:
    before, do, expected = IN_PYTHON[change]
    if before is not None:
        mock.objects['v1/pods', 'ns1', 'a'] = before
    watcher = await watch(mock)
    if before is not None:
        assert await watcher.next() == ('ADDED', before)
    do(mock)
    assert await watcher.until_now(mock) == expected


async def test_an_object_that_is_created_anew_is_added_again(mock: Emulator) -> None:
    watcher = await watch(mock)
    for number in range(3):
        await mock.post(PODS1, json=pod(x=number))
        await mock.delete(f'{PODS1}/a')
    seen = await watcher.until_now(mock)
    assert seen == [(type, pod(x=number)) for number in range(3) for type in ('ADDED', 'DELETED')]


async def test_changes_that_a_rule_answers_reach_watches_too(mock: Emulator) -> None:
    mock['create v1/pods'] << 503
    watcher = await watch(mock)
    assert (await mock.post(PODS1, json=pod())).status == 503
    assert await watcher.next() == ('ADDED', pod())


# ---- Which objects ----


def fill(mock: Emulator) -> None:
    """Make objects of two namespaces, of the cluster, and of another resource; change each of them; delete them."""
    keys: list[tuple[str, str | None, str]] = [
        ('v1/pods', 'ns1', 'a'),
        ('v1/pods', 'ns1', 'b'),
        ('v1/pods', 'ns2', 'a'),
        ('v1/pods', None, 'a'),
        ('v1/nodes', None, 'a'),
        ('kopf.dev/v1/pods', 'ns1', 'a'),
    ]
    for x in (1, 2):
        for one, namespace, name in keys:
            mock.objects[one, namespace, name] = {'x': x, 'key': f'{one} {namespace} {name}'}
    for one, namespace, name in keys:
        mock.objects[one, namespace, name].delete()


@pytest.mark.parametrize('begun', ['before', 'after'])
@pytest.mark.parametrize(
    ('url', 'query', 'keys'),
    [
        (PODS, {}, ['v1/pods ns1 a', 'v1/pods ns1 b', 'v1/pods ns2 a', 'v1/pods None a']),
        (PODS1, {}, ['v1/pods ns1 a', 'v1/pods ns1 b']),
        (f'{PODS1}/a', {}, ['v1/pods ns1 a']),
        (f'{PODS}/a', {}, ['v1/pods ns1 a', 'v1/pods ns2 a', 'v1/pods None a']),
        (PODS, {'fieldSelector': 'metadata.name=a'}, ['v1/pods ns1 a', 'v1/pods ns2 a', 'v1/pods None a']),
        (PODS1, {'fieldSelector': 'metadata.name=a'}, ['v1/pods ns1 a']),
        (PODS, {'fieldSelector': 'metadata.name!=a'}, ['v1/pods ns1 b']),
        (PODS, {'fieldSelector': 'metadata.namespace=ns1'}, ['v1/pods ns1 a', 'v1/pods ns1 b']),
        (PODS, {'fieldSelector': 'metadata.namespace='}, ['v1/pods None a']),
        (PODS1, {'fieldSelector': 'metadata.namespace=ns2'}, []),
        (PODS1, {'fieldSelector': 'metadata.name=a,metadata.name=b'}, []),
        (f'{PODS1}/a', {'fieldSelector': 'metadata.name=b'}, []),
        ('/api/v1/nodes', {}, ['v1/nodes None a']),
        ('/apis/kopf.dev/v1/pods', {}, ['kopf.dev/v1/pods ns1 a']),
        ('/apis/kopf.dev/v2/pods', {}, []),
    ],
)
async def test_a_watch_shows_what_its_url_and_its_selectors_mean(
    mock: Emulator, begun: str, url: str, query: dict[str, str], keys: list[str]
) -> None:
    if begun == 'before':
        watcher = await watch(mock, url, **query)
        fill(mock)
    else:
        fill(mock)
        watcher = await watch(mock, url, **query, resourceVersion=1)
    seen = [(type, found['x'], found['key']) for type, found in await watcher.until_now(mock)]
    expected = [(type, x, key) for type, x in (('ADDED', 1), ('MODIFIED', 2), ('DELETED', 2)) for key in keys]
    assert seen == expected


async def test_names_with_slashes_are_watched_by_their_names(mock: Emulator) -> None:
    mock.objects['v1/pods', 'ns1', 'a/b'] = {'x': 1}
    mock.objects['v1/pods', 'ns1', 'a'] = {'x': 2}
    assert await (await watch(mock, f'{PODS1}/a%2Fb')).until_now(mock) == [('ADDED', {'x': 1})]


LABELLED: list[tuple[str, Any, Any]] = [
    ('labelSelector', {'metadata': {'labels': {'app': 'x'}}}, {'metadata': {'labels': {'app': 'y'}}}),
    ('labelSelector', {'metadata': {'labels': {'app': 'x', 'tier': 'a'}}}, {}),
    ('labelSelector', {'metadata': {'labels': {'app': 'x'}}}, {'metadata': {'labels': {'app': ['x']}}}),
    ('fieldSelector', {'spec': {'paused': True}}, {'spec': {'paused': False}}),
    ('fieldSelector', {'spec': {'paused': True}}, {'spec': 'true'}),
]
SELECTORS = {'labelSelector': 'app in (x,z),app!=z', 'fieldSelector': 'spec.paused=true'}


@pytest.mark.parametrize('resumed', [False, True])
@pytest.mark.parametrize(('kind', 'inside', 'outside'), LABELLED)
async def test_objects_come_and_go_as_they_match_the_selectors(
    mock: Emulator, kind: str, inside: Any, outside: Any, resumed: bool
) -> None:
    states = [outside, inside, {**inside, 'x': 2}, outside, {**outside, 'x': 2}, inside]
    begin = {kind: SELECTORS[kind], **({'resourceVersion': '1'} if resumed else {})}
    watchers = [] if resumed else [await watch(mock, **begin), await watch(mock, PODS1, **begin)]
    for state in states:
        mock.objects['v1/pods', 'ns1', 'a'] = state
    mock.objects['v1/pods', 'ns1', 'a'].delete()
    mock.objects['v1/pods', 'ns1', 'a'] = outside
    mock.objects['v1/pods', 'ns1', 'a'].delete()
    watchers = watchers or [await watch(mock, **begin), await watch(mock, PODS1, **begin)]
    mock.reset()
    for watcher in watchers:
        assert await watcher.rest() == [
            ('ADDED', inside),
            ('MODIFIED', {**inside, 'x': 2}),
            ('DELETED', {**inside, 'x': 2}),  # as it was when it matched
            ('ADDED', inside),
            ('DELETED', inside),
        ]


async def test_a_watch_with_selectors_begins_with_the_objects_that_match(mock: Emulator) -> None:
    for name, app in (('a', 'x'), ('b', 'y'), ('c', 'x')):
        mock.objects['v1/pods', 'ns1', name] = pod(name, labels={'app': app})
    seen = await (await watch(mock, labelSelector='app=x')).until_now(mock)
    assert [(type, found['metadata']['name']) for type, found in seen] == [('ADDED', 'a'), ('ADDED', 'c')]


# ---- Where to begin ----


async def test_a_watch_resumes_from_the_revision_of_a_list(mock: Emulator) -> None:
    mock.objects['v1/pods', 'ns1', 'a'] = pod('a')
    mock.objects['v1/pods', 'ns1', 'b'] = pod('b')
    revision = await revision_of(mock)
    assert await (await watch(mock, resourceVersion=revision)).until_now(mock) == []


async def test_a_watch_shows_exactly_what_came_after_the_list(mock: Emulator) -> None:
    mock.objects['v1/pods', 'ns1', 'a'] = pod('a')
    mock.objects['v1/pods', 'ns1', 'b'] = pod('b')
    mock.objects['v1/pods', 'ns1', 'c'] = pod('c')
    revision = await revision_of(mock)
    mock.objects['v1/pods', 'ns1', 'a'].patch({'x': 2})
    mock.objects['v1/pods', 'ns1', 'b'].delete()
    del mock.objects['v1/pods', 'ns1', 'c']
    mock.objects['v1/pods', 'ns1', 'b'] = [pod('b', 3), pod('b', 4)]
    watcher = await watch(mock, resourceVersion=revision)
    mock.objects['v1/pods', 'ns1', 'd'] = pod('d')
    assert await watcher.until_now(mock) == [
        ('MODIFIED', pod('a', 2)),
        ('DELETED', pod('b')),
        ('DELETED', pod('c')),
        ('ADDED', pod('b', 4)),
        ('ADDED', pod('d')),
    ]


async def test_a_watch_resumes_where_all_objects_of_the_resource_were_forgotten(mock: Emulator) -> None:
    mock.objects['v1/pods', 'ns1', 'a'] = pod()
    revision = await revision_of(mock)
    mock.objects.clear()
    assert await (await watch(mock, resourceVersion=revision)).until_now(mock) == [('DELETED', pod())]


async def test_each_revision_resumes_to_the_same_events(mock: Emulator) -> None:
    whole = await watch(mock)
    revisions = [1]
    for name in 'abcab':
        mock.objects['v1/pods', 'ns1', name] = pod(name, len(revisions))
        revisions.append(int(await revision_of(mock)))
    assert revisions == list(range(1, 7))
    resumed = [await watch(mock, resourceVersion=revision) for revision in revisions]
    mock.reset()
    events = await whole.rest()
    assert len(events) == 5
    assert [await watcher.rest() for watcher in resumed] == [events[revision - 1 :] for revision in revisions]


@pytest.mark.parametrize('query', [{}, {'resourceVersion': ''}, {'resourceVersion': '0'}])
async def test_with_no_revision_and_with_that_of_anything_all_objects_are_shown(
    mock: Emulator, query: dict[str, str]
) -> None:
    mock.objects['v1/pods', 'ns1', 'a'] = pod()
    assert await (await watch(mock, **query)).until_now(mock) == [('ADDED', pod())]


async def test_a_revision_of_the_future_waits_for_what_happens(mock: Emulator) -> None:
    mock.objects['v1/pods', 'ns1', 'a'] = pod()
    watcher = await watch(mock, resourceVersion=10**9)
    mock.objects['v1/pods', 'ns1', 'b'] = pod('b')
    assert await watcher.until_now(mock) == [('ADDED', pod('b'))]


async def test_an_expired_revision_is_an_event_that_tells_it(mock: Emulator) -> None:
    mock.objects['v1/pods', 'ns1', 'a'] = pod()
    revision = int(await revision_of(mock))
    mock.objects['v1/pods', 'ns1', 'a'].delete()
    mock.objects.store.compact()
    watcher = await watch(mock, resourceVersion=revision)
    assert await watcher.rest() == [
        (
            'ERROR',
            {
                'apiVersion': 'v1',
                'kind': 'Status',
                'metadata': {},
                'status': 'Failure',
                'message': f'too old resource version: {revision} ({revision + 1})',
                'reason': 'Expired',
                'code': 410,
            },
        )
    ]


async def test_what_is_compacted_is_forgotten_for_resources_that_had_no_events(mock: Emulator) -> None:
    mock.objects['v1/pods', 'ns1', 'a'] = pod()
    mock.objects.store.compact()
    [(type, status)] = await (await watch(mock, '/api/v1/nodes', resourceVersion=1)).rest()
    assert (type, status['code']) == ('ERROR', 410)


async def test_the_latest_revision_never_expires(mock: Emulator) -> None:
    mock.objects['v1/pods', 'ns1', 'a'] = pod()
    mock.objects.store.compact()
    watcher = await watch(mock, resourceVersion=await revision_of(mock))
    mock.objects['v1/pods', 'ns1', 'a'] = pod(x=2)
    revision = await revision_of(mock)
    mock.objects['v1/pods', 'ns1', 'a'] = pod(x=3)
    resumed = await watch(mock, resourceVersion=revision)
    assert await watcher.take(2) == [('MODIFIED', pod(x=2)), ('MODIFIED', pod(x=3))]
    assert await resumed.next() == ('MODIFIED', pod(x=3))


INITIAL = {'sendInitialEvents': 'true', 'resourceVersionMatch': 'NotOlderThan', 'allowWatchBookmarks': 'true'}


@pytest.mark.parametrize('revision', ['', '0', '1'])
async def test_the_initial_events_are_followed_by_a_bookmark(mock: Emulator, revision: str) -> None:
    mock.objects['v1/pods', 'ns1', 'a'] = pod(x=1)
    mock.objects['v1/pods', 'ns1', 'a'] = pod(x=2)
    watcher = await watch(mock, **INITIAL, resourceVersion=revision)
    mock.objects['v1/pods', 'ns1', 'b'] = pod('b')
    bookmark = {
        'kind': 'Pod',
        'apiVersion': 'v1',
        'metadata': {'resourceVersion': '3', 'annotations': {INITIAL_EVENTS_END: 'true'}},
    }
    mock.resources['v1/pods'] = {'kind': 'Pod'}
    seen = await watcher.until_now(mock)
    bookmark['kind'] = seen[1][1]['kind']
    assert seen == [('ADDED', pod(x=2)), ('BOOKMARK', bookmark), ('ADDED', pod('b'))]


async def test_bookmarks_are_of_the_kind_that_is_watched(mock: Emulator) -> None:
    mock.resources['kopf.dev/v1/kopfexamples'] = {'kind': 'KopfExample'}
    watcher = await watch(mock, '/apis/kopf.dev/v1/kopfexamples', **INITIAL)
    type, bookmark = await watcher.next()
    assert (type, bookmark['kind'], bookmark['apiVersion']) == ('BOOKMARK', 'KopfExample', 'kopf.dev/v1')


async def test_initial_events_can_be_refused(mock: Emulator) -> None:
    mock.objects['v1/pods', 'ns1', 'a'] = pod()
    watcher = await watch(mock, sendInitialEvents='false', resourceVersionMatch='NotOlderThan')
    mock.objects['v1/pods', 'ns1', 'b'] = pod('b')
    assert await watcher.until_now(mock) == [('ADDED', pod('b'))]


@pytest.mark.parametrize(
    ('query', 'status', 'mentioned'),
    [
        ('resourceVersion=abc', 400, 'abc'),
        ('resourceVersion=-1', 400, '-1'),
        ('timeoutSeconds=soon', 400, 'soon'),
        ('timeoutSeconds=99999999999999999999', 400, '99999999999999999999'),
        (f'timeoutSeconds={"9" * 400}', 400, 'timeoutSeconds'),
        ('allowWatchBookmarks=maybe', 400, 'maybe'),
        ('labelSelector=a=b=c', 400, "found '='"),
        ('fieldSelector=nonsense', 400, 'nonsense'),
        ('sendInitialEvents=true', 422, 'resourceVersionMatch'),
    ],
)
async def test_a_malformed_query_is_told_and_leaves_nothing(
    mock: Emulator, query: str, status: int, mentioned: str
) -> None:
    response = await mock.get(f'{PODS}?watch=true&{query}')
    answer = await response.json()
    assert (response.status, answer['kind'], answer['code']) == (status, 'Status', status)
    assert mentioned in answer['message']


# ---- Until when ----


def in_fake_time(test: Callable[[Emulator], Awaitable[None]]) -> None:
    async def run() -> None:
        async with emulated() as mock:
            await test(mock)

    with asyncio.Runner(loop_factory=FakeTimeLoop) as runner:
        runner.run(run())


def test_a_watch_ends_after_its_timeout() -> None:
    async def test(mock: Emulator) -> None:
        loop = asyncio.get_running_loop()
        mock.objects['v1/pods', 'ns1', 'a'] = pod()
        begun = loop.time()
        watcher = await watch(mock, timeoutSeconds=3600)
        loop.call_later(3599, assign(pod(x=2)), mock)
        loop.call_later(3601, assign(pod(x=3)), mock)
        assert await watcher.rest() == [('ADDED', pod()), ('MODIFIED', pod(x=2))]
        assert loop.time() - begun == pytest.approx(3600)

    in_fake_time(test)


@pytest.mark.parametrize('query', [{}, {'timeoutSeconds': '0'}, {'allowWatchBookmarks': 'false'}])
def test_a_watch_without_a_timeout_lasts_and_says_nothing_of_itself(query: dict[str, str]) -> None:
    async def test(mock: Emulator) -> None:
        watcher = await watch(mock, **query)
        asyncio.get_running_loop().call_later(1_000_000, assign(pod()), mock)
        assert await watcher.next() == ('ADDED', pod())

    in_fake_time(test)


async def timed(watcher: Watcher) -> list[tuple[float, str, str]]:
    """The events until the end: when they came, their types, and their revisions."""
    loop = asyncio.get_running_loop()
    seen: list[tuple[float, str, str]] = []
    while line := await watcher.response.content.readline():
        event = json.loads(line)
        revision = event['object']['metadata'].get('resourceVersion', '')
        seen.append((round(loop.time()), event['type'], revision))
    return [*seen, (round(loop.time()), 'END', '')]


def test_bookmarks_come_each_minute_and_shortly_before_the_end() -> None:
    async def test(mock: Emulator) -> None:
        watcher = await watch(mock, allowWatchBookmarks='true', timeoutSeconds=500)
        loop = asyncio.get_running_loop()
        loop.call_later(90, assign(pod()), mock)
        loop.call_later(200, assign(pod(x=2)), mock)
        loop.call_later(490, mock.objects.clear)
        assert await timed(watcher) == [
            (60, 'BOOKMARK', '1'),
            (90, 'ADDED', ''),
            (120, 'BOOKMARK', '2'),
            (180, 'BOOKMARK', '2'),
            (200, 'MODIFIED', ''),
            *[(seconds, 'BOOKMARK', '3') for seconds in (240, 300, 360, 420, 480)],
            (490, 'DELETED', ''),
            (498, 'BOOKMARK', '4'),
            (500, 'END', ''),
        ]

    in_fake_time(test)


def test_there_is_no_bookmark_before_the_end_if_the_last_one_says_it_all() -> None:
    async def test(mock: Emulator) -> None:
        watcher = await watch(mock, allowWatchBookmarks='true', timeoutSeconds=63)
        assert await timed(watcher) == [(60, 'BOOKMARK', '1'), (63, 'END', '')]

    in_fake_time(test)


def test_short_watches_have_a_bookmark_too() -> None:
    async def test(mock: Emulator) -> None:
        watcher = await watch(mock, allowWatchBookmarks='true', timeoutSeconds=2)
        assert await timed(watcher) == [(1, 'BOOKMARK', '1'), (2, 'END', '')]

    in_fake_time(test)


def test_a_watch_resumes_from_a_bookmark_with_what_came_after_it() -> None:
    async def test(mock: Emulator) -> None:
        mock.objects['v1/pods', 'ns1', 'a'] = pod()
        mock.objects['v1/nodes', None, 'a'] = pod()  # the revision is that of all resources
        watcher = await watch(mock, allowWatchBookmarks='true', labelSelector='app=x')
        type, bookmark = await watcher.next()
        assert (type, bookmark['metadata']) == ('BOOKMARK', {'resourceVersion': '3'})
        del mock.objects['v1/pods', 'ns1', 'a']
        resumed = await watch(mock, resourceVersion=bookmark['metadata']['resourceVersion'])
        assert await resumed.next() == ('DELETED', pod())

    in_fake_time(test)


def test_a_bookmark_is_of_a_revision_up_to_which_all_was_sent() -> None:
    async def test(mock: Emulator) -> None:
        watcher = await watch(mock, allowWatchBookmarks='true')
        loop = asyncio.get_running_loop()

        def change() -> None:
            def in_thread() -> None:
                for x in range(5):
                    mock.objects['v1/pods', 'ns1', 'a'] = pod(x=x)

            thread = threading.Thread(target=in_thread)
            thread.start()
            thread.join()  # the loop does not turn meanwhile: the events are on their way only

        loop.call_at(60 - 1e-9, change)
        seen = await watcher.take(6)
        assert [type for type, _ in seen] == ['ADDED', *['MODIFIED'] * 4, 'BOOKMARK']
        assert seen[-1][1]['metadata']['resourceVersion'] == '6'

    in_fake_time(test)


# ---- Clients that leave, and servers that stop ----


Remains: TypeAlias = Callable[[], list[object]]


@pytest.fixture
def remains() -> Generator[Remains, None, None]:
    """What there is of open watches, besides those of other tests."""

    def find() -> list[object]:
        gc.collect()
        return [thing for thing in gc.get_objects() if isinstance(thing, (Watch, Hub, Subscription))]

    gc.collect()
    gc.freeze()  # what is there already is not found then; and it is not searched each time
    yield find
    gc.unfreeze()


async def watch_and_leave(mock: Emulator, query: dict[str, str]) -> None:
    watchers = [await watch(mock, url, **query) for url in (PODS, PODS, PODS1, '/api/v1/nodes')]
    mock.objects['v1/pods', 'ns1', 'a'] = pod()
    assert await watchers[0].next() == ('ADDED', pod())
    for watcher in watchers:
        await watcher.response.aclose()


@pytest.mark.parametrize(
    'query', [{}, {'timeoutSeconds': '3600', 'allowWatchBookmarks': 'true'}, {'labelSelector': '!x'}, INITIAL]
)
async def test_clients_that_leave_leave_nothing_behind(mock: Emulator, query: dict[str, str], remains: Remains) -> None:
    query = {name: value for name, value in query.items() if name != 'sendInitialEvents'}
    await watch_and_leave(mock, query)
    await until(lambda: not remains())
    mock.objects['v1/pods', 'ns1', 'b'] = pod('b')


def test_the_timers_of_clients_that_leave_late_are_gone_too(remains: Remains) -> None:
    async def stay_for_bookmarks(mock: Emulator) -> None:
        watcher = await watch(mock, allowWatchBookmarks='true', timeoutSeconds=3600)
        assert [type for type, _ in await watcher.take(10)] == ['BOOKMARK'] * 10
        await watcher.response.aclose()

    async def test(mock: Emulator) -> None:
        await stay_for_bookmarks(mock)
        begun = asyncio.get_running_loop().time()
        await until(lambda: not remains())
        assert asyncio.get_running_loop().time() == begun

    in_fake_time(test)


async def test_a_client_that_leaves_before_it_has_got_anything_leaves_nothing_behind(
    mock: Emulator, remains: Remains
) -> None:
    async def leave_at_once() -> None:
        (await watch(mock)).response.close()

    await leave_at_once()
    await until(lambda: not remains())


async def test_clients_that_leave_disturb_no_others(mock: Emulator) -> None:
    leaving, staying = await watch(mock), await watch(mock)
    mock.objects['v1/pods', 'ns1', 'a'] = pod()
    await leaving.response.aclose()
    mock.objects['v1/pods', 'ns1', 'a'] = pod(x=2)
    late = await watch(mock)
    assert await staying.take(2) == [('ADDED', pod()), ('MODIFIED', pod(x=2))]
    await staying.response.aclose()
    mock.objects['v1/pods', 'ns1', 'a'] = pod(x=3)
    assert await late.take(2) == [('ADDED', pod(x=2)), ('MODIFIED', pod(x=3))]


async def test_the_end_of_the_handler_ends_its_watches(mock: Emulator, remains: Remains) -> None:
    async with emulated() as other:
        other.objects['v1/pods', 'ns1', 'a'] = pod()
        watcher = await watch(other)
    assert await watcher.rest() in ([], [('ADDED', pod())])
    del watcher
    assert remains() == []


def test_a_handler_goes_on_in_another_loop_when_one_is_closed_with_open_watches(remains: Remains) -> None:
    mock = kmock.KubernetesEmulator()

    async def leave_open() -> None:
        async with mock:
            answer = mock.serve('GET', f'{PODS}?watch=true', (), b'', ('http', 'localhost', None, '1.1'))
            assert isinstance(answer, Answer)

    asyncio.run(leave_open())
    for x in range(3):
        mock.objects['v1/pods', 'ns1', 'a'] = pod(x=x)  # nobody is there to be told

    async def go_on() -> None:
        async with mock:
            watcher = await watch(mock)
            mock.objects['v1/pods', 'ns1', 'b'] = pod('b')
            assert await watcher.take(2) == [('ADDED', pod(x=2)), ('ADDED', pod('b'))]

    asyncio.run(go_on())
    assert remains() == []


async def test_resetting_ends_the_watches_which_see_nothing_of_what_comes_then(mock: Emulator) -> None:
    mock.objects['v1/pods', 'ns1', 'a'] = pod()
    before = await watch(mock)
    mock.reset()
    mock.objects['v1/pods', 'ns1', 'b'] = pod('b')
    after = await watch(mock)
    mock.objects['v1/pods', 'ns1', 'c'] = pod('c')
    assert await before.rest() == [('ADDED', pod())]
    assert await after.take(2) == [('ADDED', pod('b')), ('ADDED', pod('c'))]


async def test_nothing_of_before_a_reset_can_be_resumed(mock: Emulator) -> None:
    mock.objects['v1/pods', 'ns1', 'a'] = pod()
    mock.checkpoint()
    revision = await revision_of(mock)
    mock.objects['v1/pods', 'ns1', 'a'] = pod(x=2)
    mock.reset()
    [(type, status)] = await (await watch(mock, resourceVersion=revision)).rest()
    assert (type, status['reason']) == ('ERROR', 'Expired')
    assert await (await watch(mock)).next() == ('ADDED', pod())


@pytest.mark.parametrize('target', [f'{PODS}?watch=true', f'{PODS1}/a?watch=true&timeoutSeconds=5'])
async def test_the_head_of_a_watch_can_be_asked_for_alone(mock: Emulator, target: str, remains: Remains) -> None:
    mock.objects['v1/pods', 'ns1', 'a'] = pod()
    response = await mock.head(target)
    assert (response.status, await response.read()) == (200, b'')
    assert response.headers['Content-Type'] == 'application/json'
    assert remains() == []


# ---- Many clients, and slow ones ----


def tap_into(mock: Emulator, target: str, taken: list[Chunks]) -> 'AsyncGenerator[list[bytes], None]':
    """Watch as a transport does which can take the chunks of all streams at once."""

    def tap(chunks: Chunks, /) -> bool:
        taken.append(chunks)
        return True

    answer = mock.serve('GET', target, (), b'', ('http', 'localhost', None, '1.1'))
    assert isinstance(answer, Answer)
    stream = cast('BodyStream', answer.body)
    stream.tap = tap
    return stream.batches()


@pytest.mark.parametrize('query', ['watch=true', 'watch=true&labelSelector=app', 'watch=true&fieldSelector=x=1'])
async def test_a_thousand_watches_share_the_bytes_of_an_event(query: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr('kmock_k8s.api.streams.REST_FROM', 60.0)  # however slow this machine is
    async with emulated() as mock:
        taken: list[Chunks] = []
        streams = [tap_into(mock, f'{PODS}?{query}', taken) for _ in range(1000)]
        assert [await anext(stream) for stream in streams] == [[]] * 1000
        waiting = [asyncio.ensure_future(anext(stream)) for stream in streams]
        await asyncio.sleep(0)
        mock.objects['v1/pods', 'ns1', 'a'] = pod(labels={'app': 'x'})
        assert len(taken) == 1000
        assert len(set(map(id, taken))) == 1
        assert taken[0].framed is taken[-1].framed
        mock.objects['v1/pods', 'ns1', 'b'] = pod('b', 2)
        assert len(taken) == (2000 if query == 'watch=true' else 1000)
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)


async def test_a_client_that_does_not_read_loses_nothing_and_holds_up_nobody(mock: Emulator) -> None:
    slow, quick = await watch(mock), await watch(mock)
    big = 'x' * 10_000
    for number in range(50):
        await mock.post(PODS1, json=pod(f'p{number}', f'{number}{big}'))
        assert (await quick.next())[1]['metadata']['name'] == f'p{number}'
    late = await watch(mock)
    seen = await slow.take(50)
    assert [found['x'] for _, found in seen] == [f'{number}{big}' for number in range(50)]
    assert await late.take(50) == seen


async def test_a_watch_that_begins_while_others_are_not_told_yet_shows_only_what_comes_then(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(streams, 'REST_FROM', -1.0)
    async with emulated() as mock:

        def begin() -> BodyStream:
            answer = mock.serve('GET', f'{PODS}?watch=true', (), b'', ('http', 'localhost', None, '1.1'))
            assert isinstance(answer, Answer)
            return cast('BodyStream', answer.body)

        begun: list[BodyStream] = []
        for x in range(4):
            begun.append(begin())
            mock.objects['v1/pods', 'ns1', 'a'] = pod(x=x)
        mock.reset()
        for number, stream in enumerate(begun):
            shown = [json.loads(line)['object']['x'] async for line in stream]
            assert shown == list(range(max(0, number - 1), 4))


# ---- Changes in other threads ----


async def test_changes_of_other_threads_reach_watches_with_no_gap_in_order_once() -> None:
    writers, changes, watches = 4, 60, 12

    async with emulated() as mock:

        def work(name: str) -> None:
            for x in range(changes):
                mock.objects['v1/pods', 'ns1', name] = pod(name, x)

        first = asyncio.Event()
        loop = asyncio.get_running_loop()
        threads = [asyncio.to_thread(work, f'p{number}') for number in range(writers)]
        subscription = mock.objects.store.subscribe(lambda _: loop.call_soon_threadsafe(first.set))
        running = asyncio.gather(*threads)
        await first.wait()
        subscription.cancel()
        watchers: list[Watcher] = []
        for number in range(watches):  # begun in the middle of the changes, and between changes of this loop
            watchers.append(await watch(mock))
            mock.objects['v1/pods', 'ns1', 'here'] = pod('here', number)
            await asyncio.sleep(0)
        await running
        mock.reset()
        for watcher in watchers:
            last: dict[str, int] = {}
            for type, found in await watcher.rest():
                name, x = found['metadata']['name'], found['x']
                assert (type == 'ADDED') == (name not in last)
                assert name not in last or x == last[name] + 1, 'missed, or repeated'
                last[name] = x
            assert last == {'here': watches - 1, **{f'p{number}': changes - 1 for number in range(writers)}}


async def test_changes_of_this_thread_come_after_those_of_another_that_were_before(mock: Emulator) -> None:
    watcher = await watch(mock)
    thread = threading.Thread(target=assign(pod(x=1)), args=[mock])
    thread.start()
    thread.join()  # the event is on its way
    mock.objects['v1/pods', 'ns1', 'a'] = pod(x=2)
    late = await watch(mock)
    assert await watcher.take(2) == [('ADDED', pod(x=1)), ('MODIFIED', pod(x=2))]
    mock.objects['v1/pods', 'ns1', 'a'] = pod(x=3)
    assert await late.take(2) == [('ADDED', pod(x=2)), ('MODIFIED', pod(x=3))]


# ---- Rules ----


async def test_a_rule_replaces_the_watch(mock: Emulator, remains: Remains) -> None:
    mock['watch v1/pods'] << ({'type': 'ADDED', 'object': {'x': 1}}, {'type': 'DELETED', 'object': {'x': 1}})
    mock.objects['v1/pods', 'ns1', 'a'] = pod()
    seen = await Watcher(await mock.get(f'{PODS}?watch=true')).rest()
    assert seen == [('ADDED', {'x': 1}), ('DELETED', {'x': 1})]
    listed = await (await mock.get(PODS)).json()
    assert listed['items'] == [pod()]
    assert remains() == []


async def test_a_spy_lets_the_watch_run(mock: Emulator) -> None:
    spy = mock['watch v1/pods'] << None
    mock.objects['v1/pods', 'ns1', 'a'] = pod()
    assert await (await watch(mock)).next() == ('ADDED', pod())
    assert len(spy) == 1


async def test_a_rule_of_some_watches_lets_others_run(mock: Emulator) -> None:
    mock['watch v1/pods', kmock.namespace('ns2')] << 403
    mock.objects['v1/pods', 'ns1', 'a'] = pod()
    assert (await mock.get('/api/v1/namespaces/ns2/pods?watch=true')).status == 403
    assert await (await watch(mock, PODS1)).next() == ('ADDED', pod())


def fail() -> None:
    raise ValueError('not today')


@pytest.mark.parametrize('transport', ['inprocess', 'asgi'])
@pytest.mark.parametrize('error', [fail, ValueError('not today')])
async def test_an_error_in_the_stream_of_a_rule_is_an_event(transport: str, error: Any) -> None:
    async with served(transport, kmock.KubernetesEmulator()) as mock:
        mock['watch v1/pods'] << ({'type': 'ADDED', 'object': pod()}, lambda: asyncio.sleep(0), error)
        added, (type, status) = await Watcher(await mock.get(f'{PODS}?watch=true')).rest()
        assert added == ('ADDED', pod())
        assert (type, status['kind'], status['code']) == ('ERROR', 'Status', 500)
        assert 'not today' in status['message']
        assert [str(exc) for exc in mock.errors] == ['not today']


def expire() -> None:
    raise kmock.KubernetesExpiredError(message='too old')


@pytest.mark.parametrize('error', [expire, kmock.KubernetesExpiredError(message='too old')])
async def test_an_error_of_the_api_in_the_stream_of_a_rule_is_an_event_with_its_status(
    mock: Emulator, error: Any
) -> None:
    mock['watch v1/pods'] << ({'type': 'ADDED', 'object': pod()}, error)
    added, (type, status) = await Watcher(await mock.get(f'{PODS}?watch=true')).rest()
    assert added == ('ADDED', pod())
    assert (type, status) == ('ERROR', kmock.KubernetesExpiredError(message='too old').as_status())
    assert not mock.errors


async def test_a_meant_error_in_the_stream_of_a_rule_is_an_event_of_its_own(mock: Emulator) -> None:
    expired = kmock.KubernetesError(status=410, reason='Expired', message='too old')
    mock['watch v1/pods'] << ({'type': 'ADDED', 'object': pod()}, {'type': 'ERROR', 'object': expired.as_status()})
    _, (type, status) = await Watcher(await mock.get(f'{PODS}?watch=true')).rest()
    assert (type, status['code'], status['reason']) == ('ERROR', 410, 'Expired')
