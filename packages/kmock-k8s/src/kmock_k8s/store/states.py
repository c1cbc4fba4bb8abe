"""What the store hands out: states of objects, and the events of their changes."""

import json
from collections.abc import Hashable, Mapping
from types import MappingProxyType
from typing import Any, Literal, TypeAlias, cast

from kmock_core.values.responses import Chunks
from kmock_k8s.model.encoding import encode
from kmock_k8s.model.keys import ObjectKey
from kmock_k8s.model.metadata import labels_of

EventType: TypeAlias = Literal['ADDED', 'MODIFIED', 'DELETED']

Labels: TypeAlias = Mapping[str, str]

NO_LABELS: Labels = MappingProxyType({})


class State:
    """What an object was since a revision: the bytes of its JSON, shared by all who send it.

    Args:
        revision: that of the change.
        raw: the JSON of the object, on one line.
        content: the same, parsed, if it is at hand: it saves the parsing where only the labels matter.
    """

    __slots__ = ('_labels', '_views', 'raw', 'revision')

    revision: int
    raw: bytes
    _labels: Labels | None
    _views: dict[Hashable, Any] | None

    def __init__(self, revision: int, raw: bytes, content: Mapping[str, Any] | None = None) -> None:
        self.revision = revision
        self.raw = raw
        self._labels = None if content is None else labels_of(content) or NO_LABELS
        self._views = None

    @property
    def views(self) -> dict[Hashable, Any]:
        """What was made of the object for those who see it otherwise: kept as long as the state is."""
        if self._views is None:
            self._views = {}
        return self._views

    def __repr__(self) -> str:
        return f'State({self.revision}, {self.raw!r})'

    @property
    def labels(self) -> Labels:
        """The labels of the object, for selectors."""
        if self._labels is None:
            self._labels = labels_of(self.load()) or NO_LABELS
        return self._labels

    def load(self) -> dict[str, Any]:
        """The object, parsed anew: it is the caller's own."""
        return cast('dict[str, Any]', json.loads(self.raw))


class Event:
    """One change of one object: what it became, and what it was before.

    The state of a deletion is the last one, with the revision of the deletion. An addition has no previous one.
    """

    __slots__ = ('_chunks', '_vanished', 'key', 'previous', 'stamped', 'state', 'type')

    type: EventType
    key: ObjectKey
    state: State
    previous: State | None
    stamped: bool
    """Whether the object has the revision in it, as its resourceVersion."""

    def __init__(
        self, type: EventType, key: ObjectKey, state: State, previous: State | None = None, *, stamped: bool = False
    ) -> None:
        self.type = type
        self.key = key
        self.state = state
        self.previous = previous
        self.stamped = stamped
        self._chunks: dict[str, Chunks] | None = None
        self._vanished: State | None = None

    def __repr__(self) -> str:
        return f'<{self.type} {self.key} at {self.revision}>'

    @property
    def revision(self) -> int:
        """The revision of the store that the change made."""
        return self.state.revision

    @property
    def line(self) -> bytes:
        """The line of a watch stream."""
        return self.chunks_as(self.type).chunks[0]

    def chunks_as(self, type: EventType) -> Chunks:
        """The line of a watch stream for those to whom the change is of this type: encoded and framed once for all."""
        known = self._chunks
        if known is None:
            known = self._chunks = {}
        chunks = known.get(type)
        if chunks is None:
            chunks = known[type] = Chunks([encode_event(type, self.state_as(type).raw)])
        return chunks

    def state_as(self, type: EventType) -> State:
        """The object for those to whom the change is of this type.

        To whom an object disappears though it is there yet, it is shown as it was; if it has a revision in it, then
        with that of the event, as in a real server.
        """
        if type != 'DELETED' or type == self.type or self.previous is None:
            return self.state
        if not self.stamped:
            return self.previous
        if self._vanished is None:
            content = self.previous.load()
            content['metadata']['resourceVersion'] = str(self.revision)
            self._vanished = State(self.revision, encode(content))
        return self._vanished


class Snapshot:
    """All objects of a store with their histories, as they were; what is in it is known to its kind of store alone."""

    __slots__ = ()


def encode_event(type: str, raw: bytes) -> bytes:
    """The line of a watch stream that says what happened to an object of these bytes."""
    return b'{"type":"%b","object":%b}\n' % (type.encode('ascii'), raw)
