"""Owners that are named twice: they are taken once, with a warning."""

from typing import Any, cast

from kmock_k8s.model.encoding import JSONObject

_TWICE = (
    '.metadata.ownerReferences contains duplicate entries{when}; API server dedups owner references in 1.20+, and may '
    'reject such requests as early as 1.24{advice}; duplicate UID(s) observed: {uids}'
)


def name_owners_once(metadata: JSONObject, *, patched: bool = False) -> list[str]:
    """Let the metadata of an object, which is the caller's own, name each owner once; with what to warn of.

    Args:
        metadata: the metadata; only its list of owners is replaced.
        patched: whether it comes of a patch: that is seen later than what is sent as a whole.
    """
    given: Any = metadata.get('ownerReferences')
    owners = cast('list[JSONObject]', given) if isinstance(given, list) else []
    if len(owners) < 2:
        return []
    once: list[JSONObject] = []
    twice: list[str] = []
    for owner in owners:
        if owner in once:
            twice.append(str(owner.get('uid') or ''))
        else:
            once.append(owner)
    if not twice:
        return []
    metadata['ownerReferences'] = once
    when, advice = (' after mutating admission happens', '') if patched else ('', '; please fix your requests')
    return [_TWICE.format(when=when, advice=advice, uids=', '.join(twice))]
