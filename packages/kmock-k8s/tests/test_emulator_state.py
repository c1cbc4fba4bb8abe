"""The objects of an emulator: what lasts, what is forgotten, and what is shared with nobody."""

import asyncio
from typing import Any

import attrs
import pytest

import kmock
from kmock_core.errors import UnmatchedRequestError

PODS = '/api/v1/namespaces/ns1/pods'
POD = f'{PODS}/pod1'
KEXES = '/apis/kopf.dev/v1/kexes'
BODY: dict[str, Any] = {'metadata': {'name': 'pod1'}}


async def revision_of(mock: kmock.KubernetesEmulator, url: str = PODS) -> int:
    return int((await (await mock.get(url)).json())['metadata']['resourceVersion'])


async def test_a_reset_forgets_the_objects_and_the_resources() -> None:
    async with kmock.KubernetesEmulator() as mock:
        mock['post'] >> (seen := list[Any]())
        mock.resources['kopf.dev/v1/kexes'] = {}
        await mock.post(PODS, json=BODY)
        mock.reset()
        assert (len(mock), len(mock.objects), len(mock.resources), mock.rules) == (0, 0, 0, [])
        assert mock.objects['v1/pods', 'ns1', 'pod1'].empty
        assert [(await mock.get(url)).status for url in (POD, PODS, KEXES)] == [404, 404, 404]
        assert (await mock.post(PODS, json=BODY)).status == 200
        assert (len(seen), len(mock.objects['v1/pods', 'ns1', 'pod1'].history)) == (1, 1)


async def test_a_reset_goes_back_to_the_objects_and_the_resources_of_the_checkpoint() -> None:
    async with kmock.KubernetesEmulator() as mock:
        mock.resources['kopf.dev/v1/kexes'].kind = 'Kex'
        mock.objects['v1/pods', 'ns1', 'pod1'] = BODY
        mock.objects['v1/pods', 'ns1', 'pod1'].patch({'spec': 1})
        mock.objects['v1/pods', 'ns1', 'gone'] = [BODY, None]
        mock.checkpoint()
        for _ in range(2):  # any number of times
            await mock.patch(POD, json={'spec': 2})
            await mock.delete(POD)
            await mock.post(PODS, json={'metadata': {'name': 'other'}})
            await mock.post(PODS, json={'metadata': {'name': 'gone'}})
            mock.resources['kopf.dev/v1/kexes'].kind = 'Changed'
            mock.resources['v1/others'] = {}
            mock.reset()
            assert mock.objects['v1/pods', 'ns1', 'pod1'].history == [BODY, {**BODY, 'spec': 1}]
            assert mock.objects['v1/pods', 'ns1', 'gone'].history == [BODY, None]
            assert [key.name for key in mock.objects] == ['pod1']
            assert [(str(one), info.kind) for one, info in mock.resources.items()] == [('kopf.dev/v1/kexes', 'Kex')]
        assert (await mock.get(KEXES)).status == 200


async def test_the_revision_rises_over_resets() -> None:
    async with kmock.KubernetesEmulator() as mock:
        mock.objects['v1/pods', 'ns1', 'pod1'] = BODY
        mock.checkpoint()
        await mock.patch(POD, json={'spec': 1})
        before = await revision_of(mock)
        mock.reset()
        assert await revision_of(mock) > before  # a client that still runs is not told of old states as new ones


async def test_a_reset_raises_the_errors_of_the_test_when_all_is_forgotten() -> None:
    async with kmock.KubernetesEmulator(strict=True) as mock:
        await mock.post(PODS, json=BODY)
        await mock.get('/elsewhere')
        with pytest.raises(UnmatchedRequestError):
            mock.reset()
        assert (len(mock), len(mock.objects)) == (0, 0)


async def test_a_reset_ends_the_watches() -> None:
    async with kmock.KubernetesEmulator() as mock:
        response = await mock.get(f'{PODS}?watch=true')
        mock.reset()
        async with asyncio.timeout(10):
            assert await response.read() == b''


async def test_objects_and_resources_last_while_the_handler_is_entered_again() -> None:
    mock = kmock.KubernetesEmulator()
    async with mock:
        mock.resources['kopf.dev/v1/kexes'] = {}
        await mock.post(PODS, json=BODY)
        await mock.get('/elsewhere')
        assert len(mock.errors) == 1
    async with mock:
        assert mock.errors == []
        assert [(await mock.get(url)).status for url in (POD, KEXES)] == [200, 200]
        async with mock:
            assert (await mock.delete(POD)).status == 200
        assert mock.objects['v1/pods', 'ns1', 'pod1'].history == [BODY, None]


async def test_emulators_share_nothing() -> None:
    async with kmock.KubernetesEmulator() as one, kmock.KubernetesEmulator() as other:
        one.resources['kopf.dev/v1/kexes'] = {}
        await one.post(PODS, json=BODY)
        assert (len(other.objects), len(other.resources), other.objects.store.revision) == (0, 0, 1)
        assert [(await other.get(url)).status for url in (POD, PODS, KEXES)] == [404, 404, 404]
        await other.post(PODS, json={**BODY, 'spec': 2})
        assert await (await one.get(POD)).json() == BODY


async def test_what_the_test_does_is_seen_by_clients_and_the_other_way_round() -> None:
    async with kmock.KubernetesEmulator() as mock:
        pod = mock.objects['v1/pods', 'ns1', 'pod1']
        pod.create(BODY)
        assert await (await mock.get(POD)).json() == BODY
        await mock.patch(POD, json={'spec': {'x': 1}})
        assert pod['spec']['x'] == 1
        pod['spec']['x'] = 2
        assert (await (await mock.get(POD)).json())['spec'] == {'x': 2}
        pod.delete()
        assert (await mock.get(POD)).status == 404
        assert len(pod.history) == 4
        del mock.objects['v1/pods', 'ns1', 'pod1']
        assert (await mock.post(PODS, json=BODY)).status == 200
        assert len(pod.history) == 1


async def test_changes_work_outside_of_the_context_too() -> None:
    mock = kmock.KubernetesEmulator()
    assert (await mock.post(PODS, json=BODY)).status == 200
    assert (await mock.post(PODS, json=BODY)).status == 409
    assert mock.objects['v1/pods', 'ns1', 'pod1'] == BODY
    with pytest.raises(UnmatchedRequestError):
        await mock.get('/elsewhere')


@attrs.define
class Timed(kmock.KubernetesEmulator):
    """Has a setting of its own."""

    stamp: str = attrs.field(default='now', kw_only=True)


async def test_emulators_are_extended_as_any_handler_is() -> None:
    async with Timed(stamp='then', limit=3) as mock:
        assert (mock.stamp, mock.limit) == ('then', 3)
        await mock.post(PODS, json=BODY)
        assert len(mock.objects) == 1
