"""What definitions can say that is accepted, but not done here; and what is selected by their fields."""

import asyncio
import json
from typing import Any

import pytest

DEFINITIONS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'
DEFINITION = f'{DEFINITIONS}/widgets.example.com'
WIDGETS = '/apis/example.com/v1/namespaces/default/widgets'
RULED: dict[str, Any] = {
    'type': 'object',
    'properties': {
        'spec': {
            'type': 'object',
            'properties': {'size': {'type': 'integer'}, 'color': {'type': 'string'}},
            'x-kubernetes-validations': [{'rule': 'self.size > 1'}],
        }
    },
}
PLACE = 'spec.versions[0].schema.openAPIV3Schema.properties[spec].x-kubernetes-validations'
WARNING = f'{PLACE}: CEL rules are not evaluated by this server'
PARTS = {'status': {}, 'scale': {'specReplicasPath': '.spec.size', 'statusReplicasPath': '.status.size'}}
COLUMNS = [{'name': 'Size', 'type': 'integer', 'jsonPath': '.spec.size'}]
SERVICE = {'service': {'namespace': 'default', 'name': 'converter'}}
CONVERTED = {'strategy': 'Webhook', 'webhook': {'clientConfig': SERVICE, 'conversionReviewVersions': ['v1']}}
ANYTHING = {'openAPIV3Schema': {'type': 'object', 'x-kubernetes-preserve-unknown-fields': True}}


def version(name: str, *, storage: bool, **fields: Any) -> dict[str, Any]:
    return {'name': name, 'served': True, 'storage': storage, 'schema': ANYTHING, **fields}


# ---- Rules. ----


async def test_objects_are_written_whatever_the_rules_say(client: Any) -> None:
    await client.define(RULED, subresources=PARTS, additionalPrinterColumns=COLUMNS)
    assert (client.status, client.warnings) == (201, [WARNING])
    await client.create({'size': 0})
    assert (client.status, client.warnings) == (201, [])
    await client.merge(f'{WIDGETS}/w/scale', {'spec': {'replicas': 0}})
    assert (client.status, client.warnings) == (200, [])


async def test_rules_are_warned_of_whenever_they_are_written(client: Any) -> None:
    found = await client.define(RULED)
    found = await client.ask('GET', DEFINITION)
    found['spec']['versions'][0]['additionalPrinterColumns'] = COLUMNS
    await client.ask('PUT', DEFINITION, found)
    assert (client.status, client.warnings) == (200, [WARNING])
    await client.merge(DEFINITION, {'spec': {'names': {'shortNames': ['w']}}})
    assert (client.status, client.warnings) == (200, [WARNING])
    await client.merge(DEFINITION, {'metadata': {'labels': {'a': 'b'}}})
    assert (client.status, client.warnings) == (200, [])


async def test_rules_that_are_applied_are_warned_of_too(client: Any) -> None:
    spec = {
        'group': 'example.com',
        'scope': 'Namespaced',
        'names': {'plural': 'widgets', 'kind': 'Widget'},
        'versions': [version('v1', storage=True, schema={'openAPIV3Schema': RULED})],
    }
    body = {
        'apiVersion': 'apiextensions.k8s.io/v1',
        'kind': 'CustomResourceDefinition',
        'metadata': {'name': 'widgets.example.com'},
        'spec': spec,
    }
    for status, warnings in ((201, [WARNING]), (200, [])):
        await client.ask(
            'PATCH', f'{DEFINITION}?fieldManager=m', body, **{'Content-Type': 'application/apply-patch+yaml'}
        )
        assert (client.status, client.warnings) == (status, warnings)


# ---- Conversion. ----


async def test_a_webhook_that_converts_is_accepted_but_not_called(client: Any) -> None:
    versions = [version('v1', storage=True), version('v2', storage=False)]
    await client.define(spec={'versions': versions, 'conversion': CONVERTED})
    assert client.status == 201
    assert client.warnings == [
        'spec.conversion.webhook: conversion webhooks are not called by this server; only the apiVersion is converted'
    ]
    await client.create({'size': 1})
    found = await client.ask('GET', f'{WIDGETS.replace("v1", "v2")}/w')
    assert (found['apiVersion'], found['spec']) == ('example.com/v2', {'size': 1})


