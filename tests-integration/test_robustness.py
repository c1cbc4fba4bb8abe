"""What a cluster does with clients that break the rules, leave in the middle of something, or read nothing.

Each of them gets a ``Status``, or a page in plain text where it has not spoken HTTP, or a clean close; the others are
served as if nothing had happened, and nothing is left behind.
"""

import asyncio
import gc
import gzip
import json
import logging
import socket
import ssl
import sys
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

import kmock
from kmock_core.testing import until

CONFIGMAPS = '/api/v1/namespaces/default/configmaps'
PATIENCE = 10.0


@pytest_asyncio.fixture
async def cluster(caplog: pytest.LogCaptureFixture) -> AsyncGenerator[kmock.KubernetesCluster]:
    """A cluster that is well afterwards: it serves, has collected no error, and has logged none."""
    async with kmock.KubernetesCluster() as cluster, kmock.Server(cluster):
        yield cluster
        assert await say(cluster, request('GET', '/readyz')) == (200, b'ok')
        assert cluster.errors == []
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


def request(method: str, target: str, body: bytes = b'', *lines: str) -> bytes:
    length = [f'Content-Length: {len(body)}'] if body else []
    head = [f'{method} {target} HTTP/1.1', 'Host: x', 'Connection: close', *length, *lines, '', '']
    return '\r\n'.join(head).encode() + body


async def dial(cluster: kmock.KubernetesCluster) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    return await asyncio.open_connection(cluster.url.host, cluster.url.port)


async def say(cluster: kmock.KubernetesCluster, *parts: bytes) -> tuple[int, bytes]:
    """Send something, perhaps in parts; the status and the body of what is answered before the connection is closed."""
    reader, writer = await dial(cluster)
    try:
        async with asyncio.timeout(PATIENCE):
            for part in parts:
                writer.write(part)
                await writer.drain()
                await asyncio.sleep(0)
            answer = await reader.read()
    finally:
        writer.close()
        await asyncio.gather(writer.wait_closed(), return_exceptions=True)
    head, _, body = answer.partition(b'\r\n\r\n')
    return int(head.split(b' ')[1]) if head else 0, body


async def post(cluster: kmock.KubernetesCluster, body: bytes, *lines: str) -> tuple[int, Any]:
    status, answer = await say(cluster, request('POST', CONFIGMAPS, body, *lines))
    return status, json.loads(answer)


# ---- Bodies ----


@pytest.mark.parametrize(
    ('body', 'type_'),
    [
        pytest.param(b'{"metadata":', 'application/json', id='JSON that is cut off'),
        pytest.param(b'[' * 100_000, 'application/json', id='deep JSON'),
        pytest.param(b'{"a":' * 100_000 + b'1' + b'}' * 100_000, 'application/json', id='deep JSON objects'),
        pytest.param(b'\x00' * 100, 'application/json', id='zeros'),
        pytest.param(b'{"data":NaN}', 'application/json', id='no number'),
        pytest.param(b'{"data":1e999}', 'application/json', id='large number'),
        pytest.param(b'a: [', 'application/yaml', id='YAML that is cut off'),
        pytest.param(b'a: ' + b'[' * 10_000, 'application/yaml', id='deep YAML'),
        pytest.param(b'a: &a [*a]', 'application/yaml', id='YAML that has itself in it'),
        pytest.param(b'!!python/object/apply:os.abort []', 'application/yaml', id='YAML that would be code'),
        pytest.param(b'\xff\xfe', 'application/yaml', id='no text'),
        pytest.param(b'k8s\x00\xff\xff\xff', 'application/vnd.kubernetes.protobuf', id='broken protobuf'),
        pytest.param(b'k8s', 'application/vnd.kubernetes.protobuf', id='protobuf that is cut off'),
    ],
)
async def test_a_broken_body_is_a_bad_request(cluster: kmock.KubernetesCluster, body: bytes, type_: str) -> None:
    status, answer = await post(cluster, body, f'Content-Type: {type_}')

    assert (status, answer['kind'], answer['reason']) == (400, 'Status', 'BadRequest')


@pytest.mark.parametrize('size', [10, 20, 30])
async def test_a_body_whose_compression_is_cut_off_is_a_bad_request(
    cluster: kmock.KubernetesCluster, size: int
) -> None:
    body = gzip.compress(b'{"metadata":{"name":"a"}}')[:size]

    status, answer = await post(cluster, body, 'Content-Encoding: gzip')
    assert (status, answer['reason']) == (400, 'BadRequest')


async def test_a_small_body_that_becomes_huge_is_refused(cluster: kmock.KubernetesCluster) -> None:
    body = gzip.compress(b'{"data":{"a":"' + b'x' * 4_000_000 + b'"}}')

    status, answer = await post(cluster, body, 'Content-Encoding: gzip')
    assert (status, answer['reason']) == (413, 'RequestEntityTooLarge')


