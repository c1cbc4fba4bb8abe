"""The section ``kmock`` in the report of a failing test."""

import os
from collections import Counter
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from traceback import format_exception_only, walk_tb
from typing import Any

import pytest

from kmock_core.errors import UnmatchedRequestError
from kmock_core.views.locations import Location
from pytest_kmock.blaming import blame, is_inner
from pytest_kmock.serving import MOCK, Mock

REPORTS = 'kmock-reports'
"""The name of the plugin that makes the sections."""

FIRST, LAST = 5, 15
"""How many of the requests are shown."""
EXPLAINED = 3
"""How many of the unmatched requests are explained."""
EXPLANATION = 80
"""How many lines an explanation may have: a whole diff, and more."""
ENDING = 2
"""How many of its last lines stay when it is cut: the rule to be pasted."""
ERRORS = 5
"""How many of the other errors are shown."""
UNMET = 5
"""How many of the expectations that are not met are shown."""
UNUSED = 5
"""How many of the unused rules are shown."""
WIDTH = 160
"""How wide a line may be."""


class Reports:
    """Adds the sections to the first failing report of a test, and tells the mocks that the test has failed."""

    def __init__(self) -> None:
        self._shared: list[Mock] = []
        """The mocks that are not of one test, as long as they run, and to the end of the test in which they stop."""
        self._stopped: list[Mock] = []
        self._reported = False
        """True once a report of the test has its sections: one is enough."""

    @contextmanager
    def watching(self, mock: Mock) -> Generator[None, None, None]:
        """Report a mock in all tests until the end of the context."""
        self._shared.append(mock)
        mock.keep_last_words()
        try:
            yield
        finally:
            self._stopped.append(mock)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self) -> None:
        self._reported = False
        for mock in self._stopped:
            self._shared.remove(mock)
        self._stopped.clear()
        for mock in self._shared:
            mock.begin_test()

    def pytest_assertrepr_compare(self, op: str, left: object, right: object) -> list[str] | None:
        """Tell what differs between an object and a pattern, as the object knows it."""
        explain: Callable[[str, object], list[str]] | None = getattr(left, '__kmock_explain__', None)
        if explain is None:
            return None
        try:
            lines = explain(op, right)
        except Exception:  # what a pattern raises: the values are shown as ever
            return None
        return [f'{_shorten(repr(left))} {op} {_shorten(repr(right))}', *lines] if lines else None

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        own = item.stash.get(MOCK, None)
        mocks = self._shared if own is None else [own, *self._shared]
        if call.excinfo is not None and any(call.excinfo.value is mock.verdict for mock in mocks):
            _blame_user(item, call)
        report = yield
        if call.excinfo is not None:
            for mock in mocks:
                mock.fail_test()
        if report.failed and mocks and not self._reported:
            self._reported = True
            wanted = 'kmock_factory' in getattr(item, 'fixturenames', ())
            shown = [mock for mock in mocks if mock is own or wanted or mock.was_used()]
            report.sections.extend(_make_sections(shown))
        if call.when == 'teardown' and own is not None:
            del item.stash[MOCK]
        return report


def _blame_user(item: pytest.Item, call: pytest.CallInfo[None]) -> None:
    if call.excinfo is not None and not item.config.getoption('fulltrace', False):
        error: Any = call.excinfo.value
        path, line, _ = item.reportinfo()
        place = (os.fspath(path), (line or 0) + 1)
        call.excinfo = pytest.ExceptionInfo[Any].from_exception(blame(error, place))


def register_reports(config: pytest.Config) -> Reports:
    """Begin to report: called by the tests that use the fixtures, so that others have no hooks to call."""
    reports: Reports | None = config.pluginmanager.get_plugin(REPORTS)
    if reports is None:
        reports = Reports()
        config.pluginmanager.register(reports, REPORTS)
    return reports


def _make_sections(mocks: Sequence[Mock]) -> Iterator[tuple[str, str]]:
    for mock in mocks:
        title = 'kmock' if len(mocks) == 1 else f'kmock: {mock.name}'
        yield title, mock.last_words or describe_mock(mock.handler, mock.errors_of_test(), mock.first_request())


def describe_mock(handler: Any, errors: Sequence[Exception], first: int = 0) -> str:
    """What happened to a mock, in a few lines: the requests from a number on, who served them, and what went wrong."""
    try:
        return '\n'.join(_describe(handler, errors, first))
    except Exception as exc:  # a predicate of the user must not break the report
        return f'{handler!r} can not be described: {_describe_error(exc)}'


