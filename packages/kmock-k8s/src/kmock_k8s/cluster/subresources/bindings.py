"""Bindings: a scheduler puts a pod on a node."""

from kmock_core.values.responses import Answer
from kmock_k8s.api.calls import Call
from kmock_k8s.cluster.backend import Backend, answer
from kmock_k8s.cluster.decoding import Decoded
from kmock_k8s.cluster.identity import place
from kmock_k8s.cluster.kinds import Kind
from kmock_k8s.cluster.statuses import (
    Cause,
    Named,
    bad_request,
    conflict,
    internal,
    not_supported,
    required,
    success,
)
from kmock_k8s.cluster.structures import part_of
from kmock_k8s.cluster.subresources.bodies import kind_of, read_body
from kmock_k8s.cluster.write_options import WriteOptions, read_write_options
from kmock_k8s.cluster.writing import load
from kmock_k8s.model.copying import copy
from kmock_k8s.model.encoding import JSONObject
from kmock_k8s.model.keys import ObjectKey
from kmock_k8s.model.resources import resource

_PODS = resource('', 'v1', 'pods')


def bind(call: Call, kind: Kind, backend: Backend) -> Answer:
    """POST: put the pod of the URL on a node."""
    options = read_write_options(call.request, 'CreateOptions')
    content, warnings = _read(call, options)
    if content['metadata'].get('name') != call.location.name:
        raise bad_request('name in URL does not match name in Binding object')
    return _bind(call.key, content, kind, backend, options, warnings)


def create_binding(call: Call, kind: Kind, backend: Backend) -> Answer:
    """POST to the bindings, as of old: put the pod that is named on a node."""
    options = read_write_options(call.request, 'CreateOptions')
    content, warnings = _read(call, options)
    key = ObjectKey(_PODS, call.location.namespace, content['metadata'].get('name') or '')
    return _bind(key, content, _kind_of_pods(backend), backend, options, warnings)


def _kind_of_pods(backend: Backend) -> Kind:
    found = backend.find_kind(_PODS)
    assert found is not None
    return found


def _read(call: Call, options: WriteOptions) -> Decoded:
    bindings = kind_of('', 'v1', 'Binding')
    decoded = read_body(call, bindings, options)
    place(decoded.content['metadata'], bindings, call.location.namespace)
    return decoded


def _bind(
    key: ObjectKey, content: JSONObject, kind: Kind, backend: Backend, options: WriteOptions, warnings: list[str]
) -> Answer:
    target: JSONObject = part_of(content, 'target')
    causes: list[Cause] = []
    if target.get('kind') not in (None, '', 'Node'):
        causes.append(not_supported('target.kind', target['kind'], ('Node', '<empty>')))
    if not target.get('name'):
        causes.append(required('target.name'))
    if causes:  # not as of an object that is not valid: a real server has no reason for it
        shown = [f'{cause.field}: {cause.message}' for cause in causes]
        raise internal(shown[0] if len(shown) == 1 else f'[{", ".join(shown)}]')
    with backend.store.lock:
        live = load(kind, key, backend)
        _check(live, kind)
        if not options.dry_run:
            backend.commit(kind, key, _bound(live, target['name'], content['metadata'], backend.now()))
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
