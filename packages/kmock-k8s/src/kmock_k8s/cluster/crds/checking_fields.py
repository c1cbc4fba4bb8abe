"""What keeps the fields that objects are selected by from being valid (``selectableFields``)."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from kmock_k8s.cluster.crds.definitions import as_object
from kmock_k8s.cluster.statuses import Cause, duplicate, invalid_value, required
from kmock_k8s.model.encoding import JSONObject

MOST = 8

_TOKEN = re.compile(r"'(?:[^'\\]|\\.)*'|[.\[\]]|[^.\[\]]+")
_SCALARS = (
    'must point to a field of type string, boolean or integer. Enum string fields and strings with formats are allowed.'
)


def check_fields(fields: Sequence[JSONObject], schema: Mapping[str, Any], path: str) -> Iterator[Cause]:
    """The causes to refuse fields: they have to be single values that the schema knows."""
    seen: set[str] = set()
    for index, field in enumerate(fields):
        place = f'{path}[{index}].jsonPath'
        where: str = field.get('jsonPath') or ''
        if not where:
            yield required(place)
            continue
        try:
            found = _find(where, schema)
        except ValueError as exc:
            yield invalid_value(place, where, f'is an invalid path: {exc}')
            continue
        if re.match(r'\.metadata\b', where):
            yield invalid_value(place, where, 'must not point to fields in metadata')
        if found.get('type') not in {'string', 'boolean', 'integer'}:
            yield invalid_value(place, where, _SCALARS)
        if where in seen:
            yield duplicate(place, where)
        seen.add(where)
    if len(seen) > MOST:
        text = f'Too many: {len(seen)}: must have at most {MOST} items'
        yield Cause('FieldValueTooMany', text, path)


def _find(where: str, schema: Mapping[str, Any]) -> Mapping[str, Any]:
    tokens = iter(_TOKEN.findall(where))
    for token in tokens:
        if token == '[':
            raise ValueError('array notation is not allowed')
        if token != '.':
            raise ValueError(f'expected [ or . but got: {token}')
        name = next(tokens, None)
        if name is None:
            raise ValueError('unexpected end of JSON path')
        known = as_object(schema.get('properties'))
        below: Any = known.get(name) if known else schema.get('additionalProperties')
        if not isinstance(below, dict):
            raise ValueError('does not refer to a valid field')
        schema = as_object(below)
    return schema
