"""The schemas of custom resources are published as ``apiextensions-apiserver`` does it, in its ``openapi/builder``."""

from typing import Any

import pytest

from kmock_k8s.api.describing import CUSTOM_VERBS, describe
from kmock_k8s.model.info import ResourceInfo
from kmock_k8s.model.resources import resource
from kmock_k8s.openapi.custom import Published, publish
from kmock_k8s.openapi.documents import document_custom, document_version

NAME = 'com.example.stable.v1.CronTab'
TEXT = {'type': 'string'}
METADATA = {'allOf': [{'$ref': '#/components/schemas/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta'}]}
BOTH = [{'type': 'integer'}, {'type': 'string'}]


def published(schema: Any, **others: Any) -> dict[str, Any]:
    return publish('stable.example.com', 'v1', 'CronTab', Published('CronTabList', schema, **others))[NAME]


def published_spec(schema: Any) -> Any:
    return published({'type': 'object', 'properties': {'spec': schema}})['properties']['spec']


def test_objects_have_the_fields_of_all_objects() -> None:
    schema = {'type': 'object', 'description': 'Jobs.', 'properties': {'spec': TEXT, 'metadata': {'type': 'object'}}}
    assert published(schema) == {
        'type': 'object',
        'description': 'Jobs.',
        'properties': {'spec': TEXT, 'apiVersion': TEXT, 'kind': TEXT, 'metadata': METADATA},
        'x-kubernetes-group-version-kind': [{'group': 'stable.example.com', 'version': 'v1', 'kind': 'CronTab'}],
    }


def test_without_a_schema_nothing_is_said_of_fields() -> None:
    kinds = [{'group': 'stable.example.com', 'version': 'v1', 'kind': 'CronTab'}]
    assert published(None) == {'type': 'object', 'x-kubernetes-group-version-kind': kinds}


def test_a_list_has_a_kind_of_its_own() -> None:
    made = publish('stable.example.com', 'v1', 'CronTab', Published('CronTabs'))['com.example.stable.v1.CronTabs']
    assert made['x-kubernetes-group-version-kind'][0]['kind'] == 'CronTabs'
    assert made['required'] == ['items']
    assert made['properties']['items']['items'] == {'$ref': f'#/components/schemas/{NAME}'}


def test_selectable_fields_are_told() -> None:
    made = published({'type': 'object'}, selectable=('spec.color', 'spec.size'))
    assert made['x-kubernetes-selectable-fields'] == [{'fieldPath': 'spec.color'}, {'fieldPath': 'spec.size'}]


@pytest.mark.parametrize(
    ('schema', 'shown'),
    [
        ({'x-kubernetes-int-or-string': True}, {'anyOf': BOTH}),
        ({'x-kubernetes-int-or-string': True, 'anyOf': BOTH}, {'anyOf': BOTH}),
        (
            {'x-kubernetes-int-or-string': True, 'anyOf': [{'pattern': 'a'}], 'allOf': [{'pattern': 'b'}]},
            {'anyOf': [{'pattern': 'a'}], 'allOf': [{'anyOf': BOTH}, {'pattern': 'b'}]},
        ),
        (
            {'x-kubernetes-int-or-string': True, 'allOf': [{'anyOf': BOTH}]},
            {'allOf': [{'anyOf': BOTH}]},
        ),
    ],
)
def test_what_may_be_a_number_or_a_text_says_so(schema: Any, shown: Any) -> None:
    assert published_spec(schema) == {'x-kubernetes-int-or-string': True, **shown}


@pytest.mark.parametrize('place', ['properties', 'items', 'additionalProperties'])
def test_embedded_resources_have_the_fields_of_all_objects(place: str) -> None:
    embedded = {'type': 'object', 'x-kubernetes-embedded-resource': True, 'required': ['spec', 'kind']}
    schema = {'properties': {'a': embedded}} if place == 'properties' else {place: embedded}
    made = published_spec(schema)[place]
    made = made['a'] if place == 'properties' else made
    assert made['properties'] == {'apiVersion': TEXT, 'kind': TEXT, 'metadata': METADATA}
    assert made['required'] == ['spec', 'kind', 'apiVersion']


@pytest.mark.parametrize('key', ['additionalProperties', 'default'])
def test_a_false_value_that_says_something_is_kept(key: str) -> None:
    assert published_spec({'nullable': False, 'title': '', key: False}) == {key: False}


def test_a_limit_of_zero_is_told() -> None:
    schema = {'type': 'integer', 'minimum': 0, 'exclusiveMinimum': False}
    assert published_spec(schema) == {'type': 'integer', 'minimum': 0}


def test_a_definition_is_not_changed_by_being_published() -> None:
    schema: Any = {'properties': {'a': {'x-kubernetes-embedded-resource': True, 'x-kubernetes-int-or-string': True}}}
    before = repr(schema)
    published(schema)
    assert repr(schema) == before


def test_the_paths_are_those_of_the_scope() -> None:
    namespaced = ResourceInfo(kind='CronTab', namespaced=True, verbs=CUSTOM_VERBS, subresources=['status', 'scale'])
    of_cluster = ResourceInfo(kind='Zone', namespaced=False, verbs=CUSTOM_VERBS)
    items = [
        (describe(resource('stable.example.com', 'v1', plural), info), Published(f'{info.kind}List'))
        for plural, info in {'crontabs': namespaced, 'zones': of_cluster}.items()
    ]
    root, inside = '/apis/stable.example.com/v1', '/apis/stable.example.com/v1/namespaces/{namespace}/crontabs'
    document = document_custom('stable.example.com', 'v1', items)
    assert {path: sorted({*item} - {'parameters'}) for path, item in document['paths'].items()} == {
        f'{root}/crontabs': ['get'],
        inside: ['delete', 'get', 'post'],
        f'{inside}/{{name}}': ['delete', 'get', 'patch', 'put'],
        f'{inside}/{{name}}/scale': ['get', 'patch', 'put'],
        f'{inside}/{{name}}/status': ['get', 'patch', 'put'],
        f'{root}/zones': ['delete', 'get', 'post'],
        f'{root}/zones/{{name}}': ['delete', 'get', 'patch', 'put'],
    }
    assert [name for name in document['components']['schemas'] if name.startswith('com.')] == [
        'com.example.stable.v1.CronTab', 'com.example.stable.v1.CronTabList',
        'com.example.stable.v1.Zone', 'com.example.stable.v1.ZoneList',
    ]  # fmt: skip


def test_custom_resources_of_a_built_in_version_are_added_to_its_document() -> None:
    info = ResourceInfo(kind='Extra', namespaced=True, verbs=CUSTOM_VERBS)
    builtin = document_version('policy', 'v1', [], '1.36')
    one = describe(resource('policy', 'v1', 'extras'), info)
    made = document_custom('policy', 'v1', [(one, Published('ExtraList'))], builtin)
    assert made['info'] == builtin['info']
    assert {*builtin['paths'], '/apis/policy/v1/extras'} <= {*made['paths']}
    assert {*builtin['components']['schemas'], 'policy.v1.Extra'} <= {*made['components']['schemas']}
