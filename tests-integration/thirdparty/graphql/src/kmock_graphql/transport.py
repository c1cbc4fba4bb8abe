"""The transport: in process, with a trace of what was asked for."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

from kmock_core.registry import TRANSPORTS
from kmock_core.spi import Endpoint, TransportOptions


class TracedClient:
    """Notes each request before it is made."""

    def __init__(self, client: Any, trace: list[str]) -> None:
        self._client = client
        self._trace = trace

    def request(self, method: str, url: Any, **kwargs: Any) -> Any:
        """Make a request: awaitable, or ``async with``."""
        self._trace.append(f'{method} {url}')
        return self._client.request(method, url, **kwargs)


class TracedEndpoint:
    """A handler that is reached in process."""

    def __init__(self, endpoint: Endpoint) -> None:
        self.trace: list[str] = []
        self.url = endpoint.url
        self.client = TracedClient(endpoint.client, self.trace)


@asynccontextmanager
async def serve(handler: Any, options: TransportOptions, /) -> AsyncGenerator[TracedEndpoint, None]:
    """Make the handler reachable while the context is entered."""
    async with TRANSPORTS.get('inprocess')(handler, options) as endpoint:
        yield TracedEndpoint(endpoint)
