"""What it costs to start each test anew: by `reset` of a mock that lives longer, or by the fixture in a thread."""

import asyncio
import gc
import statistics
import tempfile
import time
from collections.abc import Awaitable, Iterator
from pathlib import Path

import kmock
from benchmarks.report import Figure
from benchmarks.starting import fixture_cost

ROUNDS = 300
LASTING = 20
"""Rules before the checkpoint."""
ADDED = 5
"""Rules of each test."""


async def reset_cost(requests: int) -> float:
    """Milliseconds of `reset` after a test with its rules, spies, and so many requests."""
    times: list[float] = []
    async with kmock.RawHandler() as handler:
        for number in range(LASTING):
            handler[f'get /lasting/{number}'] << b'john'
        handler.checkpoint()
        for _ in range(ROUNDS):
            (handler['get /items/0'] << b'joan').at_least(1)
            for number in range(1, ADDED):
                handler[f'get /items/{number}'] << b'jane'
            spy = handler['get']
            for number in range(requests):
                target = f'/items/{number % ADDED}'
                answer = handler.serve('GET', target, ((b'Host', b'x'),), b'', ('http', 'localhost', '::1', '1.1'))
                if isinstance(answer, Awaitable):
                    await answer
            assert len(spy) == requests
            gc.collect(0)
            start = time.perf_counter()
            handler.reset()
            times.append((time.perf_counter() - start) * 1000)
    return statistics.median(times)


def run() -> Iterator[Figure]:
    """All figures of scopes."""
    yield Figure('reset() after 10 requests, ms', asyncio.run(reset_cost(10)), at_most=0.2)
    yield Figure('reset() after 100 requests, ms', asyncio.run(reset_cost(100)), at_most=0.2)
    yield Figure('reset() after 1,000 requests, ms', asyncio.run(reset_cost(1_000)))
    with tempfile.TemporaryDirectory() as directory:
        yield Figure('the fixture in a plain test, ms a test', fixture_cost(Path(directory), 'def'))
