"""Elements of the paths of fields, as they are written in managedFields.

``f:spec`` is a field, ``k:{"name":"a"}`` the item of a list with these keys, ``v:"a"`` a value of a set, ``i:0`` the
item at a place of a list; a dot means the place itself.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from kmock_k8s.ownership.shapes import Shape
from kmock_k8s.schemas import ABSENT

Element: TypeAlias = str
"""An element of a path."""

SELF: Element = '.'
"""The place itself, in the set of what is below it."""

_encode = json.JSONEncoder(ensure_ascii=False, separators=(',', ':'), check_circular=False, allow_nan=False).encode


class NoElementError(ValueError):
    """The item of a list has no keys, or is no value of a set; the message says why."""


def of_field(name: str) -> Element:
    """The element of a field of an object."""
    return 'f:' + name


def of_item(item: Any, shape: Shape) -> Element:
    """The element of an item of a list whose items are known by their keys, or by their values.

        >>> from kmock_k8s.schemas import Schema
        >>> of_item('a', Shape.of(Schema.of({'type': 'array', 'x-kubernetes-list-type': 'set'})))
        'v:"a"'

    Raises:
        NoElementError: it can't be such an item.
    """
    return _of_keys(item, shape) if shape.keys else _of_value(item)


def _of_value(item: Any) -> Element:
    if isinstance(item, Mapping):
        raise NoElementError("associative list without keys has an element that's a map type")
    if isinstance(item, Sequence) and not isinstance(item, str):
        raise NoElementError('not supported: associative list with lists as elements')
    if item is None:
        raise NoElementError("associative list without keys has an element that's an explicit null")
    return 'v:' + _encode(item)


def _of_keys(item: Any, shape: Shape) -> Element:
    fields: dict[str, Any] = item
    if item is None:
        raise NoElementError('associative list with keys may not have a null element')
    if not isinstance(item, dict):
        raise NoElementError('associative list with keys may not have non-map elements')
    keys = shape.keys
    if len(keys) == 1 and type(value := fields.get(keys[0])) is str:
        return f'k:{{{_encode(keys[0])}:{_encode(value)}}}'
    found = {key: value for key in sorted(keys) if (value := _value_of(fields, key, shape)) is not ABSENT}
    if not found:
        shown = ' '.join(_encode(key) for key in keys)
        raise NoElementError(
            f'associative list with keys has an element that omits all key fields [{shown}] '
            "(and doesn't have default values for any key fields)"
        )
    return 'k:' + _encode(found)


def _value_of(fields: Mapping[str, Any], key: str, shape: Shape) -> Any:
    if key in fields:
        return fields[key]
    return shape.default_of(key)


def parse(element: str) -> Element:
    """The element in its only form: keys in order, no needless spaces.

        >>> parse('k:{"protocol": "TCP", "port": 80}')
        'k:{"port":80,"protocol":"TCP"}'

    Raises:
        ValueError: it is none.
    """
    try:
        return _parse(element[:2], element[2:]) if element != SELF else element
    except ValueError as exc:
        raise ValueError(f'{element!r} is no element of a path of fields') from exc


def _parse(kind: str, text: str) -> Element:
    if kind == 'f:':
        return kind + text
    if kind == 'i:':
        return f'i:{int(text)}'
    value: Any = json.loads(text)
    keys: dict[str, Any] = value
    if kind == 'k:' and isinstance(value, dict):
        return 'k:' + _encode({key: keys[key] for key in sorted(keys)})
    if kind == 'v:':
        return 'v:' + _encode(value)
    raise ValueError(kind)


_KINDS = {'.': 0, 'f': 1, 'k': 2, 'v': 3, 'i': 4}


def order(element: Element) -> tuple[Any, ...]:
    """What elements are sorted by, as the API sorts them: fields, items by keys, values, places; numbers as numbers."""
    kind = _KINDS[element[0]]
    if kind == 1:
        return (kind, element)
    if kind == 2:
        keys: dict[str, Any] = json.loads(element[2:])
        return (kind, [(key, _rank(value)) for key, value in keys.items()])
    if kind == 0:
        return (kind,)
    return (kind, _rank(json.loads(element[2:])))


def _rank(value: Any) -> tuple[int, Any]:
    if isinstance(value, bool):
        return (2, value)
    if isinstance(value, (int, float)):
        return (0, value)
    return (1, value) if isinstance(value, str) else (3, _encode(value))


def show(element: Element) -> str:
    """The element in the path of a message: ``.spec``, ``[name="a"]``, ``[="a"]``, ``[0]``."""
    kind, text = element[0], element[2:]
    if kind == 'f':
        return '.' + text
    if kind == 'v':
        return f'[={text}]'
    if kind == 'i':
        return f'[{text}]'
    keys: dict[str, Any] = json.loads(text)
    return '[' + ','.join(f'{key}={_encode(value)}' for key, value in keys.items()) + ']'
