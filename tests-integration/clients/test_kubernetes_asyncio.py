"""The asynchronous clients of Kubernetes - kubernetes-asyncio, and the official one since 37: all that people do."""

import asyncio
import json
from collections.abc import AsyncGenerator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

import kmock
from clients.shop import DEFINITION, configmap, deployment, manifests, pod, tea


@pytest.fixture(params=['kubernetes_asyncio', 'kubernetes.aio'])
def library(request: pytest.FixtureRequest) -> Any:
    if request.param == 'kubernetes.aio':
        return pytest.importorskip('kubernetes.aio', reason='of kubernetes 37 and later')
    return import_module(request.param)


@pytest.fixture
async def api(library: Any, kubeconfig: str) -> AsyncGenerator[Any, None]:
    async with await library.config.new_client_from_config(kubeconfig) as api:
        yield api


@pytest.fixture
def core(library: Any, api: Any) -> Any:
    return library.client.CoreV1Api(api)


@pytest.mark.parametrize('cluster', [None, True], indirect=True, ids=['http', 'https'])
async def test_manifests_are_created_and_found(
    cluster: kmock.KubernetesCluster, library: Any, api: Any, core: Any
) -> None:
    for content in manifests():
        await library.utils.create_from_dict(api, content)

    found = await library.client.AppsV1Api(api).read_namespaced_deployment('web', 'shop')
    assert (found.spec.replicas, found.spec.strategy.type) == (2, 'RollingUpdate')
    listed = await core.list_config_map_for_all_namespaces(label_selector='app=web')
    assert [item.metadata.name for item in listed.items] == ['settings']


async def test_a_deployment_is_rolled_out_and_scaled(cluster: kmock.KubernetesCluster, library: Any, api: Any) -> None:
    apps = library.client.AppsV1Api(api)
    await apps.create_namespaced_deployment('default', deployment('web'))
    change = {'spec': {'template': {'spec': {'containers': [{'name': 'main', 'image': 'web:2'}]}}}}
    await apps.patch_namespaced_deployment('web', 'default', change)
    scale = await apps.read_namespaced_deployment_scale('web', 'default')
    scale.spec.replicas = 5
    await apps.replace_namespaced_deployment_scale('web', 'default', scale)
    status = {'status': {'observedGeneration': 3, 'replicas': 5, 'readyReplicas': 5}}
    rolled = await apps.patch_namespaced_deployment_status('web', 'default', status)
    assert (rolled.metadata.generation, rolled.spec.replicas, rolled.status.ready_replicas) == (3, 5, 5)
    assert [item.image for item in rolled.spec.template.spec.containers] == ['web:2']


@pytest.mark.parametrize(
    ('content_type', 'body'),
    [
        (None, [{'op': 'add', 'path': '/data/b', 'value': '2'}]),
        ('application/merge-patch+json', {'data': {'b': '2'}}),
        ('application/strategic-merge-patch+json', {'data': {'b': '2'}}),
        ('application/json-patch+json', [{'op': 'add', 'path': '/data/b', 'value': '2'}]),
    ],
)
async def test_an_object_is_patched_in_each_way(
    cluster: kmock.KubernetesCluster, core: Any, content_type: str | None, body: Any
) -> None:
    await core.create_namespaced_config_map('default', configmap('a'))
    options = {} if content_type is None else {'_content_type': content_type}
    found = await core.patch_namespaced_config_map('a', 'default', body, **options)
    assert found.data == {'a': '1', 'b': '2'}


async def test_who_applies_what_another_one_owns_has_to_force_it(
    cluster: kmock.KubernetesCluster, library: Any, core: Any
) -> None:
    async def apply(manager: str, value: str, **options: Any) -> Any:
        content = {**configmap('a'), 'data': {'a': value}}
        return await core.patch_namespaced_config_map(
            'a', 'default', content, field_manager=manager, _content_type='application/apply-patch+yaml', **options
        )

    await apply('one', '1')
    with pytest.raises(library.client.ApiException) as caught:
        await apply('two', '2')
    assert caught.value.status == 409
    assert json.loads(caught.value.body)['details']['causes'][0]['field'] == '.data.a'
    assert (await apply('two', '2', force=True)).data == {'a': '2'}


async def test_long_lists_come_in_pages(cluster: kmock.KubernetesCluster, core: Any) -> None:
    for number in range(5):
        await core.create_namespaced_config_map('default', configmap(f'c{number}'))
    page = await core.list_namespaced_config_map('default', limit=3)
    rest = await core.list_namespaced_config_map('default', limit=3, _continue=page.metadata._continue)
    assert [item.metadata.name for item in [*page.items, *rest.items]] == [f'c{number}' for number in range(5)]
    assert (page.metadata.remaining_item_count, rest.metadata._continue) == (2, None)


