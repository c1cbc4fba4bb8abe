"""An event loop in a thread of its own: what serves blocking clients."""

import asyncio
import concurrent.futures
import sys
import threading
import time
import traceback
from collections.abc import Callable, Coroutine
from contextlib import AbstractAsyncContextManager, ExitStack, suppress
from functools import partial
from types import TracebackType
from typing import Any, Generic, NoReturn, Self, TypeVar

from kmock_core.errors import NotRunningError, StopTimeoutError
from kmock_http.errors import AlreadyRunningError, WrongThreadError
from kmock_http.executor import ThreadPerCall

T = TypeVar('T')

STOP_TIMEOUT = 1.0
"""Seconds that each kind of leftovers has to end when the loop is stopped."""
PATIENCE = 5.0
"""Seconds after which a loop that reacts to nothing is given up when it is to be stopped."""
BEAT = 0.02
"""Seconds after which a loop notices what other threads have done with its futures, events and queues.

These are not thread-safe, which means: the loop does not wake up. But tests do set an `asyncio.Event` of a payload.
"""


class LoopThread:
    """An event loop in a thread of its own, from `start` to `stop`; any other thread runs coroutines in it.

    It can be started again after it was stopped. The thread is a daemon: whatever blocks it, the process can end.

    Args:
        name: the name of the thread, as debuggers show it.
        stop_timeout: seconds that each kind of leftovers has to end: tasks, async generators, calls in executors.
    """

    name: str
    stop_timeout: float

    def __init__(self, name: str = 'kmock', *, stop_timeout: float = STOP_TIMEOUT) -> None:
        self.name = name
        self.stop_timeout = stop_timeout
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._executor: ThreadPerCall | None = None
        self._is_given_up = False
        self._is_closing = False
        self._gate = threading.Lock()

    def __repr__(self) -> str:
        return f'<LoopThread {self.name!r}: {"stopped" if self._loop is None else "running"}>'

    @property
    def loop(self) -> asyncio.AbstractEventLoop:
        """The loop, while it is started."""
        if self._loop is None:
            raise NotRunningError(f'{self!r} has no event loop: start it first')
        return self._loop

    @property
    def running(self) -> bool:
        """True from the start to the stop."""
        return self._loop is not None

    def start(self) -> None:
        """Start the thread; the loop is running when this returns."""
        if self._loop is not None:
            raise AlreadyRunningError(f'{self!r} can be started only once. Make one more: LoopThread()')
        loop = _make_loop()
        executor = ThreadPerCall(self.name)
        started = threading.Event()
        try:
            loop.set_default_executor(executor)
            loop.call_soon(_beat, loop)
            loop.call_soon(started.set)
            thread = threading.Thread(target=_run_loop, args=(loop,), name=self.name, daemon=True)
            thread.start()
        except BaseException:  # there can be no more threads
            loop.close()
            raise
        self._loop, self._thread, self._executor = loop, thread, executor
        self._is_given_up = self._is_closing = False
        try:
            started.wait()
        except BaseException:
            self.stop()
            raise

    def run(self, awaitable: Coroutine[Any, Any, T], *, patience: float | None = None) -> T:
        """Run a coroutine in the loop, and block until its result is there; for other threads than that of the loop.

        An interruption (``KeyboardInterrupt``) cancels the coroutine.

        Args:
            awaitable: the coroutine.
            patience: seconds after which a loop that does not react at all is given up; None is no limit.

        Raises:
            StopTimeoutError: the loop is blocked; the message says by what.
        """
        try:
            loop = self.loop
            self._demand_other_thread('run')
        except BaseException:
            awaitable.close()
            raise
        return self._wait(loop, _Job(loop, awaitable), patience)

    def stop(self) -> None:
        """End the loop and its thread, and all that is left in them; a second time does nothing.

        What is left is cancelled; async generators are closed; the calls in the default executor are waited for.

        Raises:
            StopTimeoutError: something did not end in time, and is abandoned; the message names it.
        """
        loop, thread, executor = self._loop, self._thread, self._executor
        if loop is None or thread is None or executor is None:
            return
        self._demand_other_thread('stop')
        ending = _Job(loop, _shut_down(executor, self.stop_timeout), loop.stop)
        try:
            if self._is_given_up:  # whoever waited for it in vain was told
                loop.call_soon_threadsafe(ending.begin)
                return
            hung = self._wait(loop, ending, max(PATIENCE, 2 * self.stop_timeout), is_last=True)
        finally:
            self._loop = self._thread = self._executor = None
            if not self._is_given_up:
                thread.join(self.stop_timeout)
        if hung:
            raise StopTimeoutError(
                f'{len(hung)} leftovers of the thread {self.name!r} did not end in {self.stop_timeout} s after it was '
                f'stopped, and are abandoned: {"; ".join(hung)}',
                hung,
            )

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None
    ) -> None:
        try:
            self.stop()
        except StopTimeoutError as error:
            if exc is None:
                raise
            exc.add_note(str(error))

    def _demand_other_thread(self, verb: str) -> None:
        if self._thread is threading.current_thread():
            raise WrongThreadError(
                f'{verb}() would wait for ever: it is called in the very thread of the loop that it would wait for, '
                f'{self.name!r}; there, await the coroutine'
            )

    def _wait(
        self, loop: asyncio.AbstractEventLoop, job: '_Job[T]', patience: float | None, *, is_last: bool = False
    ) -> T:
        reaction = threading.Event()
        try:
            with self._gate:  # so that nothing begins after the end has begun: nobody would finish it
                self._demand_open()
                self._call(loop, reaction.set)
                self._call(loop, job.begin)
                self._is_closing = is_last
            while True:
                try:
                    return job.result.result(PATIENCE if patience is None else patience)
                except TimeoutError:
                    if job.result.done():
                        return job.result.result()  # the error is that of the coroutine, or there is none any more
                    if patience is not None and not reaction.is_set():
                        self._give_up(patience)
                    reaction.clear()
                    try:
                        self._call(loop, reaction.set)
                    except NotRunningError:
                        if not job.result.done():
                            raise
        except BaseException:
            if loop.is_closed() or (self._is_closing and not is_last):
                job.abandon()
            elif not job.result.done():
                with suppress(RuntimeError):  # it has just been closed
                    loop.call_soon_threadsafe(job.cancel)
                if not self._is_given_up:
                    concurrent.futures.wait([job.result], self.stop_timeout)
            raise

    def _call(self, loop: asyncio.AbstractEventLoop, callback: Callable[[], object]) -> None:
        try:
            loop.call_soon_threadsafe(callback)
        except RuntimeError as exc:  # it is closed
            raise NotRunningError(f'The thread {self.name!r} was stopped meanwhile') from exc

    def _demand_open(self) -> None:
        if self._is_closing:
            raise NotRunningError(f'The thread {self.name!r} is being stopped')

    def _give_up(self, patience: float) -> NoReturn:
        self._is_given_up = True
        culprit = _describe_thread(self._thread)
        raise StopTimeoutError(
            f'The thread {self.name!r} has not reacted for {patience} s, and is abandoned: it is blocked by {culprit}',
            (culprit,),
        ) from None


