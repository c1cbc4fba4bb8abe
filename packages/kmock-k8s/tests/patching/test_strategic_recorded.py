"""Patches and their results, recorded from a kube-apiserver v1.36.2, less the fields that are the server's own."""

from typing import Any

import pytest

from kmock_k8s import schemas
from kmock_k8s.errors import KubernetesError
from kmock_k8s.model.encoding import copy_object
from kmock_k8s.patching.strategic import merge_strategic
from kmock_k8s.schemas import Schema

DEFAULTS: dict[str, Any] = {
    'resources': {},
    'terminationMessagePath': '/dev/termination-log',
    'terminationMessagePolicy': 'File',
    'imagePullPolicy': 'IfNotPresent',
}
A: dict[str, Any] = {'name': 'a', 'image': 'a:1', 'env': [{'name': 'K', 'value': 'v'}], **DEFAULTS}
B: dict[str, Any] = {'name': 'b', 'image': 'b:1', **DEFAULTS}
C: dict[str, Any] = {'name': 'c', 'image': 'c:1', **DEFAULTS}
ONLY: dict[str, Any] = {'name': 'only', 'image': 'o:1', **DEFAULTS}
ROLLING: dict[str, Any] = {
    'type': 'RollingUpdate',
    'rollingUpdate': {'maxUnavailable': '25%', 'maxSurge': '25%'},
}
OWNER: dict[str, Any] = {'apiVersion': 'v1', 'kind': 'ConfigMap', 'name': 'o', 'uid': '1111'}
OTHER: dict[str, Any] = {'apiVersion': 'v1', 'kind': 'ConfigMap', 'name': 'o2', 'uid': '2222'}


def deployment(*containers: dict[str, Any], strategy: Any = ROLLING, metadata: Any = None) -> dict[str, Any]:
    made: dict[str, Any] = {
        'apiVersion': 'apps/v1',
        'kind': 'Deployment',
        'metadata': {'name': 'd', **(metadata or {})},
        'spec': {
            'replicas': 2,
            'selector': {'matchLabels': {'app': 'x'}},
            'template': {
                'metadata': {'labels': {'app': 'x'}},
                'spec': {'containers': list(containers), 'restartPolicy': 'Always'},
            },
            'strategy': strategy,
        },
    }
    return copy_object(made)


def configmap(data: dict[str, str], **metadata: Any) -> dict[str, Any]:
    return copy_object({'apiVersion': 'v1', 'kind': 'ConfigMap', 'metadata': {'name': 'a', **metadata}, 'data': data})


def pod_patch(patch: dict[str, Any]) -> dict[str, Any]:
    return {'spec': {'template': {'spec': patch}}}


def containers_patch(*containers: dict[str, Any]) -> dict[str, Any]:
    return pod_patch({'containers': list(containers)})


def of(kind: str) -> Schema:
    schema = schemas.builtin('apps' if kind == 'Deployment' else '', 'v1', kind)
    assert schema is not None
    return schema


