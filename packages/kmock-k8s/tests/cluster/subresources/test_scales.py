"""Scales: of workloads and of custom resources, written in each way, with their owners."""

from typing import Any

import pytest

import kmock

DEPLOYMENTS = '/apis/apps/v1/namespaces/default/deployments'
WIDGETS = '/apis/example.com/v1/namespaces/default/widgets'
APPLY = 'application/apply-patch+yaml'
MERGE = 'application/merge-patch+json'
STRATEGIC = 'application/strategic-merge-patch+json'
PATCH = 'application/json-patch+json'
SCALE = {'apiVersion': 'autoscaling/v1', 'kind': 'Scale'}
INTEGER = {'type': 'integer'}
SIZE = {'type': 'object', 'properties': {'wanted': INTEGER}}
PROPERTIES = {
    'spec': {'type': 'object', 'properties': {'size': SIZE, 'color': {'type': 'string'}}},
    'status': {'type': 'object', 'properties': {'replicas': INTEGER}},
}
DEFINITION = {
    'metadata': {'name': 'widgets.example.com'},
    'spec': {
        'group': 'example.com',
        'scope': 'Namespaced',
        'names': {'plural': 'widgets', 'singular': 'widget', 'kind': 'Widget', 'listKind': 'WidgetList'},
        'versions': [
            {
                'name': 'v1',
                'served': True,
                'storage': True,
                'schema': {'openAPIV3Schema': {'type': 'object', 'properties': PROPERTIES}},
                'subresources': {
                    'status': {},
                    'scale': {
                        'specReplicasPath': '.spec.size.wanted',
                        'statusReplicasPath': '.status.count',
                        'labelSelectorPath': '.status.selector',
                    },
                },
            }
        ],
    },
}
KINDS = pytest.mark.parametrize('url', [f'{DEPLOYMENTS}/d', f'{WIDGETS}/d'], ids=['builtin', 'custom'])


class Client:
    """A client with a deployment and a widget, of two replicas each, which ``maker`` has applied."""

    def __init__(self, cluster: kmock.KubernetesCluster) -> None:
        self.cluster = cluster
        self.status = 0

    async def ask(self, method: str, url: str, body: Any = None, how: str = 'application/json') -> Any:
        headers = {'Content-Type': how, 'User-Agent': 'agent/1'}
        response = await self.cluster.request(method, url, headers=headers, json=body)
        self.status = response.status
        return await response.json()

    async def apply(self, url: str, replicas: int, manager: str = 'scaler', more: str = '') -> Any:
        body = {**SCALE, 'metadata': {'name': 'd'}, 'spec': {'replicas': replicas}}
        return await self.ask('PATCH', f'{url}/scale?fieldManager={manager}{more}', body, APPLY)

    async def owners(self, url: str) -> dict[tuple[str, str, str], Any]:
        found = await self.ask('GET', url)
        return {
            (one['manager'], one['operation'], one.get('subresource', '')): one
            for one in found['metadata']['managedFields']
        }

    async def replicas(self, url: str) -> Any:
        spec = (await self.ask('GET', url))['spec']
        return spec['replicas'] if 'deployments' in url else spec['size']['wanted']


@pytest.fixture
async def client(cluster: kmock.KubernetesCluster) -> Client:
    client = Client(cluster)
    template = {'metadata': {'labels': {'app': 'a'}}, 'spec': {'containers': [{'name': 'c', 'image': 'i'}]}}
    spec = {'replicas': 2, 'selector': {'matchLabels': {'app': 'a'}}, 'template': template}
    await client.ask('POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', DEFINITION)
    body = {'apiVersion': 'apps/v1', 'kind': 'Deployment', 'metadata': {'name': 'd'}, 'spec': spec}
    await client.ask('PATCH', f'{DEPLOYMENTS}/d?fieldManager=maker', body, APPLY)
    widget = {'apiVersion': 'example.com/v1', 'kind': 'Widget', 'metadata': {'name': 'd'}}
    body = {**widget, 'spec': {'size': {'wanted': 2}, 'color': 'red'}}
    await client.ask('PATCH', f'{WIDGETS}/d?fieldManager=maker', body, APPLY)
    assert client.status == 201
    return client


