"""What handlers post is found as events of Kubernetes."""

import re
from typing import Any

import kopf
import pytest

from kmock import KubernetesCluster
from operators import Operator
from websites import KEY, URL, WEBSITES, website


@pytest.fixture
def talkative(operator: Operator) -> Operator:
    """An operator that posts what its settings say."""

    @kopf.on.create(*KEY, registry=operator.registry)
    async def create(body: kopf.Body, **_: Any) -> None:
        kopf.info(body, reason='Created', message='It is there.')
        kopf.warn(body, reason='Slow', message='It takes time.')
        kopf.event(body, type='Custom', reason='Own', message='long ' * 1000)

    return operator


async def test_events_are_about_their_object(kmock: KubernetesCluster, talkative: Operator) -> None:
    async with talkative.running(kmock):
        await kmock.post(URL, json=website())
        await kmock.objects['v1/events', 'default'].wait([..., ..., ...], timeout=10)

    events = {event['reason']: event for event in kmock.objects['v1/events', 'default'].values()}
    tea = kmock.objects[WEBSITES, 'default', 'tea']
    assert events['Created'] >= {
        'metadata': {'name': re.compile(r'kopf-event-[a-z0-9]{5}'), 'uid': ..., 'creationTimestamp': ...},
        'involvedObject': {
            'apiVersion': 'acme.dev/v1',
            'kind': 'Website',
            'name': 'tea',
            'namespace': 'default',
            'uid': tea['metadata']['uid'],
        },
        'type': 'Normal',
        'message': 'It is there.',
        'reportingComponent': 'kopf',
        'source': {'component': 'kopf'},
    }
    assert events['Slow']['type'] == 'Warning'
    assert events['Own']['type'] == 'Custom'
    assert len(events['Own']['message']) <= 1024


async def test_events_are_found_in_both_of_their_groups(kmock: KubernetesCluster, talkative: Operator) -> None:
    async with talkative.running(kmock):
        await kmock.post(URL, json=website())
        await kmock.objects['v1/events', 'default'].wait([..., ..., ...], timeout=10)

    params = {'fieldSelector': 'reason=Created,involvedObject.name=tea'}
    (found,) = (await (await kmock.get('/api/v1/namespaces/default/events', params=params)).json())['items']
    name = found['metadata']['name']
    newer = await (await kmock.get(f'/apis/events.k8s.io/v1/namespaces/default/events/{name}')).json()
    assert newer['note'] == found['message'] == 'It is there.'
    assert newer['regarding'] == found['involvedObject']
    assert newer['deprecatedFirstTimestamp'] == found['firstTimestamp']
    assert re.fullmatch(r'\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ', found['firstTimestamp'])


async def test_what_handlers_log_is_posted_too(kmock: KubernetesCluster, operator: Operator) -> None:
    operator.settings.posting.loggers = True

    @kopf.on.create(*KEY, registry=operator.registry)
    async def create(logger: kopf.Logger, **_: Any) -> None:
        logger.error('It is on fire.')

    async with operator.running(kmock):
        await kmock.post(URL, json=website())
        await kmock['create v1/events', kmock.data({'message': 'It is on fire.'})].wait(timeout=10)
    (event,) = [e for e in kmock.objects['v1/events', 'default'].values() if e['message'] == 'It is on fire.']
    assert (event['type'], event['reason']) == ('Error', 'Logging')


async def test_events_of_cluster_scoped_objects_are_in_the_default_namespace(
    kmock: KubernetesCluster, operator: Operator
) -> None:
    @kopf.on.event('v1', 'nodes', registry=operator.registry)
    async def look(body: kopf.Body, **_: Any) -> None:
        kopf.info(body, reason='Seen', message='There it is.')

    kmock.objects['v1/nodes', None, 'node1'] = {}
    async with operator.running(kmock):
        await kmock.objects['v1/events', 'default'].wait([{'reason': 'Seen'}], timeout=10)
    ((_, event),) = kmock.objects['v1/events', 'default'].items()
    assert event['involvedObject'] >= {'kind': 'Node', 'name': 'node1'}


async def test_events_that_are_refused_do_no_harm(kmock: KubernetesCluster, talkative: Operator) -> None:
    kmock['create v1/events'] << 403
    async with talkative.running(kmock):
        await kmock.post(URL, json=website())
        await kmock['create v1/events'].wait(3, timeout=10)
        await kmock.objects[WEBSITES, 'default', 'tea'].wait({'metadata': {'annotations': ...}}, timeout=10)
    assert not kmock.objects['v1/events']
