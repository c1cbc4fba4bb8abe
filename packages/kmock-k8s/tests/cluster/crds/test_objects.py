"""Objects of custom resources: what is added, removed, and refused, by their schemas."""

import json
from typing import Any

import pytest

DEFINITION = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/widgets.example.com'
WIDGETS = '/apis/example.com/v1/namespaces/default/widgets'


def with_spec(**fields: Any) -> dict[str, Any]:
    return {'type': 'object', 'properties': {'spec': {'type': 'object', 'properties': fields}}}


def resource_version(found: Any) -> int:
    return int(found['metadata']['resourceVersion'])


# ---- What is added and removed. ----


async def test_what_is_missing_is_filled_by_the_defaults(client: Any) -> None:
    below = {'type': 'object', 'default': {}, 'properties': {'on': {'type': 'boolean', 'default': True}}}
    await client.define(with_spec(opts=below, size={'type': 'integer', 'default': 3}))
    assert (await client.create({}))['spec'] == {'opts': {'on': True}, 'size': 3}
    assert 'spec' not in await client.create(name='other')


async def test_unknown_fields_are_removed_with_warnings(client: Any) -> None:
    await client.define(with_spec(a={'type': 'object', 'properties': {}}))
    made = await client.create({'a': {'x': 1}, 'nope': 1}, nope=1)
    assert client.warnings == [
        'unknown field "metadata.nope"',
        'unknown field "spec.a.x"',
        'unknown field "spec.nope"',
    ]
    assert made['spec'] == {'a': {}}
    assert 'nope' not in made['metadata']


async def test_unknown_fields_are_removed_silently_or_refused_if_asked_for(client: Any) -> None:
    await client.define(with_spec())
    content = {'apiVersion': 'example.com/v1', 'kind': 'Widget', 'metadata': {'name': 'w'}, 'spec': {'nope': 1}}
    refused = await client.ask('POST', f'{WIDGETS}?fieldValidation=Strict', content)
    assert (client.status, refused['message'].rpartition(': ')[2]) == (400, 'unknown field "spec.nope"')
    made = await client.ask('POST', f'{WIDGETS}?fieldValidation=Ignore', content)
    assert (made['spec'], client.warnings) == ({}, [])
    await client.merge(f'{WIDGETS}/w', {'spec': {'nope': 2}})
    assert (client.status, client.warnings) == (200, ['unknown field "spec.nope"'])


async def test_unknown_fields_are_kept_where_the_schema_says_so(client: Any) -> None:
    await client.define(with_spec(free={'type': 'object', 'x-kubernetes-preserve-unknown-fields': True}))
    made = await client.create({'free': {'a': [{'b': None}]}})
    assert (made['spec'], client.warnings) == ({'free': {'a': [{'b': None}]}}, [])


async def test_embedded_resources_keep_what_all_resources_have(client: Any) -> None:
    one = {'type': 'object', 'x-kubernetes-embedded-resource': True, 'properties': {'data': {'type': 'string'}}}
    await client.define(with_spec(one=one))
    content = {'apiVersion': 'v1', 'kind': 'Any', 'metadata': {'name': 'x'}, 'data': 'y', 'nope': 1}
    made = await client.create({'one': content})
    assert client.warnings == ['unknown field "spec.one.nope"']
    assert made['spec']['one'] == {'apiVersion': 'v1', 'kind': 'Any', 'metadata': {'name': 'x'}, 'data': 'y'}


async def test_fields_of_objects_are_sorted(client: Any) -> None:
    await client.define()
    response = await client.mock.post(
        WIDGETS,
        json={'kind': 'Widget', 'spec': {'b': 1, 'a': 2}, 'metadata': {'name': 'w'}, 'apiVersion': 'example.com/v1'},
    )
    found = json.loads(await response.text())
    assert list(found) == ['apiVersion', 'kind', 'metadata', 'spec']
    assert list(found['spec']) == ['a', 'b']


# ---- What is refused. ----


async def test_values_that_are_not_as_the_schema_says_are_refused(client: Any) -> None:
    await client.define(with_spec(size={'type': 'integer', 'minimum': 1}))
    refused = await client.create({'size': 0})
    assert client.status == 422
    text = 'Invalid value: 0: spec.size in body should be greater than or equal to 1'
    assert refused['message'] == f'Widget.example.com "w" is invalid: spec.size: {text}'
    assert refused['details']['causes'] == [{'reason': 'FieldValueInvalid', 'message': text, 'field': 'spec.size'}]


