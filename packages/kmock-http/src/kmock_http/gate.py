"""The way into a server that speaks TLS: the handshakes, those that fail, and those who have not come for TLS.

asyncio's own way does not let us know of the handshakes that are still going on, so a stopping server would leave them
behind; and a client that speaks plain HTTP would get no answer, but a broken connection.
"""

import asyncio
import ssl
from typing import Any, cast

from aiohttp import web

from kmock_core.values.requests import CertificateAtoms, OriginAtoms
from kmock_http.bridge import Bridge, logger
from kmock_http.connections import Connection, Connections
from kmock_http.telling import ARRIVING

HANDSHAKE = 0x16
"""The first byte of a client that speaks TLS (RFC 8446 §5.1)."""
NEVER = 1_000_000.0
"""Seconds; timers that a test with a clock of its own would run into. What hangs is cut off when the server stops."""

_PLAIN = (
    'HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: {}\r\n'
    'Connection: close\r\n\r\n{}'
)


_NO_TLS: Any = object()


class SecureBridge(Bridge):
    """The bridge of a server that speaks TLS: what its clients have presented goes with their requests."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self._known: dict[OriginAtoms, OriginAtoms] = {}

    def _origin(self, request: web.BaseRequest) -> OriginAtoms:
        origin = super()._origin(request)
        certificate: CertificateAtoms | None = getattr(request.protocol, 'certificate', _NO_TLS)
        if certificate is None:
            return origin
        if certificate is _NO_TLS:
            return self._known.setdefault(origin, ('http', origin[1], origin[2], origin[3]))
        key: OriginAtoms = (origin[0], origin[1], origin[2], origin[3], certificate)
        return self._known.setdefault(key, key)


class Gate:
    """Makes the connections of a server from those that have shaken hands; a factory of protocols for asyncio.

    With `serves_plain`, those who speak plain HTTP are let in too: by the names of others, both are spoken.
    """

    def __init__(
        self, connections: Connections, context: ssl.SSLContext, url: str, *, serves_plain: bool = False
    ) -> None:
        self.connections = connections
        self.context = context
        self.url = url
        self.serves_plain = serves_plain
        self.arriving: set[_Arrival] = set()

    def __call__(self) -> asyncio.Protocol:
        return _Arrival(self)

    async def close(self) -> None:
        """Cut off those that have not come through."""
        arriving = list(self.arriving)
        for arrival in arriving:
            arrival.leave()
        await asyncio.gather(*(arrival.task for arrival in arriving if arrival.task is not None))
        self.arriving.clear()


class _Arrival(asyncio.Protocol):
    """A connection of which nothing is known yet, but that it is there."""

    task: 'asyncio.Task[None] | None' = None
    transport: asyncio.Transport

    def __init__(self, gate: Gate) -> None:
        self.gate = gate
        self._is_answered = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast('asyncio.Transport', transport)
        self.gate.arriving.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self.gate.arriving.discard(self)

    def data_received(self, data: bytes) -> None:
        if self._is_answered:
            return
        if data[0] != HANDSHAKE and self.gate.serves_plain:
            self._enter_plain(data)
            return
        if data[0] != HANDSHAKE:
            self._is_answered = True
            self._explain()
            return
        self.transport.pause_reading()
        self.task = asyncio.get_running_loop().create_task(self._enter(data))

    def _enter_plain(self, data: bytes) -> None:
        self.gate.arriving.discard(self)
        connection = self.gate.connections()
        self.transport.set_protocol(connection)
        connection.connection_made(self.transport)
        connection.data_received(data)

    def _explain(self) -> None:
        """Tell a client that does not speak TLS; it closes, or else the server does when it stops."""
        text = f'Client sent an HTTP request to an HTTPS server.\nType {self.gate.url} instead.\n'  # begun as in Go
        self.transport.write(_PLAIN.format(len(text), text).encode('ascii', 'replace'))
        if self.transport.can_write_eof():
            self.transport.write_eof()

    async def _enter(self, data: bytes) -> None:
        early = _Early()
        try:
            transport = await self._shake_hands(data, early)
        except OSError as exc:  # what is no certificate or no TLS to the client is not an error of the server
            logger.debug('A client did not come through the handshake: %s', exc)
            transport = None
        finally:
            self.gate.arriving.discard(self)
        if (
            transport is None or self.transport.is_closing()
        ):  # lost within the handshake: asyncio gives None, uvloop not
            self.transport.abort()
            return
        connection = self.gate.connections()
        connection.certificate = read_peer(transport.get_extra_info('peercert'))
        self.gate.connections.below[transport] = self.transport
        transport.set_protocol(connection)
        connection.connection_made(transport)
        early.hand_over(connection)

    async def _shake_hands(self, data: bytes, early: asyncio.Protocol) -> asyncio.Transport | None:
        transport = self.transport
        if transport.is_closing():
            return None
        loop = asyncio.get_running_loop()
        ARRIVING.set(transport)
        # Below, asyncio schedules the beginning of the handshake; then it is the turn of what was read before.
        loop.call_soon(loop.call_soon, _feed, transport, data)
        return await loop.start_tls(
            transport,
            early,
            self.gate.context,
            server_side=True,
            ssl_handshake_timeout=NEVER,
            ssl_shutdown_timeout=NEVER,
        )

    def leave(self) -> None:
        """Cut it off."""
        self.transport.abort()


def _feed(transport: asyncio.Transport, data: bytes) -> None:
    protocol: Any = transport.get_protocol()
    while data and hasattr(protocol, 'get_buffer'):
        buffer = protocol.get_buffer(len(data))
        size = min(len(buffer), len(data))
        buffer[:size] = data[:size]
        protocol.buffer_updated(size)
        data = data[size:]


class _Early(asyncio.Protocol):
    """Keeps what comes right behind the handshake, before the connection knows that it is made."""

    def __init__(self) -> None:
        self._data: list[bytes] = []
        self._connection: Connection | None = None

    def data_received(self, data: bytes) -> None:
        self._data.append(data)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._connection is not None:
            self._connection.connection_lost(exc)

    def hand_over(self, connection: Connection) -> None:
        """Let the connection have it."""
        self._connection = connection
        if self._data:
            connection.data_received(b''.join(self._data))


def read_peer(peer: 'dict[str, Any] | None') -> CertificateAtoms | None:
    """The certificate of a client, as `ssl` describes it, in atoms; None if it has presented none."""
    if not peer:
        return None
    return (
        tuple((name, value) for names in peer.get('subject', ()) for name, value in names),
        tuple((kind, value) for kind, value in peer.get('subjectAltName', ())),
        str(peer.get('serialNumber', '')),
        tuple((name, value) for names in peer.get('issuer', ()) for name, value in names),
        str(peer.get('notBefore', '')),
        str(peer.get('notAfter', '')),
    )
