"""What keeps the schema of a custom resource from being valid: what is supported, where, and which defaults fit."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from kmock_k8s.cluster.crds.checking_rules import check_rules
from kmock_k8s.cluster.crds.checking_structure import check_structure
from kmock_k8s.cluster.crds.definitions import as_object
from kmock_k8s.cluster.crds.internals import ALLOWED_AT_ROOT, internal_schema, name_of
from kmock_k8s.cluster.crds.lists_of_schemas import check_list_type, check_map_type
from kmock_k8s.cluster.crds.values import check_value
from kmock_k8s.cluster.statuses import Cause, forbidden, invalid_value, not_supported
from kmock_k8s.model.copying import copy
from kmock_k8s.model.encoding import JSONObject
from kmock_k8s.schemas import Schema
from kmock_k8s.schemas.pruning import prune

TYPES = ('array', 'boolean', 'integer', 'number', 'object', 'string')

_UNSUPPORTED = ('id', 'additionalItems', 'patternProperties', 'definitions', 'dependencies', '$ref')
_META = frozenset({'apiVersion', 'kind', 'metadata'})


class _Place(NamedTuple):
    """Where a schema is: at the root or not, in metadata or not, and why there can be no defaults, if so."""

    is_root: bool = False
    in_meta: bool = False
    reason: str = ''


def has_defaults(schema: Any) -> bool:
    """Tell if there are defaults in a schema, at any depth."""
    found: JSONObject = schema
    if not isinstance(schema, dict):
        return False
    if found.get('default') is not None:
        return True
    return any(has_defaults(below) for _, below in below_of(found, ''))


def check_schema(schema: Mapping[str, Any], path: str, *, has_status: bool) -> Iterator[Cause]:
    """The causes to refuse the schema of a whole resource."""
    if has_status:
        yield from _check_root(schema, path)
    if schema.get('nullable'):
        yield forbidden(f'{path}.nullable', 'nullable cannot be true at the root')
    yield from _check_supported(schema, path, _Place(is_root=True))
    causes = list(check_structure(schema, path))
    yield from causes
    if not causes:
        yield from _check_defaults(schema, path)


def _check_root(schema: Mapping[str, Any], path: str) -> Iterator[Cause]:
    """With the status apart, there can be no rules at the root that are about it."""
    kind = schema.get('type')
    if kind and kind != 'object':
        text = 'only "object" is allowed as the type at the root of the schema if the status subresource is enabled'
        yield invalid_value(f'{path}.type', kind, text)
    elif any(name_of(field) not in ALLOWED_AT_ROOT for field, value in schema.items() if value):
        text = f'only [{" ".join(ALLOWED_AT_ROOT)}] fields are allowed at the root of the schema'
        yield invalid_value(path, internal_schema(schema), f'{text} if the status subresource is enabled')


# ---- What is supported ----


def _check_supported(schema: Mapping[str, Any], path: str, place: _Place) -> Iterator[Cause]:
    for field in _UNSUPPORTED:
        if schema.get(field):
            yield forbidden(f'{path}.{field}', f'{field} is not supported')
    kind = schema.get('type')
    if kind == 'null':
        yield forbidden(f'{path}.type', 'type cannot be set to null, use nullable as an alternative')
    if kind and kind not in TYPES:
        yield not_supported(f'{path}.type', kind, TYPES)
    if schema.get('default') is not None and place.reason:
        yield forbidden(f'{path}.default', f'must not be set {place.reason}')
    if isinstance(schema.get('items'), list):
        yield forbidden(f'{path}.items', 'items must be a schema object and not an array')
    if place.in_meta and schema.get('x-kubernetes-embedded-resource'):
        yield forbidden(f'{path}.x-kubernetes-embedded-resource', 'must not be used inside of resource meta')
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
    yield from check_rules(schema, path)
    is_whole = place.is_root or bool(schema.get('x-kubernetes-embedded-resource'))
    for where, below in below_of(schema, path):
        yield from _check_supported(below, where, _go_down(place, where.removeprefix(f'{path}.'), is_whole=is_whole))


def _go_down(place: _Place, part: str, *, is_whole: bool) -> _Place:
    if part == 'additionalProperties' and place.in_meta:
        return _Place(in_meta=True, reason='inside additionalProperties applying to object metadata')
    name = part.removeprefix('properties[').removesuffix(']') if part.startswith('properties[') else ''
    if is_whole and name in _META:
        return _Place(in_meta=True, reason=f'in top-level {name}' if place.is_root else place.reason)
    return place._replace(is_root=False)


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


# ---- Defaults ----


def _check_defaults(schema: Mapping[str, Any], path: str) -> Iterator[Cause]:
    default = schema.get('default')
    if default is not None:
        pruned = copy(default)
        prune(pruned, Schema.of(schema))
        if pruned != default:
            yield invalid_value(f'{path}.default', default, 'must not have unknown fields')
        yield from check_value(default, schema, f'{path}.default')
    for where, below in below_of({key: schema.get(key) for key in ('properties', 'items')}, path):
        yield from _check_defaults(below, where)
