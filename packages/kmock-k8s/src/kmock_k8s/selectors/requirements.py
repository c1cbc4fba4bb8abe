"""What a label selector requires of one label."""

import enum
import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, TypeAlias

Check: TypeAlias = Callable[[Mapping[str, str]], bool]
"""Whether labels are selected."""

_INTEGER = re.compile(r'([+-]?)0*([0-9]{1,19})', re.ASCII)


class Operator(enum.StrEnum):
    """How a label is compared, as in the text of a selector."""

    EQUAL = '='
    UNEQUAL = '!='
    IN = 'in'
    NOT_IN = 'notin'
    EXISTS = 'exists'
    ABSENT = '!'
    GREATER = '>'
    LESS = '<'


class Requirement(NamedTuple):
    """What is required of one label."""

    key: str
    operator: Operator
    values: tuple[str, ...] = ()
    """None for the operators that need none, any number for those with sets, one for the others."""

    def __str__(self) -> str:
        match self.operator:
            case Operator.EXISTS:
                return self.key
            case Operator.ABSENT:
                return f'!{self.key}'
            case Operator.IN | Operator.NOT_IN:
                return f'{self.key} {self.operator} ({",".join(self.values)})'
            case _:
                return f'{self.key}{self.operator}{self.values[0]}'

    def compile(self) -> Check:
        """The cheapest function that checks it; a value that is no text, though labels have none, is equal to none."""
        return _COMPILERS[self.operator](self.key, self.values)


def parse_integer(value: object) -> int | None:
    """The number that a label has as its text, or None: decimal, of 64 bits."""
    found = _INTEGER.fullmatch(value) if isinstance(value, str) else None
    number = int(found[1] + found[2]) if found else None
    return number if number is not None and -(2**63) <= number < 2**63 else None


def _compile_equal(key: str, values: tuple[str, ...]) -> Check:
    value = values[0]
    return lambda labels: labels.get(key) == value


def _compile_unequal(key: str, values: tuple[str, ...]) -> Check:
    value = values[0]
    return lambda labels: labels.get(key) != value


def _compile_in(key: str, values: tuple[str, ...]) -> Check:
    known = frozenset(values)

    def check(labels: Mapping[str, Any]) -> bool:
        try:
            return labels.get(key) in known
        except TypeError:  # not hashable: it is no text
            return False

    return check


def _compile_not_in(key: str, values: tuple[str, ...]) -> Check:
    check = _compile_in(key, values)
    return lambda labels: not check(labels)


def _compile_exists(key: str, _values: tuple[str, ...]) -> Check:
    return lambda labels: key in labels


def _compile_absent(key: str, _values: tuple[str, ...]) -> Check:
    return lambda labels: key not in labels


def _compile_greater(key: str, values: tuple[str, ...]) -> Check:
    limit = int(values[0])

    def check(labels: Mapping[str, str]) -> bool:
        number = parse_integer(labels.get(key))
        return number is not None and number > limit

    return check


def _compile_less(key: str, values: tuple[str, ...]) -> Check:
    limit = int(values[0])

    def check(labels: Mapping[str, str]) -> bool:
        number = parse_integer(labels.get(key))
        return number is not None and number < limit

    return check


_COMPILERS: dict[Operator, Callable[[str, tuple[str, ...]], Check]] = {
    Operator.EQUAL: _compile_equal,
    Operator.UNEQUAL: _compile_unequal,
    Operator.IN: _compile_in,
    Operator.NOT_IN: _compile_not_in,
    Operator.EXISTS: _compile_exists,
    Operator.ABSENT: _compile_absent,
    Operator.GREATER: _compile_greater,
    Operator.LESS: _compile_less,
}
