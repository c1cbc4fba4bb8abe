"""What is done at the URLs of subresources."""

from collections.abc import Callable, Mapping
from typing import NoReturn, TypeAlias

from kmock_core.values.responses import Answer
from kmock_k8s.api.calls import Call
from kmock_k8s.cluster import patching, writing
from kmock_k8s.cluster.backend import Backend
from kmock_k8s.cluster.kinds import Kind
from kmock_k8s.cluster.statuses import bad_request
from kmock_k8s.cluster.subresources.bindings import bind
from kmock_k8s.cluster.subresources.evictions import evict
from kmock_k8s.cluster.subresources.logs import read_log
from kmock_k8s.cluster.subresources.scales import get_scale, patch_scale, replace_scale
from kmock_k8s.cluster.subresources.tokens import create_token

Verb: TypeAlias = Callable[[Call, Kind, Backend], Answer]


def _demand_upgrade(call: Call, kind: Kind, backend: Backend) -> NoReturn:
    """What goes on in containers is no matter of an API server."""
    raise bad_request('Upgrade request required')


PARTS: Mapping[tuple[str, str], Verb] = {
    ('GET', 'scale'): get_scale,
    ('PUT', 'scale'): replace_scale,
    ('PATCH', 'scale'): patch_scale,
    ('POST', 'binding'): bind,
    ('POST', 'eviction'): evict,
    ('POST', 'token'): create_token,
    ('GET', 'log'): read_log,
    ('PUT', 'ephemeralcontainers'): writing.replace,
    ('PATCH', 'ephemeralcontainers'): patching.patch,
    ('PUT', 'resize'): writing.replace,
    ('PATCH', 'resize'): patching.patch,
    ('PUT', 'approval'): writing.replace,
    ('PATCH', 'approval'): patching.patch,
    **{(method, part): _demand_upgrade for method in ('GET', 'POST') for part in ('exec', 'attach', 'portforward')},
}
"""What is done by the method and by the name of the subresource."""
