"""lightkube: manifests, typed and generic resources, applies, watches and waits; blocking and asynchronous."""

import asyncio
import threading
from collections.abc import AsyncGenerator, Generator
from contextlib import aclosing, closing
from typing import Any

import lightkube
import lightkube.resources.apps_v1 as apps_v1
import lightkube.resources.autoscaling_v1 as autoscaling_v1
import lightkube.resources.autoscaling_v2 as autoscaling_v2
import lightkube.resources.core_v1 as core_v1
import pytest
from lightkube import codecs as decoding
from lightkube import generic_resource as generics
from lightkube import types as choices
from lightkube.core import exceptions as refusals

import kmock
from clients.shop import DEFINITION, MANIFESTS, configmap, deployment, manifests, pod, tea, yaml

library: Any = lightkube
apps: Any = apps_v1
core: Any = core_v1
older_scaling: Any = autoscaling_v1
scaling: Any = autoscaling_v2
exceptions: Any = refusals
codecs: Any = decoding
generic: Any = generics
types: Any = choices


@pytest.fixture
def client(kubeconfig: str) -> Generator[Any, None, None]:
    config = library.KubeConfig.from_file(kubeconfig)
    client = library.Client(config=config, field_manager='shopkeeper', trust_env=False)
    yield client
    (client if hasattr(client, 'close') else client._client._client).close()  # since lightkube 1.0


@pytest.fixture
async def later(kubeconfig: str) -> AsyncGenerator[Any, None]:
    config = library.KubeConfig.from_file(kubeconfig)
    client = library.AsyncClient(config=config, field_manager='shopkeeper', trust_env=False)
    yield client
    await client.close()


@pytest.mark.parametrize('cluster', [None, True], indirect=True, ids=['http', 'https'])
def test_manifests_are_applied_again_and_again(cluster: kmock.KubernetesCluster, client: Any) -> None:
    made = [client.apply(one) for one in codecs.load_all_yaml(MANIFESTS)]
    assert [one.kind for one in made] == [one['kind'] for one in manifests()]
    again = [client.apply(one) for one in codecs.load_all_yaml(MANIFESTS)]
    assert [one.metadata.resourceVersion for one in again] == [one.metadata.resourceVersion for one in made]

    found = client.get(apps.Deployment, 'web', namespace='shop')
    assert (found.spec.replicas, found.spec.strategy.type, found.metadata.generation) == (2, 'RollingUpdate', 1)
    assert client.get(core.Service, 'web', namespace='shop').spec.clusterIP.count('.') == 3
    everywhere = client.list(core.ConfigMap, namespace='*', labels={'app': 'web'})
    assert [one.metadata.name for one in everywhere] == ['settings']


@pytest.mark.parametrize('cluster', [None, True], indirect=True, ids=['http', 'https'])
async def test_manifests_are_applied_asynchronously(cluster: kmock.KubernetesCluster, later: Any) -> None:
    for one in codecs.load_all_yaml(MANIFESTS):
        await later.apply(one)
    found = await later.get(apps.Deployment, 'web', namespace='shop')
    assert (found.spec.replicas, found.metadata.managedFields[0].manager) == (2, 'shopkeeper')
    everywhere = later.list(core.ConfigMap, namespace='*', labels={'app': ('web', 'shop')})
    assert [one.metadata.name async for one in everywhere] == ['settings']


def test_who_applies_what_another_one_owns_has_to_force_it(cluster: kmock.KubernetesCluster, client: Any) -> None:
    def apply(replicas: int, **options: Any) -> Any:
        return client.apply(apps.Deployment.from_dict(deployment('web', replicas)), **options)

    apply(2)
    with pytest.raises(library.ApiError) as caught:
        apply(3, field_manager='scaler')
    assert (caught.value.status.code, caught.value.status.reason) == (409, 'Conflict')
    assert [(one.reason, one.field) for one in caught.value.status.details.causes] == [
        ('FieldManagerConflict', '.spec.replicas')
    ]
    assert apply(3, field_manager='scaler', force=True).spec.replicas == 3


