from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kmock_k8s.ownership.fieldsets import (
    FieldSet,
    Path,
    canonical,
    decode,
    difference,
    encode,
    inside,
    intersection,
    leaves,
    outside,
    paths,
    show_path,
    union,
)

elements = st.sampled_from(('f:a', 'f:b', 'k:{"name":"a"}', 'v:1', 'v:"x"', 'i:0'))
raw: st.SearchStrategy[Any] = st.recursive(
    st.just({}), lambda below: st.dictionaries(st.one_of(elements, st.just('.')), below, max_size=3), max_leaves=12
)
sets: st.SearchStrategy[FieldSet] = raw.map(decode)


def fields(one: FieldSet) -> set[Path]:
    return set(paths(one))


@given(sets, sets)
def test_the_operations_are_those_of_sets_of_paths(one: FieldSet, other: FieldSet) -> None:
    assert fields(union(one, other)) == fields(one) | fields(other)
    assert fields(difference(one, other)) == fields(one) - fields(other)
    assert fields(intersection(one, other)) == fields(one) & fields(other)
    assert (not difference(one, other)) == (fields(one) <= fields(other))


@given(sets)
def test_the_operations_with_the_set_itself_copy_nothing(one: FieldSet) -> None:
    inner: FieldSet = {'f:x': one}

    assert union(inner, {'f:x': one})['f:x'] is one
    assert difference(one, {}) is one
    assert difference(one, one) == {}


@given(sets, sets)
def test_a_set_is_divided_by_the_places_of_another(one: FieldSet, other: FieldSet) -> None:
    below = {path for path in paths(one) if any(path[:length] in fields(other) for length in range(1, len(path) + 1))}

    assert fields(inside(one, other)) == below
    assert fields(outside(one, other)) == fields(one) - below


@given(sets, sets)
def test_equal_sets_are_equal_trees(one: FieldSet, other: FieldSet) -> None:
    for result in (union(one, other), difference(one, other), intersection(one, other), inside(one, other)):
        assert decode(result) == result
    assert (one == other) == (fields(one) == fields(other))


@given(sets)
def test_what_is_written_is_read(one: FieldSet) -> None:
    assert decode(canonical(one)) == one
    assert canonical(canonical(one)) == canonical(one)


@given(sets)
def test_leaves_have_nothing_below(one: FieldSet) -> None:
    every = fields(one)
    tops = {path for path in every if not any(other[: len(path)] == path for other in every - {path})}

    assert fields(leaves(one)) == tops


def test_sets_are_written_in_the_order_of_the_api() -> None:
    given: FieldSet = {'f:b': {}, 'f:a': {'k:{"port":443}': {}, 'k:{"port":80}': {'f:x': {}, '.': {}}, '.': {}}}

    assert encode(given) == b'{"f:a":{".":{},"k:{\\"port\\":80}":{".":{},"f:x":{}},"k:{\\"port\\":443}":{}},"f:b":{}}'


def test_fields_of_one_place_come_before_those_below_it() -> None:
    given: FieldSet = {'f:a': {'f:x': {}}, 'f:b': {}, 'f:c': {'.': {}, 'f:y': {}}}

    assert [show_path(path) for path in paths(given)] == ['.b', '.c', '.a.x', '.c.y']


@pytest.mark.parametrize('given', [None, [], 'f:a', {'x': {}}, {'f:a': None}, {'f:a': {'': {}}}])
def test_other_json_is_no_set(given: Any) -> None:
    with pytest.raises(ValueError, match=r'no element of a path of fields|a set of fields is an object'):
        decode(given)
