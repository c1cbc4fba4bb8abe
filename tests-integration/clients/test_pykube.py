"""pykube-ng: objects, queries, watches, and the updates that it makes of what has changed in between."""

from collections.abc import Generator
from importlib import import_module
from typing import Any

import pytest

import kmock
from clients.shop import DEFINITION, configmap, deployment, manifests, pod, tea

pykube: Any = import_module('pykube')
exceptions: Any = import_module('pykube.exceptions')


@pytest.fixture
def api(kubeconfig: str) -> Generator[Any, None, None]:
    api = pykube.HTTPClient(pykube.KubeConfig.from_file(kubeconfig), timeout=20)
    yield api
    api.session.close()


@pytest.mark.parametrize('cluster', [None, True], indirect=True, ids=['http', 'https'])
def test_manifests_are_created_and_found(cluster: kmock.KubernetesCluster, api: Any) -> None:
    for content in manifests():
        pykube.object_factory(api, content['apiVersion'], content['kind'])(api, content).create()

    web = pykube.Deployment.objects(api, namespace='shop').get(name='web')
    assert (web.replicas, web.obj['spec']['strategy']['type']) == (2, 'RollingUpdate')
    assert web.exists()
    found = pykube.ConfigMap.objects(api).filter(namespace=pykube.all, selector={'app__in': {'web', 'shop'}})
    assert [one.name for one in found] == ['settings']
    assert api.version == (cluster.version['major'], cluster.version['minor'])


def test_a_deployment_is_scaled_and_rolled_out(cluster: kmock.KubernetesCluster, api: Any) -> None:
    web = pykube.Deployment(api, deployment('web'))
    web.create()
    web.replicas = 5
    web.update()
    web.patch({'spec': {'template': {'spec': {'containers': [{'name': 'main', 'image': 'web:2'}]}}}})
    assert (web.replicas, web.obj['metadata']['generation']) == (5, 3)
    assert [one['image'] for one in web.obj['spec']['template']['spec']['containers']] == ['web:2']
    web.patch({'status': {'observedGeneration': 3, 'replicas': 5, 'updatedReplicas': 5}}, subresource='status')
    assert web.ready


def test_an_update_of_what_is_out_of_date_is_refused(cluster: kmock.KubernetesCluster, api: Any) -> None:
    one = pykube.ConfigMap(api, configmap('a'))
    one.create()
    cluster.objects['v1/configmaps', 'default', 'a'].patch({'data': {'b': '2'}})
    one.obj['data']['c'] = '3'
    with pytest.raises(exceptions.HTTPError, match='the object has been modified') as caught:
        one.update()
    assert caught.value.code == 409

    one.reload()
    one.obj['data']['c'] = '3'
    one.labels['app'] = 'web'
    one.update()
    assert (one.obj['data'], one.labels) == ({'a': '1', 'b': '2', 'c': '3'}, {'app': 'web'})


def test_custom_objects_are_found_by_discovery(cluster: kmock.KubernetesCluster, api: Any) -> None:
    pykube.CustomResourceDefinition(api, DEFINITION).create()
    kind = pykube.object_factory(api, 'shop.dev/v1', 'Tea')
    earl = kind(api, tea('earl'))
    earl.create()
    earl.obj['spec']['cups'] = 3
    earl.update(is_strategic=False)
    assert (earl.obj['spec'], earl.obj['metadata']['generation']) == ({'sort': 'green', 'cups': 3}, 2)

    with pytest.raises(exceptions.HTTPError, match='Unsupported value: "coffee"') as caught:
        kind(api, tea('coffee', sort='coffee')).create()
    assert caught.value.code == 422


def test_errors_are_those_of_the_api(cluster: kmock.KubernetesCluster, api: Any) -> None:
    one = pykube.ConfigMap(api, configmap('a'))
    with pytest.raises(exceptions.ObjectDoesNotExist):
        pykube.ConfigMap.objects(api).get_by_name('a')
    with pytest.raises(exceptions.ObjectDoesNotExist):
        one.exists(ensure=True)
    one.create()
    with pytest.raises(exceptions.HTTPError, match='configmaps "a" already exists') as caught:
        pykube.ConfigMap(api, configmap('a')).create()
    assert caught.value.code == 409


@pytest.mark.parametrize('policy', ['Background', 'Foreground', 'Orphan'])
def test_what_is_owned_goes_or_stays(cluster: kmock.KubernetesCluster, api: Any, policy: str) -> None:
    web = pykube.Deployment(api, deployment('web'))
    web.create()
    owned = configmap('a')
    owned['metadata']['ownerReferences'] = [
        {'apiVersion': 'apps/v1', 'kind': 'Deployment', 'name': 'web', 'uid': web.metadata['uid']}
    ]
    pykube.ConfigMap(api, owned).create()
    web.delete(propagation_policy=policy)
    assert len(pykube.ConfigMap.objects(api)) == (policy == 'Orphan')


def test_changes_by_others_are_watched(cluster: kmock.KubernetesCluster, api: Any) -> None:
    pykube.ConfigMap(api, configmap('a', app='web')).create()
    query = pykube.ConfigMap.objects(api).filter(selector={'app': 'web'})
    version = query.response['metadata']['resourceVersion']
    watch = query.watch(since=version)
    events = iter(watch)
    cluster.objects['v1/configmaps', 'default', 'a'].patch({'data': {'a': '2'}})
    seen = [next(events)]
    cluster.objects['v1/configmaps', 'default', 'a'].delete()
    seen.append(next(events))
    watch.response.close()
    assert [(event.type, event.object.name) for event in seen] == [('MODIFIED', 'a'), ('DELETED', 'a')]


def test_a_log_is_read_and_nodes_are_cordoned(cluster: kmock.KubernetesCluster, api: Any) -> None:
    one = pykube.Pod(api, pod('web'))
    one.create()
    cluster.pod_logs['default', 'web'] = 'starting\nready\n'
    assert one.logs(tail_lines=1) == 'ready\n'

    cluster.load({'apiVersion': 'v1', 'kind': 'Node', 'metadata': {'name': 'n1'}})
    node = pykube.Node.objects(api).get_by_name('n1')
    node.cordon()
    assert cluster.objects['v1/nodes', None, 'n1']['spec']['unschedulable'] is True
