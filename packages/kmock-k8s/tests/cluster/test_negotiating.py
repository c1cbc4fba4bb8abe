"""Which representations clients of the cluster take."""

from typing import Any

import pytest

import kmock

MAPS = '/api/v1/namespaces/default/configmaps'


async def ask(accept: str | None, url: str = MAPS) -> tuple[int, Any]:
    async with kmock.KubernetesCluster() as cluster:
        response = await cluster.get(url, headers={} if accept is None else {'Accept': accept})
        return response.status, await response.json()


@pytest.mark.parametrize(
    'accept',
    [
        None,
        '',
        '*/*',
        'application/*',
        'application/json',
        'application/vnd.kubernetes.protobuf,application/json',
        'application/json;as=Table;v=v1;g=meta.k8s.io,application/json',
        'application/json;stream=watch',
        'text/html, application/json;q=0.5',
    ],
)
async def test_who_takes_json_gets_it(accept: str | None) -> None:
    status, data = await ask(accept)
    assert (status, data['kind']) == (200, 'ConfigMapList')


@pytest.mark.parametrize('accept', ['application/xml', 'text/plain', 'application/vnd.kubernetes.protobuf'])
async def test_who_takes_no_json_is_told_what_there_is(accept: str) -> None:
    status, data = await ask(accept)
    assert (status, data['reason']) == (406, 'NotAcceptable')
    assert data['message'].startswith('406: Not Acceptable\n\nAvailable representations: application/json, ')


@pytest.mark.parametrize('accept', ['application/json;as=Nope;v=v1;g=meta.k8s.io', 'application/json;as=Table;v=v9'])
async def test_unknown_transformations_are_refused(accept: str) -> None:
    status, data = await ask(accept)
    assert (status, data['message'].partition(':')[0]) == (406, 'only the following media types are accepted')


async def test_there_are_no_watches_in_yaml() -> None:
    status, data = await ask('application/yaml', f'{MAPS}?watch=1')
    assert (status, data['message'].partition(': ')[2]) == (
        406,
        'application/json;stream=watch, application/vnd.kubernetes.protobuf;stream=watch',
    )
