"""From messages to JSON: what Go has in its structures when it has read them, and would write as JSON.

Clients in Go write all fields that are no pointers, also those that nobody has set. Where these are left out of JSON
they are left out here, so that an object is the same one in both encodings.
"""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, Final, TypeAlias

from kmock_k8s.model.encoding import JSONObject
from kmock_k8s.protobuf.envelopes import open_envelope, refuse_tag
from kmock_k8s.protobuf.scalars import (
    Reader,
    read_bytes,
    read_json,
    reader_of_double,
    reader_of_number,
    reader_of_packed,
)
from kmock_k8s.protobuf.tables import Field, fields_of, find_message
from kmock_k8s.protobuf.values import VALUES
from kmock_k8s.protobuf.wire import (
    END,
    FIXED64,
    LENGTH,
    VARINT,
    ProtobufError,
    read_span,
    read_text,
    read_varint,
    skip,
)

_Scalar: TypeAlias = Callable[[bytes, int, int], Any]
"""What is in some bytes."""

_MORE: Final = 0x80


def decode(body: bytes) -> JSONObject:
    """The object in a body.

    >>> from kmock_k8s.protobuf import encode
    >>> decode(encode({'apiVersion': 'v1', 'kind': 'ConfigMap', 'data': {'key': 'value'}}))
    {'kind': 'ConfigMap', 'apiVersion': 'v1', 'data': {'key': 'value'}}

    Raises:
        ProtobufError: there is none, or none of a known kind.
    """
    envelope = open_envelope(body)
    message = find_message(envelope.api_version, envelope.kind)
    if message is None:
        raise ProtobufError(f'no kind "{envelope.kind}" is registered for version "{envelope.api_version}"')
    content = decode_message(message, envelope.raw)
    return {'kind': envelope.kind, 'apiVersion': envelope.api_version, **content}


def decode_message(message: str, data: bytes) -> JSONObject:
    """The JSON of a message, by the name of its schema: ``io.k8s.api.core.v1.ConfigMap``.

    Raises:
        ProtobufError: it is malformed.
    """
    found: JSONObject = {}
    _read(message, _readers_of(message), data, 0, len(data), found)
    return found


def _read(message: str, readers: Mapping[int, Reader], data: bytes, pos: int, end: int, found: JSONObject) -> None:
    while pos < end:
        tag = data[pos]
        pos += 1
        if tag >= _MORE:
            tag, pos = read_varint(data, pos - 1, end)
        reader = readers.get(tag)
        if reader is None:
            if tag & 7 == END or not tag >> 3 or tag >> 3 in _names_of(message):
                raise refuse_tag(tag, message.rpartition('.')[2], _names_of(message))
            pos = skip(data, pos, end, tag)
        else:
            pos = reader(data, pos, end, found)


@cache
def _names_of(message: str) -> Mapping[int, str]:
    """The names of the fields of a message, as near to those in Go as can be told, by their numbers."""
    return {field.number: field.name[:1].upper() + field.name[1:] for field in fields_of(message)}


@cache
def _readers_of(message: str) -> Mapping[int, Reader]:
    """What reads the fields of a message, by their tags."""
    found: dict[int, Reader] = {}
    for field in fields_of(message):
        if field.is_message or field.is_map or field.type in ('string', 'bytes', 'json'):
            found[field.number << 3 | LENGTH] = _reader_of_bytes(field)
        elif field.type == 'double':
            found[field.number << 3 | FIXED64] = reader_of_double(field)
        else:
            found[field.number << 3 | VARINT] = reader_of_number(field)
            if field.is_repeated:
                found[field.number << 3 | LENGTH] = reader_of_packed(field)
    return found


def _reader_of_bytes(field: Field) -> Reader:
    if field.is_inline:
        return _reader_of_inline(field)
    if field.is_map:
        return _reader_of_map(field)
    if field.is_message and field.type not in VALUES and not field.is_repeated:
        return _reader_of_message(field)
    name, is_plain, convert = field.name, field.is_plain, _converter_of(field.type)

    def read_one(data: bytes, pos: int, end: int, found: JSONObject) -> int:
        start, stop = read_span(data, pos, end)
        value = None if start == stop and is_plain else convert(data, start, stop)
        if value is None:
            found.pop(name, None)
        else:
            found[name] = value
        return stop

    def read_another(data: bytes, pos: int, end: int, found: JSONObject) -> int:
        start, stop = read_span(data, pos, end)
        found.setdefault(name, []).append(convert(data, start, stop))
        return stop

    return read_another if field.is_repeated else read_one


def _reader_of_message(field: Field) -> Reader:
    """A message that comes twice is one, with what is in both."""
    name, message = field.name, field.type

    def read_fields(data: bytes, pos: int, end: int, found: JSONObject) -> int:
        start, stop = read_span(data, pos, end)
        known: JSONObject = found.setdefault(name, {})
        _read(message, _readers_of(message), data, start, stop, known)
        return stop

    return read_fields


def _reader_of_inline(field: Field) -> Reader:
    message = field.type

    def read_here(data: bytes, pos: int, end: int, found: JSONObject) -> int:
        start, stop = read_span(data, pos, end)
        _read(message, _readers_of(message), data, start, stop, found)
        return stop

    return read_here


def _reader_of_map(field: Field) -> Reader:
    """A map is a list of messages: each has the key as its first field, the value as its second one."""
    name, convert = field.name, _converter_of(field.type)

    def read_entry(data: bytes, pos: int, end: int, found: JSONObject) -> int:
        pos, stop = read_span(data, pos, end)
        key, value = '', None
        while pos < stop:
            tag, pos = read_varint(data, pos, stop)
            if tag == 1 << 3 | LENGTH:
                start, pos = read_span(data, pos, stop)
                key = read_text(data, start, pos)
            elif tag == 2 << 3 | LENGTH:
                start, pos = read_span(data, pos, stop)
                value = (start, pos)
            else:
                if tag & 7 == END or not tag >> 3:
                    raise refuse_tag(tag, name, {})
                pos = skip(data, pos, stop, tag)
        start, pos = value or (stop, stop)
        found.setdefault(name, {})[key] = convert(data, start, pos)
        return stop

    return read_entry


def _converter_of(type_: str) -> _Scalar:
    if type_ == 'string':
        return read_text
    if type_ == 'bytes':
        return read_bytes
    if type_ == 'json':
        return read_json
    if type_ in VALUES:
        return _converter_of_value(type_)

    def read_object(data: bytes, start: int, stop: int) -> JSONObject:
        found: JSONObject = {}
        _read(type_, _readers_of(type_), data, start, stop, found)
        return found

    return read_object


def _converter_of_value(type_: str) -> _Scalar:
    finish = VALUES[type_].read

    def read_value(data: bytes, start: int, stop: int) -> Any:
        found: JSONObject = {}
        _read(type_, _readers_of(type_), data, start, stop, found)
        return finish(found)

    return read_value
