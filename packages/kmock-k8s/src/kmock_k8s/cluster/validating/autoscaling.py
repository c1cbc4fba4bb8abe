"""What keeps autoscalers from being valid."""

from collections.abc import Iterator
from typing import Any

from kmock_k8s.cluster.formats.quantities import amount_of
from kmock_k8s.cluster.naming import check_label, check_path_segment
from kmock_k8s.cluster.statuses import Cause, forbidden, invalid_value, not_supported, required
from kmock_k8s.cluster.structures import items_of, part_of
from kmock_k8s.cluster.validating.values import check_nonnegative, check_text
from kmock_k8s.model.encoding import JSONObject

_SOURCES = {
    'Object': 'object',
    'External': 'external',
    'Pods': 'pods',
    'Resource': 'resource',
    'ContainerResource': 'containerResource',
}
"""The fields of the types of metrics, in the order in which they are looked at."""
_TARGETS = ('Utilization', 'Value', 'AverageValue')
_SELECTIONS = ('Disabled', 'Max', 'Min')
_POLICIES = ('Percent', 'Pods')
_MAX_PERIOD = 1800
_MAX_WINDOW = 3600


def validate_autoscaler(content: JSONObject, live: JSONObject | None) -> Iterator[Cause]:
    """The causes to refuse a HorizontalPodAutoscaler."""
    spec: JSONObject = part_of(content, 'spec')
    lowest, highest = spec.get('minReplicas'), spec.get('maxReplicas') or 0
    bound = 0 if live is not None and part_of(live, 'spec').get('minReplicas') == 0 else 1
    if lowest is not None and lowest < bound:
        yield invalid_value('spec.minReplicas', lowest, f'must be greater than or equal to {bound}')
    if highest < 1:
        yield invalid_value('spec.maxReplicas', highest, 'must be greater than 0')
    if lowest is not None and highest < lowest:
        yield invalid_value('spec.maxReplicas', highest, 'must be greater than or equal to `minReplicas`')
    yield from _check_reference(part_of(spec, 'scaleTargetRef'), 'spec.scaleTargetRef')
    for index, metric in enumerate(items_of(spec, 'metrics')):
        yield from _check_metric(metric, f'spec.metrics[{index}]')
    for field in ('scaleUp', 'scaleDown'):
        rules: JSONObject | None = part_of(spec, 'behavior').get(field)
        if rules is not None:
            yield from _check_rules(rules, f'spec.behavior.{field}')
    status: JSONObject = part_of(content, 'status')
    yield from check_nonnegative(status, ('currentReplicas', 'desiredReplicas'), 'status')


def _check_reference(target: JSONObject, path: str) -> Iterator[Cause]:
    for field in ('kind', 'name'):
        yield from _check_segment(target.get(field), f'{path}.{field}', '')


def _check_segment(value: Any, field: str, why: str) -> Iterator[Cause]:
    if not value:
        yield required(field, why)
    else:
        yield from check_text(value, field, check_path_segment)


def _check_metric(metric: JSONObject, path: str) -> Iterator[Cause]:
    kind = metric.get('type') or ''
    if not kind:
        yield required(f'{path}.type', 'must specify a metric source type')
    if kind not in _SOURCES:
        yield not_supported(f'{path}.type', kind, sorted(_SOURCES))
    given = [field for field in _SOURCES.values() if metric.get(field) is not None]
    for field in given[:1]:
        yield from _check_source(metric[field], field, f'{path}.{field}')
    wanted = _SOURCES.get(kind)
    if wanted is None:
        yield not_supported(f'{path}.type', kind, sorted(_SOURCES))
    elif wanted not in given:
        yield required(f'{path}.{wanted}', 'must populate information for the given metric source')
    if len(given) != 1:
        for field in given:
            if field != wanted:
                yield forbidden(f'{path}.{field}', 'must populate the given metric source only')


