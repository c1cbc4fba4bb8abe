"""The steps of paths."""

from dataclasses import dataclass
from typing import TypeAlias


class JSONPathError(ValueError):
    """A path can't be read, or can't be followed in a value."""


@dataclass(frozen=True)
class Field:
    """The field of that name."""

    name: str


@dataclass(frozen=True)
class Wildcard:
    """All that is in an object, or in an array."""


@dataclass(frozen=True)
class Descent:
    """All objects and arrays in a value, at any depth, itself too."""


@dataclass(frozen=True)
class Slice:
    """Some of the items of an array: counted from its end, if negative; up to its end, if there is no end."""

    start: int | None
    end: int | None
    step: int | None
    single: bool = False
    """Whether it is one item, with the end that follows from its start."""


@dataclass(frozen=True)
class Constant:
    """A value by itself, whatever it is asked of."""

    value: str | float | bool


@dataclass(frozen=True)
class Filter:
    """The items of an array for which a comparison holds, or in which something exists."""

    left: 'Steps'
    operator: str
    """A comparison; empty if something has only to be there."""
    right: 'Steps' = ()


@dataclass(frozen=True)
class Union:
    """What is found by any of several ways."""

    ways: 'tuple[Steps, ...]'


@dataclass(frozen=True)
class Word:
    """``range`` or ``end``: loops, which columns can't have."""

    name: str


Step: TypeAlias = Field | Wildcard | Descent | Slice | Constant | Filter | Union | Word
Steps: TypeAlias = tuple[Step, ...]
