"""The life of a server: entering, leaving, addresses, ports, clients, and what it says when it can't."""

import asyncio
import errno
import gc
import logging
import re
import socket
from typing import TYPE_CHECKING, Any, cast

import aiohttp
import pytest
from aiohttp import web
from yarl import URL

from kmock_core import KMockError, RawHandler
from kmock_core.errors import NotRunningError
from kmock_http import Server
from kmock_http.errors import AlreadyRunningError, PortInUseError

if TYPE_CHECKING:
    from conftest import Dial, Wire


# ---- Entering and leaving ----


async def test_a_server_serves_its_handler_while_it_is_entered(kmock: RawHandler) -> None:
    kmock['get /'] << b'hello'
    async with Server(kmock) as server, aiohttp.ClientSession() as session:
        url = server.url
        async with session.get(url) as response:
            assert await response.read() == b'hello'
    async with aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.ClientConnectionError):
            await session.get(url)


async def test_entering_a_running_server_is_an_error_and_leaves_it_running(kmock: RawHandler) -> None:
    kmock << b'hello'
    async with Server(kmock) as server:
        url = server.url
        with pytest.raises(AlreadyRunningError, match=r'started/entered only once.*kmock\.Server\(handler\)'):
            await server.__aenter__()
        assert server.url == url
        assert await (await kmock.get('/')).read() == b'hello'
    assert issubclass(AlreadyRunningError, KMockError)
    assert issubclass(AlreadyRunningError, RuntimeError)


async def test_of_two_tasks_that_enter_one_server_one_gets_an_error(kmock: RawHandler) -> None:
    server = Server(kmock)
    results = await asyncio.gather(server.__aenter__(), server.__aenter__(), return_exceptions=True)
    assert results[0] is server
    assert isinstance(results[1], AlreadyRunningError)
    await server.__aexit__(None, None, None)


async def test_a_server_can_be_entered_again_after_it_was_left(kmock: RawHandler) -> None:
    kmock << b'hello'
    server = Server(kmock)
    for _ in range(3):
        async with server:
            assert kmock.servers == [server]
            assert await (await kmock.get('/')).read() == b'hello'
            assert await (await server.client.get('/')).read() == b'hello'
        assert kmock.servers == []
    assert len(kmock) == 6


async def test_a_chosen_port_is_the_same_after_the_server_is_entered_again(kmock: RawHandler) -> None:
    async with Server(kmock) as server:
        port = server.port
    chosen = Server(kmock, port=port)
    for _ in range(2):
        async with chosen:
            assert chosen.port == port


async def test_leaving_a_server_twice_is_harmless(kmock: RawHandler) -> None:
    async with Server(kmock) as server:
        await server.__aexit__(None, None, None)


async def test_a_server_whose_body_fails_is_stopped(kmock: RawHandler) -> None:
    with pytest.raises(ZeroDivisionError):
        async with Server(kmock):
            raise ZeroDivisionError
    assert kmock.servers == []


async def test_a_server_is_stopped_even_if_its_client_can_not_be_closed(kmock: RawHandler) -> None:
    class Client:
        headers: dict[str, str] = {}

        async def close(self) -> None:
            raise ZeroDivisionError

    server = Server(kmock, client_fct=lambda url: cast('Any', Client()))
    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            async with server:
                assert server.client
        assert kmock.servers == []


async def test_a_server_whose_start_is_cancelled_leaves_its_port_free(kmock: RawHandler) -> None:
    async with Server(kmock) as server:
        port = server.port
    chosen = Server(kmock, port=port)
    starting = asyncio.create_task(chosen.__aenter__())
    await asyncio.sleep(0)
    starting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await starting
    async with chosen:
        assert chosen.port == port


async def test_the_description_of_a_server_names_its_handler_and_its_url(kmock: RawHandler) -> None:
    server = Server(kmock)
    assert repr(server) == '<Server of kmock at no port yet>'
    async with server:
        assert repr(server) == f'<Server of kmock at http://127.0.0.1:{server.port}>'


# ---- What is known only while it runs ----


