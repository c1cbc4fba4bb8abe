"""The explanations of requests that no rule has answered."""

import asyncio
import json
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kmock_core import RawHandler, Request, headers, method, path
from kmock_core.errors import KMockError, UnmatchedRequestError
from kmock_core.handlers.diagnosis import DIFF_LINES, explain_unmatched, json_diff, nearest_rules, suggest_rule

HERE = Path(__file__).name


def explain(kmock: RawHandler, request: Request) -> list[str]:
    return explain_unmatched(request, kmock.rules).splitlines()


def lines_of(text: str, mark: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip().startswith(mark)]


def shown(value: object) -> str:
    """The value as it is in the name of a test: the same in each process, with no addresses."""
    return re.sub(' at 0x[0-9a-f]+', '', repr(value))


async def test_an_unmatched_request_is_answered_and_reported_alike() -> None:
    async with RawHandler() as kmock:
        rule = kmock['get /hello'] << b'hello'
        response = await kmock.get('/heloo')
        text = await response.text()
        assert (response.status, response.reason) == (500, 'Internal Server Error')
        assert response.headers['Content-Type'] == 'text/plain; charset=utf-8'
        assert text.splitlines() == [
            'UnmatchedRequestError: No rule answers GET /heloo',
            'The nearest of 1 rule:',
            f"1. kmock['get /hello'] << b'hello'  ({rule.location})",
            '   ✓ method',
            "   ✗ path: '/heloo' != '/hello'",
            'A rule that would answer:',
            "  kmock['get /heloo'] << 200",
        ]
        (error,) = kmock.errors
        assert isinstance(error, UnmatchedRequestError)
        assert isinstance(error, KMockError)
        assert isinstance(error, NotImplementedError)
        assert text == f'UnmatchedRequestError: {error}\n'
        assert error.request is kmock[0]
        assert kmock.unmatched == [kmock[0]]


async def test_a_request_of_a_handler_without_rules_gets_a_suggestion() -> None:
    async with RawHandler() as kmock:
        text = await (await kmock.get('/x?a=1')).text()
        assert text.splitlines()[1:] == ['There are no rules at all. Add one:', "  kmock['get /x?a=1'] << 200"]


@pytest.mark.parametrize(
    ('criterion', 'kwargs', 'expected'),
    [
        ('post', {}, '✗ method: GET != POST'),
        (method('store'), {}, '✗ method: GET != STORE'),
        ('/hello', {}, "✗ path: '/x' != '/hello'"),
        ('/y/{id}', {}, "✗ path: '/x' != '/y/{id}'"),
        (re.compile('/[yz]'), {}, "✗ path: '/x' != re.compile('/[yz]')"),
        (path('/a', '/b'), {}, "✗ path: '/x' != ['/a', '/b']"),
        ('?a=1', {'url': '/x?a=2'}, "✗ params['a']: '2' != '1'"),
        ('?a=1', {'url': '/x?a=2&a=3'}, "✗ params['a']: ['2', '3'] != '1'"),
        ('?a=1', {}, "✗ params['a']: absent != '1'"),
        ('?a', {}, "✗ params['a']: absent != anything"),
        (headers(A='1'), {'headers': {'a': '2'}}, "✗ headers['A']: '2' != '1'"),
        (headers(A=None), {'headers': {'a': '2'}}, "✗ headers['A']: '2' != nothing"),
        (headers(A='1'), {}, "✗ headers['A']: absent != '1'"),
        ('https://localhost', {}, "✗ scheme: 'http' != 'https'"),
        ('//example.com', {'headers': {'Host': 'localhost:80'}}, "✗ host: 'localhost:80' != 'example.com'"),
        (b'abc', {'body': b'abd'}, "✗ body: b'abd' != b'abc'"),
        ({'a': 1}, {}, "✗ neither the headers, the cookies, the query nor the data have {'a': 1}"),
        ('hello', {'text': 'bye'}, "✗ neither the method, the data nor the text is 'hello'"),
        ('gett /x', {}, "✗ neither the method, the data nor the text is 'gett /x' (it is read as a text: 'gett' "),
        (False, {}, '✗ BoolCriteria(False): no'),
        ((lambda: False), {}, '✗ FnCriteria(<lambda> at test_diagnosis.py:'),
    ],
    ids=shown,
)  # fmt: skip
async def test_a_criterion_that_did_not_hold_tells_how(
    send: Callable[[RawHandler, Request], Any], criterion: Any, kwargs: dict[str, Any], expected: str
) -> None:
    async with RawHandler() as kmock:
        kmock[criterion] << 200
        await send(kmock, Request('GET', kwargs.pop('url', '/x'), **kwargs))
        (line,) = lines_of(str(kmock.errors[0]), '✗')
        assert line.startswith(expected)


