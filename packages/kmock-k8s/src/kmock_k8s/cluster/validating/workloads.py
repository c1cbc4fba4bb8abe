"""What keeps the controllers of pods from being valid: Deployments, ReplicaSets, StatefulSets, DaemonSets."""

from collections.abc import Iterable, Iterator
from typing import Any

from kmock_k8s.cluster.statuses import Cause, forbidden, invalid_value, not_supported, required
from kmock_k8s.cluster.structures import part_of
from kmock_k8s.cluster.validating.pods import check_template
from kmock_k8s.cluster.validating.selectors import check_selector, is_empty, matches
from kmock_k8s.cluster.validating.values import (
    check_choice,
    check_kept,
    check_nonnegative,
    check_share,
    sort_maps,
)
from kmock_k8s.model.encoding import JSONObject

_MISMATCH = '`selector` does not match template `labels`'
_STATEFUL_CHANGEABLE = (
    'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit',
    'persistentVolumeClaimRetentionPolicy', 'minReadySeconds',
)  # fmt: skip


def validate_deployment(content: JSONObject, live: JSONObject | None) -> Iterator[Cause]:
    """The causes to refuse a Deployment."""
    spec: JSONObject = part_of(content, 'spec')
    yield from check_nonnegative(spec, ('replicas',), 'spec')
    yield from _check_selection(spec, 'deployment')
    yield from _check_strategy(part_of(spec, 'strategy'), 'spec.strategy')
    yield from check_nonnegative(spec, ('minReadySeconds', 'revisionHistoryLimit', 'progressDeadlineSeconds'), 'spec')
    deadline = spec.get('progressDeadlineSeconds')
    if deadline is not None and deadline <= spec.get('minReadySeconds', 0):
        yield invalid_value('spec.progressDeadlineSeconds', deadline, 'must be greater than minReadySeconds')
    if live is not None:
        yield from check_kept(spec, part_of(live, 'spec'), ('selector',), 'spec')
    yield from _check_counts(content, ('updatedReplicas', 'readyReplicas', 'availableReplicas'))


def validate_replica_set(content: JSONObject, live: JSONObject | None) -> Iterator[Cause]:
    """The causes to refuse a ReplicaSet."""
    spec: JSONObject = part_of(content, 'spec')
    yield from check_nonnegative(spec, ('replicas', 'minReadySeconds'), 'spec')
    yield from _check_selection(spec, 'replicaset')
    if live is not None:
        yield from check_kept(spec, part_of(live, 'spec'), ('selector',), 'spec')
    yield from _check_counts(content, ('fullyLabeledReplicas', 'readyReplicas', 'availableReplicas'))


def validate_replication_controller(content: JSONObject, live: JSONObject | None) -> Iterator[Cause]:
    """The causes to refuse a ReplicationController."""
    spec: JSONObject = part_of(content, 'spec')
    yield from check_nonnegative(spec, ('minReadySeconds',), 'spec')
    if not spec.get('selector'):
        yield required('spec.selector')
    yield from check_nonnegative(spec, ('replicas',), 'spec')
    template: JSONObject | None = spec.get('template')
    if template is None:
        yield required('spec.template')
        return
    labels = _labels_of(template)
    if spec.get('selector') and any(labels.get(key) != value for key, value in spec['selector'].items()):
        yield invalid_value('spec.template.metadata.labels', sort_maps(labels) or None, _MISMATCH)
    yield from check_template(template, 'spec.template')
    yield from _check_always(template, 'spec.template')


