"""Answers byte by byte: framing, headers, and what becomes of the connection afterwards."""

import asyncio
import re
import time
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

import pytest

from kmock_core import RawHandler, Request, Response

if TYPE_CHECKING:
    from conftest import Wire


def path_of(request: Request) -> bytes:
    return request.path.encode()


# ---- Static answers ----


async def test_a_static_answer_is_these_bytes(kmock: RawHandler, wire: 'Wire') -> None:
    kmock << 201 << {'X-A': 'é'} << b'hello'
    wire.ask('/')
    assert await wire.read_head() == (
        b'HTTP/1.1 201 Created\r\n'
        b'X-A: \xc3\xa9\r\n'
        b'Content-Length: 5\r\n'
        b'Content-Type: application/octet-stream\r\n'
        b'Server: kmock\r\n\r\n'
    )
    assert await wire.read(5) == b'hello'


async def test_an_answer_has_the_date_of_now(kmock: RawHandler, wire: 'Wire') -> None:
    kmock << b''
    wire.ask('/')
    head = await wire.read_until(b'\r\n\r\n')
    found = re.search(rb'\r\nDate: ([^\r]+)\r\n', head)
    assert found
    assert abs(parsedate_to_datetime(found[1].decode()).timestamp() - time.time()) < 3


@pytest.mark.parametrize('name', ['Date', 'date', 'Server', 'SERVER', 'Connection', 'Content-Type', 'content-length'])
async def test_a_header_of_the_user_is_sent_once_and_as_it_is(kmock: RawHandler, wire: 'Wire', name: str) -> None:
    value = '5' if name == 'content-length' else 'mine'
    kmock << Response(headers={name: value}, payload=b'hello')
    wire.ask('/')
    head = await wire.read_until(b'\r\n\r\n')
    assert f'\r\n{name}: {value}\r\n'.encode() in head
    assert head.lower().count(f'\r\n{name.lower()}:'.encode()) == 1


async def test_a_header_with_several_values_is_repeated_in_order(kmock: RawHandler, wire: 'Wire') -> None:
    kmock << {'X-A': ['1', '2']} << {'Set-Cookie': ['a=1', 'b=2']} << b''
    wire.ask('/')
    head = await wire.read_head()
    assert b'\r\nX-A: 1\r\nX-A: 2\r\n' in head
    assert b'\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\n' in head


async def test_an_unknown_status_has_an_empty_reason(kmock: RawHandler, wire: 'Wire') -> None:
    kmock << 555
    wire.ask('/')
    assert (await wire.read_head()).startswith(b'HTTP/1.1 555 \r\n')


@pytest.mark.parametrize('status', [204, 304])
async def test_statuses_without_a_body_have_none_and_keep_the_connection(
    kmock: RawHandler, wire: 'Wire', status: int
) -> None:
    kmock['/none'] << status << b'body'
    kmock['/stream'] << status << (b'a', b'b')
    kmock << b'next'
    for target in ('/none', '/stream'):
        wire.ask(target)
        head = await wire.read_head()
        assert head.startswith(b'HTTP/1.1 %d ' % status)
        assert b'Content-Length' not in head
        assert b'Transfer-Encoding' not in head
    wire.ask('/next')
    assert await wire.read_answer() == b'next'


@pytest.mark.parametrize('status', [100, 101, 199])
async def test_an_informational_status_as_an_answer_ends_the_connection(
    kmock: RawHandler, wire: 'Wire', status: int
) -> None:
    kmock << status
    wire.ask('/')
    assert (await wire.read_head()).startswith(b'HTTP/1.1 %d ' % status)
    assert await wire.read_all() == b''


@pytest.mark.parametrize(
    'metadata', [{'headers': {'X\r\nForged': '1'}}, {'headers': {'X': '1\nForged: 1'}}, {'reason': 'OK\r\nForged: 1'}]
)
async def test_line_breaks_in_headers_and_reasons_forge_nothing(
    kmock: RawHandler, wire: 'Wire', metadata: dict[str, Any]
) -> None:
    kmock << (lambda: Response(**metadata))
    wire.ask('/')
    head = await wire.read_head()
    assert head.startswith(b'HTTP/1.1 500 ')
    assert b'\r\nForged' not in head
    assert ['line breaks' in str(error) for error in kmock.errors] == [True]


# ---- HEAD ----


@pytest.mark.parametrize(
    ('payload', 'length'), [(b'hello', b'5'), ({'a': 1}, b'8'), (lambda: b'hello', b'5'), ((b'a', b'b'), None)]
)
async def test_head_answers_have_headers_and_no_body(
    kmock: RawHandler, wire: 'Wire', payload: Any, length: bytes | None
) -> None:
    kmock['/body'] << payload
    kmock << b'next'
    for _ in range(2):
        wire.ask('/body', method='HEAD')
        head = await wire.read_head()
        assert head.startswith(b'HTTP/1.1 200 OK\r\n')
        assert re.findall(rb'\r\nContent-Length: (\d+)\r\n', head) == ([length] if length else [])
        assert b'Connection' not in head
    wire.ask('/next')
    assert await wire.read_answer() == b'next'


