import json
from pathlib import Path
from typing import Any

import pytest

from kmock_k8s.ownership.pruning import prune
from kmock_k8s.ownership.shapes import FREE, Shape
from kmock_k8s.schemas import Schema

SHAPE = Shape.of(Schema.of(json.loads((Path(__file__).parent / 'schema.json').read_text())))
A, B = 'k:{"name":"a"}', 'k:{"name":"b"}'


@pytest.mark.parametrize(
    ('merged', 'last', 'owned', 'pruned'),
    [
        pytest.param({'text': 'x'}, {'f:text': {}}, {}, {}, id='what nobody owns is removed'),
        pytest.param({'text': 'x'}, {'f:text': {}}, {'f:text': {}}, {'text': 'x'}, id='what others own stays'),
        pytest.param({'text': 'x'}, {}, {}, {'text': 'x'}, id='what was never owned stays'),
        pytest.param({}, {'f:text': {}}, {}, {}, id='what is gone already is no matter'),
        pytest.param(
            {'part': {'a': 'x', 'b': 1}}, {'f:part': {'f:a': {}}}, {}, {}, id='a part goes with what is left in it'
        ),
        pytest.param(
            {'part': {'a': 'x', 'b': 1}},
            {'f:part': {'f:a': {}}},
            {'f:part': {'f:b': {}}},
            {'part': {'b': 1}},
            id='a part stays with what others own in it',
        ),
        pytest.param(
            {'part': {'a': 'x'}}, {'f:part': {'f:a': {}}}, {'f:part': {}}, {'part': {}}, id='an empty part stays'
        ),
        pytest.param(
            {'map': {'k': {'a': 'x', 'b': 'y'}}},
            {'f:map': {'f:k': {'.': {}, 'f:a': {}}}},
            {'f:map': {'f:k': {'f:b': {}}}},
            {'map': {}},
            id='an entry goes if only what is in it is owned',
        ),
        pytest.param(
            {'map': {'k': {'a': 'x', 'b': 'y'}}},
            {'f:map': {'f:k': {'f:a': {}}}},
            {'f:map': {'f:k': {'.': {}}}},
            {'map': {'k': {'b': 'y'}}},
            id='an entry that others own stays',
        ),
        pytest.param(
            {'set': ['a', 'b', 'c']},
            {'f:set': {'v:"a"': {}, 'v:"b"': {}}},
            {'f:set': {'v:"b"': {}}},
            {'set': ['b', 'c']},
            id='values of sets',
        ),
        pytest.param(
            {'items': [{'name': 'a', 'value': 'x'}, {'name': 'b'}]},
            {'f:items': {A: {'.': {}, 'f:name': {}, 'f:value': {}}, B: {'.': {}, 'f:name': {}}}},
            {'f:items': {A: {'.': {}, 'f:name': {}}}},
            {'items': [{'name': 'a'}]},
            id='items',
        ),
        pytest.param({'set': []}, {'f:set': {'v:"a"': {}}}, {}, {'set': []}, id='an empty list is owned by nobody'),
        pytest.param(
            {'part': 'x'}, {'f:part': {'f:a': {}}}, {'f:part': {'f:b': {}}}, {'part': 'x'}, id='what has no parts'
        ),
        pytest.param({'list': ['a']}, {'f:list': {}}, {}, {}, id='lists as a whole'),
    ],
)
def test_what_is_owned_by_nobody_any_more_is_removed(merged: Any, last: Any, owned: Any, pruned: Any) -> None:
    assert prune(merged, last, owned, SHAPE) == pruned


def test_nothing_is_copied_where_nothing_is_removed() -> None:
    merged = {'text': 'x', 'part': {'a': 'x'}}

    assert prune(merged, {'f:part': {'f:a': {}}}, {'f:part': {'f:a': {}}}, SHAPE) is merged


def test_without_a_schema_maps_are_entries() -> None:
    assert prune({'a': {'b': 1, 'c': 2}}, {'f:a': {'f:b': {}}}, {'f:a': {'f:c': {}}}, FREE) == {'a': {'c': 2}}
