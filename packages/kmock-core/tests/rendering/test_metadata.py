"""Section 4 of the DSL: statuses, reasons, headers, cookies; answers without a body."""

import asyncio
import http
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import kmock
from kmock_core.testing import served


def label(value: object) -> str:
    return str(getattr(value, '__name__', None) or repr(value))


async def never() -> None:
    raise AssertionError('nobody should come here')


async def one_later() -> bytes:
    await asyncio.sleep(0)
    return b'one'


# ---- Statuses and headers ----


@pytest.mark.parametrize('status', [201, http.HTTPStatus.CREATED], ids=label)
@pytest.mark.parametrize('body_first', [False, True])
async def test_a_status_goes_before_or_after_the_body(status: int, body_first: bool, transport: str) -> None:
    async with served(transport) as handler:
        handler.respond(*((b'x', status) if body_first else (status, b'x')))
        response = await handler.get('/')
        assert (response.status, response.reason, await response.read()) == (201, 'Created', b'x')


@pytest.mark.parametrize(
    'headers',
    [
        {'X-A': '1', 'Location': '/b'},
        {'x-a': 1, 'location': '/b'},
        {'X-A': b'1', 'LOCATION': '/b'},
        kmock.headers({'X-A': '1', 'Location': '/b'}),
        kmock.headers('X-A: 1\nLocation: /b'),
        kmock.headers(X_A='1', location='/b'),
        kmock.Response(headers={'X-A': '1', 'Location': '/b'}),
        kmock.Response(headers='X-A: 1\nLocation: /b'),
    ],
    ids=label,
)
async def test_headers_are_sent(headers: Any, transport: str) -> None:
    async with served(transport) as handler:
        handler << headers
        response = await handler.get('/')
        assert response.status == 200
        assert (response.headers['X-A'], response.headers['Location']) == ('1', '/b')
        assert await response.read() == b''


async def test_a_header_with_several_values_is_sent_several_times(transport: str) -> None:
    async with served(transport) as handler:
        handler << {'X-A': ['1', '2'], 'X-B': ('3', 4)} << b''
        response = await handler.get('/')
        assert response.headers.getall('X-A') == ['1', '2']
        assert response.headers.getall('X-B') == ['3', '4']


async def test_headers_of_a_document_are_not_headers(transport: str) -> None:
    async with served(transport) as handler:
        handler << {'X-A': '1', 'name': 'x'}
        response = await handler.get('/')
        assert 'X-A' not in response.headers
        assert await response.json() == {'X-A': '1', 'name': 'x'}


async def test_headers_that_are_not_well_known_are_sent_by_their_word(transport: str) -> None:
    async with served(transport) as handler:
        handler << kmock.headers(name='x')
        response = await handler.get('/')
        assert response.headers['Name'] == 'x'
        assert await response.read() == b''


@pytest.mark.parametrize('payload', [b'x', {'a': 1}, (b'x', b'y'), one_later, kmock.text('x')], ids=label)
async def test_the_own_content_type_wins(payload: Any, transport: str) -> None:
    async with served(transport) as handler:
        handler << {'content-type': 'application/x-own'} << payload
        response = await handler.get('/')
        assert response.headers.getall('Content-Type') == ['application/x-own']


@pytest.mark.parametrize('payload', [b'x', {'a': 1}, (b'x', b'y'), one_later, kmock.text('x')], ids=label)
async def test_a_header_of_none_is_removed(payload: Any, transport: str) -> None:
    async with served(transport) as handler:
        handler << {'X-Kept': '1', 'CONTENT-TYPE': None} << payload
        response = await handler.get('/')
        assert 'Content-Type' not in response.headers
        assert response.headers['X-Kept'] == '1'
        assert await response.read() != b''


