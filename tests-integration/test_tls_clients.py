"""TLS as the clients of others see it: whom they trust, what each raises for a wrong certificate, what they present."""

import ssl
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from typing import Any

import aiohttp
import httpx
import pytest
import requests
import urllib3

import kmock

REFUSED = [
    ('expired', 'certificate has expired'),
    ('not-yet-valid', 'certificate is not yet valid'),
    ('wrong-host', 'mismatch|not valid for'),
    ('self-signed', 'self-signed certificate'),
]

Ask = Callable[['kmock.Server', 'kmock.IssuedCert | None'], str]
AskLater = Callable[['kmock.Server', 'kmock.IssuedCert | None'], Any]


def by_requests(server: 'kmock.Server', cert: 'kmock.IssuedCert | None' = None) -> str:
    return requests.get(f'{server.url}/', verify=server.ca_path, cert=cert.path if cert else None, timeout=5).text


def by_session_of_requests(server: 'kmock.Server', cert: 'kmock.IssuedCert | None' = None) -> str:
    with requests.Session() as session:
        session.trust_env = False  # or the variables of the environment beat what is said of the session
        session.verify = server.ca_path
        session.cert = (cert.path, cert.path) if cert else None
        return session.get(f'{server.url}/', timeout=5).text


def by_urllib3(server: 'kmock.Server', cert: 'kmock.IssuedCert | None' = None) -> str:
    with urllib3.PoolManager(ca_certs=server.ca_path, cert_file=cert.path if cert else None, retries=False) as pool:
        return pool.request('GET', f'{server.url}/', timeout=5).data.decode()


def by_urllib(server: 'kmock.Server', cert: 'kmock.IssuedCert | None' = None) -> str:
    with urllib.request.urlopen(f'{server.url}/', context=context_of(server, cert), timeout=5) as response:
        return str(response.read().decode())


def by_httpx(server: 'kmock.Server', cert: 'kmock.IssuedCert | None' = None) -> str:
    with httpx.Client(verify=context_of(server, cert), trust_env=False) as client:
        return client.get(f'{server.url}/').text


async def by_async_httpx(server: 'kmock.Server', cert: 'kmock.IssuedCert | None' = None) -> str:
    async with httpx.AsyncClient(verify=context_of(server, cert), trust_env=False) as client:
        return (await client.get(f'{server.url}/')).text


async def by_aiohttp(server: 'kmock.Server', cert: 'kmock.IssuedCert | None' = None) -> str:
    async with (
        aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=context_of(server, cert))) as session,
        session.get(server.url) as response,
    ):
        return await response.text()


def context_of(server: 'kmock.Server', cert: 'kmock.IssuedCert | None') -> ssl.SSLContext:
    return server.ssl_context if cert is None else cert.ssl_context


# What each of them is documented to raise if the certificate is wrong; and for what it is, if it has to be looked for.
BLOCKING: list[tuple[Ask, type[Exception]]] = [
    (by_requests, requests.exceptions.SSLError),
    (by_session_of_requests, requests.exceptions.SSLError),
    (by_urllib3, urllib3.exceptions.SSLError),
    (by_urllib, urllib.error.URLError),
    (by_httpx, httpx.ConnectError),
]
ASYNC: list[tuple[AskLater, type[Exception]]] = [
    (by_async_httpx, httpx.ConnectError),
    (by_aiohttp, aiohttp.ClientConnectorCertificateError),
]


@pytest.fixture
def mock() -> Iterator[kmock.RawHandler]:
    with kmock.RawHandler() as mock:
        mock['get /', kmock.client_cert('alice')] << kmock.text('hello, alice')
        mock['get /'] << kmock.text('hello')
        yield mock


@pytest.mark.parametrize('ask', [ask for ask, _ in BLOCKING])
def test_a_blocking_client_trusts_the_server_and_presents_its_certificate(mock: kmock.RawHandler, ask: Ask) -> None:
    with kmock.Server(mock, tls=True) as server:
        assert ask(server, None) == 'hello'
        assert ask(server, server.issue_cert('alice')) == 'hello, alice'
        assert ask(server, server.issue_cert('bob')) == 'hello'


@pytest.mark.parametrize(('ask', 'error'), BLOCKING)
@pytest.mark.parametrize(('certificate', 'reason'), REFUSED)
def test_a_blocking_client_refuses_a_wrong_certificate(
    mock: kmock.RawHandler, ask: Ask, error: type[Exception], certificate: Any, reason: str
) -> None:
    with kmock.Server(mock, tls=kmock.TLS(certificate=certificate)) as server:
        with pytest.raises(error, match=reason):
            ask(server, None)
        assert len(mock) == 0


@pytest.mark.parametrize('ask', [ask for ask, _ in ASYNC])
async def test_an_asynchronous_client_trusts_the_server_and_presents_its_certificate(
    mock: kmock.RawHandler, ask: AskLater
) -> None:
    with kmock.Server(mock, tls=True) as server:
        assert await ask(server, None) == 'hello'
        assert await ask(server, server.issue_cert('alice')) == 'hello, alice'


@pytest.mark.parametrize(('ask', 'error'), ASYNC)
@pytest.mark.parametrize(('certificate', 'reason'), REFUSED)
async def test_an_asynchronous_client_refuses_a_wrong_certificate(
    mock: kmock.RawHandler, ask: AskLater, error: type[Exception], certificate: Any, reason: str
) -> None:
    with kmock.Server(mock, tls=kmock.TLS(certificate=certificate)) as server:
        with pytest.raises(error, match=reason):
            await ask(server, None)
        assert len(mock) == 0


@pytest.mark.parametrize(
    ('ask', 'error'),
    [
        (by_requests, requests.exceptions.ConnectionError),
        (by_urllib3, (urllib3.exceptions.SSLError, urllib3.exceptions.ProtocolError)),
        (by_urllib, (urllib.error.URLError, ssl.SSLError, ConnectionError)),
        (by_httpx, (httpx.ReadError, httpx.WriteError)),
    ],
)
def test_a_client_without_a_certificate_is_refused_where_one_is_required(
    mock: kmock.RawHandler, ask: Ask, error: Any
) -> None:
    with kmock.Server(mock, tls=kmock.TLS(client_certs='required')) as server:
        with pytest.raises(error):
            ask(server, None)
        assert ask(server, server.issue_cert('alice')) == 'hello, alice'


def test_a_client_that_could_speak_http2_falls_back(mock: kmock.RawHandler) -> None:
    with kmock.Server(mock, tls=True) as server:
        context = server.ssl_context
        context.set_alpn_protocols(['h2', 'http/1.1'])
        with urllib.request.urlopen(f'{server.url}/', context=context, timeout=5) as response:
            assert response.read() == b'hello'


def test_a_client_of_plain_http_is_told_what_to_type(mock: kmock.RawHandler) -> None:
    with kmock.Server(mock, tls=True) as server:
        response = requests.get(f'http://127.0.0.1:{server.port}/', timeout=5)
        assert (response.status_code, str(server.url) in response.text) == (400, True)


@pytest.mark.kmock(tls=True)
async def test_the_fixture_serves_https_by_the_mark(kmock: Any) -> None:
    kmock << b'hello'
    response = await kmock.get('/')
    assert await response.read() == b'hello'
    assert kmock.url.scheme == 'https'


@pytest.mark.kmock(tls=True)
async def test_the_default_host_name_is_intercepted_at_its_port_of_https(kmock: Any) -> None:
    kmock << b'hello'
    async with aiohttp.ClientSession() as session, session.get('https://localhost/', ssl=kmock.ssl_context) as response:
        assert await response.read() == b'hello'
