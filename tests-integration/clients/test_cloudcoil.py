"""cloudcoil: typed models of what aggregated discovery tells, pages, watches with bookmarks, waits and caches."""

import asyncio
import threading
from collections.abc import Generator
from contextlib import closing
from importlib import import_module
from typing import Any

import pytest

import kmock
from clients.shop import DEFINITION, configmap, deployment, tea

Config: Any = import_module('cloudcoil.client').Config
Cache: Any = import_module('cloudcoil.caching').Cache
core: Any = import_module('cloudcoil.models.kubernetes.core.v1')
apps: Any = import_module('cloudcoil.models.kubernetes.apps.v1')
errors: Any = import_module('cloudcoil.errors')
resources: Any = import_module('cloudcoil.resources')

# It leaves a temporary folder for each configuration to the garbage collection.
pytestmark = pytest.mark.filterwarnings('ignore:Implicitly cleaning up:ResourceWarning')


@pytest.fixture
def config(kubeconfig: str) -> Generator[Any, None, None]:
    with Config(kubeconfig=kubeconfig) as config:
        yield config
    config.client.close()


@pytest.mark.parametrize('cluster', [None, True], indirect=True, ids=['http', 'https'])
def test_objects_are_created_and_found(cluster: kmock.KubernetesCluster, config: Any) -> None:
    web = apps.Deployment.model_validate(deployment('web')).create()
    assert (web.spec.replicas, web.spec.strategy.type, web.metadata.generation) == (2, 'RollingUpdate', 1)
    assert apps.Deployment.get('web').metadata.uid == web.metadata.uid
    web.spec.template.spec.containers[0].image = 'web:2'
    assert web.update().metadata.generation == 2
    assert web.scale(4).spec.replicas == 4


def test_all_resources_are_discovered_at_once(cluster: kmock.KubernetesCluster, config: Any) -> None:
    assert [request.target for request in cluster] == ['/version', '/api', '/apis']


def test_a_status_is_set(cluster: kmock.KubernetesCluster, config: Any) -> None:
    web = apps.Deployment.model_validate(deployment('web')).create()
    web.status = apps.DeploymentStatus(observed_generation=1, replicas=2, ready_replicas=2)
    web.spec.replicas = 9
    told = web.update_status()
    assert (told.spec.replicas, told.status.ready_replicas) == (2, 2)


def test_long_lists_come_in_pages(cluster: kmock.KubernetesCluster, config: Any) -> None:
    for number in range(7):
        core.ConfigMap.model_validate(configmap(f'c{number}')).create()
    found = core.ConfigMap.list(limit=3)
    assert (len(found.items), len(found)) == (3, 7)  # all of them, by what it is told of those that remain
    assert [one.name for one in found] == [f'c{number}' for number in range(7)]
    assert len(cluster['list v1/configmaps']) == 3


def test_custom_objects_are_served_as_soon_as_they_are_defined(cluster: kmock.KubernetesCluster, config: Any) -> None:
    teas = resources.get_dynamic_resource('Tea', 'shop.dev/v1')
    with pytest.raises(ValueError, match='Tea'):
        config.client_for(teas)
    cluster.load(DEFINITION)
    config.refresh_api_resources()

    earl = teas.model_validate(tea('earl')).create()
    assert earl.raw['spec'] == {'sort': 'green', 'cups': 1}
    assert [one.name for one in teas.list()] == ['earl']
    with pytest.raises(errors.APIError, match='Unsupported value: "coffee"'):
        teas.model_validate(tea('coffee', sort='coffee')).create()


def test_errors_are_those_of_the_api(cluster: kmock.KubernetesCluster, config: Any) -> None:
    with pytest.raises(errors.ResourceNotFound):
        core.ConfigMap.get('a')
    one = core.ConfigMap.model_validate(configmap('a')).create()
    with pytest.raises(errors.ResourceConflict):
        core.ConfigMap.model_validate(configmap('a')).create()
    with pytest.raises(errors.APIError, match='Invalid'):
        core.ConfigMap.model_validate(configmap('A_B')).create()
    cluster.objects['v1/configmaps', 'default', 'a'].patch({'data': {'b': '2'}})
    one.data = {'c': '3'}
    with pytest.raises(errors.ResourceConflict, match="'kind': 'configmaps'"):
        one.update()


