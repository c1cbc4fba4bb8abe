"""What controllers do with objects: find, delete and change them, in the name of their manager."""

from collections.abc import Mapping

from kmock_k8s.cluster.backend import Backend
from kmock_k8s.cluster.controllers.references import Reference
from kmock_k8s.cluster.creating import insert
from kmock_k8s.cluster.delete_options import DeleteOptions
from kmock_k8s.cluster.deleting import remove
from kmock_k8s.cluster.kinds import Kind
from kmock_k8s.cluster.write_options import WriteOptions
from kmock_k8s.cluster.writing import settle, track
from kmock_k8s.errors import KubernetesError
from kmock_k8s.model.encoding import JSONObject
from kmock_k8s.model.keys import ObjectKey
from kmock_k8s.model.known import ResourcesArray
from kmock_k8s.model.metadata import metadata_of
from kmock_k8s.model.resources import resource
from kmock_k8s.model.versions import api_version_of
from kmock_k8s.store.spi import ObjectStore

OPTIONS = WriteOptions(dry_run=False, manager='kube-controller-manager', validation='Ignore', force=False)


class Hands:
    """Changes the objects of a cluster on behalf of its controllers, under the lock of the store.

    Args:
        backend: where the objects are.
        resources: which resources are known.
        kinds: the kinds that were looked for so far, those of custom resources among them.
    """

    def __init__(self, backend: Backend, resources: ResourcesArray, kinds: Mapping[resource, Kind]) -> None:
        self.backend = backend
        self.store: ObjectStore = backend.store
        self._resources = resources
        self._kinds = kinds
        self._named: dict[tuple[str, str], resource] = {}

    # ---- Finding ----

    def kind_of(self, one: resource) -> Kind | None:
        """The kind of the objects that are stored as those of a resource, in that version if it is served."""
        found = self.backend.find_kind(one)
        if found is None:
            found = next((kind for kind in self._kinds.values() if kind.resource == one), None)
        return found

    def kind_named(self, api_version: str, name: str) -> Kind | None:
        """The kind of objects that call themselves so; None if none is served."""
        known = self._named.get((api_version, name))
        kind = None if known is None else self._check(known, api_version, name)
        if kind is not None:
            return kind
        for one in self._resources:
            group, version, _ = one.key
            if api_version_of(group, version) == api_version:
                kind = self._check(one, api_version, name)
                if kind is not None:
                    self._named[api_version, name] = one
                    return kind
        return None

    def _check(self, one: resource, api_version: str, name: str) -> Kind | None:
        kind = self.backend.find_kind(one)
        return kind if kind is not None and (kind.api_version, kind.name) == (api_version, name) else None

    def place_of(self, owner: Reference, namespace: str | None) -> ObjectKey | None:
        """Where an owner of an object in a namespace should be; None if there can't be such an owner."""
        kind = self.kind_named(owner.api_version, owner.kind)
        if kind is None or (kind.namespaced and namespace is None):
            return None
        return ObjectKey(kind.resource, namespace if kind.namespaced else None, owner.name)

    def load(self, key: ObjectKey) -> JSONObject | None:
        """An object as it is now; None if it is not there."""
        state = self.store.get(key)
        return None if state is None else state.load()

    # ---- Changing ----

    def delete(self, key: ObjectKey, policy: str) -> None:
        """Delete an object, if it is there; those that may not be deleted stay."""
        live, kind = self.load(key), self.kind_of(key.resource)
        if live is None or kind is None:
            return
        options = DeleteOptions(dry_run=False, policy=policy, grace=None, uid=None, version=None)
        try:
            remove(kind, key, live, options, self.backend)
        except KubernetesError:
            return

    def write(self, key: ObjectKey, live: JSONObject, content: JSONObject, part: str = '') -> None:
        """Let an object be something else; it goes if nothing holds it any more."""
        kind = self.kind_of(key.resource)
        if kind is not None:
            content = {**content, 'metadata': {**metadata_of(content)}}
            track(live, content, kind, self.backend, OPTIONS, part)
            settle(kind, key, content, self.backend, OPTIONS)

    def release(self, key: ObjectKey, finalizer: str) -> None:
        """Take a finalizer off an object."""
        live = self.load(key)
        if live is None:
            return
        metadata = {**metadata_of(live)}
        finalizers: list[str] = metadata.pop('finalizers', None) or []
        kept = [one for one in finalizers if one != finalizer]
        self.write(key, live, {**live, 'metadata': {**metadata, 'finalizers': kept} if kept else metadata})

    def create(self, api_version: str, name: str, namespace: str, content: JSONObject) -> None:
        """Create an object of a kind in a namespace; nothing happens where that can't be."""
        kind = self.kind_named(api_version, name)
        if kind is None:
            return
        try:
            insert({**content, 'apiVersion': api_version, 'kind': name}, kind, namespace, self.backend, OPTIONS)
        except KubernetesError:
            return
