"""CREATE: what is stored is what was sent, and nothing is added."""

import json
import re
from collections.abc import AsyncIterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import kmock
from kmock_k8s.store.states import Event

PODS = '/api/v1/namespaces/ns1/pods'


@pytest.fixture
async def mock() -> AsyncIterator[kmock.KubernetesEmulator]:
    async with kmock.KubernetesEmulator() as mock:
        yield mock


async def watched_line(mock: kmock.KubernetesEmulator, url: str) -> bytes:
    response = await mock.get(f'{url}?watch=true&timeoutSeconds=3600')
    line: bytes = await response.content.readline()
    response.close()
    return line


@pytest.mark.parametrize(
    ('sent', 'served'),
    [
        (b'{"metadata":{"name":"a"}}', None),
        (b'{ "spec" : { "b":1 , "a":2 } ,\t"metadata":{"name":"a"} }', None),
        (b' \t{"metadata":{"name":"a"}}\t ', b'{"metadata":{"name":"a"}}'),
        (b'\r\n{"metadata":\r\n\t{"name":"a"}\n}\n', b'{"metadata":  \t{"name":"a"} }'),
        (b'\xef\xbb\xbf{"metadata":{"name":"a"}}', b'{"metadata":{"name":"a"}}'),
        ('{"metadata":{"name":"a"},"spec":"žluťoučký 😀 \u2028 \x85 \ufeff"}'.encode(), None),
        (b'{"metadata":{"name":"a"},"spec":"\\u017e \\ud83d\\ude00 \\n\\/\\u0000"}', None),
        (b'{"metadata":{"name":"a"},"spec":"\\ud800 \\udc00\\ud800"}', None),
        (b'{"metadata":{"name":"a"},"\\udfff":{"\\ud800":[]}}', None),
        (b'{"metadata":{"name":"a"},"spec":[1e2,1.50,-0,-0.0,1E+2,0.1000000000000000055511151231257827]}', None),
        (b'{"metadata":{"name":"a"},"spec":%b}' % (b'123456789' * 100), None),
        (b'{"metadata":{"name":"b"},"metadata":{"name":"a"},"spec":1,"spec":2}', None),
        (b'{"metadata":{"name":"\\u0061"}}', None),
        (b'{"metadata":{"name":"a"},"spec":null,"status":{},"items":[],"":""}', None),
        (b'{"metadata":{"name":"a","uid":5,"resourceVersion":"x","labels":"?","generation":[]}}', None),
    ],
)
async def test_what_is_served_is_what_was_sent_on_one_line(
    mock: kmock.KubernetesEmulator, sent: bytes, served: bytes | None
) -> None:
    served = sent if served is None else served
    assert json.loads(served) == json.loads(sent.decode('utf-8-sig'))  # the very same values

    created = await mock.post(PODS, data=sent)
    fetched = await mock.get(f'{PODS}/a')
    listed = await mock.get(PODS)

    assert (created.status, created.headers['Content-Type']) == (200, 'application/json')
    assert (fetched.status, fetched.headers['Content-Type']) == (200, 'application/json')
    assert (listed.status, listed.headers['Content-Type']) == (200, 'application/json')
    assert await created.read() == await fetched.read() == served
    assert (await listed.read()).endswith(b',"items":[%b]}' % served)
    assert await watched_line(mock, PODS) == b'{"type":"ADDED","object":%b}\n' % served
    assert mock.objects['v1/pods', 'ns1', 'a'].raw == json.loads(served)
    assert mock.errors == []


texts = st.text(st.characters(exclude_characters='/%', exclude_categories=[]), max_size=5)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=10,
)


@given(values, st.sampled_from([None, 1, '\t', '\r\n']), st.booleans())
async def test_any_values_are_kept_as_they_were_sent(value: Any, indent: Any, ascii_only: bool) -> None:
    content = {'metadata': {'name': 'a'}, 'spec': value}
    text = json.dumps(content, indent=indent, ensure_ascii=ascii_only)
    try:
        sent = text.encode('utf-8')
    except UnicodeEncodeError:  # halves of surrogate pairs have to be escaped
        sent = json.dumps(content, indent=indent).encode('ascii')
    async with kmock.KubernetesEmulator() as mock:
        await mock.post(PODS, data=sent)
        fetched = await (await mock.get(f'{PODS}/a')).read()
        listed = await (await mock.get(PODS)).json()

    assert repr(json.loads(fetched)) == repr(content)  # the order of keys too, and 1.0 is not 1
    assert repr(listed['items']) == repr([content])
    assert fetched.splitlines() == [fetched]


@pytest.mark.parametrize(
    'content_type', [None, 'application/json', 'Application/JSON; charset=utf-8', '*/*', 'application/octet-stream']
)
async def test_json_is_expected_whether_or_not_it_is_said(
    mock: kmock.KubernetesEmulator, content_type: str | None
) -> None:
    headers = {} if content_type is None else {'Content-Type': content_type}
    response = await mock.post(PODS, data=b'{"metadata":{"name":"a"}}', headers=headers)
    assert response.status == 200


