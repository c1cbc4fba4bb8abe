"""The bridge between aiohttp and the core: the only module that knows both.

A request of aiohttp becomes atoms for the handler; its answer goes to the wire as bytes, in one write where it can.
"""

import asyncio
import logging
import traceback
from collections.abc import Awaitable
from contextlib import aclosing
from typing import Any, Protocol, cast

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from kmock_core.errors import FaultError
from kmock_core.values.conversations import SWITCHING_PROTOCOLS, Conversation, is_conversation
from kmock_core.values.headers import RawHeaders
from kmock_core.values.requests import OriginAtoms
from kmock_core.values.responses import Answer, BodyStream, Chunks, Metadata, frame_chunks
from kmock_http.breaking import break_connection
from kmock_http.codings import decode_body
from kmock_http.wire import LAST_CHUNK, Head, head_of

logger: logging.Logger = logging.getLogger('kmock.http')

LARGE = 65_536
"""From this size on, a slow client is waited for."""

_VERSIONS: dict[tuple[int, int], str] = {(1, 1): '1.1', (1, 0): '1.0'}
_BAD_BODY = (
    b'HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: %d\r\n'
    b'Connection: close\r\n\r\n%b'
)


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


class _ConnectionOverError(Exception):
    """Nothing more is to be read or written here: the client has left, or was refused."""


class Bridge:
    """Carries the requests of one server to its handler; owned by the server's loop."""

    handler: Handling
    scheme: str
    authority: str
    stopping: bool
    running: dict[asyncio.Task[Any], str]
    """The tasks that read, answer or write something which takes time, with what they answer."""

    def __init__(self, handler: Handling, scheme: str, authority: str) -> None:
        self.handler = handler
        self.scheme = scheme
        self.authority = authority
        self.stopping = False
        self.running = {}
        self._origins: dict[tuple[str | None, str], OriginAtoms] = {}
        self._kept = _Written(keep_alive=True)
        self._closed = _Written(keep_alive=False)

    async def serve(self, request: web.BaseRequest) -> web.StreamResponse:
        """Serve one request: aiohttp's low-level handler."""
        task: asyncio.Task[Any] | None = None
        try:
            body = b''
            if request.can_read_body:
                task = self._run(request)
                body = await _read(request)
            answer = self.handler.serve(
                request.method, request.raw_path, request.raw_headers, body, self._origin(request)
            )
            if type(answer) is not Answer:
                task = task or self._run(request)
                answered = await cast('Awaitable[object]', answer)
                if not isinstance(answered, Answer):
                    return _foreign(answered)
                answer = answered
            head = head_of(answer, _VERSIONS.get(request.version, '1.1'), request.keep_alive, request.method)
            content = answer.body
            if not isinstance(content, bytes):
                task = task or self._run(request)
                if answer.status == SWITCHING_PROTOCOLS and is_conversation(content):
                    return await self._converse(request, answer, content)
                return await self._send_stream(request, head, content)
            _write(request, head.dated + (frame_chunks([content]) + LAST_CHUNK if head.chunked else content))
            if len(content) > LARGE:
                task = task or self._run(request)
                await _drain(request)
            return self._closed if head.closes else self._kept
        except _ConnectionOverError:
            return self._closed
        except Exception as exc:
            return self._fail(request, exc)
        finally:
            if task is not None:
                self.running.pop(task, None)

    def _run(self, request: web.BaseRequest) -> 'asyncio.Task[Any]':
        task = cast('asyncio.Task[Any]', asyncio.current_task())
        self.running[task] = _describe(request)
        return task

    def _origin(self, request: web.BaseRequest) -> OriginAtoms:
        key = (request.remote, _VERSIONS.get(request.version, '1.1'))
        origin = self._origins.get(key)
        if origin is None:
            if len(self._origins) > 1000:
                self._origins.clear()
            origin = self._origins[key] = (self.scheme, self.authority, *key)
        return origin

    async def _send_stream(self, request: web.BaseRequest, head: Head, stream: BodyStream) -> web.StreamResponse:
        chunked = head.chunked
        protocol, transport = request.protocol, request.transport
        start = head.dated
        end = LAST_CHUNK if chunked else b''
        size = 0

        def tap(chunks: Chunks) -> bool:
            nonlocal size
            if start or protocol.writing_paused or transport is None or transport.is_closing():
                return False
            data = chunks.framed if chunked else b''.join(chunks.chunks)
            size += len(data)
            transport.write(data)
            return True

        stream.tap = tap
        try:
            async with aclosing(stream.batches()) as batches:
                async for batch in batches:
                    data = frame_chunks(batch) if chunked else b''.join(batch)
                    size += len(data)
                    if start:
                        data, start = start + data, b''
                    _write(request, data)
                    if protocol.writing_paused:
                        await _drain(request)
                    if self.stopping:
                        break
            _write(request, start + end)
        except asyncio.CancelledError:
            if self.stopping and stream.breakage is None and _is_open(request):
                _write(request, start + end)
            raise
        except _ConnectionOverError:
            raise
        except Exception as exc:
            await _break_off(request, start, exc)
            return self._closed
        finally:
            stream.tap = None
            await stream.aclose()
        return self._closed if head.closes or head.length not in {None, size} else self._kept

    async def _converse(self, request: web.BaseRequest, answer: Answer, body: Conversation) -> web.StreamResponse:
        from kmock_http.websockets.conversing import converse  # few tests have any

        try:
            await converse(request, answer, body)
        except ConnectionError as exc:
            raise _ConnectionOverError from exc
        except Exception as exc:
            await _break_off(request, b'', exc)
        return self._closed

    def _fail(self, request: web.BaseRequest, exc: Exception) -> web.StreamResponse:
        """Answer an error that nobody has collected: the handler is not entered, or fails by itself."""
        logger.error('%s has failed with no handler to collect it', _describe(request), exc_info=exc)
        text = f'500 Internal Server Error\n\n{"".join(traceback.format_exception(exc))}'
        answer = Metadata(status=500).compose(text.encode('utf-8', 'replace'), 'text/plain; charset=utf-8')
        head = Head(answer, _VERSIONS.get(request.version, '1.1'), False, request.method)
        if _is_open(request):
            _write(request, head.dated if request.method == 'HEAD' else head.dated + cast('bytes', answer.body))
        return self._closed


