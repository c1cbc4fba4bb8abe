"""One field each: what ``path() params() headers() cookies() body() text() data()`` say about a request."""

import re
from collections.abc import Awaitable, Callable
from enum import Enum, IntEnum, StrEnum
from typing import Any

import pytest

from kmock_core import HTTPCriteria, RawHandler, Request, body, cookies, data, headers, method, params, path, text
from kmock_core.values.requests import request_of

Ask = Callable[[Any, Request], Awaitable[bool]]


class Above:
    """Equals every greater number: a matcher with its own ``==``, as those of dirty-equals."""

    def __init__(self, limit: float) -> None:
        self.limit = limit

    def __eq__(self, other: object) -> bool:
        return isinstance(other, (int, float)) and other > self.limit

    def __repr__(self) -> str:
        return f'Above({self.limit})'


class Prefixed:
    """Equals every text with the prefix."""

    def __init__(self, prefix: str) -> None:
        self.prefix = prefix

    def __eq__(self, other: object) -> bool:
        return isinstance(other, str) and other.startswith(self.prefix)


class Plain(str, Enum):  # noqa: UP042  # str() of it is not its value
    ACTIVE = 'active'


class Strict(StrEnum):
    ACTIVE = 'active'


class Number(int, Enum):  # str() of it is not its value
    ONE = 1


class Code(IntEnum):
    ONE = 1


def get(target: str = '/', **kwargs: Any) -> Request:
    return Request('GET', target, **kwargs)


def post(**kwargs: Any) -> Request:
    return Request('POST', '/', **kwargs)


def json(text: str) -> Request:
    return Request('POST', '/', text=text, headers={'Content-Type': 'application/json'})


@pytest.mark.parametrize(
    ('criterion', 'target', 'expected'),
    [
        (path('/hello'), '/hello', True),
        (path('/hello'), '/hello?q=1', True),
        (path('/hello'), '/hello/', False),
        (path('/hello'), '/Hello', False),
        (path('/hello'), '/', False),
        (path('/hello'), 'http://example.com/hello', True),
        (path('/'), 'http://example.com', True),
        (path('/'), '', False),
        (path('/a b'), '/a%20b', True),
        (path('/a%20b'), '/a%20b', True),
        (path('/ä'), '/%C3%A4', True),
        (path('/a/b'), '/a%2Fb', True),
        (path('/a%2Fb'), '/a/b', False),
        (path(b'/hello'), '/hello', True),
        (path(...), '/hello', True),
        (path(), '/hello', True),
        (path(None), '/hello', False),
        (path(Prefixed('/he')), '/hello', True),
        (path(Prefixed('/he')), '/world', False),
        (path({'/a', '/b'}), '/b', True),
        (path({'/a', '/b'}), '/c', False),
        (path(frozenset({'/a', '/b*'})), '/bc', True),
        (path('/a', '/b'), '/b', True),
        (path('/a', '/b'), '/c', False),
        (path('/a', re.compile('/b+')), '/bbb', True),
    ],
)
async def test_a_path_is_exact(ask: Ask, criterion: Any, target: str, expected: bool) -> None:
    assert await ask(criterion, get(target)) is expected


@pytest.mark.parametrize(
    ('glob', 'target', 'expected'),
    [
        ('/users/*', '/users/5', True),
        ('/users/*', '/users/', True),
        ('/users/*', '/users/5/posts', True),
        ('/users/*', '/users', False),
        ('/users/*/posts', '/users/5/posts', True),
        ('*', '/anything', True),
        ('/user?', '/users', True),
        ('/user?', '/user', False),
        ('/v[12]', '/v1', True),
        ('/v[12]', '/v3', False),
        ('/v[1-3]', '/v2', True),
        ('/v[1-3]', '/v-', False),
        ('/v[!1-3]', '/v2', False),
        ('/v[!1-3]', '/v4', True),
        ('/v[!!1]', '/v!', False),
        ('/v[!!1]', '/v2', True),
        ('/v[]]', '/v]', True),
        ('/v[!]]', '/v]', False),
        ('/v[!]]', '/vx', True),
        ('/v[-1]', '/v-', True),
        ('/v[1-]', '/v-', True),
        ('/v[a--]', '/v-', False),
        ('/v[3-1]', '/v2', False),
        ('/v[^1]', '/v1', True),
        ('/v[&&||~~]', '/v&', True),
        (r'/v[\d]', '/vd', True),
        (r'/v[\d]', '/v1', False),
        ('/v[]', '/v[]', True),
        ('/v[!]', '/v[!]', True),
        ('/v[', '/v[', True),
        ('/v]', '/v]', True),
        ('/a.c', '/abc', False),
        ('/a+*', '/aab', False),
        ('/a\n*', '/a\nb', True),
    ],
)
async def test_a_path_takes_globs(ask: Ask, glob: str, target: str, expected: bool) -> None:
    assert await ask(path(glob), get(target)) is expected


