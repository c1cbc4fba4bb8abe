"""Stopping the answers of a server: each is ended in time, or named."""

import asyncio

from kmock_http.bridge import Bridge

TURNS = 10
"""Turns of the loop that answers have to end by themselves, before anybody looks at the clock."""


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
