"""The custom resource of the tests of operators: websites."""

from typing import Any

WEBSITES = 'acme.dev/v1/websites'
KEY = ('acme.dev', 'v1', 'websites')
URL = '/apis/acme.dev/v1/namespaces/default/websites'

DEFINITION: dict[str, Any] = {
    'apiVersion': 'apiextensions.k8s.io/v1',
    'kind': 'CustomResourceDefinition',
    'metadata': {'name': 'websites.acme.dev'},
    'spec': {
        'group': 'acme.dev',
        'scope': 'Namespaced',
        'names': {'kind': 'Website', 'plural': 'websites', 'singular': 'website'},
        'versions': [
            {
                'name': 'v1',
                'served': True,
                'storage': True,
                'subresources': {'status': {}},
                'schema': {
                    'openAPIV3Schema': {
                        'type': 'object',
                        'properties': {
                            'spec': {
                                'type': 'object',
                                'properties': {
                                    'host': {'type': 'string'},
                                    'replicas': {'type': 'integer', 'minimum': 1, 'default': 2},
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


def website(name: str = 'tea', *, namespace: str = 'default', host: str = 'tea.dev', **metadata: Any) -> dict[str, Any]:
    """A website as a client would create it."""
    return {
        'apiVersion': 'acme.dev/v1',
        'kind': 'Website',
        'metadata': {'name': name, 'namespace': namespace, **metadata},
        'spec': {'host': host},
    }
