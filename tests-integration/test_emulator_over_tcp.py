"""The emulator over real connections: the very bytes of objects, and what clients make of them."""

import http.client
import json
import socket
from collections.abc import Generator
from typing import Any

import httpx
import pytest
import requests
from kubernetes import client
from kubernetes.client.exceptions import ApiException

import kmock

PODS = '/api/v1/namespaces/ns1/pods'


@pytest.fixture
def mock() -> Generator[kmock.KubernetesEmulator, None, None]:
    with kmock.serving(kmock.KubernetesEmulator) as mock:
        yield mock


@pytest.fixture
def connection(mock: kmock.KubernetesEmulator) -> Generator[http.client.HTTPConnection, None, None]:
    connection = http.client.HTTPConnection(mock.host, mock.port, timeout=10)
    yield connection
    connection.close()


def ask(
    connection: http.client.HTTPConnection,
    method: str,
    target: str,
    body: bytes | None = None,
    content_type: str | None = 'application/json',
) -> tuple[int, bytes]:
    headers = {} if content_type is None or body is None else {'Content-Type': content_type}
    connection.request(method, target, body, headers)
    response = connection.getresponse()
    return response.status, response.read()


def watch_line(mock: kmock.KubernetesEmulator, target: str) -> bytes:
    with socket.create_connection((mock.host, mock.port), timeout=10) as wire:
        wire.sendall(f'GET {target}?watch=true HTTP/1.1\r\nHost: x\r\n\r\n'.encode())
        response = http.client.HTTPResponse(wire)
        response.begin()
        return response.readline()


BODIES = [
    b'{"metadata":{"name":"a"},"spec":"\xc5\xbe \xf0\x9f\x98\x80 \xe2\x80\xa8"}',
    b'{"spec":"\\ud800","metadata":{"name":"a"}}',
    b'{"metadata":{"name":"a"},"n":[1.0,1E+2,-0,123456789012345678901234567890]}',
    b'{"metadata":{"name":"x"},"metadata":{"name":"a"}}',
    b'{ "metadata" : {\t"name":"a"} }',
]


@pytest.mark.parametrize('body', BODIES)
def test_the_bytes_of_an_object_come_back_as_they_were_sent(
    mock: kmock.KubernetesEmulator, connection: http.client.HTTPConnection, body: bytes
) -> None:
    assert ask(connection, 'POST', PODS, body) == (200, body)
    assert ask(connection, 'GET', f'{PODS}/a') == (200, body)
    status, listed = ask(connection, 'GET', PODS)
    assert (status, listed.endswith(b'"items":[%b]}' % body)) == (200, True)
    assert watch_line(mock, PODS) == b'{"type":"ADDED","object":%b}\n' % body
    assert ask(connection, 'DELETE', f'{PODS}/a') == (200, body)


@pytest.mark.parametrize('end', [b'\n', b'\r\n', b'\r'])
def test_a_file_of_many_lines_is_one_line_of_a_watch(
    mock: kmock.KubernetesEmulator, connection: http.client.HTTPConnection, end: bytes
) -> None:
    body = b'\xef\xbb\xbf' + json.dumps({'metadata': {'name': 'a'}}, indent=2).encode().replace(b'\n', end) + end
    status, stored = ask(connection, 'POST', PODS, body)
    assert (status, len(stored.splitlines()), json.loads(stored)) == (200, 1, {'metadata': {'name': 'a'}})
    assert watch_line(mock, PODS) == b'{"type":"ADDED","object":%b}\n' % stored


def test_a_body_in_chunks_is_stored_as_a_whole(connection: http.client.HTTPConnection) -> None:
    chunks = iter([b'{"metadata":', b'{"name":"a"', b'}}'])
    connection.request('POST', PODS, chunks, encode_chunked=True)
    response = connection.getresponse()
    assert (response.status, response.read()) == (200, b'{"metadata":{"name":"a"}}')


@pytest.mark.parametrize(
    ('method', 'target', 'body', 'content_type', 'status'),
    [
        ('POST', PODS, b'', 'application/json', 400),
        ('POST', PODS, b'\x00\xff', 'application/json', 400),
        ('POST', PODS, b'{"metadata":{"name":"a/b"}}', None, 422),
        ('POST', PODS, b'metadata: {name: x}', 'application/yaml', 415),
        ('POST', PODS, b'[' * 1_000_000, None, 400),
        ('POST', PODS, b'{"metadata":{"name":"a"}}', None, 409),
        ('PUT', f'{PODS}/nosuch', b'{}', None, 404),
        ('PATCH', f'{PODS}/a', b'[{"op":"test","path":"/x","value":1}]', 'application/json-patch+json', 422),
        ('DELETE', f'{PODS}/a%2Fb', None, None, 404),
        ('DELETE', f'{PODS}/%00', None, None, 404),
        ('GET', f'{PODS}?limit=%FF', None, None, 400),
        ('GET', '/api/v1/nosuch', None, None, 404),
    ],
)
def test_after_an_error_the_connection_serves_on(
    mock: kmock.KubernetesEmulator,
    connection: http.client.HTTPConnection,
    method: str,
    target: str,
    body: bytes | None,
    content_type: str | None,
    status: int,
) -> None:
    stored = b'{"metadata":{"name":"a"}}'
    ask(connection, 'POST', PODS, stored)
    connected = connection.sock

    answered, told = ask(connection, method, target, body, content_type)

    assert (answered, json.loads(told)['kind'], json.loads(told)['code']) == (status, 'Status', status)
    assert ask(connection, 'GET', f'{PODS}/a') == (200, stored)
    assert connection.sock is connected
    assert len(mock.objects) == 1


