"""The logs of pods: what of them is wanted, how it is shown, and how it is followed."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from threading import Thread
from typing import Any

import pytest

import kmock

PODS = '/api/v1/namespaces/default/pods'
LOG = f'{PODS}/p/log'
START = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


class Clock:
    """A time that a test sets."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock(cluster: kmock.KubernetesCluster) -> Clock:
    clock = Clock()
    cluster.clock = clock
    return clock


@pytest.fixture
async def pod(cluster: kmock.KubernetesCluster) -> kmock.KubernetesCluster:
    await make(cluster, 'p', 'c')
    return cluster


async def make(cluster: kmock.KubernetesCluster, name: str, *containers: str, **spec: Any) -> None:
    listed = [{'name': container, 'image': 'i'} for container in containers]
    body = {'metadata': {'name': name}, 'spec': {'containers': listed, 'nodeName': 'n1', **spec}}
    response = await cluster.post(PODS, json=body)
    assert response.status == 201, await response.text()


async def read(cluster: kmock.KubernetesCluster, query: str = '') -> str:
    response = await cluster.get(LOG + query)
    assert (response.status, response.headers['Content-Type']) == (200, 'text/plain')
    return await response.text()


@pytest.mark.parametrize(
    ('query', 'shown'),
    [
        ('', 'one\rhalf\ntwo\nthree'),
        ('?tailLines=2', 'two\nthree'),
        ('?tailLines=0', ''),
        ('?tailLines=9', 'one\rhalf\ntwo\nthree'),
        ('?limitBytes=5', 'one\rh'),
        ('?tailLines=2&limitBytes=5', 'two\nt'),
        ('?follow=false&previous=0&timestamps=False', 'one\rhalf\ntwo\nthree'),
        ('?container=c', 'one\rhalf\ntwo\nthree'),
        ('?insecureSkipTLSVerifyBackend=true&unknown=1', 'one\rhalf\ntwo\nthree'),
    ],
)
async def test_a_part_of_a_log_is_shown(pod: kmock.KubernetesCluster, query: str, shown: str) -> None:
    pod.pod_logs['default', 'p'] = 'one\rhalf\ntwo\nthree'
    assert await read(pod, query) == shown


async def test_each_line_has_the_time_when_it_was_set(pod: kmock.KubernetesCluster, clock: Clock) -> None:
    pod.pod_logs['default', 'p'] = 'one\ntwo'
    clock.now += timedelta(seconds=1.5)
    pod.pod_logs['default', 'p'] += ' and a half\nthree\n'
    assert await read(pod, '?timestamps=true') == (
        '2026-01-02T03:04:05.000000000Z one\n'
        '2026-01-02T03:04:05.000000000Z two and a half\n'
        '2026-01-02T03:04:06.500000000Z three\n'
    )


@pytest.mark.parametrize(
    ('query', 'shown'),
    [
        ('?sinceSeconds=15', 'new\n'),
        ('?sinceSeconds=20', 'old\nnew\n'),
        ('?sinceSeconds=9223372036854775807', 'old\nnew\n'),
        ('?sinceTime=2026-01-02T03:04:06Z', 'new\n'),
        ('?sinceTime=2026-01-02T05:04:05%2B02:00', 'old\nnew\n'),
        ('?sinceTime=2027-01-01T00:00:00Z', ''),
        ('?sinceSeconds=20&tailLines=1', 'new\n'),
    ],
)
async def test_only_the_lines_since_some_time_are_shown(
    pod: kmock.KubernetesCluster, clock: Clock, query: str, shown: str
) -> None:
    pod.pod_logs['default', 'p'] = 'old\n'
    clock.now += timedelta(seconds=10)
    pod.pod_logs['default', 'p'] += 'new\n'
    clock.now += timedelta(seconds=10)
    assert await read(pod, query) == shown


