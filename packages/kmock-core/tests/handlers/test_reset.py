"""`checkpoint` and `reset`: one handler for many tests, each of which finds it as if it were new."""

import asyncio
import itertools
import threading
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kmock_core import RawHandler, Request
from kmock_core.errors import (
    ExpectationError,
    FeedingError,
    ReactionMismatchError,
    UnmatchedRequestError,
    UnusedRuleError,
    WaitTimeoutError,
)
from kmock_core.testing import served


async def statuses(handler: RawHandler, *targets: str) -> list[int]:
    return [(await handler.get(target)).status for target in targets]


async def test_the_requests_are_forgotten_and_numbered_anew() -> None:
    async with RawHandler() as kmock:
        kmock['/'] << 200
        await statuses(kmock, '/', '/unmatched')
        kmock.reset()
        assert (len(kmock), kmock.requests, kmock.unmatched, kmock.errors) == (0, [], [], [])
        await statuses(kmock, '/one')
        assert [request.id for request in kmock] == [0]
        assert [request.path for request in kmock.unmatched] == ['/one']


async def test_the_rules_are_forgotten() -> None:
    async with RawHandler() as kmock:
        kmock['/'] << 200
        kmock << 201
        kmock.reset()
        assert kmock.rules == []
        assert await statuses(kmock, '/') == [500]


async def test_the_rules_before_the_checkpoint_last() -> None:
    async with RawHandler() as kmock:
        rule = kmock['/'] << 200
        kmock.checkpoint()
        kmock['/'].override << 299
        kmock['/other'] << 298
        assert await statuses(kmock, '/', '/other') == [299, 298]
        kmock.reset()
        assert kmock.rules == [rule]
        assert await statuses(kmock, '/', '/other') == [200, 500]
        assert len(rule) == 1


async def test_a_later_checkpoint_lets_more_last() -> None:
    async with RawHandler() as kmock:
        kmock['/1'] << 201
        kmock.checkpoint()
        kmock['/2'] << 202
        kmock.checkpoint()
        kmock['/3'] << 203
        kmock.reset()
        assert await statuses(kmock, '/1', '/2', '/3') == [201, 202, 500]


async def test_a_rule_that_was_extended_goes_back() -> None:
    async with RawHandler() as kmock:
        short = kmock['/'] << 200
        kmock.checkpoint()
        longer = short << {'X-A': '1'}
        longest = longer << b'body'
        kmock.reset()
        response = await kmock.get('/')
        assert (response.headers.get('X-A'), await response.read()) == (None, b'')
        assert len(short) == 1
        with pytest.raises(ReactionMismatchError, match='replaced'):
            longest << 201


async def test_a_rule_that_was_extended_before_the_checkpoint_stays_so() -> None:
    async with RawHandler() as kmock:
        (kmock['/'] << 200) << b'body'
        kmock.checkpoint()
        kmock.reset()
        assert await (await kmock.get('/')).read() == b'body'


async def test_a_forgotten_rule_can_be_looked_at_but_not_be_changed() -> None:
    async with RawHandler() as kmock:
        rule = kmock['/'] << 200
        await statuses(kmock, '/')
        kmock.reset()
        assert (len(rule), list(rule), rule.served) == (0, [], [])
        assert 'forgotten by reset()' in repr(rule)
        changes: list[Callable[[], Any]] = [lambda: rule << 201, lambda: rule.times(2), rule.strict, rule.optional]
        for change in changes:
            with pytest.raises(ReactionMismatchError, match=r'was forgotten by reset\(\): .* at .*test_reset.py:\d+'):
                change()


def _asked(request: Request) -> bool:
    return request.path == '/a'


VIEWS: dict[str, Callable[[RawHandler], Any]] = {
    'filter': lambda kmock: kmock['/a'],
    'filter of filter': lambda kmock: kmock['get']['/a'],
    'function': lambda kmock: kmock[_asked],
    'function of a slice': lambda kmock: kmock[:5][_asked],
    'slice': lambda kmock: kmock['/a'][:1],
    'slice from the end': lambda kmock: kmock['/a'][-1:],
    'filter of a slice from the end': lambda kmock: kmock[-1:]['/a'],
    'priority': lambda kmock: kmock['/a'].override,
    'union': lambda kmock: kmock['/a'] | kmock['post'],
    'intersection': lambda kmock: kmock['/a'] & kmock['get'],
    'exclusion': lambda kmock: ~kmock['/b'],
    'spy': lambda kmock: kmock['/a'] << None,
}


