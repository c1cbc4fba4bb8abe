"""Answers of the cluster in other representations, to real clients over TCP."""

import http.client
import json
from collections.abc import Generator
from contextlib import ExitStack
from importlib import import_module
from typing import Any

import httpx
import pytest
import requests

import kmock

MAPS = '/api/v1/namespaces/default/configmaps'
TABLE = 'application/json;as=Table;v=v1;g=meta.k8s.io'
PATIENCE = 30.0


@pytest.fixture
def cluster() -> Generator[kmock.KubernetesCluster, None, None]:
    with kmock.serving(kmock.KubernetesCluster) as cluster:
        yield cluster


def get(cluster: kmock.KubernetesCluster, path: str = MAPS, **headers: str) -> requests.Response:
    url = str(cluster.url).rstrip('/') + path
    return requests.get(url, headers={name.replace('_', '-'): text for name, text in headers.items()}, timeout=PATIENCE)


def test_clients_that_ask_for_it_get_big_answers_compressed(cluster: kmock.KubernetesCluster) -> None:
    for name in ('a', 'b'):
        cluster.objects['v1/configmaps', 'default', name] = {'data': {'k': 'x' * 100_000}}
    with httpx.Client(base_url=str(cluster.url)) as client:
        for found in (get(cluster), client.get(MAPS)):
            assert found.headers['Content-Encoding'] == 'gzip'
            assert int(found.headers['Content-Length']) < 10_000
            assert [len(item['data']['k']) for item in found.json()['items']] == [100_000] * 2


def test_watchers_of_tables_are_told_of_the_same_rows(cluster: kmock.KubernetesCluster) -> None:
    with ExitStack() as stack:
        watches: list[Any] = []
        for _ in range(3):
            connection = http.client.HTTPConnection(cluster.host, cluster.port, timeout=PATIENCE)
            stack.callback(connection.close)
            connection.request('GET', f'{MAPS}?watch=1', headers={'Accept': TABLE, 'Accept-Encoding': 'gzip'})
            watches.append(connection.getresponse())
        for name in ('a', 'b'):
            cluster.objects['v1/configmaps', 'default', name] = {'data': {}}
        for response in watches:
            assert response.getheader('Content-Encoding') is None
            tables = [json.loads(response.readline())['object'] for _ in range(2)]
            assert [table['rows'][0]['cells'][0] for table in tables] == ['a', 'b']
            assert [table['columnDefinitions'] is None for table in tables] == [False, True]


@pytest.mark.parametrize('agent', ['curl/8.0', 'python-requests/2'])
def test_people_read_indented_json(cluster: kmock.KubernetesCluster, agent: str) -> None:
    assert get(cluster, User_Agent=agent).text.startswith('{\n') is agent.startswith('curl')


def test_yaml_is_read_by_other_libraries(cluster: kmock.KubernetesCluster) -> None:
    content = {'on': 'yes', 'n': '12:30', 'text': 'a\n b\n', 'empty': '', 'number': '1e3'}
    cluster.objects['v1/configmaps', 'default', 'a'] = {'data': content}
    found = get(cluster, f'{MAPS}/a', Accept='application/yaml')
    assert found.headers['Content-Type'] == 'application/yaml'
    yaml: Any = import_module('yaml')
    assert yaml.safe_load(found.text)['data'] == content