@KINDS
@pytest.mark.parametrize(
    ('how', 'body'),
    [
        (MERGE, {'spec': {'replicas': 7}}),
        (PATCH, [{'op': 'replace', 'path': '/spec/replicas', 'value': 7}]),
        (STRATEGIC, {'spec': {'replicas': 7}}),
    ],
)
async def test_a_scale_is_patched_in_each_way(client: Client, url: str, how: str, body: Any) -> None:
    found = await client.ask('PATCH', f'{url}/scale', body, how)
    if how == STRATEGIC and url.startswith(WIDGETS):
        assert client.status == 415
        assert found['message'].endswith(f'{PATCH}, {MERGE}, {APPLY}')
    else:
        assert (client.status, found['kind'], found['spec']) == (200, 'Scale', {'replicas': 7})
        assert await client.replicas(url) == 7


@KINDS
async def test_who_updates_a_scale_takes_the_replicas(client: Client, url: str) -> None:
    await client.ask('PATCH', f'{url}/scale', {'spec': {'replicas': 7}}, MERGE)
    owners = await client.owners(url)
    path: Any = {'f:spec': {'f:replicas': {}}} if 'deployments' in url else {'f:spec': {'f:size': {'f:wanted': {}}}}
    entry = owners['agent', 'Update', 'scale']
    assert (entry['fieldsV1'], entry['apiVersion']) == (path, 'apps/v1' if 'deployments' in url else 'example.com/v1')
    assert 'time' not in entry
    assert 'f:replicas' not in owners['maker', 'Apply', '']['fieldsV1']['f:spec']
    assert 'f:size' not in owners['maker', 'Apply', '']['fieldsV1']['f:spec']


@KINDS
async def test_a_scale_of_others_is_not_applied_over(client: Client, url: str) -> None:
    found = await client.apply(url, 5)
    assert client.status == 409
    assert found['message'] == 'Apply failed with 1 conflict: conflict with "maker": .spec.replicas'
    assert found['details']['causes'][0]['reason'] == 'FieldManagerConflict'
    assert await client.replicas(url) == 2


@KINDS
async def test_a_scale_of_one_who_has_updated_it_is_not_applied_over(client: Client, url: str) -> None:
    await client.ask('PATCH', f'{url}/scale', {'spec': {'replicas': 7}}, MERGE)
    found = await client.apply(url, 5)
    who = 'conflict with "agent" with subresource "scale" using autoscaling/v1'
    assert found['message'] == f'Apply failed with 1 conflict: {who}: .spec.replicas'


@KINDS
async def test_a_scale_is_applied_by_force(client: Client, url: str) -> None:
    found = await client.apply(url, 5, more='&force=true')
    assert (client.status, found['spec'], found['kind']) == (200, {'replicas': 5}, 'Scale')
    assert 'managedFields' not in found['metadata']
    owners = await client.owners(url)
    assert set(owners) == {('maker', 'Apply', ''), ('scaler', 'Apply', 'scale')}
    assert await client.replicas(url) == 5


@KINDS
async def test_the_same_scale_is_shared(client: Client, url: str) -> None:
    before = await client.ask('GET', url)
    await client.apply(url, 2)
    owners = await client.owners(url)
    assert set(owners) == {('maker', 'Apply', ''), ('scaler', 'Apply', 'scale')}
    assert owners['maker', 'Apply', ''] == before['metadata']['managedFields'][0]


@KINDS
async def test_what_is_applied_again_changes_nothing(client: Client, url: str) -> None:
    await client.apply(url, 5, more='&force=true')
    before = await client.ask('GET', url)
    await client.apply(url, 5)
    assert client.status == 200
    assert await client.ask('GET', url) == before


