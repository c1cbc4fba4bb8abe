"""Namespaces that are deleted empty themselves, before the request that causes it is answered."""

import json
from typing import Any

import pytest

import kmock

NS = '/api/v1/namespaces/ns'


@pytest.fixture
def space(client: Any) -> Any:
    client.make_namespace('ns')
    return client


def conditions(namespace: Any) -> dict[str, tuple[str, str, str]]:
    return {one['type']: (one['status'], one['reason'], one['message']) for one in namespace['status']['conditions']}


def test_an_empty_namespace_is_terminating_in_the_answer_and_gone_after_it(space: Any) -> None:
    left = space.ask('DELETE', NS)
    assert (space.status, left['status'], left['spec']) == (
        200,
        {'phase': 'Terminating'},
        {'finalizers': ['kubernetes']},
    )
    space.ask('GET', NS)
    assert space.status == 404


def test_a_namespace_goes_with_its_contents(space: Any) -> None:
    space.make('a', namespace='ns')
    space.make('a')
    space.ask('POST', f'{NS}/secrets', {'metadata': {'name': 'b'}})
    space.ask('DELETE', NS)
    assert (space.names('ns'), space.names()) == ([], ['a'])
    assert space.ask('GET', f'{NS}/secrets')['items'] == []


def test_the_name_of_a_namespace_can_be_used_again(space: Any) -> None:
    space.make('a', namespace='ns')
    space.ask('DELETE', NS)
    made = space.make_namespace('ns')
    assert (space.status, made['status'], space.names('ns')) == (201, {'phase': 'Active'}, [])
    space.make('a', namespace='ns')
    assert space.names('ns') == ['a']


def test_a_namespace_waits_for_the_finalizers_of_its_contents(space: Any) -> None:
    for name in ('a', 'b'):
        space.make(name, namespace='ns', finalizers=['example.com/x'])
    space.make('c', namespace='ns')
    space.ask('DELETE', NS)
    assert space.names('ns') == ['a', 'b']
    assert 'deletionTimestamp' in space.get('a', 'ns')['metadata']
    space.release('a', 'ns')
    assert space.ask('GET', NS)['status']['phase'] == 'Terminating'
    space.release('b', 'ns')
    space.ask('GET', NS)
    assert space.status == 404


def test_a_namespace_that_waits_says_for_what(space: Any) -> None:
    for name in ('a', 'b'):
        space.make(name, namespace='ns', finalizers=['example.com/x', 'example.com/y'])
    space.ask('DELETE', NS)
    space.merge(space.url('b', 'ns'), {'metadata': {'finalizers': ['example.com/x']}})
    found = conditions(space.ask('GET', NS))
    assert list(found) == [
        'NamespaceDeletionDiscoveryFailure',
        'NamespaceDeletionGroupVersionParsingFailure',
        'NamespaceDeletionContentFailure',
        'NamespaceContentRemaining',
        'NamespaceFinalizersRemaining',
    ]
    remaining = 'Some resources are remaining: configmaps. has 2 resource instances'
    assert found['NamespaceContentRemaining'] == ('True', 'SomeResourcesRemain', remaining)
    text = 'example.com/x in 2 resource instances, example.com/y in 1 resource instances'
    message = f'Some content in the namespace has finalizers remaining: {text}'
    assert found['NamespaceFinalizersRemaining'] == ('True', 'SomeFinalizersRemain', message)


async def test_a_watch_sees_a_namespace_marked_then_empty_then_gone(space: Any) -> None:
    revision = space.ask('GET', NS)['metadata']['resourceVersion']
    async with space.mock as mock:
        watch = await mock.get(f'/api/v1/namespaces?watch=true&resourceVersion={revision}')
        space.ask('DELETE', NS)
        events = [json.loads(await watch.content.readline()) for _ in range(3)]
    assert [event['type'] for event in events] == ['MODIFIED', 'MODIFIED', 'DELETED']
    marked, emptied, gone = (event['object'] for event in events)
    assert marked['status'] == {'phase': 'Terminating'}
    assert {status for status, _, _ in conditions(emptied).values()} == {'False'}
    managers = [(one['manager'], one.get('subresource')) for one in emptied['metadata']['managedFields']]
    assert ('kube-controller-manager', 'status') in managers
    assert gone['spec'] == {'finalizers': ['kubernetes']}


