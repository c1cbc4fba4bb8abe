"""The namespace controller: a namespace that is deleted empties itself, and is gone when nothing is left in it."""

from collections import Counter

from kmock_k8s.cluster.backend import NAMESPACES
from kmock_k8s.cluster.controllers.conditions import conditions_after
from kmock_k8s.cluster.controllers.hands import Hands
from kmock_k8s.cluster.controllers.references import finalizers_of
from kmock_k8s.model.encoding import JSONObject
from kmock_k8s.model.keys import ObjectKey
from kmock_k8s.model.metadata import metadata_of
from kmock_k8s.model.resources import resource

FINALIZER = 'kubernetes'
"""What holds a namespace until it is empty."""

_PODS = resource('', 'v1', 'pods')


class _Leaving:
    """A namespace that goes: what is known of its contents."""

    __slots__ = ('held', 'revision')

    held: dict[ObjectKey, tuple[int, list[str]]]
    """The revisions of the objects that were found there, and their finalizers."""
    revision: int
    """What has happened until then is known."""

    def __init__(self) -> None:
        self.held = {}
        self.revision = 0


class Emptier:
    """Empties the namespaces that are to be deleted, and lets them go."""

    def __init__(self, hands: Hands) -> None:
        self._hands = hands
        self._leaving: dict[str, _Leaving] = {}

    def __contains__(self, name: str | None) -> bool:
        """Tell if a namespace is to be deleted, and is there yet."""
        return name in self._leaving

    def clear(self) -> None:
        """Forget all namespaces."""
        self._leaving.clear()

    def follow(self, name: str) -> None:
        """Look after a namespace that is to be deleted, at the next change in it."""
        self._leaving.setdefault(name, _Leaving())

    def forget(self, name: str) -> None:
        """A namespace is gone."""
        self._leaving.pop(name, None)

    def empty(self, name: str, revision: int) -> None:
        """Delete what is in a namespace; let it go if nothing is left. It is for a change that may be known already."""
        leaving = self._leaving.setdefault(name, _Leaving())
        if revision <= leaving.revision:
            return
        key = ObjectKey(NAMESPACES, None, name)
        live = self._hands.load(key)
        spec: JSONObject = (live or {}).get('spec') or {}
        if (
            live is None
            or not metadata_of(live).get('deletionTimestamp')
            or FINALIZER not in (spec.get('finalizers') or ())
        ):
            self.forget(name)
            return
        remaining = self._delete_contents(name, leaving)
        live = self._write_conditions(key, live, remaining, leaving)
        leaving.revision = self._hands.store.revision
        if not remaining:
            self.forget(name)
            kept = [one for one in spec['finalizers'] if one != FINALIZER]
            spec = {**spec, 'finalizers': kept}
            if not kept:
                del spec['finalizers']
            self._hands.write(key, live, {**live, 'spec': spec}, 'finalize')

    def _delete_contents(self, name: str, leaving: _Leaving) -> dict[str, int]:
        """Delete all objects, the pods first; how many of each resource are left."""
        known, leaving.held = leaving.held, {}
        remaining: dict[str, int] = {}
        store = self._hands.store
        for one in sorted(store.resources(), key=lambda one: one != _PODS):
            kind = self._hands.kind_of(one)
            if kind is None or not kind.namespaced:
                continue
            for key, state in sorted(store.select(one, name), key=lambda found: found[0].name):
                if known.get(key, (0, ()))[0] != state.revision:
                    self._hands.delete(key, 'Background')
            left = store.select(one, name)
            for key, state in left:
                found = known.get(key)
                same = found is not None and found[0] == state.revision
                leaving.held[key] = found if found and same else (state.revision, finalizers_of(state.load()))
            if left:
                remaining[f'{kind.plural}.{kind.group}'] = len(left)
                if one == _PODS:
                    break
        return remaining

    def _write_conditions(
        self, key: ObjectKey, live: JSONObject, remaining: dict[str, int], leaving: _Leaving
    ) -> JSONObject:
        """Write what is left into the status; what the namespace is then."""
        finalizers = Counter(one for _, found in leaving.held.values() for one in found)
        status: JSONObject = live.get('status') or {}
        known: list[JSONObject] = status.get('conditions') or []
        conditions = conditions_after(known, remaining, finalizers, self._hands.backend.now())
        changed: JSONObject = {**status, 'phase': 'Terminating', 'conditions': conditions}
        if changed == status:
            return live
        self._hands.write(key, live, {**live, 'status': changed}, 'status')
        return self._hands.load(key) or live
