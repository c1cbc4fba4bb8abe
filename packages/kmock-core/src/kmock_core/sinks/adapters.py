"""Adapting an object after ``>>`` to a function that delivers requests to it: a table of rules, first that accepts."""

import asyncio
import concurrent.futures
import inspect
import io
import os
import queue
import threading
from collections.abc import (
    AsyncGenerator,
    Awaitable,
    Callable,
    Generator,
    MutableMapping,
    MutableSequence,
    MutableSet,
)
from types import NotImplementedType
from typing import Any

from kmock_core.errors import UnsupportedSinkError
from kmock_core.live.items import Bus
from kmock_core.registry import SINKS
from kmock_core.rendering.waiting import wait_for_room
from kmock_core.values.calls import takes_request
from kmock_core.values.requests import Request

Effect = Callable[[Request], Any]

KNOWN = (
    'known: paths, files, lists, sets, dicts, events, conditions, queues, futures, awaitables, '
    'callables, generators, Bus()'
)


class SinkBox:
    """A sink that is told from a payload by its type: ``kmock['get'] >> SinkBox(x)``, ``<< SinkBox(x)``."""

    __slots__ = ('effect', 'sink')

    def __init__(self, sink: Any, /) -> None:
        self.sink: Any = sink
        self.effect: Effect = adapt_sink(sink)

    def __repr__(self) -> str:
        return f'SinkBox({self.sink!r})'


def adapt_sink(sink: Any) -> Effect:
    """Make a function that delivers a request to the sink; its result is awaited if it can be."""
    effect = find_effect(sink)
    if effect is None:
        raise UnsupportedSinkError(f'Unsupported type of a side effect: {type(sink)!r}: {sink!r} ({KNOWN})', sink)
    return effect


def find_effect(sink: Any) -> Effect | None:
    """The same, but None if the object is no sink."""
    effect = VALUES.adapt(sink)
    if effect is NotImplemented:
        effect = _ask_plugins(sink)
    if effect is NotImplemented:
        effect = CALLABLES.adapt(sink)
    return None if effect is NotImplemented else effect


def _ask_plugins(sink: object) -> 'Effect | NotImplementedType':
    effect: Effect | NotImplementedType = NotImplemented
    for adapter in SINKS.ordered():
        effect = adapter.adapt(sink)
        if effect is not NotImplemented:
            break
    return effect


class ValuesAdapter:
    """Files, collections, the primitives of asyncio and of threads, and objects that know their sink."""

    order = 100

    def adapt(self, sink: Any, /) -> 'Effect | NotImplementedType':
        """The effect of such a sink."""
        if sink is None:
            return _ignore
        rule = next((rule for kind, rule in _RULES if isinstance(sink, kind)), None)
        if rule is None:
            custom = None if isinstance(sink, type) else getattr(sink, '__kmock_sink__', None)
            return NotImplemented if custom is None else adapt_sink(custom())
        return rule(sink)


class CallablesAdapter:
    """What is left: awaitables, callables, and objects that can be written to, of any type."""

    order = 900

    def adapt(self, sink: Any, /) -> 'Effect | NotImplementedType':
        """The effect of such a sink."""
        if not isinstance(sink, type) and inspect.isawaitable(sink):
            return _Awaited(sink)
        if callable(sink):
            return _call(sink)
        return _write(sink) if hasattr(sink, 'write') else NotImplemented


VALUES = ValuesAdapter()
CALLABLES = CallablesAdapter()


def _ignore(request: Request) -> None:
    return None


def _path(sink: Any) -> Effect:
    from pathlib import Path  # heavy, and loaded already by those who have a path

    path = Path(sink)
    return lambda request: path.write_bytes(request.body)


def _write(sink: Any) -> Effect:
    as_text = isinstance(sink, io.TextIOBase)
    return lambda request: sink.write(request.text if as_text else request.body)


def _mapping(sink: MutableMapping[Any, Any]) -> Effect:
    def effect(request: Request) -> None:
        sink[request] = request.data if request.data is not None else request.body or None

    return effect


async def _notify_async(condition: asyncio.Condition) -> None:
    async with condition:
        condition.notify_all()


