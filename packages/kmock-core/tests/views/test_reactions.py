"""Reactions: rules as the test holds them, and as sequences of the requests that they have served."""

import asyncio
import inspect
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from kmock_core import KMockError, RawHandler, Reaction, ReactionMismatchError, Request, View
from kmock_core.errors import UnmatchedRequestError, UnsupportedPayloadError, UnsupportedSinkError

HERE = Path(__file__).name


def ids(view: View[Request]) -> list[int]:
    return [request.id for request in view]


async def answers(kmock: RawHandler, *targets: str) -> list[str]:
    return [await (await kmock.get(target)).text() for target in targets]


def this_line() -> int:
    return inspect.stack()[1].lineno


# ---- Sequences of what was served. ----


async def test_a_reaction_has_the_requests_that_it_has_served_and_no_other() -> None:
    async with RawHandler(strict=True) as kmock:
        first = kmock['get /'] << b'1'
        second = kmock['/'] << b'2'
        await kmock.get()
        await kmock.post()
        await kmock.get()
        assert ids(first) == [0, 2]
        assert ids(second) == [1]
        assert (len(first), bool(first), first[0], first[-1]) == (2, True, kmock[0], kmock[2])
        assert list(reversed(first)) == [kmock[2], kmock[0]]
        assert [request async for request in first] == first.requests == [kmock[0], kmock[2]]
        assert kmock[0] in first
        assert kmock[1] not in first


async def test_a_reaction_that_has_served_nothing_is_empty() -> None:
    async with RawHandler(strict=True) as kmock:
        kmock << b'all'
        late = kmock['get'] << b'late'
        await kmock.get()
        assert len(late) == 0
        assert not late
        assert kmock.unused == [late]


async def test_reactions_are_views_of_what_they_have_served() -> None:
    async with RawHandler(strict=True) as kmock:
        first = kmock['get'] << b'1'
        second = kmock << b'2'
        for verb, target in [('GET', '/x'), ('POST', '/x'), ('GET', '/y'), ('GET', '/x')]:
            await kmock.request(verb, target)
        assert ids(first['/x']) == [0, 3]
        assert ids(first[1:]) == [2, 3]
        assert ids(first['/x', 1:]) == [3]
        assert ids(first | second) == [0, 1, 2, 3]
        assert ids(first & kmock['/x']) == [0, 3]
        assert ids(kmock['/x'] - first) == [1]
        assert ids(~first) == [1]


async def test_a_spy_sees_every_request() -> None:
    async with RawHandler(strict=True) as kmock:
        spy = kmock['get'] << None
        kmock << b'1'
        assert await answers(kmock, '/a', '/b', '/c') == ['1', '1', '1']
        await kmock.post()
        assert ids(spy) == [0, 1, 2]


async def test_many_spies_and_effects_see_every_request() -> None:
    async with RawHandler(strict=True) as kmock:
        seen: list[Request] = []
        spies = [kmock << None, kmock.override << None, kmock['get'] >> seen, kmock << None << None, kmock >> None]
        kmock << b'1'
        assert await answers(kmock, '/', '/') == ['1', '1']
        assert [len(spy) for spy in spies] == [2, 2, 2, 2, 2]
        assert seen == [kmock[0], kmock[1]]


async def test_a_spy_behind_the_rule_that_answers_sees_nothing() -> None:
    async with RawHandler(strict=True) as kmock:
        kmock << b'1'
        spy = kmock['get'] << None
        await kmock.get()
        assert len(spy) == 0


async def test_a_spy_alone_does_not_answer() -> None:
    async with RawHandler() as kmock:
        spy = kmock['get'] << None
        assert (await kmock.get()).status == 500
        assert len(spy) == 1
        assert kmock.unmatched == [kmock[0]]


async def test_a_rule_in_the_middle_of_serving_has_the_request_already() -> None:
    async with RawHandler(strict=True) as kmock:
        sizes: list[int] = []
        rules: list[View[Request]] = []

        def answer() -> bytes:
            sizes.append(len(rules[0]))
            return b'1'

        rules += [kmock['/x'] << answer]
        assert await answers(kmock, '/x', '/x') == ['1', '1']
        assert sizes == [1, 2]


