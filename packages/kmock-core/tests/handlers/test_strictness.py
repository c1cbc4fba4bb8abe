"""The levels of strictness, of handlers and of rules."""

from collections.abc import Awaitable, Callable
from typing import Any

import attrs
import pytest

from kmock_core import RawHandler
from kmock_core.errors import LimitExceededError, UnmatchedRequestError, UnusedRuleError
from kmock_core.handlers.strictness import LEVELS, read_level


async def leave(kmock: RawHandler, act: Callable[[RawHandler], Awaitable[Any]]) -> list[type[BaseException]]:
    """What is raised when the handler is left after some action."""
    try:
        async with kmock:
            await act(kmock)
    except ExceptionGroup as group:
        return [type(exc) for exc in group.exceptions]
    except Exception as exc:
        return [type(exc)]
    return []


async def fail_in_all_ways(kmock: RawHandler) -> None:
    kmock['/fail'] << ZeroDivisionError
    kmock['/unused'] << 200
    await kmock.get('/fail')
    await kmock.get('/unmatched')


@pytest.mark.parametrize(
    ('level', 'raised'),
    [
        (False, []),
        (True, [ZeroDivisionError, UnmatchedRequestError]),
        ('errors', [ZeroDivisionError, UnmatchedRequestError]),
        ('unmatched', [UnmatchedRequestError]),
        ('all', [ZeroDivisionError, UnmatchedRequestError, UnusedRuleError]),
    ],
)
async def test_a_level_says_what_is_raised(level: Any, raised: list[type[Exception]]) -> None:
    assert await leave(RawHandler(strict=level), fail_in_all_ways) == raised


async def test_the_level_may_be_changed_at_any_time() -> None:
    async def act(kmock: RawHandler) -> None:
        await fail_in_all_ways(kmock)
        kmock.strict = 'unmatched'

    assert await leave(RawHandler(), act) == [UnmatchedRequestError]


@pytest.mark.parametrize('level', ['al', 'warn', '', None, 2, [], 'True'])
def test_an_unknown_level_is_refused_with_those_that_are_known(level: Any) -> None:
    known = r"no level of strictness .* \(known: False, True, 'errors', 'unmatched', 'all'\)"
    with pytest.raises(ValueError, match=known):
        RawHandler(strict=level)
    kmock = RawHandler()
    with pytest.raises(ValueError, match=known):
        kmock.strict = level
    assert kmock.strict is False


async def test_subclasses_by_attrs_may_have_a_level_of_their_own() -> None:
    @attrs.define
    class Strict(RawHandler):
        strict: bool = True  # pyright: ignore[reportIncompatibleVariableOverride]  # existing code has it
        extra: int = attrs.field(default=5, kw_only=True)

    @attrs.define
    class Lax(RawHandler):
        extra: int = attrs.field(default=5, kw_only=True)

    assert await leave(Strict(extra=6), fail_in_all_ways) == [ZeroDivisionError, UnmatchedRequestError]
    assert await leave(Strict(strict=False), fail_in_all_ways) == []
    assert await leave(Lax(strict='unmatched'), fail_in_all_ways) == [UnmatchedRequestError]
    with pytest.raises(ValueError, match='no level'):
        Lax(strict='nonsense')  # type: ignore[arg-type]


@pytest.mark.parametrize('level', [True, 'errors', 'all'])
async def test_too_many_requests_are_an_error_of_the_server_side(level: Any) -> None:
    async def act(kmock: RawHandler) -> None:
        await kmock.get('/')

    assert await leave(RawHandler(strict=level, limit=0), act) == [LimitExceededError]


# ---- Unused rules ----


async def test_unused_rules_are_listed_with_their_places() -> None:
    kmock = RawHandler(strict='all')
    kmock['/used'] << 200
    one = kmock['/one'] << 200
    two = kmock['/two'] << 200
    with pytest.raises(UnusedRuleError) as caught:
        async with kmock:
            await kmock.get('/used')
    assert str(caught.value).splitlines() == [
        '2 rules were never used:',
        f"  kmock['/one'] << 200  ({one.location})",
        f"  kmock['/two'] << 200  ({two.location})",
    ]
    assert caught.value.rules == (one, two)


EXEMPT: dict[str, Callable[[RawHandler], Any]] = {
    'optional': lambda kmock: (kmock['/'] << 200).optional(),
    'not strict': lambda kmock: (kmock['/'] << 200).strict(False),
    'never': lambda kmock: (kmock['/'] << 200).never(),
    'at most': lambda kmock: (kmock['/'] << 200).at_most(3),
    'optional, then extended': lambda kmock: (kmock['/'] << 200).optional() << b'x',
}


@pytest.mark.parametrize('define', EXEMPT.values(), ids=list(EXEMPT))
async def test_a_rule_may_be_exempt(define: Callable[[RawHandler], Any]) -> None:
    async def act(kmock: RawHandler) -> None:
        define(kmock)

    assert await leave(RawHandler(strict='all'), act) == []


