"""Definitions that are refused, and why."""

from typing import Any

import pytest

SCHEMA = 'spec.validation.openAPIV3Schema'
VERSION = {'name': 'v1', 'served': True, 'storage': True, 'schema': {'openAPIV3Schema': {'type': 'object'}}}

ONLY_NAMES = 'must not specify anything other than name and generateName, but metadata is implicitly specified'
LABELS = {'type': 'object'}
SHOWN = (
    '[{"Name":"v1","Served":true,"Storage":true,"Deprecated":false,"DeprecationWarning":null,"Schema":null,'
    '"Subresources":null,"AdditionalPrinterColumns":null,"SelectableFields":null},'
    '{"Name":"v1","Served":true,"Storage":false,"Deprecated":false,"DeprecationWarning":null,"Schema":null,'
    '"Subresources":null,"AdditionalPrinterColumns":null,"SelectableFields":null}]'
)
UNAPPROVED = (
    'Required value: protected groups must have approval annotation "api-approved.kubernetes.io", see '
    'https://github.com/kubernetes/enhancements/pull/1111'
)


async def refusals(client: Any, schema: Any = None, **given: Any) -> list[tuple[str, str]]:
    refused = await client.define(schema, **given)
    assert client.status in {201, 422}
    return sorted((cause['field'], cause['message']) for cause in refused.get('details', {}).get('causes', []))


@pytest.mark.parametrize(
    ('spec', 'causes'),
    [
        ({'scope': 'Nope'}, [('spec.scope', 'Unsupported value: "Nope": supported values: "Cluster", "Namespaced"')]),
        ({'group': 'plain'}, [('spec.group', 'Invalid value: "plain": should be a domain with at least one dot')]),
        (
            {'names': {'plural': 'widgets', 'kind': 'Widget', 'listKind': 'Widget'}},
            [('spec.names.listKind', 'Invalid value: "Widget": kind and listKind may not be the same')],
        ),
        (
            {'group': 'x.k8s.io'},
            [('metadata.annotations[api-approved.kubernetes.io]', UNAPPROVED)],
        ),
        (
            {'versions': [VERSION, {**VERSION, 'storage': False}]},
            [('spec.versions', f'Invalid value: {SHOWN}: must contain unique version names')],
        ),
        (
            {'conversion': {'strategy': 'Nope'}},
            [('spec.conversion.strategy', 'Unsupported value: "Nope": supported values: "None", "Webhook"')],
        ),
    ],
)
async def test_definitions_are_refused_for_what_is_in_their_spec(client: Any, spec: Any, causes: Any) -> None:
    assert await refusals(client, spec=spec) == causes


@pytest.mark.parametrize(
    ('version', 'causes'),
    [
        (
            {'additionalPrinterColumns': [{'name': 'x', 'type': 'nope', 'jsonPath': 'spec.x'}]},
            [
                (
                    'spec.additionalPrinterColumns[0].JSONPath',
                    'Invalid value: "spec.x": must be a simple json path starting with .',
                ),
                (
                    'spec.additionalPrinterColumns[0].type',
                    'Invalid value: "nope": must be one of boolean,date,integer,number,string',
                ),
            ],
        ),
        (
            {'subresources': {'scale': {'specReplicasPath': '.x', 'statusReplicasPath': '.status.replicas'}}},
            [('spec.subresources.scale.specReplicasPath', 'Invalid value: ".x": should be a json path under .spec')],
        ),
    ],
)
async def test_definitions_are_refused_for_what_is_in_their_versions(client: Any, version: Any, causes: Any) -> None:
    assert await refusals(client, **version) == causes


