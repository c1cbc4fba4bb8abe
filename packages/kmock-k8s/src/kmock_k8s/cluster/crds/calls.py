"""Requests about custom resources: their objects are kept in one version, whichever one is asked for."""

from kmock_core import Request
from kmock_core.values.responses import Chunks
from kmock_k8s.api.selection import Selection
from kmock_k8s.cluster.calls import ClusterCall
from kmock_k8s.cluster.crds.kinds import CustomKind
from kmock_k8s.model.keys import ObjectKey
from kmock_k8s.model.known import ResourcesArray
from kmock_k8s.model.resources import resource
from kmock_k8s.model.urls import Location
from kmock_k8s.store.spi import ObjectStore
from kmock_k8s.store.states import Event, EventType, State, encode_event


class CustomCall(ClusterCall):
    """What is asked for of a custom resource, in the version of the URL."""

    def __init__(self, request: Request, location: Location, kind: CustomKind, resources: ResourcesArray) -> None:
        super().__init__(request, location, kind.resource, resources)
        self._kind = kind

    @property
    def kind(self) -> str:
        """The kind of the objects."""
        return self._kind.name

    @property
    def api_version(self) -> str:
        """The group and the version as the client sees them."""
        return self._kind.api_version

    def _select(self) -> Selection:
        if self._kind.is_converted or self._kind.since:
            return _Converted(self._kind, self.location, self.options.labels, self.options.fields)
        return super()._select()

    def _is_field(self, path: str) -> bool:
        if path == 'metadata.name' or (path == 'metadata.namespace' and self._kind.namespaced):
            return True
        fields: list[dict[str, str]] = self._kind.definition.get('selectableFields') or []
        return any(field.get('jsonPath') == f'.{path}' for field in fields)

    def _refuse_field(self, path: str) -> str:
        return f'field label not supported: {path}'


class _Converted(Selection):
    """Objects that are shown in another version than that in which they are kept."""

    __slots__ = ('_kind',)

    _kind: CustomKind

    def __init__(self, kind: CustomKind, location: Location, labels: str, fields: str) -> None:
        super().__init__(location, labels, fields)
        self._kind = kind
        self._identity = (*self._identity, kind.version, id(kind))  # type: ignore[assignment]

    def find(self, store: ObjectStore, one: resource) -> list[tuple[ObjectKey, State]]:
        """The objects that are there, in the order of the store."""
        return [(key, self._kind.show(state)) for key, state in super().find(store, one)]

    def translate(self, event: Event) -> Chunks | None:
        """What a watch of these shows of a change; None if it is about others, before and after it."""
        type = self.look_at(event)
        if type is None or not self._kind.is_converted:
            return None if type is None else event.chunks_as(type)
        return Chunks([encode_event(type, self.show(event, type).raw)])

    def show(self, event: Event, type: EventType) -> State:
        """The object of a change that is of this type to a watch of these."""
        state = super().show(event, type)
        if not self._kind.is_converted:
            return state
        return self._kind.show(State(max(self._kind.since, state.revision), state.raw))
