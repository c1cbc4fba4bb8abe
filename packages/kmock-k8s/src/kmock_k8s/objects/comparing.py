"""Comparing a JSON value with a pattern: nested subsets, and exactly.

In patterns, ``...`` is any value that is present, ``None`` is the null of JSON, other plain values are themselves (of
their type: ``1`` is not ``'1'``, nor is it ``True``), and the patterns of criteria mean what they mean there: regular
expressions, sets and ranges ("one of"), functions, anything with its own ``==``. Lists are compared item by item.
"""

import enum
from collections.abc import Mapping, Sequence
from typing import Any

from kmock_core.criteria.patterns import matches


class Relation(enum.Enum):
    """What a value has to be to a pattern."""

    AT_LEAST = '>='
    """It has all of the pattern, and maybe more keys in its mappings, at any depth."""
    AT_MOST = '<='
    """It has nothing that the pattern has not."""
    EXACTLY = '=='
    """It has all of the pattern and nothing else."""


def compare(value: Any, pattern: Any, relation: Relation) -> bool:
    """Tell if a value, as `json.loads` gives it, is in this relation to a pattern."""
    if pattern is ...:
        return True
    if pattern is None:
        return value is None
    fields: dict[str, Any] = value
    items: list[Any] = value
    mapping: Mapping[Any, Any] = pattern
    sequence: Sequence[Any] = pattern
    if isinstance(pattern, Mapping):
        return isinstance(value, dict) and _compare_mappings(fields, mapping, relation)
    if isinstance(pattern, Sequence) and not isinstance(pattern, (str, bytes, bytearray, memoryview, range)):
        return isinstance(value, list) and _compare_lists(items, sequence, relation)
    return matches(pattern, value, exact=True)


def _compare_mappings(value: dict[str, Any], pattern: Mapping[Any, Any], relation: Relation) -> bool:
    if relation is Relation.AT_MOST:
        return all(key in pattern and compare(item, pattern[key], relation) for key, item in value.items())
    if relation is Relation.EXACTLY and len(value) != len(pattern):
        return False
    return all(key in value and compare(value[key], item, relation) for key, item in pattern.items())


def _compare_lists(value: list[Any], pattern: Sequence[Any], relation: Relation) -> bool:
    return len(value) == len(pattern) and all(map(compare, value, pattern, [relation] * len(value)))


class Comparable:
    """Compares what `_known()` gives by ``==``, ``>=`` and ``<=``; says what to type instead of ``<`` and ``>``."""

    __slots__ = ()

    def _known(self) -> Any:
        """The JSON value as it is now; `MISSING` if there is none, which is in no relation to anything."""
        raise NotImplementedError

    def _is_comparable(self, other: object) -> bool:
        """True for patterns of the same shape; with all others, Python goes on to ask them."""
        raise NotImplementedError

    def _compare(self, other: object, relation: Relation) -> Any:
        if not self._is_comparable(other):
            return NotImplemented
        known = self._known()
        return known is not MISSING and compare(known, other, relation)

    def __kmock_explain__(self, sign: str, other: object) -> list[str]:
        """What differs, in lines, where ``self >= other`` is false (or another sign); for reports of tests."""
        return []

    def __eq__(self, other: object) -> Any:
        return self._compare(other, Relation.EXACTLY)

    def __ge__(self, other: object) -> Any:
        return self._compare(other, Relation.AT_LEAST)

    def __le__(self, other: object) -> Any:
        return self._compare(other, Relation.AT_MOST)

    def __gt__(self, other: object) -> bool:
        raise TypeError(f'{type(self).__name__} > …: {_ADVICE}')

    def __lt__(self, other: object) -> bool:
        raise TypeError(f'{type(self).__name__} < …: {_ADVICE}')


MISSING = object()
"""The value of an object that does not exist."""

_ADVICE = 'type >= (has all of it, and maybe more), <= (has nothing else), or == (is exactly it)'