@pytest.mark.parametrize('make', VIEWS.values(), ids=list(VIEWS))
async def test_an_old_view_is_empty_and_goes_on(make: Callable[[RawHandler], Any]) -> None:
    async with RawHandler() as kmock:
        view = make(kmock)
        kmock.checkpoint()
        kmock << 200
        await statuses(kmock, '/a', '/a', '/b', '/a')
        assert len(view) > 0
        kmock.reset()
        assert (len(view), list(view), bool(view)) == (0, [], False)
        kmock << 200
        await statuses(kmock, '/b', '/b', '/a')
        assert [request.id for request in view] == [2]


@pytest.mark.parametrize('make', VIEWS.values(), ids=list(VIEWS))
async def test_an_old_view_that_nobody_has_looked_at_before_goes_on(make: Callable[[RawHandler], Any]) -> None:
    async with RawHandler() as kmock:
        view = make(kmock)
        kmock.checkpoint()
        kmock << 200
        await statuses(kmock, '/a', '/b')
        kmock.reset()
        kmock << 200
        await statuses(kmock, '/b', '/b', '/a')
        assert [request.id for request in view] == [2]


async def test_the_positions_of_a_lasting_rule_on_a_slice_are_counted_anew() -> None:
    async with RawHandler() as kmock:
        kmock['get', :1] << 201
        kmock << 200
        kmock.checkpoint()
        for _ in range(3):
            assert await statuses(kmock, '/', '/') == [201, 200]
            kmock.reset()


async def test_old_requests_stay_readable() -> None:
    async with RawHandler() as kmock:
        kmock['/{name}'] << 200
        await kmock.post('/one?a=b', json={'n': 1})
        request = kmock[0]
        kmock.reset()
        await statuses(kmock, '/two')
        assert (request.path, request.params['a'], request.data, request.path_params) == (
            '/one', 'b', {'n': 1}, {'name': 'one'},
        )  # fmt: skip
        assert kmock[0] is not request
        assert request not in kmock
        assert kmock.served_by(request) is None


async def test_an_iterator_that_was_consumed_stays_so() -> None:
    async with RawHandler() as kmock:
        kmock['/'] << iter([b'once'])
        kmock['/'] << 404
        kmock.checkpoint()
        assert await statuses(kmock, '/', '/') == [200, 404]
        kmock.reset()
        assert await statuses(kmock, '/') == [404]


async def test_a_depleted_rule_is_asked_again() -> None:
    turns = itertools.cycle([200, None])

    def answer() -> int:
        turn = next(turns)
        if turn is None:
            raise StopIteration
        return turn

    async with RawHandler() as kmock:
        rule = kmock['/'] << answer
        kmock << 404
        kmock.checkpoint()
        assert await statuses(kmock, '/', '/', '/') == [200, 404, 404]
        kmock.reset()
        assert not rule.exhausted
        assert await statuses(kmock, '/', '/') == [200, 404]


# ---- Settings ----


async def test_the_settings_of_the_checkpoint_come_back() -> None:
    async with RawHandler(limit=5, strict='unmatched') as kmock:
        kmock.checkpoint()
        kmock.limit, kmock.strict, kmock.lenient = None, False, True
        kmock.reset()
        settings: tuple[Any, ...] = (kmock.limit, kmock.strict, kmock.lenient)
        assert settings == (5, 'unmatched', False)


async def test_the_settings_stay_without_a_checkpoint_but_leniency_ends() -> None:
    async with RawHandler(limit=5) as kmock:
        kmock.limit, kmock.strict, kmock.lenient = 3, True, True
        kmock.reset()
        assert (kmock.limit, kmock.strict, kmock.lenient) == (3, True, False)


async def test_leniency_does_not_come_back_with_a_checkpoint_that_was_made_after_a_failure() -> None:
    async with RawHandler() as kmock:
        kmock.lenient = True
        kmock.checkpoint()
        kmock.reset()
        assert not kmock.lenient