def captured_by(request: Request) -> dict[str, str]:
    return dict(request.path_params)


@pytest.mark.parametrize(
    ('pattern', 'target', 'captured'),
    [
        ('/users/{id}', '/users/5', {'id': '5'}),
        ('/users/{id}', '/users/a%20b', {'id': 'a b'}),
        ('/users/{id}', '/users/', None),
        ('/users/{id}', '/users/5/posts', None),
        ('/users/{id}/posts/{post}', '/users/5/posts/7', {'id': '5', 'post': '7'}),
        ('/{a}-{b}', '/x-y', {'a': 'x', 'b': 'y'}),
        ('/v{version}/{kind}.json', '/v1/pods.json', {'version': '1', 'kind': 'pods'}),
        ('/{a}/*/{b}.[jt]?', '/x/y/z/w.js', {'a': 'x', 'b': 'w'}),
        ('/users/{name}', '/users/%C3%A9%3F%23', {'name': 'é?#'}),
        ('/users/{name}', '/users/%ff', {'name': '\ufffd'}),
        ('/projects/{id}/issues/{iid}', '/projects/group%2fproject/issues/5', {'id': 'group/project', 'iid': '5'}),
        ('/projects/{id}/issues', '/projects/group/project/issues', None),
        ('/projects/group%2Fproject/{iid}', '/projects/group%2fproject/5', {'iid': '5'}),
        ('/projects/group%2Fproject/{iid}', '/projects/group/project/5', None),
        ('/{a}/{b}', '/x%2Fy', {'a': 'x', 'b': 'y'}),
        ('/{same}/{same}', '/x/x', {'same': 'x'}),
        ('/{same}/{same}', '/x/y', None),
        ('/files/{rest:path}', '/files/a/b.txt', {'rest': 'a/b.txt'}),
        ('/files/{}', '/files/a', {}),
        ('/files/{0}', '/files/a', {}),
        ('/files/{1a}', '/files/a', {}),
        ('/files/{a-b}', '/files/{a-b}', {}),
        ('/files/{', '/files/{', {}),
        ('/{id}/*', '/5/x/y', {'id': '5'}),
        (re.compile(r'/users/(?P<id>\d+)'), '/users/5', {'id': '5'}),
        (re.compile(r'/users(/(?P<id>\d+))?'), '/users', {}),
        (['/a/{x}', '/b/{y}'], '/b/1', {'y': '1'}),
        (['/a/{x}', '/b/{y}'], '/c/1', None),
        ({'/a/{x}', re.compile('/b/(?P<y>.)')}, '/b/1', {'y': '1'}),
    ],
)
async def test_placeholders_of_a_path_are_captured(pattern: Any, target: str, captured: dict[str, str] | None) -> None:
    async with RawHandler() as kmock:
        rule = kmock[path(pattern)] << captured_by
        kmock.fallback << 404
        response = await kmock.get(target)
        assert (response.status, len(rule)) == ((404, 0) if captured is None else (200, 1))
        assert captured is None or await response.json() == captured
        assert captured is None or kmock[0].path_params == captured


async def test_placeholders_are_there_for_criteria_effects_streams_and_what_is_fed() -> None:
    seen: list[Any] = []

    def note(request: Request) -> None:
        seen.append(request.path_params['id'])

    def is_five(request: Request) -> bool:
        return request.path_params['id'] == '5'

    async with RawHandler(strict=True) as kmock:
        kmock['/users/{id}'] >> note
        kmock['/users/{id}', is_five] << (captured_by, ..., captured_by)
        kmock << 404
        assert (await kmock.get('/users/6')).status == 404
        response = await kmock.get('/users/5')
        await kmock[...].wait()
        kmock[...] << captured_by
        assert await response.read() == 3 * b'{"id": "5"}\n'
        assert seen == ['6', '5']


