"""Trust for intercepted names: whom clients trust, whom they do not, and what is left afterwards."""

import asyncio
import errno
import shutil
import socket
import ssl
import threading
from collections.abc import AsyncGenerator, Callable, Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
import trustme

from kmock_core import RawHandler
from kmock_http import TLS, Server, TrustInterceptor
from kmock_http.errors import AlreadyRunningError, InterceptionError

PATCHED: list[tuple[Any, str]] = [
    (ssl.SSLSocket, 'do_handshake'),
    (ssl.SSLObject, 'do_handshake'),
    (ssl.SSLContext, 'load_cert_chain'),
]


def functions() -> list[Any]:
    return [owner.__dict__.get(name) for owner, name in PATCHED]


@pytest.fixture(autouse=True)
def _functions_are_restored() -> Iterator[None]:
    before = functions()
    yield
    assert functions() == before


def certified(ca: Any, name: str) -> ssl.SSLContext:
    """A context of a server that is not made by KMock."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    ca.issue_cert(name).configure_cert(context)
    return context


def convinced(ca: Any) -> ssl.SSLContext:
    """A context of a client that trusts an authority, and no other."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    ca.configure_trust(context)
    return context


# ---- Clients ----


def shake_blocking(context: ssl.SSLContext, address: tuple[str, int], name: str) -> ssl.SSLSocket:
    return context.wrap_socket(socket.create_connection(address, timeout=5), server_hostname=name)


def shake_when_connecting(context: ssl.SSLContext, address: tuple[str, int], name: str) -> ssl.SSLSocket:
    client = context.wrap_socket(socket.socket(), server_hostname=name)
    client.settimeout(5)
    try:
        client.connect(address)
    except BaseException:
        client.close()
        raise
    return client


def shake_later(context: ssl.SSLContext, address: tuple[str, int], name: str) -> ssl.SSLSocket:
    connection = socket.create_connection(address, timeout=5)
    client = context.wrap_socket(connection, server_hostname=name, do_handshake_on_connect=False)
    try:
        client.do_handshake()
    except BaseException:
        client.close()
        raise
    return client


def shake_in_memory(context: ssl.SSLContext, address: tuple[str, int], name: str) -> ssl.SSLObject:
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = context.wrap_bio(incoming, outgoing, server_hostname=name)
    with socket.create_connection(address, timeout=5) as connection:
        while True:
            try:
                client.do_handshake()
            except ssl.SSLWantReadError:
                connection.sendall(outgoing.read())
                incoming.write(connection.recv(65536))
            else:
                connection.sendall(outgoing.read())
                return client


Shake = Callable[[ssl.SSLContext, tuple[str, int], str], 'ssl.SSLSocket | ssl.SSLObject']

WAYS: list[Shake] = [shake_blocking, shake_when_connecting, shake_later, shake_in_memory]


async def shake(way: Shake, context: ssl.SSLContext, server: Server, name: str = 'example.test') -> dict[str, Any]:
    """The certificate of the server, if the client has accepted it."""

    def run() -> dict[str, Any]:
        client = way(context, ('127.0.0.1', server.port), name)
        try:
            return dict(client.getpeercert() or {})
        finally:
            if isinstance(client, ssl.SSLSocket):
                client.close()

    return await asyncio.to_thread(run)


@pytest_asyncio.fixture
async def server(kmock: RawHandler) -> AsyncGenerator[Server, None]:
    async with Server(kmock, hostnames=['example.test', ('ported.test', 443)], tls=True) as server:
        yield server


# ---- Who is trusted ----


@pytest.mark.parametrize('way', WAYS)
@pytest.mark.parametrize('name', ['example.test', 'EXAMPLE.test', 'ported.test'])
async def test_an_intercepted_name_is_trusted(server: Server, way: Shake, name: str) -> None:
    certificate = await shake(way, ssl.create_default_context(), server, name)
    assert certificate['subjectAltName'] == (('DNS', name.lower()),)


@pytest.mark.parametrize('way', WAYS)
@pytest.mark.parametrize('name', ['other.test', 'localhost', '127.0.0.1'])
async def test_the_same_server_by_another_name_is_not_trusted(server: Server, way: Shake, name: str) -> None:
    with pytest.raises(ssl.SSLCertVerificationError, match='CERTIFICATE_VERIFY_FAILED'):
        await shake(way, ssl.create_default_context(), server, name)


