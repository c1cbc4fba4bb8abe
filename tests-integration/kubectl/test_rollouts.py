"""``kubectl rollout``: histories are made of the ReplicaSets that a controller, here the test, has made."""

import copy
from typing import Any

import pytest

from kmock import KubernetesCluster
from kubectl.manifests import DEPLOYMENT
from programs import Kubectl, done, failed

pytestmark = pytest.mark.kmock(cls=KubernetesCluster)

REVISION = 'deployment.kubernetes.io/revision'


@pytest.fixture
def web(kmock: KubernetesCluster) -> Any:
    """A Deployment with two revisions: of nginx:0 and of nginx:1, which is the latest."""
    kmock.load(DEPLOYMENT)
    web = kmock.objects['apps/v1/deployments', 'default', 'web']
    owner = {
        'apiVersion': 'apps/v1',
        'kind': 'Deployment',
        'name': 'web',
        'uid': web['metadata']['uid'],
        'controller': True,
    }
    for revision in ('1', '2'):
        template = copy.deepcopy(web.raw['spec']['template'])
        template['metadata']['labels']['pod-template-hash'] = revision
        template['spec']['containers'][0]['image'] = f'nginx:{int(revision) - 1}'
        metadata = {
            'name': f'web-{revision}',
            'labels': {'app': 'web', 'pod-template-hash': revision},
            'annotations': {REVISION: revision, 'kubernetes.io/change-cause': f'release {revision}'},
            'ownerReferences': [owner],
        }
        spec = {'replicas': 0, 'selector': {'matchLabels': template['metadata']['labels']}, 'template': template}
        kmock.load({'apiVersion': 'apps/v1', 'kind': 'ReplicaSet', 'metadata': metadata, 'spec': spec})
    web.patch({'metadata': {'annotations': {REVISION: '2'}}})
    return web


def image(web: Any) -> str:
    """The image of the first container."""
    found: str = web['spec']['template']['spec']['containers'][0]['image']
    return found


def test_the_history_is_that_of_the_replica_sets(kubectl: Kubectl, web: Any) -> None:
    assert kubectl('rollout history deploy/web') == done(
        'deployment.apps/web ', 'REVISION  CHANGE-CAUSE', '1         release 1', '2         release 2', ''
    )
    shown = kubectl('rollout history deploy/web --revision=1').text
    assert shown.startswith('deployment.apps/web with revision #1\nPod Template:\n  Labels:\tapp=web\n')
    assert '\n    Image:\tnginx:0\n' in shown
    assert kubectl('rollout history deploy/web --revision=7') == failed('error: unable to find the specified revision')


def test_an_earlier_revision_comes_back(kubectl: Kubectl, web: Any) -> None:
    assert kubectl('rollout undo deploy/web --dry-run=server') == done(
        'deployment.apps/web rolled back (server dry run)'
    )
    assert image(web) == 'nginx:1'
    assert kubectl('rollout undo deploy/web') == done('deployment.apps/web rolled back')
    assert image(web) == 'nginx:0'
    assert 'pod-template-hash' not in web['spec']['template']['metadata']['labels']
    skipped = 'deployment.apps/web skipped rollback (current template already matches revision 1)'
    assert kubectl('rollout undo deploy/web --to-revision=1') == done(skipped)
    message = 'error: unable to find specified revision 9 in history'
    assert kubectl('rollout undo deploy/web --to-revision=9') == failed(message)


def test_a_rollout_is_paused_and_resumed(kubectl: Kubectl, web: Any) -> None:
    assert kubectl('rollout pause deploy/web') == done('deployment.apps/web paused')
    assert web['spec']['paused'] is True
    assert kubectl('rollout pause deploy/web') == failed('error: deployments.apps "web" is already paused')
    message = 'error: deployments.apps "web" can\'t restart paused deployment (run rollout resume first)'
    assert kubectl('rollout restart deploy/web') == failed(message)
    assert kubectl('rollout resume deploy/web') == done('deployment.apps/web resumed')
    assert 'paused' not in web['spec']
    assert kubectl('rollout resume deploy/web') == failed('error: deployments.apps "web" is not paused')


def test_a_restart_is_noted_in_the_template(kubectl: Kubectl, web: Any) -> None:
    assert kubectl('rollout restart deploy') == done('deployment.apps/web restarted')
    assert 'kubectl.kubernetes.io/restartedAt' in web['spec']['template']['metadata']['annotations']
    assert web['metadata']['generation'] == 2


def test_the_history_of_a_daemon_set_is_that_of_its_controller_revisions(
    kmock: KubernetesCluster, kubectl: Kubectl
) -> None:
    spec = {name: value for name, value in DEPLOYMENT['spec'].items() if name != 'replicas'}
    kmock.load({**DEPLOYMENT, 'kind': 'DaemonSet', 'spec': spec})
    web = kmock.objects['apps/v1/daemonsets', 'default', 'web']
    owner = {
        'apiVersion': 'apps/v1',
        'kind': 'DaemonSet',
        'name': 'web',
        'uid': web['metadata']['uid'],
        'controller': True,
    }
    for revision in (1, 2):
        template = copy.deepcopy(web.raw['spec']['template'])
        template['spec']['containers'][0]['image'] = f'nginx:{revision - 1}'
        kmock.load({
            'apiVersion': 'apps/v1',
            'kind': 'ControllerRevision',
            'metadata': {'name': f'web-{revision}', 'labels': {'app': 'web'}, 'ownerReferences': [owner]},
            'revision': revision,
            'data': {'spec': {'template': {**template, '$patch': 'replace'}}},
        })  # fmt: skip
    lines = ['daemonset.apps/web ', 'REVISION  CHANGE-CAUSE', '1         <none>', '2         <none>', '']
    assert kubectl('rollout history ds/web') == done(*lines)
    assert kubectl('rollout undo ds/web') == done('daemonset.apps/web rolled back')
    assert image(web) == 'nginx:0'
