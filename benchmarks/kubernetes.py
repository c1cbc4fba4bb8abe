"""What the figures of the emulator and of the cluster share: ConfigMaps of 0.8 KB, verbs, lists, watches, memory."""

import asyncio
import contextlib
import gc
import json
import statistics
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Generator, Iterator, Mapping
from typing import Any, TypeAlias

import kmock
from benchmarks.objects import make_body
from benchmarks.report import Figure
from benchmarks.sockets import Connection
from kmock_k8s.store.spi import ObjectStore

FEW, MANY = 10, 10_000
ROUNDS, REQUESTS = 15, 100
SERVERS = 5
WATCHERS, CHANGES = 1_000, 100
MISSED = 100
BASE = '/api/v1/namespaces/default/configmaps'


@contextlib.contextmanager
def served(kind: str, *args: object) -> Generator[Connection]:
    """A server in a process of its own, and a connection to it."""
    command = [sys.executable, '-m', 'benchmarks.servers', kind, *map(str, args)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            with Connection(int(process.stdout.readline())) as connection:
                yield connection
        finally:
            process.terminate()


Limits: TypeAlias = Mapping[str, float]
"""What a figure may be at most, by the name of what is measured; what is not named has no limit."""


def change(number: object) -> bytes:
    """A merge patch of one key, which is another one for each number."""
    return json.dumps({'data': {'key-1': f'changed-{number}'}}).encode()


def patch(connection: Connection, name: str, number: object) -> None:
    """Patch a ConfigMap."""
    connection.request('PATCH', f'{BASE}/{name}', change(number), 'application/merge-patch+json')


def time_verb(connection: Connection, verb: str, bodies: list[bytes]) -> float:
    """Microseconds of a round trip, in one round."""
    names = [f'object-{number}' for number in range(MANY, MANY + len(bodies))]
    start = time.perf_counter()
    if verb == 'create':
        for body in bodies:
            connection.request('POST', BASE, body)
    elif verb == 'patch':
        for name in names:
            patch(connection, name, 0)
    else:
        for name in names:
            connection.request(verb.upper(), f'{BASE}/{name}')
    return (time.perf_counter() - start) / len(bodies) * 1e6


def run_verbs(kind: str, limits: Limits) -> Iterator[Figure]:
    """Create, get and patch, with few objects and with many; what is created is deleted again."""
    bodies = [make_body(number) for number in range(MANY, MANY + REQUESTS)]
    times: dict[str, list[list[float]]] = {verb: [[], [], []] for verb in ('create', 'get', 'patch', 'delete')}
    # Several servers of each kind: those that happen to have the same CPU as the client are a third faster.
    for _ in range(SERVERS):
        with served('bare', len(bodies[0])) as bare, served(kind, FEW) as few, served(kind, MANY) as many:
            for _ in range(ROUNDS // SERVERS):
                for verb, spent in times.items():
                    for connection, rounds in zip((bare, few, many), spent, strict=True):
                        rounds.append(time_verb(connection, verb, bodies))
    for verb in ('create', 'get', 'patch'):
        of_bare, of_few, of_many = times[verb]
        ratio = f'{verb}, time of bare'
        absolute = f'{verb}, µs'
        yield Figure(f'{kind}: {absolute}', statistics.median(of_few), at_most=limits.get(absolute))
        yield Figure(f'{kind}: {ratio}', _ratio(of_few, of_bare), at_most=limits.get(ratio))
        yield Figure(f'{kind}: {verb} with 10,000 objects, time with 10', _ratio(of_many, of_few), at_most=1.2)


def _ratio(ours: list[float], theirs: list[float]) -> float:
    return statistics.median(mine / other for mine, other in zip(ours, theirs, strict=True))


def run_lists(kind: str) -> Iterator[Figure]:
    """Lists of 10,000 objects, whole and selected; and what was missed by a watch."""
    with served(kind, MANY) as connection:
        whole: list[float] = []
        selected: list[float] = []
        resumed: list[float] = []
        body = b''
        for turn in range(ROUNDS):
            start = time.perf_counter()
            body = connection.request('GET', BASE)
            whole.append(time.perf_counter() - start)
            start = time.perf_counter()
            picked = connection.request('GET', f'{BASE}?labelSelector=rare%3Dyes')
            selected.append(time.perf_counter() - start)
            assert len(json.loads(picked)['items']) == 10
            revision = json.loads(picked)['metadata']['resourceVersion']
            for number in range(MISSED):
                patch(connection, f'object-{number}', turn)
            with Connection(connection.port) as other:
                start = time.perf_counter()
                lines = other.watch(f'{BASE}?watch=1&resourceVersion={revision}', MISSED)
                resumed.append(time.perf_counter() - start)
                assert [json.loads(line)['object']['metadata']['name'] for line in lines] == [
                    f'object-{number}' for number in range(MISSED)
                ]
        assert len(json.loads(body)['items']) == MANY
    yield Figure(f'{kind}: list of 10,000, ms', statistics.median(whole) * 1e3, at_most=20)
    yield Figure(f'{kind}: list of 10,000 that selects 10, ms', statistics.median(selected) * 1e3, at_most=5)
    yield Figure(f'{kind}: the first list that selects, ms', selected[0] * 1e3, at_most=5)
    yield Figure(f'{kind}: resume after 100 missed events, ms', statistics.median(resumed) * 1e3, at_most=1)


class Watcher(asyncio.Protocol):
    """A client that keeps all that it gets."""

    def __init__(self, progress: 'Progress') -> None:
        self.progress = progress
        self.data = bytearray()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        transport.write(f'GET {BASE}?watch=1 HTTP/1.1\r\nHost: localhost\r\n\r\n'.encode())

    def data_received(self, data: bytes) -> None:
        self.data += data
        self.progress.count(data.count(b'"type":"'))


class Progress:
    """Counts the events that all watchers have got."""

    def __init__(self, wanted: int) -> None:
        self.got = 0
        self.wanted = wanted
        self.done = asyncio.get_running_loop().create_future()

    def count(self, events: int) -> None:
        """Count some more."""
        self.got += events
        if self.got >= self.wanted and not self.done.done():
            self.done.set_result(None)


async def watch_changes(connection: Connection) -> float:
    """Microseconds of the server's CPU for one event to one watcher; all of them are checked."""
    loop = asyncio.get_running_loop()
    progress = Progress(FEW * WATCHERS)
    watchers = [
        await loop.create_connection(lambda: Watcher(progress), '127.0.0.1', connection.port) for _ in range(WATCHERS)
    ]
    await progress.done
    for _, watcher in watchers:
        watcher.data.clear()
    progress = Progress(CHANGES * WATCHERS)
    for _, watcher in watchers:
        watcher.progress = progress
    before = float(connection.request('GET', '/cpu'))
    for number in range(CHANGES):
        await asyncio.to_thread(patch, connection, 'object-0', number)
    await progress.done
    spent = float(connection.request('GET', '/cpu')) - before
    wanted = [f'changed-{number}' for number in range(CHANGES)]
    for transport, watcher in watchers:
        lines = [line for line in bytes(watcher.data).split(b'\r\n') if line.startswith(b'{')]
        assert [json.loads(line)['object']['data']['key-1'] for line in lines] == wanted
        transport.close()
    return spent / (CHANGES * WATCHERS) * 1e6


def run_watches(kind: str) -> Iterator[Figure]:
    """1,000 watchers of 100 changes."""
    spent: list[float] = []
    for _ in range(3):
        with served(kind, FEW) as connection:
            spent.append(asyncio.run(watch_changes(connection)))
    yield Figure(f'{kind}: a delivery to one of 1,000 watchers, µs of CPU', statistics.median(spent), at_most=4)


def run_memory(kind: str, store: ObjectStore, contents: list[dict[str, Any]], limits: Limits) -> Iterator[Figure]:
    """What objects and their past versions take, besides the bytes of their JSON."""
    configmaps = kmock.resource('v1/configmaps')
    sizes: list[int] = []

    def grow() -> float:
        gc.collect()
        sizes.clear()
        before = tracemalloc.get_traced_memory()[0]
        for content in contents:
            content['metadata']['resourceVersion'] = str(store.revision + 1)
            raw = json.dumps(content, separators=(',', ':')).encode()
            key = kmock.ObjectKey(configmaps, 'default', content['metadata']['name'])
            store.put(key, raw, content)
            sizes.append(len(raw))
        gc.collect()
        return (tracemalloc.get_traced_memory()[0] - before) / len(contents)

    tracemalloc.start()
    try:
        fresh, past = grow(), grow()
    finally:
        tracemalloc.stop()
    size = statistics.mean(sizes)
    yield Figure(f'{kind}: bytes of an object over 1.5 of its JSON', fresh - 1.5 * size, at_most=512)
    yield Figure(f'{kind}: bytes of a past version over its JSON', past - size, at_most=limits.get('past'))
