"""The controllers of a cluster: they follow the changes of its store, and act at once."""

from collections.abc import Mapping

from kmock_k8s.cluster.backend import NAMESPACES, Backend
from kmock_k8s.cluster.controllers.aggregating import ROLES, Aggregator
from kmock_k8s.cluster.controllers.collecting import Collector
from kmock_k8s.cluster.controllers.dependents import Dependents
from kmock_k8s.cluster.controllers.emptying import Emptier
from kmock_k8s.cluster.controllers.hands import Hands
from kmock_k8s.cluster.controllers.protecting import PODS, Protector
from kmock_k8s.cluster.controllers.references import Reference, is_waiting, references_of
from kmock_k8s.cluster.crds.definitions import DEFINITIONS
from kmock_k8s.cluster.kinds import Kind
from kmock_k8s.cluster.structures import is_leaving
from kmock_k8s.model.encoding import JSONObject
from kmock_k8s.model.keys import ObjectKey
from kmock_k8s.model.known import ResourcesArray
from kmock_k8s.model.metadata import metadata_of
from kmock_k8s.model.resources import resource
from kmock_k8s.store.states import Event

_OWNED = b'"ownerReferences"'


class Controllers:
    """The garbage collector, the namespace controller, those of storage in use and of aggregated cluster roles.

    They get each event of the store, whoever has made the change, and do what follows from it. The events of what they
    do come to them after that one, in order; so all has settled when the change that was first returns to its maker.

    An object that neither has owners nor is deleted costs two searches in its bytes.

    Args:
        backend: where the objects are.
        resources: which resources are known.
        kinds: the kinds that were looked for so far, those of custom resources among them.
    """

    def __init__(self, backend: Backend, resources: ResourcesArray, kinds: Mapping[resource, Kind]) -> None:
        self._hands = Hands(backend, resources, kinds)
        self._dependents = Dependents()
        self._collector = Collector(self._hands, self._dependents)
        self._emptier = Emptier(self._hands)
        self._aggregator = Aggregator(self._hands)
        self._protector = Protector(self._hands)
        backend.store.subscribe(self._receive)

    def reload(self) -> None:
        """Look at all objects anew: what is in the store was replaced as a whole."""
        store = self._hands.store
        with store.lock:
            self._dependents.clear()
            self._collector.clear()
            self._emptier.clear()
            self._protector.clear()
            for one in store.resources():
                for key, state in store.select(one):
                    if _OWNED in state.raw:
                        self._dependents.update(key, references_of(state.load()))
                    if is_leaving(state):
                        self._follow(key, state.load())

    def _follow(self, key: ObjectKey, content: JSONObject) -> None:
        if is_waiting(content):
            self._collector.follow(key)
        if key.resource == NAMESPACES:
            self._emptier.follow(key.name)
        self._protector.follow(key)

    def _receive(self, event: Event) -> None:
        if event.type == 'DELETED':
            self._end(event)
        else:
            if _OWNED in event.state.raw or event.key in self._dependents:
                self._relate(event)
            if is_leaving(event.state):
                self._leave(event)
        if event.key.namespace in self._emptier:
            self._emptier.empty(event.key.namespace or '', event.revision)
        if event.key.resource == DEFINITIONS:
            self._collector.review_undecided()
        elif event.key.resource == ROLES:
            self._aggregator.review()

    def _relate(self, event: Event) -> None:
        """An object has got other owners, perhaps."""
        owners = references_of(event.state.load())
        known = self._dependents.update(event.key, owners)
        if known != owners:
            if owners:
                self._collector.review(event.key)
            self._review_owners(event.key, tuple(one for one in known if one.blocks and one not in owners))

    def _leave(self, event: Event) -> None:
        """An object is to be deleted: it is known by what holds it."""
        self._collector.leave(event.key)
        self._protector.review(event.key)
        if event.key.resource == NAMESPACES:
            self._emptier.empty(event.key.name, event.revision)

    def _end(self, event: Event) -> None:
        """An object is gone: what it owned may have to go, and what has waited for it may go."""
        if event.key.resource == NAMESPACES:
            self._emptier.forget(event.key.name)
        self._collector.forget(event.key)
        if self._protector:
            self._protector.forget(event.key)
            if event.key.resource == PODS:
                self._protector.review_all()
        if not self._dependents:
            return
        owners = self._dependents.update(event.key, ())
        uid = metadata_of(event.state.load()).get('uid')
        for key in self._dependents.of(str(uid)):
            self._collector.review(key)
        self._review_owners(event.key, owners)

    def _review_owners(self, key: ObjectKey, owners: tuple[Reference, ...]) -> None:
        for one in owners:
            place = self._hands.place_of(one, key.namespace)
            state = None if place is None else self._hands.store.get(place)
            if place is not None and state is not None and is_leaving(state):
                self._collector.review(place)
