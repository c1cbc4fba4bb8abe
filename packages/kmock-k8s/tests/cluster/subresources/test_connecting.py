"""``exec``, ``attach`` and ``portforward``: refused where a real server would turn to the agent of a node."""

from typing import Any

import pytest

import kmock

PODS = '/api/v1/namespaces/default/pods'
PARTS = ['exec', 'attach', 'portforward']
UPGRADE = {'Connection': 'Upgrade', 'Upgrade': 'SPDY/3.1'}


async def ask(cluster: kmock.KubernetesCluster, url: str, **options: Any) -> tuple[int, str]:
    response = await cluster.post(f'{PODS}/{url}', **options)
    return response.status, (await response.json())['message']


def load(cluster: kmock.KubernetesCluster, **spec: Any) -> None:
    containers = [{'name': name, 'image': 'busybox'} for name in ('main', 'sidecar')]
    cluster.load(
        {'apiVersion': 'v1', 'kind': 'Pod', 'metadata': {'name': 'p'}, 'spec': {'containers': containers, **spec}}
    )


@pytest.mark.parametrize('part', PARTS)
async def test_a_pod_has_to_be_there_and_on_a_node(cluster: kmock.KubernetesCluster, part: str) -> None:
    assert await ask(cluster, f'p/{part}?container=main') == (404, 'pods "p" not found')
    load(cluster)
    assert await ask(cluster, f'p/{part}?container=main') == (400, 'pod p does not have a host assigned')


@pytest.mark.parametrize('part', PARTS)
async def test_nothing_runs_in_a_pod(cluster: kmock.KubernetesCluster, part: str) -> None:
    load(cluster, nodeName='node1')
    assert await ask(cluster, f'p/{part}?container=main') == (400, 'Upgrade request required')
    message = 'error dialing backend: nothing runs in the pod "p"'
    assert await ask(cluster, f'p/{part}?container=main', headers=UPGRADE) == (500, message)


@pytest.mark.parametrize('part', ['exec', 'attach'])
async def test_a_container_of_the_pod_has_to_be_named(cluster: kmock.KubernetesCluster, part: str) -> None:
    load(cluster, nodeName='node1')
    message = 'a container name must be specified for pod p, choose one of: [main sidecar]'
    assert await ask(cluster, f'p/{part}') == (400, message)
    assert await ask(cluster, f'p/{part}?container=x') == (400, 'container x is not valid for pod p')
