"""What the kinds differ in: which ones a PUT creates, which ones need a version, what is counted, what a status is."""

from typing import Any

import pytest

import kmock
from kmock_k8s.cluster import creating

MERGE = {'Content-Type': 'application/merge-patch+json'}
NAMESPACED = '/api/v1/namespaces/default'
CONFIGMAPS = f'{NAMESPACED}/configmaps'
DEPLOYMENTS = '/apis/apps/v1/namespaces/default/deployments'
SERVICES = f'{NAMESPACED}/services'
LEASES = '/apis/coordination.k8s.io/v1/namespaces/default/leases'
SLICES = '/apis/discovery.k8s.io/v1/namespaces/default/endpointslices'
ROLES = '/apis/rbac.authorization.k8s.io/v1/namespaces/default/roles'
PRIORITIES = '/apis/scheduling.k8s.io/v1/priorityclasses'
HOOKS = '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations'

TEMPLATE = {'metadata': {'labels': {'app': 'x'}}, 'spec': {'containers': [{'name': 'c', 'image': 'i'}]}}
DEPLOYMENT = {'spec': {'selector': {'matchLabels': {'app': 'x'}}, 'template': TEMPLATE}}
POD = {'spec': {'containers': [{'name': 'c', 'image': 'i'}]}}
SLICE = {'addressType': 'IPv4', 'endpoints': [{'addresses': ['10.0.0.1']}]}
OWNER = {'apiVersion': 'v1', 'kind': 'Pod', 'name': 'p', 'uid': '1'}


async def send(cluster: kmock.KubernetesCluster, method: str, url: str, body: Any = None) -> tuple[int, Any]:
    headers = MERGE if method == 'PATCH' else {}
    response = await cluster.request(method, url, json=body, headers=headers)
    return response.status, await response.json()


async def make(cluster: kmock.KubernetesCluster, url: str, name: str = 'a', **content: Any) -> Any:
    metadata = {'name': name, **content.pop('metadata', {})}
    status, made = await send(cluster, 'POST', url, {'metadata': metadata, **content})
    assert status == 201, made
    return made


# ---- Creation by PUT. ----


@pytest.mark.parametrize(
    ('url', 'content'),
    [
        (LEASES, {'spec': {'holderIdentity': 'me', 'leaseDurationSeconds': 1}}),
        (SERVICES, {'spec': {'ports': [{'port': 80}]}}),
        (ROLES, {'rules': []}),
        (f'{NAMESPACED}/limitranges', {'spec': {'limits': []}}),
        (f'{NAMESPACED}/events', {'involvedObject': {'namespace': 'default'}}),
    ],
)
async def test_some_kinds_are_created_by_a_put(cluster: kmock.KubernetesCluster, url: str, content: Any) -> None:
    status, made = await send(cluster, 'PUT', f'{url}/a', {'metadata': {'name': 'a'}, **content})
    assert (status, made['metadata']['name']) == (201, 'a')
    assert (await send(cluster, 'GET', f'{url}/a')) == (200, made)


@pytest.mark.parametrize('url', [CONFIGMAPS, f'{NAMESPACED}/secrets', f'{NAMESPACED}/serviceaccounts'])
async def test_other_kinds_are_not(cluster: kmock.KubernetesCluster, url: str) -> None:
    status, found = await send(cluster, 'PUT', f'{url}/a', {'metadata': {'name': 'a'}})
    assert (status, found['reason']) == (404, 'NotFound')


async def test_a_put_creates_nothing_in_a_namespace_that_is_not_there(cluster: kmock.KubernetesCluster) -> None:
    url = LEASES.replace('default', 'nosuch')
    status, found = await send(cluster, 'PUT', f'{url}/a', {'metadata': {'name': 'a'}})
    assert (status, found['message']) == (404, 'namespaces "nosuch" not found')


async def test_a_put_that_would_create_is_only_tried_on_demand(cluster: kmock.KubernetesCluster) -> None:
    revision = (await send(cluster, 'GET', LEASES))[1]['metadata']['resourceVersion']
    status, made = await send(cluster, 'PUT', f'{LEASES}/a?dryRun=All', {'metadata': {'name': 'a'}})
    assert (status, 'resourceVersion' in made['metadata']) == (201, False)
    assert (await send(cluster, 'GET', LEASES))[1]['metadata']['resourceVersion'] == revision


# ---- Updates that say nothing of the version. ----


