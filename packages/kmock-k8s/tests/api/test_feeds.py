"""Tests of bodies that are sent bit by bit: to clients that read nothing, too."""

import asyncio
from contextlib import aclosing

import pytest

import kmock
from kmock_core.values.responses import Answer, BodyStream
from kmock_k8s.api import feeds, streams

ORIGIN = ('http', 'localhost', None, '1.1')


@pytest.fixture(autouse=True)
def restless(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let each event be told by itself, also where the machine is slow."""
    monkeypatch.setattr(streams, 'REST_FROM', float('inf'))


def watch(mock: kmock.KubernetesEmulator) -> BodyStream:
    """Open a watch as a transport does, and read nothing of it yet."""
    answer = mock.serve('GET', '/api/v1/pods?watch=1', (), b'', ORIGIN)
    assert isinstance(answer, Answer)
    assert not isinstance(answer.body, bytes)
    return answer.body


def change(mock: kmock.KubernetesEmulator, number: int) -> None:
    mock.objects['v1/pods', 'ns1', 'a'] = {'n': number}


async def read_all(body: BodyStream) -> bytes:
    async with asyncio.timeout(5):
        return b''.join([chunk async for chunk in body])


async def test_a_stream_that_nobody_reads_ends_after_what_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feeds, 'BACKLOG', 1000)
    async with kmock.KubernetesEmulator() as mock:
        lazy = watch(mock)
        for number in range(1000):
            change(mock, number)

        raw = await read_all(lazy)
        assert 1000 < len(raw) < 1100
        assert raw.endswith(b'}\n')


async def test_others_are_told_all_when_one_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feeds, 'BACKLOG', 1000)
    async with kmock.KubernetesEmulator() as mock:
        lazy, eager, late = watch(mock), watch(mock), watch(mock)
        async with aclosing(eager.batches()) as batches:
            told = await anext(batches)
            for number in range(100):
                change(mock, number)
                told += await anext(batches)
        assert len(told) == 100
        assert len(await read_all(lazy)) == len(await read_all(late)) < 1100


async def test_whoever_is_given_up_holds_up_no_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feeds, 'BACKLOG', 1000)
    async with kmock.KubernetesEmulator() as mock:
        lazy = watch(mock)
        for number in range(1000):
            change(mock, number)
        await asyncio.sleep(0)
        assert not mock._watches._hubs  # pyright: ignore[reportPrivateUsage]
        await lazy.aclose()


async def test_what_is_read_in_time_is_never_too_much(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feeds, 'BACKLOG', 1000)
    async with kmock.KubernetesEmulator() as mock, aclosing(watch(mock).batches()) as batches:
        told = await anext(batches)
        for number in range(100):
            change(mock, number)
            told += await anext(batches)

    assert len(told) == 100
    assert sum(map(len, told)) > 1000
