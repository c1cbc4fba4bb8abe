"""Creating and updating objects: what the server sets, keeps, counts and refuses."""

import random
from typing import Any

from kmock_core.values.responses import Answer
from kmock_k8s.api.calls import Call
from kmock_k8s.api.writing import MAX_BASE_LENGTH, SUFFIX_ALPHABET, SUFFIX_LENGTH
from kmock_k8s.cluster.allocating import allocate
from kmock_k8s.cluster.backend import NAMESPACES, Backend, answer
from kmock_k8s.cluster.decoding import Decoded, decode, read_body, refuse_strictly
from kmock_k8s.cluster.defaulting import prepare, set_defaults
from kmock_k8s.cluster.kinds import Kind
from kmock_k8s.cluster.options import BY_ITSELF, WriteOptions, read_write_options
from kmock_k8s.cluster.owners import name_owners_once
from kmock_k8s.cluster.parts import add_containers, resize_containers
from kmock_k8s.cluster.statuses import (
    MODIFIED,
    Cause,
    already_exists,
    bad_request,
    conflict,
    forbidden,
    internal,
    invalid,
    invalid_value,
    not_found,
    with_warnings,
)
from kmock_k8s.cluster.strategies import (
    choose_metadata,
    is_conditional,
    is_created_by_updates,
    is_desire_changed,
)
from kmock_k8s.cluster.validating import validate
from kmock_k8s.errors import KubernetesError
from kmock_k8s.model.copying import copy
from kmock_k8s.model.encoding import JSONObject
from kmock_k8s.model.keys import ObjectKey
from kmock_k8s.model.metadata import metadata_of
from kmock_k8s.ownership import Scope, track_update
from kmock_k8s.ownership.scopes import scope_of_builtin, scope_of_custom

_NEVER_GIVEN = ('selfLink', 'deletionTimestamp', 'deletionGracePeriodSeconds', 'uid')
_RETRIES = 7
_KEPT = ('uid', 'creationTimestamp', 'generation', 'deletionTimestamp', 'deletionGracePeriodSeconds')


def _receive(call: Call, kind: Kind, options_kind: str) -> tuple[WriteOptions, Decoded, list[str]]:
    """How something is to be written, and what; with the warnings about it."""
    options = read_write_options(call.request, options_kind)
    decoded = decode(read_body(call.request), kind)
    if options.validation == 'Strict':
        refuse_strictly(decoded, kind)
    warnings = decoded.problems if options.validation == 'Warn' else []
    return options, decoded, [*warnings, *name_owners_once(metadata_of(decoded.content))]


def create(call: Call, kind: Kind, backend: Backend) -> Answer:
    """POST: create an object."""
    options, decoded, warnings = _receive(call, kind, 'CreateOptions')
    with backend.store.lock:
        try:
            raw = insert(decoded.content, kind, call.location.namespace, backend, options)
        except KubernetesError as exc:
            raise with_warnings(exc, warnings) from None
    return answer(raw, 201, [*warnings, *kind.warn(decoded.content)])


def insert(content: JSONObject, kind: Kind, namespace: str | None, backend: Backend, options: WriteOptions) -> bytes:
    """Create an object of what was sent; its bytes."""
    metadata: JSONObject = {**metadata_of(content)}
    content['metadata'] = metadata
    place(metadata, kind, namespace)
    demand_namespace(kind, namespace, metadata, backend, dry_run=options.dry_run)
    if metadata.get('resourceVersion') not in (None, '', '0'):
        _demand_name(kind, metadata)
        raise internal('resourceVersion should not be set on objects to be created')
    for field in _NEVER_GIVEN:
        metadata.pop(field, None)
    if not options.applied:
        metadata.pop('managedFields', None)
    metadata.pop('resourceVersion', None)
    set_defaults(kind, content)
    track(None, content, kind, backend, options)
    if not metadata.get('name') and metadata.get('generateName'):
        metadata['name'] = _choose_name(metadata['generateName'], kind, namespace, backend)
    metadata['uid'] = backend.new_uid()
    metadata['creationTimestamp'] = backend.now()
    if kind.counts_generations:
        metadata['generation'] = 1
    if kind.has_status:
        content.pop('status', None)
    prepare(kind, content)
    causes = validate(kind, content) or allocate(kind, content, backend)
    if causes:
        raise invalid(kind.made(metadata.get('name') or ''), causes)
    key = ObjectKey(kind.resource, namespace, metadata['name'])
    known = backend.store.get(key)
    if known is not None:
        deleted = bool(metadata_of(known.load()).get('deletionTimestamp'))
        raise already_exists(kind.of(key.name), 'object is being deleted: ' if deleted else '')
    if options.dry_run:
        return kind.encode(arrange(content))
    metadata['resourceVersion'] = ''  # it has a place, and is known when the object is stored
    return backend.commit(kind, key, arrange(content))


