"""Times, as Go parses them (RFC 3339) and as the API writes them: in UTC, with seconds or with microseconds."""

import re
from datetime import UTC, datetime
from functools import lru_cache

_SECONDS = '2006-01-02T15:04:05Z07:00'
_MICROS = '2006-01-02T15:04:05.000000Z07:00'
_STEPS = (
    ('2006', r'[0-9]{4}'), ('-', '-'), ('01', r'[0-9]{2}'), ('-', '-'), ('02', r'[0-9]{2}'), ('T', 'T'),
    ('15', r'[0-9]{2}'), (':', ':'), ('04', r'[0-9]{2}'), (':', ':'), ('05', r'[0-9]{2}'),
)  # fmt: skip
_FRACTION = r'([.,][0-9]+)?'
_MICROSECONDS = r'\.[0-9]{6}'
_ZONE = r'Z|[+-][0-9]{2}:[0-9]{2}'


@lru_cache(maxsize=256)
def canonize_time(text: str) -> str:
    """The time in UTC with whole seconds; a `ValueError` says what Go says."""
    return _parse(text, _SECONDS).strftime('%Y-%m-%dT%H:%M:%SZ')


@lru_cache(maxsize=256)
def canonize_micro_time(text: str) -> str:
    """The time in UTC with microseconds, which have to be there; a `ValueError` says what Go says."""
    return _parse(text, _MICROS).strftime('%Y-%m-%dT%H:%M:%S.%fZ')


def parse_time(text: str) -> datetime:
    """The time, in UTC; a `ValueError` says what Go says."""
    return _parse(text, _SECONDS)


def _parse(text: str, layout: str) -> datetime:
    last = (('.000000', _MICROSECONDS),) if layout == _MICROS else (('', _FRACTION),)
    rest = text
    for element, pattern in (*_STEPS, *last, ('Z07:00', _ZONE)):
        found = re.match(pattern, rest, re.ASCII)
        if found is None:
            raise ValueError(f'parsing time "{text}" as "{layout}": cannot parse "{rest}" as "{element}"')
        rest = rest[found.end() :]
    if rest:
        raise ValueError(f'parsing time "{text}": extra text: "{rest}"')
    try:
        return datetime.fromisoformat(text.replace(',', '.')).astimezone(UTC)
    except (ValueError, OverflowError) as exc:
        named = ('day', 'month', 'hour', 'minute', 'second')
        wrong = next((name for name in named if name in str(exc)), 'day')
        raise ValueError(f'parsing time "{text}": {wrong} out of range') from exc
