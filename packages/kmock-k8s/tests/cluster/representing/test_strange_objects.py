"""Objects that no real server has, as tests may store anything: each representation of them is an answer."""

import asyncio
import json
from typing import Any

import pytest

import kmock

PODS = '/api/v1/namespaces/default/pods'
WIDGETS = '/apis/example.com/v1/namespaces/default/widgets'
DEFINITIONS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'
PROTOBUF = 'application/vnd.kubernetes.protobuf'
TABLE, PARTIAL, LIST = (
    f';as={kind};v=v1;g=meta.k8s.io' for kind in ('Table', 'PartialObjectMetadata', 'PartialObjectMetadataList')
)
ACCEPTED = [
    'application/json;pretty=1',
    'application/yaml',
    f'application/json{TABLE}',
    f'application/yaml{TABLE}',
    f'application/json{PARTIAL}',
    f'application/yaml{LIST}',
    PROTOBUF,
    PROTOBUF + PARTIAL,
    PROTOBUF + LIST,
]
STRANGE: dict[str, Any] = {
    'without-metadata': {'metadata': []},
    'with-numbers': {'metadata': {'labels': {'a': 1}, 'annotations': {'b': 2.5}}, 'spec': {'replicas': 10**400}},
    'with-texts': {
        'metadata': {'labels': 'a', 'ownerReferences': 'b', 'managedFields': 'c'},
        'spec': 'd',
        'status': 'e',
    },
    'with-lists': {'metadata': {'ownerReferences': [1, None]}, 'spec': [{}], 'status': [None], 'items': [1]},
    'of-no-time': {'metadata': {'creationTimestamp': 'yesterday', 'deletionTimestamp': 5}},
    'of-the-future': {'metadata': {'creationTimestamp': '9999-12-31T23:59:59-23:59'}},
    'of-half-letters': {
        'metadata': {'annotations': {'a': '\ud800'}},
        'spec': {'\udfff': '\udc00'},
        'status': 'a\ud800',
    },
    'of-controls': {'spec': {'a\nb': 'c\x00\nd', 'nodeName': '\ufeff\x7f\u2028'}},
    'of-digits': {'spec': {f'a{"1" * 5000}': 1, f'a{"1" * 4999}2': 2}},
}


@pytest.fixture(autouse=True)
async def widgets(cluster: kmock.KubernetesCluster) -> None:
    """A custom resource with columns that look everywhere."""
    columns = [{'name': path, 'type': 'string', 'jsonPath': path} for path in ('..*', '.status[*]', '.spec', '.status')]
    schema = {'type': 'object', 'x-kubernetes-preserve-unknown-fields': True}
    version = {'name': 'v1', 'served': True, 'storage': True, 'schema': {'openAPIV3Schema': schema}}
    names = {'plural': 'widgets', 'kind': 'WidgetList'}
    spec: Any = {'group': 'example.com', 'scope': 'Namespaced', 'names': names}
    spec['versions'] = [{**version, 'additionalPrinterColumns': columns}]
    assert (
        await cluster.post(DEFINITIONS, json={'metadata': {'name': 'widgets.example.com'}, 'spec': spec})
    ).status == 201


@pytest.mark.parametrize('strange', STRANGE)
async def test_whatever_is_stored_is_answered(cluster: kmock.KubernetesCluster, strange: str) -> None:
    for plural, collection in (('v1/pods', PODS), ('example.com/v1/widgets', WIDGETS)):
        cluster.objects[plural, 'default', strange] = STRANGE[strange]
        for url in (collection, f'{collection}/{strange}'):
            for accept in ACCEPTED:
                response = await cluster.get(url, headers={'Accept': accept})
                text = (await response.read()).decode('utf-8', 'replace')
                assert response.status in (200, 406), (url, accept, text)
                assert text, (url, accept)


async def test_what_can_not_be_in_protobuf_is_told_of(cluster: kmock.KubernetesCluster) -> None:
    cluster.objects['v1/pods', 'default', 'a'] = {'spec': {'containers': [{'name': 5}]}}
    for url, kind in ((f'{PODS}/a', 'Pod'), (PODS, 'PodList.items')):
        response = await cluster.get(url, headers={'Accept': PROTOBUF})
        text = (await response.read()).decode('utf-8', 'replace')
        assert response.status == 406
        assert f'it can not be written in protobuf: {kind}.spec.containers.name: 5 is no string' in text


async def test_a_watch_in_protobuf_tells_of_what_it_can_not_show(cluster: kmock.KubernetesCluster) -> None:
    accept = {'Accept': PROTOBUF}
    async with (
        asyncio.timeout(30),
        cluster.get(f'{PODS}?watch=1', headers=accept) as binary,
        cluster.get(f'{PODS}?watch=1') as plain,
    ):
        cluster.objects['v1/pods', 'default', 'a'] = {'spec': 'text'}
        cluster.objects['v1/pods', 'default', 'b'] = {}
        for name, type in (('a', b'ERROR'), ('b', b'ADDED')):
            event = await binary.content.readexactly(int.from_bytes(await binary.content.readexactly(4), 'big'))
            assert event[2:7] == type
            assert json.loads(await plain.content.readline())['object']['metadata']['name'] == name


async def test_an_object_is_no_list_whatever_its_kind_is_called(cluster: kmock.KubernetesCluster) -> None:
    content = {'apiVersion': 'example.com/v1', 'kind': 'WidgetList', 'metadata': {'name': 'a'}, 'items': [{'a': 1}]}
    assert (await cluster.post(WIDGETS, json=content)).status == 201
    found = await (await cluster.get(f'{WIDGETS}/a', headers={'Accept': f'application/json{PARTIAL}'})).json()
    assert (found['kind'], found['metadata']['name']) == ('PartialObjectMetadata', 'a')
    table = await (await cluster.get(f'{WIDGETS}/a', headers={'Accept': f'application/json{TABLE}'})).json()
    assert [row['cells'][0] for row in table['rows']] == ['a']
