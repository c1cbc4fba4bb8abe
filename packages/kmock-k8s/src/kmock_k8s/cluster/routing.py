"""Which verb answers a request: by its method, by whether it names an object, by the part of that."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from kmock_core.values.responses import Answer
from kmock_k8s.api.sockets import upgrade_watch
from kmock_k8s.api.streams import Watches
from kmock_k8s.api.watching import watch
from kmock_k8s.cluster import deleting, patching, reading, updating
from kmock_k8s.cluster.backend import Backend
from kmock_k8s.cluster.calls import ClusterCall
from kmock_k8s.cluster.kinds import Kind
from kmock_k8s.cluster.paging import Paging
from kmock_k8s.cluster.representing.choosing import LOGGED, MEDIA, STREAMED, is_plain
from kmock_k8s.cluster.statuses import no_such_resource, not_allowed, too_long
from kmock_k8s.cluster.subresources import PARTS, create
from kmock_k8s.cluster.subresources.table import Verb
from kmock_k8s.model.urls import Location

if TYPE_CHECKING:
    from kmock_k8s.cluster.representing.negotiating import Representation

MAX_BODY = 3_145_728
"""How many bytes the body of a request may have: as with a real server (``MaxRequestBodyBytes``)."""


class Router:
    """The way from a request to its verb.

    Args:
        backend: what the verbs work with.
        paging: the lists that are read in pages.
        watches: the open watches.
    """

    def __init__(self, backend: Backend, paging: Paging, watches: Watches) -> None:
        self._backend = backend
        self._paging = paging
        self._watches = watches

    def serve(self, call: ClusterCall, kind: Kind) -> Answer:
        """Answer a request about a resource that is served.

        Raises:
            KubernetesError: there is nothing at this URL, or the method means nothing there; or the verb refuses.
        """
        request, location = call.request, call.location
        part = location.subresource
        method = request.method_name
        if kind.namespaced and location.namespace is None and location.name is not None:
            raise no_such_resource()
        if kind.missing and _is_nowhere(location, kind):
            raise no_such_resource()
        if location.is_watch and (part is not None or not kind.is_watched):
            raise no_such_resource()
        if is_plain(request) or part in _CONNECTED:
            return self._do(call, kind)
        from kmock_k8s.cluster.representing.negotiating import negotiate  # most tests never need it

        streams = method == 'GET' and (location.is_watch or location.name is None)
        produced = STREAMED if streams else LOGGED if part == 'log' else MEDIA
        shown = negotiate(request, kind, self._backend.clock, produced, watching=call.is_watch)
        if shown is None:
            return self._do(call, kind)
        found = self._do(call, kind, shown)
        is_list = method == 'GET' and location.name is None
        return found if call.is_watch else shown.represent(found, is_turned=is_list)

    def _do(self, call: ClusterCall, kind: Kind, shown: 'Representation | None' = None) -> Answer:
        request, location = call.request, call.location
        part, method = location.subresource, request.method_name
        if part is None and kind.missing and _verb_of(method, location.name) in kind.missing:
            raise not_allowed()
        if len(request.body) > MAX_BODY:
            raise too_long(MAX_BODY)
        if part is not None and (found := PARTS.get((method, part))) is not None:
            return found(call, kind, self._backend)
        if method == 'GET':
            if part in _WRITTEN:
                raise not_allowed()
            if call.is_watch:
                seen = None if shown is None else shown.watched
                return upgrade_watch(
                    request, lambda: watch(call, self._backend.store, self._watches, patient=True, view=seen)
                )
            if location.name is not None:
                return reading.get(call, kind, self._backend)
            view = None if shown is None else shown.view
            return reading.list_objects(call, kind, self._backend, self._paging, view)
        verb = _VERBS.get((method, location.name is not None, part))
        if verb is None or location.is_watch or (kind.namespaced and location.namespace is None):
            raise not_allowed()
        return verb(call, kind, self._backend)


_CONNECTED = frozenset({'attach', 'exec', 'portforward', 'proxy'})
"""What is answered as whoever is behind it does."""

_OF_OBJECTS = frozenset({'get', 'update', 'patch', 'delete'})
"""What is done at the URLs of single objects."""


def _is_nowhere(location: Location, kind: Kind) -> bool:
    """Tell if objects that are only created, and never kept, would have to be at a URL."""
    is_outside = kind.namespaced and location.namespace is None
    return kind.missing >= _OF_OBJECTS and (location.name is not None or is_outside)


def _verb_of(method: str, name: str | None) -> str:
    """What a request does, in the words of discovery."""
    if method == 'GET':
        return 'list' if name is None else 'get'
    if method == 'DELETE' and name is None:
        return 'deletecollection'
    return {'POST': 'create', 'PUT': 'update', 'PATCH': 'patch', 'DELETE': 'delete'}.get(method, '')


_WRITTEN = frozenset({'binding', 'eviction', 'finalize', 'token'})
"""What can be written, but not read."""

_VERBS: Mapping[tuple[str, bool, str | None], Verb] = {
    ('POST', False, None): create,
    ('PUT', True, None): updating.replace,
    ('PUT', True, 'status'): updating.replace,
    ('PUT', True, 'finalize'): updating.replace,
    ('PATCH', True, None): patching.patch,
    ('PATCH', True, 'status'): patching.patch,
    ('DELETE', True, None): deleting.delete,
    ('DELETE', False, None): deleting.delete_collection,
}