@pytest.mark.parametrize('version', [None, '', '0'])
@pytest.mark.parametrize('method', ['PUT', 'PATCH'])
async def test_most_kinds_are_updated_whatever_the_version(
    cluster: kmock.KubernetesCluster, method: str, version: str | None
) -> None:
    await make(cluster, CONFIGMAPS)
    body = {'metadata': {'name': 'a', 'resourceVersion': version}, 'data': {'k': 'v'}}
    status, updated = await send(cluster, method, f'{CONFIGMAPS}/a', body)
    assert (status, updated['data']) == (200, {'k': 'v'})


@pytest.mark.parametrize('method', ['PUT', 'PATCH'])
@pytest.mark.parametrize(
    ('url', 'content'),
    [
        (LEASES, {'spec': {'holderIdentity': 'me', 'leaseDurationSeconds': 1}}),
        ('/apis/policy/v1/namespaces/default/poddisruptionbudgets', {'spec': {'minAvailable': 1}}),
        (HOOKS, {}),
        ('/apis/node.k8s.io/v1/runtimeclasses', {'handler': 'h'}),
    ],
)
async def test_some_kinds_have_to_be_updated_with_their_version(
    cluster: kmock.KubernetesCluster, url: str, content: Any, method: str
) -> None:
    await make(cluster, url, **content)
    body = {'metadata': {'name': 'a', 'resourceVersion': None, 'labels': {'x': 'y'}}, **content}
    status, found = await send(cluster, method, f'{url}/a', body)
    assert (status, found['details']['causes']) == (
        422,
        [
            {
                'reason': 'FieldValueInvalid',
                'message': 'Invalid value: 0: must be specified for an update',
                'field': 'metadata.resourceVersion',
            }
        ],
    )


# ---- Generations. ----


@pytest.mark.parametrize(
    ('url', 'content', 'change', 'counted'),
    [
        (DEPLOYMENTS, DEPLOYMENT, {'spec': {'replicas': 3}}, True),
        (DEPLOYMENTS, DEPLOYMENT, {'metadata': {'annotations': {'a': 'b'}}}, True),
        (DEPLOYMENTS, DEPLOYMENT, {'metadata': {'labels': {'a': 'b'}}}, False),
        (SLICES, SLICE, {'endpoints': []}, True),
        (SLICES, SLICE, {'metadata': {'labels': {'a': 'b'}}}, True),
        (SLICES, SLICE, {'metadata': {'annotations': {'a': 'b'}}}, False),
        (PRIORITIES, {'value': 1}, {'description': 'x'}, False),
        (f'{NAMESPACED}/podtemplates', {'template': TEMPLATE}, {'template': {'metadata': {'name': 'n'}}}, True),
        (f'{NAMESPACED}/podtemplates', {'template': TEMPLATE}, {'metadata': {'labels': {'a': 'b'}}}, False),
    ],
)
async def test_generations_count_what_is_desired(
    cluster: kmock.KubernetesCluster, url: str, content: Any, change: Any, counted: bool
) -> None:
    made = await make(cluster, url, **content)
    status, changed = await send(cluster, 'PATCH', f'{url}/a', change)
    assert (status, made['metadata']['generation'], changed['metadata']['generation']) == (200, 1, 2 if counted else 1)


async def test_a_generation_that_was_given_is_counted_when_the_object_is_marked(
    cluster: kmock.KubernetesCluster,
) -> None:
    await make(cluster, CONFIGMAPS, metadata={'generation': 7, 'finalizers': ['a/b']})
    status, marked = await send(cluster, 'DELETE', f'{CONFIGMAPS}/a')
    assert (status, marked['metadata']['generation']) == (200, 8)


async def test_a_negative_generation_is_refused(cluster: kmock.KubernetesCluster) -> None:
    status, found = await send(cluster, 'POST', CONFIGMAPS, {'metadata': {'name': 'a', 'generation': -1}})
    why = 'metadata.generation: Invalid value: -1: must be greater than or equal to 0'
    assert (status, found['message']) == (422, f'ConfigMap "a" is invalid: {why}')


# ---- The status. ----


