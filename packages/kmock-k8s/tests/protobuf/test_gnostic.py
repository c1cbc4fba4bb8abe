"""OpenAPI v2 documents in protobuf: the numbers are those of ``openapi.v2.Document``."""

from typing import Any

import pytest

from kmock_k8s.protobuf.gnostic import encode_document
from kmock_k8s.protobuf.wire import read_span, read_varint, skip


def read(data: bytes, *path: int) -> list[Any]:
    """The values at a path of numbers in a message: bytes, or numbers."""
    found: list[Any] = []
    pos = 0
    while pos < len(data):
        tag, pos = read_varint(data, pos, len(data))
        start, end = pos, skip(data, pos, len(data), tag)
        if tag >> 3 == path[0]:
            value: Any = data[slice(*read_span(data, start, end))] if tag & 7 == 2 else read_varint(data, start, end)[0]
            found += [value] if len(path) == 1 else read(value, *path[1:])
        pos = end
    return found


def encode_schema(**schema: Any) -> bytes:
    (found,) = read(encode_document({'definitions': {'name': schema}}), 9, 1, 2)
    return bytes(found)


def encode_operation(**operation: Any) -> bytes:
    (found,) = read(encode_document({'paths': {'/path': {'get': operation}}}), 8, 2, 2, 2)
    return bytes(found)


def test_a_document_tells_of_itself() -> None:
    data = encode_document({'swagger': '2.0', 'info': {'title': 'Kubernetes', 'version': '1.36'}})
    assert (read(data, 1), read(data, 2, 1), read(data, 2, 2)) == ([b'2.0'], [b'Kubernetes'], [b'1.36'])


def test_security_is_told() -> None:
    key = {'type': 'apiKey', 'name': 'authorization', 'in': 'header'}
    data = encode_document({'securityDefinitions': {'Token': key}, 'security': [{'Token': []}]})
    assert read(data, 12, 1, 1) == [b'Token']
    assert read(data, 13, 1, 1) == [b'Token']
    assert [read(data, 13, 1, 2, 2, number) for number in (1, 2, 3)] == [[b'apiKey'], [b'authorization'], [b'header']]


def test_definitions_have_their_names() -> None:
    data = encode_document({'definitions': {'a': {'type': 'object'}, 'b': {'type': 'string'}}})
    assert read(data, 9, 1, 1) == [b'a', b'b']
    assert read(data, 9, 1, 2, 22, 1) == [b'object', b'string']


@pytest.mark.parametrize(
    ('schema', 'path', 'expected'),
    [
        ({'$ref': '#/definitions/a'}, (1,), b'#/definitions/a'),
        ({'format': 'int32'}, (2,), b'int32'),
        ({'description': 'ü'}, (4,), 'ü'.encode()),
        ({'uniqueItems': True}, (16,), 1),
        ({'minLength': 7}, (12,), 7),
        ({'pattern': '^a$'}, (13,), b'^a$'),
        ({'required': ['a']}, (19,), b'a'),
        ({'enum': ['a']}, (20, 2), b'"a"\n'),
        ({'additionalProperties': False}, (21, 2), 0),
        ({'additionalProperties': {'type': 'string'}}, (21, 1, 22, 1), b'string'),
        ({'items': {'type': 'string'}}, (23, 1, 22, 1), b'string'),
        ({'properties': {'a': {'type': 'string'}}}, (25, 1, 1), b'a'),
        ({'properties': {'a': {'type': 'string'}}}, (25, 1, 2, 22, 1), b'string'),
        ({'x-kubernetes-list-type': 'map'}, (31, 1), b'x-kubernetes-list-type'),
        ({'x-kubernetes-list-type': 'map'}, (31, 2, 2), b'"map"\n'),
    ],
)
def test_schemas_have_the_numbers_of_their_keywords(
    schema: dict[str, Any], path: tuple[int, ...], expected: object
) -> None:
    assert read(encode_schema(**schema), *path) == [expected]


def test_numbers_with_fractions_are_written_as_such() -> None:
    assert encode_schema(maximum=1) == b'\x39' + b'\x00' * 6 + b'\xf0\x3f'


def test_other_keywords_are_left_out() -> None:
    assert encode_schema(nullable=True, oneOf=[{}]) == b''


@pytest.mark.parametrize(
    ('operation', 'path', 'expected'),
    [
        ({'tags': ['core']}, (1,), b'core'),
        ({'operationId': 'list'}, (5,), b'list'),
        ({'produces': ['application/json']}, (6,), b'application/json'),
        ({'consumes': ['*/*']}, (7,), b'*/*'),
        ({'schemes': ['https']}, (10,), b'https'),
        ({'parameters': [{'$ref': '#/parameters/a'}]}, (8, 2, 1), b'#/parameters/a'),
        ({'parameters': [{'name': 'a', 'in': 'query', 'type': 'string'}]}, (8, 1, 2, 3, 4), b'a'),
        ({'parameters': [{'name': 'a', 'in': 'query', 'type': 'string'}]}, (8, 1, 2, 3, 6), b'string'),
        ({'parameters': [{'name': 'a', 'in': 'path', 'type': 'string'}]}, (8, 1, 2, 4, 5), b'string'),
        ({'parameters': [{'name': 'a', 'in': 'path', 'required': True}]}, (8, 1, 2, 4, 1), 1),
        ({'parameters': [{'name': 'a', 'in': 'body', 'schema': {'$ref': 'b'}}]}, (8, 1, 1, 5, 1), b'b'),
        ({'responses': {'200': {'description': 'OK'}}}, (9, 1, 1), b'200'),
        ({'responses': {'200': {'description': 'OK'}}}, (9, 1, 2, 1, 1), b'OK'),
        ({'responses': {'200': {'schema': {'$ref': 'a'}}}}, (9, 1, 2, 1, 2, 1, 1), b'a'),
        ({'x-kubernetes-action': 'list'}, (13, 2, 2), b'"list"\n'),
    ],
)
def test_operations_have_the_numbers_of_their_keywords(
    operation: dict[str, Any], path: tuple[int, ...], expected: object
) -> None:
    assert read(encode_operation(**operation), *path) == [expected]


@pytest.mark.parametrize(
    ('method', 'number'),
    [('get', 2), ('put', 3), ('post', 4), ('delete', 5), ('options', 6), ('head', 7), ('patch', 8)],
)
def test_methods_have_their_numbers(method: str, number: int) -> None:
    data = encode_document({'paths': {'/path': {method: {'operationId': 'any'}}}})
    assert read(data, 8, 2, 1) == [b'/path']
    assert read(data, 8, 2, 2, number, 5) == [b'any']