@pytest.mark.parametrize(
    ('criterion', 'target', 'expected'),
    [
        (params('?a=1'), '/?a=1', True),
        (params('a=1'), '/?a=1', True),
        (params('a=1'), '/?a=2', False),
        (params('a=1'), '/?A=1', False),
        (params('a=1'), '/?b=0&a=1&c=2', True),
        (params('a=1'), '/', False),
        (params('a=1&b=2'), '/?a=1', False),
        (params('a'), '/?a=1', True),
        (params('a'), '/?a=', True),
        (params('a'), '/?a', True),
        (params('a'), '/?b', False),
        (params('a='), '/?a=', True),
        (params('a='), '/?a', True),
        (params('a='), '/?a=1', False),
        (params(b'a=1'), '/?a=1', True),
        (params('a=x%20y'), '/?a=x+y', True),
        (params('a=x+y'), '/?a=x%20y', True),
        (params('%61=1'), '/?a=1', True),
        (params({'a': 1}), '/?a=1', True),
        (params({'a': b'1'}), '/?a=1', True),
        (params({'a': 1.5}), '/?a=1.5', True),
        (params({'a': ...}), '/?a=1', True),
        (params({'a': ...}), '/?b=1', False),
        (params({'a': None}), '/?b=1', True),
        (params({'a': None}), '/?a=1', False),
        (params({'a': None}), '/?a', False),
        (params([('a', '1'), ('b', '2')]), '/?b=2&a=1', True),
        (params('a=1', {'b': 2}, c=3), '/?a=1&b=2&c=3', True),
        (params('a=1', {'b': 2}, c=3), '/?a=1&b=2&c=4', False),
        (params('a=1', a=2), '/?a=2', True),
        (params(a='1'), '/?a=2&a=1', True),
        (params(a='1'), '/?a=2&a=3', False),
        (params(a=['1', '2']), '/?a=1&a=2', True),
        (params(a=['1', '2']), '/?a=2&a=1', False),
        (params(a=['1', '2']), '/?a=1&a=2&a=3', False),
        (params('a=1&a=2'), '/?a=1&a=2', True),
        (params('a=1&a=2'), '/?a=1', False),
        (params(a=re.compile('[0-9]+')), '/?a=12', True),
        (params(a=re.compile('[0-9]+')), '/?a=12x', False),
        (params(a=re.compile(b'[0-9]+')), '/?a=12', True),
        (params(a=range(5)), '/?a=4', True),
        (params(a=range(5)), '/?a=5', False),
        (params(a=range(5)), '/?a=x', False),
        (params(a={'1', '2'}), '/?a=2', True),
        (params(a=frozenset({1, re.compile('x+')})), '/?a=xx', True),
        (params(a={'1', '2'}), '/?a=3', False),
        (params(a=Prefixed('x')), '/?a=xyz', True),
        (params(a=Prefixed('x')), '/?a=yz', False),
        (params(a=Plain.ACTIVE), '/?a=active', True),
        (params(a=Strict.ACTIVE), '/?a=active', True),
        (params(a=Number.ONE), '/?a=1', True),
        (params(a=Code.ONE), '/?a=1', True),
        (params(...), '/', True),
        (params(), '/?a=1', True),
        (params({}), '/', True),
        (params(None), '/', True),
        (params(None), '/?', True),
        (params(None), '/?a=1', False),
        (params('a=1'), '/?a=1#fragment', True),
        (params('a=1'), 'http://example.com?a=1', True),
    ],
)
async def test_params_are_a_subset_of_the_query(ask: Ask, criterion: Any, target: str, expected: bool) -> None:
    assert await ask(criterion, get(target)) is expected


@pytest.mark.parametrize('word', ['true', 'yes', 'on', 't', 'y', '1', 'TRUE', 'Yes', 'oN'])
async def test_true_knows_the_words_for_it(ask: Ask, word: str) -> None:
    assert await ask(params(flag=True), get(f'/?flag={word}'))
    assert not await ask(params(flag=False), get(f'/?flag={word}'))


@pytest.mark.parametrize('word', ['false', 'no', 'off', 'f', 'n', '0', 'FALSE', 'No', 'oFF'])
async def test_false_knows_the_words_for_it(ask: Ask, word: str) -> None:
    assert await ask(params(flag=False), get(f'/?flag={word}'))
    assert not await ask(params(flag=True), get(f'/?flag={word}'))


@pytest.mark.parametrize('word', ['', '2', 'maybe', 'yes!', 'nope'])
async def test_other_words_are_neither_true_nor_false(ask: Ask, word: str) -> None:
    assert not await ask(params(flag=True), get(f'/?flag={word}'))
    assert not await ask(params(flag=False), get(f'/?flag={word}'))


async def test_criteria_on_params_do_not_look_into_the_body(ask: Ask) -> None:
    request = Request('POST', '/', data={'name': 'john'})
    assert request.params['name'] == 'john'
    assert not await ask(params(name='john'), request)


