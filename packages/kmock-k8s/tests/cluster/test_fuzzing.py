"""Malformed requests: each gets the error that a real server gives, and none breaks the cluster."""

import asyncio
import json
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import kmock

NAMESPACED = '/api/v1/namespaces/default/configmaps'
CONFIGMAP = f'{NAMESPACED}/a'

PATHS = (
    '/api/v1/configmaps',
    NAMESPACED,
    CONFIGMAP,
    '/api/v1/namespaces',
    '/api/v1/namespaces/ns1',
    '/api/v1/namespaces/ns1/finalize',
    '/api/v1/namespaces/ns1/status',
    '/apis/apps/v1/namespaces/default/deployments',
    '/apis/apps/v1/namespaces/default/deployments/a',
    '/apis/apps/v1/namespaces/default/deployments/a/status',
    '/api/v1/namespaces/default/pods',
    '/api/v1/namespaces/default/pods/a',
    '/api/v1/namespaces/default/secrets',
    '/api/v1/nodes/a',
)
METHODS = ('GET', 'HEAD', 'OPTIONS', 'POST', 'PUT', 'PATCH', 'DELETE', 'BREW')
STRATEGIC = 'application/strategic-merge-patch+json'
TYPES = (
    'application/json',
    'application/yaml',
    'application/merge-patch+json',
    'application/json-patch+json',
    STRATEGIC,
    'application/apply-patch+yaml',
    'text/plain',
    ';',
)
OPTIONS = (
    'limit', 'continue', 'resourceVersion', 'resourceVersionMatch', 'labelSelector', 'fieldSelector', 'dryRun',
    'fieldManager', 'fieldValidation', 'force', 'propagationPolicy', 'gracePeriodSeconds', 'orphanDependents',
    'sendInitialEvents', 'allowWatchBookmarks', 'pretty',
)  # fmt: skip
WORDS = (
    'kind', 'apiVersion', 'metadata', 'name', 'namespace', 'uid', 'resourceVersion', 'generateName', 'labels',
    'annotations', 'finalizers', 'ownerReferences', 'managedFields', 'data', 'spec', 'status', 'template', 'containers',
    'ports', 'preconditions', '$patch', '$retainKeys', '$setElementOrder/finalizers', 'op', 'path', 'from', 'value',
)  # fmt: skip
TEXTS = ('', 'a', 'x y', 'ConfigMap', 'v1', 'All', 'Strict', 'Exact', 'a=b', 'metadata.name=a', 'a in', '1', '-1', '²')
KNOWN_500 = (
    'resourceVersion should not be set on objects to be created',
    'strconv.ParseUint',
    'failed to create typed patch object',
)
"""Of what the real server says that it is its own fault; besides, of all that is wrong in strategic merge patches."""

texts = st.sampled_from(TEXTS) | st.text(max_size=5)
values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(WORDS) | texts, inner, max_size=4),
    max_leaves=12,
)
objects: st.SearchStrategy[Any] = st.fixed_dictionaries(
    {'metadata': st.fixed_dictionaries({'name': st.just('a')}, optional=dict.fromkeys(WORDS[5:13], values))},
    optional={'data': values, 'spec': values, 'status': values, 'kind': values, 'apiVersion': values},
)
configurations: st.SearchStrategy[Any] = st.fixed_dictionaries(
    {
        'kind': st.just('ConfigMap'),
        'apiVersion': st.just('v1'),
        'metadata': st.fixed_dictionaries({'name': st.just('a')}, optional=dict.fromkeys(WORDS[5:13], values)),
    },
    optional={'data': values, 'nope': values},
)
operations: st.SearchStrategy[Any] = st.lists(
    st.fixed_dictionaries(
        {
            'op': st.sampled_from(('add', 'remove', 'replace', 'test', 'move', 'copy')),
            'path': st.sampled_from(
                ('', '/', '/data', '/data/k', '/metadata', '/metadata/name', '/metadata/finalizers')
            ),
        },
        optional={'value': values, 'from': texts},
    ),
    max_size=3,
)
bodies: st.SearchStrategy[bytes] = st.binary(max_size=20) | (values | objects | configurations | operations).map(
    lambda value: json.dumps(value).encode()
)
queries = st.lists(
    st.tuples(st.sampled_from(OPTIONS), texts | st.integers().map(str)).map(lambda pair: f'{pair[0]}={quote(pair[1])}')
    | st.text(alphabet='=&%+a0', max_size=6),
    max_size=3,
).map('&'.join)


