"""YAML as the server writes it; the texts are those of ``sigs.k8s.io/yaml`` 1.4."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kmock_k8s.cluster.representing.golang import print_float
from kmock_k8s.cluster.representing.yaml import write_yaml
from kmock_k8s.manifests.yaml import parse_yaml

TEXTS = st.text(st.characters(codec='utf-8', exclude_characters='\x85\u2028\u2029\ufeff'), max_size=30)
JSON: Any = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=15,
)


@given(JSON)
def test_it_is_the_same_json(value: Any) -> None:
    assert next(parse_yaml(write_yaml(value).decode())) == value


@given(st.text(alphabet='0123456789_.+-:eExobaTZyn ', max_size=12))
def test_texts_that_look_like_something_else_stay_texts(text: str) -> None:
    assert next(parse_yaml(write_yaml({'a': text}).decode())) == {'a': text}


@pytest.mark.parametrize(
    ('value', 'text'),
    [
        ({}, '{}\n'),
        ([], '[]\n'),
        ({'b': [], 'a': {}}, 'a: {}\nb: []\n'),
        ({'a': [{'b': 1, 'c': [2]}]}, 'a:\n- b: 1\n  c:\n  - 2\n'),
        ({'on': True, 'y': None}, '"on": true\n"y": null\n'),
        ({'a': 'yes', 'b': 'no way', 'c': ''}, 'a: "yes"\nb: no way\nc: ""\n'),
        ({'a': '1', 'b': '1.2.3', 'c': '0x1F', 'd': '12:30:45'}, 'a: "1"\nb: 1.2.3\nc: "0x1F"\nd: "12:30:45"\n'),
        ({'a': '2026-01-01T00:00:00Z'}, 'a: "2026-01-01T00:00:00Z"\n'),
        ({'a': 'x: y', 'b': "it's", 'c': '- d', 'd': '#e'}, "a: 'x: y'\nb: it's\nc: '- d'\nd: '#e'\n"),
        ({'a': 'one\ntwo\n'}, 'a: |\n  one\n  two\n'),
        ({'a': 'one\ntwo'}, 'a: |-\n  one\n  two\n'),
        ({'a': '\n\n'}, 'a: |2+\n\n\n'),
        ({'a': 'tab\there\nand'}, 'a: "tab\\there\\nand"\n'),
        ({'a': 'é', 'b': '😀'}, 'a: é\nb: "\\U0001F600"\n'),
        ({'a': '<<', 'b': '='}, 'a: <<\nb: =\n'),
        ({'.': 1, 'f:a': {}, 'k:{"name":"c"}': {}}, '.: 1\nf:a: {}\nk:{"name":"c"}: {}\n'),
        ({'a': 'word ' * 20 + 'end'}, 'a: ' + 'word ' * 15 + 'word\n  ' + 'word ' * 4 + 'end\n'),
        ({'a': 1e6, 'b': 1.5, 'c': 1.0}, 'a: 1e+06\nb: 1.5\nc: 1\n'),
    ],
)
def test_it_is_written_as_go_does(value: Any, text: str) -> None:
    assert write_yaml(value).decode() == text


def test_fields_are_sorted_with_numbers_by_their_values() -> None:
    names = ['a10', 'a9', 'b', 'a', 'a-b', 'aB', '1', 'é', 'a01', 'a1']
    written = write_yaml(dict.fromkeys(names, 'x')).decode()
    assert [line.partition(':')[0].strip('"') for line in written.splitlines()] == [
        '1', 'a', 'a-b', 'a1', 'a01', 'a9', 'a10', 'aB', 'b', 'é',
    ]  # fmt: skip


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_numbers_are_told_from_all_others(number: float) -> None:
    assert float(print_float(number)) == number
