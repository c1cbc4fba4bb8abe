"""Explaining what kept a value from matching a pattern: leaf by leaf, and as two documents for a diff."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, cast

from kmock_core.criteria.patterns import ABSENT, describe, matches
from kmock_core.values.bodies import FormFile

SHOWN = 3
"""How many differences of a document a line tells."""


def differences(label: str, pattern: Any, value: Any, *, exact: bool = False) -> Iterator[str]:
    """Say, leaf by leaf, how a value is not what the pattern says; nothing if it is."""
    expected: Mapping[Any, Any] = pattern
    if isinstance(pattern, Mapping) and isinstance(value, (Mapping, FormFile)):
        known = _fields_of(value)
        for key, item in expected.items():
            yield from differences(f'{label}[{key!r}]', item, known.get(key, ABSENT), exact=exact)
        if exact:
            yield from (f'{label}[{key!r}]: unexpected {describe(known[key])}' for key in known if key not in expected)
    elif isinstance(pattern, (list, tuple)) and isinstance(value, (list, tuple)) and pattern and value:
        wanted, items = cast('Sequence[Any]', pattern), cast('Sequence[Any]', value)
        if len(items) != len(wanted):
            yield f'{label}: {_count(items)} instead of {len(wanted)}'
        for number, (item, found) in enumerate(zip(wanted, items, strict=False)):
            yield from differences(f'{label}[{number}]', item, found, exact=exact)
    elif not matches(pattern, value, exact=exact):
        yield f'{label}: {describe(value)} != {describe(pattern)}'


def in_one_line(lines: Iterable[str]) -> str:
    """The first few of the differences; the others are not even looked for."""
    first = list(islice(lines, SHOWN + 1))
    return '; '.join([*first[:SHOWN], *(['…'] if len(first) > SHOWN else [])])


def align(pattern: Any, value: Any, *, exact: bool = False) -> tuple[Any, Any]:
    """What was expected and what came, as two documents that differ only where the value is not as the pattern says.

    What the pattern says nothing about is left out, except beside keys that are absent: they may be misspelt.
    """
    wanted: Mapping[Any, Any] = pattern
    if isinstance(pattern, Mapping) and isinstance(value, (Mapping, FormFile)):
        known = _fields_of(value)
        pairs = {key: align(item, known.get(key, ABSENT), exact=exact) for key, item in wanted.items()}
        expected = {key: pair[0] for key, pair in pairs.items() if pair[0] is not ABSENT}
        actual = {key: pair[1] for key, pair in pairs.items() if pair[1] is not ABSENT}
        if exact or expected.keys() - actual.keys():
            actual.update({key: item for key, item in known.items() if key not in wanted})
        return expected, actual
    if isinstance(pattern, (list, tuple)) and isinstance(value, (list, tuple)):
        items, found = cast('Sequence[Any]', pattern), cast('Sequence[Any]', value)
        both = [align(item, other, exact=exact) for item, other in zip(items, found, strict=False)]
        return (
            [*(pair[0] for pair in both), *items[len(found) :]],
            [*(pair[1] for pair in both), *found[len(items) :]],
        )
    return (value, value) if matches(pattern, value, exact=exact) else (wanted, value)


def _fields_of(value: Any) -> Mapping[Any, Any]:
    fields: Mapping[Any, Any] = value
    return value.fields if isinstance(value, FormFile) else fields


def _count(items: Sequence[Any]) -> str:
    return f'{len(items)} item{"" if len(items) == 1 else "s"}'
