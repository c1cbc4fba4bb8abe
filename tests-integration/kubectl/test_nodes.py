"""``kubectl cordon``, ``drain`` and ``taint``; what is asked of nodes and of their agents."""

from typing import Any

import pytest

from kmock import KubernetesCluster, subresource
from kubectl.manifests import pod
from programs import Kubectl, done, failed

EVICTIONS = subresource('eviction')

pytestmark = pytest.mark.kmock(cls=KubernetesCluster)


@pytest.fixture
def node(kmock: KubernetesCluster) -> Any:
    """A node with two pods, of which one has a controller."""
    owner = {'apiVersion': 'apps/v1', 'kind': 'ReplicaSet', 'name': 'web', 'controller': True}
    template = {'metadata': {'labels': {'a': 'b'}}, 'spec': pod('x')['spec']}
    spec = {'selector': {'matchLabels': {'a': 'b'}}, 'template': template}
    kmock.load([
        {'apiVersion': 'v1', 'kind': 'Node', 'metadata': {'name': 'node1'}},
        {'apiVersion': 'apps/v1', 'kind': 'ReplicaSet', 'metadata': {'name': 'web'}, 'spec': spec},
    ])  # fmt: skip
    controller = kmock.objects['apps/v1/replicasets', 'default', 'web']
    owned = pod('owned', {'a': 'b'}, nodeName='node1', terminationGracePeriodSeconds=0)
    owned['metadata']['ownerReferences'] = [{**owner, 'uid': controller['metadata']['uid']}]
    kmock.load([owned, pod('bare', {'x': 'y'}, nodeName='node1', terminationGracePeriodSeconds=0), pod('elsewhere')])
    return kmock.objects['v1/nodes', None, 'node1']


def test_a_node_takes_no_pods_and_takes_them_again(kubectl: Kubectl, node: Any) -> None:
    assert kubectl('cordon node1') == done('node/node1 cordoned')
    assert node['spec']['unschedulable'] is True
    assert kubectl('cordon node1') == done('node/node1 already cordoned')
    assert kubectl('uncordon node1') == done('node/node1 uncordoned')
    assert 'unschedulable' not in node['spec']
    assert kubectl('cordon node2') == failed('Error from server (NotFound): nodes "node2" not found')


def test_taints_are_set_and_removed(kubectl: Kubectl, node: Any) -> None:
    assert kubectl('taint node node1 key=value:NoSchedule') == done('node/node1 tainted')
    assert node['spec']['taints'] == [{'key': 'key', 'value': 'value', 'effect': 'NoSchedule'}]
    message = 'error: node node1 already has key taint(s) with same effect(s) and --overwrite is false'
    assert kubectl('taint node node1 key=other:NoSchedule') == failed(message)
    assert kubectl('taint node node1 key=other:NoSchedule --overwrite') == done('node/node1 modified')
    assert kubectl('taint node --all key-') == done('node/node1 untainted')
    assert 'taints' not in node['spec']


def test_a_node_is_drained_by_evictions(kmock: KubernetesCluster, kubectl: Kubectl, node: Any) -> None:
    code, text, error = kubectl('drain node1')
    assert (code, text) == (1, 'node/node1 cordoned\n')
    told = 'cannot delete cannot delete Pods that declare no controller (use --force to override): default/bare'
    assert told in error
    code, text, error = kubectl('drain node1 --force')
    first, *lines, last = text.splitlines()
    assert (code, first, last) == (0, 'node/node1 already cordoned', 'node/node1 drained')
    assert {*lines} == {
        step for name in ('owned', 'bare') for step in (f'evicting pod default/{name}', f'pod/{name} evicted')
    }
    assert error == 'Warning: deleting Pods that declare no controller: default/bare\n'
    assert len(kmock[EVICTIONS]) == 2
    assert [key.name for key in kmock.objects['v1/pods', 'default']] == ['elsewhere']


def test_a_budget_refuses_evictions(kmock: KubernetesCluster, kubectl: Kubectl, node: Any) -> None:
    kmock.objects['v1/pods', 'default', 'bare'].patch(
        {'status': {'phase': 'Running', 'conditions': [{'type': 'Ready', 'status': 'True'}]}}
    )
    spec = {'minAvailable': 1, 'selector': {'matchLabels': {'x': 'y'}}}
    kmock.load({'apiVersion': 'policy/v1', 'kind': 'PodDisruptionBudget', 'metadata': {'name': 'pdb'}, 'spec': spec})
    budget = kmock.objects['policy/v1/poddisruptionbudgets', 'default', 'pdb']
    budget.patch(
        {'status': {'observedGeneration': 1, 'disruptionsAllowed': 0, 'currentHealthy': 1, 'desiredHealthy': 1}}
    )
    code, _, error = kubectl('drain node1 --force --timeout=1s')
    assert code == 1
    refused = 'error when evicting pods/"bare" -n "default" (will retry after 5s): '
    assert f"{refused}Cannot evict pod as it would violate the pod's disruption budget.\n" in error
    assert 'global timeout reached: 1s\n' in error
    assert [key.name for key in kmock.objects['v1/pods', 'default']] == ['bare', 'elsewhere']
    budget.patch({'status': {'disruptionsAllowed': 1}})
    assert kubectl('drain node1 --force').text.splitlines()[-1] == 'node/node1 drained'


def test_there_are_no_agents_behind_the_nodes(kubectl: Kubectl, node: Any) -> None:
    for command in ('top node', 'top pod'):
        assert kubectl(command) == failed('error: Metrics API not available')
    code, text, error = kubectl('exec owned -- true')
    assert (code, text) == (1, '')
    assert error == 'Error from server: error dialing backend: nothing runs in the pod "owned"\n'
    message = 'Error from server (BadRequest): pod elsewhere does not have a host assigned'
    assert kubectl('exec elsewhere -- true') == failed(message)
    assert kubectl('exec nope -- true') == failed('Error from server (NotFound): pods "nope" not found')
    message = 'error: unable to forward port because pod is not running. Current status=Pending'
    assert kubectl('port-forward owned 0:80') == failed(message)
