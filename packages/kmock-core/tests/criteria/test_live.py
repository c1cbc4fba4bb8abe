"""Criteria that are not in the request: truth values, events, futures, functions. They are asked once, at arrival."""

import asyncio
import concurrent.futures
import functools
import gc
import re
import threading
from collections.abc import Awaitable, Callable, Generator
from typing import Any

import pytest

from kmock_core import Criterion, RawHandler, Request, params, path
from kmock_core.errors import KMockError, UnsupportedCriterionError

Ask = Callable[[Any, Request], Awaitable[bool]]


def shown(value: object) -> str:
    """The value as it is in the name of a test: the same in each process, with no addresses."""
    return re.sub(' at 0x[0-9a-f]+', '', repr(value))


class Truth:
    def __init__(self, value: bool) -> None:
        self.value = value
        self.asked = 0

    def __bool__(self) -> bool:
        self.asked += 1
        return self.value


# ---- Truth values, events, futures. ----


@pytest.mark.parametrize('value', [True, False])
async def test_a_bool_is_a_constant(ask: Ask, value: bool) -> None:
    assert await ask(value, Request()) is value


@pytest.mark.parametrize('value', [True, False])
async def test_an_object_with_a_truth_of_its_own_is_a_criterion(ask: Ask, value: bool) -> None:
    assert await ask(Truth(value), Request()) is value


async def test_the_truth_of_an_object_is_asked_for_late_and_once_a_request() -> None:
    async with RawHandler(strict=True) as kmock:
        truth = Truth(False)
        view = kmock[truth]
        view << b'on'
        kmock << b'off'
        assert truth.asked == 0
        assert await (await kmock.get()).read() == b'off'
        truth.value = True
        assert await (await kmock.get()).read() == b'on'
        truth.value = False
        assert view == [kmock[1]]
        assert truth.asked == 2


@pytest.mark.parametrize('make', [asyncio.Event, threading.Event])
async def test_an_event_is_true_for_what_arrives_while_it_is_set(make: Callable[[], asyncio.Event]) -> None:
    async with RawHandler(strict=True) as kmock:
        event = make()
        rule = kmock[event] << b'on'
        kmock << b'off'
        answers = [await (await kmock.get()).read()]
        event.set()
        answers += [await (await kmock.get()).read()]
        event.clear()
        answers += [await (await kmock.get()).read()]
        assert answers == [b'off', b'on', b'off']
        assert rule == [kmock[1]]


@pytest.mark.parametrize('make', [asyncio.Future, concurrent.futures.Future])
async def test_a_future_is_false_until_its_result_is_a_criterion(make: Callable[[], Any]) -> None:
    async with RawHandler(strict=True) as kmock:
        future = make()
        kmock[future] << b'done'
        kmock << b'pending'
        answers = [await (await kmock.get()).read()]
        future.set_result('get')
        answers += [await (await kmock.get()).read(), await (await kmock.post()).read()]
        assert answers == [b'pending', b'done', b'pending']


def is_post(request: Request) -> bool:
    return request.method == 'POST'


RESULTS: list[tuple[Any, bool]] = [
        (True, True), (False, False), (None, False), (1, True), (0, False), ('get', True), ('post', False), ('', False),
        ({}, False), ({'a': '1'}, True), ({'a': '2'}, False), (path('/x'), True), (re.compile('/.'), True),
        (re.compile('.'), False), (b'', True), (b'x', False), (NotImplemented, False), (re.match('a', 'a'), True),
        (lambda: True, True), (is_post, False), (lambda: lambda: 'get', True),
]  # fmt: skip


@pytest.mark.parametrize(('result', 'expected'), RESULTS, ids=shown)
class TestResults:
    """What a function returns, and what a future has, is judged as a criterion again."""

    request = Request('GET', '/x?a=1')

    async def test_of_a_function(self, ask: Ask, result: object, expected: bool) -> None:
        assert await ask(lambda: result, self.request) is expected

    async def test_of_an_async_function(self, ask: Ask, result: object, expected: bool) -> None:
        async def decide() -> object:
            return result

        assert await ask(decide, self.request) is expected

    async def test_of_a_future(self, ask: Ask, result: object, expected: bool) -> None:
        future: asyncio.Future[object] = asyncio.Future()
        future.set_result(result)
        assert await ask(future, self.request) is expected


