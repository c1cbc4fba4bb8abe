"""What the query of a request asks for: what is true there, what is a number, what contradicts what."""

from typing import Any

import pytest

import kmock

CONFIGMAPS = '/api/v1/namespaces/default/configmaps'
PODS = '/api/v1/namespaces/default/pods'
MERGE = {'Content-Type': 'application/merge-patch+json'}
APPLY = {'Content-Type': 'application/apply-patch+yaml'}
CONFIG: dict[str, Any] = {'apiVersion': 'v1', 'kind': 'ConfigMap', 'metadata': {'name': 'a'}, 'data': {'k': 'mine'}}


async def causes_of(cluster: kmock.KubernetesCluster, method: str, url: str, **options: Any) -> list[tuple[str, str]]:
    response = await cluster.request(method, url, **options)
    found = await response.json()
    assert response.status == 422, found
    return [(cause['field'], cause['message']) for cause in found['details']['causes']]


async def make(cluster: kmock.KubernetesCluster, **content: Any) -> None:
    body = {'metadata': {'name': 'a', **content.pop('metadata', {})}, 'data': {'k': 'theirs'}}
    assert (await cluster.post(CONFIGMAPS, json=body)).status == 201


# ---- Writes. ----


@pytest.mark.parametrize(
    ('force', 'status'),
    [('true', 200), ('1', 200), ('', 200), ('yes', 200), ('f', 200), ('false', 409), ('False', 409), ('0', 409)],
)
async def test_all_is_true_but_what_says_that_it_is_false(
    cluster: kmock.KubernetesCluster, force: str, status: int
) -> None:
    await make(cluster)
    response = await cluster.patch(f'{CONFIGMAPS}/a?fieldManager=me&force={force}', json=CONFIG, headers=APPLY)
    assert response.status == status


async def test_only_an_apply_is_forced(cluster: kmock.KubernetesCluster) -> None:
    await make(cluster)
    assert await causes_of(cluster, 'PATCH', f'{CONFIGMAPS}/a?force=false', json={}, headers=MERGE) == [
        ('force', 'Forbidden: may not be specified for non-apply patch')
    ]


async def test_all_that_is_wrong_with_the_options_of_a_write_is_told_in_order(cluster: kmock.KubernetesCluster) -> None:
    query = {'fieldValidation': 'Nope', 'dryRun': 'Some', 'fieldManager': f'é\a{"x" * 128}'}
    causes = await causes_of(cluster, 'POST', CONFIGMAPS, params=query, json={'metadata': {'name': 'a'}})
    assert [(field, message.rpartition(': ')[2]) for field, message in causes] == [
        ('fieldManager', 'may not be more than 128 bytes'),
        ('fieldManager', 'invalid character U+0007 (at position 2)'),
        ('dryRun', '"All"'),
        ('fieldValidation', '"", "Ignore", "Strict", "Warn"'),
    ]


@pytest.mark.parametrize(
    ('agent', 'manager'),
    [('kubectl/v1.36', 'kubectl'), ('x' * 200, 'x' * 128), ('a b/c', 'a b'), ('é' * 100, 'é' * 64)],
)
async def test_who_writes_is_called_as_its_client(cluster: kmock.KubernetesCluster, agent: str, manager: str) -> None:
    response = await cluster.post(
        CONFIGMAPS, json={'metadata': {'name': 'a'}, 'data': {'k': 'v'}}, headers={'User-Agent': agent}
    )
    assert (await response.json())['metadata']['managedFields'][0]['manager'] == manager


# ---- Deletions. ----


async def test_all_that_is_wrong_with_the_options_of_a_deletion_is_told_in_order(
    cluster: kmock.KubernetesCluster,
) -> None:
    await make(cluster)
    body = {'propagationPolicy': 'Nope', 'orphanDependents': True, 'dryRun': ['Some']}
    assert await causes_of(cluster, 'DELETE', f'{CONFIGMAPS}/a', json=body) == [
        (
            'propagationPolicy',
            'Invalid value: "Nope": orphanDependents and deletionPropagation cannot be both set',
        ),
        (
            'propagationPolicy',
            'Unsupported value: "Nope": supported values: "Foreground", "Background", "Orphan", "nil"',
        ),
        ('dryRun', 'Unsupported value: ["Some"]: supported values: "All"'),
    ]


@pytest.mark.parametrize(('orphan', 'finalizers'), [('true', ['orphan']), ('', ['orphan']), ('0', None)])
async def test_dependents_are_orphaned_in_the_old_way(orphan: str, finalizers: Any) -> None:
    async with kmock.KubernetesCluster(controllers=False) as cluster:
        await make(cluster)
        found = await (await cluster.delete(f'{CONFIGMAPS}/a?orphanDependents={orphan}')).json()
        assert found['metadata'].get('finalizers') == finalizers


@pytest.mark.parametrize(
    ('finalizers', 'query', 'status'),
    [
        (['a/b'], 'orphanDependents=false', 202),
        (['a/b'], 'orphanDependents=true', 200),
        (['a/b'], 'propagationPolicy=Background', 200),
        ([], 'orphanDependents=false', 200),
    ],
)
async def test_a_cascade_that_waits_is_accepted_if_it_was_asked_for_in_the_old_way(
    finalizers: list[str], query: str, status: int
) -> None:
    async with kmock.KubernetesCluster(controllers=False) as cluster:
        await make(cluster, metadata={'finalizers': finalizers})
        assert (await cluster.delete(f'{CONFIGMAPS}/a?{query}')).status == status