async def test_requests_that_are_served_slowly_are_counted_for_their_rules() -> None:
    async with RawHandler(strict=True) as kmock:
        proceed = asyncio.Event()

        async def slowly() -> bytes:
            await proceed.wait()
            return b'slow'

        slow, fast = kmock['/slow'] << slowly, kmock['/fast'] << b'fast'
        task = asyncio.create_task(answers(kmock, '/slow'))
        await slow.wait()
        assert await answers(kmock, '/fast') == ['fast']
        proceed.set()
        assert await task == ['slow']
        assert (ids(slow), ids(fast)) == ([0], [1])


# ---- Replacing a reaction by a longer one. ----


def using_it() -> list[Callable[[Any], Any]]:
    return [
        len, bool, list, lambda r: r[0], lambda r: r[-1], lambda r: reversed(r), lambda r: Request() in r,
        lambda r: r.requests, lambda r: r == [], lambda r: r << b'x', lambda r: r >> [], lambda r: b'x' >> r,
        lambda r: [] << r, lambda r: r.respond(b'x'), lambda r: r.effect([]),
        lambda r: len(r['/x']), lambda r: len(r[:1]),
        lambda r: len(r | r), lambda r: len(~r),
    ]  # fmt: skip


EXTENSIONS: list[Callable[[Any], Any]] = [
    lambda r: r << b'more',
    lambda r: r >> [],
    lambda r: r << None,
    lambda r: r << 201,
]


@pytest.mark.parametrize('use', using_it())
@pytest.mark.parametrize('extend', EXTENSIONS)
async def test_using_a_reaction_that_was_replaced_is_an_error(
    extend: Callable[[Any], Any], use: Callable[[Any], Any]
) -> None:
    async with RawHandler(strict=True) as kmock:
        old = kmock['/x'] << b'body'
        await kmock.get('/x')
        extend(old)
        with pytest.raises(ReactionMismatchError, match='This reaction was replaced by a longer one: ') as caught:
            use(old)
        assert isinstance(caught.value, RuntimeError)
        assert f'{HERE}:' in str(caught.value)
        assert 'keep the result of the last << or >>' in str(caught.value)


async def test_a_replaced_reaction_can_still_be_shown() -> None:
    kmock = RawHandler()
    old = kmock['/x'] << b'body'
    longer = old << b'more'
    assert repr(old).endswith(': replaced>')
    assert repr(longer).endswith(': 0 requests>')
    assert (old.active, longer.active) == (False, True)


async def test_a_longer_reaction_takes_the_place_of_the_shorter_one() -> None:
    async with RawHandler(strict=True) as kmock:
        first = kmock['get'] << b'a'
        second = kmock << b'second'
        longer = first << b'b'
        assert await answers(kmock, '/', '/') == ['ab', 'ab']
        assert (len(longer), len(second)) == (2, 0)
        assert len(kmock.rules) == 2
        assert kmock.rules[0] is longer
        assert kmock.rules[1] is second


async def test_a_longer_reaction_counts_from_the_beginning() -> None:
    async with RawHandler(strict=True) as kmock:
        rule = kmock << b'a'
        await answers(kmock, '/')
        rule = rule << b'b'
        assert len(rule) == 0
        assert kmock.unused == [rule]
        assert await answers(kmock, '/') == ['ab']
        assert ids(rule) == [1]


async def test_a_depleted_reaction_answers_again_when_it_is_replaced() -> None:
    async with RawHandler(strict=True) as kmock:
        rule = kmock << iter([b'once'])
        kmock.fallback << b'other'
        assert await answers(kmock, '/', '/') == ['once', 'other']
        rule = rule << b'more'
        assert await answers(kmock, '/') == ['more']


async def test_a_shorter_reaction_that_failed_to_become_longer_stays() -> None:
    async with RawHandler(strict=True) as kmock:
        rule: Any = kmock << b'a'
        with pytest.raises(UnsupportedPayloadError):
            rule << {1, 2}
        with pytest.raises(UnsupportedSinkError):
            rule >> object()
        assert await answers(kmock, '/') == ['a']
        assert len(rule) == 1


# ---- The words and the directions. ----


