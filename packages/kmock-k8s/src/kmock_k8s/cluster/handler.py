"""The cluster: a server that does what a real API server does."""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, TypeAlias

import attrs

from kmock_core import Request
from kmock_core.errors import UnmatchedRequestError
from kmock_core.values.responses import Answer
from kmock_k8s.api.calls import Call
from kmock_k8s.api.discovery import find_document
from kmock_k8s.api.watching import watch
from kmock_k8s.cluster import deleting, patching, reading, writing
from kmock_k8s.cluster.backend import Backend, answer, no_such_page
from kmock_k8s.cluster.calls import ClusterCall
from kmock_k8s.cluster.controllers.manager import Controllers
from kmock_k8s.cluster.converting import EVENTS, EventCall, EventKind
from kmock_k8s.cluster.crds.calls import CustomCall
from kmock_k8s.cluster.crds.kinds import CustomKind
from kmock_k8s.cluster.crds.parts import add_warning, demand_part
from kmock_k8s.cluster.crds.registry import Registry
from kmock_k8s.cluster.kinds import Kind
from kmock_k8s.cluster.logs import Logs
from kmock_k8s.cluster.negotiating import check_accept
from kmock_k8s.cluster.options import BY_ITSELF
from kmock_k8s.cluster.paging import Paging
from kmock_k8s.cluster.stamping import StampedStore
from kmock_k8s.cluster.statuses import bad_request, no_such_resource, not_allowed
from kmock_k8s.cluster.subresources import PARTS
from kmock_k8s.errors import KubernetesError, KubernetesNotFoundError
from kmock_k8s.model.encoding import encode
from kmock_k8s.model.info import ResourceInfo
from kmock_k8s.model.resources import resource
from kmock_k8s.model.urls import locate
from kmock_k8s.scaffold import KubernetesScaffold
from kmock_k8s.stateful import StatefulHandler
from kmock_k8s.store.memory import Snapshot, Store

NAMESPACES = ('default', 'kube-system', 'kube-public', 'kube-node-lease')
"""The namespaces that are there from the start."""

Verb: TypeAlias = Callable[[Call, Kind, Backend], Answer]