async def test_the_limit_is_that_of_each_stretch() -> None:
    async with RawHandler(limit=2) as kmock:
        for _ in range(3):
            kmock << 200
            assert await statuses(kmock, '/', '/', '/') == [200, 200, 500]
            kmock.reset()


async def test_what_a_lasting_rule_demands_after_the_checkpoint_is_undone() -> None:
    async with RawHandler() as kmock:
        rule = kmock['/'] << ValueError('expected')
        kmock.checkpoint()
        rule.strict().never()
        assert 'expected no request, strict' in repr(rule)
        kmock.lenient = True
        kmock.reset()
        assert repr(rule).endswith(': 0 requests>')
        await statuses(kmock, '/')


# ---- What is raised ----


async def test_expectations_are_verified_and_forgotten() -> None:
    async with RawHandler() as kmock:
        kmock['/x'].once()
        (kmock['/y'] << 200).once()
        with pytest.raises(ExpectationError, match=r"2 expectations (.|\n)*kmock\['/x'\](.|\n)*kmock\['/y'\]"):
            kmock.reset()
        assert (len(kmock), kmock.rules) == (0, [])
        kmock.reset()


async def test_lasting_expectations_are_verified_in_each_stretch_with_requests() -> None:
    async with RawHandler() as kmock:
        (kmock['/login'] << 200).once()
        kmock << 404
        kmock.checkpoint()
        await statuses(kmock, '/login')
        kmock.reset()
        await statuses(kmock, '/other')
        with pytest.raises(ExpectationError):
            kmock.reset()
        kmock.reset()


async def test_lasting_expectations_are_verified_at_the_end_if_there_was_no_reset() -> None:
    kmock = RawHandler()
    kmock['/login'].once()
    kmock.checkpoint()
    with pytest.raises(ExpectationError):
        async with kmock:
            await kmock.get('/other')


async def test_strict_errors_are_raised_and_forgotten() -> None:
    async with RawHandler(strict=True) as kmock:
        await statuses(kmock, '/')
        with pytest.raises(UnmatchedRequestError):
            kmock.reset()
        assert kmock.errors == []


async def test_all_failures_are_raised_together() -> None:
    async with RawHandler(strict='all') as kmock:
        kmock['/x'].once()
        kmock['/y'] << 200
        await statuses(kmock, '/')
        with pytest.raises(ExceptionGroup) as caught:
            kmock.reset()
        assert [type(exc) for exc in caught.value.exceptions] == [
            UnmatchedRequestError, ExpectationError, UnusedRuleError,
        ]  # fmt: skip
        assert kmock.failures == []


async def test_a_lenient_handler_raises_nothing() -> None:
    async with RawHandler(strict='all') as kmock:
        kmock['/x'].once()
        kmock['/y'] << 200
        await statuses(kmock, '/')
        kmock.lenient = True
        kmock.reset()


async def test_a_lasting_rule_has_to_be_used_in_any_stretch_not_in_each() -> None:
    async with RawHandler(strict='all') as kmock:
        kmock['/'] << 200
        kmock.checkpoint()
        kmock.reset()
        await statuses(kmock, '/')
        kmock.reset()


async def test_a_lasting_rule_that_was_never_used_is_raised_at_the_end() -> None:
    kmock = RawHandler(strict='all')
    kmock['/'] << 200
    kmock.checkpoint()
    with pytest.raises(UnusedRuleError):
        async with kmock:
            kmock.reset()


async def test_within_an_inner_context_only_its_errors_are_forgotten() -> None:
    async with RawHandler() as kmock:
        await statuses(kmock, '/outer')
        async with kmock:
            await statuses(kmock, '/inner')
            kmock.reset()
            assert kmock.errors == []
        assert len(kmock.errors) == 1


# ---- Streams and requests under way ----


PENDING: dict[str, Callable[[], Any]] = {
    'a feeding point': lambda: ...,
    'an event': lambda: asyncio.Event(),
    'a future': lambda: asyncio.get_running_loop().create_future(),
    'an event of threads': threading.Event,
    'a coroutine function': lambda: _sleep_for_ever,
    'an async generator': lambda: _yield_after_ever,
}


async def _sleep_for_ever() -> None:
    await asyncio.Event().wait()


