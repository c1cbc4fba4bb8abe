"""Whatever owns whatever: what is left is what a slow model of ownership leaves."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

import kmock

NAMES = 'abcdef'
URL = '/api/v1/namespaces/default/configmaps'
HOLD = 'example.com/hold'

Owners = dict[str, dict[str, bool]]
"""Of each object: its owners, and whether they wait for it."""


class Thing:
    """An object of the model."""

    def __init__(self, owners: set[str], *, held: bool) -> None:
        self.owners = owners
        self.held = held
        self.leaving = False
        self.in_foreground = False


class Model:
    """Objects and their owners; after each step it goes over all of them, until nothing changes.

    Those that leave in the foreground are lost to what they own at once; others are lost when they are gone. Whom an
    owner waits for before it is gone makes no difference to those that stay, so the model knows nothing of it.
    """

    def __init__(self, owners: Owners, held: set[str]) -> None:
        self.things = {name: Thing(set(owners.get(name, ())), held=name in held) for name in NAMES}

    def delete(self, name: str, policy: str) -> None:
        thing = self.things.get(name)
        if thing is not None:
            thing.leaving = True
            thing.in_foreground = thing.in_foreground or policy == 'Foreground'
            if policy == 'Orphan':
                for other in self.things.values():
                    other.owners.discard(name)
        self._settle()

    def release(self, name: str) -> None:
        if name in self.things:
            self.things[name].held = False
        self._settle()

    def _settle(self) -> None:
        changed = True
        while changed:
            while any(self._is_changed(name) for name in self.things):
                pass
            gone = [name for name, thing in self.things.items() if thing.leaving and not thing.held]
            for name in gone:
                del self.things[name]
            changed = bool(gone)

    def _is_changed(self, name: str) -> bool:
        """Whether an object had to lose owners, or has to go."""
        thing = self.things[name]
        here = {one: self.things[one] for one in thing.owners if one in self.things}
        lost = {one for one in thing.owners if one not in here or here[one].in_foreground}
        if thing.leaving or not lost:
            return False
        if lost < thing.owners:
            thing.owners -= lost
        else:
            thing.leaving = True
            thing.in_foreground = any(one.in_foreground for one in here.values())
        return True

    def staying(self) -> dict[str, set[str]]:
        """Those that are not to be deleted, with their owners."""
        return {name: thing.owners for name, thing in self.things.items() if not thing.leaving}


class Cluster:
    """The same objects as ConfigMaps, all there before the first one refers to another."""

    def __init__(self, owners: Owners, held: set[str]) -> None:
        self.mock = kmock.KubernetesCluster()
        uids: dict[str, str] = {}
        for name in NAMES:
            metadata = {'name': name, 'finalizers': [HOLD] if name in held else []}
            uids[name] = self.ask('POST', URL, {'metadata': metadata})['metadata']['uid']
        for name, found in owners.items():
            references = [
                {'apiVersion': 'v1', 'kind': 'ConfigMap', 'name': one, 'uid': uids[one], 'blockOwnerDeletion': blocks}
                for one, blocks in found.items()
            ]
            self.ask('PATCH', f'{URL}/{name}', {'metadata': {'ownerReferences': references}})

    def ask(self, method: str, url: str, body: Any = None) -> Any:
        """The JSON of an answer."""
        media_type = b'application/merge-patch+json' if method == 'PATCH' else b'application/json'
        raw = b'' if body is None else json.dumps(body).encode()
        origin = ('http', 'localhost', None, '1.1')
        answer: Any = self.mock.serve(method, url, ((b'Content-Type', media_type),), raw, origin)
        assert answer.status < 500
        return json.loads(answer.body)

    def delete(self, name: str, policy: str) -> None:
        self.ask('DELETE', f'{URL}/{name}?propagationPolicy={policy}')

    def release(self, name: str) -> None:
        known = self.found().get(name, {}).get('finalizers', [])
        if HOLD in known:
            kept = [one for one in known if one != HOLD]
            self.ask('PATCH', f'{URL}/{name}', {'metadata': {'finalizers': kept}})

    def found(self) -> dict[str, Any]:
        """The metadata of all that is there."""
        return {one['metadata']['name']: one['metadata'] for one in self.ask('GET', URL)['items']}

    def staying(self) -> dict[str, set[str]]:
        """Those that are not to be deleted, with their owners."""
        return {
            name: {one['name'] for one in metadata.get('ownerReferences', [])}
            for name, metadata in self.found().items()
            if 'deletionTimestamp' not in metadata
        }


names = st.sampled_from(NAMES)
graphs = st.dictionaries(names, st.dictionaries(names, st.booleans(), max_size=3)).map(
    lambda graph: {name: {one: blocks for one, blocks in found.items() if one != name} for name, found in graph.items()}
)
deletions = st.lists(st.tuples(names, st.sampled_from(['Background', 'Foreground', 'Orphan'])), min_size=1, max_size=4)


@given(graphs, st.sets(names), deletions, st.permutations(NAMES))
def test_what_stays_is_what_a_slow_model_says(
    owners: Owners, held: set[str], steps: list[tuple[str, str]], order: list[str]
) -> None:
    model, cluster = Model(owners, held), Cluster(owners, held)
    for name, policy in steps:
        for one in (model, cluster):
            one.delete(name, policy)
        assert cluster.staying() == model.staying()
    for name in order:
        for one in (model, cluster):
            one.release(name)
        assert cluster.staying() == model.staying()
    assert set(cluster.found()) == set(model.things)
