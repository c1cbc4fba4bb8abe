"""Evictions and bindings of pods: what allows them, and why they are refused."""

from typing import Any

import pytest

import kmock

NAMESPACE = '/api/v1/namespaces/default'
POD = f'{NAMESPACE}/pods/p'
BUDGETS = '/apis/policy/v1/namespaces/default/poddisruptionbudgets'
MERGE = {'Content-Type': 'application/merge-patch+json'}
NAMED = {'metadata': {'name': 'p'}}
NODE = {'kind': 'Node', 'name': 'n1'}
READY = [{'type': 'Ready', 'status': 'True'}]
REFUSAL = "Cannot evict pod as it would violate the pod's disruption budget."


@pytest.fixture
async def pod(cluster: kmock.KubernetesCluster) -> kmock.KubernetesCluster:
    body = {
        'metadata': {'name': 'p', 'labels': {'app': 'a'}},
        'spec': {'containers': [{'name': 'c', 'image': 'i'}]},
    }
    assert (await cluster.post(f'{NAMESPACE}/pods', json=body)).status == 201
    return cluster


async def write_status(cluster: kmock.KubernetesCluster, url: str, status: dict[str, Any]) -> None:
    response = await cluster.patch(f'{url}/status', json={'status': status}, headers=MERGE)
    assert response.status == 200, await response.text()


async def budget(cluster: kmock.KubernetesCluster, name: str = 'b', policy: str = '', **status: int) -> None:
    spec = {'minAvailable': 1, 'selector': {'matchLabels': {'app': 'a'}}}
    more = {'unhealthyPodEvictionPolicy': policy} if policy else {}
    assert (await cluster.post(BUDGETS, json={'metadata': {'name': name}, 'spec': {**spec, **more}})).status == 201
    if status:
        healths = {'currentHealthy': 1, 'desiredHealthy': 1, 'expectedPods': 1, 'disruptionsAllowed': 0}
        await write_status(cluster, f'{BUDGETS}/{name}', {'observedGeneration': 1, **healths, **status})


async def evict(cluster: kmock.KubernetesCluster, query: str = '', **fields: Any) -> tuple[int, Any]:
    response = await cluster.post(f'{POD}/eviction{query}', json={**NAMED, **fields})
    return response.status, await response.json()


async def test_an_eviction_that_would_violate_a_budget_is_refused(pod: kmock.KubernetesCluster) -> None:
    await budget(pod, disruptionsAllowed=0)
    await write_status(pod, POD, {'phase': 'Running', 'conditions': READY})
    status, found = await evict(pod)
    assert (status, found['reason'], found['message']) == (429, 'TooManyRequests', REFUSAL)
    why = 'The disruption budget b needs 1 healthy pods and has 1 currently'
    assert found['details'] == {'causes': [{'reason': 'DisruptionBudget', 'message': why}]}
    assert (await pod.get(POD)).status == 200


async def test_a_budget_that_nobody_has_looked_at_is_still_processed(pod: kmock.KubernetesCluster) -> None:
    await budget(pod)
    await write_status(pod, POD, {'phase': 'Running', 'conditions': READY})
    response = await pod.post(f'{POD}/eviction', json=NAMED)
    found = await response.json()
    assert (response.status, response.headers['Retry-After'], found['message']) == (429, '10', REFUSAL)
    why = 'The disruption budget b is still being processed by the server.'
    assert found['details']['causes'] == [{'reason': 'DisruptionBudget', 'message': why}]


async def test_an_eviction_takes_from_the_budget(pod: kmock.KubernetesCluster) -> None:
    await budget(pod, disruptionsAllowed=2)
    await write_status(pod, POD, {'phase': 'Running', 'conditions': READY})
    assert (await evict(pod))[0] == 201
    status = pod.objects['policy/v1/poddisruptionbudgets', 'default', 'b']['status']
    assert (status['disruptionsAllowed'], list(status['disruptedPods'])) == (1, ['p'])


@pytest.mark.parametrize(('query', 'fields'), [('?dryRun=All', {}), ('', {'deleteOptions': {'dryRun': ['All']}})])
async def test_an_eviction_that_is_only_tried_takes_nothing(
    pod: kmock.KubernetesCluster, query: str, fields: dict[str, Any]
) -> None:
    await budget(pod, disruptionsAllowed=1)
    await write_status(pod, POD, {'phase': 'Running', 'conditions': READY})
    assert (await evict(pod, query, **fields))[0] == 201
    assert pod.objects['policy/v1/poddisruptionbudgets', 'default', 'b']['status']['disruptionsAllowed'] == 1
    assert (await pod.get(POD)).status == 200


