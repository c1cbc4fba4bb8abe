"""Follows paths in values."""

from collections.abc import Iterator
from itertools import islice
from typing import Any, cast

from kmock_k8s.cluster.representing.jsonpath.comparing import compare
from kmock_k8s.cluster.representing.jsonpath.nodes import (
    Constant,
    Descent,
    Field,
    Filter,
    JSONPathError,
    Slice,
    Step,
    Steps,
    Union,
    Wildcard,
    Word,
)
from kmock_k8s.cluster.representing.jsonpath.parsing import parse

MOST = 200_000
"""How many values a path may come to: with ``..a..a..a`` they are far more than the object has."""


class JSONPath:
    """A path, to be followed in any number of values.

    >>> JSONPath('{.spec.ports[*].port}').find({'spec': {'ports': [{'port': 80}, {'port': 443}]}})
    [80, 443]

    Args:
        text: the path, in braces.

    Raises:
        JSONPathError: it can't be read.
    """

    def __init__(self, text: str) -> None:
        self._paths = parse(text)

    def find(self, value: Any) -> list[Any]:
        """What is found at the first path; nothing, if it is not there.

        Raises:
            JSONPathError: it can't be followed: no array is where one has to be, or it is too short; or it comes to far
            too much.
        """
        found = [follow([value], steps) for steps in self._paths]
        return found[0] if found else []


def follow(values: list[Any], steps: Steps) -> list[Any]:
    """What is found by steps that begin at values."""
    for step in steps:
        values = [*islice(_go(values, step), MOST + 1)]
        if len(values) > MOST:
            raise JSONPathError(f'more than {MOST} values are found')
    return values


def _go(values: list[Any], step: Step) -> Iterator[Any]:
    match step:
        case Constant(value):
            yield from [value] * (1 if isinstance(value, str) else len(values))
        case Union(ways):
            for way in ways:
                yield from follow(values, way)
        case Word(name):
            raise JSONPathError(f'unrecognized identifier {name}')
        case _:
            for value in values:
                yield from _go_from(value, step)


def _go_from(value: Any, step: Step) -> Iterator[Any]:
    fields: dict[str, Any] = value
    match step:
        case Field(name) if isinstance(value, dict) and name in fields:
            yield fields[name]
        case Wildcard():
            yield from _items_of(value)
        case Descent():
            yield from _descend(value)
        case Slice() if value is not None:
            yield from _slice(value, step)
        case Filter():
            yield from _filter(value, step)
        case _:
            pass


def _items_of(value: Any) -> list[Any]:
    """What is in a value: of objects by their keys, which have no order in a real server; of texts, their bytes."""
    fields: dict[str, Any] = value
    items: list[Any] = value
    if isinstance(value, dict):
        return [fields[name] for name in sorted(fields)]
    if isinstance(value, list):
        return items
    return [*value.encode('utf-8', 'replace')] if isinstance(value, str) else []


def _descend(value: Any) -> Iterator[Any]:
    items = _items_of(value)
    if items:
        yield value
        for item in items:
            yield from _descend(item)


def _slice(value: Any, step: Slice) -> list[Any]:
    items = _demand_array(value)
    length = len(items)
    start = step.start or 0
    start += length if start < 0 else 0
    end = length if step.end is None else step.end
    end += length if end < 0 or (end == 0 and step.single) else 0
    if end != start and not (0 <= start < length and 0 <= end <= length):
        raise JSONPathError(f'array index out of bounds: index {start}, length {length}')
    if step.step is not None and step.step <= 0:
        raise JSONPathError('step must be > 0')
    return items[start : end : step.step] if end > start else []


def _filter(value: Any, step: Filter) -> Iterator[Any]:
    for item in _demand_array(value):
        if not step.operator:
            if _exists(item, step.left):
                yield item
            continue
        left, right = follow([item], step.left), follow([item], step.right)
        if len(left) != 1 or len(right) != 1:
            raise JSONPathError('can only compare one element at a time')
        if compare(left[0], step.operator, right[0]):
            yield item


def _exists(item: Any, steps: Steps) -> bool:
    try:
        return bool(follow([item], steps))
    except JSONPathError:
        return True  # the server takes what it has come to before the error


def _demand_array(value: Any) -> list[Any]:
    items: list[Any] = value
    if not isinstance(value, list):
        raise JSONPathError(f'{type(cast("object", value)).__name__} is not array or slice')
    return items
