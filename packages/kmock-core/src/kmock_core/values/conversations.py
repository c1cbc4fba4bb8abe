"""Bodies that go both ways: what is said on a WebSocket (RFC 6455), with no knowledge of its frames.

A handler answers a request for an upgrade with an `Answer` of status 101 whose body is a `Conversation`. The transport
shakes hands, frames what comes out of it, and hands over what the client says; pings, fragments and the goodbye are its
business. A transport that has no WebSockets gives the messages as the chunks of an ordinary body, or refuses.
"""

from typing import Protocol, TypeGuard

from kmock_core.values.responses import BodyStream

SWITCHING_PROTOCOLS = 101


class Conversation(BodyStream, Protocol):
    """A body whose chunks are messages for the client; empty ones are left out. At its end, the goodbye is said."""

    @property
    def subprotocol(self) -> str:
        """The subprotocol that is agreed on (RFC 6455 §1.9); empty for none."""
        ...

    @property
    def is_text(self) -> bool:
        """True if the messages are texts, False if they are bytes."""
        ...

    def receive(self, message: bytes, is_text: bool, /) -> None:
        """Take a message of the client, in the loop; it must not fail."""
        ...


def is_conversation(body: object) -> TypeGuard[Conversation]:
    """Tell if a body goes both ways."""
    return hasattr(body, 'receive') and hasattr(body, 'subprotocol')
