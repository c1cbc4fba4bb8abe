"""Where in the user's code a rule was defined."""

import sys
from pathlib import Path
from typing import NamedTuple

_OURS = str(Path(__file__).parent.parent) + '/'


class Location(NamedTuple):
    """A line of the user's code."""

    filename: str
    lineno: int

    def __str__(self) -> str:
        return f'{self.short_name}:{self.lineno}'

    @property
    def short_name(self) -> str:
        """The file relative to the current directory, if it is below it."""
        path = Path(self.filename)
        try:
            return str(path.relative_to(Path.cwd()))
        except (ValueError, OSError):
            return self.filename


def locate_caller() -> tuple[str, int]:
    """The nearest line that is not of this package; what `Location` is made of."""
    frame = sys._getframe(1)
    while frame.f_code.co_filename.startswith(_OURS) and frame.f_back is not None:
        frame = frame.f_back
    return frame.f_code.co_filename, frame.f_lineno
