"""Definitions of custom resources: the kinds come at once, and go with all of their objects."""

import asyncio
import json
from typing import Any

import pytest

import kmock
from kmock_k8s.cluster.crds import registry

DEFINITIONS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'
DEFINITION = f'{DEFINITIONS}/widgets.example.com'
WIDGETS = '/apis/example.com/v1/namespaces/default/widgets'


def conditions(definition: Any) -> dict[str, tuple[str, str]]:
    return {one['type']: (one['status'], one['reason']) for one in definition['status']['conditions']}


async def test_a_new_definition_has_no_conditions_in_the_answer(client: Any) -> None:
    made = await client.define()
    assert client.status == 201
    assert made['status'] == {'conditions': None, 'acceptedNames': {'plural': '', 'kind': ''}, 'storedVersions': ['v1']}
    assert made['spec']['names'] == {
        'plural': 'widgets',
        'kind': 'Widget',
        'singular': 'widget',
        'listKind': 'WidgetList',
    }
    assert made['spec']['conversion'] == {'strategy': 'None'}


async def test_a_definition_is_established_at_once(client: Any) -> None:
    await client.define()
    found = await client.ask('GET', DEFINITION)
    assert conditions(found) == {
        'NamesAccepted': ('True', 'NoConflicts'),
        'Established': ('True', 'InitialNamesAccepted'),
    }
    assert found['status']['acceptedNames'] == found['spec']['names']
    owners = [(entry['manager'], entry.get('subresource')) for entry in found['metadata']['managedFields']]
    assert owners == [('kube-apiserver', 'status'), ('tests', None)]


async def test_discovery_tells_of_a_defined_resource(client: Any) -> None:
    names = {'plural': 'widgets', 'kind': 'Widget', 'shortNames': ['wd'], 'categories': ['all']}
    await client.define(spec={'names': names, 'scope': 'Cluster'}, subresources={'status': {}})
    found = await client.ask('GET', '/apis/example.com/v1')
    row, status = found['resources']
    assert (row['name'], row['kind'], row['namespaced']) == ('widgets', 'Widget', False)
    assert (row['shortNames'], row['categories'], row['singularName']) == (['wd'], ['all'], 'widget')
    assert (status['name'], status['verbs']) == ('widgets/status', ['get', 'patch', 'update'])


async def test_what_is_not_defined_is_no_page_at_all(client: Any) -> None:
    for url in ('/apis/example.com', '/apis/example.com/v1', WIDGETS, f'{WIDGETS}/w'):
        assert await client.ask('GET', url) == '404 page not found\n'
        assert client.status == 404
    await client.define()
    assert await client.ask('GET', '/apis/example.com/v2/widgets') == '404 page not found\n'
    assert (await client.ask('GET', WIDGETS))['kind'] == 'WidgetList'


async def test_a_deleted_definition_takes_its_objects_along(client: Any) -> None:
    await client.define()
    await client.create()
    watch = await client.mock.get(f'{WIDGETS}?watch=true')
    left = await client.ask('DELETE', DEFINITION)
    assert left['metadata']['finalizers'] == ['customresourcecleanup.apiextensions.k8s.io']
    assert conditions(left)['Terminating'] == ('True', 'InstanceDeletionPending')
    events = [json.loads(await watch.content.readline()) for _ in range(2)]
    assert [event['type'] for event in events] == ['ADDED', 'DELETED']
    assert (await client.ask('GET', DEFINITION))['reason'] == 'NotFound'
    assert await client.ask('GET', WIDGETS) == '404 page not found\n'
    assert await client.ask('GET', '/apis/example.com') == '404 page not found\n'


async def test_a_definition_waits_for_the_finalizers_of_its_objects(client: Any) -> None:
    await client.define()
    await client.create(finalizers=['example.com/f'])
    await client.ask('DELETE', DEFINITION)
    found = await client.ask('GET', DEFINITION)
    assert conditions(found)['Terminating'] == ('True', 'InstanceDeletionInProgress')
    assert (await client.ask('GET', f'{WIDGETS}/w'))['metadata']['deletionTimestamp']
    refused = await client.create(name='other')
    assert client.status == 405
    assert refused['message'] == 'create not allowed while custom resource definition is terminating'
    await client.merge(f'{WIDGETS}/w', {'metadata': {'finalizers': None}})
    assert (await client.ask('GET', DEFINITION))['reason'] == 'NotFound'


async def test_a_definition_can_be_made_again(client: Any) -> None:
    await client.define()
    await client.create()
    await client.ask('DELETE', DEFINITION)
    await client.define()
    assert client.status == 201
    assert (await client.ask('GET', WIDGETS))['items'] == []


