"""Interception of host names: while entered, aiohttp's clients of this process reach the mock by the names of others.

The one place that is patched is `aiohttp.TCPConnector._resolve_host`, where others (aresponses) patch too.
"""

import socket
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Any, TypedDict, cast

import aiohttp

from kmock_http.errors import AlreadyRunningError, InterceptionError
from kmock_http.hosts import HostSpecs, ResolverFilter, canonical, fits, host_specs


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

    Interceptors can be nested; the last one entered is the first one to be asked, and must be left first; those of
    other threads come and go as they like.

    Args:
        host: the address of the server.
        port: its port; None leaves that of the request.
        extra: which hosts are redirected; besides them, the server's own host and port are always reachable.
    """

    host: str
    port: int | None
    specs: HostSpecs

    def __init__(self, host: str, port: int | None = None, extra: ResolverFilter = None) -> None:
        self.host = host
        self.port = port
        self.specs = host_specs(extra)
        self._own = (canonical(host), port)
        self._previous: Callable[..., Any] | None = None
        self._patch: Callable[..., Any] | None = None
        self._muted = False
        self._thread_id = 0

    def __repr__(self) -> str:
        return f'AiohttpInterceptor({self.host!r}, {self.port!r}, {self.specs!r})'

    def matches(self, host: str, port: int) -> bool:
        """Tell if a host and a port are redirected."""
        host = host.lower().rstrip('.')
        return any(fits(name, host) and wanted in {None, port} for name, wanted in (self._own, *self.specs))

    def enter(self) -> None:
        """Begin to intercept; what the context manager does."""
        with _lock:
            if self._previous is not None:
                raise AlreadyRunningError('The same resolver cannot be entered twice.')
            previous = _resolving()

            async def resolve(connector: aiohttp.TCPConnector, host: str, port: int, traces: Any = None) -> Any:
                if not self._muted and self.matches(host, port):
                    return [self._resolved(host, port)]
                return await (self._previous or previous)(connector, host, port, traces)

            setattr(resolve, _OWNER, self)
            self._previous = previous
            self._patch = resolve
            self._muted = False
            self._thread_id = threading.get_ident()
            _resolve_by(resolve)

    def exit(self) -> None:
        """Cease to intercept; an error if another one was entered since, which must be left first."""
        with _lock:
            if self._previous is None:
                raise InterceptionError('The resolver cannot be exited because it was not entered.')
            above = self._above()
            previous = self._previous
            self._previous = self._patch = None
            while (owner := _owner_of(previous)) is not None and owner._muted and owner._previous is not None:
                previous = owner._previous
                owner._previous = owner._patch = None
            if above is None:
                _resolve_by(previous)
            else:
                above._previous = previous

    def _above(self) -> 'AiohttpInterceptor | None':
        """Who passes on to this one: None if nobody does, an error if it is not one of another thread."""
        above, function = None, _resolving()
        while function is not self._patch:
            above = _owner_of(function)
            if above is None or above._previous is None or above._thread_id == self._thread_id:
                raise InterceptionError(
                    'The resolver chain is inconsistent. Maybe overridden by others? '
                    'What was entered last is left first.'
                )
            function = above._previous
        return above

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


def is_taken_by_others() -> bool:
    """Tell if somebody else has patched the resolving of names, so that not even addresses are what they are."""
    function = _resolving()
    while (owner := _owner_of(function)) is not None and owner._previous is not None:  # pyright: ignore[reportPrivateUsage]
        function = owner._previous  # pyright: ignore[reportPrivateUsage]
    return getattr(function, '__module__', None) != aiohttp.TCPConnector.__module__


_OWNER = 'kmock_interceptor'
_lock = threading.Lock()


def _owner_of(function: Callable[..., Any]) -> AiohttpInterceptor | None:
    return cast('AiohttpInterceptor | None', getattr(function, _OWNER, None))


def _resolving() -> Callable[..., Any]:
    return cast('Callable[..., Any]', aiohttp.TCPConnector._resolve_host)  # pyright: ignore[reportPrivateUsage]  # the seam


def _resolve_by(function: Callable[..., Any]) -> None:
    aiohttp.TCPConnector._resolve_host = function  # type: ignore[method-assign]  # pyright: ignore[reportPrivateUsage]
