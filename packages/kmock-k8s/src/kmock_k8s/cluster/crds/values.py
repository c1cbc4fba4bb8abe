"""Values by their schemas: what is wrong with them, in the words of a real server (``kube-openapi/pkg/validation``)."""

from collections.abc import Iterator, Mapping
from typing import Any, cast

from kmock_k8s.cluster.crds.scalars import (
    NOWHERE,
    Fault,
    check_enum,
    check_null,
    check_number,
    check_text,
    check_type,
    say,
)
from kmock_k8s.cluster.statuses import Cause, invalid_value, required, show
from kmock_k8s.model.encoding import JSONObject


def check_value(value: Any, schema: Mapping[str, Any], base: str = '') -> Iterator[Cause]:
    """The causes to refuse a value.

        >>> [*check_value({'size': 0}, {'properties': {'size': {'minimum': 1}}}, 'spec')]
        [Cause(reason='FieldValueInvalid', message='Invalid value: 0: size in body should be greater than or equal to \
1', field='spec.size')]

    Args:
        value: JSON.
        schema: OpenAPI, as in the definitions of custom resources.
        base: where the value is in its object.
    """
    for fault in _check(value, schema, ''):
        path = fault.path.removeprefix('.')
        if fault.path == NOWHERE:
            field = base or NOWHERE
        elif not base or not path:
            field = base or path or NOWHERE
        else:
            field = f'{base}{path}' if path.startswith('[') else f'{base}.{path}'
        yield Cause(fault.reason, fault.message, field)


def _check(value: Any, schema: Mapping[str, Any], path: str) -> Iterator[Fault]:
    items: list[Any] = value
    fields: JSONObject = value
    if value is None:
        yield from check_null(schema, path)
        return
    yield from check_type(value, schema, path)
    yield from _check_logic(value, schema, path)
    if isinstance(value, str):
        yield from check_text(value, schema, path)
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        yield from check_number(value, schema, path)
    elif isinstance(value, list):
        yield from _check_list(items, schema, path)
    yield from check_enum(value, schema, path)
    if isinstance(value, dict):
        yield from _check_object(fields, schema, path)


# ---- Structures ----


def _check_list(items: list[Any], schema: Mapping[str, Any], path: str) -> Iterator[Fault]:
    below = schema.get('items')
    if isinstance(below, Mapping):
        for index, item in enumerate(items):
            yield from _check(item, cast('Mapping[str, Any]', below), f'{path}[{index}]')
    most, least = schema.get('maxItems'), schema.get('minItems')
    if least is not None and len(items) < least:
        yield say(path, len(items), f'should have at least {least} items')
    if most is not None and len(items) > most:
        yield _too_many(path, len(items), most)
    if schema.get('uniqueItems') and any(item in items[:index] for index, item in enumerate(items)):
        yield say(path, '', "shouldn't contain duplicates")


def _too_many(path: str, got: int, most: int) -> Fault:
    text = f'Too many: {got}: must have at most {most} {"item" if most == 1 else "items"}'
    return Fault(path, 'FieldValueTooMany', text)


def _check_object(fields: JSONObject, schema: Mapping[str, Any], path: str) -> Iterator[Fault]:
    least, most = schema.get('minProperties'), schema.get('maxProperties')
    if least is not None and len(fields) < least:
        yield say(path, len(fields), f'should have at least {least} properties')
        return
    if most is not None and len(fields) > most:
        yield _too_many(path, len(fields), most)
        return
    known: Mapping[str, Any] = schema.get('properties') or {}
    others = schema.get('additionalProperties')
    for key, value in fields.items():
        if key in known:
            yield from _check(value, known[key], f'{path}.{key}' if path else key)
        elif others is False:
            yield Fault(
                path,
                'FieldValueInvalid',
                invalid_value('', '', f'{path}.{key} in body is a forbidden property').message,
            )
        elif isinstance(others, Mapping):
            yield from _check(value, cast('Mapping[str, Any]', others), f'{path}.{key}' if path else key)
    for key in schema.get('required') or ():
        if key not in fields:
            cause = required('')
            yield Fault(f'{path}.{key}', cause.reason, cause.message)


# ---- Logic ----


def _check_logic(value: Any, schema: Mapping[str, Any], path: str) -> Iterator[Fault]:
    any_of, one_of, all_of = schema.get('anyOf'), schema.get('oneOf'), schema.get('allOf')
    if any_of:
        found = [[*_check(value, one, path)] for one in any_of]
        if all(found):
            yield _of_nothing(f'{show(path)} must validate at least one schema (anyOf)')
            yield from _best(value, any_of, found)
    if one_of:
        found = [[*_check(value, one, path)] for one in one_of]
        valid = sum(not faults for faults in found)
        if valid != 1:
            why = 'Found none valid' if not valid else f'Found {valid} valid alternatives'
            yield _of_nothing(f'{show(path)} must validate one and only one schema (oneOf). {why}')
            if not valid:
                yield from _best(value, one_of, found)
    if all_of:
        found = [[*_check(value, one, path)] for one in all_of]
        if any(found):
            why = '. None validated' if all(found) else ''
            yield _of_nothing(f'{show(path)} must validate all the schemas (allOf){why}')
            yield from (fault for faults in found for fault in faults)
    if schema.get('not') and not [*_check(value, schema['not'], path)]:
        yield _of_nothing(f'{show(path)} must not validate the schema (not)')


def _best(value: Any, schemas: list[Mapping[str, Any]], found: list[list[Fault]]) -> list[Fault]:
    """The faults by the alternative that looks at the most of a value: by the first one of those."""
    return max(zip(schemas, found, strict=True), key=lambda pair: _reach(value, pair[0]))[1]


def _reach(value: Any, schema: Mapping[str, Any]) -> int:
    """In how many places of a value a schema has something to say."""
    items: list[Any] = value
    fields: JSONObject = value
    known: Mapping[str, Any] = schema.get('properties') or {}
    below: Any = schema.get('items')
    if isinstance(value, dict):
        return 1 + sum(_reach(fields[key], one) for key, one in known.items() if key in fields)
    if isinstance(value, list) and isinstance(below, Mapping):
        return 1 + sum(_reach(item, cast('Mapping[str, Any]', below)) for item in items)
    return 1


def _of_nothing(text: str) -> Fault:
    return Fault(NOWHERE, 'FieldValueInvalid', invalid_value('', '', text).message)
