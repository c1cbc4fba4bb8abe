"""Watches in protobuf, for the clients that take nothing else."""

import json

from kmock_k8s.api.views import View
from kmock_k8s.cluster.representing.choosing import PROTOBUF
from kmock_k8s.protobuf import encode, frame_event
from kmock_k8s.store.states import State


class BinaryView:
    """Objects in protobuf, perhaps as another view shows them.

    Args:
        view: the other view.
    """

    media_type: str = f'{PROTOBUF};stream=watch'

    def __init__(self, view: View | None) -> None:
        self._view = view

    def __eq__(self, other: object) -> bool:
        return isinstance(other, BinaryView) and self._view == other._view

    def __hash__(self) -> int:
        return hash((BinaryView, self._view))

    def show(self, state: State, /) -> bytes:
        """The JSON of what becomes the object of an event."""
        return state.raw if self._view is None else self._view.show(state)

    def begin(self, line: bytes, /) -> bytes | None:
        """The same event, unless the other view has none."""
        return line if self._view is None else self._view.begin(line)

    def frame(self, type: str, raw: bytes, /) -> bytes:
        """An event, with its length before it."""
        return frame_event(type, encode(json.loads(raw)) or b'')


_: type[View] = BinaryView
