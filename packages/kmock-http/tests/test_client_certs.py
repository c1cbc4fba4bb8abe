"""Certificates of clients, over the wire: issued, presented, required, refused, and looked at by the rules."""

import ssl
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest
import pytest_asyncio

from kmock_core import RawHandler, client_cert
from kmock_http import TLS, IssuedCert, Server
from kmock_http.authority import Authority, authority

if TYPE_CHECKING:
    from conftest import Dial, Wire


@pytest_asyncio.fixture
async def server(kmock: RawHandler) -> AsyncGenerator[Server, None]:
    async with Server(kmock, tls=True) as server:
        yield server


@pytest.fixture
def own_context() -> ssl.SSLContext:
    """A context of a server, to be changed by the test, with the certificates of KMock."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=authority().path)
    context.load_cert_chain(authority().keep('server', authority().issue({}, ['localhost']).pem))
    context.verify_mode = ssl.CERT_REQUIRED
    return context


async def call(dial: 'Dial', server: Server, context: ssl.SSLContext, name: str = 'localhost') -> 'Wire':
    wire = await dial(server, ssl=context, server_hostname=name)
    wire.ask('/')
    return wire


async def body_of(dial: 'Dial', server: Server, context: ssl.SSLContext, name: str = 'localhost') -> bytes:
    return await (await call(dial, server, context, name)).read_answer()


# ---- Certificates. ----


async def test_a_certificate_says_whose_it_is(kmock: RawHandler, server: Server) -> None:
    alice = server.issue_cert(
        'alice', organization=['devs', 'ops'], organizational_unit='tests', names=['alice.example.com', 'a@example.com']
    )
    kmock << 200
    await kmock.get('/', ssl=alice.ssl_context)
    presented = kmock[0].client_cert
    assert presented is not None
    assert presented.common_name == alice.common_name == 'alice'
    assert presented.texts('organization') == ('devs', 'ops')
    assert presented.organizational_unit == 'tests'
    assert presented.names == ('alice.example.com', 'a@example.com')
    assert presented.serial == alice.serial
    assert presented.issuer['organizationName'] == 'kmock'


def test_a_certificate_is_a_file_with_its_key() -> None:
    server = Server(RawHandler(), tls=True)
    alice = server.issue_cert('alice')
    assert Path(alice).read_text() == Path(alice.path).read_text() == alice.pem
    context = ssl.create_default_context(cafile=server.ca_path)
    context.load_cert_chain(alice)
    assert Path(alice.path).stat().st_mode & 0o077 == 0


@pytest.mark.parametrize('flag', [ssl.VERIFY_X509_STRICT, ssl.VERIFY_X509_PARTIAL_CHAIN, ssl.VERIFY_X509_TRUSTED_FIRST])
async def test_certificates_of_both_sides_are_good_for_the_strictest(
    kmock: RawHandler, dial: 'Dial', own_context: ssl.SSLContext, flag: ssl.VerifyFlags
) -> None:
    own_context.verify_flags |= flag
    kmock[client_cert('alice')] << b'hello, alice'
    async with Server(kmock, tls=own_context) as server:
        context = Server(kmock, tls=True).issue_cert('alice').ssl_context
        context.verify_flags |= flag
        assert await body_of(dial, server, context) == b'hello, alice'


async def test_a_certificate_can_be_for_any_name_that_files_can_not_have(kmock: RawHandler, server: Server) -> None:
    name = 'system:node:../../a b/ü'
    odd = server.issue_cert(name)
    kmock << 200
    await kmock.get('/', ssl=odd.ssl_context)
    assert kmock[0].client_cert is not None
    assert kmock[0].client_cert.common_name == name
    assert Path(odd.path).parent == Path(server.ca_path).parent


async def test_certificates_can_not_be_changed(server: Server) -> None:
    alice: Any = server.issue_cert('alice')
    with pytest.raises(AttributeError, match='can not be changed'):
        alice.path = '/'
    assert repr(alice) == f"<IssuedCert 'alice': {alice.path}>"
    assert isinstance(alice, IssuedCert)


# ---- Criteria. ----


async def test_rules_look_at_the_certificate(kmock: RawHandler, server: Server, dial: 'Dial') -> None:
    alice, bob = server.issue_cert('alice', organization='admins'), server.issue_cert('bob')
    kmock['/', client_cert(organization='admins')] << b'admin'
    kmock['/', client_cert('b*')] << b'some b'
    kmock['/', client_cert(None)] << b'nobody'
    assert await body_of(dial, server, alice.ssl_context) == b'admin'
    assert await body_of(dial, server, bob.ssl_context) == b'some b'
    assert await body_of(dial, server, server.ssl_context) == b'nobody'


async def test_an_issued_certificate_is_a_criterion(kmock: RawHandler, server: Server) -> None:
    alice, other_alice = server.issue_cert('alice'), server.issue_cert('alice')
    kmock[alice] << b'hello'
    kmock << b'who are you?'
    answers = [await kmock.get('/', ssl=cert.ssl_context) for cert in (alice, other_alice)]
    assert [await answer.read() for answer in answers] == [b'hello', b'who are you?']
    assert len(kmock[alice]) == 1


async def test_the_answer_to_an_unmatched_request_tells_of_the_certificate(kmock: RawHandler, server: Server) -> None:
    kmock['/', client_cert('alice')] << 200
    response = await kmock.get('/', ssl=server.issue_cert('bob').ssl_context)
    assert "✗ client_cert: 'bob' != 'alice'" in await response.text()


async def test_all_requests_of_a_connection_have_its_certificate(kmock: RawHandler, server: Server) -> None:
    alice = server.issue_cert('alice')
    kmock << 200
    connector = aiohttp.TCPConnector(ssl=alice.ssl_context, limit=1)
    async with aiohttp.ClientSession(connector=connector) as session:
        for _ in range(2):
            async with session.get(server.url):
                pass
    assert kmock[0].client_cert == kmock[1].client_cert
    assert kmock[0].record[5] is kmock[1].record[5]


async def test_requests_of_clients_without_one_are_as_those_by_plain_http(kmock: RawHandler, server: Server) -> None:
    kmock << 200
    await kmock.get('/')
    assert kmock[0].client_cert is None
    assert len(kmock[0].record[5]) == 4


@pytest.mark.parametrize('name', ['localhost', 'api.example.com'])
async def test_the_certificate_is_asked_for_under_any_name(
    kmock: RawHandler, server: Server, dial: 'Dial', name: str
) -> None:
    kmock[client_cert('alice')] << b'hello, alice'
    assert await body_of(dial, server, server.issue_cert('alice').ssl_context, name) == b'hello, alice'


# ---- Required, refused, not asked for. ----


@pytest.mark.parametrize('name', ['localhost', 'api.example.com'])
async def test_a_server_that_requires_certificates_refuses_those_who_have_none(
    kmock: RawHandler, dial: 'Dial', name: str
) -> None:
    kmock << b'hello'
    async with Server(kmock, tls=TLS(client_certs='required')) as server:
        with pytest.raises(ssl.SSLError, match='CERTIFICATE_REQUIRED'):
            await body_of(dial, server, server.ssl_context, name)
        assert await body_of(dial, server, server.issue_cert('alice').ssl_context, name) == b'hello'
    assert len(kmock) == 1


async def test_the_client_of_a_server_that_requires_certificates_has_none_either(kmock: RawHandler) -> None:
    kmock << b'hello'
    async with Server(kmock, tls=TLS(client_certs='required')) as server:
        with pytest.raises(aiohttp.ClientError):
            await kmock.get('/')
        response = await kmock.get('/', ssl=server.issue_cert('alice').ssl_context)
        assert await response.read() == b'hello'


async def test_a_certificate_of_an_unknown_authority_is_refused(
    kmock: RawHandler, server: Server, dial: 'Dial'
) -> None:
    kmock << b'hello'
    with pytest.raises(ssl.SSLError, match='UNKNOWN_CA'):
        await body_of(dial, server, foreign_context(server, Authority()))
    assert len(kmock) == 0


async def test_a_certificate_of_an_authority_of_the_users_is_accepted(
    kmock: RawHandler, tmp_path: Path, dial: 'Dial'
) -> None:
    other = Authority()
    (tmp_path / 'ca.pem').write_text(other.pem)
    kmock[client_cert('mallory')] << b'hello'
    for client_ca in (tmp_path / 'ca.pem', str(tmp_path / 'ca.pem'), other.pem):
        async with Server(kmock, tls=TLS(client_ca=client_ca)) as server:
            for name in ('localhost', 'api.example.com'):
                assert await body_of(dial, server, foreign_context(server, other), name) == b'hello'


async def test_a_server_that_does_not_ask_for_certificates_gets_none(kmock: RawHandler, dial: 'Dial') -> None:
    kmock << b'hello'
    async with Server(kmock, tls=TLS(client_certs=False)) as server:
        assert await body_of(dial, server, server.issue_cert('alice').ssl_context) == b'hello'
    assert kmock[0].client_cert is None


def foreign_context(server: Server, other: Authority) -> ssl.SSLContext:
    """The context of a client whose certificate is issued by another authority."""
    context = ssl.create_default_context(cafile=server.ca_path)
    context.load_cert_chain(other.keep('mallory', other.issue({'common_name': ['mallory']}).pem))
    return context
