"""The official client, by its dynamic one: what it knows of resources by discovery and its cache, and what it does."""

import itertools
import json
import threading
from collections.abc import Generator
from pathlib import Path
from typing import Any

import kubernetes as official
import pytest
from kubernetes import dynamic as moving
from kubernetes.dynamic import exceptions as refusals

import kmock
from clients.shop import DEFINITION, PATCHES, configmap, deployment, pod, tea
from clients.versions import of_later_versions

library: Any = official
dynamic: Any = moving
errors: Any = refusals


@pytest.fixture
def api(kubeconfig: str) -> Generator[Any, None, None]:
    with library.config.new_client_from_config(kubeconfig) as api:
        yield api


@pytest.fixture
def known(api: Any, tmp_path: Path) -> Any:
    return dynamic.DynamicClient(api, cache_file=str(tmp_path / 'discovery'))


@pytest.fixture
def configmaps(known: Any) -> Any:
    return known.resources.get(api_version='v1', kind='ConfigMap')


@pytest.mark.parametrize('cluster', [None, True], indirect=True, ids=['http', 'https'])
def test_each_resource_of_the_server_is_found(cluster: kmock.KubernetesCluster, api: Any, tmp_path: Path) -> None:
    known = dynamic.DynamicClient(api, str(tmp_path / 'all'))
    found = {
        (one.group_version, one.name)
        for one in itertools.chain.from_iterable(known.resources)
        if one.name  # else it is the list of all kinds
    }
    assert {(f'{one.group}/{one.version}'.lstrip('/'), one.plural) for one in cluster.resources} == found
    assert known.version['kubernetes']['gitVersion'] == cluster.version['gitVersion']


def test_what_was_discovered_is_read_from_its_file(
    cluster: kmock.KubernetesCluster, api: Any, known: Any, tmp_path: Path
) -> None:
    known.resources.get(api_version='apps/v1', kind='Deployment')
    before = len(cluster)

    again = dynamic.DynamicClient(api, cache_file=str(tmp_path / 'discovery'))
    deployments = again.resources.get(api_version='apps/v1', kind='Deployment')

    assert ({*deployments.subresources}, deployments.short_names) == ({'scale', 'status'}, ['deploy'])
    assert len(cluster) == before


def test_a_definition_is_found_as_soon_as_it_is_there(cluster: kmock.KubernetesCluster, known: Any) -> None:
    with pytest.raises(errors.ResourceNotFoundError):
        known.resources.get(api_version='shop.dev/v1', kind='Tea')

    definitions = known.resources.get(api_version='apiextensions.k8s.io/v1', kind='CustomResourceDefinition')
    definitions.create(body=DEFINITION)
    teas = known.resources.get(api_version='shop.dev/v1', kind='Tea')
    assert teas is known.resources.get(short_names=['te'])
    teas.create(body=tea('earl'), namespace='default')

    teas.status.patch(
        name='earl', namespace='default', body={'status': {'phase': 'Brewed'}},
        content_type='application/merge-patch+json',
    )  # fmt: skip
    teas.scale.patch(
        name='earl', namespace='default', body={'spec': {'replicas': 3}}, content_type='application/merge-patch+json'
    )
    found = teas.get(name='earl', namespace='default')
    assert (found.spec.cups, found.status.phase, found.metadata.generation) == (3, 'Brewed', 2)

    definitions.delete(name='teas.shop.dev')
    with pytest.raises(errors.NotFoundError):
        teas.get(namespace='default')


@pytest.mark.parametrize(('content_type', 'body'), PATCHES)
def test_an_object_is_patched_in_each_way(
    cluster: kmock.KubernetesCluster, configmaps: Any, content_type: str | None, body: Any
) -> None:
    configmaps.create(body=configmap('a'))
    options = {} if content_type is None else {'content_type': content_type}
    found = configmaps.patch(name='a', namespace='default', body=body, **options)
    assert found.data.to_dict() == {'a': '1', 'b': '2'}


def test_custom_objects_take_no_strategic_patches(cluster: kmock.KubernetesCluster, known: Any) -> None:
    cluster.load(DEFINITION, tea('earl'))
    teas = known.resources.get(api_version='shop.dev/v1', kind='Tea')
    with pytest.raises(errors.DynamicApiError) as caught:
        teas.patch(name='earl', namespace='default', body={'spec': {'cups': 2}})
    assert (caught.value.status, json.loads(caught.value.body)['reason']) == (415, 'UnsupportedMediaType')