@pytest.mark.parametrize(
    ('schema', 'field', 'message'),
    [
        ({'properties': {}}, 'type', 'Required value: must not be empty at the root'),
        (
            {'type': 'object', 'properties': {'a': {}}},
            'properties[a].type',
            'Required value: must not be empty for specified object fields',
        ),
        (
            {'type': 'object', 'properties': {'a': {'type': 'array', 'items': {}}}},
            'properties[a].items.type',
            'Required value: must not be empty for specified array items',
        ),
        (
            {'type': 'object', 'properties': {'a': {'type': 'integer', 'default': 'x'}}},
            'properties[a].default',
            'Invalid value: "string":  in body must be of type integer: "string"',
        ),
        (
            {'type': 'object', 'additionalProperties': {'type': 'string'}},
            'additionalProperties',
            'Forbidden: must not be used at the root',
        ),
        (
            {'type': 'object', 'properties': {'a': {'type': 'string', 'anyOf': [{'type': 'string'}]}}},
            'properties[a].anyOf[0].type',
            'Forbidden: must be empty to be structural',
        ),
        (
            {'type': 'object', 'oneOf': [{'properties': {'a': {'minimum': 1}}}]},
            'properties[a]',
            f'Required value: because it is defined in {SCHEMA}.oneOf[0].properties[a]',
        ),
        (
            {
                'type': 'object',
                'properties': {'a': {'type': 'array', 'x-kubernetes-list-type': 'map', 'items': {'type': 'object'}}},
            },
            'properties[a].x-kubernetes-list-map-keys',
            'Required value: must not be empty if x-kubernetes-list-type is map',
        ),
        (
            {
                'type': 'object',
                'properties': {'a': {'type': 'array', 'uniqueItems': True, 'items': {'type': 'string'}}},
            },
            'properties[a].uniqueItems',
            'Forbidden: uniqueItems cannot be set to true since the runtime complexity becomes quadratic',
        ),
        (
            {
                'type': 'object',
                'properties': {'metadata': {'type': 'object', 'properties': {'labels': LABELS}}},
            },
            'properties[metadata]',
            f'Forbidden: {ONLY_NAMES}',
        ),
    ],
)
async def test_schemas_that_are_not_structural_are_refused(client: Any, schema: Any, field: str, message: str) -> None:
    assert await refusals(client, schema) == [(f'{SCHEMA}.{field}', message)]


async def test_schemas_that_differ_are_told_by_their_versions(client: Any) -> None:
    other = {**VERSION, 'name': 'v2', 'storage': False, 'schema': {'openAPIV3Schema': {'type': 'string'}}}
    found = await refusals(client, spec={'versions': [VERSION, other]})
    text = 'Invalid value: "string": must be object at the root'
    assert found == [('spec.versions[1].schema.openAPIV3Schema.type', text)]


async def test_the_alternatives_of_integers_or_strings_are_all_right(client: Any) -> None:
    either = {'x-kubernetes-int-or-string': True, 'anyOf': [{'type': 'integer'}, {'type': 'string'}]}
    assert await refusals(client, {'type': 'object', 'properties': {'a': either}}) == []
    await client.create()
    assert client.status == 201


async def test_what_is_established_keeps_its_names(client: Any) -> None:
    await client.define()
    url = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/widgets.example.com'
    refused = await client.merge(url, {'spec': {'scope': 'Cluster', 'names': {'kind': 'Other'}}})
    assert client.status == 422
    assert {cause['field']: cause['message'].rpartition(': ')[2] for cause in refused['details']['causes']} == {
        'spec.scope': 'field is immutable',
        'spec.names.kind': 'field is immutable',
    }


async def test_rules_that_are_not_evaluated_are_warned_of(client: Any) -> None:
    rules = {'x-kubernetes-validations': [{'rule': 'self.a > 1'}]}
    await client.define({'type': 'object', 'properties': {'spec': {'type': 'object', **rules}}})
    assert client.status == 201
    place = 'spec.versions[0].schema.openAPIV3Schema.properties[spec].x-kubernetes-validations'
    assert client.warnings == [f'{place}: CEL rules are not evaluated by this server']


@pytest.mark.parametrize(
    'schema',
    [
        {'type': 'array', 'items': {'type': 'string', 'maxLength': 'long'}},
        {'type': 'object', 'additionalProperties': {'type': 'string', 'enum': 'all'}},
        {'type': 'object', 'properties': {'x': 5}},
    ],
)
async def test_schemas_are_decoded_down_to_the_bottom(client: Any, schema: Any) -> None:
    await client.define({'type': 'object', 'properties': {'a': schema}})
    assert client.status == 400
