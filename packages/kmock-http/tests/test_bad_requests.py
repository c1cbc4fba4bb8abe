"""Tests of what comes to a server that is no request, or an unusual one: it is answered, not logged."""

import asyncio
import gzip
import logging
import socket
import sys
import zlib
from typing import TYPE_CHECKING

import pytest

from kmock_core import RawHandler, Request
from kmock_http import Server, codings, connections
from kmock_http.addresses import bind
from kmock_http.codings import decode_body

if TYPE_CHECKING:
    from conftest import Dial, Wire


@pytest.mark.parametrize('method', ['FOO', 'PROPFIND', 'X', 'M-SEARCH'])
async def test_any_token_is_a_method(kmock: RawHandler, wire: 'Wire', method: str) -> None:
    kmock['/thing'] << b'done'
    wire.ask('/thing', 'Content-Length: 4', method=method, body=b'body')

    assert await wire.read_answer() == b'done'
    assert (kmock[0].method_name, kmock[0].body) == (method.upper(), b'body')


async def test_the_connection_goes_on_after_an_unusual_method(kmock: RawHandler, wire: 'Wire') -> None:
    def name(request: Request) -> bytes:
        return request.method_name.encode()

    kmock << name
    for method in ('GET', 'FOO', 'GET', 'BAR', 'POST'):
        wire.ask('/', method=method)
        assert await wire.read_answer() == method.encode()


async def test_an_unusual_method_is_no_request_where_the_parser_of_aiohttp_is_not_found(
    kmock: RawHandler, wire: 'Wire', monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, '_PARSER', None)
    wire.ask('/', method='FOO')
    assert b' 400 Bad Request\r\n' in await wire.read_all()
    assert len(kmock) == 0


async def test_the_body_of_an_unusual_method_may_come_later(kmock: RawHandler, wire: 'Wire') -> None:
    kmock << b'done'
    wire.ask('/', 'Transfer-Encoding: chunked', method='FOO')
    await asyncio.sleep(0)
    wire.send(b'4\r\nbody\r\n0\r\n\r\n')

    assert await wire.read_answer() == b'done'
    assert kmock[0].body == b'body'


@pytest.mark.parametrize(
    'data',
    [
        b'\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03' + b'x' * 500,
        b'\x00\x01\x02\r\n\r\n',
        b'hello\r\n\r\n',
        b'F(O / HTTP/1.1\r\n\r\n',
        b'FOO / HTTP/1.1\r\nno header\r\n\r\n',
        b'GET / HTTP/1.1\r\nno header\r\n\r\n',
    ],
)
async def test_what_is_no_request_is_told_so_and_not_logged(
    kmock: RawHandler, wire: 'Wire', data: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    wire.send(data)

    head, _, text = (await wire.read_all()).partition(b'\r\n\r\n')
    assert head.split(b'\r\n')[0].endswith(b' 400 Bad Request')
    assert b'\r\nServer: kmock' in head
    assert text
    assert len(kmock) == 0
    assert [record for record in caplog.records if record.levelno > logging.DEBUG] == []


async def test_a_line_without_end_is_too_large(server: Server, dial: 'Dial') -> None:
    wire = await dial(server)
    wire.send(b'GET / HTTP/1.1\r\nX: ' + b'x' * 17_000_000 + b'\r\n\r\n')

    assert b' 431 Request Header Fields Too Large\r\n' in await wire.read_all()


# ---- Codings ----


@pytest.mark.parametrize('coding', ['gzip', 'deflate', 'raw deflate', 'gzip of two members'])
def test_a_body_that_would_fill_the_memory_is_left_as_it_came(coding: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(codings, 'LIMIT', 1000)

    def encode(content: bytes) -> bytes:
        match coding:
            case 'gzip':
                return gzip.compress(content)
            case 'deflate':
                return zlib.compress(content)
            case 'raw deflate':
                return zlib.compress(content, wbits=-zlib.MAX_WBITS)
            case _:
                return gzip.compress(content[:600]) + gzip.compress(content[600:])

    name = 'gzip' if 'gzip' in coding else 'deflate'
    assert decode_body(encode(b'x' * 1000), name) == b'x' * 1000
    assert decode_body(encode(b'x' * 1001), name) == encode(b'x' * 1001)


# ---- Clients that have vanished ----


@pytest.mark.skipif(sys.platform != 'linux', reason='elsewhere, connections need not inherit it')
async def test_the_system_looks_whether_silent_clients_are_there() -> None:
    listening = await bind('127.0.0.1', 0)
    with listening, socket.create_connection(listening.getsockname()):
        listening.setblocking(True)
        accepted, _ = listening.accept()
        with accepted:
            assert accepted.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == 1
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE) == 15
