"""What keeps the schema of a custom resource from being valid: it has to be structural."""

from collections.abc import Iterator, Mapping
from typing import Any

from kmock_k8s.cluster.crds.definitions import as_object
from kmock_k8s.cluster.crds.lists_of_schemas import check_list_type, check_map_type
from kmock_k8s.cluster.crds.values import check_value
from kmock_k8s.cluster.statuses import Cause, forbidden, invalid_value, not_supported, required
from kmock_k8s.model.encoding import JSONObject

TYPES = ('array', 'boolean', 'integer', 'number', 'object', 'string')

_UNSUPPORTED = ('id', 'additionalItems', 'patternProperties', 'definitions', 'dependencies', '$ref')
_UNTYPED = {
    'root': 'must not be empty at the root',
    'items': 'must not be empty for specified array items',
    'fields': 'must not be empty for specified object fields',
}
_OUTSIDE = {'description': 'empty', 'type': 'empty', 'title': 'empty', 'default': 'undefined', 'nullable': 'false'}
_ALTERNATIVES: tuple[list[JSONObject], list[JSONObject]] = (
    [{'type': 'integer'}, {'type': 'string'}],
    [{'type': 'string'}, {'type': 'integer'}],
)


def has_defaults(schema: Any) -> bool:
    """Tell if there are defaults in a schema, at any depth."""
    found: JSONObject = schema
    if not isinstance(schema, dict):
        return False
    if 'default' in found:
        return True
    below = [found.get('items'), found.get('additionalProperties'), *as_object(found.get('properties')).values()]
    return any(has_defaults(one) for one in below)


def check_schema(schema: Mapping[str, Any], path: str, *, has_status: bool) -> Iterator[Cause]:
    """The causes to refuse the schema of a whole resource."""
    kind = schema.get('type')
    if has_status and kind and kind != 'object':
        text = 'only "object" is allowed as the type at the root of the schema if the status subresource is enabled'
        yield invalid_value(f'{path}.type', kind, text)
    if schema.get('nullable'):
        yield forbidden(f'{path}.nullable', 'nullable cannot be true at the root')
    yield from _check_supported(schema, path)
    causes = list(_check_structure(schema, path, 'root'))
    yield from causes
    if not causes:
        yield from _check_defaults(schema, path)


# ---- What is supported ----


def _check_supported(schema: Mapping[str, Any], path: str) -> Iterator[Cause]:
    for field in _UNSUPPORTED:
        if schema.get(field):
            yield forbidden(f'{path}.{field}', f'{field} is not supported')
    kind = schema.get('type')
    if kind == 'null':
        yield forbidden(f'{path}.type', 'type cannot be set to null, use nullable as an alternative')
    if kind and kind not in TYPES:
        yield not_supported(f'{path}.type', kind, TYPES)
    if isinstance(schema.get('items'), list):
        yield forbidden(f'{path}.items', 'items must be a schema object and not an array')
    if schema.get('uniqueItems'):
        text = 'uniqueItems cannot be set to true since the runtime complexity becomes quadratic'
        yield forbidden(f'{path}.uniqueItems', text)
    others = schema.get('additionalProperties')
    if schema.get('properties') and (others is False or isinstance(others, dict)):
        text = 'additionalProperties and properties are mutual exclusive'
        yield forbidden(f'{path}.additionalProperties', text)
    if schema.get('x-kubernetes-preserve-unknown-fields') is False:
        yield invalid_value(f'{path}.x-kubernetes-preserve-unknown-fields', False, 'must be true or undefined')
    yield from check_map_type(schema, path)
    yield from check_list_type(schema, path)
    for where, below in below_of(schema, path):
        yield from _check_supported(below, where)


