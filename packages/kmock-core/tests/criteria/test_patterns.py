"""Value patterns, against small models."""

import fnmatch
import functools
import itertools
import operator
import re
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from kmock_core.criteria.differences import align, differences, in_one_line
from kmock_core.criteria.patterns import (
    ABSENT,
    any_matches,
    compile_glob,
    describe,
    is_glob,
    matches,
    merge_patterns,
)
from kmock_core.errors import ContradictionError
from kmock_core.values.bodies import FormFile

numbers = st.integers(-3, 3) | st.sampled_from([0.5, 1.0, -2.5])
leaves = st.none() | st.booleans() | numbers | st.sampled_from(['', 'a', 'b', '1', '1.0', 'true', 'no', 'None'])
keys = st.sampled_from(['a', 'b', 'c'])


def nested(leaves: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.recursive(
        leaves, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3), max_leaves=8
    )


json = nested(leaves)
patterns = nested(
    leaves
    | st.just(...)
    | st.sampled_from([range(2), re.compile('[ab1]'), re.compile(b'[ab]?'), b'a', b'1', frozenset({1, 'a'})])
)


@given(json, st.booleans())
def test_a_json_document_matches_itself(value: Any, exact: bool) -> None:
    assert matches(value, value, exact=exact)


def without_some_keys(value: Any, keep: st.DataObject) -> Any:
    items: list[Any] = value
    fields: dict[str, Any] = value
    if isinstance(value, dict):
        return {key: without_some_keys(item, keep) for key, item in fields.items() if keep.draw(st.booleans())}
    return [without_some_keys(item, keep) for item in items] if isinstance(value, list) else items


@given(json, st.data())
def test_a_part_of_a_document_matches_the_whole(value: Any, keep: st.DataObject) -> None:
    part = without_some_keys(value, keep)
    assert matches(part, value)
    if matches(part, value, exact=True):
        assert without_nulls(part) == without_nulls(value)


def without_nulls(value: Any) -> Any:
    items: list[Any] = value
    fields: dict[str, Any] = value
    if isinstance(value, dict):
        return {key: without_nulls(item) for key, item in fields.items() if item is not None}
    return [without_nulls(item) for item in items] if isinstance(value, list) else items


@given(patterns, json)
def test_what_matches_exactly_matches(pattern: Any, value: Any) -> None:
    assert matches(pattern, value) or not matches(pattern, value, exact=True)


@given(patterns, json | st.just(ABSENT), st.booleans())
def test_the_differences_are_none_if_and_only_if_it_matches(pattern: Any, value: Any, exact: bool) -> None:
    lines = list(differences('data', pattern, value, exact=exact))
    assert (not lines) is matches(pattern, value, exact=exact)
    assert all(line.startswith('data') and line.isprintable() for line in lines)


@given(patterns, patterns, json | st.just(ABSENT))
@example(1, '1', 1.0)
@example('1', 1, 1.0)
@example(True, 'true', 'yes')
@example(..., None, ABSENT)
def test_a_merged_pattern_matches_what_both_match(first: Any, second: Any, value: Any) -> None:
    merged, error = merge(first, second)
    if error is None:
        assert matches(merged, value) is (matches(first, value) and matches(second, value))
    else:
        assert error.field.startswith('data')
        assert str(error).startswith(f'Ambiguous values of {error.field}: ')


def merge(first: Any, second: Any) -> tuple[Any, ContradictionError | None]:
    try:
        return merge_patterns('data', first, second), None
    except ContradictionError as exc:
        return None, exc


@given(patterns, patterns)
def test_merging_is_symmetric_in_whether_it_succeeds(first: Any, second: Any) -> None:
    assert (merge(first, second)[1] is None) is (merge(second, first)[1] is None)


def obvious(pattern: Any, value: Any) -> bool:
    """The table of the documentation, once more, in the plainest words; without the words for booleans."""
    if pattern is ... or pattern is None:
        return (value is not ABSENT) if pattern is ... else (value is ABSENT or value is None)
    fields: tuple[dict[str, Any], dict[str, Any]] = pattern, value
    items: tuple[list[Any], list[Any]] = pattern, value
    if isinstance(pattern, dict):
        return isinstance(value, dict) and all(obvious(p, fields[1].get(k, ABSENT)) for k, p in fields[0].items())
    if isinstance(pattern, list):
        return isinstance(value, list) and len(items[0]) == len(items[1]) and all(map(obvious, *items))
    if isinstance(value, (dict, list, bool)) or value is ABSENT or value is None:
        return False
    if isinstance(pattern, (int, float)) and isinstance(value, (int, float)):
        return pattern == value
    return str(pattern) == str(value)