async def test_events_are_deleted_at_once_whatever_the_policy(cluster: kmock.KubernetesCluster) -> None:
    url = '/api/v1/namespaces/default/events'
    await cluster.post(url, json={'metadata': {'name': 'a'}, 'involvedObject': {'namespace': 'default'}})
    found = await (await cluster.delete(f'{url}/a?propagationPolicy=Foreground')).json()
    assert found['status'] == 'Success'
    assert (await cluster.get(f'{url}/a')).status == 404


async def test_a_pod_without_grace_that_is_held_is_held_by_its_dependents_too(
    cluster: kmock.KubernetesCluster,
) -> None:
    pod = {'metadata': {'name': 'a', 'finalizers': ['a/b']}, 'spec': {'containers': [{'name': 'c', 'image': 'i'}]}}
    await cluster.post(PODS, json=pod)
    await cluster.delete(f'{PODS}/a')
    found = await (await cluster.delete(f'{PODS}/a?propagationPolicy=Orphan')).json()
    assert found['metadata']['finalizers'] == ['a/b', 'orphan']


@pytest.mark.parametrize('field', ['uid', 'resourceVersion'])
async def test_a_precondition_that_fails_names_the_kind_with_its_group(
    cluster: kmock.KubernetesCluster, field: str
) -> None:
    url = '/apis/coordination.k8s.io/v1/namespaces/default/leases'
    await cluster.post(url, json={'metadata': {'name': 'a'}})
    response = await cluster.delete(f'{url}/a', json={'preconditions': {field: '1'}})
    found = await response.json()
    assert (response.status, found['details']) == (409, {'name': 'a', 'group': 'coordination.k8s.io', 'kind': 'Lease'})
    assert found['message'].startswith('Operation cannot be fulfilled on Lease.coordination.k8s.io "a": the ')


async def test_the_selectors_of_a_deletion_are_read_before_its_body(cluster: kmock.KubernetesCluster) -> None:
    response = await cluster.delete(f'{CONFIGMAPS}?labelSelector=a%20in', json={'propagationPolicy': 'Nope'})
    assert (response.status, (await response.json())['message'][:9]) == (400, 'unable to')


# ---- Lists and watches. ----

FORBIDDEN = 'Forbidden: '
UNSUPPORTED = 'Unsupported value: '


@pytest.mark.parametrize(
    ('query', 'causes'),
    [
        (
            'resourceVersionMatch=Nope',
            ['is forbidden unless resourceVersion is provided', '"Exact", "NotOlderThan", ""'],
        ),
        (
            'resourceVersionMatch=Exact&resourceVersion=0&continue=x',
            ['is forbidden when continue is provided', '"exact" is forbidden for resourceVersion "0"'],
        ),
        ('sendInitialEvents=', ['sendInitialEvents is forbidden for list']),
        ('watch=1&sendInitialEvents=0', ['sendInitialEvents requires setting resourceVersionMatch to NotOlderThan']),
        (
            'watch=1&resourceVersionMatch=Exact&continue=x',
            [
                'is forbidden for watch unless sendInitialEvents is provided',
                '"NotOlderThan"',
                'is forbidden when continue is provided',
            ],
        ),
        (
            'watch=1&sendInitialEvents=1&resourceVersionMatch=Exact',
            ['requires setting resourceVersionMatch to NotOlderThan', '"NotOlderThan"'],
        ),
    ],
)
async def test_all_that_is_wrong_with_the_options_of_a_list_is_told_in_order(
    cluster: kmock.KubernetesCluster, query: str, causes: list[str]
) -> None:
    found = await causes_of(cluster, 'GET', f'{CONFIGMAPS}?{query}')
    assert len(found) == len(causes)
    assert all(message.endswith(cause) for (_, message), cause in zip(found, causes, strict=True)), found


@pytest.mark.parametrize('query', ['limit=', 'timeoutSeconds=', 'limit=x', 'timeoutSeconds=1.5'])
async def test_what_is_to_be_a_number_is_one(cluster: kmock.KubernetesCluster, query: str) -> None:
    response = await cluster.get(f'{CONFIGMAPS}?{query}')
    given = query.partition('=')[2]
    message = f'strconv.ParseInt: parsing "{given}": invalid syntax'
    assert (response.status, (await response.json())['message']) == (400, message)


async def test_what_is_read_alone_has_no_options_of_lists(cluster: kmock.KubernetesCluster) -> None:
    await make(cluster)
    assert (await cluster.get(f'{CONFIGMAPS}/a?limit=x&sendInitialEvents=1&resourceVersionMatch=Nope')).status == 200


async def test_what_is_not_there_yet_is_waited_for_before_it_is_missed(cluster: kmock.KubernetesCluster) -> None:
    assert (await cluster.get(f'{CONFIGMAPS}/nosuch?resourceVersion=99999')).status == 504


async def test_a_watch_from_the_future_is_silent_until_then(cluster: kmock.KubernetesCluster) -> None:
    listed = await (await cluster.get(CONFIGMAPS)).json()
    future = int(listed['metadata']['resourceVersion']) + 2
    async with cluster.get(f'{CONFIGMAPS}?watch=1&resourceVersion={future}') as response:
        for name in 'abc':
            await cluster.post(CONFIGMAPS, json={'metadata': {'name': name}})
        line = await response.content.readline()
    assert b'"name":"c"' in line
