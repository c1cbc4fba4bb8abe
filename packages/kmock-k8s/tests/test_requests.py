"""The objects in the bodies of requests, whatever they are written in."""

from typing import Any

import pytest

import kmock
from kmock_k8s import protobuf

CONFIGMAPS = '/api/v1/namespaces/ns1/configmaps'
BINARY = 'application/vnd.kubernetes.protobuf'
CONFIG: dict[str, Any] = {'kind': 'ConfigMap', 'apiVersion': 'v1', 'metadata': {'name': 'a'}, 'data': {'k': 'v'}}
YAML = b'kind: ConfigMap\napiVersion: v1\nmetadata: {name: a}\ndata: {k: v}\n'


def request_of(body: bytes, content_type: str) -> kmock.KubernetesRequest:
    return kmock.KubernetesRequest('POST', CONFIGMAPS, headers={'Content-Type': content_type}, body=body)


@pytest.mark.parametrize('content_type', ['application/yaml', 'application/apply-patch+yaml; charset=utf-8'])
def test_a_body_of_yaml_is_an_object(content_type: str) -> None:
    assert request_of(YAML, content_type).data == CONFIG


def test_of_several_documents_the_first_one_counts() -> None:
    assert request_of(YAML + b'---\na: b\n', 'application/yaml').data == CONFIG


def test_json_is_json_also_where_it_is_called_yaml() -> None:
    assert request_of(b'{"a": 1}', 'application/apply-patch+yaml').data == {'a': 1}


def test_a_body_of_protobuf_is_an_object() -> None:
    assert request_of(protobuf.encode(CONFIG) or b'', BINARY).data == CONFIG


def test_what_is_in_protobuf_names_what_is_created() -> None:
    assert request_of(protobuf.encode(CONFIG) or b'', BINARY).name == 'a'


@pytest.mark.parametrize(
    ('body', 'content_type'),
    [
        (b'a: {', 'application/yaml'),
        (b'\xff\xfe', 'application/yaml'),
        (b'', 'application/yaml'),
        (b'k8s', BINARY),
        (b'k8s\x00\x0a\xff', BINARY),
        (YAML, 'text/plain'),
    ],
)
def test_what_can_not_be_read_is_none(body: bytes, content_type: str) -> None:
    assert request_of(body, content_type).data is None


def test_forms_are_read_as_in_all_requests() -> None:
    assert request_of(b'a=b', 'application/x-www-form-urlencoded').data == {'a': 'b'}


async def test_bodies_of_go_clients_are_matched_and_asserted_on_as_those_of_json() -> None:
    async with kmock.KubernetesCluster() as cluster:
        cluster['post', kmock.data({'data': {'k': 'bad'}})] << kmock.KubernetesError(status=403, reason='Forbidden')
        statuses: list[int] = []
        for value in ('good', 'bad'):
            body = protobuf.encode({**CONFIG, 'data': {'k': value}})
            headers = {'Content-Type': BINARY}
            response = await cluster.post('/api/v1/namespaces/default/configmaps', data=body, headers=headers)
            statuses.append(response.status)
        assert statuses == [201, 403]
        assert [request.data['data'] for request in cluster['post']] == [{'k': 'good'}, {'k': 'bad'}]
