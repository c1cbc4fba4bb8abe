"""Where in the user's code a rule was defined."""

import sys
from typing import NamedTuple

_frame = sys._getframe  # pyright: ignore[reportPrivateUsage]  # its public twin in inspect is slower
_OURS = __file__[: -len('views/locations.py')]


class Location(NamedTuple):
    """A line of the user's code."""

    filename: str
    lineno: int

    def __str__(self) -> str:
        return f'{self.short_name}:{self.lineno}'

    @property
    def short_name(self) -> str:
        """The file relative to the current directory, if it is below it."""
        from pathlib import Path  # heavy, and only messages need it

        path = Path(self.filename)
        try:
            return str(path.relative_to(Path.cwd()))
        except (ValueError, OSError):
            return self.filename


def levels_to_caller() -> int:
    """How many frames the nearest line that is not of this package is above the one that asks."""
    frame = _frame(1)
    levels = 0
    while frame.f_code.co_filename.startswith(_OURS) and frame.f_back is not None:
        frame = frame.f_back
        levels += 1
    return levels


def locate_caller() -> tuple[str, int]:
    """The nearest line that is not of this package; what `Location` is made of."""
    frame = _frame(1)
    while frame.f_code.co_filename.startswith(_OURS) and frame.f_back is not None:
        frame = frame.f_back
    return frame.f_code.co_filename, frame.f_lineno
