"""Where a server listens: from what the user types to a socket that is bound, with errors that say what to type."""

import asyncio
import errno
import os
import socket
from typing import Any

from kmock_http.errors import PortInUseError

BACKLOG = 1024

SILENCE = 15
"""Seconds without a word after which a client is asked whether it is there, and then again each time."""

_WILDCARDS = {'0.0.0.0': '127.0.0.1', '::': '::1'}


def check_port(port: int | None) -> int:
    """Return the port to be bound, 0 for any that is free; an error if there can be no such port."""
    if port is None:
        return 0
    if isinstance(port, bool) or not isinstance(port, int):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise TypeError(f'port must be a number or None for a free one, not {port!r}')
    if not 0 <= port <= 65535:
        raise ValueError(f'port must be 0..65535, or None for a free one, not {port!r}')
    return port


def reachable(address: str) -> str:
    """The address by which a client on this machine reaches a listening address."""
    return _WILDCARDS.get(address, address)


async def bind(host: str, port: int) -> socket.socket:
    """Bind a listening socket; the free port is chosen by the system here, never looked for before."""
    family, address = await _resolve(host, port)
    try:
        listening = socket.socket(family, socket.SOCK_STREAM)
    except OSError as exc:
        raise _not_here(host, exc) from exc
    try:
        listening.setblocking(False)
        if os.name == 'posix':  # elsewhere it would let two programs have one port
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            listening.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        _keep_alive(listening)
        listening.bind(address)
        listening.listen(BACKLOG)
    except BaseException as exc:
        listening.close()
        if isinstance(exc, OSError):
            _explain(host, port, exc)
        raise
    return listening


def _keep_alive(listening: socket.socket) -> None:
    """Let the system notice clients that have vanished without a word, as Go does: it costs no timer of the loop.

    Set here once, it is inherited by all connections (on Linux and macOS, where else it is in vain).
    """
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for option in ('TCP_KEEPIDLE', 'TCP_KEEPINTVL'):
        if hasattr(socket, option):
            listening.setsockopt(socket.IPPROTO_TCP, getattr(socket, option), SILENCE)


async def cease_listening(listener: asyncio.Server) -> None:
    """Close a listener, but not before what it has accepted has become connections: asyncio would leak the sockets."""
    loop = asyncio.get_running_loop()
    try:
        for listening in listener.sockets:
            loop.remove_reader(listening)
        for _ in range(2):
            await asyncio.sleep(0)
    except NotImplementedError:  # the proactor of Windows
        pass
    finally:
        listener.close()


async def _resolve(host: str, port: int) -> tuple[int, Any]:
    if host == '127.0.0.1' or host.lower() == 'localhost':
        return socket.AF_INET, ('127.0.0.1', port)
    kind, flags = socket.SOCK_STREAM, socket.AI_PASSIVE
    try:
        # Without a thread for what needs no looking up.
        found = socket.getaddrinfo(host, port, type=kind, flags=flags | socket.AI_NUMERICHOST)
    except (OSError, UnicodeError):
        try:
            found = await asyncio.get_running_loop().getaddrinfo(host, port, type=kind, flags=flags)
        except (OSError, UnicodeError) as exc:
            raise _not_here(host, exc) from exc
    return found[0][0], found[0][4]


def _explain(host: str, port: int, exc: OSError) -> None:
    match exc.errno:
        case errno.EADDRINUSE:
            message = f'port {port} of {host} is in use by another server; type port=None for a free one'
        case errno.EACCES:
            message = f'port {port} of {host} is not for everyone ({exc.strerror}); type port=None for a free one'
        case errno.EADDRNOTAVAIL:
            raise _not_here(host, exc) from exc
        case _:
            return
    raise PortInUseError(exc.errno, message) from exc


def _not_here(host: str, exc: Exception) -> PortInUseError:
    reason = exc.strerror if isinstance(exc, OSError) else exc
    code = exc.errno if isinstance(exc, OSError) else None
    return PortInUseError(
        code or errno.EADDRNOTAVAIL, f"{host!r} is not an address of this machine ({reason}); type host='127.0.0.1'"
    )
