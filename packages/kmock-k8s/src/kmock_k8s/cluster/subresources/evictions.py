"""Evictions: the deletion of pods, as far as disruption budgets allow it."""

import json
from collections.abc import Iterator
from typing import Any

from kmock_core.values.responses import Answer
from kmock_k8s.api.calls import Call
from kmock_k8s.cluster.backend import Backend, answer
from kmock_k8s.cluster.delete_options import DeleteOptions
from kmock_k8s.cluster.deleting import remove
from kmock_k8s.cluster.identity import place
from kmock_k8s.cluster.kinds import Kind
from kmock_k8s.cluster.statuses import Named, bad_request, internal, refused, success
from kmock_k8s.cluster.structures import items_of, part_of
from kmock_k8s.cluster.subresources.bodies import kind_of, read_body
from kmock_k8s.cluster.validating.selectors import matches
from kmock_k8s.cluster.write_options import read_write_options
from kmock_k8s.cluster.writing import load
from kmock_k8s.errors import KubernetesError
from kmock_k8s.model.encoding import JSONObject
from kmock_k8s.model.keys import ObjectKey
from kmock_k8s.model.resources import resource

_BUDGETS = resource('policy', 'v1', 'poddisruptionbudgets')
_REFUSAL = "Cannot evict pod as it would violate the pod's disruption budget."
_MANY = 'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.'
_FREE = ('Succeeded', 'Failed', 'Pending')  # the phases of pods that serve nobody


def evict(call: Call, kind: Kind, backend: Backend) -> Answer:
    """POST: delete a pod, if the disruption budgets that select it allow it."""
    options = read_write_options(call.request, 'CreateOptions')
    content, warnings = read_body(call, kind_of('policy', 'v1', 'Eviction'), options)
    metadata: JSONObject = content['metadata']
    place(metadata, kind, call.location.namespace)
    if metadata.get('name') != call.location.name:
        raise bad_request('name in URL does not match name in Eviction object')
    with backend.store.lock:
        live = load(kind, call.key, backend)
        given: JSONObject = part_of(content, 'deleteOptions')
        dry = options.dry_run or bool(given.get('dryRun'))
        if not live['metadata'].get('deletionTimestamp') and part_of(live, 'status').get('phase') not in _FREE:
            _spend(live, backend, dry_run=dry)
        conditions: JSONObject = part_of(given, 'preconditions')
        asked = DeleteOptions(
            dry_run=dry,
            policy=given.get('propagationPolicy'),
            grace=given.get('gracePeriodSeconds'),
            uid=conditions.get('uid'),
            version=conditions.get('resourceVersion'),
        )
        remove(kind, call.key, live, asked, backend)
    return answer(success(201), 201, warnings)


def _spend(pod: JSONObject, backend: Backend, *, dry_run: bool) -> None:
    """Take one disruption from the budget of a pod."""
    found = [*_find_budgets(pod, backend)]
    if len(found) > 1:
        raise internal(_MANY)
    for key, budget in found:
        status: JSONObject = part_of(budget, 'status')
        if not _is_ready(pod) and _lets_unready_go(budget):
            return
        name: str = budget['metadata']['name']
        if (status.get('observedGeneration') or 0) < (budget['metadata'].get('generation') or 0):
            raise _refuse(f'The disruption budget {name} is still being processed by the server.', 10)
        allowed: int = status.get('disruptionsAllowed') or 0
        if allowed < 0:
            raise refused(Named('policy', 'poddisruptionbudget', name), 'pdb disruptions allowed is negative')
        if not allowed:
            healthy, wanted = status.get('currentHealthy') or 0, status.get('desiredHealthy') or 0
            raise _refuse(f'The disruption budget {name} needs {wanted} healthy pods and has {healthy} currently', 0)
        disrupted = {**part_of(status, 'disruptedPods'), pod['metadata']['name']: backend.now()}
        budget['status'] = {**status, 'disruptionsAllowed': allowed - 1, 'disruptedPods': disrupted}
        kind = backend.find_kind(_BUDGETS)
        if kind is not None and not dry_run:
            backend.commit(kind, key, budget)


def _is_ready(pod: JSONObject) -> bool:
    """Tell if a pod counts as one that serves."""
    conditions: list[Any] = items_of(part_of(pod, 'status'), 'conditions')
    return any((one.get('type'), one.get('status')) == ('Ready', 'True') for one in conditions)


def _lets_unready_go(budget: JSONObject) -> bool:
    """Tell if a pod that does not serve can go, as nobody misses it."""
    if part_of(budget, 'spec').get('unhealthyPodEvictionPolicy') == 'AlwaysAllow':
        return True
    status: JSONObject = part_of(budget, 'status')
    healthy, wanted = status.get('currentHealthy') or 0, status.get('desiredHealthy') or 0
    return bool(healthy >= wanted > 0)


def _find_budgets(pod: JSONObject, backend: Backend) -> Iterator[tuple[ObjectKey, JSONObject]]:
    labels: JSONObject = part_of(pod['metadata'], 'labels')
    for key, state in backend.store.select(_BUDGETS, pod['metadata'].get('namespace')):
        budget: JSONObject = json.loads(state.raw)
        if matches(part_of(budget, 'spec').get('selector'), labels):
            yield key, budget


def _refuse(why: str, after: int) -> KubernetesError:
    details: dict[str, Any] = {'causes': [{'reason': 'DisruptionBudget', 'message': why}]}
    if after:
        details['retryAfterSeconds'] = after
    return KubernetesError(details, 429, 'TooManyRequests', _REFUSAL)
