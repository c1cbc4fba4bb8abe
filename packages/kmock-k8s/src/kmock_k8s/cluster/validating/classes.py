"""What keeps nodes, and the classes of ingresses and of runtimes, from being valid."""

import re
from collections.abc import Iterator

from kmock_k8s.cluster.naming import (
    check_label,
    check_label_value,
    check_path_segment,
    check_qualified,
    check_subdomain,
)
from kmock_k8s.cluster.statuses import Cause, duplicate, forbidden, invalid_value, not_supported, required
from kmock_k8s.cluster.structures import items_of, part_of
from kmock_k8s.cluster.validating.values import check_kept, check_text
from kmock_k8s.model.encoding import JSONObject

_EFFECTS = ('NoSchedule', 'PreferNoSchedule', 'NoExecute')
_PATH = re.compile(r"([A-Za-z0-9/\-._~%!$&'()*+,;=:]+)", re.ASCII)
_MAX_CONTROLLER = 250


def validate_node(content: JSONObject, live: JSONObject | None) -> Iterator[Cause]:
    """The causes to refuse a Node."""
    spec: JSONObject = part_of(content, 'spec')
    seen: set[tuple[str, str]] = set()
    for index, taint in enumerate(items_of(spec, 'taints')):
        path = f'spec.taints[{index}]'
        key, value, effect = taint.get('key') or '', taint.get('value') or '', taint.get('effect') or ''
        yield from check_text(key, f'{path}.key', check_qualified)
        yield from check_text(value, f'{path}.value', check_label_value)
        if not effect:
            yield required(f'{path}.effect')
        elif effect not in _EFFECTS:
            yield not_supported(f'{path}.effect', effect, _EFFECTS)
        if (key, effect) in seen:
            cause = duplicate(path, taint)
            detail = 'taints must be unique by key and effect pair'
            yield cause._replace(message=f'{cause.message}: {detail}')
        seen.add((key, effect))
    if live is not None:
        known: JSONObject = part_of(live, 'spec')
        if known.get('podCIDRs') and spec.get('podCIDRs') != known['podCIDRs']:
            yield forbidden('spec.podCIDRs', 'node updates may not change podCIDR except from "" to valid')
        if known.get('providerID') and spec.get('providerID') != known['providerID']:
            yield forbidden('spec.providerID', 'node updates may not change providerID except from "" to valid')


def validate_ingress_class(content: JSONObject, live: JSONObject | None) -> Iterator[Cause]:
    """The causes to refuse an IngressClass."""
    spec: JSONObject = part_of(content, 'spec')
    yield from _check_controller(spec.get('controller') or '', 'spec.controller')
    parameters: JSONObject | None = spec.get('parameters')
    if parameters is not None:
        yield from _check_parameters(parameters, 'spec.parameters')
    if live is not None:
        yield from check_kept(spec, part_of(live, 'spec'), ('controller',), 'spec')


def _check_controller(name: str, field: str) -> Iterator[Cause]:
    if len(name) > _MAX_CONTROLLER:
        yield Cause('FieldValueTooLong', f'Too long: may not be more than {_MAX_CONTROLLER} bytes', field)
    domain, slash, path = name.partition('/')
    if not name:
        yield required(field)
    elif not slash or not domain or not path:
        yield invalid_value(field, name, 'must be a domain-prefixed path (such as "acme.io/foo")')
    else:
        yield from check_text(domain, field, check_subdomain)
        if not _PATH.fullmatch(path):
            yield invalid_value(field, path, 'Invalid path')


def _check_parameters(parameters: JSONObject, path: str) -> Iterator[Cause]:
    group, scope, namespace = parameters.get('apiGroup'), parameters.get('scope'), parameters.get('namespace')
    if group:
        yield from check_text(group, f'{path}.apiGroup', check_subdomain)
    for field in ('kind', 'name'):
        if not parameters.get(field):
            yield required(f'{path}.{field}', f'{field} is required')
        else:
            yield from check_text(parameters[field], f'{path}.{field}', check_path_segment)
    if scope not in {'Cluster', 'Namespace'}:
        yield not_supported(f'{path}.scope', scope or '', ('Cluster', 'Namespace'))
    elif scope == 'Namespace':
        if not namespace:
            yield required(f'{path}.namespace', "`parameters.scope` is set to 'Namespace'")
        else:
            yield from check_text(namespace, f'{path}.namespace', check_label)
    elif namespace is not None:
        yield forbidden(f'{path}.namespace', "`parameters.scope` is set to 'Cluster'")


def validate_runtime_class(content: JSONObject, live: JSONObject | None) -> Iterator[Cause]:
    """The causes to refuse a RuntimeClass."""
    yield from check_text(content.get('handler') or '', 'handler', check_label)
    if live is not None and content.get('handler') != live.get('handler'):
        yield invalid_value('handler', content.get('handler'), 'field is immutable')
