"""``kubectl delete``, in its forms: what is gone, what waits, and what goes with it."""

from pathlib import Path
from typing import Any

import pytest

from kmock import KubernetesCluster
from kubectl.manifests import CRONTAB, DEFINITION, configmap, pod, save
from programs import Kubectl, done, failed

pytestmark = pytest.mark.kmock(cls=KubernetesCluster)

CONFIGMAPS = 'v1/configmaps', 'default'
HELD = {'metadata': {'finalizers': ['example.com/held']}}


def names(kmock: KubernetesCluster) -> list[str]:
    """The ConfigMaps that there are."""
    return [str(key.name) for key in kmock.objects[CONFIGMAPS]]


def own(kmock: KubernetesCluster, owner: Any, **more: Any) -> list[dict[str, Any]]:
    """The references by which a Deployment owns something."""
    return [{'apiVersion': 'apps/v1', 'kind': 'ReplicaSet', 'name': 'web', 'uid': owner['metadata']['uid'], **more}]


@pytest.fixture
def owner(kmock: KubernetesCluster) -> Any:
    """A ReplicaSet that owns a pod."""
    template = {'metadata': {'labels': {'a': 'b'}}, 'spec': pod('x')['spec']}
    spec = {'selector': {'matchLabels': {'a': 'b'}}, 'template': template}
    kmock.load({'apiVersion': 'apps/v1', 'kind': 'ReplicaSet', 'metadata': {'name': 'web'}, 'spec': spec})
    owner = kmock.objects['apps/v1/replicasets', 'default', 'web']
    owned = pod('web-1')
    owned['metadata']['ownerReferences'] = own(kmock, owner, blockOwnerDeletion=True, controller=True)
    kmock.load(owned)
    return owner


# ---- What is deleted ----


def test_objects_are_deleted_by_names_labels_and_files(
    kmock: KubernetesCluster, kubectl: Kubectl, tmp_path: Path
) -> None:
    kmock.load([configmap(name, {'set': 'one'} if name in 'bc' else None) for name in 'abcdefg'])
    assert kubectl('delete cm a') == done('configmap "a" deleted')
    assert kubectl('delete cm -l set=one') == done('configmap "b" deleted', 'configmap "c" deleted')
    save(tmp_path / 'd.yaml', configmap('d'))
    assert kubectl('delete -f d.yaml') == done('configmap "d" deleted')
    assert kubectl('delete cm/e cm/f --now -o name') == done('configmap/e', 'configmap/f')
    assert kubectl('delete cm g --dry-run=server') == done('configmap "g" deleted (server dry run)')
    assert names(kmock) == ['g']
    assert kubectl('delete cm --all') == done('configmap "g" deleted')
    assert kubectl('delete cm --all') == done('No resources found')
    assert names(kmock) == []


def test_what_is_not_there_can_not_be_deleted(kmock: KubernetesCluster, kubectl: Kubectl) -> None:
    kmock.load([configmap('a'), configmap('b')])
    message = 'Error from server (NotFound): configmaps "nope" not found'
    assert kubectl('delete cm a nope') == (1, 'configmap "a" deleted\n', f'{message}\n')
    assert kubectl('delete cm nope --ignore-not-found b') == done('configmap "b" deleted')


def test_a_namespace_goes_with_all_that_is_in_it(kmock: KubernetesCluster, kubectl: Kubectl) -> None:
    namespace = {'apiVersion': 'v1', 'kind': 'Namespace', 'metadata': {'name': 'team'}}
    kmock.load([namespace, configmap('a') | {'metadata': {'name': 'a', 'namespace': 'team'}}])
    assert kubectl('delete ns team') == done('namespace "team" deleted')
    assert kubectl('get cm -n team -o name') == done()
    assert kubectl('get ns team') == failed('Error from server (NotFound): namespaces "team" not found')
    message = 'Error from server (Forbidden): namespaces "default" is forbidden: this namespace may not be deleted'
    assert kubectl('delete ns default') == failed(message)


