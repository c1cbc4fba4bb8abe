"""JSON of objects: copies, bytes, errors."""

import enum
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kmock_k8s.errors import NotJSONError
from kmock_k8s.model.encoding import as_line, copy_object, encode

texts = st.text(st.characters(codec=None))
values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
)
objects = st.dictionaries(texts, values, max_size=3)


@given(objects)
def test_what_is_encoded_is_one_line_that_means_the_same(value: Any) -> None:
    raw = encode(copy_object(value))
    assert b'\n' not in raw
    assert json.loads(raw) == value
    assert list(json.loads(raw)) == list(value)


@given(objects, st.sampled_from([None, 2]))
def test_what_was_sent_stays_the_same_but_for_line_breaks(value: Any, indent: int | None) -> None:
    body = json.dumps(value, indent=indent).encode()
    line = as_line(b'\xef\xbb\xbf' + body + b'\r\n')
    assert len(line.splitlines()) == 1
    assert json.loads(line) == value
    if indent is None:
        assert line == body


def test_numbers_stay_as_they_were_sent() -> None:
    assert as_line(b'{"a": 1.10, "b": 1E5, "c": 12345678901234567890}\n') == (
        b'{"a": 1.10, "b": 1E5, "c": 12345678901234567890}'
    )


def test_kinds_of_texts_and_numbers_become_plain_ones() -> None:
    class Word(str, enum.Enum):  # noqa: UP042  # its str() is another text
        ONE = 'one'

    class Number(enum.IntEnum):
        TWO = 2

    copied = copy_object({Word.ONE: Word.ONE, 'n': Number.TWO, 't': (1, 2)})
    assert json.dumps(copied) == '{"one": "one", "n": 2, "t": [1, 2]}'


@pytest.mark.parametrize('value', [b'x', {1}, object(), ..., float('inf'), 1j, range(2)])
def test_what_json_has_not_is_refused(value: Any) -> None:
    with pytest.raises(NotJSONError, match=r"the value of a\['b'\]\[1\]"):
        copy_object({'a': {'b': [0, value]}})


def test_a_body_on_one_line_is_not_copied_as_the_log_has_it_too() -> None:
    body = json.dumps({'a': 1}).encode()
    assert as_line(body) is body