async def _read(request: web.BaseRequest) -> bytes:
    headers = request.headers
    if request.method == 'CONNECT':
        return b''  # what follows would be the tunnel: it has no end
    if headers.get('Expect', '').lower() == '100-continue' and request.version >= (1, 1):
        _write(request, b'HTTP/1.1 100 Continue\r\n\r\n')
    try:
        body = await request.content.read()
    except (web.RequestPayloadError, HttpProcessingError) as exc:  # by aiohttp's parser in C; by that in Python
        text = f'400 Bad Request: {exc}\n'.encode('utf-8', 'replace')
        _write(request, _BAD_BODY % (len(text), text))
        raise _ConnectionOverError from exc
    coding = headers.get('Content-Encoding')
    return decode_body(body, coding) if coding else body


async def _break_off(request: web.BaseRequest, head: bytes, exc: Exception) -> None:
    """End a stream that can't be ended in order: by a fault, or since it has failed."""
    if isinstance(exc, FaultError):
        await break_connection(request, head, exc.breakage)
        return
    logger.error('The stream of %s has failed with no handler to collect it', _describe(request), exc_info=exc)
    if request.transport is not None:
        request.transport.abort()


def _foreign(answer: object) -> web.StreamResponse:
    """The answer of an overridden method of the user, made with aiohttp, which sends it."""
    if isinstance(answer, web.StreamResponse):
        return answer
    raise TypeError(f"a handler gave {answer!r}, which is neither an Answer nor a response of aiohttp's")


def _write(request: web.BaseRequest, data: bytes) -> None:
    transport = request.transport
    if transport is None or transport.is_closing():
        raise _ConnectionOverError
    transport.write(data)


async def _drain(request: web.BaseRequest) -> None:
    try:
        await request.writer.drain()
    except ConnectionError as exc:
        raise _ConnectionOverError from exc


def _is_open(request: web.BaseRequest) -> bool:
    transport = request.transport
    return transport is not None and not transport.is_closing()


def _describe(request: web.BaseRequest) -> str:
    return f'{request.method} {request.raw_path}'
