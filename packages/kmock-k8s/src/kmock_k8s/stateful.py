"""What the handlers with objects have in common: the store, the watches, and how all is forgotten."""

from collections.abc import Iterator

import attrs

from kmock_core import Request
from kmock_k8s.api.calls import Call
from kmock_k8s.api.listing import Pages
from kmock_k8s.api.streams import Watches
from kmock_k8s.facet import KubernetesFacet
from kmock_k8s.model.encoding import JSONObject
from kmock_k8s.model.keys import ObjectKey
from kmock_k8s.model.resources import resource
from kmock_k8s.model.urls import locate
from kmock_k8s.objects.arrays import ObjectsArray
from kmock_k8s.scaffold import KubernetesScaffold
from kmock_k8s.serving import LoadsManifests
from kmock_k8s.store.choosing import make_store
from kmock_k8s.store.spi import ObjectStore, StoreFactory, StoreOptions
from kmock_k8s.store.states import Snapshot


@attrs.define(slots=False, eq=False, repr=False, kw_only=True)
class StatefulHandler(LoadsManifests, KubernetesScaffold):
    """A server of the Kubernetes API with objects.

    Args:
        store: where the objects are kept: the name of a store that is installed (an entry point of the group
            ``kmock.k8s.stores``), or a factory of stores. By default, in memory.
    """

    store: str | StoreFactory = 'memory'
    objects: ObjectsArray = attrs.field(init=False)
    """All objects, with their histories."""
    _store: ObjectStore = attrs.field(init=False)
    _watches: Watches = attrs.field(init=False)
    _pages: Pages = attrs.field(factory=Pages, init=False)
    _lasting_objects: Snapshot = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        self._store = make_store(self.store, self._store_options)
        self._lasting_objects = self._store.snapshot()
        self.objects = ObjectsArray(self._store, self.known_resources, self._complete)
        self._watches = Watches(self._store)

    def _complete(self, key: ObjectKey, content: JSONObject, before: JSONObject | None) -> JSONObject:
        """What is stored when a test assigns something; with what the object was before, if it was there."""
        return content

    @property
    def _store_options(self) -> StoreOptions:
        return StoreOptions()

    def _iterate_implied(self) -> Iterator[resource]:
        yield from super()._iterate_implied()
        yield from self._store.resources()

    def _knows(self, one: resource) -> bool:
        return self._store.has(one) or super()._knows(one)

    def describe_builtin(self, request: Request, /) -> str | None:
        """Which built-in behaviour is for a request, in a few words; None if there is none."""
        facet = request.facet(KubernetesFacet)
        if facet.resource is None or facet.action is None:
            return super().describe_builtin(request)
        return self._tell(f'{facet.action.lower()} {facet.resource}', request)

    def _call(self, request: Request, one: resource) -> Call:
        return Call(request, locate(request.target), one, self.resources)

    # ---- Forgetting ----

    def snapshot(self) -> Snapshot:
        """All objects with their histories, as they are now: to be restored any number of times."""
        return self._store.snapshot()

    def restore(self, snapshot: Snapshot) -> None:
        """Let the objects be what they were; watches end, and none can resume from before."""
        self._watches.end()
        with self._store.lock:
            self._pages.clear()
            self._store.restore(snapshot)

    def compact(self) -> None:
        """Forget the past events: who resumes from before gets a 410, and has to list anew. Histories stay."""
        self._store.compact()

    def checkpoint(self) -> None:
        """Let what was made so far last, the objects too: `reset` goes back to it."""
        super().checkpoint()
        self._lasting_objects = self._store.snapshot()

    def reset(self) -> None:
        """Forget what was made since the last `checkpoint`, the objects too; watches end. See `RawHandler.reset`."""
        try:
            super().reset()
        finally:
            self.restore(self._lasting_objects)