def place(metadata: JSONObject, kind: Kind, namespace: str | None) -> None:
    """Set the namespace of an object to that of the URL, which has to be the same."""
    if kind.namespaced and metadata.get('namespace') and metadata['namespace'] != namespace:
        raise bad_request('the namespace of the provided object does not match the namespace sent on the request')
    if namespace is not None:
        metadata['namespace'] = namespace
    else:
        metadata.pop('namespace', None)


def demand_namespace(
    kind: Kind, namespace: str | None, metadata: JSONObject, backend: Backend, *, dry_run: bool = False
) -> None:
    """Refuse to create something in a namespace that is not there, or that goes."""
    if namespace is None:
        return
    found = backend.store.get(ObjectKey(NAMESPACES, None, namespace))
    if found is None:
        if backend.auto_namespaces and dry_run:
            return
        if backend.auto_namespaces:
            known = backend.find_kind(NAMESPACES)
            assert known is not None
            content = {'kind': known.name, 'apiVersion': known.api_version, 'metadata': {'name': namespace}}
            insert(content, known, None, backend, BY_ITSELF)
            return
        raise not_found(Kind.of(_namespace_kind(backend), namespace))
    if metadata_of(found.load()).get('deletionTimestamp'):
        named = kind.of(metadata.get('name') or metadata.get('generateName') or 'Unknown')
        why = f'unable to create new content in namespace {namespace} because it is being terminated'
        cause = {
            'reason': 'NamespaceTerminating',
            'message': f'namespace {namespace} is being terminated',
            'field': 'metadata.namespace',
        }
        message = f'{named.qualified} "{named.name}" is forbidden: {why}'
        raise KubernetesError({**named.details, 'causes': [cause]}, 403, 'Forbidden', message)


def _namespace_kind(backend: Backend) -> Kind:
    found = backend.find_kind(NAMESPACES)
    assert found is not None
    return found


def _demand_name(kind: Kind, metadata: JSONObject) -> None:
    if not metadata.get('name') and not metadata.get('generateName'):
        raise invalid(kind.made(''), validate(kind, {'metadata': metadata})[:1])


def _choose_name(base: str, kind: Kind, namespace: str | None, backend: Backend) -> str:
    """A name that begins as is wanted; one that is free, if that can be found in a few attempts."""
    name = generate_name(base)
    for _ in range(_RETRIES):
        if backend.store.get(ObjectKey(kind.resource, namespace, name)) is None:
            break
        name = generate_name(base)
    return name


def generate_name(base: str) -> str:
    """A name that begins as is wanted."""
    return base[:MAX_BASE_LENGTH] + ''.join(random.choices(SUFFIX_ALPHABET, k=SUFFIX_LENGTH))


METADATA = (
    'name', 'generateName', 'namespace', 'selfLink', 'uid', 'resourceVersion', 'generation', 'creationTimestamp',
    'deletionTimestamp', 'deletionGracePeriodSeconds', 'labels', 'annotations', 'ownerReferences', 'finalizers',
    'managedFields',
)  # fmt: skip
"""The fields of metadata, as a real server orders them."""


def arrange(content: JSONObject) -> JSONObject:
    """The object in the order of a real server: its kind and version first, and the fields of its metadata."""
    metadata: JSONObject = content['metadata']
    ordered = {field: metadata[field] for field in METADATA if field in metadata}
    first = {'kind': content['kind'], 'apiVersion': content['apiVersion'], 'metadata': {**ordered, **metadata}}
    return {**first, **{key: value for key, value in content.items() if key not in first}}


# ---- Updates ----


def replace(call: Call, kind: Kind, backend: Backend) -> Answer:
    """PUT: replace an object, or a part of it that has a URL of its own."""
    options, decoded, warnings = _receive(call, kind, 'UpdateOptions')
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
    if metadata.get('uid') and metadata['uid'] != known['uid']:
        raise conflict(kind.of(name), _uid_text(kind, call.key, metadata['uid'], known['uid']))
    return update(call, kind, backend, live, content, options)


