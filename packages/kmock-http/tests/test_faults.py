"""Faults on the wire: which bytes come, and how the connection ends."""

import asyncio
import logging
import re
import socket
import ssl
from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from kmock_core import RawHandler, Request, Response, body, fault
from kmock_core.testing import FakeTimeLoop
from kmock_http import Server

if TYPE_CHECKING:
    from conftest import Dial

GARBAGE = b'\x00\x01\x02 KMock: this is no HTTP \xfd\xfe\xff\r\n\r\n'
BROKEN_CHUNK = b'no size of a chunk\r\nKMock\r\n'
JSON = {'a': 1}
END = b'0\r\n\r\n'


def chunked(*chunks: bytes) -> bytes:
    return b''.join(b'%x\r\n%b\r\n' % (len(chunk), chunk) for chunk in chunks)


def head(*lines: str, status: str = '200 OK', version: str = '1.1') -> bytes:
    return '\r\n'.join([f'HTTP/{version} {status}', *lines, 'Server: kmock', '', '']).encode()


STREAM = head('Content-Type: application/octet-stream', 'Transfer-Encoding: chunked')
DOCUMENT = head('Content-Length: 8', 'Content-Type: application/json')


def ask(target: str = '/', method: str = 'GET', version: str = '1.1', more: bytes = b'\r\n') -> bytes:
    return f'{method} {target} HTTP/{version}\r\nHost: x\r\n'.encode() + more


@contextmanager
def connected(server: Server) -> Generator[socket.socket, None, None]:
    """A plain socket: unlike asyncio's streams, it gives all that came before a reset."""
    with socket.create_connection((server.url.host or '', server.port)) as connection:
        connection.setblocking(False)
        yield connection


async def receive(connection: socket.socket) -> tuple[bytes, str]:
    """All that comes, without the date, and how the connection was ended: by FIN or RST."""
    loop = asyncio.get_running_loop()
    parts: list[bytes] = []
    end = 'FIN'
    async with asyncio.timeout(10):
        try:
            while part := await loop.sock_recv(connection, 65_536):
                parts.append(part)
        except ConnectionResetError:
            end = 'RST'
    return undated(b''.join(parts)), end


def undated(content: bytes) -> bytes:
    return re.sub(rb'\r\nDate: [^\r]+ GMT(?=\r\n)', b'', content)


async def exchange(server: Server, request: bytes) -> tuple[bytes, str]:
    """Send a request, and receive everything until the server ends the connection."""
    with connected(server) as connection:
        await asyncio.get_running_loop().sock_sendall(connection, request)
        return await receive(connection)


def in_fake_time(test: Callable[[], Awaitable[None]]) -> Callable[[], None]:
    """Runs a test in a loop in which waiting takes no time."""

    def run() -> None:
        async def main() -> None:
            await test()

        with asyncio.Runner(loop_factory=FakeTimeLoop) as runner:
            runner.run(main())

    return run


# ---- Bytes and ends ----

