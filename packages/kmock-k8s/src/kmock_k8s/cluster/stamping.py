"""The store of a cluster: each state has its revision in it; and what tests assign is completed to whole objects."""

from collections.abc import Callable, Mapping
from typing import Any, cast

from kmock_k8s.cluster.kinds import Kind
from kmock_k8s.cluster.writing import arrange
from kmock_k8s.model.encoding import JSONObject, encode
from kmock_k8s.model.keys import ObjectKey
from kmock_k8s.model.resources import resource
from kmock_k8s.store.memory import Store
from kmock_k8s.store.states import Event, State

FIRST_REVISION = 1_000
"""Where the revisions begin: those of a cluster that has just come up; what is asked for of before is long ago."""


class StampedStore(Store):
    """A store whose objects have the revisions of their states as their ``metadata.resourceVersion``.

    Args:
        find_kind: gives the kind of a resource; None if that is not served.
        new_metadata: gives what the metadata of an object has to have that a test has not given: a uid, a time.
    """

    def __init__(self, find_kind: Callable[[resource], Kind | None], new_metadata: Callable[[], JSONObject]) -> None:
        super().__init__(stamps=True, revision=FIRST_REVISION)
        self._find_kind = find_kind
        self._new_metadata = new_metadata

    def assign(self, key: ObjectKey, content: JSONObject) -> Event:
        """Add a state that a test has made: what it lacks is as it was, or as the server sets it."""
        with self.lock:
            complete = self._complete(key, content)
            return self.put(key, encode(complete), complete)

    def _complete(self, key: ObjectKey, content: JSONObject) -> JSONObject:
        given: Any = content.get('metadata')
        metadata: JSONObject = {**cast('JSONObject', given)} if isinstance(given, dict) else {}
        state = self.get(key)
        known: JSONObject = {} if state is None else cast('JSONObject', state.load().get('metadata') or {})
        for field, value in self._new_metadata().items():
            metadata.setdefault(field, known.get(field, value))
        metadata['name'] = key.name
        if key.namespace is not None:
            metadata['namespace'] = key.namespace
        kind = self._find_kind(key.resource)
        if kind is None:
            return {**content, 'metadata': metadata}
        metadata.setdefault('resourceVersion', '')  # it has a place, and is set when the object is stored
        complete = {**content, 'kind': kind.name, 'apiVersion': kind.api_version, 'metadata': metadata}
        return arrange(complete)

    def _step(self, raw: bytes, content: Mapping[str, Any] | None = None) -> State:
        revision = str(self.revision + 1)
        if content is not None and content['metadata'].get('resourceVersion') == revision:
            return super()._step(raw, content)
        stamped = State(0, raw).load()
        stamped['metadata'] = {**stamped.get('metadata', {}), 'resourceVersion': revision}
        return super()._step(encode(stamped), stamped)
