"""Lists that are sets or maps have nothing twice (``x-kubernetes-list-type``)."""

from collections.abc import Iterator
from typing import Any, cast

from kmock_k8s.cluster.statuses import Cause, duplicate
from kmock_k8s.model.encoding import JSONObject
from kmock_k8s.schemas import Schema


def check_lists(value: Any, schema: Schema, path: str = '') -> Iterator[Cause]:
    """The causes to refuse what is twice in lists, at any depth."""
    if isinstance(value, dict):
        for key, item in cast('JSONObject', value).items():
            below = None if not path and key == 'metadata' else schema.child(key)
            if below is not None:
                known = key in schema.properties
                yield from check_lists(item, below, _join(path, key) if known else f'{path}[{key}]')
    elif isinstance(value, list):
        items = cast('list[Any]', value)
        if schema.list_type in {'set', 'map'}:
            yield from _check_list(items, schema, path)
        if schema.items is not None:
            for index, item in enumerate(items):
                yield from check_lists(item, schema.items, f'{path}[{index}]')


def _check_list(items: list[Any], schema: Schema, path: str) -> Iterator[Cause]:
    seen: list[Any] = []
    repeated: list[Any] = []
    for index, item in enumerate(items):
        found: Any = item
        if schema.list_type == 'map':
            if not isinstance(item, dict):
                continue
            fields = cast('JSONObject', item)
            found = {key: _key(fields, key, schema) for key in schema.list_map_keys}
            found = {key: value for key, value in found.items() if value is not None}
        marked = _marked(found)
        if marked in seen:
            if marked not in repeated:
                yield duplicate(f'{path}[{index}]', found)
                repeated.append(marked)
        else:
            seen.append(marked)


def _key(fields: JSONObject, key: str, schema: Schema) -> Any:
    if key in fields or schema.items is None:
        return fields.get(key)
    below = schema.items.child(key)
    return below.default if below is not None and below.has_default else None


def _marked(value: Any) -> Any:
    """The value such that true is not 1."""
    if isinstance(value, dict):
        return {key: _marked(item) for key, item in cast('JSONObject', value).items()}
    if isinstance(value, list):
        return [_marked(item) for item in cast('list[Any]', value)]
    return (isinstance(value, bool), value)


def _join(path: str, key: str) -> str:
    return f'{path}.{key}' if path else key
