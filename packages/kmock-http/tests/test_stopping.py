"""Stopping a server never hangs, ends all streams, leaves nothing behind, and names what hung."""

import asyncio
import gc
from collections.abc import AsyncIterator, Iterator
from typing import TYPE_CHECKING

import aiohttp
import pytest

from kmock_core import KMockError, RawHandler
from kmock_core.errors import StopTimeoutError
from kmock_http import Server
from kmock_http.connections import PATIENCE

if TYPE_CHECKING:
    from conftest import Dial


SOON = 2.0
"""Seconds; stopping takes milliseconds, but the machines of CI are slow at times."""


def tasks_besides_this() -> set['asyncio.Task[object]']:
    gc.collect()
    return asyncio.all_tasks() - {asyncio.current_task()}


async def take_some_turns() -> None:
    for _ in range(100):
        await asyncio.sleep(0)


async def stop(server: Server, within: float = SOON) -> None:
    """Stop a server as the end of its context does; all must be over and done with then."""
    async with asyncio.timeout(within):
        await server.__aexit__(None, None, None)
    assert tasks_besides_this() == set()


async def test_an_idle_server_stops_and_leaves_nothing_behind(kmock: RawHandler) -> None:
    await stop(await Server(kmock).__aenter__())


async def test_a_server_with_idle_connections_stops(kmock: RawHandler, dial: 'Dial') -> None:
    kmock << b'hello'
    server = await Server(kmock).__aenter__()
    wires = [await dial(server) for _ in range(20)]
    for wire in wires[:10]:
        wire.ask('/')
        assert await wire.read_answer() == b'hello'
    async with aiohttp.ClientSession() as session:
        async with session.get(server.url) as response:
            assert await response.read() == b'hello'
        await stop(server)
    for wire in wires:
        assert await wire.read_all() == b''


async def test_connections_that_were_not_accepted_yet_do_not_disturb_the_stop(kmock: RawHandler, dial: 'Dial') -> None:
    for turns in range(5):
        server = await Server(kmock).__aenter__()
        dialling = [asyncio.create_task(dial(server)) for _ in range(5)]
        for _ in range(turns):
            await asyncio.sleep(0)
        async with asyncio.timeout(SOON):
            await server.__aexit__(None, None, None)
        for wire in await asyncio.gather(*dialling, return_exceptions=True):
            if not isinstance(wire, BaseException):
                try:
                    assert await wire.read_all() == b''
                except ConnectionResetError:
                    pass


async def test_100_open_streams_end_with_their_last_chunk(kmock: RawHandler, dial: 'Dial') -> None:
    kmock << (b'a', ...)
    server = await Server(kmock).__aenter__()
    wires = [await dial(server) for _ in range(100)]
    for wire in wires:
        wire.ask('/')
    await kmock[...].wait(100)
    await stop(server)
    for wire in wires:
        assert (await wire.read_all()).endswith(b'1\r\na\r\n0\r\n\r\n')
    assert kmock[...].requests == []
    assert kmock.errors == []


async def test_streams_of_the_own_client_end_without_an_error(kmock: RawHandler) -> None:
    kmock << (b'a', ...)
    server = await Server(kmock).__aenter__()
    responses = [await kmock.get('/') for _ in range(10)]
    reading = [asyncio.create_task(response.read()) for response in responses]
    await kmock[...].wait(10)
    await server.__aexit__(None, None, None)
    assert await asyncio.gather(*reading) == [b'a'] * 10


