"""Streams of 10,000 JSON lines, live feeds to 1,000 open streams, and stopping with 100 of them."""

import asyncio
import json
import socket
import statistics
import time
from collections.abc import Iterator

from aiohttp import web

import kmock
from benchmarks.report import Figure

LINES = 10_000
STREAMS = 1_000
FEEDINGS = 50
GET = b'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n'


async def read_stream(port: int) -> bytes:
    """Read a whole chunked answer over a raw socket."""
    reader, writer = await asyncio.open_connection('127.0.0.1', port, limit=2**26)
    writer.write(GET)
    data = await reader.readuntil(b'0\r\n\r\n')
    writer.close()
    return data


async def lines() -> float:
    """The time for a stream of JSON lines, of bare aiohttp writing the same chunks one by one."""
    documents = [{'type': 'ADDED', 'object': {'number': number}} for number in range(LINES)]
    chunks = [json.dumps(document).encode() + b'\n' for document in documents]

    async def handle(request: web.BaseRequest) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        for chunk in chunks:
            await response.write(chunk)
        await response.write_eof()
        return response

    loop = asyncio.get_running_loop()
    bare = await loop.create_server(web.Server(handle, access_log=None), '127.0.0.1', 0)
    ratios: list[float] = []
    async with bare, kmock.RawHandler() as handler, kmock.Server(handler) as server:
        handler['/'] << tuple(documents)
        for _ in range(7):
            start = time.perf_counter()
            theirs = await read_stream(bare.sockets[0].getsockname()[1])
            middle = time.perf_counter()
            ours = await read_stream(server.port)
            end = time.perf_counter()
            assert ours.partition(b'\r\n\r\n')[2] == theirs.partition(b'\r\n\r\n')[2]
            ratios.append((end - middle) / (middle - start))
    return statistics.median(ratios)


class Counter(asyncio.Protocol):
    """A client that only counts the lines which it gets."""

    total = 0
    wanted = 0
    done: 'asyncio.Future[None] | None' = None
    started = 0
    all_started: 'asyncio.Future[None] | None' = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        transport.write(GET)

    def data_received(self, data: bytes) -> None:
        if b'HTTP/1.1' in data:
            Counter.started += 1
            if Counter.started == STREAMS and Counter.all_started is not None:
                Counter.all_started.set_result(None)
        Counter.total += data.count(b'!\n')
        if Counter.total >= Counter.wanted and Counter.done is not None and not Counter.done.done():
            Counter.done.set_result(None)


async def connect(port: int) -> list[asyncio.BaseTransport]:
    """Open the streams."""
    loop = asyncio.get_running_loop()
    Counter.all_started = loop.create_future()
    transports: list[asyncio.BaseTransport] = []
    for _ in range(STREAMS):
        transport, _protocol = await loop.create_connection(Counter, '127.0.0.1', port)
        transports.append(transport)
    await Counter.all_started
    return transports


async def feed_bare() -> float:
    """Seconds for the feedings of a bare aiohttp server with a queue for each stream."""
    queues: set[asyncio.Queue[bytes]] = set()

    async def handle(request: web.BaseRequest) -> web.StreamResponse:
        response = web.StreamResponse()
        queue: asyncio.Queue[bytes] = asyncio.Queue()
        await response.prepare(request)
        queues.add(queue)
        try:
            while True:
                await response.write(await queue.get())
        finally:
            queues.discard(queue)

    manager = web.Server(handle, access_log=None)
    server = await asyncio.get_running_loop().create_server(manager, '127.0.0.1', 0, backlog=STREAMS)
    Counter.started = Counter.total = 0
    transports = await connect(server.sockets[0].getsockname()[1])
    Counter.wanted, Counter.done = FEEDINGS * STREAMS, asyncio.get_running_loop().create_future()
    start = time.process_time()
    for number in range(FEEDINGS):
        for queue in queues:
            queue.put_nowait(b'event %d!\n' % number)
        await asyncio.sleep(0)
    await Counter.done
    spent = time.process_time() - start
    for transport in transports:
        transport.close()
    server.close()
    await manager.shutdown(0.1)
    return spent


async def feed_kmock() -> float:
    """The same by ``kmock[...] <<``."""
    async with kmock.RawHandler() as handler, kmock.Server(handler) as server:
        handler['/'] << (b'', ...)
        Counter.started = Counter.total = 0
        transports = await connect(server.port)
        await handler[...].wait(STREAMS)
        Counter.wanted, Counter.done = FEEDINGS * STREAMS, asyncio.get_running_loop().create_future()
        start = time.process_time()
        for number in range(FEEDINGS):
            handler[...] << (b'event %d!\n' % number, ...)
            await asyncio.sleep(0)
        await Counter.done
        spent = time.process_time() - start
        assert Counter.total == FEEDINGS * STREAMS
        for transport in transports:
            transport.close()
    return spent


async def stopping(streams: int = 100) -> float:
    """Milliseconds to stop a server with so many open streams of foreign clients."""
    async with kmock.RawHandler() as handler:
        handler['/'] << (b'hello', ...)
        clients: list[socket.socket] = []
        async with kmock.Server(handler) as server:
            for _ in range(streams):
                client = socket.create_connection(('127.0.0.1', server.port))
                client.sendall(GET)
                clients.append(client)
            await handler[...].wait(streams)
            start = time.perf_counter()
        spent = (time.perf_counter() - start) * 1000
        for client in clients:
            client.close()
        return spent


def run() -> Iterator[Figure]:
    """All figures of streams."""
    yield Figure('a stream of 10,000 JSON lines, time of bare', asyncio.run(lines()), at_most=1.1)
    ratios: list[float] = []
    for _ in range(3):
        bare, mine = asyncio.run(feed_bare()), asyncio.run(feed_kmock())
        ratios.append(mine / bare)
    yield Figure('a live feed to 1,000 streams, CPU time of bare with queues', statistics.median(ratios), at_most=0.8)
    yield Figure('stopping with 100 open streams, ms', min(asyncio.run(stopping()) for _ in range(3)), at_most=50)
