"""The wire format of protobuf: numbers of variable length, tags, and how to get past what is not known.

See https://protobuf.dev/programming-guides/encoding/. The errors are those of the decoders that Kubernetes has.
"""

from typing import Final

VARINT: Final = 0
FIXED64: Final = 1
LENGTH: Final = 2
START: Final = 3
END: Final = 4
FIXED32: Final = 5

_SIZES: Final = {FIXED64: 8, FIXED32: 4}
_MORE: Final = 0x80
_LONGEST: Final = 64  # bits
_LARGEST: Final = 2**63
_LARGEST_HALF: Final = 2**31


class ProtobufError(ValueError):
    """The bytes are no such message; the text is what Go says of them."""


TRUNCATED: Final = 'unexpected EOF'


def read_varint(data: bytes, pos: int, end: int) -> tuple[int, int]:
    """The number at a position, and the position behind it."""
    value = shift = 0
    while pos < end:
        byte = data[pos]
        pos += 1
        value |= (byte & 0x7F) << shift
        if byte < _MORE:
            return value & 0xFFFF_FFFF_FFFF_FFFF, pos
        shift += 7
        if shift >= _LONGEST:
            raise ProtobufError('proto: integer overflow')
    raise ProtobufError(TRUNCATED)


def read_span(data: bytes, pos: int, end: int) -> tuple[int, int]:
    """Where the bytes begin whose length is at a position, and where they end."""
    if pos < end and (size := data[pos]) < _MORE:
        pos += 1
    else:
        size, pos = read_varint(data, pos, end)
        if size >= _LARGEST:
            raise ProtobufError('proto: negative length found during unmarshaling')
    if pos + size > end:
        raise ProtobufError(TRUNCATED)
    return pos, pos + size


def skip(data: bytes, pos: int, end: int, tag: int) -> int:
    """The position behind the value of a field that nobody wants; groups, that nobody uses, are skipped as a whole."""
    depth = 0
    while True:
        wire = tag & 7
        if wire == VARINT:
            _, pos = read_varint(data, pos, end)
        elif wire == LENGTH:
            _, pos = read_span(data, pos, end)
        elif wire == START:
            depth += 1
        elif wire == END:
            if not depth:
                raise ProtobufError('proto: unexpected end of group')
            depth -= 1
        elif wire in _SIZES:
            pos += _SIZES[wire]
        else:
            raise ProtobufError(f'proto: illegal wireType {wire}')
        if pos > end:
            raise ProtobufError(TRUNCATED)
        if not depth:
            return pos
        tag, pos = read_varint(data, pos, end)


def read_text(data: bytes, start: int, stop: int) -> str:
    """The text in these bytes; what is none is replaced byte by byte, as in the JSON that Go writes."""
    raw = data[start:stop]
    try:
        return raw.decode('utf-8')
    except UnicodeDecodeError:
        text = raw.decode('utf-8', 'surrogateescape')
        return ''.join('\ufffd' if '\udc80' <= char <= '\udcff' else char for char in text)


def to_int64(value: int) -> int:
    """The number with its sign."""
    return value - 2**64 if value >= _LARGEST else value


def to_int32(value: int) -> int:
    """The lower half of the number, with its sign."""
    value &= 0xFFFF_FFFF
    return value - 2**32 if value >= _LARGEST_HALF else value


def write_varint(value: int) -> bytes:
    """A number, of at most 64 bits, in as few bytes as it needs."""
    value &= 0xFFFF_FFFF_FFFF_FFFF
    found = bytearray()
    while value >= _MORE:
        found.append(value & 0x7F | _MORE)
        value >>= 7
    found.append(value)
    return bytes(found)


def write_bytes(number: int, value: bytes) -> bytes:
    """A field with bytes, or with what is written as such: a text, a message."""
    return write_varint(number << 3 | LENGTH) + write_varint(len(value)) + value


def write_text(number: int, value: str) -> bytes:
    """A field with a text; half a character is replaced, as there is no UTF-8 for it."""
    return write_bytes(number, value.encode('utf-8', 'replace'))


def write_number(number: int, value: int) -> bytes:
    """A field with an integer, or with a flag."""
    return write_varint(number << 3 | VARINT) + write_varint(value)
