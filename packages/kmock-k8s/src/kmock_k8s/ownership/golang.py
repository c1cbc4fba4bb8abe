"""Values of applied configurations in messages: in their wrapping, as Go prints them."""

import json
from typing import Any

from kmock_k8s.patching.golang import print_type, print_value


def plain(value: object) -> str:
    """A value as ``%v`` prints it.

    >>> plain({'a': [1, 'x']})
    '&{map[a:[1 x]]}'
    """
    return f'&{{{print_value(value)}}}'


def verbose(value: object) -> str:
    """A value as ``%#v`` prints it.

    >>> print(verbose({'a': [1, 'x']}))
    &value.valueUnstructured{Value:map[string]interface {}{"a":[]interface {}{1, "x"}}}
    """
    return f'&value.valueUnstructured{{Value:{_syntax(value)}}}'


def _syntax(value: Any) -> str:
    fields: dict[str, Any] = value
    items: list[Any] = value
    scalar: object = value
    if isinstance(value, dict):
        inner = ', '.join(f'{json.dumps(key, ensure_ascii=False)}:{_syntax(fields[key])}' for key in sorted(fields))
        return f'{print_type(fields)}{{{inner}}}'
    if isinstance(value, list):
        return f'{print_type(items)}{{{", ".join(map(_syntax, items))}}}'
    if value is None:
        return 'interface {}(nil)'
    return json.dumps(scalar, ensure_ascii=False) if isinstance(scalar, str) else print_value(scalar)
