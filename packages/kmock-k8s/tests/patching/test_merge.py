"""Merge patches, by the examples of RFC 7386 and by laws."""

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kmock_k8s.errors import KubernetesBadRequestError
from kmock_k8s.patching.merge import merge

APPENDIX: list[tuple[Any, Any, Any]] = [  # RFC 7386, appendix A: the original, the patch, the result
    ({'a': 'b'}, {'a': 'c'}, {'a': 'c'}),
    ({'a': 'b'}, {'b': 'c'}, {'a': 'b', 'b': 'c'}),
    ({'a': 'b'}, {'a': None}, {}),
    ({'a': 'b', 'b': 'c'}, {'a': None}, {'b': 'c'}),
    ({'a': ['b']}, {'a': 'c'}, {'a': 'c'}),
    ({'a': 'c'}, {'a': ['b']}, {'a': ['b']}),
    ({'a': {'b': 'c'}}, {'a': {'b': 'd', 'c': None}}, {'a': {'b': 'd'}}),
    ({'a': [{'b': 'c'}]}, {'a': [1]}, {'a': [1]}),
    (['a', 'b'], ['c', 'd'], ['c', 'd']),
    ({'a': 'b'}, ['c'], ['c']),
    ({'a': 'foo'}, None, None),
    ({'a': 'foo'}, 'bar', 'bar'),
    ({'e': None}, {'a': 1}, {'e': None, 'a': 1}),
    ([1, 2], {'a': 'b', 'c': None}, {'a': 'b'}),
    ({}, {'a': {'bb': {'ccc': None}}}, {'a': {'bb': {}}}),
]

keys = st.sampled_from('abc')
scalars = st.none() | st.booleans() | st.integers(0, 3) | st.text(max_size=1)
values: st.SearchStrategy[Any] = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3), max_leaves=12
)
objects = st.dictionaries(keys, values, max_size=3)
without_nulls: st.SearchStrategy[Any] = st.recursive(  # a merge patch can't set a null
    st.booleans() | st.integers(0, 3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3),
    max_leaves=12,
)


def merge_by_rfc(target: Any, patch: Any) -> Any:
    """The pseudo-code of RFC 7386, section 2."""
    patched: dict[str, Any] = patch
    original: Any = target
    if not isinstance(patch, dict):
        return copy.deepcopy(patch)
    merged: dict[str, Any] = copy.deepcopy(original) if isinstance(target, dict) else {}
    for name, value in patched.items():
        if value is None:
            merged.pop(name, None)
        else:
            merged[name] = merge_by_rfc(merged.get(name), value)
    return merged


def diff(old: Any, new: Any) -> Any:
    """The merge patch that makes the one of the other."""
    before: dict[str, Any] = old
    after: dict[str, Any] = new
    if not isinstance(old, dict) or not isinstance(new, dict):
        return new
    removed = {name: None for name in before if name not in after}
    changed = {name: diff(before.get(name), value) for name, value in after.items() if before.get(name) != value}
    return {**removed, **changed}


def containers(value: Any) -> Iterator[int]:
    """The identities of all dictionaries and lists in a value, itself included."""
    mapping: dict[str, Any] = value
    items: list[Any] = value
    if isinstance(value, dict):
        yield id(mapping)
        for item in mapping.values():
            yield from containers(item)
    elif isinstance(value, list):
        yield id(items)
        for item in items:
            yield from containers(item)


def nest(depth: int, innermost: Any) -> Any:
    for _ in range(depth):
        innermost = {'a': innermost}
    return innermost


@pytest.mark.parametrize(('target', 'patch', 'merged'), APPENDIX)
def test_the_examples_of_the_rfc_hold(target: Any, patch: Any, merged: Any) -> None:
    assert merge(copy.deepcopy(target), patch) == merged


@given(values, values)
def test_it_does_what_the_rfc_says(target: Any, patch: Any) -> None:
    assert merge(copy.deepcopy(target), patch) == merge_by_rfc(target, patch)


@given(without_nulls, without_nulls)
def test_a_difference_leads_from_the_one_to_the_other(old: Any, new: Any) -> None:
    assert merge(copy.deepcopy(old), diff(old, new)) == new


@given(objects, objects)
def test_a_patch_that_is_merged_again_changes_nothing(target: Any, patch: Any) -> None:
    once = merge(target, patch)
    assert merge(copy.deepcopy(once), patch) == once


@given(values, values)
def test_the_patch_is_neither_changed_nor_shared(target: Any, patch: Any) -> None:
    before = json.dumps(patch)
    merged = merge(target, patch)
    assert json.dumps(patch) == before
    assert not set(containers(merged)) & set(containers(patch))


@given(objects, objects)
def test_an_object_is_changed_in_place(target: Any, patch: Any) -> None:
    assert merge(target, patch) is target


@pytest.mark.parametrize(
    'patch', [nest(100_000, 1), nest(100_000, [1]), {'a': [nest(100_000, 1)]}], ids=['one', 'list', 'in']
)
def test_a_patch_that_is_nested_too_deep_is_a_bad_request(patch: Any) -> None:
    with pytest.raises(KubernetesBadRequestError, match='nested too deep'):
        merge({}, patch)


def test_a_patch_of_some_hundred_levels_is_merged() -> None:
    assert merge({}, nest(300, 1)) == nest(300, 1)