@pytest.mark.parametrize(
    ('schema', 'items', 'field', 'shown'),
    [
        ({'x-kubernetes-list-type': 'set', 'items': {'type': 'string'}}, ['a', 'b', 'a'], 'spec.list[2]', '"a"'),
        (
            {
                'x-kubernetes-list-type': 'map',
                'x-kubernetes-list-map-keys': ['port', 'proto'],
                'items': {
                    'type': 'object',
                    'required': ['port'],
                    'properties': {'port': {'type': 'integer'}, 'proto': {'type': 'string', 'default': 'TCP'}},
                },
            },
            [{'port': 1}, {'port': 1, 'proto': 'UDP'}, {'port': 1, 'proto': 'TCP'}],
            'spec.list[2]',
            '{"port":1,"proto":"TCP"}',
        ),
    ],
)
async def test_sets_and_maps_have_nothing_twice(client: Any, schema: Any, items: Any, field: str, shown: str) -> None:
    await client.define(with_spec(list={'type': 'array', **schema}))
    assert await client.causes({'list': items}) == [(field, f'Duplicate value: {shown}')]


@pytest.mark.parametrize(
    ('given', 'causes'),
    [
        (
            {},
            [
                ('spec.one.apiVersion', 'Required value'),
                ('spec.one.kind', 'Required value'),
            ],
        ),
        (
            {'apiVersion': 'a/b/c', 'kind': 'Any'},
            [('spec.one.apiVersion', 'Invalid value: "a/b/c": unexpected GroupVersion string: a/b/c')],
        ),
        ({'apiVersion': 'v1', 'kind': ''}, [('spec.one.kind', 'Invalid value: "": must not be empty')]),
        (
            {'apiVersion': 'v1', 'kind': 'Any', 'metadata': {'name': 'a/b', 'labels': {'/': 'x'}}},
            [
                (
                    'spec.one.metadata.labels',
                    'Invalid value: "/": name part must be non-empty',
                ),
                (
                    'spec.one.metadata.labels',
                    (
                        "Invalid value: \"/\": name part must consist of alphanumeric characters, '-', '_' or '.', and "
                        "must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or "
                        "'123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"
                    ),
                ),
                ('spec.one.metadata.labels', 'Invalid value: "/": prefix part must be non-empty'),
                ('spec.one.metadata.name', 'Invalid value: "a/b": may not contain \'/\''),
            ],
        ),
    ],
)
async def test_embedded_resources_say_what_they_are(client: Any, given: Any, causes: Any) -> None:
    keeps = {'x-kubernetes-preserve-unknown-fields': True}
    await client.define(with_spec(one={'type': 'object', 'x-kubernetes-embedded-resource': True, **keeps}))
    assert await client.causes({'one': given}) == causes


async def test_objects_of_another_kind_are_refused(client: Any) -> None:
    await client.define()
    refused = await client.ask(
        'POST', WIDGETS, {'apiVersion': 'example.com/v1', 'kind': 'Nope', 'metadata': {'name': 'x'}}
    )
    assert client.status == 422
    assert refused['message'] == 'Nope.example.com "x" is invalid: kind: Invalid value: "Nope": must be Widget'


async def test_objects_without_a_kind_are_refused(client: Any) -> None:
    await client.define()
    refused = await client.ask('POST', WIDGETS, {'metadata': {'name': 'x'}})
    assert client.status == 400
    assert "Object 'Kind' is missing in" in refused['message']


async def test_an_update_has_to_say_what_it_is_an_update_of(client: Any) -> None:
    await client.define()
    made = await client.create({'a': 1})
    del made['metadata']['resourceVersion']
    refused = await client.ask('PUT', f'{WIDGETS}/w', made)
    text = 'metadata.resourceVersion: Invalid value: 0: must be specified for an update'
    assert (client.status, refused['message']) == (422, f'widgets.example.com "w" is invalid: {text}')


async def test_finalizers_without_a_domain_are_warned_of_once(client: Any) -> None:
    await client.define()
    await client.create(finalizers=['plain', 'example.com/f'])
    [warning] = client.warnings
    assert warning.startswith('metadata.finalizers: "plain": prefer a domain-qualified finalizer name')
    await client.merge(f'{WIDGETS}/w', {'metadata': {'labels': {'a': 'b'}}})
    assert client.warnings == []


# ---- Subresources. ----


async def test_the_status_is_written_apart_if_it_is_a_subresource(client: Any) -> None:
    await client.define(subresources={'status': {}})
    made = await client.create({'a': 1})
    assert 'status' not in await client.merge(f'{WIDGETS}/w', {'status': {'phase': 'x'}})
    found = await client.merge(f'{WIDGETS}/w/status', {'status': {'phase': 'x'}, 'spec': {'a': 2}})
    assert (found['status'], found['spec'], found['metadata']['generation']) == ({'phase': 'x'}, {'a': 1}, 1)
    assert resource_version(found) > resource_version(made)


async def test_the_status_is_a_field_as_any_other_without_a_subresource(client: Any) -> None:
    await client.define()
    await client.create({'a': 1})
    found = await client.merge(f'{WIDGETS}/w', {'status': {'phase': 'x'}})
    assert (found['status'], found['metadata']['generation']) == ({'phase': 'x'}, 2)
    refused = await client.ask('GET', f'{WIDGETS}/w/status')
    assert (client.status, refused['message']) == (404, 'widgets.example.com "w" not found')


