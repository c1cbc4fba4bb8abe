"""kubectl sends what it makes itself in protobuf, and asks for OpenAPI v2 in protobuf: the cluster has both."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

import pytest

import programs
from kmock import KubernetesCluster
from kmock_k8s.protobuf import decode
from programs import Outcome

PROTOBUF = 'application/vnd.kubernetes.protobuf'
DEFINITION: dict[str, Any] = {
    'apiVersion': 'apiextensions.k8s.io/v1',
    'kind': 'CustomResourceDefinition',
    'metadata': {'name': 'crontabs.stable.example.com'},
    'spec': {
        'group': 'stable.example.com',
        'scope': 'Namespaced',
        'names': {'plural': 'crontabs', 'singular': 'crontab', 'kind': 'CronTab'},
        'versions': [
            {
                'name': 'v1',
                'served': True,
                'storage': True,
                'schema': {
                    'openAPIV3Schema': {
                        'type': 'object',
                        'properties': {
                            'spec': {
                                'type': 'object',
                                'properties': {
                                    'cron': {'type': 'string', 'default': '@daily'},
                                    'replicas': {'x-kubernetes-int-or-string': True},
                                    'any': {'type': 'object', 'x-kubernetes-preserve-unknown-fields': True},
                                    'maybe': {'type': 'array', 'nullable': True, 'items': {'type': 'string'}},
                                },
                            }
                        },
                    }
                },
            }
        ],
    },
}

Kubectl: TypeAlias = Callable[..., Outcome]

pytestmark = pytest.mark.kmock(cls=KubernetesCluster)


@pytest.fixture
def kubectl(kmock: KubernetesCluster, tmp_path: Path) -> Kubectl:
    kmock.write_kubeconfig(tmp_path / 'config')
    return programs.Kubectl(tmp_path).run


def crontab(replicas: int) -> dict[str, Any]:
    metadata = {'name': 'nightly', 'namespace': 'default'}
    spec = {'replicas': replicas, 'any': {'a': [1]}, 'maybe': ['x']}
    return {'apiVersion': 'stable.example.com/v1', 'kind': 'CronTab', 'metadata': metadata, 'spec': spec}


CREATED: dict[str, tuple[str, dict[str, Any]]] = {
    'configmap a --from-literal=x=y': ('v1/configmaps', {'data': {'x': 'y'}}),
    'namespace a': ('v1/namespaces', {'status': {'phase': 'Active'}}),
    'secret generic a --from-literal=x=y': ('v1/secrets', {'data': {'x': 'eQ=='}, 'type': 'Opaque'}),
    'secret docker-registry a --docker-username=me --docker-password=x': (
        'v1/secrets', {'type': 'kubernetes.io/dockerconfigjson'},
    ),
    'serviceaccount a': ('v1/serviceaccounts', {}),
    'quota a --hard=cpu=1,memory=1G': ('v1/resourcequotas', {'spec': {'hard': {'cpu': '1', 'memory': '1G'}}}),
    'service clusterip a --tcp=80:http': (
        'v1/services', {'spec': {'type': 'ClusterIP', 'ports': [{'port': 80, 'targetPort': 'http'}]}},
    ),
    'service clusterip a --clusterip=None': ('v1/services', {'spec': {'clusterIP': 'None'}}),
    'service nodeport a --tcp=80 --node-port=30080': (
        'v1/services', {'spec': {'type': 'NodePort', 'ports': [{'port': 80, 'targetPort': 80, 'nodePort': 30080}]}},
    ),
    'service loadbalancer a --tcp=80': ('v1/services', {'spec': {'type': 'LoadBalancer'}}),
    'service externalname a --external-name=example.com': (
        'v1/services', {'spec': {'type': 'ExternalName', 'externalName': 'example.com'}},
    ),
    'deployment a --image=nginx --replicas=2 --port=80': (
        'apps/v1/deployments',
        {'spec': {'replicas': 2, 'template': {'spec': {'containers': [{'image': 'nginx'}]}}}},
    ),
    'deployment a --image=nginx --replicas=0': ('apps/v1/deployments', {'spec': {'replicas': 0}}),
    'job a --image=busybox -- date -u': (
        'batch/v1/jobs', {'spec': {'template': {'spec': {'containers': [{'command': ['date', '-u']}]}}}},
    ),
    'cronjob a --image=busybox --schedule=@daily': ('batch/v1/cronjobs', {'spec': {'schedule': '@daily'}}),
    'role a --verb=get,list --resource=pods': (
        'roles.v1.rbac.authorization.k8s.io',
        {'rules': [{'apiGroups': [''], 'resources': ['pods'], 'verbs': ['get', 'list']}]},
    ),
    'clusterrole a --verb=get --non-resource-url=/logs/*': (
        'clusterroles.v1.rbac.authorization.k8s.io',
        {'rules': [{'nonResourceURLs': ['/logs/*'], 'verbs': ['get']}]},
    ),
    'rolebinding a --role=b --user=me': (
        'rolebindings.v1.rbac.authorization.k8s.io', {'subjects': [{'kind': 'User', 'name': 'me'}]},
    ),
    'clusterrolebinding a --clusterrole=b --serviceaccount=default:me': (
        'clusterrolebindings.v1.rbac.authorization.k8s.io',
        {'subjects': [{'kind': 'ServiceAccount', 'name': 'me', 'namespace': 'default'}]},
    ),
    'ingress a --rule=example.com/x*=svc:80': (
        'ingresses.v1.networking.k8s.io',
        {'spec': {'rules': [{'host': 'example.com', 'http': {'paths': [{'path': '/x', 'pathType': 'Prefix'}]}}]}},
    ),
    'poddisruptionbudget a --selector=app=a --min-available=50%': (
        'policy/v1/poddisruptionbudgets', {'spec': {'minAvailable': '50%'}},
    ),
    'priorityclass a --value=1000 --preemption-policy=Never': (
        'priorityclasses.v1.scheduling.k8s.io', {'value': 1000, 'preemptionPolicy': 'Never'},
    ),
}  # fmt: skip
"""What is created by which words, and a part of what it is then."""


@pytest.mark.parametrize('line', CREATED)
def test_objects_are_created_by_words_alone(kmock: KubernetesCluster, kubectl: Kubectl, line: str) -> None:
    one, expected = CREATED[line]
    code, text, error = kubectl('create', *line.split())
    assert (code, error) == (0, '')
    assert text.endswith('/a created\n')
    (sent,) = kmock[f'post {one}']
    assert sent.headers['Content-Type'] == PROTOBUF
    kind = kmock.resources[one].kind
    assert decode(sent.body)['kind'] == kind
    assert kmock.objects[one, 'default' if kmock.resources[one].namespaced else None, 'a'] >= expected


def test_a_token_is_requested(kmock: KubernetesCluster, kubectl: Kubectl) -> None:
    kubectl('create', 'serviceaccount', 'a')
    code, text, error = kubectl('create', 'token', 'a', '--duration=1h')
    assert (code, error, text.count('.')) == (0, '', 2)
    (sent,) = kmock[kmock.subresource('token')]
    assert decode(sent.body)['spec'] == {'expirationSeconds': 3600}


def test_rights_are_asked_for(kmock: KubernetesCluster, kubectl: Kubectl) -> None:
    assert kubectl('auth', 'can-i', 'get', 'pods') == (0, 'yes\n', '')
    (sent,) = kmock['post selfsubjectaccessreviews.v1.authorization.k8s.io']
    assert sent.headers['Content-Type'] == PROTOBUF


def test_the_words_of_a_refusal_are_shown(kubectl: Kubectl) -> None:
    kubectl('create', 'namespace', 'a')
    code, _, error = kubectl('create', 'namespace', 'a')
    assert (code, error) == (1, 'Error from server (AlreadyExists): namespaces "a" already exists\n')


# ---- OpenAPI v2 ----


def was_told(kmock: KubernetesCluster) -> bool:
    """Tell if the document was asked for, and nothing that there is not."""
    assert all('protobuf' in request.headers['Accept'] for request in kmock['/openapi/v2'])
    return len(kmock['/openapi/v2']) > 0


@pytest.mark.parametrize('kind', ['CronTab', 'List'])
def test_changed_custom_resources_are_applied(kmock: KubernetesCluster, kubectl: Kubectl, kind: str) -> None:
    kmock.load(DEFINITION)
    for replicas, done in ((1, 'created'), (1, 'unchanged'), (2, 'configured')):
        manifest = crontab(replicas)
        if kind == 'List':
            manifest = {'apiVersion': 'v1', 'kind': 'List', 'items': [manifest]}
        outcome = kubectl('apply', '-f', '-', input=manifest)
        assert outcome == (0, f'crontab.stable.example.com/nightly {done}\n', '')
    assert was_told(kmock)
    stored = kmock.objects['stable.example.com/v1/crontabs', 'default', 'nightly']
    assert stored['spec'] == {**crontab(2)['spec'], 'cron': '@daily'}


def test_lists_with_wrong_fields_are_refused(kubectl: Kubectl, kmock: KubernetesCluster) -> None:
    wrong = {'apiVersion': 'v1', 'kind': 'ConfigMap', 'metadata': {'name': 'x', 'namespace': 'default'}, 'dat': {}}
    code, _, error = kubectl('apply', '-f', '-', input={'apiVersion': 'v1', 'kind': 'List', 'items': [wrong]})
    assert code == 1
    assert 'unknown field "dat"' in error
    assert not [*kmock.objects['v1/configmaps', 'default']]


def test_fields_are_explained_by_the_document(kmock: KubernetesCluster, kubectl: Kubectl) -> None:
    kmock.load(DEFINITION)
    code, text, error = kubectl('explain', 'crontab.spec', '--output=plaintext-openapiv2')
    assert (code, error) == (0, '')
    assert 'KIND:     CronTab\nVERSION:  stable.example.com/v1\n' in text
    assert '   cron\t<string>\n' in text
    assert was_told(kmock)
