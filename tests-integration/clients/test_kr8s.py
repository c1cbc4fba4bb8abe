"""kr8s: objects of all kinds, their scales, labels and patches, watches and waits; blocking and asynchronous."""

import asyncio
from collections.abc import AsyncGenerator, Generator
from contextlib import aclosing, closing
from importlib import import_module
from typing import Any

import kr8s as blocking
import pytest
from kr8s import asyncio as nonblocking
from kr8s import objects as sync_objects
from kr8s.asyncio import objects as async_objects

import kmock
from clients.shop import DEFINITION, configmap, deployment, manifests, pod, tea

library: Any = blocking
asynchronous: Any = nonblocking
objects: Any = sync_objects
aobjects: Any = async_objects

# kr8s names the versions that it was tried with, which ends before ours; it does not depend on them.
pytestmark = pytest.mark.filterwarnings('ignore:Kubernetes version .* is not supported:UserWarning')


@pytest.fixture
def api(kubeconfig: str) -> Generator[Any, None, None]:
    api = library.api(kubeconfig=kubeconfig)
    yield api
    # There is no public way; the connections are those of a thread that kr8s has for all blocking clients.
    import_module('kr8s._async_utils').Portal().call(api._session.aclose)


@pytest.fixture
async def later(kubeconfig: str) -> AsyncGenerator[Any, None]:
    api = await asynchronous.api(kubeconfig=kubeconfig)
    yield api
    await api._session.aclose()


@pytest.mark.parametrize('cluster', [None, True], indirect=True, ids=['http', 'https'])
def test_manifests_are_created_and_found(cluster: kmock.KubernetesCluster, api: Any) -> None:
    for content in manifests():
        objects.object_from_spec(content, api=api).create()

    web = objects.Deployment.get('web', namespace='shop', api=api)
    assert (web.replicas, web.spec.strategy.type, web.metadata.generation) == (2, 'RollingUpdate', 1)
    assert objects.Service.get('web', namespace='shop', api=api).spec.clusterIP.count('.') == 3
    found = api.get('configmaps', namespace=library.ALL, label_selector={'app': 'web'})
    assert [one.name for one in found] == ['settings']
    assert [one.name for one in api.get('cm', 'settings', namespace='shop')] == ['settings']
    assert web.exists()


@pytest.mark.parametrize('cluster', [None, True], indirect=True, ids=['http', 'https'])
async def test_manifests_are_created_asynchronously(cluster: kmock.KubernetesCluster, later: Any) -> None:
    made = [await aobjects.object_from_spec(content, api=later) for content in manifests()]
    await made[0].create()
    await later.create(made[1:])
    web = await aobjects.Deployment.get('web', namespace='shop', api=later)
    assert (web.replicas, await web.exists()) == (2, True)
    assert [one.name async for one in later.get('deployments.apps', namespace='shop')] == ['web']


def test_all_resources_are_told(cluster: kmock.KubernetesCluster, api: Any) -> None:
    told = {(one['version'], one['name']) for one in api.api_resources()}
    assert told == {(f'{one.group}/{one.version}'.lstrip('/'), one.plural) for one in cluster.resources}
    assert {'v1', 'apps/v1', 'autoscaling/v2'} <= {*api.api_versions()}
    assert api.version()['gitVersion'] == cluster.version['gitVersion']


def test_long_lists_come_in_pages(cluster: kmock.KubernetesCluster, api: Any) -> None:
    for number in range(120):
        cluster.objects['v1/configmaps', 'default', f'c{number:03}'] = {'data': {}}
    assert [one.name for one in objects.ConfigMap.list(api=api)] == [f'c{number:03}' for number in range(120)]
    assert [request.params.get('limit') for request in cluster['list v1/configmaps']] == ['100', '100']


def test_a_deployment_is_scaled_and_rolled_out(cluster: kmock.KubernetesCluster, api: Any) -> None:
    web = objects.Deployment(deployment('web'), api=api)
    web.create()
    web.scale(4)
    web.patch({'spec': {'template': {'spec': {'containers': [{'name': 'main', 'image': 'web:2'}]}}}})
    assert (web.replicas, web.metadata.generation, web.spec.template.spec.containers[0].image) == (4, 3, 'web:2')
    web.patch({'status': {'observedGeneration': 3, 'replicas': 4, 'readyReplicas': 4}}, subresource='status')
    web.refresh()
    assert web.ready()


