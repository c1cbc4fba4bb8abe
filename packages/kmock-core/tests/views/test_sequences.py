"""Views as live sequences of the recorded requests."""

import asyncio
import operator
from collections.abc import Callable
from typing import Any

import pytest

from kmock_core import (
    AndGroup,
    Criteria,
    Exclusion,
    Filter,
    OrGroup,
    Priority,
    RawHandler,
    Reaction,
    Request,
    Root,
    Slicer,
    Stream,
    View,
)
from kmock_core.errors import WaitTimeoutError


async def traffic(kmock: RawHandler, *lines: str) -> None:
    """Send requests in the notation of the DSL: ``'get /x'``."""
    for line in lines or ('get /a', 'post /a', 'get /b', 'post /b', 'get /c'):
        verb, target = line.split()
        await kmock.request(verb, target)


def ids(view: View[Request]) -> list[int]:
    return [request.id for request in view]


async def test_a_view_has_the_requests_that_match_in_the_order_of_arrival() -> None:
    async with RawHandler() as kmock:
        kmock << 200
        before = kmock['get']
        await traffic(kmock)
        after = kmock['get']
        for view in (before, after, before):
            assert len(view) == 3
            assert bool(view) is True
            assert [request.target for request in view] == ['/a', '/b', '/c']
            assert [request.target for request in reversed(view)] == ['/c', '/b', '/a']
            assert [request.target async for request in view] == ['/a', '/b', '/c']
            assert view.requests == list(view)


async def test_a_view_without_requests_is_empty_and_false() -> None:
    async with RawHandler() as kmock:
        kmock << 200
        await traffic(kmock)
        view = kmock['put']
        assert len(view) == 0
        assert not view
        assert list(view) == list(reversed(view)) == view.requests == [request async for request in view] == []
        with pytest.raises(IndexError):
            view[0]
        with pytest.raises(IndexError):
            view[-1]


async def test_a_view_is_always_up_to_date() -> None:
    async with RawHandler() as kmock:
        kmock << 200
        view = kmock['get']
        sizes: list[int] = []
        for verb in ('get', 'post', 'get'):
            await kmock.request(verb, '/')
            sizes.append(len(view))
        assert sizes == [1, 1, 2]


class Counting(Criteria):
    """Criteria that depend on the request alone, and count how often they are asked."""

    def __init__(self) -> None:
        self.asked: list[int] = []

    def check(self, request: Request, /) -> bool:
        self.asked.append(request.id)
        return request.id % 2 == 0


async def test_a_view_is_evaluated_by_what_is_new_and_not_over_the_whole_log_again() -> None:
    async with RawHandler() as kmock:
        kmock << 200
        criteria = Counting()
        view = kmock[criteria]
        for number in range(100):
            await kmock.get()
            assert len(view) == len(list(view)) == len(view[:]) == number // 2 + 1
        assert criteria.asked == list(range(100))


async def test_the_handler_is_the_view_of_all_requests() -> None:
    async with RawHandler() as kmock:
        kmock << 200
        await traffic(kmock)
        assert ids(kmock) == [0, 1, 2, 3, 4]
        assert isinstance(kmock, Root)
        assert isinstance(kmock, View)


async def test_requests_are_taken_by_their_position() -> None:
    async with RawHandler() as kmock:
        kmock << 200
        await traffic(kmock)
        view = kmock['post']
        assert isinstance(view[0], Request)
        assert (view[0].target, view[1].target) == ('/a', '/b')
        assert (view[-1].target, view[-2].target) == ('/b', '/a')
        for position in (2, -3, 100):
            with pytest.raises(IndexError):
                view[position]
        assert kmock['get', -1].target == '/c'
        assert kmock[('get', '/b'), 0].id == 2


async def test_a_request_that_did_not_come_is_told_with_the_view() -> None:
    async with RawHandler() as kmock:
        kmock << 200
        await kmock.post('/')
        with pytest.raises(IndexError, match=r"there is no request 1 of kmock\['post'\], only 1 came"):
            kmock['post'][1]


