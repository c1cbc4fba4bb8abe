"""Interception of host names: while entered, aiohttp's clients of this process reach the mock by the names of others.

The one place that is patched is `aiohttp.TCPConnector._resolve_host`, where others (aresponses) patch too.
"""

import re
import socket
from collections.abc import Callable, Collection
from functools import lru_cache
from types import TracebackType
from typing import Any, TypeAlias, TypedDict, TypeGuard, cast

import aiohttp
from yarl import URL

from kmock_http.errors import AlreadyRunningError, InterceptionError

ResolverHostOnly: TypeAlias = 'str | re.Pattern[str]'
"""A host name or an address in any case, or a regular expression that matches it fully."""

ResolverHostPort: TypeAlias = 'tuple[str | re.Pattern[str], int | None]'
"""A host with a port; None is any port."""

ResolverHostSpec: TypeAlias = 'ResolverHostOnly | ResolverHostPort'
"""One host to be intercepted."""

ResolverFilter: TypeAlias = 'ResolverHostSpec | Collection[ResolverFilter] | None'
"""Which hosts are intercepted: one of them, or any collection, nested as you like; None is no host."""


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

    host: str
    port: int | None
    specs: 'HostSpecs'

    def __init__(self, host: str, port: int | None = None, extra: ResolverFilter = None) -> None:
        self.host = host
        self.port = port
        self.specs = host_specs(extra)
        self._own = (_canonical(host), port)
        self._previous: Callable[..., Any] | None = None
        self._patch: Callable[..., Any] | None = None
        self._muted = False

    def __repr__(self) -> str:
        return f'AiohttpInterceptor({self.host!r}, {self.port!r}, {self.specs!r})'

    def matches(self, host: str, port: int) -> bool:
        """Tell if a host and a port are redirected."""
        host = host.lower().rstrip('.')
        return any(_fits(name, host) and wanted in {None, port} for name, wanted in (self._own, *self.specs))

    def enter(self) -> None:
        """Begin to intercept; what the context manager does."""
        if self._previous is not None:
            raise AlreadyRunningError('The same resolver cannot be entered twice.')
        previous = _resolving()

        async def resolve(connector: aiohttp.TCPConnector, host: str, port: int, traces: Any = None) -> Any:
            if not self._muted and self.matches(host, port):
                return [self._resolved(host, port)]
            return await previous(connector, host, port, traces)

        setattr(resolve, _OWNER, self)
        self._previous = previous
        self._patch = resolve
        self._muted = False
        _resolve_by(resolve)

    def exit(self) -> None:
        """Cease to intercept; an error if another one was entered since, which must be left first."""
        if self._previous is None:
            raise InterceptionError('The resolver cannot be exited because it was not entered.')
        if _resolving() is not self._patch:
            raise InterceptionError(
                'The resolver chain is inconsistent. Maybe overridden by others? What was entered last is left first.'
            )
        previous = self._previous
        self._previous = self._patch = None
        while (owner := _owner_of(previous)) is not None and owner._muted and owner._previous is not None:
            previous = owner._previous
            owner._previous = owner._patch = None
        _resolve_by(previous)

    def leave(self) -> None:
        """The same, but hosts are not redirected any more even if it is an error: their server is going."""
        self._muted = True
        self.exit()

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


HostSpecs = list[tuple['str | re.Pattern[str]', 'int | None']]
"""The hosts to be intercepted, in one form."""


def host_specs(hosts: ResolverFilter) -> HostSpecs:
    """Bring all forms of hosts to one; an error if something is no host."""
    if hosts is None:
        return []
    if _is_host(hosts):
        return [(_canonical(hosts), None)]
    if isinstance(hosts, tuple) and len(hosts) == 2:
        host, port = hosts
        if _is_host(host) and (port is None or type(port) is int):
            return [(_canonical(host), port)]
    if isinstance(hosts, Collection) and not isinstance(hosts, (bytes, bytearray, memoryview)):
        return [pair for item in hosts for pair in host_specs(cast('ResolverFilter', item))]
    raise TypeError(
        f"{hosts!r} is no host to intercept; type 'host', ('host', port), re.compile('...'), or a list of them"
    )


def is_taken_by_others() -> bool:
    """Tell if somebody else has patched the resolving of names, so that not even addresses are what they are."""
    function = _resolving()
    while (owner := _owner_of(function)) is not None and owner._previous is not None:  # pyright: ignore[reportPrivateUsage]
        function = owner._previous  # pyright: ignore[reportPrivateUsage]
    return getattr(function, '__module__', None) != aiohttp.TCPConnector.__module__


_OWNER = 'kmock_interceptor'


def _owner_of(function: Callable[..., Any]) -> AiohttpInterceptor | None:
    return cast('AiohttpInterceptor | None', getattr(function, _OWNER, None))


def _resolving() -> Callable[..., Any]:
    return cast('Callable[..., Any]', aiohttp.TCPConnector._resolve_host)  # pyright: ignore[reportPrivateUsage]  # the seam


def _resolve_by(function: Callable[..., Any]) -> None:
    aiohttp.TCPConnector._resolve_host = function  # type: ignore[method-assign]  # pyright: ignore[reportPrivateUsage]


def _is_host(thing: object) -> 'TypeGuard[str | re.Pattern[str]]':
    text: object = getattr(thing, 'pattern', thing)
    return isinstance(text, str) and isinstance(thing, (str, re.Pattern))


@lru_cache(maxsize=256)
def _canonical(host: 'str | re.Pattern[str]') -> 'str | re.Pattern[str]':
    """The form in which aiohttp resolves hosts: lower-case, international names as ``xn--``, addresses in short."""
    if not isinstance(host, str):
        return host
    bare = host.strip('[]').rstrip('.').lower()
    try:
        return URL.build(scheme='http', host=bare).raw_host or bare
    except ValueError:
        return bare


def _fits(name: 'str | re.Pattern[str]', host: str) -> bool:
    if isinstance(name, str):
        return name == host
    return name.fullmatch(host) is not None