async def test_a_cancelled_future_is_false(ask: Ask) -> None:
    future: asyncio.Future[object] = asyncio.Future()
    future.cancel()
    assert not await ask(future, Request())
    other: concurrent.futures.Future[object] = concurrent.futures.Future()
    other.cancel()
    assert not await ask(other, Request())


async def test_a_task_is_a_future() -> None:
    async with RawHandler(strict=True) as kmock:
        ready = asyncio.Event()

        async def work() -> str:
            await ready.wait()
            return 'get /x'

        task = asyncio.create_task(work())
        view = kmock[task]
        kmock << 200
        await kmock.get('/x')
        ready.set()
        await task
        await kmock.get('/x')
        await kmock.get('/y')
        assert view == [kmock[1]]


# ---- How functions are called. ----


class Callable1:
    def __call__(self, request: Request) -> bool:
        return request.path == '/x'

    def method(self, request: Request) -> bool:
        return request.path == '/x'

    @classmethod
    def cls(cls, request: Request) -> bool:
        return request.path == '/x'

    @staticmethod
    def static(request: Request) -> bool:
        return request.path == '/x'


def two_arguments(wanted: str, request: Request) -> bool:
    return request.path == wanted


def decorated(fn: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(fn)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        return fn(*args, **kwargs)

    return wrapper


async def async_function(request: Request) -> bool:
    return request.path == '/x'


def positional(request: Request, /) -> bool:
    return request.path == '/x'


def with_default(request: Request, more: object = None) -> bool:
    return more is None and request.path == '/x'


def with_everything(request: Request, *more: object, key: int = 1, **kwargs: object) -> bool:
    return not more and key == 1 and not kwargs and request.path == '/x'


WITH_REQUEST: list[Callable[..., Any]] = [
    positional,
    with_default,
    with_everything,
    Callable1(),
    Callable1().method,
    Callable1.cls,
    Callable1.static,
    functools.partial(two_arguments, '/x'),
    decorated(Callable1().method),
    decorated(positional),
    async_function,
    functools.partial(async_function),
]


@pytest.mark.parametrize('fn', WITH_REQUEST)
async def test_a_function_that_requires_an_argument_gets_the_request(ask: Ask, fn: Callable[..., Any]) -> None:
    assert await ask(fn, Request('GET', '/x'))
    assert not await ask(fn, Request('GET', '/y'))


def optional(request: object = 5) -> bool:
    return request == 5


def variable(*args: object, **kwargs: object) -> bool:
    return not args and not kwargs


def optional_keyword(*, key: int = 1) -> bool:
    return key == 1


WITHOUT_REQUEST: list[Callable[..., Any]] = [
    lambda: True,
    optional,
    variable,
    optional_keyword,
    functools.partial(two_arguments, '/x', Request('GET', '/x')),
    decorated(lambda: True),
    dict,
    int,
]


@pytest.mark.parametrize('fn', WITHOUT_REQUEST)
async def test_a_function_that_requires_none_gets_none(ask: Ask, fn: Callable[..., Any]) -> None:
    assert await ask(fn, Request()) is (fn not in (dict, int))


def three_arguments(a: object, b: object, c: object = None) -> bool:
    return True


def required_keyword(*, key: object) -> bool:
    return True


WITH_MORE: list[Callable[..., Any]] = [two_arguments, three_arguments, required_keyword]


@pytest.mark.parametrize('fn', WITH_MORE)
def test_a_function_that_requires_more_is_refused_when_it_is_defined(fn: Callable[..., Any]) -> None:
    with pytest.raises(TypeError, match=r'must require at most one argument, the request'):
        RawHandler()[fn]


# ---- Asked once about each request, in order. ----


class Counter:
    """A stateful function: remembers whom it was asked about; true for every second request."""

    def __init__(self, result: Callable[[int], object] = lambda count: count % 2 == 0) -> None:
        self.asked: list[int] = []
        self.result = result

    def __call__(self, request: Request) -> object:
        self.asked.append(request.id)
        return self.result(len(self.asked))


class AsyncCounter(Counter):
    async def __call__(self, request: Request) -> object:
        await asyncio.sleep(0)
        return super().__call__(request)


@pytest.mark.parametrize('make', [Counter, AsyncCounter])
async def test_a_stateful_function_sees_each_request_once_and_in_order(make: type[Counter]) -> None:
    async with RawHandler(strict=True) as kmock:
        counter = make()
        view = kmock[counter]
        rule = view << b'even'
        again = view[1:] << b'never'
        kmock << b'odd'
        assert [await (await kmock.get()).read() for _ in range(4)] == [b'odd', b'even', b'odd', b'even']
        assert len(view) == len(list(view)) == len(rule) == 2
        assert view[0] is kmock[1]
        assert bool(view)
        assert view[1:] == [kmock[3]]
        assert not again
        assert counter.asked == [0, 1, 2, 3]


async def test_each_view_of_one_function_asks_for_itself() -> None:
    async with RawHandler(strict=True) as kmock:
        counter = Counter()
        first, second = kmock[counter], kmock[counter]
        kmock << 200
        await kmock.get()
        assert counter.asked == [0, 0]
        assert (len(first), len(second)) == (0, 1)


async def test_functions_are_asked_in_the_order_of_their_definition() -> None:
    async with RawHandler(strict=True) as kmock:
        order: list[str] = []
        views = [kmock[functools.partial(order.append, name)] for name in ('a', 'b', 'c')]
        kmock << 200
        await kmock.get()
        assert order == ['a', 'b', 'c']
        assert not any(views)


async def test_a_function_is_asked_only_about_the_requests_of_its_source() -> None:
    async with RawHandler(strict=True) as kmock:
        counter, other = Counter(lambda _: True), Counter(lambda _: True)
        views = kmock['post /x'][counter], kmock[False][other]
        kmock << 200
        for verb, target in [('GET', '/x'), ('POST', '/y'), ('POST', '/x'), ('POST', '/x?q')]:
            await kmock.request(verb, target)
        assert counter.asked == [2, 3]
        assert other.asked == []
        assert [len(view) for view in views] == [2, 0]


async def test_a_function_on_top_of_a_function_is_asked_about_what_that_let_through() -> None:
    async with RawHandler(strict=True) as kmock:
        first, second = Counter(), Counter(lambda _: True)
        view = kmock[first][second]
        kmock << 200
        for _ in range(4):
            await kmock.get()
        assert (first.asked, second.asked) == ([0, 1, 2, 3], [1, 3])
        assert view == [kmock[1], kmock[3]]


async def test_a_rule_that_answered_first_does_not_keep_a_function_from_being_asked() -> None:
    async with RawHandler(strict=True) as kmock:
        kmock << b'all'
        counter = Counter(lambda _: True)
        rule = kmock[counter] << b'never'
        assert await (await kmock.get()).read() == b'all'
        assert counter.asked == [0]
        assert len(rule) == 0


@pytest.mark.parametrize('make', [Counter])
async def test_a_filter_made_after_the_traffic_evaluates_the_log_once(make: type[Counter]) -> None:
    async with RawHandler(strict=True) as kmock:
        kmock << 200
        for _ in range(4):
            await kmock.get()
        counter = make()
        view = kmock[counter]
        assert counter.asked == [0, 1, 2, 3]
        assert view == [kmock[1], kmock[3]]
        await kmock.get()
        await kmock.get()
        assert len(view) == len(view[:]) == 3
        assert counter.asked == [0, 1, 2, 3, 4, 5]


async def test_an_async_function_can_be_asked_about_the_past_if_it_has_nothing_to_wait_for() -> None:
    async with RawHandler(strict=True) as kmock:
        kmock << 200
        await kmock.get('/x')

        async def decide(request: Request) -> str:
            return 'get /x'

        assert kmock[decide] == [kmock[0]]


async def test_an_async_function_that_has_to_wait_can_not_be_asked_about_the_past() -> None:
    async with RawHandler(strict=True) as kmock:
        kmock << 200
        await kmock.get('/x')
        with pytest.raises(KMockError, match='make its view before the traffic'):
            kmock[AsyncCounter()]


async def test_an_async_function_may_wait_without_holding_up_others() -> None:
    async with RawHandler(strict=True) as kmock:
        entered, proceed = asyncio.Event(), asyncio.Event()

        async def decide(request: Request) -> bool:
            entered.set()
            await proceed.wait()
            return True

        rule = kmock['/slow'][decide] << b'slow'
        kmock['/fast'] << b'fast'
        slow = asyncio.create_task(_read(kmock, '/slow'))
        await entered.wait()
        assert await _read(kmock, '/fast') == b'fast'
        assert len(rule) == 0
        proceed.set()
        assert await slow == b'slow'
        assert rule == [kmock[0]]


async def _read(kmock: RawHandler, target: str) -> bytes:
    return await (await kmock.get(target)).read()


async def test_requests_stay_in_the_order_of_arrival_when_verdicts_come_in_another() -> None:
    async with RawHandler(strict=True) as kmock:
        gates = [asyncio.Event() for _ in range(3)]

        async def decide(request: Request) -> bool:
            await gates[request.id].wait()
            return True

        view = kmock[decide]
        view[1:2] << b'second'
        kmock << b'other'
        tasks = [asyncio.create_task(_read(kmock, f'/{number}')) for number in range(3)]
        await kmock.wait(3)
        for number in (0, 2, 1):
            gates[number].set()
            await tasks[number]
        assert [request.target for request in view] == ['/0', '/1', '/2']


async def test_a_view_of_positions_that_change_asks_its_function_once_about_each_request() -> None:
    async with RawHandler(strict=True) as kmock:
        kmock << 200
        for _ in range(3):
            await kmock.get()
        counter = Counter(lambda _: True)
        last_two = kmock[-2:][counter]
        assert len(last_two) == len(last_two) == 2
        await kmock.get()
        assert last_two == [kmock[2], kmock[3]]
        assert sorted(counter.asked) == [1, 2, 3]


async def test_a_function_on_all_but_the_last_request_is_asked_when_that_is_not_the_last_any_more() -> None:
    async with RawHandler(strict=True) as kmock:
        counter = Counter(lambda _: True)
        view = kmock[:-1][counter]
        kmock << 200
        for _ in range(3):
            await kmock.get()
        assert view == [kmock[0], kmock[1]]
        assert view == [kmock[0], kmock[1]]
        assert counter.asked == [0, 1]


async def test_a_function_in_params_is_not_remembered_for_a_target() -> None:
    async with RawHandler(strict=True) as kmock:
        values: list[str] = []

        def first_time(value: str) -> bool:
            values.append(value)
            return len(values) == 1

        kmock['/x', params(a=first_time)] << b'first'
        kmock << b'later'
        assert [await _read(kmock, '/x?a=1') for _ in range(3)] == [b'first', b'later', b'later']


async def test_an_object_in_a_path_that_changes_its_mind_is_asked_again() -> None:
    class Late:
        wanted = '/a'

        def __eq__(self, other: object) -> bool:
            return other == self.wanted

        def __repr__(self) -> str:
            return 'Late()'

    async with RawHandler(strict=True) as kmock:
        late = Late()
        kmock[path(late)] << b'yes'
        kmock << b'no'
        answers = [await _read(kmock, '/a')]
        late.wanted = '/b'
        answers += [await _read(kmock, '/a'), await _read(kmock, '/b')]
        assert answers == [b'yes', b'no', b'yes']


async def test_a_view_that_nobody_keeps_is_not_asked_any_more() -> None:
    async with RawHandler(strict=True) as kmock:
        counter = Counter()
        kmock << 200
        view = kmock[counter]
        await kmock.get()
        assert not view
        del view
        gc.collect()
        await kmock.get()
        assert counter.asked == [0]


# ---- Errors. ----


def fail(request: Request) -> bool:
    raise ValueError('boo')


async def fail_later(request: Request) -> bool:
    await asyncio.sleep(0)
    raise ValueError('boo')


class Broken:
    def __bool__(self) -> bool:
        raise ValueError('boo')


class BrokenEq:
    def __eq__(self, other: object) -> bool:
        raise ValueError('boo')

    def __repr__(self) -> str:
        return 'BrokenEq()'


@pytest.mark.parametrize('criterion', [fail, fail_later, Broken(), params(a=BrokenEq()), path(BrokenEq())])
async def test_an_error_in_a_criterion_is_answered_and_collected(criterion: Criterion[Request]) -> None:
    async with RawHandler() as kmock:
        view = kmock[criterion]
        rule = view << 200
        response = await kmock.get('/?a=1')
        assert response.status == 500
        assert 'ValueError: boo' in await response.text()
        assert [str(error) for error in kmock.errors] == ['boo']
        assert len(kmock) == 1
        assert len(rule) == 0


async def test_the_next_request_is_served_after_an_error_in_a_criterion() -> None:
    async with RawHandler() as kmock:
        kmock['/bad'][fail] << 200
        kmock['/good'] << b'good'
        assert (await kmock.get('/bad')).status == 500
        assert await _read(kmock, '/good') == b'good'
        assert len(kmock.errors) == 1


async def test_an_error_in_a_strict_handler_is_raised_in_the_end() -> None:
    kmock = RawHandler(strict=True)
    kmock[fail] << 200

    async def use() -> None:
        async with kmock:
            assert (await kmock.get()).status == 500

    with pytest.raises(ValueError, match='boo'):
        await use()


async def test_an_error_in_one_criterion_keeps_no_other_from_being_asked() -> None:
    async with RawHandler() as kmock:
        counter = Counter(lambda _: True)
        views = kmock[fail], kmock[counter], kmock[fail_later]
        kmock << 200
        assert (await kmock.get()).status == 500
        assert [len(view) for view in views] == [0, 1, 0]
        assert counter.asked == [0]
        assert [str(error) for error in kmock.errors] == ['boo', 'boo']


async def test_who_waits_for_a_request_gets_it_even_if_a_criterion_fails() -> None:
    async with RawHandler() as kmock:
        views = kmock[fail], kmock['get']
        waiting = asyncio.create_task(kmock['get'].wait())
        await asyncio.sleep(0)
        await kmock.get()
        assert [request.id for request in await waiting] == [0]
        assert not views[0]


async def test_an_error_about_the_past_is_raised_where_the_view_is_made() -> None:
    async with RawHandler(strict=True) as kmock:
        kmock << 200
        await kmock.get()
        with pytest.raises(ValueError, match='boo'):
            kmock[fail]


@pytest.mark.parametrize('result', [[1], ..., object(), (1, 2)], ids=shown)
async def test_a_result_that_is_no_criterion_is_an_error_of_the_request(result: object) -> None:
    async with RawHandler() as kmock:
        kmock[lambda: result] << 200
        assert (await kmock.get()).status == 500
        assert [type(error) for error in kmock.errors] == [UnsupportedCriterionError]


async def test_a_failed_future_is_an_error_of_the_request() -> None:
    async with RawHandler() as kmock:
        future: asyncio.Future[object] = asyncio.Future()
        future.set_exception(ValueError('boo'))
        kmock[future] << 200
        assert (await kmock.get()).status == 500
        assert [str(error) for error in kmock.errors] == ['boo']


async def test_a_generator_function_means_nothing_as_a_criterion() -> None:
    def generate() -> Generator[bool]:
        yield True

    async with RawHandler() as kmock:
        kmock[generate] << 200
        assert (await kmock.get()).status == 500
        assert [type(error) for error in kmock.errors] == [UnsupportedCriterionError]


@pytest.mark.parametrize(
    ('criterion', 'shown'),
    [
        (True, 'kmock[True]'),
        ((lambda: True), 'kmock[<lambda> at test_live.py:'),
        (fail, 'kmock[fail at test_live.py:'),
        (Callable1().method, 'kmock[Callable1.method'),
        (asyncio.Event(), 'kmock[EventCriteria(<asyncio.locks.Event'),
    ],
)  # fmt: skip
def test_the_representation_of_a_view_tells_its_criterion(criterion: Criterion[Request], shown: str) -> None:
    view = RawHandler()[criterion]
    assert repr(view).startswith(shown)
    assert '\n' not in repr(view)
