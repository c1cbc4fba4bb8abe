"""The figures of the cluster, with its checks and the owners of fields; how it starts, how it stops, what it takes."""

import asyncio
import json
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator, Iterator
from contextlib import AsyncExitStack, ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

import kmock
from benchmarks.kubernetes import BASE, MANY, run_lists, run_memory, run_verbs, run_watches
from benchmarks.objects import make_body
from benchmarks.report import Figure
from benchmarks.sockets import Connection
from benchmarks.starting import fixture_cost
from kmock_core.values.requests import IN_PROCESS
from kmock_core.values.responses import Answer

LIMITS = {'create, µs': 1e6 / 3_000, 'get, µs': 120, 'patch, µs': 350}
STARTS = 7
WATCHES = 100
TESTS = 200


@contextmanager
def running(*command: str) -> Generator[tuple[subprocess.Popen[bytes], Connection, float]]:
    """A server in a process of its own: with a connection to it, and the seconds from its start until it was ready."""
    with socket.create_server(('127.0.0.1', 0)) as reserved:
        port = reserved.getsockname()[1]
    start = time.perf_counter()
    process = subprocess.Popen([*command, str(port)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        while True:
            assert process.poll() is None, f'{command} has ended: {process.returncode}'
            with suppress(ConnectionRefusedError):
                connection = Connection(port)
                break
            time.sleep(0.002)
        with connection:
            connection.request('GET', '/readyz')
            yield process, connection, time.perf_counter() - start
    finally:
        process.kill()
        process.wait()


SERVE = (sys.executable, '-m', 'kmock', 'serve', '--handler', 'k8s-cluster', '--port')
BARE = (sys.executable, '-m', 'benchmarks.bare')


def resident(process: subprocess.Popen[bytes]) -> float:
    """The megabytes that a process has in memory."""
    pages = int(Path(f'/proc/{process.pid}/statm').read_text().split()[1])
    return pages * 4096 / 1e6


def run_starts() -> Iterator[Figure]:
    """Until it is ready, until it has stopped, and what it takes while it is empty."""
    ready: list[float] = []
    stopped: list[float] = []
    taken: list[float] = []
    used: list[float] = []
    for _ in range(STARTS):
        with running(*BARE) as (bare, _, _), running(*SERVE) as (process, connection, seconds):
            ready.append(seconds)
            taken.append(resident(process) - resident(bare))
            connection.request('POST', BASE, make_body(0))
            used.append(resident(process) - resident(bare))
            with ExitStack() as stack:
                for _ in range(WATCHES):
                    stack.enter_context(Connection(connection.port)).watch(f'{BASE}?watch=1', 1)
                start = time.perf_counter()
                process.send_signal(signal.SIGTERM)
                process.wait()
                stopped.append(time.perf_counter() - start)
    yield Figure('cluster: kmock serve, from its start until /readyz, s', statistics.median(ready), at_most=0.4)
    yield Figure(
        'cluster: kmock serve, until its end with 100 watches, ms', statistics.median(stopped) * 1e3, at_most=50
    )
    yield Figure('cluster: MB of an empty one over a bare server', statistics.median(taken), at_most=30)
    yield Figure('cluster: MB after the first object over a bare server', statistics.median(used))


async def stop_with_watches() -> float:
    """Milliseconds that a server needs to stop while it is watched."""
    async with kmock.KubernetesCluster() as cluster, AsyncExitStack() as running_server:
        server = await running_server.enter_async_context(kmock.Server(cluster))
        await cluster.post(BASE, data=make_body(0), headers={'Content-Type': 'application/json'})
        with ExitStack() as stack:
            for _ in range(WATCHES):
                connection = stack.enter_context(Connection(server.port))
                await asyncio.to_thread(connection.watch, f'{BASE}?watch=1', 1)
            start = time.perf_counter()
            await running_server.aclose()
            return (time.perf_counter() - start) * 1e3


def run_stops() -> Iterator[Figure]:
    """Within a program: until it has stopped."""
    spent = [asyncio.run(stop_with_watches()) for _ in range(5)]
    yield Figure('cluster: stop with 100 watches, ms', statistics.median(spent), at_most=50)


def run_fixture() -> Iterator[Figure]:
    """What the fixture costs."""
    with tempfile.TemporaryDirectory() as directory:
        cost = fixture_cost(Path(directory), tests=TESTS, options='kmock_cls = k8s-cluster')
    yield Figure('cluster: the fixture, ms a test', cost, at_most=20)


async def create_all() -> list[dict[str, Any]]:
    """Objects as the cluster makes them."""
    async with kmock.KubernetesCluster() as cluster:
        made: list[dict[str, Any]] = []
        for number in range(MANY):
            body = make_body(number)
            answer = cluster.serve('POST', BASE, ((b'Content-Type', b'application/json'),), body, IN_PROCESS)
            assert isinstance(answer, Answer)
            assert isinstance(answer.body, bytes)
            made.append(json.loads(answer.body))
        return made


def run() -> Iterator[Figure]:
    """All of them."""
    yield from run_starts()
    yield from run_stops()
    yield from run_fixture()
    yield from run_verbs('cluster', LIMITS)
    yield from run_lists('cluster')
    yield from run_watches('cluster')
    yield from run_memory('cluster', kmock.KubernetesCluster().objects.store, asyncio.run(create_all()), {})
