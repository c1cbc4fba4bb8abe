"""What keeps Services from being valid."""

from collections.abc import Iterator
from typing import Any

from kmock_k8s.cluster.naming import check_label, check_labels, check_qualified, check_subdomain
from kmock_k8s.cluster.statuses import Cause, duplicate, forbidden, invalid_value, required
from kmock_k8s.cluster.structures import part_of
from kmock_k8s.cluster.validating.values import (
    PROTOCOLS,
    check_address,
    check_choice,
    check_named,
    check_port,
    check_port_or_name,
    check_text,
)
from kmock_k8s.model.encoding import JSONObject

_TYPES = ('ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort')
_MAX_AFFINITY = 86_400


def validate_service(content: JSONObject, live: JSONObject | None) -> Iterator[Cause]:
    """The causes to refuse a Service."""
    spec: JSONObject = part_of(content, 'spec')
    kind = spec.get('type')
    ports: list[JSONObject] = spec.get('ports') or []
    address: str = spec.get('clusterIP') or ''
    if not ports and address != 'None' and kind != 'ExternalName':
        yield required('spec.ports')
    if kind == 'ExternalName':
        if address:
            yield forbidden('spec.clusterIPs', 'may not be set for ExternalName services')
        name: str = spec.get('externalName') or ''
        if not name:
            yield required('spec.externalName')
        else:
            yield from check_text(name.removesuffix('.'), 'spec.externalName', check_subdomain)
    elif kind == 'LoadBalancer' and address == 'None':
        detail = "may not be set to 'None' for LoadBalancer services"
        yield invalid_value('spec.clusterIPs[0]', address, detail)
    yield from _check_ports(ports, 'spec.ports')
    yield from check_labels(part_of(spec, 'selector'), 'spec.selector')
    yield from _check_affinity(spec)
    yield from check_choice(kind, 'spec.type', _TYPES)
    if address not in {'', 'None'}:
        yield from check_address(address, 'spec.clusterIPs[0]')
    for index, one in enumerate(spec.get('externalIPs') or ()):
        yield from check_address(one, f'spec.externalIPs[{index}]')
    policies = ('Cluster', 'Local')
    for field in ('externalTrafficPolicy', 'internalTrafficPolicy'):
        yield from check_choice(spec.get(field), f'spec.{field}', policies, needed=False)
    if spec.get('externalTrafficPolicy') and kind not in {'NodePort', 'LoadBalancer'} and not spec.get('externalIPs'):
        detail = 'may only be set for externally-accessible services'
        yield invalid_value('spec.externalTrafficPolicy', spec['externalTrafficPolicy'], detail)
    if live is not None:
        yield from _check_update(spec, part_of(live, 'spec'))


def _check_ports(ports: list[JSONObject], path: str) -> Iterator[Cause]:
    names: set[str] = set()
    seen: set[tuple[Any, Any]] = set()
    for index, port in enumerate(ports):
        field = f'{path}[{index}]'
        name: str = port.get('name') or ''
        if name or len(ports) > 1:
            yield from check_named(name, f'{field}.name', check_label)
            if name and name in names:
                yield duplicate(f'{field}.name', name)
            names.add(name)
        yield from check_port(port.get('port') or 0, f'{field}.port')
        yield from check_choice(port.get('protocol'), f'{field}.protocol', PROTOCOLS)
        yield from check_port_or_name(port.get('targetPort') or 0, f'{field}.targetPort')
        if port.get('appProtocol'):
            yield from check_text(port['appProtocol'], f'{field}.appProtocol', check_qualified)
        key = port.get('port'), port.get('protocol')
        if key in seen:
            shown = {
                'Name': '',
                'Protocol': key[1],
                'AppProtocol': None,
                'Port': key[0],
                'TargetPort': 0,
                'NodePort': 0,
            }
            yield duplicate(field, shown)
        seen.add(key)


def _check_affinity(spec: JSONObject) -> Iterator[Cause]:
    affinity = spec.get('sessionAffinity')
    yield from check_choice(affinity, 'spec.sessionAffinity', ('ClientIP', 'None'))
    config: JSONObject = part_of(spec, 'sessionAffinityConfig')
    if affinity == 'None' and config:
        detail = 'must not be set when session affinity is None'
        yield forbidden('spec.sessionAffinityConfig', detail)
    seconds: Any = part_of(config, 'clientIP').get('timeoutSeconds')
    if affinity == 'ClientIP' and seconds is not None and not 0 < seconds <= _MAX_AFFINITY:
        detail = f'must be greater than 0 and less than {_MAX_AFFINITY}'
        yield invalid_value('spec.sessionAffinityConfig.clientIP.timeoutSeconds', seconds, detail)


def _check_update(spec: JSONObject, live: JSONObject) -> Iterator[Cause]:
    """Refuse another address, unless the service has or had none."""
    if 'ExternalName' in (spec.get('type'), live.get('type')):
        return
    old, new = live.get('clusterIP'), spec.get('clusterIP')
    if old and new != old:
        yield invalid_value('spec.clusterIPs[0]', [new] if new else None, 'may not change once set')
