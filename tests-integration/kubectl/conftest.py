"""kubectl, and the cluster that it is configured for."""

from pathlib import Path

import pytest

from kmock import KubernetesCluster
from programs import Kubectl, find_kubectl


@pytest.fixture
def kubectl(kmock: KubernetesCluster, tmp_path: Path) -> Kubectl:
    """kubectl in a folder of its own, ``tmp_path``; older ones say the same in other words."""
    find_kubectl(32)
    kmock.write_kubeconfig(tmp_path / 'config')
    return Kubectl(tmp_path)
