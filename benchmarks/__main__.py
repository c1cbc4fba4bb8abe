"""``python -m benchmarks [--json FILE] [NAME …]``: runs the benchmarks and prints a table."""

import argparse
import asyncio
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

from benchmarks import (
    blocking,
    calls,
    clients,
    cluster,
    emulator,
    kubectl,
    representations,
    scopes,
    starting,
    streams,
    throughput,
)
from benchmarks.report import Figure, as_json, table


def run_calls() -> Iterable[Figure]:
    """The figures of `benchmarks.calls`."""
    return [Figure(f'calls a request, {name}', value) for name, value in asyncio.run(calls.run()).items()]


BENCHMARKS: dict[str, Callable[[], Iterable[Figure]]] = {
    'throughput': throughput.run,
    'clients': clients.run,
    'blocking': blocking.run,
    'streams': streams.run,
    'starting': starting.run,
    'scopes': scopes.run,
    'emulator': emulator.run,
    'cluster': cluster.run,
    'representations': representations.run,
    'kubectl': kubectl.run,
    'calls': run_calls,
}


def main() -> int:
    """Run them; the exit status is 1 if a limit is missed."""
    parser = argparse.ArgumentParser(prog='benchmarks', description=__doc__)
    parser.add_argument('names', nargs='*', metavar='NAME', help=f'some of: {", ".join(BENCHMARKS)}')
    parser.add_argument('--json', type=Path, metavar='FILE', help='write the figures there too')
    args = parser.parse_args()
    unknown = set(args.names) - set(BENCHMARKS)
    if unknown:
        parser.error(f'no benchmark {", ".join(sorted(unknown))} (known: {", ".join(BENCHMARKS)})')
    figures: list[Figure] = []
    for name in args.names or BENCHMARKS:
        print(f'… {name}', file=sys.stderr, flush=True)
        figures += BENCHMARKS[name]()
    print(table(figures))
    if args.json is not None:
        args.json.write_text(as_json(figures) + '\n')
    return 0 if all(figure.kept for figure in figures) else 1


if __name__ == '__main__':
    sys.exit(main())