@pytest.mark.parametrize(
    ('url', 'namespace', 'expected'),
    [
        ('/api/v1/namespaces/ns1/pods', None, 'ns1'),
        ('/api/v1/namespaces/ns1/pods', 'ns2', 'ns1'),
        ('/api/v1/pods', 'ns2', 'ns2'),
        ('/api/v1/pods', '', None),
        ('/api/v1/pods', None, None),
        ('/apis/kopf.dev/v1/kexes', 'ns2', 'ns2'),
        ('/apis/kopf.dev/v1/kexes/', None, None),
        ('/api/v1/nodes', 'ns2', None),  # or else its own URL would not find it
        ('/api/v1/namespaces', 'ns2', None),
    ],
)
async def test_the_namespace_is_that_of_the_url_or_else_of_the_object(
    mock: kmock.KubernetesEmulator, url: str, namespace: str | None, expected: str | None
) -> None:
    body = {'metadata': {'namespace': namespace, 'name': 'x'}}

    response = await mock.post(url, json=body)

    assert await response.json() == body  # even if it contradicts the URL
    assert [key[1:] for key in mock.objects] == [(expected, 'x')]


async def test_resources_that_are_declared_as_those_of_the_cluster_have_no_namespaces(
    mock: kmock.KubernetesEmulator,
) -> None:
    mock.resources['kopf.dev/v1/peerings'] = {'namespaced': False}
    await mock.post('/apis/kopf.dev/v1/peerings', json={'metadata': {'namespace': 'ns1', 'name': 'x'}})
    assert (await mock.get('/apis/kopf.dev/v1/peerings/x')).status == 200


async def test_creating_makes_the_resource_known(mock: kmock.KubernetesEmulator) -> None:
    assert (await mock.get('/apis/kopf.dev/v1/kexes')).status == 404
    await mock.post('/apis/kopf.dev/v1/kexes', json={'metadata': {'name': 'x'}})
    assert (await mock.get('/apis/kopf.dev/v1/kexes')).status == 200
    discovered = await (await mock.get('/apis/kopf.dev/v1')).json()
    assert [one['name'] for one in discovered['resources']] == ['kexes']
    assert len(mock.resources) == 0  # it is not declared thereby


@pytest.mark.parametrize('name', [{}, {'name': ''}, {'name': None}])
async def test_a_name_is_generated_and_nothing_else(mock: kmock.KubernetesEmulator, name: dict[str, Any]) -> None:
    body = {'spec': {'x': '\ud800'}, 'metadata': {'generateName': 'pod-', **name}}

    created = await (await mock.post(PODS, json=body)).json()

    assert re.fullmatch(r'pod-[bcdfghjklmnpqrstvwxz2456789]{5}', created['metadata']['name'])
    assert created == {**body, 'metadata': {'generateName': 'pod-', 'name': created['metadata']['name']}}
    assert mock.objects['v1/pods', 'ns1', created['metadata']['name']] == created


async def test_generated_names_differ(mock: kmock.KubernetesEmulator) -> None:
    for _ in range(20):
        await mock.post(PODS, json={'metadata': {'generateName': 'pod-'}})
    assert len(mock.objects) == 20


async def test_a_given_name_wins_over_a_generated_one(mock: kmock.KubernetesEmulator) -> None:
    body = b'{"metadata":{"generateName":"pod-", "name":"x"}}'
    assert await (await mock.post(PODS, data=body)).read() == body


async def test_long_bases_of_names_are_cut(mock: kmock.KubernetesEmulator) -> None:
    created = await (await mock.post(PODS, json={'metadata': {'generateName': 'x' * 300}})).json()
    assert len(created['metadata']['name']) == 63


async def test_after_a_deletion_the_history_goes_on(mock: kmock.KubernetesEmulator) -> None:
    first, second = ({'metadata': {'name': 'x'}, 'spec': number} for number in (1, 2))
    await mock.post(PODS, json=first)
    await mock.delete(f'{PODS}/x')
    await mock.post(PODS, json=second)
    assert mock.objects['v1/pods', 'ns1', 'x'].history == [first, None, second]


async def test_an_object_that_is_being_deleted_exists_yet(mock: kmock.KubernetesEmulator) -> None:
    body = {'metadata': {'name': 'x', 'finalizers': ['f']}}
    await mock.post(PODS, json=body)
    await mock.delete(f'{PODS}/x')
    assert (await mock.post(PODS, json=body)).status == 409


async def test_an_object_that_is_created_as_one_to_be_deleted_goes_at_once(mock: kmock.KubernetesEmulator) -> None:
    events: list[Event] = []
    mock.objects.store.subscribe(events.append)
    body = {'metadata': {'name': 'x', 'deletionTimestamp': '2026-01-01T00:00:00Z'}}

    response = await mock.post(PODS, json=body)

    assert (response.status, await response.json()) == (200, body)
    assert mock.objects['v1/pods', 'ns1', 'x'].history == [body, None]
    assert [event.type for event in events] == ['ADDED', 'DELETED']


async def test_the_status_of_a_conflict_says_what_it_is_about(mock: kmock.KubernetesEmulator) -> None:
    url = '/apis/kopf.dev/v1/namespaces/ns1/kexes'
    await mock.post(url, json={'metadata': {'name': 'x'}})

    told = await (await mock.post(url, json={'metadata': {'name': 'x'}, 'spec': 5})).json()

    assert told['details'] == {'name': 'x', 'group': 'kopf.dev', 'kind': 'kexes'}
    assert 'kopf.dev/v1/kexes ns1/x exists already' in told['message']
    assert (await mock.get(f'{url}/x')).status == 200
