"""What the server sets in pods, beyond what is set in templates of pods too."""

from collections.abc import Iterator
from typing import Any, cast

from kmock_k8s.cluster.formats.quantities import amount_of
from kmock_k8s.cluster.structures import part_of
from kmock_k8s.model.encoding import JSONObject

_TAINTS = ('node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable')
_SECONDS = 300
_GATED: JSONObject = {
    'type': 'PodScheduled',
    'status': 'False',
    'lastProbeTime': None,
    'reason': 'SchedulingGated',
    'message': 'Scheduling is blocked due to non-empty scheduling gates',
}
_MEASURED = ('cpu', 'memory')


def default_pod(content: JSONObject) -> None:
    """Set what is there by default in a pod, but not in templates of pods."""
    spec: JSONObject = content['spec']
    spec.setdefault('enableServiceLinks', True)
    for container in containers_of(spec):
        _request_limits(container)


def prepare_pod(content: JSONObject, live: JSONObject | None) -> None:
    """Set what admission adds to a pod; and how it begins, when it is created."""
    spec: JSONObject = content['spec']
    if live is not None:
        status: JSONObject = content.setdefault('status', {})
        if 'qosClass' in part_of(live, 'status'):
            status['qosClass'] = live['status']['qosClass']
        for field in ('priority', 'preemptionPolicy'):  # those of a class, which clients need not know
            if field in live['spec']:
                spec.setdefault(field, live['spec'][field])
        if live['spec'].get('tolerations'):
            _tolerate(spec)
        return
    spec.setdefault('priority', 0)
    spec.setdefault('preemptionPolicy', 'PreemptLowerPriority')
    _tolerate(spec)
    begun: JSONObject = {'phase': 'Pending', 'qosClass': quality_of(spec)}
    if spec.get('schedulingGates'):
        begun['conditions'] = [{**_GATED, 'lastTransitionTime': content['metadata'].get('creationTimestamp')}]
    content['status'] = begun


def containers_of(spec: JSONObject) -> Iterator[JSONObject]:
    """The containers of a pod, those that come first too."""
    for field in ('initContainers', 'containers'):
        for container in spec.get(field) or ():
            if isinstance(container, dict):
                yield cast('JSONObject', container)


def _request_limits(container: JSONObject) -> None:
    resources: JSONObject = part_of(container, 'resources')
    limits: Any = resources.get('limits')
    if limits:
        resources['requests'] = {**limits, **part_of(resources, 'requests')}


def _tolerate(spec: JSONObject) -> None:
    """Let pods stay a while on nodes that are not all right."""
    known: list[JSONObject] = spec.get('tolerations') or []
    added = [
        {'key': key, 'operator': 'Exists', 'effect': 'NoExecute', 'tolerationSeconds': _SECONDS}
        for key in _TAINTS
        if not any(one.get('key') in (None, '', key) and one.get('effect') in (None, '', 'NoExecute') for one in known)
    ]
    if added:
        spec['tolerations'] = [*known, *added]


def quality_of(spec: JSONObject) -> str:
    """The class of a pod by what its containers ask for: ``BestEffort``, ``Burstable``, ``Guaranteed``."""
    asked = False
    guaranteed = True
    for container in containers_of(spec):
        resources: JSONObject = part_of(container, 'resources')
        requests, limits = part_of(resources, 'requests'), part_of(resources, 'limits')
        for name in _MEASURED:
            request, limit = _amount(requests, name), _amount(limits, name)
            asked = asked or bool(request) or bool(limit)
            guaranteed = guaranteed and bool(limit) and request == limit
    if not asked:
        return 'BestEffort'
    return 'Guaranteed' if guaranteed else 'Burstable'


def _amount(amounts: JSONObject, name: str) -> Any:
    try:
        return amount_of(amounts.get(name, 0))
    except ValueError:
        return 0
