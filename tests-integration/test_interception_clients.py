"""Clients with unchanged code and hard-coded hosts reach the mock; what is not listed remains what it was."""

import asyncio
import http.client
import json
import re
import socket
import ssl
import threading
import urllib.request
from collections.abc import Awaitable, Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import certifi
import httpx
import pytest
import requests
import trio
import urllib3

import kmock

HOST = 'api.example.com'
HTTP, HTTPS = f'http://{HOST}/v1/items?limit=2', f'https://{HOST}/v1/items?limit=2'
OPTIONS: dict[str, Any] = {'hostnames': HOST, 'intercept': 'all'}

PATCHED: list[tuple[Any, str]] = [
    (socket, 'getaddrinfo'),
    (socket, 'gethostbyname'),
    (socket.socket, 'connect'),
    (socket.socket, 'connect_ex'),
    (ssl.SSLSocket, 'do_handshake'),
    (ssl.SSLObject, 'do_handshake'),
    (ssl.SSLContext, 'load_cert_chain'),
    (aiohttp.TCPConnector, '_resolve_host'),
]

Fetch = Callable[[str], bytes]


# ---- Clients ----


def by_requests(url: str) -> bytes:
    return requests.get(url, timeout=5).content


def by_a_session_of_requests(url: str) -> bytes:
    with requests.Session() as session:
        return session.get(url, timeout=5).content


def by_urllib3(url: str) -> bytes:
    with urllib3.PoolManager(retries=False, timeout=5) as pool:
        return pool.request('GET', url).data


def by_urllib3_with_certifi(url: str) -> bytes:
    with urllib3.PoolManager(retries=False, timeout=5, cert_reqs='CERT_REQUIRED', ca_certs=certifi.where()) as pool:
        return pool.request('GET', url).data


def by_urllib(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=5) as response:
        body: bytes = response.read()
        return body


def by_http_client(url: str) -> bytes:
    wanted = urlsplit(url)
    kind = http.client.HTTPSConnection if wanted.scheme == 'https' else http.client.HTTPConnection
    connection = kind(wanted.hostname or '', wanted.port, timeout=5)
    try:
        connection.request('GET', f'{wanted.path or "/"}?{wanted.query}')
        return connection.getresponse().read()
    finally:
        connection.close()


def by_httpx(url: str) -> bytes:
    return httpx.get(url, timeout=5).content


def by_httpx_with_a_context(url: str) -> bytes:
    with httpx.Client(verify=ssl.create_default_context(), timeout=5) as client:
        return client.get(url).content


async def fetch_by_httpx(url: str) -> bytes:
    async with httpx.AsyncClient(timeout=5) as client:
        return (await client.get(url)).content


async def fetch_by_aiohttp(url: str) -> bytes:
    async with aiohttp.ClientSession() as session, session.get(url) as response:
        return await response.read()


async def fetch_by_aiohttp_with_a_context(url: str) -> bytes:
    connector = aiohttp.TCPConnector(ssl=ssl.create_default_context(cafile=certifi.where()))
    async with aiohttp.ClientSession(connector=connector) as session, session.get(url) as response:
        return await response.read()


async def fetch_by_aiohttp_with_threads(url: str) -> bytes:
    connector = aiohttp.TCPConnector(resolver=aiohttp.ThreadedResolver())
    async with aiohttp.ClientSession(connector=connector) as session, session.get(url) as response:
        return await response.read()


def under_asyncio(fetch: Callable[[str], Awaitable[bytes]]) -> Fetch:
    def run(url: str) -> bytes:
        async def main() -> bytes:
            return await fetch(url)

        return asyncio.run(main())

    return run


def under_trio(fetch: Callable[[str], Awaitable[bytes]]) -> Fetch:
    def run(url: str) -> bytes:
        return trio.run(fetch, url)

    return run