def _describe(handler: Any, errors: Sequence[Exception], first: int) -> Iterator[str]:
    unmatched = Counter(str(error) for error in errors if isinstance(error, UnmatchedRequestError))
    yield from _describe_requests(handler, first)
    for explanation, times in list(unmatched.items())[-EXPLAINED:]:
        yield ''
        title, *rest = explanation.splitlines()
        yield from _cut([_repeat(title, times), *rest], EXPLANATION, 'lines', ENDING)
    if len(unmatched) > EXPLAINED:
        yield f'… {len(unmatched) - EXPLAINED} more requests before these are explained in kmock.errors'
    others = [_describe_error(error) for error in errors if not isinstance(error, UnmatchedRequestError)]
    if others:
        yield ''
        yield f'{_count(others, "error")} of the server side:'
        shown = [f'  {_repeat(error, times)}' for error, times in Counter(others).items()]
        yield from _cut(shown, ERRORS, 'errors')
    unmet: Sequence[str] = getattr(handler, 'unmet', ())  # classes of others may have none
    if unmet:
        yield ''
        yield f'{_count(unmet, "expectation")} not met:'
        for text in unmet[:UNMET]:
            yield from _cut([f'  {line}' for line in text.splitlines()], EXPLANATION, 'lines')
        if len(unmet) > UNMET:
            yield f'  … {len(unmet) - UNMET} more expectations'
    unused = [rule for rule in handler.unused if rule.active]
    if unused:
        yield ''
        yield f'{_count(unused, "rule")} never served a request:'
        shown = [f'  {rule.location}  {rule.describe()}' for rule in unused]
        yield from _cut(shown, UNUSED, 'rules')


def _describe_requests(handler: Any, first: int) -> Iterator[str]:
    numbers = range(first, len(handler))
    total = len(numbers)
    if not total:
        forgotten = getattr(getattr(handler, 'workshop', None), 'epoch', 0)
        yield 'No requests came since the last reset().' if forgotten else 'No requests came.'
        return
    yield f'{_count(numbers, "request")}:'
    hidden = numbers[FIRST : total - LAST] if total > FIRST + LAST + 1 else range(0)
    requests = [handler[number] for number in numbers if number not in hidden]
    lines = [f'{request.method_name} {request.target}' for request in requests]
    width = min(max(map(len, lines)), 60)
    unmatched = {request.id for request in handler.unmatched}
    shown = [
        _shorten(f'  {line:{width}}  ←  {_describe_service(handler, request, unmatched)}')
        for line, request in zip(lines, requests, strict=True)
    ]
    if hidden:
        shown.insert(FIRST, f'  … {len(hidden)} more requests')
    yield from shown


def _describe_service(handler: Any, request: Any, unmatched: set[int]) -> str:
    rule = handler.served_by(request)
    if rule is not None:
        return f'{rule.location}  {rule.describe()}'
    if request.id in unmatched:
        return 'no rule'
    cls: type[Any] = handler.__class__
    describe: Any = getattr(cls, 'describe_builtin', None)
    builtin = None if describe is None else describe(handler, request)
    if builtin is not None:
        return f'built in: {builtin}'
    return f'no rule, but {type(handler).__name__} itself, or a criterion that failed'


def _describe_error(error: Exception) -> str:
    text = ' '.join(''.join(format_exception_only(error)).split())
    places = [
        Location(frame.f_code.co_filename, line) for frame, line in walk_tb(error.__traceback__) if not is_inner(frame)
    ]
    own = [place for place in places if f'{os.sep}site-packages{os.sep}' not in place.filename]
    if not places:
        return text
    place = f'  ({(own or places)[-1]})'
    return f'{_shorten(text, max(WIDTH - len(place) - 16, 80))}{place}'


def _repeat(line: str, times: int) -> str:
    return line if times == 1 else f'{line}  ({times} times)'


def _count(things: Sequence[object], noun: str) -> str:
    return f'{len(things)} {noun}{"" if len(things) == 1 else "s"}'


def _cut(lines: Sequence[str], limit: int, noun: str, ending: int = 0) -> Iterator[str]:
    if len(lines) <= limit:
        yield from map(_shorten, lines)
        return
    yield from map(_shorten, lines[: limit - 1 - ending])
    yield f'  … {len(lines) - limit + 1} more {noun}'
    yield from map(_shorten, lines[len(lines) - ending :])


def _shorten(line: str, width: int = WIDTH) -> str:
    return line if len(line) <= width else f'{line[: width - 1]}…'
