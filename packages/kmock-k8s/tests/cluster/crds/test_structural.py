"""Schemas that a real server refuses: where their parts can stand, and what they can say there."""

from typing import Any

import pytest

from kmock_k8s.cluster.crds.patterns import explain_pattern

ROOT = 'spec.validation.openAPIV3Schema'
EITHER = [{'type': 'integer'}, {'type': 'string'}]
NEEDED = 'this property is in x-kubernetes-list-map-keys, so it'
ITEM = {'type': 'object', 'required': ['k'], 'properties': {'k': {'type': 'string'}}}
MAP = {'type': 'array', 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['k'], 'items': ITEM}
EMBEDDED = {'type': 'object', 'x-kubernetes-embedded-resource': True, 'x-kubernetes-preserve-unknown-fields': True}


async def refusals(client: Any, schema: Any = None, **given: Any) -> list[tuple[str, str]]:
    refused = await client.define(schema, **given)
    assert client.status in {201, 422}
    return sorted((cause['field'], cause['message']) for cause in refused.get('details', {}).get('causes', []))


def at_a(schema: Any) -> Any:
    return {'type': 'object', 'properties': {'a': schema}}


@pytest.mark.parametrize(
    ('schema', 'field', 'message'),
    [
        ({'type': 'array'}, 'items', 'Required value: must be specified'),
        (
            {'type': 'string', 'pattern': '^(?!a)'},
            'pattern',
            (
                'Invalid value: "^(?!a)": must be a valid regular expression, but isn\'t: error parsing regexp: '
                'invalid or unsupported Perl syntax: `(?!`'
            ),
        ),
        (
            {'type': 'object', 'default': {'x': 1}},
            'default',
            'Invalid value: {"x":1}: must not have unknown fields',
        ),
        (
            {'type': 'array', 'items': {'type': 'object'}, 'x-kubernetes-list-type': 'set'},
            'items.x-kubernetes-map-type',
            'Invalid value: null: must be atomic as item of a list with x-kubernetes-list-type=set',
        ),
        (
            {'type': 'array', 'items': {'type': 'string'}, 'x-kubernetes-list-type': 'nope'},
            'x-kubernetes-list-type',
            'Unsupported value: "nope": supported values: "atomic", "set", "map"',
        ),
        (
            {'type': 'array', 'items': {'type': 'string', 'nullable': True}, 'x-kubernetes-list-type': 'set'},
            'items.nullable',
            'Forbidden: cannot be nullable when x-kubernetes-list-type is set',
        ),
        (
            {**MAP, 'items': {**ITEM, 'properties': {'k': {'type': 'string', 'nullable': True}}}},
            'items.properties[k].nullable',
            f'Forbidden: {NEEDED} cannot be nullable',
        ),
        (
            {**MAP, 'items': {**ITEM, 'required': []}},
            'items.properties[k].default',
            f'Required value: {NEEDED} must have a default or be a required property',
        ),
        (
            {**MAP, 'items': {**ITEM, 'properties': {'k': {'type': 'object'}}}},
            'items.properties[k].type',
            'Invalid value: "object": must be a scalar type if parent array\'s x-kubernetes-list-type is map',
        ),
        (
            {'type': 'object', 'x-kubernetes-validations': [{'rule': ' '}]},
            'x-kubernetes-validations[0].rule',
            'Required value: rule is not specified',
        ),
        (
            {'type': 'object', 'x-kubernetes-validations': [{'rule': 'true ||\ntrue'}]},
            'x-kubernetes-validations[0].message',
            'Required value: message must be specified if rule contains line breaks',
        ),
        (
            {'type': 'object', 'x-kubernetes-validations': [{'rule': 'true', 'reason': 'Nope'}]},
            'x-kubernetes-validations[0].reason',
            (
                'Unsupported value: "Nope": supported values: "FieldValueDuplicate", "FieldValueForbidden", '
                '"FieldValueInvalid", "FieldValueRequired"'
            ),
        ),
        (
            {**EMBEDDED, 'properties': {'metadata': EMBEDDED}},
            'properties[metadata].x-kubernetes-embedded-resource',
            'Forbidden: must not be used inside of resource meta',
        ),
        *(
            (
                {'type': 'object', 'anyOf': [{field: value}]},
                f'anyOf[0].{field}',
                f'Forbidden: must be {text} to be structural',
            )
            for field, value, text in (
                ('x-kubernetes-preserve-unknown-fields', True, 'false'),
                ('x-kubernetes-int-or-string', True, 'false'),
                ('x-kubernetes-validations', [{'rule': 'true'}], 'empty'),
                ('nullable', True, 'false'),
                ('additionalProperties', True, 'undefined'),
            )
        ),
        (
            {'type': 'object', 'not': {'properties': {'metadata': {}}}},
            'not.properties[metadata]',
            'Forbidden: must not be specified in a nested context',
        ),
        (
            {'x-kubernetes-int-or-string': True, 'anyOf': [*reversed(EITHER)]},
            'anyOf[1].type',
            'Forbidden: must be empty to be structural',
        ),
    ],
)
async def test_what_a_schema_can_not_say(client: Any, schema: Any, field: str, message: str) -> None:
    assert (f'{ROOT}.properties[a].{field}', message) in await refusals(client, at_a(schema))