async def test_streams_of_the_own_client_that_nobody_reads_do_not_hold_the_server(
    kmock: RawHandler, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr('kmock_http.connections.PATIENCE', 60.0)

    def flood() -> Iterator[bytes]:
        while True:
            yield b'x' * 1_000_000

    kmock << flood
    server = await Server(kmock).__aenter__()
    response = await kmock.get('/')
    assert await response.content.read(1)
    async with asyncio.timeout(SOON):
        await server.__aexit__(None, None, None)
    response.close()


async def test_a_stream_with_its_length_is_just_cut_off(kmock: RawHandler, dial: 'Dial') -> None:
    kmock << {'Content-Length': '100'} << (b'a', ...)
    server = await Server(kmock).__aenter__()
    wire = await dial(server)
    wire.ask('/')
    await kmock[...].wait()
    await stop(server)
    assert (await wire.read_all()).endswith(b'\r\n\r\na')


async def test_requests_without_an_answer_are_disconnected(kmock: RawHandler, dial: 'Dial') -> None:
    cancelled = asyncio.Event()

    async def wait() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.set()

    kmock['/call'] << wait
    kmock << ...
    server = await Server(kmock).__aenter__()
    wires = [await dial(server) for _ in range(2)]
    wires[0].ask('/call')
    wires[1].ask('/feed')
    await kmock[...].wait()
    await kmock['/call'].wait()
    await stop(server)
    assert cancelled.is_set()
    for wire in wires:
        assert await wire.read_all() == b''
    assert kmock.errors == []


@pytest.mark.parametrize(
    'sent',
    [
        b'GET / HTTP/1.1\r\nHost: ',
        b'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhalf',
        b'POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n',
        b'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\nExpect: 100-continue\r\n\r\n',
    ],
)
async def test_half_sent_requests_do_not_hold_the_server(kmock: RawHandler, dial: 'Dial', sent: bytes) -> None:
    kmock << b'hello'
    server = await Server(kmock).__aenter__()
    wire = await dial(server)
    wire.send(sent)
    await (await kmock.get('/other')).read()
    await stop(server)
    assert not kmock['/']
    assert await wire.read_all() in {b'', b'HTTP/1.1 100 Continue\r\n\r\n'}


async def test_pipelined_requests_behind_a_stream_are_dropped(kmock: RawHandler, dial: 'Dial') -> None:
    kmock['/stream'] << (b'a', ...)
    kmock << b'never'
    server = await Server(kmock).__aenter__()
    wire = await dial(server)
    wire.ask('/stream')
    wire.ask('/next')
    await kmock[...].wait()
    await stop(server)
    assert (await wire.read_all()).endswith(b'1\r\na\r\n0\r\n\r\n')
    assert len(kmock) == 1


# ---- Clients that do not read ----


@pytest.mark.parametrize('kind', ['static', 'callable', 'stream', 'endless stream', 'async stream', 'fed stream'])
async def test_a_client_that_does_not_read_is_cut_off_soon(kmock: RawHandler, dial: 'Dial', kind: str) -> None:
    block = b'x' * 10_000_000

    def flood() -> Iterator[bytes]:
        while True:
            yield b'x' * 100_000

    async def flood_slowly() -> AsyncIterator[bytes]:
        while True:
            yield b'x' * 100_000
            await asyncio.sleep(0)

    kmock['/static'] << block * 2
    kmock['/callable'] << (lambda: block * 2)
    kmock['/stream'] << (block, block)
    kmock['/endless stream'] << flood
    kmock['/async stream'] << flood_slowly
    kmock['/fed stream'] << (b'a', ...)
    server = await Server(kmock).__aenter__()
    wire = await dial(server)
    wire.writer.transport.pause_reading()  # type: ignore[attr-defined]  # asyncio types it as the writing half only
    wire.ask(f'/{kind.replace(" ", "%20")}')
    await kmock.wait()
    if kind == 'fed stream':
        await kmock[...].wait()
        for _ in range(100):
            kmock[...] << (block[:200_000], ...)
            await asyncio.sleep(0)
    await stop(server, within=PATIENCE * 3 + SOON)
    wire.vanish()


async def test_a_client_that_reads_late_gets_all_that_was_written(kmock: RawHandler, dial: 'Dial') -> None:
    body = b'x' * 20_000_000
    kmock << body
    server = await Server(kmock).__aenter__()
    wire = await dial(server)
    wire.ask('/')
    head = await wire.read_head()
    assert b'Content-Length: 20000000' in head
    reading = asyncio.create_task(wire.read_all())
    await server.__aexit__(None, None, None)
    assert await reading == body


# ---- Callables that hang ----


async def test_a_callable_that_can_not_be_cancelled_is_named_and_abandoned(kmock: RawHandler, dial: 'Dial') -> None:
    release = asyncio.Event()

    async def stubborn() -> bytes:
        while not release.is_set():
            try:
                await release.wait()
            except asyncio.CancelledError:
                pass
        return b'late'

    kmock['/stubborn'] << stubborn
    kmock << (b'a', ...)
    server = await Server(kmock, stop_timeout=0.01).__aenter__()
    wires = [await dial(server) for _ in range(3)]
    wires[0].ask('/stubborn?q=1')
    wires[1].ask('/stubborn', method='POST')
    wires[2].ask('/fine')
    await kmock.wait(3)
    await kmock[...].wait()
    with pytest.raises(StopTimeoutError) as caught:
        await server.__aexit__(None, None, None)
    assert caught.value.culprits == ('GET /stubborn?q=1', 'POST /stubborn')
    assert str(caught.value) == (
        '2 answers did not end in 0.01 s after the server was stopped, and are abandoned: '
        'GET /stubborn?q=1; POST /stubborn'
    )
    assert isinstance(caught.value, KMockError)
    assert isinstance(caught.value, TimeoutError)
    assert await wires[0].read_all() == b''
    assert (await wires[2].read_all()).endswith(b'0\r\n\r\n')
    release.set()
    await asyncio.wait(tasks_besides_this(), timeout=SOON)
    assert kmock.errors == []


async def test_what_hung_is_a_note_on_the_error_of_the_test(kmock: RawHandler, dial: 'Dial') -> None:
    release = asyncio.Event()

    async def stubborn() -> None:
        while not release.is_set():
            try:
                await release.wait()
            except asyncio.CancelledError:
                pass

    kmock << stubborn
    server = await Server(kmock, stop_timeout=0).__aenter__()
    wire = await dial(server)
    wire.ask('/stubborn')
    await kmock.wait()
    error = ZeroDivisionError()
    await server.__aexit__(ZeroDivisionError, error, None)
    assert len(error.__notes__) == 1
    assert error.__notes__[0].endswith('are abandoned: GET /stubborn')
    release.set()
    await asyncio.wait(tasks_besides_this(), timeout=SOON)


async def test_a_callable_that_cleans_up_has_the_time_for_it(kmock: RawHandler, dial: 'Dial') -> None:
    cleaned: list[str] = []

    async def tidy() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await take_some_turns()
            cleaned.append('call')

    async def tidy_stream() -> AsyncIterator[bytes]:
        try:
            yield b'a'
            await asyncio.Event().wait()
        finally:
            await take_some_turns()
            cleaned.append('stream')

    kmock['/call'] << tidy
    kmock['/stream'] << tidy_stream
    server = await Server(kmock).__aenter__()
    wires = [await dial(server) for _ in range(2)]
    wires[0].ask('/call')
    wires[1].ask('/stream')
    await wires[1].read_until(b'1\r\na\r\n')
    await kmock.wait(2)
    await stop(server)
    assert sorted(cleaned) == ['call', 'stream']
    assert await wires[1].read_all() == b'0\r\n\r\n'


async def test_a_stream_that_ignores_its_cancellation_ends_with_its_next_chunk(kmock: RawHandler, dial: 'Dial') -> None:
    async def stubborn() -> AsyncIterator[bytes]:
        while True:
            yield b'a'
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                pass

    kmock << stubborn
    server = await Server(kmock).__aenter__()
    wire = await dial(server)
    wire.ask('/')
    await wire.read_until(b'1\r\na\r\n')
    await stop(server)
    assert await wire.read_all() == b'1\r\na\r\n0\r\n\r\n'


async def test_a_stop_that_is_cancelled_still_closes_everything(kmock: RawHandler, dial: 'Dial') -> None:
    release = asyncio.Event()

    async def stubborn() -> None:
        while not release.is_set():
            try:
                await release.wait()
            except asyncio.CancelledError:
                pass

    kmock << stubborn
    server = await Server(kmock, stop_timeout=100).__aenter__()
    port, client = server.port, server.client
    wire = await dial(server)
    wire.ask('/')
    await kmock.wait()
    stopping = asyncio.create_task(server.__aexit__(None, None, None))
    await take_some_turns()
    stopping.cancel()
    with pytest.raises(asyncio.CancelledError):
        await stopping
    assert client.closed
    assert kmock.servers == []
    assert await wire.read_all() == b''
    release.set()
    await asyncio.wait(tasks_besides_this(), timeout=SOON)
    async with Server(kmock, port=port):
        pass


async def test_a_server_that_is_being_stopped_has_no_client_any_more(kmock: RawHandler, dial: 'Dial') -> None:
    errors: list[Exception] = []

    async def call() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            try:
                await server.client.get('/')
            except RuntimeError as exc:
                errors.append(exc)

    kmock << call
    server = await Server(kmock).__aenter__()
    wire = await dial(server)
    wire.ask('/')
    await kmock.wait()
    await stop(server)
    assert ['not active' in str(error) for error in errors] == [True]
