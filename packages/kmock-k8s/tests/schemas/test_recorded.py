"""What became of custom objects when they were created, recorded from a kube-apiserver v1.36.2."""

from typing import Any

import pytest

from kmock_k8s.schemas import Schema
from kmock_k8s.schemas.defaulting import apply_defaults
from kmock_k8s.schemas.pruning import prune

DEFAULTED: dict[str, Any] = {'color': 'red', 'opts': {'level': 3, 'on': True}, 'size': 1}

RECORDED: list[tuple[str, dict[str, Any], dict[str, Any], list[str]]] = [
    ('defaults', {'spec': {'size': 1}}, {'spec': DEFAULTED}, []),
    (
        'pruned',
        {
            'spec': {'size': 1, 'nope': 1, 'opts': {'zz': 1, 'on': False}, 'free': {'any': {'thing': [1]}}},
            'extra': {'x': 1},
        },
        {'spec': {**DEFAULTED, 'free': {'any': {'thing': [1]}}, 'opts': {'level': 3, 'on': False}}},
        ['extra', 'spec.nope', 'spec.opts.zz'],
    ),
    ('no-spec', {}, {}, []),
    ('int-or-string', {'spec': {'size': 1, 'ios': '5%'}}, {'spec': {**DEFAULTED, 'ios': '5%'}}, []),
    ('int-or-string-2', {'spec': {'size': 1, 'ios': 5}}, {'spec': {**DEFAULTED, 'ios': 5}}, []),
    ('nullable', {'spec': {'size': 1, 'opt': None}}, {'spec': {**DEFAULTED, 'opt': None}}, []),
    ('null-non-nullable', {'spec': {'size': 1, 'name': None}}, {'spec': DEFAULTED}, []),
    ('null-defaulted', {'spec': {'size': 1, 'color': None}}, {'spec': DEFAULTED}, []),
    (
        'additional',
        {'spec': {'size': 1, 'm': {'a': '1', 'b': '2'}}},
        {'spec': {**DEFAULTED, 'm': {'a': '1', 'b': '2'}}},
        [],
    ),
    (
        'list-map',
        {'spec': {'size': 1, 'ports': [{'port': 1}, {'port': 2, 'proto': 'UDP'}]}},
        {'spec': {**DEFAULTED, 'ports': [{'port': 1, 'proto': 'TCP'}, {'port': 2, 'proto': 'UDP'}]}},
        [],
    ),
    ('metadata-unknown', {'spec': {'size': 1}, 'metadata': {'nope': 1}}, {'spec': DEFAULTED}, ['metadata.nope']),
]


@pytest.mark.parametrize(('sent', 'stored', 'unknown'), [pytest.param(*one[1:], id=one[0]) for one in RECORDED])
def test_custom_objects_become_what_was_recorded(
    sent: dict[str, Any], stored: dict[str, Any], unknown: list[str], widget_schema: Schema
) -> None:
    common = {'apiVersion': 'crschema.example.com/v1', 'kind': 'Widget'}
    given = {**common, **sent, 'metadata': {'name': 'a', **sent.get('metadata', {})}}
    assert prune(given, widget_schema) == unknown
    apply_defaults(given, widget_schema)
    assert given == {**common, 'metadata': {'name': 'a'}, **stored}
