"""HorizontalPodAutoscalers: those of v1 know of the load of processors alone; all else is in their annotations.

As in ``pkg/apis/autoscaling/v1/conversion.go`` of Kubernetes.
"""

import json
from collections.abc import Iterable
from typing import Any, cast

from kmock_k8s.cluster.conversions.kinds import ConvertedKind
from kmock_k8s.cluster.conversions.metrics import (
    find_load,
    is_of_processor,
    read_metric,
    read_reading,
    write_metric,
    write_reading,
)
from kmock_k8s.cluster.defaulting.walking import fill
from kmock_k8s.cluster.fitting import fit
from kmock_k8s.cluster.kinds import Kind
from kmock_k8s.cluster.structures import items_of, part_of
from kmock_k8s.errors import KubernetesError
from kmock_k8s.model.encoding import JSONObject, encode
from kmock_k8s.model.info import ResourceInfo
from kmock_k8s.model.metadata import metadata_of
from kmock_k8s.model.resources import resource
from kmock_k8s.schemas import Schema

_PREFIX = 'autoscaling.alpha.kubernetes.io/'
METRICS, READINGS, CONDITIONS, BEHAVIOR = (
    f'{_PREFIX}{name}' for name in ('metrics', 'current-metrics', 'conditions', 'behavior')
)
_DEFAULT_LOAD = 80
_SPEC = ('scaleTargetRef', 'minReplicas', 'maxReplicas')
_STATUS = ('observedGeneration', 'lastScaleTime', 'currentReplicas', 'desiredReplicas')
_RULES = ('stabilizationWindowSeconds', 'selectPolicy', 'policies', 'tolerance')
_POLICY = ('type', 'value', 'periodSeconds')


class AutoscalerKind(ConvertedKind):
    """The autoscalers of v1: they are those of v2."""

    def __init__(self, one: resource, info: ResourceInfo, stored: resource) -> None:
        super().__init__(one, info, stored)
        self._newer = Kind(stored, info)

    def complete(self, content: JSONObject) -> None:
        """Let an object be what it is after it was kept: with the defaults of v2, as far as v1 shows them."""
        shown = self._from_stored(self._to_stored(content))
        for field in ('spec', 'status'):
            if field in content:
                content[field] = shown[field]
        metadata: JSONObject = content.get('metadata', {})  # the same one: more is written into it then
        changed = metadata_of(shown)
        metadata.clear()
        metadata.update(changed)

    def internalize(self, content: JSONObject) -> JSONObject:
        """An object as it is checked: as one of v2."""
        try:
            return fit(to_v2(content), self._newer)[0]
        except KubernetesError:  # of what an annotation says: a real server ignores it then
            metadata, _ = _take_notes(content)
            return to_v2({**content, 'metadata': metadata})

    def _to_stored(self, content: JSONObject) -> JSONObject:
        return _fill(self.internalize(content), self._newer.builtin)

    def _from_stored(self, content: JSONObject) -> JSONObject:
        return _fill(to_v1(content), self.builtin)


def _fill(content: JSONObject, schema: Schema | None) -> JSONObject:
    if schema is not None:
        fill(content, schema)
    return content


def to_v2(content: JSONObject) -> JSONObject:
    """An autoscaler of v1 as one of v2: with what its annotations tell of."""
    metadata, notes = _take_notes(content)
    spec, status = part_of(content, 'spec'), part_of(content, 'status')
    metrics = [read_metric(one) for one in _objects_in(notes.get(METRICS))]
    load = spec.get('targetCPUUtilizationPercentage')
    if load is not None or not metrics:
        metrics.append(_target(_DEFAULT_LOAD if load is None else load))
    wanted: JSONObject = {**_take(spec, _SPEC), 'metrics': metrics}
    behavior = _lower(_load(notes.get(BEHAVIOR)))
    if isinstance(behavior, dict) and behavior:
        wanted['behavior'] = behavior
    found: JSONObject = _take(status, _STATUS)
    current = status.get('currentCPUUtilizationPercentage')
    if current is not None:
        reading = {'name': 'cpu', 'current': {'averageUtilization': current}}
        found['currentMetrics'] = [{'type': 'Resource', 'resource': reading}]
    if READINGS in notes and (readings := [*_objects_in(notes[READINGS])]):
        found['currentMetrics'] = [read_reading(one) for one in readings]
    if CONDITIONS in notes and (conditions := [*_objects_in(notes[CONDITIONS])]):
        found['conditions'] = conditions
    return _join('autoscaling/v2', content, metadata, wanted, found)


