"""A cluster, and a client that defines custom resources in it."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

import kmock

DEFINITIONS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'
WIDGETS = '/apis/example.com/v1/namespaces/default/widgets'


class Client:
    """A client of a cluster, with the last answer at hand."""

    def __init__(self, mock: kmock.KubernetesCluster) -> None:
        self.mock = mock
        self.status = 0
        self.warnings: list[str] = []

    async def ask(self, method: str, url: str, body: Any = None, **headers: str) -> Any:
        """The JSON of an answer, or its text."""
        given = {} if body is None else {'json': body}
        response = await self.mock.request(method, url, headers={'User-Agent': 'tests/1', **headers}, **given)
        self.status = response.status
        self.warnings = [
            text.split('"', 1)[1][:-1].replace('\\"', '"') for text in response.headers.getall('Warning', [])
        ]
        return await (
            response.json() if response.headers.get('Content-Type') == 'application/json' else response.text()
        )

    async def merge(self, url: str, patch: Any) -> Any:
        """What is left of a merge patch."""
        return await self.ask('PATCH', url, patch, **{'Content-Type': 'application/merge-patch+json'})

    async def define(self, schema: Any = None, *, spec: Any = None, **version: Any) -> Any:
        """Define widgets with one version, or as a spec says."""
        declared = {'type': 'object', 'x-kubernetes-preserve-unknown-fields': True} if schema is None else schema
        one = {'name': 'v1', 'served': True, 'storage': True, 'schema': {'openAPIV3Schema': declared}, **version}
        names = {'plural': 'widgets', 'kind': 'Widget'}
        whole: dict[str, Any] = {
            'group': 'example.com',
            'scope': 'Namespaced',
            'names': names,
            'versions': [one],
            **(spec or {}),
        }
        name = f'{whole["names"]["plural"]}.{whole["group"]}'
        content = {
            'apiVersion': 'apiextensions.k8s.io/v1',
            'kind': 'CustomResourceDefinition',
            'metadata': {'name': name},
        }
        return await self.ask('POST', DEFINITIONS, {**content, 'spec': whole})

    async def create(self, spec: Any = None, version: str = 'v1', **metadata: Any) -> Any:
        """Create a widget."""
        content = {'apiVersion': f'example.com/{version}', 'kind': 'Widget', 'metadata': {'name': 'w', **metadata}}
        return await self.ask(
            'POST', WIDGETS.replace('v1', version), content if spec is None else {**content, 'spec': spec}
        )

    async def causes(self, spec: Any) -> list[tuple[str, str]]:
        """Why a widget is refused: fields and messages, sorted."""
        refused = await self.create(spec)
        return sorted((cause['field'], cause['message']) for cause in refused.get('details', {}).get('causes', []))


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    async with kmock.KubernetesCluster() as mock:
        yield Client(mock)
