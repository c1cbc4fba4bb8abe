"""The in-process client: requests go straight to the handler, with no sockets, streaming both ways.

Its results have the surface of aiohttp's: the same test runs with a server and without one.
"""

import asyncio
import json as json_module
from collections import deque
from collections.abc import (
    AsyncGenerator,
    AsyncIterable,
    AsyncIterator,
    Awaitable,
    Callable,
    Generator,
    Iterable,
    Mapping,
)
from contextlib import aclosing, asynccontextmanager
from string import ascii_letters, digits
from types import TracebackType
from typing import IO, TYPE_CHECKING, Any, Protocol, cast

from kmock_core.errors import KMockError
from kmock_core.values.bodies import decode_text
from kmock_core.values.headers import RawHeaders
from kmock_core.values.requests import OriginAtoms
from kmock_core.values.responses import Answer, BodyStream

if TYPE_CHECKING:
    from http.cookies import SimpleCookie

    from multidict import CIMultiDictProxy
    from yarl import URL

    from kmock_core.spi import Endpoint, TransportOptions

BUFFER_BYTES = 65_536
"""What is kept for a client that does not read; then the stream waits for it."""
_SAFE = ascii_letters + digits + "/?:@!$&'()*+,;=%-._~[]|"

Body = bytes | bytearray | memoryview | str | Mapping[str, Any] | Iterable[Any] | AsyncIterable[bytes] | IO[Any] | None
Serve = Callable[[str, str, RawHeaders, bytes, OriginAtoms], 'Answer | Awaitable[Answer]']


class Serving(Protocol):
    """What the client needs of a handler."""

    @property
    def serve(self) -> Serve: ...


class StatusError(KMockError):
    """What `ClientResponse.raise_for_status` raises; `status` is the number."""

    def __init__(self, status: int, reason: str, url: str) -> None:
        super().__init__(f'{status} {reason}: {url}')
        self.status = status


class Content:
    """The body of an answer as it comes."""

    def __init__(self) -> None:
        self._chunks: deque[bytes] = deque()
        self._size = 0
        self._ended = False
        self._error: BaseException | None = None
        self._changed = asyncio.Event()
        self._drained = asyncio.Event()

    # ---- The side of the server ----

    async def put(self, chunks: Iterable[bytes]) -> None:
        """Add chunks, and wait while too much is not read."""
        for chunk in chunks:
            if chunk:
                self._chunks.append(chunk)
                self._size += len(chunk)
        self._changed.set()
        while self._size > BUFFER_BYTES:
            self._drained.clear()
            await self._drained.wait()

    def fill(self, body: bytes) -> None:
        """Take a whole body, instead of chunks."""
        if body:
            self._chunks.append(body)
            self._size = len(body)
        self._ended = True

    def end(self, error: BaseException | None = None) -> None:
        """No more chunks come; an error stays the first that was told."""
        self._ended = True
        if self._error is None:
            self._error = error
        self._changed.set()

    # ---- The side of the client ----

    def at_eof(self) -> bool:
        """True if all was read."""
        return self._ended and not self._chunks

    async def _fill(self) -> bool:
        while not self._chunks:
            if self._ended:
                if self._error is not None:
                    raise self._error
                return False
            self._changed.clear()
            await self._changed.wait()
        return True

    def _take(self, limit: int = -1) -> bytes:
        chunk = self._chunks.popleft()
        if 0 <= limit < len(chunk):
            self._chunks.appendleft(chunk[limit:])
            chunk = chunk[:limit]
        self._size -= len(chunk)
        if self._size <= BUFFER_BYTES:
            self._drained.set()
        return chunk

    async def readany(self) -> bytes:
        """What has come, or the next that comes; ``b''`` at the end."""
        if not await self._fill():
            return b''
        return b''.join(self._take() for _ in range(len(self._chunks)))

    async def readchunk(self) -> tuple[bytes, bool]:
        """The next chunk as it was sent; ``(b'', False)`` at the end."""
        return (self._take(), True) if await self._fill() else (b'', False)

    async def read(self, n: int = -1) -> bytes:
        """All, or at the most n bytes as they come."""
        if n == 0:
            return b''
        if n > 0:
            return self._take(n) if await self._fill() else b''
        parts: list[bytes] = []
        while await self._fill():
            parts.append(self._take())
        return b''.join(parts)

    async def readexactly(self, n: int) -> bytes:
        """Exactly n bytes, or an `asyncio.IncompleteReadError`."""
        result = b''
        while len(result) < n:
            part = await self.read(n - len(result))
            if not part:
                raise asyncio.IncompleteReadError(result, n)
            result += part
        return result

    async def readline(self) -> bytes:
        """One line with its end; ``b''`` at the end of all."""
        parts: list[bytes] = []
        while await self._fill():
            head, newline, _ = self._chunks[0].partition(b'\n')
            parts.append(self._take(len(head) + len(newline)))
            if newline:
                break
        return b''.join(parts)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while line := await self.readline():
            yield line

    async def iter_any(self) -> AsyncIterator[bytes]:
        """The data as it comes."""
        while data := await self.readany():
            yield data

    async def iter_chunked(self, n: int) -> AsyncIterator[bytes]:
        """The data in pieces of at most n bytes."""
        while data := await self.read(n):
            yield data

    async def iter_chunks(self) -> AsyncIterator[tuple[bytes, bool]]:
        """The chunks as they were sent, each with True for its end."""
        while (chunk := await self.readchunk())[1]:
            yield chunk