async def test_a_deletion_waits_for_the_finalizer(cluster: kmock.KubernetesCluster, library: Any, core: Any) -> None:
    held = configmap('a')
    held['metadata']['finalizers'] = ['shop.dev/hold']
    await core.create_namespaced_config_map('default', held)
    await core.delete_namespaced_config_map('a', 'default', propagation_policy='Background')
    found = await core.read_namespaced_config_map('a', 'default')
    assert found.metadata.deletion_timestamp is not None
    found.metadata.finalizers = []
    await core.replace_namespaced_config_map('a', 'default', found)
    with pytest.raises(library.client.ApiException) as caught:
        await core.read_namespaced_config_map('a', 'default')
    assert (caught.value.status, json.loads(caught.value.body)['reason']) == (404, 'NotFound')


async def test_custom_objects_are_served_as_soon_as_they_are_defined(
    cluster: kmock.KubernetesCluster, library: Any, api: Any
) -> None:
    teas, place = library.client.CustomObjectsApi(api), ('shop.dev', 'v1', 'default', 'teas')
    await library.client.ApiextensionsV1Api(api).create_custom_resource_definition(DEFINITION)
    await teas.create_namespaced_custom_object(*place, tea('earl'))
    merge = {'_content_type': 'application/merge-patch+json'}
    await teas.patch_namespaced_custom_object(*place, 'earl', {'spec': {'cups': 3}}, **merge)
    await teas.patch_namespaced_custom_object_status(*place, 'earl', {'status': {'phase': 'Brewed'}}, **merge)
    found = await teas.get_namespaced_custom_object(*place, 'earl')
    assert (found['spec']['cups'], found['status'], found['metadata']['generation']) == (3, {'phase': 'Brewed'}, 2)
    with pytest.raises(library.client.ApiException) as caught:
        await teas.create_namespaced_custom_object(*place, tea('coffee', sort='coffee'))
    assert caught.value.status == 422


async def test_the_dynamic_client_finds_what_was_defined_since(
    cluster: kmock.KubernetesCluster, library: Any, api: Any, tmp_path: Path
) -> None:
    dynamic: Any = import_module(f'{library.__name__}.dynamic')
    known = await dynamic.DynamicClient(api, cache_file=str(tmp_path / 'discovery'))
    definitions = await known.resources.get(api_version='apiextensions.k8s.io/v1', kind='CustomResourceDefinition')
    await definitions.create(body=DEFINITION)
    teas = await known.resources.get(api_version='shop.dev/v1', kind='Tea')

    await teas.server_side_apply(body=tea('earl', cups=2), namespace='default', field_manager='one')
    try:  # kubernetes-asyncio gives the refusal as a result, the official client raises it
        told = await teas.server_side_apply(body=tea('earl', cups=3), namespace='default', field_manager='two')
    except library.client.ApiException as exc:
        told = json.loads(str(exc.body))
    assert told['message'] == 'Apply failed with 1 conflict: conflict with "one": .spec.cups'
    found = await teas.get(name='earl', namespace='default')
    assert found.to_dict()['spec'] == {'sort': 'green', 'cups': 2}


# ---- Watches ----


async def test_changes_by_others_are_followed(cluster: kmock.KubernetesCluster, library: Any, core: Any) -> None:
    await core.create_namespaced_config_map('default', configmap('a'))
    async with library.watch.Watch().stream(core.list_namespaced_config_map, 'default') as events:
        seen = [await anext(events)]
        cluster.objects['v1/configmaps', 'default', 'b'] = {'data': {}}
        seen.append(await anext(events))
        await core.delete_namespaced_config_map('a', 'default')
        seen.append(await anext(events))
    assert [(event['type'], event['object'].metadata.name) for event in seen] == [
        ('ADDED', 'a'),
        ('ADDED', 'b'),
        ('DELETED', 'a'),
    ]


async def test_a_watch_that_the_server_ends_is_resumed(
    cluster: kmock.KubernetesCluster, library: Any, core: Any
) -> None:
    made = await core.create_namespaced_config_map('default', configmap('a'))
    content = {'apiVersion': 'v1', 'kind': 'ConfigMap', **cluster.objects['v1/configmaps', 'default', 'a'].raw}
    watches = cluster['watch v1/configmaps']
    watches[:1] << ({'type': 'ADDED', 'object': content},)

    async with library.watch.Watch().stream(core.list_namespaced_config_map, 'default') as events:
        assert (await anext(events))['object'].metadata.name == 'a'
        later = asyncio.create_task(anext(events))
        await asyncio.to_thread(watches.wait_sync, 2, timeout=20)
        cluster.objects['v1/configmaps', 'default', 'b'] = {'data': {}}
        assert (await later)['object'].metadata.name == 'b'
    assert [request.params.get('resourceVersion') for request in watches] == [None, made.metadata.resource_version]