@KINDS
async def test_who_applies_the_object_conflicts_with_who_applied_the_scale(client: Client, url: str) -> None:
    await client.apply(url, 5, more='&force=true')
    version, kind = ('apps/v1', 'Deployment') if 'deployments' in url else ('example.com/v1', 'Widget')
    spec = {'replicas': 3} if 'deployments' in url else {'size': {'wanted': 3}}
    body = {'apiVersion': version, 'kind': kind, 'metadata': {'name': 'd'}, 'spec': spec}
    found = await client.ask('PATCH', f'{url}?fieldManager=other', body, APPLY)
    assert client.status == 409
    assert 'conflict with "scaler" with subresource "scale"' in found['message']


@KINDS
@pytest.mark.parametrize(
    ('body', 'status', 'why'),
    [
        ({'apiVersion': 'v1', 'kind': 'Pod'}, 400, 'invalid object type: /v1, Kind=Pod'),
        ({'apiVersion': 'autoscaling/v2', 'kind': 'Scale'}, 400, 'invalid object type: autoscaling/v2, Kind=Scale'),
        ({**SCALE, 'metadata': {'name': 'e'}}, 400, 'does not match the name on the URL (d)'),
        ({**SCALE, 'metadata': {'name': 'd'}, 'spec': {'replicas': 'x'}}, 500, 'failed to create typed patch object'),
    ],
)
async def test_an_odd_configuration_of_a_scale_is_refused(
    client: Client, url: str, body: Any, status: int, why: str
) -> None:
    found = await client.ask('PATCH', f'{url}/scale?fieldManager=m', body, APPLY)
    assert client.status == status
    assert why in found['message']


@KINDS
@pytest.mark.parametrize('part', ['scale', 'status'])
async def test_nothing_is_created_by_applying_a_part_of_it(client: Client, url: str, part: str) -> None:
    gone = f'{url[:-1]}gone'
    version, kind = ('apps/v1', 'Deployment') if 'deployments' in url else ('example.com/v1', 'Widget')
    body = {**(SCALE if part == 'scale' else {'apiVersion': version, 'kind': kind}), 'metadata': {'name': 'gone'}}
    await client.ask('PATCH', f'{gone}/{part}?fieldManager=m', body, APPLY)
    assert client.status == 404
    await client.ask('GET', gone)
    assert client.status == 404


@KINDS
async def test_a_status_is_applied_by_its_owner(client: Client, url: str) -> None:
    version, kind = ('apps/v1', 'Deployment') if 'deployments' in url else ('example.com/v1', 'Widget')
    body = {'apiVersion': version, 'kind': kind, 'metadata': {'name': 'd'}, 'status': {'replicas': 1}}
    await client.ask('PATCH', f'{url}/status?fieldManager=ctl', body, APPLY)
    assert client.status == 200
    assert (await client.owners(url))['ctl', 'Apply', 'status']['fieldsV1'] == {'f:status': {'f:replicas': {}}}
    found = await client.ask('PATCH', f'{url}/status?fieldManager=else', {**body, 'status': {'replicas': 2}}, APPLY)
    assert client.status == 409
    assert found['message'].endswith('conflict with "ctl" with subresource "status": .status.replicas')


@KINDS
@pytest.mark.parametrize('how', [MERGE, APPLY, 'PUT'])
async def test_an_old_version_of_a_scale_is_a_conflict(client: Client, url: str, how: str) -> None:
    scale = {**SCALE, 'metadata': {'name': 'd', 'resourceVersion': '1'}, 'spec': {'replicas': 4}}
    method, query = ('PUT', '') if how == 'PUT' else ('PATCH', '?fieldManager=maker')
    await client.ask(method, f'{url}/scale{query}', scale, 'application/json' if how == 'PUT' else how)
    assert client.status == 409
    assert await client.replicas(url) == 2


async def test_another_uid_of_a_scale_is_a_conflict(client: Client) -> None:
    scale = {**SCALE, 'metadata': {'name': 'd', 'uid': 'other'}, 'spec': {'replicas': 4}}
    found = await client.ask('PUT', f'{DEPLOYMENTS}/d/scale', scale)
    assert client.status == 409
    assert found['message'].startswith(
        'Operation cannot be fulfilled on deployments/scale.apps "d": Precondition failed: UID in precondition: other'
    )


