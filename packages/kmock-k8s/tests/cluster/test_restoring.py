"""Going back: snapshots of the cluster, compaction, and forgetting."""

import json
from typing import Any

import pytest

import kmock

MAPS = '/api/v1/namespaces/default/configmaps'
DEFINITIONS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'
WIDGETS = '/apis/example.com/v1/namespaces/default/widgets'


@pytest.fixture
def definition() -> dict[str, Any]:
    return {
        'apiVersion': 'apiextensions.k8s.io/v1',
        'kind': 'CustomResourceDefinition',
        'metadata': {'name': 'widgets.example.com'},
        'spec': {
            'group': 'example.com',
            'names': {'plural': 'widgets', 'kind': 'Widget'},
            'scope': 'Namespaced',
            'versions': [
                {'name': 'v1', 'served': True, 'storage': True, 'schema': {'openAPIV3Schema': {'type': 'object'}}}
            ],
        },
    }


async def test_a_snapshot_is_gone_back_to_any_number_of_times() -> None:
    async with kmock.KubernetesCluster() as cluster:
        await cluster.post(MAPS, json={'metadata': {'name': 'kept'}})
        snapshot = cluster.snapshot()
        for _ in range(2):
            await cluster.post(MAPS, json={'metadata': {'name': 'lost'}})
            assert len(cluster.objects['v1/configmaps']) == 2
            cluster.restore(snapshot)
            assert [key.name for key in cluster.objects['v1/configmaps']] == ['kept']


async def test_custom_resources_come_and_go_with_snapshots(definition: dict[str, Any]) -> None:
    async with kmock.KubernetesCluster() as cluster:
        before = cluster.snapshot()
        assert (await cluster.post(DEFINITIONS, json=definition)).status == 201
        after = cluster.snapshot()
        assert (await cluster.get(WIDGETS)).status == 200
        cluster.restore(before)
        assert (await cluster.get(WIDGETS)).status == 404
        cluster.restore(after)
        assert (await cluster.get(WIDGETS)).status == 200


async def test_a_cluster_that_is_reset_is_as_a_new_one(definition: dict[str, Any]) -> None:
    async with kmock.KubernetesCluster() as cluster:
        await cluster.post(DEFINITIONS, json=definition)
        await cluster.post(MAPS, json={'metadata': {'name': 'lost'}})
        cluster.reset()
        assert (await cluster.get(WIDGETS)).status == 404
        names = {item['metadata']['name'] for item in (await (await cluster.get('/api/v1/namespaces')).json())['items']}
        assert names == {'default', 'kube-system', 'kube-public', 'kube-node-lease'}
        assert (await (await cluster.get(MAPS)).json())['items'] == []
        assert (await cluster.post(MAPS, json={'metadata': {'name': 'new'}})).status == 201


async def test_who_resumes_from_before_a_compaction_has_to_list_anew() -> None:
    async with kmock.KubernetesCluster() as cluster:
        version = (await (await cluster.get(MAPS)).json())['metadata']['resourceVersion']
        await cluster.post(MAPS, json={'metadata': {'name': 'one'}})
        cluster.compact()
        response = await cluster.get(f'{MAPS}?watch=1&resourceVersion={version}')
        event = json.loads(await response.read())
        assert (event['type'], event['object']['code'], event['object']['reason']) == ('ERROR', 410, 'Expired')


async def test_what_a_test_assigns_is_completed_to_a_whole_object() -> None:
    async with kmock.KubernetesCluster() as cluster:
        cluster.objects['v1/configmaps', 'default', 'one'] = {'data': {'a': '1'}}
        made = await (await cluster.get(f'{MAPS}/one')).json()
        assert (made['kind'], made['apiVersion'], made['data']) == ('ConfigMap', 'v1', {'a': '1'})
        assert {'uid', 'creationTimestamp', 'resourceVersion'} <= made['metadata'].keys()
        cluster.objects['v1/configmaps', 'default', 'one'] = {'data': {'a': '2'}}
        again = await (await cluster.get(f'{MAPS}/one')).json()
        assert again['metadata']['uid'] == made['metadata']['uid']
        assert int(again['metadata']['resourceVersion']) > int(made['metadata']['resourceVersion'])
        assert (await (await cluster.get(MAPS)).json())['items'][0]['data'] == {'a': '2'}
