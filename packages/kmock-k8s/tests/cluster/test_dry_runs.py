"""Dry runs: each write is answered as if it were done, and leaves no trace."""

import json
from typing import Any

import pytest

import kmock

NAMESPACED = '/api/v1/namespaces/default'
CONFIGMAPS = f'{NAMESPACED}/configmaps'
PODS = f'{NAMESPACED}/pods'
SERVICES = f'{NAMESPACED}/services'
DEPLOYMENTS = '/apis/apps/v1/namespaces/default/deployments'
DEFINITIONS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'
MERGE, STRATEGIC = 'application/merge-patch+json', 'application/strategic-merge-patch+json'
APPLY = 'application/apply-patch+yaml'

POD: dict[str, Any] = {'metadata': {'name': 'p'}, 'spec': {'containers': [{'name': 'c', 'image': 'i'}]}}
TEMPLATE = {'metadata': {'labels': {'app': 'x'}}, 'spec': POD['spec']}
DEPLOYMENT: dict[str, Any] = {
    'metadata': {'name': 'd'},
    'spec': {'selector': {'matchLabels': {'app': 'x'}}, 'template': TEMPLATE},
}
SERVICE: dict[str, Any] = {'metadata': {'name': 's'}, 'spec': {'type': 'NodePort', 'ports': [{'port': 80}]}}
DEFINITION: dict[str, Any] = {
    'metadata': {'name': 'widgets.example.com'},
    'spec': {
        'group': 'example.com',
        'scope': 'Namespaced',
        'names': {'plural': 'widgets', 'kind': 'Widget'},
        'versions': [
            {'name': 'v1', 'served': True, 'storage': True, 'schema': {'openAPIV3Schema': {'type': 'object'}}}
        ],
    },
}


@pytest.mark.parametrize(
    ('method', 'url', 'body', 'how', 'status'),
    [
        ('POST', CONFIGMAPS, {'metadata': {'generateName': 'x-'}}, None, 201),
        ('POST', SERVICES, SERVICE, None, 201),
        ('PUT', f'{SERVICES}/s', SERVICE, None, 201),
        ('POST', '/api/v1/namespaces', {'metadata': {'name': 'n'}}, None, 201),
        ('POST', DEFINITIONS, DEFINITION, None, 201),
        (
            'PATCH',
            f'{CONFIGMAPS}/new',
            {'apiVersion': 'v1', 'kind': 'ConfigMap', 'metadata': {'name': 'new'}},
            APPLY,
            201,
        ),
        ('PUT', f'{DEPLOYMENTS}/d', {**DEPLOYMENT, 'metadata': {'name': 'd', 'labels': {'a': 'b'}}}, None, 200),
        ('PATCH', f'{DEPLOYMENTS}/d', {'spec': {'replicas': 4}}, MERGE, 200),
        ('PATCH', f'{DEPLOYMENTS}/d/status', {'status': {'replicas': 4}}, MERGE, 200),
        ('PUT', f'{DEPLOYMENTS}/d/scale', {'metadata': {'name': 'd'}, 'spec': {'replicas': 4}}, None, 200),
        ('PATCH', f'{DEPLOYMENTS}/d/scale', {'spec': {'replicas': 4}}, MERGE, 200),
        ('POST', f'{PODS}/p/binding', {'metadata': {'name': 'p'}, 'target': {'kind': 'Node', 'name': 'n'}}, None, 201),
        ('POST', f'{PODS}/p/eviction', {'metadata': {'name': 'p'}}, None, 201),
        (
            'PATCH',
            f'{PODS}/p/ephemeralcontainers',
            {'spec': {'ephemeralContainers': [{'name': 'e', 'image': 'i'}]}},
            STRATEGIC,
            200,
        ),
        ('DELETE', f'{PODS}/p', None, None, 200),
        ('DELETE', PODS, None, None, 200),
        ('DELETE', f'{DEPLOYMENTS}/d?propagationPolicy=Foreground', None, None, 200),
        ('DELETE', f'{DEPLOYMENTS}/d?propagationPolicy=Orphan', None, None, 200),
        ('DELETE', '/api/v1/namespaces/kube-node-lease', None, None, 200),
        (
            'PUT',
            '/api/v1/namespaces/kube-node-lease/finalize',
            {'metadata': {'name': 'kube-node-lease'}, 'spec': {'finalizers': []}},
            None,
            200,
        ),
    ],
)
async def test_a_dry_run_leaves_no_trace(
    cluster: kmock.KubernetesCluster, method: str, url: str, body: Any, how: str | None, status: int
) -> None:
    for collection, content in ((PODS, POD), (DEPLOYMENTS, DEPLOYMENT)):
        assert (await cluster.post(collection, json=content)).status == 201
    before = {key: dict(one) for key, one in cluster.objects.items()}
    revision = (await (await cluster.get(CONFIGMAPS)).json())['metadata']['resourceVersion']

    query = {'dryRun': 'All', **({'fieldManager': 'me'} if how == APPLY else {})}
    headers = {'Content-Type': how or 'application/json'}
    data = None if body is None else json.dumps(body)
    response = await cluster.request(method, url, params=query, data=data, headers=headers)

    assert response.status == status, await response.text()
    assert {key: dict(one) for key, one in cluster.objects.items()} == before
    assert (await (await cluster.get(CONFIGMAPS)).json())['metadata']['resourceVersion'] == revision


