"""What plain objects in the brackets mean."""

import re
import types
from collections import UserDict, UserList, deque
from collections.abc import Awaitable, Callable, Mapping
from http import HTTPMethod, HTTPStatus
from types import MappingProxyType
from typing import Any
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from kmock_core import (
    Criteria,
    Criterion,
    DictCriteria,
    HTTPCriteria,
    KMockError,
    RawHandler,
    Request,
    StrCriteria,
    View,
)
from kmock_core.criteria import notations
from kmock_core.errors import ContradictionError, UnsupportedCriterionError
from kmock_core.values.boxes import Word
from kmock_core.values.requests import request_of

pytestmark = pytest.mark.usefixtures('alone')

Ask = Callable[[Any, Request], Awaitable[bool]]

VERBS = ('GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'CONNECT')


# ---- Strings, rule 1: a verb, a URL part, or both. ----


@pytest.mark.parametrize('verb', VERBS)
def test_a_verb_is_read_in_any_case(verb: str) -> None:
    for text in (verb, verb.lower(), verb.title(), f' {verb} '):
        assert notations.parse(text) == HTTPCriteria(method=verb)


@pytest.mark.parametrize(
    ('text', 'fields'),
    [
        ('get /', {'method': 'GET', 'path': '/'}),
        ('get /p?q=1', {'method': 'GET', 'path': '/p', 'params': {'q': '1'}}),
        ('get ?q=1', {'method': 'GET', 'params': {'q': '1'}}),
        ('GET  /x', {'method': 'GET', 'path': '/x'}),
        ('get\t/x', {'method': 'GET', 'path': '/x'}),
        ('get\n/x\n', {'method': 'GET', 'path': '/x'}),
        (' post /x ', {'method': 'POST', 'path': '/x'}),
        ('/', {'path': '/'}),
        ('/p', {'path': '/p'}),
        (' /p ', {'path': '/p'}),
        ('/a b', {'path': '/a b'}),
        ('get /a b', {'method': 'GET', 'path': '/a b'}),
        ('/p?', {'path': '/p'}),
        ('/p?q', {'path': '/p', 'params': {'q': ...}}),
        ('/p?q=', {'path': '/p', 'params': {'q': ''}}),
        ('/p?a=1&b=x%20y&c', {'path': '/p', 'params': {'a': '1', 'b': 'x y', 'c': ...}}),
        ('/p?a=1&a=2', {'path': '/p', 'params': {'a': ['1', '2']}}),
        ('?q=1', {'params': {'q': '1'}}),
        ('?q=a/b?c', {'params': {'q': 'a/b?c'}}),
        ('options *', {'method': 'OPTIONS', 'path': re.compile(r'\*')}),
        ('http://api.example.com', {'scheme': 'http', 'host': 'api.example.com'}),
        ('http://api.example.com/x', {'scheme': 'http', 'host': 'api.example.com', 'path': '/x'}),
        ('HTTPS://Api.Example.com?a=1', {'scheme': 'https', 'host': 'api.example.com', 'params': {'a': '1'}}),
        ('//api.example.com/x', {'host': 'api.example.com', 'path': '/x'}),
        (
            'get http://h:80/x?y=1',
            {'method': 'GET', 'scheme': 'http', 'host': 'h:80', 'path': '/x', 'params': {'y': '1'}},
        ),
    ],
)
def test_a_verb_and_a_part_of_a_url_are_read(text: str, fields: dict[str, Any]) -> None:
    assert notations.parse(text) == HTTPCriteria(**fields)


async def test_the_asterisk_form_of_options_matches_itself_alone(ask: Ask) -> None:
    assert await ask('options *', Request('OPTIONS', '*'))
    assert not await ask('options *', Request('OPTIONS', '/'))


def test_http_methods_of_python_are_methods() -> None:
    assert notations.parse(HTTPMethod.GET) == HTTPCriteria(method='GET')


paths = st.text(
    st.characters(codec='utf-8', categories=['L', 'M', 'N', 'P', 'S'], exclude_characters='?#*[{'), max_size=20
).map(
    lambda text: '/' + text.lstrip('/')  # two slashes would begin a host
)
keys = st.text(st.characters(codec='utf-8'), min_size=1, max_size=5)
queries = st.dictionaries(keys, st.none() | st.text(st.characters(codec='utf-8'), max_size=5), max_size=4)


def encode(query: Mapping[str, str | None], quote: Callable[[str], str]) -> str:
    return '&'.join(quote(key) + ('' if value is None else f'={quote(value)}') for key, value in query.items())


@given(verb=st.sampled_from(VERBS), path=paths, query=queries, upper=st.booleans())
def test_verb_path_and_query_survive_the_notation(
    verb: str, path: str, query: dict[str, str | None], upper: bool
) -> None:
    tail = f'?{encode(query, quote_plus)}' if query else ''
    criteria = notations.parse(f'{verb if upper else verb.lower()} {path}{tail}')
    assert isinstance(criteria, HTTPCriteria)
    assert (criteria.method, criteria.path) == (verb, path)
    wanted: dict[str, Any] = {key: ... if value is None else value for key, value in query.items()}
    assert criteria.params == (wanted if query else ...)
    assert notations.parse(f'{path}{tail}').merge(HTTPCriteria(method=verb)) == criteria


@given(verb=st.sampled_from(VERBS), path=paths, query=queries)
def test_a_notation_matches_the_request_that_it_describes_and_no_other(
    verb: str, path: str, query: dict[str, str | None]
) -> None:
    criteria = notations.parse(f'{verb} {path}' + (f'?{encode(query, quote_plus)}' if query else ''))
    target = quote(path) + (f'?{encode(query, quote)}' if query else '')
    assert criteria.check(Request(verb, target)) is True
    assert criteria.check(Request('PURGE', target)) is False
    assert criteria.check(Request(verb, f'{quote(path)}/more?{target.partition("?")[2]}')) is False
    assert criteria.check(Request(verb, quote(path))) is (not query)


@given(st.text())
@example('\udc80')
@example('get \udc80')
@example('http://')
@example('http:///')
@example('get //')
@example('//')
@example('?&&&==&=')
@example('/?%zz=%')
@example('get /[')
@example('/{a}{a}{b:path}')
def test_no_text_crashes_the_parser(text: str) -> None:
    if not text.strip():
        with pytest.raises(UnsupportedCriterionError):
            notations.parse(text)
        return
    criteria = notations.parse(text)
    assert isinstance(criteria, (HTTPCriteria, StrCriteria))
    assert repr(criteria).isprintable() or not text.isprintable()
    assert isinstance(criteria.check(Request('GET', '/x?y=1', text='z')), bool)


url_chars = st.text('/?#[]{}*!-^:@%&=+.\\ ab0\n\x00é', max_size=15)


prefixes = st.sampled_from(['', 'get ', 'http://h', '//', '?', '/'])


@given(text=st.tuples(prefixes, url_chars).map(''.join), target=url_chars)
def test_no_url_crashes_the_parser_or_the_check(text: str, target: str) -> None:
    assume(text.strip())
    criteria = notations.parse(text)
    assert isinstance(criteria.check(Request('GET', '/' + target)), bool)
    assert all(finding.detail or finding.held for finding in criteria.explain(Request('GET', '/' + target)))


# ---- Strings, rule 3: texts. ----


@pytest.mark.parametrize(
    'text', ['hello', 'a b c', '*', 'get x', 'getx /y', 'ftp://example.com/', 'x/y', '5', '"x"', '//']
)
def test_what_is_neither_a_verb_nor_a_url_is_a_text(text: str) -> None:
    assert notations.parse(text) == StrCriteria(text)


@pytest.mark.parametrize(
    ('text', 'request_', 'expected'),
    [
        ('propfind', Request('PROPFIND'), True),
        ('PropFind', Request('PROPFIND'), True),
        ('propfind', Request('GET'), False),
        ('hello world', Request('POST', text='hello world'), True),
        ('hello world', Request('POST', text='Hello world'), False),
        ('hello world', Request('POST', data='hello world'), True),
        ('hello world', Request('POST', data=['hello world']), False),
        ('hello world', Request('POST', data={'hello world': 1}), False),
        ('5', Request('POST', text='5'), True),
        ('hello world', Request('POST'), False),
        ('hello world', Request('GET', '/hello%20world?hello world', headers={'hello world': 'hello world'}), False),
    ],
)
async def test_a_text_is_the_method_or_the_data_or_the_body(
    ask: Ask, text: str, request_: Request, expected: bool
) -> None:
    assert await ask(text, request_) is expected


async def test_a_text_is_the_method_in_any_case_of_either(ask: Ask) -> None:
    request = request_of((0, 'Store', '/', (), b'', Request('STORE').record[5]))
    assert await ask('sTORE', request)


# ---- Other objects. ----


@pytest.mark.parametrize(
    ('pattern', 'kwargs', 'expected'),
    [
        ({'a': '1'}, {'headers': {'A': '1', 'B': '2'}}, True),
        ({'a': '1'}, {'cookies': {'a': '1', 'b': '2'}}, True),
        ({'a': '1'}, {'params': {'a': '1', 'b': '2'}}, True),
        ({'a': '1'}, {'data': {'a': '1', 'b': '2'}}, True),
        ({'A': '1'}, {'headers': {'a': '1'}}, True),
        ({'A': '1'}, {'cookies': {'a': '1'}}, False),
        ({'A': '1'}, {'params': {'a': '1'}}, False),
        ({'A': '1'}, {'data': {'a': '1'}}, False),
        ({'a': '1', 'b': '2'}, {'params': {'a': '1', 'b': '2'}}, True),
        ({'a': '1', 'b': '2'}, {'params': {'a': '1'}, 'headers': {'b': '2'}}, False),
        ({'a': '1', 'b': '2'}, {'cookies': {'a': '1'}, 'data': {'b': '2'}}, False),
        ({'a': 1}, {'data': {'a': 1}}, True),
        ({'a': 1}, {'params': {'a': 1}}, True),
        ({'a': {'b': [1]}}, {'data': {'a': {'b': [1], 'c': 0}}}, True),
        ({'a': {'b': [1]}}, {'data': {'a': {'b': [2]}}}, False),
        ({'a': re.compile('.+')}, {'params': {'a': 'xyz'}}, True),
        ({'a': ...}, {'cookies': {'a': 'xyz'}}, True),
        ({'a': ...}, {}, False),
        ({1: 2}, {'data': {'1': 2}}, False),
        (MappingProxyType({'a': '1'}), {'params': {'a': '1'}}, True),
        (UserDict({'a': '1'}), {'params': {'a': '1'}}, True),
    ],
)
async def test_a_mapping_is_wholly_in_the_headers_the_cookies_the_query_or_the_data(
    ask: Ask, pattern: Mapping[Any, Any], kwargs: dict[str, Any], expected: bool
) -> None:
    assert await ask(pattern, Request('POST', '/', **kwargs)) is expected


async def test_a_mapping_is_found_in_the_fields_of_a_form(ask: Ask) -> None:
    form = Request('POST', text='a=1&b=2', headers={'Content-Type': 'application/x-www-form-urlencoded'})
    assert await ask({'a': '1'}, form)
    assert not await ask({'a': '2'}, form)


def test_mappings_are_copied() -> None:
    mapping = {'a': '1'}
    criteria = notations.parse(mapping)
    mapping['a'] = '2'
    assert criteria == DictCriteria({'a': '1'})


class Custom:
    def __init__(self, meaning: Any) -> None:
        self.meaning = meaning

    def __kmock_criteria__(self) -> Any:
        return self.meaning


@pytest.mark.parametrize(
    'meaning', ['get /x', HTTPCriteria(method='GET', path='/x'), Custom('get /x'), lambda: 'get /x']
)
async def test_an_object_can_know_its_own_meaning(ask: Ask, meaning: Any) -> None:
    assert await ask(Custom(meaning), Request('GET', '/x'))
    assert not await ask(Custom(meaning), Request('GET', '/y'))


class Even(Criteria):
    """Criteria of the user's own, which say less than True or False."""

    def check(self, request: Request, /) -> bool:
        verdict: Any = [] if request.id % 2 else [request]
        return verdict  # type: ignore[no-any-return]  # a truth value, as careless code returns it


class Odd(Criteria):
    """The older way to define criteria: by calling."""

    def __call__(self, request: Request, /) -> bool:
        return request.id % 2 == 1


async def test_criteria_of_the_users_own_are_asked() -> None:
    async with RawHandler(strict=True) as kmock:
        even, odd = kmock[Even()] << b'even', kmock[Odd()] << b'odd'
        assert [await (await kmock.get()).read() for _ in range(4)] == [b'even', b'odd', b'even', b'odd']
        assert [request.id for request in even] == [request.id for request in kmock[Even()]] == [0, 2]
        assert [request.id for request in odd] == [request.id for request in kmock[Odd()]] == [1, 3]
        assert kmock[Odd()][:1] == [kmock[1]]


async def test_a_rule_for_positions_of_the_users_own_criteria_counts_them() -> None:
    async with RawHandler(strict=True) as kmock:
        kmock[Even()][1:] << b'late'
        kmock << b'other'
        assert [await (await kmock.get()).read() for _ in range(4)] == [b'other', b'other', b'late', b'other']


async def test_criteria_that_define_nothing_are_an_error_of_the_request() -> None:
    async with RawHandler() as kmock:
        kmock[Criteria()] << 200
        assert (await kmock.get()).status == 500
        assert [type(error) for error in kmock.errors] == [NotImplementedError]


# ---- Bad input. ----


def shown(value: object) -> str:
    """The value as it is in the name of a test: the same in each process, with no addresses."""
    return re.sub(' at 0x[0-9a-f]+', '', repr(value))


MEANINGLESS: list[Any] = [
        '', ' ', '\n', {}, MappingProxyType({}), object(), types, deque(), UserList(), UserList([1]), iter([]),
        (x for x in 'generator'), {}.keys(), {}.values(), 0.0, 3.14, float('nan'), 1j, range(0), range(3),
        HTTPStatus.OK, NotImplemented, Request(), ValueError('x'),
]  # fmt: skip


@pytest.mark.parametrize('item', MEANINGLESS, ids=shown)
def test_what_has_no_meaning_is_refused_by_its_name(item: Any) -> None:
    with pytest.raises(NotImplementedError, match='Unsupported filtering criteria: ') as caught:
        RawHandler()[item]
    error: BaseException = caught.value
    assert repr(item) in str(error)
    assert isinstance(error, KMockError)
    assert isinstance(error, UnsupportedCriterionError)
    assert error.criterion is item


def test_the_message_tells_what_is_known() -> None:
    with pytest.raises(UnsupportedCriterionError, match=r'known: strings, bytes, patterns, mappings, .*path\(\)'):
        RawHandler()[MEANINGLESS[-1]]


VIEWS: list[Callable[[RawHandler], Any]] = [lambda kmock: kmock, lambda kmock: kmock['get'], lambda kmock: kmock[:1]]


@pytest.mark.parametrize('make', VIEWS)
def test_a_view_is_no_criterion(make: Callable[[RawHandler], Any]) -> None:
    kmock = RawHandler()
    with pytest.raises(NotImplementedError, match=r'is a view; combine views with \| & -'):
        kmock[make(kmock)]


@pytest.mark.parametrize('item', [{0, 1}, {'get', 0}, frozenset({-1})], ids=shown)
async def test_a_set_has_criteria_only(item: Any) -> None:
    async with RawHandler() as kmock:
        kmock << 200
        await kmock.get()
        await kmock.get()
        with pytest.raises(NotImplementedError, match='Unsupported filtering criteria: '):
            kmock[item]


@pytest.mark.parametrize('bad', [object(), '', {}, 3.5])
def test_a_bad_criterion_is_refused_in_tuples_lists_and_sets(bad: Any) -> None:
    kmock = RawHandler()
    for item in (('get', bad), ['get', bad], [('get', [bad])]):
        with pytest.raises(NotImplementedError):
            kmock[item]


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.complex_numbers() | st.text() | st.binary() | st.just(object()),
        lambda inner: st.lists(inner) | st.tuples(inner) | st.dictionaries(st.text(), inner),
        max_leaves=5,
    )
)
def test_any_object_is_a_view_or_an_error_that_names_it(item: Criterion[Request]) -> None:
    kmock = RawHandler()
    refusal = ''
    view: View[Request] = kmock
    try:
        view = kmock[item]
    except (UnsupportedCriterionError, ContradictionError) as exc:
        refusal = str(exc)
    assert not refusal or refusal.startswith(('Unsupported filtering criteria: ', 'Ambiguous values of '))
    assert len(view) == 0
    assert '\n' not in repr(view)


