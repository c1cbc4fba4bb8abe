import json
from pathlib import Path
from typing import Any

import pytest

from kmock_k8s.ownership.merging import merge
from kmock_k8s.ownership.shapes import FREE, Shape
from kmock_k8s.schemas import Schema

SHAPE = Shape.of(Schema.of(json.loads((Path(__file__).parent / 'schema.json').read_text())))


@pytest.mark.parametrize(
    ('live', 'config', 'merged'),
    [
        ({'text': 'x'}, {'text': 'y'}, {'text': 'y'}),
        ({'text': 'x'}, {'text': None}, {'text': None}),
        ({'part': {'a': 'x', 'b': 1}}, {'part': {'b': 2}}, {'part': {'a': 'x', 'b': 2}}),
        ({'part': {'a': 'x'}}, {'part': {}}, {'part': {'a': 'x'}}),
        ({'part': {'a': 'x'}}, {'part': None}, {'part': {'a': 'x'}}),
        ({'part': None}, {'part': {}}, {'part': {}}),
        ({'whole': {'a': 'x'}}, {'whole': {'b': 'y'}}, {'whole': {'b': 'y'}}),
        ({'list': ['x']}, {'list': ['y']}, {'list': ['y']}),
        ({'set': ['a']}, {'set': []}, {'set': ['a']}),
        ({}, {'items': [{'name': 'a'}]}, {'items': [{'name': 'a'}]}),
    ],
)
def test_divided_values_are_merged_and_others_are_replaced(live: Any, config: Any, merged: Any) -> None:
    assert merge(live, config, SHAPE) == merged


def test_items_are_merged_by_their_keys() -> None:
    live = {'items': [{'name': 'a', 'value': 'x'}, {'name': 'b', 'value': 'y'}]}
    config = {'items': [{'name': 'b', 'inner': {'k': 'v'}}, {'name': 'c'}]}

    assert merge(live, config, SHAPE) == {
        'items': [{'name': 'a', 'value': 'x'}, {'name': 'b', 'value': 'y', 'inner': {'k': 'v'}}, {'name': 'c'}]
    }


@pytest.mark.parametrize(
    ('live', 'config', 'merged'),
    [
        ('ab', 'c', 'abc'),
        ('ab', 'ba', 'ba'),
        ('abc', 'ca', 'bca'),
        ('abx', 'ba', 'bxa'),
        ('bax', 'aby', 'axby'),
        ('xa', 'ya', 'xya'),
        ('abc', 'd', 'abcd'),
        ('a', 'da', 'da'),
        ('abcd', 'dxb', 'acdxb'),
        ('', 'ba', 'ba'),
    ],
)
def test_shared_items_are_in_the_order_of_the_configuration(live: str, config: str, merged: str) -> None:
    assert merge({'set': [*live]}, {'set': [*config]}, SHAPE) == {'set': [*merged]}


def test_duplicates_are_replaced_by_the_item_of_the_configuration() -> None:
    live = {'items': [{'name': 'a', 'value': 'x'}, {'name': 'b'}, {'name': 'a', 'value': 'y'}]}

    assert merge(live, {'items': [{'name': 'a', 'value': 'z'}]}, SHAPE) == {
        'items': [{'name': 'a', 'value': 'z'}, {'name': 'b'}]
    }


def test_duplicates_that_are_not_configured_stay() -> None:
    live = {'items': [{'name': 'a', 'value': 'x'}, {'name': 'a', 'value': 'y'}]}

    assert merge(live, {'items': [{'name': 'b'}]}, SHAPE) == {'items': [*live['items'], {'name': 'b'}]}


def test_without_a_schema_lists_are_replaced() -> None:
    assert merge({'a': {'b': [1], 'c': 1}}, {'a': {'b': [2]}}, FREE) == {'a': {'b': [2], 'c': 1}}
