"""How long ago, or for how long: as people read it (``apimachinery/pkg/util/duration``)."""

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

from kmock_k8s.model.encoding import JSONObject
from kmock_k8s.printing.fields import value

UNKNOWN = '<unknown>'

_LONGEST = 2**63 // 10**9  # as many seconds as Go's durations hold
_MINUTE, _HOUR, _DAY, _YEAR = 60, 3600, 24, 365


@lru_cache(maxsize=1024)
def _parse(written: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(written)
    except ValueError:
        return None
    moment = moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
    return moment if moment > datetime(1, 1, 2, tzinfo=UTC) else None


def parse(written: Any) -> datetime | None:
    """A time of an object; None if there is none, or if it is Go's time of nothing, the first moment of year 1."""
    return _parse(written) if isinstance(written, str) else None


def print_age(content: JSONObject, now: datetime) -> str:
    """The age of an object: ``5m12s``, ``3d4h``; ``<unknown>`` without a time of creation.

    >>> print_age({'metadata': {'creationTimestamp': '2020-01-01T00:00:00Z'}}, datetime(2020, 1, 1, 0, 5, tzinfo=UTC))
    '5m'
    """
    return print_since(value(content, 'metadata', 'creationTimestamp'), now)


def print_since(written: Any, now: datetime) -> str:
    """How long ago a time was; ``<unknown>`` if there is none, ``<invalid>`` if it is yet to come."""
    moment = parse(written)
    return UNKNOWN if moment is None else humanize(now - moment)


def humanize(duration: timedelta) -> str:
    """A duration with two units at most, the finer one only where it matters.

    >>> [humanize(timedelta(seconds=n)) for n in (119, 125, 600, 4 * 3600 + 60, 50 * 3600)]
    ['119s', '2m5s', '10m', '4h1m', '2d2h']
    """
    seconds = min(int(duration / timedelta(seconds=1)), _LONGEST)
    if seconds < -1:  # clocks differ a little: one second is no contradiction
        return '<invalid>'
    if seconds < 2 * _MINUTE:
        return f'{max(seconds, 0)}s'
    if seconds < 10 * _MINUTE:
        return _join(seconds, _MINUTE, 'm', 1, 's')
    if seconds < 3 * _HOUR:
        return f'{seconds // _MINUTE}m'
    if seconds < 8 * _HOUR:
        return _join(seconds, _HOUR, 'h', _MINUTE, 'm')
    hours = seconds // _HOUR
    if hours < 2 * _DAY:
        return f'{hours}h'
    if hours < 8 * _DAY:
        return _join(hours, _DAY, 'd', 1, 'h')
    days = hours // _DAY
    if days < 2 * _YEAR:
        return f'{days}d'
    return _join(days, _YEAR, 'y', 1, 'd') if days < 8 * _YEAR else f'{days // _YEAR}y'


def _join(amount: int, unit: int, name: str, finer: int, finer_name: str) -> str:
    whole, rest = divmod(amount, unit)
    return f'{whole}{name}{rest // finer}{finer_name}' if rest // finer else f'{whole}{name}'
