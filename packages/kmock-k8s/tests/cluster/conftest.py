"""A cluster in process, with nothing in it but what is there from the start."""

from collections.abc import AsyncIterator

import pytest

import kmock


@pytest.fixture
async def cluster() -> AsyncIterator[kmock.KubernetesCluster]:
    async with kmock.KubernetesCluster() as cluster:
        yield cluster
