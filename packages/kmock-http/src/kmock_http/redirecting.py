"""Which clients of this process reach a server by the names of others: the option ``intercept=``."""

from typing import Literal, Protocol, TypeAlias, cast, get_args

from kmock_http.hosts import HostSpecs
from kmock_http.interception import AiohttpInterceptor, is_taken_by_others
from kmock_http.sockets import SocketInterceptor
from kmock_http.trusting import TrustInterceptor

Intercept: TypeAlias = Literal['aiohttp', 'all']
"""Whose connections are intercepted: those of aiohttp, or all that are made with Python's own `socket` and `ssl`."""


class Interceptor(Protocol):
    """What a server enters when it starts, and leaves at its end."""

    def enter(self) -> None:
        """Begin to intercept."""
        ...

    def leave(self) -> None:
        """Cease to intercept, even if it is an error."""
        ...


def check_intercept(intercept: object) -> Intercept:
    """Return the option; an error if it is another word."""
    if intercept in get_args(Intercept):
        return cast('Intercept', intercept)
    raise ValueError(f"intercept={intercept!r} means nothing; type 'aiohttp' (its clients only), or 'all'")


def interceptors(
    intercept: Intercept, hosts: HostSpecs, address: str, port: int, shown: str, ca: str | None
) -> list[Interceptor]:
    """What a server has to enter so that it is reached by the names of others, and by its own.

    Args:
        intercept: whose connections.
        hosts: the names.
        address: where the server is reached.
        port: its port.
        shown: the name by which its URL calls it.
        ca: the authority that its clients have to trust, as PEM.
    """
    found: list[Interceptor] = []
    if hosts or is_taken_by_others():
        found.append(AiohttpInterceptor(address, port, [(shown, port), *hosts]))
    if hosts and intercept == 'all':
        found.append(SocketInterceptor(address, port, hosts))
    if hosts and ca is not None:
        found.append(TrustInterceptor(ca, address, port, hosts))
    return found