async def test_a_header_of_none_removes_that_of_the_rule(transport: str) -> None:
    async with served(transport) as handler:
        handler << {'X-A': '1', 'X-B': '2'} << (lambda: kmock.Response(headers={'x-a': None}, payload=b'x'))
        response = await handler.get('/')
        assert 'X-A' not in response.headers
        assert response.headers['X-B'] == '2'


@pytest.mark.parametrize('value', ['a\nb', 'a\r\nX-Forged: 1', 'a\0', b'a\nb'], ids=label)
def test_a_header_with_line_breaks_is_refused_when_the_rule_is_made(value: Any) -> None:
    with pytest.raises(ValueError, match='line breaks'):
        kmock.RawHandler() << {'X-A': value}


def test_a_header_without_a_value_to_send_is_refused_when_the_rule_is_made() -> None:
    with pytest.raises(NotImplementedError, match=r"'X-A' has no value to send; type None to remove it"):
        kmock.RawHandler() << kmock.headers('X-A')


# ---- Cookies ----


@pytest.mark.parametrize(
    'cookies',
    [
        kmock.cookies(a='1', b=2),
        kmock.cookies('a=1; b=2'),
        kmock.cookies({'a': '1', 'b': '2'}),
        kmock.Response(cookies={'a': '1', 'b': 2}),
        kmock.Response(cookies='a=1; b=2'),
    ],
    ids=label,
)
async def test_cookies_are_set(cookies: Any, transport: str) -> None:
    async with served(transport) as handler:
        handler << cookies
        response = await handler.get('/')
        assert {name: morsel.value for name, morsel in response.cookies.items()} == {'a': '1', 'b': '2'}
        assert response.headers.getall('Set-Cookie') == ['a=1; Path=/', 'b=2; Path=/']
        assert await response.read() == b''


async def test_a_cookie_of_none_is_deleted_on_the_client(transport: str) -> None:
    async with served(transport) as handler:
        handler << kmock.cookies(a=None) << b'x'
        response = await handler.get('/')
        cookie = response.cookies['a']
        assert (cookie.value, cookie['max-age'], cookie['path']) == ('', '0', '/')
        assert cookie['expires'] == 'Thu, 01 Jan 1970 00:00:00 GMT'


# ---- Whole answers ----


async def test_a_response_is_the_whole_answer(transport: str) -> None:
    whole = kmock.Response(status=418, headers={'X-A': '1'}, cookies={'c': 'v'}, payload={'a': 1})
    async with served(transport) as handler:
        handler['/as-is'] << whole
        handler['/called'] << (lambda: whole)
        handler['/later'] << (lambda: asyncio.sleep(0, whole))
        handler['/nested'] << kmock.Response(payload=whole)
        for path in ('/as-is', '/called', '/later', '/nested'):
            response = await handler.get(path)
            assert (response.status, response.headers['X-A']) == (418, '1')
            assert response.cookies['c'].value == 'v'
            assert await response.json() == {'a': 1}


async def test_a_response_has_its_own_reason() -> None:
    async with kmock.RawHandler(strict=True) as handler:
        handler << kmock.Response(status=418, reason='Tea')
        assert (await handler.get('/')).reason == 'Tea'


async def test_the_reason_of_the_rule_does_not_stay_with_another_status() -> None:
    async with kmock.RawHandler(strict=True) as handler:
        answers = iter([kmock.Response(status=404), kmock.Response()])
        handler << kmock.Response(status=200, reason='Fine', payload=lambda: next(answers))
        assert (await handler.get('/')).reason == 'Not Found'
        assert (await handler.get('/')).reason == 'Fine'


