"""Values by their schemas: what is wrong, in the words of a real server."""

from typing import Any

import pytest

from kmock_k8s.cluster.crds.values import check_value


def faults(value: Any, schema: Any, base: str = '') -> list[str]:
    return [f'{cause.field}: {cause.message}' for cause in check_value(value, schema, base)]


def faults_at_x(value: Any, schema: Any) -> list[str]:
    found = faults({'x': value}, {'type': 'object', 'properties': {'x': schema}})
    return [fault.removeprefix('x: Invalid value: ') for fault in found]


@pytest.mark.parametrize(
    ('value', 'schema', 'fault'),
    [
        ('a', {'type': 'integer'}, '"string": x in body must be of type integer: "string"'),
        (1, {'type': 'string'}, '"integer": x in body must be of type string: "integer"'),
        (True, {'type': 'integer'}, '"boolean": x in body must be of type integer: "boolean"'),
        ([], {'type': 'object'}, '"array": x in body must be of type object: "array"'),
        (None, {'type': 'object'}, '"null": x in body must be of type object: "null"'),
        (True, {'x-kubernetes-int-or-string': True}, '"boolean": x in body must be of type integer,string: "boolean"'),
        (11, {'maximum': 10}, '11: x in body should be less than or equal to 10'),
        (10, {'maximum': 10, 'exclusiveMaximum': True}, '10: x in body should be less than 10'),
        (0.5, {'minimum': 1.5}, '0.5: x in body should be greater than or equal to 1.5'),
        (1, {'minimum': 1, 'exclusiveMinimum': True}, '1: x in body should be greater than 1'),
        (7, {'multipleOf': 2}, '7: x in body should be a multiple of 2'),
        ('ab', {'minLength': 3}, '"ab": x in body should be at least 3 chars long'),
        ('ABC', {'pattern': '^[a-z]+$'}, '"ABC": x in body should match \'^[a-z]+$\''),
        ('a\n', {'pattern': '^[a-z]+$'}, '"a\\n": x in body should match \'^[a-z]+$\''),
        ('nope', {'type': 'string', 'format': 'date-time'}, '"nope": x in body must be of type date-time: "nope"'),
        ([], {'minItems': 1}, '0: x in body should have at least 1 items'),
        ({}, {'minProperties': 2}, '0: x in body should have at least 2 properties'),
        ({'y': 1}, {'additionalProperties': False}, '"": x.y in body is a forbidden property'),
    ],
)
def test_what_is_wrong_with_a_value(value: Any, schema: Any, fault: str) -> None:
    assert faults_at_x(value, schema) == [fault]


@pytest.mark.parametrize(
    ('value', 'schema', 'fault'),
    [
        ('abc', {'maxLength': 2}, 'x: Too long: may not be more than 2 bytes'),
        ([1, 2], {'maxItems': 1}, 'x: Too many: 2: must have at most 1 item'),
        ({'a': 1, 'b': 2}, {'maxProperties': 1}, 'x: Too many: 2: must have at most 1 item'),
        ({}, {'required': ['y']}, 'x.y: Required value'),
        ('c', {'enum': ['a', 1]}, 'x: Unsupported value: "c": supported values: "a", "1"'),
        (
            1.5,
            {'allOf': [{'multipleOf': 1}, {}]},
            '<nil>: Invalid value: "": "x" must validate all the schemas (allOf)',
        ),
        (1, {'not': {'minimum': 0}}, '<nil>: Invalid value: "": "x" must not validate the schema (not)'),
        (
            1,
            {'oneOf': [{'minimum': 0}, {'minimum': 1}]},
            '<nil>: Invalid value: "": "x" must validate one and only one schema (oneOf). Found 2 valid alternatives',
        ),
        (
            1,
            {'anyOf': [{'minimum': 2}, {'minimum': 3}]},
            '<nil>: Invalid value: "": "x" must validate at least one schema (anyOf)',
        ),
    ],
)
def test_what_is_wrong_in_other_words(value: Any, schema: Any, fault: str) -> None:
    found = faults({'x': value}, {'properties': {'x': schema}})
    assert found[0] == fault


@pytest.mark.parametrize(
    ('value', 'schema'),
    [
        (1.0, {'type': 'integer'}),
        (1, {'type': 'number'}),
        (None, {'type': 'string', 'nullable': True}),
        ('5%', {'x-kubernetes-int-or-string': True}),
        (5, {'x-kubernetes-int-or-string': True}),
        ('abc', {'pattern': 'b'}),
        (1.0, {'enum': [1]}),
        (1, {'oneOf': [{'minimum': 2}, {'minimum': 1}]}),
        (1, {'anyOf': [{'minimum': 2}, {'minimum': 1}]}),
        ('x', {'format': 'unheard-of'}),
        ({'a': {'b': 1}}, {}),
    ],
)
def test_what_is_all_right(value: Any, schema: Any) -> None:
    assert faults_at_x(value, schema) == []


def test_a_fraction_is_no_integer_twice() -> None:
    assert faults({'x': 1.5}, {'properties': {'x': {'type': 'integer'}}}) == [
        'x: Invalid value: "number": x in body must be of type integer: "number"',
        '<nil>: Invalid value: "": Checked value must be of type integer (default format) in x',
    ]


def test_too_large_integers_are_refused() -> None:
    text = '<nil>: Invalid value: "": Checked value must be of type integer with format int32 in x'
    assert faults({'x': 2**31}, {'properties': {'x': {'type': 'integer', 'format': 'int32'}}}) == [text]


def test_paths_go_on_from_where_the_value_is() -> None:
    schema = {'properties': {'list': {'items': {'type': 'string'}}}}
    text = 'Invalid value: "integer": list[1] in body must be of type string: "integer"'
    assert faults({'list': ['a', 1]}, schema, 'status') == [f'status.list[1]: {text}']
    assert faults([1], {'items': {'type': 'string'}}, 'spec.a')[0].startswith('spec.a[0]: ')


@pytest.mark.parametrize(
    ('wanted', 'good', 'bad'),
    [
        ('date-time', '2026-01-02T03:04:05.6Z', '2026-13-02T03:04:05Z'),
        ('date', '2026-01-02', '2026-1-2'),
        ('byte', 'aGk=', 'a b'),
        ('ipv4', '10.0.0.1', '::1'),
        ('ipv6', '::1', '10.0.0.1'),
        ('cidr', '10.0.0.0/8', '10.0.0.0'),
        ('duration', '1h30m', 'soon'),
        ('email', 'a@example.com', 'a'),
        ('hostname', 'a.example.com', 'a b'),
        ('uri', 'https://example.com/', 'a b'),
        ('uuid', '01234567-89ab-cdef-0123-456789abcdef', '01234567'),
    ],
)
def test_formats_are_checked(wanted: str, good: str, bad: str) -> None:
    schema = {'type': 'string', 'format': wanted}
    assert faults_at_x(good, schema) == []
    assert faults_at_x(bad, schema) != []


@pytest.mark.parametrize('value', [1e400, -1e400, 10**400, 1e300])
def test_numbers_of_any_size_are_compared(value: float) -> None:
    schema = {'type': 'integer', 'minimum': 0, 'maximum': 10, 'multipleOf': 3}
    assert faults_at_x(value, schema) != []
    assert faults_at_x(value, {'type': 'number', 'multipleOf': 0.5}) == faults_at_x(value, {'multipleOf': 0.5})