CLIENTS = [
    pytest.param(by_requests, id='requests'),
    pytest.param(by_a_session_of_requests, id='requests, a session'),
    pytest.param(by_urllib3, id='urllib3'),
    pytest.param(by_urllib3_with_certifi, id='urllib3, certifi'),
    pytest.param(by_urllib, id='urllib'),
    pytest.param(by_http_client, id='http.client'),
    pytest.param(by_httpx, id='httpx'),
    pytest.param(by_httpx_with_a_context, id='httpx, own context'),
    pytest.param(under_asyncio(fetch_by_httpx), id='httpx on asyncio'),
    pytest.param(under_trio(fetch_by_httpx), id='httpx on trio'),
    pytest.param(under_asyncio(fetch_by_aiohttp), id='aiohttp'),
    pytest.param(under_asyncio(fetch_by_aiohttp_with_a_context), id='aiohttp, own context'),
    pytest.param(under_asyncio(fetch_by_aiohttp_with_threads), id='aiohttp, a resolver'),
]

each_client = pytest.mark.parametrize('fetch', CLIENTS)


# ---- What must not happen ----


@pytest.fixture(autouse=True)
def _no_dns_and_no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    original = socket.getaddrinfo

    def getaddrinfo(host: Any, *args: Any, **kwargs: Any) -> Any:
        if host not in {None, 'localhost', '127.0.0.1', '::1', b'localhost', b'127.0.0.1'}:
            raise socket.gaierror(socket.EAI_NONAME, f'no DNS: {host}')
        return original(host, *args, **kwargs)

    monkeypatch.setattr(socket, 'getaddrinfo', getaddrinfo)
    for name in ('http_proxy', 'https_proxy', 'all_proxy', 'HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY'):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(autouse=True)
def _all_is_restored(_no_dns_and_no_proxy: None) -> Iterator[None]:
    before = functions()
    yield
    assert functions() == before


def functions() -> list[Any]:
    return [owner.__dict__.get(name) for owner, name in PATCHED]


# ---- Intercepted ----


@each_client
def test_a_client_reaches_the_mock_by_http(fetch: Fetch) -> None:
    with kmock.serving(**OPTIONS) as mock:
        mock['get http://api.example.com/v1/items'] << {'items': []}
        assert json.loads(fetch(HTTP)) == {'items': []}
    assert str(mock[0].url) == HTTP


@each_client
def test_a_client_reaches_the_mock_by_https(fetch: Fetch) -> None:
    with kmock.serving(tls=True, **OPTIONS) as mock:
        mock['get https://api.example.com/v1/items'] << {'items': []}
        assert json.loads(fetch(HTTPS)) == {'items': []}
    assert str(mock[0].url) == HTTPS


@each_client
@pytest.mark.parametrize('certificate', ['expired', 'wrong-host'])
def test_a_client_refuses_a_bad_certificate(fetch: Fetch, certificate: Any) -> None:
    with kmock.serving(tls=kmock.TLS(certificate=certificate), **OPTIONS) as mock:
        with pytest.raises(Exception) as caught:  # noqa: PT011  # each library has its own
            fetch(HTTPS)
        assert is_of_certificates(caught.value)
    assert not mock


def is_of_certificates(error: object) -> bool:
    """Tell if an error is that of ``ssl`` about a certificate, or was made of it."""
    if isinstance(error, ssl.SSLCertVerificationError) or not isinstance(error, BaseException):
        return isinstance(error, BaseException)
    return any(map(is_of_certificates, (error.__cause__ or error.__context__, getattr(error, 'reason', None))))


@each_client
def test_a_client_does_not_reach_the_mock_afterwards(fetch: Fetch) -> None:
    with kmock.serving(tls=True, **OPTIONS) as mock:
        mock << b''
        fetch(HTTPS)
    with pytest.raises(Exception, match='no DNS'):
        fetch(HTTPS)


@each_client
def test_a_server_that_is_not_listed_is_reached_as_ever(fetch: Fetch) -> None:
    with kmock.serving() as other, kmock.serving(tls=True, **OPTIONS) as mock:
        other << b'not listed'
        assert fetch(str(other.url)) == b'not listed'
        assert fetch(f'http://localhost:{other.url.port}/') == b'not listed'
        assert not mock


@each_client
def test_a_host_that_is_not_listed_is_looked_up_as_ever(fetch: Fetch) -> None:
    with kmock.serving(tls=True, **OPTIONS) as mock, pytest.raises(Exception, match='no DNS'):
        fetch('https://www.example.com/')
    assert not mock


@each_client
def test_a_host_that_is_not_listed_is_not_trusted(fetch: Fetch) -> None:
    with (
        kmock.serving(tls=True) as other,
        kmock.serving(tls=True, **OPTIONS),
        pytest.raises(Exception) as caught,  # noqa: PT011
    ):
        fetch(f'https://localhost:{other.url.port}/')
    assert is_of_certificates(caught.value)
    assert not other


