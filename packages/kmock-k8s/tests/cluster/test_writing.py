"""POST and PUT in a cluster: what the server sets, keeps, counts and refuses."""

import re
from datetime import UTC, datetime
from typing import Any

import pytest

import kmock
from kmock_k8s.cluster.naming import MAX_ANNOTATIONS
from kmock_k8s.cluster.statuses import MODIFIED

CONFIGMAPS = '/api/v1/namespaces/default/configmaps'
DEPLOYMENTS = '/apis/apps/v1/namespaces/default/deployments'
MERGE = {'Content-Type': 'application/merge-patch+json'}


def configmap(name: str = 'a', **more: Any) -> dict[str, Any]:
    return {'metadata': {'name': name}, 'data': {'k': 'v'}, **more}


def deployment(name: str = 'd') -> dict[str, Any]:
    template = {'metadata': {'labels': {'app': 'x'}}, 'spec': {'containers': [{'name': 'c', 'image': 'i'}]}}
    return {'metadata': {'name': name}, 'spec': {'selector': {'matchLabels': {'app': 'x'}}, 'template': template}}


async def make(cluster: kmock.KubernetesCluster, url: str = CONFIGMAPS, body: Any = None) -> Any:
    response = await cluster.post(url, json=configmap() if body is None else body)
    assert response.status == 201, await response.text()
    return await response.json()


async def fetch(cluster: kmock.KubernetesCluster, url: str) -> Any:
    response = await cluster.get(url)
    assert response.status == 200
    return await response.json()


async def replace(cluster: kmock.KubernetesCluster, url: str, body: Any) -> tuple[int, Any]:
    response = await cluster.put(url, json=body)
    return response.status, await response.json()


# ---- What is there. ----


@pytest.mark.parametrize('name', ['default', 'kube-system', 'kube-public', 'kube-node-lease'])
async def test_the_namespaces_of_a_real_cluster_are_there(cluster: kmock.KubernetesCluster, name: str) -> None:
    found = await fetch(cluster, f'/api/v1/namespaces/{name}')
    assert (found['status'], found['spec']) == ({'phase': 'Active'}, {'finalizers': ['kubernetes']})


# ---- Creation. ----


async def test_a_created_object_has_what_the_server_sets(cluster: kmock.KubernetesCluster) -> None:
    made = await make(cluster)
    assert list(made) == ['kind', 'apiVersion', 'metadata', 'data']
    assert (made['kind'], made['apiVersion'], made['metadata']['namespace']) == ('ConfigMap', 'v1', 'default')
    assert {'uid', 'creationTimestamp', 'resourceVersion', 'managedFields'} <= made['metadata'].keys()


async def test_metadata_are_in_the_order_of_a_real_server(cluster: kmock.KubernetesCluster) -> None:
    made = await make(cluster, body={'metadata': {'labels': {'a': 'b'}, 'name': 'a'}, 'data': {'k': 'v'}})
    assert list(made['metadata']) == [
        'name',
        'namespace',
        'uid',
        'resourceVersion',
        'creationTimestamp',
        'labels',
        'managedFields',
    ]


async def test_maps_are_in_the_order_of_their_keys(cluster: kmock.KubernetesCluster) -> None:
    made = await make(
        cluster, body={'metadata': {'name': 'a', 'labels': {'b': '', 'a': ''}}, 'data': {'z': '', 'y': ''}}
    )
    assert (list(made['metadata']['labels']), list(made['data'])) == (['a', 'b'], ['y', 'z'])


async def test_time_comes_from_the_clock_of_the_cluster() -> None:
    async with kmock.KubernetesCluster(clock=lambda: datetime(2020, 1, 2, 3, 4, 5, tzinfo=UTC)) as cluster:
        assert (await make(cluster))['metadata']['creationTimestamp'] == '2020-01-02T03:04:05Z'


async def test_what_is_created_is_what_is_read(cluster: kmock.KubernetesCluster) -> None:
    made = await make(cluster)
    assert await fetch(cluster, f'{CONFIGMAPS}/a') == made


