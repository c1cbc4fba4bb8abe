"""The official client, by its typed methods: a deployment and all that people do with it, and the errors of the API."""

import base64
import json
from collections.abc import Generator
from pathlib import Path
from typing import Any

import kubernetes as official
import pytest
from kubernetes import stream as streaming
from kubernetes import utils as helpers

import kmock
from clients.shop import DEFINITION, MANIFESTS, PATCHES, configmap, deployment, manifests, pod, tea, yaml
from clients.versions import of_later_versions

library: Any = official
client: Any = library.client
utils: Any = helpers
stream: Any = streaming


@pytest.fixture
def api(kubeconfig: str) -> Generator[Any, None, None]:
    with library.config.new_client_from_config(kubeconfig) as api:
        yield api


@pytest.fixture
def core(api: Any) -> Any:
    return client.CoreV1Api(api)


@pytest.fixture
def apps(api: Any) -> Any:
    return client.AppsV1Api(api)


@pytest.mark.parametrize('cluster', [None, True], indirect=True, ids=['http', 'https'])
def test_a_folder_of_manifests_is_created_and_found(
    cluster: kmock.KubernetesCluster, api: Any, core: Any, apps: Any, tmp_path: Path
) -> None:
    (tmp_path / 'deploy').mkdir()
    (tmp_path / 'deploy' / 'shop.yaml').write_text(MANIFESTS)

    (created,) = utils.create_from_directory(api, str(tmp_path / 'deploy'))

    assert [type(item).__name__ for (item,) in created] == [
        'V1Namespace',
        'V1ServiceAccount',
        'V1ConfigMap',
        'V1Secret',
        'V1Service',
        'V1Deployment',
    ]
    found = apps.read_namespaced_deployment('web', 'shop')
    assert (found.spec.replicas, found.spec.strategy.type, found.metadata.generation) == (2, 'RollingUpdate', 1)
    assert core.read_namespaced_service('web', 'shop').spec.cluster_ip.count('.') == 3
    assert base64.b64decode(core.read_namespaced_secret('keys', 'shop').data['token']) == b'tea'
    assert [item.metadata.name for item in core.list_config_map_for_all_namespaces(label_selector='app=web').items] == [
        'settings'
    ]


def test_what_is_there_already_is_told_by_each_manifest(cluster: kmock.KubernetesCluster, api: Any) -> None:
    utils.create_from_yaml(api, yaml_objects=manifests())

    with pytest.raises(utils.FailToCreateError) as caught:
        utils.create_from_yaml(api, yaml_objects=manifests())

    assert [json.loads(error.body)['reason'] for error in caught.value.api_exceptions] == ['AlreadyExists'] * 6


def test_manifests_are_applied_again_and_again(cluster: kmock.KubernetesCluster, api: Any) -> None:
    for _ in range(2):
        with of_later_versions():
            utils.create_from_yaml(api, yaml_objects=[*manifests(), DEFINITION], namespace='shop', apply=True)
    versions = [found['metadata']['resourceVersion'] for found in cluster.objects.values()]
    utils.create_from_yaml(api, yaml_objects=[*manifests(), DEFINITION], namespace='shop', apply=True)
    assert [found['metadata']['resourceVersion'] for found in cluster.objects.values()] == versions


def test_a_list_of_the_api_is_created_item_by_item(cluster: kmock.KubernetesCluster, api: Any) -> None:
    created = utils.create_from_dict(
        api, {'apiVersion': 'v1', 'kind': 'List', 'items': [configmap('a'), deployment('b')]}
    )
    assert [item.kind for item in created] == ['ConfigMap', 'Deployment']


