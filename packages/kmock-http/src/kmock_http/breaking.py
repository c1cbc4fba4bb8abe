"""Breaking connections on purpose: what faults do on the wire."""

import asyncio
import socket
import struct
import sys
from typing import TYPE_CHECKING, Any, cast

from aiohttp import web

if TYPE_CHECKING:
    from kmock_core.values.faults import Breakage

PATIENCE = 0.001
"""Seconds between two looks at what the client has not taken yet."""

# Linger for no time at all: what is closed is reset. Two shorts on Windows, two ints elsewhere.
_NO_LINGER = struct.pack('hh' if sys.platform == 'win32' else 'ii', 1, 0)
_SIOCOUTQNSD = 0x894B  # of Linux: what is not sent yet; that which is not acknowledged can take a while longer
_SO_NWRITE = 0x1024  # of macOS: what is not acknowledged yet


async def break_connection(request: web.BaseRequest, head: bytes, breakage: 'Breakage') -> None:
    """Break the connection of a request; `head` is that of the answer if it is not sent yet."""
    transport = request.transport
    if transport is None or transport.is_closing():
        return
    last = (head if breakage.head else b'') + breakage.raw
    if last:
        transport.write(last)
    if not breakage.reset:
        transport.close()
        return
    await _deliver(request, transport)
    if not transport.is_closing():
        connection = cast('socket.socket', transport.get_extra_info('socket'))
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
        transport.abort()


async def _deliver(request: web.BaseRequest, transport: asyncio.Transport) -> None:
    """Wait until the client has got what was written: a reset throws away the rest."""
    transport.set_write_buffer_limits(high=1, low=0)  # not 0: with TLS, nothing would count as too much
    try:
        await request.writer.drain()
    except ConnectionError:
        return
    connection = transport.get_extra_info('socket')
    looks = 1
    if transport.get_extra_info('sslcontext') is not None:  # below TLS is a buffer that can not be asked
        looks = 3
    while looks and not transport.is_closing():
        if not _count_unsent(connection):
            looks -= 1
        if looks:
            await asyncio.sleep(PATIENCE)  # there is no event for it


def _count_unsent(connection: Any) -> int:
    platform: str = sys.platform
    try:
        if platform == 'linux':
            import fcntl

            (count,) = struct.unpack('i', fcntl.ioctl(connection.fileno(), _SIOCOUTQNSD, bytes(4)))
            return int(count)
        if platform == 'darwin':
            return int(connection.getsockopt(socket.SOL_SOCKET, _SO_NWRITE))
    except (OSError, ValueError):
        pass
    return 0
