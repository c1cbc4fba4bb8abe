"""Nodes: what payloads are compiled to. A node says what it is; the player and the reply say what happens then.

A node is one of three kinds: *chunks* that are ready, *sources* that give further payloads after some waiting or
calling, and *signals*.
"""

import asyncio
import inspect
import json
import marshal
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from typing import IO, Any

from kmock_core.errors import KMockError
from kmock_core.rendering.shaping import Shaper
from kmock_core.rendering.waiting import wait_blocking
from kmock_core.values.calls import takes_request
from kmock_core.values.faults import Breakage
from kmock_core.values.requests import Request
from kmock_core.values.responses import Response

JSON_TYPE = 'application/json'
BINARY_TYPE = 'application/octet-stream'
TEXT_TYPE = 'text/plain; charset=utf-8'


class Node:
    """The base of all nodes."""

    __slots__ = ()


# ---- Chunks ----


class Fixed(Node):
    """A chunk that never changes: as it stands alone, and as it stands in a stream."""

    __slots__ = ('alone', 'content_type', 'streamed')

    def __init__(self, alone: bytes, content_type: str | None, streamed: bytes | None = None) -> None:
        self.alone: bytes = alone
        self.content_type: str | None = content_type
        self.streamed: bytes = alone if streamed is None else streamed


class Typed(Fixed):
    """A chunk that gives its content type to the stream that it begins."""

    __slots__ = ('stream_type',)

    def __init__(self, content: bytes, content_type: str) -> None:
        super().__init__(content, content_type)
        self.stream_type: str = content_type


class Live(Node):
    """A chunk that is made anew for each request."""

    __slots__ = ()

    def make(self) -> Fixed:
        """Make the chunk."""
        raise NotImplementedError


class Document(Live):
    """A JSON document that the test may still change: encoded anew whenever it has changed."""

    __slots__ = ('_fixed', '_mark', 'value')

    def __init__(self, value: Any) -> None:
        self.value: Any = value
        self._mark: bytes | None = None
        self._fixed: Fixed | None = None

    def make(self) -> Fixed:
        # marshal tells all types apart, and is several times faster than JSON; version 2 has no references, which
        # would depend on the reference counts of the parts.
        try:
            mark = marshal.dumps(self.value, 2)
        except ValueError:  # it has objects that only JSON's `default` knows
            mark = None
        if self._fixed is None or mark is None or mark != self._mark:
            encoded = encode_json(self.value)
            self._fixed = Fixed(encoded, JSON_TYPE, encoded + b'\n')
            self._mark = mark
        return self._fixed


class File(Live):
    """A file that is read anew for each request."""

    __slots__ = ('path',)

    def __init__(self, path: Any) -> None:
        self.path: Any = path

    def make(self) -> Fixed:
        return Fixed(self.path.read_bytes(), BINARY_TYPE)


class Buffer(Live):
    """An open file or buffer, read to its end: the next request finds it depleted."""

    __slots__ = ('io',)

    def __init__(self, io: 'IO[Any]') -> None:
        self.io: IO[Any] = io

    def make(self) -> Fixed:
        content = self.io.read()
        if isinstance(content, str):
            return Fixed(content.encode('utf-8'), TEXT_TYPE if content else None)
        return Fixed(bytes(content or b''), BINARY_TYPE if content else None)


# ---- Sources ----


class Sequence(Node):
    """A replayable stream of nodes."""

    __slots__ = ('nodes',)

    def __init__(self, nodes: tuple[Node, ...]) -> None:
        self.nodes: tuple[Node, ...] = nodes


class OneShot(Node):
    """An iterator of payloads, consumed by the first request that comes to it; the others find it depleted."""

    __slots__ = ('claimed', 'iterator')

    def __init__(self, iterator: 'Iterator[Any] | AsyncIterator[Any]') -> None:
        self.iterator: Iterator[Any] | AsyncIterator[Any] = iterator
        self.claimed: bool = False

    def claim(self) -> 'Iterator[Any] | AsyncIterator[Any] | None':
        """The iterator for the first one who asks, None for the others."""
        if self.claimed:
            return None
        self.claimed = True
        return self.iterator


class Call(Node):
    """A callable whose result takes its place."""

    __slots__ = ('fn', 'with_request')

    def __init__(self, fn: Callable[..., Any]) -> None:
        self.fn: Callable[..., Any] = fn
        self.with_request: bool = takes_request(fn)

    def call(self, request: Request) -> Any:
        """Call it; the result may be awaitable."""
        return self.fn(request) if self.with_request else self.fn()


