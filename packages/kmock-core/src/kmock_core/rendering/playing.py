"""Playing a stream: one loop with a stack of its own, from nodes to batches of chunks.

The chunks that need no waiting travel together. Before anything is waited for, what is ready is sent.
"""

import asyncio
import inspect
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Generator, Iterable, Iterator
from contextlib import aclosing
from typing import Any, Protocol, cast

from kmock_core.errors import ForgottenRequestError, error_of
from kmock_core.live.bus import Effect, Feeding, LiveBus, Point
from kmock_core.live.leash import Leash
from kmock_core.rendering import nodes
from kmock_core.rendering.compiling import compile_payload
from kmock_core.rendering.nodes import Node
from kmock_core.rendering.shaping import Shapers, finish, reshape
from kmock_core.values.faults import Breakage
from kmock_core.values.requests import Request
from kmock_core.values.responses import Tap

BATCH_BYTES = 65_536
"""A batch is sent when it is larger, even if nothing is waited for."""


class StreamHost(Protocol):
    """What a stream needs of the handler that plays it."""

    @property
    def live(self) -> LiveBus: ...

    async def stream_failed(self, exc: Exception, writer: 'StreamWriter', /) -> None: ...


class StreamWriter:
    """What an error in a started stream is written to."""

    def __init__(self, chunks: list[bytes], request: Request | None = None) -> None:
        self._chunks = chunks
        self.request = request

    async def write(self, data: bytes) -> None:
        """Append a chunk to the stream."""
        self._chunks.append(bytes(data))


def compile_result(value: Any) -> Node:
    """Compile what a callable or an iterator gave: it is rendered at once, so documents need not stay live."""
    if type(value) is dict or type(value) is list:
        encoded = nodes.encode_json(value)
        return nodes.Fixed(encoded, nodes.JSON_TYPE, encoded + b'\n')
    return compile_payload(value)


def is_stop_iteration(exc: BaseException) -> bool:
    """True for StopIteration and its async twin, also where Python has wrapped them into a RuntimeError."""
    if isinstance(exc, (StopIteration, StopAsyncIteration)):
        return True
    return isinstance(exc, RuntimeError) and isinstance(exc.__cause__, (StopIteration, StopAsyncIteration))


class _Nodes:
    """A frame of compiled nodes."""

    __slots__ = ('nodes', 'position')

    def __init__(self, items: tuple[Node, ...]) -> None:
        self.nodes = items
        self.position = 0


class _Values:
    """A frame of payloads that an iterator gives."""

    __slots__ = ('values',)

    def __init__(self, values: Iterator[Any]) -> None:
        self.values = values


class _AsyncValues:
    """A frame of payloads that an async iterator gives."""

    __slots__ = ('values',)

    def __init__(self, values: AsyncIterator[Any]) -> None:
        self.values = values


class _FeedingPoint:
    """A frame that stands for a feeding point: above it, what it is fed with is played."""

    __slots__ = ()


_Frame = _Nodes | _Values | _AsyncValues | _FeedingPoint
_POINT = _FeedingPoint()


