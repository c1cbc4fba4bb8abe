"""What it costs to import KMock, to have its pytest plugin, and to use its fixture: CPU milliseconds."""

import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.report import Figure

ROUNDS = 11
EMPTY = 'async def test_empty(): pass\n'
TESTS = 300


def cpu_of(command: list[str], cwd: str | None = None) -> float:
    """CPU milliseconds of a program, the least of several runs."""
    times: list[float] = []
    for _ in range(ROUNDS):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=cwd)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        times.append((after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) * 1000)
    return statistics.median(sorted(times)[: ROUNDS // 2 + 1])


def fixture_cost(directory: Path) -> float:
    """Milliseconds that the fixture adds to a test."""
    (directory / 'pytest.ini').write_text('[pytest]\nasyncio_mode = auto\n')
    (directory / 'empty.py').write_text('\n'.join(f'async def test_{n}(): pass' for n in range(TESTS)))
    (directory / 'fixture.py').write_text('\n'.join(f'async def test_{n}(kmock): pass' for n in range(TESTS)))
    spent: dict[str, list[float]] = {'empty.py': [], 'fixture.py': []}
    for _ in range(5):
        for name, times in spent.items():
            start = time.perf_counter()
            command = [sys.executable, '-m', 'pytest', '-q', '-p', 'no:cacheprovider', name]
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd=directory)
            times.append(time.perf_counter() - start)
    loading = cpu_of([sys.executable, '-c', 'import kmock; kmock.Server']) - cpu_of([sys.executable, '-c', 'pass'])
    return ((min(spent['fixture.py']) - min(spent['empty.py'])) * 1000 - loading) / TESTS


def run() -> Iterator[Figure]:
    """All figures of starting."""
    bare = cpu_of([sys.executable, '-c', 'pass'])
    asyncio_alone = cpu_of([sys.executable, '-c', 'import asyncio']) - bare
    mine = cpu_of([sys.executable, '-c', 'import kmock']) - bare
    yield Figure('import asyncio, ms of CPU over bare python', asyncio_alone)
    yield Figure('import kmock, ms of CPU over bare python', mine, at_most=45)
    yield Figure('import kmock, of import asyncio', mine / asyncio_alone, at_most=45 / 22)
    with tempfile.TemporaryDirectory() as directory:
        Path(directory, 'test_empty.py').write_text('def test_empty(): pass\n')
        pytest = [sys.executable, '-m', 'pytest', '-q', '-p', 'no:cacheprovider', 'test_empty.py']
        cost = cpu_of(pytest, directory) - cpu_of([*pytest, '-p', 'no:kmock'], directory)
        yield Figure('the pytest plugin in a run without it, ms of CPU', cost, at_most=10)
    with tempfile.TemporaryDirectory() as directory:
        yield Figure('the fixture, ms a test', fixture_cost(Path(directory)), at_most=0.4)
