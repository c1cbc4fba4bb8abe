"""Addresses and ports of services: each is given to one of them only."""

from collections.abc import Iterator

from kmock_k8s.cluster.allocations import NODE_PORTS, Allocations
from kmock_k8s.cluster.backend import Backend
from kmock_k8s.cluster.kinds import Kind
from kmock_k8s.cluster.statuses import Cause, internal_error, invalid_value
from kmock_k8s.model.encoding import JSONObject

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
    uid: str | None = content['metadata'].get('uid')
    known = backend.allocations
    return [*_allocate_address(spec, known, uid), *_allocate_ports(spec, known, uid)]


def _allocate_address(spec: JSONObject, known: Allocations, uid: str | None) -> Iterator[Cause]:
    chosen = spec.get('clusterIP') or next(iter(spec.get('clusterIPs') or ()), None)
    if chosen and chosen != 'None' and known.is_taken(chosen, uid):
        detail = f'failed to allocate IP {chosen}: provided IP is already allocated'
        yield invalid_value('spec.clusterIPs', [chosen], detail)
    if not chosen:
        chosen = known.find_address()
        if chosen is None:
            raise internal_error('failed to allocate a serviceIP: range is full')
    spec['clusterIP'] = chosen
    spec.setdefault('clusterIPs', [chosen])


def _allocate_ports(spec: JSONObject, known: Allocations, uid: str | None) -> Iterator[Cause]:
    wanted = spec['type'] == 'NodePort' or (
        spec['type'] == 'LoadBalancer' and spec.get('allocateLoadBalancerNodePorts') is not False
    )
    if not wanted:
        return
    own: set[int] = set()
    for index, port in enumerate(spec.get('ports') or ()):
        number, protocol = port.get('nodePort'), port.get('protocol')
        field = f'spec.ports[{index}].nodePort'
        if number and known.is_taken((number, str(protocol)), uid):
            yield invalid_value(field, number, 'provided port is already allocated')
        elif number and number not in NODE_PORTS:
            detail = f'provided port is not in the valid range. The range of valid ports is {_RANGE}'
            yield invalid_value(field, number, detail)
        elif not number:
            port['nodePort'] = next((number for number in known.find_ports() if number not in own), None)
            if port['nodePort'] is None:
                raise internal_error('failed to allocate a nodePort: range is full')
        own.add(port.get('nodePort'))


_RANGE = f'{NODE_PORTS[0]}-{NODE_PORTS[-1]}'
