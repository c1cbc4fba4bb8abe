"""The transport ``aiohttp`` of the group ``kmock.transports``."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

from kmock_core.spi import Endpoint, TransportOptions
from kmock_http.server import Server


@asynccontextmanager
async def serve(handler: Any, options: TransportOptions, /) -> AsyncGenerator[Endpoint, None]:
    """Serve a handler over TCP while the context is entered."""
    server = Server(
        handler, host=options.host, port=options.port, hostnames=options.hostnames, tls=options.tls, **options.extra
    )
    async with server:
        yield server
