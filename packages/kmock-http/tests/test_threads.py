"""An event loop in a thread of its own starts, runs, stops; whatever hangs there is named, and holds nobody up."""

import asyncio
import contextvars
import functools
import logging
import os
import signal
import threading
import time
import weakref
from collections.abc import AsyncGenerator, Coroutine, Generator
from pathlib import Path
from typing import Any, TypeVar

import pytest

from kmock_core import KMockError
from kmock_core.errors import NotRunningError, StopTimeoutError
from kmock_http import threads
from kmock_http.errors import AlreadyRunningError, WrongThreadError
from kmock_http.executor import ThreadPerCall, describe
from kmock_http.threads import InThread, LoopThread

T = TypeVar('T')


@pytest.fixture
def thread() -> Generator[LoopThread, None, None]:
    before = threading.enumerate()
    with LoopThread('served') as thread:
        yield thread
    assert set(threading.enumerate()) <= set(before)


async def give(value: T) -> T:
    return value


async def fail(error: BaseException) -> None:
    raise error


async def spawn(coroutine: Coroutine[Any, Any, Any]) -> 'weakref.ref[asyncio.Task[Any]]':
    """Leave a task behind, which has begun."""
    task = asyncio.get_running_loop().create_task(coroutine)
    await asyncio.sleep(0)
    _kept.add(task)
    task.add_done_callback(_kept.discard)
    return weakref.ref(task)


_kept: set['asyncio.Task[Any]'] = set()


# ---- Running ----


def test_a_coroutine_runs_in_the_loop_of_the_thread_and_gives_its_result(thread: LoopThread) -> None:
    async def look() -> tuple[object, str]:
        return asyncio.get_running_loop(), threading.current_thread().name

    assert thread.run(look()) == (thread.loop, 'served')
    assert thread.running


def test_the_thread_is_a_daemon_so_that_it_never_holds_the_process(thread: LoopThread) -> None:
    async def look() -> bool:
        return threading.current_thread().daemon

    assert thread.run(look())


@pytest.mark.parametrize(
    'error', [ValueError('boo'), TimeoutError('boo'), asyncio.CancelledError(), SystemExit(3), KeyboardInterrupt()]
)
def test_the_error_of_a_coroutine_is_raised_to_the_caller_and_the_loop_goes_on(
    thread: LoopThread, error: BaseException
) -> None:
    with pytest.raises(type(error)):
        thread.run(fail(error), patience=0.01)
    assert thread.run(give(1)) == 1


def test_a_coroutine_may_take_longer_than_the_patience_if_the_loop_reacts(thread: LoopThread) -> None:
    async def take_time() -> str:
        await asyncio.sleep(0.05)
        return 'done'

    assert thread.run(take_time(), patience=0.01) == 'done'


