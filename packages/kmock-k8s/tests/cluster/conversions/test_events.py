"""Events are in two groups: the same ones, with other names of their fields."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

import kmock

CORE = '/api/v1/namespaces/default/events'
EVENTS = '/apis/events.k8s.io/v1/namespaces/default/events'
EVENT = {
    'metadata': {'name': 'e'},
    'involvedObject': {'kind': 'Pod', 'name': 'p', 'namespace': 'default'},
    'message': 'hello',
    'count': 2,
}


@pytest.fixture
async def mock() -> AsyncIterator[kmock.KubernetesCluster]:
    async with kmock.KubernetesCluster() as mock:
        yield mock


async def test_an_event_of_the_core_is_there_in_the_other_group(mock: kmock.KubernetesCluster) -> None:
    await mock.post(CORE, json=EVENT)
    found: dict[str, Any] = await (await mock.get(f'{EVENTS}/e')).json()
    assert (found['apiVersion'], found['note'], found['deprecatedCount']) == ('events.k8s.io/v1', 'hello', 2)
    assert found['regarding'] == EVENT['involvedObject']
    assert 'message' not in found


async def test_an_event_of_the_other_group_is_there_in_the_core(mock: kmock.KubernetesCluster) -> None:
    sent = {
        'metadata': {'name': 'e'},
        'regarding': EVENT['involvedObject'],
        'note': 'hello',
        'eventTime': '2026-01-02T03:04:05.000000Z',
        'reportingController': 'example.com/c',
        'reportingInstance': 'i',
        'action': 'a',
        'reason': 'r',
        'type': 'Normal',
    }
    response = await mock.post(EVENTS, json=sent)
    found: dict[str, Any] = await (await mock.get(f'{CORE}/e')).json()
    assert response.status == 201
    assert (found['apiVersion'], found['message']) == ('v1', 'hello')
    assert found['reportingComponent'] == 'example.com/c'


async def test_a_watch_of_the_other_group_shows_its_names(mock: kmock.KubernetesCluster) -> None:
    await mock.post(CORE, json=EVENT)
    response = await mock.get(f'{EVENTS}?watch=true')
    line = await response.content.readline()
    response.close()
    event = json.loads(line)
    assert event['type'] == 'ADDED'
    assert (event['object']['apiVersion'], event['object']['note']) == ('events.k8s.io/v1', 'hello')