async def test_each_criterion_has_a_line_of_its_own() -> None:
    async with RawHandler() as kmock:
        kmock['get /x?a=1&b=2', headers(c='3'), {'d': '4'}] << 200
        await kmock.get('/x?a=1&b=0', headers={'c': '3'})
        text = str(kmock.errors[0])
        assert lines_of(text, '✓') == ['✓ method', '✓ path', "✓ params['a']", "✓ headers['c']"]
        assert lines_of(text, '✗') == [
            "✗ params['b']: '0' != '2'",
            "✗ neither the headers, the cookies, the query nor the data have {'d': '4'}",
        ]


async def test_slices_groups_and_exclusions_are_explained() -> None:
    async with RawHandler() as kmock:
        kmock['get'][:1] << 200
        kmock['post'] - kmock['/x'] << 200
        (kmock['put'] | kmock['/y']) << 200
        await kmock.get('/x')
        await kmock.get('/x')
        text = str(kmock.errors[0])
        assert '✗ position: 1 is not in [:1]' in text
        assert "✗ excluded by kmock['/x']" in text
        assert "✗ method: GET != PUT; nor path: '/x' != '/y'" in text


async def test_rules_that_matched_but_did_not_answer_tell_why() -> None:
    async with RawHandler() as kmock:
        kmock['/x'] << None
        kmock['/x'] << (lambda: None)
        kmock['/x'] << StopIteration
        await kmock.get('/x')
        assert lines_of(str(kmock.errors[0]), '- ') == [
            '- matched but silent: a spy, or a stream that gave no chunk',
            '- not mine: NotImplemented, or None from a callable',
            '- depleted: nothing is left for this request and those to come',
        ]


async def test_a_rule_that_was_depleted_before_is_not_said_to_match() -> None:
    async with RawHandler() as kmock:
        kmock['/x'] << iter([b'once'])
        assert (await kmock.get('/x')).status == 200
        for _ in range(2):
            assert (await kmock.get('/x')).status == 500
        for error in kmock.errors:
            assert lines_of(str(error), '- ') == ['- depleted: nothing is left for this request and those to come']


async def test_functions_are_not_asked_once_more_for_an_explanation() -> None:
    async with RawHandler() as kmock:
        asked: list[int] = []

        def ask(request: Request) -> None:
            asked.append(request.id)

        kmock[ask]['/x'] << 200
        kmock['/y'][ask] << 200
        await kmock.get('/x')
        await kmock.get('/x')
        assert asked == [0, 1]
        assert 'not asked' in str(kmock.errors[0])


async def test_the_nearest_rules_come_first() -> None:
    async with RawHandler() as kmock:
        kmock['post /y'] << b'nothing fits'
        kmock['get /hello?x=1'] << b'two things fit, one does not'
        kmock['get', headers(a='1')] << b'one fits, one does not'
        kmock['put /hello', headers(a='1', b='2')] << b'three do not fit'
        await kmock.get('/hello')
        text = str(kmock.errors[0])
        assert text.splitlines()[1] == 'The nearest of 4 rules:'
        assert re.findall(r"^\d\. .* << b'(.*)'", text, re.MULTILINE) == [
            'two things fit, one does not', 'one fits, one does not', 'nothing fits',
        ]  # fmt: skip


async def test_among_equally_near_rules_the_most_alike_comes_first() -> None:
    async with RawHandler() as kmock:
        for name in ('users', 'hello', 'items', 'held'):
            kmock[f'get /{name}'] << 200
        near = nearest_rules(Request('GET', '/heloo'), kmock.rules)
        assert near[0].reaction.describe() == "kmock['get /hello'] << 200"