DIRECTIONS: list[Callable[[Any], Reaction[Request]]] = [
    lambda view: view << 201 << b'body',
    lambda view: (view << b'body') << 201,
    lambda view: b'body' >> (201 >> view),
    lambda view: view.respond(201, b'body'),
    lambda view: view.respond(201).respond(b'body'),
    lambda view: view.respond() << 201 << b'body',
    lambda view: (view >> []) << 201 << b'body',
    lambda view: ([] << view) << 201 << b'body',
    lambda view: view.effect([], set()).respond(201, b'body'),
]


@pytest.mark.parametrize(
    'define',
    DIRECTIONS,
)
async def test_all_directions_and_synonyms_mean_the_same(define: Callable[[View[Request]], Reaction[Request]]) -> None:
    async with RawHandler(strict=True) as kmock:
        rule = define(kmock['get'])
        response = await kmock.get()
        assert (response.status, await response.read()) == (201, b'body')
        assert isinstance(rule, Reaction)
        assert len(rule) == 1
        assert len(kmock.rules) == 1


async def test_rules_are_made_before_the_handler_is_entered() -> None:
    kmock = RawHandler(strict=True)
    rule = kmock << b'1'
    async with kmock:
        assert await answers(kmock, '/') == ['1']
        assert len(rule) == 1


async def test_rules_stay_when_a_handler_is_entered_again() -> None:
    kmock = RawHandler(strict=True)
    rule = kmock << b'1'
    for _ in range(2):
        async with kmock:
            assert await answers(kmock, '/') == ['1']
    assert len(rule) == len(kmock) == 2


def test_a_view_is_neither_a_payload_nor_a_sink() -> None:
    kmock: Any = RawHandler()
    with pytest.raises(UnsupportedPayloadError, match=r"kmock\['post'\] is a view of requests"):
        kmock['get'] << kmock['post']
    with pytest.raises(UnsupportedSinkError):
        kmock['get'] >> kmock['post']
    assert kmock.rules == []


SERVED: list[Callable[[Any], Any]] = [
    lambda rule: rule['/x'],
    lambda rule: rule[:1],
    lambda rule: rule**5,
    lambda rule: rule.override['/x'],
    lambda rule: rule | rule,
    lambda rule: rule['/x'] & rule,
    lambda rule: ~rule['/x'],
    lambda rule: rule[...]['/x'],
]


@pytest.mark.parametrize(
    'make',
    SERVED,
)
def test_what_was_served_by_a_rule_can_have_no_rules(make: Callable[[Any], Any]) -> None:
    kmock = RawHandler()
    rule = kmock['get'] << b'1'
    with pytest.raises(KMockError, match='can have no reactions of its own: make the rule on '):
        make(rule) << b'2'
    assert len(kmock.rules) == 1


# ---- Stepping aside. ----


def once() -> Iterator[bytes]:
    yield b'mine'


async def once_async() -> AsyncIterator[bytes]:
    yield b'mine'


def mine_once(end: Callable[[], Any]) -> Callable[[], Any]:
    """A callable that answers once, and then does what it is told."""
    items = iter([b'mine'])

    def answer() -> Any:
        for item in items:
            return item
        return end()

    return answer


def throw(exc: type[BaseException]) -> Callable[[], Any]:
    def end() -> Any:
        raise exc

    return end


@pytest.mark.parametrize(
    'make',
    [
        lambda: iter([b'mine']),
        lambda: (x for x in [b'mine']),
        lambda: once(),
        lambda: once_async(),
        lambda: mine_once(lambda: next(iter(()))),
        lambda: mine_once(throw(StopIteration)),
        lambda: mine_once(throw(StopAsyncIteration)),
        lambda: mine_once(lambda: StopIteration),
        lambda: mine_once(lambda: StopAsyncIteration()),
    ],
)
async def test_a_rule_that_is_depleted_steps_aside_for_good(make: Callable[[], Any]) -> None:
    async with RawHandler(strict=True) as kmock:
        rule = kmock['get'] << make()
        other = kmock << b'next'
        assert await answers(kmock, '/', '/', '/') == ['mine', 'next', 'next']
        assert (ids(rule), ids(other)) == ([0], [1, 2])
        assert rule.exhausted


@pytest.mark.parametrize('payload', [StopIteration, StopAsyncIteration, StopIteration('x'), StopAsyncIteration()])
async def test_a_rule_that_is_depleted_from_the_start_never_serves(payload: Any) -> None:
    async with RawHandler(strict=True) as kmock:
        rule = kmock['get'] << payload
        kmock << b'next'
        assert await answers(kmock, '/', '/') == ['next', 'next']
        assert len(rule) == 0


