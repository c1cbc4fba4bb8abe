"""DELETE: at once, or when nothing holds the object any more."""

import json
from typing import Any, NamedTuple, cast

from kmock_core import Request
from kmock_core.values.responses import Answer
from kmock_k8s.api.calls import Call
from kmock_k8s.cluster.backend import Backend, answer
from kmock_k8s.cluster.crds.terminating import mark
from kmock_k8s.cluster.decoding import check_media_type, parse
from kmock_k8s.cluster.grace import has_grace, mark_gracefully
from kmock_k8s.cluster.kinds import Kind
from kmock_k8s.cluster.options import check_dry_run
from kmock_k8s.cluster.reading import join_list
from kmock_k8s.cluster.statuses import Named, bad_request, conflict, invalid, invalid_value, not_supported, refused
from kmock_k8s.cluster.writing import load
from kmock_k8s.model.encoding import JSONObject, encode
from kmock_k8s.model.keys import ObjectKey

POLICIES = ('Foreground', 'Background', 'Orphan')
_SCHEME = 'k8s.io/apimachinery/pkg/apis/meta/internalversion/scheme/register.go:27'
_OPTIONS = Named('meta.k8s.io', 'DeleteOptions')
_WHOLE = frozenset({('', 'Pod'), ('', 'Namespace'), ('', 'Service'), ('', 'PersistentVolumeClaim'),
                    ('', 'PersistentVolume'), ('', 'ServiceAccount'), ('', 'ResourceQuota'), ('', 'PodTemplate'),
                    ('policy', 'PodSecurityPolicy'), ('storage.k8s.io', 'StorageClass')})  # fmt: skip
"""The kinds whose deletion is answered with the object."""


class DeleteOptions(NamedTuple):
    """How something is to be deleted."""

    dry_run: bool
    policy: str | None
    grace: int | None
    uid: str | None
    version: str | None


PROTECTED = frozenset({'default', 'kube-system', 'kube-public'})
"""The namespaces that stay."""


def read_options(request: Request) -> DeleteOptions:
    """Read the options from the body and from the query."""
    body: JSONObject = {}
    if request.body:
        check_media_type(request.content_type)
        value, _ = parse(request.body, "couldn't get version/kind; json parse error: ", shown=False)
        body = cast('JSONObject', value) if isinstance(value, dict) else {}
        kind = body.get('kind')
        if kind not in (None, 'DeleteOptions'):
            version = body.get('apiVersion', '')
            raise bad_request(f'no kind "{kind}" is registered for version "{version}" in scheme "{_SCHEME}"')
    given: dict[str, list[str]] = {}
    for name, value in request.query_pairs if '?' in request.target else ():
        given.setdefault(name, []).append(value)
    grace: Any = body.get('gracePeriodSeconds')
    if 'gracePeriodSeconds' in given:
        try:
            grace = int(given['gracePeriodSeconds'][0])
        except ValueError as exc:
            text = given['gracePeriodSeconds'][0]
            raise bad_request(f'strconv.ParseInt: parsing "{text}": invalid syntax') from exc
    policy: Any = given.get('propagationPolicy', [body.get('propagationPolicy')])[0]
    dry: list[str] = given.get('dryRun') or body.get('dryRun') or []
    orphan: Any = body.get('orphanDependents')
    causes = check_dry_run(dry)
    if policy is not None and orphan is not None:
        detail = 'orphanDependents and deletionPropagation cannot be both set'
        causes.append(invalid_value('propagationPolicy', policy, detail))
    elif policy is not None and policy not in POLICIES:
        causes.append(not_supported('propagationPolicy', policy, [*POLICIES, 'nil']))
    if causes:
        raise invalid(_OPTIONS, causes)
    if orphan is not None:
        policy = 'Orphan' if orphan else 'Background'
    conditions: JSONObject = body.get('preconditions') or {}
    return DeleteOptions(bool(dry), policy, grace, conditions.get('uid'), conditions.get('resourceVersion'))