@pytest.mark.parametrize('field', ['uid', 'creationTimestamp', 'deletionTimestamp', 'selfLink'])
async def test_a_client_does_not_choose_what_the_server_sets(cluster: kmock.KubernetesCluster, field: str) -> None:
    given = '2020-01-01T00:00:00Z'
    made = await make(cluster, body={'metadata': {'name': 'a', field: given}})
    assert made['metadata'].get(field) != given


async def test_a_new_object_can_have_no_resource_version(cluster: kmock.KubernetesCluster) -> None:
    response = await cluster.post(CONFIGMAPS, json={'metadata': {'name': 'a', 'resourceVersion': '5'}})
    message = (await response.json())['message']
    assert (response.status, message) == (500, 'resourceVersion should not be set on objects to be created')


async def test_an_object_is_created_only_once(cluster: kmock.KubernetesCluster) -> None:
    await make(cluster)
    response = await cluster.post(CONFIGMAPS, json=configmap())
    assert await response.json() == {
        'kind': 'Status',
        'apiVersion': 'v1',
        'metadata': {},
        'status': 'Failure',
        'message': 'configmaps "a" already exists',
        'reason': 'AlreadyExists',
        'details': {'name': 'a', 'kind': 'configmaps'},
        'code': 409,
    }


async def test_a_generated_name_begins_as_is_wanted(cluster: kmock.KubernetesCluster) -> None:
    made = await make(cluster, body={'metadata': {'generateName': 'web-'}})
    assert made['metadata']['name'].startswith('web-')
    assert len(made['metadata']['name']) == len('web-12345')


async def test_the_namespace_in_an_object_has_to_be_that_of_the_url(cluster: kmock.KubernetesCluster) -> None:
    response = await cluster.post(CONFIGMAPS, json={'metadata': {'name': 'a', 'namespace': 'other'}})
    assert (response.status, (await response.json())['message']) == (
        400,
        'the namespace of the provided object does not match the namespace sent on the request',
    )


@pytest.mark.parametrize(
    ('metadata', 'fields'),
    list[tuple[dict[str, Any], list[str]]](
        [
            ({}, ['metadata.name']),
            ({'name': 'A_b'}, ['metadata.name']),
            ({'name': 'a', 'labels': {'a b': 'x'}}, ['metadata.labels']),
            ({'name': 'a', 'labels': {'a': 'x y'}}, ['metadata.labels']),
            ({'name': 'a', 'annotations': {'/a': 'x'}}, ['metadata.annotations']),
            ({'name': 'a', 'annotations': {'a': 'x' * MAX_ANNOTATIONS}}, ['metadata.annotations']),
            ({'name': 'a', 'finalizers': ['NoSlash']}, ['metadata.finalizers[0]']),
            (
                {'name': 'a', 'finalizers': [None]},
                ['metadata.finalizers', 'metadata.finalizers', 'metadata.finalizers[0]'],
            ),
            (
                {'name': 'a', 'ownerReferences': [{}]},
                [f'metadata.ownerReferences.{field}' for field in ('apiVersion', 'kind', 'name', 'uid')],
            ),
        ]
    ),
)
async def test_bad_metadata_is_refused_field_by_field(
    cluster: kmock.KubernetesCluster, metadata: dict[str, Any], fields: list[str]
) -> None:
    response = await cluster.post(CONFIGMAPS, json={'metadata': metadata})
    status = await response.json()
    assert (response.status, status['reason']) == (422, 'Invalid')
    assert [cause['field'] for cause in status['details']['causes']] == fields


async def test_two_owners_can_not_both_control(cluster: kmock.KubernetesCluster) -> None:
    owner = {'apiVersion': 'v1', 'kind': 'Pod', 'uid': '1', 'controller': True}
    owners = [{**owner, 'name': 'p'}, {**owner, 'name': 'q'}]
    response = await cluster.post(CONFIGMAPS, json={'metadata': {'name': 'a', 'ownerReferences': owners}})
    assert response.status == 422
    assert 'Only one reference can have Controller set to true' in (await response.json())['message']


# ---- Namespaces. ----


