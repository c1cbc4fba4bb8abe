"""A conversation on an upgraded connection: frames go out as the body has them, and what the client says goes to it."""

import asyncio
from collections.abc import Iterable
from contextlib import aclosing
from typing import Any, cast

from aiohttp import web

from kmock_core.values.conversations import Conversation
from kmock_core.values.responses import Answer, Chunks, Metadata
from kmock_http.websockets.frames import FrameError, FrameReader, Opcode, write_close, write_frame
from kmock_http.websockets.handshakes import HandshakeError, shake_hands
from kmock_http.wire import Head

PATIENCE = 0.2
"""Seconds in which a client may answer the goodbye before the connection is closed."""

NORMAL, GOING_AWAY = 1000, 1001


class Talk:
    """One conversation with one client, as a parser of what that sends: aiohttp hands it the bytes.

    Args:
        request: what the client has asked by.
        body: what is said to it.
    """

    def __init__(self, request: web.BaseRequest, body: Conversation) -> None:
        self._body = body
        self._reader = FrameReader()
        self._protocol = request.protocol
        self._transport = request.transport
        self._drain = request.writer.drain
        self._opcode = Opcode.TEXT if body.is_text else Opcode.BINARY
        self._task: asyncio.Task[Any] | None = None
        self._has_closed = False
        self._left = asyncio.Event()

    # ---- What the client says ----

    def feed_data(self, data: bytes) -> tuple[bool, bytes]:
        """Take what has come; what comes after the goodbye does not matter."""
        if self._left.is_set():
            return False, b''
        try:
            for message in self._reader.feed(data):
                if message.opcode is Opcode.CLOSE:
                    self._leave(message.payload[:2])
                    break
                if message.opcode is Opcode.PING:
                    self._answer_ping(message.payload)
                elif message.opcode is not Opcode.PONG:
                    self._body.receive(message.payload, message.opcode is Opcode.TEXT)
        except FrameError as exc:
            self.close(exc.code, exc.reason)
            self._leave(b'')
        return False, b''

    def feed_eof(self) -> None:
        """Nothing more comes."""
        self._left.set()

    def _answer_ping(self, payload: bytes) -> None:
        if not self._has_closed and not self._protocol.writing_paused:  # who reads nothing is not to fill the memory
            self._write(write_frame(Opcode.PONG, payload))

    def _leave(self, code: bytes) -> None:
        """Say goodbye to a client that has said so, or with whom nothing can be talked."""
        if not self._has_closed:
            self._has_closed = True
            self._write(write_frame(Opcode.CLOSE, code))
        self._left.set()
        if self._task is not None:
            self._task.cancel()

    # ---- What is said to the client ----

    async def play(self) -> None:
        """Send all that there is to say, until the client leaves."""
        self._task = cast('asyncio.Task[Any]', asyncio.current_task())
        self._body.tap = self._tap
        try:
            if not self._left.is_set():
                await self._send_all()
            self._task = None
            self.close(NORMAL)
            await self._wait_for_goodbye()
        except asyncio.CancelledError:
            if self._task is None or not self._left.is_set() or not self._is_open():
                raise
            self._task.uncancel()
        finally:
            self._task = None
            self._body.tap = None

    async def _send_all(self) -> None:
        async with aclosing(self._body.batches()) as batches:
            async for batch in batches:
                self._write(self._frame(batch))
                if self._protocol.writing_paused:
                    await self._drain()

    async def _wait_for_goodbye(self) -> None:
        if self._is_open() and not self._left.is_set():
            try:
                await asyncio.wait_for(self._left.wait(), PATIENCE)
            except TimeoutError:
                pass

    def close(self, code: int, reason: str = '') -> None:
        """Say goodbye, if nobody has yet."""
        if not self._has_closed:
            self._has_closed = True
            self._write(write_close(code, reason))

    def _tap(self, chunks: Chunks) -> bool:
        if self._has_closed or self._protocol.writing_paused or not self._is_open():
            return False
        self._write(self._frame(chunks.chunks))
        return True

    def _frame(self, chunks: Iterable[bytes]) -> bytes:
        return b''.join([write_frame(self._opcode, chunk) for chunk in chunks if chunk])

    def _write(self, data: bytes) -> None:
        transport = self._transport
        if data and transport is not None and not transport.is_closing():
            transport.write(data)

    def _is_open(self) -> bool:
        return self._transport is not None and not self._transport.is_closing()


async def converse(request: web.BaseRequest, answer: Answer, body: Conversation) -> None:
    """Upgrade a connection, and play a conversation on it; the connection is to be closed afterwards.

    A client that does not ask as it should is told so. What the body raises is raised.
    """
    transport = request.transport
    try:
        handshake = shake_hands(request, body.subprotocol)
    except HandshakeError as exc:
        await body.aclose()
        metadata = Metadata(status=400, headers=dict(exc.headers))
        refusal = metadata.compose(f'{exc.reason}\n'.encode(), 'text/plain; charset=utf-8')
        if transport is not None and not transport.is_closing():
            transport.write(Head(refusal, '1.1', False, request.method).dated + cast('bytes', refusal.body))
        return
    talk = Talk(request, body)
    try:
        if transport is not None and not transport.is_closing():
            upgraded = Answer(answer.status, answer.reason, (*handshake.headers, *answer.headers), b'')
            transport.write(Head(upgraded, '1.1', True, request.method).dated)
            request.protocol.set_parser(cast('Any', talk))
        await talk.play()
    except asyncio.CancelledError:  # the server stops
        talk.close(GOING_AWAY)
        raise
    finally:
        await body.aclose()
