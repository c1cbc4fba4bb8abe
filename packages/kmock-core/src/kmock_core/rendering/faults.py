"""Faults as payloads: what goes wrong between a client and a server, on order."""

import inspect
import math
import os
import re
import reprlib
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, cast

from kmock_core.rendering import nodes
from kmock_core.rendering.compiling import compile_payload
from kmock_core.rendering.nodes import Node
from kmock_core.rendering.shaping import Cut, Fragments, Shaper, Throttle
from kmock_core.values.calls import takes_request
from kmock_core.values.faults import Breakage
from kmock_core.values.requests import Request
from kmock_core.values.responses import Response

if TYPE_CHECKING:
    from random import Random

NO_HTTP = b'\x00\x01\x02 KMock: this is no HTTP \xfd\xfe\xff\r\n\r\n'
BROKEN_CHUNK = b'no size of a chunk\r\nKMock\r\n'
UNITS = {'B': 1, 'kB': 1000, 'KB': 1000, 'KiB': 1024, 'MB': 1000**2, 'MiB': 1024**2}

Seconds = float | tuple[float, float] | Callable[[Request], Any] | Callable[[], Any]


class Fault:
    """The base of all faults: a payload that says by its `repr` how to order it again."""

    __slots__ = ('_arguments',)

    is_fault = True
    """For those who have typed a class of faults without its parentheses."""

    def __init__(self, *arguments: object, **keywords: object) -> None:
        self._arguments = [*map(repr, arguments), *(f'{name}={value!r}' for name, value in keywords.items())]

    def __repr__(self) -> str:
        return f'{type(self).__name__}({", ".join(self._arguments)})'

    def __kmock_payload__(self) -> Node:
        raise NotImplementedError


