"""The addresses of services, and their ports on nodes."""

from ipaddress import IPv4Network
from typing import Any

import kmock
from kmock_k8s.cluster.allocations import NODE_PORTS, SERVICES, Allocations
from kmock_k8s.store.memory import Store

URL = '/api/v1/namespaces/default/services'


async def make(cluster: kmock.KubernetesCluster, name: str, **spec: Any) -> Any:
    """What is answered to the creation of a service of the type NodePort."""
    content = {'metadata': {'name': name}, 'spec': {'type': 'NodePort', 'ports': [{'port': 80}], **spec}}
    return await (await cluster.post(URL, json=content)).json()


def place_of(service: Any) -> tuple[str, int]:
    """The address of a service, and its first port on nodes."""
    return service['spec']['clusterIP'], service['spec']['ports'][0]['nodePort']


async def test_services_get_addresses_of_their_own(cluster: kmock.KubernetesCluster) -> None:
    assert [place_of(await make(cluster, name)) for name in ('a', 'b')] == [('10.96.0.2', 30000), ('10.96.0.3', 30001)]


async def test_what_a_service_leaves_is_given_again(cluster: kmock.KubernetesCluster) -> None:
    left = place_of(await make(cluster, 'a'))
    await make(cluster, 'b')
    await cluster.delete(f'{URL}/a')
    assert place_of(await make(cluster, 'c')) == left


async def test_a_service_keeps_its_addresses_on_an_update(cluster: kmock.KubernetesCluster) -> None:
    made = await make(cluster, 'a')
    patch = {'spec': {'selector': {'app': 'x'}}}
    headers = {'Content-Type': 'application/merge-patch+json'}
    patched = await (await cluster.patch(f'{URL}/a', json=patch, headers=headers)).json()
    assert (patched['spec']['selector'], place_of(patched)) == ({'app': 'x'}, place_of(made))


async def test_an_address_that_another_service_has_is_refused(cluster: kmock.KubernetesCluster) -> None:
    await make(cluster, 'a')
    error = await make(cluster, 'b', clusterIP='10.96.0.2')
    assert (error['code'], error['details']['causes'][0]['message']) == (
        422,
        'Invalid value: ["10.96.0.2"]: failed to allocate IP 10.96.0.2: provided IP is already allocated',
    )


async def test_a_port_is_taken_for_its_protocol_alone(cluster: kmock.KubernetesCluster) -> None:
    await make(cluster, 'a')
    other = await make(cluster, 'b', ports=[{'port': 80, 'nodePort': 30000, 'protocol': 'UDP'}])
    error = await make(cluster, 'c', ports=[{'port': 80, 'nodePort': 30000}])
    assert place_of(other)[1] == 30000
    assert error['details']['causes'][0] == {
        'reason': 'FieldValueInvalid',
        'message': 'Invalid value: 30000: provided port is already allocated',
        'field': 'spec.ports[0].nodePort',
    }


async def test_services_of_the_test_have_their_addresses_too(cluster: kmock.KubernetesCluster) -> None:
    await make(cluster, 'a')
    spec = {'clusterIP': '10.96.0.3', 'ports': [{'nodePort': 30001, 'protocol': 'TCP'}]}
    cluster.objects['v1/services', 'default', 'mine'] = {'spec': spec}
    assert place_of(await make(cluster, 'b')) == ('10.96.0.4', 30002)


async def test_what_two_services_of_the_test_share_is_taken_until_both_are_gone(
    cluster: kmock.KubernetesCluster,
) -> None:
    spec = {'clusterIP': '10.96.0.2', 'ports': 2 * [{'nodePort': 30000, 'protocol': 'TCP'}]}
    for name in ('one', 'two'):
        cluster.objects['v1/services', 'default', name] = {'spec': spec}
    await make(cluster, 'a')
    del cluster.objects['v1/services', 'default', 'one']
    held = place_of(await make(cluster, 'b'))
    del cluster.objects['v1/services', 'default', 'two']
    assert (held, place_of(await make(cluster, 'c'))) == (('10.96.0.4', 30002), ('10.96.0.2', 30000))


async def test_a_restored_cluster_knows_whose_the_addresses_were(cluster: kmock.KubernetesCluster) -> None:
    snapshot = cluster.snapshot()
    await make(cluster, 'a')
    await make(cluster, 'b')
    cluster.restore(snapshot)
    first = place_of(await make(cluster, 'c'))
    assert (first, place_of(await make(cluster, 'd'))) == (('10.96.0.2', 30000), ('10.96.0.3', 30001))


async def test_a_dry_run_takes_no_address(cluster: kmock.KubernetesCluster) -> None:
    content = {'metadata': {'name': 'a'}, 'spec': {'type': 'NodePort', 'ports': [{'port': 80}]}}
    tried = await (await cluster.post(f'{URL}?dryRun=All', json=content)).json()
    assert place_of(await make(cluster, 'b')) == place_of(tried)


async def test_services_are_refused_when_all_ports_are_taken(cluster: kmock.KubernetesCluster) -> None:
    ports = [{'nodePort': number, 'protocol': 'TCP'} for number in NODE_PORTS]
    cluster.objects['v1/services', 'default', 'all'] = {'spec': {'ports': ports}}
    error = await make(cluster, 'a')
    assert (error['code'], error['reason']) == (500, 'InternalError')
    assert error['message'].endswith('failed to allocate a nodePort: range is full')


def test_there_is_no_address_when_all_are_taken() -> None:
    store = Store()
    allocations = Allocations(store, IPv4Network('10.0.0.0/30'))
    assert allocations.find_address() == '10.0.0.2'
    key = kmock.ObjectKey(SERVICES, 'default', 'a')
    store.put(key, b'{"spec":{"clusterIP":"10.0.0.2"}}')
    assert allocations.find_address() is None
    store.delete(key)
    assert allocations.find_address() == '10.0.0.2'