@pytest.mark.parametrize('name', ['url', 'port', 'client'])
async def test_a_server_that_does_not_run_says_how_to_start_it(kmock: RawHandler, name: str) -> None:
    server = Server(kmock)
    with pytest.raises(NotRunningError, match=r'not active and has no .* yet: async with kmock\.Server\(handler\)'):
        getattr(server, name)
    async with server:
        assert getattr(server, name)
    with pytest.raises(NotRunningError, match='not active'):
        getattr(server, name)
    assert issubclass(NotRunningError, RuntimeError)


@pytest.mark.parametrize('name', ['url', 'host', 'port', 'client', 'server'])
async def test_a_handler_without_a_server_says_how_to_start_one(kmock: RawHandler, name: str) -> None:
    with pytest.raises(NotRunningError, match=r'no running server.*kmock\.Server\(handler\)'):
        getattr(kmock, name)
    async with Server(kmock) as server:
        assert getattr(kmock, name) == (server if name == 'server' else getattr(server, name))
    with pytest.raises(NotRunningError, match='no running server'):
        getattr(kmock, name)


# ---- Several servers ----


async def test_the_calls_of_a_handler_go_to_its_servers_in_turns(kmock: RawHandler) -> None:
    kmock << b''
    async with Server(kmock) as first, Server(kmock) as second:
        for _ in range(4):
            await kmock.get('/')
        assert [request.url.port for request in kmock] == [first.port, second.port] * 2
        assert kmock.server is first
        assert kmock.servers == [first, second]
        assert kmock.clients == [first.client, second.client]


async def test_calls_never_go_to_a_server_that_was_replaced_by_another(kmock: RawHandler) -> None:
    kmock << b''
    async with Server(kmock) as first:
        for _ in range(2):
            async with Server(kmock) as second:
                for _ in range(4):
                    await kmock.get('/')
                assert {request.url.port for request in kmock[-2:]} == {first.port, second.port}


async def test_servers_may_be_left_in_any_order(kmock: RawHandler) -> None:
    kmock << b''
    first, second = Server(kmock), Server(kmock)
    await first.__aenter__()
    async with second:
        await first.__aexit__(None, None, None)
        assert kmock.servers == [second]
        await kmock.get('/')
    assert len(kmock) == 1


# ---- Addresses and ports ----


@pytest.mark.parametrize(
    ('host', 'shown'),
    [
        ('127.0.0.1', '127.0.0.1'),
        ('localhost', 'localhost'),
        ('LocalHost', 'localhost'),
        ('0.0.0.0', '127.0.0.1'),
        (socket.gethostname(), socket.gethostname().lower()),
    ],
)
async def test_a_server_listens_at_ipv4_addresses_and_names(kmock: RawHandler, host: str, shown: str) -> None:
    kmock << b'hello'
    async with Server(kmock, host=host) as server:
        assert server.host == host
        assert server.url.host == shown
        assert str(server.url) == f'http://{shown}:{server.port}'
        assert await (await kmock.get('/')).read() == b'hello'


@pytest.mark.usefixtures('ipv6')
@pytest.mark.parametrize('host', ['::1', '::'])
async def test_a_server_listens_at_ipv6_addresses(kmock: RawHandler, host: str) -> None:
    kmock << b'hello'
    async with Server(kmock, host=host) as server:
        assert server.host == host
        assert str(server.url) == f'http://[::1]:{server.port}'
        assert await (await kmock.get('/')).read() == b'hello'
    assert str(kmock[0].url) == f'http://[::1]:{kmock[0].url.port}/'
    assert kmock[0].remote == '::1'


@pytest.mark.parametrize('port', [None, 0])
async def test_the_free_port_is_chosen_by_the_system_for_each_server(kmock: RawHandler, port: int | None) -> None:
    async with Server(kmock, port=port) as first, Server(kmock, port=port) as second:
        assert 0 < first.port < 65536
        assert first.port != second.port


async def test_a_port_in_use_is_an_error_that_says_what_to_type(kmock: RawHandler) -> None:
    async with Server(kmock) as server:
        with pytest.raises(PortInUseError) as caught:
            await Server(kmock, port=server.port).__aenter__()
        assert str(caught.value).endswith(
            f'port {server.port} of 127.0.0.1 is in use by another server; type port=None for a free one'
        )
        assert caught.value.errno == errno.EADDRINUSE
        assert isinstance(caught.value, KMockError)
        assert isinstance(caught.value, OSError)
        assert kmock.servers == [server]