async def test_a_custom_object_has_no_negative_replicas(client: Client) -> None:
    found = await client.ask('PATCH', f'{WIDGETS}/d/scale', {'spec': {'replicas': -1}}, MERGE)
    why = '.spec.size.wanted: Invalid value: -1: should be a non-negative integer'
    assert (client.status, found['message']) == (422, f'Widget.example.com "d" is invalid: {why}')


@pytest.mark.parametrize(
    ('spec', 'why'),
    [
        ({'size': {'wanted': -1}}, '.spec.size.wanted: Invalid value: -1: should be a non-negative integer'),
        ({'size': {'wanted': 2**31}}, '.spec.size.wanted: Invalid value: 2147483648: should be less than or equal to'),
        ({'size': {'wanted': 'x'}}, '.spec.size.wanted accessor error: x is of the type string, expected int64'),
        ({'size': 1}, '.spec.size accessor error: 1 is of the type int64, expected map[string]interface {}'),
    ],
)
async def test_what_a_scale_shows_has_to_be_a_number(client: Client, spec: Any, why: str) -> None:
    body = {'apiVersion': 'example.com/v1', 'kind': 'Widget', 'metadata': {'name': 'e'}, 'spec': spec}
    found = await client.ask('POST', WIDGETS, body)
    assert client.status == 422
    assert why in found['message']


async def test_a_custom_object_without_replicas_gets_them_by_its_scale(client: Client) -> None:
    body = {'apiVersion': 'example.com/v1', 'kind': 'Widget', 'metadata': {'name': 'e'}}
    await client.ask('POST', WIDGETS, body)
    found = await client.ask('GET', f'{WIDGETS}/e/scale')
    assert (client.status, found['reason']) == (500, 'InternalError')
    found = await client.ask('PATCH', f'{WIDGETS}/e/scale', {'metadata': {'labels': {'a': 'b'}}}, MERGE)
    assert (client.status, found['message']) == (400, 'the spec replicas field ".spec.size.wanted" cannot be empty')
    await client.ask('PATCH', f'{WIDGETS}/e/scale', {'spec': {'replicas': 3}}, MERGE)
    assert client.status == 200
    assert await client.replicas(f'{WIDGETS}/e') == 3


async def test_a_scale_that_is_only_tried_changes_nothing(client: Client) -> None:
    found = await client.apply(f'{DEPLOYMENTS}/d', 5, more='&force=true&dryRun=All')
    assert (client.status, found['spec']) == (200, {'replicas': 5})
    assert await client.replicas(f'{DEPLOYMENTS}/d') == 2


async def test_a_scale_without_a_change_makes_no_new_version(client: Client) -> None:
    before = await client.ask('GET', f'{DEPLOYMENTS}/d')
    await client.ask('PATCH', f'{DEPLOYMENTS}/d/scale', {'spec': {'replicas': 2}}, MERGE)
    assert client.status == 200
    assert await client.ask('GET', f'{DEPLOYMENTS}/d') == before


@KINDS
async def test_a_scale_has_a_table_of_its_own(client: Client, url: str) -> None:
    accept = {'Accept': 'application/json;as=Table;g=meta.k8s.io;v=v1'}
    table = await (await client.cluster.get(f'{url}/scale', headers=accept)).json()
    assert [one['name'] for one in table['columnDefinitions']] == ['Name', 'Desired', 'Available', 'Age']
    (row,) = table['rows']
    assert row['cells'][:3] == ['d', 2, 0]


@KINDS
async def test_an_unknown_field_of_a_scale_may_be_refused(client: Client, url: str) -> None:
    found = await client.ask('PATCH', f'{url}/scale?fieldValidation=Strict', {'spec': {'nope': 5}}, MERGE)
    assert client.status == 422
    assert found['message'].endswith(': strict decoding error: unknown field "spec.nope"')


@KINDS
async def test_a_patch_of_a_scale_to_a_wrong_type_is_invalid(client: Client, url: str) -> None:
    found = await client.ask('PATCH', f'{url}/scale', {'spec': {'replicas': 'x'}}, MERGE)
    assert (client.status, found['details']['causes'][0]['field']) == (422, 'patch')
