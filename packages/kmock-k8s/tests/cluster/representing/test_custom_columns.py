"""Tables of custom resources."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

import kmock
from kmock_k8s.cluster.representing.custom_columns import read_columns

NOW = datetime(2026, 1, 2, tzinfo=UTC)
DEFINITIONS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'
WIDGETS = '/apis/example.com/v1/namespaces/default/widgets'
TABLE = {'Accept': 'application/json;as=Table;v=v1;g=meta.k8s.io'}


def cell(type: str, value: Any) -> Any:
    (column,) = read_columns([{'name': 'A', 'type': type, 'jsonPath': '.spec.a'}])
    return column.print({'spec': {'a': value}}, NOW)


@pytest.mark.parametrize(
    ('type', 'value', 'shown'),
    [
        ('string', 'x', 'x'),
        ('string', 5, '5'),
        ('string', ['x', 'y'], '["x","y"]'),
        ('string', None, '<no value>'),
        ('integer', 5, 5),
        ('integer', 5.9, 5),
        ('integer', '5', None),
        ('integer', True, None),
        ('number', 5, 5),
        ('number', 1.5, 1.5),
        ('number', 'x', None),
        ('boolean', True, True),
        ('boolean', 'true', None),
        ('date', '2026-01-01T00:00:00Z', '24h'),
        ('date', '2026-01-01T22:00:00-01:00', '60m'),
        ('date', 'tomorrow', '<invalid>'),
        ('date', '', '<unknown>'),
        ('date', '2027-01-01T00:00:00Z', '<invalid>'),
        ('date', 5, None),
        ('other', 'x', None),
    ],
)
def test_cells_are_of_the_declared_type(type: str, value: Any, shown: Any) -> None:
    assert cell(type, value) == shown


@pytest.mark.parametrize('type', ['string', 'integer', 'date'])
def test_what_is_absent_is_null(type: str) -> None:
    (column,) = read_columns([{'name': 'A', 'type': type, 'jsonPath': '.spec.a[0].b'}])
    assert column.print({}, NOW) is None
    assert column.print({'spec': {'a': []}}, NOW) is None


def test_columns_after_one_that_can_not_be_read_are_left_out() -> None:
    columns = read_columns(
        [
            {'name': 'A', 'type': 'string', 'jsonPath': '.spec.a'},
            {'name': 'B', 'type': 'string', 'jsonPath': '.spec.b['},
            {'name': 'C', 'type': 'string', 'jsonPath': '.spec.c'},
        ]
    )
    assert [column.describe()['name'] for column in columns] == ['A']


async def define(cluster: kmock.KubernetesCluster, columns: list[Any], plural: str = 'widgets') -> None:
    version: dict[str, Any] = {
        'name': 'v1',
        'served': True,
        'storage': True,
        'schema': {'openAPIV3Schema': {'type': 'object', 'x-kubernetes-preserve-unknown-fields': True}},
        'additionalPrinterColumns': columns,
    }
    definition = {
        'metadata': {'name': f'{plural}.example.com'},
        'spec': {
            'group': 'example.com',
            'scope': 'Namespaced',
            'names': {'plural': plural, 'kind': plural.title()},
            'versions': [version],
        },
    }
    assert (await cluster.post(DEFINITIONS, json=definition)).status == 201


async def make(cluster: kmock.KubernetesCluster, name: str, spec: Any) -> None:
    content = {'apiVersion': 'example.com/v1', 'kind': 'Widgets', 'metadata': {'name': name}, 'spec': spec}
    assert (await cluster.post(WIDGETS, json=content)).status == 201


async def test_objects_have_the_declared_columns(cluster: kmock.KubernetesCluster) -> None:
    await define(
        cluster,
        [
            {'name': 'Size', 'type': 'integer', 'description': 'the size', 'jsonPath': '.spec.size'},
            {'name': 'Tags', 'type': 'string', 'priority': 1, 'jsonPath': '.spec.tags'},
            {'name': 'Net', 'type': 'integer', 'format': 'int32', 'jsonPath': '.spec.net'},
        ],
    )
    await make(cluster, 'b', {'size': 3, 'tags': ['x', 'y']})
    await make(cluster, 'a', {})
    response = await cluster.get(WIDGETS, headers=TABLE)
    table = await response.json()
    prefix = 'Custom resource definition column (in JSONPath format): '
    assert table['columnDefinitions'][1:] == [
        {'name': 'Size', 'type': 'integer', 'format': '', 'description': 'the size', 'priority': 0},
        {'name': 'Tags', 'type': 'string', 'format': '', 'description': f'{prefix}.spec.tags', 'priority': 1},
        {'name': 'Net', 'type': 'integer', 'format': 'int32', 'description': f'{prefix}.spec.net', 'priority': 0},
    ]
    assert [row['cells'] for row in table['rows']] == [['a', None, None, None], ['b', 3, '["x","y"]', None]]
    assert table['metadata'].keys() == {'resourceVersion'}


async def test_without_columns_there_is_the_age(cluster: kmock.KubernetesCluster) -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    cluster.clock = lambda: now
    await define(cluster, [])
    await make(cluster, 'a', {})
    cluster.clock = lambda: now + timedelta(minutes=5)
    table = await (await cluster.get(f'{WIDGETS}/a', headers=TABLE)).json()
    assert [(column['name'], column['type']) for column in table['columnDefinitions']] == [
        ('Name', 'string'),
        ('Age', 'date'),
    ]
    assert table['rows'][0]['cells'] == ['a', '5m']


async def test_columns_change_with_the_definition(cluster: kmock.KubernetesCluster) -> None:
    await define(cluster, [{'name': 'A', 'type': 'string', 'jsonPath': '.spec.a'}])
    await make(cluster, 'x', {'a': 'one', 'b': 'two'})
    before = await (await cluster.get(WIDGETS, headers=TABLE)).json()
    found = await (await cluster.get(f'{DEFINITIONS}/widgets.example.com')).json()
    found['spec']['versions'][0]['additionalPrinterColumns'] = [{'name': 'B', 'type': 'string', 'jsonPath': '.spec.b'}]
    assert (await cluster.put(f'{DEFINITIONS}/widgets.example.com', json=found)).status == 200
    after = await (await cluster.get(WIDGETS, headers=TABLE)).json()
    assert [table['rows'][0]['cells'] for table in (before, after)] == [['x', 'one'], ['x', 'two']]


async def test_a_table_of_nothing_has_columns(cluster: kmock.KubernetesCluster) -> None:
    await define(cluster, [])
    table = await (await cluster.get(WIDGETS, headers=TABLE)).json()
    assert (table['rows'], len(table['columnDefinitions'])) == ([], 2)
