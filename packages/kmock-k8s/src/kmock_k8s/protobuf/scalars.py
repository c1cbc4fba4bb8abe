"""From bytes and numbers to JSON: the fields that are no messages."""

import base64
import json
import struct
from collections.abc import Callable, Mapping
from math import isfinite
from typing import Any, Final, TypeAlias

from kmock_k8s.model.decoding import read_float, refuse_constant
from kmock_k8s.model.encoding import JSONObject
from kmock_k8s.protobuf.tables import Field
from kmock_k8s.protobuf.wire import TRUNCATED, ProtobufError, read_span, read_varint, to_int32, to_int64

Reader: TypeAlias = Callable[[bytes, int, int, JSONObject], int]
"""Reads the value of a field into an object: the bytes, where it begins, where the message ends, the object; the result
is where the value ends."""

_MORE: Final = 0x80


def read_bytes(data: bytes, start: int, stop: int) -> str:
    """Bytes, as they stand in JSON."""
    return base64.b64encode(data[start:stop]).decode('ascii')


def read_json(data: bytes, start: int, stop: int) -> Any:
    """The JSON that stands in bytes."""
    if start == stop:
        return None
    try:
        return _decoder.decode(data[start:stop].decode('utf-8'))
    except ValueError as exc:
        raise ProtobufError(f'error calling MarshalJSON for type json.RawMessage: {exc}') from exc


_decoder = json.JSONDecoder(parse_constant=refuse_constant, parse_float=read_float)


def reader_of_number(field: Field) -> Reader:
    """What reads integers and flags."""
    name, is_plain, is_repeated, convert = field.name, field.is_plain, field.is_repeated, _NUMBERS[field.type]

    def read_number(data: bytes, pos: int, end: int, found: JSONObject) -> int:
        if pos < end and (value := data[pos]) < _MORE:
            pos += 1
        else:
            value, pos = read_varint(data, pos, end)
        if is_repeated:
            found.setdefault(name, []).append(convert(value))
        elif value or not is_plain:
            found[name] = convert(value)
        else:
            found.pop(name, None)
        return pos

    return read_number


def reader_of_packed(field: Field) -> Reader:
    """What reads lists of integers that stand side by side."""
    name, convert = field.name, _NUMBERS[field.type]

    def read_numbers(data: bytes, pos: int, end: int, found: JSONObject) -> int:
        pos, stop = read_span(data, pos, end)
        values = found.setdefault(name, [])
        while pos < stop:
            value, pos = read_varint(data, pos, stop)
            values.append(convert(value))
        return stop

    return read_numbers


def reader_of_double(field: Field) -> Reader:
    """What reads numbers with fractions."""
    name = field.name

    def read_double(data: bytes, pos: int, end: int, found: JSONObject) -> int:
        if pos + 8 > end:
            raise ProtobufError(TRUNCATED)
        (value,) = struct.unpack_from('<d', data, pos)
        if not isfinite(value):
            raise ProtobufError(f'json: unsupported value: {value}')
        found[name] = int(value) if value.is_integer() else value
        return pos + 8

    return read_double


_NUMBERS: Final[Mapping[str, Callable[[int], Any]]] = {'int32': to_int32, 'int64': to_int64, 'bool': bool}