@pytest.mark.parametrize(
    ('url', 'content', 'taken'),
    [
        (DEPLOYMENTS, DEPLOYMENT, {'annotations', 'ownerReferences', 'finalizers'}),
        (f'{NAMESPACED}/pods', POD, {'annotations', 'labels', 'finalizers'}),
        (SERVICES, {'spec': {'ports': [{'port': 80}]}}, {'annotations', 'labels', 'ownerReferences', 'finalizers'}),
    ],
)
async def test_metadata_is_written_with_the_status_of_built_in_kinds(
    cluster: kmock.KubernetesCluster, url: str, content: Any, taken: set[str]
) -> None:
    made = await make(cluster, url, **content)
    wanted = {
        'labels': {'a': 'b'},
        'annotations': {'a': 'b'},
        'ownerReferences': [{**OWNER, 'uid': made['metadata']['uid'], 'kind': 'Other'}],
        'finalizers': ['a/b'],
    }
    body = {'metadata': wanted, 'status': {'conditions': [{'type': 'x', 'status': 'True'}]}}
    status, written = await send(cluster, 'PATCH', f'{url}/a/status', body)
    assert status == 200, written
    assert {field for field in wanted if field in written['metadata']} == taken
    assert written['spec'] == made['spec']
    assert written['metadata'].get('generation') == made['metadata'].get('generation')


# ---- Names, owners. ----