async def test_an_object_needs_its_namespace(cluster: kmock.KubernetesCluster) -> None:
    response = await cluster.post('/api/v1/namespaces/nosuch/configmaps', json=configmap())
    assert (response.status, (await response.json())['message']) == (404, 'namespaces "nosuch" not found')


async def test_a_list_in_a_missing_namespace_is_empty(cluster: kmock.KubernetesCluster) -> None:
    assert (await fetch(cluster, '/api/v1/namespaces/nosuch/configmaps'))['items'] == []


@pytest.mark.parametrize('mode', ['lax', None, True, ['auto']], ids=str)
def test_a_mode_of_namespaces_that_is_not_known_is_an_error_that_tells_the_known_ones(mode: Any) -> None:
    with pytest.raises(ValueError, match=f"^namespaces is 'strict' or 'auto', not {re.escape(repr(mode))}$"):
        kmock.KubernetesCluster(namespaces=mode)


async def test_a_node_is_created_with_its_status(cluster: kmock.KubernetesCluster) -> None:
    ready = {'type': 'Ready', 'status': 'True'}
    node = {'metadata': {'name': 'n1'}, 'status': {'capacity': {'cpu': '4'}, 'conditions': [ready]}}
    made = await make(cluster, '/api/v1/nodes', node)
    assert (made['status']['capacity'], made['status']['conditions'][0]['status']) == ({'cpu': '4'}, 'True')

    made['status'] = {}
    response = await cluster.put('/api/v1/nodes/n1', json=made)
    assert (await response.json())['status']['capacity'] == {'cpu': '4'}


async def test_namespaces_may_come_to_be_by_themselves() -> None:
    async with kmock.KubernetesCluster(namespaces='auto') as cluster:
        await make(cluster, '/api/v1/namespaces/ns1/configmaps')
        assert (await fetch(cluster, '/api/v1/namespaces/ns1'))['status'] == {'phase': 'Active'}


async def test_nothing_is_created_in_a_namespace_that_goes(cluster: kmock.KubernetesCluster) -> None:
    await make(cluster, '/api/v1/namespaces', {'metadata': {'name': 'ns1', 'finalizers': ['a.b/c']}})
    await cluster.delete('/api/v1/namespaces/ns1')
    response = await cluster.post('/api/v1/namespaces/ns1/configmaps', json=configmap())
    status = await response.json()
    assert (response.status, status['reason']) == (403, 'Forbidden')
    assert [cause['reason'] for cause in status['details']['causes']] == ['NamespaceTerminating']


# ---- Updates. ----


async def test_an_update_rises_the_one_revision_of_all_kinds(cluster: kmock.KubernetesCluster) -> None:
    first = await make(cluster)
    second = await make(cluster, '/api/v1/namespaces', {'metadata': {'name': 'ns1'}})
    status, third = await replace(cluster, f'{CONFIGMAPS}/a', configmap(data={'k': 'w'}))
    revisions = [int(one['metadata']['resourceVersion']) for one in (first, second, third)]
    assert (status, revisions) == (200, [revisions[0], revisions[0] + 1, revisions[0] + 2])


async def test_an_update_keeps_what_the_server_has_set(cluster: kmock.KubernetesCluster) -> None:
    made = await make(cluster)
    _, changed = await replace(cluster, f'{CONFIGMAPS}/a', configmap(data={'k': 'w'}))
    for field in ('uid', 'creationTimestamp', 'namespace'):
        assert changed['metadata'][field] == made['metadata'][field]


async def test_an_update_of_the_latest_state_is_accepted(cluster: kmock.KubernetesCluster) -> None:
    made = await make(cluster)
    status, _ = await replace(cluster, f'{CONFIGMAPS}/a', {**made, 'data': {'k': 'w'}})
    assert status == 200


async def test_an_update_of_an_old_state_is_a_conflict(cluster: kmock.KubernetesCluster) -> None:
    made = await make(cluster)
    await replace(cluster, f'{CONFIGMAPS}/a', configmap(data={'k': 'w'}))
    status, error = await replace(cluster, f'{CONFIGMAPS}/a', {**made, 'data': {'k': 'x'}})
    assert (status, error['reason'], error['message']) == (
        409,
        'Conflict',
        'Operation cannot be fulfilled on configmaps "a": ' + MODIFIED,
    )
    assert (await fetch(cluster, f'{CONFIGMAPS}/a'))['data'] == {'k': 'w'}


