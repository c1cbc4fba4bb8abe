from typing import Any

import pytest

from kmock_k8s.schemas import Schema, custom

WIDGET: dict[str, Any] = {
    'type': 'object',
    'properties': {
        'spec': {
            'type': 'object',
            'required': ['size'],
            'properties': {
                'size': {'type': 'integer', 'minimum': 1, 'maximum': 10},
                'color': {'type': 'string', 'default': 'red', 'enum': ['red', 'green', 'blue']},
                'name': {'type': 'string', 'pattern': '^[a-z]+$', 'maxLength': 8},
                'opts': {
                    'type': 'object',
                    'default': {},
                    'properties': {
                        'on': {'type': 'boolean', 'default': True},
                        'level': {'type': 'integer', 'default': 3},
                    },
                },
                'tags': {'type': 'array', 'maxItems': 3, 'items': {'type': 'string'}},
                'ports': {
                    'type': 'array',
                    'x-kubernetes-list-type': 'map',
                    'x-kubernetes-list-map-keys': ['port'],
                    'items': {
                        'type': 'object',
                        'required': ['port'],
                        'properties': {'port': {'type': 'integer'}, 'proto': {'type': 'string', 'default': 'TCP'}},
                    },
                },
                'free': {'type': 'object', 'x-kubernetes-preserve-unknown-fields': True},
                'ios': {'x-kubernetes-int-or-string': True},
                'opt': {'type': 'string', 'nullable': True},
                'm': {'type': 'object', 'additionalProperties': {'type': 'string'}},
                'replicas': {'type': 'integer'},
            },
        },
        'status': {
            'type': 'object',
            'properties': {'phase': {'type': 'string'}, 'replicas': {'type': 'integer'}},
        },
    },
}


@pytest.fixture(scope='session')
def widget_schema() -> Schema:
    """That of the custom resource whose objects were recorded."""
    return custom(WIDGET)
