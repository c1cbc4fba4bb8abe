"""What keeps disruption budgets, autoscalers, leases and classes of priority from being valid."""

from collections.abc import Iterator

from kmock_k8s.cluster.statuses import Cause, forbidden, invalid_value, required
from kmock_k8s.cluster.structures import part_of
from kmock_k8s.cluster.validating.selectors import check_selector
from kmock_k8s.cluster.validating.values import check_nonnegative, check_share
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
    yield from check_selector(spec.get('selector'), 'spec.selector')
    status: JSONObject = part_of(content, 'status')
    fields = ('disruptionsAllowed', 'currentHealthy', 'desiredHealthy', 'expectedPods')
    yield from check_nonnegative(status, fields, 'status')


def validate_autoscaler(content: JSONObject, live: JSONObject | None) -> Iterator[Cause]:
    """The causes to refuse a HorizontalPodAutoscaler."""
    spec: JSONObject = part_of(content, 'spec')
    lowest, highest = spec.get('minReplicas'), spec.get('maxReplicas') or 0
    if lowest is not None and lowest < 1:
        yield invalid_value('spec.minReplicas', lowest, 'must be greater than or equal to 1')
    if highest < 1:
        yield invalid_value('spec.maxReplicas', highest, 'must be greater than 0')
    if lowest is not None and highest < lowest:
        yield invalid_value('spec.maxReplicas', highest, 'must be greater than or equal to `minReplicas`')
    target: JSONObject = part_of(spec, 'scaleTargetRef')
    for field in ('kind', 'name'):
        if not target.get(field):
            yield required(f'spec.scaleTargetRef.{field}')
    status: JSONObject = part_of(content, 'status')
    yield from check_nonnegative(status, ('currentReplicas', 'desiredReplicas'), 'status')


def validate_lease(content: JSONObject, live: JSONObject | None) -> Iterator[Cause]:
    """The causes to refuse a Lease."""
    spec: JSONObject = part_of(content, 'spec')
    seconds = spec.get('leaseDurationSeconds')
    if seconds is not None and seconds <= 0:
        yield invalid_value('spec.leaseDurationSeconds', seconds, 'must be greater than 0')
    yield from check_nonnegative(spec, ('leaseTransitions',), 'spec')


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
        for field in ('value', 'preemptionPolicy'):
            if content.get(field) != live.get(field):
                yield forbidden(field, 'may not be changed in an update.')