async def test_a_request_is_one_object_wherever_it_is_looked_at() -> None:
    async with RawHandler() as kmock:
        kmock << 200
        await traffic(kmock)
        assert kmock[0] is kmock[0] is kmock['get'][0] is kmock['/a'][0] is next(iter(kmock)) is kmock[:1][0]


async def test_a_request_keeps_its_identity_while_somebody_has_it() -> None:
    async with RawHandler() as kmock:
        kmock << 200
        await traffic(kmock)
        first = kmock[0]
        marked = {first: 'mark'}
        assert marked[kmock['get'][0]] == 'mark'
        assert kmock[0] in marked
        assert kmock[1] not in marked


async def test_in_asks_for_the_very_request() -> None:
    async with RawHandler() as kmock, RawHandler() as other:
        for handler in (kmock, other):
            handler << 200
            await traffic(handler)
        assert kmock[0] in kmock['get']
        assert kmock[1] not in kmock['get']
        assert other[0] not in kmock
        for stranger in (None, 'get', 0, Request('GET', '/a'), kmock):
            assert stranger not in kmock


async def test_views_are_compared_by_their_requests() -> None:
    async with RawHandler() as kmock:
        kmock << 200
        assert kmock['get'] == kmock['post'] == []
        await traffic(kmock)
        get = kmock['get']
        assert get == [kmock[0], kmock[2], kmock[4]]
        assert [kmock[0], kmock[2], kmock[4]] == get
        assert get == (kmock[0], kmock[2], kmock[4])
        assert get == kmock['get'] == kmock['post'].workshop.root['get']
        assert get != kmock['post']
        assert get != [kmock[0]]
        assert get != [kmock[4], kmock[2], kmock[0]]
        assert get != 'get'
        assert get != 3
        assert get != {kmock[0], kmock[2], kmock[4]}


async def test_views_of_different_handlers_are_not_equal_if_they_have_requests() -> None:
    async with RawHandler() as kmock, RawHandler() as other:
        assert kmock != other
        for handler in (kmock, other):
            handler << 200
            await handler.get('/')
        assert kmock != other
        assert kmock['get'] != other['get']
        assert kmock == kmock


def test_views_can_be_put_into_sets() -> None:
    kmock = RawHandler()
    get, post = kmock['get'], kmock['post']
    assert len({get, post, get}) == 2


async def test_requests_that_come_while_a_view_is_iterated_are_for_the_next_time() -> None:
    async with RawHandler() as kmock:
        kmock << 200
        await traffic(kmock, 'get /a', 'get /b')
        seen: list[str] = []
        async for request in kmock['get']:
            seen.append(request.target)
            await kmock.get('/more')
        assert seen == ['/a', '/b']
        assert len(kmock['get']) == 4


@pytest.mark.parametrize('nothing', [None, set[Any](), frozenset[Any](), (), [], (None,), [None, set[Any]()], {None}])
def test_nothing_narrows_nothing(nothing: Any) -> None:
    kmock = RawHandler()
    view = kmock['get']
    assert view[nothing] is view
    assert kmock[nothing] is kmock


async def test_several_criteria_mean_all_of_them() -> None:
    async with RawHandler() as kmock:
        kmock << 200
        await traffic(kmock)
        for view in (kmock['get']['/a'], kmock['get', '/a'], kmock[['get', '/a']], kmock['/a', ['get', None], True]):
            assert ids(view) == [0]


async def test_a_set_of_criteria_means_any_of_them() -> None:
    async with RawHandler() as kmock:
        kmock << 200
        await traffic(kmock)
        assert ids(kmock[{'/a', '/b'}]) == [0, 1, 2, 3]
        assert ids(kmock['get'][{'/a', '/b'}]) == [0, 2]
        assert ids(kmock['get', frozenset({'/a', '/b'})]) == [0, 2]
        assert ids(kmock[{('get', '/a'), 'post'}]) == [0, 1, 3]
        assert ids(kmock[{'/a'}]) == [0, 1]
        assert ids(kmock[{'put', False}]) == []


