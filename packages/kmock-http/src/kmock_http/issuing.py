"""Certificates for clients, signed by the throw-away authority, in the forms that clients take."""

import ssl
from collections.abc import Iterable

from kmock_core.criteria.certificates import ClientCertCriteria
from kmock_http.authority import authority
from kmock_http.contexts import client_context


class IssuedCert:
    """A client certificate with its key: a file for requests, urllib3 or curl, a context for httpx and aiohttp; frozen.

    It is a criterion too: ``kmock[alice]`` are the requests of those who have presented this very certificate.
    """

    __slots__ = ('ca_path', 'common_name', 'path', 'pem', 'serial')

    common_name: str
    path: str
    """A file with the key and the certificate; it stays until the end of the process."""
    pem: str
    """The text of that file."""
    serial: str
    """The serial number, as in `Request.client_cert`."""
    ca_path: str
    """The authority of the server, which `ssl_context` trusts."""

    def __init__(self, common_name: str, path: str, pem: str, serial: str, ca_path: str) -> None:
        for name, value in zip(self.__annotations__, (common_name, path, pem, serial, ca_path), strict=True):
            object.__setattr__(self, name, value)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f'a certificate can not be changed: {name} = {value!r}', name=name, obj=self)

    def __repr__(self) -> str:
        return f'<IssuedCert {self.common_name!r}: {self.path}>'

    def __fspath__(self) -> str:
        return self.path

    def __kmock_criteria__(self) -> ClientCertCriteria:
        return ClientCertCriteria({'serial': self.serial})

    @property
    def ssl_context(self) -> ssl.SSLContext:
        """A new context of a client that presents this certificate, and trusts the server."""
        context = client_context(self.ca_path)
        context.load_cert_chain(self.path)
        return context


def issue_cert(
    common_name: str,
    *,
    organization: 'str | Iterable[str]' = (),
    organizational_unit: 'str | Iterable[str]' = (),
    names: 'str | Iterable[str]' = (),
    certificate: str = 'valid',
    ca_path: str,
) -> IssuedCert:
    """Issue a certificate for a client."""
    subject = {
        'organization': _several(organization),
        'organizational_unit': _several(organizational_unit),
        'common_name': [common_name],
    }
    issued = authority().issue(subject, _several(names), certificate=certificate)
    path = authority().keep(common_name, issued.pem)
    return IssuedCert(common_name, str(path), issued.pem, issued.serial, ca_path)


def _several(texts: 'str | Iterable[str]') -> list[str]:
    return [texts] if isinstance(texts, str) else list(texts)
