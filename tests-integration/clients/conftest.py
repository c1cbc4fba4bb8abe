"""The cluster that the clients of this folder talk to, over http and over https, and its kubeconfig."""

from collections.abc import Generator
from pathlib import Path

import pytest

import kmock


@pytest.fixture
def cluster(request: pytest.FixtureRequest) -> Generator[kmock.KubernetesCluster, None, None]:
    """A new cluster; over https where a test sets its parameter, indirectly, to True."""
    with kmock.serving(kmock.KubernetesCluster, tls=getattr(request, 'param', None)) as cluster:
        yield cluster


@pytest.fixture
def kubeconfig(cluster: kmock.KubernetesCluster, tmp_path: Path) -> str:
    """The path of a kubeconfig of the cluster."""
    cluster.write_kubeconfig(tmp_path / 'kubeconfig')
    return str(tmp_path / 'kubeconfig')