async def _none() -> None:
    return None


@pytest.mark.parametrize('decline', [lambda: None, lambda: NotImplemented, _none, lambda: lambda: None])
async def test_a_rule_that_declines_stays(decline: Callable[[], Any]) -> None:
    async with RawHandler(strict=True) as kmock:

        def answer(request: Request) -> Any:
            return b'mine' if request.path == '/mine' else decline()

        rule = kmock << answer
        other = kmock << b'next'
        assert await answers(kmock, '/', '/mine', '/', '/mine') == ['next', 'mine', 'next', 'mine']
        assert (ids(rule), ids(other)) == ([1, 3], [0, 2])
        assert not rule.exhausted


@pytest.mark.parametrize('payload', [NotImplemented, lambda: None, lambda: NotImplemented])
async def test_a_rule_that_always_declines_has_no_requests(payload: Any) -> None:
    async with RawHandler() as kmock:
        rule = kmock << payload
        assert (await kmock.get()).status == 500
        assert len(rule) == 0
        assert kmock.unmatched == [kmock[0]]


@pytest.mark.parametrize('payload', [(), (None,), (None, ()), (lambda: None,), (None, iter(()))])
async def test_a_stream_without_chunks_passes_the_request_on_each_time(payload: Any) -> None:
    async with RawHandler(strict=True) as kmock:
        kmock << payload
        kmock << b'next'
        assert await answers(kmock, '/', '/', '/') == ['next', 'next', 'next']


async def test_rules_step_aside_in_their_order() -> None:
    async with RawHandler(strict=True) as kmock:
        spy = kmock << None
        one = kmock << iter([b'1'])
        two = kmock['get'] << iter([b'2'])
        kmock.fallback << b'fallback'
        zero = kmock.override << iter([b'0'])
        assert await answers(kmock, '/', '/', '/', '/') == ['0', '1', '2', 'fallback']
        assert [ids(rule) for rule in (spy, zero, one, two)] == [[1, 2, 3], [0], [1], [2]]


async def test_requests_at_the_same_time_share_an_iterator_without_losing_anything() -> None:
    async with RawHandler(strict=True) as kmock:
        proceed = asyncio.Event()

        async def slowly() -> AsyncIterator[bytes]:
            await proceed.wait()
            yield b'mine'

        rule = kmock << slowly()
        kmock << b'next'
        first = asyncio.create_task(answers(kmock, '/'))
        await kmock.wait()
        second = asyncio.create_task(answers(kmock, '/'))
        assert await second == ['next']
        proceed.set()
        assert await first == ['mine']
        assert ids(rule) == [0]


async def test_a_rule_that_fails_answers_with_its_error_and_stays() -> None:
    async with RawHandler() as kmock:
        rule = kmock['get'] << ValueError('boo')
        kmock << b'next'
        for _ in range(2):
            response = await kmock.get()
            assert (response.status, 'ValueError: boo' in await response.text()) == (500, True)
        assert len(kmock.errors) == len(rule) == 2
        assert kmock.unmatched == []


# ---- Who served what, and what is left over. ----


async def test_the_rule_that_served_a_request_is_known() -> None:
    async with RawHandler() as kmock:
        spy = kmock << None
        failing = kmock['/failing'] << ValueError('boo')
        rule = kmock['/known'] << 200
        kmock['/declined'] << (lambda: None)
        for target in ('/known', '/failing', '/unknown', '/declined'):
            await kmock.get(target)
        served_by = [kmock.served_by(request) for request in kmock]
        assert served_by[0] is rule
        assert served_by[1] is failing
        assert served_by[2:] == [None, None]
        assert len(spy) == 4


async def test_unused_rules_are_listed_in_the_order_of_their_definition() -> None:
    async with RawHandler() as kmock:
        first = kmock.fallback['/first'] << b'1'
        used = kmock['/used'] << b'2'
        third = kmock.override['/third'] >> []
        spy = kmock['/used'] << None
        await kmock.get('/used')
        assert [id(rule) for rule in kmock.unused] == [id(first), id(third), id(spy)]
        assert len(used) == 1


