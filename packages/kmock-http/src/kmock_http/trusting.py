"""Trust for intercepted names: while entered, TLS clients of this process accept the mock's certificates for them.

Nothing is added to the users' contexts. A connection that is about to shake hands with the mock gets another context,
in which only the certificates differ: the mock's authority is trusted. What the user's context demands (a valid
certificate, of this host, by these ciphers) is demanded as ever, and a certificate of the client is still presented.
"""

import socket
import ssl
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary, WeakSet

from kmock_http.hosts import HostSpecs, ResolverFilter, canonical, host_specs, is_listed, unmapped
from kmock_http.seams import Entered, Seam, Seams


class TrustInterceptor(Entered):
    """Makes the TLS clients of this process trust an authority for a server with the names of others, while entered.

    Client certificates of the users' contexts are presented, too, if they were loaded while it is entered.

    Args:
        ca: the certificate of the authority, or several, as PEM.
        host: the address of the server.
        port: its port; None is any.
        extra: which hosts lead to the server.
    """

    ca: str
    host: str
    port: int | None
    specs: HostSpecs

    def __init__(self, ca: str, host: str, port: int | None = None, extra: ResolverFilter = None) -> None:
        self.ca = ca
        self.host = host
        self.port = port
        self.specs = host_specs(extra)

    def __repr__(self) -> str:
        return f'TrustInterceptor(…, {self.host!r}, {self.port!r}, {self.specs!r})'

    def matches(self, host: str) -> bool:
        """Tell if a host leads to the server, at any port."""
        return is_listed(self.specs, canonical(host), None)

    def is_at(self, address: tuple[str, int]) -> bool:
        """Tell if the server listens there."""
        return self.port in {None, address[1]} and unmapped(canonical(self.host)) == unmapped(canonical(address[0]))

    def enter(self) -> None:
        """Begin to be trusted; what the context manager does."""
        _seams.enter(self)

    def leave(self) -> None:
        """Cease to be trusted; an error if others have patched the same functions since, which is left to them."""
        _seams.leave(self)


# ---- The handshake ----


def _handshake(original: Callable[..., Any]) -> Callable[..., Any]:
    def do_handshake(self: 'ssl.SSLSocket | ssl.SSLObject', *args: Any, **kwargs: Any) -> Any:
        is_there = getattr(self, '_sslobj', None) is not None  # sockets have none before and after their connection
        if is_there and not self.server_side and self.server_hostname and self.context not in _OURS:
            _trust(self, self.server_hostname)
        return original(self, *args, **kwargs)

    return do_handshake


def _trust(connection: 'ssl.SSLSocket | ssl.SSLObject', name: str) -> None:
    """Let a connection trust those who are intercepted by this name; before its handshake."""
    users = [user for user in _seams.users if user.matches(name)]
    if users and isinstance(connection, ssl.SSLSocket):
        peer = _peer_of(connection)
        users = [user for user in users if peer is not None and user.is_at(peer)]
    if not users:
        return
    # Of bytes that others carry, nobody knows to whom: the real host remains trusted besides the mock.
    also_theirs = not isinstance(connection, ssl.SSLSocket)
    connection.context = _trusting(connection.context, frozenset(user.ca for user in users), also_theirs)


def _peer_of(connection: ssl.SSLSocket) -> tuple[str, int] | None:
    try:
        peer: Any = connection.getpeername()
    except OSError:
        return None
    return (str(peer[0]), int(peer[1])) if connection.family in {socket.AF_INET, socket.AF_INET6} else None


# ---- The contexts ----


# The class as it came, not what others (truststore) have put in its place.
_CONTEXT: Any = next(kind for kind in ssl.SSLContext.__mro__ if kind.__module__ == 'ssl')