async def test_absurdly_long_criteria_are_compared(ask: Ask) -> None:
    long = 'x' * 1_000_000
    assert await ask(f'/{long}', Request('GET', f'/{long}'))
    assert not await ask(f'/{long}', Request('GET', f'/{long}y'))
    assert await ask(long, Request('POST', text=long))
    assert len(repr(RawHandler()[long])) < 1_000
    assert len(repr(RawHandler()[{'a': long}])) < 1_000
    assert len(repr(RawHandler()[f'/{long}'])) < 1_000


async def test_absurdly_many_fields_are_compared(ask: Ask) -> None:
    query = '&'.join(f'k{number}=v' for number in range(50_000))
    assert await ask('/?k49999=v&k0=v', Request('GET', f'/?{query}'))
    assert not await ask('/?k49999=v&k50000=v', Request('GET', f'/?{query}'))
    form = {'Content-Type': 'application/x-www-form-urlencoded'}
    assert await ask({'k0': 'v', 'k9999': 'v'}, Request('POST', text=query, headers=form))


class Verb(Word, str):
    """A word that a plugin adds to the DSL, and that is a text too."""

    __slots__ = ()


def test_a_word_of_a_plugin_that_is_a_text_too_is_not_read_as_http() -> None:
    assert notations.HTTP.parse(Verb('get')) is NotImplemented
    assert notations.HTTP.parse('get') == HTTPCriteria(method='GET')