def test_labels_and_annotations_are_set(cluster: kmock.KubernetesCluster, api: Any) -> None:
    one = objects.ConfigMap(configmap('a', old='yes'), api=api)
    one.create()
    one.label(app='web')
    one.annotate({'by': 'me'})
    one.remove_label('old')
    assert (dict(one.labels), dict(one.annotations)) == ({'app': 'web'}, {'by': 'me'})
    one.patch([{'op': 'replace', 'path': '/data/a', 'value': '2'}], type='json')
    assert dict(one.data) == {'a': '2'}


async def test_who_applies_what_another_one_owns_is_refused(cluster: kmock.KubernetesCluster, later: Any) -> None:
    async def apply(manager: str, value: str) -> Any:
        content = {**configmap('a'), 'data': {'a': value}}
        url = f'configmaps/a?fieldManager={manager}'  # kr8s has no method to apply, but one for any request
        headers = {'Content-Type': 'application/apply-patch+yaml'}
        async with later.call_api('PATCH', url=url, namespace='default', json=content, headers=headers) as response:
            return response.json()

    assert (await apply('one', '1'))['data'] == {'a': '1'}
    with pytest.raises(library.ServerError, match=r'conflict with "one": \.data\.a') as caught:
        await apply('two', '2')
    assert (caught.value.response.status_code, caught.value.status['reason']) == (409, 'Conflict')


def test_custom_objects_are_those_of_new_classes(cluster: kmock.KubernetesCluster, api: Any) -> None:
    objects.CustomResourceDefinition(DEFINITION, api=api).create()
    kind = objects.new_class(
        kind='Tea', version='shop.dev/v1', namespaced=True, scalable=True, scalable_spec='cups', asyncio=False
    )
    earl = kind(tea('earl'), api=api)
    earl.create()
    earl.scale(3)
    earl.patch({'status': {'phase': 'Brewed'}}, subresource='status')
    earl.refresh()
    assert (earl.spec.cups, earl.status.phase, earl.metadata.generation) == (3, 'Brewed', 2)
    assert [one.name for one in api.get('teas.shop.dev')] == ['earl']
    assert [one.name for one in api.get('te')] == ['earl']

    with pytest.raises(library.ServerError, match='Unsupported value: "coffee"') as caught:
        kind(tea('coffee', sort='coffee'), api=api).create()
    assert caught.value.response.status_code == 422


def test_a_kind_that_is_not_there_is_an_error(cluster: kmock.KubernetesCluster, api: Any) -> None:
    with pytest.raises(ValueError, match='teas'):
        [*api.get('teas.shop.dev', allow_unknown_type=False)]
    with pytest.raises(library.NotFoundError):
        objects.ConfigMap.get('nothing', api=api, timeout=0.01)


def test_errors_are_those_of_the_api(cluster: kmock.KubernetesCluster, api: Any) -> None:
    one = objects.ConfigMap(configmap('a'), api=api)
    one.create()
    with pytest.raises(library.ServerError, match='configmaps "a" already exists') as caught:
        objects.ConfigMap(configmap('a'), api=api).create()
    assert (caught.value.response.status_code, caught.value.status['reason']) == (409, 'AlreadyExists')
    one.delete()
    with pytest.raises(library.NotFoundError):
        one.delete()


def test_a_forbidden_request_is_tried_again_and_told(cluster: kmock.KubernetesCluster, api: Any) -> None:
    refusals = cluster['create v1/configmaps']
    refusals << kmock.KubernetesError(status=403, reason='Forbidden', message='not for you')
    with pytest.raises(library.ServerError, match='not for you'):
        objects.ConfigMap(configmap('a'), api=api).create()
    assert len(refusals) == 4  # it takes it for a credential that has expired


def test_what_is_adopted_goes_with_its_owner(cluster: kmock.KubernetesCluster, api: Any) -> None:
    web, one = objects.Deployment(deployment('web'), api=api), objects.ConfigMap(configmap('a'), api=api)
    web.create()
    one.create()
    web.adopt(one)
    web.delete(propagation_policy='Foreground')
    assert not one.exists()
    assert not web.exists()