async def test_faults_of_the_status_are_told_by_their_place_in_it(client: Any) -> None:
    status = {'type': 'object', 'properties': {'phase': {'type': 'string'}}}
    await client.define({'type': 'object', 'properties': {'status': status}}, subresources={'status': {}})
    await client.create()
    refused = await client.merge(f'{WIDGETS}/w/status', {'status': {'phase': 5}})
    text = 'Invalid value: "integer": phase in body must be of type string: "integer"'
    assert refused['details']['causes'] == [
        {'reason': 'FieldValueTypeInvalid', 'message': text, 'field': 'status.phase'}
    ]


@pytest.mark.parametrize(('method', 'verb'), [('POST', 'create'), ('DELETE', 'delete')])
async def test_a_status_is_not_created_nor_deleted(client: Any, method: str, verb: str) -> None:
    await client.define(subresources={'status': {}})
    await client.create()
    refused = await client.ask(method, f'{WIDGETS}/w/status')
    assert client.status == 405
    assert refused['message'] == f'{verb} is not supported on resources of kind "widgets.example.com"'


# ---- Selecting. ----


async def test_objects_are_selected_by_the_fields_that_the_definition_names(client: Any) -> None:
    await client.define(with_spec(color={'type': 'string'}), selectableFields=[{'jsonPath': '.spec.color'}])
    await client.create({'color': 'red'}, name='a')
    await client.create({'color': 'blue'}, name='b')
    found = await client.ask('GET', f'{WIDGETS}?fieldSelector=spec.color=blue')
    assert [one['metadata']['name'] for one in found['items']] == ['b']
    refused = await client.ask('GET', f'{WIDGETS}?fieldSelector=spec.size=1')
    assert (client.status, refused['message']) == (400, 'field label not supported: spec.size')


async def test_a_changed_schema_counts_at_once(client: Any) -> None:
    await client.define(with_spec(size={'type': 'integer'}))
    await client.create({'size': 0})
    schema = with_spec(size={'type': 'integer', 'minimum': 1})
    version = {'name': 'v1', 'served': True, 'storage': True, 'schema': {'openAPIV3Schema': schema}}
    await client.merge(DEFINITION, {'spec': {'versions': [version]}})
    await client.create({'size': 0}, name='other')
    assert client.status == 422


# ---- Scales. ----


SCALE = {
    'specReplicasPath': '.spec.size',
    'statusReplicasPath': '.status.size',
    'labelSelectorPath': '.status.selector',
}


async def test_objects_are_scaled_where_the_definition_says(client: Any) -> None:
    await client.define(subresources={'status': {}, 'scale': SCALE})
    await client.create({'size': 2})
    await client.merge(f'{WIDGETS}/w/status', {'status': {'size': 1, 'selector': 'app=x'}})
    found = await client.ask('GET', f'{WIDGETS}/w/scale')
    assert (found['apiVersion'], found['kind'], found['metadata']['name']) == ('autoscaling/v1', 'Scale', 'w')
    assert (found['spec'], found['status']) == ({'replicas': 2}, {'replicas': 1, 'selector': 'app=x'})
    scaled = await client.merge(f'{WIDGETS}/w/scale', {'spec': {'replicas': 5}})
    assert scaled['spec'] == {'replicas': 5}
    found = await client.ask('GET', f'{WIDGETS}/w')
    assert (found['spec'], found['metadata']['generation']) == ({'size': 5}, 2)


async def test_objects_without_replicas_have_no_scale(client: Any) -> None:
    await client.define(subresources={'scale': SCALE})
    await client.create({})
    refused = await client.ask('GET', f'{WIDGETS}/w/scale')
    assert (client.status, refused['reason']) == (500, 'InternalError')
    assert refused['message'] == 'Internal error occurred: the spec replicas field ".spec.size" does not exist'


@pytest.mark.parametrize(
    ('method', 'path'), [('POST', ''), ('PUT', ''), ('DELETE', ''), ('GET', '/w'), ('PATCH', '/w'), ('DELETE', '/w')]
)
async def test_objects_in_namespaces_are_nowhere_else(client: Any, method: str, path: str) -> None:
    await client.define()
    found = await client.ask(method, f'/apis/example.com/v1/widgets{path}')
    assert (client.status, found) == (404, '404 page not found\n')


@pytest.mark.parametrize('path', ['', '/w'])
async def test_a_method_that_means_nothing_has_no_verb(client: Any, path: str) -> None:
    await client.define()
    refused = await client.ask('OPTIONS', f'{WIDGETS}{path}')
    assert (client.status, refused['details']) == (405, {'group': 'example.com', 'kind': 'widgets'})
    assert refused['message'] == ' is not supported on resources of kind "widgets.example.com"'


@pytest.mark.parametrize('method', ['PUT', 'PATCH'])
async def test_a_collection_is_not_written_as_an_object(client: Any, method: str) -> None:
    await client.define()
    refused = await client.ask(method, WIDGETS)
    assert (client.status, refused['message']) == (400, 'name must be provided')