@pytest.mark.parametrize('way', WAYS)
async def test_nobody_is_trusted_any_more_when_the_server_is_left(kmock: RawHandler, way: Shake) -> None:
    context = ssl.create_default_context()
    context.get_ca_certs()
    before = context.cert_store_stats()
    async with Server(kmock, hostnames='example.test', tls=True) as server:
        assert await shake(way, context, server)
    async with Server(kmock, tls=True) as server:
        with pytest.raises(ssl.SSLCertVerificationError, match='CERTIFICATE_VERIFY_FAILED'):
            await shake(way, context, server)
    assert context.cert_store_stats() == before


@pytest.mark.parametrize('way', WAYS)
@pytest.mark.parametrize(
    ('certificate', 'reason'),
    [('expired', 'expired'), ('not-yet-valid', 'not yet valid'), ('wrong-host', 'mismatch'), ('self-signed', 'self')],
)
async def test_a_certificate_that_is_to_be_refused_is_refused(
    kmock: RawHandler, way: Shake, certificate: Any, reason: str
) -> None:
    async with Server(kmock, hostnames='example.test', tls=TLS(certificate=certificate)) as server:
        with pytest.raises(ssl.SSLCertVerificationError, match=reason):
            await shake(way, ssl.create_default_context(), server)


@pytest.mark.parametrize('way', WAYS)
@pytest.mark.parametrize('certificate', ['valid', 'expired', 'wrong-host', 'self-signed'])
async def test_a_client_that_checks_nothing_accepts_everything(kmock: RawHandler, way: Shake, certificate: Any) -> None:
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    async with Server(kmock, hostnames='example.test', tls=TLS(certificate=certificate)) as server:
        assert await shake(way, context, server) == {}


@pytest.mark.parametrize('way', WAYS)
async def test_a_client_that_does_not_check_the_host_does_check_the_authority(kmock: RawHandler, way: Shake) -> None:
    context = ssl.create_default_context()
    context.check_hostname = False
    async with Server(kmock, hostnames='example.test', tls=TLS(certificate='wrong-host')) as server:
        assert await shake(way, context, server)
    async with Server(kmock, hostnames='example.test', tls=TLS(certificate='self-signed')) as server:
        with pytest.raises(ssl.SSLCertVerificationError, match=r'self.signed'):
            await shake(way, context, server)


@pytest.mark.parametrize('way', WAYS)
async def test_a_context_that_trusts_somebody_else_only_trusts_the_mock_meanwhile(server: Server, way: Shake) -> None:
    assert await shake(way, convinced(trustme.CA()), server)


async def test_a_server_with_a_context_of_the_user_is_trusted_if_its_authority_is_told(
    kmock: RawHandler, tmp_path: Path
) -> None:
    ca = trustme.CA()
    context = certified(ca, 'example.test')
    ca.cert_pem.write_to_path(str(tmp_path / 'ca.pem'))
    async with Server(kmock, hostnames='example.test', tls=TLS(context=context, ca=tmp_path / 'ca.pem')) as server:
        assert await shake(shake_blocking, ssl.create_default_context(), server)
    async with Server(kmock, hostnames='example.test', tls=context) as server:
        with pytest.raises(ssl.SSLCertVerificationError, match='CERTIFICATE_VERIFY_FAILED'):
            await shake(shake_blocking, ssl.create_default_context(), server)


@pytest.mark.usefixtures('server')
@pytest.mark.skipif(not hasattr(socket, 'AF_UNIX'), reason='no Unix sockets')
def test_a_pair_of_sockets_is_not_the_server_whatever_its_name() -> None:
    ca = trustme.CA()
    ours, theirs = socket.socketpair()
    errors: list[Exception] = []

    def serve() -> None:
        try:
            certified(ca, 'example.test').wrap_socket(theirs, server_side=True).close()
        except OSError as exc:
            errors.append(exc)
            theirs.close()

    thread = threading.Thread(target=serve)
    thread.start()
    with pytest.raises(ssl.SSLCertVerificationError):
        ssl.create_default_context().wrap_socket(ours, server_hostname='example.test')
    thread.join()
    assert errors