async def test_head_and_get_of_one_rule_do_not_spoil_each_other(kmock: RawHandler, wire: 'Wire') -> None:
    kmock << b'hello'
    for method, body in [('HEAD', b''), ('GET', b'hello')] * 2:
        wire.ask('/', method=method)
        assert b'\r\nContent-Length: 5\r\n' in await wire.read_head()
        assert await wire.read(len(body)) == body


# ---- Streams ----


async def test_a_stream_has_one_http_chunk_for_each_item(kmock: RawHandler, wire: 'Wire') -> None:
    kmock << (b'a', {'b': 1}, b'', 'c', None, (b'd' * 17,))
    wire.ask('/')
    assert await wire.read_head() == (
        b'HTTP/1.1 200 OK\r\n'
        b'Content-Type: application/octet-stream\r\n'
        b'Transfer-Encoding: chunked\r\n'
        b'Server: kmock\r\n\r\n'
    )
    expected = b'1\r\na\r\n9\r\n{"b": 1}\n\r\n4\r\n"c"\n\r\n11\r\nddddddddddddddddd\r\n0\r\n\r\n'
    assert await wire.read(len(expected)) == expected
    wire.ask('/')
    assert await wire.read_head()


async def test_each_feeding_is_a_chunk_of_its_own(kmock: RawHandler, wire: 'Wire') -> None:
    kmock << (b'a', ..., b'z')
    wire.ask('/')
    await kmock[...].wait()
    assert await wire.read_head()
    assert await wire.read_until(b'a\r\n') == b'1\r\na\r\n'
    kmock[...] << (b'one', ...)
    assert await wire.read_until(b'one\r\n') == b'3\r\none\r\n'
    kmock[...] << (b'2', lambda: b'3', ...)
    assert await wire.read_until(b'3\r\n') == b'1\r\n2\r\n1\r\n3\r\n'
    kmock[...] << None
    assert await wire.read_until(b'0\r\n\r\n') == b'1\r\nz\r\n0\r\n\r\n'


async def test_a_stream_that_starts_with_an_empty_chunk_sends_its_headers(kmock: RawHandler, wire: 'Wire') -> None:
    kmock << (b'', ...)
    wire.ask('/')
    assert (await wire.read_head()).startswith(b'HTTP/1.1 200 OK\r\n')
    await kmock[...].wait()
    kmock[...] << b'x'
    assert await wire.read_until(b'0\r\n\r\n') == b'1\r\nx\r\n0\r\n\r\n'


async def test_a_stream_with_its_length_is_not_chunked_and_keeps_the_connection(
    kmock: RawHandler, wire: 'Wire'
) -> None:
    kmock['/stream'] << {'Content-Length': '4'} << (b'ab', ..., b'd')
    kmock << b'next'
    wire.ask('/stream')
    head = await wire.read_head()
    assert b'Transfer-Encoding' not in head
    await kmock[...].wait()
    kmock[...] << (b'c', ...)
    kmock[...] << None
    assert await wire.read(4) == b'abcd'
    wire.ask('/next')
    assert await wire.read_answer() == b'next'


@pytest.mark.parametrize('payload', [(b'ab', b'c'), b'abc', lambda: b'abc'])
@pytest.mark.parametrize('length', ['2', '1000', 'x', ''])
async def test_a_body_that_is_not_as_long_as_it_says_ends_the_connection(
    kmock: RawHandler, wire: 'Wire', payload: Any, length: str
) -> None:
    kmock << {'Content-Length': length} << payload
    wire.ask('/')
    assert f'\r\nContent-Length: {length}\r\n'.encode() in await wire.read_head()
    assert await wire.read_all() == b'abc'


async def test_a_body_without_its_length_ends_with_the_connection(kmock: RawHandler, wire: 'Wire') -> None:
    kmock << {'Content-Length': None} << b'abc'
    wire.ask('/')
    head = await wire.read_head()
    assert b'Content-Length' not in head
    assert b'\r\nConnection: close\r\n' in head
    assert await wire.read_all() == b'abc'


@pytest.mark.parametrize('payload', [(b'abc',), b'abc', lambda: b'abc'])
async def test_a_body_that_is_said_to_be_chunked_is_chunked(kmock: RawHandler, wire: 'Wire', payload: Any) -> None:
    kmock << {'Transfer-Encoding': 'Chunked'} << payload
    wire.ask('/')
    head = await wire.read_head()
    assert head.lower().count(b'transfer-encoding: chunked') == 1
    assert b'Content-Length' not in head
    assert await wire.read(13) == b'3\r\nabc\r\n0\r\n\r\n'


@pytest.mark.parametrize('payload', [(b'abc',), b'abc'])
async def test_a_body_in_another_transfer_coding_ends_with_the_connection(
    kmock: RawHandler, wire: 'Wire', payload: Any
) -> None:
    kmock << {'Transfer-Encoding': 'gzip'} << payload
    wire.ask('/')
    assert b'\r\nTransfer-Encoding: gzip\r\n' in await wire.read_head()
    assert await wire.read_all() == b'abc'