class InThread(Generic[T]):
    """An async context manager, entered and left by blocking code in the loop of a thread of its own.

    Args:
        context: what is entered.
        name: the name of the thread.
        stop_timeout: seconds that each kind of leftovers has to end.
    """

    thread: LoopThread

    def __init__(
        self, context: AbstractAsyncContextManager[T], name: str = 'kmock', *, stop_timeout: float = STOP_TIMEOUT
    ) -> None:
        self.thread = LoopThread(name, stop_timeout=stop_timeout)
        self._context = context
        self._stack = ExitStack()

    def __enter__(self) -> T:
        with ExitStack() as stack:
            stack.enter_context(self.thread)
            entered = self.thread.run(_enter(self._context))
            stack.push(self._leave)
            self._stack = stack.pop_all()
        return entered

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None
    ) -> bool | None:
        return self._stack.__exit__(exc_type, exc, tb)

    def _leave(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None
    ) -> bool | None:
        try:
            return self.thread.run(_leave(self._context, exc_type, exc, tb), patience=PATIENCE)
        except StopTimeoutError as error:
            if exc is None or exc is error:
                raise
            exc.add_note(str(error))
            return None


async def _enter(context: AbstractAsyncContextManager[T]) -> T:
    return await context.__aenter__()


async def _leave(context: AbstractAsyncContextManager[Any], *exc_info: Any) -> bool | None:
    return await context.__aexit__(*exc_info)


