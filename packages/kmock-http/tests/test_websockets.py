"""Tests of conversations by WebSockets: the handshake, what is said, the goodbye (RFC 6455)."""

import asyncio
import struct
from collections.abc import AsyncGenerator, AsyncIterator
from typing import TYPE_CHECKING, cast

import pytest
import pytest_asyncio

from kmock_core import RawHandler, Request
from kmock_core.testing import until
from kmock_core.values.responses import Answer, Chunks, Tap
from kmock_http import Server
from kmock_http.websockets.frames import mask

if TYPE_CHECKING:
    from conftest import Dial, Wire

KEY = b'\x01\x02\x03\x04'
HANDSHAKE = (
    'Connection: keep-alive, Upgrade',
    'Upgrade: WebSocket',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    'Sec-WebSocket-Version: 13',
)
CLOSE = 0x88


def frame(first: int, payload: bytes = b'') -> bytes:
    return bytes((first, 0x80 | len(payload))) + KEY + mask(payload, KEY)


def goodbye(code: int, reason: str = '') -> bytes:
    payload = struct.pack('!H', code) + reason.encode()
    return bytes((CLOSE, len(payload))) + payload


class Echo:
    """Says a greeting, and then whatever it is told, until it is told to stop."""

    breakage = None
    is_unheard = False
    tap: Tap | None = None

    def __init__(self, *greeting: bytes, subprotocol: str = '', is_text: bool = True) -> None:
        self.greeting = list(greeting)
        self.subprotocol = subprotocol
        self.is_text = is_text
        self.heard: list[tuple[bytes, bool]] = []
        self.closed = asyncio.Event()
        self.said: asyncio.Queue[bytes] = asyncio.Queue()

    def receive(self, message: bytes, is_text: bool, /) -> None:
        self.heard.append((message, is_text))
        if message == b'tap':
            assert self.tap is not None
            assert self.tap(Chunks([b'tapped']))
        else:
            self.said.put_nowait(message)

    async def batches(self) -> AsyncGenerator[list[bytes], None]:
        yield self.greeting
        while (message := await self.said.get()) != b'stop':
            if message == b'fail':
                raise ValueError('told to')
            yield [b'', message]

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for batch in self.batches():
            for message in batch:
                yield message

    async def aclose(self) -> None:
        self.closed.set()


class Talker(RawHandler):
    """Answers all requests with a conversation."""

    echo: Echo

    def _answer_builtin(self, request: Request, /) -> Answer:
        return Answer(101, 'Switching Protocols', (('X-Extra', 'yes'),), self.echo)


@pytest_asyncio.fixture
async def talker() -> AsyncGenerator[Talker, None]:
    async with Talker() as talker:
        talker.echo = Echo()
        yield talker


@pytest_asyncio.fixture
async def talking(talker: Talker) -> AsyncGenerator[Server, None]:
    async with Server(talker) as server:
        yield server


@pytest_asyncio.fixture
async def talk(talking: Server, dial: 'Dial') -> 'Wire':
    """A connection on which the hands are shaken."""
    wire = await dial(talking)
    wire.ask('/', *HANDSHAKE)
    await wire.read_head()
    return wire


async def test_the_handshake_is_that_of_the_standard(talking: Server, dial: 'Dial') -> None:
    wire = await dial(talking)
    wire.ask('/', *HANDSHAKE)

    assert await wire.read_head() == (
        b'HTTP/1.1 101 Switching Protocols\r\n'
        b'Upgrade: websocket\r\n'
        b'Connection: Upgrade\r\n'
        b'Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n'  # RFC 6455 §1.3
        b'X-Extra: yes\r\n'
        b'Server: kmock\r\n\r\n'
    )


async def test_the_subprotocol_is_that_of_the_body(talker: Talker, talking: Server, dial: 'Dial') -> None:
    talker.echo = Echo(subprotocol='v5.channel.k8s.io')
    wire = await dial(talking)
    wire.ask('/', *HANDSHAKE, 'Sec-WebSocket-Protocol: v4.channel.k8s.io, v5.channel.k8s.io')

    assert b'\r\nSec-WebSocket-Protocol: v5.channel.k8s.io\r\n' in await wire.read_head()


@pytest.mark.parametrize(
    ('lines', 'reason'),
    [
        ((), b'not websocket protocol\n'),
        (HANDSHAKE[1:], b'not websocket protocol\n'),
        ((HANDSHAKE[0], 'Upgrade: h2c', *HANDSHAKE[2:]), b'not websocket protocol\n'),
        ((*HANDSHAKE[:2], HANDSHAKE[3]), b'mismatch challenge/response\n'),
        ((*HANDSHAKE[:3], 'Sec-WebSocket-Version: 8'), b'missing or bad WebSocket Version\n'),
        (HANDSHAKE[:3], b'missing or bad WebSocket Version\n'),
    ],
)
async def test_who_does_not_ask_as_the_standard_says_is_refused(
    talker: Talker, talking: Server, dial: 'Dial', lines: tuple[str, ...], reason: bytes
) -> None:
    wire = await dial(talking)
    wire.ask('/', *lines)

    head = await wire.read_head()
    assert head.startswith(b'HTTP/1.1 400 ')
    assert (b'\r\nSec-WebSocket-Version: 13\r\n' in head) is (b'Version' in reason)
    assert await wire.read_all() == reason
    assert talker.echo.closed.is_set()


async def test_an_old_client_is_refused(talking: Server, dial: 'Dial') -> None:
    wire = await dial(talking)
    wire.ask('/', *HANDSHAKE, version='1.0')

    assert (await wire.read_head()).startswith(b'HTTP/1.1 400 ')


