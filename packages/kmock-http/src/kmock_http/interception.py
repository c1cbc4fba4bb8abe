"""Interception of host names: while entered, aiohttp's clients of this process reach the mock by the names of others.

The one place that is patched is `aiohttp.TCPConnector._resolve_host`, where others (aresponses) patch too.
"""

import re
import socket
from collections.abc import Callable, Collection
from types import TracebackType
from typing import Any, TypeAlias, TypedDict, cast

import aiohttp

from kmock_http.errors import AlreadyRunningError, InterceptionError

ResolverHostOnly: TypeAlias = 'str | re.Pattern[str]'
"""A host name or an address in any case, or a regular expression that matches it fully."""

ResolverHostPort: TypeAlias = 'tuple[str | re.Pattern[str], int | None]'
"""A host with a port; None is any port."""

ResolverHostSpec: TypeAlias = 'ResolverHostOnly | ResolverHostPort'
"""One host to be intercepted."""

ResolverFilter: TypeAlias = 'ResolverHostSpec | Collection[ResolverHostSpec] | None'
"""Which hosts are intercepted: one of them, or any collection."""


class ResolvedHost(TypedDict):
    """What aiohttp's resolvers return."""

    hostname: str
    host: str
    port: int
    family: int
    proto: int
    flags: int


class AiohttpInterceptor:
    """Redirects the aiohttp clients of this process to a server, while it is entered.

    Interceptors can be nested; the last one entered is the first one to be asked, and must be left first.

    Args:
        host: the address of the server.
        port: its port; None leaves that of the request.
        extra: which hosts are redirected; besides them, the server's own host and port are always reachable.
    """

    def __init__(self, host: str, port: int | None = None, extra: ResolverFilter = None) -> None:
        self.host = host
        self.port = port
        self.specs = _normalise(extra)
        self._previous: Callable[..., Any] | None = None
        self._patch: Callable[..., Any] | None = None

    def __repr__(self) -> str:
        return f'AiohttpInterceptor({self.host!r}, {self.port!r}, {self.specs!r})'

    def matches(self, host: str, port: int) -> bool:
        """Tell if a host and a port are redirected."""
        if host == self.host and self.port in {None, port}:
            return True
        return any(_fits(name, host) and wanted in {None, port} for name, wanted in self.specs)

    def enter(self) -> None:
        """Begin to intercept; what the context manager does."""
        if self._previous is not None:
            raise AlreadyRunningError('The same resolver cannot be entered twice.')
        previous = cast('Callable[..., Any]', aiohttp.TCPConnector._resolve_host)  # pyright: ignore[reportPrivateUsage]  # the seam

        async def resolve(connector: aiohttp.TCPConnector, host: str, port: int, traces: Any = None) -> Any:
            if self.matches(host, port):
                return [self._resolved(host, port)]
            return await previous(connector, host, port, traces)

        self._previous = previous
        self._patch = resolve
        aiohttp.TCPConnector._resolve_host = resolve  # type: ignore[method-assign]  # pyright: ignore

    def exit(self) -> None:
        """Cease to intercept."""
        if self._previous is None:
            raise InterceptionError('The resolver cannot be exited because it was not entered.')
        if aiohttp.TCPConnector._resolve_host is not self._patch:  # pyright: ignore[reportPrivateUsage]  # the seam
            raise InterceptionError('The resolver chain is inconsistent. Maybe overridden by others?')
        aiohttp.TCPConnector._resolve_host = self._previous  # type: ignore[method-assign]  # pyright: ignore
        self._previous = self._patch = None

    def _resolved(self, host: str, port: int) -> ResolvedHost:
        return ResolvedHost(
            hostname=host,
            host=self.host,
            port=port if self.port is None else self.port,
            family=socket.AF_INET6 if ':' in self.host else socket.AF_INET,
            proto=0,
            flags=socket.AI_NUMERICHOST,
        )

    async def __aenter__(self) -> 'AiohttpInterceptor':
        self.enter()
        return self

    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None
    ) -> None:
        self.exit()


_Pair = tuple['str | re.Pattern[str]', 'int | None']


def _normalise(extra: ResolverFilter) -> list[_Pair]:
    if extra is None:
        return []
    if isinstance(extra, (str, re.Pattern)):
        return [(_lower(extra), None)]
    if _is_pair(extra):
        name, port = cast('_Pair', extra)
        return [(_lower(name), port)]
    if isinstance(extra, Collection):
        return [pair for item in extra for pair in _normalise(cast('ResolverFilter', item))]
    raise TypeError(
        f"{extra!r} is no host to intercept; type 'host', ('host', port), re.compile('...'), or a list of them"
    )


def _is_pair(extra: object) -> bool:
    if not isinstance(extra, tuple) or len(cast('tuple[object, ...]', extra)) != 2:
        return False
    name, port = cast('tuple[object, object]', extra)
    return isinstance(name, (str, re.Pattern)) and (port is None or isinstance(port, int))


def _lower(name: 'str | re.Pattern[str]') -> 'str | re.Pattern[str]':
    return name.lower().strip('[]') if isinstance(name, str) else name


def _fits(name: 'str | re.Pattern[str]', host: str) -> bool:
    if isinstance(name, str):
        return name == host.lower()
    return name.fullmatch(host) is not None