async def test_names_that_are_taken_are_not_accepted_until_they_are_free(client: Any) -> None:
    await client.define()
    await client.define(spec={'names': {'plural': 'gadgets', 'kind': 'Widget', 'shortNames': ['gd']}})
    refused = await client.ask('GET', f'{DEFINITIONS}/gadgets.example.com')
    assert conditions(refused) == {
        'NamesAccepted': ('False', 'ListKindConflict'),
        'Established': ('False', 'NotAccepted'),
    }
    assert await client.ask('GET', '/apis/example.com/v1/gadgets') == '404 page not found\n'
    await client.ask('DELETE', DEFINITION)
    assert conditions(await client.ask('GET', f'{DEFINITIONS}/gadgets.example.com'))['Established'][0] == 'True'
    assert (await client.ask('GET', '/apis/example.com/v1/gadgets'))['items'] == []


async def test_each_short_name_that_is_in_use_is_told(client: Any) -> None:
    await client.define(spec={'names': {'plural': 'widgets', 'kind': 'Widget', 'shortNames': ['wd', 'w']}})
    await client.define(spec={'names': {'plural': 'gadgets', 'kind': 'Gadget', 'shortNames': ['w', 'g', 'wd']}})
    refused = await client.ask('GET', f'{DEFINITIONS}/gadgets.example.com')
    [accepted] = [one for one in refused['status']['conditions'] if one['type'] == 'NamesAccepted']
    assert (accepted['status'], accepted['reason']) == ('False', 'ShortNamesConflict')
    assert accepted['message'] == '["w" is already in use, "wd" is already in use]'
    assert refused['status']['acceptedNames'].get('shortNames') is None


async def test_definitions_of_the_test_are_served_too(client: Any) -> None:
    version = {'name': 'v1', 'served': True, 'storage': True, 'schema': {'openAPIV3Schema': {'type': 'object'}}}
    client.mock.objects['apiextensions.k8s.io/v1/customresourcedefinitions', None, 'widgets.example.com'] = {
        'metadata': {'name': 'widgets.example.com'},
        'spec': {
            'group': 'example.com',
            'scope': 'Namespaced',
            'names': {'plural': 'widgets', 'kind': 'Widget'},
            'versions': [version],
        },
    }
    await client.create()
    assert client.status == 201
    assert conditions(await client.ask('GET', DEFINITION))['Established'][0] == 'True'


async def test_a_reset_forgets_definitions(client: Any) -> None:
    client.mock.checkpoint()
    await client.define()
    client.mock.reset()
    assert await client.ask('GET', WIDGETS) == '404 page not found\n'
    await client.define()
    client.mock.checkpoint()
    await client.ask('DELETE', DEFINITION)
    client.mock.reset()
    assert (await client.ask('GET', WIDGETS))['items'] == []


async def test_watches_from_before_a_definition_are_too_old(client: Any) -> None:
    before = (await client.ask('GET', '/api/v1/namespaces'))['metadata']['resourceVersion']
    await client.define()
    watch = await client.mock.get(f'{WIDGETS}?watch=true&resourceVersion={before}')
    event = json.loads(await watch.content.readline())
    assert (event['type'], event['object']['code']) == ('ERROR', 410)
    assert await watch.content.readline() == b''


async def test_a_cluster_without_definitions_serves_no_custom_resources() -> None:
    async with kmock.KubernetesCluster() as mock:
        assert not any('.' in (one.group or '') and one.group == 'example.com' for one in mock.resources)


async def test_watches_end_when_their_definition_is_gone(client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, 'TEARDOWN', 0.01)
    await client.define()
    await client.create()
    watch = await client.mock.get(f'{WIDGETS}?watch=true')
    await client.ask('DELETE', DEFINITION)
    events = [json.loads(line) for line in (await watch.read()).splitlines()]
    assert [event['type'] for event in events] == ['ADDED', 'DELETED']


async def test_a_watch_that_is_left_as_its_definition_goes_sets_no_timer(
    client: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    await client.define()
    opened = client.mock.serve('GET', f'{WIDGETS}?watch=true', (), b'', ('http', 'localhost', None, '1.1'))
    del client.mock.objects['customresourcedefinitions', None, 'widgets.example.com']

    delays: list[float] = []

    def note(delay: float, *_: object) -> None:
        delays.append(delay)

    monkeypatch.setattr(asyncio.get_running_loop(), 'call_later', note)
    await opened.body.aclose()
    await asyncio.sleep(0)
    monkeypatch.undo()
    assert delays == []