def _check_source(source: JSONObject, name: str, path: str) -> Iterator[Cause]:
    target: JSONObject = part_of(source, 'target')
    if name in {'resource', 'containerResource'}:
        if not source.get('name'):
            yield required(f'{path}.name', 'must specify a resource name')
        if name == 'containerResource':
            yield from _check_container(source.get('container'), f'{path}.container')
    else:
        if name == 'object':
            yield from _check_reference(part_of(source, 'describedObject'), f'{path}.describedObject')
        yield from _check_segment(
            part_of(source, 'metric').get('name'), f'{path}.metric.name', 'must specify a metric name'
        )
    yield from _check_target(target, f'{path}.target')
    yield from _check_goal(target, name, f'{path}.target')


def _check_container(name: Any, field: str) -> Iterator[Cause]:
    if not name:
        yield required(field, 'must specify a container')
    else:
        yield from check_text(name, field, check_label)


def _check_target(target: JSONObject, path: str) -> Iterator[Cause]:
    kind = target.get('type') or ''
    if not kind:
        yield required(f'{path}.type', 'must specify a metric target type')
    if kind not in _TARGETS:
        yield invalid_value(f'{path}.type', kind, 'must be either Utilization, Value, or AverageValue')
    for field in ('value', 'averageValue'):
        if target.get(field) is not None and amount_of(target[field]) <= 0:
            yield invalid_value(f'{path}.{field}', target[field], 'must be positive')
    load = target.get('averageUtilization')
    if load is not None and load < 1:
        yield invalid_value(f'{path}.averageUtilization', load, 'must be greater than 0')


def _check_goal(target: JSONObject, name: str, path: str) -> Iterator[Cause]:
    """Refuse a metric with no goal, or with two."""
    value, average, load = (target.get(field) for field in ('value', 'averageValue', 'averageUtilization'))
    if name in {'resource', 'containerResource'}:
        if load is None and average is None:
            detail = 'must set either a target raw value or a target utilization'
            yield required(f'{path}.averageUtilization', detail)
        if load is not None and average is not None:
            detail = 'may not set both a target raw value and a target utilization'
            yield forbidden(f'{path}.averageValue', detail)
    elif name == 'pods':
        if average is None:
            yield required(f'{path}.averageValue', 'must specify a positive target averageValue')
    elif value is None and average is None:
        known = 'value or averageValue' if name == 'object' else 'value for metric or a per-pod target'
        yield required(f'{path}.averageValue', f'must set either a target {known}')
    elif name == 'external' and value is not None and average is not None:
        yield forbidden(f'{path}.value', 'may not set both a target value for metric and a per-pod target')


def _check_rules(rules: JSONObject, path: str) -> Iterator[Cause]:
    window, chosen = rules.get('stabilizationWindowSeconds'), rules.get('selectPolicy')
    if window is not None and window < 0:
        yield invalid_value(f'{path}.stabilizationWindowSeconds', window, 'must be greater than or equal to zero')
    if window is not None and window > _MAX_WINDOW:
        detail = f'must be less than or equal to {_MAX_WINDOW}'
        yield invalid_value(f'{path}.stabilizationWindowSeconds', window, detail)
    if chosen is not None and chosen not in _SELECTIONS:
        yield not_supported(f'{path}.selectPolicy', chosen, _SELECTIONS)
    tolerance = rules.get('tolerance')
    if tolerance is not None and amount_of(tolerance) < 0:
        yield invalid_value(f'{path}.tolerance', tolerance, 'must be greater than or equal to 0')
    for index, policy in enumerate(items_of(rules, 'policies')):
        yield from _check_policy(policy, f'{path}.policies[{index}]')


def _check_policy(policy: JSONObject, path: str) -> Iterator[Cause]:
    kind, value, period = policy.get('type') or '', policy.get('value') or 0, policy.get('periodSeconds') or 0
    if kind not in _POLICIES:
        yield not_supported(f'{path}.type', kind, _POLICIES)
    if value <= 0:
        yield invalid_value(f'{path}.value', value, 'must be greater than zero')
    if period <= 0:
        yield invalid_value(f'{path}.periodSeconds', period, 'must be greater than zero')
    if period > _MAX_PERIOD:
        yield invalid_value(f'{path}.periodSeconds', period, f'must be less than or equal to {_MAX_PERIOD}')
