"""Built-in kinds that are kept as those of another version, or of another group: requests see them in their own."""

import json
from abc import abstractmethod

from kmock_core import Request
from kmock_core.values.responses import Chunks
from kmock_k8s.api.selection import Selection
from kmock_k8s.cluster.calls import ClusterCall
from kmock_k8s.cluster.kinds import Kind
from kmock_k8s.model.encoding import JSONObject, encode
from kmock_k8s.model.info import ResourceInfo
from kmock_k8s.model.keys import ObjectKey
from kmock_k8s.model.known import ResourcesArray
from kmock_k8s.model.resources import resource
from kmock_k8s.model.urls import Location
from kmock_k8s.store.spi import ObjectStore
from kmock_k8s.store.states import Event, EventType, State, encode_event


class ConvertedKind(Kind):
    """A kind whose objects are kept as those of another resource.

    Args:
        one: the resource of this version.
        info: what is told of it.
        stored: the resource under which the objects are kept.
    """

    def __init__(self, one: resource, info: ResourceInfo, stored: resource) -> None:
        super().__init__(one, info)
        self.resource = stored

    @abstractmethod
    def _to_stored(self, content: JSONObject) -> JSONObject:
        """An object of this version as it is kept."""

    @abstractmethod
    def _from_stored(self, content: JSONObject) -> JSONObject:
        """The reverse."""

    def pack(self, raw: bytes) -> bytes:
        """The bytes of an object of this version as they are kept."""
        return encode(self._to_stored(json.loads(raw)))

    def show(self, state: State) -> State:
        """The state of an object as clients of this version see it."""
        return State(state.revision, encode(self._from_stored(state.load())))


class ConvertedCall(ClusterCall):
    """What is asked for of objects that are kept as those of another resource."""

    def __init__(self, request: Request, location: Location, kind: ConvertedKind, resources: ResourcesArray) -> None:
        super().__init__(request, location, kind.resource, resources)
        self._kind = kind

    @property
    def api_version(self) -> str:
        """The group and the version as the client sees them."""
        return self._kind.api_version

    def _select(self) -> Selection:
        return _Shown(self._kind, self)


class _Shown(Selection):
    """Objects that are shown otherwise than they are kept."""

    __slots__ = ('_kind',)

    def __init__(self, kind: ConvertedKind, call: ConvertedCall) -> None:
        super().__init__(call.location, call.options.labels, call.options.fields)
        self._kind = kind
        self._identity = (*self._identity, kind.api_version)  # type: ignore[assignment]

    def find(self, store: ObjectStore, one: resource) -> list[tuple[ObjectKey, State]]:
        """The objects that are there, in the order of the store."""
        return [(key, self._kind.show(state)) for key, state in super().find(store, one)]

    def translate(self, event: Event) -> Chunks | None:
        """What a watch of these shows of a change; None if it is about others, before and after it."""
        type = self.look_at(event)
        return None if type is None else Chunks([encode_event(type, self.show(event, type).raw)])

    def show(self, event: Event, type: EventType) -> State:
        """The object of a change that is of this type to a watch of these."""
        return self._kind.show(super().show(event, type))