async def _yield_after_ever() -> Any:
    await asyncio.Event().wait()
    yield b'never'


@pytest.mark.parametrize('make', PENDING.values(), ids=list(PENDING))
async def test_a_stream_ends_whatever_it_waits_for(transport: str, make: Callable[[], Any]) -> None:
    async with served(transport) as handler:
        handler << (b'a', make(), b'z')
        response = await handler.get('/')
        assert await response.content.readexactly(1) == b'a'
        await asyncio.sleep(0)
        handler.reset()
        assert (len(handler[...]), len(handler)) == (0, 0)
        assert await response.read() in (b'', b'a')
        assert handler.errors == []


async def test_a_stream_ends_when_another_thread_resets(transport: str) -> None:
    async with served(transport) as handler:
        handler << (b'a', ..., b'z')
        responses = [await handler.get('/') for _ in range(3)]
        await handler[...].wait(3)
        await asyncio.to_thread(handler.reset)
        assert [await response.read() for response in responses] == [b'a'] * 3


async def test_a_stream_that_never_waits_ends_too(transport: str) -> None:
    async with served(transport) as handler:
        handler << (lambda: (b'x' * 100_000 for _ in itertools.count()))
        response = await handler.get('/')
        await response.content.readexactly(1)
        handler.reset()
        while await response.content.read(1_000_000):
            pass
        assert handler.errors == []


async def test_a_request_without_an_answer_yet_is_answered_that_it_was_forgotten(transport: str) -> None:
    async with served(transport) as handler:
        handler << ...

        async def get() -> Any:
            return await handler.get('/')

        call = asyncio.ensure_future(get())
        await handler[...].wait()
        handler.reset()
        response = await call
        assert response.status == 500
        assert 'was forgotten by reset()' in await response.text()
        assert handler.errors == []


async def test_a_request_that_is_served_meanwhile_leaves_no_trace() -> None:
    going, gone = asyncio.Event(), asyncio.Event()

    async def answer() -> bytes:
        going.set()
        await gone.wait()
        raise ValueError('too late')

    async with RawHandler(strict=True) as kmock:
        rule = kmock['/'] << answer
        kmock.checkpoint()

        async def get() -> Any:
            return await kmock.get('/')

        call = asyncio.ensure_future(get())
        await going.wait()
        kmock.reset()
        kmock['/new'] << 200
        await statuses(kmock, '/new')
        gone.set()
        assert (await call).status == 500
        assert (len(rule), kmock.errors, len(kmock)) == (0, [], 1)
        served_by = kmock.served_by(kmock[0])
        assert served_by is not None
        assert served_by.describe() == "kmock['/new'] << 200"


async def test_a_criterion_that_decides_meanwhile_leaves_no_trace() -> None:
    going, gone = asyncio.Event(), asyncio.Event()

    async def judge() -> bool:
        going.set()
        await gone.wait()
        return True

    async with RawHandler() as kmock:
        view = kmock[judge]
        kmock << 200

        async def get() -> Any:
            return await kmock.get('/')

        call = asyncio.ensure_future(get())
        await going.wait()
        kmock.reset()
        gone.set()
        await call
        assert len(view) == 0


async def test_a_kept_batch_is_not_continued_in_another_stretch(transport: str) -> None:
    async with served(transport) as handler:
        handler << (b'a', ..., b'z')
        response = await handler.get('/')
        await handler[...].wait()
        batch = handler[...]
        batch << b'lost'
        handler.reset()
        assert await response.read() == b'a'
        handler << (b'b', ..., b'z')
        response = await handler.get('/')
        await handler[...].wait()
        batch << b'1'
        assert await response.read() == b'b1z'
        with pytest.raises(FeedingError):
            batch << b'2'


# ---- Waiting ----


async def test_who_waits_goes_on_to_wait_for_new_requests() -> None:
    async with RawHandler() as kmock:
        view = kmock['/a']
        kmock.checkpoint()
        waiting = asyncio.ensure_future(view.wait(2))
        await statuses(kmock, '/a')
        kmock.reset()
        await statuses(kmock, '/a')
        await asyncio.sleep(0)
        assert not waiting.done()
        await statuses(kmock, '/a')
        assert [request.id for request in await waiting] == [0, 1]


