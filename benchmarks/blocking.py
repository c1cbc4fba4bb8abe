"""One GET at a time by a blocking client, from a server in a thread of the process; and what such a server costs."""

import asyncio
import http.client
import queue
import statistics
import threading
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack, contextmanager

import requests
import urllib3
from aiohttp import web

import kmock
from benchmarks.report import Figure

REQUESTS = 100
ROUNDS = 45
STARTS = 300

Get = Callable[[], bytes]


@contextmanager
def bare() -> Generator[int, None, None]:
    """A bare server of aiohttp on an event loop in a thread: its port."""

    async def handle(request: web.BaseRequest) -> web.StreamResponse:
        return web.Response(body=b'john')

    ports: queue.Queue[int] = queue.Queue()
    over = asyncio.Event()
    loops: list[asyncio.AbstractEventLoop] = []

    async def serve() -> None:
        loop = asyncio.get_running_loop()
        loops.append(loop)
        server = await loop.create_server(web.Server(handle, access_log=None), '127.0.0.1', 0)
        async with server:
            ports.put(server.sockets[0].getsockname()[1])
            await over.wait()
            server.close()

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    yield ports.get()
    loops[0].call_soon_threadsafe(over.set)
    thread.join()


@contextmanager
def by_http_client(port: int) -> Generator[Get, None, None]:
    """The client of the standard library, which costs the least itself."""
    connection = http.client.HTTPConnection('127.0.0.1', port)

    def get() -> bytes:
        connection.request('GET', '/')
        return connection.getresponse().read()

    yield get
    connection.close()


@contextmanager
def by_urllib3(port: int) -> Generator[Get, None, None]:
    """The client under requests and others."""
    with urllib3.HTTPConnectionPool('127.0.0.1', port) as pool:
        yield lambda: pool.request('GET', '/').data


@contextmanager
def by_requests(port: int) -> Generator[Get, None, None]:
    """The most popular client."""
    with requests.Session() as session:
        session.trust_env = False
        yield lambda: session.get(f'http://127.0.0.1:{port}/').content


CLIENTS = {'http.client': by_http_client, 'urllib3': by_urllib3, 'requests': by_requests}


def timed(get: Get, times: int = REQUESTS) -> float:
    """Seconds for so many requests, one after another."""
    start = time.perf_counter()
    for _ in range(times):
        if get() != b'john':
            raise AssertionError('a wrong answer')
    return time.perf_counter() - start


def compare(name: str) -> float:
    """The time of a GET from KMock, of one from a bare server: the median of rounds in turns."""
    client = CLIENTS[name]
    with ExitStack() as stack:
        get_bare = stack.enter_context(client(stack.enter_context(bare())))
        mock = stack.enter_context(kmock.serving(kmock.RawHandler))
        mock['get /'] << b'john'
        get_mine = stack.enter_context(client(mock.port))
        for get in (get_bare, get_mine):
            timed(get, 50)
        rounds = [(timed(get_bare), timed(get_mine)) for _ in range(ROUNDS)]
    return statistics.median(mine / base for base, mine in rounds)


def starting() -> float:
    """Milliseconds to start and stop a mock in a thread of its own."""
    times: list[float] = []
    for _ in range(STARTS):
        start = time.perf_counter()
        with kmock.serving(kmock.RawHandler):
            pass
        times.append(time.perf_counter() - start)
    return statistics.median(times) * 1000


def run() -> Iterator[Figure]:
    """All figures of blocking clients."""
    for name in CLIENTS:
        yield Figure(f'a blocking GET by {name}, time of bare', compare(name), at_most=1.3)
    yield Figure('start and stop of kmock.serving(), ms', starting())
