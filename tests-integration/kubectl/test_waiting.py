"""``kubectl wait``, ``rollout status``, ``get --watch``, ``logs --follow``: the test changes what they look at."""

from typing import Any

import pytest

from kmock import KubernetesCluster
from kubectl.manifests import CRONTAB, DEFINITION, DEPLOYMENT, configmap, pod
from programs import Kubectl, done, failed

pytestmark = pytest.mark.kmock(cls=KubernetesCluster)

CRONTABS = 'stable.example.com/v1/crontabs'
NIGHTLY = CRONTABS, 'default', 'nightly'
LINE = 'crontab.stable.example.com/nightly'


@pytest.fixture
def nightly(kmock: KubernetesCluster) -> Any:
    """A custom resource without a status."""
    kmock.load([DEFINITION, CRONTAB])
    return kmock.objects[NIGHTLY]


# ---- Waiting ----


@pytest.mark.parametrize(
    ('condition', 'status'),
    [
        ('condition=Ready', {'conditions': [{'type': 'Ready', 'status': 'True'}]}),
        ('condition=Ready=Unknown', {'conditions': [{'type': 'Ready', 'status': 'Unknown'}]}),
        ("jsonpath='{.status.phase}'=Done", {'phase': 'Done'}),
        ("jsonpath='{.status.phase}'", {'phase': 'any'}),
    ],
)
def test_a_status_is_waited_for(
    kmock: KubernetesCluster, kubectl: Kubectl, nightly: Any, condition: str, status: dict[str, Any]
) -> None:
    with kubectl.running(f'wait ct/nightly --for={condition}') as running:
        kmock[f'watch {CRONTABS}'].wait_sync()
        nightly.patch({'status': {'phase': '', 'conditions': [{'type': 'Ready', 'status': 'False'}]}})
        nightly.patch({'status': status})
        assert running.end() == done(f'{LINE} condition met')
    assert kubectl(f'wait ct/nightly --for={condition}') == done(f'{LINE} condition met')


def test_a_creation_is_waited_for(kmock: KubernetesCluster, kubectl: Kubectl) -> None:
    with kubectl.running('wait cm/late --for=create') as running:
        kmock['fetch v1/configmaps'].wait_sync()
        kmock.load(configmap('late'))
        assert running.end() == done('configmap/late condition met')


def test_a_deletion_is_waited_for(kmock: KubernetesCluster, kubectl: Kubectl, nightly: Any) -> None:
    with kubectl.running('wait ct --all --for=delete') as running:
        kmock[f'watch {CRONTABS}'].wait_sync()
        assert kubectl('delete ct nightly').code == 0
        assert running.end() == done(f'{LINE} condition met')
    assert kubectl('wait ct/nightly --for=delete') == done()


def test_waiting_ends_in_time(kubectl: Kubectl, nightly: Any) -> None:
    code, text, error = kubectl('wait ct/nightly --for=condition=Ready --timeout=500ms')
    assert (code, text) == (1, '')
    assert error.splitlines()[-1] == 'error: timed out waiting for the condition on crontabs/nightly'
    message = 'Error from server (NotFound): crontabs.stable.example.com "nope" not found'
    assert kubectl('wait ct/nope --for=condition=Ready') == failed(message)
    assert kubectl('wait ct -l a=b --for=condition=Ready') == failed('error: no matching resources found')


# ---- Rollouts ----


def test_a_rollout_is_followed_until_its_status_says_that_it_is_over(
    kmock: KubernetesCluster, kubectl: Kubectl
) -> None:
    kmock.load(DEPLOYMENT)
    web = kmock.objects['apps/v1/deployments', 'default', 'web']
    with kubectl.running('rollout status deploy/web') as running:
        assert running.line() == 'Waiting for deployment spec update to be observed...'
        web.patch({'status': {'observedGeneration': 1, 'replicas': 2, 'updatedReplicas': 1}})
        line = 'Waiting for deployment "web" rollout to finish: 1 out of 2 new replicas have been updated...'
        assert running.line() == line
        web.patch({'status': {'updatedReplicas': 2, 'availableReplicas': 1}})
        line = 'Waiting for deployment "web" rollout to finish: 1 of 2 updated replicas are available...'
        assert running.line() == line
        web.patch({'status': {'availableReplicas': 2}})
        assert running.end() == done('deployment "web" successfully rolled out')


