"""JSON as Go prints it: messages of the API have such values in them."""

from typing import Any

_TYPES: dict[type, str] = {
    dict: 'map[string]interface {}',
    list: '[]interface {}',
    str: 'string',
    bool: 'bool',
    int: 'int64',
    float: 'float64',
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