def test_head_tells_the_length_of_what_get_sends(connection: http.client.HTTPConnection) -> None:
    ask(connection, 'POST', PODS, b'{"metadata":{"name":"a"}}')
    for target in (PODS, f'{PODS}/a', f'{PODS}/nosuch'):
        status, got = ask(connection, 'GET', target)
        connection.request('HEAD', target)
        response = connection.getresponse()
        assert (response.status, response.headers['Content-Length']) == (status, str(len(got)))
        assert response.read() == b''


def test_a_client_that_leaves_in_the_middle_of_a_body_stores_nothing(mock: kmock.KubernetesEmulator) -> None:
    with socket.create_connection((mock.host, mock.port), timeout=10) as wire:
        wire.sendall(f'POST {PODS} HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{{"metadata":'.encode())
    assert requests.get(str(mock.url.with_path(PODS)), timeout=10).status_code == 404
    assert len(mock.objects) == 0


def test_names_with_slashes_and_percent_signs_are_found_by_encoding_clients(mock: kmock.KubernetesEmulator) -> None:
    base = str(mock.url).rstrip('/')
    mock.objects['v1/pods', 'ns1', 'a/b'] = {'spec': 1}
    mock.objects['v1/pods', 'ns1', '50%'] = {'spec': 2}
    assert requests.get(f'{base}{PODS}/a%2Fb', timeout=10).json() == {'spec': 1}
    assert httpx.get(f'{base}{PODS}/a%2Fb').json() == {'spec': 1}
    assert requests.get(f'{base}{PODS}/50%25', timeout=10).json() == {'spec': 2}
    assert httpx.get(f'{base}{PODS}/50%25/status').json() == {'spec': 2}


def test_the_official_client_works_with_objects(mock: kmock.KubernetesEmulator) -> None:
    with client.ApiClient(client.Configuration(host=str(mock.url).rstrip('/'))) as api:
        core: Any = client.CoreV1Api(api)
        body = client.V1ConfigMap(metadata=client.V1ObjectMeta(name='a', finalizers=['x/y']), data={'k': 'v'})

        core.create_namespaced_config_map('ns1', body)
        core.patch_namespaced_config_map('a', 'ns1', {'data': {'l': 'w'}})
        core.create_namespaced_config_map('ns2', client.V1ConfigMap(metadata=client.V1ObjectMeta(generate_name='g-')))

        assert core.read_namespaced_config_map('a', 'ns1').data == {'k': 'v', 'l': 'w'}
        assert [item.metadata.name[:2] for item in core.list_config_map_for_all_namespaces().items] == ['a', 'g-']
        page: Any = core.list_config_map_for_all_namespaces(limit=1)
        assert (len(page.items), page.metadata.remaining_item_count) == (1, 1)
        rest = core.list_config_map_for_all_namespaces(limit=1, _continue=page.metadata._continue)
        assert ([item.metadata.name[:2] for item in rest.items], rest.metadata._continue) == (['g-'], None)
        core.delete_namespaced_config_map('a', 'ns1')
        assert core.read_namespaced_config_map('a', 'ns1').metadata.deletion_timestamp is not None
        marked = core.read_namespaced_config_map('a', 'ns1')
        marked.metadata.finalizers = []
        core.replace_namespaced_config_map('a', 'ns1', marked)
        assert core.list_namespaced_config_map('ns1').items == []
    assert mock.errors == []


def test_the_official_client_is_told_of_errors(mock: kmock.KubernetesEmulator) -> None:
    with client.ApiClient(client.Configuration(host=str(mock.url).rstrip('/'))) as api:
        core: Any = client.CoreV1Api(api)
        core.create_namespaced_config_map('ns1', {'metadata': {'name': 'a'}})
        with pytest.raises(ApiException, match='Object Already Exists'):
            core.create_namespaced_config_map('ns1', {'metadata': {'name': 'a'}})
        with pytest.raises(ApiException, match='Object Not Found'):
            core.read_namespaced_config_map('nosuch', 'ns1')
        with pytest.raises(ApiException, match='name or generateName is required'):
            core.create_namespaced_config_map('ns1', {'metadata': {}})
    assert mock.errors == []
