"""JSON for people."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kmock_k8s.cluster.representing.indenting import indent
from kmock_k8s.model.encoding import encode

JSON: Any = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(JSON)
def test_it_is_the_same_json(value: Any) -> None:
    assert json.loads(indent(encode(value))) == value


@pytest.mark.parametrize(
    ('raw', 'text'),
    [
        (b'{}', '{}'),
        (b'[]', '[]'),
        (b'{"a":{},"b":[]}', '{\n  "a": {},\n  "b": []\n}'),
        (b'[1,[2]]', '[\n  1,\n  [\n    2\n  ]\n]'),
        (b'{"a":1.0}', '{\n  "a": 1.0\n}'),
        (b'{"a":"x,y:{z}\\"[]"}', '{\n  "a": "x,y:{z}\\"[]"\n}'),
        (b'"<a&b>"', '"\\u003ca\\u0026b\\u003e"'),
        ('"\u2028é"'.encode(), '"\\u2028é"'),
    ],
)
def test_it_is_written_as_go_does(raw: bytes, text: str) -> None:
    assert indent(raw).decode() == text