@pytest.mark.parametrize(
    ('criterion', 'sent', 'expected'),
    [
        (headers('A: 1'), {'A': '1'}, True),
        (headers('a: 1'), {'A': '1'}, True),
        (headers({'X-CUSTOM': 'v'}), {'x-custom': 'v'}, True),
        (headers({'A': 'v'}), {'A': 'V'}, False),
        (headers('A: 1\nB: 2'), {'B': '2', 'A': '1'}, True),
        (headers('A: 1\r\nB: 2\r\n'), {'B': '2', 'A': '1'}, True),
        (headers('A: 1\nB: 2'), {'A': '1'}, False),
        (headers(b'A:1\nB:  2 '), {'A': '1', 'B': '2'}, True),
        (headers('A: x: y'), {'A': 'x: y'}, True),
        (headers('A'), {'A': 'anything'}, True),
        (headers('A'), {'B': 'anything'}, False),
        (headers('A:'), {'A': ''}, True),
        (headers('A:'), {'A': '1'}, False),
        (headers(content_type='text/x'), {'Content-Type': 'text/x'}, True),
        (headers(A=...), {'A': ''}, True),
        (headers(A=None), {}, True),
        (headers(A=None), {'A': '1'}, False),
        (headers(A=1), {'A': '1'}, True),
        (headers(A=b'1'), {'A': '1'}, True),
        (headers(A=True), {'A': 'Yes'}, True),
        (headers(A=re.compile('[a-z]+')), {'A': 'abc'}, True),
        (headers(A=re.compile(b'[a-z]+')), {'A': 'abc1'}, False),
        (headers(A={'1', '2'}), {'A': '2'}, True),
        (headers(A=range(3)), {'A': '2'}, True),
        (headers(A=Prefixed('tok')), {'A': 'token'}, True),
        (headers(A=Plain.ACTIVE), {'A': 'active'}, True),
        (headers(...), {}, True),
        (headers(None), {}, True),
        (headers(None), {'A': '1'}, False),
        (headers({'A': 'ä'}), {'A': 'ä'}, True),
    ],
)
async def test_headers_are_a_subset_in_any_case(ask: Ask, criterion: Any, sent: dict[str, str], expected: bool) -> None:
    assert await ask(criterion, get(headers=sent)) is expected


def duplicated(*pairs: tuple[bytes, bytes]) -> Request:
    """A request with headers that are sent several times."""
    record = Request().record
    return request_of((*record[:3], pairs, *record[4:]))


@pytest.mark.parametrize(
    ('criterion', 'expected'),
    [
        (headers(A='1'), True),
        (headers(A='2'), True),
        (headers(A='3'), False),
        (headers(A=['1', '2']), True),
        (headers(A=['2', '1']), False),
        (headers(A=re.compile('[12]')), True),
        (headers(A=None), False),
        (headers(A=...), True),
        ({'a': '2'}, True),
        ({'a': '3'}, False),
    ],
)
async def test_any_of_duplicate_headers_may_match(ask: Ask, criterion: Any, expected: bool) -> None:
    assert await ask(criterion, duplicated((b'A', b'1'), (b'a', b'2'))) is expected


async def test_header_values_that_are_not_utf8_are_compared_byte_by_byte(ask: Ask) -> None:
    request = duplicated((b'A', b'\xff\xfe'))
    assert await ask(headers(A=b'\xff\xfe'), request)
    assert await ask(headers(A=re.compile(b'[\xfe\xff]+')), request)
    assert not await ask(headers(A=b'\xff'), request)
    assert not await ask(headers(A='ÿþ'), request)


@pytest.mark.parametrize(
    ('criterion', 'sent', 'expected'),
    [
        (cookies('a=1'), {'a': '1'}, True),
        (cookies('a=1; b=2'), {'a': '1', 'b': '2', 'c': '3'}, True),
        (cookies('a=1; b=2'), {'a': '1'}, False),
        (cookies('a'), {'a': '1'}, True),
        (cookies('a'), {'b': '1'}, False),
        (cookies({'a': '1'}), {'a': '1'}, True),
        (cookies({'a': '1'}), {'A': '1'}, False),
        (cookies(a=1), {'a': '1'}, True),
        (cookies(a=...), {'a': '1'}, True),
        (cookies(a=None), {}, True),
        (cookies(a=None), {'a': '1'}, False),
        (cookies(a=None, b='2'), {'b': '2'}, True),
        (cookies(a=re.compile('[0-9]')), {'a': '5'}, True),
        (cookies(a={'1', '2'}), {'a': '3'}, False),
        (cookies(a=False), {'a': 'off'}, True),
        (cookies(...), {}, True),
        (cookies(None), {}, True),
        (cookies(None), {'a': '1'}, False),
    ],
)
async def test_cookies_are_a_subset(ask: Ask, criterion: Any, sent: dict[str, str], expected: bool) -> None:
    assert await ask(criterion, get(cookies=sent)) is expected