plain = nested(st.none() | st.just(...) | numbers | st.sampled_from(['', 'a', '1', '1.0', '0.5', 'None']))


@given(plain, json | st.just(ABSENT))
def test_plain_patterns_match_as_the_obvious_model_says(pattern: Any, value: Any) -> None:
    assert matches(pattern, value) is obvious(pattern, value)


one_of_them = st.sampled_from([..., None, '1', 1, re.compile('[12]'), frozenset({'1', '2'})])


@given(one_of_them, st.lists(st.sampled_from('123')))
def test_any_of_repeated_values_may_match(pattern: Any, values: list[str]) -> None:
    assert any_matches(pattern, values) is (
        not values if pattern is None else any(matches(pattern, value) for value in values)
    )


@given(st.lists(st.sampled_from('12')), st.lists(st.sampled_from('12')))
def test_a_list_means_exactly_these_repeated_values(pattern: list[str], values: list[str]) -> None:
    assert any_matches(pattern, values) is (pattern == values)


globs = st.text('ab/*?[]!-^\\.', max_size=12)
subjects = st.text('ab/[]!-^\\.', max_size=8)


@given(globs, subjects)
@example('[!!a]', '!')
@example('[]-a]', 'a')
@example('[a-]', '-')
@example('[--/]', '.')
@example('[b-a]', 'b')
@example('[!b-a]', 'b')
def test_globs_are_those_of_the_shell(glob: str, subject: str) -> None:
    assert (compile_glob(glob).fullmatch(subject) is not None) is fnmatch.fnmatchcase(subject, glob)


@given(st.text('a{}0:path/_-'), st.text('a{}0:path/_-'))
def test_no_placeholder_crashes(pattern: str, subject: str) -> None:
    match = compile_glob(pattern).fullmatch(subject)
    assert match is None or all(name.isidentifier() for name in match.groupdict())
    assert is_glob(pattern) or (match is not None) is (pattern == subject)


@given(st.lists(st.text('abc', min_size=1), min_size=1, max_size=4), st.lists(st.text('abc/', max_size=4), max_size=5))
def test_a_placeholder_takes_one_segment(names: list[str], segments: list[str]) -> None:
    assume(len(set(names)) == len(names))
    pattern = ''.join(f'/{{{name}}}' for name in names)
    subject = ''.join(f'/{segment}' for segment in segments)
    match = compile_glob(pattern).fullmatch(subject)
    parts = subject.split('/')[1:]
    expected = dict(zip(names, parts, strict=True)) if len(parts) == len(names) and all(parts) else None
    assert (match and match.groupdict()) == expected


@given(st.text(max_size=10), st.text(max_size=10))
def test_a_text_without_special_characters_is_itself(pattern: str, subject: str) -> None:
    assume(not is_glob(pattern))
    assert compile_glob(pattern).fullmatch(pattern)
    assert (compile_glob(pattern).fullmatch(subject) is not None) is (pattern == subject)


class Verbose:
    """A value with a representation of many lines, as those of tables and arrays."""

    def __repr__(self) -> str:
        return 'Verbose(\n    1,\n    2,\n)'


@pytest.mark.parametrize(
    ('pattern', 'words'),
    [
        (..., 'anything'),
        (None, 'nothing'),
        (ABSENT, 'absent'),
        ('x', "'x'"),
        (re.compile('x'), "re.compile('x')"),
        (re.compile('x  # verbose\n', re.VERBOSE), "re.compile('x  # verbose\\n')"),
        ({'a': [1]}, "{'a': [1]}"),
        (Verbose(), 'Verbose( 1, 2, )'),
    ],
)
def test_a_pattern_is_described_in_a_line(pattern: Any, words: str) -> None:
    assert describe(pattern) == words


@given(st.integers(min_value=0, max_value=10_000))
def test_a_description_is_never_long(size: int) -> None:
    assert len(describe('x' * size)) <= 200
    assert len(describe([Verbose()] * size)) <= 200


