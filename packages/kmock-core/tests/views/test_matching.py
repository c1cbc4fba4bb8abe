"""The matcher and its index, against a slow obvious model: all rules are walked in order, every time."""

import functools
import itertools
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any
from urllib.parse import parse_qsl, unquote

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kmock_core import RawHandler, Request, View, headers, method, params, path

METHODS = ('GET', 'POST', 'PURGE')
PATHS = ('/', '/a', '/b', '/a/b', '/a%20b', '/%C3%A4')
PATTERNS = ('/', '/a', '/b', '/a/b', '/a b', '/a%20b', '/*', '/a*', '/?', '/[ab]', '/{x}', '/ä', '/nowhere')


@dataclass(frozen=True)
class Rule:
    """What can be said in the brackets, as data."""

    method: str | None = None
    pattern: str | None = None
    param: tuple[str, str | None] | None = None
    header: tuple[str, str | None] | None = None
    body: bytes | None = None
    even: bool = False
    """A stateful function: true for every second request of the view below it."""
    s: tuple[int | None, int | None, int] | None = None
    priorities: tuple[float, ...] = ()
    outside: bool = False
    """Where the priority stands: before the criteria or after them."""
    negated: bool = False
    """All but these requests."""
    one_shot: bool = False
    """Answers once, then steps aside."""
    spy: bool = False
    """Never answers."""
    split: bool = False
    """The criteria in brackets of their own each, instead of in one."""


@dataclass
class Model:
    """One rule with the little state that it has."""

    number: int
    rule: Rule
    seen: list[int] = field(default_factory=list[int])
    """The requests that its view has, before the slice."""
    asked: int = 0
    served: list[int] = field(default_factory=list[int])

    def arrive(self, number: int, request: 'Sent') -> bool:
        """Take notice of a request; the answer is whether the rule is for it."""
        held = self.fits(request)
        if held and self.rule.even:
            self.asked += 1
            held = self.asked % 2 == 0
        if held:
            self.seen.append(number)
        if self.rule.s is not None:
            held = held and len(self.seen) - 1 in range(len(self.seen))[slice(*self.rule.s)]
        return held is not self.rule.negated

    def shown(self, total: int) -> list[int]:
        """The requests that the view has in the end."""
        shown = self.seen if self.rule.s is None else self.seen[slice(*self.rule.s)]
        return [number for number in range(total) if number not in shown] if self.rule.negated else shown

    def fits(self, request: 'Sent') -> bool:
        rule = self.rule
        target, _, query = request.target.partition('?')
        if rule.method is not None and rule.method != request.method:
            return False
        if rule.pattern is not None and not fits_path(rule.pattern, target):
            return False
        if rule.param is not None:
            values = [value for key, value in parse_qsl(query, keep_blank_values=True) if key == rule.param[0]]
            if not (values if rule.param[1] is None else rule.param[1] in values):
                return False
        if rule.header is not None:
            values = [value for key, value in request.headers if key.lower() == rule.header[0].lower()]
            if not (values if rule.header[1] is None else rule.header[1] in values):
                return False
        return rule.body is None or rule.body == request.body


def fits_path(pattern: str, target: str) -> bool:
    if pattern in (target, unquote(target)):
        return True
    if '{' in pattern:
        return re.fullmatch('/[^/]+', unquote(target)) is not None
    return fnmatchcase(unquote(target), pattern)


@dataclass(frozen=True)
class Sent:
    method: str
    target: str
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b''


def make_view(kmock: RawHandler, rule: Rule) -> View[Request]:
    inside, outside = ((), rule.priorities) if rule.outside else (rule.priorities, ())
    view = prioritised(kmock, inside)
    for criteria in [[criterion] for criterion in criteria_of(rule)] if rule.split else [criteria_of(rule)]:
        view = view[criteria]
    if rule.even:
        view = view[every_second()]
    if rule.s is not None:
        view = view[slice(*rule.s)]
    if rule.negated:
        view = prioritised(~view, inside)
    return prioritised(view, outside)


def prioritised(view: View[Request], priorities: Iterable[float]) -> View[Request]:
    for priority in priorities:
        view = view**priority
    return view


def criteria_of(rule: Rule) -> list[Any]:
    criteria: list[Any] = []
    if rule.method is not None:
        criteria.append(method(rule.method))
    if rule.pattern is not None:
        criteria.append(path(rule.pattern))
    if rule.param is not None:
        criteria.append(params({rule.param[0]: ... if rule.param[1] is None else rule.param[1]}))
    if rule.header is not None:
        criteria.append(headers({rule.header[0]: ... if rule.header[1] is None else rule.header[1]}))
    if rule.body is not None:
        criteria.append(rule.body)
    return criteria


def every_second() -> Callable[[], bool]:
    counter = itertools.count(1)
    return lambda: next(counter) % 2 == 0


def before(first: Model, second: Model) -> int:
    """Compare by the priorities: negative if the first is asked earlier."""
    for a, b in itertools.zip_longest(first.rule.priorities, second.rule.priorities, fillvalue=0):
        if a != b:
            return -1 if a > b else 1
    return 0


