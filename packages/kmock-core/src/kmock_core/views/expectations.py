"""Expectations: how many requests a view or a rule is to have in the end. They expect only, and limit nothing."""

from typing import Any, Generic, NamedTuple

from kmock_core.views.base import View
from kmock_core.views.locations import Location
from kmock_core.views.typing import RequestT


class Bounds(NamedTuple):
    """How many requests are expected."""

    least: int = 0
    most: int | None = None

    def __str__(self) -> str:
        if self.most is None:
            return f'at least {count_requests(self.least)}'
        if self.most == 0:
            return 'no request'
        if self.least == self.most:
            return f'exactly {count_requests(self.most)}'
        return f'at most {count_requests(self.most)}'

    def admits(self, count: int) -> bool:
        """Tell if so many are as expected."""
        return self.least <= count and (self.most is None or count <= self.most)

    def contradicts(self, other: 'Bounds') -> bool:
        """Tell if no number is as both expect."""
        return (self.most is not None and self.most < other.least) or (
            other.most is not None and other.most < self.least
        )


class Expectation(Generic[RequestT]):
    """What a test expects of a view or of a rule, and where it has said so.

    A rule is known by its number: that of the longer reaction which stands in its place, too.
    """

    __slots__ = ('_location', 'bounds', 'number', 'view')

    view: View[RequestT]
    number: int | None
    bounds: Bounds

    def __init__(
        self, view: View[RequestT], number: int | None, bounds: Bounds, location: tuple[str, int] = ('', 0)
    ) -> None:
        self.view = view
        self.number = number
        self.bounds = bounds
        self._location = location

    def __repr__(self) -> str:
        return f'<Expectation of {self.bounds} of {self.view!r} at {self.location}>'

    @property
    def place(self) -> tuple[str, int]:
        """The file and the line where it was said."""
        return self._location

    @property
    def location(self) -> Location:
        """Where it was said."""
        return Location(*self._location)

    def is_about(self, view: View[Any], number: int | None) -> bool:
        """Tell if it expects something of the same view or rule."""
        return self.view is view if number is None else self.number == number


def check_count(count: object) -> int:
    """The number of requests that a test expects: a number from 0 on, else a clear error."""
    if not isinstance(count, int) or isinstance(count, bool):
        raise TypeError(f'The number of expected requests has to be an int, not {count!r}')
    if count < 0:
        raise ValueError(f'The number of expected requests has to be 0 or more, not {count}')
    return count


def count_requests(count: int) -> str:
    """A number with its noun."""
    return f'{count} request{"" if count == 1 else "s"}'
