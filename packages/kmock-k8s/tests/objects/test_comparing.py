"""Comparing objects with patterns: nested subsets, and exactly."""

import operator
import re
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kmock_k8s import Object

scalars = st.none() | st.booleans() | st.integers(0, 2) | st.sampled_from(['', '1', 'a'])
values: st.SearchStrategy[Any] = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from('ab'), inner, max_size=2),
    max_leaves=8,
)
objects = st.dictionaries(st.sampled_from('abc'), values, max_size=3)


def is_within(small: Any, big: Any) -> bool:
    """What a nested subset is, said in the plainest way."""
    fields, others = cast('tuple[dict[str, Any], dict[str, Any]]', (small, big))
    items = cast('tuple[list[Any], list[Any]]', (small, big))
    match small, big:
        case dict(), dict():
            return set(fields) <= set(others) and all(is_within(fields[key], others[key]) for key in fields)
        case list(), list():
            return len(items[0]) == len(items[1]) and all(map(is_within, *items))
        case _:
            return type(small) is type(big) and bool(small == big)


def is_same(one: Any, other: Any) -> bool:
    """Equal, where True is not 1."""
    return is_within(one, other) and is_within(other, one)


@given(objects, objects)
def test_at_least_and_at_most_are_nested_subsets(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert (Object(one) >= other) == is_within(other, one)
    assert (Object(one) <= other) == is_within(one, other)


@given(objects, objects)
def test_equality_is_exact(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert (Object(one) == other) == is_same(one, other)
    assert (Object(one) != other) == (not is_same(one, other))


@given(objects, objects)
def test_comparisons_can_be_turned_round(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert (Object(one) >= Object(other)) == (Object(other) <= Object(one)) == (other <= Object(one))


@given(objects, st.data())
def test_any_value_can_be_replaced_by_an_ellipsis(one: dict[str, Any], data: st.DataObject) -> None:
    pattern = {key: data.draw(st.sampled_from([value, ...])) for key, value in one.items()}
    assert Object(one) >= pattern
    assert Object(one) <= pattern
    assert Object(one) == pattern


SUBSETS: list[tuple[Any, Any]] = [
    ({'a': 1, 'b': 2}, {'a': 1}),
    ({'a': {'x': 1, 'y': 2}}, {'a': {'y': 2}}),
    ({'a': [{'x': 1, 'y': 2}, 3]}, {'a': [{'x': 1}, ...]}),
    ({'a': 'abc'}, {'a': re.compile('a.*')}),
    ({'a': ['abc']}, {'a': [re.compile('a.*')]}),
    ({'a': 'x'}, {'a': {'x', 'y'}}),
    ({'a': 5}, {'a': range(10)}),
    ({'a': 1}, {'a': 1.0}),
    ({'a': (1, 2)}, {'a': [1, 2]}),
    ({'a': [1, 2]}, {'a': (1, 2)}),
    ({'a': None}, {'a': None}),
    ({'a': None}, {'a': ...}),
    ({'a': 'x'}, {'a': str.islower}),
    ({}, {}),
]


@pytest.mark.parametrize(('state', 'pattern'), SUBSETS)
def test_an_object_has_what_a_pattern_says(state: Any, pattern: Any) -> None:
    assert Object(state) >= pattern


OTHERS: list[tuple[Any, Any]] = [
    ({'a': 1}, {'b': ...}),
    ({}, {'a': None}),
    ({'a': 1}, {'a': '1'}),
    ({'a': '1'}, {'a': 1}),
    ({'a': 1}, {'a': True}),
    ({'a': True}, {'a': 1}),
    ({'a': [1, 2]}, {'a': [1]}),
    ({'a': [1, 2]}, {'a': [2, 1]}),
    ({'a': {'x': 1}}, {'a': [{'x': 1}]}),
    ({'a': 'abc'}, {'a': re.compile('b')}),
    ({'a': 'abc'}, {'a': ['a', 'b', 'c']}),
    ({'a': 'x'}, {'a': b'x'}),
]


@pytest.mark.parametrize(('state', 'pattern'), OTHERS)
def test_an_object_does_not_have_what_a_pattern_says(state: Any, pattern: Any) -> None:
    assert not Object(state) >= pattern


def test_exactly_means_no_other_keys_at_any_depth() -> None:
    assert Object({'a': [{'x': 1}]}) == {'a': [{'x': ...}]}
    assert Object({'a': [{'x': 1, 'y': 2}]}) != {'a': [{'x': ...}]}


def test_at_most_means_no_other_keys_but_maybe_fewer() -> None:
    assert Object({'a': [{'x': 1}]}) <= {'a': [{'x': 1, 'y': ...}], 'b': 3}
    assert not Object({'a': [{'x': 1, 'z': 1}]}) <= {'a': [{'x': 1, 'y': ...}], 'b': 3}


@pytest.mark.parametrize('comparison', [operator.lt, operator.gt])
def test_strict_comparisons_are_refused_with_advice(comparison: Any) -> None:
    with pytest.raises(TypeError, match=r'type >= .*, <= .*, or =='):
        comparison(Object({'a': {}}), {})
    with pytest.raises(TypeError, match=r'type >= .*, <= .*, or =='):
        comparison(Object({'a': {}})['a'], {})
    with pytest.raises(TypeError, match=r'type >= .*, <= .*, or =='):
        comparison(Object({'a': {}}).history, [])


@pytest.mark.parametrize('other', [None, 1, 'x', [], [{}]])
def test_an_object_is_unlike_what_is_no_mapping(other: Any) -> None:
    assert Object({}) != other
    with pytest.raises(TypeError, match='not supported'):
        Object({}) >= other


def test_objects_can_not_be_hashed_since_they_change() -> None:
    with pytest.raises(TypeError, match='unhashable'):
        hash(Object({}))


def test_any_dictionary_can_be_compared_not_only_json() -> None:
    marker = object()
    state: dict[Any, Any] = {1: marker, 'x': {2}}
    assert Object(state) >= {1: marker}