def test_a_deployment_is_rolled_out(cluster: kmock.KubernetesCluster, apps: Any) -> None:
    apps.create_namespaced_deployment('default', deployment('web'))

    apps.patch_namespaced_deployment(
        'web', 'default', {'spec': {'template': {'spec': {'containers': [{'name': 'main', 'image': 'web:2'}]}}}}
    )
    scale = apps.read_namespaced_deployment_scale('web', 'default')
    assert (scale.spec.replicas, scale.status.selector) == (2, 'app=web')
    scale.spec.replicas = 5
    apps.replace_namespaced_deployment_scale('web', 'default', scale)
    apps.patch_namespaced_deployment_scale('web', 'default', {'spec': {'replicas': 4}})
    found = apps.read_namespaced_deployment('web', 'default')
    assert (found.metadata.generation, found.spec.replicas) == (4, 4)
    assert [item.image for item in found.spec.template.spec.containers] == ['web:2']

    found.status = client.V1DeploymentStatus(observed_generation=4, replicas=4, ready_replicas=4)
    found.spec.replicas = 9  # not of the status
    rolled = apps.replace_namespaced_deployment_status('web', 'default', found)
    assert (rolled.metadata.generation, rolled.spec.replicas, rolled.status.ready_replicas) == (4, 4, 4)


@pytest.mark.parametrize(('content_type', 'body'), PATCHES)
def test_an_object_is_patched_in_each_way(
    cluster: kmock.KubernetesCluster, core: Any, content_type: str | None, body: Any
) -> None:
    core.create_namespaced_config_map('default', configmap('a'))
    options = {} if content_type is None else {'_content_type': content_type}
    with of_later_versions():
        found = core.patch_namespaced_config_map('a', 'default', body, **options)
    assert found.data == {'a': '1', 'b': '2'}
    assert [item.manager for item in found.metadata.managed_fields] == ['OpenAPI-Generator']


def test_who_applies_what_another_one_owns_has_to_force_it(cluster: kmock.KubernetesCluster, core: Any) -> None:
    def apply(manager: str, value: str, **options: Any) -> Any:
        content = {**configmap('a'), 'data': {'a': value}}
        return core.patch_namespaced_config_map(
            'a', 'default', content, field_manager=manager, _content_type='application/apply-patch+yaml', **options
        )

    with of_later_versions():
        apply('one', '1')
    with pytest.raises(client.ApiException) as caught:
        apply('two', '2')
    assert caught.value.status == 409
    assert json.loads(caught.value.body)['details']['causes'] == [
        {'reason': 'FieldManagerConflict', 'message': 'conflict with "one"', 'field': '.data.a'}
    ]

    assert apply('two', '2', force=True).data == {'a': '2'}
    owners = {item.manager: item.fields_v1 for item in apply('one', '2').metadata.managed_fields}
    assert [{*owner['f:data']} for owner in owners.values()] == [{'f:a'}] * 2


def test_long_lists_come_in_pages(cluster: kmock.KubernetesCluster, core: Any) -> None:
    names = [f'c{number}' for number in range(5)]
    for name in names:
        core.create_namespaced_config_map('default', configmap(name, app='web'))

    seen: list[str] = []
    left: list[int | None] = []
    token = None
    while token != '':
        options: dict[str, Any] = {'_continue': token} if token else {}
        page = core.list_namespaced_config_map('default', limit=2, **options)
        seen += [item.metadata.name for item in page.items]
        left.append(page.metadata.remaining_item_count)
        token = page.metadata._continue or ''
    assert (seen, left) == (names, [3, 1, None])

    page = core.list_namespaced_config_map('default', limit=2, label_selector='app in (web)')
    assert (page.metadata.remaining_item_count, bool(page.metadata._continue)) == (None, True)


def test_a_list_that_goes_on_too_late_is_refused(cluster: kmock.KubernetesCluster, core: Any) -> None:
    for name in 'abc':
        core.create_namespaced_config_map('default', configmap(name))
    token = core.list_namespaced_config_map('default', limit=1).metadata._continue
    core.delete_namespaced_config_map('c', 'default')
    cluster.compact()

    with pytest.raises(client.ApiException) as caught:
        core.list_namespaced_config_map('default', limit=1, _continue=token)
    assert (caught.value.status, json.loads(caught.value.body)['reason']) == (410, 'Expired')
    rest = core.list_namespaced_config_map(
        'default', limit=1, _continue=json.loads(caught.value.body)['metadata']['continue']
    )
    assert [item.metadata.name for item in rest.items] == ['b']