_MODE: Any = vars(_CONTEXT.__base__)['verify_mode']  # pyright: ignore[reportUnknownVariableType]
"""The attribute itself: that of the class in `ssl` finds its base by a name, which may be taken by then."""
_OURS: 'WeakSet[ssl.SSLContext]' = WeakSet()
"""The contexts in the places of users' ones."""
_MIRRORS: 'WeakKeyDictionary[ssl.SSLContext, dict[object, ssl.SSLContext]]' = WeakKeyDictionary()
_IDENTITIES: 'WeakKeyDictionary[ssl.SSLContext, list[_Identity]]' = WeakKeyDictionary()
_ENOUGH = 4
"""Mirrors of one context that are kept: more are of servers that are gone."""


def _trusting(theirs: ssl.SSLContext, authorities: frozenset[str], also_theirs: bool) -> ssl.SSLContext:
    """A context like the user's one that trusts others; the same one as long as the user's one is the same."""
    identities = tuple(_IDENTITIES.get(theirs, ()))
    ciphers = f'@SECLEVEL={theirs.security_level}:' + ':'.join(cipher['name'] for cipher in theirs.get_ciphers())
    key = (
        authorities, identities, ciphers, theirs.verify_mode, theirs.check_hostname, theirs.keylog_filename,
        tuple(theirs.cert_store_stats().values()) if also_theirs else None,
    )  # fmt: skip
    mirrors = _MIRRORS.setdefault(theirs, {})
    if key not in mirrors:
        if len(mirrors) >= _ENOUGH:
            mirrors.clear()
        ours: ssl.SSLContext = _CONTEXT(ssl.PROTOCOL_TLS_CLIENT)
        _OURS.add(ours)
        ours.check_hostname = False  # or the mode can not be set
        _MODE.__set__(ours, theirs.verify_mode)
        ours.check_hostname = theirs.check_hostname
        ours.set_ciphers(ciphers)
        if theirs.keylog_filename:
            ours.keylog_filename = theirs.keylog_filename
        ours.load_verify_locations(cadata='\n'.join(sorted(authorities)))
        if also_theirs:
            _copy_trust(theirs, ours)
        for identity in identities:
            identity.load_into(ours)
        mirrors[key] = ours
    return mirrors[key]


def _copy_trust(theirs: ssl.SSLContext, ours: ssl.SSLContext) -> None:
    known = theirs.get_ca_certs(binary_form=True)
    if known:
        ours.load_verify_locations(cadata=b''.join(known))
    else:  # of the system's authorities, those in directories are known only when they are needed
        ours.load_default_certs()


class _Identity:
    """A certificate of a client, kept from its loading on: its file may be gone when it is needed once more."""

    def __init__(self, certificate: Any, key: Any, password: Any) -> None:
        self._certificate = Path(certificate).read_bytes()
        self._key = None if key is None else Path(key).read_bytes()
        self._password = password

    def load_into(self, context: ssl.SSLContext) -> None:
        """Load it as the user did."""
        with tempfile.TemporaryDirectory(prefix='kmock-') as place:
            certificate, key = Path(place, 'certificate.pem'), Path(place, 'key.pem')
            certificate.write_bytes(self._certificate)
            if self._key is not None:
                key.write_bytes(self._key)
            context.load_cert_chain(certificate, None if self._key is None else key, self._password)


def _loading(original: Callable[..., Any]) -> Callable[..., Any]:
    def load_cert_chain(self: ssl.SSLContext, certfile: Any, keyfile: Any = None, password: Any = None) -> Any:
        if callable(password):
            password = cache(password)  # who types it is asked once
        done = original(self, certfile, keyfile, password)
        if self not in _OURS:
            _IDENTITIES.setdefault(self, []).append(_Identity(certfile, keyfile, password))
        return done

    return load_cert_chain


_seams: Seams[TrustInterceptor] = Seams(
    Seam(ssl.SSLSocket, 'do_handshake', _handshake),
    Seam(ssl.SSLObject, 'do_handshake', _handshake),
    Seam(_CONTEXT, 'load_cert_chain', _loading),
)