@pytest.mark.skipif(not hasattr(time, 'CLOCK_MONOTONIC'), reason='the system has one clock only')
def test_time_goes_on_in_the_loop_if_a_test_has_frozen_it(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as frozen:
        frozen.setattr(time, 'monotonic', lambda: 1_800_000_000.0)
        with LoopThread('served') as thread:
            awake = asyncio.run_coroutine_threadsafe(asyncio.sleep(0.001, 'awake'), thread.loop)
            assert awake.result(5) == 'awake'


def test_the_context_variables_of_the_caller_are_seen(thread: LoopThread) -> None:
    variable: contextvars.ContextVar[str] = contextvars.ContextVar('variable')

    async def look() -> str:
        return variable.get()

    variable.set('mine')
    assert thread.run(look()) == 'mine'


def test_many_threads_may_run_coroutines_at_once(thread: LoopThread) -> None:
    results: list[int] = []

    def run(number: int) -> None:
        results.append(thread.run(give(number)))

    others = [threading.Thread(target=run, args=(number,)) for number in range(20)]
    for other in others:
        other.start()
    for other in others:
        other.join()
    assert sorted(results) == list(range(20))


def test_running_in_the_very_thread_of_the_loop_is_an_error_that_says_why(thread: LoopThread) -> None:
    async def run() -> None:
        thread.run(give(1))

    with pytest.raises(WrongThreadError, match=r"run\(\) would wait for ever: .* 'served'; there, await the coroutine"):
        thread.run(run())


def test_stopping_in_the_very_thread_of_the_loop_is_an_error_that_says_why(thread: LoopThread) -> None:
    async def stop() -> None:
        thread.stop()

    with pytest.raises(WrongThreadError, match=r'stop\(\) would wait for ever'):
        thread.run(stop())
    assert thread.running


def test_threads_that_run_coroutines_while_it_is_stopped_get_an_error_and_never_hang() -> None:
    outcomes: list[str] = []

    def run(thread: LoopThread, begun: threading.Event) -> None:
        try:
            while True:
                thread.run(give(1))
                begun.set()
        except (NotRunningError, asyncio.CancelledError) as exc:
            outcomes.append(type(exc).__name__)

    for _ in range(50):
        thread = LoopThread()
        thread.start()
        begun = [threading.Event() for _ in range(3)]
        others = [threading.Thread(target=run, args=(thread, event)) for event in begun]
        for other in others:
            other.start()
        for event in begun:
            event.wait()
        thread.stop()
        for other in others:
            other.join()
    assert len(outcomes) == 150


@pytest.mark.skipif(os.name != 'posix', reason='needs a signal that interrupts')
def test_an_interruption_cancels_the_coroutine_and_waits_for_its_end(thread: LoopThread) -> None:
    begun = threading.Event()
    ended: list[str] = []

    async def wait() -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            ended.append('cleaned up')

    def interrupt() -> None:
        begun.wait()
        os.kill(os.getpid(), signal.SIGINT)

    other = threading.Thread(target=interrupt)
    other.start()
    with pytest.raises(KeyboardInterrupt):
        thread.run(wait())
    assert ended == ['cleaned up']
    other.join()


# ---- Starting and stopping ----


def test_a_thread_that_is_not_started_says_so_and_closes_the_coroutine() -> None:
    thread = LoopThread()
    coroutine = give(1)
    with pytest.raises(NotRunningError, match="<LoopThread 'kmock': stopped> has no event loop: start it first"):
        thread.run(coroutine)
    with pytest.raises(NotRunningError):
        thread.loop
    assert not thread.running


def test_starting_twice_is_an_error_and_harmless(thread: LoopThread) -> None:
    with pytest.raises(AlreadyRunningError, match='only once'):
        thread.start()
    assert thread.run(give(1)) == 1


def test_stopping_again_or_without_a_start_is_harmless() -> None:
    thread = LoopThread()
    thread.stop()
    thread.start()
    loop = thread.loop
    thread.stop()
    thread.stop()
    assert loop.is_closed()


def test_a_thread_can_be_started_again_with_a_new_loop() -> None:
    thread = LoopThread()
    loops: list[asyncio.AbstractEventLoop] = []
    for _ in range(3):
        with thread:
            loops.append(thread.loop)
            assert thread.run(give(1)) == 1
    assert len(set(loops)) == 3


def open_files() -> int:
    directory = Path('/proc/self/fd')
    return len(list(directory.iterdir())) if directory.exists() else 0


def test_nothing_is_left_behind_after_hundreds_of_rounds() -> None:
    before = threading.enumerate()
    files = open_files()
    for _ in range(300):
        with LoopThread() as thread:
            thread.run(spawn(asyncio.sleep(3600)))
            thread.run(asyncio.to_thread(int))
        assert set(threading.enumerate()) <= set(before)
    assert open_files() == files


# ---- What is left at the end ----


def test_tasks_that_are_left_are_cancelled_and_awaited(thread: LoopThread) -> None:
    ended: list[str] = []

    async def wait() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            ended.append('cleaned up')

    thread.run(spawn(wait()))
    thread.stop()
    assert ended == ['cleaned up']


def test_async_generators_that_are_left_are_closed(thread: LoopThread) -> None:
    ended: list[str] = []

    async def generate() -> AsyncGenerator[int, None]:
        try:
            yield 1
        finally:
            await asyncio.sleep(0)
            ended.append('cleaned up')

    generator = generate()

    async def begin() -> int:
        return await anext(generator)

    assert thread.run(begin()) == 1
    thread.stop()
    assert ended == ['cleaned up']


def test_calls_in_threads_are_waited_for(thread: LoopThread) -> None:
    ended: list[str] = []
    begun, proceed = threading.Event(), threading.Event()

    def work() -> None:
        begun.set()
        proceed.wait()
        ended.append('done')

    thread.run(spawn(asyncio.to_thread(work)))
    begun.wait()
    threading.Timer(0.01, proceed.set).start()
    thread.stop()
    assert ended == ['done']


def test_the_error_of_a_task_at_the_end_is_logged(thread: LoopThread, caplog: pytest.LogCaptureFixture) -> None:
    async def wait() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            raise ValueError('boo')

    thread.run(spawn(wait()))
    thread.stop()
    (record,) = caplog.records
    assert (record.name, record.levelno) == ('asyncio', logging.ERROR)
    assert '.wait, while its event loop was being stopped' in record.getMessage()
    assert record.exc_info
    assert repr(record.exc_info[1]) == "ValueError('boo')"


def test_a_task_that_has_failed_long_ago_does_not_disturb_the_end(
    thread: LoopThread, caplog: pytest.LogCaptureFixture
) -> None:
    reference = thread.run(spawn(fail(ValueError('boo'))))
    assert reference() is None
    thread.stop()
    assert 'never retrieved' in caplog.text


class Hang:
    """Something that ends when it is told, and by nothing else."""

    def __init__(self) -> None:
        self.over = threading.Event()

    async def in_task(self) -> None:
        while not self.over.is_set():
            try:
                await asyncio.sleep(0.01)
            except asyncio.CancelledError:
                pass

    async def in_generator(self) -> AsyncGenerator[int, None]:
        try:
            yield 1
        finally:
            await self.in_task()

    async def in_thread(self) -> None:
        await spawn(asyncio.to_thread(self.over.wait))

    async def in_loop(self) -> None:
        self.over.wait()


@pytest.fixture
def hang() -> Generator[Hang, None, None]:
    hang = Hang()
    yield hang
    hang.over.set()
    for thread in threading.enumerate():
        if thread.name.startswith('hung'):
            thread.join()


@pytest.mark.parametrize(
    ('kind', 'culprit'),
    [
        ('task', r'the task of Hang\.in_task at .*test_threads\.py:\d+'),
        ('generator', 'an async generator that does not close'),
        ('thread', r'the call of Event\.wait in a thread'),
    ],
)
@pytest.mark.filterwarnings('ignore::pytest.PytestUnraisableExceptionWarning')  # what is abandoned may complain
def test_what_hangs_at_the_end_is_abandoned_and_named(hang: Hang, kind: str, culprit: str) -> None:
    thread = LoopThread('hung', stop_timeout=0.05)
    thread.start()
    generator = hang.in_generator()

    async def leave() -> None:
        match kind:
            case 'task':
                await spawn(hang.in_task())
            case 'generator':
                await anext(generator)
            case _:
                await hang.in_thread()

    thread.run(leave())
    with pytest.raises(
        StopTimeoutError, match=rf"1 leftovers of the thread 'hung' did not end in 0\.05 s.*: {culprit}$"
    ):
        thread.stop()
    assert not thread.running
    thread.stop()


def test_a_loop_that_is_blocked_is_abandoned_and_the_line_that_blocks_is_named(
    hang: Hang, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(threads, 'PATIENCE', 0.05)
    thread = LoopThread('hung', stop_timeout=0.01)
    thread.start()
    loop = thread.loop
    asyncio.run_coroutine_threadsafe(hang.in_loop(), loop)
    with pytest.raises(
        StopTimeoutError,
        match=r'has not reacted for .*blocked by in_loop at .*: self\.over\.wait\(\) \(in wait at .*\)$',
    ):
        thread.stop()
    thread.stop()
    hang.over.set()
    for left in threading.enumerate():
        if left.name == 'hung':
            left.join()
    assert loop.is_closed()


def test_whoever_waited_in_vain_for_a_blocked_loop_does_not_wait_once_more(hang: Hang) -> None:
    thread = LoopThread('hung', stop_timeout=60)
    thread.start()
    with pytest.raises(StopTimeoutError) as caught:
        thread.run(hang.in_loop(), patience=0.05)
    assert caught.value.culprits
    assert isinstance(caught.value, (KMockError, TimeoutError))
    thread.stop()


def test_the_error_of_the_body_wins_over_what_hangs(hang: Hang) -> None:
    def run() -> None:
        with LoopThread('hung', stop_timeout=0.01) as thread:
            thread.run(hang.in_thread())
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError) as caught:
        run()
    assert ['the call of Event.wait' in note for note in caught.value.__notes__] == [True]


# ---- Contexts ----


class Context:
    """An async context manager that tells what happened to it."""

    def __init__(self, *, enters: bool = True, swallows: bool = False, hangs: bool = False) -> None:
        self.log: list[str] = []
        self.enters = enters
        self.swallows = swallows
        self.hangs = hangs

    async def __aenter__(self) -> str:
        self.log.append(f'entering in {threading.current_thread().name}')
        if not self.enters:
            raise ValueError('no entry')
        return 'entered'

    async def __aexit__(self, exc_type: object, exc: object, tb: object) -> bool:
        self.log.append(f'leaving in {threading.current_thread().name} with {exc!r}')
        if self.hangs:
            raise StopTimeoutError('it hung')
        return self.swallows


def test_an_async_context_is_entered_and_left_in_the_thread() -> None:
    context = Context()
    in_thread = InThread(context, 'served')
    with in_thread as entered:
        assert entered == 'entered'
        assert in_thread.thread.run(give(1)) == 1
    assert context.log == ['entering in served', 'leaving in served with None']
    assert not in_thread.thread.running


def test_a_context_that_can_not_be_entered_leaves_no_thread() -> None:
    in_thread = InThread(Context(enters=False))
    with pytest.raises(ValueError, match='no entry'), in_thread:
        pass
    assert not in_thread.thread.running


@pytest.mark.parametrize('hangs', [False, True])
def test_a_context_is_told_of_the_error_of_the_body_which_wins(hangs: bool) -> None:
    context = Context(hangs=hangs)

    def run() -> None:
        with InThread(context, 'served'):
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError) as caught:
        run()
    assert context.log[-1] == 'leaving in served with ZeroDivisionError()'
    assert getattr(caught.value, '__notes__', []) == (['it hung'] if hangs else [])