class ClientResponse:
    """An answer, as the client sees it: the surface of aiohttp's response."""

    def __init__(self, method: str, url: 'URL', answer: Answer) -> None:
        self.method = method
        self.url = url
        self.status: int = answer.status
        self.reason: str = answer.reason
        self.content: Content = Content()
        self._pairs = answer.headers
        self._headers: CIMultiDictProxy[str] | None = None
        self._body: bytes | None = None
        self._stream: BodyStream | None = None
        self._pump: asyncio.Task[None] | None = None
        self._pumping = self._left = False
        if isinstance(answer.body, bytes):
            self._body = answer.body
            self.content.fill(answer.body)
        else:
            self._stream = answer.body

    def __repr__(self) -> str:
        return f'<ClientResponse {self.status} {self.reason}: {self.method} {self.url}>'

    def start(self) -> 'asyncio.Task[None] | None':
        """Begin to play the stream, if it is one; the task ends with it or with `close`."""
        if self._stream is not None and self._pump is None:
            self._pump = asyncio.get_running_loop().create_task(self._play(self._stream), name=f'kmock {self!r}')
        return self._pump

    async def _play(self, stream: BodyStream) -> None:
        try:
            self._pumping = True
            if not self._left:
                async with aclosing(stream.batches()) as batches:
                    async for batch in batches:
                        await self.content.put(batch)
        except Exception as exc:
            self.content.end(exc)
        else:
            self.content.end()
        finally:
            self.content.end()
            await stream.aclose()

    @property
    def headers(self) -> 'CIMultiDictProxy[str]':
        """The headers; names ignore the case."""
        if self._headers is None:
            from multidict import CIMultiDict, CIMultiDictProxy

            self._headers = CIMultiDictProxy(CIMultiDict(self._pairs))
        return self._headers

    @property
    def cookies(self) -> 'SimpleCookie':
        """The cookies that were set."""
        from http.cookies import CookieError, SimpleCookie  # heavy, and rarely needed

        jar = SimpleCookie()
        for value in self.headers.getall('Set-Cookie', []):
            try:
                jar.load(value)
            except CookieError:
                continue
        return jar

    @property
    def ok(self) -> bool:
        """True for a status below 400."""
        return self.status < 400

    @property
    def content_type(self) -> str:
        """The media type without its parameters."""
        header = self.headers.get('Content-Type', 'application/octet-stream')
        return header.partition(';')[0].strip().lower()

    @property
    def closed(self) -> bool:
        """True if nothing more comes."""
        return self._pump is None or self._pump.done()

    async def read(self) -> bytes:
        """The whole body."""
        if self._body is None:
            self._body = await self.content.read()
        return self._body

    async def text(self, encoding: str | None = None, errors: str = 'strict') -> str:
        """The whole body as text."""
        body = await self.read()
        if encoding is not None:
            return body.decode(encoding, errors)
        return decode_text(body, self.headers.get('Content-Type', ''))

    async def json(self, **_: Any) -> Any:
        """The whole body as JSON, whatever its content type."""
        return json_module.loads(await self.read())

    def raise_for_status(self) -> None:
        """Raise a `StatusError` for a status of 400 and above."""
        if not self.ok:
            raise StatusError(self.status, self.reason, str(self.url))

    def close(self) -> None:
        """Leave: the server's side of the stream ends, and what it waited for is cancelled."""
        self._left = True
        if self._pump is not None and self._pumping:  # cancelled before its first step, it could not end the stream
            self._pump.cancel()

    def release(self) -> None:
        """The same, by aiohttp's other name."""
        self.close()

    async def aclose(self) -> None:
        """Leave, and wait until the server's side has ended."""
        self.close()
        if self._pump is not None:
            await asyncio.gather(self._pump, return_exceptions=True)

    async def __aenter__(self) -> 'ClientResponse':
        return self

    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None
    ) -> None:
        await self.aclose()