def test_the_pods_of_a_namespace_go_before_the_rest(space: Any) -> None:
    space.make('a', namespace='ns')
    spec = {'containers': [{'name': 'c', 'image': 'i'}]}
    pod = {'metadata': {'name': 'p', 'finalizers': ['example.com/x']}, 'spec': spec}
    space.ask('POST', f'{NS}/pods', pod)
    space.ask('DELETE', NS)
    assert space.names('ns') == ['a']
    assert 'deletionTimestamp' not in space.get('a', 'ns')['metadata']
    space.merge(f'{NS}/pods/p', {'metadata': {'finalizers': None}})
    assert space.names('ns') == []
    space.ask('GET', NS)
    assert space.status == 404


def test_a_namespace_with_a_finalizer_of_its_own_is_emptied_and_stays(space: Any) -> None:
    space.merge(NS, {'metadata': {'finalizers': ['example.com/x']}})
    space.make('a', namespace='ns')
    space.ask('DELETE', NS)
    found = space.ask('GET', NS)
    assert (found['spec'], found['metadata']['finalizers'], space.names('ns')) == ({}, ['example.com/x'], [])
    space.merge(NS, {'metadata': {'finalizers': None}})
    space.ask('GET', NS)
    assert space.status == 404


def test_an_owner_that_waits_does_not_hold_a_namespace(space: Any, owner: Any) -> None:
    a = space.make('a', namespace='ns')
    space.make('b', owner(a, blocks=True), namespace='ns', finalizers=['example.com/x'])
    space.delete('a', 'Foreground', namespace='ns')
    space.ask('DELETE', NS)
    space.release('b', 'ns')
    space.ask('GET', NS)
    assert space.status == 404


def test_a_namespace_that_waits_is_still_known_after_a_reset(space: Any) -> None:
    space.make('a', namespace='ns', finalizers=['example.com/x'])
    space.ask('DELETE', NS)
    space.mock.checkpoint()
    space.mock.reset()
    space.release('a', 'ns')
    space.ask('GET', NS)
    assert space.status == 404


def test_a_definition_goes_with_a_namespace_that_held_its_last_object(space: Any) -> None:
    schema = {'openAPIV3Schema': {'type': 'object', 'x-kubernetes-preserve-unknown-fields': True}}
    spec = {
        'group': 'example.com',
        'scope': 'Namespaced',
        'names': {'plural': 'widgets', 'kind': 'Widget'},
        'versions': [{'name': 'v1', 'served': True, 'storage': True, 'schema': schema}],
    }
    url = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'
    common = {'apiVersion': 'apiextensions.k8s.io/v1', 'kind': 'CustomResourceDefinition'}
    space.ask('POST', url, {**common, 'metadata': {'name': 'widgets.example.com'}, 'spec': spec})
    widget = {
        'apiVersion': 'example.com/v1',
        'kind': 'Widget',
        'metadata': {'name': 'w', 'finalizers': ['example.com/x']},
    }
    space.ask('POST', '/apis/example.com/v1/namespaces/ns/widgets', widget)
    space.ask('DELETE', f'{url}/widgets.example.com')
    space.ask('DELETE', NS)
    assert conditions(space.ask('GET', NS))['NamespaceContentRemaining'][0] == 'True'
    space.merge('/apis/example.com/v1/namespaces/ns/widgets/w', {'metadata': {'finalizers': None}})
    for gone in (NS, f'{url}/widgets.example.com'):
        space.ask('GET', gone)
        assert space.status == 404


def test_a_bare_server_leaves_namespaces_terminating(client: Any) -> None:
    client.mock = kmock.KubernetesCluster(controllers=False)
    client.make_namespace('ns')
    client.make('a', namespace='ns')
    client.ask('DELETE', NS)
    assert client.ask('GET', NS)['status'] == {'phase': 'Terminating'}
    assert client.names('ns') == ['a']
