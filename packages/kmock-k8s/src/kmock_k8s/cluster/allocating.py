"""Addresses and ports of services: each is given to one of them only."""

from collections.abc import Iterator
from ipaddress import IPv4Network

from kmock_k8s.cluster.backend import Backend
from kmock_k8s.cluster.kinds import Kind
from kmock_k8s.cluster.statuses import Cause, invalid_value
from kmock_k8s.cluster.structures import part_of
from kmock_k8s.model.encoding import JSONObject

ADDRESSES = IPv4Network('10.96.0.0/16')
"""The addresses of services; the first one is that of the API itself."""

NODE_PORTS = range(30_000, 32_768)
"""The ports of nodes that are those of services."""

_TYPES = ('ClusterIP', 'NodePort', 'LoadBalancer')


def allocate(kind: Kind, content: JSONObject, backend: Backend) -> list[Cause]:
    """Give a service the addresses and the ports that it lacks; and the causes to refuse those that it has chosen.

    Other objects need nothing.

    Args:
        kind: that of the object.
        content: the object, with its defaults.
        backend: where the other services are.
    """
    if (kind.group, kind.name) != ('', 'Service'):
        return []
    spec: JSONObject = content['spec']
    if spec.get('type') not in _TYPES:
        return []
    uid = content['metadata'].get('uid')
    others = [spec for spec, owner in _services(kind, backend) if owner != uid]
    return [*_allocate_address(spec, others), *_allocate_ports(spec, others)]


def _services(kind: Kind, backend: Backend) -> Iterator[tuple[JSONObject, str | None]]:
    for _, state in backend.store.select(kind.resource):
        content = state.load()
        yield part_of(content, 'spec'), content['metadata'].get('uid')


def _allocate_address(spec: JSONObject, others: list[JSONObject]) -> Iterator[Cause]:
    taken = {one.get('clusterIP') for one in others}
    chosen = spec.get('clusterIP') or next(iter(spec.get('clusterIPs') or ()), None)
    if chosen and chosen != 'None' and chosen in taken:
        yield invalid_value('spec.clusterIPs', [chosen], 'failed to allocate IP: provided IP is already allocated')
    if not chosen:
        free = (str(address) for number, address in enumerate(ADDRESSES.hosts()) if number)
        chosen = next(address for address in free if address not in taken)
    spec['clusterIP'] = chosen
    spec.setdefault('clusterIPs', [chosen])


def _allocate_ports(spec: JSONObject, others: list[JSONObject]) -> Iterator[Cause]:
    wanted = spec['type'] == 'NodePort' or (
        spec['type'] == 'LoadBalancer' and spec.get('allocateLoadBalancerNodePorts') is not False
    )
    if not wanted:
        return
    taken = {(port.get('nodePort'), port.get('protocol')) for one in others for port in one.get('ports') or ()}
    own: set[int] = set()
    for index, port in enumerate(spec.get('ports') or ()):
        number, protocol = port.get('nodePort'), port.get('protocol')
        field = f'spec.ports[{index}].nodePort'
        if number and (number, protocol) in taken:
            yield invalid_value(field, number, 'provided port is already allocated')
        elif number and number not in NODE_PORTS:
            detail = f'provided port is not in the valid range. The range of valid ports is {_RANGE}'
            yield invalid_value(field, number, detail)
        elif not number:
            numbers = {found for found, _ in taken} | own
            port['nodePort'] = next(number for number in NODE_PORTS if number not in numbers)
        own.add(port.get('nodePort'))


_RANGE = f'{NODE_PORTS[0]}-{NODE_PORTS[-1]}'
