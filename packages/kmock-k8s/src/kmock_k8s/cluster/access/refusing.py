"""The errors about who asks, and about what they may do (``endpoints/handlers/responsewriters``)."""

from collections.abc import Mapping

from kmock_k8s.cluster.access.attributes import Attributes
from kmock_k8s.cluster.access.users import User
from kmock_k8s.cluster.statuses import Named, show
from kmock_k8s.errors import KubernetesError


class ForbiddenError(KubernetesError):
    """Somebody may not do something."""

    headers: Mapping[str, str] = {'X-Content-Type-Options': 'nosniff'}
    """What the answer has besides."""


def unauthorized() -> KubernetesError:
    """It is not known who asks: what was shown says nothing to the server."""
    return KubernetesError(status=401, reason='Unauthorized', message='Unauthorized')


def forbid(user: User, wanted: Attributes, reason: str = '') -> ForbiddenError:
    """The error that tells somebody what they may not do."""
    why = _describe(user, wanted) + (f': {reason}' if reason else '')
    if not wanted.resource:
        return ForbiddenError({}, 403, 'Forbidden', f'forbidden: {why}')
    named = Named(wanted.group, wanted.resource, wanted.name)
    shown = f'{named.qualified} {show(wanted.name)}' if wanted.name else named.qualified
    return ForbiddenError(named.details, 403, 'Forbidden', f'{shown} is forbidden: {why}')


def _describe(user: User, wanted: Attributes) -> str:
    if wanted.path is not None:
        return f'User {show(user.name)} cannot {wanted.verb} path {show(wanted.path)}'
    resource, group = show(wanted.whole_resource), show(wanted.group)
    where = f'in the namespace {show(wanted.namespace)}' if wanted.namespace else 'at the cluster scope'
    return f'User {show(user.name)} cannot {wanted.verb} resource {resource} in API group {group} {where}'
