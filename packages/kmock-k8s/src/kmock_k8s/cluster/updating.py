"""PUT, and what all updates have in common: the next state of an object, made of what it is to be."""

from kmock_core.values.responses import Answer
from kmock_k8s.api.calls import Call
from kmock_k8s.cluster.allocating import allocate
from kmock_k8s.cluster.backend import Backend, answer
from kmock_k8s.cluster.creating import ATTENDED, attend, insert
from kmock_k8s.cluster.decoding import Decoded
from kmock_k8s.cluster.defaulting import prepare, set_defaults
from kmock_k8s.cluster.identity import check_uid, check_version, demand_identity
from kmock_k8s.cluster.kinds import Kind
from kmock_k8s.cluster.parts import add_containers, resize_containers
from kmock_k8s.cluster.statuses import Cause, forbidden, invalid, invalid_value
from kmock_k8s.cluster.strategies import choose_metadata, is_created_by_updates, is_desire_changed
from kmock_k8s.cluster.validating import validate
from kmock_k8s.cluster.write_options import WriteOptions
from kmock_k8s.cluster.writing import arrange, load, receive, settle, track
from kmock_k8s.model.copying import copy
from kmock_k8s.model.encoding import JSONObject
from kmock_k8s.model.metadata import metadata_of

_KEPT = ('uid', 'creationTimestamp', 'generation', 'deletionTimestamp', 'deletionGracePeriodSeconds')
_REPEATED = {'metadata.labels': 4, 'metadata.annotations': 4, 'metadata.finalizers': 2}
_NO_OWNERS: tuple[list[JSONObject], ...] = ([{}], [])
"""What clients write to have the owners of all fields forgotten."""


def replace(call: Call, kind: Kind, backend: Backend) -> Answer:
    """PUT: replace an object, or a part of it that has a URL of its own."""
    options, decoded, warnings = receive(call, kind, 'UpdateOptions')
    with backend.store.lock:
        if _is_created(call, kind, backend):
            metadata = decoded.content['metadata'] = {**metadata_of(decoded.content)}
            demand_identity(metadata, kind, call)
            metadata.pop('resourceVersion', None)
            return answer(insert(decoded.content, kind, call.location.namespace, backend, options), 201, warnings)
        if kind.warn(decoded.content):
            warnings = [*warnings, *kind.warn(decoded.content, load(kind, call.key, backend))]
        raw = _replace(call, kind, backend, decoded, options)
    return answer(raw, 200, warnings)


def _is_created(call: Call, kind: Kind, backend: Backend) -> bool:
    return is_created_by_updates(kind) and call.location.subresource is None and backend.store.get(call.key) is None


def _replace(call: Call, kind: Kind, backend: Backend, decoded: Decoded, options: WriteOptions) -> bytes:
    content = decoded.content
    metadata: JSONObject = {**metadata_of(content)}
    content['metadata'] = metadata
    name = call.location.name or ''
    demand_identity(metadata, kind, call)
    live = load(kind, call.key, backend)
    known = live['metadata']
    check_version(metadata, known, kind, name)
    check_uid(metadata, known, kind, call.key)
    return update(call, kind, backend, live, content, options)


