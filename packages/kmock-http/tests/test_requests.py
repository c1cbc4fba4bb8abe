"""Requests byte by byte: what arrives whole is recorded as it is, what is broken or cut off harms nobody."""

import asyncio
import gzip
import json
import logging
import re
import zlib
from typing import TYPE_CHECKING

import pytest

from kmock_core import RawHandler, Request

if TYPE_CHECKING:
    from conftest import Dial, Wire
    from kmock_http import Server


REFUSED = re.compile(rb'HTTP/1\.[01] 400 Bad Request\r\n')


def body_of(request: Request) -> bytes:
    return request.body


# ---- As they are ----


async def test_duplicate_headers_are_kept_in_order_with_their_bytes(kmock: RawHandler, wire: 'Wire') -> None:
    kmock << b''
    wire.send(
        b'GET / HTTP/1.1\r\nHost: x\r\nx-A: 1\r\nX-B: \xff\xc3\xa9\r\nX-a: 2\r\nCookie: a=1\r\nCookie: b=2\r\n\r\n'
    )
    await wire.read_answer()
    assert kmock[0].raw.headers == (
        (b'Host', b'x'),
        (b'x-A', b'1'),
        (b'X-B', b'\xff\xc3\xa9'),
        (b'X-a', b'2'),
        (b'Cookie', b'a=1'),
        (b'Cookie', b'b=2'),
    )
    assert kmock[0].headers.getall('X-A') == ['1', '2']
    assert kmock[0].cookies == {'a': '1', 'b': '2'}


@pytest.mark.parametrize(
    ('target', 'path'),
    [
        ('/p/x%20y?a=1&b=2', '/p/x y'),
        ('/%ff%00', '/\ufffd\0'),
        ('/a%2Fb//c/../d', '/a/b//c/../d'),
        ('http://other:81/abs?x', '/abs'),
        ('/?a=%ff&&=;', '/'),
    ],
)
async def test_targets_are_recorded_as_they_were_sent(kmock: RawHandler, wire: 'Wire', target: str, path: str) -> None:
    kmock << b'hello'
    wire.ask(target)
    assert await wire.read_answer() == b'hello'
    assert kmock[0].target == target
    assert kmock[0].path == path


async def test_options_of_the_whole_server_are_recorded(kmock: RawHandler, wire: 'Wire') -> None:
    kmock['options'] << b'hello'
    wire.ask('*', method='OPTIONS')
    assert await wire.read_answer() == b'hello'
    assert kmock[0].target == '*'


async def test_connect_is_answered_by_its_rule(kmock: RawHandler, wire: 'Wire') -> None:
    kmock[kmock.method.CONNECT] << 418
    wire.ask('example.com:443', method='CONNECT')
    assert (await wire.read_head()).startswith(b'HTTP/1.1 418 ')
    assert kmock[0].target == 'example.com:443'


@pytest.mark.parametrize('protocol', ['websocket', 'h2c', 'foo/2'])
async def test_an_upgrade_that_is_not_accepted_is_a_plain_request(
    kmock: RawHandler, wire: 'Wire', protocol: str
) -> None:
    kmock << b'no'
    wire.ask('/', 'Connection: Upgrade', f'Upgrade: {protocol}')
    assert await wire.read_answer() == b'no'
    wire.ask('/again')
    assert await wire.read_answer() == b'no'


async def test_the_address_of_the_client_is_recorded(kmock: RawHandler, wire: 'Wire') -> None:
    kmock << b''
    wire.ask('/')
    await wire.read_answer()
    assert kmock[0].remote == '127.0.0.1'


# ---- Bodies ----


async def test_a_chunked_body_is_put_together(kmock: RawHandler, wire: 'Wire') -> None:
    kmock << b'hello'
    wire.ask('/', 'Transfer-Encoding: chunked', 'Content-Type: application/json', method='POST')
    for part in (b'3;ext=1\r\n{"a', b'\r\n2\r', b'\n":\r\n', b'2\r\n1}\r\n0\r\n', b'Trailer: x\r\n\r\n'):
        wire.send(part)
        await asyncio.sleep(0)
    assert await wire.read_answer() == b'hello'
    assert kmock[0].body == b'{"a":1}'
    assert kmock[0].data == {'a': 1}


async def test_a_client_that_expects_it_is_told_to_continue(kmock: RawHandler, wire: 'Wire') -> None:
    kmock << b'hello'
    wire.ask('/', 'Content-Length: 4', 'Expect: 100-continue', method='PUT')
    assert await wire.read_until(b'\r\n\r\n') == b'HTTP/1.1 100 Continue\r\n\r\n'
    assert not kmock
    wire.send(b'body')
    assert await wire.read_answer() == b'hello'
    assert kmock[0].body == b'body'


