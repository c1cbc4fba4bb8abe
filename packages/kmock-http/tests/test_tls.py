"""A server that speaks TLS: everything of the plain one, certificates for any name, and those that must be refused."""

import asyncio
import http.client
import io
import logging
import ssl
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest
import pytest_asyncio

from kmock_core import RawHandler
from kmock_core.errors import NotRunningError
from kmock_http import TLS, Server, connections
from kmock_http.authority import Authority, authority
from kmock_http.errors import NoTLSError

if TYPE_CHECKING:
    from conftest import Dial, Wire

SOON = 2.0
"""Seconds; stopping takes milliseconds, but the machines of CI are slow at times."""

REFUSED = [
    ('expired', 'certificate has expired'),
    ('not-yet-valid', 'certificate is not yet valid'),
    ('wrong-host', 'mismatch'),
    ('self-signed', 'self-signed certificate'),
]


@pytest_asyncio.fixture
async def server(kmock: RawHandler) -> AsyncGenerator[Server, None]:
    async with Server(kmock, tls=True) as server:
        yield server


async def secure(dial: 'Dial', server: Server, name: str = 'localhost', **options: Any) -> 'Wire':
    """Connect by TLS, asking for a name."""
    return await dial(server, server_hostname=name, **{'ssl': server.ssl_context, **options})


# ---- The client of the server itself. ----


async def test_the_client_of_the_server_trusts_it_by_itself(kmock: RawHandler, server: Server) -> None:
    kmock << b'hello'
    response = await kmock.get('/')
    assert await response.read() == b'hello'


async def test_requests_know_that_they_came_by_https(kmock: RawHandler, server: Server) -> None:
    kmock << 200
    await kmock.get('/path')
    assert server.url.scheme == kmock.url.scheme == 'https'
    assert kmock[0].url == server.url / 'path'
    assert kmock[0].origin.scheme == 'https'


async def test_a_client_of_the_users_class_trusts_it_too(kmock: RawHandler) -> None:
    def make(url: Any) -> aiohttp.ClientSession:
        return aiohttp.ClientSession(url, headers={'X-Made': 'here'})

    kmock << b'hello'
    async with Server(kmock, tls=True, client_fct=make):
        assert await (await kmock.get('/')).read() == b'hello'
    assert kmock[0].headers['X-Made'] == 'here'


async def test_what_a_client_of_the_users_making_says_of_tls_is_kept(kmock: RawHandler) -> None:
    def make(url: Any) -> aiohttp.ClientSession:
        return aiohttp.ClientSession(url, connector=aiohttp.TCPConnector(ssl=ssl.create_default_context()))

    async with Server(kmock, tls=True, client_fct=make):
        with pytest.raises(aiohttp.ClientConnectorCertificateError):
            await kmock.get('/')


# ---- What clients need to trust it. ----


async def test_blocking_clients_trust_it_by_the_file(kmock: RawHandler, server: Server) -> None:
    kmock << b'hello'

    def ask() -> bytes:
        client = http.client.HTTPSConnection(
            '127.0.0.1', server.port, context=ssl.create_default_context(cafile=server.ca_path)
        )
        client.request('GET', '/')
        body = client.getresponse().read()
        client.close()
        return body

    assert await asyncio.to_thread(ask) == b'hello'


async def test_the_handler_has_what_its_server_has(kmock: RawHandler, server: Server) -> None:
    assert kmock.ca_path == server.ca_path
    assert kmock.ssl_context is server.ssl_context
    assert kmock.issue_cert('alice').common_name == 'alice'


async def test_a_handler_without_a_server_has_no_certificates(kmock: RawHandler) -> None:
    with pytest.raises(NotRunningError):
        kmock.ca_path
    with pytest.raises(NotRunningError):
        kmock.ssl_context
    with pytest.raises(NotRunningError):
        kmock.issue_cert('alice')