def test_long_lists_come_in_pages(cluster: kmock.KubernetesCluster, client: Any) -> None:
    for number in range(5):
        client.create(core.ConfigMap.from_dict(configmap(f'c{number}')))
    found = client.list(core.ConfigMap, chunk_size=2)
    assert [one.metadata.name for one in found] == [f'c{number}' for number in range(5)]
    assert len(cluster['list v1/configmaps']) == 3
    assert found.resourceVersion == client.get(core.ConfigMap, 'c4').metadata.resourceVersion


def test_a_list_that_goes_on_too_late_is_refused(cluster: kmock.KubernetesCluster, client: Any) -> None:
    for name in 'ab':
        client.create(core.ConfigMap.from_dict(configmap(name)))
    found = iter(client.list(core.ConfigMap, chunk_size=1))
    next(found)
    client.delete(core.ConfigMap, 'b')
    cluster.compact()
    with pytest.raises(library.ApiError) as caught:
        next(found)
    assert (caught.value.status.code, caught.value.status.reason) == (410, 'Expired')


@pytest.mark.parametrize(
    ('patch_type', 'content'),
    [
        ('MERGE', {'data': {'b': '2'}}),
        ('STRATEGIC', {'data': {'b': '2'}}),
        ('JSON', [{'op': 'add', 'path': '/data/b', 'value': '2'}]),
        ('APPLY', {**configmap('a'), 'data': {'b': '2'}}),
    ],
)
def test_an_object_is_patched_in_each_way(
    cluster: kmock.KubernetesCluster, client: Any, patch_type: str, content: Any
) -> None:
    client.create(core.ConfigMap.from_dict(configmap('a')))
    found = client.patch(core.ConfigMap, 'a', content, patch_type=types.PatchType[patch_type])
    assert found.data == {'a': '1', 'b': '2'}


def test_labels_are_set(cluster: kmock.KubernetesCluster, client: Any) -> None:
    client.create(core.ConfigMap.from_dict(configmap('a', app='web', old='yes')))
    found = client.set(core.ConfigMap, 'a', labels={'app': 'shop', 'old': None}, annotations={'by': 'me'})
    assert (found.metadata.labels, found.metadata.annotations) == ({'app': 'shop'}, {'by': 'me'})


def test_a_deployment_is_scaled_and_its_status_set(cluster: kmock.KubernetesCluster, client: Any) -> None:
    client.create(apps.Deployment.from_dict(deployment('web')))
    scale = client.get(apps.DeploymentScale, 'web')
    scale.spec.replicas = 4
    assert client.replace(scale, 'web').spec.replicas == 4
    status = {'status': {'observedGeneration': 2, 'replicas': 4, 'readyReplicas': 4}}
    found = client.patch(apps.DeploymentStatus, 'web', status)
    assert (found.spec.replicas, found.status.readyReplicas, found.metadata.generation) == (4, 4, 2)


def test_generic_resources_are_made_of_their_definition(cluster: kmock.KubernetesCluster, client: Any) -> None:
    (definition,) = codecs.load_all_yaml(yaml.safe_dump(DEFINITION), create_resources_for_crds=True)
    client.create(definition)
    teas = generic.get_generic_resource('shop.dev/v1', 'Tea')

    client.create(codecs.from_dict(tea('earl')))
    client.patch(teas, 'earl', {'spec': {'cups': 3}}, patch_type=types.PatchType.MERGE)
    client.patch(teas.Status, 'earl', {'status': {'phase': 'Brewed'}}, patch_type=types.PatchType.MERGE)
    assert client.get(teas.Scale, 'earl').spec.replicas == 3
    found = client.get(teas, 'earl')
    assert (found.spec['cups'], found.status, found.metadata.generation) == (3, {'phase': 'Brewed'}, 2)

    with pytest.raises(library.ApiError) as caught:
        client.create(codecs.from_dict(tea('coffee', sort='coffee')))
    assert (caught.value.status.code, caught.value.status.details.causes[0].field) == (422, 'spec.sort')
    with pytest.raises(library.ApiError) as caught:
        client.patch(teas, 'earl', {'spec': {'cups': 3}})  # a strategic one
    assert caught.value.status.code == 415


def test_what_is_defined_in_the_cluster_is_loaded(cluster: kmock.KubernetesCluster, client: Any) -> None:
    definition = {**DEFINITION, 'metadata': {'name': 'cups.shop.dev'}}
    definition['spec'] = {**DEFINITION['spec'], 'names': {'kind': 'Cup', 'plural': 'cups'}}
    cluster.load(definition)
    generic.load_in_cluster_generic_resources(client)
    cups = generic.get_generic_resource('shop.dev/v1', 'Cup')
    assert [*client.list(cups, namespace='*')] == []


