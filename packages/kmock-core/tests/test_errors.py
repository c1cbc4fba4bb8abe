"""The tree of errors."""

import inspect
import re
from typing import Any

import pytest

from kmock_core import errors
from kmock_core.errors import (
    ContradictionError,
    KMockError,
    PluginError,
    UnmatchedRequestError,
    UnsupportedCriterionError,
    UnsupportedPayloadError,
    UnsupportedSinkError,
)

ALL = {name: value for name, value in vars(errors).items() if inspect.isclass(value) and issubclass(value, Exception)}
BUILTIN = {
    'UnsupportedCriterionError': NotImplementedError,
    'ContradictionError': ValueError,
    'UnsupportedPayloadError': NotImplementedError,
    'UnsupportedSinkError': NotImplementedError,
    'ReactionMismatchError': RuntimeError,
    'UnmatchedRequestError': NotImplementedError,
    'ExpectationError': AssertionError,
    'UnusedRuleError': AssertionError,
    'NotRunningError': RuntimeError,
    'StopTimeoutError': TimeoutError,
    'WaitTimeoutError': TimeoutError,
    'FeedingError': RuntimeError,
    'UnknownPluginError': LookupError,
    'MissingExtraError': ImportError,
    'FaultError': ConnectionError,
    'FaultResetError': ConnectionResetError,
    'FaultAbortedError': ConnectionAbortedError,
}


@pytest.mark.parametrize('name', ALL)
def test_every_error_is_in_the_drawing_of_the_tree_and_can_be_caught_by_its_root(name: str) -> None:
    assert issubclass(ALL[name], KMockError)
    assert re.search(rf'\b{name}\b', errors.__doc__ or '')
    assert (ALL[name].__doc__ or '').splitlines()[0].endswith('.') or ';' in (ALL[name].__doc__ or '')


def test_every_error_of_the_drawing_exists() -> None:
    assert set(re.findall(r'\b[A-Z]\w+Error\b', (errors.__doc__ or '').partition('Every one')[0])) <= {
        *ALL, 'NotImplementedError', 'ValueError', 'RuntimeError', 'TimeoutError', 'LookupError', 'ImportError',
        'AssertionError', 'ConnectionError', 'ConnectionResetError', 'ConnectionAbortedError',
    }  # fmt: skip


@pytest.mark.parametrize(('name', 'builtin'), BUILTIN.items())
def test_an_error_can_be_caught_as_what_python_would_raise(name: str, builtin: type[Exception]) -> None:
    assert issubclass(ALL[name], builtin)


@pytest.mark.parametrize(
    ('error', 'attributes'),
    [
        (UnsupportedCriterionError('x', 5), {'criterion': 5}),
        (UnsupportedPayloadError('x', 5), {'payload': 5}),
        (UnsupportedSinkError('x', 5), {'sink': 5}),
        (UnmatchedRequestError('x', 5), {'request': 5}),
        (ContradictionError('path', '/a', '/b'), {'field': 'path', 'old': '/a', 'new': '/b'}),
        (PluginError('x', group='kmock.sinks', name='y'), {'group': 'kmock.sinks', 'name': 'y'}),
    ],
)
def test_culprits_are_attributes(error: Any, attributes: dict[str, Any]) -> None:
    assert {name: getattr(error, name) for name in attributes} == attributes
    assert str(error) == ("Ambiguous values of path: '/a' vs. '/b'" if isinstance(error, ContradictionError) else 'x')
