"""Tests of the health of a cluster, and of the pages for tools that watch over it."""

import json
import re

import pytest

import kmock


@pytest.mark.parametrize('name', ['healthz', 'livez', 'readyz'])
async def test_a_cluster_is_in_good_health(cluster: kmock.KubernetesCluster, name: str) -> None:
    response = await cluster.get(f'/{name}')

    assert (response.status, await response.text()) == (200, 'ok')
    assert response.headers['Content-Type'] == 'text/plain; charset=utf-8'
    assert response.headers['X-Content-Type-Options'] == 'nosniff'


@pytest.mark.parametrize('name', ['healthz', 'livez', 'readyz'])
@pytest.mark.parametrize('query', ['verbose', 'verbose=', 'verbose=false', 'timeout=1s&verbose'])
async def test_the_checks_can_be_seen(cluster: kmock.KubernetesCluster, name: str, query: str) -> None:
    *checks, last = (await (await cluster.get(f'/{name}?{query}')).text()).splitlines()

    assert last == f'{name} check passed'
    assert checks[:2] == ['[+]ping ok', '[+]log ok']
    assert all(re.fullmatch(r'\[\+\][a-z/-]+[a-z0-9/-]* ok', check) for check in checks)


async def test_checks_can_be_left_out(cluster: kmock.KubernetesCluster) -> None:
    text = await (await cluster.get('/livez?verbose&exclude=etcd&exclude=nope&exclude=no')).text()

    assert '[+]etcd excluded: ok\n' in text
    warning = 'warn: some health checks cannot be excluded: no matches for "no","nope"\n'
    assert text.endswith(f'{warning}livez check passed\n')


@pytest.mark.parametrize(
    'path', ['healthz/ping', 'readyz/ping', 'readyz/etcd', 'livez/poststarthook/rbac/bootstrap-roles']
)
async def test_one_check_can_be_asked_for(cluster: kmock.KubernetesCluster, path: str) -> None:
    response = await cluster.get(f'/{path}')

    assert (response.status, await response.text()) == (200, 'ok')
    assert 'X-Content-Type-Options' not in response.headers


@pytest.mark.parametrize('path', ['livez/nope', 'livez/', 'livez/ping/', 'healthy', 'livez/poststarthook'])
async def test_other_checks_are_not_there(cluster: kmock.KubernetesCluster, path: str) -> None:
    response = await cluster.get(f'/{path}')

    assert (response.status, await response.text()) == (404, '404 page not found\n')


async def test_a_rule_can_let_the_server_be_ill(cluster: kmock.KubernetesCluster) -> None:
    cluster['get /readyz'] << 500 << '[-]etcd failed'

    assert (await cluster.get('/readyz')).status == 500
    assert (await cluster.get('/livez')).status == 200


async def test_the_metrics_count_the_objects(cluster: kmock.KubernetesCluster) -> None:
    cluster.load({'apiVersion': 'v1', 'kind': 'ConfigMap', 'metadata': {'name': 'a'}})

    response = await cluster.get('/metrics')
    lines = (await response.text()).splitlines()
    assert response.headers['Content-Type'].startswith('text/plain; version=0.0.4')
    assert 'apiserver_resource_objects{group="",resource="configmaps"} 1' in lines
    assert [line for line in lines if line.startswith('kubernetes_build_info{git_version="v1.36.')]


async def test_no_key_signs_the_tokens(cluster: kmock.KubernetesCluster) -> None:
    configuration = await (await cluster.get('/.well-known/openid-configuration')).json()

    response = await cluster.get(configuration['jwks_uri'])
    assert json.loads(await response.read()) == {'keys': []}
    assert response.headers['Content-Type'] == 'application/jwk-set+json'
