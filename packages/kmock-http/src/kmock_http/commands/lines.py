"""How a request looks in the log: in words for programs and files, in columns for people at a terminal."""

import os
import sys
from collections.abc import Callable
from typing import NamedTuple, TextIO, TypeAlias

_WIDEST = {'target': 72, 'served_by': 40}
_RED, _GREEN, _YELLOW = 31, 32, 33
_COLOURS = {'1': _GREEN, '2': _GREEN, '3': _GREEN, '4': _YELLOW}


class Line(NamedTuple):
    """One request that was served.

    Args:
        method: that of the request.
        target: the path and the query.
        status: that of the answer; ``-`` if there was none.
        served_by: the rule, or the behaviour of the handler.
        spent: milliseconds since the request came.
    """

    method: str
    target: str
    status: str
    served_by: str
    spent: float


Format: TypeAlias = Callable[[Line], str]


def join(line: Line) -> str:
    """The line with a space between its words.

    >>> join(Line('GET', '/tea', '200', 'built-in', 0.31))
    'GET /tea 200 built-in 0.3 ms'
    """
    return f'{line.method} {line.target} {line.status} {line.served_by} {line.spent:.1f} ms'


class Columns:
    """Lines in columns, which are as wide as the widest so far needs, but for those that are too wide.

    >>> align = Columns(coloured=False)
    >>> align(Line('GET', '/news/today', '200', 'built-in', 0.31))
    'GET    /news/today  200  built-in      0.3 ms'
    >>> align(Line('DELETE', '/tea', '404', 'no rule', 12.5))
    'DELETE /tea         404  no rule      12.5 ms'
    """

    def __init__(self, *, coloured: bool) -> None:
        self._coloured = coloured
        self._widths = dict.fromkeys(_WIDEST, 0)

    def __call__(self, line: Line) -> str:
        status = f'{line.status:<3}'
        if self._coloured:
            status = f'\x1b[{_COLOURS.get(line.status[:1], _RED)}m{status}\x1b[0m'
        target, served_by = self._pad('target', line.target), self._pad('served_by', line.served_by)
        return f'{line.method:<6} {target}  {status}  {served_by} {line.spent:>8.1f} ms'

    def _pad(self, name: str, text: str) -> str:
        if len(text) <= _WIDEST[name]:
            self._widths[name] = max(self._widths[name], len(text))
        return text.ljust(self._widths[name])


def choose_format(stream: TextIO | None) -> Format:
    """Columns if people read the stream, with colours unless they don't want any (https://no-color.org)."""
    return Columns(coloured=_takes_colours()) if is_terminal(stream) else join


def is_terminal(stream: TextIO | None) -> bool:
    """Tell if people read a stream."""
    try:
        return stream is not None and stream.isatty()
    except ValueError:  # it is closed
        return False


def _takes_colours() -> bool:
    if os.environ.get('NO_COLOR') or os.environ.get('TERM') == 'dumb':
        return False
    return sys.platform != 'win32' or 'WT_SESSION' in os.environ
