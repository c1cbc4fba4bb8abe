"""Custom resources in the OpenAPI v2 document: simpler than their schemas, as kubectl would refuse too much else."""

import json
from typing import Any

import pytest

from kmock_k8s.api.describing import describe
from kmock_k8s.model.info import ResourceInfo
from kmock_k8s.model.resources import resource
from kmock_k8s.openapi.custom import Published
from kmock_k8s.openapi.serving import Source
from kmock_k8s.openapi.swagger_custom import define_custom
from kmock_k8s.openapi.together import JSON, Together

META = '#/definitions/io.k8s.apimachinery.pkg.apis.meta.v1.'
TYPED = {'apiVersion': {'type': 'string'}, 'kind': {'type': 'string'}, 'metadata': {'$ref': f'{META}ObjectMeta'}}


def define(**schema: Any) -> dict[str, Any]:
    return define_custom('example.com', 'v1', 'Widget', Published('WidgetList', schema))['com.example.v1.Widget']


def define_field(**schema: Any) -> dict[str, Any]:
    found: dict[str, Any] = define(type='object', properties={'field': schema})['properties']['field']
    return found


def test_a_definition_tells_its_kind_and_has_metadata() -> None:
    found = define(type='object', description='A widget.', properties={'spec': {'type': 'object'}})
    assert found == {
        'type': 'object',
        'description': 'A widget.',
        'properties': {'spec': {'type': 'object'}, **TYPED},
        'x-kubernetes-group-version-kind': [{'group': 'example.com', 'version': 'v1', 'kind': 'Widget'}],
    }


def test_a_resource_without_schema_has_any_fields() -> None:
    found = define_custom('example.com', 'v1', 'Widget', Published('WidgetList'))['com.example.v1.Widget']
    assert found.keys() == {'type', 'x-kubernetes-group-version-kind'}


def test_a_resource_that_keeps_all_fields_has_any_fields() -> None:
    found = define(**{'type': 'object', 'x-kubernetes-preserve-unknown-fields': True, 'properties': {'spec': {}}})
    assert found.keys() == {'type', 'x-kubernetes-group-version-kind'}


SIMPLER: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({'type': 'string', 'enum': ['a'], 'pattern': 'a'}, {'type': 'string', 'enum': ['a'], 'pattern': 'a'}),
    ({'type': 'string', 'default': 'a', 'anyOf': [{}], 'allOf': [{}]}, {'type': 'string'}),
    ({'type': 'string', 'oneOf': [{}], 'not': {}}, {'type': 'string'}),
    ({'type': 'integer', 'minimum': 0, 'exclusiveMinimum': False}, {'type': 'integer', 'minimum': 0}),
    ({'type': 'string', 'nullable': True}, {}),
    ({'type': 'object', 'nullable': True, 'properties': {'a': {'type': 'string'}}}, {}),
    ({'type': 'array', 'nullable': True, 'items': {'type': 'string'}}, {}),
    ({'type': 'array', 'items': {'type': 'string'}}, {'type': 'array', 'items': {'type': 'string'}}),
    (
        {'type': 'object', 'x-kubernetes-preserve-unknown-fields': True, 'properties': {'a': {'type': 'string'}}},
        {'x-kubernetes-preserve-unknown-fields': True},
    ),
    (
        {'type': 'array', 'x-kubernetes-preserve-unknown-fields': True, 'items': {'type': 'string'}},
        {'x-kubernetes-preserve-unknown-fields': True},
    ),
    ({'x-kubernetes-int-or-string': True, 'anyOf': [{}]}, {'x-kubernetes-int-or-string': True}),
    ({'type': 'object', 'additionalProperties': True}, {'type': 'object', 'additionalProperties': True}),
    (
        {'type': 'object', 'additionalProperties': {'type': 'string', 'default': ''}},
        {'type': 'object', 'additionalProperties': {'type': 'string'}},
    ),
    (
        {'type': 'object', 'required': ['a', 'b'], 'properties': {'a': {'type': 'string', 'nullable': True}}},
        {'type': 'object', 'required': ['b'], 'properties': {'a': {}}},
    ),
    (
        {'type': 'object', 'required': ['a'], 'additionalProperties': {'type': 'string', 'nullable': True}},
        {'type': 'object', 'additionalProperties': {}},
    ),
    (
        {'x-kubernetes-embedded-resource': True, 'required': ['kind']},
        {'x-kubernetes-embedded-resource': True, 'required': ['kind', 'apiVersion'], 'properties': TYPED},
    ),
    (
        {'type': 'object', 'x-kubernetes-embedded-resource': True, 'x-kubernetes-preserve-unknown-fields': True},
        {'x-kubernetes-embedded-resource': True, 'x-kubernetes-preserve-unknown-fields': True},
    ),
]
"""Schemas of fields, and what is told of them."""


@pytest.mark.parametrize(('schema', 'expected'), SIMPLER)
def test_what_this_version_has_no_words_for_is_left_out(schema: dict[str, Any], expected: dict[str, Any]) -> None:
    assert define_field(**schema) == expected


def test_the_document_has_the_paths_and_definitions_of_custom_resources() -> None:
    info = ResourceInfo(kind='Widget', namespaced=True, subresources={'status'})
    item = describe(resource('example.com/v1/widgets'), info)
    published = Published('WidgetList', {'type': 'object'}, ('spec.size',))
    source = Source('apis/example.com/v1', 'example.com', 'v1', (), ((item, published),), '1.36')
    document = json.loads(Together([source]).encode(JSON))
    root = '/apis/example.com/v1/namespaces/{namespace}/widgets'
    assert {*document['paths']} == {'/apis/example.com/v1/widgets', root, f'{root}/{{name}}', f'{root}/{{name}}/status'}
    patch = document['paths'][f'{root}/{{name}}']['patch']
    assert patch['consumes'] == [
        'application/json-patch+json',
        'application/merge-patch+json',
        'application/apply-patch+yaml',
    ]
    assert patch['x-kubernetes-group-version-kind'] == {'group': 'example.com', 'version': 'v1', 'kind': 'Widget'}
    definitions = document['definitions']
    assert definitions['com.example.v1.Widget']['x-kubernetes-selectable-fields'] == [{'fieldPath': 'spec.size'}]
    assert definitions['com.example.v1.WidgetList']['properties']['metadata'] == {'$ref': f'{META}ListMeta'}
    assert 'io.k8s.apimachinery.pkg.apis.meta.v1.OwnerReference' in definitions
