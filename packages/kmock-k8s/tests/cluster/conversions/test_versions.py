"""What a test sees of objects that are in several versions: the same ones in each of them."""

import asyncio
import json
from typing import Any

import pytest

import kmock

V1 = 'autoscaling/v1/horizontalpodautoscalers'
V2 = 'autoscaling/v2/horizontalpodautoscalers'
WIDGETS = '/apis/example.com/v1/namespaces/default/widgets'
SPEC = {'scaleTargetRef': {'kind': 'Deployment', 'name': 'web'}, 'maxReplicas': 5, 'minReplicas': 1}
LOAD = {
    'type': 'Resource',
    'resource': {'name': 'cpu', 'target': {'type': 'Utilization', 'averageUtilization': 70}},
}
ANYTHING = {'openAPIV3Schema': {'type': 'object', 'x-kubernetes-preserve-unknown-fields': True}}
DEFINITION = {
    'metadata': {'name': 'widgets.example.com'},
    'spec': {
        'group': 'example.com',
        'scope': 'Namespaced',
        'names': {'plural': 'widgets', 'singular': 'widget', 'kind': 'Widget', 'listKind': 'WidgetList'},
        'versions': [
            {'name': 'v1', 'served': True, 'storage': True, 'schema': ANYTHING},
            {'name': 'v1beta1', 'served': True, 'storage': False, 'schema': ANYTHING},
        ],
    },
}


@pytest.fixture
async def scaled(cluster: kmock.KubernetesCluster) -> kmock.KubernetesCluster:
    """A cluster with an autoscaler that was written in v2, and changed in v1."""
    url = '/apis/autoscaling/v{}/namespaces/default/horizontalpodautoscalers'
    await cluster.post(url.format(2), json={'metadata': {'name': 'h'}, 'spec': {**SPEC, 'metrics': [LOAD]}})
    merge = {'Content-Type': 'application/merge-patch+json'}
    await cluster.patch(f'{url.format(1)}/h', json={'spec': {'maxReplicas': 9}}, headers=merge)
    return cluster


async def test_an_object_is_there_in_each_version(scaled: kmock.KubernetesCluster) -> None:
    older, newer = scaled.objects[V1, 'default', 'h'], scaled.objects[V2, 'default', 'h']
    assert older >= {'apiVersion': 'autoscaling/v1', 'spec': {'targetCPUUtilizationPercentage': 70, 'maxReplicas': 9}}
    assert newer >= {'apiVersion': 'autoscaling/v2', 'spec': {'metrics': [LOAD], 'maxReplicas': 9}}


async def test_the_history_is_the_same_in_each_version(scaled: kmock.KubernetesCluster) -> None:
    replicas = [
        [dict(one or {})['spec']['maxReplicas'] for one in scaled.objects[key, 'default', 'h', :]] for key in (V1, V2)
    ]
    assert replicas == [[5, 9], [5, 9]]


async def test_a_collection_is_the_same_in_each_version(scaled: kmock.KubernetesCluster) -> None:
    assert (V1, 'default', 'h') in scaled.objects
    assert len(scaled.objects[V1]) == len(scaled.objects[V2]) == 1
    assert [str(key.resource) for key in scaled.objects[V1]] == [V1]


async def test_what_a_test_writes_in_one_version_is_read_in_the_other(scaled: kmock.KubernetesCluster) -> None:
    scaled.objects[V1, 'default', 'h'].patch({'spec': {'targetCPUUtilizationPercentage': 40}})
    metric: Any = scaled.objects[V2, 'default', 'h']['spec']['metrics'][0]
    assert metric['resource']['target'] == {'type': 'Utilization', 'averageUtilization': 40}


async def test_what_a_test_assigns_reaches_the_watches_of_the_other_version(cluster: kmock.KubernetesCluster) -> None:
    async with cluster.get('/apis/autoscaling/v2/horizontalpodautoscalers?watch=1') as response, asyncio.timeout(30):
        cluster.objects[V1, 'default', 'h'] = {'spec': {**SPEC, 'targetCPUUtilizationPercentage': 30}}
        event = json.loads(await response.content.readline())
    assert event['object']['apiVersion'] == 'autoscaling/v2'
    assert event['object']['spec']['metrics'][0]['resource']['target']['averageUtilization'] == 30


async def test_what_is_assigned_again_stays_the_same_object(scaled: kmock.KubernetesCluster) -> None:
    uid = scaled.objects[V2, 'default', 'h']['metadata']['uid']
    scaled.objects[V1, 'default', 'h'] = {'spec': SPEC}
    assert scaled.objects[V2, 'default', 'h']['metadata']['uid'] == uid


async def test_what_a_test_removes_in_one_version_is_gone_in_the_other(scaled: kmock.KubernetesCluster) -> None:
    scaled.objects[V1, 'default', 'h'].delete()
    assert scaled.objects[V2, 'default', 'h'].deleted
    del scaled.objects[V1, 'default', 'h']
    assert scaled.objects[V2, 'default', 'h'].empty
    scaled.objects[V2, 'default', 'h'] = {'spec': SPEC}
    scaled.objects[V1].clear()
    assert len(scaled.objects[V2]) == 0


async def test_a_history_that_is_replaced_in_one_version_is_so_in_the_other(scaled: kmock.KubernetesCluster) -> None:
    scaled.objects[V1, 'default', 'h'] = [{'metadata': {'name': 'h'}, 'spec': {**SPEC, 'maxReplicas': 2}}, None]
    assert [one and one['spec']['maxReplicas'] for one in scaled.objects[V2, 'default', 'h', :]] == [2, None]


async def test_an_event_is_there_in_both_groups(cluster: kmock.KubernetesCluster) -> None:
    cluster.objects['v1/events', 'default', 'e'] = {'message': 'hello', 'involvedObject': {'name': 'p'}}
    assert cluster.objects['events.k8s.io/v1/events', 'default', 'e'] >= {'note': 'hello', 'regarding': {'name': 'p'}}


async def test_custom_objects_are_there_in_each_version(cluster: kmock.KubernetesCluster) -> None:
    await cluster.post('/apis/apiextensions.k8s.io/v1/customresourcedefinitions', json=DEFINITION)
    body = {'apiVersion': 'example.com/v1', 'kind': 'Widget', 'metadata': {'name': 'w'}, 'spec': {'size': 1}}
    await cluster.post(WIDGETS, json=body)
    older = cluster.objects['example.com/v1beta1/widgets', 'default', 'w']
    assert older >= {'apiVersion': 'example.com/v1beta1', 'spec': {'size': 1}}
    older['spec']['size'] = 2
    assert cluster.objects['example.com/v1/widgets', 'default', 'w'] >= {
        'apiVersion': 'example.com/v1',
        'spec': {'size': 2},
    }
    assert older['apiVersion'] == 'example.com/v1beta1'
