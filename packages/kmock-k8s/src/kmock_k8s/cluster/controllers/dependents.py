"""Who is owned by whom: an index by the uids of the owners, kept by the events of the store."""

from collections.abc import Iterator

from kmock_k8s.cluster.controllers.references import Reference
from kmock_k8s.model.keys import ObjectKey


class Dependents:
    """The objects that have owners; others cost nothing here."""

    def __init__(self) -> None:
        self._owners: dict[ObjectKey, tuple[Reference, ...]] = {}
        self._by_uid: dict[str, dict[ObjectKey, None]] = {}

    def __bool__(self) -> bool:
        return bool(self._owners)

    def __contains__(self, key: ObjectKey) -> bool:
        return key in self._owners

    def owners(self, key: ObjectKey) -> tuple[Reference, ...]:
        """The owners of an object."""
        return self._owners.get(key, ())

    def of(self, uid: str) -> list[ObjectKey]:
        """The objects of an owner, in the order in which they came to it."""
        return [*self._by_uid.get(uid, ())]

    def blocking(self, uid: str) -> Iterator[ObjectKey]:
        """The objects for which an owner waits."""
        for key in self._by_uid.get(uid, ()):
            if any(one.blocks and one.uid == uid for one in self._owners[key]):
                yield key

    def update(self, key: ObjectKey, owners: tuple[Reference, ...]) -> tuple[Reference, ...]:
        """Note the owners of an object; what they were."""
        known = self._owners.pop(key, ())
        if owners:
            self._owners[key] = owners
        if known == owners:
            return known
        for uid in {one.uid for one in known}.difference([one.uid for one in owners]):
            siblings = self._by_uid[uid]
            del siblings[key]
            if not siblings:
                del self._by_uid[uid]
        for one in owners:
            self._by_uid.setdefault(one.uid, {}).setdefault(key)
        return known

    def clear(self) -> None:
        """Forget all."""
        self._owners.clear()
        self._by_uid.clear()
