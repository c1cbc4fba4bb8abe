"""The objects of a cluster as a test sees them: in each version that is served, whichever one they are kept in."""

from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from typing import Any

from kmock_k8s.cluster.kinds import Kind
from kmock_k8s.model.keys import ObjectKey
from kmock_k8s.model.resources import ResourceKey, resource
from kmock_k8s.store.announcing import Receive
from kmock_k8s.store.records import Namespaces
from kmock_k8s.store.spi import Following, ObjectStore
from kmock_k8s.store.states import Event, Labels, Snapshot, State

FindKind = Callable[[resource], Kind | None]


class VersionedStore:
    """A store where each object is also there as one of its other versions; what is put there is converted.

    Args:
        store: where the objects are kept, each one in one version.
        find_kind: gives the kind of a resource; None if that is not served.
    """

    def __init__(self, store: ObjectStore, find_kind: FindKind) -> None:
        self._store = store
        self._find_kind = find_kind

    def __getattr__(self, name: str) -> Any:
        """What a store of another kind has besides."""
        return getattr(self._store, name)

    @property
    def lock(self) -> AbstractContextManager[object, None]:
        return self._store.lock

    @property
    def revision(self) -> int:
        return self._store.revision

    # ---- Reading ----

    def get(self, key: ObjectKey, /) -> State | None:
        kind = self._find_converted(key.resource)
        if kind is None:
            return self._store.get(key)
        state = self._store.get(_kept(key, kind))
        return None if state is None else kind.show(state)

    def history(self, key: ObjectKey, /) -> list[State | None]:
        kind = self._find_converted(key.resource)
        if kind is None:
            return self._store.history(key)
        return [None if state is None else kind.show(state) for state in self._store.history(_kept(key, kind))]

    def select(
        self,
        resource: ResourceKey,
        namespace: Namespaces = ...,
        name: str | None = None,
        matches: Callable[[Labels], bool] | None = None,
        /,
    ) -> list[tuple[ObjectKey, State]]:
        kind = self._find_converted(resource)
        if kind is None:
            return self._store.select(resource, namespace, name, matches)
        found = self._store.select(kind.resource, namespace, name, matches)
        one = kind.one
        return [(ObjectKey(one, key.namespace, key.name), kind.show(state)) for key, state in found]

    def count(self, resource: ResourceKey, namespace: Namespaces = ..., /) -> int:
        return self._store.count(self._place(resource), namespace)

    def resources(self) -> list[resource]:
        return self._store.resources()

    def has(self, one: resource, /) -> bool:
        return self._store.has(one)

    # ---- Changing ----

    def put(self, key: ObjectKey, raw: bytes, content: Mapping[str, Any] | None = None, /) -> Event:
        kind = self._find_converted(key.resource)
        return self._store.put(key, raw, content) if kind is None else self._store.put(_kept(key, kind), kind.pack(raw))

    def delete(self, key: ObjectKey, raw: bytes | None = None, /) -> Event:
        kind = self._find_converted(key.resource)
        if kind is None:
            return self._store.delete(key, raw)
        return self._store.delete(_kept(key, kind), None if raw is None else kind.pack(raw))

    def replace(self, key: ObjectKey, raws: Iterable[bytes | None], /) -> Event | None:
        kind = self._find_converted(key.resource)
        if kind is None:
            return self._store.replace(key, raws)
        return self._store.replace(_kept(key, kind), [None if raw is None else kind.pack(raw) for raw in raws])

    def forget(self, key: ObjectKey, /) -> Event | None:
        kind = self._find_converted(key.resource)
        return self._store.forget(key if kind is None else _kept(key, kind))

    def clear(self, resource: ResourceKey, namespace: Namespaces = ..., /) -> None:
        self._store.clear(self._place(resource), namespace)

    # ---- All of it, and following: as it is kept ----

    def snapshot(self) -> Snapshot:
        return self._store.snapshot()

    def restore(self, snapshot: Snapshot, /) -> None:
        self._store.restore(snapshot)

    def subscribe(self, receive: Receive, resource: ResourceKey | None = None, /) -> Following:
        return self._store.subscribe(receive, resource)

    def since(self, resource: ResourceKey, revision: int, /) -> list[Event]:
        return self._store.since(resource, revision)

    def compact(self) -> None:
        self._store.compact()

    def begin(self, resource: ResourceKey, /) -> None:
        self._store.begin(resource)

    # ---- Internals ----

    def _find_converted(self, one: ResourceKey) -> Kind | None:
        """The kind of a resource whose objects are kept as those of another one; None for all others."""
        if not isinstance(one, resource) or not one.full:
            return None
        kind = self._find_kind(one)
        return kind if kind is not None and kind.resource != one else None

    def _place(self, one: ResourceKey) -> ResourceKey:
        kind = self._find_converted(one)
        return one if kind is None else kind.resource


def _kept(key: ObjectKey, kind: Kind) -> ObjectKey:
    return ObjectKey(kind.resource, key.namespace, key.name)


_: type[ObjectStore] = VersionedStore
