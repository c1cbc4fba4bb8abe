"""What is told of objects that are not as a pattern says."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kmock_k8s import Object, ObjectsArray
from kmock_k8s.objects.comparing import Relation, compare
from kmock_k8s.objects.explaining import explain

values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.integers(0, 2) | st.sampled_from(['', 'a/b']),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(['a', 'b/c']), inner, max_size=2),
    max_leaves=8,
)
STATE = {'spec': {'replicas': 1, 'ports': [{'port': 80}]}, 'labels': {'a/b': 'c'}}


@pytest.mark.parametrize(
    ('sign', 'pattern', 'lines'),
    [
        ('>=', {'spec': {'replicas': 3}}, ['.spec.replicas is 1, not 3']),
        ('>=', {'spec': {'replicas': 3, 'paused': True}}, ['.spec.replicas is 1, not 3', '.spec.paused is not there']),
        ('>=', {'spec': {'ports': [{'port': 81}]}}, ['.spec.ports[0].port is 80, not 81']),
        ('>=', {'spec': {'ports': []}}, [".spec.ports has 1 items, not 0: [{'port': 80}]"]),
        ('>=', {'labels': {'a/b': 'd'}}, [".labels['a/b'] is 'c', not 'd'"]),
        ('>=', {'status': ...}, ['.status is not there']),
        ('>=', {'spec': None}, [".spec is {'replicas': 1, 'ports': [{'port': 80}]}, not None"]),
        ('<=', {'spec': {'replicas': 1, 'ports': ...}}, [".labels is there: {'a/b': 'c'}"]),
        ('==', {'spec': ..., 'other': 1}, ['.other is not there', ".labels is there: {'a/b': 'c'}"]),
        ('==', [], []),
        ('!=', STATE, []),
    ],
)
def test_each_place_that_differs_is_told(sign: str, pattern: Any, lines: list[str]) -> None:
    assert Object(STATE).__kmock_explain__(sign, pattern) == lines


def test_what_is_inside_of_an_object_is_explained_from_there() -> None:
    assert Object(STATE)['spec'].__kmock_explain__('>=', {'replicas': 3}) == ['.replicas is 1, not 3']


def test_an_object_that_is_not_there_is_said_to_be_absent() -> None:
    objects = ObjectsArray()
    web = objects['v1/pods', 'default', 'web']
    assert web.__kmock_explain__('>=', {'spec': 1}) == ['v1/pods default/web does not exist']

    objects['v1/pods', 'default', 'web'] = {}
    web.delete()
    assert 'was deleted' in web.__kmock_explain__('>=', {'spec': 1})[0]


def test_a_few_of_many_differences_are_told() -> None:
    lines = explain({}, {f'field{number}': ... for number in range(12)}, Relation.AT_LEAST)
    assert lines[9:] == ['.field9 is not there', 'and 2 more differences']


@settings(max_examples=50)
@given(values, values, st.sampled_from(Relation))
def test_something_is_told_exactly_of_what_differs(value: Any, pattern: Any, relation: Relation) -> None:
    assert bool(explain(value, pattern, relation)) is not compare(value, pattern, relation)