async def test_an_update_for_another_uid_is_a_conflict(cluster: kmock.KubernetesCluster) -> None:
    await make(cluster)
    status, error = await replace(cluster, f'{CONFIGMAPS}/a', {'metadata': {'name': 'a', 'uid': 'x'}})
    assert (status, 'UID in precondition: x' in error['message']) == (409, True)


async def test_an_update_that_changes_nothing_keeps_the_revision(cluster: kmock.KubernetesCluster) -> None:
    made = await make(cluster)
    status, same = await replace(cluster, f'{CONFIGMAPS}/a', configmap())
    assert (status, same) == (200, made)
    assert len(cluster.objects['v1/configmaps', 'default', 'a'].history) == 1


@pytest.mark.parametrize(
    ('metadata', 'message'),
    [
        ({}, 'the name of the object (a based on URL) was undeterminable: name must be provided'),
        ({'name': 'b'}, 'the name of the object (b) does not match the name on the URL (a)'),
    ],
)
async def test_an_update_names_the_object_of_its_url(
    cluster: kmock.KubernetesCluster, metadata: dict[str, Any], message: str
) -> None:
    await make(cluster)
    status, error = await replace(cluster, f'{CONFIGMAPS}/a', {'metadata': metadata})
    assert (status, error['message']) == (400, message)


async def test_an_update_of_nothing_is_not_found(cluster: kmock.KubernetesCluster) -> None:
    status, error = await replace(cluster, f'{CONFIGMAPS}/a', configmap())
    assert (status, error['details']) == (404, {'name': 'a', 'kind': 'configmaps'})


async def test_a_pod_can_be_replaced_by_the_manifest_that_it_was_made_of(cluster: kmock.KubernetesCluster) -> None:
    url = '/api/v1/namespaces/default/pods'
    body = {'metadata': {'name': 'p'}, 'spec': {'containers': [{'name': 'c', 'image': 'i'}]}}
    made = await make(cluster, url, body)
    status, found = await replace(cluster, f'{url}/p', {**body, 'metadata': {'name': 'p', 'labels': {'x': 'y'}}})
    assert (status, found['spec']) == (200, made['spec'])


# ---- Generations, statuses. ----


async def test_a_change_of_the_spec_is_a_new_generation(cluster: kmock.KubernetesCluster) -> None:
    made = await make(cluster, DEPLOYMENTS, deployment())
    made['spec']['replicas'] = 3
    _, changed = await replace(cluster, f'{DEPLOYMENTS}/d', made)
    assert (made['metadata']['generation'], changed['metadata']['generation']) == (1, 2)


async def test_a_change_of_labels_is_no_new_generation(cluster: kmock.KubernetesCluster) -> None:
    made = await make(cluster, DEPLOYMENTS, deployment())
    made['metadata']['labels'] = {'a': 'b'}
    _, changed = await replace(cluster, f'{DEPLOYMENTS}/d', made)
    assert (changed['metadata']['labels'], changed['metadata']['generation']) == ({'a': 'b'}, 1)


async def test_a_configmap_has_no_generation(cluster: kmock.KubernetesCluster) -> None:
    assert 'generation' not in (await make(cluster))['metadata']


async def test_a_status_is_dropped_where_the_object_is_written(cluster: kmock.KubernetesCluster) -> None:
    made = await make(cluster, DEPLOYMENTS, {**deployment(), 'status': {'replicas': 3}})
    assert 'replicas' not in made.get('status', {})
    _, changed = await replace(cluster, f'{DEPLOYMENTS}/d', {**made, 'status': {'replicas': 3}})
    assert 'replicas' not in changed.get('status', {})


async def test_nothing_but_the_status_is_written_at_its_url(cluster: kmock.KubernetesCluster) -> None:
    made = await make(cluster, DEPLOYMENTS, deployment())
    body = {**made, 'spec': {**made['spec'], 'replicas': 7}, 'status': {'replicas': 3}}
    _, changed = await replace(cluster, f'{DEPLOYMENTS}/d/status', body)
    assert (changed['spec']['replicas'], changed['status']['replicas']) == (1, 3)
    assert changed['metadata']['generation'] == 1


