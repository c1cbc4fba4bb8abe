"""Strategic merge patches: merge patches that know how the lists of built-in kinds are merged."""

from functools import partial
from typing import Any, Final, cast

from kmock_k8s.errors import KubernetesError
from kmock_k8s.model.copying import copy
from kmock_k8s.model.encoding import JSONObject
from kmock_k8s.patching.decoding import too_deep
from kmock_k8s.patching.directives import (
    DELETE,
    DELETE_FROM,
    DIRECTIVE,
    MERGE,
    REPLACE,
    RETAIN_KEYS,
    SET_ORDER,
    as_list,
    check_alike,
    field_of,
    malformed,
    unknown,
)
from kmock_k8s.patching.lists import arrange, check_order, identify, merge_list
from kmock_k8s.schemas.nodes import Schema

_NOTHING: Final = object()


def merge_strategic(target: JSONObject, patch: JSONObject, schema: Schema) -> JSONObject:
    """The target after a strategic merge patch, as a Kubernetes API server does it.

    Objects are merged, null removes a key, and all else replaces, except for the lists that the schema says are merged:
    by a key of their items, or by the items themselves. What is new in such a list comes first. Fields that the schema
    does not know are merged as by a merge patch. Directives are obeyed where there is something to be patched:

    - ``$patch: replace``, ``$patch: delete`` in an object, or in an item of a list that is merged;
    - ``$retainKeys``: which keys of an object stay;
    - ``$setElementOrder/FIELD``: the order of the items of a list that is merged;
    - ``$deleteFromPrimitiveList/FIELD``: which values are removed from a list.

    In what is new, nulls are left out, and so are the objects with a ``$patch``; other directives stay there: for a
    server, they are unknown fields.

    The target is used up: it is changed in place and most often returned. It has to be the caller's own, such as one
    that was just parsed, and is to be thrown away after an error. The patch is never changed, and shares no object and
    no list with the result; it must not share any with the target.

        >>> from kmock_k8s.schemas import object_meta
        >>> merge_strategic({'finalizers': ['a/b'], 'labels': {'x': '1'}}, {'finalizers': ['c/d']}, object_meta())
        {'finalizers': ['c/d', 'a/b'], 'labels': {'x': '1'}}

    Raises:
        KubernetesBadRequestError: a directive makes no sense, or the patch is nested too deep.
        KubernetesInvalidError: a list that is merged has lists in it.
        KubernetesError: 500, as in the API: a ``$patch`` is unknown; an item of a list that is merged has no key, or
            not the type of the others; the order of items is not that of ``$setElementOrder``.
    """
    try:
        return _merge(schema, target, patch)
    except RecursionError as exc:
        raise too_deep() from exc


def _merge(schema: Schema | None, target: dict[str, Any], patch: dict[str, Any]) -> dict[str, Any]:
    if DIRECTIVE in patch:
        return _replace(patch)
    done = _obey(schema, target, patch) if any(key[:1] == '$' for key in patch) else ()
    value: Any
    for key, value in patch.items():
        if key in done:
            continue
        if value is None:
            target.pop(key, None)
            continue
        current: Any = target.get(key)
        items: list[Any] = current
        patches: list[Any] = value
        if isinstance(value, dict) and isinstance(current, dict):
            field = None if schema is None else schema.child(key)
            if field is not None and REPLACE in field.patch_strategy:
                target[key] = copy(value)
            else:
                target[key] = _merge(field, cast('dict[str, Any]', current), cast('dict[str, Any]', value))
        elif isinstance(value, list) and isinstance(current, list):
            field = None if schema is None else schema.child(key)
            if field is None or MERGE not in field.patch_strategy:
                target[key] = copy(value)
            else:
                target[key] = merge_list(items, patches, field.patch_merge_key, partial(_merge, field.items))
        else:
            _put(target, key, value)
    return target


