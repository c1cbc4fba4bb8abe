"""Tests of what a cluster tells of itself, as a kube-apiserver 1.36 does."""

import json
from typing import Any

import pytest

import kmock
from kmock_k8s.model.loading import read_bundled

AGGREGATED = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList'
BETA = AGGREGATED.replace('v=v2', 'v=v2beta1')
ACCEPTED = 'application/json, application/yaml, application/vnd.kubernetes.protobuf'


def define(group: str = 'kopf.dev', *versions: str, **names: Any) -> dict[str, Any]:
    return {
        'apiVersion': 'apiextensions.k8s.io/v1',
        'kind': 'CustomResourceDefinition',
        'metadata': {'name': f'kopfexamples.{group}'},
        'spec': {
            'group': group,
            'scope': 'Namespaced',
            'names': {'plural': 'kopfexamples', 'kind': 'KopfExample', **names},
            'versions': [
                {
                    'name': version,
                    'served': True,
                    'storage': not index,
                    'schema': {'openAPIV3Schema': {'type': 'object'}},
                    'subresources': {'status': {}, 'scale': SCALE},
                }
                for index, version in enumerate(versions or ('v1',))
            ],
        },
    }


SCALE = {'specReplicasPath': '.spec.replicas', 'statusReplicasPath': '.status.replicas'}


async def read(cluster: kmock.KubernetesCluster, url: str, accept: str = 'application/json') -> Any:
    response = await cluster.get(url, headers={'Accept': accept})
    assert response.status == 200, await response.text()
    return await response.json()


@pytest.mark.parametrize('origin', read_bundled()['resources'])
async def test_resources_are_told_with_what_they_are_stored_as(cluster: kmock.KubernetesCluster, origin: str) -> None:
    document = await read(cluster, f'/apis/{origin}' if '/' in origin else f'/api/{origin}')

    assert document == read_bundled()['resources'][origin]


@pytest.mark.parametrize('url', ['/api', '/apis'])
async def test_all_at_once_is_told_with_a_tag(cluster: kmock.KubernetesCluster, url: str) -> None:
    response = await cluster.get(url, headers={'Accept': f'{AGGREGATED},{BETA},application/json'})

    assert response.headers['Content-Type'] == AGGREGATED
    assert (response.headers['Vary'], response.headers['Cache-Control']) == ('Accept', 'public')
    assert response.headers['ETag'].startswith('"')
    assert (await response.json())['kind'] == 'APIGroupDiscoveryList'


@pytest.mark.parametrize('url', ['/api', '/apis'])
async def test_who_has_the_document_is_told_that_it_is_the_same(cluster: kmock.KubernetesCluster, url: str) -> None:
    tag = (await cluster.get(url, headers={'Accept': AGGREGATED})).headers['ETag']

    response = await cluster.get(url, headers={'Accept': AGGREGATED, 'If-None-Match': tag})
    assert (response.status, await response.read(), response.headers['ETag']) == (304, b'', tag)
    response = await cluster.get(url, headers={'Accept': AGGREGATED, 'If-None-Match': '"0"'})
    assert response.status == 200


async def test_the_tag_changes_with_the_resources(cluster: kmock.KubernetesCluster) -> None:
    headers = {'Accept': AGGREGATED}
    before = (await cluster.get('/apis', headers=headers)).headers['ETag']

    cluster.load(define())
    response = await cluster.get('/apis', headers={**headers, 'If-None-Match': before})
    assert response.status == 200
    await cluster.delete('/apis/apiextensions.k8s.io/v1/customresourcedefinitions/kopfexamples.kopf.dev')
    assert (await cluster.get('/apis', headers=headers)).headers['ETag'] == before


async def test_the_tag_is_that_of_other_servers_with_the_same_resources(cluster: kmock.KubernetesCluster) -> None:
    async with kmock.KubernetesCluster() as other:
        tags = {(await one.get('/apis', headers={'Accept': AGGREGATED})).headers['ETag'] for one in (cluster, other)}

    assert len(tags) == 1


@pytest.mark.parametrize(
    ('accept', 'kind'),
    [
        ('', 'APIGroupList'),
        ('*/*', 'APIGroupList'),
        (f'{BETA},application/json', 'APIGroupList'),
        (f'{BETA},{AGGREGATED}', 'APIGroupDiscoveryList'),
        (f'{AGGREGATED};q=0.5,application/json;q=0.9', 'APIGroupList'),
        (f'application/xml,{AGGREGATED}', 'APIGroupDiscoveryList'),
    ],
)
async def test_clients_get_the_representation_that_they_prefer(
    cluster: kmock.KubernetesCluster, accept: str, kind: str
) -> None:
    assert (await read(cluster, '/apis', accept))['kind'] == kind


@pytest.mark.parametrize('url', ['/api', '/api/v1', '/apis', '/apis/apps', '/apis/apps/v1'])
async def test_who_takes_no_representation_is_told_which_there_are(cluster: kmock.KubernetesCluster, url: str) -> None:
    response = await cluster.get(url, headers={'Accept': 'application/xml'})

    status = await response.json()
    assert (response.status, status['reason']) == (406, 'NotAcceptable')
    assert status['message'].endswith(ACCEPTED)


@pytest.mark.parametrize('url', ['/', '/version', '/version/'])
async def test_some_documents_are_always_indented_json(cluster: kmock.KubernetesCluster, url: str) -> None:
    response = await cluster.get(url, headers={'Accept': 'application/xml'})

    body = await response.text()
    assert body == json.dumps(json.loads(body), indent=2)
    assert response.headers['Cache-Control'] == 'no-cache, private'


