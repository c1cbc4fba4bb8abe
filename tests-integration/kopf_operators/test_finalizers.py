"""Finalizers are put on objects and taken from them, and the objects go when the last one does."""

from typing import Any

import kopf
import pytest

from kmock import KubernetesCluster
from operators import FINALIZER, Operator
from websites import KEY, URL, WEBSITES, website

MERGE = {'Content-Type': 'application/merge-patch+json'}


@pytest.fixture
def cleaner(operator: Operator) -> Operator:
    """An operator that notes what is deleted."""

    @kopf.on.delete(*KEY, registry=operator.registry)
    async def delete(**kwargs: Any) -> None:
        operator.calls.note('delete', **kwargs)

    return operator


async def test_a_deleted_object_is_gone_once_the_operator_lets_it_go(
    kmock: KubernetesCluster, cleaner: Operator
) -> None:
    tea = kmock.objects[WEBSITES, 'default', 'tea']
    async with cleaner.running(kmock):
        await kmock.post(URL, json=website())
        await tea.wait({'metadata': {'finalizers': [FINALIZER]}}, timeout=10)
        response = await kmock.delete(f'{URL}/tea')
        marked = await response.json()
        assert marked['metadata']['deletionTimestamp']
        assert marked['metadata']['deletionGracePeriodSeconds'] == 0
        assert (await cleaner.calls.next('delete'))['name'] == 'tea'
        await tea.wait(lambda: tea.deleted, timeout=10)
        assert (await kmock.get(f'{URL}/tea')).status == 404

    assert tea.history[-1] is None


async def test_watchers_see_that_it_is_marked_and_then_gone(kmock: KubernetesCluster, cleaner: Operator) -> None:
    @kopf.on.event(*KEY, registry=cleaner.registry)
    async def look(type: str | None, meta: kopf.Meta, **_: Any) -> None:
        cleaner.calls.note('look', type=type, marked='deletionTimestamp' in meta, held=bool(meta.get('finalizers')))

    tea = kmock.objects[WEBSITES, 'default', 'tea']
    async with cleaner.running(kmock):
        await kmock.post(URL, json=website())
        await tea.wait({'metadata': {'finalizers': [FINALIZER]}}, timeout=10)
        await kmock.delete(f'{URL}/tea')
        seen = [await cleaner.calls.next('look')]
        while seen[-1]['type'] != 'DELETED':
            seen.append(await cleaner.calls.next('look'))

    assert {'type': 'MODIFIED', 'marked': True, 'held': True} in seen
    assert seen[-1] == {'type': 'DELETED', 'marked': True, 'held': True}  # as it was stored last


async def test_an_object_with_a_finalizer_of_another_stays(kmock: KubernetesCluster, cleaner: Operator) -> None:
    tea = kmock.objects[WEBSITES, 'default', 'tea']
    async with cleaner.running(kmock):
        await kmock.post(URL, json=website(finalizers=['example.com/other']))
        await tea.wait({'metadata': {'finalizers': ['example.com/other', FINALIZER]}}, timeout=10)
        await kmock.delete(f'{URL}/tea')
        await cleaner.calls.next('delete')
        await tea.wait({'metadata': {'finalizers': ['example.com/other']}}, timeout=10)
        assert 'deletionTimestamp' in tea['metadata']

        await kmock.patch(f'{URL}/tea', json={'metadata': {'finalizers': None}}, headers=MERGE)
        await tea.wait(lambda: tea.deleted, timeout=10)
    assert not cleaner.calls.left('delete')


async def test_a_marked_object_waits_for_an_operator_that_starts_later(
    kmock: KubernetesCluster, cleaner: Operator
) -> None:
    kmock.load(website(finalizers=[FINALIZER]))
    await kmock.delete(f'{URL}/tea')
    tea = kmock.objects[WEBSITES, 'default', 'tea']
    assert not tea.deleted

    async with cleaner.running(kmock):
        await cleaner.calls.next('delete')
        await tea.wait(lambda: tea.deleted, timeout=10)


async def test_an_operator_that_was_overtaken_tries_again(kmock: KubernetesCluster, cleaner: Operator) -> None:
    tea = kmock.objects[WEBSITES, 'default', 'tea']

    def be_quicker() -> None:
        tea.patch({'metadata': {'finalizers': ['example.com/other']}})

    kmock['patch', WEBSITES, kmock.data([{'op': 'test'}, ...])][:1] << be_quicker
    async with cleaner.running(kmock):
        await kmock.post(URL, json=website())
        await tea.wait({'metadata': {'finalizers': ['example.com/other', FINALIZER]}}, timeout=10)

    patches = [request for request in kmock['patch', WEBSITES] if 'json-patch' in (request.content_type or '')]
    tested = [request.data[0] for request in patches]
    assert [(step['op'], step['path']) for step in tested] == [('test', '/metadata/resourceVersion')] * 2
    assert int(tested[0]['value']) < int(tested[1]['value'])


async def test_objects_that_are_not_served_any_more_are_let_go(kmock: KubernetesCluster, operator: Operator) -> None:
    @kopf.on.delete(*KEY, labels={'served': kopf.PRESENT}, registry=operator.registry)
    async def delete(**kwargs: Any) -> None:
        operator.calls.note('delete', **kwargs)

    tea = kmock.objects[WEBSITES, 'default', 'tea']
    async with operator.running(kmock):
        await kmock.post(URL, json=website(labels={'served': 'yes'}))
        await tea.wait({'metadata': {'finalizers': [FINALIZER]}}, timeout=10)
        await kmock.patch(f'{URL}/tea', json={'metadata': {'labels': None}}, headers=MERGE)
        await tea.wait(lambda: 'finalizers' not in tea['metadata'], timeout=10)
        await kmock.delete(f'{URL}/tea')
    assert tea.deleted
    assert not operator.calls.left('delete')


async def test_an_optional_handler_of_deletion_holds_nothing(kmock: KubernetesCluster, operator: Operator) -> None:
    @kopf.on.create(*KEY, registry=operator.registry)
    async def create(**kwargs: Any) -> None:
        operator.calls.note('create', **kwargs)

    @kopf.on.delete(*KEY, optional=True, registry=operator.registry)
    async def delete(**_: Any) -> None:
        pass

    async with operator.running(kmock):
        await kmock.post(URL, json=website())
        await operator.calls.next('create')
        response = await kmock.delete(f'{URL}/tea')
    assert (await response.json())['status'] == 'Success'
    assert kmock.objects[WEBSITES, 'default', 'tea'].deleted


async def test_a_namespace_goes_when_the_operator_has_cleaned_up_in_it(
    kmock: KubernetesCluster, cleaner: Operator
) -> None:
    kmock.load({'apiVersion': 'v1', 'kind': 'Namespace', 'metadata': {'name': 'team'}}, website(namespace='team'))
    team, tea = kmock.objects['v1/namespaces', None, 'team'], kmock.objects[WEBSITES, 'team', 'tea']
    async with cleaner.running(kmock):
        await tea.wait({'metadata': {'finalizers': [FINALIZER]}}, timeout=10)
        response = await kmock.delete('/api/v1/namespaces/team')
        assert (await response.json())['status']['phase'] == 'Terminating'
        await cleaner.calls.next('delete')
        await team.wait(lambda: team.deleted, timeout=10)
    assert tea.deleted
