"""The guard of the hot path that noise can't touch: how many calls a request costs. The ceilings may only sink."""

import sys

import pytest

from benchmarks import calls

CEILING = 160

counted_on_3_11 = pytest.mark.skipif(
    sys.version_info[:2] != (3, 11), reason='the ceiling is that of Python 3.11; other versions count otherwise'
)


@counted_on_3_11
@pytest.mark.parametrize(('rules', 'past'), [(1, 0), (10_000, 0), (1, 10_000)])
async def test_a_request_costs_no_more_calls_than_ever(rules: int, past: int) -> None:
    assert await calls.calls_of_kmock(rules, past) <= CEILING


@counted_on_3_11
async def test_a_request_costs_fewer_calls_than_with_bare_aiohttp() -> None:
    assert await calls.calls_of_kmock() <= await calls.calls_of_bare()
