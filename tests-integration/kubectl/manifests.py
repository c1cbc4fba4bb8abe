"""What the tests of kubectl create, and how they change it."""

import copy
import json
from pathlib import Path
from typing import Any

DEPLOYMENT: dict[str, Any] = {
    'apiVersion': 'apps/v1',
    'kind': 'Deployment',
    'metadata': {'name': 'web', 'labels': {'app': 'web'}},
    'spec': {
        'replicas': 2,
        'selector': {'matchLabels': {'app': 'web'}},
        'template': {
            'metadata': {'labels': {'app': 'web'}},
            'spec': {
                'containers': [
                    {
                        'name': 'nginx',
                        'image': 'nginx:1',
                        'ports': [{'containerPort': 80}],
                        'env': [{'name': 'A', 'value': '1'}],
                    },
                    {'name': 'sidecar', 'image': 'busybox'},
                ]
            },
        },
    },
}
DEFINITION: dict[str, Any] = {
    'apiVersion': 'apiextensions.k8s.io/v1',
    'kind': 'CustomResourceDefinition',
    'metadata': {'name': 'crontabs.stable.example.com'},
    'spec': {
        'group': 'stable.example.com',
        'scope': 'Namespaced',
        'names': {
            'plural': 'crontabs',
            'singular': 'crontab',
            'kind': 'CronTab',
            'shortNames': ['ct'],
            'categories': ['all'],
        },
        'versions': [
            {
                'name': 'v1',
                'served': True,
                'storage': True,
                'subresources': {
                    'status': {},
                    'scale': {'specReplicasPath': '.spec.replicas', 'statusReplicasPath': '.status.replicas'},
                },
                'additionalPrinterColumns': [
                    {'name': 'Cron', 'type': 'string', 'jsonPath': '.spec.cron'},
                    {'name': 'Replicas', 'type': 'integer', 'jsonPath': '.spec.replicas'},
                    {'name': 'Image', 'type': 'string', 'jsonPath': '.spec.image', 'priority': 1},
                ],
                'schema': {
                    'openAPIV3Schema': {
                        'type': 'object',
                        'description': 'A table of jobs.',
                        'properties': {
                            'spec': {
                                'type': 'object',
                                'required': ['cron'],
                                'properties': {
                                    'cron': {'type': 'string', 'description': 'When to run.'},
                                    'image': {'type': 'string'},
                                    'replicas': {'type': 'integer', 'minimum': 0, 'default': 1},
                                },
                            },
                            'status': {'type': 'object', 'x-kubernetes-preserve-unknown-fields': True},
                        },
                    }
                },
            }
        ],
    },
}
CRONTAB: dict[str, Any] = {
    'apiVersion': 'stable.example.com/v1',
    'kind': 'CronTab',
    'metadata': {'name': 'nightly'},
    'spec': {'cron': '0 0 * * *', 'image': 'busybox'},
}


def configmap(name: str, labels: dict[str, str] | None = None, **data: str) -> dict[str, Any]:
    """A ConfigMap."""
    manifest: dict[str, Any] = {'apiVersion': 'v1', 'kind': 'ConfigMap', 'metadata': {'name': name}}
    if labels:
        manifest['metadata']['labels'] = labels
    return {**manifest, 'data': data} if data else manifest


def pod(name: str, labels: dict[str, str] | None = None, **spec: Any) -> dict[str, Any]:
    """A Pod with one container."""
    return {
        'apiVersion': 'v1',
        'kind': 'Pod',
        'metadata': {'name': name, 'labels': labels or {}},
        'spec': {'containers': [{'name': 'main', 'image': 'busybox'}], **spec},
    }


def changed(manifest: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    """A manifest with another value at a place, such as ``spec.containers.0.image``; `...` removes what is there."""
    made = copy.deepcopy(manifest)
    target: Any = made
    *steps, last = [int(step) if step.isdecimal() else step for step in path.split('.')]
    for step in steps:
        target = target[step]
    if value is ...:
        del target[last]
    else:
        target[last] = value
    return made


def save(path: Path, *manifests: dict[str, Any]) -> None:
    """Write manifests to a file, one document of YAML for each."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(''.join(f'---\n{json.dumps(manifest)}\n' for manifest in manifests))
