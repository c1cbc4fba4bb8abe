"""POST: creating objects of what was sent, with what the server sets in them."""

from kmock_core.values.responses import Answer
from kmock_k8s.api.calls import Call
from kmock_k8s.api.generating import generate_name
from kmock_k8s.cluster.allocating import allocate
from kmock_k8s.cluster.backend import NAMESPACES, Backend, answer
from kmock_k8s.cluster.defaulting import prepare, set_defaults
from kmock_k8s.cluster.identity import place
from kmock_k8s.cluster.kinds import Kind
from kmock_k8s.cluster.statuses import already_exists, internal, invalid, not_found, with_warnings
from kmock_k8s.cluster.strategies import is_created_with_status
from kmock_k8s.cluster.structures import is_leaving
from kmock_k8s.cluster.validating import validate
from kmock_k8s.cluster.write_options import BY_ITSELF, WriteOptions
from kmock_k8s.cluster.writing import arrange, receive, track
from kmock_k8s.errors import KubernetesError
from kmock_k8s.model.encoding import JSONObject
from kmock_k8s.model.keys import ObjectKey
from kmock_k8s.model.metadata import metadata_of

ATTENDED = frozenset({'certificates.k8s.io', 'rbac.authorization.k8s.io'})
"""The groups with kinds whose objects depend on who writes them."""

_NEVER_GIVEN = ('selfLink', 'deletionTimestamp', 'deletionGracePeriodSeconds', 'uid')
_RETRIES = 7


def create(call: Call, kind: Kind, backend: Backend) -> Answer:
    """POST: create an object."""
    options, decoded, warnings = receive(call, kind, 'CreateOptions')
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
    _demand_namespace(kind, namespace, metadata, backend, dry_run=options.dry_run)
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
    if kind.group in ATTENDED:
        attend(kind, content, None, backend, options)
    if not metadata.get('name') and metadata.get('generateName'):
        metadata['name'] = _choose_name(metadata['generateName'], kind, namespace, backend)
    metadata |= backend.new_metadata()
    if kind.counts_generations:
        metadata['generation'] = 1
    if kind.has_status and not is_created_with_status(kind):
        content.pop('status', None)
    prepare(kind, content)
    causes = validate(kind, content) or allocate(kind, content, backend)
    if causes:
        raise invalid(kind.made(metadata.get('name') or ''), causes)
    key = ObjectKey(kind.resource, namespace, metadata['name'])
    known = backend.store.get(key)
    if known is not None:
        why = 'object is being deleted: ' if is_leaving(known) else ''
        generated = bool(metadata.get('generateName'))  # even if a name is given besides
        raise already_exists(kind.of(key.name), why, generated=generated)
    if options.dry_run:
        return kind.encode(arrange(content))
    metadata['resourceVersion'] = ''  # it has a place, and is known when the object is stored
    return backend.commit(kind, key, arrange(content))


def attend(kind: Kind, content: JSONObject, live: JSONObject | None, backend: Backend, options: WriteOptions) -> None:
    """Complete an object by what is known of who writes it, or refuse it; with what it was, if it is an update."""
    from kmock_k8s.cluster.access import attending  # few tests need it

    attending.attend(kind, content, live, backend, options)


def insert_namespace(name: str, backend: Backend) -> None:
    """Create a namespace by the server itself."""
    kind = _namespace_kind(backend)
    content: JSONObject = {'kind': kind.name, 'apiVersion': kind.api_version, 'metadata': {'name': name}}
    insert(content, kind, None, backend, BY_ITSELF)


def _demand_namespace(
    kind: Kind, namespace: str | None, metadata: JSONObject, backend: Backend, *, dry_run: bool = False
) -> None:
    """Refuse to create something in a namespace that is not there, or that goes."""
    if namespace is None:
        return
    found = backend.store.get(ObjectKey(NAMESPACES, None, namespace))
    if found is None:
        if not backend.auto_namespaces:
            raise not_found(_namespace_kind(backend).of(namespace))
        if not dry_run:
            insert_namespace(namespace, backend)
        return
    if is_leaving(found):
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