def test_a_context_may_swallow_the_error_of_the_body() -> None:
    def divide() -> None:
        raise ZeroDivisionError

    with InThread(Context(swallows=True)):
        divide()


def test_a_context_that_can_not_be_left_leaves_no_thread() -> None:
    in_thread = InThread(Context(hangs=True))
    with pytest.raises(StopTimeoutError, match='it hung'), in_thread:
        pass
    assert not in_thread.thread.running


# ---- The executor ----


def test_a_call_in_a_thread_gives_its_result_or_its_error() -> None:
    executor = ThreadPerCall('pool')
    assert executor.submit(pow, 2, 3).result() == 8
    assert list(executor.map(abs, [-1, -2])) == [1, 2]
    with pytest.raises(ValueError, match='invalid literal'):
        executor.submit(int, 'x').result()
    executor.shutdown()
    with pytest.raises(RuntimeError, match='no new calls in threads'):
        executor.submit(list)


def test_any_number_of_calls_run_at_once() -> None:
    executor = ThreadPerCall('pool')
    barrier = threading.Barrier(100)
    futures = [executor.submit(barrier.wait, 60) for _ in range(100)]
    assert sorted(future.result() for future in futures) == list(range(100))
    assert executor.close(60) == ()


@pytest.mark.parametrize(
    ('call', 'name'),
    [
        (list, 'list'),
        (Hang.in_task, 'Hang.in_task'),
        (functools.partial(pow, 2), 'pow'),
        (functools.partial(contextvars.Context().run, functools.partial(time.sleep), 1), 'sleep'),
        (Hang.__new__(Hang), '<'),
    ],
)
def test_a_call_is_called_by_the_name_of_its_function(call: Any, name: str) -> None:
    assert describe(call).startswith(name)
