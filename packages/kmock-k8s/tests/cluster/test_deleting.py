"""DELETE in a cluster: at once, or later, or not at all."""

from typing import Any

import pytest

import kmock

CONFIGMAPS = '/api/v1/namespaces/default/configmaps'
CONFIGMAP = f'{CONFIGMAPS}/a'
MERGE = {'Content-Type': 'application/merge-patch+json'}
JSON = {'Content-Type': 'application/json'}


async def make(cluster: kmock.KubernetesCluster, *finalizers: str, name: str = 'a', **metadata: Any) -> Any:
    body = {'metadata': {'name': name, 'finalizers': list(finalizers), **metadata}}
    response = await cluster.post(CONFIGMAPS, json=body)
    assert response.status == 201
    return await response.json()


async def delete(cluster: kmock.KubernetesCluster, url: str = CONFIGMAP, body: Any = None) -> tuple[int, Any]:
    response = await cluster.delete(url) if body is None else await cluster.delete(url, json=body)
    return response.status, await response.json()


async def is_there(cluster: kmock.KubernetesCluster, url: str = CONFIGMAP) -> bool:
    return (await cluster.get(url)).status == 200


async def test_a_deletion_is_answered_with_what_was_deleted(cluster: kmock.KubernetesCluster) -> None:
    made = await make(cluster)
    assert await delete(cluster) == (
        200,
        {
            'kind': 'Status',
            'apiVersion': 'v1',
            'metadata': {},
            'status': 'Success',
            'details': {'name': 'a', 'kind': 'configmaps', 'uid': made['metadata']['uid']},
        },
    )
    assert not await is_there(cluster)


@pytest.mark.parametrize(
    ('url', 'kind'),
    [
        ('/api/v1/namespaces/default/serviceaccounts', 'ServiceAccount'),
        ('/apis/storage.k8s.io/v1/csidrivers', 'CSIDriver'),
        ('/apis/storage.k8s.io/v1/csinodes', 'CSINode'),
    ],
)
async def test_a_deletion_of_some_kinds_is_answered_with_the_object(
    cluster: kmock.KubernetesCluster, url: str, kind: str
) -> None:
    body: dict[str, Any] = {'metadata': {'name': 'a'}}
    if kind != 'ServiceAccount':
        body['spec'] = {'drivers': []} if kind == 'CSINode' else {}
    assert (await cluster.post(url, json=body)).status == 201
    status, gone = await delete(cluster, f'{url}/a')
    assert (status, gone['kind'], gone['metadata']['name']) == (200, kind, 'a')


async def test_a_deletion_of_nothing_is_not_found(cluster: kmock.KubernetesCluster) -> None:
    status, error = await delete(cluster)
    assert (status, error['reason'], error['message']) == (404, 'NotFound', 'configmaps "a" not found')


async def test_an_object_can_be_created_anew(cluster: kmock.KubernetesCluster) -> None:
    first = await make(cluster)
    await delete(cluster)
    second = await make(cluster)
    assert first['metadata']['uid'] != second['metadata']['uid']


# ---- Finalizers. ----


async def test_an_object_with_finalizers_is_marked(cluster: kmock.KubernetesCluster) -> None:
    await make(cluster, 'a.b/c')
    status, marked = await delete(cluster)
    assert (status, marked['kind'], marked['metadata']['deletionGracePeriodSeconds']) == (200, 'ConfigMap', 0)
    assert 'deletionTimestamp' in marked['metadata']
    assert await is_there(cluster)


async def test_a_second_deletion_changes_nothing(cluster: kmock.KubernetesCluster) -> None:
    await make(cluster, 'a.b/c')
    assert await delete(cluster) == await delete(cluster)
    assert len(cluster.objects['v1/configmaps', 'default', 'a'].history) == 2


async def test_an_object_goes_with_its_last_finalizer(cluster: kmock.KubernetesCluster) -> None:
    await make(cluster, 'a.b/c')
    _, marked = await delete(cluster)
    response = await cluster.patch(CONFIGMAP, json={'metadata': {'finalizers': None}}, headers=MERGE)
    last = await response.json()
    assert (response.status, 'finalizers' in last['metadata']) == (200, False)
    assert last['metadata']['resourceVersion'] == marked['metadata']['resourceVersion']
    assert not await is_there(cluster)


