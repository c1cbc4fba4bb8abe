"""OpenAPI documents of the cluster: an index with hashes, and a document for each version of a group."""

import json
from typing import Any

import pytest

import kmock

DEFINITIONS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'
APPS = '/openapi/v3/apis/apps/v1'
JSON = {'Accept': 'application/json'}


async def list_urls(cluster: kmock.KubernetesCluster) -> dict[str, str]:
    response = await cluster.get('/openapi/v3')
    assert response.status == 200
    return {path: told['serverRelativeURL'] for path, told in json.loads(await response.text())['paths'].items()}


async def define(cluster: kmock.KubernetesCluster, plural: str = 'widgets', **schema: Any) -> None:
    kind = plural[:-1].capitalize()
    version = {'name': 'v1', 'served': True, 'storage': True, 'schema': {'openAPIV3Schema': schema}}
    spec = {
        'group': 'example.com', 'scope': 'Namespaced', 'names': {'plural': plural, 'kind': kind}, 'versions': [version],
    }  # fmt: skip
    response = await cluster.post(DEFINITIONS, json={'metadata': {'name': f'{plural}.example.com'}, 'spec': spec})
    assert response.status == 201


async def test_the_index_is_what_a_real_server_sends(cluster: kmock.KubernetesCluster) -> None:
    response = await cluster.get('/openapi/v3')
    assert response.headers['Content-Type'] == 'text/plain; charset=utf-8'
    assert response.headers['Cache-Control'] == 'no-cache, private'
    assert 'ETag' not in response.headers


async def test_the_index_has_the_url_of_each_document(cluster: kmock.KubernetesCluster) -> None:
    urls = await list_urls(cluster)
    assert {'version', 'api', 'api/v1', 'apis', 'apis/apps', 'apis/apps/v1', 'apis/autoscaling/v2'} <= {*urls}
    for path, url in urls.items():
        assert url.startswith(f'/openapi/v3/{path}?hash=')
        document = await (await cluster.get(url)).json()
        assert document['openapi'] == '3.0.0'
        assert document['paths']


async def test_a_document_at_its_hash_never_changes(cluster: kmock.KubernetesCluster) -> None:
    url = (await list_urls(cluster))['apis/apps/v1']
    response = await cluster.get(url)
    assert response.headers['Cache-Control'] == 'public, immutable'
    assert response.headers['Vary'] == 'Accept'
    assert response.headers['ETag'] == f'"{url.partition("=")[2]}"'
    assert response.headers['Expires'].endswith(' GMT')


async def test_a_document_without_a_hash_is_asked_for_each_time(cluster: kmock.KubernetesCluster) -> None:
    response = await cluster.get(APPS)
    assert response.headers['Cache-Control'] == 'no-cache, private'
    assert response.headers['Content-Type'] == 'application/json'
    assert 'Expires' not in response.headers


async def test_an_old_hash_leads_to_the_new_one(cluster: kmock.KubernetesCluster) -> None:
    url = (await list_urls(cluster))['apis/apps/v1']
    response = await cluster.get(f'{APPS}?hash=0123', allow_redirects=False)
    assert (response.status, response.headers['Location']) == (301, url)


async def test_a_document_that_is_known_is_not_sent_again(cluster: kmock.KubernetesCluster) -> None:
    tag = (await cluster.get(APPS)).headers['ETag']
    response = await cluster.get(APPS, headers={'If-None-Match': tag})
    assert (response.status, await response.text()) == (304, '')


@pytest.mark.parametrize('path', ['apis/apps/v2', 'apis/example.com/v1', 'apis/example.com', 'api/v2', 'nothing'])
async def test_there_is_no_document_of_what_is_not_served(cluster: kmock.KubernetesCluster, path: str) -> None:
    response = await cluster.get(f'/openapi/v3/{path}')
    assert (response.status, await response.text()) == (404, '')


@pytest.mark.parametrize(
    ('accept', 'status'),
    [
        ('application/json', 200),
        ('*/*', 200),
        ('application/com.github.proto-openapi.spec.v3.v1.0+protobuf, application/json;q=0.5', 200),
        ('application/com.github.proto-openapi.spec.v3.v1.0+protobuf', 406),
        ('text/html', 406),
    ],
)
async def test_documents_are_json(cluster: kmock.KubernetesCluster, accept: str, status: int) -> None:
    assert (await cluster.get(APPS, headers={'Accept': accept})).status == status