def test_collections_are_deleted_by_selectors(cluster: kmock.KubernetesCluster, core: Any) -> None:
    for name, app in {'a': 'x', 'b': 'y', 'c': 'x'}.items():
        core.create_namespaced_config_map('default', configmap(name, app=app))
    core.delete_collection_namespaced_config_map('default', label_selector='app=x')
    assert [item.metadata.name for item in core.list_namespaced_config_map('default').items] == ['b']
    core.delete_collection_namespaced_config_map('default', field_selector='metadata.name=b')
    assert not cluster.objects['v1/configmaps']


@pytest.mark.parametrize('policy', ['Background', 'Foreground', 'Orphan'])
def test_what_is_owned_goes_or_stays(cluster: kmock.KubernetesCluster, core: Any, apps: Any, policy: str) -> None:
    owner = apps.create_namespaced_deployment('default', deployment('web'))
    reference = {'apiVersion': 'apps/v1', 'kind': 'Deployment', 'name': 'web', 'uid': owner.metadata.uid}
    owned = configmap('a')
    owned['metadata']['ownerReferences'] = [{**reference, 'blockOwnerDeletion': True}]
    core.create_namespaced_config_map('default', owned)

    apps.delete_namespaced_deployment('web', 'default', propagation_policy=policy)

    assert cluster.objects['apps/v1/deployments', 'default', 'web'].deleted
    left = core.list_namespaced_config_map('default').items
    assert [(item.metadata.name, item.metadata.owner_references) for item in left] == (
        [('a', None)] if policy == 'Orphan' else []
    )


def test_an_object_with_a_finalizer_waits_for_it(cluster: kmock.KubernetesCluster, core: Any) -> None:
    held = configmap('a')
    held['metadata']['finalizers'] = ['shop.dev/hold']
    core.create_namespaced_config_map('default', held)

    core.delete_namespaced_config_map('a', 'default')
    found = core.read_namespaced_config_map('a', 'default')
    assert (found.metadata.deletion_timestamp is not None, found.metadata.deletion_grace_period_seconds) == (True, 0)
    found.metadata.finalizers = []
    core.replace_namespaced_config_map('a', 'default', found)

    with pytest.raises(client.ApiException) as caught:
        core.read_namespaced_config_map('a', 'default')
    assert caught.value.status == 404


def test_a_namespace_goes_with_all_that_is_in_it(cluster: kmock.KubernetesCluster, core: Any) -> None:
    core.create_namespace(client.V1Namespace(metadata=client.V1ObjectMeta(name='shop')))
    held = configmap('a')
    held['metadata'] |= {'namespace': 'shop', 'finalizers': ['shop.dev/hold']}
    core.create_namespaced_config_map('shop', held)

    core.delete_namespace('shop')
    assert core.read_namespace_status('shop').status.phase == 'Terminating'
    with pytest.raises(client.ApiException) as caught:
        core.create_namespaced_config_map('shop', {'metadata': {'name': 'b'}})
    assert caught.value.status == 403
    assert json.loads(caught.value.body)['details']['causes'][0]['reason'] == 'NamespaceTerminating'

    core.patch_namespaced_config_map('a', 'shop', {'metadata': {'finalizers': None}})
    assert [item.metadata.name for item in core.list_namespace(field_selector='metadata.name=shop').items] == []


