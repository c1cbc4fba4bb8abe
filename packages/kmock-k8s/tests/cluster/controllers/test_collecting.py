"""Garbage collection: objects go with their owners, before the request that causes it is answered."""

import json
from typing import Any

import pytest

import kmock

GHOST = {'apiVersion': 'v1', 'kind': 'ConfigMap', 'name': 'ghost', 'uid': '11111111-1111-1111-1111-111111111111'}


# ---- In the background ----


def test_an_object_goes_with_its_owner(client: Any, owner: Any) -> None:
    a = client.make('a')
    client.make('b', owner(a))
    client.delete('a')
    assert client.names() == []


def test_owners_are_collected_without_a_policy_too(client: Any, owner: Any) -> None:
    client.make('b', owner(client.make('a')))
    client.ask('DELETE', client.url('a'))
    assert client.names() == []


def test_a_whole_tree_goes_with_its_root(client: Any, owner: Any) -> None:
    a = client.make('a')
    b = client.make('b', owner(a))
    for name in ('c', 'd'):
        client.make(name, owner(b))
    client.make('other')
    client.delete('a')
    assert client.names() == ['other']


def test_objects_that_own_each_other_go_together(client: Any, owner: Any) -> None:
    a = client.make('a')
    b = client.make('b', owner(a))
    client.merge(client.url('a'), {'metadata': {'ownerReferences': [owner(b)]}})
    client.delete('a')
    assert client.names() == []


def test_an_object_stays_while_one_of_its_owners_is_there(client: Any, owner: Any) -> None:
    a, b = client.make('a'), client.make('b')
    client.make('c', owner(a), owner(b))
    client.delete('a')
    assert (client.names(), client.owners_of('c')) == (['b', 'c'], ['b'])
    client.delete('b')
    assert client.names() == []


def test_an_owner_of_another_kind_is_found(client: Any, owner: Any) -> None:
    a = client.ask('POST', '/api/v1/namespaces/default/secrets', {'metadata': {'name': 'a'}})
    client.make('b', owner(a))
    client.ask('DELETE', '/api/v1/namespaces/default/secrets/a')
    assert client.names() == []


def test_an_owner_without_a_namespace_owns_objects_in_namespaces(client: Any, owner: Any) -> None:
    role = client.ask('POST', '/apis/rbac.authorization.k8s.io/v1/clusterroles', {'metadata': {'name': 'a'}})
    client.make('b', owner(role))
    assert client.names() == ['b']
    client.ask('DELETE', '/apis/rbac.authorization.k8s.io/v1/clusterroles/a')
    assert client.names() == []


def test_finalizers_of_what_is_collected_are_waited_for(client: Any, owner: Any) -> None:
    client.make('b', owner(client.make('a')), finalizers=['example.com/x'])
    client.delete('a')
    assert client.get('a') is None
    metadata = client.get('b')['metadata']
    assert (metadata['deletionGracePeriodSeconds'], metadata['finalizers']) == (0, ['example.com/x'])
    client.release('b')
    assert client.names() == []


def test_an_owner_that_is_held_keeps_what_it_owns(client: Any, owner: Any) -> None:
    client.make('b', owner(client.make('a', finalizers=['example.com/x'])))
    client.delete('a')
    assert client.names() == ['a', 'b']
    client.release('a')
    assert client.names() == []


def test_a_dry_run_collects_nothing(client: Any, owner: Any) -> None:
    client.make('b', owner(client.make('a')))
    client.ask('DELETE', client.url('a') + '?dryRun=All')
    assert client.names() == ['a', 'b']


def test_the_objects_of_a_collection_may_own_each_other(client: Any, owner: Any) -> None:
    a = client.make('a')
    client.make('b', owner(a))
    deleted = client.ask('DELETE', client.url())
    assert client.status == 200
    assert [one['metadata']['name'] for one in deleted['items']] == ['a', 'b']
    assert client.names() == []


# ---- Owners that are not there ----