def validate_stateful_set(content: JSONObject, live: JSONObject | None) -> Iterator[Cause]:
    """The causes to refuse a StatefulSet."""
    spec: JSONObject = part_of(content, 'spec')
    policies = ('OrderedReady', 'Parallel')
    yield from _check_known(spec.get('podManagementPolicy'), 'spec.podManagementPolicy', policies)
    strategy: JSONObject = part_of(spec, 'updateStrategy')
    if strategy.get('type') == 'OnDelete' and 'rollingUpdate' in strategy:
        detail = "only allowed for updateStrategy 'RollingUpdate'"
        yield invalid_value('spec.updateStrategy.rollingUpdate', strategy['rollingUpdate'], detail)
    elif strategy.get('type') == 'RollingUpdate':
        rolling: JSONObject = part_of(strategy, 'rollingUpdate')
        yield from check_nonnegative(rolling, ('partition',), 'spec.updateStrategy.rollingUpdate')
    elif strategy.get('type') != 'OnDelete':
        detail = "must be 'RollingUpdate' or 'OnDelete'"
        yield invalid_value('spec.updateStrategy', strategy, detail)
    yield from check_nonnegative(spec, ('replicas', 'minReadySeconds', 'revisionHistoryLimit'), 'spec')
    yield from _check_selection(_with_claims(spec), 'statefulset')
    if live is not None:
        known: JSONObject = part_of(live, 'spec')
        if any(spec.get(key) != known.get(key) for key in {*spec, *known} - {*_STATEFUL_CHANGEABLE}):
            *first, last = (f"'{field}'" for field in _STATEFUL_CHANGEABLE)
            detail = f'updates to statefulset spec for fields other than {", ".join(first)} and {last} are forbidden'
            yield forbidden('spec', detail)
    yield from _check_counts(content, ('readyReplicas', 'currentReplicas', 'updatedReplicas', 'availableReplicas'))


def _with_claims(spec: JSONObject) -> JSONObject:
    """A spec whose template has the volumes of its claims too, as the pods will have them."""
    pods: JSONObject = part_of(spec, 'template', 'spec')
    volumes: list[JSONObject] = pods.get('volumes') or []
    names = [part_of(claim, 'metadata').get('name') for claim in spec.get('volumeClaimTemplates') or ()]
    others = [volume for volume in volumes if volume.get('name') not in names]
    claims = [{'name': name, 'persistentVolumeClaim': {'claimName': name}} for name in names if name]
    if not claims:
        return spec
    return {**spec, 'template': {**part_of(spec, 'template'), 'spec': {**pods, 'volumes': [*others, *claims]}}}


def validate_daemon_set(content: JSONObject, live: JSONObject | None) -> Iterator[Cause]:
    """The causes to refuse a DaemonSet."""
    spec: JSONObject = part_of(content, 'spec')
    yield from _check_selection(spec, 'daemonset')
    yield from check_nonnegative(spec, ('minReadySeconds',), 'spec')
    strategy: JSONObject = part_of(spec, 'updateStrategy')
    kinds = ('RollingUpdate', 'OnDelete')
    yield from check_choice(strategy.get('type'), 'spec.updateStrategy.type', kinds)
    if strategy.get('type') == 'RollingUpdate':
        rolling: JSONObject = part_of(strategy, 'rollingUpdate')
        path = 'spec.updateStrategy.rollingUpdate'
        unavailable, surge = rolling.get('maxUnavailable', 1), rolling.get('maxSurge', 0)
        yield from check_share(unavailable, f'{path}.maxUnavailable')
        yield from check_share(surge, f'{path}.maxSurge')
        if _is_none(unavailable) and _is_none(surge):
            detail = 'cannot be 0 when maxSurge is 0'
            yield invalid_value(f'{path}.maxUnavailable', unavailable, detail)
        elif not _is_none(unavailable) and not _is_none(surge):
            yield invalid_value(f'{path}.maxSurge', surge, 'may not be set when maxUnavailable is non-zero')
    yield from check_nonnegative(spec, ('revisionHistoryLimit',), 'spec')
    if live is not None:
        yield from check_kept(spec, part_of(live, 'spec'), ('selector',), 'spec')
    status = part_of(content, 'status')
    counts = [key for key in status if key.lower().startswith(('number', 'current', 'desired', 'updated'))]
    yield from check_nonnegative(status, counts, 'status')


