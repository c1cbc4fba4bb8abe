"""Values by their schemas: what is wrong with them, in the words of a real server (``kube-openapi/pkg/validation``)."""

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, NamedTuple, cast

from kmock_k8s.cluster.crds.formats import matches_format
from kmock_k8s.cluster.statuses import Cause, invalid_value, not_supported, required, show
from kmock_k8s.model.encoding import JSONObject

NOWHERE = '<nil>'
"""The field of what is said of no field."""

_INT32 = range(-(2**31), 2**31)
_INT64 = range(-(2**63), 2**63)


class Fault(NamedTuple):
    """What is wrong with a value, where: its path from the value that is looked at."""

    path: str
    reason: str
    message: str


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
        yield from _check_null(schema, path)
        return
    yield from _check_type(value, schema, path)
    yield from _check_logic(value, schema, path)
    if isinstance(value, str):
        yield from _check_text(value, schema, path)
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        yield from _check_number(value, schema, path)
    elif isinstance(value, list):
        yield from _check_list(items, schema, path)
    yield from _check_enum(value, schema, path)
    if isinstance(value, dict):
        yield from _check_object(fields, schema, path)


def _say(path: str, value: Any, text: str) -> Fault:
    return Fault(path, 'FieldValueInvalid', invalid_value('', value, f'{path} in body {text}').message)


def _mistype(path: str, wanted: str, got: str) -> Fault:
    text = f'{path} in body must be of type {wanted}: {show(got)}'
    return Fault(path, 'FieldValueTypeInvalid', invalid_value('', got, text).message)


# ---- Types ----


def types_of(schema: Mapping[str, Any]) -> tuple[str, ...]:
    """The types that a schema allows; empty is any."""
    if schema.get('x-kubernetes-int-or-string'):
        return ('integer', 'string')
    found = schema.get('type')
    return (found,) if found else ()


def _type_of(value: Any) -> str:
    if isinstance(value, bool):
        return 'boolean'
    if isinstance(value, int):
        return 'integer'
    return {str: 'string', float: 'number', list: 'array', dict: 'object'}[type(value)]


def _check_null(schema: Mapping[str, Any], path: str) -> Iterator[Fault]:
    types = types_of(schema)
    if types and not schema.get('nullable'):
        yield _mistype(path, ','.join(types), 'null')
    yield from _check_enum(None, schema, path)


def _check_type(value: Any, schema: Mapping[str, Any], path: str) -> Iterator[Fault]:
    types = types_of(schema)
    got = _type_of(value)
    if not types or got in types or (got == 'integer' and 'number' in types):
        return
    if got == 'number' and 'integer' in types and value == int(value):
        return
    yield _mistype(path, ','.join(types), got)


# ---- Scalars ----


def _check_text(value: str, schema: Mapping[str, Any], path: str) -> Iterator[Fault]:
    longest, shortest, pattern = schema.get('maxLength'), schema.get('minLength'), schema.get('pattern')
    if longest is not None and len(value) > longest:
        unit = 'byte' if longest == 1 else 'bytes'
        yield Fault(path, 'FieldValueTooLong', f'Too long: may not be more than {longest} {unit}')
    elif shortest is not None and len(value) < shortest:
        yield _say(path, value, f'should be at least {shortest} chars long')
    elif pattern and not _compiled(pattern).search(value):
        yield _say(path, value, f"should match '{pattern}'")
    wanted = schema.get('format')
    if wanted and not matches_format(value, wanted):
        text = f'{path} in body must be of type {wanted}: {show(value)}'
        yield Fault(path, 'FieldValueTypeInvalid', invalid_value('', value, text).message)


@lru_cache(maxsize=1024)
def _compiled(pattern: str) -> re.Pattern[str]:
    translated = re.sub(r'(?<!\\)((?:\\\\)*)\\z', r'\1\\Z', pattern)
    translated = re.sub(r'(?<!\\)((?:\\\\)*)\$$', r'\1\\Z', translated)  # in Go, it is not before a line break
    try:
        return re.compile(translated)
    except re.error:
        return re.compile('')  # what only Go understands is not checked


