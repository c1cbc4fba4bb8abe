"""What becomes of objects when they are stored: each state has its revision in it; what tests assign is completed."""

from collections.abc import Mapping
from typing import Any, cast

from kmock_k8s.cluster.backend import Backend
from kmock_k8s.cluster.writing import arrange
from kmock_k8s.model.encoding import JSONObject, encode
from kmock_k8s.model.keys import ObjectKey
from kmock_k8s.store.spi import StoreOptions
from kmock_k8s.store.states import State

FIRST_REVISION = 1_000
"""Where the revisions begin: those of a cluster that has just come up; what is asked for of before is long ago."""


def stamp(revision: int, raw: bytes, content: Mapping[str, Any] | None) -> State:
    """A state with its revision as the ``metadata.resourceVersion`` of the object, where that is not there yet."""
    if content is not None and content['metadata'].get('resourceVersion') == str(revision):
        return State(revision, raw, content)
    stamped = State(0, raw).load()
    stamped['metadata'] = {**stamped.get('metadata', {}), 'resourceVersion': str(revision)}
    return State(revision, encode(stamped), stamped)


STAMPED = StoreOptions(FIRST_REVISION, stamp)
"""How the store of a cluster is to be."""


def complete(key: ObjectKey, content: JSONObject, before: JSONObject | None, backend: Backend) -> JSONObject:
    """An object that a test has made: what it lacks is as it was before, or as the server sets it."""
    given: Any = content.get('metadata')
    metadata: JSONObject = {**cast('JSONObject', given)} if isinstance(given, dict) else {}
    kind = backend.find_kind(key.resource)
    if kind is not None and kind.namespaced != (key.namespace is not None):
        raise ValueError(_explain_scope(key, kind.namespaced))
    known: JSONObject = {} if before is None else cast('JSONObject', before.get('metadata') or {})
    for field, value in backend.new_metadata().items():
        metadata.setdefault(field, known.get(field, value))
    metadata['name'] = key.name
    if key.namespace is not None:
        metadata['namespace'] = key.namespace
    if kind is None:
        return {**content, 'metadata': metadata}
    metadata.setdefault('resourceVersion', '')  # it has a place, and is set when the object is stored
    whole = {**content, 'kind': kind.name, 'apiVersion': kind.api_version, 'metadata': metadata}
    return arrange(whole)


def _explain_scope(key: ObjectKey, namespaced: bool) -> str:
    if namespaced:
        return f'{key.resource} are in namespaces: kmock.objects[{str(key.resource)!r}, namespace, {key.name!r}]'
    return f'{key.resource} are in no namespace: kmock.objects[{str(key.resource)!r}, None, {key.name!r}]'
