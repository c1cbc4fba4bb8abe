"""Live streams over TCP: everybody gets everything in order, however slowly they read; who leaves disturbs nobody."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

from kmock_core import RawHandler, Request
from kmock_core.testing import until
from kmock_http import Server

if TYPE_CHECKING:
    from conftest import Dial, Wire

STREAMS = 100
FEEDINGS = 200
END = b'0\r\n\r\n'


def chunked(*chunks: bytes) -> bytes:
    return b''.join(b'%x\r\n%b\r\n' % (len(chunk), chunk) for chunk in chunks)


async def open_streams(kmock: RawHandler, server: Server, dial: 'Dial', count: int = STREAMS) -> 'list[Wire]':
    wires = [await dial(server) for _ in range(count)]
    for number, wire in enumerate(wires):
        wire.ask(f'/{number}')
    await kmock[...].wait(count)
    return wires


# ---- Feeding ----


def plain(number: int) -> Any:
    return b'%d' % number


def callable_(number: int) -> Any:
    return lambda: b'%d' % number


def async_callable(number: int) -> Any:
    async def call() -> bytes:
        await asyncio.sleep(0)
        return b'%d' % number

    return call


def with_request(number: int) -> Any:
    def call(request: Request) -> bytes:
        assert request.path
        return b'%d' % number

    return call


@pytest.mark.parametrize('how', [plain, callable_, async_callable, with_request], ids=lambda how: how.__name__)
@pytest.mark.parametrize('paused', [True, False], ids=['one by one', 'without a pause'])
async def test_100_streams_get_all_of_200_feedings_in_order(
    kmock: RawHandler, server: Server, dial: 'Dial', how: Callable[[int], Any], paused: bool
) -> None:
    kmock << (b'a', ...)
    wires = await open_streams(kmock, server, dial)
    for number in range(FEEDINGS):
        kmock[...] << (how(number), ...)
        if paused:
            await asyncio.sleep(0)
    kmock[...] << (b'z',)
    expected = chunked(b'a', *(b'%d' % number for number in range(FEEDINGS)), b'z') + END
    for wire in wires:
        await wire.read_head()
        assert await wire.read(len(expected)) == expected
    assert kmock.errors == []


async def test_plain_and_called_feedings_keep_their_order(kmock: RawHandler, server: Server, dial: 'Dial') -> None:
    kmock << (b'a', ...)
    wires = await open_streams(kmock, server, dial, 10)
    kinds = [plain, async_callable, plain, plain, callable_]
    for number in range(FEEDINGS):
        kmock[...] << (kinds[number % len(kinds)](number), ...)
        if number % 3 == 0:
            await asyncio.sleep(0)
    kmock[...] << (b'z',)
    expected = chunked(b'a', *(b'%d' % number for number in range(FEEDINGS)), b'z') + END
    for wire in wires:
        await wire.read_head()
        assert await wire.read(len(expected)) == expected


@pytest.mark.parametrize('how', [plain, callable_], ids=lambda how: how.__name__)
async def test_streams_without_chunks_get_all_feedings_in_order(
    kmock: RawHandler, server: Server, dial: 'Dial', how: Callable[[int], Any]
) -> None:
    kmock << (b'', ...)
    wires = [await dial(server) for _ in range(10)]
    for wire in wires:
        wire.ask('/', version='1.0')
    await kmock[...].wait(10)
    for number in range(FEEDINGS):
        kmock[...] << (how(number), ...)
        await asyncio.sleep(0)
    kmock[...] << None
    for wire in wires:
        await wire.read_head()
        assert await wire.read_all() == b''.join(b'%d' % number for number in range(FEEDINGS))


# ---- Backpressure ----


@pytest.mark.parametrize('called', [False, True], ids=['plainly', 'by callables'])
async def test_a_client_that_reads_late_gets_everything_and_holds_nobody_up(
    kmock: RawHandler, server: Server, dial: 'Dial', called: bool
) -> None:
    block = b'x' * 100_000
    kmock << (b'a', ...)
    slow, fast = await open_streams(kmock, server, dial, 2)
    slow.writer.transport.pause_reading()  # type: ignore[attr-defined]  # asyncio types it as the writing half only
    expected = chunked(b'a')
    await fast.read_head()
    await fast.read(len(expected))
    for number in range(FEEDINGS):
        chunk = b'%d' % number + block
        kmock[...] << ((lambda chunk=chunk: chunk) if called else chunk, ...)
        sent = chunked(chunk)
        expected += sent
        assert await fast.read(len(sent)) == sent
    kmock[...] << (b'z',)
    assert await fast.read_until(END) == chunked(b'z') + END
    slow.writer.transport.resume_reading()  # type: ignore[attr-defined]
    await slow.read_head()
    assert await slow.read(len(expected)) == expected
    assert await slow.read_until(END) == chunked(b'z') + END


async def test_an_endless_stream_is_made_only_as_fast_as_it_is_read(kmock: RawHandler, dial: 'Dial') -> None:
    made: list[int] = []

    def flood() -> Iterator[bytes]:
        for number in range(1_000_000):
            made.append(number)
            yield b'x' * 100_000

    kmock['/flood'] << flood
    kmock << b'fine'
    async with Server(kmock) as server:
        wire = await dial(server)
        wire.writer.transport.pause_reading()  # type: ignore[attr-defined]
        wire.ask('/flood')
        await kmock['/flood'].wait()
        size = 0
        while size < len(made):
            size = len(made)
            for _ in range(10):
                assert await (await kmock.get('/')).read() == b'fine'
        wire.vanish()
    assert size < 1000


@pytest.mark.parametrize('lazy', [False, True])
async def test_a_static_answer_that_is_read_slowly_arrives_whole(kmock: RawHandler, wire: 'Wire', lazy: bool) -> None:
    body = bytes(range(256)) * 80_000
    kmock['/big'] << ((lambda: body) if lazy else body)
    kmock << b'next'
    wire.writer.transport.pause_reading()  # type: ignore[attr-defined]
    wire.ask('/big')
    wire.ask('/next')
    await kmock.wait()
    wire.writer.transport.resume_reading()  # type: ignore[attr-defined]
    assert await wire.read_answer() == body
    assert await wire.read_answer() == b'next'


async def test_a_client_that_does_not_read_its_answer_is_not_given_the_next_one(
    kmock: RawHandler, wire: 'Wire'
) -> None:
    body = b'x' * 20_000_000
    kmock['/big'] << body
    kmock << b'fine'
    wire.writer.transport.pause_reading()  # type: ignore[attr-defined]
    for _ in range(3):
        wire.ask('/big')
    await kmock['/big'].wait()
    for _ in range(20):
        assert await (await kmock.get('/')).read() == b'fine'
    assert len(kmock['/big']) == 1
    wire.writer.transport.resume_reading()  # type: ignore[attr-defined]
    for _ in range(3):
        assert await wire.read_answer() == body


# ---- Clients that leave ----


@pytest.mark.parametrize('orderly', [True, False])
async def test_a_client_that_leaves_ends_its_stream_and_no_other(
    kmock: RawHandler, server: Server, dial: 'Dial', orderly: bool, caplog: pytest.LogCaptureFixture
) -> None:
    kmock << (b'a', ...)
    leaver, stayer = await open_streams(kmock, server, dial, 2)
    if orderly:
        await leaver.leave()
    else:
        leaver.vanish()
    await until(lambda: len(kmock[...]) == 1)
    kmock[...] << (b'z',)
    await stayer.read_head()
    assert await stayer.read_until(END) == chunked(b'a', b'z') + END
    assert kmock.errors == []
    assert caplog.records == []


async def test_a_feeding_reaches_the_others_even_in_the_moment_when_a_client_is_lost(
    kmock: RawHandler, server: Server, dial: 'Dial', caplog: pytest.LogCaptureFixture
) -> None:
    kmock << (b'a', ...)
    wires = await open_streams(kmock, server, dial, 20)
    for leaver in wires[::2]:
        leaver.vanish()
    for number in range(FEEDINGS):  # the leaving of some is noticed between two of these
        kmock[...] << (b'%d' % number, ...)
        await asyncio.sleep(0)
    kmock[...] << (b'z',)
    expected = chunked(b'a', *(b'%d' % number for number in range(FEEDINGS)), b'z') + END
    for stayer in wires[1::2]:
        await stayer.read_head()
        assert await stayer.read(len(expected)) == expected
    assert caplog.records == []
    assert kmock.errors == []


@pytest.mark.parametrize('orderly', [True, False])
async def test_a_client_that_leaves_cancels_what_its_answer_waits_for(
    kmock: RawHandler, server: Server, dial: 'Dial', orderly: bool, caplog: pytest.LogCaptureFixture
) -> None:
    begun, cancelled = asyncio.Event(), asyncio.Event()

    async def wait() -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled.set()
            raise

    kmock['/wait'] << wait
    kmock << b'fine'
    wire = await dial(server)
    wire.ask('/wait')
    await begun.wait()
    if orderly:
        await wire.leave()
    else:
        wire.vanish()
    await asyncio.wait_for(cancelled.wait(), 5)
    assert await (await kmock.get('/')).read() == b'fine'
    assert kmock.errors == []
    assert caplog.records == []


async def test_a_generator_is_closed_when_its_client_leaves(kmock: RawHandler, server: Server, dial: 'Dial') -> None:
    closed: list[str] = []

    def sync() -> Iterator[object]:
        try:
            yield b'a'
            yield ...
        finally:
            closed.append('sync')

    async def flood() -> AsyncIterator[bytes]:
        try:
            while True:
                yield b'x' * 100_000
        finally:
            closed.append('async')

    kmock['/sync'] << sync
    kmock['/async'] << flood
    wires = [await dial(server) for _ in range(2)]
    wires[0].ask('/sync')
    wires[1].ask('/async')
    await kmock['/sync'][...].wait()
    await wires[1].read(1_000_000)
    for wire in wires:
        wire.vanish()
    await until(lambda: len(closed) == 2)
    assert kmock.errors == []


@pytest.mark.parametrize('kind', ['static', 'callable', 'stream'])
async def test_a_client_that_leaves_amid_a_large_answer_harms_nobody(
    kmock: RawHandler, server: Server, dial: 'Dial', kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    block = b'x' * 10_000_000
    kmock['/static'] << block
    kmock['/callable'] << (lambda: block)
    kmock['/stream'] << (block, block)
    kmock << b'fine'
    wire = await dial(server)
    wire.ask(f'/{kind}')
    await wire.read(100_000)
    wire.vanish()
    assert await (await kmock.get('/')).read() == b'fine'
    assert kmock.errors == []
    assert caplog.records == []


async def test_a_client_that_leaves_before_its_answer_is_written_harms_nobody(
    kmock: RawHandler, server: Server, dial: 'Dial', caplog: pytest.LogCaptureFixture
) -> None:
    gone = asyncio.Event()

    async def stubborn() -> bytes:
        while not gone.is_set():
            try:
                await gone.wait()
            except asyncio.CancelledError:
                pass
        return b'too late'

    kmock['/wait'] << stubborn
    kmock << b'fine'
    wire = await dial(server)
    wire.ask('/wait')
    await kmock.wait()
    await wire.leave()
    assert await (await kmock.get('/')).read() == b'fine'
    gone.set()
    assert await (await kmock.get('/')).read() == b'fine'
    assert kmock.errors == []
    assert caplog.records == []
