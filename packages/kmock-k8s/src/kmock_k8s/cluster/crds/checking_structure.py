"""What keeps a schema from being structural (``apiextensions-apiserver/pkg/apiserver/schema`` of a real server)."""

from collections.abc import Iterator, Mapping
from typing import Any

from kmock_k8s.cluster.crds.definitions import as_object
from kmock_k8s.cluster.crds.patterns import explain_pattern
from kmock_k8s.cluster.statuses import Cause, forbidden, invalid_value, required
from kmock_k8s.model.encoding import JSONObject

_UNTYPED = {
    'root': 'must not be empty at the root',
    'items': 'must not be empty for specified array items',
    'fields': 'must not be empty for specified object fields',
}
_EITHER: list[JSONObject] = [{'type': 'integer'}, {'type': 'string'}]
_ONLY_NAMES = 'must not specify anything other than name and generateName, but metadata is implicitly specified'
_FORBIDDEN = {
    'type': 'empty',
    'default': 'undefined',
    'title': 'empty',
    'description': 'empty',
    'nullable': 'false',
    'x-kubernetes-preserve-unknown-fields': 'false',
    'x-kubernetes-embedded-resource': 'false',
    'x-kubernetes-int-or-string': 'false',
    'x-kubernetes-list-map-keys': 'empty',
    'x-kubernetes-list-type': 'undefined',
    'x-kubernetes-map-type': 'undefined',
    'x-kubernetes-validations': 'empty',
}


def check_structure(schema: Mapping[str, Any], path: str) -> Iterator[Cause]:
    """The causes to refuse the schema of a whole resource for how it is built."""
    yield from _check_place(schema, path, 'root')
    yield from _check_complete(schema, schema, path, path)


def _check_place(schema: Mapping[str, Any], path: str, level: str) -> Iterator[Cause]:
    others: Any = schema.get('additionalProperties')
    items: Any = schema.get('items')
    if schema.get('type') == 'array' and items is None:
        yield required(f'{path}.items', 'must be specified')
    if isinstance(items, dict):
        yield from _check_place(as_object(items), f'{path}.items', 'items')
    for key, below in as_object(schema.get('properties')).items():
        yield from _check_place(as_object(below), f'{path}.properties[{key}]', 'fields')
    if others is not None and level == 'root':
        yield forbidden(f'{path}.additionalProperties', 'must not be used at the root')
    if isinstance(others, dict):
        yield from _check_place(as_object(others), f'{path}.additionalProperties', 'fields')
    if schema.get('x-kubernetes-int-or-string'):
        for field in ('x-kubernetes-preserve-unknown-fields', 'x-kubernetes-embedded-resource'):
            if schema.get(field):
                yield invalid_value(f'{path}.{field}', True, 'must be false if x-kubernetes-int-or-string is true')
    every: list[Any] = schema.get('allOf') or [None]
    yield from _check_values(
        schema, path, skips_any=schema.get('anyOf') == _EITHER, skips_first=as_object(every[0]).get('anyOf') == _EITHER
    )
    yield from _check_type(schema, path, level)
    if level == 'root' or schema.get('x-kubernetes-embedded-resource'):
        yield from _check_identity(as_object(schema.get('properties')), path, level)


def _check_type(schema: Mapping[str, Any], path: str, level: str) -> Iterator[Cause]:
    kind, keeps = schema.get('type'), schema.get('x-kubernetes-preserve-unknown-fields')
    if schema.get('x-kubernetes-embedded-resource'):
        text = 'must be object if x-kubernetes-embedded-resource is true'
        if not kind:
            yield required(f'{path}.type', text)
        elif kind != 'object':
            yield invalid_value(f'{path}.type', kind, text)
        if schema.get('additionalProperties') is not None:
            text = 'must not be used if x-kubernetes-embedded-resource is set'
            yield forbidden(f'{path}.additionalProperties', text)
        if not keeps and not schema.get('properties'):
            text = (
                'must not be empty if x-kubernetes-embedded-resource is true without '
                'x-kubernetes-preserve-unknown-fields'
            )
            yield required(f'{path}.properties', text)
    elif not kind and not keeps and not schema.get('x-kubernetes-int-or-string'):
        yield required(f'{path}.type', _UNTYPED[level])
    if level == 'root' and kind and kind != 'object':
        yield invalid_value(f'{path}.type', kind, 'must be object at the root')