def test_custom_objects_are_served_as_soon_as_they_are_defined(cluster: kmock.KubernetesCluster, api: Any) -> None:
    teas, place = client.CustomObjectsApi(api), ('shop.dev', 'v1', 'default', 'teas')
    with pytest.raises(client.ApiException) as caught:
        teas.list_namespaced_custom_object(*place)
    assert (caught.value.status, caught.value.body) == (404, '404 page not found\n')

    defined = client.ApiextensionsV1Api(api).create_custom_resource_definition(DEFINITION)
    assert defined.status.stored_versions == ['v1']
    teas.create_namespaced_custom_object(*place, tea('earl'))
    teas.patch_namespaced_custom_object(*place, 'earl', {'spec': {'cups': 3}})
    teas.patch_namespaced_custom_object_status(*place, 'earl', {'status': {'phase': 'Brewed'}, 'spec': {'cups': 9}})
    teas.patch_namespaced_custom_object_scale(*place, 'earl', {'spec': {'replicas': 4}})
    assert teas.get_namespaced_custom_object_scale(*place, 'earl')['spec'] == {'replicas': 4}
    found = teas.get_namespaced_custom_object(*place, 'earl')
    assert (found['spec'], found['status']) == ({'sort': 'green', 'cups': 4}, {'phase': 'Brewed'})
    assert found['metadata']['generation'] == 3

    with pytest.raises(client.ApiException) as caught:
        teas.create_namespaced_custom_object(*place, tea('coffee', sort='coffee'))
    told = json.loads(caught.value.body)
    assert (caught.value.status, told['details']['causes'][0]['reason']) == (422, 'FieldValueNotSupported')


def test_pods_are_bound_run_and_evicted(cluster: kmock.KubernetesCluster, core: Any) -> None:
    core.create_node({'metadata': {'name': 'node1'}})
    core.create_namespaced_pod('default', pod('web', app='web'))
    binding = client.V1Binding(
        metadata=client.V1ObjectMeta(name='web'), target=client.V1ObjectReference(kind='Node', name='node1')
    )
    core.create_namespaced_pod_binding('web', 'default', binding, _preload_content=False)
    core.patch_namespaced_pod_status('web', 'default', {'status': {'phase': 'Running', 'podIP': '10.0.0.1'}})
    (found,) = core.list_pod_for_all_namespaces(field_selector='spec.nodeName=node1,status.phase=Running').items
    assert (found.metadata.name, found.status.pod_ip) == ('web', '10.0.0.1')

    cluster.pod_logs['default', 'web'] = 'starting\nready\n'
    assert core.read_namespaced_pod_log('web', 'default') == 'starting\nready\n'
    assert core.read_namespaced_pod_log('web', 'default', tail_lines=1) == 'ready\n'

    eviction = client.V1Eviction(
        metadata=client.V1ObjectMeta(name='web'), delete_options=client.V1DeleteOptions(grace_period_seconds=0)
    )
    core.create_namespaced_pod_eviction('web', 'default', eviction)
    assert cluster.objects['v1/pods', 'default', 'web'].deleted


def test_a_budget_keeps_pods_from_being_evicted(cluster: kmock.KubernetesCluster, api: Any, core: Any) -> None:
    core.create_namespaced_pod('default', pod('web', app='web'))
    core.patch_namespaced_pod_status('web', 'default', {'status': {'phase': 'Running'}})
    client.PolicyV1Api(api).create_namespaced_pod_disruption_budget(
        'default',
        {'metadata': {'name': 'web'}, 'spec': {'minAvailable': 1, 'selector': {'matchLabels': {'app': 'web'}}}},
    )
    with pytest.raises(client.ApiException) as caught:
        core.create_namespaced_pod_eviction('web', 'default', {'metadata': {'name': 'web'}})
    assert caught.value.status == 429


def test_commands_in_a_pod_are_refused_and_not_waited_for(cluster: kmock.KubernetesCluster, core: Any) -> None:
    core.create_namespaced_pod('default', pod('web'))
    for connect in (core.connect_get_namespaced_pod_exec, core.connect_get_namespaced_pod_attach):
        options = {'command': ['ls']} if connect == core.connect_get_namespaced_pod_exec else {}
        with pytest.raises(client.ApiException) as caught:
            stream.stream(connect, 'web', 'default', stdout=True, **options)
        assert 'Handshake status' in str(caught.value)
    with pytest.raises(client.ApiException):
        stream.portforward(core.connect_get_namespaced_pod_portforward, 'web', 'default', ports='80')


