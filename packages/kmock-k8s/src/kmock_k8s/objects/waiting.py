"""Waiting until objects are as a test wants them: in a loop, or blocking a thread of its own."""

import asyncio
import threading
import time
from contextlib import suppress

from kmock_core.errors import WaitTimeoutError
from kmock_core.values.calls import describe_callable
from kmock_k8s.objects.comparing import Comparable
from kmock_k8s.store.spi import ObjectStore


async def wait(store: ObjectStore, seen: Comparable, wanted: object, timeout: float | None) -> None:
    """Wait until what is seen in a store is as wanted; it is looked at after each change, in the loop."""
    loop = asyncio.get_running_loop()
    future: asyncio.Future[None] = loop.create_future()
    due = False

    def look() -> None:
        nonlocal due
        due = False
        if not future.done():
            try:
                if _is(seen, wanted):
                    future.set_result(None)
            except Exception as exc:  # of the function: it is for the one who waits
                future.set_exception(exc)

    def check(_: object) -> None:  # many changes at once are one look
        nonlocal due
        if not due:
            due = True
            with suppress(RuntimeError):  # the loop is closed: nobody waits any more
                loop.call_soon_threadsafe(look)

    following = store.subscribe(check)
    try:
        if not _is(seen, wanted):
            async with asyncio.timeout(timeout):
                await future
    except TimeoutError:
        raise WaitTimeoutError(_describe(seen, wanted, timeout)) from None
    finally:
        following.cancel()


def wait_sync(store: ObjectStore, seen: Comparable, wanted: object, timeout: float | None) -> None:
    """The blocking twin of `wait`; it is looked at in the thread that waits."""
    changed = threading.Event()
    end = None if timeout is None else time.monotonic() + timeout
    following = store.subscribe(lambda _: changed.set())
    try:
        while True:
            changed.clear()
            if _is(seen, wanted):
                return
            if not changed.wait(None if end is None else max(0.0, end - time.monotonic())):
                raise WaitTimeoutError(_describe(seen, wanted, timeout))
    finally:
        following.cancel()


def _is(seen: Comparable, wanted: object) -> bool:
    return bool(wanted() if callable(wanted) else seen >= wanted)


def _describe(seen: Comparable, wanted: object, timeout: float | None) -> str:
    what = f'{describe_callable(wanted)} to be true' if callable(wanted) else f'>= {wanted!r}'
    return f'waited in vain for {what}, for {timeout} s; what is there is {seen!r}'
