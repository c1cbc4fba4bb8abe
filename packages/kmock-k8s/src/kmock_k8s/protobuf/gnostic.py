"""OpenAPI v2 documents in protobuf: what kubectl asks for (``openapi.v2.Document`` of google/gnostic).

Only what stands in documents of Kubernetes is known here. Values of any kind are texts in it, of YAML; JSON is YAML.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, TypeAlias

from kmock_k8s.model.encoding import JSONObject
from kmock_k8s.protobuf.encoding import write_double
from kmock_k8s.protobuf.wire import write_bytes, write_number, write_text

_Writer: TypeAlias = Callable[[int, Any], bytes]
_Fields: TypeAlias = Mapping[str, tuple[int, _Writer]]
"""The number of each field, by its name in JSON, and how it is written."""


def encode_document(document: JSONObject) -> bytes:
    """The protobuf of a document.

    >>> encode_document({'swagger': '2.0', 'info': {'title': 'x', 'version': '1'}})
    b'\\n\\x032.0\\x12\\x06\\n\\x01x\\x12\\x011'
    """
    return _encode(document, _DOCUMENT, 16)


def _encode(content: Mapping[str, Any], fields: _Fields, extensions: int = 0) -> bytes:
    """A message of some fields; what begins with ``x-`` is an extension, which has a number in most messages."""
    found: list[bytes] = []
    for key, value in content.items():
        field = fields.get(key)
        if field is not None:
            number, write = field
            found.append(write(number, value))
        elif extensions and key.startswith('x-'):
            found.append(write_bytes(extensions, _name(key, _encode_any(value))))
    return b''.join(found)


def _name(name: str, value: bytes) -> bytes:
    """A value with its name: maps are lists of such pairs."""
    return write_text(1, name) + write_bytes(2, value)


def _encode_any(value: Any) -> bytes:
    return write_text(2, json.dumps(value, ensure_ascii=False) + '\n')


def _any(number: int, value: Any) -> bytes:
    return write_bytes(number, _encode_any(value))


def _each(write: _Writer) -> _Writer:
    """The items of a list, one field for each."""
    return lambda number, values: b''.join(write(number, value) for value in values)


def _message(encode: Callable[[Any], bytes]) -> _Writer:
    return lambda number, value: write_bytes(number, encode(value))


def _mapping(encode: Callable[[Any], bytes], inner: int = 1) -> _Writer:
    """A map in a message of its own."""

    def write(number: int, value: Mapping[str, Any]) -> bytes:
        return write_bytes(
            number, b''.join(write_bytes(inner, _name(key, encode(item))) for key, item in value.items())
        )

    return write


# ---- Schemas ----


def _encode_schema(schema: Mapping[str, Any]) -> bytes:
    return _encode(schema, _SCHEMA, 31)


def _type(number: int, value: Any) -> bytes:
    return write_bytes(number, _texts(1, [value] if isinstance(value, str) else value))


def _items(number: int, value: Mapping[str, Any]) -> bytes:
    return write_bytes(number, write_bytes(1, _encode_schema(value)))


def _additional(number: int, value: Any) -> bytes:
    inner = write_number(2, value) if isinstance(value, bool) else write_bytes(1, _encode_schema(value))
    return write_bytes(number, inner)


_texts: Final = _each(write_text)
_schema: Final = _message(_encode_schema)

_SCHEMA: Final[_Fields] = {
    '$ref': (1, write_text),
    'format': (2, write_text),
    'title': (3, write_text),
    'description': (4, write_text),
    'default': (5, _any),
    'multipleOf': (6, write_double),
    'maximum': (7, write_double),
    'exclusiveMaximum': (8, write_number),
    'minimum': (9, write_double),
    'exclusiveMinimum': (10, write_number),
    'maxLength': (11, write_number),
    'minLength': (12, write_number),
    'pattern': (13, write_text),
    'maxItems': (14, write_number),
    'minItems': (15, write_number),
    'uniqueItems': (16, write_number),
    'maxProperties': (17, write_number),
    'minProperties': (18, write_number),
    'required': (19, _texts),
    'enum': (20, _each(_any)),
    'additionalProperties': (21, _additional),
    'type': (22, _type),
    'items': (23, _items),
    'allOf': (24, _each(_schema)),
    'properties': (25, _mapping(_encode_schema)),
}


# ---- Parameters ----


def _encode_parameter(parameter: Mapping[str, Any]) -> bytes:
    where = parameter.get('in')
    if where == 'body':
        return write_bytes(1, _encode(parameter, _BODY, 6))
    number, fields, extensions = _PLACES[where]
    return write_bytes(2, write_bytes(number, _encode(parameter, fields, extensions)))


def _encode_parameter_or_reference(parameter: Mapping[str, Any]) -> bytes:
    if '$ref' in parameter:
        return write_bytes(2, write_text(1, parameter['$ref']))
    return write_bytes(1, _encode_parameter(parameter))


_parameters: Final = _each(_message(_encode_parameter_or_reference))

_BODY: Final[_Fields] = {
    'description': (1, write_text),
    'name': (2, write_text),
    'in': (3, write_text),
    'required': (4, write_number),
    'schema': (5, _schema),
}
_COMMON: Final[_Fields] = {
    'required': (1, write_number),
    'in': (2, write_text),
    'description': (3, write_text),
    'name': (4, write_text),
}
_IN_QUERY: Final[_Fields] = {
    **_COMMON,
    'type': (6, write_text),
    'format': (7, write_text),
    'uniqueItems': (20, write_number),
}
_IN_PATH: Final[_Fields] = {
    **_COMMON,
    'type': (5, write_text),
    'format': (6, write_text),
    'uniqueItems': (19, write_number),
}
_PLACES: Final[Mapping[Any, tuple[int, _Fields, int]]] = {
    'header': (1, _IN_PATH, 22),
    'query': (3, _IN_QUERY, 23),
    'path': (4, _IN_PATH, 22),
}


# ---- Operations ----


def _encode_answer(answer: Mapping[str, Any]) -> bytes:
    return write_bytes(1, _encode(answer, _ANSWER, 5))


def _schema_of_answer(number: int, schema: Mapping[str, Any]) -> bytes:
    return write_bytes(number, write_bytes(1, _encode_schema(schema)))


def _encode_operation(operation: Mapping[str, Any]) -> bytes:
    return _encode(operation, _OPERATION, 13)


def _encode_path(item: Mapping[str, Any]) -> bytes:
    return _encode(item, _PATH, 10)


def _encode_security(definition: Mapping[str, Any]) -> bytes:
    return write_bytes(2, _encode(definition, _API_KEY, 5))


def _requirement(number: int, requirement: Mapping[str, list[str]]) -> bytes:
    return write_bytes(number, b''.join(_requirements(requirement)))


def _requirements(requirement: Mapping[str, list[str]]) -> Iterator[bytes]:
    for name, scopes in requirement.items():
        yield write_bytes(1, _name(name, _texts(1, scopes)))


_operation: Final = _message(_encode_operation)

_ANSWER: Final[_Fields] = {'description': (1, write_text), 'schema': (2, _schema_of_answer)}
_OPERATION: Final[_Fields] = {
    'tags': (1, _texts),
    'summary': (2, write_text),
    'description': (3, write_text),
    'operationId': (5, write_text),
    'produces': (6, _texts),
    'consumes': (7, _texts),
    'parameters': (8, _parameters),
    'responses': (9, _mapping(_encode_answer)),
    'schemes': (10, _texts),
    'deprecated': (11, write_number),
}
_PATH: Final[_Fields] = {
    'get': (2, _operation),
    'put': (3, _operation),
    'post': (4, _operation),
    'delete': (5, _operation),
    'options': (6, _operation),
    'head': (7, _operation),
    'patch': (8, _operation),
    'parameters': (9, _parameters),
}
_API_KEY: Final[_Fields] = {'type': (1, write_text), 'name': (2, write_text), 'in': (3, write_text)}


def _encode_info(info: Mapping[str, Any]) -> bytes:
    return _encode(info, {'title': (1, write_text), 'version': (2, write_text)})


_DOCUMENT: Final[_Fields] = {
    'swagger': (1, write_text),
    'info': (2, _message(_encode_info)),
    'paths': (8, _mapping(_encode_path, 2)),
    'definitions': (9, _mapping(_encode_schema)),
    'parameters': (10, _mapping(_encode_parameter)),
    'security': (12, _each(_requirement)),
    'securityDefinitions': (13, _mapping(_encode_security)),
}
