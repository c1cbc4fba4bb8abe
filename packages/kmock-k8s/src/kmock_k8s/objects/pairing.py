"""Patterns for many: each pattern has to have a value of its own, or each value a pattern."""

import json
from collections.abc import Hashable, Mapping, Sequence
from types import EllipsisType
from typing import Any, TypeAlias

from kmock_k8s.objects.comparing import Relation, compare
from kmock_k8s.objects.matching import saturates

Path: TypeAlias = tuple[Any, ...]

_ABSENT = object()
_LITERALS = frozenset({str, int, float, bool, type(None)})


def pair(values: Sequence[Any], patterns: Sequence[Any], relation: Relation) -> bool:
    """Tell if the values are in this relation to the patterns, one to one, in any order.

    At least: each pattern has a value of its own. At most: each value has a pattern of its own. Exactly: both.
    """
    few, many = (values, patterns) if relation is Relation.AT_MOST else (patterns, values)
    if len(few) > len(many) or (relation is Relation.EXACTLY and len(few) != len(many)):
        return False
    index = Index(values, relation)
    known: dict[Hashable, list[int]] = {}
    groups: dict[Hashable, list[int]] = {}
    for number, pattern in enumerate(patterns):
        identity = identify(pattern)
        if identity not in known:
            near = index.find_near(pattern)
            known[identity] = [place for place in near if compare(values[place], pattern, relation)]
            if not known[identity] and relation is not Relation.AT_MOST:
                return False
        groups.setdefault(identity, []).append(number)
    if relation is Relation.AT_MOST:
        return saturates(_invert(known, groups, len(values)))
    return saturates([known[identity] for identity, numbers in groups.items() for _ in numbers])


def _invert(
    known: Mapping[Hashable, list[int]], groups: Mapping[Hashable, list[int]], size: int
) -> Sequence[Sequence[int]]:
    """The patterns to choose from for each of the values; one list for all that have the same choices."""
    kinds: list[list[Hashable]] = [[] for _ in range(size)]
    for identity, places in known.items():
        for place in places:
            kinds[place].append(identity)
    shared: dict[Hashable, list[int]] = {}
    for kind in map(tuple, kinds):
        if kind not in shared:
            shared[kind] = [number for identity in kind for number in groups[identity]]
    return [shared[tuple(kind)] for kind in kinds]


def identify(pattern: Any) -> Hashable:
    """What equal patterns of plain JSON have in common; the pattern's own identity for all others."""
    try:
        return json.dumps(pattern, sort_keys=True, default=_mark)
    except (TypeError, ValueError):
        return id(pattern)


def _mark(item: object) -> Any:
    if isinstance(item, EllipsisType):
        return {'': ['...']}
    raise TypeError


class Index:
    """Finds the few values that a pattern may be about, by the plain values that both have in the same place."""

    def __init__(self, values: Sequence[Any], relation: Relation) -> None:
        self._values = values
        self._relation = relation
        self._places: dict[Path, dict[Any, list[int]]] = {}

    def find_near(self, pattern: Any) -> Sequence[int]:
        """The numbers of all values that can be in the relation to the pattern, and of few others."""
        nearest: Sequence[int] = range(len(self._values))
        for path, literal in walk_literals(pattern):
            place = self._places.get(path)
            if place is None:
                place = self._places[path] = self._collect(path)
            near = place.get(literal, [])
            if self._relation is Relation.AT_MOST:  # what a value has not, a pattern may have
                near = [*near, *place.get(_ABSENT, [])]
            if len(near) < len(nearest):
                nearest = near
                if len(nearest) <= 1:
                    break
        return nearest

    def _collect(self, path: Path) -> dict[Any, list[int]]:
        place: dict[Any, list[int]] = {}
        for number, value in enumerate(self._values):
            found: Any = value
            for step in path:
                inner: dict[Any, Any] = found
                found = inner.get(step, _ABSENT) if isinstance(found, dict) else _ABSENT
            if found is _ABSENT or type(found) in _LITERALS:
                place.setdefault(found, []).append(number)
        return place


def walk_literals(pattern: Any, path: Path = ()) -> list[tuple[Path, Any]]:
    """The plain values in the mappings of a pattern, and where they are; those in lists are left out."""
    found: list[tuple[Path, Any]] = []
    fields: Mapping[Any, Any] = pattern
    if not isinstance(pattern, Mapping):
        return found
    for key, item in fields.items():
        if type(item) in _LITERALS:
            found.append(((*path, key), item))
        else:
            found.extend(walk_literals(item, (*path, key)))
    return found
