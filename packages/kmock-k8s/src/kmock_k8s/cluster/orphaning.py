"""The kinds that leave orphans when nothing is said of what they own: as they did before there was a choice."""

from typing import Any

from kmock_k8s.cluster.kinds import Kind
from kmock_k8s.model.encoding import JSONObject

_KINDS = frozenset({('batch', 'Job'), ('', 'ReplicationController')})
_PRESERVED = (
    'child pods are preserved by default when jobs are deleted; set propagationPolicy=Background to remove them or set '
    'propagationPolicy=Orphan to suppress this warning'
)


def choose_policy(kind: Kind, live: JSONObject, policy: str | None) -> str | None:
    """The policy by which an object is deleted; what it is held by says more than its kind."""
    if policy is not None or (kind.group, kind.name) not in _KINDS:
        return policy
    finalizers: Any = live['metadata'].get('finalizers') or ()
    return None if 'foregroundDeletion' in finalizers else 'Orphan'


def warn_of_deletion(kind: Kind, policy: str | None) -> list[str]:
    """What to warn of if an object is deleted by a policy, or without one."""
    return [_PRESERVED] if policy is None and (kind.group, kind.name) == ('batch', 'Job') else []
