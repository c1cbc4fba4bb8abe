"""Waiting until something is as it is wanted: in a loop, or blocking a thread of its own."""

import asyncio
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import TypeAlias, TypeVar

from kmock_core.errors import WaitTimeoutError

T = TypeVar('T')

Attend: TypeAlias = Callable[[Callable[[], None]], Callable[[], object]]
"""Calls a function after each change from now on, in any thread; what it returns ends that."""


async def wait(look: Callable[[], T | None], attend: Attend, timeout: float | None, describe: Callable[[], str]) -> T:
    """Wait in the loop for what is looked for.

    Args:
        look: gives what is looked for; None if it is not there yet. It is called in the loop, once for many changes.
        attend: tells of changes. Who looks after this was called misses nothing.
        timeout: seconds; None is for ever.
        describe: what was waited for in vain.

    Raises:
        WaitTimeoutError: it did not come in time.
        Exception: what the looking has raised.
    """
    loop = asyncio.get_running_loop()
    future: asyncio.Future[T] = loop.create_future()
    due = False

    def check() -> None:
        nonlocal due
        due = False
        if not future.done():
            try:
                found = look()
            except Exception as exc:  # of a function of the test: it is for the one who waits
                future.set_exception(exc)
            else:
                if found is not None:
                    future.set_result(found)

    def wake() -> None:  # a thousand changes at once are one look
        nonlocal due
        if not due:
            due = True
            with suppress(RuntimeError):  # the loop is closed: nobody waits any more
                loop.call_soon_threadsafe(check)

    leave = attend(wake)
    try:
        found = look()
        if found is not None:
            return found
        async with asyncio.timeout(timeout):
            return await future
    except TimeoutError:
        raise WaitTimeoutError(describe()) from None
    finally:
        leave()


def wait_sync(look: Callable[[], T | None], attend: Attend, timeout: float | None, describe: Callable[[], str]) -> T:
    """The blocking twin of `wait`; it is looked for in the thread that waits."""
    changed = threading.Event()
    end = None if timeout is None else time.monotonic() + timeout
    leave = attend(changed.set)
    try:
        while True:
            changed.clear()
            found = look()
            if found is not None:
                return found
            if not changed.wait(None if end is None else max(0.0, end - time.monotonic())):
                raise WaitTimeoutError(describe())
    finally:
        leave()