@pytest.mark.parametrize(('is_text', 'first'), [(True, 0x81), (False, 0x82)])
async def test_chunks_are_messages(talker: Talker, talking: Server, dial: 'Dial', is_text: bool, first: int) -> None:
    talker.echo = Echo(b'one', b'', b'two', is_text=is_text)
    wire = await dial(talking)
    wire.ask('/', *HANDSHAKE)

    await wire.read_head()
    assert await wire.read(10) == bytes((first, 3)) + b'one' + bytes((first, 3)) + b'two'


async def test_what_the_client_says_is_heard(talker: Talker, talk: 'Wire') -> None:
    talk.send(frame(0x81, 'ü'.encode()) + frame(0x02, b'by') + frame(0x80, b'tes'))

    assert await talk.read(4 + 7) == b'\x81\x02\xc3\xbc' + b'\x81\x05bytes'
    assert talker.echo.heard == [('ü'.encode(), True), (b'bytes', False)]


async def test_what_is_said_together_with_the_handshake_is_heard(talker: Talker, talking: Server, dial: 'Dial') -> None:
    wire = await dial(talking)
    head = '\r\n'.join(['GET / HTTP/1.1', 'Host: x', *HANDSHAKE, '', '']).encode()
    wire.send(head + frame(0x81, b'early'))

    await wire.read_head()
    assert await wire.read(7) == b'\x81\x05early'


async def test_messages_are_sent_at_once_by_the_tap(talk: 'Wire') -> None:
    talk.send(frame(0x81, b'tap'))

    assert await talk.read(8) == b'\x81\x06tapped'


async def test_pings_are_answered_and_pongs_are_not(talker: Talker, talk: 'Wire') -> None:
    talk.send(frame(0x8A, b'unasked') + frame(0x89, b'ping'))

    assert await talk.read(6) == b'\x8a\x04ping'
    assert talker.echo.heard == []


async def test_the_end_is_a_goodbye_and_the_connection_is_closed(talk: 'Wire') -> None:
    talk.send(frame(0x81, b'stop'))

    assert await talk.read(4) == goodbye(1000)
    talk.send(frame(CLOSE, struct.pack('!H', 1000)))
    assert await talk.read_all() == b''


async def test_a_client_that_does_not_answer_the_goodbye_is_left(talk: 'Wire') -> None:
    talk.send(frame(0x81, b'stop'))

    assert await talk.read_all() == goodbye(1000)


@pytest.mark.parametrize('code', [b'', struct.pack('!H', 1000), struct.pack('!H', 4242)])
async def test_a_goodbye_is_answered_with_the_same(talker: Talker, talk: 'Wire', code: bytes) -> None:
    talk.send(frame(CLOSE, code + (b'bye' if code else b'')) + frame(0x81, b'unheard'))

    assert await talk.read_all() == bytes((CLOSE, len(code))) + code
    assert talker.echo.closed.is_set()
    assert talker.echo.heard == []


@pytest.mark.parametrize(
    ('data', 'answer'),
    [
        (b'\x81\x05Hello', goodbye(1002, 'no mask')),
        (frame(0x80, b'x'), goodbye(1002, 'bad fragment')),
        (frame(0x81, b'\xff'), goodbye(1007, 'no UTF-8')),
        (b'\x82\xff' + struct.pack('!Q', 1 << 40), goodbye(1009, 'message too big')),
        (b'GET / HTTP/1.1\r\nHost: x\r\n\r\n', goodbye(1002, 'reserved bits')),
    ],
)
async def test_a_client_that_breaks_the_rules_is_told_why_and_left(
    talker: Talker, talk: 'Wire', data: bytes, answer: bytes
) -> None:
    talk.send(data)

    assert await talk.read_all() == answer
    assert talker.echo.closed.is_set()


@pytest.mark.parametrize('leaving', ['vanish', 'leave'])
async def test_a_client_that_leaves_without_a_word_ends_it(talker: Talker, talk: 'Wire', leaving: str) -> None:
    if leaving == 'vanish':
        talk.vanish()
    else:
        await talk.leave()

    async with asyncio.timeout(5):
        await talker.echo.closed.wait()
    assert talker.errors == []


async def test_a_server_that_stops_says_goodbye(talker: Talker, dial: 'Dial') -> None:
    async with Server(talker) as server:
        wire = await dial(server)
        wire.ask('/', *HANDSHAKE)
        await wire.read_head()

    assert await wire.read_all() == goodbye(1001)
    assert talker.echo.closed.is_set()


async def test_a_body_that_fails_breaks_it_off_and_is_logged(
    talker: Talker, talk: 'Wire', caplog: pytest.LogCaptureFixture
) -> None:
    talk.send(frame(0x81, b'fail'))

    assert await talk.read_all() == b''
    assert talker.echo.closed.is_set()
    assert 'GET / has failed' in caplog.text


async def test_a_client_that_reads_nothing_does_not_fill_the_memory_with_pongs(talker: Talker, talk: 'Wire') -> None:
    reading = cast('asyncio.Transport', talk.writer.transport)
    reading.pause_reading()
    pings = frame(0x89, b'x' * 125) * 10_000
    for _ in range(10):
        talk.send(pings)
        await talk.writer.drain()
    talk.send(frame(0x81, b'done'))
    await until(lambda: bool(talker.echo.heard), 'all of the pings')
    reading.resume_reading()

    size, tail = 0, b''
    async with asyncio.timeout(10):
        while not tail.endswith(b'\x81\x04done'):
            data = await talk.reader.read(1 << 20)
            size, tail = size + len(data), (tail + data)[-6:]
    assert size < 10 * 10_000 * 127
