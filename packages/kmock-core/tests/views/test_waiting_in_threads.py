"""Waiting for requests in many threads and loops at once: nobody is forgotten, nobody waits for ever."""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kmock_core import RawHandler
from kmock_core.errors import WaitTimeoutError

LONG = 10.0
"""Seconds; nobody who works as promised waits so long."""


def _is_even(request: Any) -> bool:
    return int(request.params['n']) % 2 == 0


VIEWS: dict[str, Callable[[RawHandler], Any]] = {
    'all': lambda kmock: kmock,
    'filter': lambda kmock: kmock['/even'],
    'function': lambda kmock: kmock[_is_even],
    'union': lambda kmock: kmock['/even'] | kmock['/odd'],
    'slice': lambda kmock: kmock['/even'][:3],
    'spy': lambda kmock: kmock['/even'] << None,
    'rule': lambda kmock: kmock['/even'] << 200,
    'called rule': lambda kmock: kmock['/odd'] << (lambda: 200),
}


async def serve(kmock: RawHandler, count: int) -> None:
    for number in range(count):
        await kmock.get(f'/{"odd" if number % 2 else "even"}?n={number}')


@settings(max_examples=30)
@given(st.lists(st.tuples(st.sampled_from(sorted(VIEWS)), st.integers(0, 3)), min_size=1, max_size=8), st.booleans())
async def test_everyone_gets_what_they_wait_for(waiters: list[tuple[str, int]], is_served_elsewhere: bool) -> None:
    async with RawHandler() as kmock:
        views = {name: make(kmock) for name, make in VIEWS.items()}
        kmock << 200
        with ThreadPoolExecutor(len(waiters) + 1) as pool:
            blocking = [pool.submit(views[name].wait_sync, count, timeout=LONG) for name, count in waiters]
            waiting = [asyncio.ensure_future(views[name].wait(count, timeout=LONG)) for name, count in waiters]
            if is_served_elsewhere:
                await asyncio.wrap_future(pool.submit(asyncio.run, serve(kmock, 6)))
            else:
                await serve(kmock, 6)
            results = await asyncio.gather(*map(asyncio.wrap_future, blocking), *waiting)
        for (name, count), found in zip([*waiters, *waiters], results, strict=True):
            assert len(found) >= count
            assert found == list(views[name])[: len(found)]


async def test_a_thousand_turns_between_two_threads_lose_no_wake_up() -> None:
    async with RawHandler() as kmock:
        view = kmock['/even']
        kmock << 200
        turns: list[int] = []

        def wait() -> None:
            for number in range(1000):
                view.wait_sync(number + 1, timeout=LONG)
                turns.append(number)

        waiting = asyncio.ensure_future(asyncio.to_thread(wait))
        for _ in range(1000):
            await kmock.get('/even')
        await waiting
        assert turns == list(range(1000))


async def test_a_criterion_that_fails_fails_who_waits_and_nobody_else() -> None:
    class Truth:
        def __bool__(self) -> bool:
            raise ValueError('boo')

    async with RawHandler() as kmock:
        kmock << 200
        view = kmock['/even'][Truth()]
        patient = asyncio.ensure_future(asyncio.to_thread(kmock.wait_sync, 1, timeout=LONG))
        await kmock.get('/even')
        assert len(await patient) == 1
        assert len(view) == 0
        assert [type(error) for error in kmock.errors] == [ValueError]


async def test_an_endless_wait_in_a_thread_ends_with_the_last_request() -> None:
    async with RawHandler() as kmock:
        kmock << 200
        waiting = asyncio.ensure_future(asyncio.to_thread(kmock.wait_sync, 3, timeout=None))
        await serve(kmock, 3)
        assert len(await waiting) == 3


async def test_nothing_is_left_of_those_who_have_waited() -> None:
    async with RawHandler() as kmock:
        kmock << 200
        with pytest.raises(WaitTimeoutError):
            await kmock.wait(timeout=0)
        with pytest.raises(WaitTimeoutError):
            kmock.wait_sync(timeout=0)
        await kmock.get('/')
        await kmock.wait()
        kmock.wait_sync()
        workshop: Any = kmock.workshop
        assert workshop.waiters == []


# ---- What is told ----


async def test_waiting_in_vain_tells_what_came_and_what_was_near() -> None:
    async with RawHandler() as kmock:
        kmock << 200
        await kmock.get('/a')
        await kmock.post('/a', json={'n': 1})
        await kmock.get('/b')
        with pytest.raises(WaitTimeoutError) as caught:
            await kmock['get /a'].wait(3, timeout=0)
        assert str(caught.value).splitlines() == [
            "3 requests of kmock['get /a'] did not come in 0 s, only 1:",
            '  <Request 0: GET /a>',
            '  The nearest of 2 others:',
            '    <Request 2: GET /b>',
            "      ✗ path: '/b' != '/a'",
            '    <Request 1: POST /a {"n": 1}>',
            '      ✗ method: POST != GET',
        ]


async def test_waiting_in_vain_for_a_rule_tells_which_one_served_instead() -> None:
    async with RawHandler() as kmock:
        kmock['/a'] << 404
        rule = kmock['get'] << 200
        await kmock.get('/a')
        with pytest.raises(
            WaitTimeoutError, match=r"✗ it was served by another rule: kmock\['/a'\] << 404  \(.*:\d+\)"
        ):
            rule.wait_sync(timeout=0)


async def test_waiting_in_vain_for_a_feeding_point_tells_who_does_not_stand_there() -> None:
    async with RawHandler() as kmock:
        kmock << 200
        await kmock.get('/a')
        with pytest.raises(WaitTimeoutError, match=r'GET /a>\n      ✗ it does not stand at a feeding point'):
            await kmock['/a'][...].wait(timeout=0)


def test_a_handler_without_traffic_can_be_waited_for_in_a_thread_of_its_own() -> None:
    kmock = RawHandler()
    found: list[Any] = []
    thread = threading.Thread(target=lambda: found.extend(kmock.wait_sync(timeout=LONG)))
    thread.start()
    kmock << 200
    asyncio.run(serve(kmock, 1))
    thread.join()
    assert found == list(kmock)


async def test_blocking_the_event_loop_in_vain_is_told_with_what_to_type_instead() -> None:
    async with RawHandler() as kmock:
        with pytest.raises(WaitTimeoutError, match=r"blocked the event loop.*: await kmock\['get /a'\]\.wait\(\)$"):
            kmock['get /a'].wait_sync(timeout=0)
        with pytest.raises(WaitTimeoutError, match=r'nothing came at all$'):
            await asyncio.to_thread(kmock['get /a'].wait_sync, timeout=0)
