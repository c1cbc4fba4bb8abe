"""What `json` reads, but JSON has not, or could not say again; to be given to its decoders."""

from math import isinf
from typing import NoReturn


def refuse_constant(text: str) -> NoReturn:
    """Read ``NaN`` or ``Infinity``: a ValueError always."""
    raise ValueError(f'JSON has no {text}')


def read_float(text: str) -> float:
    """Read a number with a fraction or an exponent; a ValueError if it is too big to be written again."""
    number = float(text)
    if isinf(number):
        raise ValueError(f'{text} is too big a number')
    return number