@pytest.mark.parametrize('cascade', ['BACKGROUND', 'FOREGROUND', 'ORPHAN'])
def test_what_is_owned_goes_or_stays(cluster: kmock.KubernetesCluster, client: Any, cascade: str) -> None:
    owner = client.create(apps.Deployment.from_dict(deployment('web')))
    owned = configmap('a')
    owned['metadata']['ownerReferences'] = [
        {'apiVersion': 'apps/v1', 'kind': 'Deployment', 'name': 'web', 'uid': owner.metadata.uid}
    ]
    client.create(core.ConfigMap.from_dict(owned))
    client.delete(apps.Deployment, 'web', cascade=types.CascadeType[cascade])
    assert len([*client.list(core.ConfigMap)]) == (cascade == 'ORPHAN')


def test_a_deletion_waits_for_the_finalizer(cluster: kmock.KubernetesCluster, client: Any) -> None:
    held = configmap('a')
    held['metadata']['finalizers'] = ['shop.dev/hold']
    client.create(core.ConfigMap.from_dict(held))
    client.delete(core.ConfigMap, 'a')
    assert client.get(core.ConfigMap, 'a').metadata.deletionTimestamp is not None
    client.patch(core.ConfigMap, 'a', {'metadata': {'finalizers': None}}, patch_type=types.PatchType.MERGE)
    with pytest.raises(library.ApiError) as caught:
        client.get(core.ConfigMap, 'a')
    assert (caught.value.status.code, caught.value.status.reason, caught.value.status.details.name) == (
        404,
        'NotFound',
        'a',
    )


def test_collections_are_deleted(cluster: kmock.KubernetesCluster, client: Any) -> None:
    for name in 'ab':
        client.create(core.ConfigMap.from_dict(configmap(name)))
    client.deletecollection(core.ConfigMap)
    assert not cluster.objects['v1/configmaps']


def test_what_is_out_of_date_is_refused(cluster: kmock.KubernetesCluster, client: Any) -> None:
    read = client.create(core.ConfigMap.from_dict(configmap('a')))
    cluster.objects['v1/configmaps', 'default', 'a'].patch({'data': {'a': '2'}})
    with pytest.raises(library.ApiError, match='the object has been modified'):
        client.replace(read)


def test_two_versions_of_a_kind_are_one_object(cluster: kmock.KubernetesCluster, client: Any) -> None:
    target = {'apiVersion': 'apps/v1', 'kind': 'Deployment', 'name': 'web'}
    spec = {'scaleTargetRef': target, 'maxReplicas': 3}
    made = client.create(
        scaling.HorizontalPodAutoscaler.from_dict({'metadata': {'name': 'web', 'namespace': 'default'}, 'spec': spec})
    )
    assert made.spec.metrics[0].resource.target.averageUtilization == 80
    assert client.get(older_scaling.HorizontalPodAutoscaler, 'web').spec.targetCPUUtilizationPercentage == 80


# ---- Watches, waits, logs ----


def test_changes_by_others_are_watched(cluster: kmock.KubernetesCluster, client: Any) -> None:
    client.create(core.ConfigMap.from_dict(configmap('a')))
    with closing(iter(client.watch(core.ConfigMap))) as events:
        seen = [next(events)]
        cluster.objects['v1/configmaps', 'default', 'b'] = {'data': {}}
        seen.append(next(events))
        client.delete(core.ConfigMap, 'a')
        seen.append(next(events))
    assert [(event, one.metadata.name) for event, one in seen] == [('ADDED', 'a'), ('ADDED', 'b'), ('DELETED', 'a')]


def test_a_watch_that_ends_goes_on_with_nothing_lost(cluster: kmock.KubernetesCluster, client: Any) -> None:
    client.create(core.ConfigMap.from_dict(configmap('a')))
    content = cluster.objects['v1/configmaps', 'default', 'a'].raw
    watches = cluster['watch v1/configmaps']
    watches[:1] << ({'type': 'ADDED', 'object': content},)
    with closing(iter(client.watch(core.ConfigMap))) as events:
        assert next(events)[0] == 'ADDED'
        cluster.objects['v1/configmaps', 'default', 'b'] = {'data': {}}
        assert next(events)[1].metadata.name == 'b'
    assert [request.params.get('resourceVersion') for request in watches] == [
        None,
        content['metadata']['resourceVersion'],
    ]