async def test_a_custom_resource_has_a_document_while_it_is_defined(cluster: kmock.KubernetesCluster) -> None:
    await define(cluster, type='object', properties={'spec': {'type': 'string', 'description': 'What it does.'}})
    url = (await list_urls(cluster))['apis/example.com/v1']
    schemas = (await (await cluster.get(url)).json())['components']['schemas']
    assert schemas['com.example.v1.Widget']['properties']['spec']['description'] == 'What it does.'

    await cluster.delete(f'{DEFINITIONS}/widgets.example.com')
    assert 'apis/example.com/v1' not in await list_urls(cluster)
    assert (await cluster.get(url)).status == 404


async def test_a_version_has_the_resources_of_all_its_definitions(cluster: kmock.KubernetesCluster) -> None:
    await define(cluster, 'widgets', type='object')
    await define(cluster, 'gadgets', type='object')
    schemas = (await (await cluster.get('/openapi/v3/apis/example.com/v1')).json())['components']['schemas']
    assert {'com.example.v1.Widget', 'com.example.v1.Gadget'} <= {*schemas}


async def test_a_change_of_a_definition_changes_the_hash_of_its_document_alone(
    cluster: kmock.KubernetesCluster,
) -> None:
    await define(cluster, type='object')
    before = await list_urls(cluster)
    await cluster.get(before['apis/example.com/v1'])

    path, schema = '/spec/versions/0/schema/openAPIV3Schema/properties', {'spec': {'type': 'string'}}
    patch = [{'op': 'add', 'path': path, 'value': schema}]
    headers = {'Content-Type': 'application/json-patch+json'}
    changed = await cluster.patch(f'{DEFINITIONS}/widgets.example.com', json=patch, headers=headers)
    assert changed.status == 200

    after = await list_urls(cluster)
    assert {path for path in after if after[path] != before[path]} == {'apis/example.com/v1'}
    schemas = (await (await cluster.get(after['apis/example.com/v1'])).json())['components']['schemas']
    assert 'spec' in schemas['com.example.v1.Widget']['properties']


async def test_a_declared_resource_may_have_any_fields(cluster: kmock.KubernetesCluster) -> None:
    cluster.resources['example.com/v1/things'] = {'kind': 'Thing', 'namespaced': True}
    schemas = (await (await cluster.get('/openapi/v3/apis/example.com/v1')).json())['components']['schemas']
    assert [*schemas['com.example.v1.Thing']] == ['type', 'x-kubernetes-group-version-kind']


async def test_a_declared_kind_that_has_no_list_is_no_error(cluster: kmock.KubernetesCluster) -> None:
    cluster.resources['v1/statuses'] = {'kind': 'Status', 'namespaced': True}
    document = await (await cluster.get('/openapi/v3/api/v1')).json()
    assert {'/api/v1/pods', '/api/v1/statuses'} <= {*document['paths']}


async def test_rules_answer_instead_of_documents(cluster: kmock.KubernetesCluster) -> None:
    cluster['get /openapi/v3'] << 503
    assert (await cluster.get('/openapi/v3')).status == 503


async def test_the_list_of_a_custom_resource_is_of_the_kind_in_its_definition(cluster: kmock.KubernetesCluster) -> None:
    names = {'plural': 'mice', 'kind': 'Mouse', 'listKind': 'Mice'}
    version = {'name': 'v1', 'served': True, 'storage': True, 'schema': {'openAPIV3Schema': {'type': 'object'}}}
    spec = {'group': 'example.com', 'scope': 'Cluster', 'names': names, 'versions': [version]}
    await cluster.post(DEFINITIONS, json={'metadata': {'name': 'mice.example.com'}, 'spec': spec})
    assert (await (await cluster.get('/apis/example.com/v1/mice')).json())['kind'] == 'Mice'
    document = await (await cluster.get('/openapi/v3/apis/example.com/v1')).json()
    assert 'com.example.v1.Mice' in document['components']['schemas']


# ---- Version 2 ----

PROTOBUF = 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf'
FORMER = 'application/com.github.proto-openapi.spec.v2@v1.0+protobuf'
TOGETHER = '/openapi/v2'


async def test_the_document_of_version_2_is_json(cluster: kmock.KubernetesCluster) -> None:
    response = await cluster.get(TOGETHER)
    assert (response.status, response.headers['Content-Type']) == (200, 'application/json')
    assert response.headers['Cache-Control'] == 'no-cache, private'
    assert 'Accept' in response.headers['Vary']
    document = await response.json()
    assert (document['swagger'], document['info']) == ('2.0', {'title': 'Kubernetes', 'version': '1.36'})
    assert 'io.k8s.api.core.v1.Pod' in document['definitions']


