"""From JSON to messages: for the clients that take nothing else, and for tests."""

import base64
import json
import struct
from collections.abc import Callable, Mapping
from typing import Any, Final, cast

from kmock_k8s.model.encoding import JSONObject
from kmock_k8s.protobuf.envelopes import Envelope, seal_envelope
from kmock_k8s.protobuf.tables import Field, fields_of, find_message
from kmock_k8s.protobuf.values import VALUES
from kmock_k8s.protobuf.wire import FIXED64, ProtobufError, write_bytes, write_number, write_text, write_varint


def encode(content: JSONObject) -> bytes | None:
    """The body with an object in it, or with a list of objects; None if its kind is not known, as custom ones are.

    >>> encode({'apiVersion': 'v1', 'kind': 'Namespace', 'metadata': {'name': 'default'}})
    b'k8s\\x00\\n\\x0f\\n\\x02v1\\x12\\tNamespace\\x12\\x0b\\n\\t\\n\\x07default\\x1a\\x00"\\x00'

    Args:
        content: an object with its ``kind`` and its ``apiVersion``. What is unknown in it is left out.

    Raises:
        ProtobufError: something in it is of a wrong type; the message says where.
    """
    api_version, kind = str(content.get('apiVersion') or ''), str(content.get('kind') or '')
    message = find_message(api_version, kind)
    if message is None:
        return None
    try:
        raw = encode_message(message, content)
    except ProtobufError as exc:
        raise ProtobufError(f'{kind}{exc}') from exc
    return seal_envelope(Envelope(api_version, kind, raw))


def frame_event(type_: str, body: bytes) -> bytes:
    """An event of a watch, as it stands in a stream of them: with its length before it.

    Args:
        type_: ``ADDED``, ``MODIFIED`` …
        body: the object, encoded.
    """
    event = write_text(1, type_) + write_bytes(2, write_bytes(1, body))
    return len(event).to_bytes(4, 'big') + event


def encode_message(message: str, content: Mapping[str, Any]) -> bytes:
    """The message that is this JSON, by the name of its schema: ``io.k8s.api.core.v1.ConfigMap``.

    Raises:
        ProtobufError: something in it is of a wrong type; the message begins with where: ``.spec.replicas: …``.
    """
    found: list[bytes] = []
    for field in fields_of(message):
        if field.is_inline:
            found.append(write_bytes(field.number, encode_message(field.type, content)))
        elif (value := content.get(field.name)) is not None:
            try:
                found += _write(field, value)
            except ProtobufError as exc:
                raise ProtobufError(f'.{field.name}{exc}') from exc
            except _MISFITS as exc:
                shown = repr(value)
                shown = shown if len(shown) <= _SHOWN else f'{shown[: _SHOWN - 1]}…'
                raise ProtobufError(f'.{field.name}: {shown} is no {_describe(field)}') from exc
    return b''.join(found)


_MISFITS: Final = (AttributeError, TypeError, ValueError, OverflowError, struct.error)
_SHOWN: Final = 100
"""How many characters of a wrong value are shown."""


def _describe(field: Field) -> str:
    name = field.type.rpartition('.')[2]
    return f'map of {name}' if field.is_map else f'list of {name}' if field.is_repeated else name


def _write(field: Field, value: Any) -> list[bytes]:
    if field.is_map:
        entries = cast('dict[str, Any]', value)
        return [_write_entry(field, key, item) for key, item in entries.items()]
    if field.is_repeated:
        items: list[Any] = value
        if not isinstance(value, list):
            raise TypeError
        return [_write_one(field.type, field.number, item) for item in items]
    return [_write_one(field.type, field.number, value)]


def _write_entry(field: Field, key: str, value: Any) -> bytes:
    return write_bytes(field.number, write_text(1, key) + _write_one(field.type, 2, value))


def _write_one(type_: str, number: int, value: Any) -> bytes:
    writer = _WRITERS.get(type_)
    if writer is not None:
        return writer(number, value) if value is not None else _write_nothing(type_, number)
    known = VALUES.get(type_)
    fields: Any = known.write(value) if known is not None else {} if value is None else value
    if fields.__class__ is not dict:
        raise TypeError
    return write_bytes(number, encode_message(type_, fields))


def _write_nothing(type_: str, number: int) -> bytes:
    """A null among the items of a list, or the values of a map."""
    return write_number(number, 0) if type_ in ('int32', 'int64', 'bool') else write_bytes(number, b'')


def _write_base64(number: int, value: str) -> bytes:
    return write_bytes(number, base64.b64decode(value, validate=True))


def _write_json(number: int, value: Any) -> bytes:
    return write_bytes(number, json.dumps(value, ensure_ascii=False, separators=(',', ':')).encode('utf-8', 'replace'))


def write_double(number: int, value: float) -> bytes:
    """A field with a number that may have a fraction."""
    return write_varint(number << 3 | FIXED64) + struct.pack('<d', value)


_WRITERS: Final[Mapping[str, Callable[[int, Any], bytes]]] = {
    'string': write_text,
    'int32': write_number,
    'int64': write_number,
    'bool': write_number,
    'double': write_double,
    'bytes': _write_base64,
    'json': _write_json,
}
