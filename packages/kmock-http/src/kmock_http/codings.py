"""Content codings of request bodies (RFC 9110 §8.4.1): undone where they are known and the body is sound."""

import zlib
from collections.abc import Callable


def decode_body(body: bytes, content_encoding: str) -> bytes:
    """Undo the codings of a body; what is broken, cut off or unknown is left as it came."""
    try:
        for coding in reversed(content_encoding.lower().split(',')):
            body = _DECODERS[coding.strip()](body)
    except (KeyError, zlib.error, EOFError):
        pass
    return body


def _gunzip(body: bytes) -> bytes:
    parts: list[bytes] = []
    while body:
        member = zlib.decompressobj(16 + zlib.MAX_WBITS)
        parts.append(member.decompress(body))
        if not member.eof:
            raise EOFError
        body = member.unused_data
    return b''.join(parts)


def _inflate(body: bytes) -> bytes:
    try:
        return zlib.decompress(body)
    except zlib.error:
        return zlib.decompress(body, -zlib.MAX_WBITS)  # without the zlib header: wrong, but common


_DECODERS: dict[str, Callable[[bytes], bytes]] = {
    '': bytes,
    'identity': bytes,
    'gzip': _gunzip,
    'x-gzip': _gunzip,
    'deflate': _inflate,
}
