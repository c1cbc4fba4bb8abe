"""A handler as an ASGI 3 application: under httpx, starlette's TestClient, uvicorn, hypercorn …

https://asgi.readthedocs.io/en/latest/specs/www.html
"""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Coroutine, MutableMapping
from contextlib import aclosing, asynccontextmanager
from typing import TYPE_CHECKING, Any, Protocol, cast

from kmock_core.errors import FaultError
from kmock_core.transports.inprocess import BUFFER_BYTES, InProcessClient, Serve
from kmock_core.values.conversations import SWITCHING_PROTOCOLS, Conversation, is_conversation
from kmock_core.values.faults import Breakage
from kmock_core.values.headers import RawHeaders
from kmock_core.values.requests import OriginAtoms, decode_path
from kmock_core.values.responses import REASONS, Answer, Metadata, Tap

if TYPE_CHECKING:
    from yarl import URL

    from kmock_core.spi import Endpoint, TransportOptions

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


class Enterable(Protocol):
    """What the application needs of a handler."""

    @property
    def serve(self) -> Serve: ...
    async def __aenter__(self) -> Any: ...
    async def __aexit__(self, exc_type: Any, exc: Any, tb: Any, /) -> Any: ...


class ASGIApp:
    """An ASGI 3 application around a handler.

    The lifespan protocol enters and leaves the handler; without it (as under httpx) errors are raised to the client,
    unless the handler is entered by the test.
    """

    def __init__(self, handler: Enterable) -> None:
        self.handler = handler

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one scope."""
        kind = scope['type']
        if kind == 'http':
            await self._serve(scope, receive, send)
        elif kind == 'lifespan':
            await self._live(receive, send)
        elif kind == 'websocket':
            await self._serve_websocket(scope, receive, send)
        else:
            raise ValueError(f'unknown ASGI scope {kind!r} (known: http, lifespan, websocket)')

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        try:
            await self.handler.__aenter__()
        except Exception as exc:
            await send({'type': 'lifespan.startup.failed', 'message': f'{type(exc).__name__}: {exc}'})
            raise
        try:
            await send({'type': 'lifespan.startup.complete'})
            await receive()
        except BaseException as exc:
            await self.handler.__aexit__(type(exc), exc, exc.__traceback__)
            raise
        try:
            await self.handler.__aexit__(None, None, None)
        except Exception as exc:
            await send({'type': 'lifespan.shutdown.failed', 'message': f'{type(exc).__name__}: {exc}'})
            raise  # as starlette does: its TestClient hands it on to the test
        else:
            await send({'type': 'lifespan.shutdown.complete'})

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = await _read_body(receive)
        if body is None:
            return
        await _serve_until(self._answer(scope, body, send), _wait_for_disconnect(receive))

    async def _serve_websocket(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a client that has asked for a WebSocket; if none is answered, it is refused with the status of that."""
        await receive()
        begun: asyncio.Future[Conversation] = asyncio.get_running_loop().create_future()
        await _serve_until(self._answer_websocket(scope, send, begun), _listen(begun, receive))

    async def _answer_websocket(self, scope: Scope, send: Send, begun: 'asyncio.Future[Conversation]') -> None:
        given = (b'upgrade', b'websocket'), (b'connection', b'Upgrade')
        headers = tuple((bytes(name), bytes(value)) for name, value in scope['headers'])
        headers += tuple(pair for pair in given if pair[0] not in {name.lower() for name, _ in headers})
        answer = self.handler.serve('GET', _target_of(scope), headers, b'', _origin_of(scope))
        if not isinstance(answer, Answer):
            answer = await answer
        body = answer.body
        if answer.status == SWITCHING_PROTOCOLS and is_conversation(body):
            begun.set_result(body)
            await _talk(body, send)
            return
        if not isinstance(body, bytes):
            await body.aclose()
        if 'websocket.http.response' in scope.get('extensions', {}):
            pairs = _encode_headers(answer)
            await send({'type': 'websocket.http.response.start', 'status': answer.status, 'headers': pairs})
            content = body if isinstance(body, bytes) else b''
            await send({'type': 'websocket.http.response.body', 'body': content})
        else:
            reason = f'no WebSocket is answered here, but {answer.status} {answer.reason}'
            await send({'type': 'websocket.close', 'code': 1000, 'reason': reason})

    async def _answer(self, scope: Scope, body: bytes, send: Send) -> None:
        method = str(scope['method']).upper()
        headers = tuple((bytes(name), bytes(value)) for name, value in scope['headers'])
        answer = self.handler.serve(method, _target_of(scope), headers, body, _origin_of(scope))
        if not isinstance(answer, Answer):
            answer = await answer
        if answer.status == SWITCHING_PROTOCOLS and is_conversation(answer.body):
            await answer.body.aclose()
            answer = _REFUSED
        start = {'type': 'http.response.start', 'status': answer.status, 'headers': _encode_headers(answer)}
        if isinstance(answer.body, bytes):
            await send(start)
            await send({'type': 'http.response.body', 'body': answer.body})
            return
        is_started = False
        try:
            async with aclosing(answer.body.batches()) as batches:
                async for batch in batches:
                    if not is_started:
                        is_started = True
                        await send(start)
                        if not batch:  # some servers send the head only with something of the body, be it nothing
                            await send({'type': 'http.response.body', 'body': b'', 'more_body': True})
                    for chunk in batch:
                        await send({'type': 'http.response.body', 'body': chunk, 'more_body': True})
            if not is_started:
                await send(start)
            await send({'type': 'http.response.body', 'body': b''})
        except FaultError as fault:
            if fault.breakage.head and not is_started:
                await send(start)
            raise
        finally:
            await answer.body.aclose()