@pytest.mark.parametrize('method', ['POST', 'PUT', 'PATCH', 'DELETE'])
async def test_a_body_that_is_too_large_is_refused(cluster: kmock.KubernetesCluster, method: str) -> None:
    target = CONFIGMAPS if method == 'POST' else f'{CONFIGMAPS}/a'
    body = b'{"metadata":{"name":"a"},"data":{"a":"%b"}}' % (b'x' * 3_145_728)

    status, answer = await say(cluster, request(method, target, body, 'Content-Type: application/merge-patch+json'))
    assert status == (415 if method in {'POST', 'PUT'} else 413) or status == 413
    status, answer = await say(cluster, request(method, target, body))
    if method != 'PATCH':
        assert json.loads(answer)['message'] == 'Request entity too large: limit is 3145728'
        assert status == 413


async def test_a_field_can_not_forge_headers(cluster: kmock.KubernetesCluster) -> None:
    body = json.dumps({'metadata': {'name': 'a'}, 'x\r\nX-Forged: yes\r\n': 1}).encode()
    reader, writer = await dial(cluster)
    writer.write(request('POST', CONFIGMAPS, body))
    head = await reader.readuntil(b'\r\n\r\n')
    writer.close()

    assert b'\r\nX-Forged' not in head
    assert head.startswith(b'HTTP/1.1 201 ')


@pytest.mark.parametrize(
    'parts',
    [
        pytest.param([b'Transfer-Encoding: chunked\r\n\r\nzz\r\n'], id='no size'),
        pytest.param([b'Transfer-Encoding: chunked\r\n\r\n', b'2\r\n{}', b'xx'], id='no end'),
        pytest.param([b'Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}'], id='two lengths'),
        pytest.param([b'Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n{}'], id='two framings'),
        pytest.param([b'Content-Length: -1\r\n\r\n{}'], id='negative length'),
    ],
)
async def test_a_body_that_is_framed_wrongly_is_a_bad_request(
    cluster: kmock.KubernetesCluster, parts: list[bytes]
) -> None:
    status, _ = await say(cluster, f'POST {CONFIGMAPS} HTTP/1.1\r\nHost: x\r\n'.encode(), *parts)

    assert status == 400
    assert len(cluster.objects['v1/configmaps']) == 0


# ---- What is no HTTP, or unusual ----


@pytest.mark.parametrize('method', ['FOO', 'PROPFIND', 'M-SEARCH', 'X'])
async def test_any_method_is_answered(cluster: kmock.KubernetesCluster, method: str) -> None:
    status, body = await say(cluster, request(method, CONFIGMAPS))

    assert (status, json.loads(body)['reason']) == (405, 'MethodNotAllowed')


@pytest.mark.parametrize(
    'data',
    [
        pytest.param(b'\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03' + b'x' * 500, id='TLS'),
        pytest.param(b'\x00\x01\x02\x03\r\n\r\n', id='bytes'),
        pytest.param(b'hello\r\n\r\n', id='text'),
        pytest.param(b'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', id='HTTP/2'),
        pytest.param(b'GET /version HTTP/1.1\r\nno header\r\n\r\n', id='no header'),
        pytest.param(b'GET /version HTTP/9.9\r\nHost: x\r\n\r\n', id='HTTP of the future'),
    ],
)
async def test_what_is_no_request_is_told_so(cluster: kmock.KubernetesCluster, data: bytes) -> None:
    status, _ = await say(cluster, data)

    assert status == 400


async def test_a_url_without_end_is_refused(cluster: kmock.KubernetesCluster) -> None:
    status, _ = await say(cluster, b'GET /' + b'x' * 17_000_000 + b' HTTP/1.1\r\nHost: x\r\n\r\n')

    assert status == 431


async def test_requests_may_come_all_at_once(cluster: kmock.KubernetesCluster) -> None:
    reader, writer = await dial(cluster)
    writer.write(b'GET /readyz HTTP/1.1\r\nHost: x\r\n\r\n' * 100 + request('GET', '/livez'))
    async with asyncio.timeout(PATIENCE):
        answers = await reader.read()
    writer.close()

    assert answers.count(b'HTTP/1.1 200 OK\r\n') == 101


