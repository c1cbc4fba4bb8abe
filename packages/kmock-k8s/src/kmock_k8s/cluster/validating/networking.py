"""What keeps Ingresses, NetworkPolicies and EndpointSlices from being valid."""

from collections.abc import Iterator
from ipaddress import ip_network
from typing import Any

from kmock_k8s.cluster.naming import check_label_1035, check_subdomain
from kmock_k8s.cluster.statuses import Cause, forbidden, invalid_value, not_supported, required
from kmock_k8s.cluster.structures import items_of, part_of
from kmock_k8s.cluster.validating.selectors import check_selector
from kmock_k8s.cluster.validating.values import (
    PROTOCOLS,
    check_address,
    check_choice,
    check_host,
    check_kept,
    check_named,
    check_port,
    check_port_name,
    check_port_or_name,
    check_text,
)
from kmock_k8s.model.encoding import JSONObject

_PATH_TYPES = ('Exact', 'ImplementationSpecific', 'Prefix')
_ADDRESS_TYPES = ('FQDN', 'IPv4', 'IPv6')


def validate_ingress(content: JSONObject, live: JSONObject | None) -> Iterator[Cause]:
    """The causes to refuse an Ingress."""
    spec: JSONObject = part_of(content, 'spec')
    backend: JSONObject | None = spec.get('defaultBackend')
    if not spec.get('rules') and backend is None:
        yield invalid_value('spec', None, 'either `defaultBackend` or `rules` must be specified')
    for index, tls in enumerate(spec.get('tls') or ()):
        for number, host in enumerate(items_of(tls, 'hosts')):
            yield from check_text(host, f'spec.tls[{index}].hosts[{number}]', check_host)
    for index, rule in enumerate(spec.get('rules') or ()):
        field = f'spec.rules[{index}]'
        if rule.get('host'):
            yield from _check_rule_host(rule['host'], f'{field}.host')
        if rule.get('http') is not None:
            yield from _check_paths(rule['http'].get('paths') or [], f'{field}.http.paths')
    if backend is not None:
        yield from _check_backend(backend, 'spec.defaultBackend')
    if spec.get('ingressClassName'):
        yield from check_text(spec['ingressClassName'], 'spec.ingressClassName', check_subdomain)


def _check_rule_host(host: str, field: str) -> Iterator[Cause]:
    if not [*check_address(host, field)]:
        yield invalid_value(field, host, 'must be a DNS name, not an IP address')
    else:
        yield from check_text(host, field, check_host)


def _check_paths(paths: list[JSONObject], path: str) -> Iterator[Cause]:
    if not paths:
        yield required(path)
    for index, one in enumerate(paths):
        field = f'{path}[{index}]'
        kind, place = one.get('pathType'), one.get('path') or ''
        if not kind:
            yield required(f'{field}.pathType', 'pathType must be specified')
        elif kind not in _PATH_TYPES:
            yield not_supported(f'{field}.pathType', kind, _PATH_TYPES)
        elif kind == 'ImplementationSpecific':
            if place and not place.startswith('/'):
                yield invalid_value(f'{field}.path', place, 'must be an absolute path')
        elif not place.startswith('/'):
            yield invalid_value(f'{field}.path', place, 'must be an absolute path')
        yield from _check_backend(part_of(one, 'backend'), f'{field}.backend')


def _check_backend(backend: JSONObject, path: str) -> Iterator[Cause]:
    service: JSONObject | None = backend.get('service')
    target: JSONObject | None = backend.get('resource')
    if service is not None and target is not None:
        detail = 'cannot set both resource and service backends'
        yield invalid_value(path, '', detail)
        return
    if target is not None:
        for field in ('kind', 'name'):
            if not target.get(field):
                yield required(f'{path}.resource.{field}')
        return
    if service is None:
        yield required(path, 'resource or service backend is required')
        return
    yield from check_named(service.get('name'), f'{path}.service.name', check_label_1035)
    port: JSONObject = part_of(service, 'port')
    if port.get('name') and port.get('number'):
        yield invalid_value(path, '', 'cannot set both port name & port number')
    elif port.get('name'):
        yield from check_text(port['name'], f'{path}.service.port.name', check_port_name)
    elif port.get('number'):
        yield from check_port(port['number'], f'{path}.service.port.number')
    else:
        yield required(path, 'port name or number is required')