@pytest.mark.parametrize(
    ('criterion', 'sent', 'expected'),
    [
        (b'hello', b'hello', True),
        (b'hello', b'hello!', False),
        (bytearray(b'hello'), b'hello', True),
        (memoryview(b'hello'), b'hello', True),
        (b'', b'', True),
        (b'', b'x', False),
        (body(b'\xff\0'), b'\xff\0', True),
        (body('hello'), b'hello', True),
        (body('ä'), 'ä'.encode(), True),
        (body(re.compile(b'h.*o')), b'hello', True),
        (body(re.compile(b'h.*l')), b'hello', False),
        (body(re.compile('h.*o')), b'hello', True),
        (re.compile(b'h.*o'), b'hello', True),
        (re.compile(b'h.*l'), b'hello', False),
        (body(None), b'', True),
        (body(None), b'x', False),
        (body(...), b'x', True),
        (body(), b'', True),
        (body({b'a', b'b'}), b'b', True),
        (text('hello'), b'hello', True),
        (text('hello'), b'Hello', False),
        (text(b'hello'), b'hello', True),
        (text(5), b'5', True),
        (text(re.compile('h.*o')), b'hello', True),
        (text(re.compile(b'h.*o')), b'hello', True),
        (text(re.compile('h.*')), b'oh', False),
        (text(Prefixed('he')), b'hello', True),
        (text(None), b'', True),
        (text(None), b'x', False),
        (text(...), b'', True),
        (text({'a', 'b'}), b'b', True),
        (text('\ufffd'), b'\xff', True),
    ],
)
async def test_the_body_is_exact(ask: Ask, criterion: Any, sent: bytes, expected: bool) -> None:
    assert await ask(criterion, post(body=sent)) is expected


async def test_the_text_is_decoded_by_the_charset(ask: Ask) -> None:
    request = post(body='é'.encode('latin-1'), headers={'Content-Type': 'text/plain; charset=latin-1'})
    assert await ask(text('é'), request)


