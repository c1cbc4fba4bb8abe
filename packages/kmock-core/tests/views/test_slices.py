"""Slices: of the requests of a view, and as rules for certain positions."""

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kmock_core import RawHandler, Request, View

bounds = st.none() | st.integers(-6, 6)
slices = st.builds(slice, bounds, bounds, bounds.filter(lambda step: step != 0))
lines = st.lists(st.sampled_from(['GET', 'POST']), max_size=8)


def ids(view: View[Request]) -> list[int]:
    return [request.id for request in view]


async def served(kmock: RawHandler, verbs: list[str]) -> list[str]:
    """Send the requests, and tell by which rules they were served."""
    return [await (await kmock.request(verb, '/')).text() for verb in verbs]


@given(slices, lines)
async def test_a_slice_of_a_view_is_that_of_a_list(s: slice, verbs: list[str]) -> None:
    async with RawHandler(strict=True) as kmock:
        kmock << 200
        before = kmock['get'][s]
        await served(kmock, verbs)
        gets = [number for number, verb in enumerate(verbs) if verb == 'GET']
        assert ids(before) == ids(kmock['get'][s]) == ids(kmock['get', s]) == gets[s]
        assert ids(kmock[s]) == list(range(len(verbs)))[s]
        assert len(before) == len(gets[s])


@given(slices, slices, lines)
@example(slice(None, -1), slice(None, 1), ['GET', 'GET'])
async def test_a_slice_of_a_slice_is_that_of_a_list(first: slice, second: slice, verbs: list[str]) -> None:
    async with RawHandler(strict=True) as kmock:
        kmock << 200
        before = kmock['get'][first][second]
        filtered = kmock[first]['get']
        await served(kmock, verbs)
        gets = [number for number, verb in enumerate(verbs) if verb == 'GET']
        assert ids(before) == ids(kmock['get'][first][second]) == gets[first][second]
        expected = [number for number in list(range(len(verbs)))[first] if verbs[number] == 'GET']
        assert ids(filtered) == ids(kmock[first]['get']) == expected


@given(slices, lines)
@example(slice(-1, None), ['GET', 'GET'])
@example(slice(None, -1), ['GET', 'GET'])
@example(slice(None, None, -1), ['GET', 'GET'])
async def test_a_rule_on_a_slice_is_for_those_positions_only(s: slice, verbs: list[str]) -> None:
    async with RawHandler(strict=True) as kmock:
        sliced = kmock['get'][s] << b'sliced'
        kmock << b'other'
        expected: list[str] = []
        count = 0
        for verb in verbs:
            count += verb == 'GET'
            # What a list of the requests that have come so far has at its end.
            held = verb == 'GET' and (count - 1) in range(count)[s]
            expected.append('sliced' if held else 'other')
        assert await served(kmock, verbs) == expected
        assert len(sliced) == expected.count('sliced')


async def test_positions_are_counted_whichever_rule_has_served() -> None:
    async with RawHandler(strict=True) as kmock:
        kmock['get /x'] << b'x'
        kmock['get'][:2] << b'first two'
        kmock << b'other'
        answers = [await (await kmock.request(*line.split())).text() for line in ('get /x', 'get /y', 'get /z')]
        assert answers == ['x', 'first two', 'other']


async def test_positions_are_counted_from_the_first_request_and_not_from_the_rule() -> None:
    async with RawHandler(strict=True) as kmock:
        kmock.fallback << b'other'
        assert await served(kmock, ['GET', 'GET']) == ['other', 'other']
        kmock['get'][:3] << b'first three'
        assert await served(kmock, ['GET', 'GET']) == ['first three', 'other']


async def test_slices_of_one_view_share_the_work_between_rules() -> None:
    async with RawHandler(strict=True) as kmock:
        get = kmock['get']
        for position in range(3):
            get[position : position + 1] << f'{position}'.encode()
        kmock << b'other'
        assert await served(kmock, ['POST', 'GET', 'GET', 'POST', 'GET', 'GET']) == [
            'other', '0', '1', 'other', '2', 'other',
        ]  # fmt: skip


async def test_a_slice_of_a_union_counts_each_request_once() -> None:
    async with RawHandler(strict=True) as kmock:
        (kmock['get'] | kmock['/'])[:2] << b'first two'
        kmock << b'other'
        assert await served(kmock, ['GET', 'POST', 'GET']) == ['first two', 'first two', 'other']


async def test_a_slice_of_stateful_functions_counts_what_they_let_through() -> None:
    async with RawHandler(strict=True) as kmock:
        answers = iter([True, False, True, True])
        kmock[lambda: next(answers)][1:2] << b'second'
        kmock << b'other'
        assert await served(kmock, ['GET'] * 4) == ['other', 'other', 'second', 'other']


async def test_a_filter_on_a_slice_narrows_its_rule() -> None:
    async with RawHandler(strict=True) as kmock:
        kmock[:2]['get'] << b'get of the first two'
        kmock << b'other'
        assert await served(kmock, ['POST', 'GET', 'GET']) == ['other', 'get of the first two', 'other']


@pytest.mark.parametrize('bad', [slice(None, None, 0), slice('a', None), slice(None, 1.5), slice(object(), None)])
def test_what_is_no_slice_of_a_list_is_refused(bad: Any) -> None:
    with pytest.raises((TypeError, ValueError), match='slice'):
        RawHandler()['get'][bad]


async def test_absurd_bounds_are_those_of_a_list() -> None:
    async with RawHandler(strict=True) as kmock:
        kmock << 200
        await served(kmock, ['GET', 'GET'])
        huge = 10**30
        assert ids(kmock[-huge:huge]) == [0, 1]
        assert ids(kmock[huge:]) == []
        assert ids(kmock[::huge]) == [0]