class _Job(Generic[T]):
    """A coroutine that runs in a loop, with a result for another thread."""

    __slots__ = ('_at_end', '_awaitable', '_loop', '_task', 'result')

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        awaitable: Coroutine[Any, Any, T],
        at_end: Callable[[], object] | None = None,
    ) -> None:
        self._loop = loop
        self._awaitable = awaitable
        self._at_end = at_end
        self._task: asyncio.Task[T] | None = None
        self.result: concurrent.futures.Future[T] = concurrent.futures.Future()

    def begin(self) -> None:
        self._task = self._loop.create_task(self._awaitable)
        self._task.add_done_callback(self._finish)

    def cancel(self) -> None:
        if self._task is not None:
            self._task.cancel()
        else:  # interrupted before it could begin
            self.abandon()

    def abandon(self) -> None:
        """The loop is gone: nothing will begin any more."""
        if self._task is None:
            self._awaitable.close()
            self.result.cancel()

    def _finish(self, task: 'asyncio.Task[T]') -> None:
        exc = asyncio.CancelledError() if task.cancelled() else task.exception()
        if self._at_end is not None:
            self._at_end()
        if exc is not None:
            self.result.set_exception(exc)
        else:
            self.result.set_result(task.result())


def _make_loop() -> asyncio.AbstractEventLoop:
    """An event loop with a clock that runs even if the test has frozen the time (freezegun): nobody would move it."""
    loop = asyncio.new_event_loop()
    clock: int | None = getattr(time, 'CLOCK_MONOTONIC', None)  # Windows has none
    if clock is not None:
        with suppress(AttributeError):  # uvloop has a clock of its own
            loop.time = partial(time.clock_gettime, clock)  # type: ignore[method-assign]
    return loop


def _beat(loop: asyncio.AbstractEventLoop) -> None:
    loop.call_later(BEAT, _beat, loop)


def _run_loop(loop: asyncio.AbstractEventLoop) -> None:
    try:
        while True:
            try:
                loop.run_forever()
                return
            except (KeyboardInterrupt, SystemExit):  # of a task: its result for those who wait, no end of the service
                continue
    finally:
        loop.close()


async def _shut_down(executor: ThreadPerCall, timeout: float) -> tuple[str, ...]:
    """End what is left in the running loop, and name what does not end in time."""
    loop = asyncio.get_running_loop()
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    hung = [f'the task of {_describe_task(task)}' for task in await _end(tasks, timeout)]
    closing = loop.create_task(loop.shutdown_asyncgens())
    hung += ['an async generator that does not close' for _ in await _end({closing}, timeout, cancel=False)]
    hung += [f'the call of {call} in a thread' for call in executor.close(timeout)]
    return tuple(hung)


async def _end(tasks: 'set[asyncio.Task[Any]]', timeout: float, *, cancel: bool = True) -> 'set[asyncio.Task[Any]]':
    """Wait for tasks, and return those that do not end; the errors of the others go to the loop's handler."""
    if not tasks:
        return set()
    if cancel:
        for task in tasks:
            task.cancel()
    done, pending = await asyncio.wait(tasks, timeout=timeout)
    for task in done:
        exc = None if task.cancelled() else task.exception()
        if exc is not None:
            message = f'An error in {_describe_task(task)}, while its event loop was being stopped'
            asyncio.get_running_loop().call_exception_handler({'message': message, 'exception': exc, 'task': task})
    return pending


def _describe_task(task: 'asyncio.Task[Any]') -> str:
    """What a task is waiting in: the innermost coroutine that is not of the standard library."""
    coroutine: Any = task.get_coro()
    place = getattr(coroutine, '__qualname__', None) or repr(coroutine)
    while (frame := getattr(coroutine, 'cr_frame', None)) is not None:
        if not frame.f_code.co_filename.startswith(_STANDARD):
            place = f'{coroutine.__qualname__} at {frame.f_code.co_filename}:{frame.f_lineno}'
        coroutine = coroutine.cr_await
    return place


def _describe_thread(thread: threading.Thread | None) -> str:
    """Where a thread is now: the innermost line that is not of the standard library, and what that has called."""
    frame = sys._current_frames().get(thread.ident or 0) if thread is not None else None  # pyright: ignore[reportPrivateUsage]  # the documented way
    if frame is None:
        return 'something unknown'
    stack = traceback.extract_stack(frame)
    own = [entry for entry in stack if not entry.filename.startswith(_STANDARD)] or stack
    place = f'{own[-1].name} at {own[-1].filename}:{own[-1].lineno}: {own[-1].line}'
    return (
        place if own[-1] is stack[-1] else f'{place} (in {stack[-1].name} at {stack[-1].filename}:{stack[-1].lineno})'
    )


_STANDARD: str = threading.__file__.removesuffix('threading.py')