# ---- Unknown and duplicate fields. ----

UNKNOWN = b'{"metadata": {"name": "a"}, "nope": 1, "data": {"k": "v", "k": "w"}}'
PROBLEMS = ['unknown field "nope"', 'duplicate field "data.k"']


@pytest.mark.parametrize('query', ['', '?fieldValidation=Warn'])
async def test_problems_of_fields_are_warned_of(cluster: kmock.KubernetesCluster, query: str) -> None:
    response = await cluster.post(f'{CONFIGMAPS}{query}', data=UNKNOWN, headers={'Content-Type': 'application/json'})
    warnings = [value for name, value in response.headers.items() if name.lower() == 'warning']
    assert response.status == 201
    assert warnings == [r'299 - "unknown field \"nope\""', r'299 - "duplicate field \"data.k\""']


async def test_problems_of_fields_may_be_ignored(cluster: kmock.KubernetesCluster) -> None:
    url = f'{CONFIGMAPS}?fieldValidation=Ignore'
    response = await cluster.post(url, data=UNKNOWN, headers={'Content-Type': 'application/json'})
    assert (response.status, 'Warning' in response.headers) == (201, False)
    assert (await response.json())['data'] == {'k': 'w'}


async def test_problems_of_fields_may_be_refused(cluster: kmock.KubernetesCluster) -> None:
    url = f'{CONFIGMAPS}?fieldValidation=Strict'
    response = await cluster.post(url, data=UNKNOWN, headers={'Content-Type': 'application/json'})
    assert (response.status, (await response.json())['message']) == (
        400,
        f'ConfigMap in version "v1" cannot be handled as a ConfigMap: strict decoding error: {", ".join(PROBLEMS)}',
    )
    assert (await cluster.get(f'{CONFIGMAPS}/a')).status == 404


async def test_another_validation_of_fields_is_refused(cluster: kmock.KubernetesCluster) -> None:
    response = await cluster.post(f'{CONFIGMAPS}?fieldValidation=Nope', json=configmap())
    assert response.status == 422


# ---- Owners of fields. ----


@pytest.mark.parametrize(
    ('query', 'agent', 'manager'),
    [('', 'kubectl/v1.36 (linux)', 'kubectl'), ('?fieldManager=me', 'kubectl/v1.36', 'me')],
)
async def test_what_is_written_has_a_manager(
    cluster: kmock.KubernetesCluster, query: str, agent: str, manager: str
) -> None:
    response = await cluster.post(f'{CONFIGMAPS}{query}', json=configmap(), headers={'User-Agent': agent})
    entry = (await response.json())['metadata']['managedFields'][0]
    assert (entry['manager'], entry['operation'], entry['fieldsV1']) == (
        manager,
        'Update',
        {'f:data': {'.': {}, 'f:k': {}}},
    )


async def test_two_managers_own_what_each_has_written(cluster: kmock.KubernetesCluster) -> None:
    await cluster.post(f'{CONFIGMAPS}?fieldManager=one', json=configmap())
    url = f'{CONFIGMAPS}/a?fieldManager=two'
    response = await cluster.patch(url, json={'data': {'q': 'x'}}, headers=MERGE)
    entries = (await response.json())['metadata']['managedFields']
    assert {entry['manager']: list(entry['fieldsV1']['f:data']) for entry in entries} == {
        'one': ['.', 'f:k'],
        'two': ['f:q'],
    }


@pytest.mark.parametrize('none', [[], [{}]])
async def test_the_owners_of_all_fields_can_be_forgotten(cluster: kmock.KubernetesCluster, none: list[Any]) -> None:
    made = await make(cluster)
    changes = {'metadata': {'managedFields': none}}
    responses = [await cluster.patch(f'{CONFIGMAPS}/a', json=changes, headers=MERGE) for _ in range(2)]
    first, second = [(await response.json())['metadata'] for response in responses]
    assert 'managedFields' not in first
    assert first['resourceVersion'] > made['metadata']['resourceVersion']
    assert second == first
    assert (await fetch(cluster, f'{CONFIGMAPS}/a'))['metadata'] == first


