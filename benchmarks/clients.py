"""One GET at a time by a client in the server's own loop; in process; and what is kept of each."""

import asyncio
import gc
import statistics
import time
import tracemalloc
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import aiohttp
from aiohttp import web

import kmock
from benchmarks.report import Figure

REQUESTS = 1_000
ROUNDS = 9

Get = Callable[[], Awaitable[Any]]


async def timed(get: Get, requests: int = REQUESTS) -> float:
    """Microseconds for one call."""
    start = time.perf_counter()
    for _ in range(requests):
        await get()
    return (time.perf_counter() - start) / requests * 1e6


async def compare() -> tuple[float, float, float]:
    """The ratios to bare: of the embedded client, in process; and of request 100,000 to the first ones."""

    async def handle(request: web.BaseRequest) -> web.StreamResponse:
        return web.Response(body=b'john')

    loop = asyncio.get_running_loop()
    bare_server = await loop.create_server(web.Server(handle, access_log=None), '127.0.0.1', 0)
    bare_url = f'http://127.0.0.1:{bare_server.sockets[0].getsockname()[1]}'
    socketless = kmock.RawHandler()
    async with (
        bare_server,
        aiohttp.ClientSession(bare_url) as bare_client,
        kmock.RawHandler() as handler,
        kmock.Server(handler),
        socketless,
    ):
        handler['get /'] << b'john'
        socketless['get /'] << b'john'

        async def get_bare() -> None:
            await (await bare_client.get('/')).read()

        async def get_served() -> None:
            await (await handler.get('/')).read()

        async def get_in_process() -> None:
            await (await socketless.get('/')).read()

        ways = (get_bare, get_served, get_in_process)
        for get in ways:
            await timed(get, 200)
        rounds = [[await timed(get) for get in ways] for _ in range(ROUNDS)]
        served = statistics.median(mine / bare for bare, mine, _ in rounds)
        in_process = statistics.median(mine / bare for bare, _, mine in rounds)
    return served, in_process, await growth()


async def growth() -> float:
    """The rate of requests after 100,000 others, of the rate of the first ones."""
    async with kmock.RawHandler() as handler:
        handler['get /'] << b'john'

        async def get() -> None:
            await (await handler.get('/')).read()

        await timed(get, 500)
        first = min([await timed(get, 500) for _ in range(7)])
        while len(handler) < 100_000:
            await get()
        return first / min([await timed(get, 500) for _ in range(7)])


def memory(requests: int = 10_000) -> float:
    """KiB kept for a recorded GET with the headers of aiohttp's client, each to a path of its own."""
    port = b'54321'

    async def measure() -> float:
        async with kmock.RawHandler() as handler:
            handler['get /items/*'] << b'john'
            gc.collect()
            tracemalloc.start()
            before = tracemalloc.get_traced_memory()[0]
            for number in range(requests):
                headers = tuple(
                    (bytes(bytearray(name)), bytes(bytearray(value)))
                    for name, value in (
                        (b'Host', b'127.0.0.1:' + port),
                        (b'Accept', b'*/*'),
                        (b'Accept-Encoding', b'gzip, deflate, br'),
                        (b'User-Agent', b'Python/3.11 aiohttp/3.14.5'),
                    )
                )
                answer = handler.serve('GET', f'/items/{number}', headers, b'', ('http', 'localhost', '::1', '1.1'))
                if isinstance(answer, Awaitable):
                    await answer
            gc.collect()
            after = tracemalloc.get_traced_memory()[0]
            tracemalloc.stop()
            return (after - before) / requests / 1024

    return asyncio.run(measure())


def registration(rules: int = 10_000) -> float:
    """Milliseconds for 10,000 rules."""
    times: list[float] = []
    for _ in range(5):
        handler = kmock.RawHandler()
        gc.collect()
        start = time.perf_counter()
        for number in range(rules):
            handler[f'get /items/{number}'] << b'john'
        times.append((time.perf_counter() - start) * 1000)
    return min(times)


def run() -> Iterator[Figure]:
    """All figures of clients, memory and registration."""
    served, in_process, late = asyncio.run(compare())
    yield Figure('a GET by the embedded client, time of bare', served, at_most=1.1)
    yield Figure('a GET in process, time of bare', in_process, at_most=1 / 3)
    yield Figure('request 100,000, rate of the first', late, at_least=0.95)
    yield Figure('a recorded GET, KiB', memory(), at_most=0.8)
    yield Figure('registering 10,000 rules, ms', registration(), at_most=150)
