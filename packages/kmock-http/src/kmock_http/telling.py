"""Refusals of clients, told by the alerts of TLS: asyncio closes the connection without a word."""

import ssl
from asyncio import Transport
from contextvars import ContextVar
from typing import Any

ARRIVING: ContextVar[Transport | None] = ContextVar('ARRIVING', default=None)
"""The connection whose handshake is being begun."""


class TellingContext(ssl.SSLContext):
    """A context of a server that tells its clients why it refuses them, through the transport in `ARRIVING`."""

    def wrap_bio(self, incoming: ssl.MemoryBIO, outgoing: ssl.MemoryBIO, *args: Any, **kwargs: Any) -> ssl.SSLObject:
        """Wrap a pair of buffers; the way of asyncio."""
        wrapped = super().wrap_bio(incoming, outgoing, *args, **kwargs)
        if isinstance(wrapped, _Telling):
            wrapped.outgoing, wrapped.transport = outgoing, ARRIVING.get()
        return wrapped


class _Telling(ssl.SSLObject):
    outgoing: ssl.MemoryBIO
    transport: Transport | None

    def do_handshake(self) -> None:
        try:
            super().do_handshake()
        except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
            raise
        except ssl.SSLError:
            if self.transport is not None:
                self.transport.write(self.outgoing.read())
            raise


TellingContext.sslobject_class = _Telling
