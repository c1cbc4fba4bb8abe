"""What it costs to import KMock, to have its pytest plugin, and to use its fixture: CPU milliseconds."""

import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.report import Figure

ROUNDS = 15
OTHERS = [
    f'-pno:{name}'
    for name in ('anyio', 'aresponses', 'cloudcoil', 'hypothesispytest', 'looptime_plugin', 'trio', 'xdist')
]
"""Plugins that would be measured too: some look at each fixture of each test."""
TESTS = 1_000
IMPORT = 'import kmock\nkmock.Server\n'


def cpu_over(command: list[str], base: list[str], cwd: str | None = None) -> float:
    """CPU milliseconds of a program over those of another: the median of the differences of runs in turns."""
    return statistics.median(cpu_of(command, cwd) - cpu_of(base, cwd) for _ in range(ROUNDS))


def cpu_of(command: list[str], cwd: str | None = None) -> float:
    """CPU milliseconds of a program."""
    environ = {name: value for name, value in os.environ.items() if name != 'PYTHONDONTWRITEBYTECODE'}
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=cwd, env=environ)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) * 1000


def python(code: str) -> list[str]:
    """The command that runs some code."""
    return [sys.executable, '-c', code]


def fixture_cost(directory: Path, keyword: str = 'async def', tests: int = TESTS, options: str = '') -> float:
    """Milliseconds that the fixture adds to a test, which is async or a plain ``def``; with options of pytest."""
    (directory / 'pytest.ini').write_text(
        f'[pytest]\nasyncio_mode = auto\nasyncio_default_fixture_loop_scope = function\n{options}\n'
    )
    (directory / 'empty.py').write_text(IMPORT + '\n'.join(f'{keyword} test_{n}(): pass' for n in range(tests)))
    (directory / 'fixture.py').write_text(IMPORT + '\n'.join(f'{keyword} test_{n}(kmock): pass' for n in range(tests)))
    spent: dict[str, list[float]] = {'empty.py': [], 'fixture.py': []}
    for _ in range(5):
        for name, times in spent.items():
            start = time.perf_counter()
            command = [sys.executable, '-m', 'pytest', '-q', '-p', 'no:cacheprovider', *OTHERS, name]
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd=directory)
            times.append(time.perf_counter() - start)
    return (min(spent['fixture.py']) - min(spent['empty.py'])) * 1000 / tests


def run() -> Iterator[Figure]:
    """All figures of starting."""
    asyncio_alone = cpu_over(python('import asyncio'), python('pass'))
    mine = cpu_over(python('import kmock'), python('pass'))
    yield Figure('import asyncio, ms of CPU over bare python', asyncio_alone)
    yield Figure('import kmock, ms of CPU over bare python', mine)
    # The limit is 45 ms where asyncio alone takes 22.
    yield Figure('import kmock, of import asyncio', mine / asyncio_alone, at_most=45 / 22)
    with tempfile.TemporaryDirectory() as directory:
        Path(directory, 'test_empty.py').write_text('def test_empty(): pass\n')
        pytest = [
            sys.executable,
            '-m',
            'pytest',
            '-q',
            '-p',
            'no:cacheprovider',
            *OTHERS,
            '-pno:asyncio',
            'test_empty.py',
        ]
        cost = cpu_over(pytest, [*pytest, '-p', 'no:kmock'], directory)
        yield Figure('the pytest plugin in a run without it, ms of CPU', cost, at_most=10)
    with tempfile.TemporaryDirectory() as directory:
        yield Figure('the fixture, ms a test', fixture_cost(Path(directory)), at_most=0.4)
