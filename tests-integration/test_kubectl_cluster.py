"""kubectl works with the cluster as with a real one: OpenAPI documents let it check manifests and explain them."""

import copy
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

import pytest

import programs
from kmock import KubernetesCluster
from programs import Outcome

DEPLOYMENT: dict[str, Any] = {
    'apiVersion': 'apps/v1',
    'kind': 'Deployment',
    'metadata': {'name': 'web', 'namespace': 'default'},
    'spec': {
        'selector': {'matchLabels': {'app': 'web'}},
        'template': {
            'metadata': {'labels': {'app': 'web'}},
            'spec': {
                'containers': [
                    {'name': 'nginx', 'image': 'nginx', 'ports': [{'containerPort': 80}]},
                    {'name': 'sidecar', 'image': 'busybox'},
                ]
            },
        },
    },
}
DEFINITION: dict[str, Any] = {
    'apiVersion': 'apiextensions.k8s.io/v1',
    'kind': 'CustomResourceDefinition',
    'metadata': {'name': 'crontabs.stable.example.com'},
    'spec': {
        'group': 'stable.example.com',
        'scope': 'Namespaced',
        'names': {'plural': 'crontabs', 'singular': 'crontab', 'kind': 'CronTab', 'shortNames': ['ct']},
        'versions': [
            {
                'name': 'v1',
                'served': True,
                'storage': True,
                'schema': {
                    'openAPIV3Schema': {
                        'type': 'object',
                        'description': 'A table of jobs.',
                        'properties': {
                            'spec': {
                                'type': 'object',
                                'required': ['cron'],
                                'properties': {
                                    'cron': {'type': 'string', 'description': 'When to run.'},
                                    'replicas': {'type': 'integer'},
                                },
                            }
                        },
                    }
                },
            }
        ],
    },
}
CRONTAB: dict[str, Any] = {
    'apiVersion': 'stable.example.com/v1',
    'kind': 'CronTab',
    'metadata': {'name': 'nightly', 'namespace': 'default'},
    'spec': {'cron': '0 0 * * *', 'replicas': 2},
}


Kubectl: TypeAlias = Callable[..., Outcome]

pytestmark = pytest.mark.kmock(cls=KubernetesCluster)


@pytest.fixture
def kubectl(kmock: KubernetesCluster, tmp_path: Path) -> Kubectl:
    kmock.write_kubeconfig(tmp_path / 'config')
    return programs.Kubectl(tmp_path).run


def changed(manifest: dict[str, Any], *path: str | int, value: Any) -> dict[str, Any]:
    """A manifest with another value at a place."""
    made: Any = copy.deepcopy(manifest)
    target = made
    for step in path[:-1]:
        target = target[step]
    target[path[-1]] = value
    return made  # type: ignore[no-any-return]


OTHER_IMAGE = changed(DEPLOYMENT, 'spec', 'template', 'spec', 'containers', 0, 'image', value='nginx:2')


# ---- Manifests ----


def test_manifests_are_created(kmock: KubernetesCluster, kubectl: Kubectl) -> None:
    assert kubectl('create', '-f', '-', input=DEPLOYMENT) == (0, 'deployment.apps/web created\n', '')
    assert kmock.objects['apps/v1/deployments', 'default', 'web']['spec']['replicas'] == 1


def test_a_dry_run_of_the_server_creates_nothing(kmock: KubernetesCluster, kubectl: Kubectl) -> None:
    code, text, error = kubectl('create', '--dry-run=server', '-o', 'json', '-f', '-', input=DEPLOYMENT)
    assert (code, error) == (0, '')
    assert json.loads(text)['spec']['strategy']['type'] == 'RollingUpdate'
    assert not [*kmock.objects['apps/v1/deployments', 'default']]


def test_manifests_are_applied_by_the_client_with_a_strategic_merge(kmock: KubernetesCluster, kubectl: Kubectl) -> None:
    assert kubectl('apply', '-f', '-', input=DEPLOYMENT) == (0, 'deployment.apps/web created\n', '')
    assert kubectl('apply', '-f', '-', input=DEPLOYMENT) == (0, 'deployment.apps/web unchanged\n', '')
    assert kubectl('apply', '-f', '-', input=OTHER_IMAGE) == (0, 'deployment.apps/web configured\n', '')
    sent = json.loads(kmock['patch apps/v1/deployments'][-1].body)
    assert sent['spec']['template']['spec']['$setElementOrder/containers'] == [{'name': 'nginx'}, {'name': 'sidecar'}]
    assert sent['spec']['template']['spec']['containers'] == [{'image': 'nginx:2', 'name': 'nginx'}]
    containers = kmock.objects['apps/v1/deployments', 'default', 'web']['spec']['template']['spec']['containers']
    assert [one['image'] for one in containers] == ['nginx:2', 'busybox']