@pytest.mark.parametrize('accept', [PROTOBUF, FORMER, f'{FORMER}, application/json;q=0.5'])
async def test_the_document_of_version_2_is_protobuf_where_that_is_asked_for(
    cluster: kmock.KubernetesCluster, accept: str
) -> None:
    response = await cluster.get(TOGETHER, headers={'Accept': accept})
    assert (response.status, response.headers['Content-Type']) == (200, PROTOBUF)
    assert (await response.read()).startswith(b'\n\x032.0\x12')


@pytest.mark.parametrize('accept', ['text/html', 'application/yaml', 'application/xml;q=1, text/plain'])
async def test_the_document_of_version_2_is_in_no_other_encoding(cluster: kmock.KubernetesCluster, accept: str) -> None:
    response = await cluster.get(TOGETHER, headers={'Accept': accept})
    assert (response.status, await response.text()) == (406, '')
    assert 'Accept' in response.headers['Vary']


@pytest.mark.parametrize('accept', ['application/json', PROTOBUF])
async def test_clients_that_have_the_document_of_version_2_do_not_get_it_again(
    cluster: kmock.KubernetesCluster, accept: str
) -> None:
    tag = (await cluster.get(TOGETHER, headers={'Accept': accept})).headers['ETag']
    response = await cluster.get(TOGETHER, headers={'Accept': accept, 'If-None-Match': tag})
    assert (response.status, await response.read(), response.headers['ETag']) == (304, b'', tag)
    response = await cluster.get(TOGETHER, headers={'Accept': accept, 'If-None-Match': '"other"'})
    assert response.status == 200


async def test_a_change_of_a_definition_changes_the_document_of_version_2(cluster: kmock.KubernetesCluster) -> None:
    first = await cluster.get(TOGETHER)
    await define(cluster, type='object', properties={'spec': {'type': 'object', 'nullable': True}})
    second = await cluster.get(TOGETHER, headers={'If-None-Match': first.headers['ETag']})
    definitions = (await second.json())['definitions']
    assert second.headers['ETag'] != first.headers['ETag']
    assert definitions['com.example.v1.Widget']['properties']['spec'] == {}

    await cluster.delete(f'{DEFINITIONS}/widgets.example.com')
    third = await cluster.get(TOGETHER)
    assert third.headers['ETag'] == first.headers['ETag']
    assert await third.read() == await (await cluster.get(TOGETHER)).read()
    assert 'com.example.v1.Widget' not in (await third.json())['definitions']


async def test_a_version_2_of_a_built_in_group_has_custom_resources_too(cluster: kmock.KubernetesCluster) -> None:
    cluster.resources['apps/v1/things'] = {'kind': 'Thing', 'namespaced': True}
    paths = (await (await cluster.get(TOGETHER)).json())['paths']
    assert {'/apis/apps/v1/things', '/apis/apps/v1/deployments'} <= {*paths}


@pytest.mark.parametrize('url', [TOGETHER, '/openapi/v3/apis/example.com/v1'])
async def test_what_only_looks_like_a_reference_is_a_value(cluster: kmock.KubernetesCluster, url: str) -> None:
    values = [{'$ref': 'x'}, {'$ref': '#/definitions/x'}, {'$ref': '#/components/schemas/x'}]
    anything = {'type': 'object', 'x-kubernetes-preserve-unknown-fields': True, 'enum': values, 'default': values[0]}
    await define(cluster, type='object', properties={'schema': anything})
    assert (await cluster.get(url, headers=JSON)).status == 200


async def test_numbers_that_are_too_large_for_a_document_are_refused(cluster: kmock.KubernetesCluster) -> None:
    schema = {'type': 'object', 'properties': {'size': {'type': 'integer', 'maximum': 10**400}}}
    version = {'name': 'v1', 'served': True, 'storage': True, 'schema': {'openAPIV3Schema': schema}}
    spec = {'group': 'example.com', 'scope': 'Namespaced', 'names': {'plural': 'widgets', 'kind': 'Widget'}}
    body = {'metadata': {'name': 'widgets.example.com'}, 'spec': {**spec, 'versions': [version]}}
    response = await cluster.post(DEFINITIONS, json=body)
    assert response.status == 400
    assert 'cannot unmarshal number' in (await response.json())['message']