def test_custom_resources_go_with_their_definition(kmock: KubernetesCluster, kubectl: Kubectl) -> None:
    kmock.load([DEFINITION, CRONTAB])
    line = 'customresourcedefinition.apiextensions.k8s.io "crontabs.stable.example.com" deleted'
    assert kubectl('delete crd crontabs.stable.example.com') == done(line)
    assert 'stable.example.com/v1' not in kubectl('api-versions').text
    assert not [*kmock.objects['stable.example.com/v1/crontabs']]


# ---- When it is gone ----


def test_a_deletion_waits_until_the_object_is_gone(kmock: KubernetesCluster, kubectl: Kubectl) -> None:
    kmock.load([configmap('a') | {'metadata': {'name': 'a', **HELD['metadata']}}])
    with kubectl.running('delete cm a') as running:
        kmock['watch v1/configmaps'].wait_sync()
        assert names(kmock) == ['a']
        assert kubectl('patch cm a --type=merge -p', '{"metadata":{"finalizers":null}}').code == 0
        assert running.end() == done('configmap "a" deleted')
    assert names(kmock) == []


def test_a_deletion_need_not_wait(kmock: KubernetesCluster, kubectl: Kubectl) -> None:
    kmock.load([configmap('a') | {'metadata': {'name': 'a', **HELD['metadata']}}])
    assert kubectl('delete cm a --wait=false') == done('configmap "a" deleted')
    assert kmock.objects[(*CONFIGMAPS, 'a')]['metadata']['deletionTimestamp']
    code, text, error = kubectl('delete cm a --timeout=500ms')
    assert (code, text) == (1, 'configmap "a" deleted\n')
    assert error.splitlines()[-1] == 'error: timed out waiting for the condition on configmaps/a'


def test_a_pod_is_deleted_gracefully_or_by_force(kmock: KubernetesCluster, kubectl: Kubectl) -> None:
    kmock.load([pod('one', nodeName='node1'), pod('two', nodeName='node1')])
    one = kmock.objects['v1/pods', 'default', 'one']
    assert kubectl('delete pod one --wait=false --grace-period=5') == done('pod "one" deleted')
    assert one['metadata']['deletionGracePeriodSeconds'] == 5
    warning = (
        'Warning: Immediate deletion does not wait for confirmation that the running resource has been terminated. '
        'The resource may continue to run on the cluster indefinitely.\n'
    )
    outcome = kubectl('delete pod one two --force --grace-period=0')
    assert outcome == (0, 'pod "one" force deleted\npod "two" force deleted\n', warning)
    assert not kmock.objects['v1/pods', 'default'].keys()


def test_storage_that_is_not_in_use_goes_at_once(kmock: KubernetesCluster, kubectl: Kubectl) -> None:
    spec = {'accessModes': ['ReadWriteOnce'], 'resources': {'requests': {'storage': '1Gi'}}}
    kmock.load({'apiVersion': 'v1', 'kind': 'PersistentVolumeClaim', 'metadata': {'name': 'data'}, 'spec': spec})
    assert kubectl('delete pvc data') == done('persistentvolumeclaim "data" deleted')
    assert not kmock.objects['v1/persistentvolumeclaims', 'default'].keys()


# ---- What goes with it ----


@pytest.mark.parametrize(('how', 'left'), [('background', False), ('foreground', False), ('orphan', True)])
def test_what_is_owned_goes_with_its_owner_unless_it_is_orphaned(
    kmock: KubernetesCluster, kubectl: Kubectl, owner: Any, how: str, left: bool
) -> None:
    assert kubectl(f'delete rs web --cascade={how}') == done('replicaset.apps "web" deleted')
    assert [*kmock.objects['apps/v1/replicasets', 'default']] == []
    pods = [*kmock.objects['v1/pods', 'default'].values()]
    assert len(pods) == left
    assert not any(one['metadata'].get('ownerReferences') for one in pods)
