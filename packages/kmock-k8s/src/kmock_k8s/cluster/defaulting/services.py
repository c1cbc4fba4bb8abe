"""What the server sets in services, but for their addresses and ports, which are allocated."""

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
    if spec.get('type') in {'ClusterIP', *_EXTERNAL}:
        spec.setdefault('ipFamilies', ['IPv4'])
        spec.setdefault('ipFamilyPolicy', 'SingleStack')
    if live is not None:
        _keep_allocated(spec, live['spec'])


def _keep_allocated(spec: JSONObject, known: JSONObject) -> None:
    """Keep what was allocated, where an update leaves it out."""
    if spec.get('type') == 'ExternalName' or known.get('type') == 'ExternalName':
        return
    if not spec.get('clusterIP') and not spec.get('clusterIPs'):
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
