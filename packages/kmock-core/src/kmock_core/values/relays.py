"""Bodies that are made of other ones."""

from collections.abc import AsyncGenerator, AsyncIterator

from kmock_core.values.faults import Breakage
from kmock_core.values.responses import BodyStream, Tap


class Relay:
    """A body that says what another one says, and breaks off where that does: a base for those that do more.

    Args:
        stream: the other one.
    """

    __slots__ = ('_stream',)

    def __init__(self, stream: BodyStream) -> None:
        self._stream = stream

    @property
    def breakage(self) -> Breakage | None:
        """That of the other one."""
        return self._stream.breakage

    @property
    def is_unheard(self) -> bool:
        """That of the other one."""
        return self._stream.is_unheard

    @property
    def tap(self) -> Tap | None:
        """That of the other one."""
        return self._stream.tap

    @tap.setter
    def tap(self, tap: Tap | None, /) -> None:
        self._stream.tap = tap

    def batches(self) -> AsyncGenerator[list[bytes], None]:
        """The chunks, those that need no waiting in one list."""
        return self._stream.batches()

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for batch in self.batches():
            for chunk in batch:
                yield chunk

    async def aclose(self) -> None:
        """End it early."""
        await self._stream.aclose()


_: type[BodyStream] = Relay