@pytest.mark.parametrize('count', [100, 10_000])
@pytest.mark.parametrize('where', [0.0, 0.5, 0.999])
def test_the_nearest_of_many_rules_is_found_wherever_it_is(count: int, where: float) -> None:
    kmock = RawHandler()
    place = int(count * where)
    for number in range(count):
        kmock['get /special/hello' if number == place else f'get /items/{number}'] << 200
    near = nearest_rules(Request('GET', '/special/heloo'), kmock.rules)
    assert near[0].reaction.describe() == "kmock['get /special/hello'] << 200"
    near = nearest_rules(Request('POST', '/special/hello'), kmock.rules)
    assert near[0].reaction.describe() == "kmock['get /special/hello'] << 200"


async def test_ten_thousand_rules_do_not_stall_an_unmatched_request() -> None:
    async with RawHandler() as kmock:
        body = {'spec': {'replicas': 1, 'names': ['a', 'b']}}
        for number in range(10_000):
            kmock[f'post /items/{number}', kmock.data(body, number=number)] << 200
        started = time.process_time()
        text = await (await kmock.post('/items/x', json={**body, 'number': 5})).text()
        assert time.process_time() - started < 1.0  # a fiftieth of it, where nothing else runs
        assert 'The nearest of 10000 rules:' in text
        assert len(text.splitlines()) < 150


# ---- Bodies. ----


async def test_data_that_differ_are_named_and_shown_as_a_diff() -> None:
    async with RawHandler() as kmock:
        kmock['post', kmock.data({'spec': {'replicas': 3, 'paused': False}})] << 200
        await kmock.post('/', json={'spec': {'replicas': 2, 'paused': False, 'more': 1}})
        text = str(kmock.errors[0])
        assert "✗ data['spec']['replicas']: 2 != 3" in text
        assert [line[5:] for line in text.splitlines() if re.match(r' {5}[-+@ ]', line)] == [
            '--- expected', '+++ actual', '@@ -2,5 +2,5 @@', '   "spec": {', '     "paused": false,',
            '-    "replicas": 3', '+    "replicas": 2', '   }', ' }',
        ]  # fmt: skip
        assert '  body: {"spec": {"replicas": 2, "paused": false, "more": 1}}' in text


async def test_a_difference_deep_in_a_big_body_is_named_and_shown() -> None:
    async with RawHandler() as kmock:
        users = [{'id': number, 'name': f'user {number}'} for number in range(1_000)]
        kmock['post', kmock.data(users=users)] << 200
        others = [{**user, 'name': 'nobody'} if user['id'] == 800 else user for user in users]
        await kmock.post('/', json={'users': others})
        text = str(kmock.errors[0])
        assert "✗ data['users'][800]['name']: 'nobody' != 'user 800'\n" in text
        assert lines_of(text, '@@') == ['@@ -3203,5 +3203,5 @@']
        assert [line.strip() for line in text.splitlines() if re.match(r' {5}[-+] ', line)] == [
            '-      "name": "user 800"', '+      "name": "nobody"',
        ]  # fmt: skip


async def test_big_documents_do_not_stall_an_unmatched_request() -> None:
    async with RawHandler() as kmock:
        users = [{'id': number, 'tags': ['a', 'b'], 'x': {'y': {'z': number}}} for number in range(2_000)]
        for _ in range(3):
            kmock['post', kmock.data(users=users)] << 200
        body = json.dumps({'users': [*users[:-1], {'id': 5}]})
        started = time.process_time()
        text = await (await kmock.post('/', data=body)).text()
        assert time.process_time() - started < 3.0  # a tenth of it, where nothing else runs
        assert "✗ data['users'][1999]['id']: 5 != 1999; data['users'][1999]['tags']: absent != ['a', 'b']; " in text


async def test_a_misspelt_key_is_seen_in_the_diff() -> None:
    async with RawHandler() as kmock:
        kmock['post', kmock.data(name='john')] << 200
        await kmock.post('/', json={'nmae': 'john'})
        text = str(kmock.errors[0])
        assert [line.strip() for line in text.splitlines() if re.match(r' {5}[-+] ', line)] == [
            '-  "name": "john"', '+  "nmae": "john"',
        ]  # fmt: skip