def delete(call: Call, kind: Kind, backend: Backend) -> Answer:
    """DELETE of one object."""
    options = read_options(call.request)
    with backend.store.lock:
        live = load(kind, call.key, backend)
        left = remove(kind, call.key, live, options, backend)
    if left is not None:
        return answer(encode(left))
    if (kind.group, kind.name) in _WHOLE:
        return answer(encode(live))
    details = {**kind.of(call.key.name).details, 'uid': live['metadata']['uid']}
    status = {'kind': 'Status', 'apiVersion': 'v1', 'metadata': {}, 'status': 'Success', 'details': details}
    return answer(json.dumps(status, separators=(',', ':')).encode())


def delete_collection(call: Call, kind: Kind, backend: Backend) -> Answer:
    """DELETE of a collection: of all objects that are selected; the answer is a list of what they were."""
    options = read_options(call.request)
    with backend.store.lock:
        found = call.selection.find(backend.store, kind.resource)
        if call.options.limit is not None:
            found = found[: call.options.limit]
        raws: list[bytes] = []
        revision = backend.store.revision
        for key, state in found:
            left = remove(kind, key, state.load(), options, backend)
            raws.append(state.raw if left is None else encode(left))
        metadata: JSONObject = {} if kind.is_builtin else {'continue': ''}
        return answer(join_list(kind, {**metadata, 'resourceVersion': str(revision)}, raws))


def remove(kind: Kind, key: ObjectKey, live: JSONObject, options: DeleteOptions, backend: Backend) -> JSONObject | None:
    """Delete an object; or mark it as to be deleted: then it is what is left of it."""
    metadata: JSONObject = live['metadata']
    if kind.is_namespace and key.name in PROTECTED:
        raise refused(kind.of(key.name), 'this namespace may not be deleted')
    _check_conditions(kind, key.name, metadata, options)
    if kind.is_definition and not metadata.get('deletionTimestamp'):
        live = mark(live, backend.now())
    if has_grace(kind):
        return _remove_gracefully(kind, key, live, options, backend)
    finalizers = _choose_finalizers(live['metadata'], options)
    spec: JSONObject = live.get('spec') or {}
    held = bool(finalizers) or (kind.is_namespace and bool(spec.get('finalizers')))
    if not held:
        if not options.dry_run:
            backend.remove(key, live)
        return None
    if metadata.get('deletionTimestamp') and finalizers == (metadata.get('finalizers') or []):
        return live
    marked = {**metadata, 'deletionTimestamp': metadata.get('deletionTimestamp') or backend.now()}
    if not kind.is_namespace and not kind.is_definition:
        marked['deletionGracePeriodSeconds'] = 0
    if finalizers:
        marked['finalizers'] = finalizers
    if kind.counts_generations and not kind.is_definition and not metadata.get('deletionTimestamp'):
        marked['generation'] = metadata.get('generation', 0) + 1
    content = {**live, 'metadata': marked}
    if kind.is_namespace:
        content['status'] = {**(live.get('status') or {}), 'phase': 'Terminating'}
    if not options.dry_run:
        backend.commit(kind, key, content)
    return content


def _choose_finalizers(metadata: JSONObject, options: DeleteOptions) -> list[Any]:
    """The finalizers of what is deleted: the policy says if dependents are waited for, or are left alone."""
    finalizers: list[Any] = [*(metadata.get('finalizers') or [])]
    if options.policy is not None:
        finalizers = [one for one in finalizers if one not in {'foregroundDeletion', 'orphan'}]
        finalizers += {'Foreground': ['foregroundDeletion'], 'Orphan': ['orphan']}.get(options.policy, [])
    return finalizers


def _remove_gracefully(
    kind: Kind, key: ObjectKey, live: JSONObject, options: DeleteOptions, backend: Backend
) -> JSONObject:
    """Mark an object as to be deleted in a while; it goes at once, if nothing is left to wait for."""
    marked = mark_gracefully(live, options.grace, backend.clock())
    if marked is live:
        return live
    finalizers = _choose_finalizers(marked['metadata'], options)
    if finalizers:
        marked['metadata']['finalizers'] = finalizers
    if not options.dry_run:
        backend.commit(kind, key, marked)
        if not finalizers and not marked['metadata']['deletionGracePeriodSeconds']:
            backend.remove(key, marked)
            metadata = {**marked['metadata'], 'resourceVersion': str(backend.store.revision)}
            return {**marked, 'metadata': metadata}
    return marked


def _check_conditions(kind: Kind, name: str, metadata: JSONObject, options: DeleteOptions) -> None:
    named = Named('', kind.name, name)
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
