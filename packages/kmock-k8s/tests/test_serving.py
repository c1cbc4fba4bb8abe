"""What the Kubernetes handlers have for ``kmock serve``."""

from typing import Any

import pytest

from kmock_core import Request, spi
from kmock_k8s import KubernetesCluster, KubernetesEmulator, KubernetesScaffold

COMMON = [spi.PreparesServing, spi.LoadsResources, spi.WritesKubeconfig, spi.DescribesBuiltins]


@pytest.mark.parametrize('protocol', COMMON)
@pytest.mark.parametrize('cls', [KubernetesScaffold, KubernetesEmulator, KubernetesCluster])
def test_the_handlers_have_the_methods_of_the_protocols(cls: type[KubernetesScaffold], protocol: Any) -> None:
    assert isinstance(cls(), protocol)


@pytest.mark.parametrize('cls', [KubernetesEmulator, KubernetesCluster])
def test_only_a_handler_with_objects_loads_manifests(cls: type[KubernetesScaffold]) -> None:
    assert isinstance(cls(), spi.LoadsManifests)
    assert not hasattr(KubernetesScaffold, 'load_path')


def test_only_a_handler_that_tells_users_apart_reads_tokens() -> None:
    assert isinstance(KubernetesCluster(), spi.ReadsTokens)
    assert not hasattr(KubernetesEmulator, 'read_tokens')


@pytest.mark.parametrize('cls', [KubernetesScaffold, KubernetesEmulator, KubernetesCluster])
def test_a_handler_that_is_to_be_served_knows_the_resources_of_kubernetes(cls: type[KubernetesScaffold]) -> None:
    kmock = cls()
    kmock.prepare_serving()
    assert kmock.resources['apps/v1/deployments'].kind == 'Deployment'


@pytest.mark.parametrize(
    ('method', 'target', 'words'),
    [
        ('GET', '/api/v1/pods', 'list v1/pods'),
        ('GET', '/api/v1/pods?watch=1', 'watch v1/pods'),
        ('PATCH', '/apis/kopf.dev/v1/namespaces/ns1/kopfexamples/e1', 'update kopf.dev/v1/kopfexamples'),
        ('GET', '/apis', 'discovery'),
        ('POST', '/apis', None),
    ],
)
def test_the_emulator_tells_by_which_behaviour_it_serves(method: str, target: str, words: str | None) -> None:
    assert KubernetesEmulator().describe_builtin(Request(method, target)) == words
