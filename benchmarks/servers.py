"""The servers that are loaded from outside: ``python -m benchmarks.servers KIND`` prints its port and serves."""

import asyncio
import sys
import time

import kmock
from benchmarks.bare import serve_bare
from benchmarks.objects import make_object


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


async def serve_objects(handler: kmock.KubernetesEmulator | kmock.KubernetesCluster, count: int) -> None:
    """The emulator or the cluster with so many objects; it tells what CPU time it has taken."""
    async with handler, kmock.Server(handler) as server:
        for number in range(count):
            handler.objects['v1/configmaps', 'default', f'object-{number}'] = make_object(number)
        handler['get /cpu'].respond(lambda: repr(time.process_time()).encode())
        print(server.port, flush=True)
        await asyncio.get_running_loop().create_future()


if __name__ == '__main__':
    kind, *rest = sys.argv[1:]
    try:
        if kind == 'bare':
            asyncio.run(serve_bare(*map(int, rest)))
        elif kind == 'emulator':
            asyncio.run(serve_objects(kmock.KubernetesEmulator(), int(rest[0])))
        elif kind == 'cluster':
            asyncio.run(serve_objects(kmock.KubernetesCluster(), int(rest[0])))
        else:
            asyncio.run(serve_kmock(kind))
    except KeyboardInterrupt:
        pass
