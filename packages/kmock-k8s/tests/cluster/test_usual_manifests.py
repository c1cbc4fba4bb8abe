"""The kinds that people write manifests of: a cluster takes them, and takes them again as what they are."""

from pathlib import Path
from typing import Any

import pytest

import kmock
from kmock_k8s.manifests.yaml import parse_yaml

MANIFESTS = list(parse_yaml((Path(__file__).parent / 'usual_manifests.yaml').read_text('utf-8')))


@pytest.fixture(scope='module')
def cluster() -> kmock.KubernetesCluster:
    """One for all of them, as they share their namespace."""
    return kmock.KubernetesCluster()


@pytest.mark.parametrize('manifest', MANIFESTS, ids=lambda one: f'{one["kind"]}-{one["metadata"]["name"]}')
def test_a_usual_manifest_is_taken_any_number_of_times(cluster: kmock.KubernetesCluster, manifest: Any) -> None:
    (found,) = cluster.load(manifest)
    assert found >= {'metadata': {'name': manifest['metadata']['name'], 'uid': ...}}
    before = len(found.history)
    cluster.load(manifest)
    assert len(found.history) == before