@pytest.mark.parametrize(
    ('data', 'answer'),
    [
        (b'GET / HTTP/1.1\r\nHost: x\r\n\r\n', b'Client sent an HTTP request to an HTTPS server.\n'),
        (b'\x16\x03\x01\x00\x05hello', b''),
        (b'', b''),
        (b'\x16\x03', b''),
    ],
)
async def test_who_does_not_speak_tls_is_told_so_or_left(
    data: bytes, answer: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    async with kmock.KubernetesCluster() as cluster, kmock.Server(cluster, tls=True) as server:
        reader, writer = await asyncio.open_connection('127.0.0.1', server.port)
        writer.write(data)
        if answer:
            assert answer in await reader.read()
        with pytest.raises(ssl.SSLCertVerificationError):  # nor does this one go further: it does not trust the server
            await asyncio.open_connection('127.0.0.1', server.port, ssl=ssl.create_default_context())
        assert (await server.client.get('/readyz')).status == 200
        assert cluster.errors == []
    writer.close()
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


# ---- Clients that leave ----


async def visit(cluster: kmock.KubernetesCluster, number: int) -> None:
    """Connect, begin something, and go: one way or another."""
    reader, writer = await dial(cluster)
    match number % 6:
        case 1:
            writer.write(f'GET {CONFIGMAPS} HTTP/1.1\r\nHost: x\r\n\r\n'.encode())
            await reader.readuntil(b'\r\n\r\n')
        case 2:
            writer.write(f'GET {CONFIGMAPS}?watch=1 HTTP/1.1\r\nHost: x\r\n\r\n'.encode())
            await reader.readuntil(b'\r\n\r\n')
        case 3:
            writer.write(f'POST {CONFIGMAPS} HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{{'.encode())
        case 4:
            writer.write(f'POST {CONFIGMAPS} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n9\r\n{{'.encode())
        case 5:
            upgrade = ['Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: a']
            head = [f'GET {CONFIGMAPS}?watch=1 HTTP/1.1', 'Host: x', *upgrade, '', '']
            writer.write('\r\n'.join(head).encode())
            await reader.readuntil(b'\r\n\r\n')
        case _:
            pass
    if number % 4 < 2:
        writer.transport.abort()
    else:
        writer.close()
    await asyncio.gather(writer.wait_closed(), return_exceptions=True)


def count_files() -> int:
    return len([*Path('/proc/self/fd').iterdir()]) if sys.platform == 'linux' else 0


async def test_a_thousand_clients_that_come_and_go_leave_nothing_behind() -> None:
    async with kmock.KubernetesCluster() as cluster, kmock.Server(cluster):

        async def come_and_go() -> int:
            await asyncio.gather(*(visit(cluster, number) for number in range(1000)))
            await until(lambda: len(asyncio.all_tasks()) == tasks, 'the end of all of the tasks')
            await until(lambda: count_files() == files, 'the end of all of the sockets')
            cluster.reset()  # requests are remembered on purpose
            gc.collect()
            return len(gc.get_objects())

        gc.collect()  # else files that earlier tests have left to it are closed meanwhile, and never as many again
        tasks, files = len(asyncio.all_tasks()), count_files()
        first = await come_and_go()
        second = await come_and_go()

        assert second - first < 1000  # less than one for each client
        assert cluster.errors == []


@pytest.mark.parametrize('upgrade', ['', 'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n'])
async def test_a_watcher_that_reads_nothing_is_given_up_before_it_fills_the_memory(
    cluster: kmock.KubernetesCluster, monkeypatch: pytest.MonkeyPatch, upgrade: str
) -> None:
    monkeypatch.setattr('kmock_k8s.api.feeds.BACKLOG', 1_000_000)
    with socket.create_connection((str(cluster.url.host), int(cluster.url.port or 0))) as lazy:
        key = 'Sec-WebSocket-Key: a\r\n' if upgrade else ''
        lazy.sendall(f'GET {CONFIGMAPS}?watch=1 HTTP/1.1\r\nHost: x\r\n{upgrade}{key}\r\n'.encode())
        await cluster['watch v1/configmaps'].wait(timeout=PATIENCE)
        await asyncio.sleep(0)
        changes = 0
        while cluster._watches._hubs:  # pyright: ignore[reportPrivateUsage]
            changes += 1
            cluster.objects['v1/configmaps', 'default', 'a'] = {'data': {'x': 'y' * 10_000, 'n': str(changes)}}
            await asyncio.sleep(0)
        cluster.objects['v1/configmaps', 'default', 'late'] = {}

        received = await asyncio.to_thread(read_all, lazy)
        assert received.count(b'"type":"') == changes
        assert b'"late"' not in received
        assert received.endswith(
            b'\x88\x02\x03\xe8' if upgrade else b'0\r\n\r\n'
        )  # and it is told that this is the end


def read_all(connection: socket.socket) -> bytes:
    connection.settimeout(PATIENCE)
    parts: list[bytes] = []
    while part := connection.recv(1 << 20):
        parts.append(part)
        if part.endswith((b'0\r\n\r\n', b'\x88\x02\x03\xe8')):
            break
    return b''.join(parts)
