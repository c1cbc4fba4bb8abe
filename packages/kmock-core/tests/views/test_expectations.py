"""Expectations of rules and views: how many requests are to come, verified in the end."""

import re
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kmock_core import Criteria, RawHandler, Request
from kmock_core.errors import ContradictionError, ExpectationError, KMockError, ReactionMismatchError
from kmock_core.views.expectations import Bounds

HERE = Path(__file__).name


async def get(handler: RawHandler, *targets: str) -> None:
    for target in targets:
        await handler.get(target)


METHODS: dict[str, tuple[Callable[[Any], Any], set[int]]] = {
    'times(2)': (lambda view: view.times(2), {2}),
    'times(0)': (lambda view: view.times(0), {0}),
    'once()': (lambda view: view.once(), {1}),
    'never()': (lambda view: view.never(), {0}),
    'at_least(0)': (lambda view: view.at_least(0), {0, 1, 2, 3}),
    'at_least(2)': (lambda view: view.at_least(2), {2, 3}),
    'at_most(2)': (lambda view: view.at_most(2), {0, 1, 2}),
    'both': (lambda view: view.at_least(1).at_most(2), {1, 2}),
    'the stricter of both': (lambda view: view.at_least(1).at_least(2), {2, 3}),
}


@pytest.mark.parametrize('count', range(4))
@pytest.mark.parametrize(('expect', 'admitted'), METHODS.values(), ids=list(METHODS))
@pytest.mark.parametrize('kind', ['rule', 'view'])
async def test_so_many_requests_are_expected(
    kind: str, expect: Callable[[Any], Any], admitted: set[int], count: int
) -> None:
    async with RawHandler() as kmock:
        view = kmock['/a'] << 200 if kind == 'rule' else kmock['/a']
        assert expect(view) is view
        await get(kmock, *['/a'] * count, '/b')
        if count in admitted:
            kmock.verify()
        else:
            with pytest.raises(ExpectationError):
                kmock.verify()
            kmock.lenient = True


async def test_they_limit_nothing() -> None:
    async with RawHandler() as kmock:
        rule = (kmock['/'] << 200).once()
        assert [(await kmock.get('/')).status for _ in range(3)] == [200, 200, 200]
        assert len(rule) == 3
        kmock.lenient = True


async def test_a_view_that_expects_makes_no_rule() -> None:
    async with RawHandler() as kmock:
        kmock['/'].once()
        kmock.times(1)
        assert kmock.rules == []
        await get(kmock, '/')


async def test_a_rule_counts_what_it_has_served_and_a_view_what_came() -> None:
    async with RawHandler() as kmock:
        (kmock['get /a'] << 200).once()
        (kmock['/a'] << 201).once()
        kmock['/a'].times(2)
        await kmock.get('/a')
        await kmock.post('/a')


def _is_not_c(request: Request) -> bool:
    return request.path != '/c'


VIEWS: dict[str, Callable[[RawHandler], Any]] = {
    'union': lambda kmock: kmock['/a'] | kmock['/b'],
    'intersection': lambda kmock: kmock['get'] & kmock[{'/a', '/b'}],
    'exclusion': lambda kmock: ~kmock['/c'],
    'slice': lambda kmock: kmock['get', :2],
    'priority': lambda kmock: kmock['get'].fallback[:2],
    'function': lambda kmock: kmock[_is_not_c],
    'slice of all': lambda kmock: kmock[:2],
}


@pytest.mark.parametrize('make', VIEWS.values(), ids=list(VIEWS))
async def test_any_view_may_expect(make: Callable[[RawHandler], Any]) -> None:
    async with RawHandler() as kmock:
        make(kmock).times(2)
        kmock << 200
        await get(kmock, '/a', '/b', '/c')


async def test_the_requests_that_came_before_count_too() -> None:
    async with RawHandler() as kmock:
        await get(kmock, '/', '/')
        kmock['/'].times(2)


async def test_a_stream_can_not_expect() -> None:
    async with RawHandler() as kmock:
        with pytest.raises(KMockError, match=re.escape("expect so many requests of kmock['/']")):
            kmock['/'][...].once()


# ---- Replacing ----


async def test_they_go_along_with_the_longer_reaction() -> None:
    async with RawHandler() as kmock:
        short = (kmock['/'] << 200).times(2)
        longer = short << b'body'
        assert 'expected exactly 2 requests' in repr(longer)
        await get(kmock, '/')
        with pytest.raises(ExpectationError, match=re.escape("kmock['/'] << 200 << b'body'")):
            kmock.verify()
        await get(kmock, '/')
        kmock.verify()


