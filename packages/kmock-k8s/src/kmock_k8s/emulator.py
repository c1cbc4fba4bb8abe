"""The emulator: a database of objects behind the Kubernetes API."""

from collections.abc import Callable, Iterator
from typing import TypeAlias

import attrs

from kmock_core import Request
from kmock_core.values.responses import Answer
from kmock_k8s.api import deleting, writing
from kmock_k8s.api.answers import answer_raw
from kmock_k8s.api.calls import Call
from kmock_k8s.api.listing import Pages, list_objects
from kmock_k8s.api.streams import Watches
from kmock_k8s.api.watching import watch
from kmock_k8s.api.writing import demand
from kmock_k8s.facet import KubernetesFacet
from kmock_k8s.model.actions import WATCH, action_of
from kmock_k8s.model.resources import resource
from kmock_k8s.model.urls import locate
from kmock_k8s.objects.arrays import ObjectsArray
from kmock_k8s.patching.decoding import too_deep
from kmock_k8s.scaffold import KubernetesScaffold
from kmock_k8s.serving import LoadsManifests
from kmock_k8s.store.memory import Snapshot, Store


@attrs.define(slots=False, eq=False, repr=False, kw_only=True)
class KubernetesEmulator(LoadsManifests, KubernetesScaffold):
    """A stateful server of the Kubernetes API: objects are stored and returned exactly as they are sent.

    It lists, watches, reads, creates, patches, replaces and deletes the objects of any resource; finalizers, selectors,
    pages and resuming work. Nothing is added to objects: no uid, no resourceVersion. `objects` are these objects: the
    test sees in it what clients do, and clients see what the test does there.

    Changes by clients happen before the rules are asked, whoever answers then: a rule can make a client believe in an
    error, as on a connection that broke after the request. A rule that answers what would have been an error, as of an
    unknown object, does so; only the spies see it too.
    """

    _acts = True

    objects: ObjectsArray = attrs.field(init=False)
    """All objects, with their histories."""
    _store: Store = attrs.field(factory=Store, init=False)
    _watches: Watches = attrs.field(init=False)
    _pages: Pages = attrs.field(factory=Pages, init=False)
    _lasting_objects: Snapshot | None = attrs.field(default=None, init=False)

    def __attrs_post_init__(self) -> None:
        self.objects = ObjectsArray(self._store, self.known_resources)
        self._watches = Watches(self._store)

    def _iterate_implied(self) -> Iterator[resource]:
        yield from super()._iterate_implied()
        yield from self._store.resources()

    def _knows(self, one: resource) -> bool:
        return self._store.has(one) or super()._knows(one)

    # ---- Serving ----

    def describe_builtin(self, request: Request, /) -> str | None:
        """Which built-in behaviour is for a request, in a few words; None if there is none."""
        facet = request.facet(KubernetesFacet)
        if facet.resource is None or facet.action is None:
            return super().describe_builtin(request)
        return f'{facet.action.lower()} {facet.resource}'

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
            return watch(call, self._store, self._watches)
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
        if one is None:
            return None
        verb = _VERBS.get((request.method_name, location.name is not None, location.subresource is not None))
        if verb is None or (verb is deleting.delete_collection and not self._knows(one)):
            return None
        return verb(self._call(request, one), self._store)

    def _call(self, request: Request, one: resource) -> Call:
        return Call(request, locate(request.target), one, self.resources)

    # ---- Forgetting ----

    def checkpoint(self) -> None:
        """Let what was made so far last, the objects too: `reset` goes back to it."""
        super().checkpoint()
        self._lasting_objects = self._store.snapshot()

    def reset(self) -> None:
        """Forget what was made since the last `checkpoint`, the objects too; watches end. See `RawHandler.reset`."""
        try:
            super().reset()
        finally:
            self._watches.end()
            with self._store.lock:
                self._pages.clear()
                self._store.restore(self._lasting_objects or Snapshot({}))


_OUTCOME = object()
"""What has become of a request, noted with it."""

_METHODS = frozenset({'GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'})

Verb: TypeAlias = Callable[[Call, Store], Answer]

_VERBS: dict[tuple[str, bool, bool], Verb] = {  # by the method; if there is a name; if there is a subresource
    ('POST', False, False): writing.create,
    ('PUT', True, False): writing.replace,
    ('PUT', True, True): writing.replace,
    ('PATCH', True, False): writing.patch,
    ('PATCH', True, True): writing.patch,
    ('DELETE', True, False): deleting.delete,
    ('DELETE', False, False): deleting.delete_collection,
}
