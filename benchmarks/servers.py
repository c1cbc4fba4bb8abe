"""The servers that are loaded from outside: ``python -m benchmarks.servers KIND`` prints its port and serves."""

import asyncio
import sys

from aiohttp import web

import kmock


async def serve_bare() -> None:
    """A low-level handler of aiohttp that returns a constant."""

    async def handle(request: web.BaseRequest) -> web.StreamResponse:
        return web.Response(body=b'john')

    server = await asyncio.get_running_loop().create_server(web.Server(handle, access_log=None), '127.0.0.1', 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


async def serve_kmock(kind: str) -> None:
    """KMock with one rule, with one for any path, with 10,000, or with 100 that no index can serve."""
    async with kmock.RawHandler() as handler, kmock.Server(handler) as server:
        if kind == 'many':
            for number in range(10_000):
                handler[f'get /p{number}'] << b'john'
        if kind == 'unindexed':
            for number in range(100):
                handler[{'X-Number': str(number)}] << b'jane'
        handler['get' if kind == 'any' else 'get /'] << b'john'
        print(server.port, flush=True)
        await asyncio.get_running_loop().create_future()


if __name__ == '__main__':
    kind = sys.argv[1]
    try:
        asyncio.run(serve_bare() if kind == 'bare' else serve_kmock(kind))
    except KeyboardInterrupt:
        pass