def update(
    call: Call, kind: Kind, backend: Backend, live: JSONObject, content: JSONObject, options: WriteOptions
) -> bytes:
    """Make the next state of an object of what it is to be; nothing happens if that is what it is."""
    metadata: JSONObject = content['metadata']
    known: JSONObject = live['metadata']
    causes = list(_keep_identity(metadata, known))
    content = _take_part(call.location.subresource, kind, live, content)
    metadata = content['metadata']
    metadata['resourceVersion'] = known['resourceVersion']
    for field in _KEPT:
        if field in known:
            metadata[field] = known[field]
        else:
            metadata.pop(field, None)
    metadata.pop('selfLink', None)
    owners = metadata.get('managedFields')
    forgotten = owners in _NO_OWNERS and 'managedFields' in known and call.location.subresource is None
    if owners is None and not options.applied:
        owners = known.get('managedFields')
    if owners or forgotten:
        metadata['managedFields'] = owners or _NO_OWNERS[0]
    else:
        metadata.pop('managedFields', None)
    set_defaults(kind, content)
    tracked = {**content, 'metadata': {**metadata}}
    if call.location.subresource != 'finalize':
        prepare(kind, content, live)
    if kind.group in ATTENDED:
        attend(kind, content, live, backend, options)
    if call.location.subresource != 'status' and is_desire_changed(kind, live, content):
        metadata['generation'] = known.get('generation', 0) + 1
    causes += _check_new_finalizers(metadata, known)
    causes += validate(kind, content, live, call.location.subresource)
    causes = causes or allocate(kind, content, backend)
    # Metadata is checked by the generic strategy and by that of the kind, each of them twice.
    causes = [cause for cause in causes for _ in range(_REPEATED.get(cause.field, 1))]
    if causes:
        raise invalid(kind.made(call.location.name or ''), causes)
    content = arrange(content)
    alike = not forgotten and _without_managers(content) == _without_managers(live)
    if alike and metadata.get('managedFields') == known.get('managedFields'):
        return kind.encode(live)
    track(live, tracked, kind, backend, options, call.location.subresource or '')
    if (owners := tracked['metadata'].get('managedFields')) is not None:
        content['metadata']['managedFields'] = owners
    else:
        content['metadata'].pop('managedFields', None)
    if alike and _timeless(content['metadata']) == _timeless(known):
        return kind.encode(live)
    return settle(kind, call.key, content, backend, options)


def _keep_identity(metadata: JSONObject, known: JSONObject) -> list[Cause]:
    causes: list[Cause] = []
    for field in ('uid', 'deletionTimestamp', 'deletionGracePeriodSeconds'):
        value = metadata.get(field)
        if value in (None, '') or value == known.get(field) or (field == 'deletionTimestamp' and field in known):
            continue
        causes += 2 * [invalid_value(f'metadata.{field}', value, 'field is immutable')]
    return causes


def _take_part(part: str | None, kind: Kind, live: JSONObject, content: JSONObject) -> JSONObject:
    """What is written at a URL: all but the status, or the status alone."""
    if part == 'finalize':
        return {**content, 'status': live.get('status', {})}
    if part == 'ephemeralcontainers':
        return {**live, 'metadata': metadata_of(content), 'spec': add_containers(live, content)}
    if part == 'resize':
        return {**live, 'metadata': metadata_of(content), 'spec': resize_containers(live, content)}
    if part in {'status', 'approval'}:
        taken: JSONObject = {**copy(live), 'metadata': choose_metadata(kind, live, content)}
        if 'status' in content:
            taken['status'] = content['status']
        else:
            taken.pop('status', None)
        return taken
    if part is None and kind.has_status:
        content = {**content}
        if 'status' in live:
            content['status'] = live['status']
        else:
            content.pop('status', None)
    return content


def _check_new_finalizers(metadata: JSONObject, known: JSONObject) -> list[Cause]:
    if not known.get('deletionTimestamp'):
        return []
    wanted: list[str] = metadata.get('finalizers') or []
    held: list[str] = known.get('finalizers') or []
    added = [one for one in wanted if one not in held]
    if not added:
        return []
    shown = ', '.join(f'"{one}"' for one in added)
    detail = f'no new finalizers can be added if the object is being deleted, found new finalizers []string{{{shown}}}'
    return [forbidden('metadata.finalizers', detail)]


def _timeless(metadata: JSONObject) -> list[JSONObject]:
    """The owners without the times: nothing is stored if only these are other ones."""
    return [{**entry, 'time': ''} for entry in metadata.get('managedFields') or ()]


def _without_managers(content: JSONObject) -> JSONObject:
    metadata = {key: value for key, value in content['metadata'].items() if key != 'managedFields'}
    return {**content, 'metadata': metadata}
