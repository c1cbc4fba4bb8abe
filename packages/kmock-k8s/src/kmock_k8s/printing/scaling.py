"""The cells of what scales workloads, and of what keeps them from being disrupted."""

from datetime import datetime
from typing import Any

from kmock_k8s.model.encoding import JSONObject
from kmock_k8s.printing.ages import UNKNOWN, print_age
from kmock_k8s.printing.fields import has, name_of, number, part, parts, quantity, text
from kmock_k8s.printing.labels import NONE
from kmock_k8s.printing.services import shorten

_NO_QUANTITY = '<nil>'
_SHOWN = 2
_NAMED = {'Resource': 'resource', 'ContainerResource': 'containerResource'}
_OTHER = {'External': 'external', 'Object': 'object'}


def print_autoscaler(autoscaler: JSONObject, now: datetime) -> list[Any]:
    """A HorizontalPodAutoscaler, of v2, or of v1, which knows of the load of processors alone."""
    spec, status = part(autoscaler, 'spec'), part(autoscaler, 'status')
    target = part(spec, 'scaleTargetRef')
    return [
        name_of(autoscaler),
        f'{text(target, "kind")}/{text(target, "name")}',
        _targets(spec, status),
        str(number(spec, 'minReplicas', default=1)),
        number(spec, 'maxReplicas'),
        number(status, 'currentReplicas'),
        print_age(autoscaler, now),
    ]


def print_scale(scale: JSONObject, now: datetime) -> list[Any]:
    """A Scale: the part of an object that says how many replicas there are to be."""
    return [
        name_of(scale),
        number(scale, 'spec', 'replicas'),
        number(scale, 'status', 'replicas'),
        print_age(scale, now),
    ]


def print_disruption_budget(budget: JSONObject, now: datetime) -> list[Any]:
    """A PodDisruptionBudget."""
    spec = part(budget, 'spec')
    return [
        name_of(budget),
        quantity(spec, 'minAvailable', default='N/A'),
        quantity(spec, 'maxUnavailable', default='N/A'),
        number(budget, 'status', 'disruptionsAllowed'),
        print_age(budget, now),
    ]


def _targets(spec: JSONObject, status: JSONObject) -> str:
    wanted, found = parts(spec, 'metrics'), parts(status, 'currentMetrics')
    if not wanted and has(spec, 'targetCPUUtilizationPercentage'):
        load = status.get('currentCPUUtilizationPercentage')
        return f'cpu: {UNKNOWN if load is None else f"{load}%"}/{number(spec, "targetCPUUtilizationPercentage")}%'
    shown = [_metric(metric, found[index] if index < len(found) else {}) for index, metric in enumerate(wanted)]
    return shorten(shown, _SHOWN, ', ') or NONE


def _metric(metric: JSONObject, reading: JSONObject) -> str:
    kind = text(metric, 'type')
    if kind in _NAMED:
        field = _NAMED[kind]
        resource = text(metric, field, 'name')
        return f'{resource}: {_load(part(metric, field, "target"), reading, field)}'
    if kind == 'Pods':
        wanted = quantity(metric, 'pods', 'target', 'averageValue', default=_NO_QUANTITY)
        return f'{_current(reading, "pods", "averageValue")}/{wanted}'
    if kind not in _OTHER:
        return '<unknown type>'
    field = _OTHER[kind]
    if has(metric, field, 'target', 'averageValue'):
        has_average = has(reading, field, 'current', 'averageValue')
        current = _current(reading, field, 'averageValue') if has_average else UNKNOWN
        return f'{current}/{quantity(metric, field, "target", "averageValue")} (avg)'
    return f'{_current(reading, field, "value")}/{quantity(metric, field, "target", "value", default=_NO_QUANTITY)}'


def _load(target: JSONObject, reading: JSONObject, field: str) -> str:
    if has(target, 'averageValue'):
        return f'{_current(reading, field, "averageValue")}/{quantity(target, "averageValue")}'
    name = 'averageUtilization'
    current = f'{number(reading, field, "current", name)}%' if has(reading, field, 'current', name) else UNKNOWN
    return f'{current}/{f"{number(target, name)}%" if has(target, name) else "<auto>"}'


def _current(reading: JSONObject, field: str, name: str) -> str:
    return quantity(reading, field, 'current', name, default=_NO_QUANTITY) if has(reading, field) else UNKNOWN