@attrs.define(slots=False, eq=False, repr=False, kw_only=True)
class KubernetesCluster(StatefulHandler):
    """A server that does with objects what a real API server does, for clients that could not tell them apart.

    The rules of the test come first; a rule that answers replaces the operation: nothing is stored.

    Args:
        namespaces: ``'strict'``: namespaces must exist before something is created in them, as in a real cluster;
            ``'auto'``: they come to be by themselves.
        clock: the time of the server.
        controllers: whether what the controllers of a real cluster do is done, before the request that causes it is
            answered: garbage collection by ``ownerReferences``, and namespaces that empty themselves. False: a bare API
            server, as in envtest.
    """

    namespaces: str = attrs.field(default='strict', validator=attrs.validators.in_(('strict', 'auto')))
    clock: Callable[[], datetime] = attrs.field(default=lambda: datetime.now(UTC))
    controllers: bool = True
    _kinds: dict[resource, Kind] = attrs.field(factory=dict[resource, Kind], init=False)
    _backend: Backend = attrs.field(init=False)
    _paging: Paging = attrs.field(factory=Paging, init=False)
    _registry: Registry = attrs.field(init=False)
    _controllers: Controllers | None = attrs.field(default=None, init=False)

    def __attrs_post_init__(self) -> None:
        super().__attrs_post_init__()
        self._backend = Backend(
            self._store,
            self._find_kind,
            lambda: self.clock(),
            auto_namespaces=self.namespaces == 'auto',
        )
        self._registry = Registry(self._backend, self.resources, self._kinds)
        if self.controllers:
            self._controllers = Controllers(self._backend, self.resources, self._kinds)
        self._fill()

    def _make_store(self) -> Store:
        return StampedStore(self._find_kind, lambda: self._backend.new_metadata())

    def _fill(self) -> None:
        self.resources.load_bundled()
        kind = self._find_kind(resource('', 'v1', 'namespaces'))
        assert kind is not None
        with self._store.lock:
            for name in NAMESPACES:
                content = {'kind': 'Namespace', 'apiVersion': 'v1', 'metadata': {'name': name}}
                writing.insert(content, kind, None, self._backend, BY_ITSELF)
        self.checkpoint()

    def _find_kind(self, one: resource) -> Kind | None:
        found = self._kinds.get(one)
        if found is None and one in self.resources:
            made = EventKind if one == EVENTS else Kind
            found = self._kinds[one] = made(one, self.resources[one])
        return found

    def known_resources(self) -> Mapping[resource, ResourceInfo]:
        """All that are told of, in the order of their definition."""
        return self._registry.describe(super().known_resources())

    def _iterate_implied(self) -> Iterator[resource]:
        return KubernetesScaffold._iterate_implied(self)  # not what has only been in the store

    # ---- Serving ----

    def _answer_builtin(self, request: Request, /) -> Answer | None:
        try:
            return self._answer(request)
        except KubernetesError as exc:
            return self._render_status(exc)
        except RecursionError:
            return self._render_status(bad_request('exceeded max depth'))

    def _answer(self, request: Request) -> Answer | None:
        location = locate(request.target)
        one = location.resource
        if one is None:
            try:
                found = super()._answer_builtin(request)
            except KubernetesNotFoundError:
                if self._is_inside(request.target):
                    raise no_such_resource() from None
                return no_such_page()
            if found is None and self._is_document(request):
                raise not_allowed()
            if found is None and self._is_inside(request.target):
                raise no_such_resource()
            return found
        kind = self._find_kind(one)
        if kind is None or (location.namespace is not None and not kind.namespaced):
            if self._is_custom(one, kind):
                return no_such_page()
            raise no_such_resource()
        if isinstance(kind, CustomKind):
            return self._answer_custom(CustomCall(request, location, kind, self.resources), kind)
        part = location.subresource
        if part is not None and part not in kind.subresources:
            raise no_such_resource()
        if isinstance(kind, EventKind):
            return self._serve(EventCall(request, location, kind, self.resources), kind)
        found = self._serve(ClusterCall(request, location, one, self.resources), kind)
        return found if kind.deprecation is None else add_warning(found, kind.deprecation)

    def _is_custom(self, one: resource, kind: Kind | None) -> bool:
        """Tell if nothing is there at a URL, or would be there only if somebody defined it."""
        if kind is not None:
            return not kind.is_builtin
        group, version, _ = one.key
        return not self._is_builtin(group, version)

    def _is_inside(self, target: str) -> bool:
        """Tell if a URL is below that of a built-in group, whatever it may mean there."""
        match target.partition('?')[0].split('/'):
            case ['', 'api', version, _, *_]:
                return self._is_builtin('', version)
            case ['', 'apis', group, version, _, *_]:
                return self._is_builtin(group, version)
            case _:
                return False

    def _is_builtin(self, group: str, version: str) -> bool:
        return any(
            known.key[:2] == (group, version)
            for known in self.resources
            if not isinstance(self._kinds.get(known), CustomKind)
        )

    def _answer_custom(self, call: CustomCall, kind: CustomKind) -> Answer:
        try:
            demand_part(call, kind, self._registry.find(kind))
            found = self._serve(call, kind)
        except KubernetesError as exc:
            found = self._render_status(exc)
        return found if kind.deprecation is None else add_warning(found, kind.deprecation)

    def _serve(self, call: ClusterCall, kind: Kind) -> Answer:
        request, location = call.request, call.location
        part = location.subresource
        method = request.method_name
        if kind.namespaced and location.namespace is None and location.name is not None:
            raise no_such_resource()
        check_accept(request, named=location.name is not None, watching=call.is_watch)
        if part is not None and (found := PARTS.get((method, part))) is not None:
            return found(call, kind, self._backend)
        if method == 'GET':
            if part in _WRITTEN:
                raise not_allowed()
            if location.name is not None:
                return reading.get(call, kind, self._backend)
            if call.is_watch:
                return watch(call, self._store, self._watches)
            return reading.list_objects(call, kind, self._backend, self._paging)
        verb = _VERBS.get((method, location.name is not None, part))
        if verb is None or (kind.namespaced and location.namespace is None):
            raise not_allowed()
        return verb(call, kind, self._backend)

    def _is_document(self, request: Request) -> bool:
        """Tell if there is something to read at a URL."""
        return find_document(request.target, self.known_resources, self.version) is not None

    @property
    def pod_logs(self) -> Logs:
        """What the containers of pods have written; nothing, until it is set.

        ``kmock.pod_logs['default', 'web'] = 'started'``: the namespace, the name, and perhaps the container.
        """
        return self._backend.logs

    def compact(self) -> None:
        """Forget the past: who resumes a watch, or goes on with a list, from before gets a 410. Histories stay."""
        self._paging.clear()
        super().compact()

    def reset(self) -> None:
        """Forget what was made since the last `checkpoint`: the definitions of custom resources too."""
        self.pod_logs.clear()
        super().reset()

    def restore(self, snapshot: Snapshot) -> None:
        """Let the objects be what they were; watches end, and none can resume, or go on with a list, from before."""
        with self._store.lock:
            super().restore(snapshot)
            self._paging.clear()
            self._registry.reload()
            if self._controllers is not None:
                self._controllers.reload()

    def _render_status(self, error: KubernetesError) -> Answer:
        headers: dict[str, Any] = {}
        after = (error.details or {}).get('retryAfterSeconds')
        if after:
            headers['Retry-After'] = str(after)
        return answer(encode(error.as_status()), error.status, getattr(error, 'warnings', ()), headers)

    async def _render_error(self, exc: Exception) -> Any:
        """Answer an error; where no rule is for a request and nothing is built in, as a real server does."""
        return no_such_page() if isinstance(exc, UnmatchedRequestError) else await super()._render_error(exc)


_WRITTEN = frozenset({'binding', 'eviction', 'finalize', 'token'})
"""What can be written, but not read."""

_VERBS: dict[tuple[str, bool, str | None], Verb] = {
    ('POST', False, None): writing.create,
    ('PUT', True, None): writing.replace,
    ('PUT', True, 'status'): writing.replace,
    ('PUT', True, 'finalize'): writing.replace,
    ('PATCH', True, None): patching.patch,
    ('PATCH', True, 'status'): patching.patch,
    ('DELETE', True, None): deleting.delete,
    ('DELETE', False, None): deleting.delete_collection,
}