@pytest.mark.parametrize(
    ('version', 'length'), [('1.0', 4), ('1.1', 0)], ids=['HTTP/1.0 does not know it', 'there is no body']
)
async def test_nobody_is_told_to_continue_in_vain(kmock: RawHandler, wire: 'Wire', version: str, length: int) -> None:
    kmock << b'hello'
    lines = [f'Content-Length: {length}', 'Expect: 100-continue', 'Connection: keep-alive']
    wire.ask('/', *lines, method='PUT', version=version, body=b'x' * length)
    assert await wire.read_answer() == b'hello'


@pytest.mark.parametrize(
    ('coding', 'sent'),
    [
        ('gzip', gzip.compress(b'hello', mtime=0)),
        ('GZip', gzip.compress(b'hel', mtime=0) + gzip.compress(b'lo', mtime=0)),
        ('x-gzip', gzip.compress(b'hello', mtime=0)),
        ('deflate', zlib.compress(b'hello')),
        ('deflate', zlib.compress(b'hello')[2:-4]),
        ('identity', b'hello'),
        ('deflate, gzip', gzip.compress(zlib.compress(b'hello'), mtime=0)),
    ],
)
async def test_known_content_codings_are_undone(kmock: RawHandler, wire: 'Wire', coding: str, sent: bytes) -> None:
    kmock << b''
    wire.ask('/', f'Content-Length: {len(sent)}', f'Content-Encoding: {coding}', method='POST', body=sent)
    await wire.read_answer()
    assert kmock[0].body == b'hello'
    assert kmock[0].headers['Content-Encoding'] == coding


@pytest.mark.parametrize(
    ('coding', 'sent'),
    [
        ('gzip', b'not at all'),
        ('gzip', gzip.compress(b'hello', mtime=0)[:-3]),
        ('gzip', gzip.compress(b'hello', mtime=0) + b'rubbish'),
        ('deflate', b'\xff\xff\xff'),
        ('unheard-of', b'hello'),
        ('gzip, unheard-of', gzip.compress(b'hello', mtime=0)),
    ],
)
async def test_a_body_with_a_broken_or_unknown_coding_is_recorded_as_it_came(
    kmock: RawHandler, wire: 'Wire', coding: str, sent: bytes
) -> None:
    kmock << b'hello'
    wire.ask('/', f'Content-Length: {len(sent)}', f'Content-Encoding: {coding}', method='POST', body=sent)
    assert await wire.read_answer() == b'hello'
    assert kmock[0].body == sent
    assert kmock.errors == []


@pytest.mark.parametrize(
    'kind', ['application/json', 'text/plain; charset=nope', 'application/x-www-form-urlencoded', 'multipart/form-data']
)
async def test_a_body_in_a_broken_encoding_is_recorded(kmock: RawHandler, wire: 'Wire', kind: str) -> None:
    kmock['post', {'a': 1}] << b'never'
    kmock << b'hello'
    wire.ask('/', 'Content-Length: 5', f'Content-Type: {kind}', method='POST', body=b'\xff{\x00"\xc3')
    assert await wire.read_answer() == b'hello'
    assert kmock[0].body == b'\xff{\x00"\xc3'
    assert '\ufffd' in kmock[0].text
    assert kmock.errors == []


# ---- Absurd sizes ----


async def test_a_header_of_900_kilobytes_is_recorded(kmock: RawHandler, wire: 'Wire') -> None:
    kmock << b'hello'
    wire.ask('/', f'X-Long: {"x" * 900_000}')
    assert await wire.read_answer() == b'hello'
    assert len(kmock[0].headers['X-Long']) == 900_000


async def test_a_url_of_a_megabyte_is_recorded(kmock: RawHandler, wire: 'Wire') -> None:
    kmock << b'hello'
    wire.ask(f'/{"x" * 500_000}?{"y" * 500_000}')
    assert await wire.read_answer() == b'hello'
    assert len(kmock[0].target) == 1_000_002


@pytest.mark.parametrize('count', [200, 5000])
async def test_hundreds_of_headers_are_recorded(kmock: RawHandler, wire: 'Wire', count: int) -> None:
    kmock << b'hello'
    wire.ask('/', *(f'X-{number}: {number}' for number in range(count)))
    assert await wire.read_answer() == b'hello'
    assert len(kmock[0].headers) == count + 1


@pytest.mark.parametrize('chunked', [False, True])
async def test_a_body_of_10_megabytes_is_recorded_and_returned(kmock: RawHandler, wire: 'Wire', chunked: bool) -> None:
    body = bytes(range(256)) * 40_960
    kmock << body_of
    if chunked:
        wire.ask('/', 'Transfer-Encoding: chunked', method='POST')
        wire.send(b''.join(b'10000\r\n%b\r\n' % body[at : at + 65_536] for at in range(0, len(body), 65_536)))
        wire.send(b'0\r\n\r\n')
    else:
        wire.ask('/', f'Content-Length: {len(body)}', method='POST', body=body)
    assert await wire.read_answer() == body
    assert kmock[0].body == body


