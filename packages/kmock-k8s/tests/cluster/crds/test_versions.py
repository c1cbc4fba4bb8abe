"""Several versions of a kind: the same objects, whichever one is asked for."""

import json
from typing import Any

import pytest

from kmock_k8s.cluster.crds import registry
from kmock_k8s.errors import ResourceNotationError

DEFINITION = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/widgets.example.com'
V1 = '/apis/example.com/v1/namespaces/default/widgets'
V2 = '/apis/example.com/v2/namespaces/default/widgets'
MISSING = (
    'missing from spec.versions; v1 was previously a storage version, and must remain in spec.versions until a storage '
    'migration ensures no data remains persisted in v1 and removes v1 from status.storedVersions'
)
ANY = {'type': 'object', 'x-kubernetes-preserve-unknown-fields': True}


def version(name: str, **fields: Any) -> dict[str, Any]:
    return {'name': name, 'served': True, 'storage': False, 'schema': {'openAPIV3Schema': ANY}, **fields}


async def define(client: Any, *versions: Any) -> None:
    await client.define(spec={'versions': list(versions)})
    assert client.status == 201


async def test_an_object_is_read_in_each_version(client: Any) -> None:
    await define(client, version('v1', storage=True), version('v2'))
    made = await client.create({'a': 1})
    for url in (V1, V2):
        found = await client.ask('GET', f'{url}/w')
        assert found == {**made, 'apiVersion': url.removeprefix('/apis/').partition('/namespaces')[0]}


async def test_an_object_is_written_in_each_version(client: Any) -> None:
    await define(client, version('v1', storage=True), version('v2'))
    made = await client.create({'a': 1}, version='v2')
    assert made['apiVersion'] == 'example.com/v2'
    assert (await client.ask('GET', f'{V1}/w'))['spec'] == {'a': 1}
    changed = await client.merge(f'{V2}/w', {'spec': {'a': 2}})
    assert (changed['apiVersion'], changed['metadata']['generation']) == ('example.com/v2', 2)
    found = await client.ask('GET', f'{V1}/w')
    assert (found['apiVersion'], found['spec']) == ('example.com/v1', {'a': 2})


async def test_lists_and_watches_are_of_the_version_that_is_asked_for(client: Any) -> None:
    await define(client, version('v1', storage=True), version('v2'))
    await client.create()
    listed = await client.ask('GET', V2)
    assert (listed['apiVersion'], [one['apiVersion'] for one in listed['items']]) == (
        'example.com/v2',
        ['example.com/v2'],
    )
    old, new = [await client.mock.get(f'{url}?watch=true') for url in (V1, V2)]
    await client.merge(f'{V1}/w', {'spec': {'a': 2}})
    for watch, name in ((old, 'v1'), (new, 'v2')):
        events = [json.loads(await watch.content.readline()) for _ in range(2)]
        assert [event['type'] for event in events] == ['ADDED', 'MODIFIED']
        assert {event['object']['apiVersion'] for event in events} == {f'example.com/{name}'}


async def test_without_a_version_the_preferred_one_is_meant_by_tests(client: Any) -> None:
    await define(client, version('v1beta1', storage=True), version('v1'))
    await client.create({'a': 1}, version='v1beta1')
    found = client.mock.objects['widgets', 'default', 'w']
    assert (found['apiVersion'], found['spec']) == ('example.com/v1', {'a': 1})
    found['spec']['a'] = 2
    assert client.mock.objects['widgets.v1beta1.example.com', 'default', 'w']['apiVersion'] == 'example.com/v1beta1'
    assert (await client.ask('GET', V1 + '/w'))['spec'] == {'a': 2}


async def test_resources_of_one_name_in_different_groups_are_told_apart_by_tests(client: Any) -> None:
    await define(client, version('v1', storage=True))
    client.mock.resources['example.org/v1/widgets'] = {}
    with pytest.raises(ResourceNotationError, match=r'can be any of example\.com/v1/widgets, example\.org/v1/wid'):
        client.mock.objects['widgets', 'default', 'w']


async def test_the_body_has_to_be_of_the_version_of_the_url(client: Any) -> None:
    await define(client, version('v1', storage=True), version('v2'))
    content = {'apiVersion': 'example.com/v2', 'kind': 'Widget', 'metadata': {'name': 'w'}}
    refused = await client.ask('POST', V1, content)
    assert client.status == 400
    what = 'the API version in the data (example.com/v2) does not match the expected API version (example.com/v1)'
    assert refused['message'] == what


