"""kubectl, and the cluster that it is configured for."""

from pathlib import Path

import pytest

from kmock import KubernetesCluster
from programs import Kubectl


@pytest.fixture
def kubectl(kmock: KubernetesCluster, tmp_path: Path) -> Kubectl:
    """kubectl in a folder of its own, ``tmp_path``."""
    kmock.write_kubeconfig(tmp_path / 'config')
    return Kubectl(tmp_path)