USED: dict[str, Callable[[RawHandler], Any]] = {
    'spy': lambda kmock: kmock['/'] << None,
    'effect': lambda kmock: kmock['/'] >> [],
    'failing': lambda kmock: kmock['/'] << ZeroDivisionError,
    'ready': lambda kmock: kmock['/'] << 200,
    'called': lambda kmock: kmock['/'] << (lambda: 200),
    'stream': lambda kmock: kmock['/'] << (b'a', b'b'),
}


@pytest.mark.parametrize('define', USED.values(), ids=list(USED))
async def test_any_rule_is_used_by_a_request_that_it_serves(define: Callable[[RawHandler], Any]) -> None:
    async with RawHandler(strict='all') as kmock:
        define(kmock)
        kmock.fallback << 404
        await kmock.get('/')
        await kmock.get('/other')
        kmock.strict = 'all'
        assert not [failure for failure in kmock.failures if isinstance(failure, UnusedRuleError)]
        kmock.lenient = True


async def test_a_rule_that_has_passed_all_requests_on_is_unused() -> None:
    async def act(kmock: RawHandler) -> None:
        kmock['/'] << (lambda: NotImplemented)
        kmock << 200
        await kmock.get('/')

    assert await leave(RawHandler(strict='all'), act) == [UnusedRuleError]


# ---- Rules ----


@pytest.mark.parametrize('handler_level', LEVELS)
@pytest.mark.parametrize(
    ('rule_level', 'raised'),
    [(True, [ZeroDivisionError]), ('errors', [ZeroDivisionError]), ('all', [ZeroDivisionError]), (False, [])],
)
async def test_the_level_of_a_rule_beats_that_of_the_handler(
    handler_level: Any, rule_level: Any, raised: list[type[Exception]]
) -> None:
    async def act(kmock: RawHandler) -> None:
        rule = kmock['/'] << ZeroDivisionError
        assert rule.strict(rule_level) is rule
        await kmock.get('/')

    assert await leave(RawHandler(strict=handler_level), act) == raised


@pytest.mark.parametrize('payload', [lambda: 1 / 0, (b'a', lambda: 1 / 0)], ids=['alone', 'in a stream'])
async def test_only_the_errors_of_the_rule_itself_are_meant(payload: Any) -> None:
    async def act(kmock: RawHandler) -> None:
        (kmock['/a'] << payload).strict(False)
        kmock['/b'] << ValueError
        for target in ('/a', '/b', '/c'):
            await (await kmock.get(target)).read()

    assert await leave(RawHandler(strict=True), act) == [ValueError, UnmatchedRequestError]


async def test_a_rule_may_have_to_be_used_whatever_the_level_of_the_handler() -> None:
    async def act(kmock: RawHandler) -> None:
        (kmock['/'] << 200).strict('all')
        kmock['/other'] << 200

    assert await leave(RawHandler(), act) == [UnusedRuleError]


async def test_the_level_goes_along_with_the_longer_reaction() -> None:
    async def act(kmock: RawHandler) -> None:
        (kmock['/'] << 200).strict() << ZeroDivisionError
        await kmock.get('/')

    assert await leave(RawHandler(), act) == [ZeroDivisionError]


@pytest.mark.parametrize('level', ['unmatched', 'no', None, 3])
def test_an_unknown_level_of_a_rule_is_refused(level: Any) -> None:
    rule = RawHandler()['/'] << 200
    with pytest.raises(ValueError, match=r"no level of strictness .* of a rule \(known: True, False, 'errors', 'all'"):
        rule.strict(level)


# ---- In words ----


@pytest.mark.parametrize(
    ('text', 'level'),
    [
        *((word, True) for word in ('true', 'True', 'on', 'yes', '1', ' YES ')),
        *((word, False) for word in ('false', 'off', 'no', '0')),
        *((word, word) for word in ('errors', 'unmatched', 'all')),
        ('ALL', 'all'),
    ],
)
def test_a_level_is_read_from_a_word(text: str, level: object) -> None:
    assert read_level(text) is level or read_level(text) == level


@pytest.mark.parametrize('text', ['', 'everything', '2', 'none'])
def test_a_word_that_is_no_level_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r'known: true, false, errors, unmatched, all'):
        read_level(text)


# ---- The limit ----


@pytest.mark.parametrize('limit', ['5', 1.5, True, [1]], ids=repr)
def test_a_limit_that_is_no_number_is_refused_at_once(limit: Any) -> None:
    with pytest.raises(TypeError, match='type a number of requests, or None'):
        RawHandler(limit=limit)


def test_a_limit_below_zero_is_refused_whenever_it_is_set() -> None:
    handler = RawHandler(limit=0)
    with pytest.raises(ValueError, match='type 0 or more'):
        handler.limit = -1