_REFUSED = Metadata(status=501).compose(
    b'501 Not Implemented: over ASGI, a WebSocket is asked for by a scope of the type websocket, not http\n',
    'text/plain; charset=utf-8',
)


def _encode_headers(answer: Answer) -> list[tuple[bytes, bytes]]:
    return [
        (name.lower().encode('utf-8', 'surrogateescape'), value.encode('utf-8', 'surrogateescape'))
        for name, value in answer.headers
    ]


async def _serve_until(serving: Coroutine[Any, Any, None], leaving: Coroutine[Any, Any, None]) -> None:
    """Serve a client to the end, or until it leaves."""
    tasks = asyncio.ensure_future(serving), asyncio.ensure_future(leaving)
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            if not task.done():
                task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    if not tasks[0].cancelled():
        tasks[0].result()


async def _talk(body: Conversation, send: Send) -> None:
    """Play a conversation over ASGI; the server of that frames it, and answers pings."""
    try:
        await send({'type': 'websocket.accept', 'subprotocol': body.subprotocol or None, 'headers': []})
        async with aclosing(body.batches()) as batches:
            async for batch in batches:
                for chunk in batch:
                    if chunk:
                        said = {'text': chunk.decode()} if body.is_text else {'bytes': chunk}
                        await send({'type': 'websocket.send', **said})
        await send({'type': 'websocket.close', 'code': 1000})
    finally:
        await body.aclose()


async def _listen(begun: 'asyncio.Future[Conversation]', receive: Receive) -> None:
    """Hand over what the client says, which it can't before the conversation has begun."""
    while (message := await receive())['type'] != 'websocket.disconnect':
        text: str | None = message.get('text')
        content = bytes(message.get('bytes') or b'') if text is None else text.encode()
        begun.result().receive(content, text is not None)


async def _read_body(receive: Receive) -> bytes | None:
    parts: list[bytes] = []
    while True:
        message = await receive()
        if message['type'] == 'http.disconnect':
            return None
        parts.append(message.get('body', b''))
        if not message.get('more_body', False):
            return b''.join(parts)


async def _wait_for_disconnect(receive: Receive) -> None:
    while (await receive())['type'] != 'http.disconnect':
        pass


def _target_of(scope: Scope) -> str:
    raw = scope.get('raw_path')
    path = cast('bytes', raw).decode('latin-1') if raw else _quote_path(cast('str', scope['path']))
    query = cast('bytes', scope.get('query_string', b'')).decode('latin-1')
    path = path.partition('?')[0]
    return f'{path}?{query}' if query else path


def _quote_path(path: str) -> str:
    from urllib.parse import quote  # heavy, and most servers give the raw path

    return quote(path, safe="/:@!$&'()*+,;=-._~")


