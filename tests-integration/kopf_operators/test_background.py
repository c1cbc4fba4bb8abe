"""Timers and daemons run beside their objects, and stop with them."""

import itertools
from typing import Any

import kopf
import pytest

from kmock import KubernetesCluster
from operators import FINALIZER, Operator
from websites import KEY, URL, WEBSITES, website

MERGE = {'Content-Type': 'application/merge-patch+json'}


@pytest.fixture
def served(operator: Operator) -> Operator:
    """An operator with a daemon for each website that is to be served."""

    @kopf.daemon(*KEY, labels={'served': kopf.PRESENT}, registry=operator.registry)
    async def serve(stopped: kopf.DaemonStopped, patch: kopf.Patch, name: str, **__: Any) -> None:
        operator.calls.note('starts', name=name)
        _ = await stopped.wait()
        operator.calls.note('stops', name=name, reason=stopped.reason)
        patch.status['served'] = False

    return operator


@pytest.fixture
def ticking(operator: Operator) -> Operator:
    """An operator with a timer for each website that ticks."""
    ticks = itertools.count(1)

    @kopf.timer(*KEY, labels={'ticks': kopf.PRESENT}, interval=0.01, registry=operator.registry)
    async def tick(patch: kopf.Patch, **_: Any) -> None:
        patch.status['ticks'] = next(ticks)
        operator.calls.note('tick')

    return operator


async def test_a_timer_ticks_and_patches(kmock: KubernetesCluster, ticking: Operator) -> None:
    tea = kmock.objects[WEBSITES, 'default', 'tea']
    async with ticking.running(kmock):
        await kmock.post(URL, json=website(labels={'ticks': 'yes'}))
        await tea.wait({'status': {'ticks': 3}}, timeout=10)

    ticks = [state['status']['ticks'] for state in tea.history if state and 'status' in state]
    assert ticks == list(range(1, len(ticks) + 1))
    assert tea['metadata']['generation'] == 1


async def test_a_timer_stops_with_its_object(kmock: KubernetesCluster, ticking: Operator) -> None:
    tea = kmock.objects[WEBSITES, 'default', 'tea']
    async with ticking.running(kmock):
        await kmock.post(URL, json=website('tea', labels={'ticks': 'yes'}))
        await ticking.calls.next('tick')
        await kmock.delete(f'{URL}/tea')
        await tea.wait(lambda: tea.deleted, timeout=10)
        await kmock.post(URL, json=website('coffee', labels={'ticks': 'yes'}))
        await kmock.objects[WEBSITES, 'default', 'coffee'].wait({'status': {'ticks': ...}}, timeout=10)
        ticks = len(kmock['patch', WEBSITES, kmock.name('tea')])
        await kmock['patch', WEBSITES, kmock.name('coffee')].wait(5, timeout=10)
    assert len(kmock['patch', WEBSITES, kmock.name('tea')]) == ticks


async def test_a_daemon_runs_from_the_creation_to_the_deletion(kmock: KubernetesCluster, served: Operator) -> None:
    tea = kmock.objects[WEBSITES, 'default', 'tea']
    async with served.running(kmock):
        await kmock.post(URL, json=website(labels={'served': 'yes'}))
        assert (await served.calls.next('starts'))['name'] == 'tea'
        assert not served.calls.left('stops')

        await kmock.delete(f'{URL}/tea')
        await served.calls.next('stops')
        await tea.wait(lambda: tea.deleted, timeout=10)


async def test_a_daemon_stops_when_its_object_is_not_served_any_more(
    kmock: KubernetesCluster, served: Operator
) -> None:
    tea = kmock.objects[WEBSITES, 'default', 'tea']
    async with served.running(kmock):
        await kmock.post(URL, json=website(labels={'served': 'yes'}))
        await served.calls.next('starts')
        await kmock.patch(f'{URL}/tea', json={'metadata': {'labels': {'served': None}}}, headers=MERGE)
        await served.calls.next('stops')
        await tea.wait(lambda: 'finalizers' not in tea['metadata'], timeout=10)
        await kmock.patch(f'{URL}/tea', json={'metadata': {'labels': {'served': 'again'}}}, headers=MERGE)
        await served.calls.next('starts')


async def test_a_daemon_stops_with_the_operator_and_starts_with_the_next(
    kmock: KubernetesCluster, served: Operator
) -> None:
    kmock.load(website(labels={'served': 'yes'}))
    for _ in range(2):
        async with served.running(kmock):
            await served.calls.next('starts')
        assert len(served.calls.left('stops')) == 1
    assert kmock.objects[WEBSITES, 'default', 'tea']['metadata']['finalizers'] == [FINALIZER]


async def test_a_failing_daemon_is_started_again(kmock: KubernetesCluster, operator: Operator) -> None:
    @kopf.daemon(*KEY, registry=operator.registry)
    async def serve(retry: int, patch: kopf.Patch, **_: Any) -> None:
        if retry < 2:
            raise kopf.TemporaryError('Not yet.', delay=0.01)
        patch.status['served'] = retry

    async with operator.running(kmock):
        await kmock.post(URL, json=website())
        await kmock.objects[WEBSITES, 'default', 'tea'].wait({'status': {'served': 2}}, timeout=10)
