"""HorizontalPodAutoscalers are one object in v1 and in v2 of their group."""

import asyncio
import json
from typing import Any

import pytest

import kmock

V1 = '/apis/autoscaling/v1/namespaces/default/horizontalpodautoscalers'
V2 = '/apis/autoscaling/v2/namespaces/default/horizontalpodautoscalers'
MERGE = {'Content-Type': 'application/merge-patch+json'}
TARGET = {'kind': 'Deployment', 'name': 'web', 'apiVersion': 'apps/v1'}
NOTE = 'autoscaling.alpha.kubernetes.io'


def scaler(name: str = 'h', **spec: Any) -> dict[str, Any]:
    return {'metadata': {'name': name}, 'spec': {'scaleTargetRef': TARGET, 'maxReplicas': 5, **spec}}


def load(percent: int) -> dict[str, Any]:
    target = {'type': 'Utilization', 'averageUtilization': percent}
    return {'type': 'Resource', 'resource': {'name': 'cpu', 'target': target}}


async def make(cluster: kmock.KubernetesCluster, url: str, body: dict[str, Any]) -> dict[str, Any]:
    response = await cluster.post(url, json=body)
    found: dict[str, Any] = await response.json()
    assert response.status == 201, found
    return found


async def read(cluster: kmock.KubernetesCluster, url: str) -> dict[str, Any]:
    found: dict[str, Any] = await (await cluster.get(url)).json()
    return found


async def test_the_load_of_v1_is_a_metric_of_v2(cluster: kmock.KubernetesCluster) -> None:
    made = await make(cluster, V1, scaler(targetCPUUtilizationPercentage=70))
    found = await read(cluster, f'{V2}/h')
    assert (made['apiVersion'], found['apiVersion']) == ('autoscaling/v1', 'autoscaling/v2')
    assert found['spec']['metrics'] == [load(70)]
    assert 'targetCPUUtilizationPercentage' not in found['spec']
    assert found['metadata']['resourceVersion'] == made['metadata']['resourceVersion']


async def test_a_load_in_v2_is_that_of_v1(cluster: kmock.KubernetesCluster) -> None:
    await make(cluster, V2, scaler(metrics=[load(65)]))
    found = await read(cluster, f'{V1}/h')
    assert found['spec']['targetCPUUtilizationPercentage'] == 65
    assert 'annotations' not in found['metadata']
    assert found['spec']['scaleTargetRef'] == TARGET


@pytest.mark.parametrize('url', [V1, V2])
async def test_the_load_is_eighty_percent_where_nothing_is_said(cluster: kmock.KubernetesCluster, url: str) -> None:
    await make(cluster, url, scaler())
    assert (await read(cluster, f'{V1}/h'))['spec'] == {
        'scaleTargetRef': TARGET,
        'minReplicas': 1,
        'maxReplicas': 5,
        'targetCPUUtilizationPercentage': 80,
    }
    assert (await read(cluster, f'{V2}/h'))['spec']['metrics'] == [load(80)]


METRICS: list[tuple[dict[str, Any], dict[str, Any]]] = [
    (
        {
            'type': 'Pods',
            'pods': {'metric': {'name': 'qps'}, 'target': {'type': 'AverageValue', 'averageValue': '10'}},
        },
        {'type': 'Pods', 'pods': {'metricName': 'qps', 'targetAverageValue': '10'}},
    ),
    (
        {
            'type': 'Resource',
            'resource': {'name': 'memory', 'target': {'type': 'Utilization', 'averageUtilization': 60}},
        },
        {'type': 'Resource', 'resource': {'name': 'memory', 'targetAverageUtilization': 60}},
    ),
    (
        {
            'type': 'Resource',
            'resource': {'name': 'cpu', 'target': {'type': 'AverageValue', 'averageValue': '500m'}},
        },
        {'type': 'Resource', 'resource': {'name': 'cpu', 'targetAverageValue': '500m'}},
    ),
    (
        {
            'type': 'ContainerResource',
            'containerResource': {
                'name': 'cpu',
                'target': {'type': 'Utilization', 'averageUtilization': 60},
                'container': 'main',
            },
        },
        {
            'type': 'ContainerResource',
            'containerResource': {'name': 'cpu', 'targetAverageUtilization': 60, 'container': 'main'},
        },
    ),
    (
        {
            'type': 'External',
            'external': {
                'metric': {'name': 'queue', 'selector': {'matchLabels': {'a': 'b'}}},
                'target': {'type': 'Value', 'value': '30'},
            },
        },
        {
            'type': 'External',
            'external': {'metricName': 'queue', 'metricSelector': {'matchLabels': {'a': 'b'}}, 'targetValue': '30'},
        },
    ),
    (
        {
            'type': 'Object',
            'object': {
                'describedObject': {'kind': 'Ingress', 'name': 'main', 'apiVersion': 'networking.k8s.io/v1'},
                'target': {'type': 'Value', 'value': '10k'},
                'metric': {'name': 'hits'},
            },
        },
        {
            'type': 'Object',
            'object': {
                'target': {'kind': 'Ingress', 'name': 'main', 'apiVersion': 'networking.k8s.io/v1'},
                'metricName': 'hits',
                'targetValue': '10k',
            },
        },
    ),
]


