"""The figures of the emulator."""

from collections.abc import Iterator

import kmock
from benchmarks.kubernetes import MANY, run_lists, run_memory, run_verbs, run_watches
from benchmarks.objects import make_object
from benchmarks.report import Figure

LIMITS = {'create, time of bare': 1.5, 'get, time of bare': 1.2, 'patch, time of bare': 2.0, 'past': 200}


def run() -> Iterator[Figure]:
    """All of them."""
    yield from run_verbs('emulator', LIMITS)
    yield from run_lists('emulator')
    yield from run_watches('emulator')
    contents = [make_object(number) for number in range(MANY)]
    yield from run_memory('emulator', kmock.KubernetesEmulator().objects.store, contents, LIMITS)
