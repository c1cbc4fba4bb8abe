"""Server-side apply, as clients see it: built-in kinds by their list types, custom ones by those that they declare."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import kmock
from kmock_k8s.ownership.fieldsets import decode, paths, show_path

NAMESPACED = '/api/v1/namespaces/default'
CONFIGMAPS = f'{NAMESPACED}/configmaps'
PODS = f'{NAMESPACED}/pods'
SERVICES = f'{NAMESPACED}/services'
DEPLOYMENTS = '/apis/apps/v1/namespaces/default/deployments'
DEFINITIONS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'
WIDGETS = '/apis/example.com/v1/namespaces/default/widgets'

KINDS = {
    CONFIGMAPS: {'apiVersion': 'v1', 'kind': 'ConfigMap'},
    '/api/v1/nodes': {'apiVersion': 'v1', 'kind': 'Node'},
    PODS: {'apiVersion': 'v1', 'kind': 'Pod'},
    SERVICES: {'apiVersion': 'v1', 'kind': 'Service'},
    DEPLOYMENTS: {'apiVersion': 'apps/v1', 'kind': 'Deployment'},
    WIDGETS: {'apiVersion': 'example.com/v1', 'kind': 'Widget'},
}
TYPES = {'update': 'application/merge-patch+json', 'json': 'application/json-patch+json'}


async def apply(
    cluster: kmock.KubernetesCluster,
    url: str,
    content: Any,
    manager: str = 'me',
    *,
    part: str = '',
    force: bool = False,
) -> tuple[int, Any]:
    config = {**KINDS[url], **content, 'metadata': {'name': 'a', **content.get('metadata', {})}}
    query = {'fieldManager': manager, 'force': 'true' if force else 'false'}
    headers = {'Content-Type': 'application/apply-patch+yaml'}
    response = await cluster.patch(f'{url}/a{part}', params=query, data=json.dumps(config), headers=headers)
    return response.status, await response.json()


async def patch(
    cluster: kmock.KubernetesCluster, url: str, changes: Any, manager: str = 'other', how: str = 'update'
) -> Any:
    headers = {'Content-Type': TYPES[how]}
    query = {'fieldManager': manager}
    response = await cluster.patch(f'{url}/a', params=query, data=json.dumps(changes), headers=headers)
    found = await response.json()
    assert response.status == 200, found
    return found


def owned(found: Any) -> dict[tuple[str, str, str], str]:
    """What each manager owns, by how, and by which subresource."""
    return {
        (entry['manager'], entry['operation'], entry.get('subresource', '')): ' '.join(
            sorted(show_path(path) for path in paths(decode(entry['fieldsV1'])))
        )
        for entry in found['metadata'].get('managedFields', [])
    }


async def define(cluster: kmock.KubernetesCluster, **properties: Any) -> None:
    schema = {'type': 'object', 'properties': {'spec': {'type': 'object', 'properties': properties}}}
    body = {
        'metadata': {'name': 'widgets.example.com'},
        'spec': {
            'group': 'example.com',
            'scope': 'Namespaced',
            'names': {'plural': 'widgets', 'kind': 'Widget'},
            'versions': [{'name': 'v1', 'served': True, 'storage': True, 'schema': {'openAPIV3Schema': schema}}],
        },
    }
    response = await cluster.post(DEFINITIONS, json=body)
    assert response.status == 201, await response.text()


def pod(*containers: Any, **more: Any) -> Any:
    return {'spec': {'containers': list(containers), **more}}


# ---- Built-in kinds. ----


async def test_containers_are_joined_by_their_names(cluster: kmock.KubernetesCluster) -> None:
    await apply(cluster, PODS, pod({'name': 'x', 'image': 'i'}), 'one')
    status, found = await apply(cluster, PODS, pod({'name': 'x', 'image': 'i'}), 'two')
    assert (status, [one['name'] for one in found['spec']['containers']]) == (200, ['x'])
    place = '.spec.containers[name="x"]'
    assert owned(found) == {(manager, 'Apply', ''): f'{place} {place}.image {place}.name' for manager in ('one', 'two')}
    status, found = await apply(cluster, PODS, pod({'name': 'x', 'image': 'j'}), 'two')
    assert (status, [cause['field'] for cause in found['details']['causes']]) == (409, [f'{place}.image'])


@pytest.mark.parametrize(
    ('field', 'first', 'second', 'names'),
    [
        ('env', [{'name': 'A', 'value': '1'}], [{'name': 'B', 'value': '2'}], ['A', 'B']),
        (
            'ports',
            [{'containerPort': 80}],
            [{'containerPort': 80, 'protocol': 'UDP', 'name': 'u'}],
            [None, 'u'],
        ),
        ('volumeMounts', [{'name': 'v', 'mountPath': '/a'}], [{'name': 'v', 'mountPath': '/b'}], ['v', 'v']),
    ],
)
async def test_lists_in_containers_are_joined_by_their_keys(
    cluster: kmock.KubernetesCluster, field: str, first: Any, second: Any, names: list[Any]
) -> None:
    def deployment(items: Any) -> Any:
        container = {'name': 'c', 'image': 'i', field: items}
        template = {'metadata': {'labels': {'a': 'b'}}, 'spec': {'containers': [container], 'volumes': [{'name': 'v'}]}}
        return {'spec': {'selector': {'matchLabels': {'a': 'b'}}, 'template': template}}

    assert (await apply(cluster, DEPLOYMENTS, deployment(first), 'one'))[0] == 201
    status, found = await apply(cluster, DEPLOYMENTS, deployment(second), 'two')
    assert status == 200, found
    items = found['spec']['template']['spec']['containers'][0][field]
    assert [item.get('name') for item in items] == names

    status, found = await apply(cluster, DEPLOYMENTS, deployment([]), 'one')
    items = found['spec']['template']['spec']['containers'][0][field]
    assert [item.get('name') for item in items] == names[1:]


async def test_ports_of_services_are_joined_by_port_and_protocol(cluster: kmock.KubernetesCluster) -> None:
    def service(*ports: Any) -> Any:
        return {'spec': {'ports': list(ports)}}

    await apply(cluster, SERVICES, service({'port': 53, 'name': 't'}), 'one')
    status, found = await apply(cluster, SERVICES, service({'port': 53, 'protocol': 'UDP', 'name': 'u'}), 'two')
    assert (status, [port['name'] for port in found['spec']['ports']]) == (200, ['t', 'u'])
    assert owned(found)['one', 'Apply', ''] == (
        '.spec.ports[port=53,protocol="TCP"] .spec.ports[port=53,protocol="TCP"].name '
        '.spec.ports[port=53,protocol="TCP"].port'
    )


async def test_tolerations_are_one_thing(cluster: kmock.KubernetesCluster) -> None:
    one = pod({'name': 'c', 'image': 'i'}, tolerations=[{'key': 'a', 'operator': 'Exists'}])
    two = pod({'name': 'c', 'image': 'i'}, tolerations=[{'key': 'b', 'operator': 'Exists'}])
    await apply(cluster, PODS, one, 'one')
    status, found = await apply(cluster, PODS, two, 'two')
    assert (status, [cause['field'] for cause in found['details']['causes']]) == (409, ['.spec.tolerations'])


async def test_owners_are_joined_by_uid_and_finalizers_by_value(cluster: kmock.KubernetesCluster) -> None:
    response = await cluster.get('/api/v1/namespaces/default')
    uid = (await response.json())['metadata']['uid']
    owner = {'apiVersion': 'v1', 'kind': 'Namespace', 'name': 'default', 'uid': uid}
    await apply(cluster, CONFIGMAPS, {'metadata': {'ownerReferences': [owner], 'finalizers': ['a/a']}}, 'one')
    status, found = await apply(cluster, CONFIGMAPS, {'metadata': {'finalizers': ['b/b']}}, 'two')
    assert (status, found['metadata']['finalizers']) == (200, ['a/a', 'b/b'])
    assert owned(found) == {
        ('one', 'Apply', ''): f'.metadata.finalizers[="a/a"] .metadata.ownerReferences[uid="{uid}"]',
        ('two', 'Apply', ''): '.metadata.finalizers[="b/b"]',
    }
    status, found = await apply(cluster, CONFIGMAPS, {}, 'one')
    assert (status, found['metadata']['finalizers']) == (200, ['b/b'])
    assert 'ownerReferences' not in found['metadata']


async def test_conditions_are_joined_by_their_types(cluster: kmock.KubernetesCluster) -> None:
    def status(kind: str) -> Any:
        return {'status': {'conditions': [{'type': kind, 'status': 'True'}]}}

    await apply(cluster, PODS, pod({'name': 'c', 'image': 'i'}), 'one')
    await apply(cluster, PODS, status('Ready'), 'one', part='/status')
    code, found = await apply(cluster, PODS, status('Other'), 'two', part='/status')
    assert (code, {one['type'] for one in found['status']['conditions']}) == (200, {'Ready', 'Other'})
    assert owned(found)['two', 'Apply', 'status'] == (
        '.status.conditions[type="Other"] .status.conditions[type="Other"].status .status.conditions[type="Other"].type'
    )


async def test_an_object_and_its_status_are_applied_apart(cluster: kmock.KubernetesCluster) -> None:
    spec = pod({'name': 'c', 'image': 'i'})
    _, found = await apply(cluster, PODS, {**spec, 'status': {'phase': 'Running'}})
    assert found['status']['phase'] == 'Pending'
    _, found = await apply(cluster, PODS, {'spec': {'nodeName': 'n'}, 'status': {'phase': 'Running'}}, part='/status')
    assert (found['status']['phase'], 'nodeName' in found['spec']) == ('Running', False)
    assert {key: value for key, value in owned(found).items() if key[2]} == {('me', 'Apply', 'status'): '.status.phase'}


@pytest.mark.parametrize(
    ('body', 'why'),
    [
        (
            '[]',
            'unmarshaling JSON: while decoding JSON: json: cannot unmarshal array into Go value of type map[string]int',
        ),
        (
            '"x"',
            'unmarshaling JSON: while decoding JSON: json: cannot unmarshal string into Go value of type map[string]',
        ),
        ('{', 'converting YAML to JSON: yaml: did not find expected node content'),
        ('a: [', 'converting YAML to JSON: yaml: did not find expected node content'),
    ],
)
async def test_what_is_no_configuration_is_a_bad_request(cluster: kmock.KubernetesCluster, body: str, why: str) -> None:
    headers = {'Content-Type': 'application/apply-patch+yaml'}
    response = await cluster.patch(f'{CONFIGMAPS}/a?fieldManager=me', data=body, headers=headers)
    assert response.status == 400
    assert (await response.json())['message'].startswith(f'error decoding YAML: error {why}')


# ---- From updates to applies. ----


async def test_what_an_update_has_written_conflicts_with_its_manager_and_version(
    cluster: kmock.KubernetesCluster,
) -> None:
    await apply(cluster, CONFIGMAPS, {'data': {'a': '1'}})
    await patch(cluster, CONFIGMAPS, {'data': {'a': '2'}})
    status, found = await apply(cluster, CONFIGMAPS, {'data': {'a': '3'}})
    message = 'Apply failed with 1 conflict: conflict with "other" using v1: .data.a'
    assert (status, found['message']) == (409, message)
    status, found = await apply(cluster, CONFIGMAPS, {'data': {'a': '3'}}, force=True)
    assert (status, owned(found)) == (200, {('me', 'Apply', ''): '.data.a'})


@pytest.mark.parametrize('owners', [[], [{}]])
async def test_what_nobody_owns_belongs_to_who_was_before_the_first_apply(
    cluster: kmock.KubernetesCluster, owners: Any
) -> None:
    await apply(cluster, CONFIGMAPS, {'data': {'a': '1', 'b': '2'}}, 'gone')
    cleared = await patch(cluster, CONFIGMAPS, {'metadata': {'managedFields': owners}})
    assert 'managedFields' not in cleared['metadata']

    status, found = await apply(cluster, CONFIGMAPS, {'data': {'a': '3'}})
    assert (status, found['message'].partition(': ')[2]) == (
        409,
        'conflict with "before-first-apply" using v1: .data.a',
    )
    status, found = await apply(cluster, CONFIGMAPS, {'data': {'a': '1'}})
    assert owned(found) == {
        ('me', 'Apply', ''): '.data.a',
        ('before-first-apply', 'Update', ''): '.data .data.a .data.b',
    }


async def test_kubectl_takes_over_what_it_has_applied_on_the_client(cluster: kmock.KubernetesCluster) -> None:
    last: dict[str, Any] = {**KINDS[CONFIGMAPS], 'metadata': {'name': 'a', 'annotations': {}}, 'data': {'a': '1'}}
    annotations = {'kubectl.kubernetes.io/last-applied-configuration': json.dumps(last)}
    response = await cluster.post(
        CONFIGMAPS,
        params={'fieldManager': 'kubectl-client-side-apply'},
        json={'metadata': {'name': 'a', 'annotations': annotations}, 'data': {'a': '1'}},
    )
    assert response.status == 201
    assert (await apply(cluster, CONFIGMAPS, {'data': {'a': '2'}}, 'someone'))[0] == 409
    status, found = await apply(cluster, CONFIGMAPS, {'data': {'a': '2'}}, 'kubectl')
    assert (status, found['data']) == (200, {'a': '2'})
    written = json.loads(found['metadata']['annotations']['kubectl.kubernetes.io/last-applied-configuration'])
    assert written['data'] == {'a': '2'}


async def test_managers_that_own_nothing_any_more_vanish(cluster: kmock.KubernetesCluster) -> None:
    await apply(cluster, CONFIGMAPS, {'data': {'a': '1'}}, 'one')
    await apply(cluster, CONFIGMAPS, {'data': {'b': '1'}}, 'two')
    _, found = await apply(cluster, CONFIGMAPS, {}, 'one')
    assert (found['data'], owned(found)) == ({'b': '1'}, {('two', 'Apply', ''): '.data.b'})


async def test_who_applies_nothing_any_more_is_no_owner(cluster: kmock.KubernetesCluster) -> None:
    await apply(cluster, CONFIGMAPS, {'data': {'a': '1'}})
    status, found = await apply(cluster, CONFIGMAPS, {})
    assert (status, found.get('data'), 'managedFields' in found['metadata']) == (200, None, False)


async def test_an_apply_that_changes_nothing_writes_nothing(cluster: kmock.KubernetesCluster) -> None:
    _, made = await apply(cluster, CONFIGMAPS, {'data': {'a': '1'}})
    revision = (await (await cluster.get(CONFIGMAPS)).json())['metadata']['resourceVersion']
    assert await apply(cluster, CONFIGMAPS, {'data': {'a': '1'}}) == (200, made)
    assert (await (await cluster.get(CONFIGMAPS)).json())['metadata']['resourceVersion'] == revision


async def test_an_apply_that_only_brings_a_new_time_writes_nothing() -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    async with kmock.KubernetesCluster(clock=lambda: now) as cluster:
        config: Any = {'data': {'a': '1'}, 'metadata': {'labels': {}}}  # empty, it is not stored: each time it is new
        _, made = await apply(cluster, CONFIGMAPS, config)
        now += timedelta(hours=1)
        assert await apply(cluster, CONFIGMAPS, config) == (200, made)


# ---- Custom resources. ----

TEXT = {'type': 'string'}
ITEMS: dict[str, Any] = {'type': 'array', 'items': {'type': 'object', 'properties': {'id': TEXT, 'v': TEXT}}}


@pytest.mark.parametrize(
    ('schema', 'one', 'two', 'result'),
    [
        ({'type': 'array', 'items': TEXT, 'x-kubernetes-list-type': 'set'}, ['a'], ['b'], ['a', 'b']),
        ({'type': 'array', 'items': TEXT}, ['a'], ['b'], None),
        ({'type': 'array', 'items': TEXT, 'x-kubernetes-list-type': 'atomic'}, ['a'], ['b'], None),
        (ITEMS, [{'id': 'a'}], [{'id': 'b'}], None),
        (
            {
                'type': 'array',
                'items': {**ITEMS['items'], 'required': ['id']},
                'x-kubernetes-list-type': 'map',
                'x-kubernetes-list-map-keys': ['id'],
            },
            [{'id': 'a'}],
            [{'id': 'b', 'v': 'x'}],
            [{'id': 'a'}, {'id': 'b', 'v': 'x'}],
        ),
        ({'type': 'object', 'additionalProperties': TEXT}, {'a': '1'}, {'b': '2'}, {'a': '1', 'b': '2'}),
        (
            {'type': 'object', 'additionalProperties': TEXT, 'x-kubernetes-map-type': 'atomic'},
            {'a': '1'},
            {'b': '2'},
            None,
        ),
        ({'type': 'object', 'x-kubernetes-preserve-unknown-fields': True}, {'a': '1'}, {'b': 2}, {'a': '1', 'b': 2}),
        ({'type': 'object', 'x-kubernetes-preserve-unknown-fields': True}, {'a': ['1']}, {'a': ['2']}, None),
    ],
)
async def test_custom_resources_are_divided_as_their_schemas_say(
    cluster: kmock.KubernetesCluster, schema: Any, one: Any, two: Any, result: Any
) -> None:
    await define(cluster, x=schema)
    assert (await apply(cluster, WIDGETS, {'spec': {'x': one}}, 'one'))[0] == 201
    status, found = await apply(cluster, WIDGETS, {'spec': {'x': two}}, 'two')
    if result is None:
        assert (status, found['reason']) == (409, 'Conflict')
        status, found = await apply(cluster, WIDGETS, {'spec': {'x': two}}, 'two', force=True)
    assert (status, found['spec']['x']) == (200, two if result is None else result)


# ---- What holds for all. ----

names = st.sampled_from('abcd')
texts = st.sampled_from(('', 'x', 'y'))
# No part is empty: built-in kinds do not store such parts, so that each apply adds them anew, in a real server too.
configs: st.SearchStrategy[Any] = st.fixed_dictionaries(
    {},
    optional={
        'data': st.dictionaries(names, texts, min_size=1, max_size=3),
        'metadata': st.fixed_dictionaries(
            {},
            optional={
                'labels': st.dictionaries(names, texts, min_size=1, max_size=2),
                'finalizers': st.lists(st.sampled_from(('a/a', 'b/b')), min_size=1, unique=True),
            },
        ),
    },
)


async def _play(writes: list[tuple[str, Any]], disjoint: bool) -> None:
    async with kmock.KubernetesCluster() as cluster:
        for manager, config in writes:
            if disjoint:
                data = {f'{manager}.{key}': value for key, value in config.get('data', {}).items()}
                config = {'data': data} if data else {}
            status, found = await apply(cluster, CONFIGMAPS, config, manager, force=not disjoint)
            assert status in {200, 201}, found
            assert await apply(cluster, CONFIGMAPS, config, manager, force=not disjoint) == (200, found)
            told = owned(found).get((manager, 'Apply', ''), '').split()
            said = [f'.data.{key}' for key in config.get('data', {})]
            said += [f'.metadata.labels.{key}' for key in config.get('metadata', {}).get('labels', {})]
            said += [f'.metadata.finalizers[="{one}"]' for one in config.get('metadata', {}).get('finalizers', [])]
            assert set(told) == set(said)
            for key, value in config.get('data', {}).items():
                assert found['data'][key] == value


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(('m1', 'm2')), configs), min_size=1, max_size=4))
def test_who_applies_owns_what_it_says_and_applying_it_again_changes_nothing(writes: list[tuple[str, Any]]) -> None:
    asyncio.run(_play(writes, disjoint=False))


@settings(max_examples=15, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(('m1', 'm2')), configs), min_size=1, max_size=4))
def test_who_apply_other_fields_are_never_in_conflict(writes: list[tuple[str, Any]]) -> None:
    asyncio.run(_play(writes, disjoint=True))


async def test_a_node_that_is_created_by_an_apply_has_its_status(cluster: kmock.KubernetesCluster) -> None:
    status, found = await apply(cluster, '/api/v1/nodes', {'status': {'capacity': {'cpu': '4'}}})
    assert status == 201
    assert found['status']['capacity'] == {'cpu': '4'}
    assert all('f:status' not in entry['fieldsV1'] for entry in found['metadata'].get('managedFields', []))
