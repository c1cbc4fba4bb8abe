"""Which of several versions and groups a Kubernetes server puts first."""

import re
from collections.abc import Iterable

_VERSION = re.compile(r'v([1-9]\d*)(?:(alpha|beta)([1-9]\d*))?')
_STAGES = {None: 0, 'beta': 1, 'alpha': 2}

_BUILT_IN = (
    'apiregistration.k8s.io',
    'apps',
    'events.k8s.io',
    'authentication.k8s.io',
    'authorization.k8s.io',
    'autoscaling',
    'batch',
    'certificates.k8s.io',
    'networking.k8s.io',
    'policy',
    'rbac.authorization.k8s.io',
    'storage.k8s.io',
    'admissionregistration.k8s.io',
    'apiextensions.k8s.io',
    'scheduling.k8s.io',
    'coordination.k8s.io',
    'node.k8s.io',
    'discovery.k8s.io',
    'resource.k8s.io',
    'flowcontrol.apiserver.k8s.io',
)
"""As a Kubernetes 1.36 lists them: clients take ambiguous names like ``kubectl get events`` from the first ones."""

_RANKS = {group: rank for rank, group in enumerate(_BUILT_IN)}


def sort_versions(versions: Iterable[str]) -> list[str]:
    """The versions by priority: ``v2``, ``v1``, ``v1beta2``, ``v1beta1``, ``v1alpha1``, then all others by name.

    It is the order of Kubernetes (CustomResourceDefinitions, "Version priority"); the first one is preferred.
    """
    return sorted(versions, key=_rank_version)


def _rank_version(version: str) -> tuple[int, int, int, str]:
    known = _VERSION.fullmatch(version)
    if known is None:
        return len(_STAGES), 0, 0, version
    major, stage, minor = known.groups()
    return _STAGES[stage], -int(major), -int(minor or 0), version


def sort_groups(groups: Iterable[str]) -> list[str]:
    """The groups in the order of a real server: the built-in ones as they are there, then all others by name."""
    return sorted(groups, key=lambda group: (rank_group(group), group))


def rank_group(group: str) -> int:
    """The rank of a group: that of a built-in one, or the same last one for all others."""
    return _RANKS.get(group, len(_RANKS))
