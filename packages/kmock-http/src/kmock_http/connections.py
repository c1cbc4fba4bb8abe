"""The connections of a server: aiohttp's, but for what it leaves open or waiting."""

import asyncio
from collections.abc import Sequence
from typing import Any, cast

from aiohttp import StreamReader, web

from kmock_core.values.requests import CertificateAtoms
from kmock_http.bridge import Bridge

PATIENCE = 0.2
"""Seconds in which a client has to take something of what was written to it before it is cut off."""

TURNS = 10
"""Turns of the loop that tasks and connections have to end by themselves."""


class Connection(web.RequestHandler):
    """A connection whose broken bodies are known to those who read them; with aiohttp, they wait for ever."""

    __slots__ = ('certificate',)

    certificate: CertificateAtoms | None
    """What the client has presented; it is there with TLS only."""

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        messages = cast('Sequence[tuple[Any, StreamReader]]', self._messages)
        error = getattr(messages[-1][0], 'exc', None) if messages else None
        if error is not None:
            reading = [payload for _, payload in messages]
            if self._current_request is not None:
                reading.append(self._current_request.content)
            for payload in reading:
                if not payload.is_eof() and payload.exception() is None:
                    payload.set_exception(web.RequestPayloadError(str(error)))


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
