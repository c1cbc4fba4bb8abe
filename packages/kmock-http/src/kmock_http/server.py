"""The TCP server of a handler, with a client of its own."""

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack
from types import TracebackType
from typing import Any, cast

import aiohttp
from yarl import URL

from kmock_core import __version__
from kmock_core.errors import NotRunningError, StopTimeoutError
from kmock_http.addresses import BACKLOG, bind, cease_listening, check_port, reachable
from kmock_http.bridge import Bridge, logger
from kmock_http.connections import Connections
from kmock_http.errors import AlreadyRunningError, InterceptionError
from kmock_http.interception import AiohttpInterceptor, ResolverFilter, host_specs, is_taken_by_others
from kmock_http.stopping import end_answers

USER_AGENT = f'kmock/{__version__} aiohttp/{aiohttp.__version__}'

ClientFactory = Callable[[URL], aiohttp.ClientSession]

# Names and headers of an absurd size are still worth recording; aiohttp's limits are those of a public server.
_PROTOCOL_OPTIONS: dict[str, Any] = {
    'access_log': None,
    'tcp_keepalive': False,
    'lingering_time': 0.0,  # all bodies are read; those that are broken never end
    'logger': logger,
    'keepalive_timeout': 1_000_000.0,  # a timer that a test with a clock of its own would run into
    'max_line_size': 16_777_216,
    'max_field_size': 16_777_216,
    'max_headers': 1_048_576,
    'auto_decompress': False,  # a broken body is to be recorded too: the bridge does it
}


class Server:
    """Serves a handler over TCP, while it is entered: ``async with kmock.Server(handler) as server``.

    Several servers may serve one handler. A server can be entered again after it was left, and gets a new port then.

    Args:
        handler: a handler of KMock.
        host: the address to listen at: IPv4, IPv6, or a name of this machine.
        port: the port; None or 0 is any that is free.
        hostnames: names of others by which aiohttp's clients of this process reach the server too.
        client_fct: makes the client, of the base URL; by default an `aiohttp.ClientSession`.
        user_agent: what the client calls itself.
        tls: not served yet.
        stop_timeout: seconds that the answers which are still being made have to end when the server is left.
    """

    handler: Any
    host: str
    hostnames: ResolverFilter
    user_agent: str
    stop_timeout: float

    def __init__(
        self,
        handler: Any,
        host: str = '127.0.0.1',
        port: int | None = None,
        hostnames: ResolverFilter = None,
        client_fct: ClientFactory = aiohttp.ClientSession,
        user_agent: str = USER_AGENT,
        *,
        tls: Any = None,
        stop_timeout: float = 1.0,
    ) -> None:
        if tls:
            raise NotImplementedError('tls= is not served yet')
        self.handler = handler
        self.host = host
        self.hostnames = hostnames
        self.user_agent = user_agent
        self.stop_timeout = stop_timeout
        self._wanted_port = check_port(port)
        self._intercepted = host_specs(hostnames)
        self._client_fct = client_fct
        self._client: aiohttp.ClientSession | None = None
        self._stack: AsyncExitStack | None = None
        self._url: URL | None = None

    def __repr__(self) -> str:
        return f'<Server of {self.handler!r} at {self._url or "no port yet"}>'

    @property
    def url(self) -> URL:
        """The base URL, without a slash at its end."""
        if self._url is None:
            raise NotRunningError('The server is not active and has no URL yet: async with kmock.Server(handler)')
        return self._url

    @property
    def port(self) -> int:
        """The port that it listens at."""
        return cast('int', self.url.port)

    @property
    def client(self) -> aiohttp.ClientSession:
        """A client of this server; it is made when it is first asked for, and closed with the server."""
        if self._client is None:
            if self._url is None:
                raise NotRunningError(
                    'The server is not active and has no client yet: async with kmock.Server(handler)'
                )
            self._client = self._client_fct(self._url)
            self._client.headers.setdefault('User-Agent', self.user_agent)
        return self._client

    # ---- The context ----

    async def __aenter__(self) -> 'Server':
        if self._stack is not None:
            raise AlreadyRunningError(
                'The server can be started/entered only once. Make one more: kmock.Server(handler)'
            )
        self._stack = AsyncExitStack()
        try:
            async with self._stack:
                await self._start(self._stack)
                self._stack = self._stack.pop_all()
        except BaseException:
            self._stack = None
            raise
        return self

    async def _start(self, stack: AsyncExitStack) -> None:
        listening = await bind(self.host, self._wanted_port)
        stack.callback(listening.close)
        address, port = listening.getsockname()[:2]
        shown = reachable(self.host)
        authority = f'[{shown}]:{port}' if ':' in shown else f'{shown}:{port}'

        # In the reverse order of what is done at the end.
        stack.push_async_callback(self._close_client)
        bridge = Bridge(self.handler, 'http', authority)
        connections = Connections(bridge, **_PROTOCOL_OPTIONS)
        stack.push_async_callback(self._close_connections, connections)
        stack.push_async_callback(self._end_answers, bridge)
        listener = await asyncio.get_running_loop().create_server(
            connections, sock=listening, backlog=BACKLOG, start_serving=False
        )
        stack.push_async_callback(cease_listening, listener)
        await listener.start_serving()
        if self._intercepted or is_taken_by_others():
            interceptor = AiohttpInterceptor(reachable(address), port, [(shown, port), *self._intercepted])
            interceptor.enter()
            stack.callback(interceptor.leave)
        self._url = URL(f'http://{authority}')
        self.handler.servers.append(self)
        stack.callback(self._unregister)

    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None
    ) -> None:
        stack = self._stack
        if stack is None or self._url is None:
            return
        self._url = None
        try:
            await stack.aclose()
        except (InterceptionError, StopTimeoutError) as error:
            if exc is None:
                raise
            exc.add_note(str(error))
        finally:
            self._stack = None

    # ---- The end, step by step ----

    def _unregister(self) -> None:
        self.handler.servers.remove(self)

    async def _end_answers(self, bridge: Bridge) -> None:
        hung = await end_answers(bridge, self.stop_timeout)
        if hung:
            raise StopTimeoutError(
                f'{len(hung)} answers did not end in {self.stop_timeout} s after the server was stopped, '
                f'and are abandoned: {"; ".join(hung)}',
                hung,
            )

    async def _close_connections(self, connections: Connections) -> None:
        connections.close()
        await connections.settle()
        await self._close_client()  # not earlier: it reads its streams to the end; nor later: it may not read at all
        await connections.wait_closed(self.stop_timeout)

    async def _close_client(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            await client.close()
