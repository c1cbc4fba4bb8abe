"""CREATE, UPDATE: what is sent becomes the next state of an object, as it was sent."""

from typing import Any, cast

from kmock_core.values.responses import Answer
from kmock_k8s.api.answers import answer_raw
from kmock_k8s.api.bodies import check_metadata, read_json, read_object
from kmock_k8s.api.calls import Call
from kmock_k8s.api.describing import describe
from kmock_k8s.api.generating import generate_name
from kmock_k8s.errors import (
    KubernetesInvalidError,
    KubernetesObjectConflictError,
    KubernetesObjectNotFoundError,
)
from kmock_k8s.model.encoding import JSONObject, encode
from kmock_k8s.model.keys import ObjectKey
from kmock_k8s.model.metadata import metadata_of
from kmock_k8s.patching.choosing import check_media_type, choose
from kmock_k8s.store.spi import ObjectStore
from kmock_k8s.store.states import State

PARTS: dict[str, tuple[str, ...]] = {
    'approval': ('status',),
    'ephemeralcontainers': ('spec', 'ephemeralContainers'),
    'finalize': ('spec', 'finalizers'),
    'resize': ('spec',),
    'scale': ('spec', 'replicas'),
}
"""What a PUT at a subresource is about, where that is not the field of its name; clients may leave it out."""

MAX_PLACES = 3
"""How many objects of the same name are told of, where one is not found."""


def create(call: Call, store: ObjectStore) -> Answer:
    """Store a new object, under the namespace of the URL, else of its metadata."""
    content, raw = read_object(call.request)
    metadata = metadata_of(content)
    namespace = call.location.namespace
    if namespace is None and metadata.get('namespace') and describe(call.resource, call.info).namespaced:
        namespace = metadata['namespace']
    with store.lock:
        name = metadata.get('name')
        if not name:
            name = _generate_name(call, store, namespace, metadata.get('generateName'))
            content = {**content, 'metadata': {**metadata, 'name': name}}
            raw = encode(content)
        key = ObjectKey(call.resource, namespace, name)
        if store.get(key) is not None:
            raise exists_already(key)
        return _put(call, store, key, raw, content)


def replace(call: Call, store: ObjectStore) -> Answer:
    """Replace an object as a whole; at a subresource, only the field that it is about."""
    content, raw = read_object(call.request)
    part = call.location.subresource
    with store.lock:
        state = demand(store, call.key)
        if part is not None:
            content = _replace_part(state.load(), part, content)
            raw = encode(content)
        return _put(call, store, call.key, raw, content)


def _replace_part(known: JSONObject, part: str, given: JSONObject) -> JSONObject:
    """The known object, which is used up, with that field of the given one which a subresource is about."""
    if part not in PARTS and part not in given:
        message = f'{part}: Required value: an object with the field {part!r} is expected at this URL'
        raise KubernetesInvalidError(message=message)
    *path, field = PARTS.get(part, (part,))
    target = known
    for step in path:
        given = _fields_of(given, step)
        inner = target[step] = _fields_of(target, step)
        target = inner
    if field in given:
        target[field] = given[field]
    else:
        target.pop(field, None)
    return known


def _fields_of(content: JSONObject, field: str) -> JSONObject:
    value: Any = {} if content.get(field) is None else content[field]
    if not isinstance(value, dict):
        raise KubernetesInvalidError(message=f'{field}: Invalid value: an object is expected at this URL')
    return cast('JSONObject', value)


def patch(call: Call, store: ObjectStore) -> Answer:
    """Apply a patch to an object; at a subresource too, it is one of the whole object."""
    request = call.request
    check_media_type(request.content_type)  # before the body is parsed: it may be YAML
    changes = read_json(request.body)
    apply = choose(request.content_type, changes)
    with store.lock:
        content: JSONObject = apply(demand(store, call.key).load(), changes)
        check_metadata(content)
        return _put(call, store, call.key, encode(content), content)


def _put(call: Call, store: ObjectStore, key: ObjectKey, raw: bytes, content: JSONObject) -> Answer:
    """Store the next state of an object, and let it go if it was to be deleted, and has no finalizers any more."""
    if not call.dry_run:
        store.put(key, raw, content)
        metadata = metadata_of(content)
        if metadata.get('deletionTimestamp') and not metadata.get('finalizers'):
            store.delete(key)
    return answer_raw(raw)


def demand(store: ObjectStore, key: ObjectKey) -> State:
    """What an object is; an error if there is none."""
    state = store.get(key)
    if state is None:
        raise is_absent(key, store)
    return state


def _generate_name(call: Call, store: ObjectStore, namespace: str | None, base: Any) -> str:
    if not base:
        raise KubernetesInvalidError(message='metadata.name: Required value: name or generateName is required')
    while True:
        name: str = generate_name(base)
        if store.get(ObjectKey(call.resource, namespace, name)) is None:
            return name


def exists_already(key: ObjectKey) -> KubernetesObjectConflictError:
    """The error about an object that exists already."""
    message = f'{key} exists already. Delete it before, or patch it, or let a rule answer: kmock[…] << …'
    return KubernetesObjectConflictError(details_of(key), message=message)


def is_absent(key: ObjectKey, store: ObjectStore) -> KubernetesObjectNotFoundError:
    """The error about an object that is not there; it says how to add it, and where there is one of this name."""
    one, namespace, name = key
    message = f'{key} {"was deleted" if store.history(key) else "does not exist"}'
    places = [str(found) for found, _ in store.select(one, ..., name)[:MAX_PLACES]]
    if places:
        message += f', but there is {", ".join(places)}'
    message += f'. Add it as: kmock.objects[{str(one)!r}, {namespace!r}, {name!r}] = {{…}}'
    return KubernetesObjectNotFoundError(details_of(key), message=message)


def details_of(key: ObjectKey) -> JSONObject:
    """The details of a ``Status`` that is about an object."""
    group, _, plural = key.resource.key
    return {'name': key.name, **({'group': group} if group else {}), 'kind': plural}
