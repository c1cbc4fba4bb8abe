"""Claims and volumes that are deleted go as soon as they are not in use; they are protected when they are created."""

from typing import Any

import pytest

import kmock

CLAIMS = '/api/v1/namespaces/default/persistentvolumeclaims'
VOLUMES = '/api/v1/persistentvolumes'
PODS = '/api/v1/namespaces/default/pods'
STORAGE = {'resources': {'requests': {'storage': '1Gi'}}}
CLAIM = {'metadata': {'name': 'data'}, 'spec': {'accessModes': ['ReadWriteOnce'], **STORAGE}}
VOLUME = {
    'metadata': {'name': 'disk'},
    'spec': {'capacity': {'storage': '1Gi'}, 'accessModes': ['ReadWriteOnce'], 'hostPath': {'path': '/x'}},
}


def pod(name: str = 'p', claim: str = 'data', **spec: Any) -> Any:
    volumes: list[Any] = [{'name': 'v', 'persistentVolumeClaim': {'claimName': claim}}, {'name': 'w', 'emptyDir': {}}]
    containers = [{'name': 'main', 'image': 'busybox'}]
    return {'metadata': {'name': name}, 'spec': {'containers': containers, 'volumes': volumes, **spec}}


def is_there(client: Any, url: str) -> bool:
    client.ask('GET', url)
    return bool(client.status == 200)


@pytest.mark.parametrize(('url', 'body', 'name'), [(CLAIMS, CLAIM, 'data'), (VOLUMES, VOLUME, 'disk')])
def test_storage_that_is_not_in_use_goes_at_once(client: Any, url: str, body: Any, name: str) -> None:
    made = client.ask('POST', url, body)
    assert made['metadata']['finalizers']
    client.ask('DELETE', f'{url}/{name}')
    assert not is_there(client, f'{url}/{name}')


def test_a_claim_waits_for_the_pods_on_nodes_that_have_it(client: Any) -> None:
    client.ask('POST', CLAIMS, CLAIM)
    for one in (pod('p', nodeName='node1'), pod('q', nodeName='node1'), pod('r', 'other', nodeName='node1'), pod('s')):
        client.ask('POST', PODS, one)
        assert client.status == 201
    client.ask('DELETE', f'{CLAIMS}/data')
    for name in 'pq':
        assert is_there(client, f'{CLAIMS}/data')
        client.ask('DELETE', f'{PODS}/{name}?gracePeriodSeconds=0')
    assert not is_there(client, f'{CLAIMS}/data')


def test_a_volume_waits_until_it_is_not_bound(client: Any) -> None:
    client.ask('POST', VOLUMES, VOLUME)
    client.merge(f'{VOLUMES}/disk/status', {'status': {'phase': 'Bound'}})
    client.ask('DELETE', f'{VOLUMES}/disk')
    assert is_there(client, f'{VOLUMES}/disk')
    client.merge(f'{VOLUMES}/disk/status', {'status': {'phase': 'Released'}})
    assert not is_there(client, f'{VOLUMES}/disk')


def test_a_claim_waits_for_what_else_holds_it(client: Any) -> None:
    held = {**CLAIM, 'metadata': {'name': 'data', 'finalizers': ['example.com/held']}}
    client.ask('POST', CLAIMS, held)
    client.ask('DELETE', f'{CLAIMS}/data')
    assert client.ask('GET', f'{CLAIMS}/data')['metadata']['finalizers'] == ['example.com/held']
    client.merge(f'{CLAIMS}/data', {'metadata': {'finalizers': None}})
    assert not is_there(client, f'{CLAIMS}/data')


def test_a_namespace_goes_with_the_claims_in_it(client: Any) -> None:
    client.make_namespace('ns')
    client.ask('POST', CLAIMS.replace('default', 'ns'), CLAIM)
    client.ask('DELETE', '/api/v1/namespaces/ns')
    assert not is_there(client, '/api/v1/namespaces/ns')


def test_claims_wait_after_a_restoration_too(client: Any) -> None:
    client.ask('POST', CLAIMS, CLAIM)
    client.ask('POST', PODS, pod(nodeName='node1'))
    client.ask('DELETE', f'{CLAIMS}/data')
    snapshot = client.mock.snapshot()
    client.ask('DELETE', f'{PODS}/p?gracePeriodSeconds=0')
    assert not is_there(client, f'{CLAIMS}/data')
    client.mock.restore(snapshot)
    assert is_there(client, f'{CLAIMS}/data')
    client.ask('DELETE', f'{PODS}/p?gracePeriodSeconds=0')
    assert not is_there(client, f'{CLAIMS}/data')


async def test_nothing_is_let_go_without_controllers() -> None:
    async with kmock.KubernetesCluster(controllers=False) as bare:
        await bare.post(VOLUMES, json=VOLUME)
        await bare.delete(f'{VOLUMES}/disk')
        found = await (await bare.get(f'{VOLUMES}/disk')).json()
        assert found['metadata']['deletionTimestamp']