@pytest.mark.parametrize(('metric', 'note'), METRICS, ids=[metric['type'] for metric, _ in METRICS])
async def test_what_v1_does_not_know_is_in_an_annotation_and_comes_back(
    cluster: kmock.KubernetesCluster, metric: dict[str, Any], note: dict[str, Any]
) -> None:
    made = await make(cluster, V2, scaler(metrics=[metric]))
    found = await read(cluster, f'{V1}/h')
    assert json.loads(found['metadata']['annotations'][f'{NOTE}/metrics']) == [note]
    await cluster.put(f'{V1}/h', json={**found, 'spec': {**found['spec'], 'maxReplicas': 7}})
    again = await read(cluster, f'{V2}/h')
    assert sorted(again['spec']['metrics'], key=str) == sorted(made['spec']['metrics'], key=str)
    assert 'annotations' not in again['metadata']
    assert again['spec']['maxReplicas'] == 7


async def test_rules_of_scaling_are_in_an_annotation_and_come_back(cluster: kmock.KubernetesCluster) -> None:
    behavior = {'scaleDown': {'stabilizationWindowSeconds': 60}}
    made = await make(cluster, V2, scaler(behavior=behavior))
    found = await read(cluster, f'{V1}/h')
    note = json.loads(found['metadata']['annotations'][f'{NOTE}/behavior'])
    assert note['ScaleDown'] == {
        'StabilizationWindowSeconds': 60,
        'SelectPolicy': 'Max',
        'Policies': [{'Type': 'Percent', 'Value': 100, 'PeriodSeconds': 15}],
        'Tolerance': None,
    }
    await cluster.patch(f'{V1}/h', json={'spec': {'minReplicas': 2}}, headers=MERGE)
    assert (await read(cluster, f'{V2}/h'))['spec']['behavior'] == made['spec']['behavior']


async def test_a_status_that_is_written_in_v2_is_shown_in_v1(cluster: kmock.KubernetesCluster) -> None:
    await make(cluster, V2, scaler())
    current = {'averageUtilization': 55, 'averageValue': '300m'}
    status = {
        'currentReplicas': 2,
        'desiredReplicas': 3,
        'currentMetrics': [{'type': 'Resource', 'resource': {'name': 'cpu', 'current': current}}],
        'conditions': [{'type': 'AbleToScale', 'status': 'True', 'lastTransitionTime': '2026-01-02T03:04:05Z'}],
    }
    await cluster.patch(f'{V2}/h/status', json={'status': status}, headers=MERGE)
    found = await read(cluster, f'{V1}/h')
    notes = found['metadata']['annotations']
    assert found['status'] == {'currentReplicas': 2, 'desiredReplicas': 3, 'currentCPUUtilizationPercentage': 55}
    assert json.loads(notes[f'{NOTE}/current-metrics']) == [
        {
            'type': 'Resource',
            'resource': {'name': 'cpu', 'currentAverageUtilization': 55, 'currentAverageValue': '300m'},
        }
    ]
    assert json.loads(notes[f'{NOTE}/conditions'])[0]['type'] == 'AbleToScale'


@pytest.mark.parametrize('text', ['{', '"text"', '[1]', '[null]', '[{"type": 1}]', '{"ScaleUp": 1}'])
async def test_an_annotation_that_says_nothing_is_ignored(cluster: kmock.KubernetesCluster, text: str) -> None:
    body = scaler(targetCPUUtilizationPercentage=50)
    body['metadata']['annotations'] = {f'{NOTE}/metrics': text, f'{NOTE}/behavior': text, 'own': 'kept'}
    made = await make(cluster, V1, body)
    assert made['metadata']['annotations'] == {'own': 'kept'}
    assert (await read(cluster, f'{V2}/h'))['spec']['metrics'] == [load(50)]


async def test_a_list_shows_what_was_written_in_the_other_version(cluster: kmock.KubernetesCluster) -> None:
    await make(cluster, V2, scaler('a', metrics=[load(10)]))
    await make(cluster, V1, scaler('b', targetCPUUtilizationPercentage=20))
    found = await read(cluster, '/apis/autoscaling/v1/horizontalpodautoscalers')
    assert (found['kind'], found['apiVersion']) == ('HorizontalPodAutoscalerList', 'autoscaling/v1')
    assert [item['spec']['targetCPUUtilizationPercentage'] for item in found['items']] == [10, 20]
    assert all('kind' not in item and 'apiVersion' not in item for item in found['items'])