async def test_the_shorter_reaction_can_expect_nothing_more() -> None:
    async with RawHandler() as kmock:
        short = kmock['/'] << 200
        short << b'body'
        with pytest.raises(ReactionMismatchError, match='replaced'):
            short.once()


# ---- Mistakes ----


@pytest.mark.parametrize('count', ['2', 2.0, None, True, ...])
@pytest.mark.parametrize('method', ['times', 'at_least', 'at_most'])
def test_what_is_no_count_is_refused(method: str, count: Any) -> None:
    with pytest.raises(TypeError, match=re.escape(f'has to be an int, not {count!r}')):
        getattr(RawHandler()['/'], method)(count)


@pytest.mark.parametrize('method', ['times', 'at_least', 'at_most'])
def test_a_negative_count_is_refused(method: str) -> None:
    with pytest.raises(ValueError, match='has to be 0 or more, not -1'):
        getattr(RawHandler()['/'], method)(-1)


@pytest.mark.parametrize('kind', ['rule', 'view'])
def test_a_contradiction_is_refused_at_once_and_changes_nothing(kind: str) -> None:
    kmock = RawHandler()
    view = (kmock['/'] << 200 if kind == 'rule' else kmock['/']).at_least(3)
    with pytest.raises(
        ContradictionError, match=rf'the number of requests .*at least 3 requests .*{HERE}:\d+.* vs\. .at most 2 req'
    ):
        view.at_most(2)
    with pytest.raises(ExpectationError, match='at least 3 requests'):
        kmock.verify()
    assert len(kmock.unmet) == 1


def test_a_longer_reaction_can_not_contradict_the_shorter_one() -> None:
    kmock = RawHandler()
    rule = (kmock['/'] << 200).never() << b'body'
    with pytest.raises(ContradictionError):
        rule.once()


bounds = st.tuples(st.integers(0, 5), st.none() | st.integers(0, 5)).map(lambda pair: Bounds(*pair))


@given(bounds, bounds)
def test_bounds_contradict_each_other_if_no_number_is_as_both_say(one: Bounds, other: Bounds) -> None:
    possible = [bound for bound in (one, other) if bound.most is not None and bound.most < bound.least]
    if not possible:
        assert one.contradicts(other) == (not any(one.admits(n) and other.admits(n) for n in range(10)))


# ---- What is told ----


async def test_the_message_tells_what_came_and_what_came_nearest() -> None:
    async with RawHandler() as kmock:
        rule = kmock['get /hello'] << 200
        rule.times(2)
        await get(kmock, '/hello', '/heloo')
        await kmock.post('/hello')
        with pytest.raises(ExpectationError) as caught:
            kmock.verify()
        line = rule.location.lineno
        places = f'x.py:{line}, expected at x.py:{line + 1}'
        assert re.sub(r'[^ (]*' + HERE, 'x.py', str(caught.value)).splitlines() == [
            f"Expected exactly 2 requests, but only 1 came: kmock['get /hello'] << 200  ({places})",
            '  <Request 0: GET /hello>',
            '  The nearest of 2 others:',
            '    <Request 2: POST /hello>',
            '      ✗ method: POST != GET',
            '    <Request 1: GET /heloo>',
            "      ✗ path: '/heloo' != '/hello'",
        ]
        kmock.lenient = True


async def test_the_message_names_one_place_if_all_was_said_in_one_line() -> None:
    kmock = RawHandler()
    (kmock['/'] << 200).once()
    with pytest.raises(ExpectationError, match=rf'nothing came: .* << 200  \(\S*{HERE}:\d+\)\n  nothing came at all$'):
        kmock.verify()


async def test_the_message_tells_of_the_rule_that_served_instead() -> None:
    async with RawHandler() as kmock:
        (kmock['/a'] << 200).once()
        kmock['/a'].override << 404
        await get(kmock, '/a')
        with pytest.raises(ExpectationError, match=r"✗ it was served by another rule: kmock\['/a'\].override << 404"):
            kmock.verify()
        kmock.lenient = True