async def test_versions_that_are_not_served_are_no_pages(client: Any) -> None:
    await define(client, version('v1', storage=True), version('v2', served=False))
    assert await client.ask('GET', V2) == '404 page not found\n'
    assert [one['version'] for one in (await client.ask('GET', '/apis/example.com'))['versions']] == ['v1']


async def test_objects_stay_when_another_version_becomes_that_of_the_storage(client: Any) -> None:
    await define(client, version('v1', storage=True), version('v2'))
    await client.create({'a': 1})
    changed = await client.merge(DEFINITION, {'spec': {'versions': [version('v1'), version('v2', storage=True)]}})
    assert changed['status']['storedVersions'] == ['v1', 'v2']
    assert (await client.ask('GET', f'{V2}/w'))['spec'] == {'a': 1}
    await client.merge(DEFINITION, {'spec': {'versions': [version('v1', served=False), version('v2', storage=True)]}})
    assert await client.ask('GET', V1) == '404 page not found\n'
    assert (await client.ask('GET', f'{V2}/w'))['spec'] == {'a': 1}


async def test_a_version_that_objects_may_be_stored_in_can_not_be_removed(client: Any) -> None:
    await define(client, version('v1', storage=True), version('v2'))
    refused = await client.merge(DEFINITION, {'spec': {'versions': [version('v2', storage=True)]}})
    assert client.status == 422
    assert refused['details']['causes'] == [
        {
            'reason': 'FieldValueInvalid',
            'message': f'Invalid value: "v1": {MISSING}',
            'field': 'status.storedVersions[0]',
        }
    ]


async def test_deprecated_versions_are_warned_of(client: Any) -> None:
    await define(client, version('v1', storage=True), version('v2', deprecated=True))
    await client.ask('GET', V1)
    assert client.warnings == []
    await client.ask('GET', V2)
    assert client.warnings == ['example.com/v2 Widget is deprecated']
    await client.ask('GET', f'{V2}/unknown')
    assert client.warnings == ['example.com/v2 Widget is deprecated']


def sized(**spec: Any) -> dict[str, Any]:
    return {'openAPIV3Schema': {'type': 'object', 'properties': {'spec': {'type': 'object', 'properties': spec}}}}


async def test_each_version_shows_the_fields_of_its_own_schema(client: Any) -> None:
    number = {'type': 'integer'}
    await define(
        client,
        version('v1', storage=True, schema=sized(a=number, b=number)),
        version('v2', schema=sized(b=number)),
    )
    await client.create({'a': 1, 'b': 2})
    assert (await client.ask('GET', f'{V1}/w'))['spec'] == {'a': 1, 'b': 2}
    assert (await client.ask('GET', f'{V2}/w'))['spec'] == {'b': 2}
    [listed] = (await client.ask('GET', V2))['items']
    assert listed['spec'] == {'b': 2}
    watch = await client.mock.get(f'{V2}?watch=true')
    await client.merge(f'{V1}/w', {'spec': {'b': 3}})
    events = [json.loads(await watch.content.readline()) for _ in range(2)]
    assert [event['object']['spec'] for event in events] == [{'b': 2}, {'b': 3}]


async def test_objects_from_before_a_change_of_the_schema_are_read_through_it(client: Any) -> None:
    number = {'type': 'integer'}
    await define(client, version('v1', storage=True, schema=sized(a=number, b=number)))
    made = await client.create({'a': 1, 'b': 2})
    changed = sized(b=number, c={**number, 'default': 3})
    await client.merge(DEFINITION, {'spec': {'versions': [version('v1', storage=True, schema=changed)]}})
    found = await client.ask('GET', f'{V1}/w')
    assert found == {**made, 'spec': {'b': 2, 'c': 3}}
    assert (await client.ask('GET', V1))['items'] == [found]


async def test_watches_end_when_the_definition_has_another_spec(client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, 'TEARDOWN', 0.01)
    await define(client, version('v1', storage=True))
    await client.create()
    watch = await client.mock.get(f'{V1}?watch=true')
    await client.merge(DEFINITION, {'metadata': {'labels': {'a': 'b'}}})  # that is not the spec
    await client.merge(f'{V1}/w', {'spec': {'a': 2}})
    await client.merge(DEFINITION, {'spec': {'versions': [version('v1', storage=True), version('v2')]}})
    events = [json.loads(line) for line in (await watch.read()).splitlines()]
    assert [event['type'] for event in events] == ['ADDED', 'MODIFIED']