async def test_a_handler_with_a_plain_server_tells_what_to_add(kmock: RawHandler) -> None:
    async with Server(kmock):
        with pytest.raises(NoTLSError, match='add tls=True'):
            kmock.ca_path


async def test_one_handler_is_served_with_and_without_tls(kmock: RawHandler, server: Server) -> None:
    kmock['get https://127.0.0.1/x'] << b'safe'
    kmock << b'plain'
    async with Server(kmock):
        bodies = [await (await kmock.get('/x')).read() for _ in range(2)]
    assert bodies == [b'safe', b'plain']
    assert [request.origin.scheme for request in kmock] == ['https', 'http']


async def test_a_client_that_does_not_trust_it_refuses_it_and_nothing_is_logged(
    kmock: RawHandler, server: Server, dial: 'Dial', caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    with pytest.raises(ssl.SSLCertVerificationError):
        await secure(dial, server, ssl=ssl.create_default_context())
    kmock << b'hello'
    assert await (await kmock.get('/')).read() == b'hello'
    assert caplog.records == []
    assert len(kmock) == 1


# ---- Names. ----


@pytest.mark.parametrize(
    'name',
    [
        'localhost',
        'api.example.com',
        'API.Example.COM',
        'my_service',
        'xn--bcher-kva.example',
        'bücher.example',
        'a.' * 99 + 'b',
    ],
)
async def test_the_certificate_is_for_any_name_that_the_client_asks_for(
    kmock: RawHandler, server: Server, dial: 'Dial', name: str
) -> None:
    kmock << b'hello'
    wire = await secure(dial, server, name)
    wire.ask('/')
    assert await wire.read_answer() == b'hello'


@pytest.mark.parametrize('address', ['127.0.0.1', '::1', 'localhost'])
async def test_without_a_name_the_certificate_is_for_this_machine(server: Server, dial: 'Dial', address: str) -> None:
    await secure(dial, server, address)
    wire = await secure(dial, server, address)
    assert wire.writer.get_extra_info('peercert')['subjectAltName'][:2] == (
        ('DNS', 'localhost'),
        ('IP Address', '127.0.0.1'),
    )


async def test_the_certificate_is_for_the_host_that_the_server_listens_at(
    kmock: RawHandler, dial: 'Dial', monkeypatch: pytest.MonkeyPatch
) -> None:
    async with Server(kmock, host='127.0.0.2', tls=True) as server:
        kmock << b'hello'
        assert await (await kmock.get('/')).read() == b'hello'
        await secure(dial, server, '127.0.0.2')


async def test_the_scheme_and_the_host_are_criteria(kmock: RawHandler, server: Server, dial: 'Dial') -> None:
    kmock['get http://api.example.com/x'] << b'plain'
    kmock['get https://api.example.com/x'] << b'safe'
    wire = await secure(dial, server, 'api.example.com')
    wire.send(b'GET /x HTTP/1.1\r\nHost: api.example.com\r\n\r\n')
    assert await wire.read_answer() == b'safe'


@pytest.mark.parametrize(('offered', 'chosen'), [(['h2', 'http/1.1'], 'http/1.1'), (['h2'], None), ([], None)])
async def test_clients_that_could_speak_http2_fall_back(
    kmock: RawHandler, server: Server, dial: 'Dial', offered: list[str], chosen: str | None
) -> None:
    kmock << b'hello'
    if offered:
        server.ssl_context.set_alpn_protocols(offered)
    for name in ('localhost', 'api.example.com'):
        wire = await secure(dial, server, name)
        assert wire.writer.get_extra_info('ssl_object').selected_alpn_protocol() == chosen
        wire.ask('/')
        assert await wire.read_answer() == b'hello'


# ---- Certificates that must be refused. ----


@pytest.mark.parametrize(('certificate', 'reason'), REFUSED)
@pytest.mark.parametrize('name', ['localhost', 'api.example.com'])
async def test_a_wrong_certificate_is_refused_for_its_reason(
    kmock: RawHandler, dial: 'Dial', certificate: Any, reason: str, name: str
) -> None:
    async with Server(kmock, tls=TLS(certificate=certificate)) as server:
        with pytest.raises(ssl.SSLCertVerificationError, match=reason):
            await secure(dial, server, name)


@pytest.mark.parametrize(('certificate', 'reason'), REFUSED)
async def test_the_client_of_the_server_refuses_a_wrong_certificate_as_any_other(
    kmock: RawHandler, certificate: Any, reason: str
) -> None:
    async with Server(kmock, tls=TLS(certificate=certificate)):
        with pytest.raises(aiohttp.ClientConnectorCertificateError, match=reason):
            await kmock.get('/')
    assert len(kmock) == 0


async def test_a_client_that_does_not_look_at_the_certificate_is_served(kmock: RawHandler) -> None:
    kmock << b'hello'
    async with Server(kmock, tls=TLS(certificate='expired')):
        assert await (await kmock.get('/', ssl=False)).read() == b'hello'


# ---- A context of the user's. ----


@pytest.fixture
def own_context(tmp_path: Path) -> ssl.SSLContext:
    other = Authority()
    (tmp_path / 'ca.pem').write_text(other.pem)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(other.keep('own', other.issue({}, ['127.0.0.1']).pem))
    return context


async def test_a_server_with_a_context_of_the_users_is_reached_by_its_own_client(
    kmock: RawHandler, own_context: ssl.SSLContext
) -> None:
    kmock << b'hello'
    async with Server(kmock, tls=own_context):
        assert await (await kmock.get('/')).read() == b'hello'


async def test_whom_to_trust_is_not_known_with_a_context_of_the_users(
    kmock: RawHandler, own_context: ssl.SSLContext
) -> None:
    async with Server(kmock, tls=own_context) as server:
        with pytest.raises(NoTLSError, match=r"type tls=kmock\.TLS\(context=context, ca='path/to/ca\.pem'\)"):
            server.ca_path
        with pytest.raises(NoTLSError):
            server.ssl_context
        with pytest.raises(NoTLSError, match='a context of yours'):
            server.issue_cert('alice')


async def test_whom_to_trust_can_be_told_with_a_context_of_the_users(
    kmock: RawHandler, own_context: ssl.SSLContext, tmp_path: Path, dial: 'Dial'
) -> None:
    kmock << b'hello'
    async with Server(kmock, tls=TLS(context=own_context, ca=tmp_path / 'ca.pem')) as server:
        assert server.ca_path == str(tmp_path / 'ca.pem')
        assert await (await kmock.get('/')).read() == b'hello'
        await secure(dial, server, '127.0.0.1')


async def test_the_client_of_the_server_trusts_the_authority_that_it_was_told(
    kmock: RawHandler, own_context: ssl.SSLContext
) -> None:
    async with Server(kmock, tls=TLS(context=own_context, ca=authority().path)):
        with pytest.raises(aiohttp.ClientConnectorCertificateError):
            await kmock.get('/')


# ---- Traffic. ----


async def test_a_connection_is_kept_for_many_requests(kmock: RawHandler, server: Server, dial: 'Dial') -> None:
    kmock << b'hello'
    wire = await secure(dial, server)
    for _ in range(3):
        wire.ask('/')
        assert await wire.read_answer() == b'hello'


async def test_large_bodies_go_both_ways(kmock: RawHandler, server: Server) -> None:
    body = bytes(range(256)) * 20_000
    kmock << body
    response = await kmock.post('/', data=io.BytesIO(body))
    assert await response.read() == body
    assert kmock[0].body == body


async def test_a_live_stream_is_fed_chunk_by_chunk(kmock: RawHandler, server: Server) -> None:
    kmock << (b'a', ..., ...)
    response = await kmock.get('/')
    assert await response.content.readany() == b'a'
    kmock[...] << b'b'
    assert await response.content.readany() == b'b'
    kmock[...] << b'c'
    assert await response.read() == b'c'


async def test_an_answer_that_closes_the_connection_is_whole(kmock: RawHandler, server: Server, dial: 'Dial') -> None:
    body = b'x' * 3_000_000
    kmock << body
    wire = await secure(dial, server)
    wire.ask('/', version='1.0')
    head = await wire.read_head()
    assert b'Content-Length: 3000000' in head
    assert await wire.read_all() == body


# ---- Odd clients. ----


class ByHand:
    """A client whose TLS is made by hand, to send it in whatever pieces."""

    def __init__(self, wire: 'Wire', context: ssl.SSLContext) -> None:
        self.wire = wire
        self.incoming, self.outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = context.wrap_bio(self.incoming, self.outgoing, server_hostname='localhost')

    async def shake_hands(self, piece: int) -> None:
        """Shake hands, sending so many bytes at once; what is to be sent last is left to the caller."""
        while True:
            try:
                return self.tls.do_handshake()
            except ssl.SSLWantReadError:
                data = self.outgoing.read()
                for start in range(0, len(data), piece):
                    self.wire.send(data[start : start + piece])
                    await asyncio.sleep(0)
                    await asyncio.sleep(0)
                self.incoming.write(await self.wire.reader.read(100_000))

    async def read(self) -> bytes:
        """Read something of what the server says."""
        while True:
            try:
                return self.tls.read(100_000)
            except ssl.SSLWantReadError:
                async with asyncio.timeout(SOON):
                    self.incoming.write(await self.wire.reader.read(100_000))


@pytest.mark.parametrize('piece', [1, 100_000])
async def test_a_request_right_behind_the_handshake_is_served(
    kmock: RawHandler, server: Server, dial: 'Dial', piece: int
) -> None:
    kmock << b'hello'
    client = ByHand(await dial(server), server.ssl_context)
    await client.shake_hands(piece)
    client.tls.write(b'GET / HTTP/1.1\r\nHost: x\r\n\r\n')
    client.wire.send(client.outgoing.read())
    assert (await client.read()).endswith(b'\r\n\r\nhello')


@pytest.mark.parametrize('request_line', [b'GET / HTTP/1.1', b'POST / HTTP/1.0', b'nonsense'])
async def test_a_client_that_speaks_plain_http_is_told_so(
    kmock: RawHandler, server: Server, dial: 'Dial', caplog: pytest.LogCaptureFixture, request_line: bytes
) -> None:
    caplog.set_level(logging.INFO)
    wire = await dial(server)
    wire.send(request_line + b'\r\nHost: x\r\n\r\n')
    answer = await wire.read_all()
    assert answer.startswith(b'HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain')
    assert answer.endswith(f'Client sent an HTTP request to an HTTPS server.\nType {server.url} instead.\n'.encode())
    assert len(kmock) == 0
    assert caplog.records == []


async def test_what_else_a_client_of_plain_http_sends_is_ignored(server: Server, dial: 'Dial') -> None:
    wire = await dial(server)
    wire.send(b'POST / HTTP/1.1\r\n\r\n')
    await wire.read_head()
    wire.send(b'\x16' * 1000)
    await wire.read_all()


async def test_what_is_almost_a_handshake_is_cut_off_and_nothing_is_logged(
    server: Server, dial: 'Dial', caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    wire = await dial(server)
    wire.send(b'\x16\x03\x01\x00\x05hello')
    await wire.reader.read(100)  # an alert, or nothing
    assert await wire.read_all() == b''
    assert caplog.records == []


async def test_clients_that_leave_within_the_handshake_do_not_disturb(
    kmock: RawHandler, server: Server, dial: 'Dial', caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    for data in (b'', b'\x16', b'\x16\x03\x01\x02\x00'):
        for leaves_in_order in (True, False):
            wire = await dial(server)
            wire.send(data)
            if leaves_in_order:
                await wire.leave()
            else:
                wire.vanish()
    kmock << b'hello'
    assert await (await kmock.get('/')).read() == b'hello'
    assert caplog.records == []


# ---- The end. ----


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Makes it notable if somebody is waited for when a server stops."""
    monkeypatch.setattr(connections, 'PATIENCE', 100.0)


async def stop(server: Server) -> None:
    async with asyncio.timeout(SOON):
        await server.__aexit__(None, None, None)


@pytest.mark.usefixtures('impatient')
async def test_a_server_stops_without_waiting_for_the_goodbyes_of_idle_clients(kmock: RawHandler, dial: 'Dial') -> None:
    kmock << b'hello'
    server = await Server(kmock, tls=True, stop_timeout=100).__aenter__()
    wire = await dial(server)  # of a client that reads nothing by itself
    client = ByHand(wire, server.ssl_context)
    await client.shake_hands(100_000)
    client.tls.write(b'GET / HTTP/1.1\r\nHost: x\r\n\r\n')
    wire.send(client.outgoing.read())
    await client.read()
    await stop(server)


@pytest.mark.usefixtures('impatient')
async def test_a_server_stops_with_open_streams_and_ends_them(kmock: RawHandler, dial: 'Dial') -> None:
    kmock << (b'hello', ...)
    server = await Server(kmock, tls=True, stop_timeout=100).__aenter__()
    wire = await secure(dial, server)
    wire.ask('/')
    await wire.read_until(b'5\r\nhello\r\n')
    await stop(server)
    assert await wire.read_all() == b'0\r\n\r\n'


@pytest.mark.usefixtures('impatient')
@pytest.mark.parametrize('data', [b'', b'\x16', b'\x16\x03\x01\x02\x00', b'GET / HTTP/1.1\r\n\r\n'])
async def test_a_server_stops_with_clients_that_do_not_finish_the_handshake(
    kmock: RawHandler, dial: 'Dial', data: bytes
) -> None:
    server = await Server(kmock, tls=True, stop_timeout=100).__aenter__()
    wire = await dial(server)
    wire.send(data)
    await asyncio.sleep(0)
    await (await kmock.get('/')).read()  # by then, the server knows of it
    await stop(server)
    wire.vanish()


async def test_what_a_slow_client_has_not_taken_yet_is_delivered_at_the_end(kmock: RawHandler, dial: 'Dial') -> None:
    body = b'x' * 1_000_000
    kmock << body
    server = await Server(kmock, tls=True, stop_timeout=100).__aenter__()
    wire = await secure(dial, server)
    wire.ask('/')
    await wire.read_head()
    stopping = asyncio.ensure_future(stop(server))
    assert await wire.read_all() == body
    await stopping


async def test_a_client_that_takes_nothing_is_cut_off_at_the_end(kmock: RawHandler, dial: 'Dial') -> None:
    kmock << b'x' * 30_000_000
    server = await Server(kmock, tls=True, stop_timeout=100).__aenter__()
    wire = await secure(dial, server)
    wire.writer.transport.pause_reading()  # type: ignore[attr-defined]  # it is an asyncio.Transport
    wire.ask('/')
    await kmock['get'].wait(1)
    await stop(server)
    wire.vanish()


async def test_a_server_can_be_entered_again(kmock: RawHandler) -> None:
    kmock << b'hello'
    server = Server(kmock, tls=True)
    for _ in range(2):
        async with server:
            assert await (await kmock.get('/')).read() == b'hello'


def test_a_server_in_a_thread_of_its_own_serves_blocking_clients() -> None:
    with RawHandler() as kmock, Server(kmock, tls=True) as server:
        kmock << b'hello'
        client = http.client.HTTPSConnection('127.0.0.1', server.port, context=server.ssl_context)
        client.request('GET', '/')
        assert client.getresponse().read() == b'hello'
        client.close()
