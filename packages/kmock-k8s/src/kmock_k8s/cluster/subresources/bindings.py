"""Bindings: a scheduler puts a pod on a node."""

from kmock_core.values.responses import Answer
from kmock_k8s.api.calls import Call
from kmock_k8s.cluster.backend import Backend, answer
from kmock_k8s.cluster.kinds import Kind
from kmock_k8s.cluster.options import read_write_options
from kmock_k8s.cluster.statuses import Cause, Named, conflict, invalid, not_supported, required, success
from kmock_k8s.cluster.structures import part_of
from kmock_k8s.cluster.subresources.bodies import kind_of, read_body
from kmock_k8s.cluster.writing import check_identity, load
from kmock_k8s.model.copying import copy
from kmock_k8s.model.encoding import JSONObject


def bind(call: Call, kind: Kind, backend: Backend) -> Answer:
    """POST: put a pod on a node."""
    options = read_write_options(call.request, 'CreateOptions')
    bindings = kind_of('', 'v1', 'Binding')
    content, warnings = read_body(call, bindings, options)
    metadata: JSONObject = content['metadata']
    metadata.setdefault('name', call.location.name)
    check_identity(metadata, kind, call)
    target: JSONObject = part_of(content, 'target')
    causes: list[Cause] = []
    if target.get('kind') not in (None, '', 'Node'):
        causes.append(not_supported('target.kind', target['kind'], ('Node', '<empty>')))
    if not target.get('name'):
        causes.append(required('target.name'))
    if causes:
        raise invalid(bindings.made(metadata['name']), causes)
    with backend.store.lock:
        live = load(kind, call.key, backend)
        _check(live, kind)
        if not options.dry_run:
            backend.commit(kind, call.key, _bound(live, target['name'], metadata, backend.now()))
    return answer(success(201), 201, warnings)


def _check(pod: JSONObject, kind: Kind) -> None:
    name: str = pod['metadata']['name']
    named = Named(kind.group, 'pods/binding', name)
    node = pod['spec'].get('nodeName')
    if pod['metadata'].get('deletionTimestamp'):
        raise conflict(named, f'pod {name} is being deleted, cannot be assigned to a host')
    if node:
        raise conflict(named, f'pod {name} is already assigned to node "{node}"')
    if pod['spec'].get('schedulingGates'):
        raise conflict(named, f'pod {name} has non-empty .spec.schedulingGates')


def _bound(pod: JSONObject, node: str, metadata: JSONObject, now: str) -> JSONObject:
    bound: JSONObject = copy(pod)
    bound['spec']['nodeName'] = node
    known: JSONObject = bound['metadata']
    if metadata.get('annotations'):
        known['annotations'] = {**part_of(known, 'annotations'), **metadata['annotations']}
    status: JSONObject = bound.setdefault('status', {})
    others = [one for one in status.get('conditions') or () if one.get('type') != 'PodScheduled']
    scheduled = {'type': 'PodScheduled', 'status': 'True', 'lastProbeTime': None, 'lastTransitionTime': now}
    status['conditions'] = [*others, scheduled]
    return bound
