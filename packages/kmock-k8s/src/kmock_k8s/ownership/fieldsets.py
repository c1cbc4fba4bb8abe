"""Sets of fields: who owns what, as JSON like that in managedFields.

A set is a tree of elements of paths. A field is in the set if nothing is below it, or if there is a dot besides:
``{'f:data': {'.': {}, 'f:k': {}}}`` has ``.data`` and ``.data.k``; without the dot only the latter. The empty tree is
the empty set. Sets are values: they share their parts, and are never changed.
"""

from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias, cast

from kmock_k8s.model.encoding import encode as encode_json
from kmock_k8s.ownership.elements import SELF, Element, order, parse, show

FieldSet: TypeAlias = 'dict[Element, FieldSet]'
"""A set of fields. As a part of another one: the empty one is a field that nothing is known below."""

Path: TypeAlias = tuple[Element, ...]
"""The elements from the object to a field."""


def no_fields() -> FieldSet:
    """The empty set."""
    return {}


def has_self(node: FieldSet) -> bool:
    """Whether the place of a part of a set is in the set itself."""
    return not node or SELF in node


def with_self(node: 'FieldSet | None') -> FieldSet:
    """The part of a set with its place in it."""
    return node if node and SELF in node else {SELF: {}, **node} if node else {}


def union(one: FieldSet, other: FieldSet) -> FieldSet:
    """What is in any of two sets."""
    return _join(one, other) if one and other else one or other


def _join(one: FieldSet, other: FieldSet) -> FieldSet:
    if one is other:
        return one
    if not one or not other:
        return with_self(one or other)
    joined = {**one}
    for element, node in other.items():
        mine = joined.get(element)
        joined[element] = node if mine is None else _join(mine, node)
    return joined


def difference(one: FieldSet, other: FieldSet) -> FieldSet:
    """What is in the first set, but not in the second; what is below its fields stays.

    >>> difference({'f:a': {}, 'f:b': {'f:c': {}}}, {'f:a': {}, 'f:b': {}})
    {'f:b': {'f:c': {}}}
    """
    return (_less(one, other) or {}) if one and other else one


def _less(one: FieldSet, other: FieldSet) -> 'FieldSet | None':
    if not one:
        return None if has_self(other) else one
    left: FieldSet = {}
    for element, node in one.items():
        theirs = other.get(element)
        if element == SELF:
            if not has_self(other):
                left[element] = node
        elif theirs is None:
            left[element] = node
        elif (rest := _less(node, theirs)) is not None:
            left[element] = rest
    return _normal(left)


def outside(one: FieldSet, other: FieldSet) -> FieldSet:
    """What is in the first set, but not in the second one and not below its fields."""
    left: FieldSet = {}
    for element, node in one.items():
        theirs = other.get(element)
        if theirs is None:
            left[element] = node
        elif not has_self(theirs):
            if not node:
                left[element] = node
            elif rest := outside(node, theirs):
                left[element] = rest if rest.keys() != {SELF} else {}
    return left


def inside(one: FieldSet, other: FieldSet) -> FieldSet:
    """What is in the first set, and in the second one or below its fields."""
    return difference(one, outside(one, other))


def intersection(one: FieldSet, other: FieldSet) -> FieldSet:
    """What is in both of two sets."""
    return (_common(one, other) or {}) if one and other else {}


def _common(one: FieldSet, other: FieldSet) -> 'FieldSet | None':
    both: FieldSet = {SELF: {}} if has_self(one) and has_self(other) else {}
    for element in one.keys() & other.keys():
        if element != SELF and (common := _common(one[element], other[element])) is not None:
            both[element] = common
    return _normal(both)


def _normal(node: FieldSet) -> 'FieldSet | None':
    if len(node) == 1 and SELF in node:
        return {}
    return node or None


def leaves(fields: FieldSet) -> FieldSet:
    """The fields that nothing is known below."""
    return {element: leaves(node) for element, node in fields.items() if element != SELF}


def paths(fields: FieldSet, above: Path = ()) -> Iterator[Path]:
    """All fields of a set, in order: those at one place first, then those below them."""
    elements = sorted((element for element in fields if element != SELF), key=order)
    for element in elements:
        if has_self(fields[element]):
            yield (*above, element)
    for element in elements:
        if fields[element]:
            yield from paths(fields[element], (*above, element))


def show_path(path: Path) -> str:
    """A path as it is in messages.

    >>> show_path(('f:spec', 'f:ports', 'k:{"port":80,"protocol":"TCP"}', 'f:name'))
    '.spec.ports[port=80,protocol="TCP"].name'
    """
    return ''.join(map(show, path))


def canonical(fields: FieldSet) -> FieldSet:
    """The same set, in the order in which the API writes it."""
    if not fields:
        return {}
    elements = sorted(fields)
    if elements[-1][0] > 'f':
        elements.sort(key=order)
    return {element: canonical(node) if (node := fields[element]) else {} for element in elements}


def encode(fields: FieldSet) -> bytes:
    """The set as JSON in managedFields."""
    return encode_json(canonical(fields))


def decode(fields: Any) -> FieldSet:
    """The set that some JSON is; not checked any more, sets may be used as they are.

    Raises:
        ValueError: it is no set of fields.
    """
    node = _decode(fields)
    return {} if node is None else {element: below for element, below in node.items() if element != SELF}


def _decode(fields: Any) -> 'FieldSet | None':
    if not isinstance(fields, Mapping):
        raise ValueError(f'a set of fields is an object, not {fields!r}')
    found: FieldSet = {}
    for element, node in cast('Mapping[str, Any]', fields).items():
        found[parse(element)] = _decode(node) or {}
    return _normal(found)