# ---- Broken ones ----


MALFORMED = [
    b'\r\n\r\n\r\n\0\r\n\r\n',
    b'rubbish\r\n\r\n',
    b'GET\r\n\r\n',
    b'GET / FTP/1.1\r\n\r\n',
    b'GET / HTTP/1.1 X\r\nHost: x\r\n\r\n',
    b'G<T / HTTP/1.1\r\nHost: x\r\n\r\n',
    b'GET / HTTP/1.1\r\nHost: x\r\nno colon\r\n\r\n',
    b'GET / HTTP/1.1\r\nHost: x\r\nX A: 1\r\n\r\n',
    b'GET / HTTP/1.1\r\nHost: x\r\nX: a\0b\r\n\r\n',
    b'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n',
    b'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: one\r\n\r\n',
    b'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n',
    b'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n',
    b'\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n',  # TLS
    b'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
]


@pytest.mark.parametrize('sent', MALFORMED)
async def test_a_malformed_request_is_answered_with_400_and_harms_nobody(
    kmock: RawHandler, server: 'Server', dial: 'Dial', sent: bytes
) -> None:
    kmock << b'fine'
    wire = await dial(server)
    wire.send(sent)
    answer = await wire.read_all()
    assert REFUSED.match(answer)
    assert len(REFUSED.findall(answer)) == 1
    assert not kmock
    assert await (await kmock.get('/')).read() == b'fine'
    assert kmock.errors == []


@pytest.mark.parametrize(
    'sent', [b'zz\r\nabc\r\n0\r\n\r\n', b'3\r\nabcdef\r\n0\r\n\r\n', b'3\r\nabc\r\n-1\r\n\r\n', b'\0\r\n\r\n']
)
@pytest.mark.parametrize('together', [True, False])
async def test_broken_chunks_are_answered_with_400_once_and_not_recorded(
    kmock: RawHandler, server: 'Server', dial: 'Dial', sent: bytes, together: bool, caplog: pytest.LogCaptureFixture
) -> None:
    kmock << b'fine'
    wire = await dial(server)
    wire.ask('/', 'Transfer-Encoding: chunked', 'Expect: 100-continue', method='POST', body=sent if together else b'')
    if not together:
        assert await wire.read_until(b'\r\n\r\n') == b'HTTP/1.1 100 Continue\r\n\r\n'
        wire.send(sent)
    answer = (await wire.read_all()).removeprefix(b'HTTP/1.1 100 Continue\r\n\r\n')
    assert REFUSED.match(answer)
    assert len(REFUSED.findall(answer)) == 1
    assert not kmock
    assert await (await kmock.get('/')).read() == b'fine'
    assert kmock.errors == []


# ---- Cut off ----


HALVES = [
    b'',
    b'G',
    b'GET / HTTP/1.1\r\n',
    b'GET / HTTP/1.1\r\nHost: x\r\n',
    b'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n',
    b'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhalf',
    b'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\nExpect: 100-continue\r\n\r\n',
    b'POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n',
    b'POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nha',
    b'POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n',
    b'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\nContent-Encoding: gzip\r\n\r\n\x1f\x8b',
]


@pytest.mark.parametrize('orderly', [True, False], ids=['orderly', 'abruptly'])
@pytest.mark.parametrize('seen', [True, False], ids=['read before', 'read with its end'])
@pytest.mark.parametrize('sent', HALVES)
async def test_a_half_sent_request_is_not_recorded_and_harms_nobody(
    kmock: RawHandler,
    server: 'Server',
    dial: 'Dial',
    caplog: pytest.LogCaptureFixture,
    sent: bytes,
    seen: bool,
    orderly: bool,
) -> None:
    kmock << b'fine'
    wire = await dial(server)
    wire.send(sent)
    if seen:
        await (await kmock.get('/before')).read()
    if orderly:
        await wire.leave()
    else:
        wire.vanish()
    assert await (await kmock.get('/after')).read() == b'fine'
    assert {request.path for request in kmock} <= {'/before', '/after'}
    assert kmock.errors == []
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


async def test_a_request_before_a_broken_one_is_served(kmock: RawHandler, wire: 'Wire') -> None:
    kmock << b'fine'
    wire.ask('/good')
    assert await wire.read_answer() == b'fine'
    wire.send(b'rubbish\r\n\r\n')
    assert REFUSED.match(await wire.read_all())
    assert [request.path for request in kmock] == ['/good']


async def test_a_body_sent_byte_by_byte_is_recorded(kmock: RawHandler, server: 'Server', wire: 'Wire') -> None:
    kmock << b'fine'
    body = json.dumps({'a': 'é'}).encode()
    request = b'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%b' % (len(body), body)
    for byte in request:
        wire.send(bytes([byte]))
        await asyncio.sleep(0)
    assert await wire.read_answer() == b'fine'
    assert kmock[0].data == {'a': 'é'}
