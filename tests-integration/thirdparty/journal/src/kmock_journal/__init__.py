"""A store for the objects of Kubernetes that keeps a journal: an example for the group ``kmock.k8s.stores``."""

from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from types import EllipsisType
from typing import Any

from kmock import ObjectKey, ResourceKey, resource
from kmock_k8s.store.memory import Store
from kmock_k8s.store.spi import Following, StoreFactory, StoreOptions
from kmock_k8s.store.states import Event, Snapshot, State

__all__ = ['JournalStore']


class JournalStore:
    """Keeps objects in memory, and a line for each change of them: ``journal``."""

    def __init__(self, options: StoreOptions, /) -> None:
        self.journal: list[str] = []
        self._inner = Store(options)
        self._inner.subscribe(self._note)

    def _note(self, event: Event) -> None:
        self.journal.append(f'{event.revision} {event.type} {event.key}')

    @property
    def lock(self) -> AbstractContextManager[object, None]:
        return self._inner.lock

    @property
    def revision(self) -> int:
        return self._inner.revision

    # ---- Reading ----

    def get(self, key: ObjectKey, /) -> State | None:
        return self._inner.get(key)

    def history(self, key: ObjectKey, /) -> list[State | None]:
        return self._inner.history(key)

    def select(
        self,
        about: ResourceKey,
        namespace: str | EllipsisType | None = ...,
        name: str | None = None,
        matches: Callable[[Mapping[str, str]], bool] | None = None,
        /,
    ) -> list[tuple[ObjectKey, State]]:
        return self._inner.select(about, namespace, name, matches)

    def count(self, about: ResourceKey, namespace: str | EllipsisType | None = ..., /) -> int:
        return self._inner.count(about, namespace)

    def resources(self) -> list[resource]:
        return self._inner.resources()

    def has(self, one: resource, /) -> bool:
        return self._inner.has(one)

    # ---- Changing ----

    def put(self, key: ObjectKey, raw: bytes, content: Mapping[str, Any] | None = None, /) -> Event:
        return self._inner.put(key, raw, content)

    def delete(self, key: ObjectKey, raw: bytes | None = None, /) -> Event:
        return self._inner.delete(key, raw)

    def replace(self, key: ObjectKey, raws: Iterable[bytes | None], /) -> Event | None:
        return self._inner.replace(key, raws)

    def forget(self, key: ObjectKey, /) -> Event | None:
        return self._inner.forget(key)

    def clear(self, about: ResourceKey, namespace: str | EllipsisType | None = ..., /) -> None:
        self._inner.clear(about, namespace)

    # ---- All of it ----

    def snapshot(self) -> Snapshot:
        return self._inner.snapshot()

    def restore(self, snapshot: Snapshot, /) -> None:
        self._inner.restore(snapshot)
        self.journal.append(f'{self.revision} RESTORED')

    # ---- Following ----

    def subscribe(self, receive: Callable[[Event], object], about: ResourceKey | None = None, /) -> Following:
        return self._inner.subscribe(receive, about)

    def since(self, about: ResourceKey, revision: int, /) -> list[Event]:
        return self._inner.since(about, revision)

    def compact(self) -> None:
        self._inner.compact()

    def begin(self, about: ResourceKey, /) -> None:
        self._inner.begin(about)


_: StoreFactory = JournalStore