def _uid_text(kind: Kind, key: ObjectKey, given: str, known: str) -> str:
    group = f'{kind.group}/' if kind.group and not kind.is_builtin else ''
    path = '/'.join(['/registry', f'{group}{kind.plural}', *([key.namespace] if key.namespace else []), key.name])
    return (
        f'StorageError: invalid object, Code: 4, Key: {path}, ResourceVersion: 0, AdditionalErrorMsg: Precondition '
        f'failed: UID in precondition: {given}, UID in object meta: {known}'
    )


def demand_identity(metadata: JSONObject, kind: Kind, call: Call) -> None:
    """Refuse an object without a name, or with another name, or namespace, than those of the URL."""
    if not metadata.get('name'):
        name = call.location.name or ''
        raise bad_request(f'the name of the object ({name} based on URL) was undeterminable: name must be provided')
    check_identity(metadata, kind, call)


def check_identity(metadata: JSONObject, kind: Kind, call: Call) -> None:
    """Refuse another name, or another namespace, than those of the URL."""
    name = call.location.name or ''
    if metadata.get('name') != name:
        given = metadata.get('name')
        raise bad_request(f'the name of the object ({given}) does not match the name on the URL ({name})')
    place(metadata, kind, call.location.namespace)


def check_version(metadata: JSONObject, known: JSONObject, kind: Kind, name: str) -> None:
    """Refuse an update of what is not the latest state any more."""
    version = metadata.get('resourceVersion') or ''
    if version and not (version.isascii() and version.isdecimal()):
        raise internal(f'strconv.ParseUint: parsing "{version}": invalid syntax')
    if version in {'', '0'}:
        if is_conditional(kind):
            cause = invalid_value('metadata.resourceVersion', 0, 'must be specified for an update')
            raise invalid(kind.of(name), [cause])
    elif version != known['resourceVersion']:
        raise conflict(kind.of(name), MODIFIED)


def load(kind: Kind, key: ObjectKey, backend: Backend) -> JSONObject:
    """An object as it is; an error if it is not there."""
    state = backend.store.get(key)
    if state is None:
        raise not_found(kind.of(key.name))
    return kind.show(state).load()


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
    if _without_managers(content) == _without_managers(live) and not (
        forgotten or (options.applied and _timeless(metadata) != _timeless(known))
    ):
        return kind.encode(live)
    track(live, tracked, kind, backend, options, call.location.subresource or '')
    if (owners := tracked['metadata'].get('managedFields')) is not None:
        content['metadata']['managedFields'] = owners
    else:
        content['metadata'].pop('managedFields', None)
    return settle(kind, call.key, live, content, backend, options)


_NO_OWNERS: tuple[list[JSONObject], ...] = ([{}], [])
"""What clients write to have the owners of all fields forgotten."""

_REPEATED = {'metadata.labels': 4, 'metadata.annotations': 4, 'metadata.finalizers': 2}


def _keep_identity(metadata: JSONObject, known: JSONObject) -> 'list[Cause]':
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


def _check_new_finalizers(metadata: JSONObject, known: JSONObject) -> 'list[Cause]':
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


def settle(
    kind: Kind, key: ObjectKey, live: JSONObject, content: JSONObject, backend: Backend, options: WriteOptions
) -> bytes:
    """Store the next state; or let the object go, if nothing holds it any more."""
    metadata = content['metadata']
    if options.dry_run:
        return kind.encode(content)
    if metadata.get('deletionTimestamp') and not metadata.get('finalizers') and not _is_held(kind, content):
        backend.remove(key)
        return kind.encode(content)
    return backend.commit(kind, key, content)


def _is_held(kind: Kind, content: JSONObject) -> bool:
    if (kind.group, kind.name) == ('', 'Namespace'):
        spec: JSONObject = content.get('spec') or {}
        return bool(spec.get('finalizers'))
    return bool(content['metadata'].get('deletionGracePeriodSeconds'))


def track(
    live: JSONObject | None,
    content: JSONObject,
    kind: Kind,
    backend: Backend,
    options: WriteOptions,
    subresource: str = '',
) -> None:
    """Note who owns the fields that have changed."""
    if options.applied:
        return
    entries: list[Any] = track_update(
        live,
        content,
        options.manager,
        schema=kind.schema,
        api_version=kind.api_version,
        subresource=subresource,
        now=backend.now(),
        scope=scope_of(kind, subresource),
    )
    if entries:
        content['metadata']['managedFields'] = entries
    else:
        content['metadata'].pop('managedFields', None)


def scope_of(kind: Kind, subresource: str) -> Scope:
    """The fields that can be written at a URL of a kind."""
    if kind.is_builtin:
        return scope_of_builtin(subresource, kind=kind.name, has_status=kind.has_status)
    return scope_of_custom(subresource, has_status=kind.has_status)