async def test_parts_are_read_from_left_to_right() -> None:
    async with RawHandler() as kmock:
        kmock << 200
        await traffic(kmock)
        assert ids(kmock['get', :2]) == [0, 2]
        assert ids(kmock[:2, 'get']) == [0]
        assert ids(kmock['get', :2, '/b']) == [2]
        assert kmock['get', :2, -1].id == 2


SHOWN: list[tuple[Callable[[RawHandler], Any], type[Any], str]] = [
    (lambda kmock: kmock, RawHandler, 'kmock'),
    (lambda kmock: kmock['get'], Filter, "kmock['get']"),
    (lambda kmock: kmock['get', '/x?a=1'], Filter, "kmock['get /x?a=1']"),
    (lambda kmock: kmock[{'a': 1}], Filter, "kmock[{'a': 1}]"),
    (lambda kmock: kmock['hello world'], Filter, "kmock['hello world']"),
    (lambda kmock: kmock['get'][{'a': 1}], Filter, "kmock['get'][{'a': 1}]"),
    (lambda kmock: kmock[:3], Slicer, 'kmock[:3]'),
    (lambda kmock: kmock[1:-1:2], Slicer, 'kmock[1:-1:2]'),
    (lambda kmock: kmock[:], Slicer, 'kmock[:]'),
    (lambda kmock: kmock['get'][1:], Slicer, "kmock['get'][1:]"),
    (lambda kmock: kmock**5, Priority, '(kmock ** 5)'),
    (lambda kmock: kmock.override, Priority, 'kmock.override'),
    (lambda kmock: kmock.fallback, Priority, 'kmock.fallback'),
    (lambda kmock: kmock['get'] | kmock['post'], OrGroup, "(kmock['get'] | kmock['post'])"),
    (lambda kmock: kmock['get'] & kmock['/x'], AndGroup, "(kmock['get'] & kmock['/x'])"),
    (lambda kmock: kmock['get'] - kmock['/x'], Exclusion, "(kmock['get'] - kmock['/x'])"),
    (lambda kmock: ~kmock['get'], Exclusion, "(kmock - kmock['get'])"),
    (lambda kmock: kmock[...], Stream, 'kmock[...]'),
    (lambda kmock: kmock['get'][...], Stream, "kmock['get'][...]"),
    (lambda kmock: kmock << b'hello', Reaction, "<Reaction kmock << b'hello' at "),
    (lambda kmock: (kmock**5)['get'], Filter, "(kmock ** 5)['get']"),
    (lambda kmock: (kmock['get'] | kmock['post']) ** 5, Priority, "((kmock['get'] | kmock['post']) ** 5)"),
    (lambda kmock: (kmock**5) ** 6, Priority, '((kmock ** 5) ** 6)'),
]


@pytest.mark.parametrize(
    ('make', 'kind', 'shown'),
    SHOWN,
)  # fmt: skip
def test_a_view_shows_what_to_type_for_it(make: Callable[[RawHandler], Any], kind: type[Any], shown: str) -> None:
    kmock = RawHandler()
    view = make(kmock)
    assert type(view) is kind
    assert repr(view).startswith(shown)
    assert '\n' not in repr(view)
    if kind is not Reaction and kind is not RawHandler:
        again = eval(shown, {'kmock': kmock})
        assert repr(again) == repr(view)


def test_a_representation_is_one_readable_line_however_long_the_criteria_are() -> None:
    kmock = RawHandler()
    views = [kmock['x\n' * 1000], kmock[{'key': 'x\n' * 1000}], kmock[b'x\n' * 1000], kmock['/x' * 1000]]
    for view in views:
        assert len(repr(view)) < 300
        assert repr(view).isprintable()


Operation = Callable[[Any, Any], Any]
MEANINGLESS: list[Operation] = [
    lambda a, b: a + b, lambda a, b: a * b, lambda a, b: a @ b, lambda a, b: a % b, lambda a, b: a // b,
    lambda a, b: a / b, lambda a, b: a ^ b, lambda a, b: a < b, lambda a, b: a <= b, lambda a, b: a > b,
    lambda a, b: a >= b,
]  # fmt: skip
COMBINATIONS: list[Operation] = [lambda a, b: a | b, lambda a, b: a & b, lambda a, b: a - b]


