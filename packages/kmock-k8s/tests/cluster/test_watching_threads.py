"""Clients that list and watch, as informers do, while threads and other clients write: they miss and repeat nothing."""

import asyncio
import json
import sys
from collections.abc import Awaitable, Generator, Iterator
from contextlib import contextmanager
from itertools import cycle
from typing import Any, NamedTuple, TypeAlias

from hypothesis import given, settings
from hypothesis import strategies as st

import kmock
from kmock_k8s.store.states import Event, Labels, State

PATIENCE = 30.0
URL = '/api/v1/configmaps'
NAMESPACED = '/api/v1/namespaces/default/configmaps'
MERGE = {'Content-Type': 'application/merge-patch+json'}
LAST = {'last-x': 'x', 'last-y': 'y'}
"""The objects that are there at the end, with their labels: each selector selects one at least."""

Told: TypeAlias = tuple[int, str, str]
"""What a watch tells of a change: its revision, its type, the name of the object."""

SELECTORS = ['', 'app=x', 'app!=x']


def selects(selector: str, labels: Labels) -> bool:
    return {'': True, 'app=x': labels.get('app') == 'x', 'app!=x': labels.get('app') != 'x'}[selector]


def expected_of(events: list[Event], selector: str) -> list[Told]:
    """What a watch has to tell of what has happened, by what is known in the store."""

    def is_selected(state: State | None) -> bool:
        return state is not None and selects(selector, state.labels)

    told: list[Told] = []
    for event in events:
        was = is_selected(event.previous)
        is_ = event.type != 'DELETED' and is_selected(event.state)
        if was or is_:
            told.append((event.revision, 'DELETED' if not is_ else 'MODIFIED' if was else 'ADDED', event.key.name))
    return told


class Informer:
    """A client that lists, then watches from there; it leaves and resumes, and lists anew if that is too late."""

    def __init__(self, cluster: kmock.KubernetesCluster, selector: str, patience: list[int]) -> None:
        self.selector = selector
        self.lists: list[tuple[int, list[Told]]] = []
        self.known: dict[str, Any] = {}
        self._cluster = cluster
        self._patience: Iterator[int] = cycle(patience)
        self._params = {'labelSelector': selector} if selector else {}

    async def run(self) -> None:
        """Follow what happens until one of the last objects is there."""
        revision = await self._list()
        while not self._is_done():
            params = {**self._params, 'watch': '1', 'resourceVersion': str(revision)}
            async with self._cluster.get(URL, params=params) as response:
                for _ in range(next(self._patience)):
                    async with asyncio.timeout(PATIENCE):
                        event = json.loads(await response.content.readline())
                    if event['type'] == 'ERROR':
                        assert event['object']['code'] == 410
                        revision = await self._list()
                        break
                    revision = self._take(event['type'], event['object'])
                    if self._is_done():
                        break

    def _is_done(self) -> bool:
        return any(name in self.known for name in LAST)

    async def _list(self) -> int:
        listed = await (await self._cluster.get(URL, params=self._params)).json()
        self.known = {item['metadata']['name']: item['data'] for item in listed['items']}
        revision = int(listed['metadata']['resourceVersion'])
        self.lists.append((revision, []))
        return revision

    def _take(self, type: str, found: Any) -> int:
        name, revision = found['metadata']['name'], int(found['metadata']['resourceVersion'])
        assert (name in self.known) == (type != 'ADDED')
        self.known[name] = found['data']
        if type == 'DELETED':
            del self.known[name]
        self.lists[-1][1].append((revision, type, name))
        return revision

    def check(self, events: list[Event]) -> None:
        """All that has happened after a list was told, in order and once, up to where it was left."""
        for revision, told in self.lists:
            expected = expected_of([event for event in events if event.revision > revision], self.selector)
            assert told == expected[: len(told)]


class Write(NamedTuple):
    """Something that a writer does: with an object of its own, or with one of all; None deletes."""

    shared: bool
    app: str | None

    def do(self, cluster: kmock.KubernetesCluster, own: str, x: int) -> None:
        objects = cluster.objects['v1/configmaps', 'default']
        if self.app is None:
            if own in objects:
                objects[own].delete()
        else:
            name = 'shared' if self.shared else own
            objects[name] = {'metadata': {'labels': {'app': self.app}}, 'data': {'x': str(x)}}


writes = st.lists(st.builds(Write, st.booleans(), st.sampled_from(['x', 'y', None])), min_size=5, max_size=40)


@contextmanager
def hasty_threads() -> Generator[None, None, None]:
    """Threads take turns much more often than usual."""
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        yield
    finally:
        sys.setswitchinterval(interval)


class Scenario(NamedTuple):
    threads: list[list[Write]]
    requests: list[Write]
    informers: list[tuple[str, list[int]]]
    compacting: bool

    async def run(self) -> None:
        async with kmock.KubernetesCluster() as cluster:
            events: list[Event] = []
            cluster.objects.store.subscribe(events.append, 'v1/configmaps')
            early = [Informer(cluster, *options) for options in self.informers]
            late = [Informer(cluster, *options) for options in self.informers]
            working = [asyncio.to_thread(self.work, cluster, number) for number in range(len(self.threads))]
            await asyncio.gather(
                self.end(cluster, *working), self.request(cluster, late), *(informer.run() for informer in early)
            )
            for informer in (*early, *late):
                informer.check(events)

    def work(self, cluster: kmock.KubernetesCluster, number: int) -> None:
        for x, write in enumerate(self.threads[number]):
            write.do(cluster, f'thread-{number}', x)
            if self.compacting and x % 10 == 9:
                cluster.compact()

    async def request(self, cluster: kmock.KubernetesCluster, late: list[Informer]) -> None:
        """Write as a client does; then begin to watch, too."""
        url = f'{NAMESPACED}/by-client'
        for x, write in enumerate(self.requests):
            body = {'metadata': {'name': 'by-client', 'labels': {'app': write.app}}, 'data': {'x': str(x)}}
            if write.app is None:
                await cluster.delete(url)
            elif (await cluster.patch(url, json=body, headers=MERGE)).status == 404:
                await cluster.post(NAMESPACED, json=body)
        await asyncio.gather(*(informer.run() for informer in late))

    async def end(self, cluster: kmock.KubernetesCluster, *working: Awaitable[None]) -> None:
        await asyncio.gather(*working)
        for name, app in LAST.items():
            cluster.objects['v1/configmaps', 'default', name] = {'metadata': {'labels': {'app': app}}, 'data': {}}


scenarios = st.builds(
    Scenario,
    threads=st.lists(writes, min_size=1, max_size=3),
    requests=writes,
    informers=st.lists(
        st.tuples(st.sampled_from(SELECTORS), st.lists(st.integers(1, 20), min_size=1, max_size=3)),
        min_size=1,
        max_size=5,
    ),
    compacting=st.booleans(),
)


@given(scenario=scenarios)
@settings(max_examples=40)
def test_informers_know_all_that_threads_and_clients_have_written(scenario: Scenario) -> None:
    with hasty_threads():
        asyncio.run(scenario.run())