def _check_identity(known: JSONObject, path: str, level: str) -> Iterator[Cause]:
    for key, wanted in (('kind', 'string'), ('apiVersion', 'string'), ('metadata', 'object')):
        kind = as_object(known.get(key)).get('type')
        if key in known and kind != wanted:
            yield invalid_value(f'{path}.properties[{key}].type', kind or '', f'must be {wanted}')
    metadata = as_object(known.get('metadata'))
    more = any(value for key, value in metadata.items() if key not in {'type', 'default', 'properties'})
    if level == 'root' and (more or not {*as_object(metadata.get('properties'))} <= {'name', 'generateName'}):
        yield forbidden(f'{path}.properties[metadata]', _ONLY_NAMES)


# ---- Logic ----


def _check_values(
    schema: Mapping[str, Any], path: str, *, skips_any: bool = False, skips_first: bool = False
) -> Iterator[Cause]:
    for where, below in _logic_of(schema, path):
        field = where.removeprefix(f'{path}.')
        if not (skips_any and field.startswith('anyOf[')):
            yield from _check_nested(below, where, skips_any=skips_first and field == 'allOf[0]')
    why = explain_pattern(schema.get('pattern') or '')
    if why:
        text = f"must be a valid regular expression, but isn't: {why}"
        yield invalid_value(f'{path}.pattern', schema['pattern'], text)


def _logic_of(schema: Mapping[str, Any], path: str) -> Iterator[tuple[str, JSONObject]]:
    for field in ('allOf', 'anyOf', 'oneOf'):
        for index, below in enumerate(schema.get(field) or ()):
            yield f'{path}.{field}[{index}]', as_object(below)
    if isinstance(schema.get('not'), dict):
        yield f'{path}.not', as_object(schema['not'])


def _check_nested(schema: Mapping[str, Any], path: str, *, skips_any: bool = False) -> Iterator[Cause]:
    """What is in logic adds rules to what is outside; all else, such as types, has to be outside."""
    known = as_object(schema.get('properties'))
    yield from _check_values(schema, path, skips_any=skips_any)
    if isinstance(schema.get('items'), dict):
        yield from _check_nested(as_object(schema['items']), f'{path}.items')
    for key, below in known.items():
        yield from _check_nested(as_object(below), f'{path}.properties[{key}]')
    for field, text in _FORBIDDEN.items():
        if schema.get(field) or (field == 'default' and schema.get(field) is not None):
            yield forbidden(f'{path}.{field}', f'must be {text} to be structural')
    if schema.get('additionalProperties') is not None:
        yield forbidden(f'{path}.additionalProperties', 'must be undefined to be structural')
    if 'metadata' in known:
        yield forbidden(f'{path}.properties[metadata]', 'must not be specified in a nested context')


def _check_complete(schema: Mapping[str, Any], outer: Mapping[str, Any], place: str, path: str) -> Iterator[Cause]:
    """What has rules in the logic at the root has to be known outside of it too; a real server looks only there."""
    for where, below in _logic_of(schema, path):
        yield from _check_known(below, outer, place, where)


def _check_known(schema: Mapping[str, Any], outer: Mapping[str, Any], place: str, path: str) -> Iterator[Cause]:
    yield from _check_complete(schema, outer, place, path)
    parts = [('items', schema.get('items'), outer.get('items'))]
    known = as_object(outer.get('properties'))
    for key, below in as_object(schema.get('properties')).items():
        parts.append((f'properties[{key}]', below, known.get(key)))
    for part, below, there in parts:
        if isinstance(below, dict) and isinstance(there, dict):
            yield from _check_known(as_object(below), as_object(there), f'{place}.{part}', f'{path}.{part}')
        elif isinstance(below, dict):
            yield required(f'{place}.{part}', f'because it is defined in {path}.{part}')
