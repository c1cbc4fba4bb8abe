"""Compares values in filters, as templates of Go do: only what is of one type."""

import operator
from collections.abc import Callable
from typing import Any

from kmock_k8s.cluster.representing.jsonpath.nodes import JSONPathError

_OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    '==': operator.eq,
    '!=': operator.ne,
    '<': operator.lt,
    '<=': operator.le,
    '>': operator.gt,
    '>=': operator.ge,
}


_TYPES: dict[type, str] = {bool: 'bool', int: 'int', float: 'float', str: 'string'}


def compare(left: Any, sign: str, right: Any) -> bool:
    """Tell if a comparison holds.

    Raises:
        JSONPathError: the values are of different types, or can't be compared.
    """
    holds = _OPERATORS.get(sign)
    if holds is None:
        raise JSONPathError(f'unrecognized filter operator {sign}')
    type = _type_of(left)
    if type is None or _type_of(right) is None:
        raise JSONPathError('invalid type for comparison')
    if type != _type_of(right):
        raise JSONPathError('incompatible types for comparison')
    if type == 'bool' and sign not in ('==', '!='):
        raise JSONPathError('invalid type for comparison')
    return holds(left, right)


def _type_of(value: object) -> str | None:
    """The basic type of a value; None if it has none."""
    return _TYPES.get(type(value))