async def test_the_message_shows_the_requests_that_were_too_many() -> None:
    async with RawHandler() as kmock:
        kmock['/a'].never()
        await get(kmock, *[f'/a?{number}' for number in range(9)])
        with pytest.raises(ExpectationError) as caught:
            kmock.verify()
        lines = str(caught.value).splitlines()
        assert lines[0].startswith("Expected no request, but 9 came: kmock['/a']  (expected at ")
        assert lines[1:] == [
            *(f'  <Request {number}: GET /a?{number}>' for number in range(3)),
            '  … 5 more',
            '  <Request 8: GET /a?8>',
        ]
        kmock.lenient = True


async def test_all_unmet_expectations_are_listed() -> None:
    async with RawHandler() as kmock:
        kmock['/a'].once()
        kmock['/b'].once()
        kmock['/c'].once()
        await get(kmock, '/b')
        with pytest.raises(ExpectationError, match='2 expectations are not met') as caught:
            kmock.verify()
        assert [text.partition(':')[2].split()[0] for text in caught.value.unmet] == ["kmock['/a']", "kmock['/c']"]
        kmock.lenient = True


async def test_a_criterion_that_fails_is_told() -> None:
    class Fails(Criteria):
        def check(self, request: Request, /) -> bool:
            raise ValueError('boo')

    kmock = RawHandler()
    kmock << 200
    kmock[Fails()].once()
    await get(kmock, '/')
    with pytest.raises(ExpectationError, match=r'but nothing came(.|\n)*<Request 0: GET />\n      ✗ ValueError: boo'):
        kmock.verify()


# ---- Leaving ----


async def test_they_are_verified_when_the_outermost_context_is_left() -> None:
    async with RawHandler() as kmock:
        async with kmock:
            kmock['/'].once()
        assert kmock.active
        kmock.lenient = True

    other = RawHandler()
    other['/'].once()
    with pytest.raises(ExpectationError):
        async with other:
            await other.get('/other')


async def test_the_error_of_the_body_is_not_masked() -> None:
    kmock = RawHandler()
    kmock['/'].once()
    with pytest.raises(ZeroDivisionError):
        async with kmock:
            raise ZeroDivisionError


async def test_a_lenient_handler_stays_silent() -> None:
    async with RawHandler() as kmock:
        kmock['/'].once()
        kmock.lenient = True


async def test_they_are_raised_together_with_the_strict_errors() -> None:
    kmock = RawHandler(strict=True)
    kmock['/'] << (lambda: 1 / 0)
    kmock['/x'].once()
    with pytest.raises(ExceptionGroup) as caught:
        async with kmock:
            await get(kmock, '/')
    assert [type(exc) for exc in caught.value.exceptions] == [ZeroDivisionError, ExpectationError]


def test_an_unmet_expectation_is_an_assertion() -> None:
    assert issubclass(ExpectationError, AssertionError)


async def test_they_may_be_said_in_another_thread() -> None:
    async with RawHandler() as kmock:
        thread = threading.Thread(target=lambda: kmock['/'].once())
        thread.start()
        thread.join()
        with pytest.raises(ExpectationError):
            kmock.verify()
        kmock.lenient = True


SHOWN: dict[str, Callable[[Any], Any]] = {
    'expected exactly 1 request': lambda rule: rule.once(),
    'expected at least 1 request, expected at most 3 requests': lambda rule: rule.at_least(1).at_most(3),
    'expected no request': lambda rule: rule.never(),
    'strict': lambda rule: rule.strict(),
    'strict, must be used': lambda rule: rule.strict('all'),
    'not strict, optional': lambda rule: rule.strict(False),
    'optional': lambda rule: rule.optional(),
}


@pytest.mark.parametrize(('shown', 'expect'), SHOWN.items())
def test_the_representation_of_a_rule_shows_them(shown: str, expect: Callable[[Any], Any]) -> None:
    assert repr(expect(RawHandler()['/'] << 200)).endswith(f': 0 requests, {shown}>')


@pytest.mark.parametrize('count', ['1', 1.5, None, True], ids=repr)
async def test_what_is_no_number_of_requests_can_not_be_waited_for(count: Any) -> None:
    kmock = RawHandler()
    with pytest.raises(TypeError, match='has to be an int, not '):
        await kmock.wait(count)
    with pytest.raises(TypeError, match='has to be an int, not '):
        kmock.wait_sync(count)


async def test_what_is_no_time_can_not_be_waited() -> None:
    kmock, timeout = RawHandler(), cast('Any', '1s')
    with pytest.raises(TypeError, match="timeout='1s': type a number of seconds"):
        await kmock.wait(timeout=timeout)
    with pytest.raises(TypeError, match="timeout='1s': type a number of seconds"):
        kmock.wait_sync(timeout=timeout)
