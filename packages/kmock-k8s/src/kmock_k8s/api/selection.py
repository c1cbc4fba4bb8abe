"""Which objects of a resource are meant: by the URL, by selectors."""

from types import EllipsisType

from kmock_core.values.responses import Chunks
from kmock_k8s.model.keys import ObjectKey
from kmock_k8s.model.resources import resource
from kmock_k8s.model.urls import Location
from kmock_k8s.selectors.fields import FieldSelector
from kmock_k8s.selectors.labels import LabelSelector
from kmock_k8s.store.spi import ObjectStore
from kmock_k8s.store.states import Event, EventType, State


class Selection:
    """Those objects of a resource that a list, a watch or a deletion is about; equal and hashable by what it says."""

    __slots__ = ('_identity', 'fields', 'labels', 'name', 'namespace', 'selective')

    namespace: str | EllipsisType
    """The namespace; ``...`` is all, and those of the cluster."""
    name: str | None
    """The name of the only object that is meant."""
    labels: LabelSelector
    fields: FieldSelector
    selective: bool
    """True if there are selectors."""

    def __init__(self, location: Location, labels: str = '', fields: str = '') -> None:
        self.labels = LabelSelector.parse(labels)
        self.fields = FieldSelector.parse(fields)
        namespace = location.namespace if location.namespace is not None else self.fields.exact('metadata.namespace')
        self.namespace = namespace or ...  # an empty one is that of objects without any: the fields are compared
        self.name = location.name if location.name is not None else self.fields.exact('metadata.name')
        self.selective = bool(self.labels) or bool(self.fields)
        self._identity = (location.namespace, location.name, labels, fields)

    def __eq__(self, other: object) -> bool:
        return self._identity == other._identity if isinstance(other, Selection) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._identity)

    def find(self, store: ObjectStore, one: resource) -> list[tuple[ObjectKey, State]]:
        """The objects that are there, in the order of the store."""
        found = store.select(one, self.namespace, self.name, self.labels.matches if self.labels else None)
        if self.fields:
            may_match = self.fields.may_match
            found = [pair for pair in found if may_match(pair[1].raw) and self._has_fields(*pair)]
        return found

    def selects(self, key: ObjectKey, state: State) -> bool:
        """Tell if an object in some state is one of these."""
        if self.name is not None and key.name != self.name:
            return False
        if self.namespace is not ... and key.namespace != self.namespace:
            return False
        return self._accepts(key, state)

    def translate(self, event: Event) -> Chunks | None:
        """What a watch of these shows of a change; None if it is about others, before and after it."""
        type = self.look_at(event)
        return None if type is None else event.chunks_as(type)

    def show(self, event: Event, type: EventType) -> State:
        """The object of a change that is of this type to a watch of these."""
        return event.state_as(type)

    def look_at(self, event: Event) -> EventType | None:
        """What a change is to a watch of these; None if it is about others, before and after it."""
        key = event.key
        if self.name is not None and key.name != self.name:
            return None
        if self.namespace is not ... and key.namespace != self.namespace:
            return None
        if not self.selective:
            return event.type
        previous = event.previous
        was = previous is not None and self._accepts(key, previous)
        if event.type != 'DELETED' and self._accepts(key, event.state):
            return 'MODIFIED' if was else 'ADDED'
        return 'DELETED' if was else None

    def _accepts(self, key: ObjectKey, state: State) -> bool:
        return self.labels.matches(state.labels) and (not self.fields or self._has_fields(key, state))

    def _has_fields(self, key: ObjectKey, state: State) -> bool:
        return self.fields.matches(key.name, key.namespace, state.load)
