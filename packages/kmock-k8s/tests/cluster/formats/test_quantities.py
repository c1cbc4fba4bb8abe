"""Quantities: one way to write each, as the real server does it."""

import re
from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from kmock_k8s.cluster.formats.quantities import (
    WRONG_FORMAT,
    WRONG_NUMBER,
    WRONG_SUFFIX,
    amount_of,
    canonize_quantity,
    parse_quantity,
)

NUMBERS = st.from_regex(r'\A[+-]?(0|[1-9][0-9]{0,8})(\.[0-9]{1,4})?\Z')
SUFFIXES = st.sampled_from(['', 'n', 'u', 'm', 'k', 'M', 'G', 'T', 'P', 'E', 'Ki', 'Mi', 'Gi', 'Ti', 'e3', 'E-2'])


@pytest.mark.parametrize(
    ('text', 'shown'),
    [
        ('0.5', '500m'),
        ('1024Mi', '1Gi'),
        ('1500', '1500'),
        ('1000', '1k'),
        ('1000m', '1'),
        ('0', '0'),
        ('0.5Gi', '512Mi'),
        ('1023Ki', '1023Ki'),
        ('0.1Ki', '102400m'),
        ('1e3', '1e3'),
        ('100e1', '1e3'),
        ('12E', '12E'),
        ('-1', '-1'),
        ('+5', '5'),
        ('5.', '5'),
        ('0.1n', '1n'),
        (' 2 ', '2'),
    ],
)
def test_a_quantity_is_written_in_one_way(text: str, shown: str) -> None:
    assert canonize_quantity(text) == shown


@pytest.mark.parametrize(
    ('text', 'why'),
    [
        ('lots', WRONG_FORMAT),
        ('', WRONG_FORMAT),
        ('m', WRONG_FORMAT),
        ('5 m', WRONG_FORMAT),
        ('5i', WRONG_SUFFIX),
        ('5u5', WRONG_SUFFIX),
        ('5KI', WRONG_FORMAT),
        ('1..2', WRONG_NUMBER),
        ('1e9999', WRONG_NUMBER),
    ],
)
def test_what_is_no_quantity_is_refused_with_the_words_of_the_server(text: str, why: str) -> None:
    with pytest.raises(ValueError, match=f'^{re.escape(why)}$'):
        parse_quantity(text)


@given(NUMBERS, SUFFIXES)
def test_the_amount_stays_the_same_up_to_the_smallest_unit(number: str, suffix: str) -> None:
    before, after = amount_of(number + suffix), amount_of(canonize_quantity(number + suffix))
    unit = Fraction(1, 10**9) if abs(before) < 1024 or not suffix.endswith('i') else 1
    assert 0 <= abs(after) - abs(before) < unit


@given(NUMBERS, SUFFIXES)
def test_what_is_written_is_written_in_the_same_way_again(number: str, suffix: str) -> None:
    shown = canonize_quantity(number + suffix)
    assume(not suffix.endswith('i') or not shown[-1].isdigit())  # a binary one without a suffix is a decimal one then
    assert canonize_quantity(shown) == shown
