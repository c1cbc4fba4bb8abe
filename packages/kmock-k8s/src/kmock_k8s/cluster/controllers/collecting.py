"""The garbage collector: what has lost its owners goes, and owners wait for what they own, or let it be."""

from typing import NamedTuple

from kmock_k8s.cluster.controllers.dependents import Dependents
from kmock_k8s.cluster.controllers.hands import Hands
from kmock_k8s.cluster.controllers.references import (
    FOREGROUND,
    ORPHAN,
    Reference,
    finalizers_of,
    is_waiting,
    references_of,
    unblocked,
    without,
)
from kmock_k8s.cluster.controllers.reporting import report_misplaced
from kmock_k8s.model.encoding import JSONObject
from kmock_k8s.model.keys import ObjectKey
from kmock_k8s.model.metadata import metadata_of


class Owners(NamedTuple):
    """The owners of one object, by what they are now."""

    solid: list[Reference]
    """Those that are there."""
    dangling: list[Reference]
    """Those that are not there, or that are something else by the same name."""
    waiting: list[Reference]
    """Those that go as soon as what they own is gone."""


class Collector:
    """Decides on objects that have owners, or that are such: by what is in the store at the moment.

    The rules are those of the garbage collector of Kubernetes; its queue is that of the events of the store.
    """

    def __init__(self, hands: Hands, dependents: Dependents) -> None:
        self._hands = hands
        self._dependents = dependents
        self._undecided: dict[ObjectKey, None] = {}
        self._waiting: set[ObjectKey] = set()

    def clear(self) -> None:
        """Forget which owners wait, and which objects could not be decided on."""
        self._undecided.clear()
        self._waiting.clear()

    def follow(self, key: ObjectKey) -> None:
        """Know an owner that waits for what it owns, which was told to go."""
        self._waiting.add(key)

    def forget(self, key: ObjectKey) -> None:
        """An object is gone."""
        self._waiting.discard(key)

    def review(self, key: ObjectKey) -> None:
        """Delete an object if it has lost its owners; let it go if it has waited for what it owns."""
        live = self._hands.load(key)
        self._undecided.pop(key, None)
        if live is None:
            return
        if metadata_of(live).get('deletionTimestamp'):
            if FOREGROUND in finalizers_of(live) and key in self._waiting:
                self._release(key, live)
            return
        references = references_of(live)
        owners = self._classify(key, live, references)
        if owners is None:
            self._undecided[key] = None
        elif owners.solid:
            lost = {one.uid for one in (*owners.dangling, *owners.waiting)}
            if lost:
                self._hands.write(key, live, without(live, lost))
        elif references:
            self._delete(key, live, in_foreground=bool(owners.waiting))

    def review_undecided(self) -> None:
        """Review the objects that refer to kinds that were not there: perhaps they are now."""
        for key in [*self._undecided]:
            self.review(key)

    def leave(self, key: ObjectKey) -> None:
        """An owner is to be deleted: begin with what it owns, as its finalizers say."""
        live = self._hands.load(key)
        if live is None:
            return
        finalizers, uid = finalizers_of(live), str(metadata_of(live).get('uid', ''))
        if ORPHAN in finalizers:
            for one in self._dependents.of(uid):
                child = self._hands.load(one)
                if child is not None:
                    self._hands.write(one, child, without(child, {uid}))
            self._hands.release(key, ORPHAN)
        if FOREGROUND in finalizers:
            self.follow(key)
            for one in self._dependents.of(uid):
                if one != key:
                    self.review(one)
            self.review(key)

    def _classify(self, key: ObjectKey, live: JSONObject, references: tuple[Reference, ...]) -> Owners | None:
        owners = Owners([], [], [])
        decided = True
        for one in references:
            place = self._hands.place_of(one, key.namespace)
            owner = None if place is None else self._hands.load(place)
            if place is None:
                decided = False
                report_misplaced(key, live, one, self._hands)
            elif owner is None or metadata_of(owner).get('uid') != one.uid:
                owners.dangling.append(one)
                report_misplaced(key, live, one, self._hands)
            else:
                (owners.waiting if is_waiting(owner) else owners.solid).append(one)
        return owners if decided else None

    def _delete(self, key: ObjectKey, live: JSONObject, *, in_foreground: bool) -> None:
        own = self._dependents.of(str(metadata_of(live).get('uid', '')))
        if in_foreground and own:
            if any(is_waiting(self._hands.load(one)) for one in own):  # a circle: nobody waits for this one
                self._hands.write(key, live, unblocked(live))
            self._hands.delete(key, 'Foreground')
            return
        finalizers = finalizers_of(live)
        policy = 'Orphan' if ORPHAN in finalizers else 'Foreground' if FOREGROUND in finalizers else 'Background'
        self._hands.delete(key, policy)

    def _release(self, key: ObjectKey, live: JSONObject) -> None:
        blocking = self._dependents.blocking(str(metadata_of(live).get('uid', '')))
        if not any(self._hands.store.get(one) for one in blocking):
            self._hands.release(key, FOREGROUND)
