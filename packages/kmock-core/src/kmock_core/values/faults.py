"""How a connection is broken on purpose: what the core says, and transports do."""

import asyncio
from typing import Final, NoReturn

from kmock_core.errors import FaultAbortedError, FaultError, FaultResetError


class Breakage:
    """The way a connection is broken; frozen.

    Args:
        name: what the test has typed for it.
        effect: what happens to the connection, in words.
        head: send the head of the answer first, if it is not sent yet.
        raw: bytes to be sent last, outside of any framing.
        reset: reset the connection (RST), rather than close it (FIN).
        endless: leave the connection open, and send nothing more.
    """

    __slots__ = ('effect', 'endless', 'head', 'name', 'raw', 'reset')

    name: Final[str]
    effect: Final[str]
    head: Final[bool]
    raw: Final[bytes]
    reset: Final[bool]
    endless: Final[bool]

    def __init__(
        self,
        name: str,
        effect: str,
        *,
        head: bool = False,
        raw: bytes = b'',
        reset: bool = False,
        endless: bool = False,
    ) -> None:
        self.name = name
        self.effect = effect
        self.head = head
        self.raw = raw
        self.reset = reset
        self.endless = endless

    def __repr__(self) -> str:
        return f'<Breakage {self.name}>'

    def error(self) -> FaultError:
        """What streams raise for it."""
        kind = FaultResetError if self.reset else FaultAbortedError
        return kind(f'{self.effect}: fault.{self.name}', self)

    async def strike(self) -> NoReturn:
        """Raise the error, or wait until the client leaves or the server stops."""
        if self.endless:
            await asyncio.get_running_loop().create_future()
        raise self.error()
