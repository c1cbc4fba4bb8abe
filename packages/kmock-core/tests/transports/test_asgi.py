"""Section 1 of the DSL: a handler as an ASGI 3 application."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Iterable, MutableMapping
from typing import Any

import pytest

import kmock
from kmock_core.testing import until
from kmock_core.values.responses import Answer, Metadata, Tap

Message = MutableMapping[str, Any]


class Server:
    """The other side of an application: gives it messages, and keeps what it sends."""

    def __init__(self, *messages: Message) -> None:
        self.incoming: asyncio.Queue[Message] = asyncio.Queue()
        self.sent: list[Message] = []
        self.changed = asyncio.Event()
        for message in messages:
            self.incoming.put_nowait(message)

    async def send(self, message: Message) -> None:
        self.sent.append(message)
        self.changed.set()

    def run(self, handler: kmock.RawHandler, **scope: Any) -> 'asyncio.Task[None]':
        """Begin to serve one scope."""
        return asyncio.ensure_future(handler.asgi(scope, self.incoming.get, self.send))

    async def wait_for(self, count: int) -> list[Message]:
        """Wait until the application has sent so many messages."""
        await until(lambda: len(self.sent) >= count, f'{count} messages')
        return self.sent

    @property
    def body(self) -> bytes:
        return b''.join(message.get('body', b'') for message in self.sent)


def request(body: bytes = b'', *, more: bool = False) -> Message:
    return {'type': 'http.request', 'body': body, 'more_body': more}


class Echo:
    """Says hi, and then what it is told, until it is told to stop."""

    breakage = None
    is_unheard = False
    tap: Tap | None = None
    subprotocol = 'echo'

    def __init__(self, *, is_text: bool = True) -> None:
        self.is_text = is_text
        self.is_closed = False
        self.heard: list[tuple[bytes, bool]] = []
        self.said: asyncio.Queue[bytes] = asyncio.Queue()

    def receive(self, message: bytes, is_text: bool, /) -> None:
        self.heard.append((message, is_text))
        self.said.put_nowait(message)

    async def batches(self) -> AsyncGenerator[list[bytes], None]:
        yield [b'hi', b'']
        while (message := await self.said.get()) != b'stop':
            yield [message]

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for batch in self.batches():
            for message in batch:
                yield message

    async def aclose(self) -> None:
        self.is_closed = True


class Talker(kmock.RawHandler):
    """Answers all requests with a conversation."""

    echo: Echo

    def _answer_builtin(self, request: kmock.Request, /) -> Answer:
        return Answer(101, 'Switching Protocols', (), self.echo)


def websocket(path: str, **fields: Any) -> dict[str, Any]:
    return {'type': 'websocket', 'path': path, 'raw_path': path.encode(), 'headers': [], **fields}


DISCONNECT: Message = {'type': 'http.disconnect'}
STARTUP: Message = {'type': 'lifespan.startup'}
SHUTDOWN: Message = {'type': 'lifespan.shutdown'}


def http(**fields: Any) -> dict[str, Any]:
    minimal: dict[str, Any] = {'type': 'http', 'method': 'GET', 'path': '/', 'raw_path': b'/', 'headers': []}
    return {**minimal, **fields}


# ---- Requests ----


async def test_a_request_is_read_from_its_scope() -> None:
    scope = http(
        method='post', path='/a b/c', raw_path=b'/a%20b%2Fc', query_string=b'q=%C3%BC&q', http_version='2',
        headers=[(b'host', b'example.com'), (b'x-a', b'1'), (b'x-a', b'\xff')], scheme='https',
        client=('192.0.2.1', 1234), server=('192.0.2.2', 443),
    )  # fmt: skip
    async with kmock.RawHandler(strict=True) as handler:
        handler << b'x'
        await Server(request(b'bo', more=True), request(b'dy')).run(handler, **scope)
        (got,) = handler
        assert (got.method, got.target) == ('POST', '/a%20b%2Fc?q=%C3%BC&q')
        assert (got.path, got.raw_path) == ('/a b/c', '/a%20b%2Fc')
        assert list(got.query.items()) == [('q', 'ü'), ('q', '')]
        assert got.body == b'body'
        assert (got.host, got.remote) == ('example.com', '192.0.2.1')
        assert (got.origin.scheme, got.origin.version) == ('https', '2')
        assert got.headers.getall('X-A') == ['1', '\udcff']
        assert str(got.url) == 'https://example.com/a%20b%2Fc?q=%C3%BC&q'


@pytest.mark.parametrize(
    ('scope', 'target', 'host'),
    [
        ({'path': '/ü b%', 'raw_path': None}, '/%C3%BC%20b%25', 'localhost'),
        ({'path': '/a', 'raw_path': b''}, '/a', 'localhost'),
        ({'path': '/a', 'raw_path': b'/a?not=path', 'query_string': b'q=1'}, '/a?q=1', 'localhost'),
        ({'server': ('example.com', None)}, '/', 'example.com'),
        ({'server': ('example.com', 8080)}, '/', 'example.com:8080'),
        ({'server': None, 'client': None}, '/', 'localhost'),
    ],
)
async def test_a_scope_may_lack_what_is_optional(scope: dict[str, Any], target: str, host: str) -> None:
    async with kmock.RawHandler(strict=True) as handler:
        handler << b'x'
        await Server(request()).run(handler, **http(**scope))
        assert (handler[0].target, handler[0].host) == (target, host)


async def test_a_minimal_scope_is_enough() -> None:
    async with kmock.RawHandler(strict=True) as handler:
        handler << b'x'
        server = Server({'type': 'http.request'})
        await server.run(handler, type='http', method='GET', path='/a', headers=[])
        assert (handler[0].path, handler[0].body, server.body) == ('/a', b'', b'x')


# ---- Answers ----


async def test_an_answer_is_two_messages() -> None:
    async with kmock.RawHandler(strict=True) as handler:
        handler << 201 << {'X-A': ['1', 'ü']} << b'x'
        server = Server(request())
        await server.run(handler, **http())
        start, body = server.sent
        headers = [(b'x-a', b'1'), (b'x-a', 'ü'.encode()), (b'content-length', b'1')]
        assert (start['type'], start['status']) == ('http.response.start', 201)
        assert [pair for pair in start['headers'] if pair[0] != b'content-type'] == headers
        assert (body['type'], body['body'], body.get('more_body', False)) == ('http.response.body', b'x', False)


async def test_each_chunk_of_a_stream_is_a_message_and_an_empty_one_ends_it() -> None:
    async with kmock.RawHandler(strict=True) as handler:
        handler << (b'a', {'b': 1}, lambda: asyncio.sleep(0), b'c')
        server = Server(request())
        await server.run(handler, **http())
        start, *messages = server.sent
        assert b'content-length' not in dict(start['headers'])
        assert [(m['body'], m.get('more_body', False)) for m in messages] == [
            (b'a', True), (b'{"b": 1}\n', True), (b'c', True), (b'', False),
        ]  # fmt: skip


class Silent:
    """A stream that has begun, but has nothing to say yet."""

    breakage: None = None
    is_unheard: bool = False
    tap: Tap | None = None

    async def batches(self) -> AsyncGenerator[list[bytes], None]:
        yield []
        await asyncio.Event().wait()

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for batch in self.batches():
            for chunk in batch:
                yield chunk

    async def aclose(self) -> None:
        return


class SilentHandler(kmock.RawHandler):
    """As the watches of Kubernetes, where there are no objects yet."""

    def _answer_builtin(self, request: kmock.Request, /) -> Answer | None:
        return Metadata().compose(Silent())


async def test_the_head_of_a_stream_with_nothing_to_say_comes_at_once() -> None:
    async with SilentHandler() as handler:
        server = Server(request())
        task = server.run(handler, **http())
        start, empty = await server.wait_for(2)  # some servers wait for the body with the head
        assert start['type'] == 'http.response.start'
        assert empty == {'type': 'http.response.body', 'body': b'', 'more_body': True}
        server.incoming.put_nowait(DISCONNECT)
        await task


async def test_chunks_are_sent_while_the_stream_is_open() -> None:
    async with kmock.RawHandler(strict=True) as handler:
        handler << (b'a', ..., b'z')
        server = Server(request())
        task = server.run(handler, **http())
        assert (await server.wait_for(2))[1]['body'] == b'a'
        await handler[...].wait()
        handler[...] << (b'1', ...)
        assert (await server.wait_for(3))[2]['body'] == b'1'
        handler[...] << None
        await task
        assert server.body == b'a1z'


@pytest.mark.parametrize('payload', [b'x', (b'a', b'b')], ids=['bytes', 'stream'])
async def test_head_sends_no_body(payload: Any) -> None:
    async with kmock.RawHandler(strict=True) as handler:
        handler << payload
        server = Server(request())
        await server.run(handler, **http(method='HEAD'))
        assert [message['type'] for message in server.sent] == ['http.response.start', 'http.response.body']
        assert server.body == b''


async def test_errors_are_answered_inside_of_a_context() -> None:
    async with kmock.RawHandler() as handler:
        handler << ValueError('boo')
        server = Server(request())
        await server.run(handler, **http())
        assert server.sent[0]['status'] == 500
        assert b'ValueError: boo' in server.body
        assert len(handler.errors) == 1


async def test_errors_are_raised_to_the_server_outside_of_a_context() -> None:
    error = ValueError('boo')
    handler = kmock.RawHandler()
    handler['/answer'] << error
    handler['/stream'] << (b'a', error)
    for path in ('/answer', '/stream'):
        with pytest.raises(ValueError, match='boo') as caught:
            await Server(request()).run(handler, **http(path=path, raw_path=path.encode()))
        assert caught.value is error


# ---- Disconnects ----


class Waits:
    def __init__(self) -> None:
        self.begun = asyncio.Event()
        self.cancelled = asyncio.Event()

    async def __call__(self) -> None:
        self.begun.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            self.cancelled.set()
            raise


@pytest.mark.parametrize('parts', [[], [b'half'], [b'half', b'more']], ids=len)
async def test_a_body_that_was_sent_in_part_is_not_recorded(parts: Iterable[bytes]) -> None:
    async with kmock.RawHandler(strict=True) as handler:
        handler << b'x'
        server = Server(*(request(part, more=True) for part in parts), DISCONNECT)
        await server.run(handler, **http(method='POST'))
        assert (len(handler), server.sent) == (0, [])


@pytest.mark.parametrize('payload', ['before the answer', 'in a stream'])
async def test_a_client_that_disconnects_cancels_what_it_waited_for(payload: str) -> None:
    waits = Waits()
    async with kmock.RawHandler(strict=True) as handler:
        handler << (waits if payload == 'before the answer' else (b'a', waits))
        server = Server(request())
        task = server.run(handler, **http())
        await waits.begun.wait()
        server.incoming.put_nowait(DISCONNECT)
        await task
        assert waits.cancelled.is_set()
        assert server.body == (b'' if payload == 'before the answer' else b'a')
        assert len(handler) == 1


async def test_a_client_that_disconnects_leaves_its_feeding_point() -> None:
    ended: list[str] = []

    async def stream() -> AsyncIterator[Any]:
        try:
            yield b'a'
            yield ...
        finally:
            await asyncio.sleep(0)
            ended.append('stream')

    async with kmock.RawHandler(strict=True) as handler:
        handler << stream
        server = Server(request())
        task = server.run(handler, **http())
        await handler[...].wait()
        server.incoming.put_nowait(DISCONNECT)
        await task
        assert ended == ['stream']
        assert len(handler[...]) == 0


async def test_a_server_that_cancels_the_application_ends_the_stream() -> None:
    waits = Waits()
    async with kmock.RawHandler(strict=True) as handler:
        handler << (b'a', waits)
        task = Server(request()).run(handler, **http())
        await waits.begun.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert waits.cancelled.is_set()


async def test_a_server_that_fails_to_send_ends_the_stream() -> None:
    ended: list[str] = []

    def stream() -> Any:
        try:
            yield b'a'
            yield ...
        finally:
            ended.append('stream')

    async def send(message: Message) -> None:
        raise OSError('gone')

    async with kmock.RawHandler(strict=True) as handler:
        handler << stream
        with pytest.raises(OSError, match='gone'):
            await handler.asgi(http(), Server(request()).incoming.get, send)
        assert ended == ['stream']


async def test_messages_of_other_types_are_ignored_while_a_request_is_served() -> None:
    async with kmock.RawHandler(strict=True) as handler:
        handler << (b'a', ...)
        server = Server(request(), {'type': 'http.request'}, {'type': 'http.something'})
        task = server.run(handler, **http())
        await handler[...].wait()
        await until(server.incoming.empty)
        handler[...] << b'z'
        await task
        assert server.body == b'az'


# ---- Lifespan ----


async def test_the_lifespan_enters_and_leaves_the_handler() -> None:
    handler = kmock.RawHandler(strict=True)
    handler << b'x'
    server = Server(STARTUP)
    task = server.run(handler, type='lifespan')
    assert await server.wait_for(1) == [{'type': 'lifespan.startup.complete'}]
    states = [handler.active]
    await Server(request()).run(handler, **http())
    server.incoming.put_nowait(SHUTDOWN)
    await task
    assert server.sent[1] == {'type': 'lifespan.shutdown.complete'}
    states.append(handler.active)
    assert states == [True, False]
    assert len(handler) == 1


async def test_the_lifespan_fails_at_its_end_with_the_errors_of_a_strict_handler() -> None:
    error = ValueError('boo')
    handler = kmock.RawHandler(strict=True)
    handler << error
    server = Server(STARTUP)
    task = server.run(handler, type='lifespan')
    await server.wait_for(1)
    await Server(request()).run(handler, **http())
    server.incoming.put_nowait(SHUTDOWN)
    with pytest.raises(ValueError, match='boo') as caught:
        await task
    assert caught.value is error
    assert server.sent[1] == {'type': 'lifespan.shutdown.failed', 'message': 'ValueError: boo'}


async def test_the_lifespan_closes_the_streams_of_the_own_calls() -> None:
    handler = kmock.RawHandler(strict=True)
    handler << (b'a', ...)
    server = Server(STARTUP)
    task = server.run(handler, type='lifespan')
    await server.wait_for(1)
    response = await handler.get('/')
    await handler[...].wait()
    server.incoming.put_nowait(SHUTDOWN)
    await task
    assert await response.read() == b'a'


async def test_the_lifespan_that_is_cancelled_leaves_the_handler() -> None:
    handler = kmock.RawHandler(strict=True)
    server = Server(STARTUP)
    task = server.run(handler, type='lifespan')
    await server.wait_for(1)
    task.cancel()
    await asyncio.wait([task])
    assert not handler.active


async def test_a_handler_that_can_not_be_entered_fails_the_startup() -> None:
    class Failing(kmock.RawHandler):
        async def __aenter__(self) -> Any:
            raise ValueError('not today')

    server = Server(STARTUP)
    with pytest.raises(ValueError, match='not today'):
        await server.run(Failing(), type='lifespan')
    assert server.sent == [{'type': 'lifespan.startup.failed', 'message': 'ValueError: not today'}]


# ---- Other scopes ----


async def test_a_websocket_that_nobody_answers_is_refused() -> None:
    async with kmock.RawHandler() as handler:
        handler['/ws'] << 204
        server = Server({'type': 'websocket.connect'})
        await server.run(handler, **websocket('/ws'))
    assert [(message['type'], message['code']) for message in server.sent] == [('websocket.close', 1000)]
    assert 'no WebSocket is answered here, but 204 No Content' in server.sent[0]['reason']
    assert handler[0].headers['Upgrade'] == 'websocket'


async def test_a_server_that_can_do_so_refuses_a_websocket_with_the_answer() -> None:
    async with kmock.RawHandler() as handler:
        handler << 403 << b'no'
        server = Server({'type': 'websocket.connect'})
        await server.run(handler, **websocket('/ws', extensions={'websocket.http.response': {}}))
    start, body = server.sent
    assert (start['type'], start['status']) == ('websocket.http.response.start', 403)
    assert body == {'type': 'websocket.http.response.body', 'body': b'no'}


async def test_a_stream_is_no_websocket_and_is_left() -> None:
    async with kmock.RawHandler(strict=True) as handler:
        handler << (b'a', ...)
        server = Server({'type': 'websocket.connect'})
        await server.run(handler, **websocket('/'))
    assert server.sent[0]['type'] == 'websocket.close'


@pytest.mark.parametrize(('is_text', 'field', 'greeting'), [(True, 'text', 'hi'), (False, 'bytes', b'hi')])
async def test_a_conversation_is_played_on_a_websocket(is_text: bool, field: str, greeting: object) -> None:
    handler = Talker()
    handler.echo = Echo(is_text=is_text)
    server = Server({'type': 'websocket.connect'})
    task = server.run(handler, **websocket('/'))
    assert await server.wait_for(2) == [
        {'type': 'websocket.accept', 'subprotocol': 'echo', 'headers': []},
        {'type': 'websocket.send', field: greeting},
    ]
    server.incoming.put_nowait({'type': 'websocket.receive', 'text': 'ü'})
    server.incoming.put_nowait({'type': 'websocket.receive', 'bytes': b'stop'})
    await task
    assert handler.echo.heard == [('ü'.encode(), True), (b'stop', False)]
    assert server.sent[-1] == {'type': 'websocket.close', 'code': 1000}
    assert handler.echo.is_closed


async def test_a_client_that_leaves_a_websocket_ends_the_conversation() -> None:
    handler = Talker()
    handler.echo = Echo()
    server = Server({'type': 'websocket.connect'})
    task = server.run(handler, **websocket('/'))
    await server.wait_for(2)
    server.incoming.put_nowait({'type': 'websocket.disconnect', 'code': 1001})
    await task
    assert handler.echo.is_closed
    assert server.sent[-1]['type'] == 'websocket.send'


async def test_a_client_that_leaves_before_its_websocket_is_answered_ends_the_answer() -> None:
    begun, ended = asyncio.Event(), asyncio.Event()

    async def stall() -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    async with kmock.RawHandler() as handler:
        handler << stall
        server = Server({'type': 'websocket.connect'})
        task = server.run(handler, **websocket('/'))
        await begun.wait()
        server.incoming.put_nowait({'type': 'websocket.disconnect', 'code': 1006})
        await task
    assert ended.is_set()
    assert server.sent == []


async def test_a_conversation_is_refused_where_http_is_spoken() -> None:
    handler = Talker()
    handler.echo = Echo()
    server = Server(request())
    await server.run(handler, **http())
    assert server.sent[0]['status'] == 501
    assert b'websocket' in server.body
    assert handler.echo.is_closed


async def test_a_conversation_is_read_in_process_as_a_stream() -> None:
    async with Talker() as handler:
        handler.echo = Echo()
        response = await handler.get('/')
        assert (response.status, await response.content.readany()) == (101, b'hi')
        handler.echo.receive(b'stop', True)
        assert await response.read() == b''


async def test_an_unknown_scope_is_refused_as_the_specification_wants() -> None:
    with pytest.raises(ValueError, match=r"unknown ASGI scope 'telnet' \(known: http, lifespan, websocket\)"):
        await Server().run(kmock.RawHandler(), type='telnet')


# ---- httpx ----


def data_of(request: kmock.Request) -> Any:
    return request.data


async def test_httpx_speaks_to_a_handler_without_sockets() -> None:
    httpx = pytest.importorskip('httpx', reason='httpx is not installed: its ASGITransport is tested where it is')
    async with kmock.RawHandler(strict=True) as handler:
        handler['post /path'] << 201 << {'X-A': '1'} << kmock.cookies(c='v') << data_of
        handler['/stream'] << (b'a', lambda: asyncio.sleep(0), b'b')
        transport = httpx.ASGITransport(app=handler.asgi)
        async with httpx.AsyncClient(transport=transport, base_url='http://api.example.com') as client:
            response = await client.post('/path', json={'a': 'ü'}, params={'q': 'ü'})
            assert (response.status_code, response.headers['x-a'], response.json()) == (201, '1', {'a': 'ü'})
            assert response.cookies['c'] == 'v'
            assert (await client.get('/stream')).content == b'ab'
            assert (await client.head('/stream')).content == b''
        assert str(handler[0].url) == 'http://api.example.com/path?q=%C3%BC'
        assert handler['/stream'][0].host == 'api.example.com'


async def test_httpx_gets_the_errors_of_a_handler_that_is_not_entered() -> None:
    httpx = pytest.importorskip('httpx', reason='httpx is not installed: its ASGITransport is tested where it is')
    handler = kmock.RawHandler()
    handler << ValueError('boo')
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=handler.asgi), base_url='http://test') as client:
        with pytest.raises(ValueError, match='boo'):
            await client.get('/')
