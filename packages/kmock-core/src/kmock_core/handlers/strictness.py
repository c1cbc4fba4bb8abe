"""The levels of strictness, what of that which went wrong fails the test in the end; and other options of handlers."""

from typing import Any, Final, Literal

from kmock_core.errors import UnmatchedRequestError

Level = Literal['errors', 'unmatched', 'all'] | bool
"""What fails the test: nothing (False), all errors of the server side (True, ``'errors'``), the requests that no rule
answered, or all: the errors, and the rules that were never used."""

LEVELS: Final[tuple[Level, ...]] = (False, True, 'errors', 'unmatched', 'all')

_WORDS: dict[str, Level] = {
    **dict.fromkeys(('false', 'off', 'no', '0'), False),
    **dict.fromkeys(('true', 'on', 'yes', '1'), True),
}


def check_level(level: object) -> None:
    """Raise a ValueError that lists the levels if it is none of them."""
    if not (isinstance(level, (bool, str)) and level in LEVELS):
        raise ValueError(f'no level of strictness {level!r} (known: {", ".join(map(repr, LEVELS))})')


def validate_level(instance: object, attribute: object, level: Any) -> None:
    """Check a level at construction and at assignment: a validator of attrs."""
    check_level(level)


def validate_limit(instance: object, attribute: object, limit: Any) -> None:
    """Check how many requests are served, at construction and at assignment: a validator of attrs."""
    if limit is not None and (not isinstance(limit, int) or isinstance(limit, bool)):
        raise TypeError(f'limit={limit!r}: type a number of requests, or None for any')
    if limit is not None and limit < 0:
        raise ValueError(f'limit={limit!r}: type 0 or more, or None for any number')


def read_level(text: str) -> Level:
    """The level that a text means, as in ini files: its name, or a yes or a no in the words of ini files."""
    word = text.strip().lower()
    level: Any = _WORDS.get(word, word)
    if level not in LEVELS:
        raise ValueError(f'no level of strictness {text!r} (known: true, false, errors, unmatched, all)')
    return level  # type: ignore[no-any-return]  # it is one of the levels


def is_raised(error: Exception, level: Level) -> bool:
    """Tell if an error of the server side fails the test at a level."""
    if level == 'unmatched':
        return isinstance(error, UnmatchedRequestError)
    return bool(level)
