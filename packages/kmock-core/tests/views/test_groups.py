"""Groups: set algebra over views."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kmock_core import AndGroup, Exclusion, KMockError, OrGroup, RawHandler, Request, View

Model = frozenset[int]
TARGETS = ('get /a', 'post /a', 'get /b', 'put /b', 'get /c?x=1', 'post /c')

leaves = st.sampled_from(['get', 'post', 'put', '/a', '/b', '/c', '?x=1', 'delete'])
trees = st.recursive(
    leaves,
    lambda inner: st.tuples(st.sampled_from(['|', '&', '-']), inner, inner) | st.tuples(st.just('~'), inner),
    max_leaves=6,
)


def make_view(kmock: RawHandler, tree: Any) -> View[Request]:
    match tree:
        case str():
            return kmock[tree]
        case ('|', left, right):
            return make_view(kmock, left) | make_view(kmock, right)
        case ('&', left, right):
            return make_view(kmock, left) & make_view(kmock, right)
        case ('-', left, right):
            return make_view(kmock, left) - make_view(kmock, right)
        case (_, inner):
            return ~make_view(kmock, inner)
        case _:
            raise AssertionError(tree)


def make_set(requests: list[str], tree: Any) -> Model:
    every = frozenset(range(len(requests)))
    match tree:
        case str():
            hit: Callable[[str], bool] = (
                (lambda line: line.split()[1].partition('?')[0] == tree)
                if tree[0] == '/'
                else (lambda line: tree.strip('?') in line.split(' ' if tree[0] != '?' else '?'))
            )
            return frozenset(number for number, line in enumerate(requests) if hit(line))
        case ('|', left, right):
            return make_set(requests, left) | make_set(requests, right)
        case ('&', left, right):
            return make_set(requests, left) & make_set(requests, right)
        case ('-', left, right):
            return make_set(requests, left) - make_set(requests, right)
        case (_, inner):
            return every - make_set(requests, inner)
        case _:
            raise AssertionError(tree)


@given(trees, st.lists(st.sampled_from(TARGETS), max_size=8))
async def test_groups_are_the_algebra_of_sets_in_chronological_order(tree: Any, requests: list[str]) -> None:
    async with RawHandler(strict=True) as kmock:
        before = make_view(kmock, tree)
        rule = before << b'group'
        kmock << b'other'
        served: list[int] = []
        for number, line in enumerate(requests):
            verb, target = line.split()
            if await (await kmock.request(verb, target)).read() == b'group':
                served.append(number)
        expected = sorted(make_set(requests, tree))
        for view in (before, make_view(kmock, tree), rule):
            assert [request.id for request in view] == expected
            assert len(view) == len(expected)
            assert bool(view) is bool(expected)
            assert [request.id for request in reversed(view)] == expected[::-1]
        assert served == expected


async def test_a_union_has_no_duplicates() -> None:
    async with RawHandler(strict=True) as kmock:
        kmock << 200
        union = kmock['get'] | kmock['/x'] | kmock['get'] | kmock
        await kmock.get('/x')
        await kmock.post('/x')
        assert [request.id for request in union] == [0, 1]
        assert isinstance(union, OrGroup)


async def test_groups_know_their_parts() -> None:
    kmock = RawHandler()
    get, x = kmock['get'], kmock['/x']
    for group in (get | x, get & x):
        assert len(group.sources) == 2
        assert group.sources[0] is get
        assert group.sources[1] is x
    assert isinstance(get & x, AndGroup)
    exclusion = get - x
    assert isinstance(exclusion, Exclusion)
    assert exclusion.source is get
    assert exclusion.excluded is x


async def test_everything_but_everything_is_nothing() -> None:
    async with RawHandler(strict=True) as kmock:
        kmock << 200
        await kmock.get()
        assert len(~kmock) == 0
        assert len(~~kmock) == 1


async def test_a_group_is_narrowed_like_any_view() -> None:
    async with RawHandler(strict=True) as kmock:
        kmock << 200
        for target in ('/a', '/b', '/c', '/a'):
            await kmock.get(target)
        group = kmock['/a'] | kmock['/b']
        assert [request.id for request in group['/a']] == [0, 3]
        assert [request.id for request in group[1:]] == [1, 3]
        assert group[-1].id == 3


async def test_a_group_of_stateful_functions_asks_each_once() -> None:
    async with RawHandler(strict=True) as kmock:
        asked: list[tuple[str, int]] = []

        def every_other(name: str) -> Callable[[Request], bool]:
            def ask(request: Request) -> bool:
                asked.append((name, request.id))
                return len([known for known in asked if known[0] == name]) % 2 == 0

            return ask

        a, b = kmock[every_other('a')], kmock['/x'][every_other('b')]
        group = a | b
        rule = group << b'group'
        kmock << b'other'
        for target in ('/x', '/y', '/x', '/y'):
            await kmock.get(target)
        assert [request.id for request in group] == [request.id for request in rule] == [1, 2, 3]
        assert [request.id for request in a & b] == []
        assert [request.id for request in a - b] == [1, 3]
        assert asked == [('a', 0), ('b', 0), ('a', 1), ('a', 2), ('b', 2), ('a', 3)]


async def test_an_excluded_slice_keeps_its_positions() -> None:
    async with RawHandler(strict=True) as kmock:
        get = kmock['get']
        (get - get[:2]) << b'later'
        kmock << b'first two'
        answers = [await (await kmock.request(verb, '/')).text() for verb in ('GET', 'POST', 'GET', 'GET')]
        assert answers == ['first two', 'first two', 'first two', 'later']


def captured_by(request: Request) -> dict[str, str]:
    return dict(request.path_params)


async def test_a_union_captures_the_placeholders_of_the_parts_that_match() -> None:
    async with RawHandler(strict=True) as kmock:
        (kmock['get /users/{id}'] | kmock['post /users/{name}']) << captured_by
        assert await (await kmock.get('/users/5')).json() == {'id': '5'}
        assert await (await kmock.post('/users/john')).json() == {'name': 'john'}


async def test_an_intersection_captures_the_placeholders_of_all_parts() -> None:
    async with RawHandler(strict=True) as kmock:
        (kmock['/{a}/x'] & kmock['/y/{b}']) << captured_by
        assert await (await kmock.get('/y/x')).json() == {'a': 'y', 'b': 'x'}


async def test_views_of_two_handlers_do_not_make_a_group() -> None:
    async with RawHandler() as kmock, RawHandler() as other:
        for combine in (lambda: kmock | other, lambda: kmock['get'] & other['get'], lambda: kmock - other['get']):
            with pytest.raises(KMockError, match='views of different handlers can not be combined: kmock'):
                combine()
