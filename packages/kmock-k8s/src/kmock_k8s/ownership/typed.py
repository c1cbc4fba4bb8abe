"""The fields of an object, by its schema: what one owns who applies it."""

from typing import Any

from kmock_k8s.ownership.elements import NoElementError, of_field, of_item, show
from kmock_k8s.ownership.fieldsets import FieldSet, Path, show_path, with_self
from kmock_k8s.ownership.golang import plain, verbose
from kmock_k8s.ownership.shapes import Shape
from kmock_k8s.patching.golang import print_type

_TEXT = frozenset(('string', 'any'))
_UNKNOWN = 'field not declared in schema'


class MistypedError(ValueError):
    """An object is not as its schema says; the message says where and why, for each of the `errors`."""

    def __init__(self, errors: list[str]) -> None:
        self.errors = errors
        super().__init__(errors[0] if len(errors) == 1 else '\n'.join(['errors:', *(f'  {error}' for error in errors)]))


def field_set(value: dict[str, Any], shape: Shape) -> FieldSet:
    """The fields that are in an object: all that is not divided any more, items of lists, and entries of maps.

    >>> from kmock_k8s.ownership.shapes import FREE
    >>> field_set({'data': {'k': '1'}, 'list': [1]}, FREE)
    {'f:data': {'.': {}, 'f:k': {}}, 'f:list': {}}

    Raises:
        MistypedError: it is not as its schema says.
    """
    errors: list[str] = []
    fields = _fields(value, shape, (), errors)
    if errors:
        raise MistypedError(errors)
    return fields or {}


def _fields(value: Any, shape: Shape, path: Path, errors: list[str]) -> 'FieldSet | None':
    mapping: dict[str, Any] = value
    items: list[Any] = value
    wrong = None if value is None else _mistake(value, shape)
    if wrong:
        errors.append(f'{show_path(path)}: {wrong}')
    elif isinstance(value, dict) and value:
        found = _fields_of_map(mapping, shape, path, errors)
        return found if shape.divided_map else {}
    elif isinstance(value, list):
        found = _fields_of_list(items, shape, path, errors)
        return (found or None) if shape.divided_list else {}
    return {}


def _fields_of_map(value: dict[str, Any], shape: Shape, path: Path, errors: list[str]) -> FieldSet:
    found: FieldSet = {}
    for key, item in value.items():
        element = of_field(key)
        child = shape.child(key)
        if child is None:
            errors.append(f'{show_path((*path, element))}: {_UNKNOWN}')
            continue
        below = (
            {}
            if type(item) is str and child.scalar in _TEXT  # the most of them, fast
            else _fields(item, child, (*path, element), errors)
        )
        if not shape.names(key):
            found[element] = with_self(below)
        elif below is not None:
            found[element] = below
    return found


def _fields_of_list(value: list[Any], shape: Shape, path: Path, errors: list[str]) -> FieldSet:
    found: FieldSet = {}
    for index, item in enumerate(value):
        element = f'i:{index}'
        if shape.divided_list:
            try:
                element = of_item(item, shape)
            except NoElementError as exc:
                errors.append(f'{show_path(path)}: element {index}: {exc}')
                continue
            if element in found:
                errors.append(f'{show_path(path)}: duplicate entries for key {show(element)}')
        found[element] = with_self(_fields(item, shape.item, (*path, element), errors))
    return found


def _mistake(value: Any, shape: Shape) -> str | None:
    scalar: object = value
    if isinstance(value, dict) and shape.is_map:
        return None
    if isinstance(value, list) and shape.is_list:
        return None
    if _is(shape.scalar, scalar):
        return None
    if shape.is_map:
        return f'expected map, got {plain(scalar)}'
    if shape.scalar == 'string':
        return f'expected string, got {verbose(scalar)}'
    if shape.scalar == 'numeric':
        return f'expected numeric (int or float), got {print_type(scalar)}'
    if shape.scalar == 'boolean':
        return f'expected boolean, got {plain(scalar)}'
    return f'expected {"any scalar" if shape.scalar else "list"}, got {plain(scalar)}'


def _is(scalar: str | None, value: object) -> bool:
    if scalar == 'any':
        return not isinstance(value, (dict, list))
    if scalar == 'string':
        return isinstance(value, str)
    if scalar == 'boolean':
        return isinstance(value, bool)
    return scalar == 'numeric' and isinstance(value, (int, float)) and not isinstance(value, bool)
