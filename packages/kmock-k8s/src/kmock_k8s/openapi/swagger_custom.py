"""The definitions of custom resources in OpenAPI v2: simpler than in v3, as that has no words for the rest.

The rules are those of ``ToStructuralOpenAPIV2`` of the apiextensions-apiserver.
"""

from collections.abc import Mapping
from typing import Any, Final, cast

from kmock_k8s.model.encoding import JSONObject
from kmock_k8s.openapi.builtin import META
from kmock_k8s.openapi.custom import Published, complete, embed, is_nothing
from kmock_k8s.openapi.swagger_definitions import DEFINITIONS

_METADATA: Final = {'$ref': f'{DEFINITIONS}{META}ObjectMeta'}
_METADATA_OF_LIST: Final = {'$ref': f'{DEFINITIONS}{META}ListMeta'}
_KEEPING: Final = 'x-kubernetes-preserve-unknown-fields'
_EMBEDDED: Final = 'x-kubernetes-embedded-resource'
_DROPPED: Final = frozenset(('allOf', 'anyOf', 'oneOf', 'not', 'nullable', 'default', 'example', 'externalDocs'))
_BELOW: Final = frozenset(('properties', 'items', 'additionalProperties'))


def define_custom(group: str, version: str, kind: str, known: Published) -> dict[str, JSONObject]:
    """The definitions of the objects and of the lists of a custom resource, by their names."""
    shown = None
    if known.schema is not None and not known.schema.get(_KEEPING):  # else clients would refuse what is kept
        shown = _simplify(known.schema)
    return complete((group, version, kind), known, shown, DEFINITIONS, _METADATA, _METADATA_OF_LIST)


def _simplify(schema: Mapping[str, Any]) -> JSONObject:
    """What is left of a schema: no alternatives; no type where there may be null, or where unknown fields are kept."""
    keeps = bool(schema.get(_KEEPING))
    is_open = keeps or bool(schema.get('nullable'))
    shown: JSONObject = {}
    for key, value in schema.items():
        fields = cast('Mapping[str, Any]', value)
        if key in _DROPPED or is_nothing(value):
            continue
        if key in ('properties', 'items') and is_open:
            continue
        if key == 'properties':
            shown[key] = {name: _simplify(below) for name, below in fields.items()}
        elif key in _BELOW and isinstance(value, Mapping):
            shown[key] = _simplify(fields)
        else:
            shown[key] = value
    type_: Any = schema.get('type')
    if schema.get('nullable') or (keeps and type_ == 'object') or (type_ == 'array' and 'items' not in shown):
        shown.pop('type', None)
    _relax(shown, schema)
    if schema.get(_EMBEDDED) and not keeps:
        embed(shown, _METADATA)
    return shown


def _relax(shown: JSONObject, schema: Mapping[str, Any]) -> None:
    """What may be null needs not be there."""
    properties: Mapping[str, Any] = schema.get('properties') or {}
    others: Any = schema.get('additionalProperties')
    is_free = isinstance(others, Mapping) and bool(cast('Mapping[str, Any]', others).get('nullable'))
    given: list[str] = shown.get('required', [])
    required = [] if is_free else [name for name in given if not properties.get(name, {}).get('nullable')]
    if required:
        shown['required'] = required
    else:
        shown.pop('required', None)
