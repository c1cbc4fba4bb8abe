"""The option ``tls=`` of servers: what users may type there, and the errors for all else."""

import os
import ssl
from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

Certificate: TypeAlias = Literal['valid', 'expired', 'not-yet-valid', 'wrong-host', 'self-signed']
"""Which certificate a server shows: one that clients must accept, or one that they must refuse, and why."""

ClientCerts: TypeAlias = Literal[False, 'optional', 'required']
"""Whether clients are asked for certificates of their own."""

_ADVICE = 'type tls=True, tls=kmock.TLS(...), or an ssl.SSLContext of a server'


@dataclass(frozen=True, kw_only=True, slots=True)
class TLS:
    """How a server speaks TLS: ``kmock.Server(handler, tls=kmock.TLS(certificate='expired'))``; frozen.

    With no arguments, the same as ``tls=True``: a certificate for whatever name the client asks for, signed by
    a throw-away authority; client certificates are looked at if there are any.

    Args:
        certificate: which certificate the server shows. All but ``valid`` must be refused by clients.
        client_certs: whether clients are asked for certificates; a client with none is served if it is ``optional``,
            and is refused by TLS itself if it is ``required``. With False, a browser has no reason to ask its user.
        client_ca: authorities whose client certificates are accepted, besides those that the server issues itself:
            a file, or its text (PEM).
        context: a context of the user's, instead of all of the above; such a server has no authority of its own.
        ca: a file with the authority that has signed the certificate in that `context`, for those who have to trust it.
    """

    certificate: Certificate = 'valid'
    client_certs: ClientCerts = 'optional'
    client_ca: 'str | os.PathLike[str] | None' = None
    context: ssl.SSLContext | None = None
    ca: 'str | os.PathLike[str] | None' = None

    def __post_init__(self) -> None:
        if self.certificate not in get_args(Certificate):
            known = ', '.join(map(repr, get_args(Certificate)))
            raise ValueError(f'TLS(certificate={self.certificate!r}): known are {known}')
        if self.client_certs is not False and self.client_certs not in get_args(ClientCerts)[1:]:
            raise ValueError(f"TLS(client_certs={self.client_certs!r}): known are False, 'optional', 'required'")
        if self.context is None:
            if self.ca is not None:
                raise TypeError('TLS(ca=...) belongs to a context of your own: TLS(context=..., ca=...)')
        else:
            _check_context(self.context)
            if (self.certificate, self.client_certs, self.client_ca) != ('valid', 'optional', None):
                raise TypeError('TLS(context=...) stands alone, but for ca=: the context says all else')


def read_tls(option: object) -> TLS | None:
    """Bring all forms of the option to one; None is plain HTTP."""
    if option is None or option is False:
        return None
    if option is True:
        return TLS()
    if isinstance(option, TLS):
        return option
    if isinstance(option, ssl.SSLContext):
        return TLS(context=option)
    raise TypeError(f'tls={option!r} means nothing; {_ADVICE}')


def _check_context(context: object) -> None:
    if not isinstance(context, ssl.SSLContext):
        raise TypeError(f'{context!r} is not an ssl.SSLContext; {_ADVICE}')
    if context.protocol is ssl.PROTOCOL_TLS_CLIENT:
        raise TypeError(
            'this ssl.SSLContext is made for clients; a server needs '
            'ssl.create_default_context(ssl.Purpose.CLIENT_AUTH), with context.load_cert_chain(...)'
        )
