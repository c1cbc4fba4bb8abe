"""Waiting for things of threads (events, conditions, queues) without ever blocking the loop."""

import asyncio
import queue
import threading
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any, cast

POLL = 0.02
"""Seconds after which a waiting thread looks if it is still needed."""


LEAVE = 1.0
"""Seconds that somebody may hold a condition which nobody waits for any more; then it is left as it is."""


def wait_blocking(thing: object) -> Callable[[], Awaitable[Any]] | None:
    """A function that waits for a thing of threads in a thread of its own; None if it is no such thing."""
    if isinstance(thing, threading.Event):
        return lambda: _in_thread(lambda: True if thing.wait(POLL) else _NOT_YET, lambda _: None)
    if isinstance(thing, threading.Condition):
        return lambda: _wait_for_notification(thing)
    if isinstance(thing, (queue.Queue, queue.SimpleQueue)):
        items = cast('queue.Queue[Any]', thing)
        return lambda: _in_thread(lambda: _next_item(items), lambda item: item, items.put)
    return None


async def wait_for_room(items: 'queue.Queue[Any]', item: Any) -> None:
    """Put an item into a full queue of threads as soon as there is room."""
    await _in_thread(lambda: _put_item(items, item), lambda result: result)


def _put_item(items: 'queue.Queue[Any]', item: Any) -> Any:
    try:
        items.put(item, timeout=POLL)
    except queue.Full:
        return _NOT_YET
    return None


class _NotYet:
    pass


_NOT_YET = _NotYet()


async def _wait_for_notification(condition: threading.Condition) -> None:
    # Its own wait() can't be left without a notification: with a timeout, one that comes just then is lost. So this
    # does what that does, under the same lock, but for as long as it is needed.
    waiters = cast('deque[Any]', vars(condition)['_waiters'])  # the same in all versions of Python
    waiter = threading.Lock()
    waiter.acquire()
    entered = False

    def attempt() -> Any:
        nonlocal entered
        if not entered:
            if not condition.acquire(timeout=POLL):
                return _NOT_YET
            try:
                waiters.append(waiter)
                entered = True
            finally:
                condition.release()
        return None if waiter.acquire(timeout=POLL) else _NOT_YET

    def leave() -> None:
        if condition.acquire(timeout=LEAVE):
            try:
                if waiter in waiters:
                    waiters.remove(waiter)
            finally:
                condition.release()

    await _in_thread(attempt, lambda _: None, at_end=leave)


def _next_item(items: 'queue.Queue[Any]') -> Any:
    try:
        return items.get(timeout=POLL)
    except queue.Empty:
        return _NOT_YET


async def _in_thread(
    attempt: Callable[[], Any],
    convert: Callable[[Any], Any],
    give_back: Callable[[Any], object] | None = None,
    at_end: Callable[[], object] | None = None,
) -> Any:
    """Make attempts in a daemon thread until one succeeds or the waiting task is cancelled."""
    loop = asyncio.get_running_loop()
    future: asyncio.Future[Any] = loop.create_future()
    cancelled = threading.Event()
    finished = asyncio.Event()

    def settle(result: Any) -> None:
        finished.set()
        if not future.done() and result is not _NOT_YET:
            future.set_result(result)
        elif give_back is not None and result is not _NOT_YET:
            give_back(result)

    def run() -> None:
        result: Any = _NOT_YET
        while result is _NOT_YET and not cancelled.is_set():
            result = attempt()
        if at_end is not None:
            at_end()
        try:
            loop.call_soon_threadsafe(settle, result)
        except RuntimeError:  # the loop is closed: nobody waits any more
            if give_back is not None and result is not _NOT_YET:
                give_back(result)

    thread = threading.Thread(target=run, name='kmock-waiting', daemon=True)
    thread.start()
    try:
        return convert(await future)
    finally:
        cancelled.set()
        if not finished.is_set():
            await asyncio.shield(finished.wait())
        if finished.is_set():
            thread.join()  # it has nothing more to do: so it is never seen by those who look for threads left behind
