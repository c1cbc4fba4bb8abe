"""What keeps disruption budgets, leases and classes of priority from being valid."""

from collections.abc import Iterator
from typing import Any

from kmock_k8s.cluster.statuses import Cause, forbidden, invalid_value
from kmock_k8s.cluster.structures import part_of
from kmock_k8s.cluster.validating.selectors import check_selector
from kmock_k8s.cluster.validating.values import check_choice, check_nonnegative, check_share
from kmock_k8s.model.encoding import JSONObject

_MAX_PRIORITY = 1_000_000_000


def validate_budget(content: JSONObject, live: JSONObject | None) -> Iterator[Cause]:
    """The causes to refuse a PodDisruptionBudget."""
    spec: JSONObject = part_of(content, 'spec')
    if 'minAvailable' in spec and 'maxUnavailable' in spec:
        yield invalid_value('spec', spec, 'minAvailable and maxUnavailable cannot be both set')
    for field in ('minAvailable', 'maxUnavailable'):
        if field in spec:
            yield from check_share(spec[field], f'spec.{field}')
            yield from _check_percentage(spec[field], f'spec.{field}')
    yield from check_selector(spec.get('selector'), 'spec.selector')
    field = 'unhealthyPodEvictionPolicy'
    yield from check_choice(spec.get(field), f'spec.{field}', ('AlwaysAllow', 'IfHealthyBudget'), needed=False)
    status: JSONObject = part_of(content, 'status')
    fields = ('disruptionsAllowed', 'currentHealthy', 'desiredHealthy', 'expectedPods')
    yield from check_nonnegative(status, fields, 'status')


def _check_percentage(value: Any, field: str) -> Iterator[Cause]:
    number = value[:-1] if isinstance(value, str) and value.endswith('%') else ''
    if number.isascii() and number.isdecimal() and int(number[:20]) > 100:
        yield invalid_value(field, value, 'must not be greater than 100%')


def validate_lease(content: JSONObject, live: JSONObject | None) -> Iterator[Cause]:
    """The causes to refuse a Lease."""
    spec: JSONObject = part_of(content, 'spec')
    seconds = spec.get('leaseDurationSeconds')
    if seconds is not None and seconds <= 0:
        yield invalid_value('spec.leaseDurationSeconds', seconds, 'must be greater than 0')
    yield from check_nonnegative(spec, ('leaseTransitions',), 'spec')
    if spec.get('preferredHolder') and not spec.get('strategy'):
        yield forbidden('spec.preferredHolder', 'may only be specified if `strategy` is defined')


def validate_priority(content: JSONObject, live: JSONObject | None) -> Iterator[Cause]:
    """The causes to refuse a PriorityClass."""
    value = content.get('value') or 0
    name: str = content['metadata'].get('name') or ''
    if name.startswith('system-'):
        if name not in {'system-node-critical', 'system-cluster-critical'}:
            detail = "priority class names with 'system-' prefix are reserved for system use only. error: "
            yield forbidden('metadata.name', f'{detail}{name} is not a known system priority class')
    elif value > _MAX_PRIORITY:
        detail = f'maximum allowed value of a user defined priority is {_MAX_PRIORITY}'
        yield forbidden('value', detail)
    if live is not None:
        if value != (live.get('value') or 0):
            yield forbidden('value', 'may not be changed in an update.')
        if content.get('preemptionPolicy') != live.get('preemptionPolicy'):
            yield invalid_value('preemptionPolicy', content.get('preemptionPolicy'), 'field is immutable')