async def test_a_response_is_merged_over_the_rule_for_one_answer_and_never_changes_it(transport: str) -> None:
    answers = [
        kmock.Response(status=404, headers={'x-a': 'own', 'X-C': '3'}, cookies={'a': 'own'}, payload=b'own'),
        kmock.Response(payload=b'plain'),
    ]
    async with served(transport) as handler:
        handler << 201 << {'X-A': '1', 'X-B': '2'} << kmock.cookies(a='1', b='2') << (lambda: answers.pop(0))
        first = await handler.get('/')
        assert (first.status, await first.read()) == (404, b'own')
        assert [first.headers.getall(name) for name in ('X-A', 'X-B', 'X-C')] == [['own'], ['2'], ['3']]
        assert {name: morsel.value for name, morsel in first.cookies.items()} == {'a': 'own', 'b': '2'}
        second = await handler.get('/')
        assert (second.status, await second.read()) == (201, b'plain')
        assert second.headers['X-A'] == '1'
        assert 'X-C' not in second.headers
        assert {name: morsel.value for name, morsel in second.cookies.items()} == {'a': '1', 'b': '2'}


async def test_a_response_without_a_payload_has_an_empty_body(transport: str) -> None:
    async with served(transport) as handler:
        handler << (lambda: kmock.Response(status=404))
        response = await handler.get('/')
        assert (response.status, await response.read()) == (404, b'')
        assert response.headers['Content-Length'] == '0'


async def test_a_response_may_have_a_stream_for_its_payload(transport: str) -> None:
    async with served(transport) as handler:
        handler << kmock.Response(status=202, payload=(b'a', one_later, {'b': 1}))
        response = await handler.get('/')
        assert (response.status, await response.read()) == (202, b'aone{"b": 1}\n')


async def test_a_response_in_a_stream_is_its_payload(transport: str) -> None:
    async with served(transport) as handler:
        whole = kmock.Response(status=404, headers={'X-A': '1'}, payload=(b'b', {'c': 1}))
        handler << 201 << (b'a', whole, kmock.Response(status=500), b'd')
        response = await handler.get('/')
        assert (response.status, await response.read()) == (201, b'ab{"c": 1}\nd')
        assert 'X-A' not in response.headers


@pytest.mark.parametrize('metadata', [kmock.headers({'X-A': '1'}), kmock.cookies(a='1')], ids=label)
async def test_metadata_in_a_stream_is_nothing(metadata: Any, transport: str) -> None:
    async with served(transport) as handler:
        handler << (b'a', metadata, b'b')
        response = await handler.get('/')
        assert [chunk async for chunk, _ in response.content.iter_chunks()] == [b'a', b'b']


async def test_a_response_is_immutable() -> None:
    response: Any = kmock.Response(status=200)
    with pytest.raises(AttributeError, match='make a new one'):
        response.status = 404


def test_the_reply_of_a_rule_can_be_looked_at() -> None:
    handler = kmock.RawHandler()
    response = (handler << 404 << {'X-A': '1'} << kmock.cookies(a='1') << b'x').response
    assert (response.status, response.headers, response.cookies) == (404, {'X-A': '1'}, {'a': '1'})
    assert response.payload == b'x'
    assert (handler << b'x' << b'y').response.payload == (b'x', b'y')
    assert (handler << 404).response.payload is None


# ---- No body ----


FORMS: list[Any] = [
    pytest.param(None, id='nothing'),
    pytest.param(b'body', id='bytes'),
    pytest.param({'a': 1}, id='document'),
    pytest.param((b'a', b'b'), id='tuple'),
    pytest.param((b'a', ...), id='stream that waits'),
    pytest.param(one_later, id='callable'),
]


@pytest.mark.parametrize('status', [204, 304])
@pytest.mark.parametrize('payload', FORMS)
async def test_204_and_304_send_no_body(status: int, payload: Any, transport: str) -> None:
    async with served(transport) as handler:
        handler << status << payload
        response = await handler.get('/')
        assert (response.status, await response.read()) == (status, b'')
        assert 'Content-Length' not in response.headers
        assert 'Content-Type' not in response.headers


@pytest.mark.parametrize('payload', FORMS)
async def test_head_has_the_headers_of_get_and_no_body(payload: Any, transport: str) -> None:
    async with served(transport) as handler:
        handler << 201 << {'X-A': '1'} << payload
        head = await handler.head('/')
        assert (head.status, await head.read(), head.headers['X-A']) == (201, b'', '1')
        get = await handler.get('/')
        assert dict(get.headers) == dict(head.headers)
        get.close()


