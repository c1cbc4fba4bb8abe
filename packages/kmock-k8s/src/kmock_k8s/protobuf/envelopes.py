"""What objects are sent in: four bytes that tell the encoding, and a message that tells the kind."""

from collections.abc import Mapping
from typing import Final, NamedTuple

from kmock_k8s.protobuf.wire import (
    END,
    LENGTH,
    ProtobufError,
    read_span,
    read_text,
    read_varint,
    skip,
    write_bytes,
    write_text,
)

PREFIX: Final = b'k8s\x00'
"""What all bodies begin with."""


class Envelope(NamedTuple):
    """An object that is not decoded yet: the ``runtime.Unknown`` of apimachinery."""

    api_version: str
    kind: str
    raw: bytes
    """The message."""


def open_envelope(body: bytes) -> Envelope:
    """What is in a body, and of which kind it is said to be, perhaps of none.

    Raises:
        ProtobufError: there is no such thing in it.
    """
    if not body:
        raise ProtobufError('empty data')
    if not body.startswith(PREFIX):
        raise ProtobufError(
            f'provided data does not appear to be a protobuf message, expected prefix [{" ".join(map(str, PREFIX))}]'
        )
    if len(body) == len(PREFIX):
        raise ProtobufError('empty body')
    found = _read(body, len(PREFIX), len(body), 'Unknown', _FIELDS)
    types = found.get(1, b'')
    told = _read(types, 0, len(types), 'TypeMeta', _FIELDS_OF_TYPE)
    api_version, kind = told.get(1, b''), told.get(2, b'')
    return Envelope(read_text(api_version, 0, len(api_version)), read_text(kind, 0, len(kind)), found.get(2, b''))


def seal_envelope(envelope: Envelope) -> bytes:
    """The body that has an object in it."""
    types = write_text(1, envelope.api_version) + write_text(2, envelope.kind)
    return PREFIX + write_bytes(1, types) + write_bytes(2, envelope.raw) + write_text(3, '') + write_text(4, '')


def _read(data: bytes, pos: int, end: int, name: str, fields: Mapping[int, str]) -> dict[int, bytes]:
    """The bytes in a message that has nothing else in it, by their numbers."""
    found: dict[int, bytes] = {}
    while pos < end:
        tag, pos = read_varint(data, pos, end)
        if tag & 7 == LENGTH:
            start, pos = read_span(data, pos, end)
            found[tag >> 3] = data[start:pos]
        else:
            if tag & 7 == END or not tag >> 3 or tag >> 3 in fields:
                raise refuse_tag(tag, name, fields)
            pos = skip(data, pos, end, tag)
    return found


_FIELDS: Final = {1: 'TypeMeta', 2: 'Raw', 3: 'ContentEncoding', 4: 'ContentType'}
_FIELDS_OF_TYPE: Final = {1: 'APIVersion', 2: 'Kind'}
"""The names of the fields in Go, by their numbers."""


def refuse_tag(tag: int, message: str, fields: Mapping[int, str]) -> ProtobufError:
    """The error about a tag that is none, or that of a known field whose value is not written so.

    Args:
        tag: the number and the wire type.
        message: the name of the message.
        fields: the names of the fields that it has, in Go, by their numbers.
    """
    number, wire = tag >> 3, tag & 7
    if wire == END:
        return ProtobufError(f'proto: {message}: wiretype end group for non-group')
    if not number:
        return ProtobufError(f'proto: {message}: illegal tag {number} (wire type {wire})')
    return ProtobufError(f'proto: wrong wireType = {wire} for field {fields[number]}')