async def test_a_generated_name_that_is_taken_is_generated_again(
    cluster: kmock.KubernetesCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = iter(['x-a', 'x-a', 'x-a', 'x-b'])

    def generate(base: str) -> str:
        return next(names)

    monkeypatch.setattr(creating, 'generate_name', generate)
    for name in ('x-a', 'x-b'):
        status, made = await send(cluster, 'POST', CONFIGMAPS, {'metadata': {'generateName': 'x-'}})
        assert (status, made['metadata']['name']) == (201, name)


async def test_when_no_name_is_free_one_can_try_again(
    cluster: kmock.KubernetesCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    def generate(base: str) -> str:
        return f'{base}a'

    monkeypatch.setattr(creating, 'generate_name', generate)
    await send(cluster, 'POST', CONFIGMAPS, {'metadata': {'generateName': 'x-'}})
    status, refused = await send(cluster, 'POST', CONFIGMAPS, {'metadata': {'generateName': 'x-'}})
    assert status == 409
    text = 'already exists, the server was not able to generate a unique name for the object'
    assert refused['message'] == f'configmaps "x-a" {text}'
    assert refused['details'] == {'name': 'x-a', 'kind': 'configmaps', 'retryAfterSeconds': 1}


@pytest.mark.parametrize(
    ('base', 'fields'),
    [
        ('x-', []),
        ('x' * 63 + '-', []),
        ('-', ['metadata.generateName', 'metadata.name']),
        ('A-', ['metadata.name']),
        ('a.-', ['metadata.name']),
        ('-a', ['metadata.generateName', 'metadata.name']),
        ('x' * 254, ['metadata.generateName']),
    ],
)
async def test_what_a_name_is_generated_from_is_checked_without_its_last_dash(
    cluster: kmock.KubernetesCluster, base: str, fields: list[str]
) -> None:
    _, found = await send(cluster, 'POST', CONFIGMAPS, {'metadata': {'generateName': base}})
    assert [cause['field'] for cause in found.get('details', {}).get('causes', [])] == fields


@pytest.mark.parametrize(
    ('url', 'metadata', 'why'),
    [
        ('/api/v1/namespaces', {'name': 'a.b'}, 'metadata.name: Invalid value: "a.b": must not contain dots'),
        (CONFIGMAPS, {'labels': {'a': 'b' * 64}}, f'"{"b" * 64}": must be no more than 63 bytes'),
        (CONFIGMAPS, {'labels': {'a' * 64: ''}}, f'"{"a" * 64}": name part must be no more than 63 bytes'),
        (CONFIGMAPS, {'labels': {f'{"a" * 254}/b': ''}}, 'prefix part must be no more than 253 bytes'),
        (CONFIGMAPS, {'labels': {'a/b/c': ''}}, '"a/b/c": a valid label key must consist of alphanumeric characters'),
        (CONFIGMAPS, {'name': 'a' * 254}, 'must be no more than 253 characters'),
        (SERVICES, {'name': 'a' * 64}, 'must be no more than 63 characters'),
        (
            CONFIGMAPS,
            {'finalizers': ['orphan', 'foregroundDeletion']},
            'finalizer foregroundDeletion and orphan cannot be both set',
        ),
        (CONFIGMAPS, {'ownerReferences': [{**OWNER, 'name': ''}]}, 'name: Invalid value: "": must not be empty'),
        (
            CONFIGMAPS,
            {'ownerReferences': [{**OWNER, 'controller': True}, {**OWNER, 'uid': '2', 'controller': True}]},
            'Only one reference can have Controller set to true. Found "true" in references for Pod/p and Pod/p',
        ),
    ],
)
async def test_metadata_is_refused_in_the_words_of_the_real_server(
    cluster: kmock.KubernetesCluster, url: str, metadata: Any, why: str
) -> None:
    body = {'metadata': {'name': 'a', **metadata}, 'spec': {}}
    status, found = await send(cluster, 'POST', url, body)
    assert (status, why in found['message']) == (422, True), found['message']


@pytest.mark.parametrize(
    ('method', 'when'), [('POST', ''), ('PUT', ''), ('PATCH', ' after mutating admission happens')]
)
async def test_an_owner_that_is_named_twice_is_taken_once_with_a_warning(method: str, when: str) -> None:
    body = {'metadata': {'name': 'a', 'ownerReferences': [OWNER, OWNER]}}
    async with kmock.KubernetesCluster(controllers=False) as cluster:
        url = CONFIGMAPS
        if method != 'POST':
            await make(cluster, CONFIGMAPS)
            url = f'{CONFIGMAPS}/a'
        response = await cluster.request(method, url, json=body, headers=MERGE if method == 'PATCH' else {})
        assert (await response.json())['metadata']['ownerReferences'] == [OWNER]
        warning = response.headers['Warning']
        assert warning.startswith(f'299 - ".metadata.ownerReferences contains duplicate entries{when};')
        assert warning.endswith('duplicate UID(s) observed: 1"')


# ---- What is immutable. ----


@pytest.mark.parametrize(
    ('field', 'value'),
    [('uid', 'other'), ('deletionTimestamp', '2020-01-01T00:00:00Z'), ('deletionGracePeriodSeconds', 5)],
)
async def test_what_only_the_server_sets_is_immutable(
    cluster: kmock.KubernetesCluster, field: str, value: object
) -> None:
    await make(cluster, CONFIGMAPS)
    status, found = await send(cluster, 'PATCH', f'{CONFIGMAPS}/a', {'metadata': {field: value}})
    assert (status, [cause['field'] for cause in found['details']['causes']]) == (422, 2 * [f'metadata.{field}'])


async def test_the_time_of_a_deletion_stays_whatever_is_said_of_it(cluster: kmock.KubernetesCluster) -> None:
    await make(cluster, CONFIGMAPS, metadata={'finalizers': ['a/b']})
    marked = (await send(cluster, 'DELETE', f'{CONFIGMAPS}/a'))[1]
    change = {'metadata': {'deletionTimestamp': '2020-01-01T00:00:00Z'}}
    assert await send(cluster, 'PATCH', f'{CONFIGMAPS}/a', change) == (200, marked)


# ---- Services of other types. ----


async def test_a_service_of_another_type_drops_what_means_nothing_for_it(cluster: kmock.KubernetesCluster) -> None:
    made = await make(cluster, SERVICES, spec={'type': 'LoadBalancer', 'ports': [{'port': 80}]})
    assert made['spec']['ports'][0]['nodePort']

    status, changed = await send(cluster, 'PATCH', f'{SERVICES}/a', {'spec': {'type': 'ClusterIP'}})
    assert status == 200, changed
    assert 'nodePort' not in changed['spec']['ports'][0]
    assert not {'externalTrafficPolicy', 'allocateLoadBalancerNodePorts'} & changed['spec'].keys()
    assert changed['spec']['clusterIP'] == made['spec']['clusterIP']

    change = {'spec': {'type': 'ExternalName', 'externalName': 'example.com'}}
    status, changed = await send(cluster, 'PATCH', f'{SERVICES}/a', change)
    assert status == 200, changed
    assert not {'clusterIP', 'clusterIPs', 'ipFamilies', 'ipFamilyPolicy'} & changed['spec'].keys()


async def test_a_service_keeps_its_address_when_that_is_left_out(cluster: kmock.KubernetesCluster) -> None:
    made = await make(cluster, SERVICES, spec={'ports': [{'port': 80}]})
    assert await send(cluster, 'PATCH', f'{SERVICES}/a', {'spec': {'clusterIP': None}}) == (200, made)
    body = {'metadata': {'name': 'a'}, 'spec': {'ports': [{'port': 80}]}}
    assert await send(cluster, 'PUT', f'{SERVICES}/a', body) == (200, made)