@pytest.mark.parametrize(
    ('body', 'content_type', 'reason'),
    [
        (b'{"a": 1', 'application/json', "the body is not JSON: Expecting ',' delimiter: line 1 column 8 (char 7)"),
        (b'null', 'application/json', 'the body is null'),
        (b'[' * 100_000, 'application/json', 'the JSON is too deep'),
    ],
)
async def test_a_body_that_can_not_be_read_tells_why(body: bytes, content_type: str, reason: str) -> None:
    async with RawHandler() as kmock:
        kmock['post', kmock.data({'a': 1})] << 200
        await kmock.post('/', data=body, headers={'Content-Type': content_type})
        assert lines_of(str(kmock.errors[0]), '✗') == [f"✗ data: nothing != {{'a': 1}}; {reason}"]


@pytest.mark.parametrize(
    ('call', 'nearest'),
    [
        ({'headers': {'x-token': 's'}}, "headers['X-Token']: 's' != 'abc'"),
        ({'params': {'X-Token': 's'}}, "params['X-Token']: 's' != 'abc'"),
        ({'cookies': {'X-Token': 's'}}, "cookies['X-Token']: 's' != 'abc'"),
        ({'json': {'X-Token': 's'}}, "data['X-Token']: 's' != 'abc'"),
    ],
)
async def test_a_mapping_that_is_nearly_somewhere_tells_where(call: dict[str, Any], nearest: str) -> None:
    async with RawHandler() as kmock:
        kmock[{'X-Token': 'abc'}] << 200
        await kmock.get('/', **call)
        line, *rest = lines_of(str(kmock.errors[0]), '✗')
        words = 'neither the headers, the cookies, the query nor the data have'
        assert line == f"✗ {words} {{'X-Token': 'abc'}}; the nearest: {nearest}"
        assert rest == []
        assert bool(lines_of(str(kmock.errors[0]), '--- expected')) is ('json' in call)


async def test_a_mapping_that_is_nowhere_is_not_compared_with_the_data() -> None:
    async with RawHandler() as kmock:
        kmock[{'X-Token': 'abc'}] << 200
        await kmock.post('/', json={'a': 1})
        assert lines_of(str(kmock.errors[0]), '--- expected') == []


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=30) | st.dictionaries(st.text(max_size=3), inner, max_size=30),
    max_leaves=100,
)


@given(json_values, json_values)
def test_a_diff_is_at_most_forty_lines_long(expected: Any, actual: Any) -> None:
    lines = json_diff(expected, actual)
    assert len(lines) <= DIFF_LINES == 40
    is_document = isinstance(expected, (dict, list)) and isinstance(actual, (dict, list))
    assert bool(lines) is (is_document and json.dumps(expected, sort_keys=True) != json.dumps(actual, sort_keys=True))


def test_a_long_diff_tells_how_many_lines_are_left_out() -> None:
    lines = json_diff(list(range(100)), list(range(100, 200)))
    assert len(lines) == 40
    assert lines[-1] == '… 166 more lines'


def deep(levels: int, leaf: Any) -> Any:
    for _ in range(levels):
        leaf = [leaf]
    return leaf


def cyclic() -> dict[str, Any]:
    result: dict[str, Any] = {}
    result['self'] = result
    return result


@pytest.mark.parametrize(
    ('expected', 'actual'),
    [
        ({1: 'a', 'b': 2, None: 3}, {'b': 2}),
        ({(1, 2): 'a'}, {'b': 2}),
        ({'a': re.compile('x'), 'b': ..., 'c': {1, 2}}, {'a': 'y'}),
        ({'a': float('nan')}, {'a': None}),
        (deep(100_000, 1), deep(100_000, 2)),
        (cyclic(), {'a': 1}),
    ],
    ids=['mixed keys', 'tuple keys', 'patterns', 'nan', 'deep', 'cyclic'],
)
def test_no_documents_break_a_diff(expected: Any, actual: Any) -> None:
    assert len(json_diff(expected, actual)) <= 40


@pytest.mark.parametrize(
    ('expected', 'actual'),
    [
        ({'key': 'x'}, {f'key{number}': number for number in range(200_000)}),
        ([number % 7 for number in range(100_000)], [number % 5 for number in range(100_000)]),
        ({'key': 'x' * 5_000_000}, {'key': 'y' * 5_000_000}),
    ],
    ids=['wide', 'repetitive', 'long'],
)
def test_absurd_documents_do_not_stall_a_diff(expected: Any, actual: Any) -> None:
    started = time.process_time()
    lines = json_diff(expected, actual)
    assert time.process_time() - started < 2.0
    assert 0 < len(lines) <= 40
    assert max(map(len, lines)) <= 201


