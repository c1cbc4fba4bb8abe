"""Requests per second and their 99th percentile under wrk with 50 connections, as ratios to a bare aiohttp server."""

import re
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from benchmarks.report import Figure

SECONDS = 2
ROUNDS = 3
RANDOM = 'request = function() return wrk.format("GET", "/p" .. math.random(0, 9999)) end\n'
"""A new path each time costs wrk and aiohttp something, too: what it is compared with is one rule for any path."""
MILLISECONDS = {'us': 0.001, 'ms': 1.0, 's': 1000.0}


class Load(NamedTuple):
    """What wrk has measured."""

    rate: float
    p99: float


def run() -> Iterator[Figure]:
    """All figures of the throughput; none, and a word about it, where wrk is absent."""
    if shutil.which('wrk') is None:
        print('throughput: wrk is not installed; apt-get install wrk', file=sys.stderr)
        return
    with tempfile.TemporaryDirectory() as directory:
        random = Path(directory, 'random.lua')
        random.write_text(RANDOM)
        with (
            started('bare') as bare,
            started('one') as one,
            started('any') as any_path,
            started('many') as many,
            started('unindexed') as unindexed,
        ):
            targets = {
                'bare': (bare, '/', None),
                'one': (one, '/', None),
                'first': (many, '/p0', None),
                'last': (many, '/p9999', None),
                'random': (many, '/', str(random)),
                'any': (any_path, '/', str(random)),
                'unindexed': (unindexed, '/', None),
            }
            loads: dict[str, list[Load]] = {name: [] for name in targets}
            for _ in range(ROUNDS):
                for name, (port, path, lua) in targets.items():
                    loads[name].append(load(port, path, lua))
    rate = {name: statistics.median(item.rate for item in items) for name, items in loads.items()}
    p99 = {name: statistics.median(item.p99 for item in items) for name, items in loads.items()}
    yield Figure('one static rule, requests/s of bare', rate['one'] / rate['bare'], at_least=0.8)
    yield Figure('one static rule, p99 of bare', p99['one'] / p99['bare'], at_most=5)
    for name, base in (('first', 'one'), ('last', 'one'), ('random', 'any')):
        figure = rate[name] / rate[base]
        yield Figure(f'10,000 rules, the {name} one, requests/s of one rule', figure, at_least=0.95)
    cost = (1e6 / rate['unindexed'] - 1e6 / rate['one']) / 100
    yield Figure('a rule that no index can serve, µs a request', cost, at_most=0.4)
    yield Figure('bare aiohttp, requests/s', rate['bare'])
    yield Figure('kmock with one static rule, requests/s', rate['one'])


@contextmanager
def started(kind: str) -> Generator[int]:
    """A server in a process of its own; gives its port."""
    command = [sys.executable, '-m', 'benchmarks.servers', kind]
    root = Path(__file__).parent.parent
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=root) as process:
        assert process.stdout is not None
        try:
            yield int(process.stdout.readline())
        finally:
            process.terminate()


def load(port: int, path: str, script: str | None) -> Load:
    """Load a server by wrk."""
    command = ['wrk', '-t1', '-c50', f'-d{SECONDS}', '--latency', f'http://127.0.0.1:{port}{path}']
    if script is not None:
        command[1:1] = ['-s', script]
    output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    rate = re.search(r'Requests/sec:\s+([\d.]+)', output)
    p99 = re.search(r'99%\s+([\d.]+)(us|ms|s)', output)
    assert rate is not None, output
    assert p99 is not None, output
    assert 'Non-2xx' not in output, output
    return Load(float(rate[1]), float(p99[1]) * MILLISECONDS[p99[2]])
