"""Operators on Kopf that tests run, and what their handlers were called with."""

import asyncio
import threading
from collections import defaultdict
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from typing import Any, TypeAlias

import kopf

from kmock import KubernetesScaffold

Call: TypeAlias = dict[str, Any]

FINALIZER = 'example.com/finalizer'
TIMEOUT = 10.0


class Calls:
    """The calls of handlers, which can be awaited, each of them once."""

    def __init__(self) -> None:
        self._queues: defaultdict[str, asyncio.Queue[Call]] = defaultdict(asyncio.Queue)

    def note(self, handler: str, **kwargs: Any) -> None:
        """Add a call with these arguments."""
        self._queues[handler].put_nowait(kwargs)

    async def next(self, handler: str) -> Call:
        """The arguments of the next call of a handler."""
        async with asyncio.timeout(TIMEOUT):
            return await self._queues[handler].get()

    def left(self, handler: str) -> list[Call]:
        """The calls of a handler that were not awaited yet."""
        queue = self._queues[handler]
        return [queue.get_nowait() for _ in range(queue.qsize())]


class Operator:
    """An operator that finds its cluster by ``$KUBECONFIG``, and has no handlers yet.

    Tests register them with ``registry=operator.registry``.

    Args:
        login: whether it has a handler to log in; if not, it needs one.
    """

    def __init__(self, *, login: bool = True) -> None:
        self.registry = kopf.OperatorRegistry()
        self.settings = make_settings()
        self.calls = Calls()
        if login:
            kopf.on.login(registry=self.registry)(kopf.login_with_kubeconfig)

    @asynccontextmanager
    async def running(self, kmock: KubernetesScaffold, **options: Any) -> AsyncGenerator[None, None]:
        """Run it on the loop of the test as long as the context lasts; cluster-wide, unless the options say where."""
        # When it stops, Kopf waits for all tasks of the loop that began after it, for some seconds: also for those of
        # the server that serve connections of other clients. The connection of the test is there before, and stays.
        await kmock.head('/readyz')
        ready, stop = asyncio.Event(), asyncio.Event()
        task = asyncio.create_task(self._operate(ready_flag=ready, stop_flag=stop, **options))
        readiness = asyncio.create_task(ready.wait())
        try:
            await asyncio.wait([task, readiness], timeout=TIMEOUT, return_when=asyncio.FIRST_COMPLETED)
            yield
        finally:
            readiness.cancel()
            stop.set()
            await asyncio.wait_for(task, TIMEOUT)

    @contextmanager
    def beside(self, **options: Any) -> Generator[None, None, None]:
        """Run it in a thread and on a loop of its own as long as the context lasts; the thread is named after it."""
        ready, stop = threading.Event(), threading.Event()
        failures: list[BaseException] = []

        def operate() -> None:
            try:
                asyncio.run(self._operate(ready_flag=ready, stop_flag=stop, **options))
            except BaseException as exc:
                failures.append(exc)
            finally:
                ready.set()

        thread = threading.Thread(target=operate, name=options.get('identity'), daemon=True)
        thread.start()
        try:
            assert ready.wait(TIMEOUT)
            yield
        finally:
            stop.set()
            thread.join(TIMEOUT)
        assert not thread.is_alive(), 'it does not stop'
        if failures:
            raise failures[0]

    async def _operate(self, **options: Any) -> None:
        options = {'standalone': True, 'clusterwide': 'namespaces' not in options, **options}
        await kopf.operator(registry=self.registry, settings=self.settings, **options)


def make_settings() -> kopf.OperatorSettings:
    """Settings in which nothing waits for longer than it takes."""
    settings = kopf.OperatorSettings()
    settings.persistence.finalizer = FINALIZER
    settings.execution.default_backoff = 0.01
    settings.watching.reconnect_backoff = 0
    settings.queueing.idle_timeout = 0.01
    settings.queueing.error_delays = [0.01] * 5
    settings.networking.error_backoffs = [0.01] * 5
    settings.posting.default_backoffs = [0.01] * 5
    settings.posting.loggers = False  # only the events that handlers post themselves
    return settings