class fault:
    """Faults as payloads: ``fault.reset()``, ``fault.latency(0.5)`` …, what goes wrong between a client and a server.

    They stand after ``<<`` alone, beside a body, in streams, in feedings, and in what callables give. Beside one body,
    or none, a fault that shapes (`latency`, `throttle`, `fragment`, `truncate` with a number) acts on the whole answer,
    whatever the order; in a stream (a tuple, or several bodies) it acts where it stands. The others end the answer
    where they stand. None is an error of the test: it is the client that has to live with them.
    """

    is_fault = True

    def __init__(self) -> None:
        raise TypeError('fault() is none by itself; type e.g. fault.reset(), fault.latency(0.5)')

    # ---- Those that end the answer where they stand ----

    class reset(Fault):
        """The connection is reset (RST): with no answer, or after what was sent before.

        >>> (b'the beginning', fault.reset())
        (b'the beginning', reset())
        """

        __slots__ = ()

        def __init__(self) -> None:
            super().__init__()

        def __kmock_payload__(self) -> Node:
            return nodes.Ending(Breakage(repr(self), 'the connection is reset', reset=True))

    class empty(Fault):
        """The connection is closed (FIN) with no answer; in a stream, in the middle of it."""

        __slots__ = ()

        def __init__(self) -> None:
            super().__init__()

        def __kmock_payload__(self) -> Node:
            return nodes.Ending(Breakage(repr(self), 'the connection is closed'))

    class truncate(Fault):
        """The connection is closed in the middle of the body: after `n` bytes of it, or where the fault stands.

        Beside one body, its Content-Length still promises the whole; a stream has no last chunk.
        """

        __slots__ = ('n',)

        n: int | None

        def __init__(self, n: int | None = None) -> None:
            super().__init__(*([] if n is None else [_check_count('truncate', n, 0)]))
            self.n = n

        def __kmock_payload__(self) -> Node:
            breakage = Breakage(repr(self), 'the connection is closed in the middle of the body', head=True)
            n = self.n
            if n is None:
                return nodes.Ending(breakage)

            async def begin(request: Request) -> Shaper:
                return Cut(n, breakage)

            return nodes.Shaping(begin, None if n else nodes.Ending(breakage))

    class malformed_chunk(Fault):
        """A chunk with no size, where a chunk is expected; then the connection is closed. Alone, after the head."""

        __slots__ = ()

        def __init__(self) -> None:
            super().__init__()

        def __kmock_payload__(self) -> Node:
            return nodes.Ending(Breakage(repr(self), 'a chunk is malformed', head=True, raw=BROKEN_CHUNK))

    class garbage(Fault):
        """Bytes that are no HTTP instead of an answer; then the connection is closed."""

        __slots__ = ('data',)

        data: bytes

        def __init__(self, data: bytes = NO_HTTP) -> None:
            if not isinstance(data, (bytes, bytearray, memoryview)):  # pyright: ignore[reportUnnecessaryIsInstance]
                raise TypeError(f"garbage({data!r}): type bytes, e.g. garbage(b'SSH-2.0-x')")
            super().__init__(*([] if data == NO_HTTP else [bytes(data)]))
            self.data = bytes(data)

        def __kmock_payload__(self) -> Node:
            return nodes.Ending(Breakage(repr(self), 'the answer is no HTTP', raw=self.data))

    class stall(Fault):
        """Nothing more is sent, and the connection stays open until the client leaves or the server stops."""

        __slots__ = ()

        def __init__(self) -> None:
            super().__init__()

        def __kmock_payload__(self) -> Node:
            return nodes.Ending(Breakage(repr(self), 'nothing more is sent', endless=True))

    # ---- Those that shape what is sent ----

    class latency(Fault):
        """A pause: before the answer is begun; in a stream, where it stands.

        Args:
            seconds: a number, a pair of them to draw from evenly, or a callable that gives a number.
            seed: of a pair; without one it is drawn, and `repr` shows it.
        """

        __slots__ = ('seconds', 'seed')

        seconds: Seconds
        seed: int | None

        def __init__(self, seconds: Seconds, seed: int | None = None) -> None:
            self.seconds = seconds
            self.seed = seed
            if isinstance(seconds, tuple):
                _check_range(seconds)
                self.seed = _seed(seed)
                super().__init__(cast('object', seconds), seed=self.seed)
                return
            if seed is not None:
                raise ValueError(f'latency({seconds!r}, seed={seed!r}): nothing is drawn; type (the least, the most)')
            super().__init__(seconds if callable(seconds) else _check_seconds(seconds))

        def __kmock_payload__(self) -> Node:
            from asyncio import sleep

            seconds_of = self._source()

            async def begin(request: Request) -> None:
                seconds = seconds_of(request)
                await sleep(_check_seconds(await seconds if inspect.isawaitable(seconds) else seconds))

            return nodes.Shaping(begin)

        def _source(self) -> Callable[[Request], Any]:
            seconds: Any = self.seconds
            if isinstance(seconds, tuple):
                low, high = cast('tuple[float, float]', seconds)
                draw = _generator(self.seed).random
                return lambda _: low + (high - low) * draw()
            if callable(seconds):
                return seconds if takes_request(seconds) else lambda _: seconds()
            return lambda _: seconds

    class throttle(Fault):
        """The body, or the rest of a stream, goes out in small pieces, so many bytes per second.

        Args:
            rate: bytes per second, or a text with a unit: B, KB, KiB, MB, MiB, as in ``'8KiB/s'``.

        >>> fault.throttle('8KiB/s').rate
        8192.0
        """

        __slots__ = ('rate',)

        rate: float

        def __init__(self, rate: str | float) -> None:
            self.rate = _parse_rate(rate)
            super().__init__(rate)

        def __kmock_payload__(self) -> Node:
            async def begin(request: Request) -> Shaper:
                return Throttle(self.rate)

            return nodes.Shaping(begin)

    class fragment(Fault):
        """The body, or the rest of a stream, goes out in pieces of `n` bytes, each written by itself.

        That splits characters, lines and events: what a naive parser of a stream stumbles over.
        """

        __slots__ = ('n',)

        n: int

        def __init__(self, n: int = 1) -> None:
            self.n = _check_count('fragment', n, 1)
            super().__init__(n)

        def __kmock_payload__(self) -> Node:
            async def begin(request: Request) -> Shaper:
                return Fragments(self.n)

            return nodes.Shaping(begin)

    # ---- Those that happen now and then ----

    class flaky(Fault):
        """With that probability the payload is the answer; else the next rule serves, and a stream goes on.

        Each rule draws by itself, in the order of its requests, so that the same seed brings the same failures.

        Args:
            probability: from 0 to 1.
            payload: anything that can stand after ``<<``, by default `reset`. One that only shapes the answer does so
                with that probability.
            seed: without one it is drawn, and `repr` shows it, as do the reports of failing tests.

        >>> fault.flaky(0.1, 503, seed=48211)
        flaky(0.1, 503, seed=48211)
        """

        __slots__ = ('payload', 'probability', 'seed')

        probability: float
        payload: Any
        seed: int

        def __init__(self, probability: float, payload: Any = ..., *, seed: int | None = None) -> None:
            if not _is_number(probability) or not 0 <= probability <= 1:
                raise ValueError(f'flaky({probability!r}): a probability is from 0 to 1')
            self.probability = probability
            self.payload = fault.reset() if payload is ... else payload
            self.seed = _seed(seed)
            super().__init__(probability, self.payload, seed=self.seed)
            self._arguments[1] = self._arguments[1] if isinstance(self.payload, Fault) else reprlib.repr(self.payload)
            self.__kmock_payload__()  # tells at once if the payload is none

        def __kmock_payload__(self) -> Node:
            payload: object = self.payload
            if isinstance(payload, int) and not isinstance(payload, bool) and 100 <= payload <= 999:
                payload = Response(payload)
            node = compile_payload(payload)
            draw, probability = _generator(self.seed).random, self.probability
            if not isinstance(node, nodes.Shaping):
                return nodes.Call(lambda: node if draw() < probability else NotImplemented)
            shaping = node

            async def begin(request: Request) -> Shaper | None:
                return await shaping.begin(request) if draw() < probability else None

            return nodes.Shaping(begin)


