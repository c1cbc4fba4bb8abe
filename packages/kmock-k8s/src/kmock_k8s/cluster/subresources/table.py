"""What is done at the URLs of subresources."""

from collections.abc import Callable, Mapping
from typing import NoReturn, TypeAlias

from kmock_core.values.responses import Answer
from kmock_k8s.api.calls import Call
from kmock_k8s.cluster import creating, patching, updating
from kmock_k8s.cluster.backend import Backend
from kmock_k8s.cluster.kinds import Kind
from kmock_k8s.cluster.subresources.bindings import bind, create_binding
from kmock_k8s.cluster.subresources.connecting import connect
from kmock_k8s.cluster.subresources.evictions import evict
from kmock_k8s.cluster.subresources.logs import read_log
from kmock_k8s.cluster.subresources.scales import get_scale, patch_scale, replace_scale
from kmock_k8s.cluster.subresources.tokens import create_token
from kmock_k8s.cluster.writing import load
from kmock_k8s.errors import KubernetesError

_REVIEWED = frozenset({'authentication.k8s.io', 'authorization.k8s.io'})
"""The groups with kinds that are only answered."""

Verb: TypeAlias = Callable[[Call, Kind, Backend], Answer]


def _reach_nobody(call: Call, kind: Kind, backend: Backend) -> NoReturn:
    """Nothing runs behind the objects: a rule of the test may answer in its place."""
    with backend.store.lock:
        load(kind, call.key, backend)
    message = f'error trying to reach service: nothing runs in the {kind.name.lower()} "{call.location.name}"'
    raise KubernetesError(status=503, reason='ServiceUnavailable', message=message)


def create(call: Call, kind: Kind, backend: Backend) -> Answer:
    """POST to a collection: create an object; or what is done instead, where nothing is kept."""
    if kind.name == 'Binding' and not kind.group:
        return create_binding(call, kind, backend)
    if kind.group in _REVIEWED:
        from kmock_k8s.cluster.access.reviews import review  # few tests need it

        return review(call, kind, backend)
    return creating.create(call, kind, backend)


PARTS: Mapping[tuple[str, str], Verb] = {
    ('GET', 'scale'): get_scale,
    ('PUT', 'scale'): replace_scale,
    ('PATCH', 'scale'): patch_scale,
    ('POST', 'binding'): bind,
    ('POST', 'eviction'): evict,
    ('POST', 'token'): create_token,
    ('GET', 'log'): read_log,
    ('PUT', 'ephemeralcontainers'): updating.replace,
    ('PATCH', 'ephemeralcontainers'): patching.patch,
    ('PUT', 'resize'): updating.replace,
    ('PATCH', 'resize'): patching.patch,
    ('PUT', 'approval'): updating.replace,
    ('PATCH', 'approval'): patching.patch,
    **{(method, 'proxy'): _reach_nobody for method in ('GET', 'POST', 'PUT', 'PATCH', 'DELETE')},
    **{(method, part): connect for method in ('GET', 'POST') for part in ('exec', 'attach', 'portforward')},
}
"""What is done by the method and by the name of the subresource."""