async def send(method: str, target: str, body: bytes, content_type: str) -> tuple[int, str]:
    async with kmock.KubernetesCluster() as cluster:
        await cluster.post(NAMESPACED, json={'metadata': {'name': 'a', 'labels': {'a': 'b'}}, 'data': {'k': 'v'}})
        response = await cluster.request(method, target, data=body, headers={'Content-Type': content_type})
        text = await response.text()
        listed = await (await cluster.get('/api/v1/configmaps')).json()  # whatever was stored is JSON yet
        assert listed['kind'] == 'ConfigMapList'
        return response.status, text


def check(status: int, text: str, content_type: str) -> None:
    """Whatever is wrong has to be the client's fault, if a real server does not say otherwise."""
    assert 'Traceback' not in text
    known = status == 504 or any(one in text for one in KNOWN_500) or content_type == STRATEGIC
    assert status < 500 or known, text


@settings(max_examples=200)
@given(
    method=st.sampled_from(METHODS),
    path=st.sampled_from(PATHS),
    query=queries,
    body=bodies,
    content_type=st.sampled_from(TYPES),
)
def test_no_request_breaks_the_cluster(method: str, path: str, query: str, body: bytes, content_type: str) -> None:
    status, text = asyncio.run(send(method, f'{path}?{query}', body, content_type))
    check(status, text, content_type)


@settings(max_examples=150)
@given(how=st.sampled_from(TYPES[2:6]), body=bodies)
def test_no_patch_breaks_the_cluster(how: str, body: bytes) -> None:
    check(*asyncio.run(send('PATCH', f'{CONFIGMAP}?fieldManager=me', body, how)), how)


@settings(max_examples=150)
@given(method=st.sampled_from(('POST', 'PUT')), plural=st.sampled_from(('configmaps', 'pods', 'secrets')), body=objects)
def test_no_object_breaks_the_cluster(method: str, plural: str, body: Any) -> None:
    target = f'/api/v1/namespaces/default/{plural}' + ('/a' if method == 'PUT' else '')
    check(*asyncio.run(send(method, target, json.dumps(body).encode(), 'application/json')), 'application/json')


@pytest.mark.parametrize('method', ['POST', 'PUT', 'PATCH'])
@pytest.mark.parametrize('depth', [300, 900, 100_000])
async def test_what_is_nested_too_deep_is_a_bad_request(
    cluster: kmock.KubernetesCluster, method: str, depth: int
) -> None:
    await cluster.post(NAMESPACED, json={'metadata': {'name': 'a'}})
    body = b'{"metadata":{"name":"a"},"data":' + b'{"a":' * depth + b'1' + b'}' * depth + b'}'
    how = 'application/merge-patch+json' if method == 'PATCH' else 'application/json'
    url = NAMESPACED if method == 'POST' else CONFIGMAP
    response = await cluster.request(method, url, data=body, headers={'Content-Type': how})
    assert response.status in {400, 422}


@pytest.mark.parametrize('field', ['kind', 'apiVersion'])
@pytest.mark.parametrize('value', [True, 1, [1], {'a': 1}])
async def test_a_kind_that_is_no_text_is_a_bad_request(
    cluster: kmock.KubernetesCluster, field: str, value: object
) -> None:
    response = await cluster.post(NAMESPACED, json={'metadata': {'name': 'a'}, field: value})
    message = (await response.json())['message']
    assert (response.status, f'into Go struct field .{field} of type string' in message) == (400, True)