class Pending(Node):
    """Something to be awaited, whose result takes its place; for all requests the same."""

    __slots__ = ('_shared', '_source', '_waiting')

    def __init__(self, source: Awaitable[Any]) -> None:
        self._source = source
        self._shared: asyncio.Future[Any] | None = None
        self._waiting = 0

    async def wait(self) -> Any:
        """Await it; a request that leaves does not cancel what others wait for, only the last one does."""
        shared = self._shared
        if shared is None:
            shared = self._shared = asyncio.ensure_future(self._source)
        self._waiting += 1
        try:
            return await asyncio.shield(shared)
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if shared.cancelled() and not (task is not None and task.cancelling()):
                raise KMockError(f'A payload can not be awaited, it was cancelled: {self._source!r}') from None
            raise
        finally:
            self._waiting -= 1
            if not self._waiting and not shared.done() and shared is not self._source:
                shared.cancel()
                await asyncio.gather(shared, return_exceptions=True)

    def close(self) -> None:
        """Close a coroutine that nobody has come to, so that it does not complain."""
        if self._shared is None and inspect.iscoroutine(self._source):
            self._source.close()

    __del__ = close


class Waiting(Node):
    """An event, a condition or a queue to be waited for; the item of the queue takes its place."""

    __slots__ = ('wait',)

    def __init__(self, wait: Callable[[], Awaitable[Any]]) -> None:
        self.wait: Callable[[], Awaitable[Any]] = wait


class Whole(Node):
    """A `Response`: a whole answer, or an item of a stream."""

    __slots__ = ('response',)

    def __init__(self, response: Response) -> None:
        self.response: Response = response


# ---- Signals ----


class Nothing(Node):
    """No chunk at all."""

    __slots__ = ()


class Feed(Node):
    """A feeding point: ``...``."""

    __slots__ = ()


class Declined(Node):
    """``NotImplemented``: not mine, the next rule serves; in a stream: nothing."""

    __slots__ = ()


class Depleted(Node):
    """``StopIteration``: the rule is depleted; in a stream: the stream of this request ends."""

    __slots__ = ()


class Raising(Node):
    """An exception that is raised where it stands."""

    __slots__ = ('exception',)

    def __init__(self, exception: 'BaseException | type[BaseException]') -> None:
        self.exception: BaseException | type[BaseException] = exception


class Ending(Node):
    """A fault that ends the answer where it stands."""

    __slots__ = ('breakage',)

    def __init__(self, breakage: Breakage) -> None:
        self.breakage: Breakage = breakage


class Shaping(Node):
    """A fault in how the body goes out: all of it, or what follows in a stream.

    ``begin`` is awaited where it begins to act; what it gives shapes the chunks. ``ending`` is set if nothing follows.
    """

    __slots__ = ('begin', 'ending')

    def __init__(self, begin: Callable[[Request], Awaitable[Shaper | None]], ending: Ending | None = None) -> None:
        self.begin: Callable[[Request], Awaitable[Shaper | None]] = begin
        self.ending: Ending | None = ending


NOTHING = Nothing()
FEED = Feed()
DECLINED = Declined()
DEPLETED = Depleted()


def find_plain(nodes: tuple[Node, ...]) -> list[bytes] | None:
    """The chunks of what is fed, if all but the feeding point at its end are ready; else None."""
    if len(nodes) == 1 and isinstance(nodes[0], Sequence):
        nodes = nodes[0].nodes
    if len(nodes) < 2 or nodes[-1] is not FEED:
        return None
    chunks = [node.streamed for node in nodes[:-1] if isinstance(node, Fixed)]
    return chunks if len(chunks) == len(nodes) - 1 else None


def close(node: Node) -> None:
    """Close the coroutines in a node that nobody has come to."""
    if isinstance(node, Pending):
        node.close()
    elif isinstance(node, Sequence):
        for child in node.nodes:
            close(child)


def _plain_mapping(value: Any) -> Any:
    mapping: Mapping[Any, Any] = value
    if isinstance(value, Mapping):
        return dict(mapping)
    raise TypeError(f'Object of type {type(value).__name__} is not JSON serializable')


_encode = json.JSONEncoder(default=_plain_mapping).encode  # made once: `json.dumps(default=…)` makes one each time


def encode_json(value: Any) -> bytes:
    """Encode by the defaults of `json.dumps`; other mappings than dicts are documents too."""
    return _encode(value).encode('ascii')


async def wait_for_condition(condition: asyncio.Condition) -> None:
    """Wait until a condition of asyncio is notified."""
    async with condition:
        await condition.wait()


def waiting_for(thing: Any) -> Waiting | None:
    """The node of an event, a condition or a queue, of asyncio or of threads; None if it is none of them."""
    if isinstance(thing, asyncio.Event):
        return Waiting(lambda: _then_nothing(thing.wait()))
    if isinstance(thing, asyncio.Condition):
        return Waiting(lambda: wait_for_condition(thing))
    items: asyncio.Queue[Any] = thing
    if isinstance(thing, asyncio.Queue):
        return Waiting(items.get)
    blocking = wait_blocking(thing)
    return None if blocking is None else Waiting(blocking)


async def _then_nothing(awaitable: Awaitable[object]) -> None:
    await awaitable