ENDINGS: list[tuple[tuple[Any, ...], bytes, str]] = [
    # Alone: instead of an answer.
    ((fault.reset(),), b'', 'RST'),
    ((fault.empty(),), b'', 'FIN'),
    ((fault.garbage(),), GARBAGE, 'FIN'),
    ((fault.garbage(b'SSH-2.0-x\r\n'),), b'SSH-2.0-x\r\n', 'FIN'),
    ((fault.truncate(),), STREAM, 'FIN'),
    ((fault.malformed_chunk(),), STREAM + BROKEN_CHUNK, 'FIN'),
    # In a stream: after what stands before.
    (((b'abc', fault.reset(), b'never'),), STREAM + chunked(b'abc'), 'RST'),
    (((b'abc', fault.empty(), b'never'),), STREAM + chunked(b'abc'), 'FIN'),
    (((b'abc', fault.garbage(), b'never'),), STREAM + chunked(b'abc') + GARBAGE, 'FIN'),
    (((b'abc', fault.truncate(), b'never'),), STREAM + chunked(b'abc'), 'FIN'),
    (((b'abc', fault.malformed_chunk(), b'never'),), STREAM + chunked(b'abc') + BROKEN_CHUNK, 'FIN'),
    ((b'abc', fault.reset()), STREAM + chunked(b'abc'), 'RST'),
    (((b'', fault.reset()),), STREAM, 'RST'),
    # Truncated after so many bytes.
    ((JSON, fault.truncate(0)), DOCUMENT, 'FIN'),
    ((JSON, fault.truncate(3)), DOCUMENT + b'{"a', 'FIN'),
    ((fault.truncate(3), JSON), DOCUMENT + b'{"a', 'FIN'),
    ((JSON, fault.truncate(3), fault.fragment(2)), DOCUMENT + b'{"a', 'FIN'),
    (((b'abc', b'def'), fault.truncate(4)), STREAM + chunked(b'abc', b'd'), 'FIN'),
    (((b'abc', b'def'), fault.truncate(6)), STREAM + chunked(b'abc', b'def'), 'FIN'),
    (((b'abc', b'def'), fault.truncate(7)), STREAM + chunked(b'abc', b'def'), 'FIN'),
    (((b'abc', fault.truncate(4), b'def', b'ghi'),), STREAM + chunked(b'abc', b'def', b'g'), 'FIN'),
    ((b'abc', fault.truncate(1), b'def'), STREAM + chunked(b'abc', b'd'), 'FIN'),
    (((b'abc', fault.truncate(0), b'def'),), STREAM + chunked(b'abc'), 'FIN'),
    # Given by others.
    ((Response(503, payload=(b'abc', fault.reset())),), STREAM.replace(b'200 OK', b'503 Service Unavailable')
     + chunked(b'abc'), 'RST'),
    ((fault.flaky(1, seed=1),), b'', 'RST'),
    ((fault.flaky(1, (b'abc', fault.truncate()), seed=1),), STREAM + chunked(b'abc'), 'FIN'),
    (((b'abc', fault.flaky(1, fault.garbage(b'x'), seed=1)),), STREAM + chunked(b'abc') + b'x', 'FIN'),
]  # fmt: skip


@pytest.mark.parametrize(('payloads', 'content', 'end'), ENDINGS, ids=repr)
async def test_a_fault_ends_the_answer(
    kmock: RawHandler, server: Server, payloads: tuple[Any, ...], content: bytes, end: str
) -> None:
    rule = kmock['/'].respond(*payloads)
    assert await exchange(server, ask()) == (content, end)
    assert len(rule) == 1
    assert kmock.errors == []


UNHEARD = [(fault.reset(), b'', 'RST'), (fault.empty(), b'', 'FIN'), (fault.garbage(b'x'), b'x', 'FIN')]


@pytest.mark.parametrize(('payload', 'content', 'end'), UNHEARD, ids=repr)
@pytest.mark.parametrize('status', [200, 204, 304, 404])
@pytest.mark.parametrize(
    'request_',
    [
        ask(),
        ask(method='HEAD'),
        ask(version='1.0'),
        ask(method='POST', more=b'Content-Length: 3\r\n\r\nabc'),
        ask(more=b'Connection: close\r\n\r\n'),
    ],
    ids=['GET', 'HEAD', 'HTTP/1.0', 'POST', 'close'],
)
async def test_what_is_not_answered_has_no_head_whatever_the_request_and_the_status(
    kmock: RawHandler, server: Server, request_: bytes, status: int, payload: Any, content: bytes, end: str
) -> None:
    kmock << status << payload
    assert await exchange(server, request_) == (content, end)


async def test_a_cut_body_of_http_1_0_is_shorter_than_it_says(kmock: RawHandler, server: Server) -> None:
    kmock << JSON << fault.truncate(3)
    expected = head('Content-Length: 8', 'Content-Type: application/json', 'Connection: close', version='1.0')
    assert await exchange(server, ask(version='1.0')) == (expected + b'{"a', 'FIN')


async def test_status_and_headers_of_the_rule_are_sent_before_a_fault(kmock: RawHandler, server: Server) -> None:
    kmock << 404 << {'X-A': 'b', 'Content-Type': 'text/plain'} << fault.malformed_chunk()
    expected = head('X-A: b', 'Content-Type: text/plain', 'Transfer-Encoding: chunked', status='404 Not Found')
    assert await exchange(server, ask()) == (expected + BROKEN_CHUNK, 'FIN')