def _origin_of(scope: Scope) -> OriginAtoms:
    client = scope.get('client')
    server = scope.get('server')
    authority = f'{server[0]}:{server[1]}' if server and server[1] else server[0] if server else 'localhost'
    return scope.get('scheme', 'http'), authority, client[0] if client else None, scope.get('http_version', '1.1')


class _Through:
    """Speaks ASGI to an application as a server does: the client's way through it."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def serve(self, method: str, target: str, headers: RawHeaders, body: bytes, origin: OriginAtoms, /) -> Answer:
        scheme, authority, version = origin[0], origin[1], origin[3]
        path, _, query = target.partition('?')
        scope: dict[str, Any] = {
            'type': 'http',
            'asgi': {'version': '3.0', 'spec_version': '2.4'},
            'http_version': version,
            'method': method,
            'scheme': scheme,
            'path': decode_path(path),
            'raw_path': path.encode('latin-1'),
            'query_string': query.encode('latin-1'),
            'root_path': '',
            'headers': [(name.lower(), value) for name, value in headers],
            'server': (authority, None),
            'client': None,
        }
        exchange = _Exchange(self.app, scope, body)
        return await exchange.start()


class _Exchange:
    """One request through the application, and the stream of its answer."""

    def __init__(self, app: ASGIApp, scope: Scope, body: bytes) -> None:
        self.tap: Tap | None = None
        self.breakage: Breakage | None = None
        self.is_unheard: bool = False
        self._incoming: asyncio.Queue[Message] = asyncio.Queue()
        self._outgoing: deque[Message] = deque()
        self._size = 0
        self._changed = asyncio.Event()
        self._drained = asyncio.Event()
        self._first = b''
        self._incoming.put_nowait({'type': 'http.request', 'body': body, 'more_body': False})
        self._task = asyncio.ensure_future(app(scope, self._incoming.get, self._send))
        self._task.add_done_callback(lambda _: self._changed.set())

    async def start(self) -> Answer:
        """Wait for the start of the answer, and for its body if it comes in one piece."""
        try:
            start = await self._next()
            first = await self._next()
        except asyncio.CancelledError:
            await self.aclose()
            raise
        headers = tuple(
            (name.decode('latin-1'), value.decode('utf-8', 'surrogateescape')) for name, value in start['headers']
        )
        status = int(start['status'])
        reason = REASONS.get(status, '')
        if first.get('more_body', False):
            self._first = bytes(first['body'])
            return Answer(status, reason, headers, self)
        await self.aclose()
        return Answer(status, reason, headers, bytes(first.get('body', b'')))

    async def _send(self, message: Message) -> None:
        self._outgoing.append(message)
        self._size += len(message.get('body', b''))
        self._changed.set()
        while self._size > BUFFER_BYTES:  # as a server waits for a client that does not read
            self._drained.clear()
            await self._drained.wait()

    async def _next(self) -> Message:
        while not self._outgoing:
            if self._task.done():
                await self._task  # raises what the application has raised
                raise RuntimeError('the application has ended without an answer, or in the middle of it')
            self._changed.clear()
            await self._changed.wait()
        message = self._outgoing.popleft()
        self._size -= len(message.get('body', b''))
        if self._size <= BUFFER_BYTES:
            self._drained.set()
        return message

    async def batches(self) -> AsyncGenerator[list[bytes], None]:
        yield [self._first]
        while True:
            message = await self._next()
            if message.get('body'):
                yield [bytes(message['body'])]
            if not message.get('more_body', False):
                return

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for batch in self.batches():
            for chunk in batch:
                yield chunk

    async def aclose(self) -> None:
        self._incoming.put_nowait({'type': 'http.disconnect'})
        await asyncio.gather(self._task, return_exceptions=True)


class _ASGIEndpoint:
    """A handler reached through its ASGI application: an `Endpoint`."""

    def __init__(self, app: ASGIApp) -> None:
        self.client = InProcessClient(_Through(app))

    @property
    def url(self) -> 'URL':
        from yarl import URL

        return URL('http://localhost')


@asynccontextmanager
async def serve(handler: Any, options: 'TransportOptions', /) -> 'AsyncGenerator[Endpoint, None]':
    """The transport ``asgi``: requests go through the ASGI application."""
    endpoint = _ASGIEndpoint(ASGIApp(handler))
    try:
        yield endpoint
    finally:
        await endpoint.client.aclose()
