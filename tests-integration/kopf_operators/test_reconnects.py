"""Whatever happens to its connections, an operator sees all that happens in the cluster."""

import asyncio
from typing import Any

import kopf
import pytest

import kmock as k
from kmock import KubernetesCluster
from operators import Operator
from websites import KEY, URL, WEBSITES, website


@pytest.fixture
def watching(operator: Operator) -> Operator:
    """An operator that notes each event that it sees."""

    @kopf.on.event(*KEY, registry=operator.registry)
    async def look(type: str | None, name: str, **_: Any) -> None:
        operator.calls.note('look', type=type, name=name)

    return operator


async def seen(operator: Operator, count: int) -> list[tuple[str | None, str]]:
    """The next events."""
    calls = [await operator.calls.next('look') for _ in range(count)]
    return [(call['type'], call['name']) for call in calls]


async def test_a_watch_that_times_out_is_continued(kmock: KubernetesCluster, watching: Operator) -> None:
    watching.settings.watching.server_timeout = 1
    kmock.load(website('tea'))
    async with watching.running(kmock):
        first, second = await kmock['watch', WEBSITES].wait(2, timeout=10)
        kmock.load(website('coffee'))
        assert await seen(watching, 2) == [(None, 'tea'), ('ADDED', 'coffee')]
    assert first.params['timeoutSeconds'] == '1'
    assert int(first.params['resourceVersion']) <= int(second.params['resourceVersion'])
    assert len(kmock['list', WEBSITES]) == 1


async def test_a_fractional_timeout_is_refused_as_on_a_real_cluster(
    kmock: KubernetesCluster, watching: Operator
) -> None:
    def ignore(_: asyncio.AbstractEventLoop, told: dict[str, Any], /) -> None:
        assert 'never retrieved' in told['message']

    # Kopf never asks the task that fails for its error: asyncio would tell it at any time later, in any other test.
    asyncio.get_running_loop().set_exception_handler(ignore)
    watching.settings.watching.server_timeout = 1.5
    with pytest.raises(Exception, match=r'strconv.ParseInt: parsing "1.5": invalid syntax'):
        async with watching.running(kmock):
            await kmock['watch'].wait(timeout=10)


async def test_what_happens_between_two_watches_is_not_missed(kmock: KubernetesCluster, watching: Operator) -> None:
    kmock.load(website('tea'))

    def miss() -> bytes:
        kmock.load(website('coffee'))
        del kmock.objects[WEBSITES, 'default', 'tea']
        return b''

    kmock['watch', WEBSITES][:1] << miss
    async with watching.running(kmock):
        found = await seen(watching, 3)
    assert found[0] == (None, 'tea')
    assert sorted(found[1:]) == [('ADDED', 'coffee'), ('DELETED', 'tea')]
    assert len(kmock['list', WEBSITES]) == 1


async def test_a_forgotten_past_is_listed_anew(kmock: KubernetesCluster, watching: Operator) -> None:
    kmock.load(website('tea'))

    def miss_and_forget() -> bytes:
        kmock.load(website('coffee'))
        kmock.compact()
        return b''

    kmock['watch', WEBSITES][:1] << miss_and_forget
    async with watching.running(kmock):
        found = await seen(watching, 3)
    assert found[0] == (None, 'tea')
    assert sorted(found[1:]) == [(None, 'coffee'), (None, 'tea')]
    assert len(kmock['list', WEBSITES]) == 2
    first, second, third = kmock['watch', WEBSITES]
    assert first.params['resourceVersion'] == second.params['resourceVersion']
    assert int(third.params['resourceVersion']) > int(second.params['resourceVersion'])


@pytest.mark.parametrize('fault', ['reset', 'empty'])
async def test_a_broken_watch_is_continued(kmock: KubernetesCluster, watching: Operator, fault: str) -> None:
    first: dict[str, Any] = {'type': 'BOOKMARK', 'object': {'metadata': {}}}
    kmock['watch', WEBSITES][:2] << (k.fault.reset() if fault == 'reset' else (first, k.fault.empty()))
    async with watching.running(kmock):
        await kmock['watch', WEBSITES].wait(3, timeout=10)
        kmock.load(website('tea'))
        assert await seen(watching, 1) == [('ADDED', 'tea')]


@pytest.mark.parametrize('status', [429, 500, 503])
async def test_a_refused_list_is_asked_for_again(kmock: KubernetesCluster, watching: Operator, status: int) -> None:
    kmock['list', WEBSITES][:2] << status
    kmock.load(website('tea'))
    async with watching.running(kmock):
        assert await seen(watching, 1) == [(None, 'tea')]
    assert len(kmock['list', WEBSITES]) == 3


async def test_it_can_begin_with_a_watch_instead_of_a_list(kmock: KubernetesCluster, watching: Operator) -> None:
    watching.settings.watching.initial_streaming = True
    kmock.load(website('tea'))
    async with watching.running(kmock):
        assert await seen(watching, 1) == [(None, 'tea')]
        kmock.load(website('coffee'))
        assert await seen(watching, 1) == [('ADDED', 'coffee')]
    assert not kmock['list', WEBSITES]
    assert kmock['watch', WEBSITES][0].params['sendInitialEvents'] == 'true'


async def test_a_list_is_read_by_pages(kmock: KubernetesCluster, watching: Operator) -> None:
    watching.settings.watching.chunk_size = 2
    kmock.load(*(website(f'tea{number}') for number in range(5)))
    async with watching.running(kmock):
        assert await seen(watching, 5) == [(None, f'tea{number}') for number in range(5)]
    assert [request.params.get('limit') for request in kmock['list', WEBSITES]] == ['2'] * 3


async def test_selectors_are_applied_by_the_server(kmock: KubernetesCluster, watching: Operator) -> None:
    watching.settings.watching.label_selectors[KEY] = 'served=yes'
    kmock.load(website('milk'), website('tea', labels={'served': 'yes'}))
    async with watching.running(kmock):
        assert await seen(watching, 1) == [(None, 'tea')]
        await kmock.patch(
            f'{URL}/tea',
            json={'metadata': {'labels': None}},
            headers={'Content-Type': 'application/merge-patch+json'},
        )
        assert await seen(watching, 1) == [('DELETED', 'tea')]