async def test_an_object_stays_with_another_finalizer(cluster: kmock.KubernetesCluster) -> None:
    await make(cluster, 'a.b/c', 'a.b/d')
    await delete(cluster)
    await cluster.patch(CONFIGMAP, json={'metadata': {'finalizers': ['a.b/d']}}, headers=MERGE)
    assert await is_there(cluster)


async def test_no_finalizers_are_added_to_what_goes(cluster: kmock.KubernetesCluster) -> None:
    await make(cluster, 'a.b/c')
    await delete(cluster)
    response = await cluster.patch(CONFIGMAP, json={'metadata': {'finalizers': ['a.b/c', 'a.b/d']}}, headers=MERGE)
    assert response.status == 422
    assert 'no new finalizers can be added if the object is being deleted' in (await response.json())['message']


async def test_the_name_of_what_goes_is_taken(cluster: kmock.KubernetesCluster) -> None:
    await make(cluster, 'a.b/c')
    await delete(cluster)
    response = await cluster.post(CONFIGMAPS, json={'metadata': {'name': 'a'}})
    message = (await response.json())['message']
    assert (response.status, message) == (409, 'object is being deleted: configmaps "a" already exists')


async def test_a_mark_is_not_taken_back(cluster: kmock.KubernetesCluster) -> None:
    await make(cluster, 'a.b/c')
    _, marked = await delete(cluster)
    response = await cluster.patch(CONFIGMAP, json={'metadata': {'deletionTimestamp': None}}, headers=MERGE)
    assert await response.json() == marked


# ---- Options. ----


async def test_a_deletion_with_the_right_conditions_happens(cluster: kmock.KubernetesCluster) -> None:
    metadata = (await make(cluster))['metadata']
    conditions = {'uid': metadata['uid'], 'resourceVersion': metadata['resourceVersion']}
    assert (await delete(cluster, body={'preconditions': conditions}))[0] == 200
    assert not await is_there(cluster)


@pytest.mark.parametrize(('field', 'shown'), [('uid', 'UID'), ('resourceVersion', 'ResourceVersion')])
async def test_a_deletion_of_another_state_is_a_conflict(
    cluster: kmock.KubernetesCluster, field: str, shown: str
) -> None:
    await make(cluster)
    status, error = await delete(cluster, body={'preconditions': {field: 'x'}})
    assert (status, error['reason']) == (409, 'Conflict')
    assert f'the {shown} in the precondition (x) does not match' in error['message']
    assert await is_there(cluster)


@pytest.mark.parametrize('way', ['query', 'body'])
async def test_a_dry_run_deletes_nothing(cluster: kmock.KubernetesCluster, way: str) -> None:
    await make(cluster)
    if way == 'query':
        status, _ = await delete(cluster, f'{CONFIGMAP}?dryRun=All')
    else:
        status, _ = await delete(cluster, body={'dryRun': ['All']})
    assert (status, await is_there(cluster)) == (200, True)


@pytest.mark.parametrize(('policy', 'finalizer'), [('Foreground', 'foregroundDeletion'), ('Orphan', 'orphan')])
async def test_a_policy_is_a_finalizer_at_first(cluster: kmock.KubernetesCluster, policy: str, finalizer: str) -> None:
    await make(cluster, 'a.b/c')
    _, marked = await delete(cluster, f'{CONFIGMAP}?propagationPolicy={policy}')
    assert marked['metadata']['finalizers'] == ['a.b/c', finalizer]


async def test_a_body_overrules_the_whole_query(cluster: kmock.KubernetesCluster) -> None:
    await make(cluster)
    assert (await delete(cluster, f'{CONFIGMAP}?dryRun=All', {'kind': 'DeleteOptions', 'apiVersion': 'v1'}))[0] == 200
    assert not await is_there(cluster)


@pytest.mark.parametrize(
    'body',
    [
        b'{',
        b'[]',
        b'1',
        b'{"kind": "Pod", "apiVersion": "v1"}',
        b'{"kind": {}}',
        b'{"preconditions": 1}',
        b'{"preconditions": {"uid": 1}}',
        b'{"preconditions": {"resourceVersion": 1}}',
        b'{"gracePeriodSeconds": "1"}',
        b'{"gracePeriodSeconds": true}',
        b'{"propagationPolicy": 1}',
        b'{"orphanDependents": 1}',
        b'{"dryRun": "All"}',
    ],
)
async def test_malformed_options_are_a_bad_request(cluster: kmock.KubernetesCluster, body: bytes) -> None:
    await make(cluster)
    response = await cluster.delete(CONFIGMAP, data=body, headers=JSON)
    assert (response.status, (await response.json())['reason']) == (400, 'BadRequest')
    assert await is_there(cluster)