def test_service_accounts_get_tokens(cluster: kmock.KubernetesCluster, api: Any, core: Any) -> None:
    core.create_namespaced_service_account('default', {'metadata': {'name': 'web'}})
    request = client.AuthenticationV1TokenRequest(
        spec=client.V1TokenRequestSpec(audiences=['shop'], expiration_seconds=600)
    )
    token = core.create_namespaced_service_account_token('web', 'default', request)
    claims = token.status.token.split('.')[1]
    told = json.loads(base64.urlsafe_b64decode(claims + '=' * (-len(claims) % 4)))
    assert (told['sub'], told['aud']) == ('system:serviceaccount:default:web', ['shop'])


def test_events_and_leases_keep_their_microseconds(cluster: kmock.KubernetesCluster, api: Any, core: Any) -> None:
    from datetime import UTC, datetime

    now = datetime(2030, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)
    lease = client.V1Lease(
        metadata=client.V1ObjectMeta(name='leader'), spec=client.V1LeaseSpec(holder_identity='me', renew_time=now)
    )
    made = client.CoordinationV1Api(api).create_namespaced_lease('default', lease)
    assert made.spec.renew_time == now

    about = client.V1ObjectReference(kind='Pod', name='web', namespace='default')
    event = client.CoreV1Event(
        metadata=client.V1ObjectMeta(generate_name='web-'), involved_object=about, event_time=now, reason='Tested',
        action='Test', reporting_component='shop', reporting_instance='shop-1', type='Normal',
    )  # fmt: skip
    core.create_namespaced_event('default', event)
    (seen,) = client.EventsV1Api(api).list_namespaced_event('default').items
    assert (seen.event_time, seen.regarding.name, seen.reason) == (now, 'web', 'Tested')
    assert [item.reason for item in core.list_namespaced_event('default', field_selector='reason=Tested').items]


@pytest.mark.parametrize(
    ('status', 'reason', 'group'),
    [(404, 'NotFound', 'read'), (409, 'AlreadyExists', 'again'), (409, 'Conflict', 'late'), (422, 'Invalid', 'name')],
)  # fmt: skip
def test_errors_are_those_of_the_api(
    cluster: kmock.KubernetesCluster, core: Any, status: int, reason: str, group: str
) -> None:
    first = core.create_namespaced_config_map('default', configmap('a'))
    core.patch_namespaced_config_map('a', 'default', {'data': {'a': '2'}})
    actions = {
        'read': lambda: core.read_namespaced_config_map('b', 'default'),
        'again': lambda: core.create_namespaced_config_map('default', configmap('a')),
        'late': lambda: core.replace_namespaced_config_map('a', 'default', first),
        'name': lambda: core.create_namespaced_config_map('default', configmap('A_B')),
    }
    with pytest.raises(client.ApiException) as caught:
        actions[group]()
    told = json.loads(caught.value.body)
    assert (caught.value.status, told['kind'], told['code'], told['reason']) == (status, 'Status', status, reason)


def test_all_that_can_be_asked_of_the_server_itself(cluster: kmock.KubernetesCluster, api: Any) -> None:
    assert client.VersionApi(api).get_code().git_version == cluster.version['gitVersion']
    assert client.CoreApi(api).get_api_versions().versions == ['v1']
    groups = {group.name: group.preferred_version.version for group in client.ApisApi(api).get_api_versions().groups}
    assert (groups['apps'], groups['autoscaling']) == ('v1', 'v2')
    kinds = {item.name: item for item in client.AppsV1Api(api).get_api_resources().resources}
    assert {'deployments', 'deployments/scale', 'deployments/status'} <= {*kinds}
    assert kinds['deployments'].short_names == ['deploy']


