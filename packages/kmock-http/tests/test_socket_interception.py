"""Interception of all that uses Python's sockets: which hosts are redirected, how, and what is left afterwards."""

import asyncio
import errno
import http.client
import re
import socket
import ssl
import threading
import urllib.request
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import aiohttp
import pytest
from yarl import URL

from kmock_core import KMockError, RawHandler
from kmock_http import ResolverFilter, Server, SocketInterceptor
from kmock_http.errors import AlreadyRunningError, InterceptionError
from kmock_http.seams import Seam

PATCHED = [
    (socket, 'getaddrinfo'),
    (socket, 'gethostbyname'),
    (socket, 'gethostbyname_ex'),
    (socket.socket, 'connect'),
    (socket.socket, 'connect_ex'),
]


def functions() -> list[Any]:
    return [vars(owner).get(name) for owner, name in PATCHED]


@pytest.fixture(autouse=True)
def _functions_are_restored() -> Iterator[None]:
    before = functions()
    yield
    assert functions() == before


@pytest.fixture(autouse=True)
def asked(_functions_are_restored: None, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names that somebody has looked up; there is no DNS in these tests."""
    asked: list[str] = []
    original = socket.getaddrinfo

    def getaddrinfo(host: Any, port: Any, *args: Any, **kwargs: Any) -> Any:
        if host in {None, 'localhost', '127.0.0.1', '::1'}:
            return original(host, port, *args, **kwargs)
        asked.append(f'{host}:{port}')
        raise socket.gaierror(socket.EAI_NONAME, 'no DNS')

    monkeypatch.setattr(socket, 'getaddrinfo', getaddrinfo)
    return asked


def fetch_by_urllib(url: str) -> bytes:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(url, timeout=5) as response:
        body: bytes = response.read()
        return body


def fetch_by_http_client(url: str) -> bytes:
    parsed = URL(url)
    connection = http.client.HTTPConnection(parsed.host or '', parsed.port, timeout=5)
    try:
        connection.request('GET', parsed.path)
        return connection.getresponse().read()
    finally:
        connection.close()


async def talk(url: URL, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
    writer.write(f'GET {url.path} HTTP/1.0\r\nHost: {url.host_port_subcomponent}\r\n\r\n'.encode())
    try:
        async with asyncio.timeout(5):
            return (await reader.read()).partition(b'\r\n\r\n')[2]
    finally:
        writer.close()
        await writer.wait_closed()


async def fetch_by_asyncio(url: str, **options: Any) -> bytes:
    parsed = URL(url)
    return await talk(parsed, *await asyncio.open_connection(parsed.host, parsed.port, **options))


async def fetch(url: str) -> bytes:
    return await asyncio.to_thread(fetch_by_urllib, url)


# ---- Which clients ----


@pytest.mark.parametrize('blocking', [fetch_by_urllib, fetch_by_http_client])
async def test_blocking_clients_reach_the_mock_by_the_name_of_another(
    kmock: RawHandler, asked: list[str], blocking: Callable[[str], bytes]
) -> None:
    kmock << b'mocked'
    async with Server(kmock, hostnames='example.test', intercept='all'):
        assert await asyncio.to_thread(blocking, 'http://example.test/x') == b'mocked'
    assert kmock[0].url == URL('http://example.test/x')
    assert asked == []


async def test_asyncio_reaches_the_mock_by_the_name_of_another(kmock: RawHandler, asked: list[str]) -> None:
    kmock << b'mocked'
    async with Server(kmock, hostnames='example.test', intercept='all'):
        assert await fetch_by_asyncio('http://example.test/x') == b'mocked'
    assert kmock[0].url == URL('http://example.test/x')
    assert asked == []


async def test_asyncio_with_eager_attempts_reaches_the_mock(kmock: RawHandler) -> None:
    kmock << b'mocked'
    async with Server(kmock, hostnames='example.test', intercept='all'):
        assert await fetch_by_asyncio('http://example.test/x', happy_eyeballs_delay=0.25) == b'mocked'


async def test_aiohttp_reaches_the_mock_as_it_does_without_the_option(kmock: RawHandler, asked: list[str]) -> None:
    kmock << b'mocked'
    async with Server(kmock, hostnames='example.test', intercept='all'), aiohttp.ClientSession() as session:
        assert await (await session.get('http://example.test/x')).read() == b'mocked'
    assert asked == []


async def test_other_clients_do_not_reach_the_mock_without_the_option(kmock: RawHandler, asked: list[str]) -> None:
    async with Server(kmock, hostnames='example.test'):
        with pytest.raises(OSError, match='no DNS'):
            await fetch('http://example.test/')
    assert asked == ['example.test:80']
    assert not kmock


@pytest.mark.parametrize('intercept', ['', 'aiohtp', 'requests', None, False, True, ['all']])
def test_an_unknown_word_for_the_clients_is_refused_with_those_that_are_known(
    kmock: RawHandler, intercept: Any
) -> None:
    with pytest.raises(ValueError, match=re.escape(f"intercept={intercept!r} means nothing; type 'aiohttp'")):
        Server(kmock, intercept=intercept)


# ---- Which hosts ----


MATCHING: list[tuple[Any, str]] = [
    ('example.test', 'http://example.test:8080/'),
    ('Example.TEST', 'http://example.test/'),
    ('example.test', 'http://EXAMPLE.test/'),
    ('example.test', 'http://example.test./'),
    ('пример.рф', 'http://xn--e1afmkfd.xn--p1ai/'),
    (re.compile(r'.*\.test'), 'http://a.b.test/'),
    (('example.test', 80), 'http://example.test/'),
    (('example.test', 8080), 'http://example.test:8080/'),
    ((re.compile('ex.*'), 80), 'http://example.test/'),
    (('localhost', 80), 'http://localhost/'),
    ('203.0.113.7', 'http://203.0.113.7/'),
    (('203.0.113.7', 81), 'http://203.0.113.7:81/'),
    (('127.0.0.1', 80), 'http://127.0.0.1/'),
    (re.compile(r'203\.0\.113\.\d+'), 'http://203.0.113.9/'),
    ([('example.test', 80), ['a.test']], 'http://a.test/'),
]


@pytest.fixture
def literals(asked: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Addresses are no names: they may be asked for."""
    without, resolving = socket.getaddrinfo, vars(socket)['_socket'].getaddrinfo

    def getaddrinfo(host: Any, port: Any, *args: Any, **kwargs: Any) -> Any:
        if re.fullmatch(r'[\d.]+|[\da-fA-F:]+', str(host)):
            return resolving(host, port, *args, **kwargs)
        return without(host, port, *args, **kwargs)

    monkeypatch.setattr(socket, 'getaddrinfo', getaddrinfo)


@pytest.mark.usefixtures('literals')
@pytest.mark.parametrize(('hostnames', 'url'), MATCHING)
async def test_an_intercepted_host_reaches_the_mock(
    kmock: RawHandler, asked: list[str], hostnames: Any, url: str
) -> None:
    kmock << b'mocked'
    async with Server(kmock, hostnames=hostnames, intercept='all'):
        assert await fetch(url) == b'mocked'
    assert kmock[0].url.port == URL(url).port
    assert asked == []


@pytest.mark.usefixtures('literals', 'ipv6')
@pytest.mark.parametrize('host', ['127.0.0.1', '::1'])
@pytest.mark.parametrize('listed', ['2001:db8::7', '[2001:DB8:0::7]'])
async def test_an_intercepted_ipv6_address_reaches_the_mock(kmock: RawHandler, host: str, listed: str) -> None:
    kmock << b'mocked'
    async with Server(kmock, host=host, hostnames=listed, intercept='all'):
        assert await fetch('http://[2001:db8::7]/') == b'mocked'


NOT_MATCHING: list[tuple[Any, str]] = [
    ([], 'example.test:80'),
    ('example.test', 'www.example.test:80'),
    (re.compile('example'), 'example.test:80'),
    (('example.test', 80), 'example.test:81'),
    ([('a.test', 80), 'b.test'], 'a.test:81'),
]


@pytest.mark.parametrize(('hostnames', 'authority'), NOT_MATCHING)
async def test_another_host_is_looked_up_as_ever(
    kmock: RawHandler, asked: list[str], hostnames: Any, authority: str
) -> None:
    async with Server(kmock, hostnames=hostnames, intercept='all'):
        with pytest.raises(OSError, match='no DNS'):
            await fetch(f'http://{authority}/')
    assert asked == [authority]
    assert not kmock


async def test_a_server_that_is_not_listed_is_reached_as_ever(kmock: RawHandler) -> None:
    kmock << b'real'
    everything: list[Any] = ['example.test', re.compile('.*')]
    async with (
        RawHandler() as other,
        Server(kmock) as server,
        Server(other, hostnames=everything, intercept='all'),
    ):
        assert await fetch(f'http://127.0.0.1:{server.port}/') == b'real'
        assert not other


async def test_a_name_with_a_port_leaves_the_other_ports_of_the_name_alone(kmock: RawHandler) -> None:
    kmock << b'real'
    async with RawHandler() as other, Server(kmock) as server:
        other << b'mocked'
        async with Server(other, hostnames=('localhost', 80), intercept='all'):
            assert await fetch(f'http://localhost:{server.port}/') == b'real'
            assert await fetch('http://localhost/') == b'mocked'


# ---- Names ----


def resolve(*args: Any, **kwargs: Any) -> list[Any]:
    return socket.getaddrinfo(*args, **kwargs)


@pytest.fixture
def interceptor() -> Iterator[SocketInterceptor]:
    with SocketInterceptor('127.0.0.1', 8080, ['example.test', ('ported.test', 443)]) as interceptor:
        yield interceptor


@pytest.mark.usefixtures('interceptor')
@pytest.mark.parametrize('host', ['example.test', b'example.test', bytearray(b'example.test'), 'Example.Test.'])
@pytest.mark.parametrize('port', [443, '443', b'443', 'https', None, 0])
def test_a_name_resolves_to_the_same_address_in_every_notation(host: Any, port: Any) -> None:
    [(family, kind, proto, name, (address, number))] = resolve(host, port, type=socket.SOCK_STREAM)
    assert (family, kind, proto, name) == (socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, '')
    assert isinstance(family, socket.AddressFamily)
    assert isinstance(kind, socket.SocketKind)
    assert number == (443 if port else 0)
    assert address == socket.gethostbyname('example.test')
    assert socket.gethostbyname_ex(host) == ('example.test', [], [address])


@pytest.mark.usefixtures('interceptor')
def test_an_unknown_service_is_the_error_that_it_always_was() -> None:
    with pytest.raises(socket.gaierror) as caught:
        resolve('example.test', 'no-such-service', type=socket.SOCK_STREAM)
    assert caught.value.errno == socket.EAI_SERVICE


@pytest.mark.usefixtures('interceptor')
def test_each_name_has_an_address_of_this_machine_for_itself() -> None:
    first, second = socket.gethostbyname('example.test'), socket.gethostbyname('ported.test')
    assert first != second
    assert first.startswith('127.')
    assert second.startswith('127.')


@pytest.mark.usefixtures('interceptor')
@pytest.mark.parametrize(('flags', 'shown'), [(0, ''), (socket.AI_CANONNAME, 'example.test')])
def test_the_canonical_name_is_told_to_who_asks(flags: int, shown: str) -> None:
    assert resolve('Example.test', 80, 0, socket.SOCK_STREAM, 0, flags)[0][3] == shown


@pytest.mark.usefixtures('interceptor')
@pytest.mark.parametrize('flags', [socket.AI_NUMERICHOST, socket.AI_PASSIVE])
def test_who_does_not_want_to_connect_is_not_intercepted(asked: list[str], flags: int) -> None:
    with pytest.raises(socket.gaierror, match='no DNS'):
        resolve('example.test', 80, flags=flags)
    assert asked == ['example.test:80']


@pytest.mark.usefixtures('interceptor')
@pytest.mark.parametrize('host', [None, '', b'\xff', 'other.test', 'xn--\u2603.test', '127.0.0.1', 8])
@pytest.mark.parametrize('function', ['getaddrinfo', 'gethostbyname', 'gethostbyname_ex'])
def test_all_else_gets_what_it_would_get_without_us(
    monkeypatch: pytest.MonkeyPatch, interceptor: SocketInterceptor, function: str, host: Any
) -> None:
    interceptor.leave()
    got: list[Any] = []

    def theirs(*args: Any, **kwargs: Any) -> str:
        got.append((args, kwargs))
        return 'theirs'

    monkeypatch.setattr(socket, function, theirs)
    arguments, options = ((host, 'http', 0), {'type': 5}) if function == 'getaddrinfo' else ((host,), {})
    with interceptor:
        assert getattr(socket, function)(*arguments, **options) == 'theirs'
    interceptor.enter()
    assert got == [(arguments, options)]
    monkeypatch.undo()


@pytest.mark.usefixtures('ipv6', 'interceptor')
def test_who_demands_ipv6_gets_it_and_reaches_a_server_of_ipv4() -> None:
    [(family, _, _, _, where)] = resolve('example.test', 443, socket.AF_INET6, socket.SOCK_STREAM)
    with socket.create_server(('127.0.0.1', 0)) as listening, socket.socket(family) as client:
        with SocketInterceptor('127.0.0.1', listening.getsockname()[1], 'example.test'):
            client.connect(where)
        assert client.getpeername()[:2] == ('::ffff:127.0.0.1', listening.getsockname()[1])


@pytest.mark.usefixtures('ipv6')
async def test_a_server_of_ipv6_is_reached_by_names(kmock: RawHandler) -> None:
    kmock << b'mocked'
    async with Server(kmock, host='::1', hostnames='example.test', intercept='all'):
        assert await fetch('http://example.test/') == b'mocked'
        assert await fetch_by_asyncio('http://example.test/') == b'mocked'


@pytest.mark.usefixtures('ipv6')
def test_who_demands_ipv4_of_a_server_of_ipv6_is_told_so() -> None:
    with SocketInterceptor('::1', 80, ['example.test', '203.0.113.7']), socket.socket() as client:
        for ask in (
            partial(resolve, 'example.test', 80, socket.AF_INET),
            partial(socket.gethostbyname, 'example.test'),
        ):
            with pytest.raises(socket.gaierror, match=r"listens at ::1, where no IPv4 .*; type host='127.0.0.1'"):
                ask()
        with pytest.raises(OSError, match='listens at ::1'):
            client.connect(('203.0.113.7', 80))
        assert client.connect_ex(('203.0.113.7', 80)) == errno.EAFNOSUPPORT


# ---- Connections ----


def lead_to(listening: socket.socket, hostnames: ResolverFilter) -> SocketInterceptor:
    host, port = listening.getsockname()
    return SocketInterceptor(host, port, hostnames)


@pytest.fixture
def listening() -> Iterator[socket.socket]:
    with socket.create_server(('127.0.0.1', 0)) as listening:
        yield listening


@pytest.mark.parametrize('function', ['connect', 'connect_ex'])
@pytest.mark.parametrize('spelled', ['as a name', 'as an address that was asked for without a port', 'as an address'])
def test_a_socket_is_connected_to_the_mock(listening: socket.socket, function: str, spelled: str) -> None:
    with lead_to(listening, ['example.test', '203.0.113.7']), socket.socket() as client:
        address = {
            'as a name': 'example.test',
            'as an address that was asked for without a port': resolve('example.test', None)[0][4][0],
            'as an address': '203.0.113.7',
        }[spelled]
        assert not getattr(client, function)((address, 443))
        assert client.getpeername() == listening.getsockname()


def test_without_a_port_that_of_the_request_is_kept(listening: socket.socket) -> None:
    port = listening.getsockname()[1]
    with (
        SocketInterceptor('127.0.0.1', extra='example.test'),
        socket.create_connection(('example.test', port)) as client,
    ):
        assert client.getpeername() == listening.getsockname()


def test_the_mock_may_be_at_a_name(listening: socket.socket) -> None:
    port = listening.getsockname()[1]
    with SocketInterceptor('localhost', port, 'example.test'), socket.create_connection(('example.test', 1)) as client:
        assert client.getpeername() == listening.getsockname()


def test_a_port_that_is_not_listed_is_really_looked_up_when_it_is_connected_to(listening: socket.socket) -> None:
    port = listening.getsockname()[1]
    with SocketInterceptor('127.0.0.1', 1, ('localhost', 443)), socket.socket() as client:
        address = resolve('localhost', None)[0][4][0]
        assert address != '127.0.0.1'
        client.connect((address, port))
        assert client.getpeername() == listening.getsockname()


def test_an_address_that_outlives_the_interceptor_leads_to_no_other_name(listening: socket.socket) -> None:
    with SocketInterceptor('127.0.0.1', 1, 'localhost'):
        kept = socket.gethostbyname('localhost')
    with SocketInterceptor('127.0.0.1', 1, 'other.test'), socket.socket() as client:
        assert socket.gethostbyname('other.test') != kept
        client.connect((kept, listening.getsockname()[1]))
        assert client.getpeername() == listening.getsockname()


@pytest.mark.skipif(not hasattr(socket, 'AF_UNIX'), reason='no Unix sockets')
def test_sockets_that_are_not_tcp_are_left_alone(tmp_path: Any) -> None:
    path = str(tmp_path / 's')
    with SocketInterceptor('127.0.0.1', 1, [re.compile('.*'), '127.0.0.1']):
        with socket.socket(socket.AF_UNIX) as listening, socket.socket(socket.AF_UNIX) as client:
            listening.bind(path)
            listening.listen()
            client.connect(path)
            assert client.getpeername() == path
        with socket.socket(type=socket.SOCK_DGRAM) as client:
            client.connect(('127.0.0.1', 9))
            assert client.getpeername() == ('127.0.0.1', 9)


@pytest.mark.usefixtures('interceptor')
@pytest.mark.parametrize('address', [None, 'example.test', (), ('example.test',), ('example.test', 'https'), (5, 80)])
@pytest.mark.parametrize('function', ['connect', 'connect_ex'])
def test_an_address_that_is_none_is_the_error_that_it_always_was(function: str, address: Any) -> None:
    with socket.socket() as client, pytest.raises(TypeError):
        getattr(client, function)(address)


# ---- When ----


async def test_names_are_not_intercepted_before_and_after(kmock: RawHandler, asked: list[str]) -> None:
    kmock << b'mocked'
    before = functions()
    server = Server(kmock, hostnames='example.test', intercept='all')
    for _ in range(2):
        with pytest.raises(OSError, match='no DNS'):
            await fetch('http://example.test/')
        async with server:
            assert await fetch('http://example.test/') == b'mocked'
        assert functions() == before
    assert asked == ['example.test:80'] * 2


async def test_functions_are_restored_after_an_error(kmock: RawHandler) -> None:
    before = functions()
    with pytest.raises(ZeroDivisionError):
        async with Server(kmock, hostnames='example.test', intercept='all'):
            raise ZeroDivisionError
    assert functions() == before


async def test_functions_are_restored_after_the_cancellation_of_the_test(kmock: RawHandler) -> None:
    before = functions()

    async def serve() -> None:
        async with Server(kmock, hostnames='example.test', intercept='all'):
            entered.set()
            await asyncio.Event().wait()

    entered = asyncio.Event()
    task = asyncio.create_task(serve())
    await entered.wait()
    assert all(new is not old for new, old in zip(functions(), before, strict=True))
    task.cancel()
    await asyncio.wait([task])
    assert functions() == before


async def test_functions_are_not_replaced_by_a_server_without_names(kmock: RawHandler) -> None:
    before = functions()
    async with Server(kmock, intercept='all'):
        assert functions() == before


async def test_functions_are_not_replaced_by_a_server_that_can_not_start(kmock: RawHandler) -> None:
    before = functions()
    async with Server(kmock) as server:
        with pytest.raises(OSError, match='in use'):
            await Server(kmock, port=server.port, hostnames='example.test', intercept='all').__aenter__()
        assert functions() == before


async def test_nested_servers_have_each_its_own_names(kmock: RawHandler) -> None:
    async with RawHandler() as inner:
        kmock << b'outer'
        inner << b'inner'
        async with Server(kmock, hostnames=['both.test', 'outer.test'], intercept='all'):
            async with Server(inner, hostnames=['both.test', 'inner.test'], intercept='all'):
                assert await fetch('http://outer.test/') == b'outer'
                assert await fetch('http://inner.test/') == b'inner'
                assert await fetch('http://both.test/') == b'inner'
            assert await fetch('http://both.test/') == b'outer'


async def test_two_ports_of_one_name_may_be_two_servers(kmock: RawHandler) -> None:
    async with RawHandler() as other:
        kmock << b'at 80'
        other << b'at 8080'
        async with (
            Server(kmock, hostnames=('example.test', 80), intercept='all'),
            Server(other, hostnames=('example.test', 8080), intercept='all'),
        ):
            assert await fetch('http://example.test/') == b'at 80'
            assert await fetch('http://example.test:8080/') == b'at 8080'


# ---- Out of order, and with others ----


def test_interceptors_can_be_left_in_any_order(listening: socket.socket) -> None:
    before = functions()
    first = SocketInterceptor('127.0.0.1', 1, 'first.test')
    second = lead_to(listening, 'second.test')
    first.enter()
    second.enter()
    first.leave()
    with pytest.raises(socket.gaierror, match='no DNS'):
        socket.create_connection(('first.test', 80))
    with socket.create_connection(('second.test', 80)) as client:
        assert client.getpeername() == listening.getsockname()
    second.leave()
    assert functions() == before


def test_several_threads_may_intercept_at_once() -> None:
    before = functions()
    barrier = threading.Barrier(8)
    reached: list[bool] = []

    def intercept(number: int) -> None:
        with socket.create_server(('127.0.0.1', 0)) as listening:
            for _ in range(20):
                barrier.wait(5)
                with lead_to(listening, f'{number}.test'), socket.create_connection((f'{number}.test', 80)) as client:
                    reached.append(client.getpeername() == listening.getsockname())

    threads = [threading.Thread(target=intercept, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert reached == [True] * 160
    assert functions() == before


def test_entering_an_interceptor_twice_is_an_error() -> None:
    interceptor = SocketInterceptor('127.0.0.1', 1)
    with interceptor, pytest.raises(AlreadyRunningError, match='cannot be entered twice'):
        interceptor.enter()
    with interceptor:
        pass


def test_leaving_an_interceptor_that_was_not_entered_is_an_error() -> None:
    with pytest.raises(InterceptionError, match='cannot be left because it was not entered') as caught:
        SocketInterceptor('127.0.0.1', 1).leave()
    assert isinstance(caught.value, KMockError)
    assert isinstance(caught.value, RuntimeError)


def patch_on_top(monkeypatch: pytest.MonkeyPatch) -> None:
    current = socket.getaddrinfo

    def getaddrinfo(*args: Any, **kwargs: Any) -> Any:
        return current(*args, **kwargs)

    monkeypatch.setattr(socket, 'getaddrinfo', getaddrinfo)


def test_a_function_that_others_have_replaced_since_is_left_to_them_with_an_error() -> None:
    others = pytest.MonkeyPatch()
    original = socket.getaddrinfo
    interceptor = SocketInterceptor('127.0.0.1', 1, 'example.test')
    interceptor.enter()
    try:
        patch_on_top(others)
        with pytest.raises(InterceptionError, match=r'^socket\.getaddrinfo was replaced by others after'):
            interceptor.leave()
        with pytest.raises(socket.gaierror, match='no DNS'):
            socket.create_connection(('example.test', 80))
        with interceptor:
            assert resolve('example.test', 80)
    finally:
        others.undo()
        socket.getaddrinfo = original


def test_an_error_of_the_test_is_told_with_a_note_of_what_others_have_replaced() -> None:
    original, others = socket.getaddrinfo, pytest.MonkeyPatch()
    interceptor, error = SocketInterceptor('127.0.0.1', 1), ZeroDivisionError()
    interceptor.enter()
    try:
        patch_on_top(others)
        interceptor.__exit__(ZeroDivisionError, error, None)
    finally:
        others.undo()
        socket.getaddrinfo = original
    assert error.__notes__[0].startswith('socket.getaddrinfo was replaced by others')


def test_without_an_error_of_the_test_what_others_have_replaced_is_the_error() -> None:
    original, others = socket.getaddrinfo, pytest.MonkeyPatch()
    interceptor = SocketInterceptor('127.0.0.1', 1)
    interceptor.enter()
    try:
        patch_on_top(others)
        with pytest.raises(InterceptionError, match='replaced by others'):
            interceptor.__exit__(None, None, None)
    finally:
        others.undo()
        socket.getaddrinfo = original


async def test_a_server_stops_even_if_others_have_replaced_a_function(kmock: RawHandler) -> None:
    original, others = socket.getaddrinfo, pytest.MonkeyPatch()
    server = await Server(kmock, hostnames='example.test', intercept='all').__aenter__()
    try:
        patch_on_top(others)
        with pytest.raises(InterceptionError, match=r'^socket\.getaddrinfo was replaced by others'):
            await server.__aexit__(None, None, None)
    finally:
        others.undo()
        socket.getaddrinfo = original
    assert kmock.servers == []


def test_a_function_that_others_have_restored_already_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        raise ConnectionRefusedError(address)

    monkeypatch.setattr(socket.socket, 'connect', guarded)
    with SocketInterceptor('127.0.0.1', 1, 'example.test'):
        socket.socket.connect = connect  # type: ignore[method-assign]  # as pytest-socket does
    assert socket.socket.connect is connect


def test_an_interceptor_tells_what_it_redirects() -> None:
    interceptor = SocketInterceptor('127.0.0.1', 80, ['A.test', ('b.test', 81), re.compile(r'1\d\d.*')])
    assert repr(interceptor).startswith("SocketInterceptor('127.0.0.1', 80, [('a.test', None), ('b.test', 81), ")
    assert interceptor.matches('A.TEST', 5)
    assert interceptor.matches('b.test')
    assert not interceptor.matches('b.test', 82)
    assert interceptor.matches('128.0.0.1')
    assert not interceptor.matches('127.0.0.1')


@pytest.mark.parametrize('extra', [80, b'host', object(), [re.compile(b'x')], ('a', 'b', 3)])
def test_what_is_no_host_is_refused_when_the_interceptor_is_made(extra: Any) -> None:
    with pytest.raises(TypeError, match='is no host to intercept'):
        SocketInterceptor('127.0.0.1', 80, extra)


@pytest.mark.parametrize(
    ('owner', 'name'), [(socket.socket, 'connect'), (ssl.SSLSocket, 'do_handshake'), (socket, 'gethostbyname')]
)
def test_others_who_were_there_at_the_import_may_restore_what_came_with_python(
    monkeypatch: pytest.MonkeyPatch, owner: Any, name: str
) -> None:
    def guarded(*args: Any) -> None:
        raise ConnectionRefusedError(args)

    original = getattr(owner, name)
    monkeypatch.setattr(owner, name, guarded)
    seam = Seam(owner, name, partial)
    seam.open()
    setattr(owner, name, original)  # as pytest-socket does, before the fixtures end
    assert seam.close()
    assert getattr(owner, name) is original