async def test_the_version_is_that_of_the_kubernetes_that_is_imitated(cluster: kmock.KubernetesCluster) -> None:
    assert await read(cluster, '/version') == read_bundled()['version']


async def test_the_version_can_be_another_one() -> None:
    async with kmock.KubernetesCluster(version={'gitVersion': 'v1.33.1'}) as cluster:
        assert await read(cluster, '/version') == {'gitVersion': 'v1.33.1'}


async def test_all_paths_that_are_told_are_there(cluster: kmock.KubernetesCluster) -> None:
    paths = (await read(cluster, '/'))['paths']

    assert paths == sorted(set(paths))
    answers = {path: (await cluster.get(path)).status for path in paths}
    assert set(answers.values()) == {200}


async def test_a_custom_resource_is_told_as_it_is_defined(cluster: kmock.KubernetesCluster) -> None:
    cluster.load(define(shortNames=['kex', 'ke'], categories=['zoo', 'all']))

    first, *rest = (await read(cluster, '/apis/kopf.dev/v1'))['resources']
    assert (first['shortNames'], first['categories']) == (['kex', 'ke'], ['zoo', 'all'])
    assert first['verbs'] == ['delete', 'deletecollection', 'get', 'list', 'patch', 'create', 'update', 'watch']
    assert [row['name'] for row in rest] == ['kopfexamples/status', 'kopfexamples/scale']


async def test_a_custom_resource_has_its_group_among_all_at_once(cluster: kmock.KubernetesCluster) -> None:
    cluster.load(define())

    group = (await read(cluster, '/apis', AGGREGATED))['items'][-1]
    (told,) = group['versions'][0]['resources']
    kind = {'group': 'kopf.dev', 'version': 'v1', 'kind': 'KopfExample'}
    scale = {'group': 'autoscaling', 'version': 'v1', 'kind': 'Scale'}
    assert told['responseKind'] == kind
    assert {one['subresource']: one['responseKind'] for one in told['subresources']} == {'status': kind, 'scale': scale}


async def test_custom_groups_come_last_in_the_order_of_their_api_services(cluster: kmock.KubernetesCluster) -> None:
    for group, version in [('aaa.dev', 'v1beta1'), ('zzz.dev', 'v1'), ('mmm.dev', 'v1')]:
        cluster.load(define(group, version))

    groups = [group['name'] for group in (await read(cluster, '/apis'))['groups']]
    assert groups[-3:] == ['mmm.dev', 'zzz.dev', 'aaa.dev']
    aggregated = [group['metadata']['name'] for group in (await read(cluster, '/apis', AGGREGATED))['items']]
    assert aggregated[-3:] == ['aaa.dev', 'mmm.dev', 'zzz.dev']


async def test_a_definition_is_discovered_by_who_has_made_it_and_gone_with_it(cluster: kmock.KubernetesCluster) -> None:
    definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'

    await cluster.post(definitions, json=define('kopf.dev', 'v1', 'v1beta1'))
    versions = (await read(cluster, '/apis/kopf.dev/'))['versions']
    assert [version['version'] for version in versions] == ['v1', 'v1beta1']
    await cluster.delete(f'{definitions}/kopfexamples.kopf.dev')
    response = await cluster.get('/apis/kopf.dev')
    assert (response.status, await response.text()) == (404, '404 page not found\n')


@pytest.mark.parametrize('url', ['/api', '/api/v1', '/apis/apps', '/apis/apps/v1', '/version', '/apis'])
async def test_slashes_at_the_end_make_no_difference(cluster: kmock.KubernetesCluster, url: str) -> None:
    assert await read(cluster, f'{url}/') == await read(cluster, url)


@pytest.mark.parametrize(
    ('url', 'is_status'),
    [('/api/v9', True), ('/apis/apps/v9', True), ('/api//v1', True), ('/apis/nope.dev/v1', False), ('/apis//', False)],
)
async def test_what_is_not_there_is_told_as_by_the_real_server(
    cluster: kmock.KubernetesCluster, url: str, is_status: bool
) -> None:
    response = await cluster.get(url)

    assert response.status == 404
    assert (response.headers['Content-Type'] == 'application/json') is is_status


@pytest.mark.parametrize('method', ['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'HEAD'])
@pytest.mark.parametrize('url', ['/version', '/api', '/api/v1', '/apis/apps/v1'])
async def test_documents_are_only_read(cluster: kmock.KubernetesCluster, method: str, url: str) -> None:
    assert (await cluster.request(method, url)).status == 405


@pytest.mark.parametrize('url', ['/', '/apis', '/apis/apps', '/healthz', '/metrics'])
async def test_some_documents_have_heads(cluster: kmock.KubernetesCluster, url: str) -> None:
    response = await cluster.head(url)

    assert (response.status, await response.read()) == (200, b'')


async def test_a_method_for_an_unknown_group_is_not_found(cluster: kmock.KubernetesCluster) -> None:
    response = await cluster.post('/apis/nope.dev', json={})

    assert (response.status, await response.text()) == (404, '404 page not found\n')


@pytest.mark.parametrize('url', ['/', '/apis', '/apis/apps', '/healthz', '/readyz'])
async def test_some_documents_do_not_look_at_the_method(cluster: kmock.KubernetesCluster, url: str) -> None:
    response = await cluster.post(url)

    assert response.status == 200
