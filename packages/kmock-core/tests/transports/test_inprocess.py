"""Section 1 of the DSL: the calls of a handler without a server; their results have the surface of aiohttp's."""

import asyncio
import io
from collections.abc import AsyncIterator
from typing import Any

import pytest
from yarl import URL

import kmock
from kmock_core.testing import served, until
from kmock_core.transports.inprocess import InProcessClient, StatusError

# ---- Calls ----


@pytest.mark.parametrize('verb', ['get', 'put', 'post', 'patch', 'delete', 'head', 'options'])
async def test_each_verb_has_a_method(verb: str, transport: str) -> None:
    async with served(transport) as handler:
        handler << b'x'
        response = await getattr(handler, verb)('/path')
        assert response.status == 200
        assert (handler[0].method, handler[0].path) == (verb.upper(), '/path')


@pytest.mark.parametrize('verb', ['GET', 'get', 'PROPFIND', 'propfind', kmock.method.GET, kmock.method('store')])
async def test_any_method_can_be_requested_in_any_case(verb: str, transport: str) -> None:
    async with served(transport) as handler:
        handler << b'x'
        await handler.request(verb, '/')
        assert handler[0].method_name == verb.upper()


URLS: list[Any] = [
    ('/a', '/a', 'localhost'),
    ('a', '/a', 'localhost'),
    ('', '/', 'localhost'),
    ('/', '/', 'localhost'),
    ('?q=1', '/?q=1', 'localhost'),
    ('/a?q=1#fragment', '/a?q=1', 'localhost'),
    ('/ü b', '/%C3%BC%20b', 'localhost'),
    ('/a%2Fb', '/a%2Fb', 'localhost'),
    ('/a//b/../c', '/a//b/../c', 'localhost'),
    ('/{a}', '/%7Ba%7D', 'localhost'),
    (URL('/a?q=ü'), '/a?q=%C3%BC', 'localhost'),
    (URL('http://[::1]:80/a'), '/a', '[::1]'),
    ('http://api.example.com/a', '/a', 'api.example.com'),
    ('http://api.example.com', '/', 'api.example.com'),
    ('https://api.example.com:8443?q=1', '/?q=1', 'api.example.com:8443'),
    ('HTTP://Host/a', '/a', 'Host'),
    ('http://user:password@host/a', '/a', 'host'),
]


@pytest.mark.parametrize(('url', 'target', 'host'), URLS, ids=str)
async def test_urls_are_relative_or_absolute(url: Any, target: str, host: str) -> None:
    async with kmock.RawHandler(strict=True) as handler:
        handler << b'x'
        response: Any = await handler.get(url)
        assert handler[0].target == target
        assert handler[0].host == host
        assert response.url.path == handler[0].url.path


async def test_the_scheme_of_an_absolute_url_is_that_of_the_request(transport: str) -> None:
    async with served(transport) as handler:
        handler['https://secure.example.com'] << b'secure'
        handler << b'plain'
        assert await (await handler.get('https://secure.example.com/a')).read() == b'secure'
        assert await (await handler.get('http://secure.example.com/a')).read() == b'plain'
        assert handler[0].url == URL('https://secure.example.com/a')


PARAMS: list[Any] = [
    ({'a': 1, 'b': 'ü'}, [('a', '1'), ('b', 'ü')]), ({'a': ['1', '2']}, [('a', '1'), ('a', '2')]),
    ([('a', '1'), ('b', ''), ('a', '2')], [('a', '1'), ('b', ''), ('a', '2')]), ('a=1&b', [('a', '1'), ('b', '')]),
    ('?a=1', [('a', '1')]), ({}, []), (None, []),
]  # fmt: skip


@pytest.mark.parametrize(('params', 'expected'), PARAMS, ids=str)
@pytest.mark.parametrize('query', ['', '?x=0'])
async def test_params_are_added_to_the_query(params: Any, expected: list[Any], query: str, transport: str) -> None:
    async with served(transport) as handler:
        handler << b'x'
        await handler.get(f'/{query}', params=params)
        assert list(handler[0].query.items()) == [*([('x', '0')] if query else []), *expected]


