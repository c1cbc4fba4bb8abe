"""What the applier of a configuration does not apply any more: removed, if it is nobody else's."""

from typing import Any

from kmock_k8s.model.encoding import JSONObject
from kmock_k8s.ownership.comparing import index
from kmock_k8s.ownership.elements import SELF, Element
from kmock_k8s.ownership.fieldsets import FieldSet, has_self
from kmock_k8s.ownership.shapes import FREE, Shape
from kmock_k8s.schemas import ABSENT


def prune(merged: JSONObject, last: FieldSet, owned: FieldSet, shape: Shape) -> JSONObject:
    """The object without what its applier owned and what now nobody owns, with all that is in there.

        >>> prune({'a': {'b': 1, 'c': 2}}, {'f:a': {'f:b': {}, 'f:c': {}}}, {'f:a': {'f:c': {}}}, FREE)
        {'a': {'c': 2}}

    Parts of an object belong to those who own anything in them. What is left empty stays as such, not as null.

    Args:
        merged: the object, with the new configuration; not changed, but the result shares values with it.
        last: what the applier has owned since it applied the last time.
        owned: what is owned by anybody now, also by the applier.
        shape: the shape of the object.
    """
    return _prune_map(merged, last, owned, shape, below=False, lost=False)


def _prune_map(
    value: dict[str, Any], last: FieldSet, owned: FieldSet, shape: Shape, *, below: bool, lost: bool
) -> dict[str, Any]:
    pruned = value
    for element, node in last.items():
        key = element[2:]
        if element[:2] != 'f:' or key not in value:
            continue
        child = shape.child(key) or FREE
        kept = _prune(value[key], node, owned.get(element), child, named=shape.names(key), below=below, lost=lost)
        if kept is not value[key]:
            pruned = {**value} if pruned is value else pruned
            if kept is ABSENT:
                del pruned[key]
            else:
                pruned[key] = kept
    return pruned


def _prune_list(
    value: list[Any], last: FieldSet, owned: FieldSet, shape: Shape, *, below: bool, lost: bool
) -> list[Any]:
    items = [(element, item) for item in value for element in index([item], shape)]
    kept = [
        _prune(item, last[element], owned.get(element), shape.item, named=False, below=below, lost=lost)
        if element in last
        else item
        for element, item in items
    ]
    return [item for item in kept if item is not ABSENT]


def _prune(
    value: Any, last: FieldSet, owned: 'FieldSet | None', shape: Shape, *, named: bool, below: bool, lost: bool
) -> Any:
    was_owned = named or has_self(last)
    is_owned = owned is not None and (named or has_self(owned))
    lost = lost or ((below or was_owned) and not is_owned)
    if was_owned and lost and not _is_place_without_fields(value, shape, named):
        return ABSENT
    theirs = owned or {}
    fields: dict[str, Any] = value
    items: list[Any] = value
    same: Any = value
    below = below or was_owned
    if last.keys() <= _SELF:
        return value
    if isinstance(value, dict) and shape.divided_map:
        return _prune_map(fields, last, theirs, shape, below=below, lost=lost)
    if isinstance(value, list) and shape.divided_list:
        return _prune_list(items, last, theirs, shape, below=below, lost=lost)
    return same


def _is_place_without_fields(value: Any, shape: Shape, named: bool) -> bool:
    return named and shape.divided_list and value == []


_SELF: set[Element] = {SELF}
