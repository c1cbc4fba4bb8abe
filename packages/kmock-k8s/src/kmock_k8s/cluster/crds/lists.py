"""Lists that are sets or maps have nothing twice (``x-kubernetes-list-type``)."""

import json
from collections.abc import Iterator
from typing import Any

from kmock_k8s.cluster.statuses import Cause, duplicate, invalid_value
from kmock_k8s.model.encoding import JSONObject
from kmock_k8s.schemas import Schema


def check_lists(value: Any, schema: Schema, path: str = '') -> Iterator[Cause]:
    """The causes to refuse what is twice in lists, at any depth."""
    fields: JSONObject = value
    items: list[Any] = value
    if isinstance(value, dict):
        for key, item in fields.items():
            below = None if not path and key == 'metadata' else schema.child(key)
            if below is not None:
                known = key in schema.properties
                yield from check_lists(item, below, _join(path, key) if known else f'{path}[{key}]')
    elif isinstance(value, list):
        if schema.list_type in {'set', 'map'}:
            yield from _check_list(items, schema, path)
        if schema.items is not None:
            for index, item in enumerate(items):
                yield from check_lists(item, schema.items, f'{path}[{index}]')


def _check_list(items: list[Any], schema: Schema, path: str) -> Iterator[Cause]:
    seen: dict[str, int] = {}
    if schema.list_type == 'map':
        for index, item in enumerate(items):
            if item is not None and not isinstance(item, dict):
                yield invalid_value(f'{path}[{index}]', item, 'must be an object for an array of list-type map')
                return
    for index, item in enumerate(items):
        found: Any = item
        fields: JSONObject = item
        if schema.list_type == 'map':
            if not isinstance(item, dict):
                continue
            keys = {key: _key(fields, key, schema) for key in schema.list_map_keys}
            found = {key: value for key, value in keys.items() if value is not None}
        text = json.dumps(found, sort_keys=True)
        seen[text] = seen.get(text, 0) + 1
        if seen[text] == 2:
            yield duplicate(f'{path}[{index}]', found)


def _key(fields: JSONObject, key: str, schema: Schema) -> Any:
    if key in fields or schema.items is None:
        return fields.get(key)
    below = schema.items.child(key)
    return below.default if below is not None and below.has_default else None


def _join(path: str, key: str) -> str:
    return f'{path}.{key}' if path else key
