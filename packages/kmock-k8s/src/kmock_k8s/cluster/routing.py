"""Which verb answers a request: by its method, by whether it names an object, by the part of that."""

from collections.abc import Mapping

from kmock_core.values.responses import Answer
from kmock_k8s.api.streams import Watches
from kmock_k8s.api.watching import watch
from kmock_k8s.cluster import deleting, patching, reading, updating
from kmock_k8s.cluster.backend import Backend
from kmock_k8s.cluster.calls import ClusterCall
from kmock_k8s.cluster.kinds import Kind
from kmock_k8s.cluster.negotiating import check_accept
from kmock_k8s.cluster.paging import Paging
from kmock_k8s.cluster.statuses import no_such_resource, not_allowed
from kmock_k8s.cluster.subresources import PARTS, create
from kmock_k8s.cluster.subresources.table import Verb


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
        if location.is_watch and (part is not None or not kind.is_watched):
            raise no_such_resource()
        check_accept(request, named=location.name is not None and not location.is_watch, watching=call.is_watch)
        if part is None and kind.missing and _verb_of(method, location.name) in kind.missing:
            raise not_allowed()
        if part is not None and (found := PARTS.get((method, part))) is not None:
            return found(call, kind, self._backend)
        if method == 'GET':
            if part in _WRITTEN:
                raise not_allowed()
            if call.is_watch:
                return watch(call, self._backend.store, self._watches, patient=True)
            if location.name is not None:
                return reading.get(call, kind, self._backend)
            return reading.list_objects(call, kind, self._backend, self._paging)
        verb = _VERBS.get((method, location.name is not None, part))
        if verb is None or location.is_watch or (kind.namespaced and location.namespace is None):
            raise not_allowed()
        return verb(call, kind, self._backend)


def _verb_of(method: str, name: str | None) -> str:
    """What a request does, in the words of discovery."""
    if method == 'GET':
        return 'list' if name is None else 'get'
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