async def test_a_deeply_nested_body_is_explained_like_any_other() -> None:
    async with RawHandler() as kmock:
        kmock[kmock.data({'a': 1})] << 200
        response = await kmock.post('/', data=b'[' * 900 + b']' * 900)
        assert (await response.text()).startswith('UnmatchedRequestError: No rule answers POST /')


async def test_a_long_body_is_cut() -> None:
    async with RawHandler() as kmock:
        kmock['get'] << 200
        text = await (await kmock.post('/', data=b'x' * 1_000_000)).text()
        assert len(text) < 2_000


async def test_a_body_that_is_no_text_is_explained_too() -> None:
    async with RawHandler() as kmock:
        kmock[b'\xff\xfe'] << 200
        text = await (await kmock.post('/', data=b'\xff\x00')).text()
        assert "✗ body: b'\\xff\\x00' != b'\\xff\\xfe'" in text


async def test_a_binary_body_is_shown_without_control_characters() -> None:
    async with RawHandler() as kmock:
        kmock['get'] << 200
        await kmock.post('/', data=bytes(range(256)) * 100)
        text = str(kmock.errors[0])
        assert all(line.isprintable() for line in text.splitlines())
        assert "  body: b'\\x00\\x01" in text
        assert len(text) < 1_500


async def test_the_fields_of_a_multipart_form_are_shown_not_its_bytes() -> None:
    async with RawHandler() as kmock:
        kmock['get'] << 200
        body = b'--x\r\nContent-Disposition: form-data; name="a"; filename="a.png"\r\n\r\n\x89PNG\r\n--x--\r\n'
        await kmock.post('/', data=body, headers={'Content-Type': 'multipart/form-data; boundary=x'})
        shown = "  form: {'a': FormFile(b'\\x89PNG', filename='a.png', content_type='')}"
        assert shown in str(kmock.errors[0]).splitlines()


async def test_a_body_of_several_lines_is_indented() -> None:
    async with RawHandler() as kmock:
        kmock['get'] << 200
        await kmock.post('/', data=b'one\r\n2. kmock[...]\r\n')
        assert '\n  body: one\n        2. kmock[...]\n' in str(kmock.errors[0])


# ---- Suggestions. ----


segments = st.text(st.characters(codec='utf-8'), max_size=6)
segments = segments.map(lambda text: quote(text, safe="!$&'()*+,;=:@[]{}|^"))
targets = st.tuples(
    st.lists(segments, max_size=3).map(lambda parts: '/' + '/'.join(parts)),
    st.just('') | st.text('a=1&b%20+;[]*{}', max_size=8).map(lambda query: f'?{query}'),
).map(''.join)


@given(st.sampled_from(['GET', 'POST', 'OPTIONS', 'PURGE', 'M-SEARCH']), targets)
@example('OPTIONS', '*')
@example('GET', '')
@example('GET', 'strange')
@example('GET', '//double')
@example('GET', '/a[1]')
@example('GET', '/{a}{b}')
@example('GET', '/a%5B1%5D')
@example('GET', 'http://example.com/x?a=1')
@example('CONNECT', 'example.com:443')
@example('GET', '/%ff')
async def test_the_suggested_rule_would_answer(verb: str, target: str) -> None:
    async with RawHandler(strict=True) as kmock:
        request = Request(verb, target)
        suggestion = suggest_rule(request)
        eval(suggestion, {'kmock': kmock, 're': re})
        answer = kmock.serve(*request.record[1:])
        assert not asyncio.iscoroutine(answer), suggestion
        assert getattr(answer, 'status', None) == 200


async def test_errors_of_user_criteria_are_not_hidden_by_explanations() -> None:
    class Fragile:
        def __eq__(self, other: object) -> bool:
            raise ValueError('fragile')

        def __repr__(self) -> str:
            return 'Fragile()'

    async with RawHandler() as kmock:
        kmock['/other', kmock.data({'a': Fragile()})] << 200
        response = await kmock.post('/x', json={'a': 1})
        assert response.status == 500
        assert [type(error) for error in kmock.errors] == [UnmatchedRequestError]
        assert '✗ ValueError: fragile' in await response.text()
