"""The representation of one answer: chosen before the request is done, made of what is answered."""

import json
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from kmock_core import Request
from kmock_core.values.responses import Answer
from kmock_k8s.api.views import View
from kmock_k8s.cluster.kinds import Kind
from kmock_k8s.cluster.representing.choosing import (
    JSON,
    MEDIA,
    PROTOBUF,
    STREAMS,
    TABLE,
    YAML,
    Choice,
    accept_of,
    choose,
    demand_produced,
    is_indented,
    is_plain,
    not_acceptable,
)
from kmock_k8s.cluster.representing.writing import rewrite, write
from kmock_k8s.cluster.statuses import bad_request
from kmock_k8s.model.encoding import JSONObject, encode
from kmock_k8s.store.states import State

if TYPE_CHECKING:
    from kmock_k8s.cluster.representing.views import Transform

_INCLUDED = frozenset({'', 'Metadata', 'Object', 'None'})


class Representation:
    """How the answer to one request is represented.

    Args:
        choice: what was chosen.
        kind: that of the objects.
        view: what objects are turned into, if anything.
        watched: how watches show objects, if not as the view does.
    """

    def __init__(self, choice: Choice, kind: Kind, view: 'Transform | None', watched: View | None = None) -> None:
        self._choice = choice
        self._kind = kind
        self.view = view
        self.watched: View | None = view if watched is None else watched

    def represent(self, answer: Answer, *, is_turned: bool = False) -> Answer:
        """An answer with an object, or with a list of objects, as it is to be; others as they are.

        Args:
            answer: the answer as compact JSON.
            is_turned: whether its objects are turned into others already.
        """
        if not isinstance(answer.body, bytes) or answer.header('content-type') != JSON:
            return answer
        raw = answer.body.rstrip(b'\n')
        if self.view is not None and not is_turned:
            raw = self._turn(raw, self.view)
        return rewrite(answer, write(raw, self._choice), self._choice.media)

    def _turn(self, raw: bytes, view: 'Transform') -> bytes:
        content: JSONObject = json.loads(raw)
        if content.get('kind') == 'Status' and content.get('apiVersion') == 'v1':
            return raw
        if content.get('kind') != self._kind.list_name:
            return view.show_one(State(0, raw))
        prefix = self._kind.prefix + b',' if self._kind.is_builtin else b'{'  # which custom objects have in lists, too
        return view.join(content['metadata'], [State(0, prefix + encode(item)[1:]) for item in content['items']])


def negotiate(
    request: Request,
    kind: Kind,
    clock: Callable[[], datetime],
    produced: tuple[str, ...] = MEDIA,
    *,
    watching: bool = False,
) -> Representation | None:
    """How the answer to a request about objects is to be represented; None is compact JSON.

    Args:
        request: the request.
        kind: that of the objects.
        clock: the time, which ages are told by.
        produced: the media types that there are at the URL, as far as it is told.
        watching: whether it is a watch.

    Raises:
        KubernetesError: the client would take nothing that there is.
    """
    if is_plain(request):
        return None
    accept = accept_of(request)
    if kind.is_builtin:
        demand_produced(accept, produced)
    choice = choose(accept, transforming=True, custom=not kind.is_builtin)
    if choice is None:
        raise not_acceptable()
    if watching and (choice.media == YAML or (choice.media == PROTOBUF and b'upgrade' in request.header_values)):
        raise not_acceptable(STREAMS)
    view = _see(choice, request, kind, clock) if choice.transform else None
    if not choice.indented and is_indented(request):
        choice = choice._replace(indented=True)
    if view is None and choice == Choice():
        return None
    if watching and choice.media == PROTOBUF:
        from kmock_k8s.cluster.representing.binary import BinaryView

        return Representation(choice, kind, view, BinaryView(view))
    return Representation(choice, kind, view)


def _see(choice: Choice, request: Request, kind: Kind, clock: Callable[[], datetime]) -> 'Transform':
    # Printers are loaded for those who print, and not for everyone who takes more than JSON.
    from kmock_k8s.cluster.representing.columns import printing_of
    from kmock_k8s.cluster.representing.views import VIEWS, TableView

    if choice.transform != TABLE:
        return VIEWS[choice.transform](kind, choice.version)
    include = next((value for name, value in request.query_pairs if name == 'includeObject'), '')
    if include not in _INCLUDED:
        why = f"includeObject: Invalid value: {json.dumps(include)}: must be 'Metadata', 'Object', 'None', or empty"
        raise bad_request(f'Unable to convert to Table as requested: {why}')
    return TableView(kind, choice.version, include or 'Metadata', printing_of(kind), clock)