async def test_unmatched_requests_are_listed_in_the_order_of_arrival() -> None:
    async with RawHandler() as kmock:
        kmock['/known'] << 200
        for target in ('/a', '/known', '/b'):
            await kmock.get(target)
        assert kmock.unmatched == [kmock[0], kmock[2]]
        assert [type(error) for error in kmock.errors] == [UnmatchedRequestError] * 2


# ---- Where it was defined, and how it is shown. ----


def test_a_rule_remembers_where_it_was_defined() -> None:
    kmock = RawHandler()
    rule, line = kmock['get'] << b'1', this_line()
    assert rule.location == (str(Path(__file__)), line)
    assert str(rule.location).endswith(f'{HERE}:{line}')


DEFINITIONS: list[Callable[[Any], tuple[Reaction[Request], int]]] = [
    lambda view: (view >> [], this_line()),
    lambda view: ([] << view, this_line()),
    lambda view: (b'1' >> view, this_line()),
    lambda view: (view.respond(b'1'), this_line()),
    lambda view: (view.effect([]), this_line()),
    lambda view: (view.respond(b'1').effect([]) << None, this_line()),
]


@pytest.mark.parametrize(
    'define',
    DEFINITIONS,
)
def test_each_way_to_define_a_rule_remembers_the_line(define: Callable[[Any], tuple[Reaction[Request], int]]) -> None:
    rule, line = define(RawHandler()['get'])
    assert rule.location.lineno == line
    assert Path(rule.location.filename).name == HERE


def test_a_longer_reaction_is_where_it_began() -> None:
    kmock = RawHandler()
    rule = kmock['get'] << b'1'
    line = rule.location.lineno
    rule = (
        rule
        << b'2'
        >> []
    )  # fmt: skip
    assert rule.location.lineno == line


def test_a_place_below_the_current_directory_is_shown_relative_to_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    rule = RawHandler() << b'1'
    monkeypatch.chdir(Path(__file__).parent.parent)
    assert str(rule.location) == str(Path('views', HERE)) + f':{rule.location.lineno}'
    monkeypatch.chdir(tmp_path)
    assert str(rule.location) == f'{Path(__file__)}:{rule.location.lineno}'


class Table:
    """A payload with a representation of many lines."""

    def __kmock_payload__(self) -> bytes:
        return b'table'

    def __repr__(self) -> str:
        return 'Table(\n  1,\n  2,\n)'


SHOWN: list[tuple[Callable[[Any], Reaction[Request]], str]] = [
    (lambda view: view << b'hello', "kmock['get'] << b'hello' at "),
    (lambda view: view << 404 << {'error': 'x'}, "kmock['get'] << 404 << {'error': 'x'} at "),
    (lambda view: view << None, "kmock['get'] << None at "),
    (lambda view: view >> [], "kmock['get'] >> 1 sink at "),
    (lambda view: view << b'x' >> [] >> set(), "kmock['get'] << b'x' >> 2 sinks at "),
    (lambda view: view << Table(), "kmock['get'] << Table( 1, 2, ) at "),
    (lambda view: view << b'x' * 1000, "kmock['get'] << b'xxxxxxxx"),
    (lambda view: view['x\n' * 1000] << 200, "kmock['get']['x\\nx\\n"),
]


@pytest.mark.parametrize(
    ('define', 'shown'),
    SHOWN,
)
async def test_a_reaction_is_shown_in_one_readable_line(define: Callable[[Any], Reaction[Request]], shown: str) -> None:
    async with RawHandler() as kmock:
        rule = define(kmock['get'])
        assert repr(rule).startswith(f'<Reaction {shown}')
        assert repr(rule).endswith(f'{HERE}:{rule.location.lineno}: 0 requests>')
        assert repr(rule).isprintable()
        assert len(repr(rule)) < 500
        await kmock.get()
        assert repr(rule).endswith(f': {len(rule)} request{"" if len(rule) == 1 else "s"}>')


async def test_an_assertion_about_a_spy_explains_itself() -> None:
    async with RawHandler(strict=True) as kmock:
        spy = kmock['get'] << None
        kmock << 200
        await kmock.get()
        await kmock.get()
        with pytest.raises(AssertionError) as caught:
            assert len(spy) == 1
        assert f"len(<Reaction kmock['get'] << None at {spy.location}: 2 requests>)" in str(caught.value)
