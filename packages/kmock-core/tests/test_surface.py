"""The public names: those of the reference, the same at run time, on a handler, and for type checkers."""

import ast
from pathlib import Path

import pytest

import kmock
import kmock_core

HANDLERS = {'RawHandler'}
VIEWS = {
    'View', 'Root', 'Group', 'OrGroup', 'AndGroup', 'Chained', 'Exclusion', 'Slicer', 'Filter', 'Priority', 'Reaction',
    'Stream',
}  # fmt: skip
CRITERIA = {
    'Criteria', 'HTTPCriteria', 'DictCriteria', 'StrCriteria', 'BoolCriteria', 'FnCriteria', 'EventCriteria',
    'FutureCriteria',
}  # fmt: skip
WRAPPERS = {
    'method', 'path', 'params', 'headers', 'cookies', 'body', 'text', 'data', 'client_cert', 'jsonpath', 'jsonschema',
}  # fmt: skip
STREAMS = {'sse', 'resume', 'ndjson', 'fault'}
TRAFFIC = {
    'Request', 'Response', 'FormFile', 'SinkBox', 'ReactionMismatchError', 'KMockError', 'Bus', 'BusMark', 'BusGone',
    'ExpectationError', 'UnusedRuleError',
}  # fmt: skip
METHODS = {'GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'OPTIONS', 'TRACE', 'CONNECT'}  # kmock.DELETE is that of Kubernetes
ALIASES = {'Criterion', 'Payload', 'Sink'}
OBJECTS = HANDLERS | VIEWS | CRITERIA | WRAPPERS | STREAMS | TRAFFIC | METHODS

SHOWN = Path(__file__).parent / 'typing_tests' / 'surface.py'


def test_the_names_of_the_core_are_those_of_the_reference() -> None:
    assert sorted(kmock_core.__all__) == sorted(OBJECTS | ALIASES | {'__version__'})


@pytest.mark.parametrize('name', kmock_core.__all__)
def test_the_facade_has_the_very_objects_of_the_core(name: str) -> None:
    assert getattr(kmock, name) is getattr(kmock_core, name)


@pytest.mark.parametrize('name', sorted(OBJECTS | ALIASES))
def test_a_handler_answers_the_names_of_the_facade(name: str) -> None:
    assert getattr(kmock.RawHandler(), name) is getattr(kmock_core, name)


@pytest.mark.parametrize('name', sorted(ALIASES))
def test_an_alias_for_type_checkers_can_be_used_in_annotations_at_run_time(name: str) -> None:
    alias = getattr(kmock, name)
    assert alias[kmock.Request] | None


@pytest.mark.usefixtures('alone')
def test_the_facade_of_the_core_lists_its_names_and_no_others() -> None:
    listed = {name for name in dir(kmock) if not name.startswith('_')}
    assert listed == OBJECTS | ALIASES


def test_type_checkers_are_shown_all_names_of_the_facade() -> None:
    assert _attributes('kmock', skipped='others') == set(kmock_core.__all__)


def test_type_checkers_are_shown_all_names_on_a_handler() -> None:
    assert _attributes('handler') == OBJECTS


def _attributes(owner: str, skipped: str = '') -> set[str]:
    functions = [node for node in ast.parse(SHOWN.read_text('utf-8')).body if isinstance(node, ast.FunctionDef)]
    return {
        node.attr
        for function in functions
        if function.name != skipped
        for node in ast.walk(function)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == owner
    }
