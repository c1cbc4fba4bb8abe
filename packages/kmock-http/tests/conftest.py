"""A handler, a server, and clients that say exactly what they are told; no test may leave anything behind."""

import asyncio
import re
import socket
import ssl
from collections.abc import AsyncGenerator, Coroutine
from typing import Any, Protocol

import pytest
import pytest_asyncio

from kmock_core import RawHandler
from kmock_http import Server

PATIENCE = 5.0


class Wire:
    """A connection that sends the bytes it is told, and gives those that come."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    def send(self, data: bytes) -> None:
        self.writer.write(data)

    def ask(self, target: str, *lines: str, method: str = 'GET', version: str = '1.1', body: bytes = b'') -> None:
        """Send a whole request."""
        head = [f'{method} {target} HTTP/{version}', 'Host: x', *lines, '', '']
        self.send('\r\n'.join(head).encode() + body)

    async def read_head(self) -> bytes:
        """Read a status line and headers, the Date put aside."""
        head = await self.read_until(b'\r\n\r\n')
        return re.sub(rb'\r\nDate: [^\r]+ GMT(?=\r\n)', b'', head, count=1)

    async def read_answer(self) -> bytes:
        """Read an answer that says how long it is, and return its body."""
        head = await self.read_head()
        length = re.search(rb'\r\nContent-Length: (\d+)\r\n', head)
        return await self.read(int(length[1]) if length else 0)

    async def read_until(self, mark: bytes) -> bytes:
        async with asyncio.timeout(PATIENCE):
            return await self.reader.readuntil(mark)

    async def read(self, size: int) -> bytes:
        async with asyncio.timeout(PATIENCE):
            return await self.reader.readexactly(size)

    async def read_all(self) -> bytes:
        """Read until the server closes the connection."""
        async with asyncio.timeout(PATIENCE):
            return await self.reader.read()

    async def leave(self) -> None:
        """Disconnect in order."""
        self.writer.close()
        try:
            async with asyncio.timeout(PATIENCE):
                await self.writer.wait_closed()
        except (ConnectionError, ssl.SSLError):
            pass

    def vanish(self) -> None:
        """Disconnect as a client that crashes."""
        self.writer.transport.abort()


class Dial(Protocol):
    """Connects to a server by a raw socket; with ``ssl=`` and ``server_hostname=``, by TLS over it."""

    def __call__(self, server: Server, **options: Any) -> Coroutine[Any, Any, Wire]: ...


@pytest_asyncio.fixture(autouse=True)
async def _nothing_is_left_behind() -> AsyncGenerator[None, None]:
    before = asyncio.all_tasks()
    yield
    left = asyncio.all_tasks() - before - {asyncio.current_task()}
    assert not left, left


@pytest_asyncio.fixture
async def kmock() -> AsyncGenerator[RawHandler, None]:
    async with RawHandler() as kmock:
        yield kmock


@pytest_asyncio.fixture
async def server(kmock: RawHandler) -> AsyncGenerator[Server, None]:
    async with Server(kmock) as server:
        yield server


@pytest_asyncio.fixture
async def dial() -> AsyncGenerator[Dial, None]:
    """Connects to a server by a raw socket."""
    wires: list[Wire] = []

    async def connect(server: Server, **options: Any) -> Wire:
        wire = Wire(*await asyncio.open_connection(server.url.host, server.port, limit=2**24, **options))
        wires.append(wire)
        return wire

    yield connect
    for wire in wires:
        await wire.leave()


@pytest_asyncio.fixture
async def wire(server: Server, dial: Dial) -> Wire:
    return await dial(server)


@pytest.fixture(scope='session')
def ipv6() -> None:
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(('::1', 0))
    except OSError as exc:
        pytest.skip(f'this machine has no IPv6: {exc}')