def test_all_is_restored_after_an_error() -> None:
    before = functions()
    with pytest.raises(ZeroDivisionError), kmock.serving(tls=True, **OPTIONS):
        raise ZeroDivisionError
    assert functions() == before


# ---- Several ----


def test_nested_mocks_have_each_its_own_hosts() -> None:
    options: dict[str, Any] = {'tls': True, 'intercept': 'all'}
    with kmock.serving(hostnames=['both.example.com', 'outer.example.com'], **options) as outer:
        outer << b'outer'
        with kmock.serving(hostnames=['both.example.com', 'inner.example.com'], **options) as inner:
            inner << b'inner'
            assert by_requests('https://outer.example.com/') == b'outer'
            assert by_requests('https://inner.example.com/') == b'inner'
            assert by_requests('https://both.example.com/') == b'inner'
        assert by_requests('https://both.example.com/') == b'outer'


@each_client
def test_one_host_may_be_two_mocks_by_its_ports(fetch: Fetch) -> None:
    with (
        kmock.serving(hostnames=(HOST, 80), intercept='all') as plain,
        kmock.serving(hostnames=(HOST, 443), intercept='all', tls=True) as secure,
    ):
        plain << b'plain'
        secure << b'secure'
        assert (fetch(HTTP), fetch(HTTPS)) == (b'plain', b'secure')


def test_a_redirect_leads_from_one_host_to_another() -> None:
    with (
        kmock.serving(hostnames='old.example.com', intercept='all') as old,
        kmock.serving(hostnames='new.example.com', intercept='all', tls=True) as new,
    ):
        old << 301 << {'Location': 'https://new.example.com/x'}
        new['/x'] << b'moved'
        assert by_requests('http://old.example.com/x') == b'moved'


def test_mocks_in_several_threads_have_each_its_own_host() -> None:
    barrier = threading.Barrier(4)
    got: dict[int, list[bytes]] = {}

    def run(number: int) -> None:
        host = f'host-{number}.example.com'
        barrier.wait(10)
        for _ in range(3):
            with kmock.serving(hostnames=host, tls=True, intercept='all') as mock:
                mock << host.encode()
                got.setdefault(number, []).append(by_httpx(f'https://{host}/'))

    threads = [threading.Thread(target=run, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert got == {number: [f'host-{number}.example.com'.encode()] * 3 for number in range(4)}


def test_many_requests_at_once_reach_the_mock() -> None:
    async def main() -> set[bytes]:
        async with httpx.AsyncClient() as client:
            responses = await asyncio.gather(*(client.get(HTTPS) for _ in range(50)))
            return {response.content for response in responses}

    with kmock.serving(tls=True, **OPTIONS) as mock:
        mock << b'mocked'
        assert asyncio.run(main()) == {b'mocked'}
    assert len(mock) == 50


def test_all_subdomains_may_be_one_mock() -> None:
    with kmock.serving(hostnames=re.compile(r'.*\.example\.com'), tls=True, intercept='all') as mock:
        mock << b'mocked'
        assert by_requests('https://a.b.example.com/') == b'mocked'


# ---- By the fixture ----


@pytest.mark.kmock(hostnames=HOST, tls=True, intercept='all')
def test_the_fixture_intercepts_for_blocking_clients(kmock: Any) -> None:
    kmock['/v1/items'] << {'items': []}
    assert requests.get(HTTPS, timeout=5).json() == {'items': []}


@pytest.mark.kmock(hostnames=HOST, tls=True, intercept='all')
async def test_the_fixture_intercepts_for_async_clients(kmock: Any) -> None:
    kmock['/v1/items'] << {'items': []}
    assert json.loads(await fetch_by_httpx(HTTPS)) == {'items': []}


@pytest.mark.kmock(hostnames=HOST, tls=True)
async def test_the_fixture_intercepts_https_of_aiohttp_by_default(kmock: Any) -> None:
    kmock['/v1/items'] << {'items': []}
    assert json.loads(await fetch_by_aiohttp(HTTPS)) == {'items': []}
    with pytest.raises(httpx.ConnectError, match='no DNS'):
        await fetch_by_httpx(HTTPS)
