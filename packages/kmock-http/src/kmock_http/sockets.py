"""Interception for all clients: while entered, Python's own sockets reach the mock by the names of others.

What is patched is where all of them come by: the resolving of names in the module `socket`, and the connecting of its
sockets. A listed name resolves, without DNS, to an address that belongs to it alone; who connects to such an address
is led to the mock. Libraries that are written in C or have loops of their own (pycurl, uvloop, grpc) do not come by.
"""

import _socket
import errno
import itertools
import socket
import sys
import threading
from collections.abc import Callable
from ipaddress import IPv4Address, ip_address
from typing import Any, cast

from kmock_http.hosts import HostSpecs, ResolverFilter, canonical, host_specs, is_address, is_listed, unmapped
from kmock_http.seams import Entered, Seam, Seams


class SocketInterceptor(Entered):
    """Redirects the clients of this process that use Python's sockets to a server, while it is entered.

    Interceptors can be nested; the last one entered is the first one to be asked. They can be left in any order.

    An address of this machine (``127.0.0.1``, ``::1``) is redirected only if it is listed as such: a regular
    expression does not match it, so that what runs here besides the mock remains reachable.

    Args:
        host: the address of the server.
        port: its port; None leaves that of the request.
        extra: which hosts are redirected.
    """

    host: str
    port: int | None
    specs: HostSpecs

    def __init__(self, host: str, port: int | None = None, extra: ResolverFilter = None) -> None:
        self.host = host
        self.port = port
        self.specs = host_specs(extra)
        self._address = ''

    def __repr__(self) -> str:
        return f'SocketInterceptor({self.host!r}, {self.port!r}, {self.specs!r})'

    def matches(self, host: str, port: int | None = None) -> bool:
        """Tell if a host and a port are redirected; with no port, if any of its ports is."""
        host = canonical(host)
        specs = self.specs
        if _is_here(host):
            specs = [spec for spec in specs if isinstance(spec[0], str)]
        return is_listed(specs, host, port)

    def enter(self) -> None:
        """Begin to intercept; what the context manager does."""
        self._address = str(_socket.getaddrinfo(self.host, None, type=socket.SOCK_STREAM)[0][4][0])
        _seams.enter(self)

    def leave(self) -> None:
        """Cease to intercept; an error if others have patched the same functions since, which is left to them."""
        _seams.leave(self)

    @property
    def is_ipv6(self) -> bool:
        """True if the server listens at an IPv6 address."""
        return ':' in self._address

    def lead(self, sock: socket.socket, port: int) -> Any:
        """The address of the server for a socket that is to be connected; an error if it can not be reached so."""
        port = port if self.port is None else self.port
        if sock.family == socket.AF_INET:
            if self.is_ipv6:
                raise OSError(errno.EAFNOSUPPORT, _no_way(self.host))
            return self._address, port
        if self.is_ipv6:
            return self._address, port, 0, 0
        sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        return f'::ffff:{self._address}', port, 0, 0


