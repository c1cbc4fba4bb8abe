"""Stopping a server: what is being answered is ended, what was written is delivered, nothing is waited for too long."""

import asyncio
from typing import Any

from aiohttp import web

from kmock_http.bridge import Bridge

PATIENCE = 0.2
"""Seconds in which a client has to take something of what was written to it before it is cut off."""

TURNS = 10
"""Turns of the loop that tasks and connections have to end by themselves."""


class Connections(web.Server):
    """The connections of a server; unlike aiohttp's, it knows which of them are not closed yet."""

    def __init__(self, bridge: Bridge, **options: Any) -> None:
        super().__init__(bridge.serve, handler_cancellation=True, **options)
        self._open: dict[web.RequestHandler, asyncio.Transport] = {}
        self._all_lost = asyncio.Event()

    def connection_made(self, handler: web.RequestHandler, transport: asyncio.Transport) -> None:
        super().connection_made(handler, transport)
        self._open[handler] = transport
        self._all_lost.clear()

    def connection_lost(self, handler: web.RequestHandler, exc: BaseException | None = None) -> None:
        super().connection_lost(handler, exc)
        self._open.pop(handler, None)
        if not self._open:
            self._all_lost.set()

    def close(self) -> None:
        """Close the connections as soon as what was written to them is delivered."""
        for handler in list(self._open):
            handler.force_close()

    async def settle(self) -> None:
        """Let the connections and their tasks end that need no waiting."""
        for _ in range(TURNS):
            if not self.connections:
                break
            await asyncio.sleep(0)

    async def wait_closed(self, timeout: float) -> None:
        """Wait until all are closed; cut off those that take nothing for a while, or that are there after all."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + timeout
        left: dict[asyncio.Transport, int] = {}
        while self._open:
            self.close()  # one may have been accepted just before the server has ceased to listen
            before, left = left, {transport: transport.get_write_buffer_size() for transport in self._open.values()}
            for transport, size in left.items():
                if loop.time() > deadline or size >= before.get(transport, size + 1):
                    transport.abort()
            try:
                await asyncio.wait_for(self._all_lost.wait(), PATIENCE)
            except TimeoutError:
                continue
        await self.settle()


async def end_answers(bridge: Bridge, timeout: float) -> tuple[str, ...]:
    """Cancel what is being answered, and name what does not end in time."""
    bridge.stopping = True
    running = dict(bridge.running)
    if not running:
        return ()
    for task in running:
        task.cancel()
    for _ in range(TURNS):
        await asyncio.sleep(0)
        if all(task.done() for task in running):
            return ()
    _, pending = await asyncio.wait(running, timeout=timeout)
    for task in pending:
        task.cancel()
    return tuple(name for task, name in running.items() if task in pending)
