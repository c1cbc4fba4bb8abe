"""Merge patches (RFC 7386)."""

from typing import Any, cast

from kmock_k8s.model.copying import copy
from kmock_k8s.patching.decoding import too_deep


def merge(target: Any, patch: Any) -> Any:
    """The target after a merge patch: objects are merged at any depth, null removes a key, all else replaces.

    The target is used up: if it is an object, it is changed in place and returned. It has to be the caller's own, such
    as one that was just parsed, and is to be thrown away after an error. The patch is never changed, and shares no
    object and no list with the result; it must not share any with the target.

        >>> merge({'a': {'b': 1, 'c': 2}, 'd': [1]}, {'a': {'b': None}, 'd': [2]})
        {'a': {'c': 2}, 'd': [2]}

    Args:
        target: JSON of any kind, in dictionaries and lists.
        patch: the same. Lists are not merged: they are taken as they are, with the nulls in them.

    Raises:
        KubernetesBadRequestError: the patch is nested too deep.
    """
    try:
        if not isinstance(patch, dict):
            return copy(patch)
        merged = cast('dict[str, Any]', target) if isinstance(target, dict) else {}
        _merge(merged, cast('dict[str, Any]', patch))
    except RecursionError as exc:
        raise too_deep() from exc
    return merged


def _merge(target: dict[str, Any], patch: dict[str, Any]) -> None:
    value: Any
    for key, value in patch.items():
        if value is None:
            target.pop(key, None)
        elif isinstance(value, dict):
            inner: Any = target.get(key)
            if not isinstance(inner, dict):
                inner = target[key] = {}
            _merge(cast('dict[str, Any]', inner), cast('dict[str, Any]', value))
        elif isinstance(value, list):
            target[key] = copy(value)
        else:
            target[key] = value