@pytest.mark.parametrize('operation', MEANINGLESS)
def test_operators_that_mean_nothing_are_type_errors(operation: Operation) -> None:
    kmock = RawHandler()
    for other in (kmock['get'], 'get', 5):
        with pytest.raises(TypeError):
            operation(kmock['get'], other)


@pytest.mark.parametrize('operation', COMBINATIONS)
@pytest.mark.parametrize('other', ['get', 5, None, {'a': 1}, Request()])
def test_views_are_combined_with_views_only(operation: Operation, other: Any) -> None:
    kmock = RawHandler()
    for left, right in ((kmock['get'], other), (other, kmock['get'])):
        with pytest.raises(TypeError):
            operation(left, right)


@pytest.mark.parametrize('operation', [operator.neg, operator.pos, operator.abs])
def test_unary_operators_that_mean_nothing_are_type_errors(operation: Callable[[Any], Any]) -> None:
    with pytest.raises(TypeError):
        operation(RawHandler()['get'])


async def test_items_can_not_be_set_or_deleted() -> None:
    async with RawHandler() as kmock:
        kmock << 200
        await traffic(kmock)
        view: Any = kmock['get']
        with pytest.raises(TypeError):
            view[0] = kmock[1]
        with pytest.raises(TypeError):
            del view[0]


# ---- Waiting. ----


async def test_waiting_returns_at_once_what_is_there() -> None:
    async with RawHandler() as kmock:
        kmock << 200
        await traffic(kmock)
        assert await kmock['get'].wait(2) == list(kmock['get'])
        assert await kmock['put'].wait(0) == []


async def test_waiting_returns_when_enough_requests_have_come() -> None:
    async with RawHandler() as kmock:
        kmock << 200
        waiting = asyncio.create_task(kmock['get /x'].wait(2))
        await traffic(kmock, 'get /x', 'get /y', 'post /x')
        assert not waiting.done()
        await traffic(kmock, 'get /x')
        assert [request.id for request in await waiting] == [0, 3]


async def test_waiting_in_vain_tells_what_did_arrive() -> None:
    async with RawHandler() as kmock:
        kmock << 200
        await traffic(kmock, 'post /x')
        with pytest.raises(WaitTimeoutError, match=r"1 request of kmock\['get'\] did not come in 0 s") as caught:
            await kmock['get'].wait(timeout=0)
        assert '<Request 0: POST /x>' in str(caught.value)
        assert isinstance(caught.value, TimeoutError)


async def test_waiting_before_any_traffic_in_vain_says_that_nothing_came() -> None:
    async with RawHandler() as kmock:
        with pytest.raises(WaitTimeoutError, match='nothing'):
            await kmock.wait(timeout=0)


async def test_waiting_can_be_cancelled() -> None:
    async with RawHandler() as kmock:
        kmock << 200
        waiting = asyncio.create_task(kmock.wait(timeout=None))
        await asyncio.sleep(0)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        assert (await kmock.get()).status == 200


async def test_other_threads_can_wait_too() -> None:
    async with RawHandler() as kmock:
        kmock << 200
        view = kmock['get']
        waiting = asyncio.create_task(asyncio.to_thread(view.wait_sync, 2))
        await traffic(kmock, 'get /x', 'post /x', 'get /y')
        assert [request.id for request in await waiting] == [0, 2]
        with pytest.raises(WaitTimeoutError, match='did not come in 0 s'):
            view.wait_sync(3, timeout=0)


async def test_views_are_made_and_read_in_other_threads() -> None:
    async with RawHandler() as kmock:
        kmock << 200
        await traffic(kmock)

        def look() -> list[int]:
            kmock.override['get /x'] << b'made elsewhere'
            return [len(kmock[verb]) for verb in ('get', 'post')]

        assert await asyncio.to_thread(look) == [3, 2]
        assert await (await kmock.get('/x')).read() == b'made elsewhere'
