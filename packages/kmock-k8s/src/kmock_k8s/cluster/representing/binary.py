"""Watches in protobuf, for the clients that take nothing else."""

from kmock_k8s.api.views import View
from kmock_k8s.cluster.representing.choosing import PROTOBUF
from kmock_k8s.cluster.representing.writing import write_protobuf
from kmock_k8s.errors import KubernetesError
from kmock_k8s.model.encoding import encode
from kmock_k8s.protobuf import frame_event
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
        """An event, with its length before it; an error instead if the object can't be written so."""
        try:
            return frame_event(type, write_protobuf(raw))
        except KubernetesError as exc:
            return frame_event('ERROR', write_protobuf(encode(exc.as_status())))


_: type[View] = BinaryView
