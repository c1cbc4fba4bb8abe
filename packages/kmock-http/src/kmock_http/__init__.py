"""The TCP server of KMock, on aiohttp: ``kmock.Server``, and the interception of clients.

Users import it as ``import kmock``.
"""

from kmock_http.hosts import ResolverFilter, ResolverHostOnly, ResolverHostPort, ResolverHostSpec
from kmock_http.interception import AiohttpInterceptor, ResolvedHost
from kmock_http.issuing import IssuedCert
from kmock_http.server import Server
from kmock_http.serving import serving
from kmock_http.sockets import SocketInterceptor
from kmock_http.tls import TLS
from kmock_http.trusting import TrustInterceptor

__version__ = '0.1.0'

__all__ = [
    'TLS',
    'AiohttpInterceptor',
    'IssuedCert',
    'ResolvedHost',
    'ResolverFilter',
    'ResolverHostOnly',
    'ResolverHostPort',
    'ResolverHostSpec',
    'Server',
    'SocketInterceptor',
    'TrustInterceptor',
    'serving',
]
