"""What all writing has in common: what is received, what is there, who owns it, and how it is stored."""

from typing import Any

from kmock_k8s.api.calls import Call
from kmock_k8s.cluster.backend import Backend
from kmock_k8s.cluster.decoding import Decoded, decode_request, refuse_strictly
from kmock_k8s.cluster.kinds import Kind
from kmock_k8s.cluster.owners import name_owners_once
from kmock_k8s.cluster.statuses import not_found
from kmock_k8s.cluster.write_options import WriteOptions, read_write_options
from kmock_k8s.model.encoding import JSONObject
from kmock_k8s.model.keys import ObjectKey
from kmock_k8s.model.metadata import metadata_of
from kmock_k8s.ownership import Scope, track_update
from kmock_k8s.ownership.scopes import scope_of_builtin, scope_of_custom

_METADATA = (
    'name', 'generateName', 'namespace', 'selfLink', 'uid', 'resourceVersion', 'generation', 'creationTimestamp',
    'deletionTimestamp', 'deletionGracePeriodSeconds', 'labels', 'annotations', 'ownerReferences', 'finalizers',
    'managedFields',
)  # fmt: skip
"""The fields of metadata, as a real server orders them."""


def receive(call: Call, kind: Kind, options_kind: str) -> tuple[WriteOptions, Decoded, list[str]]:
    """How something is to be written, and what; with the warnings about it."""
    options = read_write_options(call.request, options_kind)
    decoded = decode_request(call.request, kind)
    if options.validation == 'Strict':
        refuse_strictly(decoded, kind)
    warnings = decoded.problems if options.validation == 'Warn' else []
    return options, decoded, [*warnings, *name_owners_once(metadata_of(decoded.content))]


def load(kind: Kind, key: ObjectKey, backend: Backend) -> JSONObject:
    """An object as it is; an error if it is not there."""
    state = backend.store.get(key)
    if state is None:
        raise not_found(kind.of(key.name))
    return kind.show(state).load()


def arrange(content: JSONObject) -> JSONObject:
    """The object in the order of a real server: its kind and version first, and the fields of its metadata."""
    metadata: JSONObject = content['metadata']
    ordered = {field: metadata[field] for field in _METADATA if field in metadata}
    first = {'kind': content['kind'], 'apiVersion': content['apiVersion'], 'metadata': {**ordered, **metadata}}
    return {**first, **{key: value for key, value in content.items() if key not in first}}


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


def settle(kind: Kind, key: ObjectKey, content: JSONObject, backend: Backend, options: WriteOptions) -> bytes:
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
