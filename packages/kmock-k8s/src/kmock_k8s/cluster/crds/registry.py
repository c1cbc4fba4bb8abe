"""The definitions that there are: with each change of them, kinds come and go at once."""

from collections.abc import Mapping, MutableMapping

from kmock_k8s.api.streams import Watches
from kmock_k8s.cluster.backend import Backend
from kmock_k8s.cluster.crds.conditions import ESTABLISHED, establish, find_condition, name_status
from kmock_k8s.cluster.crds.definitions import DEFINITIONS, Definition, read_definition
from kmock_k8s.cluster.crds.kinds import CustomKind
from kmock_k8s.cluster.crds.terminating import FINALIZER, clean_up, finalizers_of
from kmock_k8s.cluster.crds.writing import write_status
from kmock_k8s.cluster.kinds import Kind
from kmock_k8s.model.encoding import JSONObject
from kmock_k8s.model.info import CustomNames, ResourceInfo
from kmock_k8s.model.known import ResourcesArray
from kmock_k8s.model.resources import resource
from kmock_k8s.store.states import Event

TEARDOWN = 1.0
"""Seconds from a change of a definition to the end of the watches that are open: as of a real server, which has another
storage then, and takes the former one down (``crdHandler.tearDown``)."""


class StoredInfo(ResourceInfo):
    """What is told of a custom resource."""

    def __init__(self, info: ResourceInfo, storage: str, names: CustomNames) -> None:
        super().__init__(**info.as_dict())
        self.__dict__['storage'] = storage
        self.__dict__['names'] = names


class Registry:
    """Follows the definitions in the store, whoever makes them: serves their kinds, and writes their statuses.

    Args:
        backend: where the definitions are.
        resources: where the resources are told of.
        kinds: where the kinds are found.
        watches: those that are open; they end soon after their definition is gone, or has another spec.
    """

    def __init__(
        self, backend: Backend, resources: ResourcesArray, kinds: MutableMapping[resource, Kind], watches: Watches
    ) -> None:
        self._backend = backend
        self._resources = resources
        self._kinds = kinds
        self._watches = watches
        self._definitions: dict[str, Definition] = {}
        self._served: dict[str, dict[resource, ResourceInfo]] = {}
        self._leaving: dict[resource, str] = {}
        backend.store.subscribe(self._receive)

    def find(self, kind: Kind) -> Definition | None:
        """The definition of a kind; None if it has none."""
        return self._definitions.get(f'{kind.plural}.{kind.group}')

    def describe(self, known: Mapping[resource, ResourceInfo]) -> Mapping[resource, ResourceInfo]:
        """What is told of resources; of custom ones, also as what their objects are stored, and in their own order."""
        described = {**known}
        for name, served in self._served.items():
            definition = self._definitions[name]
            group, version, _ = definition.stored.key
            given = definition.names
            names = CustomNames(tuple(given.get('shortNames') or ()), tuple(given.get('categories') or ()))
            described |= {
                one: StoredInfo(info, f'{group}/{version}/{info.kind}', names) for one, info in served.items()
            }
        return described

    def reload(self) -> None:
        """Read all definitions anew: what is in the store was replaced as a whole."""
        with self._backend.store.lock:
            for name in [*self._definitions]:
                self._forget(name)
            for key, state in self._backend.store.select(DEFINITIONS):
                self._define(key.name, state.load())

    def _receive(self, event: Event) -> None:
        one = event.key.resource
        if one == DEFINITIONS:
            name = event.key.name
            if event.type == 'DELETED':
                forgotten = self._forget(name)
                if forgotten is not None:
                    self._review(forgotten.group)
                return
            now = self._backend.store.get(event.key) or event.state
            self._define(name, now.load())
            self._reconcile(name)
        elif event.type == 'DELETED' and one in self._leaving:
            self._reconcile(self._leaving[one])

    # ---- Kinds ----

    def _define(self, name: str, content: JSONObject) -> None:
        known = self._definitions.get(name)
        definition = self._definitions[name] = read_definition(content, known)
        if definition.is_terminating:
            self._leaving[definition.stored] = name
        self._serve(name, definition)
        if known is not None and known.spec != definition.spec:
            self._watches.limit(definition.stored, TEARDOWN)

    def _serve(self, name: str, definition: Definition) -> None:
        served: dict[resource, ResourceInfo] = {}
        kinds: dict[resource, CustomKind] = {}
        if find_condition(definition.content, ESTABLISHED).get('status') == 'True':
            for one, info, kind in definition.make_kinds():
                known = self._kinds.get(one)
                if isinstance(known, CustomKind):
                    kind.since = known.since if known.declared == kind.declared else self._backend.store.revision
                served[one], kinds[one] = info, kind
        if served and not self._served.get(name):
            self._backend.store.begin(definition.stored)
        for one in self._served.get(name, {}):
            if one not in served:
                self._resources.pop(one, None)
                self._kinds.pop(one, None)
        self._resources.update(served)
        self._kinds.update(kinds)
        self._served[name] = served

    def _forget(self, name: str) -> Definition | None:
        for one in self._served.pop(name, {}):
            self._resources.pop(one, None)
            self._kinds.pop(one, None)
        definition = self._definitions.pop(name, None)
        if definition is not None:
            self._leaving.pop(definition.stored, None)
            self._watches.limit(definition.stored, TEARDOWN)
        return definition

    # ---- Statuses ----

    def _review(self, group: str) -> None:
        """Look at all definitions of a group again: names have become free."""
        for name, definition in [*self._definitions.items()]:
            if definition.group == group:
                self._reconcile(name)

    def _reconcile(self, name: str) -> None:
        definition = self._definitions.get(name)
        if definition is None:
            return
        if definition.is_terminating:
            if FINALIZER in finalizers_of(definition.content):
                clean_up(name, definition, self._backend)
            return
        now = self._backend.now()
        others = [one for one in self._definitions.values() if one.group == definition.group and one.name != name]
        named = name_status(definition, others, now)
        write_status(name, establish(named, now), self._backend)
