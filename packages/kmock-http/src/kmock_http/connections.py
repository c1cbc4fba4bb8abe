"""The connections of a server: aiohttp's, but for what it leaves open or waiting."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, cast

from aiohttp import StreamReader, web
from aiohttp.http_exceptions import BadHttpMethod, HttpProcessingError, LineTooLong
from aiohttp.http_parser import HttpRequestParserPy

from kmock_core.values.requests import CertificateAtoms
from kmock_http.bridge import Bridge

PATIENCE = 0.2
"""Seconds in which a client has to take something of what was written to it before it is cut off."""

_READ = 2**16  # bytes that wait to be read, of a body

TURNS = 10
"""Turns of the loop that tasks and connections have to end by themselves."""


_PARSER = next((name for name in ('_parser', '_request_parser') if hasattr(web.RequestHandler, name)), None)
"""Where aiohttp has its parser: since 3.14, and before. Without it, unusual methods are refused as aiohttp does it."""


class Connection(web.RequestHandler):
    """A connection whose broken bodies are known to those who read them; with aiohttp, they wait for ever.

    Any token is a method (RFC 9110 §9.1), not only those that aiohttp's parser in C knows. What is no request at all is
    answered, as in aiohttp, but nothing is logged of it: whatever knocks at the port is not an error of the test.
    """

    __slots__ = ('certificate', 'options')

    certificate: CertificateAtoms | None
    """What the client has presented; it is there with TLS only."""
    options: Mapping[str, Any]
    """What the connection was made with."""

    def __init__(self, manager: web.Server, **options: Any) -> None:
        super().__init__(manager, **options)
        self.options = options

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        messages = cast('Sequence[tuple[Any, StreamReader]]', self._messages)
        error = getattr(messages[-1][0], 'exc', None) if messages else None
        if error is not None and not self._accept_method(error, data):
            reading = [payload for _, payload in messages]
            if self._current_request is not None:
                reading.append(self._current_request.content)
            for payload in reading:
                if not payload.is_eof() and payload.exception() is None:
                    payload.set_exception(web.RequestPayloadError(str(error)))

    def _accept_method(self, error: Exception, data: bytes) -> bool:
        """Read requests with a method that is not known; False if that is not what is wrong with them."""
        if not isinstance(error, BadHttpMethod) or _PARSER is None:
            return False
        parser = _make_patient_parser(self)
        try:
            found, is_upgraded, _ = parser.feed_data(data)
        except HttpProcessingError:
            return False
        if is_upgraded or not found:  # the rest of the head is to come, or is no HTTP any more
            return False
        setattr(self, _PARSER, parser)
        self._messages.pop()
        self._messages.extend(found)
        return True

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """Answer what is no request."""
        if not isinstance(exc, HttpProcessingError):
            return super().handle_error(request, status, exc, message)
        self.logger.debug('No request of %s: %s', request.remote, exc)
        if isinstance(exc, LineTooLong):
            status = 431  # also if it is the first line: as servers in Go do it
        answer = web.Response(status=status, text=message or exc.message)
        answer.headers['Server'] = 'kmock'
        answer.force_close()
        return answer


def _make_patient_parser(connection: Connection) -> HttpRequestParserPy:
    """The parser in Python, which knows no methods and so takes all of them; with the options of the one in C."""
    names = ('max_line_size', 'max_field_size', 'max_headers', 'auto_decompress')
    given = connection.options
    options = {name: given[name] for name in names if name in given}
    loop = asyncio.get_running_loop()
    return HttpRequestParserPy(connection, loop, _READ, payload_exception=web.RequestPayloadError, **options)


class Connections(web.Server):
    """The connections of a server; unlike aiohttp's, it knows which of them are not closed yet."""

    def __init__(self, bridge: Bridge, **options: Any) -> None:
        super().__init__(bridge.serve, handler_cancellation=True)
        self._options = options
        self._open: dict[web.RequestHandler, asyncio.Transport] = {}
        self._all_lost = asyncio.Event()
        self.below: dict[asyncio.Transport, asyncio.Transport] = {}
        """The transports of TCP below those of TLS."""

    def __call__(self) -> Connection:
        return Connection(self, loop=asyncio.get_running_loop(), **self._options)

    def connection_made(self, handler: web.RequestHandler, transport: asyncio.Transport) -> None:
        super().connection_made(handler, transport)
        self._open[handler] = transport
        self._all_lost.clear()

    def connection_lost(self, handler: web.RequestHandler, exc: BaseException | None = None) -> None:
        transport = self._open.pop(handler, None)
        if transport is not None:
            self.below.pop(transport, None)
        if not self._open:
            self._all_lost.set()
        super().connection_lost(handler, exc)

    def close(self) -> None:
        """Close the connections as soon as what was written to them is delivered."""
        for handler in list(self._open):
            handler.force_close()

    async def settle(self) -> None:
        """Let the connections and their tasks end that need no waiting."""
        for _ in range(TURNS):
            if not self.connections:
                break
            await asyncio.sleep(0)

    async def wait_closed(self, timeout: float) -> None:
        """Wait until all are closed; cut off those that take nothing for a while, or that are there after all."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + timeout
        left: dict[asyncio.Transport, int] = {}
        while self._open:
            is_late = loop.time() >= deadline
            before, left = left, {transport: self._pending(transport) for transport in self._open.values()}
            for transport, size in left.items():
                if is_late or size >= before.get(transport, size + 1):
                    transport.abort()
            try:
                await asyncio.wait_for(self._all_lost.wait(), PATIENCE)
            except TimeoutError:
                if is_late:
                    break
        await self.settle()

    def _pending(self, transport: asyncio.Transport) -> int:
        """How much is not taken by the client yet."""
        size = transport.get_write_buffer_size()
        below = self.below.get(transport)
        if below is None:
            return size
        if not size:
            below.close()  # all is said, and to wait for the client's goodbye there is no need (RFC 8446 §6.1)
        return size + below.get_write_buffer_size()
