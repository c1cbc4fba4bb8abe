"""Values without others inside: what is wrong with them, by their schemas."""

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from kmock_k8s.cluster.crds.formats import is_checked, matches_format
from kmock_k8s.cluster.statuses import invalid_value, not_supported, show

NOWHERE = '<nil>'
"""The field of what is said of no field."""

_INT64 = range(-(2**63), 2**63)
_EXACT = range(-(2**53) + 1, 2**53)
"""The integers that are exact as JSON numbers."""

_FORMATS = {'integer': 'int64', 'number': 'float64'}


class Fault(NamedTuple):
    """What is wrong with a value, where: its path from the value that is looked at."""

    path: str
    reason: str
    message: str


def say(path: str, value: Any, text: str) -> Fault:
    """A fault of a value: the text goes on after its path."""
    return Fault(path, 'FieldValueInvalid', invalid_value('', value, f'{path} in body {text}').message)


def _mistype(path: str, wanted: str, got: str) -> Fault:
    text = f'{path} in body must be of type {wanted}: {show(got)}'
    return Fault(path, 'FieldValueTypeInvalid', invalid_value('', got, text).message)


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
        return 'integer' if value in _INT64 else 'number'
    return {str: 'string', float: 'number', list: 'array', dict: 'object'}[type(value)]


def check_null(schema: Mapping[str, Any], path: str) -> Iterator[Fault]:
    """What is wrong with null."""
    types = types_of(schema)
    if types and not schema.get('nullable'):
        yield _mistype(path, ','.join(types), 'null')
    yield from check_enum(None, schema, path)


def check_type(value: Any, schema: Mapping[str, Any], path: str) -> Iterator[Fault]:
    """What is wrong with the type of a value."""
    types, form = types_of(schema), schema.get('format')
    got = _type_of(value)
    if got in types or (got == 'integer' and 'number' in types):
        return
    if got == 'number' and 'integer' in types and _is_whole(value) and int(value) in _EXACT:
        return
    if form and is_checked(form):  # it is taken for a type; lists are not looked at then
        if got not in {'string', 'array'}:
            yield _mistype(path, form, _FORMATS.get(got, ''))
            return
        if not {'integer', 'number'} & {*types}:
            return
    if types:
        yield _mistype(path, ','.join(types), got)


def check_text(value: str, schema: Mapping[str, Any], path: str) -> Iterator[Fault]:
    """What is wrong with a text."""
    longest, shortest, pattern = schema.get('maxLength'), schema.get('minLength'), schema.get('pattern')
    if longest is not None and len(value) > longest:
        unit = 'byte' if longest == 1 else 'bytes'
        yield Fault(path, 'FieldValueTooLong', f'Too long: may not be more than {longest} {unit}')
    elif shortest is not None and len(value) < shortest:
        yield say(path, value, f'should be at least {shortest} chars long')
    elif pattern and not _compiled(pattern).search(value):
        yield say(path, value, f"should match '{pattern}'")
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


def check_number(value: float, schema: Mapping[str, Any], path: str) -> Iterator[Fault]:
    """What is wrong with a number."""
    if 'integer' in types_of(schema) and (not _is_whole(value) or int(value) not in _INT64):
        text = f'Checked value must be of type integer (default format) in {path}'
        yield Fault(NOWHERE, 'FieldValueInvalid', invalid_value('', '', text).message)
    factor = schema.get('multipleOf')
    if factor and not _is_multiple(value, factor):
        yield say(path, value, f'should be a multiple of {number(factor)}')
    most, least = schema.get('maximum'), schema.get('minimum')
    if most is not None:
        exclusive = bool(schema.get('exclusiveMaximum'))
        if value > most or (exclusive and value == most):
            yield say(path, value, f'should be less than {"" if exclusive else "or equal to "}{number(most)}')
    if least is not None:
        exclusive = bool(schema.get('exclusiveMinimum'))
        if value < least or (exclusive and value == least):
            yield say(path, value, f'should be greater than {"" if exclusive else "or equal to "}{number(least)}')


def _is_whole(value: float) -> bool:
    return isinstance(value, int) or value.is_integer()


def _is_multiple(value: float, factor: float) -> bool:
    if isinstance(value, int) and isinstance(factor, int):
        return value % factor == 0
    try:
        return float(value / factor).is_integer()
    except OverflowError:
        return False


def number(value: float) -> str:
    """A number as Go shows it."""
    if _is_whole(value) and abs(value) < 1e21:
        return str(int(value))
    return repr(value)


def check_enum(value: Any, schema: Mapping[str, Any], path: str) -> Iterator[Fault]:
    """What is wrong with a value that has to be one of some."""
    known: list[Any] | None = schema.get('enum')
    if known and not any(value == one and type(value) is type(one) for one in known):
        if isinstance(value, (int, float)) and any(value == one for one in known if not isinstance(one, bool)):
            return
        shown = [one if isinstance(one, str) else show(one) for one in known]
        yield Fault(path, 'FieldValueNotSupported', not_supported('', value, shown).message)
