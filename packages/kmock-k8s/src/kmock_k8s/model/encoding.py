"""JSON of objects: what may be stored, and the bytes that it is stored as."""

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias, cast

from kmock_k8s.errors import NotJSONError

JSONObject: TypeAlias = dict[str, Any]
"""An object as `json.loads` gives it."""

_encode = json.JSONEncoder(ensure_ascii=False, separators=(',', ':'), check_circular=False).encode
_encode_ascii = json.JSONEncoder(separators=(',', ':'), check_circular=False).encode

_LINES = bytes.maketrans(b'\r\n', b'  ')
_BOM = b'\xef\xbb\xbf'


def encode(value: Any) -> bytes:
    """The bytes of JSON as the API sends it: compact, in UTF-8, on one line."""
    try:
        return _encode(value).encode('utf-8')
    except UnicodeEncodeError:  # halves of surrogate pairs are valid in JSON, but only as escapes
        return _encode_ascii(value).encode('ascii')


def as_line(body: bytes) -> bytes:
    """The bytes of a JSON body as they were sent, but on one line: that of a watch. The same object, if it is one.

    The body has to be parsed before: line breaks are never inside of JSON strings, so that all of them are whitespace.
    """
    line = body.removeprefix(_BOM)
    if b'\n' in line or b'\r' in line:
        line = line.translate(_LINES)
    return line.strip(b' \t')


def copy_object(value: object) -> JSONObject:
    """A copy of a mapping of any kind as a JSON object that shares nothing with it.

    Raises:
        NotJSONError: it has something that JSON has not, or it is no mapping; the message says where.
    """
    if not isinstance(value, Mapping):
        raise NotJSONError(f'An object has to be a mapping, not {_describe(value)}')
    try:
        return _copy_mapping(cast('Any', value), ())
    except RecursionError as exc:
        raise NotJSONError('The object is nested too deep: does it contain itself?') from exc


def copy_json(value: Any, path: tuple[Any, ...] = ()) -> Any:
    """A copy of a value as JSON that shares nothing with it; a `NotJSONError` says where it is no JSON."""
    mapping: Mapping[Any, Any] = value
    items: Sequence[Any] = value
    if value is None or type(value) in (str, bool, int):
        return value
    if isinstance(value, Mapping):
        return _copy_mapping(mapping, path)
    if isinstance(value, Sequence) and not isinstance(value, (str, bytes, bytearray, memoryview, range)):
        return [copy_json(item, (*path, index)) for index, item in enumerate(items)]
    if isinstance(value, str):  # and members of enums
        return str.__str__(value)
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float) and math.isfinite(value):
        return float(value)
    raise NotJSONError(f'JSON has no {_describe(value)}, but it is the value of {_locate(path)}')


def _copy_mapping(value: Mapping[Any, Any], path: tuple[Any, ...]) -> JSONObject:
    copied: JSONObject = {}
    for key, item in value.items():
        if not isinstance(key, str):
            where = f' of {_locate(path)}' if path else ''
            raise NotJSONError(f'Keys of JSON are strings, but a key{where} is {_describe(key)}')
        copied[str.__str__(key)] = copy_json(item, (*path, key))
    return copied


def _locate(path: tuple[Any, ...]) -> str:
    shown = ''.join(f'[{step!r}]' for step in path[1:])
    return f'{path[0]}{shown}' if path else 'the object'


def _describe(value: Any) -> str:
    shown = repr(value)
    return f'{type(value).__name__}: {shown if len(shown) <= 100 else shown[:97] + "…"}'
