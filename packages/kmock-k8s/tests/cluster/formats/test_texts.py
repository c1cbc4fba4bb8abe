"""Times and bytes, as Go reads them and writes them back."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kmock_k8s.cluster.formats.texts import canonize_bytes
from kmock_k8s.cluster.formats.times import canonize_micro_time, canonize_time


@pytest.mark.parametrize(
    ('text', 'shown'),
    [
        ('2026-01-02T03:04:05Z', '2026-01-02T03:04:05Z'),
        ('2026-01-02T03:04:05.678901Z', '2026-01-02T03:04:05Z'),
        ('2026-01-02T03:04:05+02:00', '2026-01-02T01:04:05Z'),
    ],
)
def test_times_are_in_utc_and_without_fractions(text: str, shown: str) -> None:
    assert canonize_time(text) == shown


@pytest.mark.parametrize(
    ('text', 'why'),
    [
        ('yesterday', 'parsing time "yesterday" as "2006-01-02T15:04:05Z07:00": cannot parse "yesterday" as "2006"'),
        ('2026-01-02', 'parsing time "2026-01-02" as "2006-01-02T15:04:05Z07:00": cannot parse "" as "T"'),
        ('2026-13-02T03:04:05Z', 'parsing time "2026-13-02T03:04:05Z": month out of range'),
        ('2026-02-30T03:04:05Z', 'parsing time "2026-02-30T03:04:05Z": day out of range'),
        ('2026-01-02T03:04:05Z!', 'parsing time "2026-01-02T03:04:05Z!": extra text: "!"'),
    ],
)
def test_what_is_no_time_is_refused_with_the_words_of_go(text: str, why: str) -> None:
    with pytest.raises(ValueError, match='parsing time') as caught:
        canonize_time(text)
    assert str(caught.value) == why


def test_times_of_leases_keep_their_microseconds() -> None:
    assert canonize_micro_time('2026-01-02T03:04:05.678901+01:00') == '2026-01-02T02:04:05.678901Z'


def test_times_of_leases_need_their_microseconds() -> None:
    with pytest.raises(ValueError, match=r'cannot parse "Z" as "\.000000"'):
        canonize_micro_time('2026-01-02T03:04:05Z')


@given(st.binary(max_size=50))
def test_bytes_stay_as_they_are(raw: bytes) -> None:
    text = base64.b64encode(raw).decode()
    assert canonize_bytes(text) == text


def test_line_breaks_in_bytes_are_dropped() -> None:
    assert canonize_bytes('AAEC\r\nAwQ=\n') == 'AAECAwQ='


@pytest.mark.parametrize(('text', 'position'), [('!', 0), ('AA!A', 2), ('AAAAA', 4), ('žluť', 0)])
def test_what_are_no_bytes_is_refused_where_it_goes_wrong(text: str, position: int) -> None:
    with pytest.raises(ValueError, match=f'illegal base64 data at input byte {position}$'):
        canonize_bytes(text)
