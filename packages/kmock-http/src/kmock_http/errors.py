"""The errors of this package.

::

    KMockError
    ├── PortInUseError       the port is taken by another program     (also OSError)
    ├── AlreadyRunningError  a server or an interceptor is entered twice   (also RuntimeError)
    └── InterceptionError    interceptors are left in a wrong order   (also RuntimeError)
"""

from kmock_core import KMockError


class PortInUseError(KMockError, OSError):
    """The port is taken by another program, or the address is not of this machine."""


class AlreadyRunningError(KMockError, RuntimeError):
    """A server or an interceptor is entered for the second time before it was left."""


class InterceptionError(KMockError, RuntimeError):
    """Interceptors are left that were not entered, or in another order than the last one first."""
