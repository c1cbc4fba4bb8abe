"""The frames of WebSockets (RFC 6455 §5), without input and output: clients' are read, servers' are written."""

import struct
from collections.abc import Iterator
from enum import IntEnum
from typing import NamedTuple

LIMIT = 33_554_432
"""How many bytes a message of a client may have: as with the real API server (``golang.org/x/net/websocket``)."""

_SMALL = 125  # the length of a payload that needs no further bytes, and the longest of a control frame
_MASK_SIZE = 4


class Opcode(IntEnum):
    """What a frame is (RFC 6455 §11.8)."""

    CONTINUATION = 0
    TEXT = 1
    BINARY = 2
    CLOSE = 8
    PING = 9
    PONG = 10


class Message(NamedTuple):
    """What a client says: a whole text or sequence of bytes, or a control frame."""

    opcode: Opcode
    payload: bytes


class FrameError(Exception):
    """A client breaks the rules, or says too much.

    Args:
        code: what the connection is to be closed with (RFC 6455 §7.4.1).
        reason: why, in a few words.
    """

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


PROTOCOL_ERROR, INVALID_DATA, TOO_BIG = 1002, 1007, 1009


def write_frame(opcode: Opcode, payload: bytes) -> bytes:
    """A whole frame of a server: final, unmasked."""
    size = len(payload)
    first = 0x80 | opcode
    if size <= _SMALL:
        return bytes((first, size)) + payload
    if size < 1 << 16:
        return struct.pack('!BBH', first, 126, size) + payload
    return struct.pack('!BBQ', first, 127, size) + payload


def write_close(code: int, reason: str = '') -> bytes:
    """The frame that says goodbye."""
    return write_frame(Opcode.CLOSE, struct.pack('!H', code) + reason.encode()[: _SMALL - 2])


def mask(payload: bytes, key: bytes) -> bytes:
    """Mask or unmask a payload (RFC 6455 §5.3)."""
    size = len(payload)
    keys = (key * (size // _MASK_SIZE + 1))[:size]
    return (int.from_bytes(payload, 'big') ^ int.from_bytes(keys, 'big')).to_bytes(size, 'big')


class FrameReader:
    """Reads what a client says, in whatever pieces it comes."""

    def __init__(self, limit: int = LIMIT) -> None:
        self._limit = limit
        self._data = bytearray()
        self._opcode: Opcode | None = None  # of the message that goes on
        self._parts: list[bytes] = []
        self._size = 0

    def feed(self, data: bytes) -> Iterator[Message]:
        """Take some bytes; gives the messages that are whole now.

        Raises:
            FrameError: the client breaks the rules; nothing more can be read then.
        """
        self._data += data
        while (frame := self._take_frame()) is not None:
            message = self._join(*frame)
            if message is not None:
                yield message

    def _take_frame(self) -> tuple[bool, Opcode, bytes] | None:
        data = self._data
        if len(data) < 2:
            return None
        first, second = data[0], data[1]
        opcode = self._check_start(first, second)
        size, start = second & 0x7F, 2
        if size > _SMALL:
            start = 4 if size == 126 else 10
            if len(data) < start:
                return None
            size = int.from_bytes(data[2:start], 'big')
            if size >> 63 or size <= _SMALL or (start == 10 and size < 1 << 16):
                raise FrameError(PROTOCOL_ERROR, 'bad length')
        if self._size + size > self._limit:
            raise FrameError(TOO_BIG, 'message too big')
        end = start + _MASK_SIZE + size
        if len(data) < end:
            return None
        payload = mask(bytes(data[start + _MASK_SIZE : end]), bytes(data[start : start + _MASK_SIZE]))
        del data[:end]
        return bool(first & 0x80), opcode, payload

    def _check_start(self, first: int, second: int) -> Opcode:
        """Look at the first two bytes, before waiting for more."""
        if first & 0x70:
            raise FrameError(PROTOCOL_ERROR, 'reserved bits')
        try:
            opcode = Opcode(first & 0x0F)
        except ValueError:
            raise FrameError(PROTOCOL_ERROR, 'unknown opcode') from None
        if not second & 0x80:
            raise FrameError(PROTOCOL_ERROR, 'no mask')
        if opcode >= Opcode.CLOSE and (not first & 0x80 or second & 0x7F > _SMALL):
            raise FrameError(PROTOCOL_ERROR, 'bad control frame')
        if (opcode is Opcode.CONTINUATION) is (self._opcode is None) and opcode < Opcode.CLOSE:
            raise FrameError(PROTOCOL_ERROR, 'bad fragment')
        return opcode

    def _join(self, is_final: bool, opcode: Opcode, payload: bytes) -> Message | None:
        if opcode is Opcode.CLOSE:
            _check_close(payload)
        if opcode >= Opcode.CLOSE:
            return Message(opcode, payload)
        if opcode is not Opcode.CONTINUATION:
            self._opcode = opcode
        self._parts.append(payload)
        self._size += len(payload)
        if not is_final or self._opcode is None:
            return None
        message = Message(self._opcode, b''.join(self._parts))
        self._opcode, self._parts, self._size = None, [], 0
        if message.opcode is Opcode.TEXT:
            _check_text(message.payload)
        return message


def _check_text(payload: bytes) -> None:
    try:
        payload.decode()
    except UnicodeDecodeError:
        raise FrameError(INVALID_DATA, 'no UTF-8') from None


def _check_close(payload: bytes) -> None:
    if not payload:
        return
    code = int.from_bytes(payload[:2], 'big')
    known = 1000 <= code <= 1003 or 1007 <= code <= 1014 or 3000 <= code <= 4999
    if len(payload) < 2 or not known:
        raise FrameError(PROTOCOL_ERROR, 'bad close code')
    _check_text(payload[2:])