def _check_selection(spec: JSONObject, kind: str) -> Iterator[Cause]:
    """Refuse a template whose pods would not be selected."""
    selector: JSONObject | None = spec.get('selector')
    template: JSONObject = part_of(spec, 'template')
    if selector is None:
        yield required('spec.selector')
    else:
        yield from check_selector(selector, 'spec.selector')
        if is_empty(selector):
            yield invalid_value('spec.selector', selector, f'empty selector is invalid for {kind}')
    labels = _labels_of(template)
    if (selector is None or not is_empty(selector)) and not matches(selector, labels):
        yield invalid_value('spec.template.metadata.labels', sort_maps(labels) or None, _MISMATCH)
    yield from check_template(template, 'spec.template')
    yield from _check_always(template, 'spec.template')


def _check_always(template: JSONObject, path: str) -> Iterator[Cause]:
    spec: JSONObject = part_of(template, 'spec')
    policy = spec.get('restartPolicy')
    if policy != 'Always':
        yield not_supported(f'{path}.spec.restartPolicy', policy or '', ('Always',))
    if spec.get('activeDeadlineSeconds') is not None:
        yield forbidden(f'{path}.spec.activeDeadlineSeconds', 'activeDeadlineSeconds in ReplicaSet is not Supported')


def _labels_of(template: JSONObject) -> JSONObject:
    return part_of(template, 'metadata', 'labels')


def _check_known(value: Any, field: str, supported: tuple[str, ...]) -> Iterator[Cause]:
    if value not in supported:
        listed = ' or '.join(f"'{one}'" for one in supported)
        yield invalid_value(field, value or '', f'must be {listed}')


def _check_strategy(strategy: JSONObject, path: str) -> Iterator[Cause]:
    kind: str = strategy.get('type') or ''
    rolling: JSONObject | None = strategy.get('rollingUpdate')
    if kind == 'Recreate':
        if rolling is not None:
            detail = "may not be specified when strategy `type` is 'Recreate'"
            yield forbidden(f'{path}.rollingUpdate', detail)
    elif kind == 'RollingUpdate':
        yield from _check_rolling(rolling or {}, f'{path}.rollingUpdate')
    else:
        shown = {'Type': kind, 'RollingUpdate': rolling}  # as the fields are called inside of the real server
        yield not_supported(path, shown, ('Recreate', 'RollingUpdate'))


def _check_rolling(rolling: JSONObject, path: str) -> Iterator[Cause]:
    unavailable, surge = rolling.get('maxUnavailable', '25%'), rolling.get('maxSurge', '25%')
    yield from check_share(unavailable, f'{path}.maxUnavailable')
    yield from check_share(surge, f'{path}.maxSurge')
    if _is_none(unavailable) and _is_none(surge):
        yield invalid_value(f'{path}.maxUnavailable', unavailable, 'may not be 0 when `maxSurge` is 0')
    if isinstance(unavailable, str) and unavailable[:-1].isdecimal() and int(unavailable[:-1]) > 100:
        yield invalid_value(f'{path}.maxUnavailable', unavailable, 'must not be greater than 100%')


def _is_none(share: Any) -> bool:
    return share in (0, '0%')


def _check_counts(content: JSONObject, parts: Iterable[str]) -> Iterator[Cause]:
    """Refuse numbers below zero, and parts that are greater than the whole."""
    status: JSONObject = part_of(content, 'status')
    fields = ('observedGeneration', 'replicas', 'unavailableReplicas', *parts, 'collisionCount')
    yield from check_nonnegative(status, fields, 'status')
    whole = status.get('replicas', 0)
    for part in parts:
        if (count := status.get(part, 0)) > whole:
            yield invalid_value(f'status.{part}', count, 'cannot be greater than status.replicas')
    ready, available = status.get('readyReplicas', 0), status.get('availableReplicas', 0)
    if available > ready:
        yield invalid_value('status.availableReplicas', available, 'cannot be greater than readyReplicas')
