"""Telling why a JSON value is not in a relation to a pattern: place by place."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from kmock_k8s.objects.comparing import MISSING, Relation, compare

MOST = 10
"""How many differences are told."""
WIDTH = 80
"""How much of a value is shown."""

_NAME = re.compile(r'[A-Za-z_][A-Za-z0-9_-]*', re.ASCII)


def explain(value: Any, pattern: Any, relation: Relation) -> list[str]:
    """What differs, a line for each place; nothing if the value is in the relation to the pattern."""
    if value is MISSING:
        return ['there is no such thing']
    found = [f'{path or "it"} {what}' for path, what in _walk(value, pattern, relation, '')]
    return found if len(found) <= MOST else [*found[:MOST], f'and {len(found) - MOST} more differences']


def _walk(value: Any, pattern: Any, relation: Relation, path: str) -> Iterator[tuple[str, str]]:
    if compare(value, pattern, relation):
        return
    fields: dict[str, Any] = value
    items: list[Any] = value
    mapping: Mapping[Any, Any] = pattern
    sequence: Sequence[Any] = pattern
    if isinstance(pattern, Mapping) and isinstance(value, dict):
        yield from _walk_fields(fields, mapping, relation, path)
    elif _is_list(pattern) and isinstance(value, list) and len(items) == len(sequence):
        for number, (item, inner) in enumerate(zip(items, sequence, strict=True)):
            yield from _walk(item, inner, relation, f'{path}[{number}]')
    elif _is_list(pattern) and isinstance(value, list):
        yield path, f'has {len(items)} items, not {len(sequence)}: {_show(items)}'
    else:
        yield path, f'is {_show(value)}, not {_show(pattern)}'


def _walk_fields(
    value: dict[str, Any], pattern: Mapping[Any, Any], relation: Relation, path: str
) -> Iterator[tuple[str, str]]:
    for key, inner in pattern.items():
        place = f'{path}{_step(key)}'
        if key in value:
            yield from _walk(value[key], inner, relation, place)
        elif relation is not Relation.AT_MOST:
            yield place, 'is not there'
    if relation is not Relation.AT_LEAST:
        for key, item in value.items():
            if key not in pattern:
                yield f'{path}{_step(key)}', f'is there: {_show(item)}'


def _is_list(pattern: Any) -> bool:
    return isinstance(pattern, Sequence) and not isinstance(pattern, (str, bytes, bytearray, memoryview, range))


def _step(key: Any) -> str:
    return f'.{key}' if isinstance(key, str) and _NAME.fullmatch(key) else f'[{key!r}]'


def _show(value: Any) -> str:
    shown = repr(value)
    return shown if len(shown) <= WIDTH else f'{shown[: WIDTH - 1]}…'
