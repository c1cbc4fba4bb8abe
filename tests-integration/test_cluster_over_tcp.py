"""The cluster over real connections, and whatever bytes come on them: each request is answered, and none breaks it."""

import http.client
import json
import logging
import re
import socket
from collections.abc import Generator, Sequence
from typing import Any

import pytest
from aiohttp.http_exceptions import HttpProcessingError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import kmock

NAMESPACED = '/api/v1/namespaces/default'
CONFIGMAPS = f'{NAMESPACED}/configmaps'
TIMEOUT = 20.0
KNOWN_500 = (
    b'resourceVersion should not be set on objects to be created',
    b'strconv.ParseUint',
    b'failed to create typed patch object',
    b'merge key',
    b'list element types are not identical',
)
"""Of what a real server says that it is its own fault."""

_ANSWERS = re.compile(rb'HTTP/1\.[01] (\d{3}) ')


@pytest.fixture(scope='module')
def cluster() -> Generator[kmock.KubernetesCluster, None, None]:
    with kmock.serving(kmock.KubernetesCluster) as cluster:
        cluster.objects['v1/configmaps', 'default', 'a'] = {'data': {'k': 'v'}}
        yield cluster


def converse(cluster: kmock.KubernetesCluster, sent: bytes, *, ends: bool = True) -> bytes:
    """All that comes back for some bytes, until the server or the client is done."""
    received = b''
    with socket.create_connection((cluster.host, cluster.port), timeout=TIMEOUT) as wire:
        try:
            wire.sendall(sent)
            if ends:
                wire.shutdown(socket.SHUT_WR)
            while block := wire.recv(65_536):
                received += block
        except ConnectionError:  # it may hang up on what it does not understand
            pass
    return received


def request(method: bytes, target: bytes, headers: Sequence[tuple[bytes, bytes]], body: bytes) -> bytes:
    lines = [b'%b %b HTTP/1.1' % (method, target), b'Host: x', b'Connection: close']
    lines += [b'%b: %b' % header for header in headers]
    return b'\r\n'.join([*lines, b'', body])


def serves_on(cluster: kmock.KubernetesCluster) -> bool:
    connection = http.client.HTTPConnection(cluster.host, cluster.port, timeout=TIMEOUT)
    try:
        connection.request('GET', CONFIGMAPS)
        response = connection.getresponse()
        listed: Any = json.loads(response.read())
        return response.status == 200 and listed['kind'] == 'ConfigMapList'
    finally:
        connection.close()


def check(received: bytes) -> None:
    assert b'Traceback' not in received
    for found in _ANSWERS.finditer(received):
        code = int(found[1])
        assert 100 <= code < 500 or code == 504 or any(text in received for text in KNOWN_500), received


def is_failure(record: logging.LogRecord) -> bool:
    """Tell if something has failed, besides the parser of what is not HTTP."""
    error = record.exc_info[1] if record.exc_info else None
    return error is not None and not isinstance(error, HttpProcessingError)


methods = st.sampled_from((b'GET', b'POST', b'PUT', b'PATCH', b'DELETE', b'HEAD', b'OPTIONS', b'get', b'BREW'))
segments = st.sampled_from(
    (
        b'api',
        b'apis',
        b'v1',
        b'apps',
        b'namespaces',
        b'default',
        b'configmaps',
        b'pods',
        b'a',
        b'status',
        b'watch',
        b'..',
    )
) | st.binary(max_size=4).map(
    lambda raw: b''.join(
        b'%%%02x' % byte if byte < 33 or byte > 126 or byte in b'?#%' else bytes([byte]) for byte in raw
    )
)
paths = st.sampled_from((CONFIGMAPS.encode(), f'{CONFIGMAPS}/a'.encode(), b'/api/v1/namespaces/default')) | st.lists(
    segments, max_size=7
).map(lambda found: b'/' + b'/'.join(found))
queries = st.lists(
    st.tuples(
        st.sampled_from(
            (b'limit', b'continue', b'labelSelector', b'fieldSelector', b'resourceVersion', b'dryRun', b'fieldManager')
        ),
        st.sampled_from(
            (b'', b'1', b'-1', b'a%20in', b'%ff', b'%00', b'All', b'a=b', b'%', b'+', b'99999999999999999999')
        ),
    ).map(b'='.join),
    max_size=3,
).map(b'&'.join)
headers = st.lists(
    st.tuples(
        st.sampled_from((b'Content-Type', b'Accept', b'User-Agent', b'Content-Encoding', b'X-Any', b'Authorization')),
        st.sampled_from((
            b'application/json', b'application/yaml', b'application/merge-patch+json', b'application/json-patch+json',
            b'application/apply-patch+yaml', b'application/strategic-merge-patch+json', b'gzip', b'\xff\xfe', b'',
            b';q=x', b'a' * 4000,
        )),
    ),
    max_size=3,
)  # fmt: skip
bodies = st.one_of(
    st.binary(max_size=40),
    st.sampled_from((
        b'{}', b'null', b'[]', b'{"metadata":{"name":"b"}}', b'{"metadata":', b'[' * 100_000, b'{"a":' * 5_000,
        b'\xef\xbb\xbf{}', b'{"metadata":{"name":"\\ud800"}}', b'{"metadata":{"name":"b"},"data":{"k":1e999}}',
        b'---\n- &a [*a]\n', b'a: &x [1]\nb: *x\n', b'[{"op":"test","path":"/data/k","value":"v"}]', b'\x00' * 10,
    )),
)  # fmt: skip
requests = st.tuples(methods, paths, queries, headers, bodies)
SETTINGS = settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


