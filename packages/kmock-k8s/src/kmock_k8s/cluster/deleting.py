"""DELETE: at once, or when nothing holds the object any more."""

import json
from typing import Any

from kmock_core.values.responses import Answer
from kmock_k8s.api.calls import Call
from kmock_k8s.cluster.backend import Backend, answer, answer_body
from kmock_k8s.cluster.crds.terminating import mark
from kmock_k8s.cluster.delete_options import DeleteOptions, read_delete_options
from kmock_k8s.cluster.grace import has_grace, mark_gracefully
from kmock_k8s.cluster.kinds import Kind
from kmock_k8s.cluster.orphaning import choose_policy, warn_of_deletion
from kmock_k8s.cluster.reading import join_list
from kmock_k8s.cluster.statuses import Named, conflict, refused
from kmock_k8s.cluster.writing import load
from kmock_k8s.model.deletions import ANSWERING
from kmock_k8s.model.encoding import JSONObject, encode
from kmock_k8s.model.keys import ObjectKey

_WHOLE = ANSWERING | {('', 'Namespace')}  # which the documents of OpenAPI do not tell

PROTECTED = frozenset({'default', 'kube-system', 'kube-public'})
"""The namespaces that stay."""


def delete(call: Call, kind: Kind, backend: Backend) -> Answer:
    """DELETE of one object."""
    options = read_delete_options(call.request)
    with backend.store.lock:
        live = load(kind, call.key, backend)
        left = remove(kind, call.key, live, options, backend)
    if left is not None:
        held = options.cascading and not (has_grace(kind) and _is_gone(left))
        return answer(encode(left), 202 if held else 200, warn_of_deletion(kind, options.policy))
    if (kind.group, kind.name) in _WHOLE:
        return answer(encode(live))
    details = {**kind.of(call.key.name).details, 'uid': live['metadata']['uid']}
    status = {'kind': 'Status', 'apiVersion': 'v1', 'metadata': {}, 'status': 'Success', 'details': details}
    return answer(json.dumps(status, separators=(',', ':')).encode())


def delete_collection(call: Call, kind: Kind, backend: Backend) -> Answer:
    """DELETE of a collection: of all objects that are selected; the answer is a list of what they were."""
    selection = call.selection
    options = read_delete_options(call.request)
    with backend.store.lock:
        found = call.arrange(selection.find(backend.store, kind.resource))
        if call.options.limit is not None:
            found = found[: call.options.limit]
        raws: list[bytes] = []
        revision = backend.store.revision
        for key, state in found:
            now = backend.store.get(key)  # it may have changed, or be gone, with those before it
            left = None if now is None else remove(kind, key, kind.show(now).load(), options, backend)
            raws.append(state.raw if left is None else encode(left))
        warnings = warn_of_deletion(kind, options.policy) if found else []
        metadata: JSONObject = {} if kind.is_builtin else {'continue': ''}
        return answer_body(join_list(kind, {**metadata, 'resourceVersion': str(revision)}, raws), 200, warnings)


def remove(kind: Kind, key: ObjectKey, live: JSONObject, options: DeleteOptions, backend: Backend) -> JSONObject | None:
    """Delete an object; or mark it as to be deleted: then it is what is left of it."""
    metadata: JSONObject = live['metadata']
    if kind.is_namespace and key.name in PROTECTED:
        raise refused(kind.of(key.name), 'this namespace may not be deleted')
    _check_conditions(kind, key.name, metadata, options)
    options = options._replace(policy=choose_policy(kind, live, options.policy))
    if kind.is_definition and not metadata.get('deletionTimestamp'):
        live = mark(live, backend.now())
    if has_grace(kind):
        return _remove_gracefully(kind, key, live, options, backend)
    finalizers = _choose_finalizers(kind, live['metadata'], options)
    spec: JSONObject = live.get('spec') or {}
    held = bool(finalizers) or (kind.is_namespace and bool(spec.get('finalizers')))
    if not held:
        if not options.dry_run:
            backend.remove(key)
        return None
    if metadata.get('deletionTimestamp') and finalizers == (metadata.get('finalizers') or []):
        return live
    marked = {**metadata, 'deletionTimestamp': metadata.get('deletionTimestamp') or backend.now()}
    if not kind.is_namespace and not kind.is_definition:
        marked['deletionGracePeriodSeconds'] = 0
    marked = _with_finalizers(marked, finalizers)
    if metadata.get('generation') and not kind.is_definition and not metadata.get('deletionTimestamp'):
        marked['generation'] = metadata['generation'] + 1
    content = {**live, 'metadata': marked}
    if kind.is_namespace:
        content['status'] = {**(live.get('status') or {}), 'phase': 'Terminating'}
    if not options.dry_run:
        backend.commit(kind, key, content)
    return content


def _choose_finalizers(kind: Kind, metadata: JSONObject, options: DeleteOptions) -> list[Any]:
    """The finalizers of what is deleted: the policy says if dependents are waited for, or are left alone."""
    finalizers: list[Any] = [*(metadata.get('finalizers') or [])]
    if kind.name == 'Event' and kind.is_builtin:  # they are not collected: nothing waits for them
        return [one for one in finalizers if one not in {'foregroundDeletion', 'orphan'}]
    if options.policy is not None:
        finalizers = [one for one in finalizers if one not in {'foregroundDeletion', 'orphan'}]
        finalizers += {'Foreground': ['foregroundDeletion'], 'Orphan': ['orphan']}.get(options.policy, [])
    return finalizers


def _with_finalizers(metadata: JSONObject, finalizers: list[Any]) -> JSONObject:
    kept = {key: value for key, value in metadata.items() if key != 'finalizers'}
    return {**kept, 'finalizers': finalizers} if finalizers else kept


def _remove_gracefully(
    kind: Kind, key: ObjectKey, live: JSONObject, options: DeleteOptions, backend: Backend
) -> JSONObject:
    """Mark an object as to be deleted in a while; it goes at once, if nothing is left to wait for."""
    marked = mark_gracefully(live, options.grace, backend.clock())
    metadata: JSONObject = marked['metadata']
    finalizers = _choose_finalizers(kind, metadata, options)
    kept = metadata.get('deletionGracePeriodSeconds') or finalizers == (metadata.get('finalizers') or [])
    if marked is live and kept:
        return live
    marked = {**marked, 'metadata': _with_finalizers(metadata, finalizers)}
    if not options.dry_run:
        backend.commit(kind, key, marked)
        if not finalizers and not marked['metadata']['deletionGracePeriodSeconds']:
            backend.remove(key)
            metadata = {**marked['metadata'], 'resourceVersion': str(backend.store.revision)}
            return {**marked, 'metadata': metadata}
    return marked


def _is_gone(content: JSONObject) -> bool:
    metadata: JSONObject = content['metadata']
    return not metadata.get('finalizers') and not metadata.get('deletionGracePeriodSeconds')


def _check_conditions(kind: Kind, name: str, metadata: JSONObject, options: DeleteOptions) -> None:
    named = Named(kind.group, kind.name, name)
    if options.uid is not None and options.uid != metadata['uid']:
        why = (
            f'the UID in the precondition ({options.uid}) does not match the UID in record ({metadata["uid"]}). '
            f'The object might have been deleted and then recreated'
        )
        raise conflict(named, why)
    if options.version is not None and options.version != metadata['resourceVersion']:
        why = (
            f'the ResourceVersion in the precondition ({options.version}) does not match the ResourceVersion in record '
            f'({metadata["resourceVersion"]}). The object might have been modified'
        )
        raise conflict(named, why)