def test_manifests_are_applied_by_the_server(kmock: KubernetesCluster, kubectl: Kubectl) -> None:
    for manifest in (DEPLOYMENT, OTHER_IMAGE):
        outcome = kubectl('apply', '--server-side', '-f', '-', input=manifest)
        assert outcome == (0, 'deployment.apps/web serverside-applied\n', '')
    managers = kmock.objects['apps/v1/deployments', 'default', 'web']['metadata']['managedFields']
    assert [one['operation'] for one in managers] == ['Apply']


def test_what_would_change_is_shown(kubectl: Kubectl) -> None:
    kubectl('apply', '-f', '-', input=DEPLOYMENT)
    assert kubectl('diff', '-f', '-', input=DEPLOYMENT) == (0, '', '')
    code, text, error = kubectl('diff', '-f', '-', input=OTHER_IMAGE)
    assert (code, error) == (1, '')
    assert '\n-      - image: nginx\n+      - image: nginx:2\n' in text


@pytest.mark.parametrize('verb', [('create',), ('apply',), ('apply', '--server-side')])
@pytest.mark.parametrize(
    ('manifest', 'told'),
    [
        (changed(DEPLOYMENT, 'spec', 'replica', value=2), 'spec.replica'),
        (changed(DEPLOYMENT, 'spec', 'replicas', value='two'), 'replicas'),
    ],
)
def test_wrong_fields_are_refused(
    kmock: KubernetesCluster, kubectl: Kubectl, verb: tuple[str, ...], manifest: dict[str, Any], told: str
) -> None:
    code, _, error = kubectl(*verb, '-f', '-', input=manifest)
    assert code == 1
    assert told in error
    assert not [*kmock.objects['apps/v1/deployments', 'default']]


# ---- Custom resources ----


def test_custom_resources_are_defined_and_applied(kmock: KubernetesCluster, kubectl: Kubectl) -> None:
    assert kubectl('apply', '-f', '-', input=DEFINITION).code == 0
    assert kubectl('apply', '-f', '-', input=CRONTAB) == (0, 'crontab.stable.example.com/nightly created\n', '')
    more = changed(CRONTAB, 'spec', 'replicas', value=3)
    assert kubectl('diff', '-f', '-', input=more).text.endswith('-  replicas: 2\n+  replicas: 3\n')
    assert kubectl('apply', '-f', '-', input=more).text == 'crontab.stable.example.com/nightly configured\n'
    assert kmock.objects['stable.example.com/v1/crontabs', 'default', 'nightly']['spec']['replicas'] == 3


def test_custom_resources_are_applied_by_the_server(kubectl: Kubectl) -> None:
    assert kubectl('apply', '--server-side', '-f', '-', input=DEFINITION).code == 0
    outcome = kubectl('apply', '--server-side', '-f', '-', input=CRONTAB)
    assert outcome == (0, 'crontab.stable.example.com/nightly serverside-applied\n', '')


# ---- Explanations ----


def test_fields_are_explained(kubectl: Kubectl) -> None:
    code, text, error = kubectl('explain', 'deployment.spec.template.spec.containers')
    assert (code, error) == (0, '')
    assert 'GROUP:      apps\nKIND:       Deployment\nVERSION:    v1\n\nFIELD: containers <[]Container>\n' in text
    assert '\n  name\t<string> -required-\n' in text
    assert '\n  imagePullPolicy\t<string>\n  enum: Always, IfNotPresent, Never\n' in text


def test_fields_are_explained_at_all_depths(kubectl: Kubectl) -> None:
    code, text, error = kubectl('explain', 'pods', '--recursive')
    assert (code, error) == (0, '')
    assert '\n  spec\t<PodSpec>\n' in text
    assert re.search(r'\n +containerPort\t<integer> -required-\n', text)


def test_custom_resources_are_explained_in_the_words_of_their_definitions(
    kmock: KubernetesCluster, kubectl: Kubectl
) -> None:
    kmock.load(DEFINITION)
    shown = kubectl('explain', 'crontab').text
    assert 'GROUP:      stable.example.com\nKIND:       CronTab\nVERSION:    v1\n' in shown
    assert '    A table of jobs.\n' in shown
    shown = kubectl('explain', 'ct.spec').text
    assert '  cron\t<string> -required-\n    When to run.\n' in shown


def test_a_custom_resource_is_explained_while_it_is_defined(kmock: KubernetesCluster, kubectl: Kubectl) -> None:
    kmock.load(DEFINITION)
    assert kubectl('explain', 'crontab').code == 0
    assert kubectl('delete', 'crd', 'crontabs.stable.example.com').code == 0
    assert kubectl('explain', 'crontab').code == 1
