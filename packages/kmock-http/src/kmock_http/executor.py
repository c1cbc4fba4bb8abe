"""The default executor of a loop that must be stopped in time, whatever blocks in it."""

import concurrent.futures
import functools
import threading
import time
from collections.abc import Callable
from typing import Any, TypeVar

T = TypeVar('T')


class ThreadPerCall(concurrent.futures.ThreadPoolExecutor):
    """Runs each call in a daemon thread of its own.

    The threads of Python's own pool hold the process at its end for ever if a call in them never returns; and a few
    such calls hold all others up.

    Args:
        name: how the names of the threads begin.
    """

    def __init__(self, name: str) -> None:
        super().__init__(max_workers=1)  # event loops demand the class, but nothing of it is used
        self._name = name
        self._closed = False
        self._calls: dict[threading.Thread, str] = {}

    def submit(self, fn: Callable[..., T], /, *args: Any, **kwargs: Any) -> 'concurrent.futures.Future[T]':
        """Start a call."""
        if self._closed:
            raise RuntimeError('no new calls in threads: the event loop is being stopped')
        future: concurrent.futures.Future[T] = concurrent.futures.Future()
        call = describe(fn)
        thread = threading.Thread(
            target=_run, args=(future, fn, args, kwargs), name=f'{self._name}: {call}', daemon=True
        )
        self._calls = {known: what for known, what in self._calls.items() if known.is_alive()}
        self._calls[thread] = call
        thread.start()
        return future

    def close(self, timeout: float) -> tuple[str, ...]:
        """Take no more calls, wait for those that run, and name those that do not end in time."""
        self._closed = True
        deadline = time.monotonic() + timeout
        for thread in self._calls:
            thread.join(max(deadline - time.monotonic(), 0.0))
        return tuple(call for thread, call in self._calls.items() if thread.is_alive())

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Take no more calls; event loops ask for this when they are closed."""
        self._closed = True
        if wait:
            self.close(threading.TIMEOUT_MAX)


def _run(
    future: 'concurrent.futures.Future[Any]', fn: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
) -> None:
    if not future.set_running_or_notify_cancel():
        return
    try:
        result = fn(*args, **kwargs)
    except BaseException as exc:  # whoever waits gets it, as with Python's own pool
        future.set_exception(exc)
    else:
        future.set_result(result)


def describe(fn: Callable[..., Any]) -> str:
    """The name of a function, also of one that `asyncio.to_thread` has wrapped."""
    while isinstance(fn, functools.partial):
        inner = [arg for arg in fn.args if callable(arg)] if getattr(fn.func, '__name__', '') == 'run' else []
        fn = inner[0] if inner else fn.func
    return getattr(fn, '__qualname__', None) or repr(fn)
