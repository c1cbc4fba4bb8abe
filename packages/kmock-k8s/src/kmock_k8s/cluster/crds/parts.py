"""Custom resources in URLs: their subresources, what can be done with them, and what is warned of."""

from kmock_core.values.responses import Answer
from kmock_k8s.cluster.calls import ClusterCall
from kmock_k8s.cluster.crds.definitions import Definition
from kmock_k8s.cluster.crds.kinds import CustomKind
from kmock_k8s.cluster.statuses import bad_request, not_found
from kmock_k8s.errors import KubernetesError

_PARTS = {'GET': 'get', 'PUT': 'update', 'PATCH': 'patch', 'POST': 'create', 'DELETE': 'delete'}
_WRITTEN = frozenset({'GET', 'PUT', 'PATCH'})
_NAMED = frozenset({'PUT', 'PATCH'})


def is_elsewhere(call: ClusterCall, kind: CustomKind) -> bool:
    """Tell if nobody is at a URL: objects in namespaces can only be listed or watched without one."""
    location = call.location
    is_read = location.is_watch or (location.name is None and call.request.method_name in {'GET', 'HEAD'})
    return kind.namespaced and location.namespace is None and not is_read


def demand_part(call: ClusterCall, kind: CustomKind, definition: Definition | None) -> None:
    """Refuse what a kind does not have, and what can't be done with it, or not any more."""
    method, location = call.request.method_name, call.location
    part = location.subresource
    if part is not None and part not in kind.subresources:
        raise not_found(kind.of(location.name or ''))
    verb = _PARTS.get(method, '')
    if (part is not None and method not in _WRITTEN) or not (verb or method == 'HEAD'):
        raise _refuse(kind, f'{verb} is not supported on resources of kind "{kind.of("").qualified}"')
    if location.name is None and method in _NAMED:
        raise bad_request('name must be provided')
    if method == 'POST' and definition is not None and definition.is_terminating:
        raise _refuse(kind, f'{verb} not allowed while custom resource definition is terminating')


def _refuse(kind: CustomKind, message: str) -> KubernetesError:
    return KubernetesError(kind.of('').details, 405, 'MethodNotAllowed', message)


def add_warning(answer: Answer, text: str) -> Answer:
    """An answer that warns of something besides."""
    escaped = text.replace('\\', '\\\\').replace('"', '\\"')
    headers = (('Warning', f'299 - "{escaped}"'), *answer.headers)
    return Answer(answer.status, answer.reason, headers, answer.body)
