"""The metadata of objects alone."""

from typing import Any

import pytest

import kmock
from kmock_k8s.cluster.representing.metadata import reduce_to_metadata

MAPS = '/api/v1/namespaces/default/configmaps'
WIDGETS = '/apis/example.com/v1/namespaces/default/widgets'
PARTIAL, LIST = (f'application/json;as=PartialObjectMetadata{suffix};v=v1;g=meta.k8s.io' for suffix in ('', 'List'))


@pytest.fixture(autouse=True)
async def maps(cluster: kmock.KubernetesCluster) -> None:
    """Config maps that are there."""
    for name in ('a', 'b'):
        content = {'metadata': {'name': name, 'labels': {'app': name}}, 'data': {'k': 'v'}}
        assert (await cluster.post(MAPS, json=content)).status == 201


async def ask(
    cluster: kmock.KubernetesCluster, accept: str, url: str = MAPS, method: str = 'GET', body: Any = None
) -> Any:
    response = await cluster.request(method, url, json=body, headers={'Accept': accept})
    return await response.json()


async def test_one_object_is_its_metadata(cluster: kmock.KubernetesCluster) -> None:
    whole, partial = await ask(cluster, '*/*', f'{MAPS}/a'), await ask(cluster, PARTIAL, f'{MAPS}/a')
    assert partial == {
        'kind': 'PartialObjectMetadata',
        'apiVersion': 'meta.k8s.io/v1',
        'metadata': whole['metadata'],
    }


async def test_a_list_is_that_of_metadata(cluster: kmock.KubernetesCluster) -> None:
    found = await ask(cluster, LIST)
    assert (found['kind'], found['apiVersion']) == ('PartialObjectMetadataList', 'meta.k8s.io/v1')
    assert [item['metadata']['labels'] for item in found['items']] == [{'app': 'a'}, {'app': 'b'}]
    assert {item['kind'] for item in found['items']} == {'PartialObjectMetadata'}


async def test_a_list_of_nothing_is_null(cluster: kmock.KubernetesCluster) -> None:
    found = await ask(cluster, LIST, f'{MAPS}?labelSelector=app=c')
    assert found['items'] is None


async def test_lists_have_pages(cluster: kmock.KubernetesCluster) -> None:
    found = await ask(cluster, LIST, f'{MAPS}?limit=1')
    assert found['metadata'].keys() == {'resourceVersion', 'continue', 'remainingItemCount'}
    assert len(found['items']) == 1


@pytest.mark.parametrize(
    ('accept', 'url', 'why'),
    [
        (PARTIAL, MAPS, 'PartialObjectMetadata, but the requested object is a list (*core.ConfigMapList)'),
        (LIST, f'{MAPS}/a', 'PartialObjectMetadataList, but the requested object is not a list (*core.ConfigMap)'),
        (
            PARTIAL,
            '/apis/rbac.authorization.k8s.io/v1/clusterroles',
            'PartialObjectMetadata, but the requested object is a list (*rbac.ClusterRoleList)',
        ),
    ],
)
async def test_lists_are_no_objects(cluster: kmock.KubernetesCluster, accept: str, url: str, why: str) -> None:
    found = await ask(cluster, accept, url)
    assert (found['code'], found['reason'], found['message']) == (406, 'NotAcceptable', f'you requested {why}')


async def test_lists_of_custom_objects_are_no_objects(cluster: kmock.KubernetesCluster) -> None:
    cluster.resources['example.com/v1/widgets'] = {}
    found = await ask(cluster, PARTIAL, WIDGETS)
    assert (found['code'], found['message'].rpartition(' ')[2]) == (406, '(*unstructured.UnstructuredList)')


async def test_what_is_written_is_answered_as_its_metadata(cluster: kmock.KubernetesCluster) -> None:
    made = await ask(cluster, PARTIAL, MAPS, 'POST', {'metadata': {'name': 'new'}})
    assert (made['kind'], made['metadata']['name']) == ('PartialObjectMetadata', 'new')
    found = await ask(cluster, PARTIAL, f'{MAPS}/new', 'DELETE')
    assert (found['kind'], found['status']) == ('Status', 'Success')


def test_the_fields_are_in_the_order_of_a_real_server() -> None:
    owner = {'apiVersion': 'v1', 'blockOwnerDeletion': True, 'controller': True, 'kind': 'A', 'name': 'a', 'uid': '1'}
    manager: Any = {'apiVersion': 'v1', 'fieldsType': 'FieldsV1', 'fieldsV1': {}, 'manager': 'm', 'operation': 'Update'}
    given: Any = {'managedFields': [manager], 'name': 'x', 'ownerReferences': [owner], 'annotations': {}, 'nope': 1}
    found = reduce_to_metadata({'apiVersion': 'example.com/v1', 'metadata': given, 'spec': {}}, 'v1beta1')
    assert (found['apiVersion'], [*found['metadata']]) == (
        'meta.k8s.io/v1beta1',
        ['name', 'ownerReferences', 'managedFields'],
    )
    assert [*found['metadata']['ownerReferences'][0]] == [
        'apiVersion', 'kind', 'name', 'uid', 'controller', 'blockOwnerDeletion',
    ]  # fmt: skip
    assert [*found['metadata']['managedFields'][0]] == [
        'manager', 'operation', 'apiVersion', 'fieldsType', 'fieldsV1',
    ]  # fmt: skip


@pytest.mark.parametrize('content', [{}, {'metadata': None}, {'metadata': []}, {'metadata': {'nope': 1}}])
def test_what_has_no_metadata_has_none(content: Any) -> None:
    assert reduce_to_metadata(content, 'v1')['metadata'] == {}


def test_annotations_of_one_version_are_left_out() -> None:
    metadata = {'annotations': {'deprecated.daemonset.template.generation': '1'}}
    assert reduce_to_metadata({'metadata': metadata}, 'v1')['metadata'] == {}


@pytest.mark.parametrize('field', ['annotations', 'ownerReferences', 'managedFields', 'labels'])
@pytest.mark.parametrize('value', ['text', 5, ['a'], [{'a': 'b'}, 1]])
def test_what_is_no_metadata_stays_what_it_is(field: str, value: Any) -> None:
    assert reduce_to_metadata({'metadata': {field: value}}, 'v1')['metadata'] == {field: value}
