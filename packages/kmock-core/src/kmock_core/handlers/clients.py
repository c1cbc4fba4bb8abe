"""How the test itself talks to its handler: ``await kmock.get('/')``, by a server where one runs, else in process."""

from typing import TYPE_CHECKING, Any, Protocol, cast

import attrs

from kmock_core.errors import NotRunningError
from kmock_core.registry import EXPORTS
from kmock_core.transports.inprocess import InProcessClient

if TYPE_CHECKING:
    from collections.abc import Generator
    from ssl import SSLContext
    from types import TracebackType

    from yarl import URL


class ClientResult(Protocol):
    """The answer to a call, whichever client has made it: the part that aiohttp's and ours have in common."""

    @property
    def status(self) -> int: ...
    @property
    def reason(self) -> str | None: ...
    @property
    def headers(self) -> Any: ...
    @property
    def cookies(self) -> Any: ...
    @property
    def content(self) -> Any: ...
    async def read(self) -> bytes: ...
    async def text(self) -> str: ...
    async def json(self) -> Any: ...
    def close(self) -> None: ...


class ClientCall(Protocol):
    """A call that is made when it is awaited, or entered by ``async with``."""

    def __await__(self) -> 'Generator[Any, None, ClientResult]': ...
    async def __aenter__(self) -> ClientResult: ...
    async def __aexit__(
        self, exc_type: 'type[BaseException] | None', exc: BaseException | None, tb: 'TracebackType | None', /
    ) -> None: ...


@attrs.define(slots=False, eq=False, repr=False, kw_only=True)
class ClientCalls:
    """The servers of a handler and the calls to it."""

    servers: list[Any] = attrs.field(factory=list[Any], init=False, repr=False, eq=False)
    """The running servers, in the order in which they were started."""

    _turn: int = attrs.field(default=0, init=False, repr=False, eq=False)
    _inprocess: InProcessClient | None = attrs.field(default=None, init=False, repr=False, eq=False)

    @property
    def clients(self) -> list[Any]:
        """The clients of the running servers."""
        return [server.client for server in self.servers]

    @property
    def server(self) -> Any:
        """The first of the running servers."""
        if not self.servers:
            where = '' if 'http' in EXPORTS else '; it comes with kmock-http: pip install kmock-http'
            raise NotRunningError(
                f'There is no running server of this handler. Start one: async with kmock.Server(handler){where}'
            )
        return self.servers[0]

    @property
    def url(self) -> 'URL':
        """The base URL of the first of the running servers."""
        return cast('URL', self.server.url)

    @property
    def host(self) -> str:
        """The host of the first of the running servers."""
        return cast('str', self.server.host)

    @property
    def port(self) -> int:
        """The port of the first of the running servers."""
        return cast('int', self.server.port)

    @property
    def client(self) -> Any:
        """The client of the first of the running servers."""
        return self.server.client

    @property
    def ca_path(self) -> str:
        """The file with the authority that clients of the first of the running servers have to trust, with TLS."""
        return cast('str', self.server.ca_path)

    @property
    def ssl_context(self) -> 'SSLContext':
        """A context for clients that trust the first of the running servers, with TLS."""
        return cast('SSLContext', self.server.ssl_context)

    def issue_cert(self, common_name: str, **options: Any) -> Any:
        """Issue a certificate for a client of the first of the running servers, with TLS; see its `issue_cert`."""
        return self.server.issue_cert(common_name, **options)

    def request(self, method: str, url: 'str | URL' = '/', **kwargs: Any) -> ClientCall:
        """Make a request by the client of a running server (in turns, if there are several), else in process.

        Args:
            method: the HTTP method.
            url: relative to the server, or absolute.
            kwargs: those of the client: ``params headers cookies data json``, and more with aiohttp.
        """
        if not self.servers:
            if self._inprocess is None:
                self._inprocess = InProcessClient(cast('Any', self))
            return cast('ClientCall', self._inprocess.request(method, url, **kwargs))
        client = self.servers[self._turn % len(self.servers)].client
        self._turn += 1
        if isinstance(url, str) and '://' not in url.partition('?')[0] and not url.startswith('/'):
            url = f'/{url}'
        return cast('ClientCall', client.request(method, url, **kwargs))

    def get(self, url: 'str | URL' = '/', **kwargs: Any) -> ClientCall:
        """Make a GET request."""
        return self.request('GET', url, **kwargs)

    def put(self, url: 'str | URL' = '/', **kwargs: Any) -> ClientCall:
        """Make a PUT request."""
        return self.request('PUT', url, **kwargs)

    def post(self, url: 'str | URL' = '/', **kwargs: Any) -> ClientCall:
        """Make a POST request."""
        return self.request('POST', url, **kwargs)

    def patch(self, url: 'str | URL' = '/', **kwargs: Any) -> ClientCall:
        """Make a PATCH request."""
        return self.request('PATCH', url, **kwargs)

    def delete(self, url: 'str | URL' = '/', **kwargs: Any) -> ClientCall:
        """Make a DELETE request."""
        return self.request('DELETE', url, **kwargs)

    def head(self, url: 'str | URL' = '/', **kwargs: Any) -> ClientCall:
        """Make a HEAD request."""
        return self.request('HEAD', url, **kwargs)

    def options(self, url: 'str | URL' = '/', **kwargs: Any) -> ClientCall:
        """Make an OPTIONS request."""
        return self.request('OPTIONS', url, **kwargs)

    async def _close_calls(self) -> None:
        if self._inprocess is not None:
            await self._inprocess.aclose()