async def test_a_deletion_is_waited_for(cluster: kmock.KubernetesCluster, later: Any) -> None:
    held = configmap('a')
    held['metadata']['finalizers'] = ['shop.dev/hold']
    one = await aobjects.ConfigMap(held, api=later)
    await one.create()
    await one.delete()
    await one.refresh()
    assert one.metadata.deletionTimestamp

    waiting = asyncio.create_task(one.wait('delete', timeout=20))
    await asyncio.to_thread(cluster['watch v1/configmaps'].wait_sync, 1, timeout=20)
    other = await aobjects.ConfigMap.get('a', api=later)
    await other.patch({'metadata': {'finalizers': None}})
    await waiting
    assert not await one.exists()


async def test_a_condition_is_waited_for(cluster: kmock.KubernetesCluster, later: Any) -> None:
    one = await aobjects.Pod(pod('web'), api=later)
    await one.create()
    waiting = asyncio.create_task(one.wait('condition=Ready', timeout=20))
    await asyncio.to_thread(cluster['watch v1/pods'].wait_sync, 1, timeout=20)
    status = {'phase': 'Running', 'conditions': [{'type': 'Ready', 'status': 'True'}]}
    cluster.objects['v1/pods', 'default', 'web'].patch({'status': status})
    await waiting
    assert one.status.phase == 'Running'
    await one.wait("jsonpath='{.status.phase}'=Running", timeout=20)


def test_changes_by_others_are_watched(cluster: kmock.KubernetesCluster, api: Any) -> None:
    one = objects.ConfigMap(configmap('a', app='web'), api=api)
    one.create()
    with closing(api.watch('configmaps', label_selector={'app': 'web'})) as events:
        seen = [next(events)]
        cluster.objects['v1/configmaps', 'default', 'a'].patch({'data': {'a': '2'}})
        seen.append(next(events))
        one.label(app='shop')
        seen.append(next(events))
    assert [(event, found.name) for event, found in seen] == [('ADDED', 'a'), ('MODIFIED', 'a'), ('DELETED', 'a')]


async def test_an_object_is_watched(cluster: kmock.KubernetesCluster, later: Any) -> None:
    one = await aobjects.ConfigMap(configmap('a'), api=later)
    await one.create()
    cluster.objects['v1/configmaps', 'default', 'b'] = {'data': {}}
    async with aclosing(one.watch()) as events:
        cluster.objects['v1/configmaps', 'default', 'a'].patch({'data': {'a': '2'}})
        event, found = await anext(events)
    assert (event, dict(found.data)) == ('MODIFIED', {'a': '2'})


@pytest.mark.parametrize('follow', [False, True])
def test_a_log_is_read(cluster: kmock.KubernetesCluster, api: Any, follow: bool) -> None:
    one = objects.Pod(pod('web'), api=api)
    one.create()
    cluster.pod_logs['default', 'web'] = 'starting\nready\n'
    with closing(one.logs(follow=follow, tail_lines=1)) as lines:
        assert next(lines) == 'ready'
        cluster.pod_logs['default', 'web'] += 'more\n'
        cluster.pod_logs.end('default', 'web')
        assert [*lines] == ['more'] * follow


def test_nodes_are_cordoned(cluster: kmock.KubernetesCluster, api: Any) -> None:
    cluster.objects['v1/nodes', None, 'n1'] = {}
    node = objects.Node.get('n1', api=api)
    node.cordon()
    node.taint('gpu', 'no', effect='NoSchedule')
    found = cluster.objects['v1/nodes', None, 'n1']['spec']
    assert (found['unschedulable'], found['taints'][0]['key']) == (True, 'gpu')


async def test_commands_in_a_pod_are_refused_and_not_waited_for(cluster: kmock.KubernetesCluster, later: Any) -> None:
    conditions = [{'type': kind, 'status': 'True'} for kind in ('Ready', 'ContainersReady')]
    cluster.load({**pod('web'), 'status': {'phase': 'Running', 'conditions': conditions}})  # or it waits until it is
    one = await aobjects.Pod.get('web', api=later)
    with pytest.raises(Exception, match=r'400|500'):
        await one.exec(['ls'])
