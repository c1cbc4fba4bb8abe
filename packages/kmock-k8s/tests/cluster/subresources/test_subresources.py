"""What follows the names of objects in URLs: scales, bindings, evictions, logs, tokens; and the grace of pods."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

import kmock

PODS = '/api/v1/namespaces/default/pods'
DEPLOYMENTS = '/apis/apps/v1/namespaces/default/deployments'
BUDGETS = '/apis/policy/v1/namespaces/default/poddisruptionbudgets'
ACCOUNTS = '/api/v1/namespaces/default/serviceaccounts'
MERGE = {'Content-Type': 'application/merge-patch+json'}
READY = {'phase': 'Running', 'conditions': [{'type': 'Ready', 'status': 'True'}]}

Object = dict[str, Any]


@pytest.fixture
async def mock() -> AsyncIterator[kmock.KubernetesCluster]:
    async with kmock.KubernetesCluster() as mock:
        yield mock


async def make_pod(mock: kmock.KubernetesCluster, name: str = 'p', **spec: Any) -> Object:
    content = {
        'metadata': {'name': name, 'labels': {'app': 'a'}},
        'spec': {'containers': [{'name': 'c', 'image': 'i'}], **spec},
    }
    response = await mock.post(PODS, json=content)
    assert response.status == 201, await response.text()
    found: Object = await response.json()
    return found


async def read(mock: kmock.KubernetesCluster, url: str) -> Object:
    found: Object = await (await mock.get(url)).json()
    return found


async def test_a_scale_changes_the_replicas(mock: kmock.KubernetesCluster) -> None:
    template = {'metadata': {'labels': {'app': 'a'}}, 'spec': {'containers': [{'name': 'c', 'image': 'i'}]}}
    spec = {'replicas': 2, 'selector': {'matchLabels': {'app': 'a'}}, 'template': template}
    await mock.post(DEPLOYMENTS, json={'metadata': {'name': 'd'}, 'spec': spec})
    scale = await read(mock, f'{DEPLOYMENTS}/d/scale')
    response = await mock.patch(f'{DEPLOYMENTS}/d/scale', data=b'{"spec":{"replicas":5}}', headers=MERGE)
    assert (scale['spec'], scale['status']) == ({'replicas': 2}, {'replicas': 0, 'selector': 'app=a'})
    assert response.status == 200
    assert (await read(mock, f'{DEPLOYMENTS}/d'))['spec']['replicas'] == 5


async def test_a_binding_puts_a_pod_on_a_node_once(mock: kmock.KubernetesCluster) -> None:
    await make_pod(mock)
    binding = {'metadata': {'name': 'p'}, 'target': {'kind': 'Node', 'name': 'n1'}}
    first = await mock.post(f'{PODS}/p/binding', json=binding)
    second = await mock.post(f'{PODS}/p/binding', json=binding)
    pod = await read(mock, f'{PODS}/p')
    assert (first.status, second.status) == (201, 409)
    assert pod['spec']['nodeName'] == 'n1'
    assert [one['type'] for one in pod['status']['conditions']] == ['PodScheduled']


async def test_an_eviction_deletes_a_pod(mock: kmock.KubernetesCluster) -> None:
    await make_pod(mock)
    response = await mock.post(f'{PODS}/p/eviction', json={'metadata': {'name': 'p'}})
    gone = await mock.get(f'{PODS}/p')
    assert (response.status, gone.status) == (201, 404)


async def test_an_eviction_is_refused_when_the_budget_is_spent(mock: kmock.KubernetesCluster) -> None:
    spec = {'minAvailable': 1, 'selector': {'matchLabels': {'app': 'a'}}}
    status = {'observedGeneration': 1, 'disruptionsAllowed': 1, 'currentHealthy': 2, 'desiredHealthy': 1}
    await mock.post(BUDGETS, json={'metadata': {'name': 'b'}, 'spec': spec})
    await mock.patch(f'{BUDGETS}/b/status', data=json.dumps({'status': status}), headers=MERGE)
    for name in ('p', 'q'):
        await make_pod(mock, name)
        await mock.patch(f'{PODS}/{name}/status', data=json.dumps({'status': READY}), headers=MERGE)
    first = await mock.post(f'{PODS}/p/eviction', json={'metadata': {'name': 'p'}})
    second = await mock.post(f'{PODS}/q/eviction', json={'metadata': {'name': 'q'}})
    assert (first.status, second.status) == (201, 429)
    assert (await second.json())['details']['causes'][0]['reason'] == 'DisruptionBudget'


async def test_the_log_of_a_pod_is_what_a_test_sets(mock: kmock.KubernetesCluster) -> None:
    await make_pod(mock)
    mock.pod_logs['default', 'p'] = 'one\ntwo\nthree\n'
    whole = await (await mock.get(f'{PODS}/p/log')).text()
    tail = await (await mock.get(f'{PODS}/p/log?container=c&tailLines=2')).text()
    wrong = await mock.get(f'{PODS}/p/log?container=nope')
    assert (whole, tail, wrong.status) == ('one\ntwo\nthree\n', 'two\nthree\n', 400)


async def test_ephemeral_containers_are_added_but_not_removed(mock: kmock.KubernetesCluster) -> None:
    await make_pod(mock)
    url = f'{PODS}/p/ephemeralcontainers'
    added = {'spec': {'ephemeralContainers': [{'name': 'e', 'image': 'busybox'}]}}
    first = await mock.patch(url, data=json.dumps(added), headers=MERGE)
    second = await mock.patch(url, data=b'{"spec":{"ephemeralContainers":null}}', headers=MERGE)
    pod = await read(mock, f'{PODS}/p')
    assert (first.status, second.status) == (200, 422)
    assert [one['name'] for one in pod['spec']['ephemeralContainers']] == ['e']


async def test_a_service_account_gets_a_token(mock: kmock.KubernetesCluster) -> None:
    await mock.post(ACCOUNTS, json={'metadata': {'name': 'robot'}})
    response = await mock.post(f'{ACCOUNTS}/robot/token', json={'spec': {'audiences': ['x']}})
    content = await response.json()
    assert response.status == 201
    assert content['status']['token'].count('.') == 2
    assert content['spec'] == {'audiences': ['x'], 'expirationSeconds': 3600, 'boundObjectRef': None}


async def test_a_token_is_asked_for_in_yaml(mock: kmock.KubernetesCluster) -> None:
    await mock.post(ACCOUNTS, json={'metadata': {'name': 'a'}})
    headers = {'Content-Type': 'application/yaml'}
    response = await mock.post(f'{ACCOUNTS}/a/token', data='spec:\n  expirationSeconds: 900\n', headers=headers)
    assert (response.status, (await response.json())['spec']['expirationSeconds']) == (201, 900)


async def test_tokens_live_for_ten_minutes_at_least(mock: kmock.KubernetesCluster) -> None:
    await mock.post(ACCOUNTS, json={'metadata': {'name': 'robot'}})
    response = await mock.post(f'{ACCOUNTS}/robot/token', json={'spec': {'expirationSeconds': 60}})
    assert response.status == 422


async def test_a_pod_on_a_node_has_its_grace(mock: kmock.KubernetesCluster) -> None:
    await make_pod(mock, nodeName='n1')
    first = await (await mock.delete(f'{PODS}/p')).json()
    still = await mock.get(f'{PODS}/p')
    last = await (await mock.delete(f'{PODS}/p?gracePeriodSeconds=0')).json()
    gone = await mock.get(f'{PODS}/p')
    assert first['metadata']['deletionGracePeriodSeconds'] == 30
    assert last['metadata']['deletionGracePeriodSeconds'] == 0
    assert (still.status, gone.status) == (200, 404)


@pytest.mark.parametrize('method', ['GET', 'POST', 'DELETE'])
async def test_nothing_runs_behind_a_proxy_unless_a_rule_answers(mock: kmock.KubernetesCluster, method: str) -> None:
    await make_pod(mock)
    urls = [f'{PODS}/{name}/proxy/metrics' for name in ('p', 'nobody')]
    assert [(await mock.request(method, url)).status for url in urls] == [503, 404]
    mock[f'{method} {urls[0]}'] << b'up 1'
    assert await (await mock.request(method, urls[0])).read() == b'up 1'
    assert (await mock.get(f'{PODS}/p')).status == 200


@pytest.mark.parametrize(
    ('fields', 'status', 'message'),
    [
        (
            {'metadata': {'name': 'b'}},
            422,
            (
                'TokenRequest.authentication.k8s.io "robot" is invalid: metadata.name: Invalid value: "b": '
                'must match the service account name if specified'
            ),
        ),
        (
            {'spec': {'expirationSeconds': 1}},
            422,
            (
                'TokenRequest.authentication.k8s.io "" is invalid: spec.expirationSeconds: Invalid value: 1: '
                'may not specify a duration less than 10 minutes'
            ),
        ),
        (
            {'spec': {'boundObjectRef': {'apiVersion': 'v1', 'kind': 'Secret', 'name': 'nope'}}},
            404,
            'secrets "nope" not found',
        ),
        (
            {'spec': {'boundObjectRef': {'apiVersion': 'v1', 'kind': 'ConfigMap', 'name': 'a'}}},
            400,
            'cannot bind token to object of type /v1, Kind=ConfigMap',
        ),
        (
            {'spec': {'boundObjectRef': {'apiVersion': 'v1', 'kind': 'Pod', 'name': 'p'}}},
            400,
            'cannot bind token for serviceaccount "robot" to pod running with different serviceaccount name.',
        ),
    ],
)
async def test_a_token_that_can_not_be_is_refused(
    mock: kmock.KubernetesCluster, fields: dict[str, Any], status: int, message: str
) -> None:
    await mock.post(ACCOUNTS, json={'metadata': {'name': 'robot'}})
    await make_pod(mock)
    response = await mock.post(f'{ACCOUNTS}/robot/token', json=fields)
    assert (response.status, (await response.json())['message']) == (status, message)


@pytest.mark.parametrize(('uid', 'status'), [(None, 201), ('', 201), ('other', 409)])
async def test_a_token_is_bound_to_an_object_by_its_uid(
    mock: kmock.KubernetesCluster, uid: str | None, status: int
) -> None:
    await mock.post(ACCOUNTS, json={'metadata': {'name': 'robot'}})
    await make_pod(mock, serviceAccountName='robot')
    bound = {'apiVersion': 'v1', 'kind': 'Pod', 'name': 'p', 'uid': uid}
    response = await mock.post(f'{ACCOUNTS}/robot/token', json={'spec': {'boundObjectRef': bound}})
    assert response.status == status


async def test_a_namespace_has_no_finalizers_without_a_domain(mock: kmock.KubernetesCluster) -> None:
    body = {'metadata': {'name': 'default'}, 'spec': {'finalizers': ['kubernetes', 'bad']}}
    response = await mock.put('/api/v1/namespaces/default/finalize', json=body)
    assert (response.status, (await response.json())['message']) == (
        422,
        (
            'Namespace "default" is invalid: spec.finalizers[1]: Invalid value: "bad": '
            'name is neither a standard finalizer name nor is it fully qualified'
        ),
    )