async def test_a_server_whose_port_was_in_use_can_be_entered_when_it_is_free(kmock: RawHandler) -> None:
    async with Server(kmock) as other:
        server = Server(kmock, port=other.port)
        with pytest.raises(PortInUseError):
            await server.__aenter__()
        port = other.port
    async with server:
        assert server.port == port


@pytest.mark.parametrize('host', ['203.0.113.1', '2001:db8::1', 'no such host', 'a..b', 'x' * 300])
async def test_what_is_no_address_of_this_machine_is_named_in_the_error(kmock: RawHandler, host: str) -> None:
    with pytest.raises(PortInUseError, match=r"is not an address of this machine \(.*\); type host='127\.0\.0\.1'"):
        await Server(kmock, host=host).__aenter__()


@pytest.mark.parametrize(
    ('code', 'error', 'message'),
    [
        (
            errno.EACCES,
            PortInUseError,
            r'port 80 of .* is not for everyone \(no\); type port=None for a free one',
        ),
        (errno.EIO, OSError, 'no'),
    ],
)
async def test_a_port_that_can_not_be_bound_leaves_no_socket_behind(
    kmock: RawHandler, monkeypatch: pytest.MonkeyPatch, code: int, error: type[OSError], message: str
) -> None:
    class Failing(socket.socket):
        def bind(self, address: Any) -> None:
            raise OSError(code, 'no')

    monkeypatch.setattr(socket, 'socket', Failing)
    with pytest.raises(error, match=message) as caught:
        await Server(kmock, port=80).__aenter__()
    assert type(caught.value) is error
    assert caught.value.errno == code
    gc.collect()


@pytest.mark.parametrize('port', [-1, 65536, 70000])
def test_a_port_that_can_not_be_is_refused_at_once(port: int) -> None:
    with pytest.raises(ValueError, match=rf'port must be 0\.\.65535, or None for a free one, not {port}'):
        Server(RawHandler(), port=port)


@pytest.mark.parametrize('port', ['80', 80.0, True])
def test_a_port_that_is_no_number_is_refused_at_once(port: Any) -> None:
    with pytest.raises(TypeError, match='port must be a number or None for a free one'):
        Server(RawHandler(), port=port)


@pytest.mark.parametrize('hostnames', [80, b'host', ['host', 80], ('host', 80.0), [None, object()], re.compile(b'x')])
def test_hostnames_that_are_no_hosts_are_refused_at_once(hostnames: Any) -> None:
    with pytest.raises(TypeError, match=r"is no host to intercept; type 'host', \('host', port\)"):
        Server(RawHandler(), hostnames=hostnames)


# ---- The client ----


async def test_the_client_is_made_when_it_is_first_asked_for_by_the_url_alone(kmock: RawHandler) -> None:
    calls: list[tuple[object, ...]] = []

    def make(*args: URL) -> aiohttp.ClientSession:
        calls.append(args)
        return aiohttp.ClientSession(*args)

    async with Server(kmock, client_fct=make) as server:
        assert calls == []
        client = server.client
        assert server.client is client
        assert calls == [(server.url,)]
        assert isinstance(calls[0][0], URL)
        assert not client.closed
    assert client.closed


async def test_the_client_names_kmock_and_aiohttp_in_its_requests(kmock: RawHandler) -> None:
    kmock << b''
    async with Server(kmock):
        await kmock.get('/')
    assert kmock[0].headers['User-Agent'] == f'kmock/0.1.0 aiohttp/{aiohttp.__version__}'


async def test_the_client_names_itself_as_it_is_told(kmock: RawHandler) -> None:
    kmock << b''
    async with Server(kmock, user_agent='me/1'):
        await kmock.get('/')
    assert kmock[0].headers['User-Agent'] == 'me/1'


