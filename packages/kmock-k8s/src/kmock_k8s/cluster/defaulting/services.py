"""What the server sets in services, but for their addresses and ports, which are allocated."""

from collections.abc import Callable
from typing import Any

from kmock_k8s.model.encoding import JSONObject

_EXTERNAL = ('NodePort', 'LoadBalancer')
_AFFINITY_SECONDS = 10_800


def default_service_spec(spec: JSONObject) -> None:
    """Set what is there by default in a service."""
    kind = spec.get('type')
    for port in spec.get('ports') or ():
        if port.get('targetPort') in (None, '', 0):
            port['targetPort'] = port.get('port', 0)
    if spec.get('sessionAffinity') == 'ClientIP':
        config: JSONObject = spec.setdefault('sessionAffinityConfig', {})
        config.setdefault('clientIP', {}).setdefault('timeoutSeconds', _AFFINITY_SECONDS)
    if kind in _EXTERNAL:
        spec.setdefault('externalTrafficPolicy', 'Cluster')
    if kind in {'ClusterIP', *_EXTERNAL}:
        spec.setdefault('internalTrafficPolicy', 'Cluster')
    if kind == 'LoadBalancer':
        spec.setdefault('allocateLoadBalancerNodePorts', True)


def prepare_service(content: JSONObject, live: JSONObject | None) -> None:
    """Set the families of addresses; and let the service keep what was allocated."""
    spec: JSONObject = content['spec']
    if live is not None:
        _drop_meaningless(spec, live['spec'])
    if spec.get('type') in {'ClusterIP', *_EXTERNAL}:
        spec.setdefault('ipFamilies', ['IPv4'])
        spec.setdefault('ipFamilyPolicy', 'SingleStack')
    if live is not None:
        _keep_allocated(spec, live['spec'])


def _drop_meaningless(spec: JSONObject, known: JSONObject) -> None:
    """Drop what means nothing for another type of services, if the client has not changed it too."""
    for has_meaning, groups in _MEANINGS:
        if has_meaning(known) and not has_meaning(spec):
            for fields in groups:
                if all(spec.get(field) == known.get(field) for field in fields):
                    for field in fields:
                        spec.pop(field, None)
    if _has_node_ports(known) and not _has_node_ports(spec) and _node_ports(spec) == _node_ports(known):
        for port in spec.get('ports') or ():
            port.pop('nodePort', None)


def _has_address(spec: JSONObject) -> bool:
    return spec.get('type') in {'ClusterIP', *_EXTERNAL}


def _has_node_ports(spec: JSONObject) -> bool:
    return spec.get('type') in _EXTERNAL


def _is_balanced(spec: JSONObject) -> bool:
    return spec.get('type') == 'LoadBalancer'


def _is_checked(spec: JSONObject) -> bool:
    return _is_balanced(spec) and spec.get('externalTrafficPolicy') == 'Local'


def _is_accessible(spec: JSONObject) -> bool:
    return _has_node_ports(spec) or (spec.get('type') == 'ClusterIP' and bool(spec.get('externalIPs')))


def _node_ports(spec: JSONObject) -> list[int]:
    return sorted(port.get('nodePort') or 0 for port in spec.get('ports') or ())


_MEANINGS: tuple[tuple[Callable[[JSONObject], bool], tuple[tuple[str, ...], ...]], ...] = (
    (_has_address, (('clusterIP', 'clusterIPs'), ('ipFamilies',), ('ipFamilyPolicy',))),
    (_is_checked, (('healthCheckNodePort',),)),
    (_is_balanced, (('allocateLoadBalancerNodePorts',), ('loadBalancerClass',))),
    (_is_accessible, (('externalTrafficPolicy',),)),
)
"""For which services fields mean something; those that are dropped together."""


def _keep_allocated(spec: JSONObject, known: JSONObject) -> None:
    """Keep what was allocated, where an update leaves it out."""
    if spec.get('type') == 'ExternalName' or known.get('type') == 'ExternalName':
        return
    if not spec.get('clusterIP') and spec.get('clusterIPs') in (None, [], known.get('clusterIPs')):
        for field in ('clusterIP', 'clusterIPs'):
            if field in known:
                spec[field] = known[field]
    if spec.get('type') not in _EXTERNAL:
        return
    ports: dict[Any, int] = {
        (port.get('port'), port.get('protocol')): port['nodePort']
        for port in known.get('ports') or ()
        if 'nodePort' in port
    }
    for port in spec.get('ports') or ():
        found = ports.get((port.get('port'), port.get('protocol')))
        if found and not port.get('nodePort'):
            port['nodePort'] = found
