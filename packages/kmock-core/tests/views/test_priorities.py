"""Priorities: the higher is asked first; stacked ones are compared as tuples that are padded with zeros."""

from collections.abc import Callable
from itertools import zip_longest
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kmock_core import Priority, RawHandler, Request, View

numbers = st.integers(-2, 2) | st.sampled_from([float('inf'), float('-inf'), 0.5, -0.0, 10**30])
stacks = st.lists(numbers, max_size=4)

INFINITY = float('inf')


def stack(view: View[Request], priorities: list[float]) -> View[Request]:
    for priority in priorities:
        view = view**priority
    return view


def higher(first: tuple[float, ...], second: tuple[float, ...]) -> bool:
    """The rule in the plainest words: True if the first is higher, or equal to the second."""
    for a, b in zip_longest(first, second, fillvalue=0):
        if a != b:
            return bool(a > b)
    return True


async def winner(kmock: RawHandler) -> str:
    return await (await kmock.get()).text()


@given(stacks, stacks)
@example([0.0] * 40 + [5], [0.0] * 40)
@example([0.0] * 40 + [-5], [0.0] * 40)
@example([5.0] * 33, [5.0] * 32)
@example([0, 1], [0, 0, 1])
@example([0, -1], [0, 0, -1])
@example([0, -1], [0, 0, 1])
@example([INFINITY, -INFINITY], [INFINITY])
async def test_the_higher_stack_wins_and_the_first_of_equal_ones(first: list[float], second: list[float]) -> None:
    async with RawHandler(strict=True) as kmock:
        stack(kmock, first) << b'first'
        stack(kmock, second) << b'second'
        assert await winner(kmock) == ('first' if higher(tuple(first), tuple(second)) else 'second')


@given(st.lists(stacks, min_size=1, max_size=8))
async def test_rules_are_asked_in_the_order_of_their_priorities(priorities: list[list[float]]) -> None:
    async with RawHandler(strict=True) as kmock:
        rules = [stack(kmock, item) << None for item in priorities]
        order: list[int] = []
        for number in range(len(priorities)):  # a selection sort, as plain as can be
            lower = (
                p for p, other in enumerate(order) if not higher(tuple(priorities[other]), tuple(priorities[number]))
            )
            order.insert(next(lower, len(order)), number)
        assert [id(rule) for rule in kmock.rules] == [id(rules[number]) for number in order]
        kmock.fallback << 200
        await kmock.get()


STACKED: list[tuple[Callable[[RawHandler], View[Request]], tuple[float, ...]]] = [
    (lambda kmock: kmock, ()),
    (lambda kmock: kmock['get'], ()),
    (lambda kmock: kmock**5, (5,)),
    (lambda kmock: (kmock**5)['get'], (5,)),
    (lambda kmock: kmock['get'] ** 5, (5,)),
    (lambda kmock: kmock['get'][:1] ** 5, (5,)),
    (lambda kmock: (kmock**1)['get'] ** 5, (1, 5)),
    (lambda kmock: (kmock**5)['get'] ** 1, (5, 1)),
    (lambda kmock: kmock**-1, (-1,)),
    (lambda kmock: kmock**0.5, (0.5,)),
    (lambda kmock: kmock.override, (INFINITY,)),
    (lambda kmock: kmock.fallback, (-INFINITY,)),
    (lambda kmock: kmock['get'].override, (INFINITY,)),
    (lambda kmock: kmock.override['get'], (INFINITY,)),
    (lambda kmock: kmock.fallback.override, (-INFINITY, INFINITY)),
    (lambda kmock: kmock.override.fallback, (INFINITY, -INFINITY)),
    (lambda kmock: (kmock['get'] ** 5) | kmock['post'], (5,)),
    (lambda kmock: (kmock**5) | (kmock**9), (9, 5)),
    (lambda kmock: (kmock**5) & (kmock**9), (9, 5)),
    (lambda kmock: kmock**5 - kmock['post'] ** 9, (5,)),
    (lambda kmock: ~(kmock**5), ()),
    (lambda kmock: (kmock**5)[...], (5,)),
]


@pytest.mark.parametrize(
    ('make', 'priorities'),
    STACKED,
)
def test_views_have_the_priorities_that_they_were_made_with(make: Any, priorities: tuple[float, ...]) -> None:
    assert make(RawHandler()).priorities == priorities


def test_a_reaction_has_the_priorities_of_its_view_and_keeps_them() -> None:
    kmock = RawHandler()
    rule = kmock**5 << b'a'
    assert rule.priorities == (rule << b'b').priorities == (5,)


async def test_a_priority_changes_nothing_in_what_a_view_has() -> None:
    async with RawHandler(strict=True) as kmock:
        kmock << 200
        view = kmock['get'] ** 5
        await kmock.get()
        await kmock.post()
        assert view == kmock['get'] == kmock['get'].fallback
        assert isinstance(view, Priority)
        assert view.priority == 5


async def test_an_override_defined_last_goes_first_and_a_fallback_defined_first_goes_last() -> None:
    async with RawHandler(strict=True) as kmock:
        kmock.fallback << b'fallback'
        assert await winner(kmock) == 'fallback'
        kmock << b'plain'
        assert await winner(kmock) == 'plain'
        kmock['get'] ** 5 << b'five'
        assert await winner(kmock) == 'five'
        kmock.override['get /'] << b'override'
        assert await winner(kmock) == 'override'
        kmock['get /'].override << b'too late'
        assert await winner(kmock) == 'override'


async def test_among_equals_the_first_defined_wins_however_exact_the_others_are() -> None:
    async with RawHandler(strict=True) as kmock:
        kmock['/*'] << b'glob'
        kmock['get /x'] << b'exact'
        kmock << b'all'
        assert await (await kmock.get('/x')).read() == b'glob'


async def test_a_rule_for_many_alternatives_of_one_priority_may_have_more_than_anybody_would_stack() -> None:
    async with RawHandler(strict=True) as kmock:
        kmock.override[{f'/{number}' for number in range(100)}] << b'one of many'
        kmock << b'other'
        assert await (await kmock.get('/99')).read() == b'one of many'
        assert await (await kmock.get('/100')).read() == b'other'


def test_not_a_number_is_no_priority() -> None:
    with pytest.raises(ValueError, match='NaN is no priority'):
        RawHandler() ** float('nan')


@pytest.mark.parametrize('bad', ['a', None, object(), 1j, [1]])
def test_what_is_not_a_number_is_no_priority(bad: Any) -> None:
    with pytest.raises(TypeError, match='unsupported operand'):
        RawHandler() ** bad
