"""The rules of a test over a cluster, and what it does with the objects in Python."""

import re
from typing import Any

import pytest

import kmock

CONFIGMAPS = '/api/v1/namespaces/default/configmaps'
CONFIGMAP = f'{CONFIGMAPS}/a'
BODY: dict[str, Any] = {'metadata': {'name': 'a'}, 'data': {'k': 'v'}}
KEY = ('v1/configmaps', 'default', 'a')


async def read(cluster: kmock.KubernetesCluster, url: str = CONFIGMAP) -> Any:
    response = await cluster.get(url)
    assert response.status == 200
    return await response.json()


# ---- Rules come first. ----


async def test_a_rule_that_answers_replaces_the_operation(cluster: kmock.KubernetesCluster) -> None:
    cluster['create v1/configmaps'] << 409
    assert (await cluster.post(CONFIGMAPS, json=BODY)).status == 409
    assert cluster.objects[KEY].empty


async def test_a_rule_may_answer_only_the_first_requests(cluster: kmock.KubernetesCluster) -> None:
    cluster['create v1/configmaps'][:2] << 409
    statuses = [(await cluster.post(CONFIGMAPS, json=BODY)).status for _ in range(4)]
    assert statuses == [409, 409, 201, 409]
    assert len(cluster.objects[KEY].history) == 1


async def test_a_rule_for_what_is_not_defined_yet_does_not_pretend_that_it_is(cluster: kmock.KubernetesCluster) -> None:
    cluster['patch acme.dev/v1/foos'][:1] << 500
    groups = await (await cluster.get('/apis')).json()
    assert 'acme.dev' not in {group['name'] for group in groups['groups']}
    assert (await cluster.get('/apis/acme.dev/v1')).status == 404
    assert (await cluster.get('/apis/acme.dev/v1/foos')).status == 404


async def test_a_spy_sees_what_the_cluster_answers(cluster: kmock.KubernetesCluster) -> None:
    spy = cluster['v1/configmaps']
    await cluster.post(CONFIGMAPS, json=BODY)
    await cluster.get(CONFIGMAP)
    assert [request.method_name for request in spy] == ['POST', 'GET']
    assert not cluster.objects[KEY].empty


async def test_a_rule_for_a_status_leaves_the_object_alone(cluster: kmock.KubernetesCluster) -> None:
    await cluster.post('/api/v1/namespaces', json={'metadata': {'name': 'ns1'}})
    cluster['update v1/namespaces'][kmock.subresource('status')] << 503
    body = await read(cluster, '/api/v1/namespaces/ns1')
    assert (await cluster.put('/api/v1/namespaces/ns1/status', json=body)).status == 503
    assert (await cluster.put('/api/v1/namespaces/ns1', json=body)).status == 200


async def test_a_rule_may_end_a_watch_with_an_error(cluster: kmock.KubernetesCluster) -> None:
    cluster['watch v1/configmaps'] << 410
    assert (await cluster.get(f'{CONFIGMAPS}?watch=1')).status == 410


# ---- Objects in Python. ----


async def test_a_test_sees_what_clients_have_written(cluster: kmock.KubernetesCluster) -> None:
    await cluster.post(CONFIGMAPS, json=BODY)
    assert cluster.objects[KEY].raw == await read(cluster)


async def test_what_a_test_assigns_is_completed(cluster: kmock.KubernetesCluster) -> None:
    cluster.objects[KEY] = {'data': {'k': 'v'}}
    found = await read(cluster)
    assert (found['kind'], found['apiVersion'], found['data']) == ('ConfigMap', 'v1', {'k': 'v'})
    assert (found['metadata']['name'], found['metadata']['namespace']) == ('a', 'default')
    assert {'uid', 'resourceVersion', 'creationTimestamp'} <= found['metadata'].keys()


async def test_what_a_test_assigns_is_written_by_clients_as_any_other(cluster: kmock.KubernetesCluster) -> None:
    cluster.objects[KEY] = {'data': {'k': 'v'}}
    found = await read(cluster)
    assert (await cluster.put(CONFIGMAP, json={**found, 'data': {'k': 'w'}})).status == 200
    assert (await cluster.put(CONFIGMAP, json={**found, 'data': {'k': 'x'}})).status == 409
    assert (await cluster.delete(CONFIGMAP)).status == 200


async def test_what_a_test_assigns_is_the_same_object(cluster: kmock.KubernetesCluster) -> None:
    await cluster.post(CONFIGMAPS, json=BODY)
    before = await read(cluster)
    cluster.objects[KEY] = {'data': {'k': 'w'}}
    after = await read(cluster)
    for field in ('uid', 'creationTimestamp'):
        assert after['metadata'][field] == before['metadata'][field]
    assert after['metadata']['resourceVersion'] > before['metadata']['resourceVersion']


@pytest.mark.parametrize(
    ('key', 'told'),
    [
        pytest.param(('v1/configmaps', None, 'a'), "objects['v1/configmaps', namespace, 'a']", id='needs-a-namespace'),
        pytest.param(('v1/nodes', 'default', 'a'), "objects['v1/nodes', None, 'a']", id='has-no-namespace'),
    ],
)
async def test_what_a_test_assigns_where_no_client_would_find_it_is_an_error(
    cluster: kmock.KubernetesCluster, key: tuple[str, str | None, str], told: str
) -> None:
    with pytest.raises(ValueError, match=re.escape(told)):
        cluster.objects[key] = {}