keys = st.sampled_from(['a', 'b'])
bounds = st.none() | st.integers(-2, 3)
rules = st.builds(
    Rule,
    method=st.none() | st.sampled_from(METHODS),
    pattern=st.none() | st.sampled_from(PATTERNS),
    param=st.none() | st.none() | st.tuples(keys, st.none() | st.sampled_from(['1', '2'])),
    header=st.none() | st.none() | st.tuples(st.sampled_from(['A', 'a', 'B']), st.none() | st.sampled_from(['1', '2'])),
    body=st.none() | st.none() | st.none() | st.sampled_from([b'', b'x']),
    even=st.sampled_from([False, False, False, True]),
    s=st.none() | st.none() | st.none() | st.tuples(bounds, bounds, st.sampled_from([1, 2, -1])),
    priorities=st.just(()) | st.lists(st.sampled_from([1, 0, -1, float('inf'), float('-inf')]), max_size=2).map(tuple),
    outside=st.booleans(),
    negated=st.sampled_from([False, False, False, False, True]),
    one_shot=st.sampled_from([False, False, False, True]),
    spy=st.sampled_from([False, False, False, True]),
    split=st.booleans(),
)
requests = st.builds(
    Sent,
    method=st.sampled_from(METHODS),
    target=st.tuples(st.sampled_from(PATHS), st.sampled_from(['', '', '?a=1', '?a=1&a=2&b', '?b=2'])).map(''.join),
    headers=st.lists(st.tuples(st.sampled_from(['A', 'a', 'B']), st.sampled_from(['1', '2'])), max_size=2).map(tuple),
    body=st.sampled_from([b'', b'', b'x']),
)


@given(st.lists(rules, max_size=8), st.lists(requests, max_size=8), st.lists(rules, max_size=2), st.integers(0, 8))
@example([Rule(pattern='/a'), Rule(method='GET', priorities=(0,))], [Sent('GET', '/a')] * 2, [], 0)
@example([Rule(pattern='/a b', one_shot=True), Rule(pattern='/a%20b')], [Sent('GET', '/a%20b')] * 3, [], 0)
@example([Rule(even=True, s=(1, 2, 1))], [Sent('GET', '/')] * 5, [], 0)
async def test_the_rule_that_serves_and_what_the_views_have_are_as_the_model_says(
    first: list[Rule], sent: list[Sent], later: list[Rule], when: int
) -> None:
    async with RawHandler() as kmock:
        pairs = [Pair(kmock, number, rule) for number, rule in enumerate(first)]
        for number, request in enumerate(sent):
            if number == when:
                pairs += [Pair(kmock, len(first) + place, rule, sent[:when]) for place, rule in enumerate(later)]
            expected = serve([pair.model for pair in pairs], number, request)
            data = request.body or None
            response = await kmock.request(request.method, request.target, headers=request.headers, data=data)
            assert response.status == (500 if expected is None else 200)
            assert expected is None or await response.json() == str(expected)
        for pair in pairs:
            assert [request.id for request in pair.reaction] == pair.model.served
            assert [request.id for request in pair.view] == pair.model.shown(len(kmock))
        assert len(kmock) == len(sent)


class Pair:
    """A rule and its model; what was defined after the traffic finds what came before."""

    def __init__(self, kmock: RawHandler, number: int, rule: Rule, past: Sequence[Sent] = ()) -> None:
        payload: Any = None if rule.spy else iter([str(number)]) if rule.one_shot else str(number)
        self.view = make_view(kmock, rule)
        self.reaction = self.view << payload
        self.model = Model(number, rule)
        for place, request in enumerate(past):
            self.model.arrive(place, request)


def serve(models: Sequence[Model], number: int, request: Sent) -> int | None:
    """Walk all rules in order; the answer is which of them serves."""
    held = [model for model in models if model.arrive(number, request)]
    for model in sorted(held, key=functools.cmp_to_key(before)):
        if model.rule.one_shot and not model.rule.spy and model.served:
            continue  # it is depleted
        model.served.append(number)
        if not model.rule.spy:
            return model.number
    return None


@pytest.mark.parametrize('count', [10_000])
async def test_ten_thousand_rules_each_serve_their_own_request(count: int) -> None:
    async with RawHandler(strict=True) as kmock:
        rules = [kmock[f'get /items/{number}'] << f'{number}'.encode() for number in range(count)]
        kmock << b'other'
        for number in (0, count // 2, count - 1, 0):
            assert await (await kmock.get(f'/items/{number}')).text() == str(number)
        assert await (await kmock.get(f'/items/{count}')).text() == 'other'
        assert [len(rules[number]) for number in (0, 1, count // 2, count - 1)] == [2, 0, 1, 1]


async def test_a_rule_that_is_defined_later_is_known_to_targets_that_were_asked_before() -> None:
    async with RawHandler(strict=True) as kmock:
        kmock.fallback << b'other'
        assert await (await kmock.get('/x')).text() == 'other'
        kmock['/x'] << b'x'
        assert await (await kmock.get('/x')).text() == 'x'


async def test_more_targets_than_are_remembered_are_served_as_well() -> None:
    async with RawHandler(strict=True) as kmock:
        rule = kmock['/special'] << b'special'
        kmock << b'other'
        for number in range(17_000):
            await kmock.get(f'/{number}')
        assert await (await kmock.get('/special')).text() == 'special'
        assert await (await kmock.get('/0')).text() == 'other'
        assert len(rule) == 1


async def test_a_method_that_nobody_has_heard_of_is_served() -> None:
    async with RawHandler(strict=True) as kmock:
        kmock[kmock.method('purge')] << b'purged'
        assert await (await kmock.request('PURGE', '/')).text() == 'purged'
        assert kmock[0].method == 'PURGE'


async def test_a_target_with_broken_encoding_is_matched_as_it_was_sent_and_as_it_reads(send: Any) -> None:
    async with RawHandler(strict=True) as kmock:
        kmock['/a%ffb'] << b'as sent'
        kmock['/a\ufffdb'] << b'as it reads'
        assert (await send(kmock, Request('GET', '/a%ffb'))).body == b'as sent'
        assert (await send(kmock, Request('GET', '/a%feb'))).body == b'as it reads'
        assert kmock[0].path == kmock[1].path == '/a\ufffdb'
