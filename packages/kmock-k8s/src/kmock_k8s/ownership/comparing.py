"""What changes between two states of an object."""

from typing import Any, NamedTuple

from kmock_k8s.model.encoding import JSONObject
from kmock_k8s.model.metadata import metadata_of
from kmock_k8s.ownership.elements import SELF, Element, NoElementError, of_field, of_item
from kmock_k8s.ownership.fieldsets import FieldSet
from kmock_k8s.ownership.shapes import FREE, Shape
from kmock_k8s.schemas import ABSENT

_UNTRACKED = frozenset(('apiVersion', 'kind'))
_UNTRACKED_METADATA = frozenset(
    (
        'clusterName',
        'creationTimestamp',
        'deletionGracePeriodSeconds',
        'deletionTimestamp',
        'generation',
        'managedFields',
        'name',
        'namespace',
        'resourceVersion',
        'selfLink',
        'uid',
    )
)


UNTRACKED: FieldSet = {
    **{of_field(key): {} for key in _UNTRACKED},
    'f:metadata': {SELF: {}, **{of_field(key): {} for key in _UNTRACKED_METADATA}},
}
"""What nobody owns: the identity of an object, and what only the server writes."""


class Changes(NamedTuple):
    """The fields that are new, other, and gone."""

    added: FieldSet
    modified: FieldSet
    removed: FieldSet


def tracked(value: JSONObject) -> JSONObject:
    """An object without what nobody owns."""
    metadata: JSONObject = metadata_of(value)
    owned = {key: item for key, item in metadata.items() if key not in _UNTRACKED_METADATA}
    return {**{key: item for key, item in value.items() if key not in _UNTRACKED}, 'metadata': owned}


def compare(before: JSONObject, after: JSONObject, shape: Shape) -> Changes:
    """What is between two states; of what is new or gone, also all places above the fields.

        >>> compare({'data': {'a': '1', 'b': '2'}}, {'data': {'a': '3'}, 'x': {'y': 1}}, FREE)
        Changes(added={'f:x': {'.': {}, 'f:y': {}}}, modified={'f:data': {'f:a': {}}}, removed={'f:data': {'f:b': {}}})

    Nothing is checked: what is not as the shape says is taken as it is.
    """
    changes = Changes({}, {}, {})
    _compare_maps(before, after, shape, *changes)
    return changes


def _compare_maps(
    before: dict[str, Any], after: dict[str, Any], shape: Shape, added: FieldSet, modified: FieldSet, removed: FieldSet
) -> None:
    for key, value in after.items():
        was = before.get(key, ABSENT)
        if was is ABSENT:
            added['f:' + key] = whole(value, shape.child(key)) if isinstance(value, (dict, list)) else {}
        elif was.__class__ is str and value.__class__ is str:
            if was != value:
                modified['f:' + key] = {}
        elif was is not value:
            _compare('f:' + key, was, value, shape.child(key), added, modified, removed)
    for key, value in before.items():
        if key not in after:
            removed['f:' + key] = whole(value, shape.child(key))


def _compare_lists(
    before: list[Any], after: list[Any], shape: Shape, added: FieldSet, modified: FieldSet, removed: FieldSet
) -> None:
    old, new = index(before, shape), index(after, shape)
    for element, items in new.items():
        was = old.get(element)
        if was is None:
            added[element] = whole(items[0], shape.item) if len(items) == 1 else {}
        elif len(items) > 1 or len(was) > 1:
            if not equal(was, items):
                modified[element] = {}
        else:
            _compare(element, was[0], items[0], shape.item, added, modified, removed)
    for element, items in old.items():
        if element not in new:
            removed[element] = whole(items[0], shape.item) if len(items) == 1 else {}


def _compare(
    element: Element,
    was: Any,
    value: Any,
    shape: Shape | None,
    added: FieldSet,
    modified: FieldSet,
    removed: FieldSet,
) -> None:
    shape = shape or FREE
    sides: list[FieldSet] = [{}, {}, {}]
    if not was and not value:  # empty ones and null are told from one another
        divided = False
    elif (divided := shape.divided_map and _are(dict, was, value)) is True:
        _compare_maps(was or {}, value or {}, shape, *sides)
    elif (divided := shape.divided_list and _are(list, was, value)) is True:
        _compare_lists(was or [], value or [], shape, *sides)
    if not divided:
        if not equal(was, value):
            modified[element] = {}
        return
    for whole_side, side in zip((added, modified, removed), sides, strict=True):
        if side:
            whole_side[element] = side


def _are(kind: type, was: object, value: object) -> bool:
    return (was is None or isinstance(was, kind)) and (value is None or isinstance(value, kind))


def whole(value: Any, shape: Shape | None) -> FieldSet:
    """All places in a value, and the value itself."""
    shape = shape or FREE
    fields: dict[str, Any] = value
    items: list[Any] = value
    if not value:
        return {}
    if isinstance(value, dict) and shape.divided_map:
        found: FieldSet = {'.': {}}
        for key, item in fields.items():
            found['f:' + key] = whole(item, shape.child(key)) if isinstance(item, (dict, list)) else {}
        return found
    if isinstance(value, list) and shape.divided_list:
        found = {'.': {}}
        for element, many in index(items, shape).items():
            found[element] = whole(many[0], shape.item) if len(many) == 1 else {}
        return found
    return {}


def index(items: list[Any], shape: Shape) -> dict[Element, list[Any]]:
    """The items of a divided list by their elements, in order; more than one only if they are duplicates."""
    found: dict[Element, list[Any]] = {}
    for place, item in enumerate(items):
        try:
            element = of_item(item, shape)
        except NoElementError:
            element = f'i:{place}'
        found.setdefault(element, []).append(item)
    return found


def equal(one: Any, other: Any) -> bool:
    """Whether two values of JSON are equal: numbers as numbers, but true is no number."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    mine: dict[str, Any] = one
    theirs: dict[str, Any] = other
    items: list[Any] = one
    others: list[Any] = other
    if isinstance(one, dict) and isinstance(other, dict):
        return mine.keys() == theirs.keys() and all(equal(value, theirs[key]) for key, value in mine.items())
    if isinstance(one, list) and isinstance(other, list):
        return len(items) == len(others) and all(map(equal, items, others))
    return bool(one == other)
