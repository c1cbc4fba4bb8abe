"""The scaffold of a Kubernetes API: what clients ask for before they ask for objects."""

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

import attrs

from kmock_core import RawHandler, Request
from kmock_core.errors import UnmatchedRequestError
from kmock_core.handlers.raw import describe_error
from kmock_core.rendering.outcomes import Outcome
from kmock_core.rendering.playing import StreamWriter
from kmock_core.values.responses import Answer
from kmock_core.views.reactions import Reaction
from kmock_k8s.api.discovery import default_version, find_document
from kmock_k8s.api.mentions import mentioned_resources
from kmock_k8s.errors import (
    KubernetesEndpointNotFoundError,
    KubernetesError,
    KubernetesResourceNotFoundError,
)
from kmock_k8s.facet import KubernetesFacet
from kmock_k8s.model.actions import WATCH
from kmock_k8s.model.encoding import encode
from kmock_k8s.model.info import ResourceInfo
from kmock_k8s.model.known import ResourcesArray
from kmock_k8s.model.resources import resource
from kmock_k8s.names import KubernetesNames
from kmock_k8s.requests import KubernetesRequest
from kmock_k8s.serving import ServesClients
from kmock_k8s.store.states import encode_event


@attrs.define(slots=False, eq=False, repr=False, kw_only=True)
class KubernetesScaffold(KubernetesNames, ServesClients, RawHandler[KubernetesRequest]):
    """A server of the Kubernetes API with no objects: it tells of its resources and of its version.

    All else is up to the rules of the test; what they don't answer is a 404 ``Status`` that says what to declare. The
    rules come first here too: they can answer any URL of the API in another way.

    Args:
        version: what ``/version`` tells, by default that of the Kubernetes which `ResourcesArray.load_bundled` is of.
    """

    request_type: ClassVar[type[Request]] = KubernetesRequest

    version: Mapping[str, Any] = attrs.field(factory=default_version)
    resources: ResourcesArray = attrs.field(factory=ResourcesArray, init=False)
    """The resources that are told of, besides those that rules have in full."""
    _lasting_resources: ResourcesArray | None = attrs.field(default=None, init=False)
    _refusals: dict[int, str] = attrs.field(factory=dict[int, str], init=False)
    """Why requests were not done, by their numbers."""

    def known_resources(self) -> Mapping[resource, ResourceInfo]:
        """All that are told of, in the order of their definition: those declared, then those of rules."""
        known = dict(self.resources.items())
        for one in self._iterate_implied():
            known.setdefault(one, ResourceInfo())
        return known

    def _iterate_implied(self) -> Iterator[resource]:
        """The resources that are known without being declared."""
        for rule in self.rules:
            yield from mentioned_resources(rule.source)

    def _knows(self, one: resource) -> bool:
        return one in self.resources or any(one == known for known in self._iterate_implied())

    # ---- Serving ----

    def describe_builtin(self, request: Request, /) -> str | None:
        """Which built-in behaviour is for a request, in a few words; None if there is none."""
        facet = request.facet(KubernetesFacet)
        if facet.resource is None:
            return self._tell('discovery', request) if request.method_name in {'GET', 'HEAD'} else None
        return None

    def _tell(self, what: str, request: Request) -> str:
        refusal = self._refusals.get(request.id)
        return what if refusal is None else f'{what}, refused: {refusal}'

    def _answer_builtin(self, request: Request, /) -> Answer | None:
        if request.method_name not in {'GET', 'HEAD'}:
            return None
        accept = ','.join(request.header_values.get(b'accept', ()))
        return find_document(request.target, self.known_resources, self.version, accept=accept, host=request.host)

    # ---- Errors ----

    def _explain_unmatched(self, request: Request, outcomes: list[tuple[Reaction[Any], Outcome]]) -> str:
        told = super()._explain_unmatched(request, outcomes)
        one = request.facet(KubernetesFacet).resource
        if one is None or self._knows(one):
            return told
        title, _, rest = told.partition('\n')
        hint = f'{one} is not declared. Declare it, e.g. as: kmock.resources[{str(one)!r}] = {{}}'
        return f'{title}\n{hint}\n{rest}'

    async def _answer_meant(self, exc: Exception, request: Request) -> Answer | None:
        if isinstance(exc, KubernetesError):
            self._note_refusal(request, str(exc))
        return await super()._answer_meant(exc, request)

    def _note_refusal(self, request: Request, why: str) -> None:
        if not self._workshop.remembers(request.record):
            return  # it is not of a client, and other locks may be held, that must not wait for this one
        with self._workshop.lock:
            if self._workshop.remembers(request.record):
                self._refusals[request.id] = why.partition('\n')[0]

    async def _render_error(self, exc: Exception) -> Any:
        """Answer an error as a ``Status``, as the clients of the API expect it."""
        return self._status_of(exc).__kmock_payload__()

    async def stream_failed(self, exc: Exception, writer: StreamWriter, /) -> None:
        """Collect and write an error of a started stream; errors of the API in a watch are meant, as elsewhere."""
        if isinstance(exc, KubernetesError) and _is_watched(writer):
            await self._stream_error(exc, writer)
        else:
            await super().stream_failed(exc, writer)

    async def _stream_error(self, exc: Exception, response: StreamWriter) -> None:
        """Write an error into a started stream; into a watch, as its event."""
        if not _is_watched(response):
            await super()._stream_error(exc, response)
            return
        await response.write(encode_event('ERROR', encode(self._status_of(exc).as_status())))

    def _status_of(self, exc: Exception) -> KubernetesError:
        if isinstance(exc, KubernetesError):
            return exc
        if not isinstance(exc, UnmatchedRequestError):
            return KubernetesError(reason='InternalError', message=describe_error(exc).strip())
        one = exc.request.facet(KubernetesFacet).resource
        if one is None or self._knows(one):
            return KubernetesEndpointNotFoundError(message=str(exc))
        return KubernetesResourceNotFoundError(message=str(exc))

    # ---- Forgetting ----

    def checkpoint(self) -> None:
        """Let what was made so far last, the resources too: `reset` goes back to it; see `RawHandler.checkpoint`."""
        super().checkpoint()
        self._lasting_resources = ResourcesArray(self.resources)

    def reset(self) -> None:
        """Forget the requests, and what was made since the last `checkpoint`; see `RawHandler.reset`."""
        try:
            super().reset()
        finally:
            self._refusals.clear()
            self.resources.clear()
            self.resources.update(self._lasting_resources or {})


def _is_watched(stream: StreamWriter) -> bool:
    request = stream.request
    return request is not None and request.facet(KubernetesFacet).action is WATCH
