from typing import Any

import pytest

from kmock_k8s import schemas
from kmock_k8s.ownership.shapes import FREE, Shape
from kmock_k8s.schemas import ABSENT, Schema


def shape_of(**openapi: Any) -> Shape:
    return Shape.of(Schema.of({key.replace('_', '-'): value for key, value in openapi.items()}))


def test_maps_are_divided_unless_they_are_atomic() -> None:
    assert shape_of(type='object').divided_map
    assert shape_of(type='object', x_kubernetes_map_type='granular').divided_map
    assert not shape_of(type='object', x_kubernetes_map_type='atomic').divided_map


@pytest.mark.parametrize(
    ('openapi', 'divided', 'keys'),
    [
        ({}, False, ()),
        ({'x_kubernetes_list_type': 'atomic'}, False, ()),
        ({'x_kubernetes_list_type': 'set'}, True, ()),
        ({'x_kubernetes_list_type': 'map', 'x_kubernetes_list_map_keys': ['a', 'b']}, True, ('a', 'b')),
        ({'x_kubernetes_patch_strategy': 'merge', 'x_kubernetes_patch_merge_key': 'a'}, True, ('a',)),
        ({'x_kubernetes_patch_strategy': 'merge'}, True, ()),
        ({'x_kubernetes_patch_strategy': 'replace'}, False, ()),
    ],
)
def test_lists_are_divided_by_their_type(openapi: dict[str, Any], divided: bool, keys: tuple[str, ...]) -> None:
    shape = shape_of(type='array', items={'type': 'string'}, **openapi)

    assert (shape.divided_list, shape.keys) == (divided, keys)


@pytest.mark.parametrize(
    ('openapi', 'scalar'),
    [
        ({'type': 'string'}, 'string'),
        ({'type': 'string', 'format': 'byte'}, 'string'),
        ({'type': 'string', 'format': 'date-time'}, 'any'),
        ({'type': 'integer'}, 'numeric'),
        ({'type': 'number'}, 'numeric'),
        ({'type': 'boolean'}, 'boolean'),
        ({'x_kubernetes_int_or_string': True}, 'any'),
        ({}, 'any'),
        ({'type': 'object'}, None),
        ({'type': 'array'}, None),
    ],
)
def test_scalars_are_of_the_type_or_of_any(openapi: dict[str, Any], scalar: str | None) -> None:
    assert shape_of(**openapi).scalar == scalar


def test_quantities_are_scalars_of_any_type() -> None:
    shape = Shape.of(Schema.named('io.k8s.apimachinery.pkg.api.resource.Quantity'))

    assert (shape.scalar, shape.is_map, shape.is_list) == ('any', False, False)


def test_fields_are_named_or_entries_or_nothing() -> None:
    text = {'type': 'string'}
    assert shape_of(type='object', properties={'a': text}).names('a')
    assert shape_of(type='object', properties={'a': text}).child('b') is None

    shape = shape_of(type='object', additionalProperties=text)
    child = shape.child('b')
    assert child is not None
    assert child.scalar == 'string'
    assert not shape.names('b')


@pytest.mark.parametrize('openapi', [{}, {'x_kubernetes_preserve_unknown_fields': True, 'properties': {'a': {}}}])
def test_unknown_fields_are_free_where_they_are_kept(openapi: dict[str, Any]) -> None:
    assert shape_of(type='object', **openapi).child('b') is FREE


def test_unknown_fields_are_kept_at_all_depths() -> None:
    inner = {'type': 'object', 'properties': {'a': {'type': 'string'}}}
    shape = shape_of(type='object', properties={'x': inner}, x_kubernetes_preserve_unknown_fields=True).child('x')

    assert shape is not None
    assert shape.child('b') is FREE


def test_what_nothing_is_known_of_is_divided_only_as_maps() -> None:
    assert (FREE.divided_map, FREE.divided_list, FREE.scalar) == (True, False, 'any')
    assert FREE.child('a') is FREE
    assert FREE.item is FREE


def test_the_same_schema_has_the_same_shape() -> None:
    schema = schemas.builtin('', 'v1', 'Pod')

    assert schema is not None
    assert Shape.of(schema) is Shape.of(schema)


def test_defaults_of_keys_are_those_of_the_items() -> None:
    item = {'type': 'object', 'properties': {'a': {'default': 'x'}, 'b': {}}}
    shape = shape_of(type='array', items=item, x_kubernetes_list_type='map', x_kubernetes_list_map_keys=['a', 'b'])

    assert shape.default_of('a') == 'x'
    assert shape.default_of('b') is ABSENT
