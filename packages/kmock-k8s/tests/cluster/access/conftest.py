"""Clusters that tell users apart."""

from collections.abc import AsyncIterator, Callable

import pytest

import kmock

TOKENS = {
    'admin-token': ['system:masters'],
    'nobody-token': [],
    'jane-token': {'username': 'jane', 'uid': '1', 'groups': ['developers'], 'extra': {'acme.dev/team': ['blue']}},
}


@pytest.fixture
async def guarded() -> AsyncIterator[kmock.KubernetesCluster]:
    """A cluster with users, but with no roles beyond those of everybody."""
    async with kmock.KubernetesCluster(tokens=TOKENS) as cluster:
        yield cluster


@pytest.fixture
async def ruled() -> AsyncIterator[kmock.KubernetesCluster]:
    """A cluster with users and roles."""
    async with kmock.KubernetesCluster(tokens=TOKENS, authorization='rbac') as cluster:
        yield cluster


@pytest.fixture
def grant(ruled: kmock.KubernetesCluster) -> Callable[..., None]:
    """Give jane a role with some rules, in a namespace or in the whole cluster."""

    def give(*rules: dict[str, list[str]], namespace: str | None = 'default', name: str = 'given') -> None:
        scope = '' if namespace else 'Cluster'
        group = 'rbac.authorization.k8s.io'
        ruled.load(
            {'apiVersion': f'{group}/v1', 'kind': f'{scope}Role', 'metadata': {'name': name, 'namespace': namespace}}
            | {'rules': list(rules)},
            {
                'apiVersion': f'{group}/v1',
                'kind': f'{scope}RoleBinding',
                'metadata': {'name': name, 'namespace': namespace},
                'roleRef': {'apiGroup': group, 'kind': f'{scope}Role', 'name': name},
                'subjects': [{'apiGroup': group, 'kind': 'User', 'name': 'jane'}],
            },
        )

    return give
