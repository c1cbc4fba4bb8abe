"""Tests of bodies that are larger than a server reads."""

import json

import pytest

import kmock

CONFIGMAPS = '/api/v1/namespaces/default/configmaps'
MOST = 3_145_728


def body_of(size: int) -> bytes:
    head, tail = b'{"metadata":{"name":"a","x":"', b'"}}'
    return head + b'x' * (size - len(head) - len(tail)) + tail


@pytest.mark.parametrize(
    ('method', 'url', 'type_'),
    [
        ('POST', CONFIGMAPS, 'application/json'),
        ('POST', '/api/v1/namespaces/default/pods/a/binding', 'application/json'),
        ('PUT', f'{CONFIGMAPS}/a', 'application/json'),
        ('PATCH', f'{CONFIGMAPS}/a', 'application/merge-patch+json'),
        ('PATCH', f'{CONFIGMAPS}/a?fieldManager=x', 'application/apply-patch+yaml'),
        ('DELETE', f'{CONFIGMAPS}/a', 'application/json'),
        ('DELETE', CONFIGMAPS, 'application/json'),
    ],
)
async def test_a_body_that_is_too_large_is_not_read(
    cluster: kmock.KubernetesCluster, method: str, url: str, type_: str
) -> None:
    response = await cluster.request(method, url, data=body_of(MOST + 1), headers={'Content-Type': type_})

    assert response.status == 413
    assert json.loads(await response.read()) == {
        'kind': 'Status',
        'apiVersion': 'v1',
        'metadata': {},
        'status': 'Failure',
        'message': 'Request entity too large: limit is 3145728',
        'reason': 'RequestEntityTooLarge',
        'code': 413,
    }


async def test_a_body_that_is_as_large_as_it_may_be_is_read(cluster: kmock.KubernetesCluster) -> None:
    response = await cluster.post(CONFIGMAPS, data=body_of(MOST), headers={'Content-Type': 'application/json'})

    assert response.status == 201