@pytest.mark.parametrize(
    ('criterion', 'sent', 'expected'),
    [
        (data({'a': 1}), '{"a": 1}', True),
        (data({'a': 1}), '{"a": 1, "b": 2}', True),
        (data({'a': 1}), '{"a": 2}', False),
        (data({'a': 1}), '{"b": 1}', False),
        (data({'a': 1}), '[1]', False),
        (data({'a': 1}), '', False),
        (data({'a': 1}), '{"a":', False),
        (data(a=1, b=2), '{"a": 1, "b": 2}', True),
        (data({'a': 1}, b=2), '{"a": 1, "b": 2, "c": 3}', True),
        (data({'a': {'b': {'c': 1}}}), '{"a": {"b": {"c": 1, "d": 2}, "e": 3}}', True),
        (data({'a': {'b': {'c': 1}}}), '{"a": {"b": {"c": 2}}}', False),
        (data({'a': {'b': 1}}), '{"a": [1]}', False),
        (data({'a': ...}), '{"a": null}', True),
        (data({'a': ...}), '{}', False),
        (data({'a': None}), '{"a": null}', True),
        (data({'a': None}), '{}', True),
        (data({'a': None}), '{"a": 0}', False),
        (data({}), '{"a": 1}', True),
        (data({}), '[]', False),
        (data([1, 2]), '[1, 2]', True),
        (data([1, 2]), '[2, 1]', False),
        (data([1, 2]), '[1, 2, 3]', False),
        (data((1, 2)), '[1, 2]', True),
        (data([{'a': 1}, ...]), '[{"a": 1, "b": 2}, {"x": 1}]', True),
        (data([]), '[]', True),
        (data([]), '', False),
        (data('x'), '"x"', True),
        (data('5'), '5', True),
        (data(5), '5', True),
        (data(5), '"5"', True),
        (data(5), '5.0', True),
        (data(5), '6', False),
        (data(b'x'), '"x"', True),
        (data(1.5), '1.5', True),
        (data(1), 'true', False),
        (data('true'), 'true', False),
        (data(True), 'true', True),
        (data(True), '"yes"', True),
        (data(True), '1', True),
        (data(True), 'false', False),
        (data(False), 'false', True),
        (data(False), 'null', False),
        (data(False), '0', True),
        (data(None), 'null', True),
        (data(None), '', True),
        (data(None), '0', False),
        (data(None), 'not json', True),
        (data(...), '{"a": 1}', True),
        (data(), '', True),
        (data({'n': range(3)}), '{"n": 2}', True),
        (data({'n': range(3)}), '{"n": 3}', False),
        (data({'n': range(3)}), '{"n": 1.5}', False),
        (data({'n': range(3)}), '{"n": true}', False),
        (data({'n': {1, 2}}), '{"n": 2}', True),
        (data({'n': frozenset({1, 'x'})}), '{"n": "x"}', True),
        (data({'n': {1, 2}}), '{"n": [1, 2]}', False),
        (data({'s': re.compile('a+')}), '{"s": "aaa"}', True),
        (data({'s': re.compile('a+')}), '{"s": "aaab"}', False),
        (data({'s': re.compile(b'a+')}), '{"s": "aaa"}', True),
        (data({'s': re.compile('[0-9]+')}), '{"s": 12}', True),
        (data({'s': re.compile('.*')}), '{"s": null}', False),
        (data({'s': re.compile('.*')}), '{"s": [1]}', False),
        (data({'n': Above(5)}), '{"n": 6}', True),
        (data({'n': Above(5)}), '{"n": 5}', False),
        (data([Above(5), Above(6)]), '[6, 7]', True),
        (data([Above(5), Above(6)]), '[6, 6]', False),
        (data({'x': [{'n': Above(5)}]}), '{"x": [{"n": 6, "m": 0}]}', True),
        (data({'s': Plain.ACTIVE}), '{"s": "active"}', True),
        (data({'s': Strict.ACTIVE}), '{"s": "active"}', True),
        (data({'s': Number.ONE}), '{"s": 1}', True),
        (data({'s': Code.ONE}), '{"s": "1"}', True),
    ],
)
async def test_data_is_a_recursive_subset_of_the_json(ask: Ask, criterion: Any, sent: str, expected: bool) -> None:
    assert await ask(criterion, json(sent)) is expected


@pytest.mark.parametrize(
    ('criterion', 'sent', 'expected'),
    [
        ({'a': 1}, '{"a": 1}', True),
        ({'a': 1}, '{"a": 1, "b": 2}', False),
        ({'a': 1}, '{"a": "1"}', False),
        ({'a': {'b': 1}}, '{"a": {"b": 1}}', True),
        ({'a': {'b': 1}}, '{"a": {"b": 1, "c": 2}}', False),
        ({'a': [{'b': 1}]}, '{"a": [{"b": 1, "c": 2}]}', False),
        ({'a': ...}, '{"a": 5}', True),
        ({'a': ...}, '{"a": 5, "b": 1}', False),
        ({}, '{}', True),
        ({}, '{"a": 1}', False),
        ([1, 2], '[1, 2]', True),
        ('x', '"x"', True),
        (5, '"5"', False),
        (5, '5.0', True),
        (True, 'true', True),
        (True, '1', False),
        (1, 'true', False),
        ({'s': Plain.ACTIVE}, '{"s": "active"}', True),
        ({'s': Strict.ACTIVE}, '{"s": "active"}', True),
        ({'n': Above(5)}, '{"n": 6}', True),
        ({'s': re.compile('a+')}, '{"s": "aa"}', True),
    ],
)
async def test_exact_data_has_nothing_else(ask: Ask, criterion: Any, sent: str, expected: bool) -> None:
    assert await ask(data(criterion, exact=True), json(sent)) is expected


async def test_data_of_a_form_is_a_subset_of_its_fields(ask: Ask) -> None:
    request = post(text='a=1&b=x+y&c=1&c=2', headers={'Content-Type': 'application/x-www-form-urlencoded'})
    assert await ask(data(a=1, b='x y'), request)
    assert await ask(data(c=['1', '2']), request)
    assert not await ask(data(a=2), request)