class Call:
    """A request that is made when it is awaited, or entered by ``async with``."""

    __slots__ = ('_make', '_response')

    def __init__(self, make: Callable[[], Awaitable[ClientResponse]]) -> None:
        self._make = make
        self._response: ClientResponse | None = None

    def __await__(self) -> Generator[Any, None, ClientResponse]:
        return self._make().__await__()

    async def __aenter__(self) -> ClientResponse:
        self._response = await self._make()
        return self._response

    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None
    ) -> None:
        if self._response is not None:
            await self._response.aclose()


class InProcessClient:
    """A client whose requests go straight to a handler; relative and absolute URLs are the same to it."""

    def __init__(self, handler: Serving, base_url: str = 'http://localhost') -> None:
        self._handler = handler
        self._base_url = base_url
        self._responses: set[ClientResponse] = set()

    def request(
        self,
        method: str,
        url: 'str | URL' = '/',
        *,
        params: Any = None,
        headers: Mapping[str, Any] | Iterable[tuple[str, Any]] | None = None,
        cookies: Mapping[str, Any] | None = None,
        data: Body = None,
        json: Any = None,
        **_: Any,
    ) -> Call:
        """Make a request.

        Args:
            method: the HTTP method.
            url: a path, or an absolute URL, whose host goes to the Host header.
            params: added to the query.
            headers: a mapping or pairs.
            cookies: sent in the Cookie header.
            data: bytes, text, an open file, a mapping (sent as a form), or an iterator of bytes, also an async one.
            json: sent as JSON.
        """
        if data is not None and json is not None:
            raise ValueError('data and json can not be used together')
        return Call(lambda: self._send(method.upper(), url, params, headers, cookies, data, json))

    async def _send(
        self, method: str, url: Any, params: Any, headers: Any, cookies: Any, data: Body, json: Any
    ) -> ClientResponse:
        scheme, authority, target = self._split_url(str(url))
        if params:
            query = params if isinstance(params, str) else _urlencode(params)
            target += ('&' if '?' in target else '?') + query.removeprefix('?')
        fields: Mapping[object, object] = headers
        given: Iterable[tuple[object, object]] = fields.items() if isinstance(headers, Mapping) else headers or ()
        pairs = [(str(name), str(value)) for name, value in given]
        names = {name.lower() for name, _ in pairs}
        body, content_type = await _encode_body(data, json)
        if 'host' not in names:
            pairs.insert(0, ('Host', authority))
        if cookies:
            pairs.append(('Cookie', '; '.join(f'{name}={value}' for name, value in cookies.items())))
        if content_type and 'content-type' not in names:
            pairs.append(('Content-Type', content_type))
        if body and 'content-length' not in names:
            pairs.append(('Content-Length', str(len(body))))
        raw = tuple((k.encode('utf-8', 'surrogateescape'), v.encode('utf-8', 'surrogateescape')) for k, v in pairs)
        answer = self._handler.serve(method, target, raw, body, (scheme, authority, None, '1.1'))
        if not isinstance(answer, Answer):
            answer = await answer
        if not isinstance(answer.body, bytes) and answer.body.is_unheard:
            async with aclosing(answer.body.batches()) as nothing:
                await anext(nothing)  # raises what the fault is, or waits for ever
        return self._receive(method, f'{scheme}://{authority}{target}', answer)

    def _receive(self, method: str, url: str, answer: Answer) -> ClientResponse:
        from yarl import URL

        response = ClientResponse(method, URL(url, encoded=True), answer)
        pump = response.start()
        if pump is not None:
            self._responses.add(response)
            pump.add_done_callback(lambda _: self._responses.discard(response))
        return response

    def _split_url(self, url: str) -> tuple[str, str, str]:
        if '://' not in url:
            url = self._base_url + (url if url.startswith(('/', '?')) else f'/{url}')
        scheme, _, rest = url.partition('://')
        cut = min((p for p in (rest.find('/'), rest.find('?'), rest.find('#')) if p >= 0), default=len(rest))
        authority, target = rest[:cut].rpartition('@')[2], rest[cut:].partition('#')[0]
        if not target.startswith('/'):
            target = f'/{target}'
        return scheme.lower(), authority, _quote(target) if target.strip(_SAFE) else target

    async def aclose(self) -> None:
        """Leave all streams that are still open."""
        for response in list(self._responses):
            await response.aclose()


