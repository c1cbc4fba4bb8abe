from typing import Any

import pytest

from kmock_k8s.ownership.elements import NoElementError, of_item, order, parse, show
from kmock_k8s.ownership.shapes import Shape
from kmock_k8s.schemas import Schema

SET = Shape.of(Schema.of({'type': 'array', 'x-kubernetes-list-type': 'set', 'items': {}}))
PORTS = Shape.of(
    Schema.of(
        {
            'type': 'array',
            'x-kubernetes-list-type': 'map',
            'x-kubernetes-list-map-keys': ['protocol', 'port'],
            'items': {'type': 'object', 'properties': {'protocol': {'type': 'string', 'default': 'TCP'}}},
        }
    )
)
NAMED = Shape.of(
    Schema.of({'type': 'array', 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['name'], 'items': {}})
)


@pytest.mark.parametrize(
    ('item', 'shape', 'element'),
    [
        ('a', SET, 'v:"a"'),
        (1, SET, 'v:1'),
        ('é"', SET, 'v:"é\\""'),
        ({'name': 'a', 'x': 1}, NAMED, 'k:{"name":"a"}'),
        ({'name': 5}, NAMED, 'k:{"name":5}'),
        ({'protocol': 'UDP', 'port': 80}, PORTS, 'k:{"port":80,"protocol":"UDP"}'),
    ],
)
def test_items_are_known_by_values_or_keys(item: Any, shape: Shape, element: str) -> None:
    assert of_item(item, shape) == element


def test_keys_that_are_not_there_have_their_defaults() -> None:
    assert of_item({'port': 80}, PORTS) == 'k:{"port":80,"protocol":"TCP"}'


def test_keys_without_defaults_are_left_out() -> None:
    assert of_item({'protocol': 'UDP'}, PORTS) == 'k:{"protocol":"UDP"}'


@pytest.mark.parametrize(
    ('item', 'shape', 'why'),
    [
        ({}, SET, 'map type'),
        ([], SET, 'lists as elements'),
        (None, SET, 'explicit null'),
        (None, NAMED, 'null element'),
        ('a', NAMED, 'non-map elements'),
        ({'x': 1}, NAMED, 'omits all key fields \\["name"\\]'),
    ],
)
def test_what_can_not_be_known_says_why(item: Any, shape: Shape, why: str) -> None:
    with pytest.raises(NoElementError, match=why):
        of_item(item, shape)


@pytest.mark.parametrize(
    ('given', 'element'),
    [
        ('f:a', 'f:a'),
        ('.', '.'),
        ('f:', 'f:'),
        ('v: "a"', 'v:"a"'),
        ('i:03', 'i:3'),
        ('k:{"b": 1, "a":"x"}', 'k:{"a":"x","b":1}'),
    ],
)
def test_elements_have_one_form(given: str, element: str) -> None:
    assert parse(given) == element


@pytest.mark.parametrize('given', ['', 'a', 'x:1', 'i:a', 'k:[]', 'k:', 'v:', 'v:a', 'v:NaN', '..'])
def test_other_texts_are_no_elements(given: str) -> None:
    with pytest.raises(ValueError, match='is no element of a path of fields'):
        parse(given)


def test_the_order_is_by_kind_then_by_value_with_numbers_as_numbers() -> None:
    ordered = ['.', 'f:a', 'f:b', 'k:{"port":80}', 'k:{"port":443}', 'k:{"port":"a"}', 'v:9', 'v:10', 'v:"a"', 'v:true']
    ordered += ['i:2', 'i:10']

    shuffled = ordered[::-1]

    assert sorted(shuffled, key=order) == ordered


@pytest.mark.parametrize(
    ('element', 'shown'),
    [
        ('f:spec', '.spec'),
        ('v:"a"', '[="a"]'),
        ('i:0', '[0]'),
        ('k:{"name":"a"}', '[name="a"]'),
        ('k:{"port":80,"protocol":"TCP"}', '[port=80,protocol="TCP"]'),
    ],
)
def test_messages_show_elements_as_the_api_does(element: str, shown: str) -> None:
    assert show(element) == shown
