"""What clients of Kubernetes make of the discovery, before they ask for objects."""

import subprocess
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest
from kubernetes import client as kubernetes_client
from kubernetes import dynamic as kubernetes_dynamic

import kmock
from programs import find_kubectl

client: Any = kubernetes_client
dynamic: Any = kubernetes_dynamic


@pytest.fixture
def mock() -> Generator[kmock.KubernetesScaffold, None, None]:
    with kmock.serving(kmock.KubernetesScaffold) as mock:
        mock.resources['kopf.dev/v1beta1/kopfexamples'] = {'kind': 'KopfExample'}
        mock.resources['kopf.dev/v1/kopfexamples'] = {
            'kind': 'KopfExample',
            'shortnames': ['kex'],
            'categories': ['all'],
            'subresources': ['status', 'scale'],
        }
        yield mock


@pytest.fixture
def api(mock: kmock.KubernetesScaffold) -> Generator[Any, None, None]:
    with client.ApiClient(client.Configuration(host=str(mock.url).rstrip('/'))) as api:
        yield api


def test_the_official_client_reads_all_documents(api: Any) -> None:
    assert client.VersionApi(api).get_code().minor == '36'
    assert client.CoreApi(api).get_api_versions().versions == ['v1']
    assert client.CoreV1Api(api).get_api_resources().resources == []
    (group,) = client.ApisApi(api).get_api_versions().groups
    assert (group.name, group.preferred_version.version) == ('kopf.dev', 'v1')
    (resource, *subresources) = client.CustomObjectsApi(api).get_api_resources('kopf.dev', 'v1').resources
    assert (resource.name, resource.kind, resource.short_names) == ('kopfexamples', 'KopfExample', ['kex'])
    assert [item.name for item in subresources] == ['kopfexamples/scale', 'kopfexamples/status']


@pytest.mark.parametrize(
    'criteria',
    [
        {'kind': 'KopfExample', 'preferred': True},
        {'api_version': 'kopf.dev/v1', 'kind': 'KopfExample'},
        {'short_names': ['kex'], 'group': 'kopf.dev'},
    ],
)
def test_the_dynamic_client_finds_resources(api: Any, criteria: dict[str, Any], tmp_path: Path) -> None:
    found = dynamic.DynamicClient(api, cache_file=str(tmp_path / 'cache')).resources.get(**criteria)

    assert (found.group_version, found.name, found.namespaced) == ('kopf.dev/v1', 'kopfexamples', True)
    assert {*found.subresources} == {'scale', 'status'}


def test_kubectl_lists_resources_by_one_request(mock: kmock.KubernetesScaffold, tmp_path: Path) -> None:
    command = [find_kubectl(), '--server', str(mock.url), '--cache-dir', str(tmp_path), 'api-resources', '--no-headers']
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)

    assert [line.split() for line in done.stdout.splitlines()] == [
        ['kopfexamples', 'kex', 'kopf.dev/v1', 'true', 'KopfExample']
    ]
    assert done.stderr == ''
    assert len(mock['get /apis']) == 1
    assert not mock['get /apis/kopf.dev/v1']
