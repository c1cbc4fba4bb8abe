"""The past events of a resource, as far as they are kept for those who resume."""

from bisect import bisect_right
from typing import Any, cast

from kmock_k8s.errors import KubernetesExpiredError
from kmock_k8s.store.states import Event, State

LIMIT = 100_000
"""How many past events of a resource are kept at least."""


class Window:
    """The last events of one resource, in the order of their revisions.

    They are kept as tuples of what is in memory anyway: the garbage collector does not look into them, and the lines of
    the streams are encoded anew for those few who resume. It is used under the lock of the store.
    """

    __slots__ = ('_entries', 'floor')

    floor: int
    """What happened up to this revision is forgotten; after it, it is known."""

    def __init__(self, floor: int) -> None:
        self.floor = floor
        self._entries: list[tuple[Any, ...]] = []

    def __len__(self) -> int:
        return len(self._entries)

    def add(self, event: Event) -> None:
        """Keep one more event; from time to time, drop the oldest ones."""
        previous = event.previous
        before = (None, None) if previous is None else (previous.revision, previous.raw)
        self._entries.append((event.state.revision, event.type, event.key, event.state.raw, *before))
        if len(self._entries) > 2 * LIMIT:
            self.compact(self._entries[LIMIT - 1][0])

    def compact(self, revision: int) -> None:
        """Forget what happened up to a revision."""
        self.floor = max(self.floor, revision)
        del self._entries[: self._find(revision)]

    def since(self, revision: int) -> list[Event]:
        """The events after a revision.

        Raises:
            KubernetesExpiredError: some of them are forgotten.
        """
        if revision < self.floor:
            raise KubernetesExpiredError(message=f'too old resource version: {revision} ({self.floor})')
        return [_restore(entry) for entry in self._entries[self._find(revision) :]]

    def _find(self, revision: int) -> int:
        return bisect_right(self._entries, revision, key=_revision_of)


def _revision_of(entry: tuple[Any, ...]) -> int:
    return cast('int', entry[0])


def _restore(entry: tuple[Any, ...]) -> Event:
    revision, type, key, raw, previous_revision, previous_raw = entry
    previous = None if previous_raw is None else State(previous_revision, previous_raw)
    return Event(type, key, State(revision, raw), previous)
