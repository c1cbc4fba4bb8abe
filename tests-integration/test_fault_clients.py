"""What the clients of others make of each fault: the exceptions that their users have to handle."""

from collections.abc import AsyncGenerator, Generator
from typing import Any, NamedTuple

import aiohttp
import httpx
import pytest
import pytest_asyncio
import requests
import requests.adapters
import urllib3
from httpx_sse import connect_sse

import kmock
from kmock import fault

PATIENCE = 0.1
"""Seconds after which clients give up; only those that get nothing do."""

JSON = {'a': 1}


class Case(NamedTuple):
    """Payloads, and what each of the clients raises for them."""

    payloads: tuple[Any, ...]
    requests: type[Exception]
    urllib3: type[Exception]
    httpx: type[Exception]
    aiohttp: type[Exception] | tuple[type[Exception], ...]


BROKEN = Case(
    (),
    requests.exceptions.ChunkedEncodingError,
    urllib3.exceptions.ProtocolError,
    httpx.RemoteProtocolError,
    aiohttp.ClientPayloadError,
)
UNHEARD = BROKEN._replace(requests=requests.exceptions.ConnectionError, aiohttp=aiohttp.ServerDisconnectedError)
SILENT = Case(
    (),
    requests.exceptions.ReadTimeout,
    urllib3.exceptions.ReadTimeoutError,
    httpx.ReadTimeout,
    aiohttp.SocketTimeoutError,
)

CASES = [
    UNHEARD._replace(payloads=(fault.reset(),), httpx=httpx.ReadError, aiohttp=aiohttp.ClientOSError),
    UNHEARD._replace(payloads=(fault.empty(),)),
    UNHEARD._replace(payloads=(fault.garbage(),), aiohttp=aiohttp.ClientResponseError),
    BROKEN._replace(payloads=((b'abc', fault.reset()),), httpx=httpx.ReadError),
    BROKEN._replace(payloads=((b'abc', fault.empty()),)),
    BROKEN._replace(payloads=((b'abc', fault.truncate()),)),
    BROKEN._replace(payloads=(JSON, fault.truncate(3))),
    BROKEN._replace(payloads=((b'abc', b'def'), fault.truncate(4))),
    BROKEN._replace(payloads=(fault.malformed_chunk(),), aiohttp=aiohttp.ClientResponseError),
    BROKEN._replace(  # the latter if the broken chunk comes together with the head
        payloads=((b'abc', fault.malformed_chunk()),), aiohttp=(aiohttp.ClientPayloadError, aiohttp.ClientResponseError)
    ),
    SILENT._replace(payloads=(fault.stall(),)),
    SILENT._replace(payloads=((b'abc', fault.stall()),), requests=requests.exceptions.ConnectionError),
    SILENT._replace(payloads=(JSON, fault.latency(60))),
    SILENT._replace(payloads=((b'abc', fault.latency(60), b'def'),), requests=requests.exceptions.ConnectionError),
    SILENT._replace(payloads=(JSON, fault.throttle('1B/s')), requests=requests.exceptions.ConnectionError),
    UNHEARD._replace(payloads=(fault.flaky(1, seed=1),), httpx=httpx.ReadError, aiohttp=aiohttp.ClientOSError),
]

each_case = pytest.mark.parametrize('case', CASES, ids=lambda case: ' << '.join(map(repr, case.payloads)))


# ---- Blocking clients ----


@pytest.fixture
def session() -> Generator[requests.Session, None, None]:
    with requests.Session() as session:
        yield session


@each_case
def test_requests_raises(kmock: kmock.RawHandler, session: requests.Session, case: Case) -> None:
    kmock.respond(*case.payloads)
    with pytest.raises(case.requests):
        session.get(str(kmock.url), timeout=PATIENCE)
    assert kmock.errors == []


@each_case
def test_urllib3_raises(kmock: kmock.RawHandler, case: Case) -> None:
    kmock.respond(*case.payloads)
    with urllib3.PoolManager() as pool, pytest.raises(case.urllib3):
        pool.request('GET', str(kmock.url), timeout=PATIENCE, retries=False)
    assert kmock.errors == []