async def test_a_connection_that_is_over_before_its_handshake_is_the_error_that_it_always_was(server: Server) -> None:
    def hang_up(name: str) -> type[BaseException]:
        connection = socket.create_connection(('127.0.0.1', server.port))
        client = ssl.create_default_context().wrap_socket(
            connection, server_hostname=name, do_handshake_on_connect=False
        )
        with client:
            client.shutdown(socket.SHUT_RDWR)
            with pytest.raises(Exception) as caught:  # noqa: PT011  # which one, is the choice of Python
                client.do_handshake()
        return caught.type

    assert await asyncio.to_thread(hang_up, 'example.test') is await asyncio.to_thread(hang_up, 'other.test')


async def test_a_connection_to_nobody_known_is_not_trusted(server: Server) -> None:
    class Gone(ssl.SSLSocket):
        is_gone = False

        def getpeername(self) -> Any:
            if self.is_gone:
                raise OSError(errno.ENOTCONN, 'gone')
            return super().getpeername()

    def shake_alone() -> None:
        context = ssl.create_default_context()
        context.sslsocket_class = Gone
        connection = socket.create_connection(('127.0.0.1', server.port))
        with context.wrap_socket(connection, server_hostname='example.test', do_handshake_on_connect=False) as client:
            Gone.is_gone = True
            client.do_handshake()

    with pytest.raises(ssl.SSLCertVerificationError):
        await asyncio.to_thread(shake_alone)


# ---- What else a context demands ----


@pytest.mark.parametrize('way', WAYS)
async def test_protocols_and_versions_and_ciphers_are_those_of_the_context(server: Server, way: Shake) -> None:
    context = ssl.create_default_context()
    context.set_alpn_protocols(['http/1.1'])
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers('ECDHE-ECDSA-AES256-GCM-SHA384')

    def look() -> tuple[object, ...]:
        client = way(context, ('127.0.0.1', server.port), 'example.test')
        try:
            return client.selected_alpn_protocol(), client.version(), (client.cipher() or ('',))[0]
        finally:
            if isinstance(client, ssl.SSLSocket):
                client.close()

    assert await asyncio.to_thread(look) == ('http/1.1', 'TLSv1.2', 'ECDHE-ECDSA-AES256-GCM-SHA384')