@pytest.mark.parametrize(
    ('query', 'status', 'message'),
    [
        ('?tailLines=x', 400, 'strconv.ParseInt: parsing "x": invalid syntax'),
        ('?limitBytes=', 400, 'strconv.ParseInt: parsing "": invalid syntax'),
        ('?sinceSeconds=1e3', 400, 'strconv.ParseInt: parsing "1e3": invalid syntax'),
        (
            '?sinceTime=yesterday',
            400,
            'parsing time "yesterday" as "2006-01-02T15:04:05Z07:00": cannot parse "yesterday" as "2006"',
        ),
        (
            '?tailLines=-1',
            422,
            'PodLogOptions "p" is invalid: tailLines: Invalid value: -1: must be greater than or equal to 0',
        ),
        ('?limitBytes=0', 422, 'PodLogOptions "p" is invalid: limitBytes: Invalid value: 0: must be greater than 0'),
        (
            '?sinceSeconds=0',
            422,
            'PodLogOptions "p" is invalid: sinceSeconds: Invalid value: 0: must be greater than 0',
        ),
        (
            '?sinceSeconds=1&sinceTime=2026-01-02T03:04:05Z',
            422,
            'PodLogOptions "p" is invalid: : Forbidden: at most one of `sinceTime` or `sinceSeconds` may be specified',
        ),
        ('?container=d', 400, 'container d is not valid for pod p'),
        ('?previous=true', 400, 'previous terminated container "c" in pod "p" not found'),
    ],
)
async def test_what_makes_no_sense_is_refused(
    pod: kmock.KubernetesCluster, query: str, status: int, message: str
) -> None:
    response = await pod.get(LOG + query)
    assert (response.status, (await response.json())['message']) == (status, message)


async def test_one_of_several_containers_has_to_be_named(cluster: kmock.KubernetesCluster) -> None:
    await make(cluster, 'p', 'c', 'd', initContainers=[{'name': 'i', 'image': 'i'}])
    response = await cluster.get(LOG)
    assert response.status == 400
    assert (await response.json())['message'] == (
        'a container name must be specified for pod p, choose one of: [i c d]'
    )
    cluster.pod_logs['default', 'p', 'i'] = 'initial'
    assert await read(cluster, '?container=i') == 'initial'


async def test_the_log_of_no_pod_is_not_found(cluster: kmock.KubernetesCluster) -> None:
    response = await cluster.get(LOG)
    assert (response.status, (await response.json())['message']) == (404, 'pods "p" not found')


async def test_a_pod_that_is_on_no_node_has_no_log(cluster: kmock.KubernetesCluster) -> None:
    await make(cluster, 'p', 'c', nodeName='')
    assert (await cluster.get(LOG)).status == 204
    cluster.pod_logs['default', 'p'] = 'a test knows better'
    assert await read(cluster) == 'a test knows better'


async def test_what_was_written_before_a_restart_is_read(pod: kmock.KubernetesCluster) -> None:
    pod.pod_logs.previous['default', 'p'] = 'failed\n'
    pod.pod_logs['default', 'p'] = 'again\n'
    assert await read(pod, '?previous=true') == 'failed\n'
    assert await read(pod) == 'again\n'


# ---- Following. ----


async def take(response: Any, size: int) -> str:
    async with asyncio.timeout(30):
        raw: bytes = await response.content.readexactly(size)
    return raw.decode()


async def rest(response: Any) -> str:
    async with asyncio.timeout(30):
        raw: bytes = await response.content.read()
    return raw.decode()


async def test_what_is_added_reaches_who_follows(pod: kmock.KubernetesCluster) -> None:
    pod.pod_logs['default', 'p'] = 'one\n'
    async with pod.get(f'{LOG}?follow=true') as response:
        assert response.headers['Content-Type'] == 'text/plain'
        assert await take(response, 4) == 'one\n'
        pod.pod_logs['default', 'p'] += 'two\n'
        assert await take(response, 4) == 'two\n'
        pod.pod_logs['default', 'p'] = 'another\n'
        assert await take(response, 8) == 'another\n'


async def test_a_log_that_is_not_there_yet_is_followed(pod: kmock.KubernetesCluster) -> None:
    async with pod.get(f'{LOG}?follow') as response:
        pod.pod_logs['default', 'p', 'c'] = 'one\n'
        assert await take(response, 4) == 'one\n'


async def test_only_the_log_that_is_followed_is_sent(cluster: kmock.KubernetesCluster) -> None:
    await make(cluster, 'p', 'c', 'd')
    cluster.pod_logs['default', 'p', 'd'] = ''
    async with cluster.get(f'{LOG}?follow=1&container=d') as response:
        cluster.pod_logs['default', 'p', 'c'] = 'of c\n'
        cluster.pod_logs['default', 'p'] = 'of all\n'
        cluster.pod_logs['default', 'p', 'd'] += 'of d\n'
        cluster.pod_logs.end('default', 'p')
        assert await rest(response) == 'of d\n'