@pytest.mark.parametrize('method', ['HEAD', 'GET'])
async def test_an_answer_without_a_body_stays_one(kmock: RawHandler, server: Server, method: str) -> None:
    kmock << (200 if method == 'HEAD' else 204) << (b'abc', fault.reset())
    content, end = await exchange(server, ask(method=method, more=b'Connection: close\r\n\r\n'))
    assert content.startswith(b'HTTP/1.1 20')
    assert content.endswith(b'\r\n\r\n')
    assert end == 'FIN'


# ---- On connections that are in use ----


@pytest.mark.parametrize(('payload', 'content', 'end'), UNHEARD, ids=repr)
async def test_requests_before_a_fault_are_answered_and_those_after_it_are_not(
    kmock: RawHandler, server: Server, payload: Any, content: bytes, end: str
) -> None:
    kmock['/broken'] << payload
    kmock << b'ok'
    expected = head('Content-Length: 2', 'Content-Type: application/octet-stream') + b'ok'
    assert await exchange(server, ask() + ask('/broken') + ask('/after')) == (expected + content, end)
    assert [request.path for request in kmock] == ['/', '/broken']


@pytest.mark.parametrize('ending', [fault.reset(), fault.truncate(), fault.empty()], ids=repr)
async def test_a_client_that_is_slow_gets_all_that_was_sent_before_a_fault(
    kmock: RawHandler, server: Server, ending: Any
) -> None:
    content = bytes(range(256)) * 32_768
    rule = kmock << (content, ending)
    with connected(server) as connection:
        await asyncio.get_running_loop().sock_sendall(connection, ask())
        await rule.wait()
        for _ in range(100):  # the server fills all buffers meanwhile
            await asyncio.sleep(0)
        received, end = await receive(connection)
    assert received == STREAM + chunked(content)
    assert end == ('RST' if isinstance(ending, fault.reset) else 'FIN')


async def test_a_client_that_leaves_while_it_is_sent_the_rest_before_a_reset_is_no_error(
    kmock: RawHandler, server: Server, dial: 'Dial'
) -> None:
    kmock << (bytes(8_388_608), fault.reset())
    wire = await dial(server)
    wire.ask('/')
    await wire.read_head()
    wire.vanish()
    assert kmock.errors == []


async def test_a_large_request_is_read_before_it_is_broken_off(kmock: RawHandler, server: Server) -> None:
    kmock << fault.empty()
    content = bytes(1_048_576)
    request = ask(method='POST', more=b'Content-Length: %d\r\n\r\n' % len(content)) + content
    assert await exchange(server, request) == (b'', 'FIN')
    assert kmock[0].body == content


async def test_a_large_body_is_cut(kmock: RawHandler, server: Server) -> None:
    kmock << body(bytes(1_000_000)) << fault.truncate(500_000)
    content, end = await exchange(server, ask())
    assert content.partition(b'\r\n\r\n')[2] == bytes(500_000)
    assert b'\r\nContent-Length: 1000000\r\n' in content
    assert end == 'FIN'


async def test_a_waiting_client_is_fed_with_a_fault(kmock: RawHandler, server: Server) -> None:
    kmock << (b'a', ..., b'never')
    call = asyncio.ensure_future(exchange(server, ask()))
    for fed in ((b'b', ...), (b'c', fault.reset())):
        await kmock[...].wait()
        kmock[...] << fed
    assert await call == (STREAM + chunked(b'a', b'b', b'c'), 'RST')


async def test_a_fault_may_be_the_result_of_a_callable(kmock: RawHandler, server: Server) -> None:
    async def choose(request: Request) -> object:
        await asyncio.sleep(0)
        return fault.reset() if request.path == '/reset' else (b'abc', fault.truncate())

    kmock << choose
    assert await exchange(server, ask('/reset')) == (b'', 'RST')
    assert await exchange(server, ask('/other')) == (STREAM + chunked(b'abc'), 'FIN')


