"""The TCP server of KMock, on aiohttp: ``kmock.Server``, and the interception of aiohttp's clients.

Users import it as ``import kmock``.
"""

from kmock_http.interception import (
    AiohttpInterceptor,
    ResolvedHost,
    ResolverFilter,
    ResolverHostOnly,
    ResolverHostPort,
    ResolverHostSpec,
)
from kmock_http.server import Server

__version__ = '0.1.0'

__all__ = [
    'AiohttpInterceptor',
    'ResolvedHost',
    'ResolverFilter',
    'ResolverHostOnly',
    'ResolverHostPort',
    'ResolverHostSpec',
    'Server',
]
