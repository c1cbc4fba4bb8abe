"""Ages and durations, as people read them."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kmock_k8s.printing import humanize, print_age
from kmock_k8s.printing.ages import print_since

NOW = datetime(2030, 6, 15, 12, 0, 0, tzinfo=UTC)
MINUTE, HOUR, DAY = 60, 3600, 24 * 3600
YEAR = 365 * DAY

DURATIONS = [
    (-3600, '<invalid>'),
    (-2, '<invalid>'),
    (-1.9, '0s'),
    (-1, '0s'),
    (0, '0s'),
    (0.999, '0s'),
    (70 * 1, '70s'),
    (119, '119s'),
    (2 * MINUTE, '2m'),
    (2 * MINUTE + 30, '2m30s'),
    (9 * MINUTE + 59, '9m59s'),
    (10 * MINUTE, '10m'),
    (10 * MINUTE + 59, '10m'),
    (3 * HOUR - 1, '179m'),
    (3 * HOUR, '3h'),
    (3 * HOUR + MINUTE, '3h1m'),
    (3 * HOUR + 59, '3h'),
    (8 * HOUR - 1, '7h59m'),
    (8 * HOUR, '8h'),
    (48 * HOUR - 1, '47h'),
    (2 * DAY, '2d'),
    (2 * DAY + HOUR, '2d1h'),
    (8 * DAY - 1, '7d23h'),
    (8 * DAY, '8d'),
    (8 * DAY + 23 * HOUR, '8d'),
    (2 * YEAR - 1, '729d'),
    (2 * YEAR, '2y'),
    (2 * YEAR + DAY, '2y1d'),
    (8 * YEAR - 1, '7y364d'),
    (8 * YEAR, '8y'),
    (8 * YEAR + 364 * DAY, '8y'),
    (1000 * YEAR, '292y'),
]


@pytest.mark.parametrize(('seconds', 'text'), DURATIONS)
def test_a_duration_has_the_units_that_matter(seconds: float, text: str) -> None:
    assert humanize(timedelta(seconds=seconds)) == text


@pytest.mark.parametrize(
    ('written', 'text'),
    [
        ('2030-06-15T11:59:00Z', '60s'),
        ('2030-06-15T13:55:00+02:00', '5m'),
        ('2030-06-15T11:59:58.750000Z', '1s'),
        ('2030-06-15T11:59:00', '60s'),
        ('2030-06-15T12:00:01Z', '0s'),
        ('2031-06-15T12:00:00Z', '<invalid>'),
        ('0001-01-01T00:00:00Z', '<unknown>'),
        ('yesterday', '<unknown>'),
        ('', '<unknown>'),
        (None, '<unknown>'),
        (7, '<unknown>'),
    ],
)
def test_a_time_is_told_by_how_long_ago_it_was(written: Any, text: str) -> None:
    assert print_since(written, NOW) == text


def test_an_object_without_a_time_of_creation_has_an_unknown_age() -> None:
    assert print_age({'metadata': {'name': 'x'}}, NOW) == '<unknown>'


@given(st.datetimes(timezones=st.just(UTC)), st.datetimes(timezones=st.just(UTC)))
def test_any_two_times_have_an_age_between_them(moment: datetime, now: datetime) -> None:
    assert print_since(moment.isoformat(), now)