@pytest.mark.parametrize('headers', [{'X-A': '1', 'X-B': 2}, [('X-A', '1'), ('X-B', '2')]], ids=['mapping', 'pairs'])
async def test_headers_and_cookies_are_sent(headers: Any, transport: str) -> None:
    async with served(transport) as handler:
        handler << b'x'
        await handler.get('/', headers=headers, cookies={'c': 'v', 'd': 1})
        assert (handler[0].headers['x-a'], handler[0].headers['X-B']) == ('1', '2')
        assert dict(handler[0].cookies) == {'c': 'v', 'd': '1'}


async def test_the_host_header_can_be_anything(transport: str) -> None:
    async with served(transport) as handler:
        handler << b'x'
        await handler.get('/', headers={'host': 'other.example.com'})
        assert handler[0].headers.getall('Host') == ['other.example.com']
        assert handler[0].url.host == 'other.example.com'


async def parts() -> AsyncIterator[bytes]:
    yield b'a'
    await asyncio.sleep(0)
    yield b'b'


BINARY = 'application/octet-stream'
FORM = 'application/x-www-form-urlencoded'
BODIES: list[Any] = [
    pytest.param(lambda: b'ab', b'ab', BINARY, id='bytes'),
    pytest.param(lambda: bytearray(b'ab'), b'ab', BINARY, id='bytearray'),
    pytest.param(lambda: memoryview(b'ab'), b'ab', BINARY, id='memoryview'),
    pytest.param(lambda: 'é', 'é'.encode(), 'text/plain', id='text'),
    pytest.param(lambda: io.BytesIO(b'ab'), b'ab', BINARY, id='buffer'),
    pytest.param(lambda: io.StringIO('ab'), b'ab', BINARY, id='buffer of text'),
    pytest.param(lambda: {'a': '1', 'b': ['2', '3']}, b'a=1&b=2&b=3', FORM, id='form'),
    pytest.param(lambda: [b'a', b'b'], b'ab', BINARY, id='list'),
    pytest.param(lambda: iter([b'a', b'b']), b'ab', BINARY, id='iterator'),
    pytest.param(parts, b'ab', BINARY, id='async iterator'),
    pytest.param(lambda: None, b'', '', id='nothing'),
    pytest.param(lambda: b'', b'', BINARY, id='empty bytes'),
]


@pytest.mark.parametrize(('make', 'body', 'content_type'), BODIES)
async def test_bodies_are_sent(make: Any, body: bytes, content_type: str, transport: str) -> None:
    async with served(transport) as handler:
        handler << b'x'
        await handler.post('/', data=make())
        assert handler[0].body == body
        assert handler[0].content_type == content_type
        assert handler[0].headers.get('Content-Length', '0') == str(len(body))


@pytest.mark.parametrize('document', [{'a': 'é'}, [1, None], 'text', 5, {}, [], False, 0, ''], ids=repr)
async def test_json_is_sent(document: Any, transport: str) -> None:
    async with served(transport) as handler:
        handler << b'x'
        await handler.post('/', json=document)
        assert handler[0].data == document
        assert handler[0].content_type == 'application/json'


async def test_the_own_content_type_of_a_call_wins(transport: str) -> None:
    async with served(transport) as handler:
        handler << b'x'
        await handler.post('/', json={}, headers={'content-type': 'application/x-own+json'})
        assert handler[0].headers.getall('Content-Type') == ['application/x-own+json']


async def test_data_and_json_together_are_refused() -> None:
    with pytest.raises(ValueError, match='data and json can not be used together'):
        await kmock.RawHandler().post('/', data=b'x', json={})


async def test_a_call_is_made_when_it_is_awaited_or_entered(transport: str) -> None:
    async with served(transport) as handler:
        handler << b'x'
        call = handler.get('/')
        for _ in range(5):
            await asyncio.sleep(0)
        assert len(handler) == 0
        assert (await call).status == 200
        async with handler.get('/') as response:
            assert await response.read() == b'x'
        assert len(handler) == 2


