"""Streams by WebSockets, for clients that ask for them so: watches, one message an event; and logs of pods.

As in a real server (``k8s.io/apiserver``, ``handlers/watch.go`` and ``wsstream``): what the client says is ignored, an
error before the upgrade is an ordinary answer, and the end of the stream is the end of the conversation. The events are
texts, whatever the subprotocol. Other than there, no ``Origin`` is demanded.
"""

from base64 import b64encode
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing

from kmock_core import Request
from kmock_core.values.conversations import SWITCHING_PROTOCOLS, Conversation
from kmock_core.values.relays import Relay
from kmock_core.values.responses import REASONS, Answer, BodyStream, Chunks, Tap
from kmock_k8s.errors import KubernetesBadRequestError, KubernetesError

TOKENS = 'base64url.bearer.authorization.k8s.io.'
"""What the subprotocols begin with by which browsers send their tokens: they can set no headers."""

BASE64 = 'base64.binary.k8s.io'
BINARY = ('', 'binary.k8s.io')


def asks_for_socket(request: Request) -> bool:
    """Tell if a client asks for a WebSocket (``wsstream.IsWebSocketRequest``)."""
    headers = request.header_values
    upgrades = headers.get(b'upgrade')
    if not upgrades or upgrades[0].lower() != 'websocket':
        return False
    return any(
        'upgrade' in [token.strip().lower() for token in one.split(',')] for one in headers.get(b'connection', ())
    )


def find_socket_token(request: Request) -> str | None:
    """The token that a client shows as a subprotocol, as it is encoded there; None if it asks for no WebSocket so."""
    if b'sec-websocket-protocol' not in request.header_values or not asks_for_socket(request):
        return None
    return next((one.removeprefix(TOKENS) for one in _list_protocols(request) if one.startswith(TOKENS)), None)


def upgrade_watch(request: Request, begin: Callable[[], Answer]) -> Answer:
    """Begin a watch; its events are the messages of a WebSocket, if its client asks for that.

    Raises:
        KubernetesError: there are several subprotocols to choose from, and no reason to choose any.
    """
    if not asks_for_socket(request):
        return begin()
    protocols = _read_protocols(request)
    if len(protocols) > 1:
        raise _refuse(f'only one subprotocol is understood, not {", ".join(protocols)}')
    return _upgrade(begin(), protocols[0], is_text=True)


def upgrade_log(request: Request, begin: Callable[[], Answer]) -> Answer:
    """Begin to read the log of a pod, as above; it is bytes, or base64 if that is the subprotocol."""
    if not asks_for_socket(request):
        return begin()
    known = (*BINARY, BASE64)
    protocol = next((one for one in _read_protocols(request) if one in known), None)
    if protocol is None:
        raise _refuse(f'none of the subprotocols is known (known: {", ".join(known[1:])})')
    is_text = protocol == BASE64
    return _upgrade(begin(), protocol, is_text=is_text, translate=b64encode if is_text else None)


def _read_protocols(request: Request) -> list[str]:
    return [one for one in _list_protocols(request) if not one.startswith(TOKENS)] or ['']


def _list_protocols(request: Request) -> list[str]:
    given = ','.join(request.header_values.get(b'sec-websocket-protocol', ())).split(',')
    return [one for one in map(str.strip, given) if one]


def _refuse(why: str) -> KubernetesError:
    return KubernetesBadRequestError(message=f'unable to upgrade: {why}')


def _upgrade(
    found: Answer, protocol: str, *, is_text: bool, translate: Callable[[bytes], bytes] | None = None
) -> Answer:
    body = _Whole(found.body) if isinstance(found.body, bytes) else found.body
    headers = tuple(pair for pair in found.headers if pair[0].lower() not in {'content-length', 'transfer-encoding'})
    socket = Socket(body, protocol, is_text=is_text, translate=translate)
    return Answer(SWITCHING_PROTOCOLS, REASONS[SWITCHING_PROTOCOLS], headers, socket)


class Socket(Relay):
    """A stream as one side of a conversation, the other one of which is not listened to.

    Args:
        stream: what is said.
        subprotocol: what is agreed on.
        is_text: whether it is said in texts.
        translate: makes a message of a chunk; by default, it is the chunk.
    """

    __slots__ = ('_translate', 'is_text', 'subprotocol')

    subprotocol: str
    is_text: bool

    def __init__(
        self,
        stream: BodyStream,
        subprotocol: str,
        *,
        is_text: bool,
        translate: Callable[[bytes], bytes] | None = None,
    ) -> None:
        super().__init__(stream)
        self._translate = translate
        self.subprotocol = subprotocol
        self.is_text = is_text

    @property
    def tap(self) -> Tap | None:
        """That of the stream."""
        return self._stream.tap

    @tap.setter
    def tap(self, tap: Tap | None, /) -> None:
        translate = self._translate
        if tap is None or translate is None:
            self._stream.tap = tap
        else:
            self._stream.tap = lambda chunks: tap(Chunks([translate(chunk) for chunk in chunks.chunks if chunk]))

    def receive(self, message: bytes, is_text: bool, /) -> None:
        """Ignore what the client says."""

    async def batches(self) -> AsyncGenerator[list[bytes], None]:
        """The messages, those that need no waiting in one list."""
        translate = self._translate
        async with aclosing(self._stream.batches()) as batches:
            async for batch in batches:
                yield batch if translate is None else [translate(chunk) for chunk in batch if chunk]


_: type[Conversation] = Socket


class _Whole:
    """A body that is there as a whole, as a stream."""

    breakage: None = None
    is_unheard: bool = False
    tap: Tap | None = None

    def __init__(self, content: bytes) -> None:
        self._content = content

    async def batches(self) -> AsyncGenerator[list[bytes], None]:
        yield [self._content]

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield self._content

    async def aclose(self) -> None:
        """Nothing is left to do."""
