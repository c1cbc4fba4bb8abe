"""The parts of pods that are changed at URLs of their own: ephemeral containers, and resources."""

from typing import Any

import pytest

import kmock

PODS = '/api/v1/namespaces/default/pods'
PART = f'{PODS}/p/ephemeralcontainers'
SIZE = f'{PODS}/p/resize'
STRATEGIC = {'Content-Type': 'application/strategic-merge-patch+json'}
ADDED = {'name': 'e', 'image': 'busybox'}


@pytest.fixture
async def pod(cluster: kmock.KubernetesCluster) -> kmock.KubernetesCluster:
    body = {'metadata': {'name': 'p'}, 'spec': {'containers': [{'name': 'c', 'image': 'i:1'}]}}
    assert (await cluster.post(PODS, json=body)).status == 201
    return cluster


async def patch(cluster: kmock.KubernetesCluster, url: str, spec: Any) -> tuple[int, Any]:
    response = await cluster.patch(url, json={'spec': spec}, headers=STRATEGIC)
    return response.status, await response.json()


async def test_ephemeral_containers_are_read_and_added(pod: kmock.KubernetesCluster) -> None:
    status, found = await patch(pod, PART, {'ephemeralContainers': [ADDED], 'nodeName': 'ignored'})
    assert (status, [one['name'] for one in found['spec']['ephemeralContainers']]) == (200, ['e'])
    assert 'nodeName' not in found['spec']
    response = await pod.get(PART)
    assert (await response.json()) == found


@pytest.mark.parametrize(
    ('added', 'field', 'message'),
    [
        ({'name': 'c', 'image': 'i'}, 'name', 'Duplicate value: "c"'),
        ({'name': 'f', 'image': ''}, 'image', 'Required value'),
        ({**ADDED, 'targetContainerName': 'd'}, 'targetContainerName', 'Not found: "d"'),
        (
            {**ADDED, 'ports': [{'containerPort': 1}]},
            'ports',
            'Forbidden: cannot be set for an Ephemeral Container',
        ),
    ],
)
async def test_an_ephemeral_container_that_makes_no_sense_is_refused(
    pod: kmock.KubernetesCluster, added: Any, field: str, message: str
) -> None:
    status, found = await patch(pod, PART, {'ephemeralContainers': [added]})
    [cause] = found['details']['causes']
    assert (status, cause['field'], cause['message']) == (422, f'spec.ephemeralContainers[0].{field}', message)


async def test_an_ephemeral_container_stays_as_it_is(pod: kmock.KubernetesCluster) -> None:
    await patch(pod, PART, {'ephemeralContainers': [ADDED]})
    status, found = await patch(pod, PART, {'ephemeralContainers': [{**ADDED, 'image': 'other'}]})
    [cause] = found['details']['causes']
    assert (status, cause['field']) == (422, 'spec.ephemeralContainers')
    assert cause['message'].startswith('Forbidden: existing ephemeral containers "e" may not be changed\n')


async def test_ephemeral_containers_are_added_at_their_url_alone(pod: kmock.KubernetesCluster) -> None:
    status, found = await patch(pod, f'{PODS}/p', {'ephemeralContainers': [ADDED]})
    assert status == 422
    assert 'pod updates may not change fields other than' in found['message']
    spec = {'containers': [{'name': 'c', 'image': 'i'}], 'ephemeralContainers': [ADDED]}
    response = await pod.post(PODS, json={'metadata': {'name': 'q'}, 'spec': spec})
    assert response.status == 422
    message = 'Pod "q" is invalid: spec.ephemeralContainers: Forbidden: cannot be set on create'
    assert (await response.json())['message'] == message


async def test_a_pod_with_ephemeral_containers_can_be_changed_otherwise(pod: kmock.KubernetesCluster) -> None:
    await patch(pod, PART, {'ephemeralContainers': [ADDED]})
    status, found = await patch(pod, f'{PODS}/p', {'containers': [{'name': 'c', 'image': 'i:2'}]})
    assert (status, found['spec']['containers'][0]['image']) == (200, 'i:2')


async def test_a_pod_is_resized_at_its_url_alone(pod: kmock.KubernetesCluster) -> None:
    resources = {'requests': {'cpu': '1'}}
    sized = [{'name': 'c', 'image': 'ignored', 'resources': resources}]
    status, _ = await patch(pod, f'{PODS}/p', {'containers': [{'name': 'c', 'resources': resources}]})
    assert status == 422
    status, found = await patch(pod, SIZE, {'containers': sized})
    [container] = found['spec']['containers']
    assert (status, container['resources'], container['image']) == (200, resources, 'i:1')


async def test_a_pod_is_not_resized_below_nothing(pod: kmock.KubernetesCluster) -> None:
    sized = [{'name': 'c', 'resources': {'requests': {'cpu': '-1'}}}]
    status, found = await patch(pod, SIZE, {'containers': sized})
    assert (status, found['details']['causes'][0]['field']) == (422, 'spec.containers[0].resources.requests[cpu]')
