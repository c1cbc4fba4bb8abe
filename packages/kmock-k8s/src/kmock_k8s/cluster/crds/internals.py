"""Schemas as the structures of a server: this is how they are shown in its messages."""

from collections.abc import Mapping
from typing import Any

from kmock_k8s.cluster.crds.definitions import as_object
from kmock_k8s.model.encoding import JSONObject

ALLOWED_AT_ROOT = (
    *('Description', 'Type', 'Format', 'Title', 'Maximum', 'ExclusiveMaximum', 'Minimum', 'ExclusiveMinimum'),
    *('MaxLength', 'MinLength', 'Pattern', 'MaxItems', 'MinItems', 'UniqueItems', 'MultipleOf', 'Required', 'Items'),
    *('Properties', 'ExternalDocs', 'Example', 'XPreserveUnknownFields', 'XValidations'),
)
"""The fields that schemas can have at the root if the status is apart."""

_NAMES = {'id': 'ID', '$schema': 'Schema', '$ref': 'Ref'}
_EMPTY: JSONObject = {
    'ID': '',
    'Schema': '',
    'Ref': None,
    'Description': '',
    'Type': '',
    'Nullable': False,
    'Format': '',
    'Title': '',
    'Default': None,
    'Maximum': None,
    'ExclusiveMaximum': False,
    'Minimum': None,
    'ExclusiveMinimum': False,
    'MaxLength': None,
    'MinLength': None,
    'Pattern': '',
    'MaxItems': None,
    'MinItems': None,
    'UniqueItems': False,
    'MultipleOf': None,
    'Enum': None,
    'MaxProperties': None,
    'MinProperties': None,
    'Required': None,
    'Items': None,
    'AllOf': None,
    'OneOf': None,
    'AnyOf': None,
    'Not': None,
    'Properties': None,
    'AdditionalProperties': None,
    'PatternProperties': None,
    'Dependencies': None,
    'AdditionalItems': None,
    'Definitions': None,
    'ExternalDocs': None,
    'Example': None,
    'XPreserveUnknownFields': None,
    'XEmbeddedResource': False,
    'XIntOrString': False,
    'XListMapKeys': None,
    'XListType': None,
    'XMapType': None,
    'XValidations': None,
}
_RULE: JSONObject = {
    'Rule': '',
    'Message': '',
    'MessageExpression': '',
    'Reason': None,
    'FieldPath': '',
    'OptionalOldSelf': None,
}


def name_of(field: str) -> str:
    """The name of a field of schemas in the structures: ``XIntOrString`` for ``x-kubernetes-int-or-string``."""
    if field.startswith('x-kubernetes-'):
        return f'X{field.removeprefix("x-kubernetes-").title().replace("-", "")}'
    return _NAMES.get(field, f'{field[:1].upper()}{field[1:]}')


def internal_schema(schema: Mapping[str, Any]) -> JSONObject:
    """A schema as the structure of a server, with all fields."""
    return {**_EMPTY, **{name_of(key): _internal(key, value) for key, value in schema.items()}}


def _internal(field: str, value: Any) -> Any:
    items: list[Any] = value
    if field == 'properties':
        return {key: internal_schema(as_object(one)) for key, one in sorted(as_object(value).items())}
    if field == 'items':
        return {'Schema': internal_schema(as_object(value)), 'JSONSchemas': None}
    if field == 'additionalProperties':
        is_schema = isinstance(value, dict)
        return {'Allows': is_schema or bool(value), 'Schema': internal_schema(as_object(value)) if is_schema else None}
    if field == 'not':
        return internal_schema(as_object(value))
    if field in {'allOf', 'anyOf', 'oneOf'} and isinstance(value, list):
        return [internal_schema(as_object(one)) for one in items]
    if field == 'x-kubernetes-validations' and isinstance(value, list):
        return [{**_RULE, **{name_of(key): what for key, what in as_object(one).items()}} for one in items]
    return value
