from typing import Any

import pytest

from kmock_k8s.schemas import Schema
from kmock_k8s.schemas.defaulting import apply_defaults

ON: dict[str, Any] = {'properties': {'on': {'type': 'boolean', 'default': True}}}

CASES: list[tuple[str, dict[str, Any], Any, Any]] = [
    ('a missing field is set', ON, {}, {'on': True}),
    ('a field that is there stays', ON, {'on': False}, {'on': False}),
    ('nothing is set in an object that is missing', {'properties': {'opts': ON}}, {}, {}),
    ('something is set in an object that is there', {'properties': {'opts': ON}}, {'opts': {}}, {'opts': {'on': True}}),
    (
        'something is set in a default',
        {'properties': {'opts': {**ON, 'default': {'x': 1}}}},
        {},
        {'opts': {'x': 1, 'on': True}},
    ),
    ('items of lists are completed', {'items': {'items': ON}}, [[{}, {'on': False}]], [[{'on': True}, {'on': False}]]),
    ('values of maps are completed', {'additionalProperties': ON}, {'k': {}}, {'k': {'on': True}}),
    ('a null is replaced by the default', ON, {'on': None}, {'on': True}),
    ('a null without a default is removed', {'properties': {'a': {}}}, {'a': None}, {}),
    ('a null that is allowed stays', {'properties': {'a': {'nullable': True, 'default': 1}}}, {'a': None}, {'a': None}),
    ('a null that nothing is known of stays', {'properties': {}}, {'a': None}, {'a': None}),
    ('a default of null is none', {'properties': {'a': {'nullable': True, 'default': None}}}, {}, {}),
    ('a null in a map is removed', {'additionalProperties': {'type': 'string'}}, {'k': None}, {}),
    (
        'a null in a map is replaced by the default',
        {'additionalProperties': {**ON, 'default': {}}},
        {'k': None},
        {'k': {'on': True}},
    ),
    ('a null in a list stays', {'items': {'type': 'string'}}, [None], [None]),
    ('a null in a list is replaced by the default', {'items': {**ON, 'default': {}}}, [None], [{'on': True}]),
    ('a null in a list that is allowed stays', {'items': {'nullable': True, 'default': 1}}, [None], [None]),
    ('a value of another type stays', {'properties': {'opts': ON}}, {'opts': 'x'}, {'opts': 'x'}),
    (
        'the metadata of resources are left alone',
        {'x-kubernetes-embedded-resource': True, 'properties': {'kind': {'default': 'Pod'}}},
        {'metadata': {'labels': None, 'ownerReferences': [{}]}},
        {'metadata': {'labels': None, 'ownerReferences': [{}]}},
    ),
]


@pytest.mark.parametrize(('openapi', 'given', 'completed'), [pytest.param(*case[1:], id=case[0]) for case in CASES])
def test_what_is_missing_is_completed(openapi: dict[str, Any], given: Any, completed: Any) -> None:
    apply_defaults(given, Schema.of(openapi))
    assert given == completed


def test_defaults_are_not_shared() -> None:
    schema = Schema.of({'properties': {'list': {'default': [1]}}})
    one: dict[str, Any] = {}
    other: dict[str, Any] = {}
    apply_defaults(one, schema)
    one['list'].append(2)
    apply_defaults(other, schema)
    assert other == {'list': [1]}