async def test_waiting_in_vain_tells_of_the_new_requests_only() -> None:
    async with RawHandler() as kmock:
        await statuses(kmock, '/old')
        kmock.reset()
        await statuses(kmock, '/new')
        with pytest.raises(WaitTimeoutError) as caught:
            await kmock['/a'].wait(timeout=0)
        assert '/new' in str(caught.value)
        assert '/old' not in str(caught.value)


# ---- Like a new one ----

ACTIONS = st.lists(
    st.one_of(
        st.tuples(st.just('get'), st.sampled_from(['/a', '/b', '/c'])),
        st.tuples(st.just('rule'), st.sampled_from(['/a', '/b', None]), st.sampled_from([200, 404, None, b'x'])),
        st.tuples(st.just('extend'), st.integers(0, 3), st.sampled_from([b'more', None, 'text'])),
        st.tuples(st.just('slice'), st.sampled_from([slice(1), slice(1, None), slice(-1, None)])),
        st.tuples(st.just('function'), st.sampled_from(['/a', '/b'])),
        st.tuples(st.just('once'), st.sampled_from([iter, list])),
    ),
    max_size=12,
)


def _is_for(path: str) -> Callable[[Request], bool]:
    return lambda request: request.path == path


async def _act(kmock: RawHandler, actions: list[Any]) -> list[Any]:
    seen: list[Any] = []
    rules: list[Any] = []
    for action in actions:
        match action:
            case ('get', target):
                response = await kmock.get(target)
                seen.append((response.status, dict(response.headers), (await response.read())[:5]))
            case ('rule', path, payload):
                rules.append(kmock[path] << payload)
            case ('extend', position, payload) if position < len(rules):
                rules[position] = rules[position] << payload
            case ('slice', part):
                rules.append(kmock['get', part] << 299)
            case ('function', path):
                rules.append(kmock[_is_for(path)] << 298)
            case ('once', make):
                rules.append(kmock['/c'] << make(['1']))
            case _:
                pass
    for part in (slice(None), slice(1), slice(-1, None)):
        seen += [[request.id for request in view[part]] for view in (kmock, kmock['/a'], kmock['/a'] | kmock['/b'])]
    seen += [[request.id for request in rule] for rule in rules]
    seen.append([request.id for request in kmock.unmatched])
    seen.append(len(kmock.errors))
    seen.append(len(kmock.unused))
    return seen


@given(lasting=ACTIONS, before=ACTIONS, after=ACTIONS)
async def test_a_handler_after_a_reset_behaves_as_a_new_one(
    lasting: list[Any], before: list[Any], after: list[Any]
) -> None:
    settled = [action for action in lasting if action[0] not in ('get', 'once')]  # iterators can not be rewound
    async with RawHandler() as kmock, RawHandler() as new:
        await _act(kmock, settled)
        await _act(new, settled)
        kmock.checkpoint()
        views = [kmock['/a'], kmock['get', :1], kmock[_asked], kmock[-1:]['/a']]
        await _act(kmock, before)
        kmock.reset()
        assert [len(view) for view in views] == [0] * 4
        seen = await _act(kmock, after)
        assert seen == await _act(new, after)
        fresh = [kmock['/a'], kmock['get', :1], kmock['/a'], kmock[-1:]['/a']]
        assert [list(view) for view in views] == [list(view) for view in fresh]


# ---- Threads and time ----


async def test_other_threads_may_reset_while_requests_are_served() -> None:
    stop = threading.Event()

    async with RawHandler() as kmock:
        view = kmock['/a']
        kmock['/a'] << 200
        kmock['/b'] << (lambda: 201)
        kmock.checkpoint()

        def reset() -> None:
            while not stop.is_set():
                kmock['/c'] << 202
                assert len(view) <= len(kmock) + 1
                kmock.reset()

        async def get() -> None:
            for _ in range(100):
                assert set(await statuses(kmock, '/a', '/b')) <= {200, 201}

        resetting = asyncio.ensure_future(asyncio.to_thread(reset))
        try:
            await asyncio.gather(*[get() for _ in range(4)])
        finally:
            stop.set()
            await resetting
        kmock.reset()
        assert (len(kmock), len(view), len(kmock.rules)) == (0, 0, 2)