async def test_an_error_in_a_stream_is_its_last_chunk(kmock: RawHandler, wire: 'Wire') -> None:
    seen = asyncio.Event()
    kmock << (b'a', seen, ValueError('boo'), b'never')
    wire.ask('/')
    assert await wire.read_until(b'1\r\na\r\n')
    seen.set()
    rest = await wire.read_until(b'0\r\n\r\n')
    assert b'ValueError: boo\n\r\n0\r\n\r\n' in rest
    assert b'never' not in rest
    assert [str(error) for error in kmock.errors] == ['boo']


# ---- Connections ----


async def test_a_connection_serves_request_after_request(kmock: RawHandler, wire: 'Wire') -> None:
    kmock << path_of
    for number in range(3):
        wire.ask(f'/{number}')
        assert await wire.read_answer() == b'/%d' % number


@pytest.mark.parametrize('payload', [b'abc', (b'abc',), lambda: b'abc'])
async def test_a_request_to_close_the_connection_is_heeded(kmock: RawHandler, wire: 'Wire', payload: Any) -> None:
    kmock << payload
    wire.ask('/', 'Connection: close')
    assert b'\r\nConnection: close\r\n' in await wire.read_head()
    assert (await wire.read_all()) in {b'abc', b'3\r\nabc\r\n0\r\n\r\n'}


@pytest.mark.parametrize('value', ['close', 'Close', 'foo, close'])
async def test_an_answer_that_closes_the_connection_closes_it(kmock: RawHandler, wire: 'Wire', value: str) -> None:
    kmock << {'Connection': value} << b'abc'
    wire.ask('/')
    wire.ask('/never')
    assert f'\r\nConnection: {value}\r\n'.encode() in await wire.read_head()
    assert await wire.read_all() == b'abc'
    assert len(kmock) == 1


@pytest.mark.parametrize('payload', [b'abc', (b'a', b'bc'), lambda: b'abc'])
async def test_http_1_0_is_answered_without_chunks_and_closed(kmock: RawHandler, wire: 'Wire', payload: Any) -> None:
    kmock << payload
    wire.ask('/', version='1.0')
    head = await wire.read_head()
    assert head.startswith(b'HTTP/1.0 200 OK\r\n')
    assert b'Transfer-Encoding' not in head
    assert b'\r\nConnection: close\r\n' in head
    assert await wire.read_all() == b'abc'
    assert kmock[0].origin.version == '1.0'


async def test_http_1_0_may_keep_the_connection_where_the_length_is_known(kmock: RawHandler, wire: 'Wire') -> None:
    kmock['/known'] << b'abc'
    kmock << (b'a', b'bc')
    wire.ask('/known', 'Connection: keep-alive', version='1.0')
    head = await wire.read_head()
    assert b'\r\nConnection: keep-alive\r\n' in head
    assert await wire.read(3) == b'abc'
    wire.ask('/stream', 'Connection: keep-alive', version='1.0')
    assert b'\r\nConnection: close\r\n' in await wire.read_head()
    assert await wire.read_all() == b'abc'


async def test_an_answer_to_http_1_0_does_not_spoil_the_next_one_to_http_1_1(kmock: RawHandler, wire: 'Wire') -> None:
    kmock << b'abc'
    wire.ask('/', 'Connection: keep-alive', version='1.0')
    assert b'keep-alive' in await wire.read_head()
    assert await wire.read(3) == b'abc'
    wire.ask('/')
    head = await wire.read_head()
    assert head.startswith(b'HTTP/1.1 ')
    assert b'Connection' not in head


# ---- Pipelining ----


async def test_pipelined_requests_are_answered_in_order(kmock: RawHandler, wire: 'Wire') -> None:
    kmock << path_of
    wire.send(
        b'GET /1 HTTP/1.1\r\nHost: x\r\n\r\n'
        b'POST /2 HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc'
        b'GET /3 HTTP/1.1\r\nHost: x\r\n\r\n'
    )
    assert [await wire.read_answer() for _ in range(3)] == [b'/1', b'/2', b'/3']
    assert [request.body for request in kmock] == [b'', b'abc', b'']


async def test_a_slow_answer_holds_the_pipelined_ones_back(kmock: RawHandler, wire: 'Wire') -> None:
    ready = asyncio.Event()
    kmock['/slow'] << (b'a', ready, b'b')
    kmock << b'fast'
    wire.ask('/slow')
    wire.ask('/fast')
    assert await wire.read_until(b'1\r\na\r\n')
    assert len(kmock) == 1
    ready.set()
    assert await wire.read_until(b'0\r\n\r\n') == b'1\r\nb\r\n0\r\n\r\n'
    assert await wire.read_answer() == b'fast'


async def test_hundreds_of_pipelined_requests_are_all_served(kmock: RawHandler, wire: 'Wire') -> None:
    kmock << path_of
    for number in range(500):
        wire.ask(f'/{number}')
    for number in range(500):
        assert await wire.read_answer() == b'/%d' % number
    assert len(kmock) == 500