def test_what_is_deleted_is_told(cluster: kmock.KubernetesCluster, config: Any) -> None:
    held = configmap('a')
    held['metadata']['finalizers'] = ['shop.dev/hold']
    one = core.ConfigMap.model_validate(held).create()
    one.remove(propagation_policy='foreground')
    found = one.fetch()
    assert found.metadata.deletion_timestamp is not None
    found.metadata.finalizers = None
    found.update()
    with pytest.raises(errors.ResourceNotFound):
        one.fetch()

    for name in 'bc':
        core.ConfigMap.model_validate(configmap(name)).create()
    core.ConfigMap.delete_all(namespace='default')
    assert not cluster.objects['v1/configmaps']


def test_changes_by_others_are_watched(cluster: kmock.KubernetesCluster, config: Any) -> None:
    core.ConfigMap.model_validate(configmap('a')).create()
    with closing(core.ConfigMap.watch(namespace='default')) as events:
        seen = [next(events), next(events)]
        cluster.objects['v1/configmaps', 'default', 'a'].patch({'data': {'a': '2'}})
        seen.append(next(events))
        cluster.objects['v1/configmaps', 'default', 'a'].delete()
        seen.append(next(events))
    assert [kind for kind, _ in seen] == ['ADDED', 'BOOKMARK', 'MODIFIED', 'DELETED']
    assert seen[1][1].metadata.annotations == {'k8s.io/initial-events-end': 'true'}


def test_a_watch_that_expires_begins_anew(cluster: kmock.KubernetesCluster, config: Any) -> None:
    version = core.ConfigMap.model_validate(configmap('a')).create().resource_version
    cluster.objects['v1/configmaps', 'default', 'a'].patch({'data': {'a': '2'}})
    cluster.compact()
    with closing(core.ConfigMap.watch(namespace='default', resource_version=version)) as events:
        kind, one = next(events)
    assert (kind, one.data) == ('ADDED', {'a': '2'})
    assert len(cluster['watch v1/configmaps']) == 2


def test_a_state_is_waited_for(cluster: kmock.KubernetesCluster, config: Any) -> None:
    web = apps.Deployment.model_validate(deployment('web')).create()

    def roll_out() -> None:
        cluster['watch apps/v1/deployments'].wait_sync(timeout=20)
        cluster.objects['apps/v1/deployments', 'default', 'web'].patch({'status': {'readyReplicas': 2, 'replicas': 2}})

    def is_ready(event: str, found: Any) -> bool:
        return bool(found.status and found.status.ready_replicas == 2)

    other = threading.Thread(target=roll_out)
    other.start()
    web.wait_for(is_ready, timeout=20)
    other.join()


async def test_a_cache_follows_the_cluster(cluster: kmock.KubernetesCluster, kubeconfig: str) -> None:
    cluster.load(configmap('a'))
    added = asyncio.Event()
    async with Config(kubeconfig=kubeconfig, cache=Cache(resources=[core.ConfigMap], mode='strict')) as config:
        informer = config.cache.get_informer(core.ConfigMap)
        assert informer.get('a', 'default').data == {'a': '1'}

        def note(one: Any) -> None:
            if one.name == 'b':
                added.set()

        informer.on_add(note)
        cluster.load(configmap('b'))
        await asyncio.wait_for(added.wait(), 20)
        assert {one.name for one in informer.list()} == {'a', 'b'}
    await config.async_client.aclose()
    config.client.close()


async def test_all_of_it_is_asynchronous_too(cluster: kmock.KubernetesCluster, kubeconfig: str) -> None:
    async with Config(kubeconfig=kubeconfig) as config:
        one = await core.ConfigMap.model_validate(configmap('a')).async_create()
        events = await core.ConfigMap.async_watch(namespace='default', resource_version=one.resource_version)
        one.data = {'a': '2'}
        await one.async_update()
        kind, found = await anext(aiter(events))
        assert (kind, found.data) == ('MODIFIED', {'a': '2'})
        await events.aclose()
    await config.async_client.aclose()
    config.client.close()