class Playback:
    """One stream for one request: a `BodyStream`. Ends with its last node, with the client, or with the server."""

    def __init__(
        self, items: Iterable[Node], request: Request, host: StreamHost, fed: 'deque[Feeding] | None' = None
    ) -> None:
        self.request = request
        self.content_type: str = nodes.BINARY_TYPE
        self._host = host
        self._stack: list[_Frame] = [_Nodes(tuple(items))]
        self._pending: deque[Feeding] = deque()
        if fed is not None:
            self._stack.append(_POINT)
            self._pending = fed
        self._point: Point | None = None
        self._tap: Tap | None = None
        self._out: list[bytes] = []
        self._size = 0
        self._first: list[bytes] | None = None
        self._awaited: Awaitable[Any] | None = None
        self._shapers: Shapers = ()
        self.breakage: Breakage | None = None
        self.is_unheard: bool = False
        self._leash = Leash(request)
        self._generator = self._play()

    @property
    def tap(self) -> Tap | None:
        """A transport's way to take plain feedings at once."""
        return self._tap

    @tap.setter
    def tap(self, tap: Tap | None) -> None:
        self._tap = None if self._shapers else tap
        if self._point is not None:
            self._point.tap = self._tap

    async def prime(self) -> bool:
        """Play up to the first batch; False if the stream has ended without a chunk."""
        try:
            self._first = await self._generator.__anext__()
        except StopAsyncIteration:
            self.is_unheard = self.breakage is not None and not self.breakage.head
            return self.breakage is not None
        return True

    async def batches(self) -> AsyncGenerator[list[bytes], None]:
        """The chunks, those that need no waiting in one list."""
        batch, self._first = self._first, None
        if batch is None:
            batch = await anext(self._generator, None)
        while batch is not None:
            if not self._shapers:
                yield batch
            else:
                async with aclosing(reshape(batch, self._shapers)) as pieces:
                    async for piece in pieces:
                        yield piece
            batch = await anext(self._generator, None)
        if self.breakage is not None:
            await self._break(self.breakage)
        await finish(self._shapers)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for batch in self.batches():
            for chunk in batch:
                yield chunk

    async def aclose(self) -> None:
        """End the stream early, and leave the feeding point if it stands at one."""
        await self._generator.aclose()

    async def _break(self, breakage: Breakage) -> None:
        self._host.live.hold(self._leash)
        try:
            with self._leash:
                await breakage.strike()
        except ForgottenRequestError as exc:  # it stalls no longer
            raise breakage.error() from exc
        finally:
            self._host.live.release(self._leash)

    # ---- The loop ----

    async def _play(self) -> AsyncGenerator[list[bytes], None]:
        started = False
        self._host.live.hold(self._leash)
        try:
            while self._stack:
                try:
                    node = self._next_ready()
                    if node is None:
                        if self._out:
                            started = True
                            yield self._flush()
                        with self._leash:
                            node = await self._next_awaited()
                    if node is not None and self._handle(node):
                        if self._out:
                            started = True
                            yield self._flush()
                        with self._leash:
                            await self._wait(node)
                except Exception as exc:
                    if not is_stop_iteration(exc):
                        raise
                    break
                if self._size > BATCH_BYTES:
                    started = True
                    yield self._flush()
                    with self._leash:
                        await asyncio.sleep(0)
        except BaseException as exc:
            if not started and not self._out:
                raise
            await self._fail(error_of(exc))
        finally:
            self._leave()
            self._host.live.release(self._leash)
            await self._close_sources()
        if self._out:
            yield self._flush()

    async def _fail(self, exc: Exception) -> None:
        if not isinstance(exc, ForgottenRequestError):  # that is how streams end by reset(): quietly
            await self._host.stream_failed(exc, StreamWriter(self._out, self.request))

    async def _close_sources(self) -> None:
        """Close what was left unfinished, so that the user's own ``finally`` blocks run now and nothing complains."""
        awaited, self._awaited = self._awaited, None
        if inspect.iscoroutine(awaited):
            awaited.close()
        while self._stack:
            frame = self._stack.pop()
            try:
                source: Any = None if isinstance(frame, (_Nodes, _FeedingPoint)) else frame.values
                if isinstance(frame, _Values) and isinstance(frame.values, Generator):
                    source.close()
                elif isinstance(frame, _AsyncValues) and isinstance(frame.values, AsyncGenerator):
                    await source.aclose()
            except Exception as exc:
                await self._host.stream_failed(exc, StreamWriter([], self.request))

    def _flush(self) -> list[bytes]:
        out, self._out, self._size = self._out, [], 0
        return out

    def _next_ready(self) -> Node | None:
        """The next node if it can be had without waiting, or None if it must be waited for, or there is none."""
        stack = self._stack
        while stack:
            frame = stack[-1]
            if type(frame) is _Nodes:
                if frame.position >= len(frame.nodes):
                    stack.pop()
                    continue
                node = frame.nodes[frame.position]
                frame.position += 1
                if frame.position == len(frame.nodes):
                    stack.pop()  # so that a trailing "..." does not grow the stack
                return node
            if type(frame) is _Values:
                try:
                    return compile_result(next(frame.values))
                except StopIteration:
                    stack.pop()
                    continue
            if type(frame) is _FeedingPoint:
                if self._pending:
                    return self._receive()
                stack.pop()
                if _POINT not in stack:
                    self._leave()
                continue
            return None
        return None

    async def _next_awaited(self) -> Node | None:
        if not self._stack:
            return None
        frame = cast('_AsyncValues', self._stack[-1])
        try:
            value = await frame.values.__anext__()
        except StopAsyncIteration:
            if self._stack and self._stack[-1] is frame:
                self._stack.pop()
            return None
        return compile_result(value)

    def _receive(self) -> Node:
        feeding = self._pending.popleft()
        if feeding.effects:
            return _Received(feeding)
        return nodes.Sequence(feeding.nodes)

    def _handle(self, node: Node) -> bool:
        """Do what the node says; True if it must be waited for."""
        kind = type(node)
        if type(node) is nodes.Fixed:
            chunk = node.streamed
            self._out.append(chunk)
            self._size += len(chunk)
        elif type(node) is nodes.Sequence:
            self._stack.append(_Nodes(node.nodes))
        elif kind is nodes.Feed:
            if not self._stack or self._stack[-1] is not _POINT:
                self._stack.append(_POINT)
            return not self._pending
        elif type(node) is nodes.Call:
            result = node.call(self.request)
            if inspect.isawaitable(result):
                self._awaited = result
                return True
            self._push_result(result)
        elif isinstance(node, nodes.Live):
            return self._handle(node.make())
        elif type(node) is nodes.OneShot:
            self._push_iterator(node.claim())
        elif isinstance(node, nodes.Typed):
            if not self._out:  # it is asked for with the first batch, so that only the first chunk of all counts
                self.content_type = node.stream_type
            self._out.append(node.streamed)
            self._size += len(node.streamed)
        elif type(node) is nodes.Whole:
            self._push_result(node.response.payload)
        else:
            self._handle_signal(node)
        return kind in _AWAITED

    def _handle_signal(self, node: Node) -> None:
        if isinstance(node, nodes.Shaping) and node.ending is not None:
            node = node.ending
        if isinstance(node, nodes.Ending):
            self.breakage = node.breakage
            raise StopIteration
        if isinstance(node, nodes.Raising):
            raise node.exception
        if isinstance(node, nodes.Depleted):
            raise StopIteration

    def _push_result(self, result: Any) -> None:
        if result is not None and result is not NotImplemented:
            self._stack.append(_Nodes((compile_result(result),)))

    def _push_iterator(self, iterator: Iterator[Any] | AsyncIterator[Any] | None) -> None:
        if iterator is not None:
            self._stack.append(_Values(iterator) if isinstance(iterator, Iterator) else _AsyncValues(iterator))

    async def _wait(self, node: Node) -> None:
        if isinstance(node, nodes.Feed):
            await self._wait_for_feeding()
        elif isinstance(node, nodes.Call):
            awaited, self._awaited = self._awaited, None
            self._push_result(await cast('Awaitable[Any]', awaited))
        elif isinstance(node, (nodes.Pending, nodes.Waiting)):
            self._push_result(await node.wait())
        elif isinstance(node, _Received):
            await fire(node.feeding.effects, self.request)
            self._stack.append(_Nodes(node.feeding.nodes))
        elif isinstance(node, nodes.Shaping):
            shaper = await node.begin(self.request)
            if shaper is not None:
                self._shapers = (*self._shapers, shaper)
                self.tap = None

    async def _wait_for_feeding(self) -> None:
        if self._point is None:
            self._point = Point(self.request)
            self._point.tap = self._tap
            self._host.live.join(self._point)
        self._pending.extend(await self._point.wait())

    def _leave(self) -> None:
        if self._point is not None:
            self._host.live.leave(self._point)
            self._point = None


class _Received(Node):
    """A feeding with side effects, to be fired before its items are played."""

    __slots__ = ('feeding',)

    def __init__(self, feeding: Feeding) -> None:
        self.feeding = feeding


async def fire(effects: Iterable[Effect], request: Request) -> None:
    """Deliver a request to all the side effects, one after another."""
    for effect in effects:
        result = effect(request)
        if inspect.isawaitable(result):
            await result


_AWAITED: frozenset[type[Node]] = frozenset({nodes.Pending, nodes.Waiting, nodes.Shaping, _Received})
