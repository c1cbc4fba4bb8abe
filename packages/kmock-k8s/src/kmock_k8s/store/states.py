"""What the store hands out: states of objects, and the events of their changes."""

import json
from typing import Any, Literal, NamedTuple, TypeAlias, cast

from kmock_k8s.model.keys import ObjectKey

EventType: TypeAlias = Literal['ADDED', 'MODIFIED', 'DELETED']


class State(NamedTuple):
    """What an object was since a revision: the bytes of its JSON, shared by all who send it."""

    revision: int
    raw: bytes

    def load(self) -> dict[str, Any]:
        """The object, parsed anew: it is the caller's own."""
        return cast('dict[str, Any]', json.loads(self.raw))


class Event:
    """One change of one object: what it became, and what it was before.

    The state of a deletion is the last one, with the revision of the deletion. An addition has no previous one.
    """

    __slots__ = ('_line', 'key', 'previous', 'state', 'type')

    type: EventType
    key: ObjectKey
    state: State
    previous: State | None

    def __init__(self, type: EventType, key: ObjectKey, state: State, previous: State | None = None) -> None:
        self.type = type
        self.key = key
        self.state = state
        self.previous = previous
        self._line: bytes | None = None

    def __repr__(self) -> str:
        return f'<{self.type} {self.key} at {self.revision}>'

    @property
    def revision(self) -> int:
        """The revision of the store that the change made."""
        return self.state.revision

    @property
    def line(self) -> bytes:
        """The line of a watch stream, encoded once for all watchers."""
        if self._line is None:
            self._line = encode_event(self.type, self.state.raw)
        return self._line


def encode_event(type: str, raw: bytes) -> bytes:
    """The line of a watch stream that says what happened to an object of these bytes."""
    return b'{"type":"%b","object":%b}\n' % (type.encode('ascii'), raw)
