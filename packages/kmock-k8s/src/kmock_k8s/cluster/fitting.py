"""Fitting objects into the schemas of built-in kinds, as Go decodes them: strict about types, lenient about fields.

There are only the fields of the schema then, and nothing that is empty; what is left out is told.
"""

import copy
import json
from collections.abc import Set
from operator import itemgetter
from sys import float_info
from typing import Any, cast

from kmock_k8s.cluster.formats import canonize
from kmock_k8s.cluster.gotypes import mistyped, unhandled
from kmock_k8s.cluster.kinds import Kind
from kmock_k8s.model.encoding import JSONObject
from kmock_k8s.model.metadata import metadata_of
from kmock_k8s.patching.golang import describe_type
from kmock_k8s.schemas import Schema

_SCHEMAS = 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaProps'
_SCHEMAS_OR_ELSE = frozenset({f'{_SCHEMAS}OrBool', f'{_SCHEMAS}OrArray'})


def fit(
    content: JSONObject, kind: Kind, kept: Set[str] = frozenset(), *, exact: bool = False
) -> tuple[JSONObject, list[str]]:
    """What is left of an object where there is only what its schema has; and what was unknown.

    Args:
        content: the object.
        kind: its kind.
        kept: the fields that are as they were in an object that is there, and need no second look.
        exact: whether integers have to be written as such: 3.0 is none in JSON that is decoded into structures.

    Raises:
        KubernetesError: something is of a wrong type.
    """
    fitting = _Fitting(kind, exact)
    rest = {key: item for key, item in content.items() if key not in kept} if kept else content
    fitted = fitting.fit_object(rest, cast('Schema', kind.schema), '', kind.name)
    if kept:
        fitted = {
            key: item if key in kept else fitted[key] for key, item in content.items() if key in kept or key in fitted
        }
    if metadata_of(content).get('managedFields') == []:
        fitted['metadata']['managedFields'] = []  # it is not as if it was not there: all owners are to be forgotten
    return fitted, fitting.unknown


def fit_metadata(metadata: JSONObject, kind: Kind) -> tuple[JSONObject, list[str]]:
    """What is left of the metadata of any object; and what was unknown."""
    fitting = _Fitting(kind)
    fitted = fitting.fit_object({'metadata': metadata}, cast('Schema', kind.schema), '', kind.name)
    found: JSONObject = fitted.get('metadata') or {}
    return found, fitting.unknown


_first = itemgetter(0)


class _Fitting:
    """One walk along an object and its schema."""

    def __init__(self, kind: Kind, exact: bool = False) -> None:
        self._kind = kind
        self._exact = exact
        self.unknown: list[str] = []

    def fit_object(self, value: JSONObject, schema: Schema, path: str, struct: str) -> JSONObject:
        if not schema.properties and schema.additional is None:
            return value  # any JSON: FieldsV1, RawExtension
        fitted: JSONObject = {}
        properties, additional, required = schema.properties, schema.additional, schema.required
        for key, item in value.items() if properties else sorted(value.items(), key=_first):  # maps, as Go does
            known = properties.get(key)
            is_map = known is None
            child = additional if known is None else known
            if child is not None and item.__class__ is child.plain:
                if item != '' or is_map or key in required or _lasts(key, schema):
                    fitted[key] = item
                continue
            where = f'{path}.{key}' if path else key
            if child is None:
                if schema.preserve_unknown or schema.type is None or schema.is_any:
                    fitted[key] = item
                else:
                    self.unknown.append(f'unknown field "{where}"')
                continue
            if item is None:
                if is_map and child.type == 'string':
                    fitted[key] = ''
                continue
            found = self._fit(item, child, where, struct if path == '' or is_map else _struct_of(schema, struct))
            if is_map or key in required or not _is_empty(found, child):
                fitted[key] = found
        return fitted

    def _fit(self, value: Any, schema: Schema, path: str, struct: str) -> Any:
        wanted = schema.type
        if _is_quantity(schema):
            return self._canonize(value if isinstance(value, str) else json.dumps(value), schema)
        if wanted is None or schema.int_or_string:
            if schema.name in _SCHEMAS_OR_ELSE and describe_type(value) == 'object':
                return self.fit_object(cast('JSONObject', value), Schema.named(_SCHEMAS), path, struct)
            return value
        if wanted == 'object':
            self._demand(isinstance(value, dict), value, schema, path, struct)
            return self.fit_object(cast('JSONObject', value), schema, path, struct)
        if wanted == 'array':
            self._demand(isinstance(value, list), value, schema, path, struct)
            items = schema.items
            listed = cast('list[Any]', value)
            if items is None:
                return listed
            return [
                _zero_of(items) if item is None else self._fit(item, items, f'{path}[{index}]', struct)
                for index, item in enumerate(listed)
            ]
        if wanted == 'string':
            self._demand(isinstance(value, str), value, schema, path, struct)
            if schema.format is not None:
                return self._canonize(value, schema)
        elif wanted == 'boolean':
            self._demand(isinstance(value, bool), value, schema, path, struct)
        else:
            is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
            self._demand(is_number, value, schema, path, struct)
            if wanted == 'integer':
                fits = _fits(value, schema) and not (self._exact and isinstance(value, float))
                self._demand(fits, value, schema, path, struct)
                return int(value)
            self._demand(abs(value) <= float_info.max, value, schema, path, struct)
        return value

    def _canonize(self, text: str, schema: Schema) -> str:
        try:
            return canonize(text, schema)
        except ValueError as exc:
            raise unhandled(self._kind, str(exc)) from exc

    def _demand(self, holds: bool, value: Any, schema: Schema, path: str, struct: str) -> None:
        if not holds:
            raise mistyped(value, schema, path, struct, self._kind)


def _lasts(key: str, schema: Schema) -> bool:
    """Tell if Go writes a text also if it is empty."""
    from kmock_k8s.protobuf.tables import lasting_texts  # few objects have empty texts

    return schema.name is not None and key in lasting_texts(schema.name)


def _fits(value: float, schema: Schema) -> bool:
    """Tell if an integer of Go can have this value."""
    bits = 31 if schema.format == 'int32' else 63
    return value == value // 1 and -(2**bits) <= value < 2**bits


def _zero_of(schema: Schema) -> Any:
    """What null is in a list of Go."""
    if schema.int_or_string:
        return 0
    zeros: dict[str | None, Any] = {'string': '', 'integer': 0, 'number': 0, 'boolean': False, 'object': {}}
    return copy.copy(zeros.get(schema.type))


def _struct_of(schema: Schema, struct: str) -> str:
    return schema.name.rpartition('.')[2] if schema.name else struct


def _is_quantity(schema: Schema) -> bool:
    return schema.name is not None and schema.name.endswith('.Quantity')


def _is_empty(value: Any, schema: Schema) -> bool:
    """Tell if Go leaves it out: empty lists, maps and texts, but not empty structures."""
    if value == [] or value == '':
        return True
    return value == {} and schema.additional is not None
