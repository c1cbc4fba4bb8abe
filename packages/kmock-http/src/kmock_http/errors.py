"""The errors of this package.

::

    KMockError
    ├── PortInUseError       the port is taken by another program     (also OSError)
    ├── AlreadyRunningError  a server or an interceptor is entered twice   (also RuntimeError)
    ├── InterceptionError    interceptors are left in a wrong order   (also RuntimeError)
    ├── NoTLSError           certificates are asked of a server that has none   (also RuntimeError)
    ├── OptionError          options that nothing takes, or of wrong values   (also TypeError)
    └── WrongThreadError     something is used in a thread, or by a client, of a wrong kind   (also NotRunningError)
"""

from kmock_core import KMockError
from kmock_core.errors import NotRunningError


class PortInUseError(KMockError, OSError):
    """The port is taken by another program, or the address is not of this machine."""


class AlreadyRunningError(KMockError, RuntimeError):
    """A server or an interceptor is entered for the second time before it was left."""


class InterceptionError(KMockError, RuntimeError):
    """Interceptors are left that were not entered, or in another order than the last one first."""


class NoTLSError(KMockError, RuntimeError):
    """A certificate, or a context that trusts one, is asked of a server that has none of its own."""


class WrongThreadError(NotRunningError):
    """Something that belongs to an event loop is used in another thread or loop, or would block its own."""


class OptionError(KMockError, TypeError):
    """An option that neither the handler nor the server takes, or a value that it can't have; the message lists all."""
