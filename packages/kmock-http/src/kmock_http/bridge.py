"""The bridge between aiohttp and the core: the only module that knows both.

A request of aiohttp becomes atoms for the handler; its answer goes to the wire as bytes, in one write where it can.
"""

import asyncio
import logging
from collections.abc import Awaitable
from typing import Any, Protocol, cast

from aiohttp import web

from kmock_core.values.headers import RawHeaders
from kmock_core.values.requests import OriginAtoms
from kmock_core.values.responses import Answer, BodyStream, Chunks, frame_chunks
from kmock_http.wire import Head, head_of

logger = logging.getLogger('kmock.http')

LARGE = 65_536
"""From this size on, a slow client is waited for."""

_VERSIONS = {(1, 1): '1.1', (1, 0): '1.0'}
_BAD_BODY = b'HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n'


class Handling(Protocol):
    """What the bridge needs of a handler."""

    def serve(
        self, method: str, target: str, headers: RawHeaders, body: bytes, origin: OriginAtoms, /
    ) -> 'Answer | Awaitable[Answer]': ...


class _Written(web.StreamResponse):
    """Tells aiohttp that the response is on the wire already."""

    def __init__(self, *, keep_alive: bool) -> None:
        super().__init__()
        self._stays = keep_alive

    @property
    def keep_alive(self) -> bool | None:
        return self._stays

    async def prepare(self, request: web.BaseRequest) -> Any:
        return None

    async def write_eof(self, data: Any = b'') -> None:
        return None


class Bridge:
    """Carries the requests of one server to its handler; owned by the server's loop."""

    def __init__(self, handler: Handling, scheme: str, authority: str) -> None:
        self.handler = handler
        self.scheme = scheme
        self.authority = authority
        self.stopping = False
        self.running: dict[asyncio.Task[Any], str] = {}
        """The tasks that answer something which takes time, with what they answer."""
        self._origins: dict[tuple[str | None, str], OriginAtoms] = {}
        self._kept = _Written(keep_alive=True)
        self._closed = _Written(keep_alive=False)

    async def serve(self, request: web.BaseRequest) -> web.StreamResponse:
        """Serve one request: aiohttp's low-level handler."""
        body = b''
        if request.can_read_body:
            try:
                body = await self._read(request)
            except web.RequestPayloadError:
                _write(request, _BAD_BODY)
                return self._closed
        method, target = request.method, request.raw_path
        answer = self.handler.serve(method, target, request.raw_headers, body, self._origin(request))
        if type(answer) is Answer:
            return await self._send(request, answer)
        task = cast('asyncio.Task[Any]', asyncio.current_task())
        self.running[task] = f'{method} {target}'
        try:
            answer = await cast('Awaitable[Answer]', answer)
            if isinstance(answer, Answer):
                return await self._send(request, answer)
            return cast('web.StreamResponse', answer)  # made by an overridden method of the user, with aiohttp
        finally:
            self.running.pop(task, None)

    @staticmethod
    async def _read(request: web.BaseRequest) -> bytes:
        if request.headers.get('Expect', '').lower() == '100-continue':
            _write(request, b'HTTP/1.1 100 Continue\r\n\r\n')
        return await request.content.read()

    def _origin(self, request: web.BaseRequest) -> OriginAtoms:
        version = request.version
        key = (request.remote, _VERSIONS.get((version.major, version.minor), '1.1'))
        origin = self._origins.get(key)
        if origin is None:
            if len(self._origins) > 1000:
                self._origins.clear()
            origin = self._origins[key] = (self.scheme, self.authority, *key)
        return origin

    async def _send(self, request: web.BaseRequest, answer: Answer) -> web.StreamResponse:
        keep_alive = request.keep_alive
        version = _VERSIONS.get((request.version.major, request.version.minor), '1.1')
        head = head_of(answer, version, keep_alive)
        body = answer.body
        if not isinstance(body, bytes):
            return await self._send_stream(request, head, body)
        _write(request, head.dated + body)
        if len(body) > LARGE:
            await request.writer.drain()
        return self._closed if head.closes else self._kept

    async def _send_stream(self, request: web.BaseRequest, head: Head, stream: BodyStream) -> web.StreamResponse:
        chunked = head.chunked
        protocol = request.protocol
        start = head.dated

        def tap(chunks: Chunks) -> bool:
            if start or protocol.writing_paused:
                return False
            _write(request, chunks.framed if chunked else b''.join(chunks.chunks))
            return True

        stream.tap = tap
        try:
            async for batch in stream.batches():
                data = frame_chunks(batch) if chunked else b''.join(batch)
                if start:
                    data, start = start + data, b''
                _write(request, data)
                if protocol.writing_paused:
                    await request.writer.drain()
            _write(request, (start + b'0\r\n\r\n') if chunked else start)
        except asyncio.CancelledError:
            if self.stopping and request.transport is not None:
                _write(request, (start + b'0\r\n\r\n') if chunked else start)
            raise
        except ConnectionError:
            raise
        except Exception:
            logger.exception('A stream of %s %s has failed with no handler to collect it', request.method, request.path)
            if request.transport is not None:
                request.transport.abort()
            return self._closed
        finally:
            stream.tap = None
            await stream.aclose()
        return self._closed if head.closes else self._kept


def _write(request: web.BaseRequest, data: bytes) -> None:
    transport = request.transport
    if transport is None or transport.is_closing():
        raise ConnectionResetError('The client has left')
    transport.write(data)