@pytest.mark.parametrize(
    ('criterion', 'verb', 'expected'),
    [
        (method.GET, 'GET', True),
        (method.GET, 'POST', False),
        (method('get'), 'GET', True),
        (method('store'), 'STORE', True),
        (method('store'), 'GET', False),
        (HTTPCriteria(method='get'), 'GET', True),
        (HTTPCriteria(method=b'GET'), 'GET', True),
        (HTTPCriteria(method={'get', 'post'}), 'POST', True),
        (HTTPCriteria(method={'get', method.POST}), 'PUT', False),
        (HTTPCriteria(method=re.compile('P.*')), 'PATCH', True),
        (HTTPCriteria(method=...), 'PATCH', True),
        (HTTPCriteria(method=None), 'PATCH', False),
        (HTTPCriteria(method=Prefixed('PA')), 'PATCH', True),
    ],
)
async def test_a_method_is_matched_in_any_case(ask: Ask, criterion: Any, verb: str, expected: bool) -> None:
    assert await ask(criterion, Request(verb)) is expected


@pytest.mark.parametrize(
    ('criterion', 'host', 'expected'),
    [
        ('http://api.example.com', 'api.example.com', True),
        ('http://api.example.com', 'API.Example.Com', True),
        ('http://API.example.com', 'api.example.com', True),
        ('http://api.example.com', 'api.example.com:8080', True),
        ('http://api.example.com:8080', 'api.example.com:8080', True),
        ('http://api.example.com:8080', 'api.example.com', False),
        ('http://api.example.com', 'example.com', False),
        ('http://api.example.com', 'api.example.com.evil.org', False),
        ('http://api.example.com', 'apixexample.com', False),
        ('http://*.example.com/', 'api.example.com', True),
        ('http://*.example.com/', 'api.example.com:8080', True),
        ('http://*.example.com/', 'example.com', False),
        ('//api.example.com/', 'api.example.com', True),
        ('https://api.example.com/', 'api.example.com', False),
        ('http://127.0.0.1', '127.0.0.1:80', True),
        ('http://localhost', None, True),
        ('http://elsewhere', None, False),
        (HTTPCriteria(host={'a', 'b'}), 'b', True),
        (HTTPCriteria(host=re.compile(r'[a-z]+:\d+')), 'abc:80', True),
    ],
)
async def test_scheme_and_host_are_criteria_too(ask: Ask, criterion: Any, host: str | None, expected: bool) -> None:
    assert await ask(criterion, get(headers={} if host is None else {'Host': host})) is expected


@pytest.mark.parametrize(
    ('first', 'second', 'message'),
    [
        (method.GET, method.POST, 'Ambiguous values of method: .*GET.* vs. .*POST.*'),
        ('get', 'post', 'Ambiguous values of method: '),
        ('/a', '/b', "Ambiguous values of path: '/a' vs. '/b'"),
        ('/a', re.compile('/b'), "Ambiguous values of path: '/a' vs. re.compile"),
        ('http://a/', 'http://b/', "Ambiguous values of host: 'a' vs. 'b'"),
        ('http://a/', 'https://a/', "Ambiguous values of scheme: 'http' vs. 'https'"),
        ('?a=1', '?a=2', r"Ambiguous values of params\['a'\]: '1' vs. '2'"),
        (params(a=1), params(a=2), r"Ambiguous values of params\['a'\]: 1 vs. 2"),
        (params(a=None), params(a=...), r"Ambiguous values of params\['a'\]: None vs. Ellipsis"),
        (params(a=...), params(a=None), r"Ambiguous values of params\['a'\]: Ellipsis vs. None"),
        (params(a=None), params(a=1), r"Ambiguous values of params\['a'\]: None vs. 1"),
        (params(None), params(a=1), 'Ambiguous values of params: None vs. '),
        (headers(A='1'), headers(A='2'), r"Ambiguous values of headers\['A'\]: '1' vs. '2'"),
        (headers(A='1'), headers(a='2'), r"Ambiguous values of headers\['A'\]: '1' vs. '2'"),
        (cookies(a='1'), cookies(a='2'), r"Ambiguous values of cookies\['a'\]: '1' vs. '2'"),
        (data(a=1), data(a=2), r"Ambiguous values of data\['a'\]: 1 vs. 2"),
        (data(a={'x': 1}), data(a={'x': 2}), r"Ambiguous values of data\['a'\]\['x'\]: 1 vs. 2"),
        (data([1]), data([2]), r'Ambiguous values of data: \[1\] vs. \[2\]'),
        (data(a=True), data(a='true'), r"Ambiguous values of data\['a'\]: True vs. 'true'"),
        (data({'a': 1}, exact=True), data(b=2), r"Ambiguous values of data: \{'a': 1\} vs. \{'b': 2\}"),
        (data(b=2), data({'a': 1}, exact=True), r"Ambiguous values of data: \{'b': 2\} vs. \{'a': 1\}"),
        (b'a', b'b', "Ambiguous values of body: b'a' vs. b'b'"),
        (text('a'), text('b'), "Ambiguous values of text: 'a' vs. 'b'"),
    ],
)
def test_a_contradiction_raises_at_once_and_names_the_field(first: Any, second: Any, message: str) -> None:
    kmock: Any = RawHandler()
    with pytest.raises(ValueError, match=message):
        kmock[first][second]
    with pytest.raises(ValueError, match=message):
        kmock[first, second]
    with pytest.raises(ValueError, match=message):
        kmock[[first, second]]