async def test_calls_at_the_same_time_are_served_at_the_same_time(transport: str) -> None:
    async with served(transport) as handler:
        here = asyncio.Barrier(10)
        handler << (lambda: here.wait())
        handler.fallback << b'x'
        responses = await asyncio.gather(*(handler.get('/').__aenter__() for _ in range(10)))
        assert len(responses) == len(handler) == 10


# ---- Results ----


async def test_a_result_has_the_whole_answer(transport: str) -> None:
    async with served(transport) as handler:
        handler << 201 << {'X-A': '1'} << kmock.cookies(c='v') << {'a': 'é'}
        response = await handler.get('/')
        assert (response.status, response.reason) == (201, 'Created')
        assert (response.headers['x-a'], response.cookies['c'].value) == ('1', 'v')
        assert await response.read() == await response.read() == b'{"a": "\\u00e9"}'
        assert await response.text() == '{"a": "\\u00e9"}'
        assert await response.json() == {'a': 'é'}


async def test_a_result_shows_itself_in_one_line(transport: str) -> None:
    async with served(transport) as handler:
        handler << 404
        assert repr(await handler.get('/x')) == '<ClientResponse 404 Not Found: GET http://localhost/x>'


async def test_text_is_decoded_by_the_charset_of_the_answer(transport: str) -> None:
    async with served(transport) as handler:
        handler << {'Content-Type': 'text/plain; charset=latin-1'} << 'é'.encode('latin-1')
        response: Any = await handler.get('/')
        assert await response.text() == 'é'
        assert await response.text('cp437') == 'Θ'
        assert response.content_type == 'text/plain'


@pytest.mark.parametrize(('status', 'ok'), [(200, True), (399, True), (400, False), (500, False)])
async def test_a_bad_status_can_be_raised(status: int, ok: bool) -> None:
    async with kmock.RawHandler(strict=True) as handler:
        handler << status
        response: Any = await handler.get('/x')
        assert response.ok == ok
        if ok:
            response.raise_for_status()
        else:
            with pytest.raises(StatusError, match=f'{status} .*: http://localhost/x') as caught:
                response.raise_for_status()
            assert caught.value.status == status


@pytest.mark.parametrize('payload', [b'one\ntwo\nrest', (b'one', b'\ntw', b'o\n', b'rest')], ids=['bytes', 'stream'])
class TestContent:
    async def read(self, payload: Any, transport: str, reading: Any) -> Any:
        async with served(transport) as handler:
            handler << payload
            response = await handler.get('/')
            return await reading(response.content)

    async def test_lines_are_iterated(self, payload: Any, transport: str) -> None:
        async def lines(content: Any) -> list[bytes]:
            return [line async for line in content]

        assert await self.read(payload, transport, lines) == [b'one\n', b'two\n', b'rest']

    async def test_lines_are_read_one_by_one(self, payload: Any, transport: str) -> None:
        async def lines(content: Any) -> list[bytes]:
            return [await content.readline() for _ in range(4)]

        assert await self.read(payload, transport, lines) == [b'one\n', b'two\n', b'rest', b'']

    async def test_exact_numbers_of_bytes_are_read(self, payload: Any, transport: str) -> None:
        async def pieces(content: Any) -> list[bytes]:
            return [await content.readexactly(5), await content.readexactly(7), await content.readexactly(0)]

        assert await self.read(payload, transport, pieces) == [b'one\nt', b'wo\nrest', b'']

    async def test_too_many_bytes_are_an_error_with_what_there_was(self, payload: Any, transport: str) -> None:
        async def too_many(content: Any) -> None:
            await content.readexactly(100)

        with pytest.raises(asyncio.IncompleteReadError) as caught:
            await self.read(payload, transport, too_many)
        assert caught.value.partial == b'one\ntwo\nrest'

    async def test_at_most_so_many_bytes_are_read(self, payload: Any, transport: str) -> None:
        async def pieces(content: Any) -> list[bytes]:
            found = [await content.read(0), await content.read(2)]
            return [*found, *[piece async for piece in content.iter_chunked(3)]]

        empty, first, *rest = await self.read(payload, transport, pieces)
        assert (empty, first) == (b'', b'on')
        assert max(map(len, rest)) <= 3
        assert b''.join(rest) == b'e\ntwo\nrest'

    async def test_what_comes_is_iterated(self, payload: Any, transport: str) -> None:
        async def pieces(content: Any) -> bytes:
            assert not content.at_eof()
            found = b''.join([piece async for piece in content.iter_any()])
            assert content.at_eof()
            assert await content.readany() == b''
            assert await content.readchunk() == (b'', False)
            return found

        assert await self.read(payload, transport, pieces) == b'one\ntwo\nrest'


