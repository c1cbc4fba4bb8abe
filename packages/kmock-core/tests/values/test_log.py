"""The log is a sequence like any other, only in blocks."""

import gc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kmock_core.values.log import BLOCK, Log
from kmock_core.values.requests import IN_PROCESS, Record


def record(number: int) -> Record:
    return (number, 'GET', '/', (), b'', IN_PROCESS)


def log_of(size: int) -> Log:
    """A log as a handler fills it."""
    log = Log()
    for number in range(size):
        log.tail.append(record(number))
        if len(log.tail) == BLOCK:
            log.seal()
    return log


SIZES = [0, 1, BLOCK - 1, BLOCK, BLOCK + 1, 3 * BLOCK + 7]


@pytest.mark.parametrize('size', SIZES)
def test_a_log_is_the_list_of_its_records(size: int) -> None:
    log, expected = log_of(size), [record(number) for number in range(size)]
    assert len(log) == size
    assert list(log) == expected
    assert list(reversed(log)) == expected[::-1]
    assert bool(log) is bool(expected)


@pytest.mark.parametrize('size', SIZES)
def test_every_record_is_found_from_both_ends(size: int) -> None:
    log = log_of(size)
    for number in {0, 1, BLOCK - 1, BLOCK, size - 1} & set(range(size)):
        assert log[number][0] == number
        assert log[number - size][0] == number
    for outside in (size, -size - 1):
        with pytest.raises(IndexError, match=f'there is no request {outside}, only {size} came'):
            log[outside]


@given(st.sampled_from(SIZES), st.slices(3 * BLOCK + 10))
def test_slices_are_those_of_a_list(size: int, part: slice) -> None:
    assert [item[0] for item in log_of(size)[part]] == list(range(size))[part]


def test_the_collector_does_not_visit_old_records() -> None:
    log = log_of(2 * BLOCK)
    for _ in range(2):  # the records first, and then the blocks of them
        gc.collect()
    assert not any(gc.is_tracked(log[number]) for number in (0, BLOCK, 2 * BLOCK - 1))
    assert not any(gc.is_tracked(block) for block in log._state[0])  # pyright: ignore[reportPrivateUsage]