def validate_network_policy(content: JSONObject, live: JSONObject | None) -> Iterator[Cause]:
    """The causes to refuse a NetworkPolicy."""
    spec: JSONObject = part_of(content, 'spec')
    yield from check_selector(spec.get('podSelector'), 'spec.podSelector')
    for direction, peers in (('ingress', 'from'), ('egress', 'to')):
        for index, rule in enumerate(spec.get(direction) or ()):
            field = f'spec.{direction}[{index}]'
            for number, port in enumerate(items_of(rule, 'ports')):
                yield from _check_policy_port(port, f'{field}.ports[{number}]')
            for number, peer in enumerate(items_of(rule, peers)):
                yield from _check_peer(peer, f'{field}.{peers}[{number}]')
    types: list[Any] = spec.get('policyTypes') or []
    if len(types) > 2:
        yield invalid_value('spec.policyTypes', types, 'may not specify more than two policyTypes')
        return
    for index, one in enumerate(types):
        if one not in {'Ingress', 'Egress'}:
            yield not_supported(f'spec.policyTypes[{index}]', one, ('Egress', 'Ingress'))


def _check_policy_port(port: JSONObject, path: str) -> Iterator[Cause]:
    yield from check_choice(port.get('protocol'), f'{path}.protocol', PROTOCOLS, needed=False)
    if port.get('port') is not None:
        yield from check_port_or_name(port['port'], f'{path}.port')
    last = port.get('endPort')
    if last is None:
        return
    if port.get('port') is None:
        yield required(f'{path}.port', 'must be specified when `endPort` is specified')
    elif not isinstance(port['port'], int):
        yield invalid_value(f'{path}.port', port['port'], 'must be an integer when `endPort` is specified')
    elif last < port['port']:
        yield invalid_value(f'{path}.endPort', last, 'must be greater than or equal to `port`')


def _check_peer(peer: JSONObject, path: str) -> Iterator[Cause]:
    given = [field for field in ('podSelector', 'namespaceSelector', 'ipBlock') if field in peer]
    for field in ('podSelector', 'namespaceSelector'):
        yield from check_selector(peer.get(field), f'{path}.{field}')
    if 'ipBlock' in peer:
        block: JSONObject = peer['ipBlock']
        network: str = block.get('cidr') or ''
        if not network:
            yield required(f'{path}.ipBlock.cidr')
        elif not _is_network(network):
            detail = 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)'
            yield invalid_value(f'{path}.ipBlock.cidr', network, detail)
        else:
            yield from _check_excepted(network, items_of(block, 'except'), f'{path}.ipBlock.except')
        if len(given) > 1:
            yield forbidden(path, 'may not specify both ipBlock and another peer')
    elif not given:
        yield required(path, 'must specify a peer')


def _check_excepted(network: str, excepted: list[Any], path: str) -> Iterator[Cause]:
    whole = ip_network(network, strict=False)
    for index, one in enumerate(excepted):
        field = f'{path}[{index}]'
        if not isinstance(one, str) or not _is_network(one):
            yield invalid_value(field, one, 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)')
            continue
        part = ip_network(one, strict=False)
        is_inside = part.version == whole.version and part.network_address in whole
        if not is_inside or part.prefixlen <= whole.prefixlen:
            yield invalid_value(field, one, 'must be a strict subset of `cidr`')


def _is_network(value: str) -> bool:
    try:
        ip_network(value, strict=False)
    except ValueError:
        return False
    return '/' in value


def validate_endpoint_slice(content: JSONObject, live: JSONObject | None) -> Iterator[Cause]:
    """The causes to refuse an EndpointSlice."""
    kind = content.get('addressType')
    yield from check_choice(kind, 'addressType', _ADDRESS_TYPES)
    for index, endpoint in enumerate(content.get('endpoints') or ()):
        field = f'endpoints[{index}].addresses'
        addresses: list[str] = endpoint.get('addresses') or []
        if not addresses:
            yield required(field, 'must contain at least 1 address')
        for number, address in enumerate(addresses):
            if kind == 'FQDN':
                yield from check_text(address, f'{field}[{number}]', check_subdomain)
            else:
                yield from check_address(address, f'{field}[{number}]')
    for index, port in enumerate(content.get('ports') or ()):
        yield from check_choice(port.get('protocol'), f'ports[{index}].protocol', PROTOCOLS)
    if live is not None:
        for cause in check_kept(content, live, ('addressType',), ''):
            yield cause._replace(field='addressType')
