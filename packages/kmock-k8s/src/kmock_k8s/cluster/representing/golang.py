"""How Go prints numbers, and how its YAML sorts names."""

from collections.abc import Iterable
from decimal import Decimal
from functools import cmp_to_key

_EXACT = 21
"""Of how many digits whole numbers are written out in ``%v``."""
_SHORT = 6
"""Of how many in the ``'g'`` of ``strconv``."""


def print_float(number: float, most: int = _SHORT) -> str:
    """A number with as few digits as tell it from all others; with an exponent if it is very big, or very small.

    >>> [print_float(one) for one in (1.0, 0.5, -1e6, 123456.5, 1e-5)]
    ['1', '0.5', '-1e+06', '123456.5', '1e-05']
    """
    negative, given, exponent = Decimal(repr(number)).as_tuple()
    sign = '-' if negative else ''
    digits = ''.join(map(str, given)).rstrip('0')
    if not digits:
        return f'{sign}0'
    power = len(given) + int(exponent) - 1
    if not -4 <= power < most:
        rest = f'.{digits[1:]}' if len(digits) > 1 else ''
        return f'{sign}{digits[0]}{rest}e{power:+03}'
    if power < 0:
        return f'{sign}0.{"0" * (-power - 1)}{digits}'
    whole, fraction = digits[: power + 1].ljust(power + 1, '0'), digits[power + 1 :]
    return f'{sign}{whole}.{fraction}' if fraction else f'{sign}{whole}'


def print_number(number: float) -> str:
    """A number as ``%v`` prints it.

    >>> print_number(1e6)
    '1000000'
    """
    return print_float(number, _EXACT)


def sort_names(names: Iterable[str]) -> list[str]:
    """Names as the keys of mappings are sorted: numbers in them by their values, and letters after all else.

    >>> sort_names(['b', 'a10', 'a9', 'a-b', 'a'])
    ['a', 'a-b', 'a9', 'a10', 'b']
    """
    return sorted(names, key=_sort_key)


def _compare(one: str, other: str) -> int:
    for place, (char, other_char) in enumerate(zip(one, other, strict=False)):
        if char == other_char:
            continue
        if char.isalpha() or other_char.isalpha():
            if char.isalpha() and other_char.isalpha():
                return -1 if char < other_char else 1
            return -1 if other_char.isalpha() else 1
        within = '0' in (char, other_char) and _is_within_number(one[:place])
        first, other_first = _read_digits(one[place:]), _read_digits(other[place:])
        value, other_value = (_wrap(f'{within:d}{digits}') for digits in (first, other_first))
        if value != other_value:
            return -1 if value < other_value else 1
        if len(first) != len(other_first):
            return len(first) - len(other_first)
        return -1 if char < other_char else 1
    return len(one) - len(other)


def _wrap(digits: str) -> int:
    """A number of 64 bits, also where it does not fit into them: 2**64 divides 10**64, so that the last digits tell."""
    return (int(digits[-64:]) + 2**63) % 2**64 - 2**63


def _is_within_number(before: str) -> bool:
    """Tell if the digits that end a text are of a number that goes on."""
    return bool(before[len(before.rstrip(_DIGITS)) :].strip('0'))


def _read_digits(text: str) -> str:
    return text[: len(text) - len(text.lstrip(_DIGITS))]


_DIGITS = '0123456789'
_sort_key = cmp_to_key(_compare)