@pytest.mark.parametrize(
    'schema',
    [
        {'type': 'string', 'x-kubernetes-int-or-string': True},
        {'x-kubernetes-int-or-string': True, 'allOf': [{'anyOf': EITHER}, {'maximum': 5}]},
        {**EMBEDDED, 'properties': {'metadata': {'type': 'object', 'properties': {'labels': {'type': 'object'}}}}},
        {'type': 'object', 'oneOf': [{'properties': {'b': {'minimum': 1}}}]},
        {'type': 'object', 'additionalProperties': {'type': 'integer', 'default': 'x'}},
        MAP,
    ],
)
async def test_what_a_schema_can_say(client: Any, schema: Any) -> None:
    assert await refusals(client, at_a(schema)) == []


@pytest.mark.parametrize(
    ('metadata', 'field', 'text'),
    [
        ({'default': {}}, '.default', 'must not be set in top-level metadata'),
        ({'properties': {'name': {'type': 'string', 'default': 'x'}}}, '.properties[name].default', None),
        ({'description': 'x'}, '', None),
        ({'required': ['name']}, '', None),
    ],
)
async def test_of_metadata_only_names_can_be_restricted(
    client: Any, metadata: Any, field: str, text: str | None
) -> None:
    only = 'must not specify anything other than name and generateName, but metadata is implicitly specified'
    text = text or ('must not be set in top-level metadata' if field else only)
    found = await refusals(client, {'type': 'object', 'properties': {'metadata': {'type': 'object', **metadata}}})
    assert found == [(f'{ROOT}.properties[metadata]{field}', f'Forbidden: {text}')]


async def test_alternatives_at_the_root_can_not_be_told_from_those_of_the_status(client: Any) -> None:
    [(field, message)] = await refusals(
        client, {'type': 'object', 'oneOf': [{'required': ['a']}]}, subresources={'status': {}}
    )
    assert field == ROOT
    assert message.startswith('Invalid value: {"ID":"","Schema":"","Ref":null,"Description":"","Type":"object",')
    assert '"OneOf":[{"ID":""' in message
    assert message.endswith(
        'Properties ExternalDocs Example XPreserveUnknownFields XValidations] fields are allowed at the root of the '
        'schema if the status subresource is enabled'
    )


@pytest.mark.parametrize(
    ('version', 'message'),
    [
        ({'deprecationWarning': 'x'}, '"x": can only be set for deprecated versions'),
        ({'deprecated': True, 'deprecationWarning': 'x' * 257}, f'"{"x" * 257}": must be <= 256 characters long'),
        (
            {'deprecated': True, 'deprecationWarning': 'é\n'},
            '"é\\n": must only contain printable UTF-8 characters; non-printable character found at index 2',
        ),
    ],
)
async def test_warnings_of_deprecation_that_could_not_be_sent(client: Any, version: Any, message: str) -> None:
    assert await refusals(client, **version) == [('spec.versions[0].deprecationWarning', f'Invalid value: {message}')]


@pytest.mark.parametrize(
    ('paths', 'message'),
    [
        (['.spec.nope'], 'Invalid value: ".spec.nope": is an invalid path: does not refer to a valid field'),
        (['.metadata.name'], 'Invalid value: ".metadata.name": is an invalid path: does not refer to a valid field'),
        (['spec.a'], 'Invalid value: "spec.a": is an invalid path: expected [ or . but got: spec'),
        ([".spec['a']"], 'Invalid value: ".spec[\'a\']": is an invalid path: array notation is not allowed'),
        (['.spec.'], 'Invalid value: ".spec.": is an invalid path: unexpected end of JSON path'),
        (
            ['.spec'],
            (
                'Invalid value: ".spec": must point to a field of type string, boolean or integer. Enum string fields '
                'and strings with formats are allowed.'
            ),
        ),
        ([''], 'Required value'),
        (['.spec.a', '.spec.a'], 'Duplicate value: ".spec.a"'),
    ],
)
async def test_objects_are_selected_only_by_values_that_the_schema_knows(
    client: Any, paths: list[str], message: str
) -> None:
    schema = {'type': 'object', 'properties': {'spec': at_a({'type': 'string'})}}
    fields = [{'jsonPath': path} for path in paths]
    place = f'spec.selectableFields[{len(paths) - 1}].jsonPath'
    assert await refusals(client, schema, selectableFields=fields) == [(place, message)]


async def test_review_versions_are_of_no_use_without_a_webhook(client: Any) -> None:
    conversion = {'strategy': 'None', 'webhook': {'conversionReviewVersions': ['v1']}}
    text = 'Forbidden: should not be set when strategy is not set to Webhook'
    assert await refusals(client, spec={'conversion': conversion}) == [
        ('spec.conversion.conversionReviewVersions', text)
    ]


@pytest.mark.parametrize(
    ('pattern', 'why'),
    [
        ('(?<=a)b', 'invalid named capture: `(?<=a)b`'),
        (r'(a)\1', r'invalid escape sequence: `\1`'),
        ('(a', 'missing closing ): `(a`'),
        ('a)', 'unexpected ): `a)`'),
        ('[a', 'missing closing ]: `[a`'),
        ('*a', 'missing argument to repetition operator: `*`'),
    ],
)
def test_patterns_that_go_does_not_understand(pattern: str, why: str) -> None:
    assert explain_pattern(pattern) == f'error parsing regexp: {why}'


@pytest.mark.parametrize(
    'pattern',
    [
        '',
        '^[a-z]([-a-z0-9]*[a-z0-9])?$',
        r'^\(x\)[)(]$',
        '[]a]',
        r'\Q(\E',
        '(?P<x>a)(?i)b',
        '[^]]x',
        r'\[a',
        '[[:alpha:]]',
    ],
)
def test_patterns_that_go_understands(pattern: str) -> None:
    assert explain_pattern(pattern) == ''