@pytest.mark.parametrize(
    ('webhook', 'field', 'why'),
    [
        ({'conversionReviewVersions': ['v1']}, 'webhookClientConfig', 'required when strategy is set to Webhook'),
        (
            {'clientConfig': {'url': 'https://a', **SERVICE}, 'conversionReviewVersions': ['v1']},
            'webhookClientConfig',
            'exactly one of url or service is required',
        ),
        (
            {'clientConfig': {'url': 'http://a'}, 'conversionReviewVersions': ['v1']},
            'webhookClientConfig.url',
            "'https' is the only allowed URL scheme; desired format: https://host[/path]",
        ),
        (
            {'clientConfig': SERVICE, 'conversionReviewVersions': ['v2']},
            'conversionReviewVersions',
            'must include at least one of v1, v1beta1',
        ),
    ],
)
async def test_a_webhook_that_could_not_be_called_is_refused(client: Any, webhook: Any, field: str, why: str) -> None:
    refused = await client.define(spec={'conversion': {'strategy': 'Webhook', 'webhook': webhook}})
    assert client.status == 422
    [cause] = refused['details']['causes']
    assert cause['field'] == f'spec.conversion.{field}'
    assert cause['message'].endswith(why)


# ---- Selectable fields. ----


@pytest.fixture
async def selectable(client: Any) -> Any:
    schema = {'openAPIV3Schema': {'type': 'object', 'properties': {'spec': RULED['properties']['spec']}}}
    fields = [{'jsonPath': '.spec.color'}, {'jsonPath': '.spec.size'}]
    versions = [
        version('v1', storage=True, schema=schema, selectableFields=fields),
        version('v2', storage=False, schema=schema, selectableFields=fields),
    ]
    await client.define(spec={'versions': versions})
    assert client.status == 201
    for name, color in (('a', 'red'), ('b', 'blue'), ('c', 'red')):
        await client.create({'color': color, 'size': 1}, name=name)
    return client


def names(found: Any) -> list[str]:
    return [one['metadata']['name'] for one in found['items']]


@pytest.mark.parametrize('served', ['v1', 'v2'])
@pytest.mark.parametrize(
    ('selector', 'selected'),
    [
        ('spec.color=red', ['a', 'c']),
        ('spec.color!=red', ['b']),
        ('spec.color=red,spec.size=1,metadata.name=c', ['c']),
        ('spec.size=2', []),
    ],
)
async def test_lists_have_the_objects_that_are_selected(
    selectable: Any, served: str, selector: str, selected: list[str]
) -> None:
    found = await selectable.ask('GET', f'{WIDGETS.replace("v1", served)}?fieldSelector={selector}')
    assert names(found) == selected


@pytest.mark.parametrize('served', ['v1', 'v2'])
async def test_collections_are_deleted_as_they_are_selected(selectable: Any, served: str) -> None:
    await selectable.ask('DELETE', f'{WIDGETS.replace("v1", served)}?fieldSelector=spec.color=red')
    assert names(await selectable.ask('GET', WIDGETS)) == ['b']


@pytest.mark.parametrize('served', ['v1', 'v2'])
async def test_watches_see_what_begins_and_ceases_to_be_selected(selectable: Any, served: str) -> None:
    url = f'{WIDGETS.replace("v1", served)}?fieldSelector=spec.color=blue&watch=1'
    async with selectable.mock.get(url) as response, asyncio.timeout(30):
        await selectable.merge(f'{WIDGETS}/a', {'spec': {'color': 'blue'}})
        await selectable.merge(f'{WIDGETS}/b', {'spec': {'color': 'red'}})
        await selectable.merge(f'{WIDGETS}/c', {'spec': {'size': 3}})
        await selectable.merge(f'{WIDGETS}/a', {'spec': {'size': 3}})
        events = [json.loads(await response.content.readline()) for _ in range(4)]
    shown = [(event['type'], event['object']['metadata']['name']) for event in events]
    assert shown == [('ADDED', 'b'), ('ADDED', 'a'), ('DELETED', 'b'), ('MODIFIED', 'a')]
    assert {event['object']['apiVersion'] for event in events} == {f'example.com/{served}'}


@pytest.mark.parametrize('query', ['', '&watch=1'])
async def test_other_fields_can_not_be_selected_by(selectable: Any, query: str) -> None:
    refused = await selectable.ask('GET', f'{WIDGETS}?fieldSelector=spec.shape=round{query}')
    assert (selectable.status, refused['message']) == (400, 'field label not supported: spec.shape')
