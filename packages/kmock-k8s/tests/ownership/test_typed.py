import json
from pathlib import Path
from typing import Any

import pytest

from kmock_k8s import schemas
from kmock_k8s.ownership.shapes import FREE, Shape
from kmock_k8s.ownership.typed import MistypedError, field_set
from kmock_k8s.schemas import Schema

NO_KEYS = (
    '.items: element 0: associative list with keys has an element that omits all key fields ["name"] '
    "(and doesn't have default values for any key fields)"
)
SHAPE = Shape.of(Schema.of(json.loads((Path(__file__).parent / 'schema.json').read_text())))


@pytest.mark.parametrize(
    ('value', 'fields'),
    [
        ({'text': 'x'}, {'f:text': {}}),
        ({'text': None}, {'f:text': {}}),
        ({'part': {'a': 'x'}}, {'f:part': {'f:a': {}}}),
        ({'part': {}}, {'f:part': {}}),
        ({'part': None}, {'f:part': {}}),
        ({'map': {'k': {'x': 'y'}}}, {'f:map': {'f:k': {'.': {}, 'f:x': {}}}}),
        ({'whole': {'x': 'y'}}, {'f:whole': {}}),
        ({'list': ['a']}, {'f:list': {}}),
        ({'list': []}, {'f:list': {}}),
        ({'set': ['b', 'a']}, {'f:set': {'v:"a"': {}, 'v:"b"': {}}}),
        ({'set': []}, {}),
        (
            {'items': [{'name': 'a', 'value': 'x'}]},
            {'f:items': {'k:{"name":"a"}': {'.': {}, 'f:name': {}, 'f:value': {}}}},
        ),
    ],
)
def test_fields_are_what_is_not_divided_and_entries_and_items(value: dict[str, Any], fields: object) -> None:
    assert field_set(value, SHAPE) == fields


def test_without_a_schema_maps_are_divided_and_lists_are_not() -> None:
    assert field_set({'a': {'b': [1]}}, FREE) == {'f:a': {'.': {}, 'f:b': {}}}


@pytest.mark.parametrize(
    ('value', 'why'),
    [
        ({'nope': 1}, '.nope: field not declared in schema'),
        ({'text': 5}, '.text: expected string, got &value.valueUnstructured{Value:5}'),
        ({'text': True}, '.text: expected string, got &value.valueUnstructured{Value:true}'),
        ({'part': {'b': 'x'}}, '.part.b: expected numeric (int or float), got string'),
        ({'part': {'b': True}}, '.part.b: expected numeric (int or float), got bool'),
        ({'part': 5}, '.part: expected map, got &{5}'),
        ({'part': [1]}, '.part: expected map, got &{[1]}'),
        ({'list': 'x'}, '.list: expected list, got &{x}'),
        ({'list': [1]}, '.list[0]: expected string, got &value.valueUnstructured{Value:1}'),
        ({'whole': {'x': 1}}, '.whole.x: expected string, got &value.valueUnstructured{Value:1}'),
        ({'set': ['a', 'a']}, '.set: duplicate entries for key [="a"]'),
        ({'items': [{'name': 'a'}, {'name': 'a'}]}, '.items: duplicate entries for key [name="a"]'),
        (
            {'items': [{'value': 'a'}]},
            NO_KEYS,
        ),
        (
            {'nope': 1, 'also': 1},
            'errors:\n  .nope: field not declared in schema\n  .also: field not declared in schema',
        ),
    ],
)
def test_what_is_not_as_the_schema_says_is_told_in_the_words_of_the_api(value: dict[str, Any], why: str) -> None:
    with pytest.raises(MistypedError) as caught:
        field_set(value, SHAPE)

    assert str(caught.value) == why


def test_a_boolean_is_wanted() -> None:
    with pytest.raises(MistypedError) as caught:
        field_set({'immutable': 'x'}, Shape.of(schemas.builtin('', 'v1', 'ConfigMap')))

    assert str(caught.value) == '.immutable: expected boolean, got &{x}'


def test_quantities_and_ports_are_scalars_of_any_type() -> None:
    container = {'name': 'a', 'resources': {'limits': {'cpu': 1, 'memory': '1Gi'}}}
    probe = {'httpGet': {'port': 'http'}}
    pod = {'spec': {'containers': [{**container, 'livenessProbe': probe}]}}
    shape = Shape.of(schemas.builtin('', 'v1', 'Pod'))

    assert field_set(pod, shape)['f:spec']['f:containers']['k:{"name":"a"}']['f:resources'] == {
        'f:limits': {'f:cpu': {}, 'f:memory': {}}
    }

    with pytest.raises(MistypedError, match=r'expected any scalar, got &\{map\[\]\}'):
        field_set({'spec': {'containers': [{'name': 'a', 'resources': {'limits': {'cpu': {}}}}]}}, shape)
