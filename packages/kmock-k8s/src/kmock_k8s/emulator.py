"""The emulator: a database of objects behind the Kubernetes API."""

from collections.abc import Callable
from typing import TypeAlias

import attrs

from kmock_core import Request
from kmock_core.values.responses import Answer
from kmock_k8s.api import deleting, writing
from kmock_k8s.api.answers import answer_raw
from kmock_k8s.api.calls import Call
from kmock_k8s.api.listing import list_objects
from kmock_k8s.api.sockets import upgrade_watch
from kmock_k8s.api.watching import watch
from kmock_k8s.api.writing import demand
from kmock_k8s.model.actions import WATCH, action_of
from kmock_k8s.model.urls import locate
from kmock_k8s.patching.decoding import too_deep
from kmock_k8s.stateful import StatefulHandler
from kmock_k8s.store.spi import ObjectStore


@attrs.define(slots=False, eq=False, repr=False, kw_only=True)
class KubernetesEmulator(StatefulHandler):
    """A stateful server of the Kubernetes API: objects are stored and returned exactly as they are sent.

    It lists, watches, reads, creates, patches, replaces and deletes the objects of any resource; finalizers, selectors,
    pages and resuming work. Nothing is added to objects: no uid, no resourceVersion. `objects` are these objects: the
    test sees in it what clients do, and clients see what the test does there.

    Changes by clients happen before the rules are asked, whoever answers then: a rule can make a client believe in an
    error, as on a connection that broke after the request. A rule that answers what would have been an error, as of an
    unknown object, does so; only the spies see it too.
    """

    _acts = True

    # ---- Serving ----

    def _act(self, request: Request, /) -> None:
        request.once(_OUTCOME, lambda: self._attempt(request))

    def _answer_builtin(self, request: Request, /) -> Answer | None:
        location = locate(request.target)
        one = location.resource
        method = request.method_name
        if one is None or method not in _METHODS:
            return super()._answer_builtin(request)
        if method != 'GET' and method != 'HEAD':
            outcome = request.once(_OUTCOME, lambda: self._attempt(request))
            if isinstance(outcome, Exception):
                raise outcome
            return outcome
        call = self._call(request, one)
        if action_of(method, location, request.target) is WATCH:
            return upgrade_watch(request, lambda: watch(call, self._store, self._watches))
        if location.name is not None:
            return answer_raw(demand(self._store, call.key).raw)
        return list_objects(call, self._store, self._pages) if self._knows(one) else None

    def _attempt(self, request: Request) -> Answer | Exception | None:
        """Do what a request does; the answer, or what is wrong; None if it does nothing here."""
        try:
            return self._change(request)
        except RecursionError:  # of an object that could be read with more of the stack left
            return too_deep()
        except Exception as exc:
            return exc

    def _change(self, request: Request) -> Answer | None:
        location = locate(request.target)
        one = location.resource
        if one is None or location.is_watch:
            return None
        verb = _VERBS.get((request.method_name, location.name is not None, location.subresource is not None))
        if verb is None or (verb is deleting.delete_collection and not self._knows(one)):
            return None
        return verb(self._call(request, one), self._store)


_OUTCOME = object()
"""What has become of a request, noted with it."""

_METHODS = frozenset({'GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'})

Verb: TypeAlias = Callable[[Call, ObjectStore], Answer]

_VERBS: dict[tuple[str, bool, bool], Verb] = {  # by the method; if there is a name; if there is a subresource
    ('POST', False, False): writing.create,
    ('PUT', True, False): writing.replace,
    ('PUT', True, True): writing.replace,
    ('PATCH', True, False): writing.patch,
    ('PATCH', True, True): writing.patch,
    ('DELETE', True, False): deleting.delete,
    ('DELETE', False, False): deleting.delete_collection,
}
