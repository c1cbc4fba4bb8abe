"""What is wrong is answered by a ``Status`` that says so; nothing happens, and the server serves on."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

import kmock
from kmock_k8s.store.states import Event

PODS = '/api/v1/namespaces/ns1/pods'
POD = f'{PODS}/pod1'
BODY = b'{"metadata":{"name":"pod1"},"spec":{"x":[1]}}'
JSON = 'application/json'


@pytest.fixture
async def mock() -> AsyncIterator[kmock.KubernetesEmulator]:
    async with kmock.KubernetesEmulator() as mock:
        response = await mock.post(PODS, data=BODY)
        assert response.status == 200
        yield mock


@pytest.fixture
def events(mock: kmock.KubernetesEmulator) -> list[Event]:
    events: list[Event] = []
    mock.objects.store.subscribe(events.append)
    return events


BODIES = {
    'empty': (b'', 400, 'BadRequest', 'empty'),
    'no-json': (b'metadata: {name: x}', 400, 'BadRequest', 'no JSON: Expecting value'),
    'half-json': (b'{"metadata":{"name":"x"}', 400, 'BadRequest', 'no JSON'),
    'two-jsons': (b'{"metadata":{"name":"x"}} {}', 400, 'BadRequest', 'no JSON: Extra data'),
    'no-utf8': (b'{"metadata":{"name":"\xff"}}', 400, 'BadRequest', 'no UTF-8: byte 21 is 0xff'),
    'utf16': ('{"metadata":{"name":"x"}}'.encode('utf-16'), 400, 'BadRequest', 'no UTF-8'),
    'surrogates-in-utf8': (b'{"metadata":{"name":"\xed\xa0\x80"}}', 400, 'BadRequest', 'no UTF-8'),
    'nan': (b'{"metadata":{"name":"x"},"spec":NaN}', 400, 'BadRequest', 'JSON has no NaN'),
    'infinity': (b'{"metadata":{"name":"x"},"spec":[-Infinity]}', 400, 'BadRequest', 'JSON has no -Infinity'),
    'too-big': (b'{"metadata":{"name":"x"},"spec":-1e999}', 400, 'BadRequest', '-1e999 is too big a number'),
    'too-many-digits': (b'{"metadata":{"name":"x"},"spec":' + b'9' * 5000 + b'}', 400, 'BadRequest', '4300 digits'),
    'too-deep': (b'{"metadata":{"name":"x"},"spec":' + b'[' * 100_000, 400, 'BadRequest', 'nested too deep'),
    'line-in-text': (b'{"metadata":{"name":"a\nb"}}', 400, 'BadRequest', 'control character'),
}

OBJECTS = {
    'list': (b'[]', 422, 'Invalid', 'not a list'),
    'text': (b'"pod"', 422, 'Invalid', 'not a text'),
    'number': (b'5', 422, 'Invalid', 'not a number'),
    'boolean': (b'true', 422, 'Invalid', 'not a boolean'),
    'null': (b'null', 422, 'Invalid', 'not null'),
    'metadata-list': (b'{"metadata":[]}', 422, 'Invalid', 'metadata: Invalid value: it is an object, not a list'),
    'name-number': (b'{"metadata":{"name":5}}', 422, 'Invalid', 'metadata.name: Invalid value: it is a text'),
    'name-slash': (b'{"metadata":{"name":"a/b"}}', 422, 'Invalid', 'metadata.name: Invalid value: "a/b"'),
    'name-escaped-slash': (b'{"metadata":{"name":"a\\u002fb"}}', 422, 'Invalid', "may not contain '/'"),
    'name-percent': (b'{"metadata":{"name":"a%2Fb"}}', 422, 'Invalid', "may not contain '%'"),
    'name-dots': (b'{"metadata":{"name":".."}}', 422, 'Invalid', "may not be '..'"),
    'namespace-slash': (b'{"metadata":{"name":"x","namespace":"a/b"}}', 422, 'Invalid', 'metadata.namespace'),
    'namespace-object': (b'{"metadata":{"name":"x","namespace":{}}}', 422, 'Invalid', 'not an object'),
    'finalizers-text': (b'{"metadata":{"name":"x","finalizers":"f"}}', 422, 'Invalid', 'metadata.finalizers'),
}

NAMELESS = {
    'no-metadata': (b'{}', 422, 'Invalid', 'metadata.name: Required value: name or generateName'),
    'null-metadata': (b'{"metadata":null}', 422, 'Invalid', 'metadata.name: Required value'),
    'no-name': (b'{"metadata":{"namespace":"ns1"}}', 422, 'Invalid', 'metadata.name: Required value'),
    'null-name': (b'{"metadata":{"name":null}}', 422, 'Invalid', 'metadata.name: Required value'),
    'empty-name': (b'{"metadata":{"name":"","generateName":""}}', 422, 'Invalid', 'metadata.name: Required value'),
    'generate-name-list': (b'{"metadata":{"generateName":[]}}', 422, 'Invalid', 'metadata.generateName'),
    'generate-name-slash': (b'{"metadata":{"generateName":"a/"}}', 422, 'Invalid', "may not contain '/'"),
}

PATCHES = {
    'no-patch': (b'5', 400, 'BadRequest', 'cannot unmarshal number'),
    'null-patch': (b'null', 400, 'BadRequest', 'cannot unmarshal null'),
    'name-slash': (b'{"metadata":{"name":"a/b"}}', 422, 'Invalid', "may not contain '/'"),
    'metadata-text': (b'{"metadata":"x"}', 422, 'Invalid', 'metadata: Invalid value: it is an object, not a text'),
    'finalizers-object': (b'{"metadata":{"finalizers":{}}}', 422, 'Invalid', 'it is a list, not an object'),
    'no-operation': (b'[5]', 400, 'BadRequest', 'operation 0 has to be an object'),
    'half-way': (
        b'[{"op":"add","path":"/spec/y","value":2},{"op":"remove","path":"/spec/z"}]',
        422, 'Invalid', 'operation 1 (remove /spec/z)',
    ),
    'failed-test': (
        b'[{"op":"replace","path":"/spec","value":2},{"op":"test","path":"/spec","value":3}]',
        422, 'Invalid', 'operation 1 (test /spec): it is 2, not 3',
    ),
    'no-object-left': (b'[{"op":"replace","path":"","value":[]}]', 422, 'Invalid', 'the object became array'),
    'metadata-replaced': (b'[{"op":"replace","path":"/metadata","value":5}]', 422, 'Invalid', 'metadata: Invalid'),
}  # fmt: skip

CASES: list[Any] = [
    *(pytest.param('POST', PODS, *case, id=f'create-{name}') for name, case in (BODIES | OBJECTS | NAMELESS).items()),
    *(pytest.param('PUT', POD, *case, id=f'replace-{name}') for name, case in (BODIES | OBJECTS).items()),
    *(pytest.param('PATCH', POD, *case, id=f'patch-{name}') for name, case in (BODIES | PATCHES).items()),
    pytest.param('POST', PODS, BODY, 409, 'Object Already Exists', 'v1/pods ns1/pod1 exists already', id='duplicate'),
    pytest.param('PUT', f'{POD}/status', b'{"spec":{}}', 422, 'Invalid', 'status: Required value', id='no-status'),
    pytest.param('PUT', f'{POD}/scale', b'{"spec":5}', 422, 'Invalid', 'spec: Invalid value', id='odd-scale'),
    pytest.param('DELETE', f'{PODS}?labelSelector=a===b', b'', 400, 'BadRequest', 'unable to parse', id='labels'),
    pytest.param('DELETE', f'{PODS}?fieldSelector=x', b'', 400, 'BadRequest', "invalid selector: 'x'", id='fields'),
]


@pytest.mark.parametrize(('method', 'url', 'body', 'status', 'reason', 'message'), CASES)
async def test_what_is_wrong_is_said_and_nothing_happens(
    mock: kmock.KubernetesEmulator,
    events: list[Event],
    method: str,
    url: str,
    body: bytes,
    status: int,
    reason: str,
    message: str,
) -> None:
    store = mock.objects.store
    revision = store.revision

    response = await mock.request(method, url, data=body, headers={'Content-Type': JSON})

    told = await response.json()
    assert message in told.pop('message')
    told.pop('details', None)
    assert told == {
        'apiVersion': 'v1',
        'kind': 'Status',
        'metadata': {},
        'status': 'Failure',
        'reason': reason,
        'code': status,
    }
    assert (response.status, response.headers['Content-Type']) == (status, JSON)
    assert (events, store.revision, list(mock.objects)) == ([], revision, [('v1/pods', 'ns1', 'pod1')])
    assert mock.objects['v1/pods', 'ns1', 'pod1'].history == [{'metadata': {'name': 'pod1'}, 'spec': {'x': [1]}}]
    assert (mock.errors, mock.unmatched) == ([], [])
    assert await (await mock.get(POD)).read() == BODY


@pytest.mark.parametrize(
    ('method', 'suffix'),
    [('GET', ''), ('GET', '/status'), ('PUT', ''), ('PUT', '/status'), ('PATCH', ''), ('PATCH', '/x'), ('DELETE', '')],
)
@pytest.mark.parametrize('name', ['nosuch', 'a%2Fb', 'a%25b', '%C3%A9', '%ff', '..', '%2e%2e', '%'])
async def test_an_object_that_does_not_exist_is_not_found(
    mock: kmock.KubernetesEmulator, events: list[Event], method: str, suffix: str, name: str
) -> None:
    response = await mock.request(method, f'{PODS}/{name}{suffix}', data=b'{"status":{}}')

    told = await response.json()
    assert (response.status, told['reason'], told['details']['kind']) == (404, 'Object Not Found', 'pods')
    assert told['details']['name'] == mock[-1].name
    assert f"Add it as: kmock.objects['v1/pods', 'ns1', {mock[-1].name!r}] = {{…}}" in told['message']
    assert (mock.errors, mock.unmatched, events, len(mock.objects)) == ([], [], [], 1)


async def test_a_deleted_object_is_not_found(mock: kmock.KubernetesEmulator) -> None:
    await mock.delete(POD)
    for method in ('GET', 'PUT', 'PATCH', 'DELETE'):
        response = await mock.request(method, POD, data=b'{}')
        assert (response.status, (await response.json())['reason']) == (404, 'Object Not Found')
    assert len(mock.objects['v1/pods', 'ns1', 'pod1'].history) == 2


@pytest.mark.parametrize(
    ('url', 'message'),
    [
        (f'{PODS}/nosuch', 'v1/pods ns1/nosuch does not exist. Add it as:'),
        (f'{PODS}/gone', 'v1/pods ns1/gone was deleted. Add it as:'),
        ('/api/v1/pods/pod1', 'v1/pods pod1 does not exist, but there is v1/pods ns1/pod1. Add it as:'),
        (
            f'{PODS}/stray',
            'v1/pods ns1/stray does not exist, but there is v1/pods stray, v1/pods ns2/stray. Add it as:',
        ),
    ],
)
async def test_what_is_not_found_is_told_of_where_it_is_instead(
    mock: kmock.KubernetesEmulator, url: str, message: str
) -> None:
    mock.objects['v1/pods', 'ns1', 'gone'] = [{}, None]
    mock.objects['v1/pods', None, 'stray'] = {}
    mock.objects['v1/pods', 'ns2', 'stray'] = {}
    for method in ('GET', 'DELETE'):
        assert message in (await (await mock.request(method, url)).json())['message']


async def test_the_body_of_a_deletion_does_not_matter(mock: kmock.KubernetesEmulator) -> None:
    response = await mock.delete(POD, data=b'\xff[', headers={'Content-Type': 'application/yaml'})
    assert response.status == 200
    assert mock.objects['v1/pods', 'ns1', 'pod1'].deleted


UNKNOWN_TYPES = ['application/yaml', 'application/vnd.kubernetes.protobuf', 'text/plain; charset=utf-8', 'nonsense']


@pytest.mark.parametrize('content_type', UNKNOWN_TYPES)
@pytest.mark.parametrize('body', [b'{"metadata":{"name":"x"}}', b'metadata: {name: x}', b'\xff'])
@pytest.mark.parametrize(('method', 'url'), [('POST', PODS), ('PUT', POD), ('PATCH', POD)])
async def test_unknown_content_types_are_refused_whatever_is_in_the_body(
    mock: kmock.KubernetesEmulator, events: list[Event], method: str, url: str, body: bytes, content_type: str
) -> None:
    response = await mock.request(method, url, data=body, headers={'Content-Type': content_type})

    told = await response.json()
    assert (response.status, told['reason']) == (415, 'UnsupportedMediaType')
    assert content_type.partition(';')[0] in told['message']
    assert 'accepted media types include: application/json' in told['message']
    assert (mock.errors, events) == ([], [])


@pytest.mark.parametrize('content_type', ['application/json-patch+json', 'application/merge-patch+json'])
@pytest.mark.parametrize(('method', 'url'), [('POST', PODS), ('PUT', POD)])
async def test_patches_are_no_objects_to_create_or_to_replace(
    mock: kmock.KubernetesEmulator, events: list[Event], method: str, url: str, content_type: str
) -> None:
    body = b'{"metadata":{"name":"x"}}'
    response = await mock.request(method, url, data=body, headers={'Content-Type': content_type})
    assert (response.status, events) == (415, [])


@pytest.mark.parametrize(
    ('method', 'url'),
    [
        ('POST', POD),
        ('POST', f'{POD}/eviction'),
        ('PUT', PODS),
        ('PATCH', PODS),
        ('DELETE', f'{POD}/status'),
        ('OPTIONS', PODS),
        ('PURGE', POD),
        ('GET', '/elsewhere'),
        ('POST', '/version'),
        ('DELETE', '/apis'),
    ],
)
async def test_what_nothing_is_for_is_an_error_of_the_test(
    mock: kmock.KubernetesEmulator, events: list[Event], method: str, url: str
) -> None:
    mock['get /elsewhere/else'] << 200

    response = await mock.request(method, url, data=b'{"metadata":{"name":"x"}}')

    told = await response.json()
    assert (response.status, told['code'], told['reason']) == (404, 404, 'Endpoint Not Found')
    assert f'No rule answers {method} {url}' in told['message']
    assert "!= '/elsewhere/else'" in told['message']  # what the nearest rule misses
    assert 'test_bad_input.py:' in told['message']  # and where it is
    assert [str(error) for error in mock.errors] == [told['message']]
    assert (mock.unmatched, events) == ([mock[-1]], [])


@pytest.mark.parametrize('method', ['GET', 'DELETE'])
@pytest.mark.parametrize('url', ['/apis/kopf.dev/v1/kexes', '/apis/kopf.dev/v1/namespaces/ns1/kexes'])
async def test_collections_of_unknown_resources_say_how_to_declare_them(
    mock: kmock.KubernetesEmulator, method: str, url: str
) -> None:
    response = await mock.request(method, url)

    told = await response.json()
    assert (response.status, told['reason']) == (404, 'Resource Not Found')
    assert (
        "kopf.dev/v1/kexes is not declared. Declare it, e.g. as: kmock.resources['kopf.dev/v1/kexes'] = {}"
        in (told['message'])
    )
    assert f'No rule answers {method} {url}' in told['message']
    assert (len(mock.errors), mock.unmatched) == (1, [mock[-1]])

    mock.resources['kopf.dev/v1/kexes'] = {}
    assert (await mock.request(method, url)).status == 200


async def test_a_failed_creation_makes_no_resource_known(mock: kmock.KubernetesEmulator) -> None:
    await mock.post('/apis/kopf.dev/v1/kexes', json={})
    assert (await mock.get('/apis/kopf.dev/v1/kexes')).status == 404


async def test_an_object_as_deep_as_can_be_stored_is_either_served_or_refused_by_all(
    mock: kmock.KubernetesEmulator,
) -> None:
    statuses: set[int] = set()
    for depth in (*range(600, 1000, 7), 100_000):  # how deep is too deep depends on the version of Python
        name = f'deep{depth}'
        body = b'{"metadata":{"name":"%b"},"spec":%b%b}' % (name.encode(), b'[' * depth, b']' * depth)
        created = await mock.post(PODS, data=body)
        results = [created.status]
        if created.status == 200:
            url = f'{PODS}/{name}'
            for method, target, data in (
                ('GET', url, b''),
                ('PATCH', url, b'{"metadata":{"finalizers":["f"]}}'),
                ('PUT', f'{url}/status', b'{"status":{}}'),
                ('DELETE', url, b''),
            ):
                results.append((await mock.request(method, target, data=data)).status)
        statuses.update(results)
    assert (statuses, mock.errors) == ({200, 400}, [])