@pytest.mark.parametrize(
    ('pattern', 'value', 'lines'),
    [
        ({'a': 1}, {'a': 2}, ["data['a']: 2 != 1"]),
        ({'a': 1}, {}, ["data['a']: absent != 1"]),
        ({'a': {'b': ...}}, {'a': {}}, ["data['a']['b']: absent != anything"]),
        ({'a': None}, {'a': 1}, ["data['a']: 1 != nothing"]),
        ({'a': 1, 'b': 2}, {'b': 3}, ["data['a']: absent != 1", "data['b']: 3 != 2"]),
        ([1], [2], ['data[0]: 2 != 1']),
        ([1, 2], [1], ['data: 1 item instead of 2']),
        ([], [1], ['data: [1] != []']),
        ({'a': [{'b': 1}, {'b': 2}]}, {'a': [{'b': 1}, {'b': 3}]}, ["data['a'][1]['b']: 3 != 2"]),
        ({'a': 1}, [1], ["data: [1] != {'a': 1}"]),
        ({'a': 1}, {'a': 1, 'b': 2}, []),
    ],
)
def test_differences_name_the_place(pattern: Any, value: Any, lines: list[str]) -> None:
    assert list(differences('data', pattern, value)) == lines


def test_exact_differences_name_what_was_not_expected() -> None:
    assert list(differences('data', {'a': 1}, {'a': 1, 'b': 2}, exact=True)) == ["data['b']: unexpected 2"]


@given(patterns, json, st.booleans())
def test_aligned_documents_differ_if_and_only_if_the_value_does_not_match(
    pattern: Any, value: Any, exact: bool
) -> None:
    expected, actual = align(pattern, value, exact=exact)
    assert (repr(expected) == repr(actual)) is matches(pattern, value, exact=exact)


@pytest.mark.parametrize(
    ('pattern', 'value', 'expected', 'actual'),
    [
        ({'a': {1, 2}, 'b': 'x'}, {'a': 2, 'b': 'y'}, {'a': 2, 'b': 'x'}, {'a': 2, 'b': 'y'}),
        ({'a': 1}, {'a': 2, 'more': 3}, {'a': 1}, {'a': 2}),
        ({'name': 1}, {'nmae': 1}, {'name': 1}, {'nmae': 1}),
        ([{'a': '1'}, 5], [{'a': 1}, 6, 7], [{'a': 1}, 5], [{'a': 1}, 6, 7]),
        ({'a': None}, {}, {}, {}),
    ],
    ids=['what matches is the same', 'what is not asked for', 'a misspelt key', 'lists', 'absent'],
)
def test_aligned_documents_show_what_matters(pattern: Any, value: Any, expected: Any, actual: Any) -> None:
    assert align(pattern, value) == (expected, actual)


def test_what_is_expected_of_a_file_is_aligned_with_its_fields() -> None:
    file = FormFile(b'x', 'you.png', 'image/png')
    assert align({'filename': 'me.png'}, file) == ({'filename': 'me.png'}, {'filename': 'you.png'})


def test_the_first_few_differences_are_in_one_line_and_no_more_are_looked_for() -> None:
    assert in_one_line(['a', 'b', 'c']) == 'a; b; c'
    endless = itertools.repeat('x')
    assert in_one_line(endless) == 'x; x; x; …'


class Shouting(Mapping[str, str]):
    """A mapping that is no dict."""

    def __getitem__(self, key: str) -> str:
        return key.upper()

    def __iter__(self) -> Any:
        return iter('ab')

    def __len__(self) -> int:
        return 2


def test_any_mapping_is_a_pattern_and_a_value() -> None:
    assert matches(Shouting(), {'a': 'A', 'b': 'B', 'c': 'C'})
    assert matches({'a': 'A'}, Shouting())
    assert not matches(Shouting(), {'a': 'A'})


@pytest.mark.parametrize(
    'pattern',
    [str.isdigit, '1'.__eq__, functools.partial(operator.eq, '1'), ['1', '2'].__contains__, {'1': True}.get],
    ids=['method descriptor', 'method wrapper', 'partial', 'builtin method', 'method of a dict'],
)
def test_a_function_of_any_kind_is_asked_about_the_value(pattern: Any) -> None:
    assert matches({'id': pattern}, {'id': '1'})
    assert not matches({'id': pattern}, {'id': 'x'})