def _check_number(value: float, schema: Mapping[str, Any], path: str) -> Iterator[Fault]:
    types, form = types_of(schema), schema.get('format') or ''
    if 'integer' in types:
        allowed = _INT32 if form == 'int32' else _INT64
        if value != int(value) or int(value) not in allowed:
            how = f'with format {form}' if form else '(default format)'
            text = f'Checked value must be of type integer {how} in {path}'
            yield Fault(NOWHERE, 'FieldValueInvalid', invalid_value('', '', text).message)
    factor = schema.get('multipleOf')
    if factor and not float(value / factor).is_integer():
        yield _say(path, value, f'should be a multiple of {number(factor)}')
    most, least = schema.get('maximum'), schema.get('minimum')
    if most is not None:
        exclusive = bool(schema.get('exclusiveMaximum'))
        if value > most or (exclusive and value == most):
            yield _say(path, value, f'should be less than {"" if exclusive else "or equal to "}{number(most)}')
    if least is not None:
        exclusive = bool(schema.get('exclusiveMinimum'))
        if value < least or (exclusive and value == least):
            yield _say(path, value, f'should be greater than {"" if exclusive else "or equal to "}{number(least)}')


def number(value: float) -> str:
    """A number as Go shows it."""
    if value == int(value) and abs(value) < 1e21:
        return str(int(value))
    return repr(value)


def _check_enum(value: Any, schema: Mapping[str, Any], path: str) -> Iterator[Fault]:
    known: list[Any] | None = schema.get('enum')
    if known and not any(value == one and type(value) is type(one) for one in known):
        if isinstance(value, (int, float)) and any(value == one for one in known if not isinstance(one, bool)):
            return
        shown = [one if isinstance(one, str) else show(one) for one in known]
        yield Fault(path, 'FieldValueNotSupported', not_supported('', value, shown).message)


# ---- Structures ----


def _check_list(items: list[Any], schema: Mapping[str, Any], path: str) -> Iterator[Fault]:
    below = schema.get('items')
    if isinstance(below, Mapping):
        for index, item in enumerate(items):
            yield from _check(item, cast('Mapping[str, Any]', below), f'{path}[{index}]')
    most, least = schema.get('maxItems'), schema.get('minItems')
    if least is not None and len(items) < least:
        yield _say(path, len(items), f'should have at least {least} items')
    if most is not None and len(items) > most:
        yield _too_many(path, len(items), most)
    if schema.get('uniqueItems') and any(item in items[:index] for index, item in enumerate(items)):
        yield _say(path, '', "shouldn't contain duplicates")


def _too_many(path: str, got: int, most: int) -> Fault:
    text = f'Too many: {got}: must have at most {most} {"item" if most == 1 else "items"}'
    return Fault(path, 'FieldValueTooMany', text)


def _check_object(fields: JSONObject, schema: Mapping[str, Any], path: str) -> Iterator[Fault]:
    least, most = schema.get('minProperties'), schema.get('maxProperties')
    if least is not None and len(fields) < least:
        yield _say(path, len(fields), f'should have at least {least} properties')
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
            yield from min(found, key=len)
    if one_of:
        found = [[*_check(value, one, path)] for one in one_of]
        valid = sum(not faults for faults in found)
        if valid != 1:
            why = 'Found none valid' if not valid else f'Found {valid} valid alternatives'
            yield _of_nothing(f'{show(path)} must validate one and only one schema (oneOf). {why}')
            if not valid:
                yield from min(found, key=len)
    if all_of:
        found = [[*_check(value, one, path)] for one in all_of]
        if any(found):
            why = '. None validated' if all(found) else ''
            yield _of_nothing(f'{show(path)} must validate all the schemas (allOf){why}')
            yield from (fault for faults in found for fault in faults)
    if schema.get('not') and not [*_check(value, schema['not'], path)]:
        yield _of_nothing(f'{show(path)} must not validate the schema (not)')


def _of_nothing(text: str) -> Fault:
    return Fault(NOWHERE, 'FieldValueInvalid', invalid_value('', '', text).message)
