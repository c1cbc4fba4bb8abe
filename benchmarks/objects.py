"""The objects of the benchmarks of Kubernetes."""

import json
from typing import Any


def make_object(number: int) -> dict[str, Any]:
    """A ConfigMap of 0.8 KB; one in a thousand has a rare label."""
    return {
        'apiVersion': 'v1',
        'kind': 'ConfigMap',
        'metadata': {
            'name': f'object-{number}',
            'namespace': 'default',
            'labels': {'app': f'app-{number % 100}', 'rare': 'yes' if number % 1_000 == 0 else 'no'},
            'annotations': {'example.com/number': str(number)},
        },
        'data': {f'key-{key}': f'value-{key}-of-{number}-' + 'x' * 60 for key in range(6)},
    }


def make_body(number: int) -> bytes:
    """The same as JSON."""
    return json.dumps(make_object(number), separators=(',', ':')).encode()
