"""The server that others are compared with: aiohttp alone; ``python -m benchmarks.bare PORT`` serves there."""

import asyncio
import sys

from aiohttp import web


async def serve_bare(size: int = 0, port: int = 0) -> None:
    """A low-level handler of aiohttp that returns a constant, or the body of the request, or else so many bytes."""
    constant = b'x' * size or b'john'

    async def handle(request: web.BaseRequest) -> web.StreamResponse:
        body = await request.read() if size and request.can_read_body else b''
        return web.Response(body=constant if len(body) < size // 2 else body)

    server = await asyncio.get_running_loop().create_server(web.Server(handle, access_log=None), '127.0.0.1', port)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == '__main__':
    asyncio.run(serve_bare(port=int(sys.argv[1])))
