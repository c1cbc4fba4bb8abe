"""UPDATE: PUT replaces, PATCH changes; subresources; reading one object."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

import kmock
from kmock_k8s.store.states import Event

PODS = '/api/v1/namespaces/ns1/pods'
POD = f'{PODS}/pod1'
BODY: dict[str, Any] = {'metadata': {'name': 'pod1', 'labels': {'a': '1'}}, 'spec': {'x': [1, 2], 'y': {'z': 1}}}


@pytest.fixture
async def mock() -> AsyncIterator[kmock.KubernetesEmulator]:
    async with kmock.KubernetesEmulator() as mock:
        mock.objects['v1/pods', 'ns1', 'pod1'] = BODY
        yield mock


@pytest.fixture
def pod(mock: kmock.KubernetesEmulator) -> kmock.Object:
    return mock.objects['v1/pods', 'ns1', 'pod1']


# ---- FETCH. ----


@pytest.mark.parametrize('suffix', ['', '/', '/status', '/scale', '/log', '/status/and/more', '?pretty=1&watch=false'])
async def test_an_object_is_read_as_a_whole_at_its_subresources_too(
    mock: kmock.KubernetesEmulator, suffix: str
) -> None:
    response = await mock.get(f'{POD}{suffix}')
    assert (response.status, await response.json()) == (200, BODY)


@pytest.mark.parametrize('url', ['/api/v1/pods/pod1', '/api/v1/namespaces/ns2/pods/pod1', '/apis/v1/v1/pods/pod1'])
async def test_an_object_is_found_in_its_place_only(mock: kmock.KubernetesEmulator, url: str) -> None:
    assert (await mock.get(url)).status == 404


@pytest.mark.parametrize(
    ('name', 'segment'), [('a/b', 'a%2Fb'), ('a%2Fb', 'a%252Fb'), ('50%', '50%25'), ('ž 1', '%C5%BE%201')]
)
async def test_encoded_slashes_and_percent_signs_stay_inside_of_names(
    mock: kmock.KubernetesEmulator, name: str, segment: str
) -> None:
    mock.objects['v1/pods', 'ns1', name] = {'spec': 'this one'}
    assert await (await mock.get(f'{PODS}/{segment}')).json() == {'spec': 'this one'}
    assert await (await mock.get(f'{PODS}/{segment}/status')).json() == {'spec': 'this one'}
    await mock.delete(f'{PODS}/{segment}')
    assert mock.objects['v1/pods', 'ns1', name].deleted
    assert (mock[-1].name, mock[-1].subresource) == (name, None)


@pytest.mark.parametrize('url', [PODS, POD, f'{POD}/status', f'{PODS}/nosuch', '/api/v1/nosuch'])
async def test_head_is_as_get_with_no_body(mock: kmock.KubernetesEmulator, url: str) -> None:
    got, head = await mock.get(url), await mock.head(url)
    assert (head.status, head.headers['Content-Type']) == (got.status, got.headers['Content-Type'])
    assert await head.read() == b''


# ---- PUT. ----


async def test_put_replaces_the_object_by_what_was_sent(mock: kmock.KubernetesEmulator, pod: kmock.Object) -> None:
    events: list[Event] = []
    mock.objects.store.subscribe(events.append)
    sent = b'{ "spec": 1.0,\n"metadata": {"name":"pod1"} }'

    response = await mock.put(POD, data=sent)

    assert (response.status, await response.read()) == (200, sent.replace(b'\n', b' '))
    assert pod.history == [BODY, json.loads(sent)]
    assert [(event.type, event.state.raw) for event in events] == [('MODIFIED', sent.replace(b'\n', b' '))]


@pytest.mark.parametrize('metadata', [None, {}, {'name': 'other'}, {'name': 'pod1', 'namespace': 'ns2'}])
async def test_the_object_is_that_of_the_url_whatever_the_body_says(
    mock: kmock.KubernetesEmulator, metadata: Any
) -> None:
    for method in ('PUT', 'PATCH'):
        response = await mock.request(method, POD, json={'metadata': metadata})
        assert response.status == 200
        assert list(mock.objects) == [('v1/pods', 'ns1', 'pod1')]


@pytest.mark.parametrize(
    ('known', 'subresource', 'sent', 'expected'),
    [
        ({'spec': 1}, 'status', {'spec': 2, 'status': {'a': 1}}, {'spec': 1, 'status': {'a': 1}}),
        ({'spec': 1, 'status': {'a': 1, 'b': 2}}, 'status', {'status': {'a': 3}}, {'spec': 1, 'status': {'a': 3}}),
        ({'status': 1, 'spec': 2}, 'status', {'status': None}, {'status': None, 'spec': 2}),
        ({'spec': 1}, 'odd', {'spec': 2, 'odd': [1]}, {'spec': 1, 'odd': [1]}),
        ({'spec': {'x': 1}}, 'scale', {'kind': 'Scale', 'spec': {'replicas': 3}}, {'spec': {'x': 1, 'replicas': 3}}),
        ({}, 'scale', {'spec': {'replicas': 3}}, {'spec': {'replicas': 3}}),
        ({'spec': None}, 'scale', {'spec': {'replicas': 3}}, {'spec': {'replicas': 3}}),
        ({'spec': {'x': 1, 'replicas': 3}}, 'scale', {'kind': 'Scale'}, {'spec': {'x': 1}}),  # as Go writes a zero
        ({'spec': {'finalizers': ['x']}}, 'finalize', {'spec': {'finalizers': []}}, {'spec': {'finalizers': []}}),
        ({'spec': {'finalizers': ['x']}}, 'finalize', {'spec': {}}, {'spec': {}}),
        ({'spec': 1}, 'approval', {'spec': 2, 'status': {'a': 1}}, {'spec': 1, 'status': {'a': 1}}),
        ({'spec': {'x': 1}, 'status': 1}, 'resize', {'spec': {'y': 1}, 'status': 2}, {'spec': {'y': 1}, 'status': 1}),
    ],
)  # fmt: skip
async def test_put_at_a_subresource_replaces_only_what_that_is_about(
    mock: kmock.KubernetesEmulator, pod: kmock.Object, known: Any, subresource: str, sent: Any, expected: Any
) -> None:
    mock.objects['v1/pods', 'ns1', 'pod1'] = [known]

    response = await mock.put(f'{POD}/{subresource}', json=sent)

    assert response.status == 200
    assert json.dumps(await response.json()) == json.dumps(expected)  # in the same order too
    assert pod.history == [known, expected]


# ---- PATCH. ----

MERGE, STRATEGIC = 'application/merge-patch+json', 'application/strategic-merge-patch+json'
JSON_PATCH = 'application/json-patch+json'


@pytest.mark.parametrize(
    ('content_type', 'patch', 'expected'),
    [
        (MERGE, {'spec': {'x': [3], 'y': {'w': 2}}}, {**BODY, 'spec': {'x': [3], 'y': {'z': 1, 'w': 2}}}),
        (f'{MERGE}; charset=utf-8', {'spec': None}, {'metadata': BODY['metadata']}),
        (STRATEGIC, {'spec': {'y': None}}, {**BODY, 'spec': {'x': [1, 2]}}),
        ('application/json', {'spec': 5}, {**BODY, 'spec': 5}),
        ('application/json', [{'op': 'replace', 'path': '/spec', 'value': 5}], {**BODY, 'spec': 5}),
        (JSON_PATCH, [{'op': 'add', 'path': '/spec/x', 'value': 3}], {**BODY, 'spec': {'x': 3, 'y': {'z': 1}}}),
        (JSON_PATCH, [], BODY),
        (MERGE, {}, BODY),
        (MERGE, {'metadata': None}, {'spec': BODY['spec']}),
        (MERGE, {'spec': '\ud800'}, {**BODY, 'spec': '\ud800'}),
        (MERGE, {'spec': 10**300}, {**BODY, 'spec': 10**300}),
    ],
)  # fmt: skip
@pytest.mark.parametrize('suffix', ['', '/status', '/anything'])
async def test_a_patch_changes_the_whole_object_at_its_subresources_too(
    mock: kmock.KubernetesEmulator, pod: kmock.Object, suffix: str, content_type: str, patch: Any, expected: Any
) -> None:
    response = await mock.patch(
        f'{POD}{suffix}', data=json.dumps(patch).encode(), headers={'Content-Type': content_type}
    )

    assert (response.status, await response.json()) == (200, expected)
    assert pod.history == [BODY, expected]
    assert await (await mock.get(POD)).json() == expected


async def test_a_patched_object_is_in_utf8_as_it_was(mock: kmock.KubernetesEmulator) -> None:
    response = await mock.patch(POD, data='{"spec":"žlutý"}'.encode())
    assert b'"spec":"\xc5\xbelut\xc3\xbd"' in await response.read()


async def test_every_write_is_an_event_also_if_it_changes_nothing(
    mock: kmock.KubernetesEmulator, pod: kmock.Object
) -> None:
    events: list[Event] = []
    mock.objects.store.subscribe(events.append)
    await mock.patch(POD, json={})
    await mock.put(POD, json=BODY)
    assert [event.type for event in events] == ['MODIFIED', 'MODIFIED']
    assert pod.history == [BODY, BODY, BODY]


async def test_what_a_test_has_taken_is_not_changed_by_clients(
    mock: kmock.KubernetesEmulator, pod: kmock.Object
) -> None:
    version = pod.last
    assert version is not None
    raw = pod.raw
    await mock.patch(POD, json={'spec': {'y': {'z': 2}}})
    assert version == BODY
    assert raw == BODY
    assert pod['spec']['y']['z'] == 2


# ---- Namespaces, and objects of the cluster. ----


async def test_namespaces_are_objects_too(mock: kmock.KubernetesEmulator) -> None:
    body = {'metadata': {'name': 'ns1'}, 'spec': {'finalizers': ['kubernetes']}}
    assert (await mock.post('/api/v1/namespaces', json=body)).status == 200
    assert await (await mock.get('/api/v1/namespaces/ns1')).json() == body
    assert (await (await mock.get('/api/v1/namespaces')).json())['items'] == [body]
    await mock.put('/api/v1/namespaces/ns1/status', json={'status': {'phase': 'Active'}})
    await mock.put('/api/v1/namespaces/ns1/finalize', json={'spec': {'finalizers': []}})
    await mock.patch('/api/v1/namespaces/ns1', json={'metadata': {'labels': {'a': 'b'}}})
    assert await (await mock.get('/api/v1/namespaces/ns1/status')).json() == {
        'metadata': {'name': 'ns1', 'labels': {'a': 'b'}},
        'spec': {'finalizers': []},
        'status': {'phase': 'Active'},
    }
    await mock.delete('/api/v1/namespaces/ns1')
    namespace = mock.objects['v1/namespaces', None, 'ns1']
    assert (namespace.deleted, len(namespace.history)) == (True, 5)


async def test_deleting_a_namespace_leaves_what_is_in_it(mock: kmock.KubernetesEmulator, pod: kmock.Object) -> None:
    await mock.post('/api/v1/namespaces', json={'metadata': {'name': 'ns1'}})
    await mock.delete('/api/v1/namespaces/ns1')
    assert pod == BODY  # nothing happens by itself in an emulator


async def test_objects_of_the_cluster_have_no_namespace(mock: kmock.KubernetesEmulator) -> None:
    await mock.post('/api/v1/nodes', json={'metadata': {'name': 'n'}})
    await mock.put('/api/v1/nodes/n/status', json={'status': 1})
    await mock.patch('/api/v1/nodes/n', json={'spec': 1})
    await mock.delete('/api/v1/nodes/n')
    assert len(mock.objects['v1/nodes', None, 'n'].history) == 4
