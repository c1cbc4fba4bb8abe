"""Quantities (``apimachinery/pkg/api/resource``): ``100m``, ``1.5Gi``, ``2e3``; and the one way to write each."""

import re
from fractions import Fraction
from functools import lru_cache
from typing import Any

_BINARY = ('', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei')
_DECIMAL = ('n', 'u', 'm', '', 'k', 'M', 'G', 'T', 'P', 'E')
_FACTORS: dict[str, Fraction] = {
    **{suffix: Fraction(1024) ** power for power, suffix in enumerate(_BINARY)},
    **{suffix: Fraction(1000) ** power for power, suffix in enumerate(_DECIMAL, -3)},
}
_LAYOUT = r'([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)'
_EXPONENT = re.compile(r'[eE]([+-]?[0-9]+)', re.ASCII)
_NUMBER = re.compile(r'[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)', re.ASCII)

WRONG_FORMAT = f"quantities must match the regular expression '^{_LAYOUT}$'"
WRONG_SUFFIX = "unable to parse quantity's suffix"
WRONG_NUMBER = 'unable to parse numeric part of quantity'


@lru_cache(maxsize=1024)
def parse_quantity(text: str) -> tuple[Fraction, str]:
    """What a quantity amounts to, and how it was written: ``binary``, ``decimal``, ``exponent``.

    Raises:
        ValueError: it is no quantity; the message is that of the real server.
    """
    found = re.fullmatch(_LAYOUT, text.strip(), re.ASCII)
    if found is None:
        raise ValueError(WRONG_FORMAT)
    number, suffix = found.groups()
    exponent = _EXPONENT.fullmatch(suffix)
    if exponent is None and suffix not in _FACTORS:
        raise ValueError(WRONG_SUFFIX)
    if not _NUMBER.fullmatch(number) or (exponent is not None and abs(int(exponent[1])) > 1000):
        raise ValueError(WRONG_NUMBER)
    amount = Fraction(number if number[-1] != '.' else f'{number}0')
    if exponent is not None:
        return amount * Fraction(10) ** int(exponent[1]), 'exponent'
    return amount * _FACTORS[suffix], 'binary' if suffix and suffix in _BINARY else 'decimal'


def amount_of(value: Any) -> Fraction:
    """What a valid quantity amounts to."""
    return parse_quantity(str(value))[0]


@lru_cache(maxsize=1024)
def canonize_quantity(text: str) -> str:
    """The one way to write a quantity: with the biggest suffix that needs no fraction.

    >>> canonize_quantity('0.5'), canonize_quantity('1024Mi'), canonize_quantity('1500')
    ('500m', '1Gi', '1500')
    """
    amount, how = parse_quantity(text)
    if how == 'binary' and abs(amount) >= 1024:
        return _join(*_shorten(_round_up(amount), 1024, 0, len(_BINARY) - 1), _BINARY)
    number, power = _shorten(_round_up(amount * 10**9), 1000, -3, 6)
    if how == 'exponent':
        return f'{number}e{3 * power}' if power else str(number)
    return _join(number, power + 3, _DECIMAL)


def _round_up(amount: Fraction) -> int:
    """The next integer that is farther from zero."""
    whole = -(-abs(amount).numerator // amount.denominator)
    return whole if amount >= 0 else -whole


def _shorten(number: int, base: int, power: int, highest: int) -> tuple[int, int]:
    if not number:
        return 0, 0
    while number % base == 0 and power < highest:
        number //= base
        power += 1
    return number, power


def _join(number: int, index: int, suffixes: tuple[str, ...]) -> str:
    return f'{number}{suffixes[index]}'