class _Addresses:
    """Addresses that stand for names: of this machine, so that nothing goes out; each for one name forever."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._numbers = itertools.count(int(IPv4Address('127.128.0.0')) + 1)
        self._addresses: dict[str, str] = {}
        self._names: dict[str, str] = {}

    def of(self, name: str) -> str:
        with self._lock:
            if name not in self._addresses:
                address = str(IPv4Address(next(self._numbers)))
                self._addresses[name] = address
                self._names[address] = name
            return self._addresses[name]

    def name(self, host: str) -> str | None:
        return self._names.get(host)


_addresses = _Addresses()


def _asked(host: str, port: int | None) -> SocketInterceptor | None:
    return next((user for user in _seams.users if user.matches(host, port)), None)


# ---- Names ----

_NOT_FOR_CLIENTS = socket.AI_NUMERICHOST | socket.AI_PASSIVE


def _getaddrinfo(original: Callable[..., Any]) -> Callable[..., Any]:
    def getaddrinfo(host: Any, port: Any, *args: Any, **kwargs: Any) -> Any:
        found = _resolved(host, port, *args, **kwargs)
        return original(host, port, *args, **kwargs) if found is None else found

    return getaddrinfo


def _resolved(host: Any, port: Any, family: int = 0, type: int = 0, proto: int = 0, flags: int = 0) -> Any:
    if (name := _text(host)) is None or flags & _NOT_FOR_CLIENTS or is_address(name):
        return None
    interceptor = _asked(name, _number(port))
    if interceptor is None:
        return None
    address = _standing_for(name, interceptor, family)
    known = flags & socket.AI_CANONNAME and canonical(name)
    return [
        (socket.AddressFamily(family), socket.SocketKind(kind), proto, known if shown else '', where)
        for family, kind, proto, shown, where in _socket.getaddrinfo(
            address, port, family, type, proto, flags & socket.AI_CANONNAME | socket.AI_NUMERICHOST
        )
    ]


def _standing_for(name: str, interceptor: SocketInterceptor, family: int) -> str:
    address = _addresses.of(canonical(name))
    if family == socket.AF_INET6 or (interceptor.is_ipv6 and family == socket.AF_UNSPEC):
        return f'::ffff:{address}'
    if interceptor.is_ipv6:
        raise socket.gaierror(socket.EAI_FAMILY, _no_way(interceptor.host))
    return address


def _gethostbyname(original: Callable[..., Any]) -> Callable[..., Any]:
    def gethostbyname(host: Any) -> Any:
        found = _name_and_address(host)
        return original(host) if found is None else found[1]

    return gethostbyname


def _gethostbyname_ex(original: Callable[..., Any]) -> Callable[..., Any]:
    def gethostbyname_ex(host: Any) -> Any:
        found = _name_and_address(host)
        return original(host) if found is None else (found[0], [], [found[1]])

    return gethostbyname_ex


def _name_and_address(host: object) -> tuple[str, str] | None:
    found = _resolved(host, None, socket.AF_INET, socket.SOCK_STREAM, 0, socket.AI_CANONNAME)
    return None if found is None else (found[0][3], found[0][4][0])


# ---- Connections ----


def _connect(original: Callable[..., Any]) -> Callable[..., Any]:
    def connect(self: socket.socket, address: Any) -> Any:
        return original(self, _led(self, address))

    return connect


def _connect_ex(original: Callable[..., Any]) -> Callable[..., Any]:
    def connect_ex(self: socket.socket, address: Any) -> Any:
        try:
            address = _led(self, address)
        except OSError as exc:
            return exc.errno
        return original(self, address)

    return connect_ex


def _led(sock: socket.socket, address: Any) -> Any:
    """Where a socket is connected instead: to the mock, or to where it would be without us."""
    if sock.family not in {socket.AF_INET, socket.AF_INET6} or sock.type != socket.SOCK_STREAM:
        return address
    host, port = _host_and_port(address)
    if host is None or type(port) is not int:
        return address  # an error of the caller, told as ever
    host = unmapped(canonical(host))
    name = _addresses.name(host)
    interceptor = _asked(name or host, port)
    if interceptor is not None:
        return interceptor.lead(sock, port)
    return address if name is None else (name, port)  # of another port, or of an interceptor that was left


# ---- Notations ----


def _host_and_port(address: object) -> tuple[str | None, object]:
    parts = cast('tuple[object, ...]', address) if isinstance(address, tuple) else ()
    return (_text(parts[0]), parts[1]) if len(parts) > 1 else (None, None)


def _text(host: object) -> str | None:
    if isinstance(host, bytes | bytearray):
        try:
            return host.decode('ascii') or None
        except UnicodeDecodeError:
            return None
    return host or None if isinstance(host, str) else None


def _number(port: object) -> int | None:
    """The number of a port; None if it is not known yet: 0, or none at all."""
    if isinstance(port, bytes):
        port = port.decode('ascii', 'replace')
    if isinstance(port, str):
        try:
            port = int(port)
        except ValueError:
            try:
                port = socket.getservbyname(str(port), 'tcp')
            except OSError:
                port = None
    return port or None if isinstance(port, int) else None


def _is_here(host: str) -> bool:
    if not is_address(host):
        return False
    address = ip_address(host.partition('%')[0])
    return address.is_loopback or address.is_unspecified


def _no_way(host: str) -> str:
    return f"the mock listens at {host}, where no IPv4 connection comes; type host='127.0.0.1' for the server"


# The class as it came, not what others have put in its place.
_SOCKET: Any = next(kind for kind in socket.socket.__mro__ if kind.__module__ == 'socket')

_patched = [
    Seam(socket, 'getaddrinfo', _getaddrinfo),
    Seam(socket, 'gethostbyname', _gethostbyname),
    Seam(socket, 'gethostbyname_ex', _gethostbyname_ex),
    Seam(_SOCKET, 'connect', _connect),
    Seam(_SOCKET, 'connect_ex', _connect_ex),
]
if sys.platform == 'win32':  # its event loop connects on its own
    from asyncio.windows_events import IocpProactor

    def _connect_of_proactor(original: Callable[..., Any]) -> Callable[..., Any]:
        def connect(self: Any, conn: socket.socket, address: Any) -> Any:
            return original(self, conn, _led(conn, address))

        return connect

    _patched.append(Seam(IocpProactor, 'connect', _connect_of_proactor))

_seams: Seams[SocketInterceptor] = Seams(*_patched)