@pytest.mark.parametrize('name', ['v1/pod', 'apps/v1/deployment', 'apps/v1beta1/deployments'])
async def test_what_a_test_assigns_as_a_resource_that_is_not_served_is_an_error(
    cluster: kmock.KubernetesCluster, name: str
) -> None:
    with pytest.raises(ValueError, match=f'^{name} is not served by the cluster: type its plural'):
        cluster.objects[name, 'default', 'a'] = {}

    cluster.resources[name] = {}
    cluster.objects[name, 'default', 'a'] = {}
    assert not cluster.objects[name, 'default', 'a'].empty


async def test_the_history_that_a_test_assigns_is_completed_too(cluster: kmock.KubernetesCluster) -> None:
    cluster.objects[KEY] = [{'data': {'k': 'v'}}, {'data': {'k': 'w'}}, None, {'data': {'k': 'x'}}]
    first, second, last = [one.raw['metadata'] for one in cluster.objects[KEY].history if one is not None]
    assert first['uid'] == second['uid'] != last['uid']
    assert int(first['resourceVersion']) < int(second['resourceVersion']) < int(last['resourceVersion'])
    cluster.objects[(*KEY, -1)] = {'data': {'k': 'y'}}
    [item] = (await (await cluster.get(CONFIGMAPS)).json())['items']
    assert (item['metadata']['name'], item['metadata']['uid'], item['data']) == ('a', last['uid'], {'k': 'y'})
    assert (await cluster.delete(CONFIGMAP)).status == 200


async def test_what_a_test_changes_is_a_conflict_for_clients(cluster: kmock.KubernetesCluster) -> None:
    await cluster.post(CONFIGMAPS, json=BODY)
    before = await read(cluster)
    cluster.objects[KEY].patch({'data': {'k': 'w'}})
    assert (await cluster.put(CONFIGMAP, json={**before, 'data': {'k': 'x'}})).status == 409


async def test_what_a_test_deletes_is_gone_whatever_its_finalizers(cluster: kmock.KubernetesCluster) -> None:
    await cluster.post(CONFIGMAPS, json={'metadata': {'name': 'a', 'finalizers': ['a.b/c']}})
    cluster.objects[KEY].delete()
    assert (await cluster.get(CONFIGMAP)).status == 404


async def test_a_history_has_all_that_an_object_was(cluster: kmock.KubernetesCluster) -> None:
    await cluster.post(CONFIGMAPS, json=BODY)
    await cluster.put(CONFIGMAP, json={**BODY, 'data': {'k': 'w'}})
    await cluster.delete(CONFIGMAP)
    history = cluster.objects[KEY].history
    assert [None if state is None else state['data']['k'] for state in history] == ['v', 'w', None]


# ---- Forgetting. ----


async def test_a_reset_goes_back_to_a_cluster_that_has_just_come_up(cluster: kmock.KubernetesCluster) -> None:
    await cluster.post(CONFIGMAPS, json=BODY)
    cluster['get /x'] << 200
    cluster.reset()
    assert [(await cluster.get(url)).status for url in (CONFIGMAP, '/x', '/api/v1/namespaces/default')] == [
        404,
        404,
        200,
    ]
    assert (await cluster.post(CONFIGMAPS, json=BODY)).status == 201


async def test_a_reset_goes_back_to_the_checkpoint(cluster: kmock.KubernetesCluster) -> None:
    await cluster.post(CONFIGMAPS, json=BODY)
    cluster.checkpoint()
    before = await read(cluster)
    await cluster.delete(CONFIGMAP)
    cluster.reset()
    assert await read(cluster) == before


async def test_the_revision_rises_over_resets(cluster: kmock.KubernetesCluster) -> None:
    first = (await read(cluster, CONFIGMAPS))['metadata']['resourceVersion']
    cluster.reset()
    assert (await read(cluster, CONFIGMAPS))['metadata']['resourceVersion'] > first


async def test_a_snapshot_can_be_restored_any_number_of_times(cluster: kmock.KubernetesCluster) -> None:
    await cluster.post(CONFIGMAPS, json=BODY)
    snapshot = cluster.snapshot()
    before = await read(cluster)
    for _ in range(2):
        await cluster.put(CONFIGMAP, json={**BODY, 'data': {'k': 'w'}})
        cluster.restore(snapshot)
        assert await read(cluster) == before


async def test_a_restored_object_can_be_written(cluster: kmock.KubernetesCluster) -> None:
    await cluster.post(CONFIGMAPS, json=BODY)
    snapshot = cluster.snapshot()
    await cluster.delete(CONFIGMAP)
    cluster.restore(snapshot)
    found = await read(cluster)
    assert (await cluster.put(CONFIGMAP, json={**found, 'data': {'k': 'w'}})).status == 200


@pytest.mark.parametrize('forget', ['reset', 'compact'])
async def test_a_token_of_what_is_forgotten_is_too_old(cluster: kmock.KubernetesCluster, forget: str) -> None:
    for name in 'abc':
        await cluster.post(CONFIGMAPS, json={'metadata': {'name': name}})
    token = (await read(cluster, f'{CONFIGMAPS}?limit=1'))['metadata']['continue']
    await cluster.delete(CONFIGMAP)
    cluster.reset() if forget == 'reset' else cluster.compact()
    assert (await cluster.get(CONFIGMAPS, params={'continue': token})).status == 410
