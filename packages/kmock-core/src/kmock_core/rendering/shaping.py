"""Shaping bodies: cut off, in small pieces, or slowly, whatever they are made of."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from typing import Protocol

from kmock_core.values.faults import Breakage
from kmock_core.values.responses import Answer, BodyStream, Tap

TICK = 0.05
"""Seconds between the pieces of a body that is throttled."""


class Shaper(Protocol):
    """Shapes one stream."""

    @property
    def breakage(self) -> Breakage | None:
        """What happens at the end of the stream, instead of its regular end."""
        ...

    def pieces(self, batch: list[bytes], /) -> AsyncGenerator[list[bytes], None]:
        """What becomes of a batch."""
        ...


Shapers = tuple[Shaper, ...]


class Cut:
    """Lets so many bytes through, and breaks the connection then."""

    __slots__ = ('breakage', 'left')

    def __init__(self, left: int, breakage: Breakage) -> None:
        self.left: int = left
        self.breakage: Breakage | None = breakage

    async def pieces(self, batch: list[bytes], /) -> AsyncGenerator[list[bytes], None]:
        kept: list[bytes] = []
        for chunk in batch:
            kept.append(chunk[: self.left])
            self.left -= len(kept[-1])
        yield kept
        if not self.left and self.breakage is not None:
            await self.breakage.strike()


class Fragments:
    """Splits chunks into pieces of so many bytes, and lets the loop run in between."""

    __slots__ = ('breakage', 'size')

    def __init__(self, size: int) -> None:
        self.size: int = size
        self.breakage: Breakage | None = None

    async def pieces(self, batch: list[bytes], /) -> AsyncGenerator[list[bytes], None]:
        for chunk in batch:
            for start in range(0, max(len(chunk), 1), self.size):
                yield [chunk[start : start + self.size]]
                await asyncio.sleep(0)


class Throttle:
    """Sends so many bytes per second, in pieces; the head of the answer does not wait for the first one."""

    __slots__ = ('_begun', 'breakage', 'rate')

    def __init__(self, rate: float) -> None:
        self.rate: float = rate
        self.breakage: Breakage | None = None
        self._begun = False

    async def pieces(self, batch: list[bytes], /) -> AsyncGenerator[list[bytes], None]:
        size = max(1, int(self.rate * TICK))
        if not self._begun:
            self._begun = True
            yield [b'']
        for chunk in batch:
            for start in range(0, len(chunk), size):
                piece = chunk[start : start + size]
                await asyncio.sleep(len(piece) / self.rate)
                yield [piece]


async def reshape(batch: list[bytes], shapers: Shapers) -> AsyncGenerator[list[bytes], None]:
    """Shape one batch, by the first of the shapers at first."""
    if not shapers:
        yield batch
        return
    async with aclosing(reshape(batch, shapers[:-1])) as parts:
        async for part in parts:
            async with aclosing(shapers[-1].pieces(part)) as pieces:
                async for piece in pieces:
                    yield piece


async def finish(shapers: Shapers) -> None:
    """Break the connection at the end of the stream, if one of the shapers wants it."""
    for shaper in shapers:
        if shaper.breakage is not None:
            await shaper.breakage.strike()


class Shaped:
    """The body of an answer, shaped: a `BodyStream` as long as its Content-Length says, or shorter."""

    def __init__(self, body: bytes | BodyStream, shapers: Shapers) -> None:
        self._body = body
        self._shapers = shapers

    @property
    def breakage(self) -> Breakage | None:
        """What breaks it off, as soon as that is known."""
        return None if isinstance(self._body, bytes) else self._body.breakage

    @property
    def is_unheard(self) -> bool:
        """True if a fault comes before all of the answer."""
        return not isinstance(self._body, bytes) and self._body.is_unheard

    @property
    def tap(self) -> Tap | None:
        """Nothing goes by: all has to be shaped."""
        return None

    @tap.setter
    def tap(self, tap: Tap | None) -> None:
        pass

    async def batches(self) -> AsyncGenerator[list[bytes], None]:
        """The chunks in their new shape."""
        async with aclosing(_batches_of(self._body)) as batches:
            async for batch in batches:
                async with aclosing(reshape(batch, self._shapers)) as pieces:
                    async for piece in pieces:
                        yield piece
        await finish(self._shapers)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for batch in self.batches():
            for chunk in batch:
                yield chunk

    async def aclose(self) -> None:
        """End it early."""
        if not isinstance(self._body, bytes):
            await self._body.aclose()


async def _batches_of(body: bytes | BodyStream) -> AsyncGenerator[list[bytes], None]:
    if isinstance(body, bytes):
        yield [body]
        return
    async with aclosing(body.batches()) as batches:
        async for batch in batches:
            yield batch


def shape_answer(answer: Answer, shapers: Shapers) -> Answer:
    """The same answer with its body shaped; a Content-Length stays what it was."""
    if not shapers:
        return answer
    return Answer(answer.status, answer.reason, answer.headers, Shaped(answer.body, shapers))