def test_who_applies_what_another_one_owns_has_to_force_it(cluster: kmock.KubernetesCluster, known: Any) -> None:
    deployments = known.resources.get(api_version='apps/v1', kind='Deployment')

    deployments.server_side_apply(body=deployment('web'), field_manager='one')
    with pytest.raises(errors.ConflictError) as caught:
        deployments.server_side_apply(body=deployment('web', replicas=3), field_manager='two')
    assert caught.value.summary() == 'Apply failed with 1 conflict: conflict with "one": .spec.replicas'

    forced = deployments.server_side_apply(
        body=deployment('web', replicas=3), field_manager='two', force_conflicts=True
    )
    assert (forced.spec.replicas, forced.metadata.generation) == (3, 2)


def test_lists_are_selected_and_paged(cluster: kmock.KubernetesCluster, configmaps: Any) -> None:
    for number in range(5):
        configmaps.create(body=configmap(f'c{number}', parity='even' if number % 2 == 0 else 'odd'))
    assert [item.metadata.name for item in configmaps.get(namespace='default', label_selector='parity!=odd').items] == [
        'c0',
        'c2',
        'c4',
    ]
    page = configmaps.get(limit=3)
    rest = configmaps.get(limit=3, _continue=page.metadata['continue'])
    assert [item.metadata.name for item in [*page.items, *rest.items]] == [f'c{number}' for number in range(5)]
    assert (page.metadata.remainingItemCount, page.items[0].kind) == (2, 'ConfigMap')


def test_collections_are_deleted(cluster: kmock.KubernetesCluster, configmaps: Any) -> None:
    for name in 'ab':
        configmaps.create(body=configmap(name, app=name))
    configmaps.delete(namespace='default', label_selector='app=a')
    assert [key.name for key in cluster.objects['v1/configmaps']] == ['b']


def test_a_deletion_waits_for_the_finalizer(cluster: kmock.KubernetesCluster, configmaps: Any) -> None:
    held = configmap('a')
    held['metadata']['finalizers'] = ['shop.dev/hold']
    configmaps.create(body=held)

    told = configmaps.delete(name='a', namespace='default', propagation_policy='Foreground')
    assert told.metadata.deletionTimestamp
    assert [*told.metadata.finalizers] == ['shop.dev/hold', 'foregroundDeletion']
    configmaps.patch(
        name='a', namespace='default', body={'metadata': {'finalizers': None}},
        content_type='application/merge-patch+json',
    )  # fmt: skip
    with pytest.raises(errors.NotFoundError):
        configmaps.get(name='a', namespace='default')


def test_what_is_out_of_date_is_refused(cluster: kmock.KubernetesCluster, configmaps: Any) -> None:
    read = configmaps.create(body=configmap('a'))
    cluster.objects['v1/configmaps', 'default', 'a'].patch({'data': {'a': '2'}})
    with pytest.raises(errors.ConflictError) as caught:
        configmaps.replace(body=read)
    assert 'the object has been modified' in caught.value.summary()


@pytest.mark.parametrize('serving', [True, False])
def test_changes_by_others_are_watched(cluster: kmock.KubernetesCluster, known: Any, serving: bool) -> None:
    pods = known.resources.get(api_version='v1', kind='Pod')
    pods.create(body=pod('a', app='web'))
    version = pods.get(namespace='default').metadata.resourceVersion

    def change() -> None:
        cluster['watch v1/pods'].wait_sync(timeout=20)
        one = cluster.objects['v1/pods', 'default', 'a']
        one.patch({'status': {'phase': 'Running'}})
        one.patch({'metadata': {'labels': {'app': None}}})

    other = threading.Thread(target=change)
    other.start()
    options: dict[str, Any] = {'resource_version': version} if serving else {'name': 'a'}
    watcher = library.watch.Watch()
    seen: list[tuple[str, str]] = []
    for event in pods.watch(namespace='default', label_selector='app=web', timeout=20, watcher=watcher, **options):
        seen.append((event['type'], event['object'].status.phase))
        if event['type'] == 'DELETED':
            watcher.stop()
    other.join()
    assert seen == [('ADDED', 'Pending')] * (not serving) + [('MODIFIED', 'Running'), ('DELETED', 'Running')]


def test_the_list_comes_with_the_watch(cluster: kmock.KubernetesCluster, configmaps: Any) -> None:
    configmaps.create(body=configmap('a'))
    with of_later_versions():
        events = configmaps.watch(
            namespace='default', timeout=1, send_initial_events=True, allow_watch_bookmarks=True,
            resource_version_match='NotOlderThan',
        )  # fmt: skip
        added, bookmark = itertools.islice(events, 2)
    assert (added['type'], bookmark['type']) == ('ADDED', 'BOOKMARK')
    assert bookmark['object'].metadata.annotations.to_dict() == {'k8s.io/initial-events-end': 'true'}
    events.close()