async def test_chunks_are_read_as_they_were_sent(transport: str) -> None:
    async with served(transport) as handler:
        handler << (b'one', b'', b'two', {'a': 1})
        response = await handler.get('/')
        assert await response.content.readchunk() == (b'one', True)
        assert [chunk async for chunk in response.content.iter_chunks()] == [(b'two', True), (b'{"a": 1}\n', True)]


async def test_a_stream_is_closed_when_it_was_played_to_its_end(transport: str) -> None:
    async with served(transport) as handler:
        handler << (b'a', ..., b'z')
        response: Any = await handler.get('/')
        await handler[...].wait()
        assert not response.closed
        handler[...] << None
        assert await response.read() == b'az'
        await until(lambda: response.closed)


@pytest.mark.parametrize('how', ['close', 'release', 'aclose'])
async def test_a_stream_that_was_left_has_what_came_before(how: str, transport: str) -> None:
    async with served(transport) as handler:
        handler << (b'a', ...)
        response: Any = await handler.get('/')
        assert await response.content.readexactly(1) == b'a'
        await handler[...].wait()
        left = getattr(response, how)()
        if left is not None:
            await left
        assert await response.read() == b''
        await until(lambda: response.closed and not handler[...])


async def test_leaving_an_answer_that_is_no_stream_is_harmless(transport: str) -> None:
    async with served(transport) as handler:
        handler << b'x'
        async with handler.get('/') as response:
            response.close()
        assert await response.read() == b'x'


async def test_a_client_closes_all_of_its_open_streams(transport: str) -> None:
    async with kmock.RawHandler(strict=True) as handler:
        client = InProcessClient(handler, base_url='http://example.com/')
        handler << (b'a', ...)
        for _ in range(3):
            await client.request('GET', 'path')
        await handler[...].wait(3)
        assert {request.host for request in handler} == {'example.com'}
        await client.aclose()
        assert len(handler[...]) == 0


# ---- Servers ----


class FakeServer:
    """What a transport of another package registers on a handler."""

    def __init__(self, handler: kmock.RawHandler, port: int) -> None:
        self.host, self.port = '127.0.0.1', port
        self.url = URL(f'http://127.0.0.1:{port}')
        self.client = InProcessClient(handler, str(self.url))


@pytest.mark.parametrize('name', ['server', 'url', 'host', 'port', 'client'])
def test_a_handler_without_a_server_says_what_to_do(name: str) -> None:
    with pytest.raises(RuntimeError, match='There is no running server of this handler') as caught:
        getattr(kmock.RawHandler(), name)
    assert isinstance(caught.value, kmock.KMockError)
    assert kmock.RawHandler().servers == kmock.RawHandler().clients == []


async def test_a_handler_has_the_address_of_its_first_server() -> None:
    async with kmock.RawHandler(strict=True) as handler:
        servers = [FakeServer(handler, port) for port in (81, 82)]
        handler.servers.extend(servers)
        assert handler.server is servers[0]
        assert handler.client is servers[0].client
        assert (handler.host, handler.port, handler.url) == ('127.0.0.1', 81, URL('http://127.0.0.1:81'))
        assert handler.clients == [server.client for server in servers]


async def test_calls_go_round_robin_by_the_servers() -> None:
    async with kmock.RawHandler(strict=True) as handler:
        handler << b'x'
        handler.servers.extend(FakeServer(handler, port) for port in (81, 82, 83))
        for _ in range(5):
            await handler.get('/path')
        handler.servers.pop()
        for _ in range(3):
            await handler.get('path')
        ports = [request.url.port for request in handler]
        assert ports[:5] == [81, 82, 83, 81, 82]
        assert ports[5:] in ([81, 82, 81], [82, 81, 82])
        assert {request.path for request in handler} == {'/path'}
