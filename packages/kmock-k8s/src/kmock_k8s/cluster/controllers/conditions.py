"""The conditions of a namespace that goes: what is left in it, and what holds that."""

from collections.abc import Mapping
from typing import Any

from kmock_k8s.model.encoding import JSONObject

_GOOD = {
    'NamespaceDeletionDiscoveryFailure': ('ResourcesDiscovered', 'All resources successfully discovered'),
    'NamespaceDeletionGroupVersionParsingFailure': (
        'ParsedGroupVersions',
        'All legacy kube types successfully parsed',
    ),
    'NamespaceDeletionContentFailure': (
        'ContentDeleted',
        'All content successfully deleted, may be waiting on finalization',
    ),
    'NamespaceContentRemaining': ('ContentRemoved', 'All content successfully removed'),
    'NamespaceFinalizersRemaining': ('ContentHasNoFinalizers', 'All content-preserving finalizers finished'),
}
"""The reasons and the messages where nothing is left."""


def conditions_after(
    known: list[JSONObject], remaining: Mapping[str, int], finalizers: Mapping[str, int], now: str
) -> list[JSONObject]:
    """The conditions after the contents of a namespace were deleted; the times change with the statuses.

    Args:
        known: the conditions as they are.
        remaining: how many objects are left of which resource (``deployments.apps``).
        finalizers: how many of these have which finalizer.
        now: the time.
    """
    bad: dict[str, tuple[str, str]] = {}
    if remaining:
        shown = ', '.join(sorted(f'{name} has {count} resource instances' for name, count in remaining.items()))
        bad['NamespaceContentRemaining'] = ('SomeResourcesRemain', f'Some resources are remaining: {shown}')
    if finalizers:
        shown = ', '.join(sorted(f'{name} in {count} resource instances' for name, count in finalizers.items()))
        message = f'Some content in the namespace has finalizers remaining: {shown}'
        bad['NamespaceFinalizersRemaining'] = ('SomeFinalizersRemain', message)
    before: dict[Any, JSONObject] = {one.get('type'): one for one in known}
    for name, good in _GOOD.items():
        status = 'True' if name in bad else 'False'
        reason, message = bad.get(name, good)
        last = before.get(name, {})
        since = last.get('lastTransitionTime') if last.get('status') == status else now
        before[name] = {
            'type': name,
            'status': status,
            'lastTransitionTime': since or now,
            'reason': reason,
            'message': message,
        }
    return [*before.values()]