@pytest.mark.parametrize(
    'ciphers', ['DEFAULT@SECLEVEL=0', 'DEFAULT@SECLEVEL=1', 'ECDHE-ECDSA-AES128-GCM-SHA256@SECLEVEL=2']
)
@pytest.mark.parametrize('version', [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
async def test_the_level_of_security_is_that_of_the_context(
    server: Server, ciphers: str, version: ssl.TLSVersion
) -> None:
    context = ssl.create_default_context()
    context.set_ciphers(ciphers)
    context.minimum_version = context.maximum_version = version

    def look() -> tuple[object, ...]:
        with shake_later(context, ('127.0.0.1', server.port), 'example.test') as client:
            return client.context.security_level, client.version()

    assert await asyncio.to_thread(look) == (context.security_level, version.name.replace('_', '.'))


async def test_the_keys_of_the_session_are_logged_where_the_context_says(server: Server, tmp_path: Path) -> None:
    context = ssl.create_default_context()
    context.keylog_filename = str(tmp_path / 'keys')
    await shake(shake_blocking, context, server)
    assert 'CLIENT_HANDSHAKE_TRAFFIC_SECRET' in (tmp_path / 'keys').read_text()


async def test_what_the_context_demands_later_is_demanded_then(kmock: RawHandler, tmp_path: Path) -> None:
    context = ssl.create_default_context()
    async with Server(kmock, hostnames='example.test', tls=TLS(certificate='wrong-host')) as server:
        for options in range(12):
            context.check_hostname = check = bool(options % 2)
            context.keylog_filename = str(tmp_path / f'keys-{options}')
            if check:
                with pytest.raises(ssl.SSLCertVerificationError, match='mismatch'):
                    await shake(shake_in_memory, context, server)
            else:
                assert await shake(shake_in_memory, context, server)


# ---- Certificates of clients ----


@pytest.fixture
def alice(server: Server, tmp_path: Path) -> Path:
    return Path(shutil.copy(server.issue_cert('alice').path, tmp_path / 'alice.pem'))


def load_and_lose(context: ssl.SSLContext, path: Path) -> None:
    context.load_cert_chain(path)
    path.unlink()


async def present(context: ssl.SSLContext) -> None:
    connector = aiohttp.TCPConnector(ssl=context)
    async with aiohttp.ClientSession(connector=connector) as session, session.get('https://example.test/'):
        pass


async def test_a_certificate_of_the_client_is_presented(kmock: RawHandler, server: Server, alice: Path) -> None:
    context = ssl.create_default_context()
    load_and_lose(context, alice)
    await present(context)
    assert kmock[0].client_cert is not None
    assert kmock[0].client_cert.common_name == 'alice'


async def test_a_certificate_with_a_key_of_its_own_and_a_password_is_presented(
    kmock: RawHandler, server: Server, tmp_path: Path
) -> None:
    from cryptography.hazmat.primitives import serialization as forms

    text = server.issue_cert('bob').pem.encode()
    key, secret = forms.load_pem_private_key(text, None), forms.BestAvailableEncryption(b'secret')
    certificate_path, key_path = tmp_path / 'bob.pem', tmp_path / 'key.pem'
    certificate_path.write_bytes(text[text.index(b'-----BEGIN CERTIFICATE') :])
    key_path.write_bytes(key.private_bytes(forms.Encoding.PEM, forms.PrivateFormat.PKCS8, secret))
    asked: list[str] = []

    def password() -> str:
        asked.append('password')
        return 'secret'

    context = ssl.create_default_context()
    context.load_cert_chain(certificate_path, key_path, password)
    await present(context)
    assert kmock[0].client_cert is not None
    assert kmock[0].client_cert.common_name == 'bob'
    assert asked == ['password']


@pytest.mark.usefixtures('server')
def test_a_certificate_that_can_not_be_loaded_is_the_error_that_it_always_was(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        ssl.create_default_context().load_cert_chain(tmp_path / 'nothing')


# ---- The real hosts ----


@contextmanager
def real_host(ca: trustme.CA, name: str) -> Generator[int]:
    """A server that is not ours, with an authority that is not ours; it shakes hands with one client."""
    context = certified(ca, name)

    def serve() -> None:
        connection, _ = listening.accept()
        with connection:
            try:
                context.wrap_socket(connection, server_side=True).close()
            except OSError:  # they do not trust us
                pass

    with socket.create_server(('127.0.0.1', 0)) as listening:
        thread = threading.Thread(target=serve)
        thread.start()
        yield listening.getsockname()[1]
        thread.join()


@pytest.mark.usefixtures('server')
@pytest.mark.parametrize('way', WAYS)
@pytest.mark.parametrize('name', ['example.test', 'ported.test', 'other.test'])
async def test_the_real_host_is_trusted_by_who_trusts_it(way: Shake, name: str) -> None:
    ca = trustme.CA()
    with real_host(ca, name) as port:
        client = await asyncio.to_thread(way, convinced(ca), ('127.0.0.1', port), name)
        if isinstance(client, ssl.SSLSocket):
            client.close()


@pytest.mark.usefixtures('server')
@pytest.mark.parametrize('way', WAYS)
async def test_the_real_host_is_not_trusted_by_who_does_not(way: Shake) -> None:
    with real_host(trustme.CA(), 'example.test') as port, pytest.raises(ssl.SSLCertVerificationError):
        await asyncio.to_thread(way, ssl.create_default_context(), ('127.0.0.1', port), 'example.test')


async def test_a_client_that_reaches_the_mock_and_trusts_the_authorities_of_the_system_only_trusts_it(
    server: Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv('SSL_CERT_FILE', str(tmp_path / 'none'))
    monkeypatch.setenv('SSL_CERT_DIR', str(tmp_path))
    context = ssl.create_default_context()
    assert context.get_ca_certs() == []
    assert await shake(shake_in_memory, context, server)


# ---- aiohttp, which is intercepted by default ----


@pytest.mark.parametrize('own', [False, True])
async def test_aiohttp_reaches_the_mock_by_https(kmock: RawHandler, server: Server, own: bool) -> None:
    kmock << b'mocked'
    context = ssl.create_default_context() if own else True
    async with (
        aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=context)) as session,
        session.get('https://example.test/x') as response,
    ):
        assert await response.read() == b'mocked'
    assert str(kmock[0].url) == 'https://example.test/x'


async def test_aiohttp_refuses_an_expired_certificate(kmock: RawHandler) -> None:
    async with (
        Server(kmock, hostnames='example.test', tls=TLS(certificate='expired')),
        aiohttp.ClientSession() as session,
    ):
        with pytest.raises(aiohttp.ClientConnectorCertificateError, match='expired'):
            await session.get('https://example.test/')


async def test_an_address_is_intercepted_by_https_too(kmock: RawHandler) -> None:
    kmock << b'mocked'
    names: list[Any] = ['203.0.113.7', ('2001:db8::7', 443)]
    async with Server(kmock, hostnames=names, tls=True), aiohttp.ClientSession() as session:
        for url in ('https://203.0.113.7/', 'https://[2001:db8::7]/'):
            async with session.get(url) as response:
                assert await response.read() == b'mocked'


# ---- http beside https ----


@pytest.mark.parametrize('names', ['example.test', [('example.test', 80), ('example.test', 443)]])
async def test_a_name_is_served_by_http_and_by_https(kmock: RawHandler, names: Any) -> None:
    kmock['http://example.test/x'] << b'plain'
    kmock['https://example.test/x'] << b'secure'
    async with Server(kmock, hostnames=names, tls=True), aiohttp.ClientSession() as session:
        for url, body in (('http://example.test/x', b'plain'), ('https://example.test/x', b'secure')) * 2:
            async with session.get(url) as response:
                assert await response.read() == body
    assert [str(request.url) for request in kmock] == ['http://example.test/x', 'https://example.test/x'] * 2


async def test_who_speaks_http_to_a_server_of_https_only_is_told_so(kmock: RawHandler) -> None:
    async with (
        Server(kmock, hostnames=('example.test', 443), tls=True),
        aiohttp.ClientSession() as session,
        session.get('http://example.test:443/x') as response,
    ):
        assert response.status == 400
        assert (await response.text()).startswith('Client sent an HTTP request to an HTTPS server.')
    assert not kmock


# ---- When ----


async def test_functions_are_restored_after_an_error(kmock: RawHandler) -> None:
    before = functions()
    with pytest.raises(ZeroDivisionError):
        async with Server(kmock, hostnames='example.test', tls=True):
            raise ZeroDivisionError
    assert functions() == before


@pytest.mark.parametrize('options', [{'tls': True}, {'hostnames': 'example.test'}, {'hostnames': [], 'tls': True}])
async def test_functions_are_not_replaced_by_a_server_without_names_or_tls(
    kmock: RawHandler, options: dict[str, Any]
) -> None:
    before = functions()
    async with Server(kmock, **options):
        assert functions() == before


async def test_two_authorities_may_be_trusted_at_once(kmock: RawHandler, server: Server, tmp_path: Path) -> None:
    ca = trustme.CA()
    context = certified(ca, 'example.test')
    ca.cert_pem.write_to_path(str(tmp_path / 'ca.pem'))
    own = TLS(context=context, ca=tmp_path / 'ca.pem')
    async with Server(kmock, hostnames=('example.test', 8443), tls=own) as second:
        for way in WAYS:
            assert await shake(way, ssl.create_default_context(), second)
            assert await shake(way, ssl.create_default_context(), server)


def test_entering_an_interceptor_twice_is_an_error() -> None:
    interceptor = TrustInterceptor(trustme.CA().cert_pem.bytes().decode(), '127.0.0.1', 1, 'example.test')
    with interceptor, pytest.raises(AlreadyRunningError, match='cannot be entered twice'):
        interceptor.enter()
    with pytest.raises(InterceptionError, match='cannot be left because it was not entered'):
        interceptor.leave()


def test_an_interceptor_tells_what_it_is_for() -> None:
    interceptor = TrustInterceptor('-----BEGIN', '::1', 443, ['A.test', ('b.test', 81)])
    assert repr(interceptor) == "TrustInterceptor(…, '::1', 443, [('a.test', None), ('b.test', 81)])"
    assert interceptor.matches('B.TEST')
    assert not interceptor.matches('c.test')
    assert interceptor.is_at(('0:0::1', 443))
    assert not interceptor.is_at(('::1', 444))
    assert TrustInterceptor('', '127.0.0.1').is_at(('::ffff:127.0.0.1', 5))