@pytest.mark.parametrize(
    ('first', 'second', 'merged'),
    [
        ('get', '/x', HTTPCriteria(method='GET', path='/x')),
        ('/x', 'get', HTTPCriteria(method='GET', path='/x')),
        ('get /x', 'get', HTTPCriteria(method='GET', path='/x')),
        ('get /x', 'get /x', HTTPCriteria(method='GET', path='/x')),
        ('/x?a=1', '?b=2', HTTPCriteria(path='/x', params={'a': '1', 'b': '2'})),
        ('?a=1', params(a=1), HTTPCriteria(params={'a': '1'})),
        ('?a', '?a=1', HTTPCriteria(params={'a': '1'})),
        ('?a=1', '?a', HTTPCriteria(params={'a': '1'})),
        (headers(A='1'), headers(a='1', b='2'), HTTPCriteria(headers={'A': '1', 'b': '2'})),
        (headers(a=...), headers(A='2'), HTTPCriteria(headers={'a': '2'})),
        (cookies(a='1'), cookies(b='2'), HTTPCriteria(cookies={'a': '1', 'b': '2'})),
        (data(a={'x': 1}), data(a={'y': 2}), HTTPCriteria(data={'a': {'x': 1, 'y': 2}})),
        (data({'a': 1}, exact=True), '/x', HTTPCriteria(data={'a': 1}, exact=True, path='/x')),
        (data({'a': 1}, exact=True), data({'a': 1}), HTTPCriteria(data={'a': 1}, exact=True)),
        (data({'a': 1}), data({'a': 1}, exact=True), HTTPCriteria(data={'a': 1}, exact=True)),
        (path(re.compile('/a')), path(re.compile('/a')), HTTPCriteria(path=re.compile('/a'))),
        (b'x', body('x'), HTTPCriteria(body=b'x')),
        (params(None), params(None), HTTPCriteria(params=None)),
        (params(), '/x', HTTPCriteria(path='/x', params={})),
    ],
)
def test_criteria_of_one_kind_merge(first: Any, second: Any, merged: HTTPCriteria) -> None:
    kmock: Any = RawHandler()
    view = kmock[first][second]
    assert view.criteria == merged
    assert repr(view) == f'kmock[{merged.notation}]'


def test_merging_does_not_change_what_was_merged() -> None:
    kmock = RawHandler()
    narrow = kmock[params(a=1)]
    before = repr(narrow)
    narrow[params(b=2)]
    assert repr(narrow) == before


async def test_an_exact_criterion_and_a_subset_within_it_both_hold(ask: Ask) -> None:
    both = HTTPCriteria(data={'a': 1, 'b': 2}, exact=True).merge(HTTPCriteria(data={'a': 1}))
    assert both is not None
    assert await ask(both, json('{"a": 1, "b": 2}'))
    assert not await ask(both, json('{"a": 1}'))


WRONG: Any = 5


@pytest.mark.parametrize(
    ('make', 'message'),
    [
        (lambda: params(WRONG), 'params'),
        (lambda: headers(None, A='1'), r'headers\(None\) stands alone'),
        (lambda: headers(..., A='1'), r'headers\(Ellipsis\) stands alone'),
        (lambda: data(5, a=1), 'not both'),
        (lambda: data(None, a=1), 'not both'),
    ],
)
def test_wrong_arguments_of_the_words_are_type_errors(make: Callable[[], object], message: str) -> None:
    with pytest.raises(TypeError, match=message):
        make()


@pytest.mark.parametrize(
    'word', [path('/a'), params(a=1), headers(A='1'), cookies(a='1'), body(b'a'), text('a'), data(1)]
)
def test_the_words_are_frozen_values(word: Any) -> None:
    with pytest.raises(AttributeError, match='can not be changed'):
        word.value = 'x'
    assert word == type(word)(word.value)
    assert word != type(word)('other=1')
    assert len({word, type(word)(word.value)}) == 1
    assert repr(word).startswith(f'{type(word).__name__}(')


def test_the_words_of_different_fields_are_never_equal() -> None:
    assert body('a') != text('a')
    assert headers(a='1') != cookies(a='1')