@pytest.mark.parametrize('phase', ['Pending', 'Succeeded', 'Failed'])
async def test_a_pod_that_serves_nobody_goes_whatever_the_budget(pod: kmock.KubernetesCluster, phase: str) -> None:
    await budget(pod, disruptionsAllowed=0)
    await write_status(pod, POD, {'phase': phase})
    assert (await evict(pod))[0] == 201
    assert (await pod.get(POD)).status == 404


@pytest.mark.parametrize(
    ('policy', 'healthy', 'status'),
    [('', 1, 201), ('', 0, 429), ('IfHealthyBudget', 1, 201), ('IfHealthyBudget', 0, 429), ('AlwaysAllow', 0, 201)],
)
async def test_a_pod_that_is_not_ready_goes_if_nobody_misses_it(
    pod: kmock.KubernetesCluster, policy: str, healthy: int, status: int
) -> None:
    await budget(pod, policy=policy, currentHealthy=healthy)
    await write_status(pod, POD, {'phase': 'Running'})
    assert (await evict(pod))[0] == status


async def test_a_pod_of_two_budgets_is_not_evicted(pod: kmock.KubernetesCluster) -> None:
    await budget(pod, 'b', disruptionsAllowed=1)
    await budget(pod, 'c', disruptionsAllowed=1)
    await write_status(pod, POD, {'phase': 'Running', 'conditions': READY})
    status, found = await evict(pod)
    assert status == 500
    assert found['message'] == (
        'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.'
    )


@pytest.mark.parametrize('part', ['eviction', 'binding'])
@pytest.mark.parametrize('metadata', [{}, {'name': 'q'}])
async def test_another_name_than_that_of_the_url_is_refused(
    pod: kmock.KubernetesCluster, part: str, metadata: dict[str, str]
) -> None:
    response = await pod.post(
        f'{POD}/{part}', json={'metadata': metadata, 'target': NODE} if part == 'binding' else {'metadata': metadata}
    )
    assert response.status == 400
    kind = part.capitalize()
    assert (await response.json())['message'] == f'name in URL does not match name in {kind} object'


# ---- Bindings. ----


@pytest.mark.parametrize('url', [f'{POD}/binding', f'{NAMESPACE}/bindings'])
async def test_a_binding_puts_a_pod_on_a_node(pod: kmock.KubernetesCluster, url: str) -> None:
    response = await pod.post(url, json={**NAMED, 'target': NODE})
    assert (response.status, (await response.json())['status']) == (201, 'Success')
    assert pod.objects['v1/pods', 'default', 'p']['spec']['nodeName'] == 'n1'
    response = await pod.post(url, json={**NAMED, 'target': NODE})
    assert (response.status, (await response.json())['message']) == (
        409,
        'Operation cannot be fulfilled on pods/binding "p": pod p is already assigned to node "n1"',
    )


@pytest.mark.parametrize(
    ('target', 'why'),
    [
        ({'kind': 'Node'}, 'target.name: Required value'),
        ({'kind': 'Pod', 'name': 'n'}, 'target.kind: Unsupported value: "Pod": supported values: "Node", "<empty>"'),
    ],
)
async def test_a_binding_to_something_else_is_refused(
    pod: kmock.KubernetesCluster, target: dict[str, str], why: str
) -> None:
    response = await pod.post(f'{POD}/binding', json={**NAMED, 'target': target})
    assert (response.status, (await response.json())['message']) == (500, why)


async def test_bindings_are_not_kept(pod: kmock.KubernetesCluster) -> None:
    assert (await pod.get(f'{NAMESPACE}/bindings')).status == 405
    assert (await pod.post(f'{NAMESPACE}/bindings', json={'metadata': {'name': 'q'}, 'target': NODE})).status == 404
    assert len(pod.objects['v1/bindings']) == 0


@pytest.mark.parametrize(
    ('method', 'url'),
    [
        ('GET', '/apis/authorization.k8s.io/v1/subjectaccessreviews'),
        ('GET', '/apis/authentication.k8s.io/v1/tokenreviews'),
        ('DELETE', '/api/v1/componentstatuses/etcd-0'),
        ('POST', '/api/v1/componentstatuses'),
    ],
)
async def test_what_discovery_does_not_tell_of_is_not_done(
    cluster: kmock.KubernetesCluster, method: str, url: str
) -> None:
    response = await cluster.request(method, url, json={'metadata': {'name': 'x'}} if method == 'POST' else None)
    assert response.status == 405


async def test_an_eviction_in_an_old_version_is_taken(pod: kmock.KubernetesCluster) -> None:
    status, _ = await evict(pod, apiVersion='policy/v1beta1', kind='Eviction')
    assert status == 201
