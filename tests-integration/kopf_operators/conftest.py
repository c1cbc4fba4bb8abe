"""The cluster of the tests, with a custom resource and a kubeconfig, and an operator without handlers."""

from pathlib import Path
from typing import Any

import pytest

from kmock import KubernetesCluster
from operators import Operator
from websites import DEFINITION


@pytest.fixture
def kmock_options() -> dict[str, Any]:
    return {'cls': KubernetesCluster}


@pytest.fixture
def kubeconfig(kmock: KubernetesCluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file where operators find the cluster."""
    path = tmp_path / 'kubeconfig'
    kmock.write_kubeconfig(path)
    monkeypatch.setenv('KUBECONFIG', str(path))
    return path


@pytest.fixture
def operator(kmock: KubernetesCluster, kubeconfig: Path) -> Operator:
    """An operator that has no handlers yet, in a cluster where websites are defined."""
    kmock.load(DEFINITION)
    return Operator()
