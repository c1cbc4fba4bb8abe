"""Waiting until a view has so many requests: in a loop, or blocking a thread of its own."""

import asyncio
import threading
from collections.abc import Callable
from typing import Any, Protocol

from kmock_core.values import waiting
from kmock_core.values.log import Log
from kmock_core.views.base import View
from kmock_core.views.expectations import check_count, count_requests
from kmock_core.views.nearness import describe_arrivals
from kmock_core.views.reactions import Reaction
from kmock_core.views.typing import RequestT


class Waitings(Protocol):
    """What waiting needs of the workshop: to be told of arrivals, and to tell of them in the end."""

    lock: threading.RLock
    log: Log
    root: View[Any]
    served_by: list[Reaction[Any] | None]
    waiters: list[Callable[[], None]]
    """They are called after each arrival, in any thread. Who looks after adding one misses nothing."""


async def wait(place: Waitings, view: View[RequestT], count: int, timeout: float | None) -> list[RequestT]:
    """Wait until a view has so many requests; see `View.wait`."""
    _check(count, timeout)
    return await waiting.wait(
        lambda: _find_enough(view, count),
        lambda wake: _attend(place, wake),
        timeout,
        lambda: _describe(place, view, count, timeout),
    )


def wait_sync(place: Waitings, view: View[RequestT], count: int, timeout: float | None) -> list[RequestT]:
    """The blocking twin of `wait`; the view is looked at in the thread that waits."""
    _check(count, timeout)
    return waiting.wait_sync(
        lambda: _find_enough(view, count),
        lambda wake: _attend(place, wake),
        timeout,
        lambda: _describe(place, view, count, timeout) + _explain_blocking(view),
    )


def _attend(place: Waitings, wake: Callable[[], None]) -> Callable[[], object]:
    place.waiters.append(wake)
    return lambda: place.waiters.remove(wake)


def _check(count: object, timeout: object) -> None:
    check_count(count)
    if timeout is not None and not isinstance(timeout, (int, float)):
        raise TypeError(f'timeout={timeout!r}: type a number of seconds, or None to wait for ever')


def _find_enough(view: View[RequestT], count: int) -> list[RequestT] | None:
    if len(view) < count:
        return None
    found = list(view)
    return found if len(found) >= count else None  # they may have been forgotten in between


def _explain_blocking(view: View[Any]) -> str:
    if asyncio._get_running_loop() is None:  # pyright: ignore[reportPrivateUsage]  # documented: never raises
        return ''
    return (
        f'\nwait_sync() has blocked the event loop of this thread meanwhile. If the server or the client runs on it, '
        f'nothing could come: await {view!r}.wait()'
    )


def _describe(place: Waitings, view: View[Any], count: int, timeout: float | None) -> str:
    with place.lock:
        found = list(view)
        lines = '\n'.join(describe_arrivals(place, view, found))
    return f'{count_requests(count)} of {view!r} did not come in {timeout} s, only {len(found)}:\n{lines}'