async def test_head_ends_the_stream_that_nobody_reads(transport: str) -> None:
    ended: list[str] = []

    def stream() -> Iterator[Any]:
        try:
            yield b'a'
            yield ...
        finally:
            ended.append('stream')

    async with served(transport) as handler:
        handler << stream
        assert await (await handler.head('/')).read() == b''
        assert ended == ['stream']
        assert len(handler[...]) == 0


async def test_head_never_awaits_what_follows_the_first_chunk(transport: str) -> None:
    async with served(transport) as handler:
        handler << (b'a', never)  # would complain too, if its coroutine were left un-awaited
        assert await (await handler.head('/')).read() == b''


# ---- Repetitions ----


@pytest.mark.parametrize(
    ('first', 'second', 'message'),
    [
        (200, 404, 'Ambiguous statuses: 200 vs. 404'),
        (404, 404, 'Ambiguous statuses: 404 vs. 404'),
        ({'X-A': '1'}, {'X-A': '2', 'X-B': '3'}, r"Ambiguous headers: \['X-A'\]"),
        ({'X-A': '1'}, kmock.headers({'x-a': '2'}), r"Ambiguous headers: \['x-a'\]"),
        (kmock.cookies(a='1'), kmock.cookies(a='2', b='3'), r"Ambiguous cookies: \['a'\]"),
    ],
    ids=label,
)
class TestRepetitions:
    def test_a_repetition_is_warned_of_at_the_line_of_the_test(self, first: Any, second: Any, message: str) -> None:
        handler = kmock.RawHandler()
        with pytest.warns(UserWarning, match=message) as caught:
            handler['/'] << first << b'x' << second
        self.check_line(caught, "handler['/'] << first")

    def test_a_repetition_in_a_reflected_operator_is_warned_of(self, first: Any, second: Any, message: str) -> None:
        handler = kmock.RawHandler()
        rule = handler << first
        with pytest.warns(UserWarning, match=message) as caught:
            second >> rule
        self.check_line(caught, 'second >> rule')

    def test_a_repetition_in_one_call_is_warned_of(self, first: Any, second: Any, message: str) -> None:
        handler = kmock.RawHandler()
        with pytest.warns(UserWarning, match=message) as caught:
            handler.respond(first, second)
        self.check_line(caught, 'handler.respond(first, second)')

    def test_a_repetition_in_a_later_call_is_warned_of(self, first: Any, second: Any, message: str) -> None:
        rule = kmock.RawHandler().respond(first)
        with pytest.warns(UserWarning, match=message) as caught:
            rule.respond(b'x', second)
        self.check_line(caught, "rule.respond(b'x', second)")

    def check_line(self, caught: 'pytest.WarningsRecorder', code: str) -> None:
        (warning,) = caught
        assert warning.filename == __file__
        assert code in Path(__file__).read_text('utf-8').splitlines()[warning.lineno - 1]


async def test_the_last_of_the_repeated_values_wins(transport: str) -> None:
    async with served(transport) as handler:
        with warnings.catch_warnings():
            warnings.simplefilter('ignore')
            handler << 200 << {'X-A': '1'} << kmock.cookies(a='1') << 404 << {'x-a': '2'} << kmock.cookies(a='2')
        response = await handler.get('/')
        assert (response.status, response.headers.getall('X-A')) == (404, ['2'])
        assert response.headers.getall('Set-Cookie') == ['a=2; Path=/']


def test_what_differs_is_not_warned_of() -> None:
    handler = kmock.RawHandler()
    rule = handler << 200 << {'X-A': '1'} << {'X-B': '2'} << kmock.cookies(a='1') << kmock.cookies(b='2') << b'x'
    assert rule.response.status == 200