def test_an_object_of_an_owner_that_is_not_there_is_created_and_goes(client: Any) -> None:
    made = client.make('a', GHOST)
    assert (client.status, made['metadata']['ownerReferences']) == (201, [GHOST])
    assert client.names() == []


def test_an_object_of_an_owner_that_is_gone_goes(client: Any, owner: Any) -> None:
    a = client.make('a')
    client.delete('a')
    client.make('b', owner(a))
    assert client.names() == []


def test_an_owner_by_the_same_name_is_another_one(client: Any, owner: Any) -> None:
    old = client.make('a')
    client.delete('a')
    client.make('a')
    client.make('b', owner(old))
    assert client.names() == ['a']


def test_an_object_may_be_given_to_an_owner_that_is_not_there(client: Any) -> None:
    client.make('a')
    client.merge(client.url('a'), {'metadata': {'ownerReferences': [GHOST]}})
    assert (client.status, client.names()) == (200, [])


def test_a_reference_to_nobody_is_dropped_if_there_is_another_owner(client: Any, owner: Any) -> None:
    a = client.make('a')
    client.make('b', owner(a), GHOST)
    assert client.owners_of('b') == ['a']


def test_an_object_whose_owner_is_in_another_namespace_goes_with_an_event(client: Any, owner: Any) -> None:
    client.make_namespace('ns')
    a = client.make('a', namespace='ns')
    client.make('b', owner(a))
    assert (client.names(), client.names('ns')) == ([], ['a'])
    (event,) = client.ask('GET', '/api/v1/namespaces/default/events')['items']
    assert (event['type'], event['reason'], event['involvedObject']['name']) == (
        'Warning',
        'OwnerRefInvalidNamespace',
        'b',
    )
    place = f'[v1/ConfigMap, namespace: default, name: a, uid: {a["metadata"]["uid"]}]'
    assert event['message'] == f'ownerRef {place} does not exist in namespace "default"'


def test_an_object_without_a_namespace_stays_if_its_owner_is_in_one(client: Any, owner: Any) -> None:
    a = client.make('a')
    roles = '/apis/rbac.authorization.k8s.io/v1/clusterroles'
    client.ask('POST', roles, {'metadata': {'name': 'b', 'ownerReferences': [owner(a)]}})
    client.delete('a')
    assert client.ask('GET', f'{roles}/b')['metadata']['name'] == 'b'


def test_an_object_stays_if_the_kind_of_its_owner_is_unknown(client: Any) -> None:
    client.make('a', {**GHOST, 'apiVersion': 'example.com/v1', 'kind': 'Widget'})
    assert client.names() == ['a']


def test_an_object_goes_when_the_kind_of_its_missing_owner_gets_known(client: Any) -> None:
    client.make('a', {**GHOST, 'apiVersion': 'example.com/v1', 'kind': 'Widget'})
    define(client)
    assert client.names() == []


def test_an_owner_may_be_a_custom_resource(client: Any, owner: Any) -> None:
    define(client)
    url = '/apis/example.com/v1/namespaces/default/widgets'
    widget = client.ask('POST', url, {'apiVersion': 'example.com/v1', 'kind': 'Widget', 'metadata': {'name': 'w'}})
    client.make('a', owner(widget))
    assert client.names() == ['a']
    client.ask('DELETE', f'{url}/w')
    assert client.names() == []


def define(client: Any) -> None:
    schema = {'openAPIV3Schema': {'type': 'object', 'x-kubernetes-preserve-unknown-fields': True}}
    spec = {
        'group': 'example.com',
        'scope': 'Namespaced',
        'names': {'plural': 'widgets', 'kind': 'Widget'},
        'versions': [{'name': 'v1', 'served': True, 'storage': True, 'schema': schema}],
    }
    content = {'metadata': {'name': 'widgets.example.com'}, 'spec': spec}
    url = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'
    client.ask('POST', url, {'apiVersion': 'apiextensions.k8s.io/v1', 'kind': 'CustomResourceDefinition', **content})
    assert client.status == 201


# ---- In the foreground ----