def test_many_groups_are_typed(cluster: kmock.KubernetesCluster, api: Any) -> None:
    template = deployment('x')['spec']['template']
    job = {**template, 'spec': {**template['spec'], 'restartPolicy': 'Never'}}
    batch, networking, rbac = client.BatchV1Api(api), client.NetworkingV1Api(api), client.RbacAuthorizationV1Api(api)

    made = batch.create_namespaced_job('default', {'metadata': {'name': 'j'}, 'spec': {'template': job}})
    assert made.spec.backoff_limit == 6
    spec = {'schedule': '* * * * *', 'jobTemplate': {'spec': {'template': job}}}
    assert not batch.create_namespaced_cron_job('default', {'metadata': {'name': 'c'}, 'spec': spec}).spec.suspend
    rules = [{'http': {'paths': [{'path': '/', 'pathType': 'Prefix', 'backend': {'service': {
        'name': 'web', 'port': {'number': 80}}}}]}}]  # fmt: skip
    ingress = networking.create_namespaced_ingress('default', {'metadata': {'name': 'i'}, 'spec': {'rules': rules}})
    assert ingress.spec.rules[0].http.paths[0].backend.service.port.number == 80
    rbac.create_cluster_role({'metadata': {'name': 'r'}, 'rules': [
        {'apiGroups': [''], 'resources': ['pods'], 'verbs': ['get']}]})  # fmt: skip
    assert rbac.read_cluster_role('r').rules[0].resources == ['pods']
    target = {'apiVersion': 'apps/v1', 'kind': 'Deployment', 'name': 'web'}
    scaler = client.AutoscalingV2Api(api).create_namespaced_horizontal_pod_autoscaler(
        'default', {'metadata': {'name': 'h'}, 'spec': {'scaleTargetRef': target, 'maxReplicas': 3}}
    )
    assert (scaler.spec.min_replicas, scaler.spec.max_replicas) == (1, 3)
    older = client.AutoscalingV1Api(api).read_namespaced_horizontal_pod_autoscaler('h', 'default')
    assert older.spec.target_cpu_utilization_percentage == 80
    storage = client.StorageV1Api(api).create_storage_class({'metadata': {'name': 's'}, 'provisioner': 'none'})
    assert (storage.reclaim_policy, storage.volume_binding_mode) == ('Delete', 'Immediate')
    claim = {'metadata': {'name': 'd'}, 'spec': {
        'accessModes': ['ReadWriteOnce'], 'resources': {'requests': {'storage': '1Gi'}}}}  # fmt: skip
    made = client.CoreV1Api(api).create_namespaced_persistent_volume_claim('default', claim)
    assert (made.status.phase, made.spec.volume_mode) == ('Pending', 'Filesystem')
    sets = client.AppsV1Api(api).create_namespaced_stateful_set(
        'default', {**deployment('t'), 'kind': 'StatefulSet', 'spec': {**deployment('t')['spec'], 'serviceName': 't'}}
    )
    assert sets.spec.pod_management_policy == 'OrderedReady'


def test_reviews_tell_who_and_what(cluster: kmock.KubernetesCluster, api: Any) -> None:
    who = client.AuthenticationV1Api(api).create_self_subject_review({})
    assert who.status.user_info.username
    attributes = {'verb': 'get', 'resource': 'pods', 'namespace': 'default'}
    may = client.AuthorizationV1Api(api).create_self_subject_access_review({'spec': {'resourceAttributes': attributes}})
    assert may.status.allowed


def test_dry_runs_leave_nothing(cluster: kmock.KubernetesCluster, core: Any) -> None:
    assert core.create_namespaced_config_map('default', configmap('a'), dry_run='All').metadata.uid
    assert not cluster.objects['v1/configmaps']


def test_files_and_dictionaries_are_the_same_to_it(cluster: kmock.KubernetesCluster, api: Any, tmp_path: Path) -> None:
    (tmp_path / 'one.yaml').write_text(yaml.safe_dump_all(manifests()))
    utils.create_from_yaml(api, str(tmp_path / 'one.yaml'))
    assert cluster.objects['apps/v1/deployments', 'shop', 'web'] >= {'spec': {'replicas': 2}}
