"""The section ``kmock`` in the report of a failing test."""

from collections.abc import Generator, Iterator, Sequence
from traceback import format_exception_only, walk_tb
from typing import Any

import pytest

from kmock_core.errors import UnmatchedRequestError
from kmock_core.views.locations import Location
from pytest_kmock.serving import MOCK

REPORTS = 'kmock-reports'
"""The name of the plugin that makes the sections."""

FIRST, LAST = 5, 15
"""How many of the requests are shown."""
EXPLAINED = 3
"""How many of the unmatched requests are explained."""
EXPLANATION = 30
"""How many lines an explanation may have."""
ERRORS = 5
"""How many of the other errors are shown."""
UNUSED = 5
"""How many of the unused rules are shown."""
WIDTH = 160
"""How wide a line may be."""
INNER = ('kmock_core', 'kmock_http', 'kmock_k8s', 'pytest_kmock', 'asyncio', 'contextlib', '_pytest', 'pluggy')
"""The modules where no error of a user is."""


class Reports:
    """Adds the section to the first failing report of a test, and tells the mock that the test has failed."""

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        report = yield
        mock = item.stash.get(MOCK, None)
        if mock is not None:
            mock.failed |= call.excinfo is not None
            if report.failed and not mock.reported:
                mock.reported = True
                report.sections.append(('kmock', describe_mock(mock.handler, mock.errors)))
            if call.when == 'teardown':
                del item.stash[MOCK]
        return report


def register_reports(config: pytest.Config) -> None:
    """Begin to report: called by the tests that use the fixture, so that others have no hook to call."""
    if not config.pluginmanager.has_plugin(REPORTS):
        config.pluginmanager.register(Reports(), REPORTS)


def describe_mock(handler: Any, errors: Sequence[Exception]) -> str:
    """What happened to a mock, in a few lines: the requests and who served them, and what went wrong."""
    try:
        return '\n'.join(_describe(handler, errors))
    except Exception as exc:  # a predicate of the user must not break the report
        return f'{handler!r} can not be described: {_describe_error(exc)}'


def _describe(handler: Any, errors: Sequence[Exception]) -> Iterator[str]:
    unmatched = [error for error in errors if isinstance(error, UnmatchedRequestError)]
    yield from _describe_requests(handler)
    for error in unmatched[-EXPLAINED:]:
        yield ''
        yield from _cut(str(error).splitlines(), EXPLANATION, 'lines')
    if len(unmatched) > EXPLAINED:
        yield f'… {len(unmatched) - EXPLAINED} more requests before these are explained in kmock.errors'
    others = [error for error in errors if not isinstance(error, UnmatchedRequestError)]
    if others:
        yield ''
        yield f'{_count(others, "error")} of the server side:'
        yield from _cut([f'  {_describe_error(error)}' for error in others], ERRORS, 'errors')
    unused = [rule for rule in handler.unused if rule.active]
    if unused:
        yield ''
        yield f'{_count(unused, "rule")} never served a request:'
        shown = [f'  {rule.location}  {rule.describe()}' for rule in unused]
        yield from _cut(shown, UNUSED, 'rules')


def _describe_requests(handler: Any) -> Iterator[str]:
    total = len(handler)
    if not total:
        yield 'No requests came.'
        return
    yield f'{_count(handler, "request")}:'
    hidden = range(FIRST, total - LAST) if total > FIRST + LAST + 1 else range(0)
    requests = [handler[number] for number in range(total) if number not in hidden]
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
    return f'no rule, but {type(handler).__name__} itself, or a criterion that failed'


def _describe_error(error: Exception) -> str:
    text = ' '.join(''.join(format_exception_only(error)).split())
    places = [
        Location(frame.f_code.co_filename, line)
        for frame, line in walk_tb(error.__traceback__)
        if frame.f_globals.get('__name__', '').partition('.')[0] not in INNER
    ]
    return f'{text}  ({places[-1]})' if places else text


def _count(things: Sequence[object], noun: str) -> str:
    return f'{len(things)} {noun}{"" if len(things) == 1 else "s"}'


def _cut(lines: Sequence[str], limit: int, noun: str) -> Iterator[str]:
    shown = lines if len(lines) <= limit else lines[: limit - 1]
    yield from map(_shorten, shown)
    if len(shown) < len(lines):
        yield f'  … {len(lines) - len(shown)} more {noun}'


def _shorten(line: str) -> str:
    return line if len(line) <= WIDTH else f'{line[: WIDTH - 1]}…'