@pytest.mark.parametrize('policy', ['Foreground', 'Orphan'])
def test_an_owner_of_nothing_is_marked_in_the_answer_and_gone_after_it(client: Any, policy: str) -> None:
    client.make('a')
    left = client.delete('a', policy)
    assert left['metadata']['finalizers'] == [{'Foreground': 'foregroundDeletion', 'Orphan': 'orphan'}[policy]]
    assert client.names() == []


def test_an_owner_waits_in_the_foreground_for_those_that_block_it(client: Any, owner: Any) -> None:
    client.make('b', owner(client.make('a'), blocks=True), finalizers=['example.com/x'])
    client.delete('a', 'Foreground')
    assert client.get('a')['metadata']['finalizers'] == ['foregroundDeletion']
    assert 'deletionTimestamp' in client.get('b')['metadata']
    client.release('b')
    assert client.names() == []


def test_an_owner_does_not_wait_for_those_that_do_not_block_it(client: Any, owner: Any) -> None:
    client.make('b', owner(client.make('a')), finalizers=['example.com/x'])
    client.delete('a', 'Foreground')
    assert client.names() == ['b']
    assert 'deletionTimestamp' in client.get('b')['metadata']


def test_an_owner_goes_when_nothing_blocks_it_any_more(client: Any, owner: Any) -> None:
    a = client.make('a')
    client.make('b', owner(a, blocks=True), finalizers=['example.com/x'])
    client.delete('a', 'Foreground')
    client.merge(client.url('b'), {'metadata': {'ownerReferences': [owner(a, blockOwnerDeletion=False)]}})
    assert client.names() == ['b']


def test_a_chain_goes_from_its_end_in_the_foreground(client: Any, owner: Any) -> None:
    b = client.make('b', owner(client.make('a'), blocks=True))
    client.make('c', owner(b, blocks=True), finalizers=['example.com/x'])
    client.delete('a', 'Foreground')
    assert client.names() == ['a', 'b', 'c']
    assert client.get('b')['metadata']['finalizers'] == ['foregroundDeletion']
    client.release('c')
    assert client.names() == []


def test_objects_that_block_each_other_go_in_the_foreground(client: Any, owner: Any) -> None:
    a = client.make('a')
    b = client.make('b', owner(a, blocks=True))
    client.merge(client.url('a'), {'metadata': {'ownerReferences': [owner(b, blocks=True)]}})
    client.delete('a', 'Foreground')
    assert client.names() == []


def test_an_owner_in_the_foreground_lets_those_go_that_have_another_one(client: Any, owner: Any) -> None:
    a, b = client.make('a'), client.make('b')
    client.make('c', owner(a, blocks=True), owner(b))
    client.delete('a', 'Foreground')
    assert (client.names(), client.owners_of('c')) == (['b', 'c'], ['b'])


def test_other_finalizers_hold_an_owner_that_has_waited(client: Any, owner: Any) -> None:
    client.make('b', owner(client.make('a', finalizers=['example.com/x']), blocks=True))
    client.delete('a', 'Foreground')
    assert (client.names(), client.get('a')['metadata']['finalizers']) == (['a'], ['example.com/x'])


# ---- Orphans ----


def test_orphans_stay_without_a_reference_to_their_owner(client: Any, owner: Any) -> None:
    a, b = client.make('a'), client.make('b')
    client.make('c', owner(a))
    client.make('d', owner(a), owner(b))
    client.delete('a', 'Orphan')
    assert (client.names(), client.owners_of('c'), client.owners_of('d')) == (['b', 'c', 'd'], [], ['b'])
    assert 'managedFields' not in client.get('c')['metadata']


def test_an_object_with_a_finalizer_to_orphan_leaves_orphans_when_it_is_collected(client: Any, owner: Any) -> None:
    b = client.make('b', owner(client.make('a')), finalizers=['orphan'])
    client.make('c', owner(b))
    client.delete('a')
    assert client.names() == ['c']


# ---- Around it ----


def test_what_is_deleted_in_python_takes_along_what_it_owns(client: Any, owner: Any) -> None:
    client.make('b', owner(client.make('a')))
    del client.mock.objects['v1/configmaps', 'default', 'a']
    assert client.names() == []


