"""Copies of parsed JSON."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from kmock_k8s.model.copying import copy

values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
)


@given(values)
def test_a_copy_is_the_same_json(value: Any) -> None:
    assert json.dumps(copy(value)) == json.dumps(value)


def test_a_copy_shares_nothing() -> None:
    original: Any = {'a': [{'b': [1]}], 'c': {}}
    copied = copy(original)
    original['a'][0]['b'].append(2)
    original['c']['d'] = 3
    original['a'].append(4)
    assert copied == {'a': [{'b': [1]}], 'c': {}}
