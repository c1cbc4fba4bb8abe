"""Other ways to see objects than as they are stored: some clients want less of them, or rows to print."""

from collections.abc import Hashable
from typing import Protocol

from kmock_core.values.responses import Chunks
from kmock_k8s.api.selection import Selection
from kmock_k8s.api.streams import Hub, Watch
from kmock_k8s.store.states import Event, State


class View(Hashable, Protocol):
    """One way to see objects. Watches with equal views of the same objects share what they get."""

    @property
    def media_type(self) -> str:
        """That of the streams of watches."""
        ...

    def frame(self, type: str, raw: bytes, /) -> bytes:
        """What a stream says of what has happened to an object of this JSON."""
        ...

    def show(self, state: State, /) -> bytes:
        """The JSON of what is seen of an object, on one line."""
        ...

    def begin(self, line: bytes, /) -> bytes | None:
        """What a watch says first, with what is said only once; None if the watch breaks off there."""
        ...


class Viewed:
    """A selection of objects, and how they are seen; equal and hashable by both."""

    __slots__ = ('_selection', '_view')

    def __init__(self, selection: Selection, view: View) -> None:
        self._selection = selection
        self._view = view

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Viewed):
            return NotImplemented
        return self._view == other._view and self._selection == other._selection

    def __hash__(self) -> int:
        return hash((self._selection, self._view))

    def translate(self, event: Event) -> Chunks | None:
        """What a watch of these shows of a change; None if it is about others, before and after it."""
        type = self._selection.look_at(event)
        if type is None:
            return None
        return Chunks([self._view.frame(type, self._view.show(self._selection.show(event, type)))])


class ViewedWatch(Watch):
    """An open watch of objects that are seen otherwise.

    Args:
        hub: where the events come from.
        viewed: what is watched, and how it is seen.
        revision: up to which all has been said.
        first: the lines to begin with.
        view: how it is seen.
    """

    __slots__ = ('_view',)

    def __init__(self, hub: Hub, viewed: Viewed, revision: int, first: list[bytes], view: View) -> None:
        self._view: View | None = view
        begun = view.begin(first[0]) if first else None
        super().__init__(hub, viewed, revision, first if begun is None else [begun, *first[1:]])
        if first:
            self._view = None
            if begun is None:
                self._pending[0] = Chunks([])
                self.end()

    def _send(self, chunks: Chunks) -> None:
        if self._view is not None:
            begun = self._view.begin(chunks.chunks[0])
            self._view = None
            if begun is None:
                self.end()
            else:
                chunks = Chunks([begun, *chunks.chunks[1:]])
        if not self._ended:
            super()._send(chunks)
