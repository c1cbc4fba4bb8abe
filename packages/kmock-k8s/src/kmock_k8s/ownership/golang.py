"""Values as the API shows them in messages: as Go prints them."""

import json
from typing import Any

_NAMES: dict[type, str] = {
    bool: 'bool',
    int: 'int64',
    float: 'float64',
    str: 'string',
    dict: 'map[string]interface {}',
    list: '[]interface {}',
    type(None): '<nil>',
}


def typename(value: object) -> str:
    """The type of a value of JSON."""
    return _NAMES[type(value)]


def verbose(value: object) -> str:
    """A value in its wrapping, in Go syntax.

    >>> print(verbose(5))
    &value.valueUnstructured{Value:5}
    """
    return f'&value.valueUnstructured{{Value:{_syntax(value)}}}'


def plain(value: object) -> str:
    """A value in its wrapping, for people.

    >>> plain({'a': [1, 'x']})
    '&{map[a:[1 x]]}'
    """
    return f'&{{{_words(value)}}}'


def _syntax(value: Any) -> str:
    fields: dict[str, Any] = value
    items: list[Any] = value
    scalar: object = value
    if isinstance(value, dict):
        inner = ', '.join(f'{_quote(key)}:{_syntax(fields[key])}' for key in sorted(fields))
        return f'{_NAMES[dict]}{{{inner}}}'
    if isinstance(value, list):
        return f'{_NAMES[list]}{{{", ".join(map(_syntax, items))}}}'
    if value is None:
        return 'interface {}(nil)'
    return _quote(scalar) if isinstance(scalar, str) else _words(scalar)


def _words(value: Any) -> str:
    fields: dict[str, Any] = value
    items: list[Any] = value
    scalar: object = value
    if isinstance(value, dict):
        return f'map[{" ".join(f"{key}:{_words(fields[key])}" for key in sorted(fields))}]'
    if isinstance(value, list):
        return f'[{" ".join(map(_words, items))}]'
    if value is None:
        return '<nil>'
    if isinstance(value, bool):
        return 'true' if value else 'false'
    return str(scalar)


def _quote(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
