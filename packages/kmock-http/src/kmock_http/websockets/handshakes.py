"""The handshake of WebSockets (RFC 6455 §4.2), in the words of the library of the real API server."""

from base64 import b64encode
from hashlib import sha1
from typing import NamedTuple

from aiohttp import web

_GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'
_VERSION = '13'


class HandshakeError(Exception):
    """A client does not ask for a WebSocket as it should.

    Args:
        reason: what is wrong.
        headers: further headers of the answer.
    """

    def __init__(self, reason: str, headers: tuple[tuple[str, str], ...] = ()) -> None:
        super().__init__(reason)
        self.reason = reason
        self.headers = headers


class Handshake(NamedTuple):
    """What is answered to a client that asks as it should."""

    headers: tuple[tuple[str, str], ...]


def shake_hands(request: web.BaseRequest, subprotocol: str) -> Handshake:
    """Find out what to answer to the handshake of a client.

    Raises:
        HandshakeError: it is none.
    """
    given = request.headers
    tokens = [token.strip().lower() for token in ','.join(given.getall('Connection', ())).split(',')]
    if (
        request.version < (1, 1)
        or request.method != 'GET'
        or given.get('Upgrade', '').strip().lower() != 'websocket'
        or 'upgrade' not in tokens
    ):
        raise HandshakeError('not websocket protocol')
    key = given.get('Sec-WebSocket-Key', '').strip()
    if not key:
        raise HandshakeError('mismatch challenge/response')
    if given.get('Sec-WebSocket-Version', '').strip() != _VERSION:
        raise HandshakeError('missing or bad WebSocket Version', (('Sec-WebSocket-Version', _VERSION),))
    accept = b64encode(sha1(f'{key}{_GUID}'.encode('utf-8', 'surrogateescape'), usedforsecurity=False).digest())
    headers = [('Upgrade', 'websocket'), ('Connection', 'Upgrade'), ('Sec-WebSocket-Accept', accept.decode())]
    if subprotocol:
        headers.append(('Sec-WebSocket-Protocol', subprotocol))
    return Handshake(tuple(headers))