async def test_a_client_that_names_itself_is_left_alone(kmock: RawHandler) -> None:
    kmock << b''
    headers = {'User-Agent': 'own/2'}
    async with Server(kmock, client_fct=lambda url: aiohttp.ClientSession(url, headers=headers), user_agent='me/1'):
        await kmock.get('/')
    assert kmock[0].headers['User-Agent'] == 'own/2'


@pytest.mark.parametrize(
    ('url', 'target'),
    [
        ('', '/'),
        ('/', '/'),
        ('/x', '/x'),
        ('x', '/x'),
        ('?q=1', '/?q=1'),
        ('/x?u=http://y/z', '/x?u=http://y/z'),
        ('x?u=http://y/z', '/x?u=http://y/z'),
        (URL('/x'), '/x'),
    ],
)
async def test_calls_to_relative_urls_reach_the_server(kmock: RawHandler, url: str | URL, target: str) -> None:
    kmock << b''
    async with Server(kmock) as server:
        await kmock.get(url)
        assert str(kmock[0].url) == f'http://127.0.0.1:{server.port}{target}'


@pytest.mark.parametrize('kind', [str, URL])
async def test_calls_to_absolute_urls_go_where_they_say(kmock: RawHandler, kind: type[Any]) -> None:
    async with RawHandler() as other, Server(kmock), Server(other) as target:
        other << b'other'
        assert await (await kmock.get(kind(f'{target.url}/x'))).read() == b'other'
        assert other[0].path == '/x'
    assert not kmock


@pytest.mark.parametrize('method', ['get', 'put', 'post', 'patch', 'delete', 'head', 'options'])
async def test_calls_can_be_awaited_or_entered(kmock: RawHandler, method: str) -> None:
    kmock << 299
    async with Server(kmock):
        call = getattr(kmock, method)
        assert (await call('/')).status == 299
        async with call('/') as response:
            assert response.status == 299
    assert [request.method for request in kmock] == [method.upper()] * 2


# ---- Handlers that are not entered ----


@pytest.mark.parametrize(
    'error',
    [ValueError('boo'), TimeoutError('boo'), ConnectionResetError('boo'), web.HTTPNotFound(reason='boo')],
    ids=lambda error: type(error).__name__,
)
async def test_an_error_of_a_handler_that_is_not_entered_is_logged_and_answered(
    error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    def fail() -> None:
        raise error

    kmock = RawHandler()
    kmock['/bad'] << fail
    kmock << b'fine'
    async with Server(kmock):
        response = await kmock.get('/bad')
        assert response.status == 500
        assert response.headers['Content-Type'] == 'text/plain; charset=utf-8'
        text = await response.text()
        assert text.startswith('500 Internal Server Error\n\nTraceback ')
        assert 'boo' in text
        assert await (await kmock.get('/good')).read() == b'fine'
    (record,) = caplog.records
    assert (record.name, record.levelno) == ('kmock.http', logging.ERROR)
    assert record.getMessage() == 'GET /bad has failed with no handler to collect it'
    assert record.exc_info
    assert record.exc_info[1] is error


async def test_an_unmatched_request_to_a_handler_that_is_not_entered_is_explained(
    caplog: pytest.LogCaptureFixture,
) -> None:
    kmock = RawHandler()
    kmock['get /hello'] << b''
    async with Server(kmock):
        assert '/hello' in await (await kmock.get('/heloo')).text()
        assert (await kmock.head('/heloo')).status == 500
    assert len(caplog.records) == 2


async def test_a_stream_that_fails_in_a_handler_that_is_not_entered_is_logged_and_cut_off(
    caplog: pytest.LogCaptureFixture, dial: 'Dial'
) -> None:
    kmock = RawHandler()
    seen = asyncio.Event()
    kmock['/bad'] << (b'one', seen, ConnectionError('boo'), b'two')
    kmock << b'fine'
    async with Server(kmock) as server:
        wire: Wire = await dial(server)
        wire.ask('/bad')
        assert await wire.read_until(b'one\r\n')
        seen.set()
        assert await wire.read_all() == b''
        assert await (await kmock.get('/good')).read() == b'fine'
    assert caplog.records[0].getMessage() == 'The stream of GET /bad has failed with no handler to collect it'
