"""Interception: hosts that are redirected, hosts that are not, nesting, and what is left afterwards."""

import asyncio
import errno
import re
from collections.abc import AsyncGenerator, Callable
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
from yarl import URL

from kmock_core import KMockError, RawHandler
from kmock_http import AiohttpInterceptor, ResolverFilter, Server
from kmock_http.errors import AlreadyRunningError, InterceptionError

ORIGINAL: Callable[..., Any] = aiohttp.TCPConnector._resolve_host  # pyright: ignore[reportPrivateUsage]


def resolving() -> Callable[..., Any]:
    return aiohttp.TCPConnector._resolve_host  # pyright: ignore[reportPrivateUsage]


@pytest_asyncio.fixture(autouse=True)
async def _names_are_restored() -> AsyncGenerator[None, None]:
    yield
    assert resolving() is ORIGINAL


@pytest_asyncio.fixture
async def session() -> AsyncGenerator[aiohttp.ClientSession, None]:
    async with aiohttp.ClientSession() as session:
        yield session


async def fetch(session: aiohttp.ClientSession, url: str | URL) -> bytes:
    async with session.get(url, timeout=aiohttp.ClientTimeout(total=5)) as response:
        return await response.read()


@pytest.fixture
def elsewhere(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What went on to the previous resolver, instead of the real one."""
    asked: list[str] = []

    async def resolve(connector: aiohttp.TCPConnector, host: str, port: int, traces: Any = None) -> Any:
        asked.append(f'{host}:{port}')
        raise ConnectionRefusedError(errno.ECONNREFUSED, 'elsewhere')

    monkeypatch.setattr(aiohttp.TCPConnector, '_resolve_host', resolve)
    monkeypatch.setitem(globals(), 'ORIGINAL', resolve)
    return asked


# ---- Which hosts ----


MATCHING: list[tuple[Any, str]] = [
    ('example.test', 'http://example.test/'),
    ('example.test', 'http://example.test:8080/'),
    ('Example.TEST', 'http://example.test/'),
    ('example.test', 'http://EXAMPLE.test/'),
    ('example.test', 'http://example.test./'),
    ('example.test.', 'http://example.test/'),
    ('пример.рф', 'http://пример.рф/'),
    ('пример.рф', 'http://xn--e1afmkfd.xn--p1ai/'),
    (re.compile(r'.*\.test'), 'http://a.b.test/'),
    (re.compile(r'EXAMPLE\.test', re.IGNORECASE), 'http://example.test/'),
    (('example.test', 80), 'http://example.test/'),
    (('example.test', 8080), 'http://example.test:8080/'),
    (('example.test', None), 'http://example.test:1234/'),
    ((re.compile('ex.*'), 80), 'http://example.test/'),
    (('localhost', 80), 'http://localhost/'),
    ('203.0.113.7', 'http://203.0.113.7/'),
    (('203.0.113.7', 81), 'http://203.0.113.7:81/'),
    ('2001:db8::7', 'http://[2001:db8::7]/'),
    ('[2001:DB8::7]', 'http://[2001:db8::7]:8080/'),
    ('2001:db8:0:0::7', 'http://[2001:db8::7]/'),
    (re.compile(r'203\.0\.113\.\d+'), 'http://203.0.113.9/'),
    (['a.test', 'example.test'], 'http://example.test/'),
    ({'a.test', 'example.test'}, 'http://example.test/'),
    (('a.test', 'example.test'), 'http://example.test/'),
    ([('example.test', 80), 'a.test'], 'http://example.test/'),
    ([['a.test'], [[('example.test', 80)], None]], 'http://example.test/'),
    ({'example.test': 'as a key'}, 'http://example.test/'),
]


@pytest.mark.parametrize(('hostnames', 'url'), MATCHING)
async def test_an_intercepted_host_reaches_the_mock(
    kmock: RawHandler, session: aiohttp.ClientSession, elsewhere: list[str], hostnames: ResolverFilter, url: str
) -> None:
    kmock << b'mocked'
    async with Server(kmock, hostnames=hostnames):
        assert await fetch(session, url) == b'mocked'
    assert kmock[0].url.host == (URL(url).host or '').rstrip('.')
    assert kmock[0].url.port == URL(url).port
    assert elsewhere == []


NOT_MATCHING: list[tuple[Any, str]] = [
    (None, 'http://example.test/'),
    ([], 'http://example.test/'),
    ('example.test', 'http://www.example.test/'),
    ('example.test', 'http://example.tes/'),
    (re.compile('example'), 'http://example.test/'),
    (re.compile('test'), 'http://example.test/'),
    (('example.test', 80), 'http://example.test:81/'),
    (('example.test', 80), 'https://example.test/'),
    ('127.0.0.1', 'http://localhost/'),
    ('203.0.113.7', 'http://203.0.113.8/'),
    ('2001:db8::7', 'http://[2001:db8::8]/'),
    ([('a.test', 80), 'b.test'], 'http://a.test:81/'),
]


@pytest.mark.parametrize(('hostnames', 'url'), NOT_MATCHING)
async def test_another_host_goes_on_to_the_previous_resolver(
    kmock: RawHandler, session: aiohttp.ClientSession, elsewhere: list[str], hostnames: ResolverFilter, url: str
) -> None:
    async with Server(kmock, hostnames=hostnames):
        with pytest.raises(aiohttp.ClientConnectionError, match='elsewhere'):
            await fetch(session, url)
    assert elsewhere == [f'{URL(url).raw_host}:{URL(url).port}']
    assert not kmock


async def test_a_host_that_is_not_intercepted_is_resolved_as_ever(
    kmock: RawHandler, session: aiohttp.ClientSession
) -> None:
    kmock << b'real'
    async with RawHandler() as other, Server(kmock) as server, Server(other, hostnames='example.test'):
        assert await fetch(session, f'http://localhost:{server.port}/') == b'real'
        assert await fetch(session, f'http://127.0.0.1:{server.port}/') == b'real'
        assert not other


@pytest.mark.usefixtures('ipv6')
@pytest.mark.parametrize('host', ['::1', '::', '0.0.0.0', 'localhost'])
async def test_any_server_can_have_names_of_others(
    kmock: RawHandler, session: aiohttp.ClientSession, host: str
) -> None:
    kmock << b'mocked'
    async with Server(kmock, host=host, hostnames=['example.test', '203.0.113.7', '2001:db8::7']) as server:
        for url in (server.url, 'http://example.test/', 'http://203.0.113.7/', 'http://[2001:db8::7]/'):
            assert await fetch(session, url) == b'mocked'


async def test_the_calls_of_the_handler_itself_may_use_the_names(kmock: RawHandler) -> None:
    kmock['get http://example.test/x'] << b'mocked'
    async with Server(kmock, hostnames='example.test'):
        assert await (await kmock.get('http://example.test/x')).read() == b'mocked'


# ---- When ----


async def test_names_are_not_intercepted_before_and_after(
    kmock: RawHandler, session: aiohttp.ClientSession, elsewhere: list[str]
) -> None:
    kmock << b'mocked'
    server = Server(kmock, hostnames='example.test')
    for _ in range(2):
        with pytest.raises(aiohttp.ClientConnectionError, match='elsewhere'):
            await fetch(session, 'http://example.test/')
        async with server:
            assert await fetch(session, 'http://example.test/') == b'mocked'
    async with aiohttp.ClientSession() as later:
        with pytest.raises(aiohttp.ClientConnectionError, match='elsewhere'):
            await fetch(later, 'http://example.test/')


async def test_names_are_restored_after_an_error(kmock: RawHandler) -> None:
    with pytest.raises(ZeroDivisionError):
        async with Server(kmock, hostnames='example.test'):
            raise ZeroDivisionError
    assert resolving() is ORIGINAL


async def test_names_are_not_taken_by_a_server_that_can_not_start(kmock: RawHandler) -> None:
    async with Server(kmock) as server:
        with pytest.raises(OSError, match='in use'):
            await Server(kmock, port=server.port, hostnames='example.test').__aenter__()
        assert resolving() is ORIGINAL


async def test_nested_servers_have_each_its_own_names(kmock: RawHandler, session: aiohttp.ClientSession) -> None:
    async with RawHandler() as inner:
        kmock << b'outer'
        inner << b'inner'
        async with Server(kmock, hostnames=['both.test', 'outer.test']):
            async with Server(inner, hostnames=['both.test', 'inner.test']):
                assert await fetch(session, 'http://outer.test/') == b'outer'
                assert await fetch(session, 'http://inner.test/') == b'inner'
                assert await fetch(session, 'http://both.test/') == b'inner'
            async with aiohttp.ClientSession() as later:
                assert await fetch(later, 'http://both.test/') == b'outer'


async def test_a_server_with_all_names_leaves_the_other_servers_reachable(
    kmock: RawHandler, session: aiohttp.ClientSession
) -> None:
    async with RawHandler() as inner:
        kmock << b'outer'
        inner << b'inner'
        everything = re.compile('.*')
        async with Server(kmock, hostnames=everything) as outer, Server(inner, hostnames='inner.test') as server:
            assert await fetch(session, server.url) == b'inner'
            assert await fetch(session, outer.url) == b'outer'
            assert await fetch(session, 'http://anything.test/') == b'outer'


# ---- Out of order ----


async def test_a_server_that_is_left_out_of_order_says_so_but_stops(
    kmock: RawHandler, session: aiohttp.ClientSession, elsewhere: list[str]
) -> None:
    kmock << b'second'
    first, second = Server(kmock, hostnames='first.test'), Server(kmock, hostnames='second.test')
    await first.__aenter__()
    await second.__aenter__()
    with pytest.raises(InterceptionError, match=r'resolver chain is inconsistent\. Maybe overridden by others\?'):
        await first.__aexit__(None, None, None)
    assert kmock.servers == [second]
    with pytest.raises(aiohttp.ClientConnectionError, match='elsewhere'):
        await fetch(session, 'http://first.test/')
    assert await fetch(session, 'http://second.test/') == b'second'
    await second.__aexit__(None, None, None)
    assert resolving() is ORIGINAL
    async with first:
        assert await fetch(session, 'http://first.test/') == b'second'


async def test_a_server_left_out_of_order_with_an_error_of_the_test_is_a_note_on_it(kmock: RawHandler) -> None:
    first = await Server(kmock, hostnames='first.test').__aenter__()
    async with Server(kmock, hostnames='second.test'):
        error = ZeroDivisionError()
        await first.__aexit__(ZeroDivisionError, error, None)
        assert error.__notes__[0].startswith('The resolver chain is inconsistent.')


async def test_entering_an_interceptor_twice_is_an_error() -> None:
    interceptor = AiohttpInterceptor('127.0.0.1', 1)
    async with interceptor:
        with pytest.raises(AlreadyRunningError, match='The same resolver cannot be entered twice'):
            await interceptor.__aenter__()
    async with interceptor:
        pass


async def test_leaving_an_interceptor_that_was_not_entered_is_an_error() -> None:
    interceptor = AiohttpInterceptor('127.0.0.1', 1)
    with pytest.raises(InterceptionError, match='cannot be exited because it was not entered'):
        await interceptor.__aexit__(None, None, None)
    assert issubclass(InterceptionError, KMockError)
    assert issubclass(InterceptionError, RuntimeError)


async def test_leaving_interceptors_out_of_order_is_an_error_and_can_be_done_right_then() -> None:
    first, second = AiohttpInterceptor('127.0.0.1', 1), AiohttpInterceptor('127.0.0.1', 2)
    async with first:
        async with second:
            with pytest.raises(InterceptionError, match='inconsistent'):
                await first.__aexit__(None, None, None)
        assert resolving() is not ORIGINAL
    assert resolving() is ORIGINAL


async def test_interceptors_of_several_threads_can_be_left_in_any_order(
    kmock: RawHandler, server: Server, session: aiohttp.ClientSession
) -> None:
    kmock << b'mocked'
    first, second, third = (AiohttpInterceptor('127.0.0.1', server.port, f'{name}.test') for name in ('a', 'b', 'c'))
    first.enter()
    await asyncio.to_thread(second.enter)
    third.enter()
    second.exit()
    for name in ('a', 'c'):
        assert await fetch(session, f'http://{name}.test/') == b'mocked'
    with pytest.raises(InterceptionError, match='inconsistent'):
        first.exit()
    third.exit()
    first.exit()
    assert resolving() is ORIGINAL


# ---- Interceptors alone ----


async def test_an_interceptor_without_hosts_lets_its_own_address_pass(
    kmock: RawHandler, server: Server, session: aiohttp.ClientSession
) -> None:
    kmock << b'mocked'
    async with Server(kmock, hostnames=[re.compile('.*')]), AiohttpInterceptor('127.0.0.1', server.port):
        assert await fetch(session, server.url) == b'mocked'
    assert kmock[0].url.port == server.port


async def test_an_interceptor_without_a_port_keeps_that_of_the_request(
    kmock: RawHandler, server: Server, session: aiohttp.ClientSession
) -> None:
    kmock << b'mocked'
    async with AiohttpInterceptor('127.0.0.1', extra='example.test'):
        assert await fetch(session, f'http://example.test:{server.port}/') == b'mocked'


async def test_an_interceptor_may_lead_to_a_name(
    kmock: RawHandler, server: Server, session: aiohttp.ClientSession
) -> None:
    kmock << b'mocked'
    async with AiohttpInterceptor('localhost', server.port, 'example.test'):
        assert await fetch(session, 'http://example.test/') == b'mocked'


def test_the_description_of_an_interceptor_tells_what_goes_where() -> None:
    interceptor = AiohttpInterceptor('127.0.0.1', 80, ['A.test', ('b.test', 81)])
    assert repr(interceptor) == "AiohttpInterceptor('127.0.0.1', 80, [('a.test', None), ('b.test', 81)])"


@pytest.mark.parametrize('extra', [80, b'host', object(), [re.compile(b'x')], ('a', 'b', 3)])
def test_what_is_no_host_is_refused_when_the_interceptor_is_made(extra: Any) -> None:
    with pytest.raises(TypeError, match='is no host to intercept'):
        AiohttpInterceptor('127.0.0.1', 80, extra)


@pytest.mark.parametrize(
    ('host', 'advice'),
    [
        ('https://api.example.com', "'api.example.com'"),
        ('https://api.example.com:8443/users', "('api.example.com', 8443)"),
        ('api.example.com:443', "('api.example.com', 443)"),
        ('[::1]:80', "('[::1]', 80)"),
        ('api.example.com/', "'api.example.com'"),
        ('*.example.com', r"re.compile(r'.*\.example\.com')"),
        ('a.example.com, b.example.com', "the name alone, as 'api.example.com'"),
        ('', "the name alone, as 'api.example.com'"),
    ],
)
def test_a_name_that_no_client_asks_for_is_refused_and_the_right_one_is_told(host: str, advice: str) -> None:
    with pytest.raises(ValueError, match=re.escape(f'{host!r} is no host, and nothing would be intercepted')) as caught:
        AiohttpInterceptor('127.0.0.1', 80, [host])
    assert str(caught.value).endswith(f'; type {advice}')


# ---- Beside aresponses ----


async def test_a_server_is_reachable_beside_aresponses(
    kmock: RawHandler, aresponses: Any, session: aiohttp.ClientSession
) -> None:
    aresponses.add('theirs.test', '/', 'GET', 'theirs')
    kmock << b'ours'
    async with Server(kmock, hostnames='ours.test') as server:
        assert await fetch(session, 'http://theirs.test/') == b'theirs'
        assert await fetch(session, 'http://ours.test/') == b'ours'
        assert await fetch(session, server.url) == b'ours'
        assert await (await kmock.get('/')).read() == b'ours'
    aresponses.assert_plan_strictly_followed()


@pytest.mark.parametrize('host', ['127.0.0.1', 'localhost', '0.0.0.0'])
async def test_a_server_without_names_is_reachable_beside_aresponses_too(
    kmock: RawHandler, aresponses: Any, session: aiohttp.ClientSession, host: str
) -> None:
    aresponses.add('theirs.test', '/', 'GET', 'theirs')
    kmock << b'ours'
    async with Server(kmock, host=host) as server, Server(kmock) as second:
        assert await fetch(session, 'http://theirs.test/') == b'theirs'
        assert await fetch(session, server.url) == b'ours'
        assert await fetch(session, second.url) == b'ours'
    aresponses.assert_plan_strictly_followed()
