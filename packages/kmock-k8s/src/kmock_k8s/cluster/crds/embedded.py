"""Whole resources inside of custom ones: they have to say what they are (``x-kubernetes-embedded-resource``)."""

from collections.abc import Iterator
from typing import Any

from kmock_k8s.cluster.naming import check_label_1035
from kmock_k8s.cluster.statuses import Cause, invalid_value, required
from kmock_k8s.model.encoding import JSONObject
from kmock_k8s.schemas import Schema

_MIXED = 'may have mixed case, but should otherwise match: '


def check_embedded(value: Any, schema: Schema, path: str = '') -> Iterator[Cause]:
    """The causes to refuse the resources inside of a value, at any depth; the value itself is none of them."""
    fields: JSONObject = value
    items: list[Any] = value
    if isinstance(value, dict):
        if path and schema.embedded:
            yield from _check_resource(fields, path)
        for key, item in fields.items():
            below = None if key == 'metadata' and schema.embedded else schema.child(key)
            if below is not None:
                where = f'{path}.{key}' if path else key
                yield from check_embedded(item, below, where if key in schema.properties else f'{path}[{key}]')
    elif isinstance(value, list) and schema.items is not None:
        for index, item in enumerate(items):
            yield from check_embedded(item, schema.items, f'{path}[{index}]')


def _check_resource(fields: JSONObject, path: str) -> Iterator[Cause]:
    for key in ('apiVersion', 'kind'):
        value = fields.get(key)
        if key not in fields:
            yield required(f'{path}.{key}', 'must not be empty')
        elif not isinstance(value, str):
            yield invalid_value(f'{path}.{key}', value, 'must be a string')
        elif not value:
            yield invalid_value(f'{path}.{key}', value, 'must not be empty')
        elif key == 'apiVersion' and value.count('/') > 1:
            yield invalid_value(f'{path}.{key}', value, f'unexpected GroupVersion string: {value}')
        elif key == 'kind' and (details := list(check_label_1035(value.lower()))):
            yield invalid_value(f'{path}.{key}', value, _MIXED + ','.join(details))