async def test_an_update_without_owners_keeps_those_that_are_known(cluster: kmock.KubernetesCluster) -> None:
    made = await make(cluster)
    del made['metadata']['managedFields']
    _, replaced = await replace(cluster, f'{CONFIGMAPS}/a', {**made, 'data': {'k': 'w'}})
    assert len(replaced['metadata']['managedFields']) == 1


async def test_a_replacement_can_forget_the_owners_of_all_fields(cluster: kmock.KubernetesCluster) -> None:
    made = await make(cluster)
    made['metadata']['managedFields'] = []
    _, replaced = await replace(cluster, f'{CONFIGMAPS}/a', made)
    assert 'managedFields' not in replaced['metadata']


async def test_other_owners_are_taken_even_if_nothing_else_is_changed(cluster: kmock.KubernetesCluster) -> None:
    made = await make(cluster)
    (entry,) = made['metadata']['managedFields']
    made['metadata']['managedFields'] = [{**entry, 'manager': 'kubectl', 'operation': 'Apply', 'time': None}]
    _, replaced = await replace(cluster, f'{CONFIGMAPS}/a', made)
    (owner,) = replaced['metadata']['managedFields']
    assert (owner['manager'], owner['operation'], owner['fieldsV1']) == ('kubectl', 'Apply', entry['fieldsV1'])
    assert replaced['metadata']['resourceVersion'] > made['metadata']['resourceVersion']


async def test_owners_that_only_have_other_times_are_those_that_are_known(cluster: kmock.KubernetesCluster) -> None:
    made = await make(cluster)
    known = made['metadata']['managedFields']
    made['metadata']['managedFields'] = [{**known[0], 'time': '2001-01-01T00:00:00Z'}]
    _, replaced = await replace(cluster, f'{CONFIGMAPS}/a', made)
    assert replaced['metadata']['managedFields'] == known
    assert replaced['metadata']['resourceVersion'] == made['metadata']['resourceVersion']


async def test_an_integer_with_a_fraction_is_refused_where_go_decodes_it(cluster: kmock.KubernetesCluster) -> None:
    body = deployment()
    body['spec']['replicas'] = 3.0
    made = await cluster.post(DEPLOYMENTS, json=body)
    assert made.status == 400
    assert (await made.json())['message'] == (
        'Deployment in version "v1" cannot be handled as a Deployment: json: cannot unmarshal number 3.0 into Go '
        'struct field DeploymentSpec.spec.replicas of type int32'
    )


@pytest.mark.parametrize(
    ('how', 'status'),
    [
        ('application/merge-patch+json', 422),
        ('application/strategic-merge-patch+json', 200),
        ('application/apply-patch+yaml', 200),
    ],
)
async def test_an_integer_with_a_fraction_is_converted_by_patches_that_are_not_decoded(
    cluster: kmock.KubernetesCluster, how: str, status: int
) -> None:
    await make(cluster, DEPLOYMENTS, deployment())
    patch = {'apiVersion': 'apps/v1', 'kind': 'Deployment', 'metadata': {'name': 'd'}, 'spec': {'replicas': 3.0}}
    query = '?fieldManager=me&force=true' if 'apply' in how else ''
    patched = await cluster.patch(f'{DEPLOYMENTS}/d{query}', json=patch, headers={'Content-Type': how})
    assert patched.status == status
    if status == 200:
        assert (await patched.json())['spec']['replicas'] == 3


async def test_an_integer_with_a_fraction_is_one_in_yaml(cluster: kmock.KubernetesCluster) -> None:
    text = """
        metadata: {name: d}
        spec:
          replicas: 3.0
          selector: {matchLabels: {app: a}}
          template: {metadata: {labels: {app: a}}, spec: {containers: [{name: c, image: i}]}}
    """
    made = await cluster.post(DEPLOYMENTS, data=text, headers={'Content-Type': 'application/yaml'})
    assert (made.status, (await made.json())['spec']['replicas']) == (201, 3)
