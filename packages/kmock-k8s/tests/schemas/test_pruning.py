from typing import Any

import pytest

from kmock_k8s.schemas import Schema, builtin, custom
from kmock_k8s.schemas.pruning import prune

CASES: list[tuple[str, dict[str, Any], Any, Any, list[str]]] = [
    (
        'items of lists are pruned',
        {'items': {'properties': {'a': {}}}},
        [{'a': 1, 'x': 1}, {'x': 1}],
        [{'a': 1}, {}],
        ['[0].x', '[1].x'],
    ),
    (
        'lists in lists are pruned',
        {'properties': {'l': {'items': {'items': {'properties': {}}}}}},
        {'l': [[{'x': 1}]]},
        {'l': [[{}]]},
        ['l[0][0].x'],
    ),
    (
        'values of maps are pruned',
        {'additionalProperties': {'properties': {'a': {}}}},
        {'k': {'a': 1, 'x': 1}},
        {'k': {'a': 1}},
        ['k.x'],
    ),
    (
        'any value has no known fields',
        {'additionalProperties': True},
        {'k': {'x': 1}, 's': 'x'},
        {'k': {}, 's': 'x'},
        ['k.x'],
    ),
    ('without items, objects have no known fields', {'type': 'array'}, [{'x': 1}, 'x'], [{}, 'x'], ['[0].x']),
    (
        'known fields are pruned where unknown ones are kept',
        {'x-kubernetes-preserve-unknown-fields': True, 'properties': {'a': {'type': 'object'}}},
        {'a': {'x': 1}, 'b': {'x': 1}, 'c': [{'x': 1}]},
        {'a': {}, 'b': {'x': 1}, 'c': [{'x': 1}]},
        ['a.x'],
    ),
    (
        'lists are kept where unknown fields are kept',
        {'x-kubernetes-preserve-unknown-fields': True, 'properties': {'a': {'type': 'object'}}},
        [{'x': 1}, [{'a': {'x': 1}}]],
        [{'x': 1}, [{'a': {'x': 1}}]],
        [],
    ),
    (
        'embedded resources keep what all resources have',
        {'x-kubernetes-embedded-resource': True, 'properties': {'spec': {}}},
        {'apiVersion': 'v1', 'kind': 'Pod', 'metadata': {'name': 'x', 'labels': {'a': 'b'}, 'x': 1}, 'x': 1},
        {'apiVersion': 'v1', 'kind': 'Pod', 'metadata': {'name': 'x', 'labels': {'a': 'b'}}},
        ['metadata.x', 'x'],
    ),
    (
        'values of other types are left to the validation',
        {'properties': {'a': {'type': 'integer'}, 'b': {'type': 'object', 'properties': {}}}},
        {'a': 'x', 'b': 'y'},
        {'a': 'x', 'b': 'y'},
        [],
    ),
]


@pytest.mark.parametrize(('openapi', 'given', 'left', 'paths'), [pytest.param(*case[1:], id=case[0]) for case in CASES])
def test_only_what_is_known_is_left(openapi: dict[str, Any], given: Any, left: Any, paths: list[str]) -> None:
    assert prune(given, Schema.of(openapi)) == paths
    assert given == left


def test_managed_fields_are_kept() -> None:
    metadata: dict[str, Any] = {'managedFields': [{'manager': 'm', 'fieldsV1': {'f:spec': {'.': {}}}}]}
    given: dict[str, Any] = {'metadata': metadata}
    assert prune(given, custom({'type': 'object'})) == []
    assert given['metadata']['managedFields'][0]['fieldsV1'] == {'f:spec': {'.': {}}}


def test_objects_of_built_in_kinds_are_pruned() -> None:
    schema = builtin('', 'v1', 'Pod')
    assert schema is not None
    container = {'name': 'a', 'nope': 1, 'resources': {'limits': {'cpu': '1', 'example.com/any': 2}}}
    given = {'spec': {'containers': [container]}}
    assert prune(given, schema) == ['spec.containers[0].nope']
    assert 'nope' not in container
