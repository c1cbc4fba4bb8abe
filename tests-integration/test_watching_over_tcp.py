"""Watches over real sockets: what is sent, when it is sent, and who holds up whom."""

import asyncio
import gc
import http.client
import json
import socket
import threading
import time
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import contextmanager
from typing import Any, TypeAlias

import aiohttp
import pytest
import pytest_asyncio

import kmock
from kmock_core.testing import until
from kmock_k8s.api.streams import Hub, Watch

Emulator: TypeAlias = kmock.KubernetesEmulator
Seen: TypeAlias = tuple[str, str, int]

PATIENCE = 30.0
SOON = 2.0
"""Seconds; stopping takes milliseconds, but the machines of CI are slow at times."""

PODS = '/api/v1/pods'
PODS1 = '/api/v1/namespaces/ns1/pods'
WATCH = f'{PODS}?watch=true'


def pod(name: str = 'a', x: object = 1) -> dict[str, Any]:
    return {'metadata': {'name': name}, 'x': x}


def seen(line: bytes) -> Seen:
    """The type of an event, and the name and the number of its object."""
    event = json.loads(line)
    return event['type'], event['object']['metadata']['name'], event['object']['x']


@pytest_asyncio.fixture
async def mock() -> AsyncGenerator[Emulator, None]:
    async with kmock.KubernetesEmulator() as handler, kmock.Server(handler):
        yield handler
        errors = list(handler.errors)
    assert errors == []