@SETTINGS
@given(asked=requests)
def test_each_request_is_answered_whatever_is_in_it(
    cluster: kmock.KubernetesCluster,
    asked: tuple[bytes, bytes, bytes, list[tuple[bytes, bytes]], bytes],
) -> None:
    method, path, query, given_headers, body = asked
    length = (b'Content-Length', b'%d' % len(body))
    target = path + (b'?' + query if query else b'')
    received = converse(cluster, request(method, target, [*given_headers, length], body), ends=False)
    assert _ANSWERS.match(received)
    check(received)
    assert serves_on(cluster)


@SETTINGS
@given(sent=st.binary(max_size=60) | st.tuples(requests, st.integers(0, 200), st.binary(max_size=3)).map(
    lambda found: request(found[0][0], found[0][1], found[0][3], found[0][4])[: found[1]] + found[2]
))  # fmt: skip
def test_no_bytes_break_the_server(cluster: kmock.KubernetesCluster, sent: bytes) -> None:
    check(converse(cluster, sent))
    assert serves_on(cluster)


@pytest.mark.parametrize(
    'sent',
    [
        b'',
        b'\r\n\r\n',
        b'GET\r\n\r\n',
        b'GET / HTTP/9.9\r\n\r\n',
        b'GET /api HTTP/1.1\r\n\r\n',
        b'\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03',
        b'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
        b'GET * HTTP/1.1\r\nHost: x\r\n\r\n',
        b'GET http://x/api/v1/pods HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n',
        b'CONNECT x:1 HTTP/1.1\r\nHost: x\r\n\r\n',
        b'POST %b HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n' % CONFIGMAPS.encode(),
        b'POST %b HTTP/1.1\r\nHost: x\r\nContent-Length: 99\r\n\r\n{}' % CONFIGMAPS.encode(),
        b'POST %b HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n' % CONFIGMAPS.encode(),
        b'POST %b HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n'
        % CONFIGMAPS.encode(),
        b'GET /api/v1/pods HTTP/1.1\r\nHost: x\r\nX-Long: %b\r\n\r\n' % (b'a' * 100_000),
        b'GET /%b HTTP/1.1\r\nHost: x\r\n\r\n' % (b'a' * 100_000),
        b'GET /api/v1/pods HTTP/1.1\r\nHost: x\r\nBad Header: 1\r\n\r\n',
        b'GET /api/v1/pods HTTP/1.1\r\nHost: x\r\n\r\n' * 20,
    ],
)
def test_what_is_hardly_http_does_not_break_the_server(
    cluster: kmock.KubernetesCluster, sent: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    check(converse(cluster, sent))
    assert serves_on(cluster)
    assert not [record for record in caplog.records if is_failure(record)]


def test_a_watcher_who_leaves_without_a_word_is_forgotten(cluster: kmock.KubernetesCluster) -> None:
    with socket.create_connection((cluster.host, cluster.port), timeout=TIMEOUT) as wire:
        wire.sendall(f'GET {CONFIGMAPS}?watch=1 HTTP/1.1\r\nHost: x\r\n\r\n'.encode())
        assert wire.recv(65_536).startswith(b'HTTP/1.1 200')
    cluster.objects['v1/configmaps', 'default', 'a'] = {'data': {'k': 'w'}}
    assert serves_on(cluster)