def _quote(target: str) -> str:
    from urllib.parse import quote  # heavy, and most targets do without

    return quote(target, safe=_SAFE)


def _urlencode(fields: Any) -> str:
    from urllib.parse import urlencode  # heavy, and rarely needed

    return urlencode(fields, doseq=True)


async def _encode_body(data: Body, json: Any) -> tuple[bytes, str | None]:
    if json is not None:
        return json_module.dumps(json).encode('ascii'), 'application/json'
    if data is None:
        return b'', None
    if isinstance(data, (bytes, bytearray, memoryview)):
        return bytes(data), 'application/octet-stream'
    if isinstance(data, str):
        return data.encode('utf-8'), 'text/plain; charset=utf-8'
    if isinstance(data, Mapping):
        return _urlencode(cast('Mapping[str, Any]', data)).encode('ascii'), 'application/x-www-form-urlencoded'
    if hasattr(data, 'read'):
        content = cast('IO[Any]', data).read()
        return content if isinstance(content, bytes) else str(content).encode('utf-8'), 'application/octet-stream'
    if isinstance(data, AsyncIterable):
        return b''.join([chunk async for chunk in data]), 'application/octet-stream'
    return b''.join(cast('Iterable[bytes]', data)), 'application/octet-stream'


class _InProcess:
    """A handler reached in process: an `Endpoint`."""

    def __init__(self, handler: Serving) -> None:
        self.client = InProcessClient(handler)

    @property
    def url(self) -> 'URL':
        from yarl import URL

        return URL('http://localhost')


@asynccontextmanager
async def serve(handler: Any, options: 'TransportOptions', /) -> 'AsyncGenerator[Endpoint, None]':
    """The transport ``inprocess``: no sockets."""
    endpoint = _InProcess(handler)
    try:
        yield endpoint
    finally:
        await endpoint.client.aclose()
