"""What is a well-formed JSON patch."""

from typing import Any

import pytest

from kmock_k8s.errors import KubernetesBadRequestError, KubernetesError
from kmock_k8s.patching.operations import MAX_OPERATIONS, check_operations

KNOWN = '(known: add, copy, move, remove, replace, test)'
EXAMPLE = '"/metadata/labels/example.com~1app"'


@pytest.mark.parametrize(
    'operation',
    [
        {'op': 'add', 'path': '/a', 'value': None},
        {'op': 'add', 'path': '/a/-', 'value': [], 'comment': 'is ignored'},
        {'op': 'remove', 'path': '/a~1b~0c//ü/0'},
        {'op': 'replace', 'path': '', 'value': {}},
        {'op': 'test', 'path': '/', 'value': 1},
        {'op': 'copy', 'path': '/a', 'from': ''},
        {'op': 'move', 'path': '/a', 'from': '/b'},
    ],
)
def test_a_patch_is_a_list_of_operations(operation: Any) -> None:
    assert check_operations([operation]) == [operation]


def test_a_patch_may_be_empty() -> None:
    assert check_operations([]) == []


@pytest.mark.parametrize(
    ('patch', 'kind'), [({}, 'object'), ('x', 'string'), (1, 'number'), (1.5, 'number'), (True, 'bool'), (None, 'null')]
)
def test_what_is_no_list_is_a_bad_request_in_the_words_of_the_api(patch: Any, kind: str) -> None:
    with pytest.raises(KubernetesBadRequestError) as caught:
        check_operations(patch)
    assert caught.value.message == (
        f'error decoding patch: json: cannot unmarshal {kind} into Go value of type []handlers.jsonPatchOp'
    )


@pytest.mark.parametrize(
    ('operation', 'message'),
    [
        ('x', 'operation 1 has to be an object, not string'),
        (None, 'operation 1 has to be an object, not null'),
        ([], 'operation 1 has to be an object, not array'),
        ({}, f'operation 1 has no op {KNOWN}'),
        ({'op': 'nope', 'path': '/a'}, f'operation 1 has unknown op "nope" {KNOWN}'),
        ({'op': None, 'path': '/a'}, f'operation 1 has unknown op null {KNOWN}'),
        ({'op': ['add'], 'path': '/a'}, f'operation 1 has unknown op ["add"] {KNOWN}'),
        ({'op': 'x' * 1000}, f'operation 1 has unknown op "{"x" * 98}… {KNOWN}'),
        ({'op': 'add', 'value': 1}, 'operation 1 (add) has no path'),
        ({'op': 'add', 'path': '/a'}, 'operation 1 (add) has no value'),
        ({'op': 'replace', 'path': '/a'}, 'operation 1 (replace) has no value'),
        ({'op': 'test', 'path': '/a'}, 'operation 1 (test) has no value'),
        ({'op': 'copy', 'path': '/a'}, 'operation 1 (copy) has no from'),
        ({'op': 'move', 'path': '/a'}, 'operation 1 (move) has no from'),
        (
            {'op': 'remove', 'path': 'a'},
            f'operation 1 (remove): path has to be a JSON pointer, such as {EXAMPLE}, not "a"',
        ),
        (
            {'op': 'remove', 'path': '/~2'},
            f'operation 1 (remove): path has to be a JSON pointer, such as {EXAMPLE}, not "/~2"',
        ),
        (
            {'op': 'remove', 'path': '/~'},
            f'operation 1 (remove): path has to be a JSON pointer, such as {EXAMPLE}, not "/~"',
        ),
        ({'op': 'remove', 'path': 1}, f'operation 1 (remove): path has to be a JSON pointer, such as {EXAMPLE}, not 1'),
        (
            {'op': 'move', 'path': '/a', 'from': None},
            f'operation 1 (move): from has to be a JSON pointer, such as {EXAMPLE}, not null',
        ),
    ],
)
def test_an_operation_that_is_none_is_a_bad_request(operation: Any, message: str) -> None:
    with pytest.raises(KubernetesBadRequestError) as caught:
        check_operations([{'op': 'remove', 'path': '/a'}, operation])
    assert caught.value.message == f'error decoding patch: {message}'


def test_there_are_not_too_many_operations() -> None:
    operation: Any = {'op': 'test', 'path': '', 'value': {}}
    assert len(check_operations([operation] * MAX_OPERATIONS)) == MAX_OPERATIONS
    with pytest.raises(KubernetesError) as caught:
        check_operations([operation] * (MAX_OPERATIONS + 1))
    assert caught.value.as_status() == {
        'apiVersion': 'v1',
        'kind': 'Status',
        'metadata': {},
        'status': 'Failure',
        'reason': 'RequestEntityTooLarge',
        'message': ('Request entity too large: The allowed maximum operations in a JSON patch is 10000, got 10001'),
        'code': 413,
    }