def test_a_rollout_that_failed_is_an_error(kmock: KubernetesCluster, kubectl: Kubectl) -> None:
    kmock.load(DEPLOYMENT)
    late = {'type': 'Progressing', 'status': 'False', 'reason': 'ProgressDeadlineExceeded'}
    kmock.objects['apps/v1/deployments', 'default', 'web'].patch(
        {'status': {'observedGeneration': 1, 'conditions': [late]}}
    )
    assert kubectl('rollout status deploy/web') == failed('error: deployment "web" exceeded its progress deadline')


@pytest.mark.parametrize(
    ('kind', 'status', 'last'),
    [
        (
            'DaemonSet',
            {'desiredNumberScheduled': 2, 'updatedNumberScheduled': 2, 'numberAvailable': 2},
            'daemon set "web" successfully rolled out',
        ),
        (
            'StatefulSet',
            {'replicas': 2, 'readyReplicas': 2, 'updatedReplicas': 2},
            'partitioned roll out complete: 2 new pods have been updated...',
        ),
    ],
)
def test_other_kinds_are_rolled_out_too(
    kmock: KubernetesCluster, kubectl: Kubectl, kind: str, status: dict[str, Any], last: str
) -> None:
    spec = {name: value for name, value in DEPLOYMENT['spec'].items() if kind == 'StatefulSet' or name != 'replicas'}
    kmock.load({**DEPLOYMENT, 'kind': kind, 'spec': spec})
    web = kmock.objects[f'apps/v1/{kind.lower()}s', 'default', 'web']
    with kubectl.running(f'rollout status {kind}/web') as running:
        assert running.line().startswith('Waiting for ')
        web.patch({'status': {'observedGeneration': 1, **status}})
        assert running.end() == done(last)


# ---- Watching ----


@pytest.mark.parametrize(
    ('options', 'lines'),
    [
        ('-o name', [LINE] * 3),
        (
            '-o jsonpath=\'{.metadata.name}:{.spec.image}{"\\n"}\'',
            ['nightly:busybox', 'nightly:alpine', 'nightly:alpine'],
        ),
        ('--no-headers -o custom-columns=IMAGE:.spec.image', ['busybox', 'alpine', 'alpine']),
    ],
)
def test_changes_are_seen_as_they_come(
    kmock: KubernetesCluster, kubectl: Kubectl, nightly: Any, options: str, lines: list[str]
) -> None:
    with kubectl.running(f'get ct --watch {options}') as running:
        assert running.line() == lines[0]
        kmock[f'watch {CRONTABS}'].wait_sync()
        nightly.patch({'spec': {'image': 'alpine'}})
        assert running.line() == lines[1]
        nightly.delete()
        assert running.line() == lines[2]


def test_only_changes_are_seen_with_the_kinds_of_the_events(kmock: KubernetesCluster, kubectl: Kubectl) -> None:
    kmock.load(configmap('there'))
    with kubectl.running('get cm --watch-only --output-watch-events --no-headers') as running:
        kmock['watch v1/configmaps'].wait_sync()
        kmock.load(configmap('new', x='1'))
        assert running.line().split()[:2] == ['ADDED', 'new']
        kmock.objects['v1/configmaps', 'default', 'there'].patch({'data': {'x': '2'}})
        assert running.line().split()[:2] == ['MODIFIED', 'there']
        kmock.objects['v1/configmaps', 'default', 'new'].delete()
        assert running.line().split()[:2] == ['DELETED', 'new']


# ---- Logs ----


def test_logs_are_shown_and_followed(kmock: KubernetesCluster, kubectl: Kubectl) -> None:
    kmock.load([pod('web', {'app': 'web'}), pod('other')])
    kmock.pod_logs['default', 'web'] = 'one\ntwo\n'
    assert kubectl('logs web') == done('one', 'two')
    assert kubectl('logs web -c main --tail=1') == done('two')
    assert kubectl('logs -l app=web --prefix') == done('[pod/web/main] one', '[pod/web/main] two')
    assert kubectl('logs nope') == failed(
        'error: error from server (NotFound): pods "nope" not found in namespace "default"'
    )
    code, _, error = kubectl('logs web -c nope')
    assert (code, error) == (1, 'error: container nope is not valid for pod web\n')
    with kubectl.running('logs web --follow --tail=1') as running:
        assert running.line() == 'two'
        kmock.pod_logs['default', 'web'] += 'three\n'
        assert running.line() == 'three'
        kmock.pod_logs.end('default', 'web')
        assert running.end() == done()
