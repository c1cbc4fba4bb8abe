"""The past events of a resource, as far as they are kept for those who resume."""

from array import array
from bisect import bisect_right

from kmock_k8s.errors import KubernetesExpiredError
from kmock_k8s.model.keys import ObjectKey
from kmock_k8s.store.states import Event, EventType, State

LIMIT = 100_000
"""How many past events of a resource are kept at least."""

TYPES: tuple[EventType, ...] = ('ADDED', 'MODIFIED', 'DELETED')


class Window:
    """The last events of one resource, in the order of their revisions.

    They are kept as columns of what is in memory anyway, in a few bytes each; the lines of the streams are encoded anew
    for those few who resume. It is used under the lock of the store.
    """

    __slots__ = ('_keys', '_previous', '_raws', '_revisions', '_stamped', '_types', 'floor')

    floor: int
    """What happened up to this revision is forgotten; after it, it is known."""

    def __init__(self, floor: int, *, stamped: bool = False) -> None:
        self.floor = floor
        self._stamped = stamped
        self._revisions: array[int] = array('q')
        self._types: bytearray = bytearray()
        self._keys: list[ObjectKey] = []
        self._raws: list[bytes] = []
        self._previous: list[bytes | None] = []

    def __len__(self) -> int:
        return len(self._revisions)

    def add(self, event: Event) -> None:
        """Keep one more event; from time to time, drop the oldest ones."""
        self._revisions.append(event.state.revision)
        self._types.append(TYPES.index(event.type))
        self._keys.append(event.key)
        self._raws.append(event.state.raw)
        self._previous.append(None if event.previous is None else event.previous.raw)
        if len(self._revisions) > 2 * LIMIT:
            self.compact(self._revisions[-LIMIT - 1])

    def compact(self, revision: int) -> None:
        """Forget what happened up to a revision."""
        self.floor = max(self.floor, revision)
        end = bisect_right(self._revisions, revision)
        for column in (self._revisions, self._types, self._keys, self._raws, self._previous):
            del column[:end]

    def since(self, revision: int) -> list[Event]:
        """The events after a revision; of the states before them, the revisions are not known any more: 0.

        Raises:
            KubernetesExpiredError: some of them are forgotten.
        """
        if revision < self.floor:
            raise KubernetesExpiredError(message=f'too old resource version: {revision} ({self.floor})')
        start = bisect_right(self._revisions, revision)
        return [
            Event(
                TYPES[type],
                key,
                State(number, raw),
                None if previous is None else State(0, previous),
                stamped=self._stamped,
            )
            for number, type, key, raw, previous in zip(
                self._revisions[start:],
                self._types[start:],
                self._keys[start:],
                self._raws[start:],
                self._previous[start:],
                strict=True,
            )
        ]