def find_drawn(payload: object) -> Iterator[Fault]:
    """The faults in a payload that draw: their seeds are to be told."""
    if isinstance(payload, (fault.flaky, fault.latency)):
        if payload.seed is not None:
            yield payload
    elif isinstance(payload, tuple):
        for item in cast('tuple[object, ...]', payload):
            yield from find_drawn(item)
    elif isinstance(payload, Response):
        yield from find_drawn(payload.payload)


def _seed(seed: int | None) -> int:
    if seed is None:
        return int.from_bytes(os.urandom(2), 'big')
    if not isinstance(seed, int):  # pyright: ignore[reportUnnecessaryIsInstance]  # users do it
        raise TypeError(f'seed={seed!r}: a seed is an int')
    return seed


def _generator(seed: int | None) -> 'Random':
    from random import Random  # heavy, and rarely needed

    return Random(seed)


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def _check_seconds(seconds: Any) -> float:
    if not _is_number(seconds) or seconds < 0:
        raise ValueError(f'latency({seconds!r}): a latency is a number of seconds from 0 on')
    return cast('float', seconds)


def _check_range(seconds: Any) -> None:
    if len(seconds) != 2 or _check_seconds(seconds[0]) > _check_seconds(seconds[1]):
        raise ValueError(f'latency({seconds!r}): type (the least, the most) in seconds, e.g. (0.1, 0.5)')


def _check_count(name: str, n: Any, least: int) -> int:
    if not isinstance(n, int) or isinstance(n, bool) or n < least:
        raise ValueError(f'{name}({n!r}): type a number of bytes from {least} on')
    return n


def _parse_rate(rate: str | float) -> float:
    number: Any = rate
    unit = 'B'
    if isinstance(rate, str):
        parsed = re.fullmatch(r'\s*(\d+(?:\.\d+)?)\s*([A-Za-z]+)\s*(?:/\s*s)?\s*', rate)
        if parsed is not None:
            number, unit = float(parsed[1]), parsed[2]
    if not _is_number(number) or number <= 0 or unit not in UNITS:
        raise ValueError(
            f"throttle({rate!r}): type bytes per second, or a text such as '8KiB/s' (known units: {', '.join(UNITS)})"
        )
    return float(number) * UNITS[unit]
