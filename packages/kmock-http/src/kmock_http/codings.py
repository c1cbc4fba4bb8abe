"""Content codings of request bodies (RFC 9110 §8.4.1): undone where they are known and the body is sound."""

import zlib
from collections.abc import Callable

LIMIT = 268_435_456
"""Bytes of a decoded body: a small one that would need more than these was made to fill the memory."""


def decode_body(body: bytes, content_encoding: str) -> bytes:
    """Undo the codings of a body; what is broken, cut off, far too large or unknown is left as it came."""
    try:
        for coding in reversed(content_encoding.lower().split(',')):
            body = _DECODERS[coding.strip()](body)
    except (KeyError, zlib.error, EOFError):
        pass
    return body


class _TooLargeError(zlib.error):
    """A body becomes larger than it may."""


def _gunzip(body: bytes) -> bytes:
    parts: list[bytes] = []
    left = LIMIT
    while body:
        part, body = _decompress(body, 16 + zlib.MAX_WBITS, left)
        parts.append(part)
        left -= len(part)
    return b''.join(parts)


def _inflate(body: bytes) -> bytes:
    try:
        return _decompress(body, zlib.MAX_WBITS, LIMIT)[0]
    except _TooLargeError:
        raise
    except zlib.error:
        return _decompress(body, -zlib.MAX_WBITS, LIMIT)[0]  # without the zlib header: wrong, but common


def _decompress(body: bytes, window: int, limit: int) -> tuple[bytes, bytes]:
    """What was compressed, and what follows it; an error if it is cut off, or larger than the limit."""
    stream = zlib.decompressobj(window)
    found = stream.decompress(body, limit + 1)
    if len(found) > limit:
        raise _TooLargeError
    if not stream.eof:
        raise EOFError
    return found, stream.unused_data


_DECODERS: dict[str, Callable[[bytes], bytes]] = {
    '': bytes,
    'identity': bytes,
    'gzip': _gunzip,
    'x-gzip': _gunzip,
    'deflate': _inflate,
}