@pytest.mark.parametrize('retry', [False, True])
def test_a_watch_from_too_long_ago_is_refused_or_begins_anew(
    cluster: kmock.KubernetesCluster, client: Any, retry: bool
) -> None:
    version = client.create(core.ConfigMap.from_dict(configmap('a'))).metadata.resourceVersion
    cluster.objects['v1/configmaps', 'default', 'a'].patch({'metadata': {'labels': {'b': 'c'}}})
    cluster.compact()
    options = {'on_error': types.on_error_retry} if retry else {}
    events: Any = client.watch(core.ConfigMap, resource_version=version, **options)
    with closing(events):
        if retry:
            assert next(events)[1].metadata.labels == {'b': 'c'}
        else:
            with pytest.raises(library.ApiError) as caught:
                next(events)
            assert (caught.value.status.code, caught.value.status.reason) == (410, 'Expired')


def test_a_condition_is_waited_for(cluster: kmock.KubernetesCluster, client: Any) -> None:
    client.create(apps.Deployment.from_dict(deployment('web')))

    def roll_out() -> None:
        cluster['watch apps/v1/deployments'].wait_sync(timeout=20)
        condition = {'type': 'Available', 'status': 'True'}
        cluster.objects['apps/v1/deployments', 'default', 'web'].patch({'status': {'conditions': [condition]}})

    other = threading.Thread(target=roll_out)
    other.start()
    found = client.wait(apps.Deployment, 'web', for_conditions=['Available'], raise_for_conditions=['Failed'])
    other.join()
    assert [one.type for one in found.status.conditions] == ['Available']


async def test_an_object_that_goes_is_not_waited_for(cluster: kmock.KubernetesCluster, later: Any) -> None:
    await later.create(core.Pod.from_dict(pod('web')))
    waiting = asyncio.create_task(later.wait(core.Pod, 'web', for_conditions=['Ready']))
    await asyncio.to_thread(cluster['watch v1/pods'].wait_sync, 1, timeout=20)
    await later.delete(core.Pod, 'web', grace_period=0)
    with pytest.raises(exceptions.ObjectDeleted):
        await waiting


async def test_changes_by_others_are_watched_asynchronously(cluster: kmock.KubernetesCluster, later: Any) -> None:
    await later.create(core.ConfigMap.from_dict(configmap('a')))
    async with aclosing(aiter(later.watch(core.ConfigMap))) as events:
        assert (await anext(events))[0] == 'ADDED'
        cluster.objects['v1/configmaps', 'default', 'a'].patch({'data': {'a': '2'}})
        event, found = await anext(events)
    assert (event, found.data) == ('MODIFIED', {'a': '2'})


@pytest.mark.parametrize('follow', [False, True])
def test_a_log_is_read(cluster: kmock.KubernetesCluster, client: Any, follow: bool) -> None:
    client.create(core.Pod.from_dict(pod('web')))
    cluster.pod_logs['default', 'web'] = 'starting\nready\n'
    lines = client.log('web', follow=follow, tail_lines=1, newlines=False)
    assert next(lines) == 'ready'
    cluster.pod_logs['default', 'web'] += 'more\n'
    cluster.pod_logs.end('default', 'web')
    assert [*lines] == ['more'] * follow


def test_pods_are_evicted(cluster: kmock.KubernetesCluster, client: Any) -> None:
    client.create(core.Pod.from_dict(pod('web')))
    client.create(core.PodEviction.from_dict({'metadata': {'name': 'web', 'namespace': 'default'}}), 'web')
    assert cluster.objects['v1/pods', 'default', 'web'].deleted


def test_commands_in_a_pod_are_refused_and_not_waited_for(cluster: kmock.KubernetesCluster, client: Any) -> None:
    if not hasattr(client, 'exec'):
        pytest.skip('of lightkube 1.0 and later')
    client.create(core.Pod.from_dict(pod('web')))
    with pytest.raises(Exception, match=r'Response \[[45]'):
        client.exec('web', command=['ls'], stdout=True, timeout=20)
