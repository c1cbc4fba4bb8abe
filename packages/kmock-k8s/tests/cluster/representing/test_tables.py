"""Tables of built-in resources."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

import kmock
from kmock_k8s.cluster.kinds import Kind
from kmock_k8s.cluster.representing.columns import Printing, printing_of

MAPS = '/api/v1/namespaces/default/configmaps'
DEPLOYMENTS = '/apis/apps/v1/namespaces/default/deployments'
V1, V1BETA1 = (f'application/json;as=Table;v={version};g=meta.k8s.io' for version in ('v1', 'v1beta1'))
KUBECTL = f'{V1},{V1BETA1},application/json'
NOW = datetime(2026, 1, 1, tzinfo=UTC)


async def ask(
    cluster: kmock.KubernetesCluster, url: str = MAPS, method: str = 'GET', body: Any = None, accept: str = KUBECTL
) -> Any:
    """The JSON of an answer."""
    response = await cluster.request(method, url, json=body, headers={'Accept': accept})
    return await response.json()


@pytest.fixture
async def clock(cluster: kmock.KubernetesCluster) -> list[datetime]:
    """The time of the cluster, to be moved on; there are config maps made at its beginning."""
    times = [NOW]
    cluster.clock = lambda: times[0]
    for name in ('a', 'b', 'c'):
        assert (await cluster.post(MAPS, json={'metadata': {'name': name}, 'data': {'k': name}})).status == 201
    return times


async def test_a_list_is_a_table_with_rows(cluster: kmock.KubernetesCluster, clock: list[datetime]) -> None:
    clock[0] += timedelta(hours=3, minutes=20)
    table = await ask(cluster)
    assert {key: table[key] for key in ('kind', 'apiVersion')} == {'kind': 'Table', 'apiVersion': 'meta.k8s.io/v1'}
    assert [column['name'] for column in table['columnDefinitions']] == ['Name', 'Data', 'Age']
    assert [row['cells'] for row in table['rows']] == [[name, 1, '3h20m'] for name in ('a', 'b', 'c')]
    shown = table['rows'][0]['object']
    assert (shown['kind'], shown['apiVersion']) == ('PartialObjectMetadata', 'meta.k8s.io/v1')
    assert shown.keys() == {'kind', 'apiVersion', 'metadata'}
    assert shown['metadata']['name'] == 'a'


async def test_columns_are_told_of_as_a_real_server_does(cluster: kmock.KubernetesCluster) -> None:
    table = await ask(cluster)
    assert [column.keys() for column in table['columnDefinitions']] == [
        {'name', 'type', 'format', 'description', 'priority'}
    ] * 3
    assert all(column['description'] for column in table['columnDefinitions'])


async def test_flow_schemas_are_in_the_order_in_which_they_are_tried(cluster: kmock.KubernetesCluster) -> None:
    url = '/apis/flowcontrol.apiserver.k8s.io/v1/flowschemas'
    for name, precedence in (('a', 300), ('b', 20), ('c', 20), ('d', 1000)):
        spec = {'priorityLevelConfiguration': {'name': 'exempt'}, 'matchingPrecedence': precedence}
        assert (await cluster.post(url, json={'metadata': {'name': name}, 'spec': spec})).status == 201
    rows = (await ask(cluster, url))['rows']
    assert [(row['cells'][0], row['object']['metadata']['name']) for row in rows] == [(n, n) for n in 'bcad']


async def test_rows_grow_older_from_list_to_list(cluster: kmock.KubernetesCluster, clock: list[datetime]) -> None:
    ages: list[str] = []
    for _ in range(3):
        ages.append((await ask(cluster))['rows'][0]['cells'][2])
        clock[0] += timedelta(seconds=61)
    assert ages == ['0s', '61s', '2m2s']


async def test_an_old_version_of_tables_is_known(cluster: kmock.KubernetesCluster, clock: list[datetime]) -> None:
    table = await ask(cluster, accept=V1BETA1)
    assert table['apiVersion'] == table['rows'][0]['object']['apiVersion'] == 'meta.k8s.io/v1beta1'


@pytest.mark.parametrize('query', ['', '?includeObject=', '?includeObject=Metadata'])
async def test_rows_have_the_metadata(cluster: kmock.KubernetesCluster, clock: list[datetime], query: str) -> None:
    table = await ask(cluster, MAPS + query)
    assert table['rows'][0]['object']['kind'] == 'PartialObjectMetadata'


async def test_rows_have_whole_objects_where_wanted(cluster: kmock.KubernetesCluster, clock: list[datetime]) -> None:
    table = await ask(cluster, f'{MAPS}?includeObject=Object')
    assert table['rows'][1]['object'] == await ask(cluster, f'{MAPS}/b', accept='*/*')


async def test_rows_have_no_objects_where_unwanted(cluster: kmock.KubernetesCluster, clock: list[datetime]) -> None:
    table = await ask(cluster, f'{MAPS}?includeObject=None')
    assert [row['object'] for row in table['rows']] == [None] * 3


async def test_anything_else_can_not_be_included(cluster: kmock.KubernetesCluster) -> None:
    found = await ask(cluster, f'{MAPS}?includeObject=All')
    why = "must be 'Metadata', 'Object', 'None', or empty"
    message = f'Unable to convert to Table as requested: includeObject: Invalid value: "All": {why}'
    assert (found['code'], found['message']) == (400, message)


async def test_tables_have_pages(cluster: kmock.KubernetesCluster, clock: list[datetime]) -> None:
    first = await ask(cluster, f'{MAPS}?limit=2')
    token = first['metadata']['continue']
    assert first['metadata']['remainingItemCount'] == 1
    second = await ask(cluster, f'{MAPS}?limit=2&continue={token}')
    assert second['metadata'] == {'resourceVersion': first['metadata']['resourceVersion']}
    assert [len(table['rows']) for table in (first, second)] == [2, 1]


async def test_one_object_is_a_table_of_one_row(cluster: kmock.KubernetesCluster, clock: list[datetime]) -> None:
    table, whole = await ask(cluster, f'{MAPS}/b'), await ask(cluster, f'{MAPS}/b', accept='*/*')
    assert [row['cells'] for row in table['rows']] == [['b', 1, '0s']]
    assert table['metadata'] == {'resourceVersion': whole['metadata']['resourceVersion']}
    assert len(table['columnDefinitions']) == 3


async def test_what_is_written_is_answered_as_a_table(cluster: kmock.KubernetesCluster) -> None:
    made = await ask(cluster, MAPS, 'POST', {'metadata': {'name': 'new'}})
    assert (made['kind'], made['rows'][0]['cells'][:2]) == ('Table', ['new', 0])
    patched = await cluster.patch(
        f'{MAPS}/new',
        json={'data': {'a': 'b'}},
        headers={'Accept': KUBECTL, 'Content-Type': 'application/merge-patch+json'},
    )
    assert (await patched.json())['rows'][0]['cells'][:2] == ['new', 1]


async def test_a_status_is_no_table(cluster: kmock.KubernetesCluster, clock: list[datetime]) -> None:
    for accept in (V1, KUBECTL):
        found = await ask(cluster, f'{MAPS}/{"ab"[accept == V1]}', 'DELETE', accept=accept)
        assert (found['kind'], found['status']) == ('Status', 'Success')


async def test_what_is_deleted_at_once_is_a_table(cluster: kmock.KubernetesCluster, clock: list[datetime]) -> None:
    whole = await ask(cluster, f'{MAPS}/b', accept='*/*')
    table = await ask(cluster, f'{MAPS}?includeObject=Object', 'DELETE')
    assert (table['kind'], [row['cells'][0] for row in table['rows']]) == ('Table', ['a', 'b', 'c'])
    assert table['rows'][1]['object'] == whole


async def test_a_table_is_yaml_where_wanted(cluster: kmock.KubernetesCluster, clock: list[datetime]) -> None:
    response = await cluster.get(MAPS, headers={'Accept': V1.replace('json', 'yaml')})
    assert response.headers['Content-Type'] == 'application/yaml'
    assert (await response.text()).startswith('apiVersion: meta.k8s.io/v1\ncolumnDefinitions:\n- description: ')


async def test_a_table_of_nothing_has_no_rows(cluster: kmock.KubernetesCluster) -> None:
    assert (await ask(cluster))['rows'] == []
    assert (await ask(cluster, '/api/v1/namespaces/default/limitranges'))['rows'] is None


async def test_a_scale_has_columns_of_its_own(cluster: kmock.KubernetesCluster) -> None:
    labels = {'app': 'x'}
    template = {'metadata': {'labels': labels}, 'spec': {'containers': [{'name': 'c', 'image': 'i'}]}}
    spec = {'replicas': 3, 'selector': {'matchLabels': labels}, 'template': template}
    assert (await cluster.post(DEPLOYMENTS, json={'metadata': {'name': 'web'}, 'spec': spec})).status == 201
    table = await ask(cluster, f'{DEPLOYMENTS}/web/scale')
    assert [column['name'] for column in table['columnDefinitions']] == ['Name', 'Desired', 'Available', 'Age']
    assert table['rows'][0]['cells'][:3] == ['web', 3, 0]


async def test_what_is_no_object_of_the_kind_has_the_usual_columns(cluster: kmock.KubernetesCluster) -> None:
    accounts = '/api/v1/namespaces/default/serviceaccounts'
    assert (await cluster.post(accounts, json={'metadata': {'name': 'a'}})).status == 201
    body: Any = {'apiVersion': 'authentication.k8s.io/v1', 'kind': 'TokenRequest', 'spec': {}}
    table = await ask(cluster, f'{accounts}/a/token', 'POST', body)
    assert [column['name'] for column in table['columnDefinitions']] == ['Name', 'Created At']


async def test_rows_of_pods_that_are_done_say_so(cluster: kmock.KubernetesCluster) -> None:
    spec = {'containers': [{'name': 'c', 'image': 'i'}]}
    for name, phase in (('done', 'Succeeded'), ('runs', 'Running')):
        cluster.objects['v1/pods', 'default', name] = {'spec': spec, 'status': {'phase': phase}}
    table = await ask(cluster, '/api/v1/namespaces/default/pods')
    assert [[one['type'] for one in row.get('conditions', [])] for row in table['rows']] == [['Completed'], []]
    assert [*table['rows'][0]] == ['cells', 'conditions', 'object']


async def test_annotations_of_one_version_are_not_in_the_metadata(cluster: kmock.KubernetesCluster) -> None:
    key = 'deprecated.daemonset.template.generation'
    cluster.objects['apps/v1/daemonsets', 'default', 'd'] = {'metadata': {'annotations': {key: '1', 'mine': '2'}}}
    table = await ask(cluster, '/apis/apps/v1/namespaces/default/daemonsets')
    assert table['rows'][0]['object']['metadata']['annotations'] == {'mine': '2'}


def printings() -> Mapping[str, Printing]:
    """How each kind is printed that a cluster has."""
    cluster = kmock.KubernetesCluster()
    return {str(one): printing_of(Kind(one, info)) for one, info in cluster.resources.items()}


def test_every_kind_has_a_cell_for_each_of_its_columns() -> None:
    for name, printing in printings().items():
        cells = printing.cells({'metadata': {'name': 'x'}}, NOW)
        is_odd = name == 'networking.k8s.io/v1/ipaddresses'  # whose age has no column, in a real server too
        assert len(cells) == printing.columns.count(b'"priority":') + is_odd, name


def test_a_half_empty_object_has_a_row() -> None:
    for name, printing in printings().items():
        assert printing.cells({}, NOW), name