@each_case
def test_httpx_raises(kmock: kmock.RawHandler, case: Case) -> None:
    kmock.respond(*case.payloads)
    with httpx.Client(timeout=PATIENCE) as client, pytest.raises(case.httpx):
        client.get(str(kmock.url))
    assert kmock.errors == []


@pytest.mark.parametrize('answers', [0, 1, 2])
def test_requests_repeats_what_was_broken_if_it_is_told_so(
    kmock: kmock.RawHandler, session: requests.Session, answers: int
) -> None:
    broken = kmock[:answers] << fault.reset()
    kmock << b'ok'
    session.mount('http://', requests.adapters.HTTPAdapter(max_retries=urllib3.Retry(2, backoff_factor=0)))
    assert session.get(str(kmock.url)).content == b'ok'
    assert (len(broken), len(kmock)) == (answers, answers + 1)


def test_events_in_fragments_are_put_together_by_httpx_sse(kmock: kmock.RawHandler) -> None:
    kmock << (kmock.sse('äöü', id=1), kmock.sse({'a': '€'}, event='tick')) << fault.fragment()
    with httpx.Client() as client, connect_sse(client, 'GET', str(kmock.url)) as events:
        assert [(event.event, event.data) for event in events.iter_sse()] == [
            ('message', 'äöü'), ('tick', '{"a": "\\u20ac"}'),
        ]  # fmt: skip


@pytest.mark.parametrize('payload', [JSON, ({'a': 1},)], ids=repr)
def test_clients_put_fragments_together(kmock: kmock.RawHandler, session: requests.Session, payload: Any) -> None:
    kmock << payload << fault.fragment()
    assert session.get(str(kmock.url)).json() == JSON
    assert httpx.get(str(kmock.url)).json() == JSON


# ---- Asynchronous clients ----


@pytest_asyncio.fixture
async def client() -> AsyncGenerator[aiohttp.ClientSession, None]:
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(sock_read=PATIENCE)) as client:
        yield client


@each_case
async def test_aiohttp_raises(kmock: kmock.RawHandler, client: aiohttp.ClientSession, case: Case) -> None:
    kmock.respond(*case.payloads)
    with pytest.raises(case.aiohttp):
        await (await client.get(kmock.url)).read()
    assert kmock.errors == []


@each_case
async def test_the_client_of_the_server_raises_the_same(kmock: kmock.RawHandler, case: Case) -> None:
    kmock.respond(*case.payloads)
    with pytest.raises(case.aiohttp):
        await (await kmock.get('/', timeout=aiohttp.ClientTimeout(sock_read=PATIENCE))).read()
    assert kmock.errors == []


@each_case
async def test_httpx_raises_in_async_code_too(kmock: kmock.RawHandler, case: Case) -> None:
    kmock.respond(*case.payloads)
    async with httpx.AsyncClient(timeout=PATIENCE) as client:
        with pytest.raises(case.httpx):
            await client.get(str(kmock.url))
    assert kmock.errors == []


@pytest.mark.parametrize('ending', [fault.reset(), fault.empty(), fault.truncate(), (b'abc', fault.reset())], ids=repr)
async def test_the_asgi_app_raises_through_httpx(ending: Any) -> None:
    async with kmock.RawHandler(strict=True) as handler:
        handler << ending
        transport = httpx.ASGITransport(handler.asgi)
        async with httpx.AsyncClient(transport=transport, base_url='http://x') as client:
            with pytest.raises(ConnectionError, match=r'fault\.'):
                await client.get('/')


# ---- TLS ----


@each_case
def test_requests_raises_by_tls_too(session: requests.Session, case: Case) -> None:
    handler = kmock.RawHandler(strict=True)
    with handler, kmock.Server(handler, tls=True) as server:
        handler.respond(*case.payloads)
        with pytest.raises(case.requests):
            session.get(str(server.url), timeout=PATIENCE, verify=server.ca_path)
