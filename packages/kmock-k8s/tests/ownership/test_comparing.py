import json
from pathlib import Path
from typing import Any

import pytest

from kmock_k8s.ownership.comparing import compare, equal, tracked
from kmock_k8s.ownership.fieldsets import FieldSet
from kmock_k8s.ownership.shapes import FREE, Shape
from kmock_k8s.schemas import Schema

SHAPE = Shape.of(Schema.of(json.loads((Path(__file__).parent / 'schema.json').read_text())))


@pytest.mark.parametrize(
    ('before', 'after', 'added'),
    [
        ({}, {'text': 'x'}, {'f:text': {}}),
        ({}, {'part': {'a': 'x'}}, {'f:part': {'.': {}, 'f:a': {}}}),
        ({'part': {}}, {'part': {'a': 'x'}}, {'f:part': {'f:a': {}}}),
        ({'part': None}, {'part': {'a': 'x'}}, {'f:part': {'f:a': {}}}),
        ({}, {'part': {}}, {'f:part': {}}),
        ({}, {'whole': {'a': 'x'}}, {'f:whole': {}}),
        ({}, {'list': ['x']}, {'f:list': {}}),
        ({'set': ['a']}, {'set': ['b', 'a']}, {'f:set': {'v:"b"': {}}}),
        ({}, {'set': ['b']}, {'f:set': {'.': {}, 'v:"b"': {}}}),
        ({'items': None}, {'items': [{'name': 'a'}]}, {'f:items': {'k:{"name":"a"}': {'.': {}, 'f:name': {}}}}),
        ({'items': []}, {'items': [{'name': 'a'}]}, {'f:items': {'k:{"name":"a"}': {'.': {}, 'f:name': {}}}}),
    ],
)
def test_what_is_new_is_told_with_the_places_above(before: Any, after: Any, added: object) -> None:
    assert compare(before, after, SHAPE) == (added, {}, {})
    assert compare(after, before, SHAPE) == ({}, {}, added)


@pytest.mark.parametrize(
    ('before', 'after', 'modified'),
    [
        ({'text': 'x'}, {'text': 'y'}, {'f:text': {}}),
        ({'text': 'x'}, {'text': None}, {'f:text': {}}),
        ({'part': {'a': 'x', 'b': 1}}, {'part': {'a': 'y', 'b': 1}}, {'f:part': {'f:a': {}}}),
        ({'part': None}, {'part': {}}, {'f:part': {}}),
        ({'part': {'a': 'x'}}, {'part': 'x'}, {'f:part': {}}),
        ({'whole': {'a': 'x'}}, {'whole': {'b': 'x'}}, {'f:whole': {}}),
        ({'list': ['x']}, {'list': ['x', 'y']}, {'f:list': {}}),
        ({'set': None}, {'set': []}, {'f:set': {}}),
        (
            {'items': [{'name': 'a', 'value': 'x'}]},
            {'items': [{'name': 'a', 'value': 'y'}]},
            {'f:items': {'k:{"name":"a"}': {'f:value': {}}}},
        ),
    ],
)
def test_what_is_other_is_told_alone(before: Any, after: Any, modified: object) -> None:
    assert compare(before, after, SHAPE) == ({}, modified, {})
    assert compare(after, before, SHAPE) == ({}, modified, {})


@pytest.mark.parametrize(
    ('before', 'after'),
    [
        ({'set': ['a', 'b']}, {'set': ['b', 'a']}),
        ({'items': [{'name': 'a'}, {'name': 'b'}]}, {'items': [{'name': 'b'}, {'name': 'a'}]}),
        ({'part': {'b': 1}}, {'part': {'b': 1.0}}),
    ],
)
def test_the_order_of_items_and_the_kind_of_numbers_are_no_change(before: Any, after: Any) -> None:
    assert not any(compare(before, after, SHAPE))


def test_duplicates_are_compared_together() -> None:
    one, other = {'name': 'a', 'value': 'x'}, {'name': 'a', 'value': 'y'}
    both: FieldSet = {'f:items': {'k:{"name":"a"}': {}}}

    assert compare({'items': [one, other]}, {'items': [one, other]}, SHAPE) == ({}, {}, {})
    assert compare({'items': [one, other]}, {'items': [other, one]}, SHAPE) == ({}, both, {})
    assert compare({'items': [one, other]}, {'items': [one]}, SHAPE) == ({}, both, {})
    assert compare({'items': [one, other]}, {'items': []}, SHAPE) == ({}, {}, both)


def test_items_without_keys_are_told_by_their_places() -> None:
    assert compare({'items': [{'value': 'x'}]}, {'items': [{'value': 'y'}]}, SHAPE) == (
        {},
        {'f:items': {'i:0': {'f:value': {}}}},
        {},
    )


def test_nobody_owns_the_identity_nor_what_only_the_server_writes() -> None:
    metadata: dict[str, Any] = {
        'name': 'x',
        'namespace': 'n',
        'uid': 'u',
        'resourceVersion': '1',
        'generation': 1,
        'managedFields': [],
    }

    kept = tracked({'apiVersion': 'v1', 'kind': 'X', 'metadata': {**metadata, 'labels': {}, 'generateName': 'x'}})

    assert kept == {'metadata': {'labels': {}, 'generateName': 'x'}}


@pytest.mark.parametrize(
    ('one', 'other', 'alike'),
    [
        (1, 1.0, True),
        (1, True, False),
        (0, False, False),
        ('', None, False),
        ([1, {'a': True}], [1, {'a': True}], True),
        ([1, {'a': True}], [1, {'a': 1}], False),
        ({'a': 1}, {'b': 1}, False),
        ([1], [1, 2], False),
    ],
)
def test_values_are_equal_as_json(one: Any, other: Any, alike: bool) -> None:
    assert equal(one, other) is alike


def test_a_change_from_true_to_one_is_a_change() -> None:
    assert compare({'a': {'b': True}}, {'a': {'b': 1}}, FREE).modified == {'f:a': {'f:b': {}}}