class Wire:
    """A client that reads what it wants, when it wants."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    @classmethod
    async def watch(cls, mock: Emulator, target: str = WATCH, *, limit: int = 2**20) -> 'Wire':
        """Ask for a watch, and read its head."""
        wire = cls(*await asyncio.open_connection(mock.host, mock.port, limit=limit))
        wire.writer.write(f'GET {target} HTTP/1.1\r\nHost: x\r\n\r\n'.encode())
        async with asyncio.timeout(PATIENCE):
            head = await wire.reader.readuntil(b'\r\n\r\n')
        assert head.startswith(b'HTTP/1.1 200 OK\r\n')
        assert b'\r\nTransfer-Encoding: chunked\r\n' in head
        return wire

    async def chunk(self) -> bytes:
        """The next chunk; ``b''`` is the last one."""
        async with asyncio.timeout(PATIENCE):
            size = int(await self.reader.readuntil(b'\r\n'), 16)
            return (await self.reader.readexactly(size + 2))[:-2]

    async def next(self) -> Seen:
        return seen(await self.chunk())

    async def rest(self) -> list[Seen]:
        events: list[Seen] = []
        while chunk := await self.chunk():
            events.append(seen(chunk))
        return events

    async def leave(self) -> None:
        self.writer.close()
        await self.writer.wait_closed()

    def abort(self) -> None:
        """Leave without a word."""
        self.writer.transport.abort()


def fold(events: list[Seen]) -> dict[str, int]:
    """What there is after events whose numbers have to rise by one for each object, with nothing left out."""
    known: dict[str, int] = {}
    for type, name, x in events:
        assert (type == 'ADDED') == (name not in known)
        assert name not in known or x == known[name] + 1, 'missed, or repeated'
        known[name] = x
    return known


# ---- What comes, and when ----


async def test_the_head_comes_at_once_and_each_event_in_a_chunk_of_its_own(mock: Emulator) -> None:
    wire = await Wire.watch(mock)
    mock.objects['v1/pods', 'ns1', 'a'] = pod()
    assert await wire.chunk() == b'{"type":"ADDED","object":{"metadata":{"name":"a"},"x":1}}\n'
    await wire.leave()


async def test_the_present_objects_come_with_the_head_then_the_changes(mock: Emulator) -> None:
    for number in range(3):
        mock.objects['v1/pods', 'ns1', f'p{number}'] = pod(f'p{number}')
    wire = await Wire.watch(mock)
    assert [await wire.next() for _ in range(3)] == [('ADDED', f'p{number}', 1) for number in range(3)]
    async with aiohttp.ClientSession(mock.url) as session:
        await session.patch(f'{PODS1}/p1', json={'x': 2})
        await session.delete(f'{PODS1}/p1')
    assert [await wire.next() for _ in range(2)] == [('MODIFIED', 'p1', 2), ('DELETED', 'p1', 2)]
    await wire.leave()


async def test_the_server_ends_a_watch_after_its_timeout_and_the_connection_stays(mock: Emulator) -> None:
    mock.objects['v1/pods', 'ns1', 'a'] = pod()
    begun = time.monotonic()
    wire = await Wire.watch(mock, f'{WATCH}&timeoutSeconds=1')
    assert await wire.rest() == [('ADDED', 'a', 1)]
    assert time.monotonic() - begun >= 0.9
    wire.writer.write(b'GET /version HTTP/1.1\r\nHost: x\r\n\r\n')
    async with asyncio.timeout(PATIENCE):
        assert (await wire.reader.readuntil(b'\r\n')) == b'HTTP/1.1 200 OK\r\n'
    await wire.leave()


async def test_an_expired_revision_is_an_answer_that_ends(mock: Emulator) -> None:
    mock.objects['v1/pods', 'ns1', 'a'] = pod()
    mock.objects.store.compact()
    async with aiohttp.ClientSession(mock.url) as session, session.get(f'{WATCH}&resourceVersion=1') as response:
        assert response.status == 200
        event = json.loads(await response.read())
    assert (event['type'], event['object']['code'], event['object']['reason']) == ('ERROR', 410, 'Expired')


async def test_the_head_of_a_watch_alone_does_not_keep_the_connection_busy(mock: Emulator) -> None:
    mock.objects['v1/pods', 'ns1', 'a'] = pod()
    async with aiohttp.ClientSession(mock.url) as session:
        for _ in range(2):
            async with asyncio.timeout(PATIENCE), session.head(WATCH) as response:
                assert (response.status, await response.read()) == (200, b'')


async def test_clients_of_http_1_0_watch_until_the_connection_closes(mock: Emulator) -> None:
    mock.objects['v1/pods', 'ns1', 'a'] = pod()
    reader, writer = await asyncio.open_connection(mock.host, mock.port)
    writer.write(f'GET {WATCH}&timeoutSeconds=1 HTTP/1.0\r\n\r\n'.encode())
    async with asyncio.timeout(PATIENCE):
        head = await reader.readuntil(b'\r\n\r\n')
        assert b'chunked' not in head
        assert seen(await reader.readline()) == ('ADDED', 'a', 1)
        mock.objects['v1/pods', 'ns1', 'a'] = pod(x=2)
        assert seen(await reader.readline()) == ('MODIFIED', 'a', 2)
        assert await reader.read() == b''
    writer.close()
    await writer.wait_closed()


# ---- Many clients ----


async def test_hundreds_of_watches_get_all_changes_in_order(mock: Emulator) -> None:
    wires = await asyncio.gather(
        *[Wire.watch(mock, WATCH if n % 2 else f'{WATCH}&labelSelector=!x') for n in range(300)]
    )
    for x in range(30):
        mock.objects['v1/pods', 'ns1', f'p{x % 3}'] = pod(f'p{x % 3}', x // 3)
        if x % 7 == 0:
            await asyncio.sleep(0)
    mock.reset()
    for wire in wires:
        events = await wire.rest()
        assert len(events) == 30
        assert fold(events) == {'p0': 9, 'p1': 9, 'p2': 9}
        await wire.leave()


async def test_watches_that_begin_while_others_write_miss_nothing(mock: Emulator) -> None:
    async def write(name: str) -> None:
        async with aiohttp.ClientSession(mock.url) as session:
            await session.post(PODS1, json=pod(name, 0))
            for x in range(1, 50):
                await session.patch(f'{PODS1}/{name}', json={'x': x})

    async def list_and_watch(session: aiohttp.ClientSession) -> tuple[dict[str, int], Wire]:
        async with session.get(PODS) as response:
            listed = await response.json()
        wire = await Wire.watch(mock, f'{WATCH}&resourceVersion={listed["metadata"]["resourceVersion"]}')
        return {item['metadata']['name']: item['x'] for item in listed['items']}, wire

    writing = [asyncio.create_task(write(name)) for name in 'abcd']
    begun: list[tuple[dict[str, int], Wire]] = []
    async with aiohttp.ClientSession(mock.url) as session:
        while not all(task.done() for task in writing):
            begun.append(({}, await Wire.watch(mock)))
            begun.append(await list_and_watch(session))
    await asyncio.gather(*writing)
    mock.reset()
    for listed, wire in begun:
        first: list[Seen] = [('ADDED', name, x) for name, x in listed.items()]
        assert fold([*first, *await wire.rest()]) == dict.fromkeys('abcd', 49)
        await wire.leave()


async def test_a_client_that_does_not_read_holds_up_nobody_and_loses_nothing(mock: Emulator) -> None:
    slow = await Wire.watch(mock, limit=2**10)
    quick = await Wire.watch(mock)
    big = 'x' * 2**20
    for x in range(40):  # more than the buffers of sockets take
        mock.objects['v1/pods', 'ns1', 'a'] = {**pod(x=x), 'big': big}
        assert (await quick.next())[2] == x
    assert [(await slow.next())[2] for _ in range(40)] == list(range(40))
    mock.objects['v1/pods', 'ns1', 'a'] = pod(x=40)
    assert (await slow.next(), await quick.next()) == (('MODIFIED', 'a', 40),) * 2
    await slow.leave()
    await quick.leave()


# ---- Leaving and stopping ----


def open_watches() -> int:
    """How many there are in the memory of the process."""
    gc.collect()
    return sum(isinstance(thing, (Watch, Hub)) for thing in gc.get_objects())


@pytest.mark.parametrize('way', ['closing', 'aborting', 'half closing', 'without reading'])
async def test_clients_that_leave_leave_nothing_behind(mock: Emulator, way: str) -> None:
    before = open_watches()

    async def watch_and_leave() -> None:
        wires = [await Wire.watch(mock, f'{WATCH}&timeoutSeconds=3600&allowWatchBookmarks=1') for _ in range(10)]
        if way == 'without reading':
            mock.objects['v1/pods', 'ns1', 'a'] = {**pod(), 'big': 'x' * 2**24}
        for wire in wires:
            if way == 'half closing':
                wire.writer.get_extra_info('socket').shutdown(socket.SHUT_WR)
            elif way == 'closing':
                wire.writer.close()
            else:
                wire.abort()
        if way == 'half closing':
            for wire in wires:
                async with asyncio.timeout(PATIENCE):
                    await wire.reader.read()
                wire.writer.close()

    await watch_and_leave()
    await until(lambda: open_watches() <= before)
    mock.objects['v1/pods', 'ns1', 'b'] = pod('b')


async def test_a_server_with_open_watches_stops_at_once_and_ends_them_in_order() -> None:
    async with kmock.KubernetesEmulator() as mock:
        server = await kmock.Server(mock).__aenter__()
        mock.objects['v1/pods', 'ns1', 'a'] = pod()
        wires = [await Wire.watch(mock) for _ in range(100)]
        async with asyncio.timeout(SOON):
            await server.__aexit__(None, None, None)
        for wire in wires:
            assert await wire.rest() == [('ADDED', 'a', 1)]
            assert await wire.reader.read() == b''
            await wire.leave()
        mock.objects['v1/pods', 'ns1', 'b'] = pod('b')
        assert mock.errors == []


async def test_a_server_with_a_client_that_does_not_read_stops_soon() -> None:
    async with kmock.KubernetesEmulator() as mock:
        server = await kmock.Server(mock).__aenter__()
        wire = await Wire.watch(mock, limit=2**10)
        for x in range(20):
            mock.objects['v1/pods', 'ns1', 'a'] = {**pod(x=x), 'big': 'x' * 2**20}
            await asyncio.sleep(0)
        async with asyncio.timeout(SOON):
            await server.__aexit__(None, None, None)
        wire.abort()


# ---- Servers in threads ----


@contextmanager
def reading(mock: Emulator, target: str = WATCH) -> Generator[http.client.HTTPResponse, None, None]:
    """A watch of a blocking client."""
    connection = http.client.HTTPConnection(mock.host, mock.port, timeout=PATIENCE)
    try:
        connection.request('GET', target)
        yield connection.getresponse()
    finally:
        connection.close()


@pytest.fixture
def threaded() -> Generator[Emulator, None, None]:
    with kmock.serving(kmock.KubernetesEmulator) as mock:
        yield mock


def test_changes_of_the_test_reach_the_watches_of_a_server_in_another_thread(threaded: Emulator) -> None:
    mock = threaded
    with reading(mock) as response:
        mock.objects['v1/pods', 'ns1', 'a'] = pod()
        assert seen(response.readline()) == ('ADDED', 'a', 1)
        mock.objects['v1/pods', 'ns1', 'a'].patch({'x': 2})
        assert seen(response.readline()) == ('MODIFIED', 'a', 2)
        mock.objects['v1/pods', 'ns1', 'a']['x'] = 3
        assert seen(response.readline()) == ('MODIFIED', 'a', 3)
        mock.objects['v1/pods', 'ns1', 'a'].delete()
        assert seen(response.readline()) == ('DELETED', 'a', 3)
        mock.objects['v1/pods', 'ns1', 'a'] = [pod(x=4), None, pod(x=5)]
        assert seen(response.readline()) == ('ADDED', 'a', 5)
        del mock.objects['v1/pods', 'ns1', 'a']
        assert seen(response.readline()) == ('DELETED', 'a', 5)
        mock.objects['v1/pods', 'ns1', 'b'] = pod('b')
        mock.objects.clear()
        assert [seen(response.readline()) for _ in range(2)] == [('ADDED', 'b', 1), ('DELETED', 'b', 1)]


def run_in_threads(*works: Callable[[], object]) -> None:
    failures: list[BaseException] = []

    def run(work: Callable[[], object]) -> None:
        try:
            work()
        except BaseException as exc:
            failures.append(exc)

    threads = [threading.Thread(target=run, args=[work]) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def test_watches_miss_nothing_that_threads_and_clients_change_at_the_same_time(threaded: Emulator) -> None:
    mock, changes = threaded, 50
    folded: list[dict[str, int]] = []
    complete = {'test': changes - 1, 'other': changes - 1, 'client': changes - 1}

    def change(name: str) -> None:
        for x in range(changes):
            mock.objects['v1/pods', 'ns1', name] = pod(name, x)

    def request() -> None:
        connection = http.client.HTTPConnection(mock.host, mock.port, timeout=PATIENCE)
        for x in range(changes):
            method, path = ('PUT', f'{PODS1}/client') if x else ('POST', PODS1)
            connection.request(method, path, json.dumps(pod('client', x)))
            assert connection.getresponse().read()
        connection.close()

    def watch() -> None:
        for _ in range(5):
            with reading(mock) as response:
                events: list[Seen] = []
                while fold(events) != complete:
                    events.append(seen(response.readline()))
                folded.append(fold(events))

    run_in_threads(lambda: change('test'), lambda: change('other'), request, watch, watch, watch)
    assert folded == [complete] * 15


def test_a_server_in_a_thread_stops_at_once_with_open_watches() -> None:
    with kmock.KubernetesEmulator() as mock:
        server = kmock.Server(mock)
        with server:
            mock.objects['v1/pods', 'ns1', 'a'] = pod()
            connections = [http.client.HTTPConnection(mock.host, mock.port, timeout=PATIENCE) for _ in range(10)]
            for connection in connections:
                connection.request('GET', WATCH)
            responses = [connection.getresponse() for connection in connections]
            assert [seen(response.readline()) for response in responses] == [('ADDED', 'a', 1)] * 10
            begun = time.monotonic()
        assert time.monotonic() - begun < SOON
        assert [response.read() for response in responses] == [b''] * 10
        for connection in connections:
            connection.close()


def test_resetting_from_another_thread_ends_the_watches(threaded: Emulator) -> None:
    mock = threaded
    with reading(mock) as response:
        mock.objects['v1/pods', 'ns1', 'a'] = pod()
        mock.reset()
        mock.objects['v1/pods', 'ns1', 'b'] = pod('b')
        assert [seen(line) for line in response] == [('ADDED', 'a', 1)]
    with reading(mock) as response:
        assert seen(response.readline()) == ('ADDED', 'b', 1)


def test_two_servers_of_a_handler_show_the_same_changes() -> None:
    with kmock.KubernetesEmulator() as mock, kmock.Server(mock) as first, kmock.Server(mock) as second:
        connections = [http.client.HTTPConnection(one.host, one.port, timeout=PATIENCE) for one in (first, second)]
        for connection in connections:
            connection.request('GET', WATCH)
        responses = [connection.getresponse() for connection in connections]
        for x in range(20):
            mock.objects['v1/pods', 'ns1', 'a'] = pod(x=x)
        for response in responses:
            assert fold([seen(response.readline()) for _ in range(20)]) == {'a': 19}
        for connection in connections:
            connection.close()
