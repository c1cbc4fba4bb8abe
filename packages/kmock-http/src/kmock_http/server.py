"""The TCP server of a handler, with a client of its own."""

import asyncio
import errno
import socket
from collections.abc import Callable
from types import TracebackType
from typing import Any, cast

import aiohttp
from aiohttp import web
from yarl import URL

from kmock_core import __version__
from kmock_core.errors import NotRunningError, StopTimeoutError
from kmock_http.bridge import Bridge
from kmock_http.errors import AlreadyRunningError, PortInUseError
from kmock_http.interception import AiohttpInterceptor, ResolverFilter

USER_AGENT = f'kmock/{__version__} aiohttp/{aiohttp.__version__}'

ClientFactory = Callable[[URL], aiohttp.ClientSession]

# Names and headers of an absurd size are still worth recording; aiohttp's limits are those of a public server.
_PROTOCOL_OPTIONS: dict[str, Any] = {
    'access_log': None,
    'tcp_keepalive': False,
    'keepalive_timeout': 1_000_000.0,  # a timer that a test with a clock of its own would run into
    'max_line_size': 1_048_576,
    'max_field_size': 1_048_576,
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
        self._wanted_port = port
        self._client_fct = client_fct
        self._client: aiohttp.ClientSession | None = None
        self._bridge: Bridge | None = None
        self._web: web.Server | None = None
        self._listener: asyncio.Server | None = None
        self._interceptor: AiohttpInterceptor | None = None
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
                raise NotRunningError('The server is not active and has no client yet: async with kmock.Server(handler)')
            self._client = self._client_fct(self._url)
            self._client.headers.setdefault('User-Agent', self.user_agent)
        return self._client

    # ---- The context ----

    async def __aenter__(self) -> 'Server':
        if self._url is not None:
            raise AlreadyRunningError('The server can be started/entered only once.')
        loop = asyncio.get_running_loop()
        listening = self._bind()
        address, port = listening.getsockname()[:2]
        shown = f'[{self.host}]' if ':' in self.host else self.host
        try:
            url = URL(f'http://{shown}:{port}')
            self._bridge = Bridge(self.handler, 'http', f'{shown}:{port}')
            self._web = web.Server(self._bridge.serve, handler_cancellation=True, **_PROTOCOL_OPTIONS)
            self._listener = await loop.create_server(self._web, sock=listening, backlog=1024)
        except BaseException:
            listening.close()
            raise
        self._url = url
        if self.hostnames:
            reached = {'0.0.0.0': '127.0.0.1', '::': '::1'}.get(address, address)  # noqa: S104  # it is not bound here
            self._interceptor = AiohttpInterceptor(reached, port, self.hostnames)
            self._interceptor.enter()
        self.handler.servers.append(self)
        return self

    def _bind(self) -> socket.socket:
        port = self._wanted_port or 0
        try:
            family, kind, proto, _, address = socket.getaddrinfo(
                self.host, port, socket.AF_UNSPEC if self.host != 'localhost' else socket.AF_INET,
                socket.SOCK_STREAM, flags=socket.AI_PASSIVE,
            )[0]  # fmt: skip
        except socket.gaierror as exc:
            raise PortInUseError(exc.errno, f'{self.host!r} is not an address of this machine: {exc.strerror}') from exc
        listening = socket.socket(family, kind, proto)
        try:
            listening.setblocking(False)
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                listening.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            listening.bind(address)
            listening.listen(1024)
        except OSError as exc:
            listening.close()
            if exc.errno not in {errno.EADDRINUSE, errno.EADDRNOTAVAIL, errno.EACCES}:
                raise
            message = f'port {port} of {self.host} can not be used: {exc.strerror}; leave port=None for a free one'
            raise PortInUseError(exc.errno, message) from exc
        return listening

    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None
    ) -> None:
        hung = await self._stop()
        if hung:
            error = StopTimeoutError(
                f'{len(hung)} answers did not end in {self.stop_timeout} s after the server was stopped, '
                f'and are abandoned: {"; ".join(hung)}',
                hung,
            )
            if exc is None:
                raise error
            exc.add_note(str(error))

    async def _stop(self) -> tuple[str, ...]:
        if self._bridge is None or self._web is None or self._listener is None:
            return ()
        bridge, protocols = self._bridge, self._web
        self.handler.servers.remove(self)
        if self._interceptor is not None:
            self._interceptor.exit()
            self._interceptor = None
        self._listener.close()
        client, self._client = self._client, None
        if client is not None:
            await client.close()
        hung = await _end(bridge, self.stop_timeout)
        await protocols.shutdown(0.01 if not hung else 0.0)
        await asyncio.sleep(0)  # lets the transports close their sockets
        self._bridge = self._web = self._listener = self._url = None
        return hung


async def _end(bridge: Bridge, timeout: float) -> tuple[str, ...]:
    """Cancel what is still being answered, and name what does not end."""
    bridge.stopping = True
    running = dict(bridge.running)
    if not running:
        return ()
    for task in running:
        task.cancel()
    _, pending = await asyncio.wait(running, timeout=timeout)
    return tuple(running[task] for task in pending)
