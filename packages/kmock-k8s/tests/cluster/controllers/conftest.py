"""A cluster with its controllers, and a client of it that needs no loop."""

import json
from typing import Any

import pytest

import kmock

CORE = '/api/v1/namespaces'


class Client:
    """Asks a cluster, as if over HTTP; ConfigMaps are made and found by their names alone."""

    def __init__(self, mock: kmock.KubernetesCluster) -> None:
        self.mock = mock
        self.status = 0

    def ask(self, method: str, url: str, body: Any = None, media_type: str = 'application/json') -> Any:
        """The JSON of an answer."""
        headers = ((b'Content-Type', media_type.encode()), (b'User-Agent', b'tests/1'))
        raw = b'' if body is None else json.dumps(body).encode()
        answer: Any = self.mock.serve(method, url, headers, raw, ('http', 'localhost', None, '1.1'))
        self.status = answer.status
        return json.loads(answer.body)

    def url(self, name: str = '', namespace: str = 'default') -> str:
        """Where ConfigMaps are, or the one of that name."""
        return f'{CORE}/{namespace}/configmaps' + (f'/{name}' if name else '')

    def make(self, name: str, *owners: Any, namespace: str = 'default', **metadata: Any) -> Any:
        """Create a ConfigMap with owners."""
        whole = {'name': name, **metadata, **({'ownerReferences': list(owners)} if owners else {})}
        return self.ask('POST', self.url(namespace=namespace), {'metadata': whole})

    def get(self, name: str, namespace: str = 'default') -> Any:
        """A ConfigMap; None if it is not there."""
        found = self.ask('GET', self.url(name, namespace))
        return found if self.status == 200 else None

    def names(self, namespace: str = 'default') -> list[str]:
        """The names of the ConfigMaps that are there."""
        return [one['metadata']['name'] for one in self.ask('GET', self.url(namespace=namespace))['items']]

    def delete(self, name: str, policy: str = 'Background', namespace: str = 'default') -> Any:
        """Delete a ConfigMap."""
        return self.ask('DELETE', f'{self.url(name, namespace)}?propagationPolicy={policy}')

    def merge(self, url: str, patch: Any) -> Any:
        """What is left of a merge patch."""
        return self.ask('PATCH', url, patch, 'application/merge-patch+json')

    def release(self, name: str, namespace: str = 'default') -> Any:
        """Take the finalizers off a ConfigMap."""
        return self.merge(self.url(name, namespace), {'metadata': {'finalizers': None}})

    def owners_of(self, name: str) -> list[str]:
        """The names of the owners of a ConfigMap."""
        return [one['name'] for one in self.get(name)['metadata'].get('ownerReferences', [])]

    def make_namespace(self, name: str = 'ns', **metadata: Any) -> Any:
        """Create a namespace."""
        return self.ask('POST', CORE, {'metadata': {'name': name, **metadata}})


def owner(content: Any, *, blocks: bool = False, **fields: Any) -> dict[str, Any]:
    """A reference to an owner."""
    metadata = content['metadata']
    known = {
        'apiVersion': content['apiVersion'],
        'kind': content['kind'],
        'name': metadata['name'],
        'uid': metadata['uid'],
    }
    return {**known, **({'blockOwnerDeletion': True} if blocks else {}), **fields}


@pytest.fixture
def client() -> Client:
    return Client(kmock.KubernetesCluster())


@pytest.fixture(name='owner')
def owner_() -> Any:
    return owner