async def test_a_watch_shows_what_is_written_in_the_other_version(cluster: kmock.KubernetesCluster) -> None:
    async with cluster.get(f'{V1}?watch=1') as response, asyncio.timeout(30):
        await make(cluster, V2, scaler(metrics=[load(10)]))
        added = json.loads(await response.content.readline())
        await cluster.delete(f'{V2}/h')
        deleted = json.loads(await response.content.readline())
    assert (added['type'], deleted['type']) == ('ADDED', 'DELETED')
    assert added['object']['apiVersion'] == 'autoscaling/v1'
    assert added['object']['spec']['targetCPUUtilizationPercentage'] == 10


async def test_what_is_deleted_in_one_version_is_gone_in_both(cluster: kmock.KubernetesCluster) -> None:
    await make(cluster, V2, scaler())
    response = await cluster.delete(V1)
    assert (response.status, (await response.json())['items'][0]['spec']['maxReplicas']) == (200, 5)
    assert (await cluster.get(f'{V2}/h')).status == 404


async def test_a_collection_that_is_held_is_marked_and_stays_as_it_was(cluster: kmock.KubernetesCluster) -> None:
    body = scaler(metrics=[load(10)])
    body['metadata']['finalizers'] = ['example.com/held']
    await make(cluster, V2, body)
    await cluster.delete(V1)
    found = await read(cluster, f'{V2}/h')
    assert found['metadata']['deletionTimestamp']
    assert found['spec']['metrics'] == [load(10)]


async def test_what_changes_nothing_makes_no_new_version(cluster: kmock.KubernetesCluster) -> None:
    await make(cluster, V2, scaler(metrics=[METRICS[0][0]]))
    shown = await read(cluster, f'{V1}/h')
    response = await cluster.put(f'{V1}/h', json=shown)
    assert (await response.json())['metadata']['resourceVersion'] == shown['metadata']['resourceVersion']


INVALID: list[tuple[str, dict[str, Any], str, str]] = [
    (V1, {'targetCPUUtilizationPercentage': 0}, 'spec.metrics[0].resource.target.averageUtilization', 'greater than 0'),
    (V2, {'minReplicas': 0}, 'spec.minReplicas', 'must be greater than or equal to 1'),
    (V2, {'metrics': [{'type': 'Pods'}]}, 'spec.metrics[0].pods', 'must populate information for the given metric'),
    (V2, {'metrics': [{'type': 'Odd'}]}, 'spec.metrics[0].type', 'supported values: "ContainerResource", "External", '),
    (
        V2,
        {'metrics': [{**load(1), 'pods': METRICS[0][0]['pods']}]},
        'spec.metrics[0].pods',
        'must populate the given metric source only',
    ),
    (
        V2,
        {'metrics': [{'type': 'Resource', 'resource': {'name': 'cpu', 'target': {'type': 'Utilization'}}}]},
        'spec.metrics[0].resource.target.averageUtilization',
        'must set either a target raw value or a target utilization',
    ),
    (
        V2,
        {'behavior': {'scaleUp': {'stabilizationWindowSeconds': 3601}}},
        'spec.behavior.scaleUp.stabilizationWindowSeconds',
        'must be less than or equal to 3600',
    ),
    (
        V2,
        {'behavior': {'scaleDown': {'policies': [{'type': 'Pods', 'value': 0, 'periodSeconds': 1}]}}},
        'spec.behavior.scaleDown.policies[0].value',
        'must be greater than zero',
    ),
]


@pytest.mark.parametrize(('url', 'spec', 'field', 'why'), INVALID)
async def test_an_autoscaler_that_is_not_valid_is_refused(
    cluster: kmock.KubernetesCluster, url: str, spec: dict[str, Any], field: str, why: str
) -> None:
    response = await cluster.post(url, json=scaler(**spec))
    found = await response.json()
    assert response.status == 422
    assert any(cause['field'] == field and why in cause['message'] for cause in found['details']['causes']), found


async def test_an_autoscaler_of_v1_has_a_uid_and_a_time_and_can_be_deleted(cluster: kmock.KubernetesCluster) -> None:
    metadata = (await make(cluster, V1, scaler()))['metadata']
    assert metadata['uid']
    assert metadata['creationTimestamp']
    response = await cluster.delete(f'{V1}/h')
    assert (response.status, (await response.json())['details']['uid']) == (200, metadata['uid'])


async def test_tests_mean_v2_where_they_name_no_version(cluster: kmock.KubernetesCluster) -> None:
    await make(cluster, V1, scaler(targetCPUUtilizationPercentage=70))
    found = cluster.objects['horizontalpodautoscalers', 'default', 'h']
    assert found >= {'apiVersion': 'autoscaling/v2', 'spec': {'metrics': [load(70)]}}
