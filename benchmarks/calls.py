"""How many Python-level calls a request costs on the side of the server: noise can't touch this figure."""

import asyncio
import cProfile
import json
import pstats
from typing import Any

from aiohttp import web

import kmock

REQUEST = b'GET /p5000 HTTP/1.1\r\nHost: localhost\r\nUser-Agent: calls\r\nAccept: */*\r\n\r\n'
ROUNDS = 200


class Client(asyncio.Protocol):
    """A client in the same loop: there is one thread only, so that every run counts the same."""

    transport: asyncio.Transport
    answered: 'asyncio.Future[None]'

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        if data.endswith(b'john'):
            self.answered.set_result(None)

    async def ask(self, times: int) -> None:
        """One request after another."""
        for _ in range(times):
            self.answered = asyncio.get_running_loop().create_future()
            self.transport.write(REQUEST)
            await self.answered


async def measure(port: int, *, warm_up: int = 20) -> float:
    """Calls of Python functions and of builtins for one GET over a kept connection, the client's own with them."""
    _, client = await asyncio.get_running_loop().create_connection(Client, '127.0.0.1', port)
    await client.ask(warm_up)
    profile = cProfile.Profile()
    profile.enable()
    await client.ask(ROUNDS)
    profile.disable()
    client.transport.close()
    stats: Any = pstats.Stats(profile)
    return round(float(stats.total_calls) / ROUNDS, 1)


async def calls_of_bare() -> float:
    """The figure of a bare aiohttp server."""

    async def handle(request: web.BaseRequest) -> web.StreamResponse:
        return web.Response(body=b'john')

    server = await asyncio.get_running_loop().create_server(web.Server(handle, access_log=None), '127.0.0.1', 0)
    async with server:
        return await measure(server.sockets[0].getsockname()[1])


async def calls_of_kmock(rules: int = 1, past: int = 0) -> float:
    """The figure of KMock with so many rules, after so many requests."""
    async with kmock.RawHandler() as handler, kmock.Server(handler) as server:
        for number in range(rules):
            handler['get /p5000' if rules == 1 else f'get /p{number}'] << b'john'
        return await measure(server.port, warm_up=max(past, 20))


async def run() -> dict[str, float]:
    """All of the figures."""
    return {
        'bare aiohttp': await calls_of_bare(),
        'one rule': await calls_of_kmock(),
        '10,000 rules': await calls_of_kmock(rules=10_000),
        'after 10,000 requests': await calls_of_kmock(past=10_000),
    }


if __name__ == '__main__':
    print(json.dumps(asyncio.run(run())))
