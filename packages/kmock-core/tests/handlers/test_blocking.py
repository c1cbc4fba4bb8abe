"""A handler as a plain context manager: the same as the async one, without an event loop."""

import asyncio
import gc
from types import TracebackType
from typing import Any, Self

import pytest

from kmock_core import RawHandler
from kmock_core.errors import NotRunningError


async def fail(handler: RawHandler, times: int = 1) -> None:
    for _ in range(times):
        assert (await handler.get('/fail')).status == 500


def test_a_plain_with_enters_and_leaves_the_handler() -> None:
    handler = RawHandler()
    with handler as entered:
        assert entered is handler
        assert handler.errors == []
    with pytest.raises(NotRunningError, match='only while the handler is entered'):
        handler.errors


def test_a_handler_that_is_entered_by_a_plain_with_answers_in_process() -> None:
    with RawHandler() as handler:
        handler['get /'] << b'hello'

        async def ask() -> bytes:
            return bytes(await (await handler.get('/')).read())

        assert asyncio.run(ask()) == b'hello'
        assert len(handler) == 1


def test_a_plain_with_can_be_nested_with_errors_of_each_level() -> None:
    with RawHandler() as handler:
        with handler:
            asyncio.run(fail(handler))
            assert len(handler.errors) == 1
        assert handler.errors == []


@pytest.mark.parametrize(('times', 'error'), [(1, NotImplementedError), (2, ExceptionGroup)])
def test_a_strict_handler_raises_its_errors_from_a_plain_with(times: int, error: type[Exception]) -> None:
    with pytest.raises(error), RawHandler(strict=True) as handler:
        asyncio.run(fail(handler, times))


def test_the_error_of_the_body_wins_over_those_of_a_strict_handler() -> None:
    def run() -> None:
        with RawHandler(strict=True) as handler:
            asyncio.run(fail(handler))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        run()


def test_streams_that_were_left_open_in_a_loop_that_is_closed_do_not_disturb_the_end() -> None:
    async def leave_open(handler: RawHandler) -> None:
        handler << (b'a', ...)
        await handler.get('/')
        await handler[...].wait()

    with RawHandler() as handler:
        asyncio.run(leave_open(handler))
    gc.collect()


class Prepared(RawHandler):
    """Its context is async, but waits for nothing."""

    log: list[str]

    async def __aenter__(self) -> Self:
        self.log = ['entering']
        entered = await super().__aenter__()
        self.log.append('entered')
        return entered

    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None
    ) -> Any:
        await super().__aexit__(exc_type, exc, tb)
        self.log.append(f'left with {exc!r}')
        return isinstance(exc, ZeroDivisionError)


def test_what_a_subclass_does_in_its_async_context_is_done_by_a_plain_with() -> None:
    with Prepared() as handler:
        assert handler.log == ['entering', 'entered']
    assert handler.log == ['entering', 'entered', 'left with None']


def test_a_subclass_that_swallows_errors_in_its_async_context_does_so_in_a_plain_with() -> None:
    def divide() -> None:
        raise ZeroDivisionError

    with Prepared() as handler:
        divide()
    assert handler.log[-1] == 'left with ZeroDivisionError()'


class Waiting(RawHandler):
    async def __aenter__(self) -> Self:
        await asyncio.sleep(0)
        return await super().__aenter__()


class WaitingWithTimer(RawHandler):
    async def __aenter__(self) -> Self:
        await asyncio.sleep(0.001)
        return await super().__aenter__()


class WithTask(RawHandler):
    async def __aenter__(self) -> Self:
        asyncio.get_running_loop().call_soon(list)
        return await super().__aenter__()


@pytest.mark.parametrize('cls', [Waiting, WaitingWithTimer, WithTask])
def test_a_subclass_whose_async_context_needs_an_event_loop_is_referred_to_serving(cls: type[RawHandler]) -> None:
    name = cls.__name__
    with (
        pytest.raises(NotRunningError, match=rf'{name}\.__aenter__\(\) needs an event loop.*kmock\.serving\({name}\)'),
        cls(),
    ):
        pass


def test_other_errors_of_a_subclass_are_raised_as_they_are() -> None:
    class Failing(RawHandler):
        async def __aenter__(self) -> Any:
            raise RuntimeError('boo')

    with pytest.raises(RuntimeError, match=r'^boo$'), Failing():
        pass