def _notify(condition: threading.Condition) -> Effect:
    def effect(request: Request) -> None:
        with condition:
            condition.notify_all()

    return effect


def _blocking_queue(sink: 'queue.Queue[Any]') -> Effect:
    def effect(request: Request) -> Any:
        try:
            sink.put_nowait(request)
        except queue.Full:
            return wait_for_room(sink, request)
        return None

    return effect


def _future(sink: 'asyncio.Future[Any] | concurrent.futures.Future[Any]') -> Effect:
    def effect(request: Request) -> None:
        if not sink.done():
            sink.set_result(request)

    return effect


class _Awaited:
    """Delivers to what an awaitable gives; it is awaited once, for all requests."""

    __slots__ = ('_shared', '_sink')

    def __init__(self, sink: Awaitable[Any]) -> None:
        self._sink = sink
        self._shared: asyncio.Future[Any] | None = None

    async def __call__(self, request: Request) -> None:
        if self._shared is None:
            self._shared = asyncio.ensure_future(self._sink)
        await deliver_result(await asyncio.shield(self._shared), request)

    def close(self) -> None:
        """Close a coroutine that no request has come to, so that it does not complain."""
        if self._shared is None and inspect.iscoroutine(self._sink):
            self._sink.close()


def _call(sink: Callable[..., Any]) -> Effect:
    with_request = takes_request(sink)

    def effect(request: Request) -> Any:
        result = sink(request) if with_request else sink()
        return None if result is None else deliver_result(result, request)

    return effect


async def deliver_result(result: Any, request: Request) -> None:
    """Deliver to what a callable or an awaitable gave, if it is a sink; else ignore it."""
    if inspect.isawaitable(result) and not isinstance(result, asyncio.Future):
        result = await result
    if result is None or isinstance(result, type):
        return
    try:
        further = find_effect(result)
    except (UnsupportedSinkError, TypeError):  # looks like a sink, but is none
        return
    if further is not None:
        outcome = further(request)
        if inspect.isawaitable(outcome):
            await outcome


def _generator(sink: Generator[Any, Any, Any]) -> Effect:
    state = {'primed': inspect.getgeneratorstate(sink) != inspect.GEN_CREATED, 'ended': False}

    def effect(request: Request) -> None:
        if state['ended']:
            return
        try:
            if not state['primed']:
                state['primed'] = True
                next(sink)
            sink.send(request)
        except StopIteration:
            state['ended'] = True

    return effect


def _async_generator(sink: AsyncGenerator[Any, Any]) -> Effect:
    state = {'primed': False, 'ended': False}
    lock: list[asyncio.Lock] = []

    async def effect(request: Request) -> None:
        if not lock:
            lock.append(asyncio.Lock())
        async with lock[0]:  # two requests at once must not enter the generator together
            if state['ended']:
                return
            try:
                if not state['primed']:
                    state['primed'] = True
                    await sink.__anext__()
                await sink.asend(request)
            except StopAsyncIteration:
                state['ended'] = True

    return effect


_RULES: tuple[tuple[Any, Callable[[Any], Effect]], ...] = (
    (SinkBox, lambda sink: sink.effect),
    (Bus, lambda sink: sink.put),
    (os.PathLike, _path),
    (io.IOBase, _write),
    ((bytearray, memoryview), lambda sink: _refuse(sink)),
    (MutableSequence, lambda sink: sink.append),
    (MutableSet, lambda sink: sink.add),
    (MutableMapping, _mapping),
    ((asyncio.Event, threading.Event), lambda sink: lambda request: sink.set()),
    (asyncio.Condition, lambda sink: lambda request: _notify_async(sink)),
    (threading.Condition, _notify),
    (asyncio.Queue, lambda sink: sink.put),
    ((queue.Queue, queue.SimpleQueue), _blocking_queue),
    (asyncio.Task, _Awaited),
    ((asyncio.Future, concurrent.futures.Future), _future),
    (Generator, _generator),
    (AsyncGenerator, _async_generator),
    (BaseException, lambda sink: _refuse(sink)),
)


def _refuse(sink: Any) -> Effect:
    raise UnsupportedSinkError(f'Unsupported type of a side effect: {type(sink)!r}: {sink!r} ({KNOWN})', sink)