@pytest.mark.parametrize('mode', ['event', 'answer'])
async def test_what_is_forgotten_is_told_by_an_exception(
    cluster: kmock.KubernetesCluster, library: Any, core: Any, mode: str
) -> None:
    version = (await core.list_namespaced_config_map('default')).metadata.resource_version
    await core.create_namespaced_config_map('default', configmap('a'))
    if mode == 'event':
        cluster.compact()
    else:
        (
            cluster['watch v1/configmaps'] << kmock.KubernetesExpiredError()
        )  # with a body, or the client takes it for an end

    with pytest.raises(library.client.ApiException) as caught:
        async with library.watch.Watch().stream(
            core.list_namespaced_config_map, 'default', resource_version=version
        ) as events:
            await anext(events)
    assert caught.value.status == 410


async def test_a_watch_of_one_second_ends_by_itself(cluster: kmock.KubernetesCluster, library: Any, core: Any) -> None:
    await core.create_namespaced_config_map('default', configmap('a'))
    options = {'timeout_seconds': 1, 'allow_watch_bookmarks': True}
    async with library.watch.Watch().stream(core.list_namespaced_config_map, 'default', **options) as events:
        types = [event['type'] async for event in events]
    assert types == ['ADDED', 'BOOKMARK']


async def test_a_log_is_followed_line_by_line(cluster: kmock.KubernetesCluster, library: Any, core: Any) -> None:
    await core.create_namespaced_pod('default', pod('web'))
    cluster.pod_logs['default', 'web'] = 'one\n'
    async with library.watch.Watch().stream(core.read_namespaced_pod_log, 'web', 'default') as lines:
        assert (await anext(lines)).strip() == 'one'
        cluster.pod_logs['default', 'web'] += 'two\n'
        assert (await anext(lines)).strip() == 'two'  # at the end of the log, not all of these clients end


async def test_commands_in_a_pod_are_refused_and_not_waited_for(
    cluster: kmock.KubernetesCluster, library: Any, api: Any, kubeconfig: str
) -> None:
    aiohttp: Any = import_module('aiohttp')
    cluster.objects['v1/pods', 'default', 'web'] = {'spec': {'containers': [{'name': 'main', 'image': 'nginx'}]}}
    configuration = library.client.Configuration()
    await library.config.load_kube_config(kubeconfig, client_configuration=configuration)
    async with library.stream.WsApiClient(configuration) as sockets:
        core = library.client.CoreV1Api(sockets)
        with pytest.raises((aiohttp.WSServerHandshakeError, library.client.ApiException)) as caught:
            await core.connect_get_namespaced_pod_exec('web', 'default', command=['ls'], stdout=True)
    assert caught.value.status >= 400


# ---- Leaders ----


class Clock:
    """The time of the candidates; it goes on when one of them sleeps."""

    create_task = staticmethod(asyncio.create_task)

    def __init__(self) -> None:
        self.now = 1_900_000_000.5  # with a fraction of a second: the locks need one

    def time(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += seconds
        await asyncio.sleep(0)


@pytest.fixture
def electing() -> Any:
    # That of kubernetes.aio 37.0 says `pretty=True`, which its own client refuses.
    pytest.importorskip('kubernetes_asyncio.leaderelection', reason='of later versions')
    import_module('kubernetes_asyncio.leaderelection.leaderelection')
    import_module('kubernetes_asyncio.leaderelection.electionconfig')
    return import_module('kubernetes_asyncio.leaderelection')


@pytest.fixture
def clock(electing: Any, monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(electing.leaderelection, 'time', clock)
    monkeypatch.setattr(electing.leaderelection, 'asyncio', clock)
    return clock


@pytest.mark.parametrize('library', ['kubernetes_asyncio'], indirect=True)
@pytest.mark.parametrize(
    ('kind', 'resource'), [('LeaseLock', 'coordination.k8s.io/v1/leases'), ('ConfigMapLock', 'v1/configmaps')]
)
async def test_a_leader_that_can_not_renew_stops_and_another_one_leads(
    cluster: kmock.KubernetesCluster, electing: Any, api: Any, clock: Clock, kind: str, resource: str
) -> None:
    locks: Any = import_module(f'{electing.__name__}.resourcelock.{kind.lower()}')
    events: list[str] = []

    def candidate(identity: str) -> Any:
        async def lead() -> None:
            events.append(f'{identity} leads')

        async def stop() -> None:
            events.append(f'{identity} stops')

        lock = getattr(locks, kind)('leader', 'default', identity, api)
        config = electing.electionconfig.Config(
            lock, lease_duration=17, renew_deadline=15, retry_period=5, onstarted_leading=lead, onstopped_leading=stop
        )
        return electing.leaderelection.LeaderElection(config)

    one, two = candidate('one'), candidate('two')
    assert await one.try_acquire_or_renew()
    assert not await two.try_acquire_or_renew()

    updates = cluster[f'update {resource}']
    updates[3:6] << 503  # after a while, for as long as the leader tries it
    await one.run()
    assert (events, len(updates)) == (['one leads', 'one stops'], 6)

    assert not await two.try_acquire_or_renew()
    clock.now += 18
    assert await two.try_acquire_or_renew()
    assert not await one.try_acquire_or_renew()