async def test_the_addresses_of_a_dry_run_are_free_yet(cluster: kmock.KubernetesCluster) -> None:
    tried = await (await cluster.post(f'{SERVICES}?dryRun=All', json=SERVICE)).json()
    made = await (await cluster.post(SERVICES, json=SERVICE)).json()
    assert tried['spec'] == made['spec']
    assert tried['metadata']['uid'] != made['metadata']['uid']


async def test_a_definition_that_is_only_tried_serves_nothing(cluster: kmock.KubernetesCluster) -> None:
    assert (await cluster.post(f'{DEFINITIONS}?dryRun=All', json=DEFINITION)).status == 201
    assert (await cluster.get('/apis/example.com/v1/widgets')).status == 404


async def test_a_namespace_does_not_come_to_be_by_a_dry_run() -> None:
    async with kmock.KubernetesCluster(namespaces='auto') as cluster:
        url = CONFIGMAPS.replace('default', 'other')
        assert (await cluster.post(f'{url}?dryRun=All', json={'metadata': {'name': 'a'}})).status == 201
        assert (await cluster.get('/api/v1/namespaces/other')).status == 404


async def test_what_is_tried_has_no_version_yet(cluster: kmock.KubernetesCluster) -> None:
    tried = await (await cluster.post(f'{CONFIGMAPS}?dryRun=All', json={'metadata': {'name': 'a'}})).json()
    assert 'uid' in tried['metadata']
    assert 'resourceVersion' not in tried['metadata']


async def test_an_update_that_is_tried_is_answered_as_if_it_were_done(cluster: kmock.KubernetesCluster) -> None:
    await cluster.post(CONFIGMAPS, json={'metadata': {'name': 'a'}, 'data': {'k': 'v'}})
    response = await cluster.put(f'{CONFIGMAPS}/a?dryRun=All', json={'metadata': {'name': 'a'}, 'data': {'k': 'w'}})
    assert (await response.json())['data'] == {'k': 'w'}
    assert cluster.objects['v1/configmaps', 'default', 'a'] >= {'data': {'k': 'v'}}


async def test_another_dry_run_than_of_all_is_refused(cluster: kmock.KubernetesCluster) -> None:
    response = await cluster.post(f'{CONFIGMAPS}?dryRun=Some', json={'metadata': {'name': 'a'}})
    assert (response.status, (await response.json())['message']) == (
        422,
        'CreateOptions.meta.k8s.io "" is invalid: dryRun: Unsupported value: ["Some"]: supported values: "All"',
    )
