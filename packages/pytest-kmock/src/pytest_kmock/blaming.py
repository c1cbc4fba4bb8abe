"""Tracebacks of what is raised in the end: they lead to the lines of the user, not through the machinery."""

import sys
from types import CodeType, FrameType, TracebackType

from kmock_core.errors import ExpectationError, KMockError, UnusedRuleError

INNER = frozenset(
    {'kmock_core', 'kmock_http', 'kmock_k8s', 'pytest_kmock', 'pytest_asyncio', 'anyio', 'aiohttp', '_pytest', 'pluggy'}
    | sys.stdlib_module_names
)
"""The modules where no error of a user is."""


def blame(error: BaseException, test: tuple[str, int]) -> BaseException:
    """Let the traceback of an error that was raised by a mock in the end begin and end at lines of the user.

    What no line of the user is to blame for, as a request that nothing answers, is blamed on the test.
    """
    for one in getattr(error, 'exceptions', ()):
        blame(one, test)
    place = _place_of(error)
    if place is not None:
        return error.with_traceback(_raise_at(place, error))
    entries = [entry for entry in _walk(error.__traceback__) if not is_inner(entry.tb_frame)]
    if entries:
        chain = None
        for entry in reversed(entries):
            chain = TracebackType(chain, entry.tb_frame, entry.tb_lasti, entry.tb_lineno)
        return error.with_traceback(chain)
    if isinstance(error, KMockError):
        return error.with_traceback(_raise_at(test, error))
    last = [*_walk(error.__traceback__)][-1:]
    return error.with_traceback(last[0]) if last else error


def is_inner(frame: FrameType) -> bool:
    """Tell if code is of the machinery: ours, that of test runners, and of the standard library."""
    return str(frame.f_globals.get('__name__', '')).partition('.')[0] in INNER


def _place_of(error: BaseException) -> tuple[str, int] | None:
    """The line that has said what was not kept."""
    if isinstance(error, ExpectationError):
        return error.place
    if isinstance(error, UnusedRuleError) and error.rules:
        place: tuple[str, int] = error.rules[0].place
        return place
    return None


def _raise_at(place: tuple[str, int], error: BaseException) -> TracebackType | None:
    """A traceback as if the error was raised at that line, which says more than any line of ours."""
    filename, lineno = place
    code: CodeType = compile('raise error', filename, 'exec').replace(co_firstlineno=max(lineno, 1))
    try:
        exec(code, {'error': error.with_traceback(None)})
    except BaseException as raised:
        entry = raised.__traceback__ and raised.__traceback__.tb_next
        return entry and TracebackType(None, entry.tb_frame, -1, entry.tb_lineno)  # its columns would be ours
    raise AssertionError('it was not raised')


def _walk(traceback: TracebackType | None) -> 'list[TracebackType]':
    entries: list[TracebackType] = []
    while traceback is not None:
        entries.append(traceback)
        traceback = traceback.tb_next
    return entries
