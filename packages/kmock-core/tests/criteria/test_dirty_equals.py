"""Matchers of dirty-equals, which stand for any object with an ``==`` of its own: in every field, at any depth."""

from typing import Any

import pytest
from dirty_equals import Contains, HasLen, IsInt, IsList, IsPartialDict, IsPositiveInt, IsStr, IsUUID

import kmock
from kmock_core import Request, cookies, data, headers, params, path, text

DIGITS = IsStr(regex=r'\d+')


@pytest.mark.parametrize(
    ('criterion', 'good', 'bad'),
    [
        (path(IsStr(regex='/a/.*')), Request('GET', '/a/b'), Request('GET', '/b/a')),
        (params(a=DIGITS), Request('GET', '/?a=5'), Request('GET', '/?a=x')),
        (params(a=[DIGITS, 'x']), Request('GET', '/?a=5&a=x'), Request('GET', '/?a=x&a=5')),
        (headers(x_a=DIGITS), Request('GET', headers={'X-A': '5'}), Request('GET', headers={'X-A': 'x'})),
        (headers(x_a=IsStr), Request('GET', headers={'X-A': '5'}), Request('GET')),
        (cookies(c=DIGITS), Request('GET', cookies={'c': '5'}), Request('GET', cookies={'c': 'x'})),
        (text(Contains('lo')), Request('POST', text='hello'), Request('POST', text='hi')),
        (data(IsPartialDict(a=1)), Request('POST', data={'a': 1, 'b': 2}), Request('POST', data={'a': 2})),
        (data(id=IsUUID), Request('POST', data={'id': '6e3d4f0c-2f8e-4b0e-9d53-4d1a1c2b3e4f'}),
         Request('POST', data={})),
        (data(a={'b': [IsInt, {'c': IsStr}]}), Request('POST', data={'a': {'b': [1, {'c': 'x', 'd': 0}]}}),
         Request('POST', data={'a': {'b': [1, {'c': 2}]}})),
        (data([IsPositiveInt(), 'x']), Request('POST', data=[1, 'x']), Request('POST', data=[-1, 'x'])),
        (data(a=IsList(length=2)), Request('POST', data={'a': [1, 2]}), Request('POST', data={'a': [1]})),
        (data(a=HasLen(2)), Request('POST', data={'a': 'xy'}), Request('POST', data={'a': 'x'})),
        (data({'a': IsInt()}, exact=True), Request('POST', data={'a': 1}), Request('POST', data={'a': 1, 'b': 2})),
        (data(a=IsInt() & IsPositiveInt()), Request('POST', data={'a': 1}), Request('POST', data={'a': -1})),
        (data(a=~IsInt()), Request('POST', data={'a': 'x'}), Request('POST', data={'a': 1})),
        ({'a': DIGITS}, Request('GET', '/?a=5'), Request('GET', '/?a=x')),
        ({'a': IsInt}, Request('POST', data={'a': 1}), Request('GET', '/?a=1')),
        ({'a': [{'b': IsInt}]}, Request('POST', data={'a': [{'b': 1, 'c': 2}]}), Request('POST', data={'a': [{}]})),
    ],
    ids=lambda value: repr(value) if not isinstance(value, Request) else '',
)  # fmt: skip
async def test_a_matcher_stands_for_any_value(ask: Any, criterion: Any, good: Request, bad: Request) -> None:
    assert await ask(criterion, good)
    assert not await ask(criterion, bad)


@pytest.mark.parametrize(
    ('criterion', 'call', 'detail'),
    [
        (path(IsStr(regex='/b')), {}, "path: '/' != IsStr(regex='/b')"),
        (params(a=IsInt()), {'params': {'a': 'x'}}, "params['a']: 'x' != IsInt()"),
        (params(a=IsInt), {}, "params['a']: absent != IsInt"),
        (headers(x_a=DIGITS), {'headers': {'X-A': 'x'}}, "headers['x-a']: 'x' != IsStr(regex='\\\\d+')"),
        (cookies(c=DIGITS), {}, "cookies['c']: absent != IsStr(regex='\\\\d+')"),
        (data(a={'b': IsInt()}), {'json': {'a': {'b': 'x'}}}, "data['a']['b']: 'x' != IsInt()"),
        (data(a=[1, IsInt()]), {'json': {'a': [1, 'x']}}, "data['a'][1]: 'x' != IsInt()"),
        (data(IsPartialDict(a=1)), {'json': {'a': 2}}, "data: {'a': 2} != IsPartialDict(a=1)"),
        (kmock.jsonpath('$.a', IsInt()), {'json': {'a': 'x'}}, "jsonpath('$.a'): found 'x' != IsInt()"),
    ],
    ids=repr,
)
async def test_the_explanation_names_the_matcher(criterion: Any, call: dict[str, Any], detail: str) -> None:
    async with kmock.RawHandler() as handler:
        handler[criterion] << 200
        assert f'   ✗ {detail}\n' in await (await handler.post('/', **call)).text()


async def test_a_rule_shows_its_matchers_not_the_values_that_they_matched_before() -> None:
    async with kmock.RawHandler(strict=True) as handler:
        rule = handler['post', data(a=IsInt(), b=[IsStr()])] << 200
        await handler.post('/', json={'a': 5, 'b': ['x']})
        assert len(rule) == 1
        assert rule.describe().startswith("kmock['post', data({'a': IsInt(), 'b': [IsStr()]})]")
