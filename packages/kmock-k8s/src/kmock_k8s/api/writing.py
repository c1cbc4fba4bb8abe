"""CREATE, UPDATE: what is sent becomes the next state of an object, as it was sent."""

import random
from typing import Any

from kmock_core.values.responses import Answer
from kmock_k8s.api.answers import answer_raw
from kmock_k8s.api.bodies import check_metadata, read_json, read_object
from kmock_k8s.api.calls import Call
from kmock_k8s.errors import (
    KubernetesInvalidError,
    KubernetesObjectConflictError,
    KubernetesObjectNotFoundError,
)
from kmock_k8s.model.encoding import JSONObject, encode
from kmock_k8s.model.keys import ObjectKey
from kmock_k8s.model.metadata import metadata_of
from kmock_k8s.patching.choosing import choose
from kmock_k8s.store.memory import Store
from kmock_k8s.store.states import State

SUFFIX_ALPHABET = 'bcdfghjklmnpqrstvwxz2456789'
SUFFIX_LENGTH = 5
MAX_BASE_LENGTH = 58
"""What is appended to ``generateName``, and where that is cut before: ``names/generate.go`` of the API server."""


def create(call: Call, store: Store) -> Answer:
    """Store a new object, under the namespace of the URL, else of its metadata."""
    content, raw = read_object(call.request)
    metadata = metadata_of(content)
    namespace = call.location.namespace or metadata.get('namespace') or None
    with store.lock:
        name = metadata.get('name')
        if not name:
            name = _generate_name(call, store, namespace, metadata.get('generateName'))
            content = {**content, 'metadata': {**metadata, 'name': name}}
            raw = encode(content)
        key = ObjectKey(call.resource, namespace, name)
        if store.get(key) is not None:
            raise exists_already(key)
        store.put(key, raw, content)
        _settle(store, key, content)
    return answer_raw(raw)


def replace(call: Call, store: Store) -> Answer:
    """Replace an object as a whole; at a subresource, only the field of that name."""
    content, raw = read_object(call.request)
    part = call.location.subresource
    with store.lock:
        state = demand(store, call.key)
        if part is not None:
            if part not in content:
                message = f'{part}: Required value: an object with the field {part!r} is expected at this URL'
                raise KubernetesInvalidError(message=message)
            content = {**state.load(), part: content[part]}
            raw = encode(content)
        return _put(store, call.key, raw, content)


def patch(call: Call, store: Store) -> Answer:
    """Apply a patch to an object; at a subresource too, it is one of the whole object."""
    request = call.request
    changes = read_json(request.body)
    apply = choose(request.content_type, changes)
    with store.lock:
        content: JSONObject = apply(demand(store, call.key).load(), changes)
        check_metadata(content)
        return _put(store, call.key, encode(content), content)


def _put(store: Store, key: ObjectKey, raw: bytes, content: JSONObject) -> Answer:
    store.put(key, raw, content)
    _settle(store, key, content)
    return answer_raw(raw)


def _settle(store: Store, key: ObjectKey, content: JSONObject) -> None:
    """Let an object go that was to be deleted, and has no finalizers any more."""
    metadata = metadata_of(content)
    if metadata.get('deletionTimestamp') and not metadata.get('finalizers'):
        store.delete(key)


def demand(store: Store, key: ObjectKey) -> State:
    """What an object is; an error if there is none."""
    state = store.get(key)
    if state is None:
        raise is_absent(key)
    return state


def _generate_name(call: Call, store: Store, namespace: str | None, base: Any) -> str:
    if not base:
        raise KubernetesInvalidError(message='metadata.name: Required value: name or generateName is required')
    while True:
        name: str = base[:MAX_BASE_LENGTH] + ''.join(random.choices(SUFFIX_ALPHABET, k=SUFFIX_LENGTH))
        if store.get(ObjectKey(call.resource, namespace, name)) is None:
            return name


def exists_already(key: ObjectKey) -> KubernetesObjectConflictError:
    """The error about an object that exists already."""
    message = f'{key} exists already. Delete it before, or patch it, or let a rule answer: kmock[…] << …'
    return KubernetesObjectConflictError(details_of(key), message=message)


def is_absent(key: ObjectKey) -> KubernetesObjectNotFoundError:
    """The error about an object that is not there; it says how to add it."""
    one, namespace, name = key
    message = f'{key} does not exist. Add it as: kmock.objects[{str(one)!r}, {namespace!r}, {name!r}] = {{…}}'
    return KubernetesObjectNotFoundError(details_of(key), message=message)


def details_of(key: ObjectKey) -> JSONObject:
    """The details of a ``Status`` that is about an object."""
    group, _, plural = key.resource.key
    return {'name': key.name, **({'group': group} if group else {}), 'kind': plural}