@pytest.mark.parametrize(
    ('before', 'patch', 'after'),
    [
        pytest.param(
            deployment(A, B),
            containers_patch({'name': 'b', 'image': 'b:2'}),
            deployment(A, {**B, 'image': 'b:2'}),
            id='containers are merged by name',
        ),
        pytest.param(
            deployment(A, B),
            containers_patch(C),
            deployment(C, A, B),
            id='a new container comes first',
        ),
        pytest.param(
            deployment(C, A, B),
            containers_patch({'name': 'b', '$patch': 'delete'}),
            deployment(C, A),
            id='a container is deleted',
        ),
        pytest.param(
            deployment(C, A),
            containers_patch({'name': 'a', 'env': [{'name': 'K2', 'value': 'v2'}]}),
            deployment(C, {**A, 'env': [{'name': 'K2', 'value': 'v2'}, {'name': 'K', 'value': 'v'}]}),
            id='a new variable comes first',
        ),
        pytest.param(
            deployment(C, A),
            containers_patch({'$patch': 'replace'}, ONLY),
            deployment(ONLY),
            id='all containers are replaced',
        ),
        pytest.param(
            deployment(ONLY),
            {'metadata': {'labels': {'$patch': 'replace', 'n': '1'}}},
            deployment(ONLY),
            id='a map that is not there is not replaced',
        ),
        pytest.param(
            deployment(ONLY),
            {'metadata': {'labels': {'$patch': 'nope'}}},
            deployment(ONLY),
            id='an unknown directive in a map that is not there is no error',
        ),
        pytest.param(
            deployment(ONLY),
            containers_patch({'name': 'only', 'args': ['a', 'b']}),
            deployment({**ONLY, 'args': ['a', 'b']}),
            id='arguments are set',
        ),
        pytest.param(
            deployment({**ONLY, 'args': ['a', 'b']}),
            containers_patch({'name': 'only', 'args': ['c']}),
            deployment({**ONLY, 'args': ['c']}),
            id='arguments are replaced',
        ),
        pytest.param(
            deployment(ONLY),
            {'spec': {'strategy': {'$retainKeys': ['type'], 'type': 'Recreate'}}},
            deployment(ONLY, strategy={'type': 'Recreate'}),
            id='only the retained keys stay',
        ),
        pytest.param(
            deployment(ONLY),
            pod_patch(
                {
                    '$setElementOrder/containers': [{'name': 'x'}, {'name': 'only'}],
                    'containers': [{'name': 'x', 'image': 'x:1'}],
                }
            ),
            deployment({'name': 'x', 'image': 'x:1'}, ONLY),
            id='containers are ordered',
        ),
        pytest.param(
            deployment(ONLY),
            {'metadata': {'finalizers': ['a.b/c']}},
            deployment(ONLY, metadata={'finalizers': ['a.b/c']}),
            id='the first finalizer is added',
        ),
        pytest.param(
            deployment(ONLY, metadata={'finalizers': ['a.b/c']}),
            {'metadata': {'finalizers': ['a.b/d']}},
            deployment(ONLY, metadata={'finalizers': ['a.b/d', 'a.b/c']}),
            id='a new finalizer comes first',
        ),
        pytest.param(
            deployment(ONLY, metadata={'finalizers': ['a.b/d', 'a.b/c']}),
            {'metadata': {'$deleteFromPrimitiveList/finalizers': ['a.b/c', 'a.b/d']}},
            deployment(ONLY, metadata={'finalizers': []}),
            id='finalizers are removed',
        ),
        pytest.param(deployment(ONLY), {}, deployment(ONLY), id='an empty patch changes nothing'),
        pytest.param(
            deployment(A),
            {'spec': {'selector': {'matchLabels': {'q': '1'}}}},
            {
                **deployment(A),
                'spec': {**deployment(A)['spec'], 'selector': {'matchLabels': {'app': 'x', 'q': '1'}}},
            },
            id='a selector is merged, even if it is atomic for server-side apply',
        ),
        pytest.param(
            configmap({'k1': '1', 'k2': '2'}),
            {'data': {'k2': None, 'k3': '3'}},
            configmap({'k1': '1', 'k3': '3'}),
            id='data are merged',
        ),
        pytest.param(
            configmap({'k1': '1', 'k3': '3'}),
            {'data': {'$patch': 'replace', 'z': '1'}},
            configmap({'z': '1'}),
            id='data are replaced',
        ),
        pytest.param(
            configmap({}, ownerReferences=[OWNER]),
            {'metadata': {'ownerReferences': [OTHER]}},
            configmap({}, ownerReferences=[OTHER, OWNER]),
            id='a new owner comes first',
        ),
    ],
)
def test_patches_have_the_recorded_results(
    before: dict[str, Any], patch: dict[str, Any], after: dict[str, Any]
) -> None:
    sent = copy_object(patch)
    assert merge_strategic(before, patch, of(before['kind'])) == after
    assert patch == sent


def test_an_item_without_its_merge_key_has_the_recorded_error() -> None:
    with pytest.raises(KubernetesError) as caught:
        merge_strategic(deployment(ONLY), containers_patch({'image': 'x'}), of('Deployment'))
    assert caught.value.as_status() == {
        'kind': 'Status',
        'apiVersion': 'v1',
        'metadata': {},
        'status': 'Failure',
        'message': 'map: map[image:x] does not contain declared merge key: name',
        'code': 500,
    }