async def test_faults_are_silent(kmock: RawHandler, server: Server, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    for number, (payloads, _, _) in enumerate(ENDINGS):
        kmock[f'/{number}'].respond(*payloads)
        await exchange(server, ask(f'/{number}'))
    assert [record for record in caplog.records if record.name != 'asyncio'] == []
    assert kmock.errors == []


async def test_effects_beside_a_fault_fire(kmock: RawHandler, server: Server) -> None:
    requests: list[Request] = []
    kmock << fault.reset() >> requests
    await exchange(server, ask('/x'))
    assert [request.path for request in requests] == ['/x']


# ---- Stalling ----

STALLS: list[tuple[str, Any, bytes]] = [
    ('GET', fault.stall(), b''),
    ('HEAD', fault.stall(), b''),
    ('GET', (b'abc', fault.stall()), STREAM + chunked(b'abc')),
]


@pytest.mark.parametrize(('method', 'payload', 'content'), STALLS, ids=repr)
async def test_what_stalls_ends_with_the_server(kmock: RawHandler, method: str, payload: Any, content: bytes) -> None:
    rule = kmock << payload
    async with Server(kmock, stop_timeout=60) as server:
        with connected(server) as connection:
            await asyncio.get_running_loop().sock_sendall(connection, ask(method=method))
            await rule.wait()
            stopping = asyncio.ensure_future(server.__aexit__(None, None, None))
            assert await receive(connection) == (content, 'FIN')
            await stopping
    assert kmock.errors == []


@pytest.mark.parametrize('payload', [payload for _, payload, _ in STALLS], ids=repr)
async def test_what_stalls_ends_with_its_client(kmock: RawHandler, server: Server, dial: 'Dial', payload: Any) -> None:
    rule = kmock << payload
    before = asyncio.all_tasks()
    wire = await dial(server)
    wire.ask('/')
    await rule.wait()
    await wire.leave()
    async with asyncio.timeout(5):
        while asyncio.all_tasks() - before:
            await asyncio.wait(asyncio.all_tasks() - before)
    assert kmock.errors == []


async def test_others_are_served_while_one_stalls(kmock: RawHandler, server: Server, dial: 'Dial') -> None:
    rule = kmock['/stall'] << fault.stall()
    kmock << b'ok'
    stalled, other = await dial(server), await dial(server)
    stalled.ask('/stall')
    await rule.wait()
    other.ask('/')
    assert await other.read_answer() == b'ok'


# ---- Pieces ----


async def test_each_piece_of_a_stream_is_a_chunk(kmock: RawHandler, server: Server) -> None:
    kmock << (b'abc', fault.fragment(2), 'é'.encode() * 2, b'f')
    request = ask(more=b'Connection: close\r\n\r\n')
    content, _ = await exchange(server, request)
    assert content.partition(b'\r\n\r\n')[2] == chunked(b'abc', b'\xc3\xa9', b'\xc3\xa9', b'f') + END


async def test_a_body_in_pieces_is_as_long_as_it_says_and_the_connection_stays_open(
    kmock: RawHandler, server: Server, dial: 'Dial'
) -> None:
    kmock << JSON << fault.fragment(3)
    wire = await dial(server)
    for _ in range(2):
        wire.ask('/')
        assert await wire.read_answer() == b'{"a": 1}'


# ---- Time ----


async def arrivals(server: Server) -> list[tuple[Any, bytes]]:
    """When which bytes of the answer have come, counted from the request; the head without its lines."""
    loop = asyncio.get_running_loop()
    came: list[tuple[Any, bytes]] = []
    with connected(server) as connection:
        begun = loop.time()
        await loop.sock_sendall(connection, ask(more=b'Connection: close\r\n\r\n'))
        while part := await loop.sock_recv(connection, 65_536):
            came.append((pytest.approx(loop.time() - begun), re.sub(rb'(?s)HTTP.*\r\n\r\n', b'head|', part)))
    return came


@in_fake_time
async def test_an_answer_begins_after_its_latency() -> None:
    async with RawHandler(strict=True) as kmock, Server(kmock) as server:
        kmock << JSON << fault.latency(2.5)
        assert await arrivals(server) == [(2.5, b'head|{"a": 1}')]


@in_fake_time
async def test_a_stream_pauses_at_a_latency() -> None:
    async with RawHandler(strict=True) as kmock, Server(kmock) as server:
        kmock << {'Content-Length': '2'} << (b'a', fault.latency(10), b'b')
        assert await arrivals(server) == [(0, b'head|a'), (10, b'b')]


@in_fake_time
async def test_a_body_is_throttled() -> None:
    async with RawHandler(strict=True) as kmock, Server(kmock) as server:
        kmock << b'abcd' << fault.throttle('2B/s')
        assert await arrivals(server) == [(0, b'head|'), (0.5, b'a'), (1, b'b'), (1.5, b'c'), (2, b'd')]


@in_fake_time
async def test_latency_throttle_and_truncation_add_up() -> None:
    async with RawHandler(strict=True) as kmock, Server(kmock) as server:
        kmock << 200 << b'abcd' << fault.latency(0.1) << fault.throttle(1) << fault.truncate(2)
        assert await arrivals(server) == [(0.1, b'head|'), (1.1, b'a'), (2.1, b'b')]


@in_fake_time
async def test_a_fault_comes_after_its_latency() -> None:
    async with RawHandler(strict=True) as kmock, Server(kmock) as server:
        kmock << fault.reset() << fault.latency(5)
        assert await exchange(server, ask()) == (b'', 'RST')
        assert asyncio.get_running_loop().time() == pytest.approx(5)


@pytest.mark.parametrize(
    'payloads',
    [
        (JSON, fault.latency(1000)),
        (JSON, fault.throttle(0.001)),
        ((b'abc', fault.throttle(0.001), b'def'),),
        ((b'abc', fault.latency(1000), b'def'),),
        ((b'abc', b'def'), fault.throttle(0.001)),
    ],
    ids=repr,
)
async def test_what_is_slow_is_ended_at_once_with_the_server(kmock: RawHandler, payloads: tuple[Any, ...]) -> None:
    rule = kmock.respond(*payloads)
    async with Server(kmock, stop_timeout=60) as server:
        with connected(server) as connection:
            await asyncio.get_running_loop().sock_sendall(connection, ask())
            await rule.wait()
            stopping = asyncio.ensure_future(server.__aexit__(None, None, None))
            async with asyncio.timeout(10):
                await receive(connection)
                await stopping
    assert kmock.errors == []


# ---- TLS ----


async def exchange_securely(server: Server, request: bytes) -> tuple[bytes, str]:
    """The same by TLS, on a plain socket: the sockets of Python's ``ssl`` hide how a connection has ended."""
    loop = asyncio.get_running_loop()
    arrived, departing = ssl.MemoryBIO(), ssl.MemoryBIO()
    secure = server.ssl_context.wrap_bio(arrived, departing, server_hostname='localhost')
    parts: list[bytes] = []
    with connected(server) as connection:

        async def do(step: Callable[[], Any]) -> Any:
            while True:
                try:
                    return step()
                except ssl.SSLWantReadError:
                    await loop.sock_sendall(connection, departing.read())
                    arrived.write(await loop.sock_recv(connection, 65_536))

        await do(secure.do_handshake)
        secure.write(request)
        async with asyncio.timeout(10):
            try:
                while part := await do(lambda: secure.read(65_536)):
                    parts.append(part)
            except ssl.SSLZeroReturnError:
                return undated(b''.join(parts)), 'FIN'
            except ConnectionResetError:
                return undated(b''.join(parts)), 'RST'
    return undated(b''.join(parts)), 'FIN'


@pytest.mark.parametrize(('payloads', 'content', 'end'), ENDINGS, ids=repr)
async def test_a_fault_ends_the_answer_by_tls_too(
    kmock: RawHandler, payloads: tuple[Any, ...], content: bytes, end: str
) -> None:
    kmock['/'].respond(*payloads)
    async with Server(kmock, tls=True) as server:
        assert await exchange_securely(server, ask()) == (content, end)
    assert kmock.errors == []


@pytest.mark.parametrize('ending', [fault.reset(), fault.truncate()], ids=repr)
async def test_a_client_gets_all_that_was_sent_by_tls_before_a_fault(kmock: RawHandler, ending: Any) -> None:
    content = bytes(range(256)) * 32_768
    kmock << (content, ending)
    async with Server(kmock, tls=True) as server:
        received, end = await exchange_securely(server, ask())
    assert received == STREAM + chunked(content)
    assert end == ('RST' if isinstance(ending, fault.reset) else 'FIN')
