"""Whatever owns whatever: what is left is what a slow model of ownership leaves."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

import kmock

NAMES = 'abcdef'
URL = '/api/v1/namespaces/default/configmaps'
ORIGIN = ('http', 'localhost', None, '1.1')

Owners = dict[str, dict[str, bool]]
"""Of each object: its owners, and whether they wait for it."""


class Model:
    """Objects, their owners and their finalizers; each step goes over all objects until nothing changes.

    It says what is left in the end, not what happens on the way: so an owner that waits and one that does not are the
    same, as long as nothing holds what they own.
    """

    def __init__(self, owners: Owners, held: set[str]) -> None:
        self.owners = {name: set(found) for name, found in owners.items()}
        self.held = set(held)
        self.leaving = set[str]()

    def delete(self, name: str) -> None:
        """Delete in the background; what is held stays, and is as good as any owner until it is let go."""
        if name in self.owners:
            self.leaving.add(name)
        self._settle()

    def orphan(self, name: str) -> None:
        """Delete, and let those that it owns be."""
        if name in self.owners:
            self.leaving.add(name)
            for owners in self.owners.values():
                owners.discard(name)
        self._settle()

    def release(self, name: str) -> None:
        """Let nothing hold an object any more."""
        self.held.discard(name)
        self._settle()

    def _settle(self) -> None:
        gone = self.leaving - self.held
        while gone:
            for name in gone:
                del self.owners[name]
                self.leaving.discard(name)
            for name, owners in self.owners.items():
                if owners & gone:
                    owners -= gone
                    if not owners:
                        self.leaving.add(name)
            gone = self.leaving - self.held


class Cluster:
    """The same objects as ConfigMaps, all there before the first reference is made."""

    def __init__(self, owners: Owners, held: set[str]) -> None:
        self.mock = kmock.KubernetesCluster()
        uids = {
            name: self.ask('POST', URL, {'metadata': {'name': name, 'finalizers': ['example.com/x'] * (name in held)}})
            for name in NAMES
        }
        for name, found in owners.items():
            references = [
                {'apiVersion': 'v1', 'kind': 'ConfigMap', 'name': one, 'uid': uids[one], 'blockOwnerDeletion': blocks}
                for one, blocks in found.items()
            ]
            if references:
                self.patch(name, {'metadata': {'ownerReferences': references}})

    def ask(self, method: str, url: str, body: Any = None) -> str:
        """The uid in the answer."""
        raw = b'' if body is None else kmock_json(body)
        headers = ((b'Content-Type', b'application/merge-patch+json' if method == 'PATCH' else b'application/json'),)
        answer: Any = self.mock.serve(method, url, headers, raw, ORIGIN)
        assert answer.status in {200, 201, 404}
        found: str = from_json(answer.body)['metadata'].get('uid', '')
        return found

    def patch(self, name: str, patch: Any) -> None:
        """Merge a patch into an object."""
        self.ask('PATCH', f'{URL}/{name}', patch)

    def delete(self, name: str, policy: str) -> None:
        """Delete an object."""
        self.ask('DELETE', f'{URL}/{name}?propagationPolicy={policy}')

    def left(self) -> dict[str, tuple[bool, set[str]]]:
        """What is there, whether it is to be deleted, and its owners."""
        found: dict[str, tuple[bool, set[str]]] = {}
        for key in self.mock.objects:
            if key.resource.plural == 'configmaps':
                metadata: Any = self.mock.objects[key]['metadata']
                owners = {str(one['name']) for one in metadata.get('ownerReferences', [])}
                found[key.name] = ('deletionTimestamp' in metadata, owners)
        return found
