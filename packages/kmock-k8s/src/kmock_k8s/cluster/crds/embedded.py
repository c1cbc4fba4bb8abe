"""Whole resources inside of custom ones: they have to say what they are (``x-kubernetes-embedded-resource``)."""

from collections.abc import Iterator
from typing import Any

from kmock_k8s.cluster.naming import (
    check_annotations,
    check_finalizers,
    check_label,
    check_label_1035,
    check_labels,
    check_path_segment,
)
from kmock_k8s.cluster.statuses import Cause, invalid_value, required
from kmock_k8s.cluster.structures import part_of
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
            yield required(f'{path}.{key}')
        elif not isinstance(value, str):
            yield invalid_value(f'{path}.{key}', value, 'must be a string')
        elif not value:
            yield invalid_value(f'{path}.{key}', value, 'must not be empty')
        elif key == 'apiVersion' and value.count('/') > 1:
            yield invalid_value(f'{path}.{key}', value, f'unexpected GroupVersion string: {value}')
        elif key == 'kind' and (details := list(check_label_1035(value.lower()))):
            yield invalid_value(f'{path}.{key}', value, _MIXED + ','.join(details))
    if isinstance(fields.get('metadata'), dict):
        yield from _check_metadata(fields['metadata'], f'{path}.metadata')


def _check_metadata(metadata: JSONObject, path: str) -> Iterator[Cause]:
    name, namespace = metadata.get('name') or '', metadata.get('namespace') or ''
    if isinstance(name, str):
        for detail in check_path_segment(name):
            yield invalid_value(f'{path}.name', name, detail)
    if isinstance(namespace, str) and namespace:
        for detail in check_label(namespace):
            yield invalid_value(f'{path}.namespace', namespace, detail)
    for field, check in (('labels', check_labels), ('annotations', check_annotations)):
        known = part_of(metadata, field)
        if all(isinstance(value, str) for value in known.values()):
            yield from check(known, f'{path}.{field}')
    finalizers: list[Any] = metadata.get('finalizers') or []
    if isinstance(metadata.get('finalizers'), list) and all(isinstance(one, str) for one in finalizers):
        yield from check_finalizers(finalizers, f'{path}.finalizers', builtin=False)
