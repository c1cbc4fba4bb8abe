"""The TLS of one server: the context that it serves by, and what its clients need to trust it."""

import os
import ssl
from collections.abc import Callable, Iterable
from functools import cached_property
from typing import Any

import aiohttp
from yarl import URL

from kmock_http.authority import authority
from kmock_http.contexts import careless_context, client_context, read_pem, server_context
from kmock_http.errors import NoTLSError
from kmock_http.issuing import IssuedCert, issue_cert
from kmock_http.tls import TLS


class Security:
    """The certificates of a server, each made when it is first needed; owned by the server.

    Args:
        tls: the options, or None for plain HTTP: then, there are none, and errors tell so.
        host: the address that the server listens at.
        addresses: further addresses by which it is reached.
    """

    def __init__(self, tls: TLS | None, host: str, addresses: tuple[str, ...] = ()) -> None:
        self.tls = tls
        self.host = host
        self.addresses = addresses

    @property
    def scheme(self) -> str:
        """``http`` or ``https``."""
        return 'http' if self.tls is None else 'https'

    @property
    def server_context(self) -> ssl.SSLContext:
        """The context of the server."""
        return server_context(self._demand_tls(), self.host, self.addresses)

    @property
    def pem(self) -> str | None:
        """The authority that clients have to trust, or None if it is not known or not needed."""
        if self.tls is None:
            return None
        if self.tls.context is None:
            return authority().pem
        return None if self.tls.ca is None else read_pem(self.tls.ca)

    @property
    def ca_path(self) -> str:
        """The file with that authority."""
        tls = self._demand_tls()
        if tls.context is None:
            return authority().path
        if tls.ca is None:
            raise NoTLSError(
                'this server has a context of yours, and who has signed its certificate is not known; '
                "type tls=kmock.TLS(context=context, ca='path/to/ca.pem')"
            )
        return os.fspath(tls.ca)

    @cached_property
    def ssl_context(self) -> ssl.SSLContext:
        """A context for clients that trust that authority, and no other; always the same, for the user."""
        return client_context(self.ca_path)

    def issue_cert(
        self,
        common_name: str,
        organization: 'str | Iterable[str]',
        organizational_unit: 'str | Iterable[str]',
        names: 'str | Iterable[str]',
    ) -> IssuedCert:
        """Issue a certificate for a client."""
        tls = self._demand_tls()
        if tls.context is not None:
            raise NoTLSError('this server has a context of yours, which knows nothing of the authority of kmock')
        return issue_cert(
            common_name,
            organization=organization,
            organizational_unit=organizational_unit,
            names=names,
            ca_path=self.ca_path,
        )

    def make_client(self, make: Callable[[URL], aiohttp.ClientSession], url: URL) -> aiohttp.ClientSession:
        """Make the client of the server itself: one that trusts it."""
        if self.tls is None:
            return make(url)
        context = careless_context() if self.pem is None else client_context(self.ca_path)
        if make is aiohttp.ClientSession:
            return aiohttp.ClientSession(url, connector=aiohttp.TCPConnector(ssl=context))
        client = make(url)
        connector: Any = client.connector
        if getattr(connector, '_ssl', None) is True:  # it is of the user's making, but nothing is said in it of TLS
            connector._ssl = context
        return client

    def _demand_tls(self) -> TLS:
        if self.tls is None:
            raise NoTLSError('this server speaks plain HTTP; add tls=True: kmock.Server(handler, tls=True)')
        return self.tls