async def test_what_is_written_in_another_thread_reaches_who_follows(pod: kmock.KubernetesCluster) -> None:
    def write() -> None:
        pod.pod_logs['default', 'p'] += 'one\n'
        pod.pod_logs.end('default', 'p')

    async with pod.get(f'{LOG}?follow=true') as response:
        thread = Thread(target=write)
        thread.start()
        assert await rest(response) == 'one\n'
        thread.join()


async def test_what_follows_is_shaped_too(pod: kmock.KubernetesCluster, clock: Clock) -> None:
    pod.pod_logs['default', 'p'] = 'one\ntwo'
    async with pod.get(f'{LOG}?follow=true&timestamps=true&tailLines=1') as response:
        clock.now += timedelta(seconds=1)
        pod.pod_logs['default', 'p'] += '!\nthree\n'
        pod.pod_logs.end('default', 'p')
        assert await rest(response) == '2026-01-02T03:04:05.000000000Z two!\n2026-01-02T03:04:06.000000000Z three\n'


async def test_a_log_is_followed_up_to_a_limit(pod: kmock.KubernetesCluster) -> None:
    pod.pod_logs['default', 'p'] = 'one\n'
    async with pod.get(f'{LOG}?follow=true&limitBytes=6') as response:
        pod.pod_logs['default', 'p'] += 'two\n'
        assert await rest(response) == 'one\ntw'


def finish(cluster: kmock.KubernetesCluster) -> None:
    cluster.objects['v1/pods', 'default', 'p'].patch({'status': {'phase': 'Succeeded'}})


ENDS: list[Callable[[kmock.KubernetesCluster], object]] = [
    finish,
    lambda cluster: cluster.objects['v1/pods', 'default', 'p'].delete(),
    lambda cluster: cluster.pod_logs.end('default', 'p'),
    lambda cluster: cluster.pod_logs.end(),
    lambda cluster: cluster.pod_logs.clear(),
    lambda cluster: cluster.reset(),
    lambda cluster: cluster.restore(cluster.snapshot()),
]


@pytest.mark.parametrize('end', ENDS, ids=['finished', 'deleted', 'ended', 'all', 'cleared', 'reset', 'restored'])
async def test_who_follows_is_told_when_it_is_over(
    pod: kmock.KubernetesCluster, end: Callable[[kmock.KubernetesCluster], object]
) -> None:
    async with pod.get(f'{LOG}?follow=true') as response:
        pod.pod_logs['default', 'p'] = 'one\n'
        end(pod)
        assert await rest(response) == 'one\n'


async def test_a_pod_that_has_finished_is_not_followed(pod: kmock.KubernetesCluster) -> None:
    finish(pod)
    pod.pod_logs['default', 'p'] = 'done\n'
    async with pod.get(f'{LOG}?follow=true') as response:
        assert await rest(response) == 'done\n'


async def test_a_client_that_leaves_is_told_no_more(pod: kmock.KubernetesCluster) -> None:
    async with pod.get(f'{LOG}?follow=true') as response:
        assert response.status == 200
    pod.pod_logs['default', 'p'] = 'one\n'
    assert await read(pod) == 'one\n'


def test_a_log_that_is_not_set_is_empty() -> None:
    logs = kmock.KubernetesCluster().pod_logs
    assert (logs['default', 'p'], ('default', 'p') in logs, len(logs)) == ('', False, 0)
    logs['default', 'p'] += 'text'
    assert (logs['default', 'p'], list(logs)) == ('text', [('default', 'p')])
    del logs['default', 'p']
    assert logs['default', 'p'] == ''


@pytest.mark.parametrize('key', ['web', ('web',), ('default', None), ('default', 'web', 'main', 'more')], ids=str)
def test_a_log_that_is_not_addressed_by_a_namespace_and_a_name_is_an_error(
    cluster: kmock.KubernetesCluster, key: Any
) -> None:
    with pytest.raises(TypeError, match=r'addressed as kmock.pod_logs\[namespace, name\]'):
        cluster.pod_logs[key] = 'started'


def test_a_log_that_is_no_text_is_an_error(cluster: kmock.KubernetesCluster) -> None:
    logs: Any = cluster.pod_logs
    with pytest.raises(TypeError, match=r"A log is a text, not bytes: b'started'"):
        logs['default', 'web'] = b'started'
