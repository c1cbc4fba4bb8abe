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
    assert faults({'x': 2**63}, {'properties': {'x': {'type': 'integer', 'format': 'int64'}}}) == [
        'x: Invalid value: "number": x in body must be of type integer: "number"',
        '<nil>: Invalid value: "": Checked value must be of type integer (default format) in x',
    ]


def test_a_server_takes_no_notice_of_the_formats_of_numbers() -> None:
    assert faults_at_x(2**31, {'type': 'integer', 'format': 'int32'}) == []


@pytest.mark.parametrize(('value', 'shown'), [(5, 'int64'), (1.5, 'float64'), (True, ''), ({}, '')])
def test_what_is_no_text_at_all_is_not_of_its_format(value: Any, shown: str) -> None:
    text = f'Invalid value: "{shown}": x in body must be of type date-time: "{shown}"'
    assert faults({'x': value}, {'properties': {'x': {'type': 'string', 'format': 'date-time'}}}) == [f'x: {text}']


def test_of_alternatives_that_fail_the_one_is_explained_that_says_the_most() -> None:
    known = {'properties': {'a': {'minimum': 9}, 'b': {'minimum': 9}}, 'required': ['c']}
    found = faults({'a': 1, 'b': 1}, {'oneOf': [{'required': ['d']}, known]})
    assert [fault.partition(':')[0] for fault in found] == ['<nil>', 'a', 'b', 'c']
    found = faults({}, {'anyOf': [{'required': ['a', 'b']}, {'required': ['c']}]})
    assert [fault.partition(':')[0] for fault in found] == ['<nil>', 'a', 'b']


def test_paths_go_on_from_where_the_value_is() -> None:
    schema = {'properties': {'list': {'items': {'type': 'string'}}}}
    text = 'Invalid value: "integer": list[1] in body must be of type string: "integer"'
    assert faults({'list': ['a', 1]}, schema, 'status') == [f'status.list[1]: {text}']
    assert faults([1], {'items': {'type': 'string'}}, 'spec.a')[0].startswith('spec.a[0]: ')


@pytest.mark.parametrize(
    ('wanted', 'text'),
    [
        ('bsonobjectid', '0123456789abcdef01234567'),
        ('byte', 'aGk='),
        ('cidr', '10.0.0.0/8'),
        ('cidr', '::/0'),
        ('credit-card', '4111 1111 1111 1111'),
        ('date', '2026-01-02'),
        ('date-time', '2026-01-02T03:04:05Z'),
        ('date-time', '2026-01-02t03:04:05.6+02:00'),
        ('duration', '0'),
        ('duration', '1h30m'),
        ('duration', '-1.5h'),
        ('duration', '22 ns'),
        ('duration', '2 weeks 1 day'),
        ('email', 'a@b'),
        ('email', 'a.b+c@example.com'),
        ('email', 'Bob <bob@example.com>'),
        ('hexcolor', '#fff'),
        ('hexcolor', '00ff00'),
        ('hostname', 'host'),
        ('hostname', 'my-host.example.com'),
        ('hostname', 'bücher.example.com'),
        ('ipv4', '10.0.0.1'),
        ('ipv4', '010.0.0.1'),
        ('ipv4', '::ffff:1.2.3.4'),
        ('ipv6', '::1'),
        ('isbn', '0321751043'),
        ('isbn', '978-0321751041'),
        ('isbn10', '080442957X'),
        ('k8s-short-name', 'a-b'),
        ('k8s-long-name', 'a-b.c'),
        ('mac', '01:23:45:67:89:ab'),
        ('mac', '0123.4567.89ab'),
        ('mac', '01-23-45-67-89-ab-cd-ef'),
        ('password', ''),
        ('rgbcolor', 'rgb(255, 0,1)'),
        ('ssn', '111-22-3333'),
        ('uri', 'https://[::1]:80/a?b'),
        ('uri', '/a'),
        ('uri', 'mailto:x@y'),
        ('uri', '*'),
        ('uuid', '01234567-89ab-cdef-0123-456789ABCDEF'),
        ('uuid', '0123456789abcdef0123456789abcdef'),
        ('uuid3', '01234567-89ab-3def-0123-456789abcdef'),
        ('uuid4', '01234567-89ab-4def-8123-456789abcdef'),
        ('uuid5', '01234567-89ab-5def-b123-456789abcdef'),
    ],
)
def test_what_is_of_a_format(wanted: str, text: str) -> None:
    assert faults_at_x(text, {'type': 'string', 'format': wanted}) == []


@pytest.mark.parametrize(
    ('wanted', 'text'),
    [
        ('bsonobjectid', '0123'),
        ('byte', 'a b'),
        ('byte', ''),
        ('cidr', '10.0.0.0'),
        ('cidr', '10.0.0.0/255.0.0.0'),
        ('cidr', '10.0.0.0/33'),
        ('credit-card', '4111111111111112'),
        ('date', '2026-1-2'),
        ('date', '2026-02-30'),
        ('date-time', '2026-13-02T03:04:05Z'),
        ('date-time', '2026-01-02T03:04:05'),
        ('date-time', '2026-01-02 03:04:05Z'),
        ('date-time', '2026-01-02T03:04:60Z'),
        ('duration', 'soon'),
        ('duration', '1 fortnight'),
        ('duration', ''),
        ('email', 'a'),
        ('email', 'a..b@c'),
        ('email', '@b'),
        ('hexcolor', '#ffff'),
        ('hostname', 'a b'),
        ('hostname', 'my-host'),
        ('hostname', 'a_b.example.com'),
        ('hostname', 'a.example.com.'),
        ('hostname', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.com'),
        ('ipv4', '::1'),
        ('ipv4', '256.0.0.1'),
        ('ipv6', '10.0.0.1'),
        ('ipv6', 'fe80::1%eth0'),
        ('isbn', '0321751044'),
        ('isbn', '978-0321751042'),
        ('isbn10', '978-0321751041'),
        ('k8s-short-name', 'A'),
        ('k8s-short-name', 'a.b'),
        ('k8s-long-name', 'a..b'),
        ('mac', '01:23-45:67:89:ab'),
        ('rgbcolor', 'rgb(256,0,0)'),
        ('ssn', '11122333'),
        ('uri', 'a b'),
        ('uri', 'example.com'),
        ('uri', 'http://a b/'),
        ('uri', '/%zz'),
        ('uri', ''),
        ('uuid', '01234567'),
        ('uuid3', '01234567-89ab-4def-0123-456789abcdef'),
        ('uuid4', '01234567-89ab-4def-0123-456789abcdef'),
        ('uuid5', '01234567-89ab-5def-0123-456789abcdef'),
    ],
)
def test_what_is_not_of_a_format(wanted: str, text: str) -> None:
    message = f'Invalid value: "{text}": x in body must be of type {wanted}: "{text}"'
    assert faults({'x': text}, {'properties': {'x': {'type': 'string', 'format': wanted}}}) == [f'x: {message}']


@pytest.mark.parametrize('value', [1e400, -1e400, 10**400, 1e300])
def test_numbers_of_any_size_are_compared(value: float) -> None:
    schema = {'type': 'integer', 'minimum': 0, 'maximum': 10, 'multipleOf': 3}
    assert faults_at_x(value, schema) != []
    assert faults_at_x(value, {'type': 'number', 'multipleOf': 0.5}) == faults_at_x(value, {'multipleOf': 0.5})