def to_v1(content: JSONObject) -> JSONObject:
    """An autoscaler of v2 as one of v1: with annotations that tell of what v1 does not know."""
    metadata, _ = _take_notes(content)
    spec, status = part_of(content, 'spec'), part_of(content, 'status')
    metrics, readings = items_of(spec, 'metrics'), items_of(status, 'currentMetrics')
    notes: dict[str, Any] = {
        METRICS: [write_metric(one) for one in metrics if not is_of_processor(one)],
        READINGS: [write_reading(one) for one in readings],
        CONDITIONS: items_of(status, 'conditions'),
        BEHAVIOR: _raise(part_of(spec, 'behavior')) if spec.get('behavior') is not None else None,
    }
    texts = {name: encode(note).decode() for name, note in notes.items() if note}
    if texts:
        metadata['annotations'] = {**part_of(metadata, 'annotations'), **texts}
    wanted, found = _take(spec, _SPEC), _take(status, _STATUS)
    load, current = find_load(metrics, 'target'), find_load(readings, 'current')
    if load is not None:
        wanted['targetCPUUtilizationPercentage'] = load
    if current is not None:
        found['currentCPUUtilizationPercentage'] = current
    return _join('autoscaling/v1', content, metadata, wanted, found)


def _join(version: str, content: JSONObject, metadata: JSONObject, spec: JSONObject, status: JSONObject) -> JSONObject:
    head = {'kind': 'HorizontalPodAutoscaler', 'apiVersion': version, 'metadata': metadata}
    parts = {'spec': spec} if 'spec' in content else {}
    return {**head, **parts, **({'status': status} if 'status' in content else {})}


def _take_notes(content: JSONObject) -> tuple[JSONObject, dict[str, Any]]:
    """The metadata without the annotations that are about what v1 does not know; and these."""
    metadata: JSONObject = {**metadata_of(content)}
    annotations: JSONObject = part_of(metadata, 'annotations')
    notes = {name: text for name, text in annotations.items() if name in {METRICS, READINGS, CONDITIONS, BEHAVIOR}}
    if notes:
        metadata['annotations'] = {name: text for name, text in annotations.items() if name not in notes}
        if not metadata['annotations']:
            del metadata['annotations']
    return metadata, notes


def _take(content: JSONObject, fields: tuple[str, ...]) -> JSONObject:
    return {field: content[field] for field in fields if field in content}


def _target(load: int) -> JSONObject:
    target = {'type': 'Utilization', 'averageUtilization': load}
    return {'type': 'Resource', 'resource': {'name': 'cpu', 'target': target}}


def _load(text: Any) -> Any:
    try:
        return json.loads(text) if isinstance(text, str) else None
    except (ValueError, RecursionError):  # a real server ignores them too
        return None


def _objects_in(text: Any) -> list[JSONObject]:
    found: Any = _load(text)
    items = cast('Iterable[Any]', found) if isinstance(found, list) else ()
    return [one for one in items if isinstance(one, dict)]


def _lower(value: Any) -> Any:
    """The rules of scaling as they stand in v2: in the annotation they begin with capitals."""
    if isinstance(value, list):
        return [_lower(one) for one in cast('Iterable[Any]', value)]
    if not isinstance(value, dict):
        return value
    fields = cast('JSONObject', value).items()
    return {f'{name[:1].lower()}{name[1:]}': _lower(one) for name, one in fields if one is not None}


def _raise(behavior: JSONObject) -> JSONObject:
    """The reverse: all fields, in the order of Go."""
    return {name: _raise_rules(part_of(behavior, _small(name))) or None for name in ('ScaleUp', 'ScaleDown')}


def _raise_rules(rules: JSONObject) -> JSONObject:
    if not rules:
        return {}
    raised: JSONObject = {_capital(field): rules.get(field) for field in _RULES}
    policies = rules.get('policies')
    if policies is not None:
        raised['Policies'] = [{_capital(field): one.get(field) for field in _POLICY} for one in policies]
    return raised


def _capital(field: str) -> str:
    return f'{field[0].upper()}{field[1:]}'


def _small(field: str) -> str:
    return f'{field[0].lower()}{field[1:]}'
