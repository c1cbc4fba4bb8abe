"""The contexts of ``ssl``: those of servers, with a certificate for any name that is asked for; those of clients."""

import os
import ssl
import threading
from dataclasses import replace
from pathlib import Path

from kmock_http.authority import authority
from kmock_http.telling import TellingContext
from kmock_http.tls import TLS

WRONG_HOST = 'wrong-host.invalid'
"""The only name in the certificate of a wrong host."""
LOCAL_NAMES = ('localhost', '127.0.0.1', '::1')
"""What a certificate is for if the client does not say whom it asks: addresses never are said (RFC 6066 §3)."""
MAX_CONTEXTS = 1024
"""How many contexts are kept."""

_contexts: dict[tuple[TLS, tuple[str, ...]], ssl.SSLContext] = {}
_lock = threading.RLock()


def server_context(tls: TLS, host: str, addresses: tuple[str, ...] = ()) -> ssl.SSLContext:
    """The context of a server that listens at a host; its certificate is that of the name that each client asks for.

    Who asks for an address says no name, so that further addresses must be known.
    """
    if tls.context is not None:
        return tls.context
    if tls.client_ca is not None:
        tls = replace(tls, client_ca=read_pem(tls.client_ca))  # the file may change; what it says is kept
    names = tuple(dict.fromkeys((*LOCAL_NAMES, host, *addresses)))
    return _context(tls, names)


def _context(tls: TLS, names: tuple[str, ...]) -> ssl.SSLContext:
    context = _contexts.get((tls, names))
    if context is None:
        with _lock:
            context = _contexts.get((tls, names))
            if context is None:
                if len(_contexts) >= MAX_CONTEXTS:
                    _contexts.clear()
                context = _contexts[tls, names] = _make_context(tls, names)
    return context


def _make_context(tls: TLS, names: tuple[str, ...]) -> ssl.SSLContext:
    context = TellingContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_alpn_protocols(['http/1.1'])
    context.num_tickets = 0  # a client that leaves at once would be met by the tickets that it has not read
    _load_certificate(context, tls, (WRONG_HOST,) if tls.certificate == 'wrong-host' else names)
    if tls.client_certs:
        context.verify_mode = ssl.CERT_OPTIONAL if tls.client_certs == 'optional' else ssl.CERT_REQUIRED
        context.load_verify_locations(cadata=authority().pem)
        if tls.client_ca is not None:
            context.load_verify_locations(cadata=read_pem(tls.client_ca))

    def choose(connection: ssl.SSLObject, name: str | None, _: ssl.SSLContext) -> None:
        if name and name.lower() != 'localhost':
            connection.context = _context(tls, (name.lower(),))

    context.sni_callback = choose
    return context


def _load_certificate(context: ssl.SSLContext, tls: TLS, names: tuple[str, ...]) -> None:
    is_self_signed = tls.certificate == 'self-signed'
    issued = authority().issue({}, names, certificate=tls.certificate, is_self_signed=is_self_signed)
    context.load_cert_chain(authority().keep('server', issued.pem))


def read_pem(source: 'str | os.PathLike[str]') -> str:
    """The text of certificates: the source itself, or that of the file."""
    if isinstance(source, str) and '-----BEGIN ' in source:
        return source
    return Path(source).read_text('ascii')


def client_context(ca: str) -> ssl.SSLContext:
    """A new context of a client that trusts the authority in a file, and no other."""
    return ssl.create_default_context(cafile=ca)


def careless_context() -> ssl.SSLContext:
    """A new context of a client that trusts anybody."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