async def test_a_watch_sees_the_owner_go_first(client: Any, owner: Any) -> None:
    client.make('b', owner(client.make('a')))
    revision = client.ask('GET', client.url())['metadata']['resourceVersion']
    async with client.mock as mock:
        watch = await mock.get(f'{client.url()}?watch=true&resourceVersion={revision}')
        client.delete('a')
        events = [json.loads(await watch.content.readline()) for _ in range(2)]
    assert [(event['type'], event['object']['metadata']['name']) for event in events] == [
        ('DELETED', 'a'),
        ('DELETED', 'b'),
    ]


def test_a_reset_brings_back_owners_with_what_they_own(client: Any, owner: Any) -> None:
    client.make('b', owner(client.make('a')))
    client.mock.checkpoint()
    client.delete('a')
    client.mock.reset()
    assert client.names() == ['a', 'b']
    client.delete('a')
    assert client.names() == []


def test_a_bare_server_collects_nothing(client: Any, owner: Any) -> None:
    client.mock = kmock.KubernetesCluster(controllers=False)
    client.make('b', owner(client.make('a')))
    client.make('c', GHOST)
    client.delete('a')
    assert client.names() == ['b', 'c']


def test_an_owner_that_waits_is_still_known_after_a_reset(client: Any, owner: Any) -> None:
    client.make('b', owner(client.make('a'), blocks=True), finalizers=['example.com/x'])
    client.delete('a', 'Foreground')
    client.mock.checkpoint()
    client.mock.reset()
    client.release('b')
    assert client.names() == []


def test_an_owner_waits_for_nobody_who_waits_for_it(client: Any, owner: Any) -> None:
    a = client.make('a')
    b = client.make('b', owner(a, blocks=True), finalizers=['example.com/x'])
    client.merge(client.url('a'), {'metadata': {'ownerReferences': [owner(b, blocks=True)]}})
    client.delete('a', 'Foreground')
    assert client.names() == ['b']
    assert client.get('b')['metadata']['ownerReferences'] == [owner(a, blockOwnerDeletion=False)]


def test_owners_are_known_after_objects_were_restored(client: Any, owner: Any) -> None:
    client.make('b', owner(client.make('a')))
    snapshot = client.mock.snapshot()
    client.delete('a')
    client.mock.restore(snapshot)
    client.delete('a')
    assert client.names() == []


# ---- Kinds that leave orphans ----

POD: dict[str, Any] = {'containers': [{'name': 'c', 'image': 'i'}], 'restartPolicy': 'Never'}
JOBS = '/apis/batch/v1/namespaces/default/jobs'


def make_job(client: Any, owner: Any) -> None:
    job = client.ask('POST', JOBS, {'metadata': {'name': 'a'}, 'spec': {'template': {'spec': POD}}})
    assert client.status == 201
    client.make('b', owner(job))


def test_a_job_leaves_orphans_if_nothing_else_is_said(client: Any, owner: Any) -> None:
    make_job(client, owner)
    client.ask('DELETE', f'{JOBS}/a')
    assert (client.names(), client.owners_of('b')) == (['b'], [])
    client.ask('GET', f'{JOBS}/a')
    assert client.status == 404


def test_a_job_takes_along_what_it_owns_if_that_is_said(client: Any, owner: Any) -> None:
    make_job(client, owner)
    client.ask('DELETE', f'{JOBS}/a?propagationPolicy=Background')
    assert client.names() == []


@pytest.mark.parametrize(
    ('url', 'expected'), [(f'{JOBS}/a', True), (JOBS, True), (f'{JOBS}/a?propagationPolicy=Orphan', False)]
)
async def test_orphans_of_a_job_that_nobody_has_asked_for_are_warned_of(
    client: Any, owner: Any, url: str, expected: bool
) -> None:
    make_job(client, owner)
    response = await client.mock.delete(url)
    assert ('child pods are preserved by default' in response.headers.get('Warning', '')) is expected