def _replace(patch: dict[str, Any]) -> dict[str, Any]:
    directive = patch[DIRECTIVE]
    if directive == REPLACE:
        return {key: copy(value) for key, value in patch.items() if key != DIRECTIVE}
    if directive == DELETE:
        return {}
    raise unknown(patch)


def _obey(schema: Schema | None, target: dict[str, Any], patch: dict[str, Any]) -> set[str]:
    """Do what the directives of an object say; returned are the keys of the patch that are done with."""
    done: set[str] = set()
    if RETAIN_KEYS in patch:
        done.add(RETAIN_KEYS)
        _retain(target, patch)
    for key, value in patch.items():
        if key.startswith(SET_ORDER):
            done.add(key)
            field = field_of(key, SET_ORDER)
            if _set_order(schema, target, patch, field, as_list(value)):
                done.add(field)
    for key, value in patch.items():
        if key.startswith(DELETE_FROM):
            done.add(key)
            _delete_from(target, field_of(key, DELETE_FROM), value)
    return done


def _retain(target: dict[str, Any], patch: dict[str, Any]) -> None:
    retained: Any = patch[RETAIN_KEYS]
    names: list[Any] = retained
    if not isinstance(retained, list):
        raise malformed(RETAIN_KEYS)
    keys = {key for key in names if isinstance(key, str)}
    for key, value in patch.items():
        if value is None or key in keys or key == RETAIN_KEYS or key.startswith((SET_ORDER, DELETE_FROM)):
            continue
        raise malformed(RETAIN_KEYS)
    for key in [key for key in target if key not in keys]:
        del target[key]


def _set_order(
    schema: Schema | None, target: dict[str, Any], patch: dict[str, Any], field: str, order: list[Any]
) -> bool:
    """Patch a list and order it; whether there is one at all."""
    current = as_list(target[field]) if field in target else None
    value = as_list(patch[field]) if field in patch else None
    below = None if schema is None else schema.child(field)
    if below is None and schema is not None and schema.properties:
        struct = (schema.name or '').rpartition('.')[2]
        raise KubernetesError(message=f'unable to find api field in struct {struct} for the json field "{field}"')
    merges = below is not None and MERGE in below.patch_strategy
    key = below.patch_merge_key if below is not None else None
    check_order(value or [], order, key)
    if current is None and value is None:
        return False
    check_alike(current or [], value or [])
    if current is None:
        merged = _fresh(value)
    elif value is None:
        merged = current
    elif merges:
        merged = merge_list([*current], value, key, partial(_merge, below.items if below else None))
    else:
        merged = copy(value)
    target[field] = arrange(merged, order, current or [], key)
    return True


def _delete_from(target: dict[str, Any], field: str, value: Any) -> None:
    current: Any = target.get(field)
    items: list[Any] = current
    unwanted: list[Any] = value
    if value is None:
        target.pop(field, None)
    elif isinstance(current, list) and isinstance(value, list) and (current or value):
        check_alike(items, unwanted)
        deleted = {identify(item, None) for item in unwanted}
        target[field] = [item for item in items if identify(item, None) not in deleted]


def _put(target: dict[str, Any], key: str, value: Any) -> None:
    fresh = _fresh(value)
    if fresh is _NOTHING:
        target.pop(key, None)
    else:
        target[key] = fresh


def _fresh(value: Any) -> Any:
    """A copy of what is new: without nulls in objects, and without the objects that are directives."""
    items: list[Any] = value
    mapping: dict[str, Any] = value
    scalar: Any = value
    if isinstance(value, dict):
        if mapping.get(DIRECTIVE) is not None:
            return _NOTHING
        fresh = {key: _fresh(item) for key, item in mapping.items() if item is not None}
        return {key: item for key, item in fresh.items() if item is not _NOTHING}
    if isinstance(value, list):
        copies = [_fresh(item) for item in items]
        return [item for item in copies if item is not _NOTHING]
    return scalar