@pytest.mark.parametrize(
    'body',
    [{'propagationPolicy': 'Nope'}, {'propagationPolicy': 'Orphan', 'orphanDependents': True}, {'dryRun': ['x']}],
)
async def test_options_that_can_not_be_are_invalid(cluster: kmock.KubernetesCluster, body: Any) -> None:
    await make(cluster)
    status, error = await delete(cluster, body=body)
    assert (status, error['message'].startswith('DeleteOptions.meta.k8s.io "" is invalid: ')) == (422, True)


async def test_a_grace_that_is_no_number_is_a_bad_request(cluster: kmock.KubernetesCluster) -> None:
    await make(cluster)
    status, error = await delete(cluster, f'{CONFIGMAP}?gracePeriodSeconds=x')
    assert (status, error['message']) == (400, 'strconv.ParseInt: parsing "x": invalid syntax')


# ---- Collections. ----


async def test_a_collection_is_deleted_and_listed(cluster: kmock.KubernetesCluster) -> None:
    await make(cluster)
    await make(cluster, name='b')
    status, gone = await delete(cluster, CONFIGMAPS)
    assert (status, gone['kind'], [one['metadata']['name'] for one in gone['items']]) == (
        200,
        'ConfigMapList',
        ['a', 'b'],
    )
    assert (await (await cluster.get(CONFIGMAPS)).json())['items'] == []


async def test_a_collection_is_deleted_in_the_order_of_lists_not_of_creation(cluster: kmock.KubernetesCluster) -> None:
    for name in 'bca':
        await make(cluster, name=name)
    _, gone = await delete(cluster, f'{CONFIGMAPS}?limit=2')
    assert [one['metadata']['name'] for one in gone['items']] == ['a', 'b']
    listed = await (await cluster.get(CONFIGMAPS)).json()
    assert [one['metadata']['name'] for one in listed['items']] == ['c']


async def test_of_a_collection_the_selected_objects_are_deleted(cluster: kmock.KubernetesCluster) -> None:
    await make(cluster, labels={'x': 'y'})
    await make(cluster, name='b')
    await delete(cluster, f'{CONFIGMAPS}?labelSelector=x%3Dy')
    assert (await is_there(cluster), await is_there(cluster, f'{CONFIGMAPS}/b')) == (False, True)


async def test_of_a_collection_what_has_finalizers_is_marked(cluster: kmock.KubernetesCluster) -> None:
    await make(cluster, 'a.b/c')
    _, gone = await delete(cluster, CONFIGMAPS)
    assert 'deletionTimestamp' in gone['items'][0]['metadata']
    assert await is_there(cluster)


async def test_a_dry_run_deletes_no_collection(cluster: kmock.KubernetesCluster) -> None:
    await make(cluster)
    await delete(cluster, f'{CONFIGMAPS}?dryRun=All')
    assert await is_there(cluster)


# ---- Namespaces. ----


@pytest.mark.parametrize('name', ['default', 'kube-system', 'kube-public'])
async def test_the_namespaces_of_the_system_stay(cluster: kmock.KubernetesCluster, name: str) -> None:
    status, error = await delete(cluster, f'/api/v1/namespaces/{name}')
    assert (status, error['message']) == (
        403,
        f'namespaces "{name}" is forbidden: this namespace may not be deleted',
    )


async def test_a_deleted_namespace_terminates(cluster: kmock.KubernetesCluster) -> None:
    await cluster.post('/api/v1/namespaces', json={'metadata': {'name': 'ns1', 'finalizers': ['a.b/c']}})
    status, marked = await delete(cluster, '/api/v1/namespaces/ns1')
    assert (status, marked['status']['phase']) == (200, 'Terminating')
    assert 'deletionTimestamp' in marked['metadata']


async def test_namespaces_are_not_deleted_all_at_once(cluster: kmock.KubernetesCluster) -> None:
    response = await cluster.delete('/api/v1/namespaces')
    assert (response.status, (await response.json())['reason']) == (405, 'MethodNotAllowed')
