"""The TCP server of a handler, with a client of its own."""

import asyncio
import ssl
import threading
from collections.abc import Callable, Iterable
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
from kmock_http.errors import AlreadyRunningError, InterceptionError, WrongThreadError
from kmock_http.gate import Gate, SecureBridge
from kmock_http.hosts import ResolverFilter, host_specs, literal_addresses
from kmock_http.issuing import IssuedCert
from kmock_http.redirecting import Intercept, check_intercept, interceptors
from kmock_http.securing import Security
from kmock_http.stopping import end_answers
from kmock_http.threads import InThread
from kmock_http.tls import TLS, read_tls

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

    Entered by a plain ``with``, it serves from a thread of its own, for blocking clients.

    Several servers may serve one handler. A server can be entered again after it was left, and gets a new port then.

    Args:
        handler: a handler of KMock.
        host: the address to listen at: IPv4, IPv6, or a name of this machine.
        port: the port; None or 0 is any that is free.
        hostnames: names of others by which clients of this process reach the server too; with TLS, they trust it.
        client_fct: makes the client, of the base URL; by default an `aiohttp.ClientSession`.
        user_agent: what the client calls itself.
        tls: True for certificates of a throw-away authority, for whatever name a client asks for; or `TLS` for
            more choices; or a context of your own.
        intercept: which clients do: those of ``aiohttp``, or ``all`` that use Python's sockets: requests, httpx, …
        stop_timeout: seconds that the answers which are still being made have to end when the server is left.
    """

    handler: Any
    host: str
    hostnames: ResolverFilter
    user_agent: str
    intercept: Intercept
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
        tls: 'bool | TLS | ssl.SSLContext | None' = None,
        intercept: Intercept = 'aiohttp',
        stop_timeout: float = 1.0,
    ) -> None:
        self.handler = handler
        self.host = host
        self.hostnames = hostnames
        self.user_agent = user_agent
        self.intercept = check_intercept(intercept)
        self.stop_timeout = stop_timeout
        self._wanted_port = check_port(port)
        self._intercepted = host_specs(hostnames)
        self._security = Security(read_tls(tls), host, literal_addresses(self._intercepted))
        self._client_fct = client_fct
        self._client: aiohttp.ClientSession | None = None
        self._stack: AsyncExitStack | None = None
        self._url: URL | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread_id: int = 0
        self._in_thread: InThread[Server] | None = None

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
        """A client of this server; it is made when it is first asked for, and closed with the server.

        It belongs to the event loop of the server, and can be used only there.
        """
        running = asyncio._get_running_loop()  # pyright: ignore[reportPrivateUsage]  # documented: never raises
        if running is not self._loop and self._url is not None:
            self._demand_own_thread(running)
        if self._client is None:
            if self._url is None:
                raise NotRunningError(
                    'The server is not active and has no client yet: async with kmock.Server(handler)'
                )
            self._client = self._security.make_client(self._client_fct, self._url)
            self._client.headers.setdefault('User-Agent', self.user_agent)
        return self._client

    def _demand_own_thread(self, running: asyncio.AbstractEventLoop | None) -> None:
        if running is not None or threading.get_ident() != self._thread_id:
            raise WrongThreadError(
                f'The server runs in a thread, or an event loop, of its own, and its client would work only there: '
                f'use a client of your own (requests, httpx, aiohttp, …) with kmock.url: {self._url}'
            )

    # ---- TLS ----

    @property
    def ca_path(self) -> str:
        """The file with the authority that clients have to trust; it stays until the end of the process."""
        return self._security.ca_path

    @property
    def ssl_context(self) -> ssl.SSLContext:
        """A context for clients that trust this server, and no other but those with the same authority."""
        return self._security.ssl_context

    def issue_cert(
        self,
        common_name: str,
        *,
        organization: 'str | Iterable[str]' = (),
        organizational_unit: 'str | Iterable[str]' = (),
        names: 'str | Iterable[str]' = (),
    ) -> IssuedCert:
        """Issue a certificate for a client, which this server accepts.

        Args:
            common_name: whose certificate it is.
            organization: one or several; to Kubernetes, the groups of a user.
            organizational_unit: one or several.
            names: its alternative names: hosts, addresses, mailboxes.
        """
        return self._security.issue_cert(common_name, organization, organizational_unit, names)

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
        security = self._security
        context = None if security.tls is None else security.server_context
        listening = await bind(self.host, self._wanted_port)
        stack.callback(listening.close)
        address, port = listening.getsockname()[:2]
        shown = reachable(self.host)
        authority = f'[{shown}]:{port}' if ':' in shown else f'{shown}:{port}'

        # In the reverse order of what is done at the end.
        stack.push_async_callback(self._close_client)
        url = f'{security.scheme}://{authority}'
        bridge = (Bridge if context is None else SecureBridge)(self.handler, security.scheme, authority)
        connections = Connections(bridge, **_PROTOCOL_OPTIONS)
        stack.push_async_callback(self._close_connections, connections)
        stack.push_async_callback(self._end_answers, bridge)
        entrance: Callable[[], asyncio.BaseProtocol] = connections
        if context is not None:
            serves_plain = any(wanted != 443 for _, wanted in self._intercepted)
            entrance = gate = Gate(connections, context, url, serves_plain=serves_plain)
            stack.push_async_callback(gate.close)
        listener = await asyncio.get_running_loop().create_server(
            entrance, sock=listening, backlog=BACKLOG, start_serving=False
        )
        stack.push_async_callback(cease_listening, listener)
        await listener.start_serving()
        hosts, address = self._intercepted, reachable(address)
        for interceptor in interceptors(self.intercept, hosts, address, port, shown, security.pem):
            interceptor.enter()
            stack.callback(interceptor.leave)
        self._loop, self._thread_id = asyncio.get_running_loop(), threading.get_ident()
        self._url = URL(url)
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

    # ---- The context in a thread of its own ----

    def __enter__(self) -> 'Server':
        in_thread = InThread(self, 'kmock server', stop_timeout=self.stop_timeout)
        in_thread.__enter__()
        self._in_thread = in_thread
        return self

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None
    ) -> None:
        in_thread, self._in_thread = self._in_thread, None
        if in_thread is not None:
            in_thread.__exit__(exc_type, exc, tb)

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
