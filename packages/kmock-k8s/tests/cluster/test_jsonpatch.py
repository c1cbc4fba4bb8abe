"""JSON patches of a cluster: as RFC 6902 wants it where that gives a result; else as a real server is lenient."""

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kmock_k8s.cluster.jsonpatch import apply
from kmock_k8s.errors import KubernetesError
from kmock_k8s.patching.jsonpatch import apply as apply_strictly
from kmock_k8s.patching.operations import MAX_OPERATIONS

JSON = dict[str, Any]

values = st.recursive(
    st.none() | st.booleans() | st.integers(0, 2) | st.sampled_from(('', 'x')),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(('a', 'b', '')), inner, max_size=2),
    max_leaves=5,
)
documents = st.fixed_dictionaries({'a': values, 'b': st.lists(values, max_size=3)})
paths = st.lists(st.sampled_from(('a', 'b', '', '0', '1', '2', '-', '~0', '~1')), max_size=3).map(
    lambda parts: ''.join(f'/{part}' for part in parts)
)
operations = st.lists(
    st.fixed_dictionaries(
        {
            'op': st.sampled_from(('add', 'remove', 'replace', 'test', 'move', 'copy')),
            'path': paths,
            'from': paths,
            'value': values,
        }
    ),
    max_size=3,
)


@given(document=documents, patch=operations)
def test_what_the_standard_accepts_is_done_as_it_says(document: JSON, patch: list[JSON]) -> None:
    try:
        expected = apply_strictly(document, patch)
    except KubernetesError:
        return
    assert apply(copy.deepcopy(document), copy.deepcopy(patch)) == expected


@given(document=documents, patch=operations | st.lists(values))
def test_whatever_a_patch_is_it_is_done_or_refused(document: JSON, patch: list[Any]) -> None:
    try:
        apply(document, patch)
    except KubernetesError as exc:
        assert exc.status == 422  # noqa: PT017 - it is done, or it is refused


@pytest.mark.parametrize(
    ('operation', 'expected'),
    [
        ({'op': 'replace', 'path': '/zz', 'value': 1}, {'a': 1, 'list': [1, 2], 'zz': 1}),
        ({'op': 'add', 'path': '/zz'}, {'a': 1, 'list': [1, 2], 'zz': None}),
        ({'op': 'test', 'path': '/zz', 'value': None}, {'a': 1, 'list': [1, 2]}),
        ({'op': 'test', 'path': '/zz'}, {'a': 1, 'list': [1, 2]}),
        ({'op': 'copy', 'from': '/zz', 'path': '/a'}, {'a': None, 'list': [1, 2]}),
        ({'op': 'remove', 'path': '/list/-1'}, {'a': 1, 'list': [1]}),
    ],
)
def test_what_is_absent_is_null(operation: JSON, expected: JSON) -> None:
    assert apply({'a': 1, 'list': [1, 2]}, [operation]) == expected


@pytest.mark.parametrize(
    'operation',
    [
        None,
        {},
        {'op': 'nope', 'path': '/a'},
        {'op': ['add'], 'path': '/a'},
        {'op': 'add', 'path': 'a'},
        {'op': 'add', 'path': 1},
        {'op': 'add', 'path': '/a/b', 'value': 1},
        {'op': 'add', 'path': '/list/9', 'value': 1},
        {'op': 'add', 'path': '/list/--1', 'value': 1},
        {'op': 'add', 'path': f'/list/{"9" * 5000}', 'value': 1},
        {'op': 'remove', 'path': '/zz'},
        {'op': 'remove', 'path': ''},
        {'op': 'remove', 'path': '/list/-'},
        {'op': 'test', 'path': '/a', 'value': True},
        {'op': 'test', 'path': '/a', 'value': '1'},
        {'op': 'move', 'path': '/b'},
        {'op': 'move', 'from': '/list', 'path': '/list/a'},
    ],
)
def test_what_has_no_place_is_refused(operation: Any) -> None:
    with pytest.raises(KubernetesError) as caught:
        apply({'a': 1, 'list': [1, 2]}, [operation])
    assert (caught.value.status, caught.value.message) == (
        422,
        'the server rejected our request due to an error in our request',
    )


def test_there_are_not_too_many_operations() -> None:
    operation = {'op': 'test', 'path': '/a', 'value': 1}
    assert apply({'a': 1}, [operation] * MAX_OPERATIONS) == {'a': 1}
    with pytest.raises(KubernetesError) as caught:
        apply({'a': 1}, [operation] * (MAX_OPERATIONS + 1))
    assert caught.value.status == 413


def test_copies_of_copies_do_not_fill_the_memory() -> None:
    with pytest.raises(KubernetesError, match='rejected'):
        apply(
            {'a': {'x': 'y'}},
            [{'op': 'copy', 'from': '/a', 'path': '/a/a'}, {'op': 'copy', 'from': '/a', 'path': '/a/b'}] * 40,
        )


def test_copies_have_nothing_in_common() -> None:
    operations: list[Any] = [
        {'op': 'copy', 'from': '/a', 'path': '/b'},
        {'op': 'add', 'path': '/b/x', 'value': 1},
    ]
    assert apply({'a': {}}, operations) == {'a': {}, 'b': {'x': 1}}


@pytest.mark.parametrize('path', ['', '/a', '/a/0'])
def test_what_is_moved_to_where_it_is_stays_there(path: str) -> None:
    assert apply({'a': [1]}, [{'op': 'move', 'from': path, 'path': path}]) == {'a': [1]}
