"""JSON as Go prints it, and what Go calls it: messages of the API have such words in them."""

from typing import Any

_TYPES: dict[type, str] = {
    dict: 'map[string]interface {}',
    list: '[]interface {}',
    str: 'string',
    bool: 'bool',
    int: 'int64',
    float: 'float64',
}
_KINDS: dict[type, str] = {
    dict: 'object',
    list: 'array',
    str: 'string',
    bool: 'bool',
    int: 'number',
    float: 'number',
    type(None): 'null',
}


def print_value(value: Any) -> str:
    """A value as ``%v`` prints it.

    >>> print_value({'name': 'x', 'ports': [80, None, True]})
    'map[name:x ports:[80 <nil> true]]'
    """
    mapping: dict[str, Any] = value
    items: list[Any] = value
    if isinstance(value, dict):
        return f'map[{" ".join(f"{key}:{print_value(mapping[key])}" for key in sorted(mapping))}]'
    if isinstance(value, list):
        return f'[{" ".join(map(print_value, items))}]'
    if value is None:
        return '<nil>'
    if isinstance(value, bool):
        return 'true' if value else 'false'
    return repr(value) if isinstance(value, float) else str(value)


def print_string(value: Any) -> str:
    """A value as ``%s`` prints it, where a string is expected."""
    if value is None:
        return '%!s(<nil>)'
    if isinstance(value, (bool, int, float)):
        return f'%!s({_TYPES[type(value)]}={print_value(value)})'
    return print_value(value)


def print_type(value: Any) -> str:
    """The type of a value in parsed JSON."""
    return '%!s(<nil>)' if value is None else _TYPES[type(value)]


def describe_type(value: object) -> str:
    """What the decoder of JSON calls such a thing."""
    kind = type(value)
    return _KINDS.get(kind) or kind.__name__


def is_json(value: object) -> bool:
    """Whether a thing is of a type that parsed JSON consists of."""
    return type(value) in _KINDS
