"""Built-in kinds that are kept as those of another group: events, which are in two groups."""

import json
from collections.abc import Mapping
from typing import Any, cast

from kmock_core import Request
from kmock_core.values.responses import Chunks
from kmock_k8s.api.selection import Selection
from kmock_k8s.cluster.calls import ClusterCall
from kmock_k8s.cluster.defaulting.walking import fill
from kmock_k8s.cluster.kinds import Kind
from kmock_k8s.model.encoding import JSONObject, encode
from kmock_k8s.model.info import ResourceInfo
from kmock_k8s.model.keys import ObjectKey
from kmock_k8s.model.known import ResourcesArray
from kmock_k8s.model.resources import resource
from kmock_k8s.model.urls import Location
from kmock_k8s.schemas import Schema, builtin
from kmock_k8s.store.memory import Store
from kmock_k8s.store.states import Event, State

EVENTS = resource('events.k8s.io', 'v1', 'events')
_CORE = resource('', 'v1', 'events')
_NAMES: Mapping[str, str] = {
    'regarding': 'involvedObject',
    'note': 'message',
    'reportingController': 'reportingComponent',
    'deprecatedSource': 'source',
    'deprecatedFirstTimestamp': 'firstTimestamp',
    'deprecatedLastTimestamp': 'lastTimestamp',
    'deprecatedCount': 'count',
}
_BACK = {there: here for here, there in _NAMES.items()}


class EventKind(Kind):
    """The events of their own group: they are those of the core group, with other names of fields."""

    def __init__(self, one: resource, info: ResourceInfo) -> None:
        super().__init__(one, info)
        self.resource = _CORE

    def pack(self, raw: bytes) -> bytes:
        """The bytes of an object of this version as they are kept."""
        return encode(_rename(json.loads(raw), 'v1', _NAMES, builtin('', 'v1', 'Event')))

    def unpack(self, raw: bytes) -> bytes:
        """An object as it is kept, in this version; or an event of a watch that contains it."""
        content: JSONObject = json.loads(raw)
        inner: Any = content.get('object')
        if 'metadata' in content or not isinstance(inner, dict):
            return encode(self._show(content))
        return encode({**content, 'object': self._show(cast('JSONObject', inner))}) + b'\n'

    def show(self, state: State) -> State:
        """The state of an object as clients of this version see it."""
        return State(state.revision, self.unpack(state.raw))

    def _show(self, content: JSONObject) -> JSONObject:
        return _rename(content, self.api_version, _BACK, self.builtin)


def _rename(content: JSONObject, version: str, names: Mapping[str, str], schema: Schema | None) -> JSONObject:
    if content.get('kind') != 'Event':
        return content
    renamed = {names.get(key, key): value for key, value in content.items() if value not in ('', None)}
    renamed['apiVersion'] = version
    if schema is not None:
        fill(renamed, schema)
    return renamed


class EventCall(ClusterCall):
    """What is asked for of events, in their own group."""

    def __init__(self, request: Request, location: Location, kind: EventKind, resources: ResourcesArray) -> None:
        super().__init__(request, location, kind.resource, resources)
        self._kind = kind

    @property
    def api_version(self) -> str:
        """The group and the version as the client sees them."""
        return self._kind.api_version

    def _select(self) -> Selection:
        return _Renamed(self._kind, self)


class _Renamed(Selection):
    """Events that are shown with other names of their fields than those with which they are kept."""

    __slots__ = ('_kind',)

    def __init__(self, kind: EventKind, call: EventCall) -> None:
        super().__init__(call.location, call.options.labels, call.options.fields)
        self._kind = kind
        self._identity = (*self._identity, kind.api_version)  # type: ignore[assignment]

    def find(self, store: Store, one: resource) -> list[tuple[ObjectKey, State]]:
        """The objects that are there, in the order of the store."""
        return [(key, self._kind.show(state)) for key, state in super().find(store, one)]

    def translate(self, event: Event) -> Chunks | None:
        """What a watch of these shows of a change; None if it is about others, before and after it."""
        chunks = super().translate(event)
        return None if chunks is None else Chunks([self._kind.unpack(line) for line in chunks.chunks])
