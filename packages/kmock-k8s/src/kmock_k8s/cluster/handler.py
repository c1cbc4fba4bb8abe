"""The cluster: a server that does what a real API server does."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import cached_property
from os import PathLike
from typing import TYPE_CHECKING, Any

import attrs

from kmock_core import Request
from kmock_core.errors import UnmatchedRequestError
from kmock_core.values.responses import Answer
from kmock_k8s.api.precedence import sort_versions
from kmock_k8s.cluster.access.users import UserNotation
from kmock_k8s.cluster.backend import Backend, answer, no_such_page
from kmock_k8s.cluster.calls import ClusterCall
from kmock_k8s.cluster.controllers.manager import Controllers
from kmock_k8s.cluster.conversions.kinds import ConvertedCall, ConvertedKind
from kmock_k8s.cluster.conversions.table import CONVERTED
from kmock_k8s.cluster.crds.calls import CustomCall
from kmock_k8s.cluster.crds.declared import declare
from kmock_k8s.cluster.crds.kinds import CustomKind
from kmock_k8s.cluster.crds.parts import add_warning, demand_part, is_elsewhere
from kmock_k8s.cluster.crds.registry import Registry
from kmock_k8s.cluster.creating import insert_namespace
from kmock_k8s.cluster.deadlines import check_timeout
from kmock_k8s.cluster.discovery import Discovery, imitated_version
from kmock_k8s.cluster.kinds import Kind
from kmock_k8s.cluster.loading import Loader
from kmock_k8s.cluster.logs import Logs
from kmock_k8s.cluster.paging import Paging
from kmock_k8s.cluster.representing.answers import represent_error
from kmock_k8s.cluster.representing.compressing import compress, is_big
from kmock_k8s.cluster.routing import Router
from kmock_k8s.cluster.stamping import STAMPED, complete
from kmock_k8s.cluster.statuses import bad_request, no_such_resource
from kmock_k8s.cluster.versions import VersionedStore
from kmock_k8s.errors import KubernetesError, ResourceNotationError
from kmock_k8s.manifests.reading import Manifest, ManifestSource
from kmock_k8s.model.encoding import JSONObject, encode
from kmock_k8s.model.info import ResourceInfo
from kmock_k8s.model.keys import ObjectKey
from kmock_k8s.model.resources import resource
from kmock_k8s.model.urls import is_below_subresource, locate
from kmock_k8s.objects.arrays import ObjectsArray
from kmock_k8s.objects.single import Object
from kmock_k8s.stateful import StatefulHandler
from kmock_k8s.store.spi import StoreOptions
from kmock_k8s.store.states import Snapshot

if TYPE_CHECKING:
    from kmock_k8s.openapi.serving import Documents

NAMESPACES = ('default', 'kube-system', 'kube-public', 'kube-node-lease')
"""The namespaces that are there from the start."""


def _one_of(*known: str | None) -> Callable[[object, 'attrs.Attribute[Any]', object], None]:
    """A validator of an option: it has one of these values."""
    *others, last = map(repr, known)
    shown = f'{", ".join(others)} or {last}'

    def check(_: object, attribute: 'attrs.Attribute[Any]', value: object) -> None:
        if value not in known:
            raise ValueError(f'{attribute.name} is {shown}, not {value!r}')

    return check


@attrs.define(slots=False, eq=False, repr=False, kw_only=True)
class KubernetesCluster(StatefulHandler):
    """A server that does with objects what a real API server does, for clients that could not tell them apart.

    The rules of the test come first; a rule that answers replaces the operation: nothing is stored.

    Args:
        namespaces: ``'strict'``: namespaces must exist before something is created in them, as in a real cluster;
            ``'auto'``: they come to be by themselves.
        tokens: the users by the bearer tokens that they show: ``{'admin-token': ['system:masters'],
            'nobody-token': []}`` gives their groups; a text is a username; ``{'username': 'jane', 'uid': '1',
            'groups': ['developers'], 'extra': {}}`` is a whole user. None: whoever asks may do everything, whatever
            token they show.
        authorization: what users may do who are not in the group ``system:masters``. None: what everybody may do in a
            real cluster, such as discovery; ``'rbac'``: besides, what the roles in the store say; ``'always'``: all.
        clock: the time of the server.
        controllers: whether what the controllers of a real cluster do is done, before the request that causes it is
            answered: garbage collection by ``ownerReferences``, namespaces that empty themselves, and cluster roles
            that are made of others. False: a bare API server, as in envtest.
        store: where the objects are kept: the name of a store that is installed, or a factory of stores. By default,
            in memory.
        version: what ``/version`` tells, by default that of the Kubernetes which is imitated.
    """

    namespaces: str = attrs.field(default='strict', validator=_one_of('strict', 'auto'))
    tokens: Mapping[str, UserNotation] | None = attrs.field(default=None, on_setattr=attrs.setters.frozen)
    authorization: str | None = attrs.field(
        default=None, validator=_one_of(None, 'rbac', 'always'), on_setattr=attrs.setters.frozen
    )
    clock: Callable[[], datetime] = attrs.field(default=lambda: datetime.now(UTC))
    controllers: bool = True
    version: Mapping[str, Any] = attrs.field(factory=imitated_version)
    _kinds: dict[resource, Kind] = attrs.field(factory=dict[resource, Kind], init=False)
    _backend: Backend = attrs.field(init=False)
    _paging: Paging = attrs.field(factory=Paging, init=False)
    _router: Router = attrs.field(init=False)
    _registry: Registry = attrs.field(init=False)
    _controllers: Controllers | None = attrs.field(default=None, init=False)
    _is_guarded: bool = attrs.field(default=False, init=False)

    def __attrs_post_init__(self) -> None:
        super().__attrs_post_init__()
        self._backend = Backend(
            self._store,
            self._find_kind,
            lambda: self.clock(),
            auto_namespaces=self.namespaces == 'auto',
            tokens=self.tokens,
            authorization=self.authorization,
        )
        self._is_guarded = self.tokens is not None or self.authorization is not None
        self.objects: ObjectsArray = ObjectsArray(
            VersionedStore(self._store, self._find_kind), self.known_resources, self._complete, self._choose_version
        )
        self._router = Router(self._backend, self._paging, self._watches)
        self._registry = Registry(self._backend, self.resources, self._kinds, self._watches)
        if self.controllers:
            self._controllers = Controllers(self._backend, self.resources, self._kinds)
        self._fill()

    @property
    def _store_options(self) -> StoreOptions:
        return STAMPED

    def _complete(self, key: ObjectKey, content: JSONObject, before: JSONObject | None) -> JSONObject:
        one = key.resource
        if self._find_kind(one) is None and self._is_builtin(one.key[0]):
            advice = f"type its plural, as 'v1/pods', or declare it: kmock.resources[{str(one)!r}] = {{}}"
            raise ResourceNotationError(f'{one} is not served by the cluster: {advice}', one)
        return complete(key, content, before, self._backend)

    def _choose_version(self, found: Sequence[resource]) -> resource | None:
        """The preferred one of several versions of a resource: their objects are the same."""
        kept = {None if kind is None else kind.resource for kind in map(self._find_kind, found)}
        stored = kept.pop()
        if kept or stored is None:
            return None
        known = [one for one in found if one.key[0] == stored.key[0]] or found
        best = sort_versions(one.key[1] for one in known)[0]
        return next(one for one in known if one.key[1] == best)

    def _fill(self) -> None:
        self.resources.load_bundled()
        with self._store.lock:
            for name in NAMESPACES:
                insert_namespace(name, self._backend)
            if self._is_guarded:
                self._backend.access.fill()
        self.checkpoint()

    def _find_kind(self, one: resource) -> Kind | None:
        found = self._kinds.get(one)
        if found is None and one in self.resources:
            if one in CONVERTED:
                converted, stored = CONVERTED[one]
                found = converted(one, self.resources[one], stored)
            else:
                found = Kind(one, self.resources[one])
                if not found.is_builtin:
                    found = declare(one, self.resources[one])
            self._kinds[one] = found
        return found

    def known_resources(self) -> Mapping[resource, ResourceInfo]:
        """All that are told of, in the order of their definition."""
        return self._registry.describe(super().known_resources())

    def _iterate_implied(self) -> Iterator[resource]:
        return iter(())  # not what rules name or what has been in the store: nobody serves it before it is defined

    # ---- Loading ----

    def prepare_serving(self) -> None:
        """Nothing has to be prepared for ``kmock serve``: the resources of a current Kubernetes are there."""

    def load(self, *sources: ManifestSource) -> list[Object]:
        """Let objects be as manifests say, as ``kubectl apply --server-side --force-conflicts`` would do it.

        ``cluster.load('deploy/', {'apiVersion': 'v1', 'kind': 'ConfigMap', …}, Path('crds.yaml'))`` returns the objects
        in the order they are given in. It can be called at any time, from any thread; it is no request, so that no rule
        sees it.

        Objects that are not there yet are created: checked, defaulted, with metadata; fields that the server does not
        know are refused. In those that are there, the fields of the manifest are set, and the fields that an earlier
        manifest has set and this one has not are removed; all others stay. If nothing is new, nothing happens: the same
        files can be loaded any number of times. A manifest with only a ``generateName`` is a new object each time.

        Unlike with kubectl, a status in a manifest is set too, as by a controller: nodes that are ready, pods that run.
        What only a server says, in files that were written by ``kubectl get -o yaml``, is left out: the ``uid``, the
        ``resourceVersion`` and the like.

        Namespaces are made first, then the definitions of custom resources, then the rest as it comes. An object of a
        namespaced resource that names no namespace becomes one of ``default``. It is all or nothing; what was made
        before an error is taken back, and all watches end then.

        Args:
            sources: paths of files (YAML or JSON, with any number of documents) and of folders (all their ``*.yaml``,
                ``*.yml`` and ``*.json``, at any depth, in the order of names); objects as dictionaries, also lists of
                the API; iterables of all these, such as that of ``yaml.safe_load_all(text)``.

        Raises:
            ManifestError: something is no object, or of no known kind, or the server refuses it; the message says where
                it is written, and why.
            OSError: a file can't be read.
        """
        return super().load(*sources)

    def _store_manifests(self, manifests: list[Manifest]) -> list[ObjectKey]:
        with self._store.lock:
            before, revision = self._store.snapshot(), self._store.revision
            try:
                return [*Loader(self._answer_itself, self._find_kind, self.resources).load(manifests)]
            except BaseException:
                if self._store.revision != revision:
                    self.restore(before)
                raise

    # ---- Serving ----

    @staticmethod
    def read_tokens(path: str | PathLike[str], /) -> dict[str, dict[str, Any]]:
        """The users of a file, for `tokens`: in each line ``token,user,uid,"group1,group2"``, as Kubernetes has it.

        Raises:
            ValueError: it is no such file; the message says in which line.
            OSError: it can't be read.
        """
        from kmock_k8s.cluster.access.files import read_token_file  # few have such a file

        return read_token_file(path)

    @property
    def default_token(self) -> str | None:
        """The token of clients that are not told which to show: of somebody who may do everything, if there is one."""
        return super().default_token if self.tokens is None else self._backend.access.first_token

    def _answer_builtin(self, request: Request, /) -> Answer | None:
        try:
            if 'timeout=' in request.target:
                check_timeout(request)
            if self._is_guarded:
                self._backend.access.admit(request)
            found = self._answer(request)
        except KubernetesError as exc:
            return self._decline(request, exc)
        except RecursionError:
            return self._decline(request, bad_request('exceeded max depth'))
        return found if found is None or not is_big(found) else compress(request, found)

    def describe_builtin(self, request: Request, /) -> str | None:
        """Which built-in behaviour is for a request, in a few words, and why it was refused; None if there is none."""
        told = super().describe_builtin(request)
        if told is None and request.id in self._refusals:
            return f'refused: {self._refusals[request.id]}'
        return told

    def _answer_itself(self, request: Request) -> Answer | None:
        """Answer a request of the server itself, which may do everything."""
        return self._answer_builtin(self._backend.access.trust(request) if self._is_guarded else request)

    def _answer(self, request: Request) -> Answer | None:
        location = locate(request.target)
        one = location.resource
        if one is None:
            if (
                request.target.startswith('/openapi/')
                and request.method_name in _READING
                and (told := self._documents.find(request)) is not None
            ):
                return told
            found = self._discovery.find(request)
            if found is None and self._is_inside(request.target):
                raise no_such_resource()
            return found
        kind = self._find_kind(one)
        if kind is None or (location.namespace is not None and not kind.namespaced):
            if self._is_custom(one, kind):
                self._note_refusal(request, 'no such resource')
                return no_such_page()
            raise no_such_resource()
        if isinstance(kind, CustomKind):
            return self._answer_custom(CustomCall(request, location, kind, self.resources), kind)
        part = location.subresource
        if part is not None and (
            part not in kind.subresources or (part != 'proxy' and is_below_subresource(request.target, location))
        ):
            raise no_such_resource()
        if isinstance(kind, ConvertedKind):
            return self._router.serve(ConvertedCall(request, location, kind, self.resources), kind)
        found = self._router.serve(ClusterCall(request, location, one, self.resources), kind)
        return found if kind.deprecation is None else add_warning(found, kind.deprecation)

    def _is_custom(self, one: resource, kind: Kind | None) -> bool:
        """Tell if nothing is there at a URL, or would be there only if somebody defined it."""
        if kind is not None:
            return not kind.is_builtin
        return not self._is_builtin(one.key[0])

    def _is_inside(self, target: str) -> bool:
        """Tell if a URL is below that of a built-in group, whatever it may mean there."""
        match target.partition('?')[0].split('/'):
            case ['', 'api', _, *_]:
                return self._is_builtin('')
            case ['', 'apis', group, _, *_] if group:
                return self._is_builtin(group)
            case _:
                return False

    def _is_builtin(self, group: str) -> bool:
        return any(
            known.key[0] == group and not isinstance(self._find_kind(known), CustomKind) for known in self.resources
        )

    def _answer_custom(self, call: CustomCall, kind: CustomKind) -> Answer:
        if is_elsewhere(call, kind):
            return no_such_page()
        try:
            demand_part(call, kind, self._registry.find(kind))
            found = self._router.serve(call, kind)
        except KubernetesError as exc:
            found = self._decline(call.request, exc)
        return found if kind.deprecation is None else add_warning(found, kind.deprecation)

    @cached_property
    def _documents(self) -> 'Documents':
        # Most tests never ask for them.
        from kmock_k8s.cluster.publishing import publish
        from kmock_k8s.openapi.serving import Documents

        return Documents(self.known_resources, lambda one: publish(self._find_kind(one)), lambda: self.version)

    @cached_property
    def _discovery(self) -> Discovery:
        return Discovery(self.known_resources, lambda: self.version, self._count_objects)

    def _count_objects(self) -> list[tuple[resource, int]]:
        return [(one, self._store.count(one)) for one in self._store.resources()]

    @property
    def pod_logs(self) -> Logs:
        """What the containers of pods have written; nothing, until it is set.

        ``kmock.pod_logs['default', 'web'] = 'started'``: the namespace, the name, and perhaps the container. What is
        added by ``+=`` reaches the clients that follow the log, until the pod has finished or is gone, or until
        ``kmock.pod_logs.end('default', 'web')``. ``kmock.pod_logs.previous`` is from before the last restart.
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
            self._backend.logs.end()
            for one in [one for one in self._kinds if one not in self.resources]:
                del self._kinds[one]
            self._backend.allocations.clear()
            if self._is_guarded:
                self._backend.access.reload()
            self._registry.reload()
            if self._controllers is not None:
                self._controllers.reload()

    def _decline(self, request: Request, error: KubernetesError) -> Answer:
        self._note_refusal(request, str(error))
        headers: dict[str, Any] = {**getattr(error, 'headers', {})}
        after = (error.details or {}).get('retryAfterSeconds')
        if after:
            headers['Retry-After'] = str(after)
        found = answer(encode(error.as_status()), error.status, getattr(error, 'warnings', ()), headers)
        return represent_error(request, found)

    async def _render_error(self, exc: Exception) -> Any:
        """Answer an error; where no rule is for a request and nothing is built in, as a real server does."""
        return no_such_page() if isinstance(exc, UnmatchedRequestError) else await super()._render_error(exc)


_READING = frozenset({'GET', 'HEAD'})