def below_of(schema: Mapping[str, Any], path: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The schemas directly below one, with their paths."""
    for key, below in as_object(schema.get('properties')).items():
        yield f'{path}.properties[{key}]', as_object(below)
    for field in ('additionalProperties', 'items', 'not'):
        if isinstance(schema.get(field), dict):
            yield f'{path}.{field}', schema[field]
    for field in ('allOf', 'anyOf', 'oneOf'):
        for index, below in enumerate(schema.get(field) or ()):
            yield f'{path}.{field}[{index}]', as_object(below)


# ---- Structure ----


def _check_structure(schema: Mapping[str, Any], path: str, level: str) -> Iterator[Cause]:
    others: Any = schema.get('additionalProperties')
    if isinstance(schema.get('items'), dict):
        yield from _check_structure(schema['items'], f'{path}.items', 'items')
    for key, below in as_object(schema.get('properties')).items():
        yield from _check_structure(as_object(below), f'{path}.properties[{key}]', 'fields')
    if others is not None and level == 'root':
        yield forbidden(f'{path}.additionalProperties', 'must not be used at the root')
    if isinstance(others, dict):
        yield from _check_structure(as_object(others), f'{path}.additionalProperties', 'fields')
    yield from _check_extensions(schema, path)
    yield from _check_type(schema, path, level)
    if level == 'root' or schema.get('x-kubernetes-embedded-resource'):
        yield from _check_identity(schema, path)
    yield from _check_logic(schema, path)


def _check_extensions(schema: Mapping[str, Any], path: str) -> Iterator[Cause]:
    if not schema.get('x-kubernetes-int-or-string'):
        return
    if schema.get('type'):
        text = 'must be empty if x-kubernetes-int-or-string is true'
        yield invalid_value(f'{path}.type', schema['type'], text)
    for field in ('x-kubernetes-preserve-unknown-fields', 'x-kubernetes-embedded-resource'):
        if schema.get(field):
            yield invalid_value(f'{path}.{field}', True, 'must be false if x-kubernetes-int-or-string is true')


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


def _check_identity(schema: Mapping[str, Any], path: str) -> Iterator[Cause]:
    known = as_object(schema.get('properties'))
    for key, wanted in (('kind', 'string'), ('apiVersion', 'string'), ('metadata', 'object')):
        kind = as_object(known.get(key)).get('type')
        if key in known and kind != wanted:
            yield invalid_value(f'{path}.properties[{key}].type', kind or '', f'must be {wanted}')
    fields = as_object(as_object(known.get('metadata')).get('properties'))
    if any(key not in {'name', 'generateName'} for key in fields):
        text = 'must not specify anything other than name and generateName, but metadata is implicitly specified'
        yield forbidden(f'{path}.properties[metadata]', text)


def _check_logic(schema: Mapping[str, Any], path: str) -> Iterator[Cause]:
    for field in ('allOf', 'anyOf', 'oneOf'):
        found: list[JSONObject] = schema.get(field) or []
        if schema.get('x-kubernetes-int-or-string') and _is_alternative(field, found):
            continue
        for index, below in enumerate(found):
            yield from _check_nested(as_object(below), schema, f'{path}.{field}[{index}]')
    if isinstance(schema.get('not'), dict):
        yield from _check_nested(schema['not'], schema, f'{path}.not')


def _is_alternative(field: str, found: list[JSONObject]) -> bool:
    if field == 'anyOf':
        return found in _ALTERNATIVES
    return field == 'allOf' and bool(found) and [*found[0]] == ['anyOf'] and found[0]['anyOf'] in _ALTERNATIVES


def _check_nested(schema: Mapping[str, Any], outer: Mapping[str, Any], path: str) -> Iterator[Cause]:
    """What is in logic adds rules to what is outside; all else, such as types, has to be outside."""
    for field, text in _OUTSIDE.items():
        if schema.get(field) or (field == 'default' and field in schema):
            yield forbidden(f'{path}.{field}', f'must be {text} to be structural')
    if schema.get('additionalProperties') is not None:
        yield forbidden(f'{path}.additionalProperties', 'must be undefined to be structural')
    known, items = as_object(outer.get('properties')), outer.get('items')
    for key, below in as_object(schema.get('properties')).items():
        if key not in known and not outer.get('x-kubernetes-preserve-unknown-fields'):
            place = path
            for end in ('.allOf[', '.anyOf[', '.oneOf[', '.not'):
                place = place.partition(end)[0]
            text = f'because it is defined in {path}.properties[{key}]'
            yield required(f'{place}.properties[{key}]', text)
        yield from _check_nested(as_object(below), as_object(known.get(key)), f'{path}.properties[{key}]')
    if isinstance(schema.get('items'), dict):
        yield from _check_nested(schema['items'], as_object(items), f'{path}.items')
    yield from _check_logic(
        {key: value for key, value in schema.items() if key in {'allOf', 'anyOf', 'oneOf', 'not'}}, path
    )


# ---- Defaults ----


def _check_defaults(schema: Mapping[str, Any], path: str) -> Iterator[Cause]:
    if schema.get('default') is not None:
        yield from check_value(schema['default'], schema, f'{path}.default')
    for where, below in below_of(schema, path):
        yield from _check_defaults(below, where)
