"""What type checkers see of the handlers of Kubernetes, annotated as the fixture is: only checked, never run."""

from pathlib import Path
from typing import Any, assert_type

import kmock as km


def requests(kmock: km.KubernetesEmulator, scaffold: km.KubernetesScaffold) -> None:
    assert_type(kmock[0].namespace, str | None)
    assert_type(kmock[0].resource, km.resource | None)
    assert_type(kmock['list v1/pods'][-1].action, km.action | None)
    assert_type(kmock[kmock.resource['pods']][-1].method, km.method)
    assert_type(scaffold[0].subresource, str | None)
    assert_type([request.name for request in kmock['watch']], list[str | None])


def objects(kmock: km.KubernetesEmulator) -> None:
    assert_type(kmock.objects['v1/pods', 'ns1', 'pod1'], km.Object)
    assert_type(kmock.objects['v1/pods', None, 'pod1'].history[-1], km.ObjectVersion | None)
    assert kmock.objects >= [{'spec': ...}]
    kmock.objects['v1/pods', 'ns1', 'pod1'] = {'spec': {}}
    kmock.objects['v1/pods', 'ns1', 'pod1'] = [{'spec': {}}, None]
    assert_type(kmock.objects['v1/pods', 'ns1', 'pod1'].deleted, bool)


def manifests(kmock: km.KubernetesEmulator, cluster: km.KubernetesCluster, base: dict[str, Any]) -> None:
    assert_type(kmock.load('deploy/', Path('crds.yaml'), Path('deploy').glob('*.yaml')), list[km.Object])
    assert_type(cluster.load({**base, 'metadata': {'name': 'x'}}, [base, {'kind': 'Pod'}], []), list[km.Object])
    cluster.load(5)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def resources(kmock: km.KubernetesEmulator) -> None:
    assert_type(kmock.resources['v1/pods'].kind, str | None)
    kmock.resources['v1/pods'] = {}
    kmock.resources['v1/pods'] = {'namespaced': True, 'shortnames': ['po']}
    kmock.resources['v1/pods'] = km.ResourceInfo(kind='Pod')
    kmock.resources['v1/pods'] = {'names': []}  # type: ignore[assignment]  # pyright: ignore[reportArgumentType]


def handlers() -> None:
    assert_type(km.KubernetesEmulator(limit=3, strict=True), km.KubernetesEmulator)
    km.KubernetesScaffold(version={'major': '1'})
    km.KubernetesEmulator(objects={})  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
