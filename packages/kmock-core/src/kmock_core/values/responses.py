"""What is answered: the `Response` that a test writes, and the `Answer` that goes to the wire."""

from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Mapping
from functools import lru_cache
from http import HTTPStatus
from types import MappingProxyType
from typing import Any, Protocol

from kmock_core.values.boxes import cookies as cookies_box
from kmock_core.values.boxes import headers as headers_box
from kmock_core.values.faults import Breakage

HeaderPairs = tuple[tuple[str, str], ...]

REASONS: dict[int, str] = {status.value: status.phrase for status in HTTPStatus}
"""The standard reason phrases (RFC 9110 §15)."""


class Response:
    """A whole answer as a payload: whatever is given here overrides the metadata of the rule, for this answer only.

    Args:
        status: 100-999, or None for that of the rule, by default 200.
        reason: the reason phrase, by default the standard one.
        headers: a mapping or ``'A: 1\\nB: 2'``; None as a value removes a header.
        cookies: a mapping or ``'a=1; b=2'``; None as a value deletes a cookie on the client.
        payload: anything that can stand after ``<<``, taken as the body; None is an empty one.
    """

    __slots__ = ('cookies', 'headers', 'payload', 'reason', 'status')

    status: int | None
    reason: str | None
    headers: Mapping[str, Any]
    cookies: Mapping[str, Any]
    payload: Any

    def __init__(
        self,
        status: int | str | None = None,
        reason: str | None = None,
        payload: Any = None,
        headers: Mapping[str, Any] | str | None = None,
        cookies: Mapping[str, Any] | str | None = None,
    ) -> None:
        set_ = object.__setattr__
        number = None if status is None else int(status) if str(status).isdecimal() else 0
        if number is not None and not 100 <= number <= 999:
            raise ValueError(f'a status is 100-999, not {status!r}')
        set_(self, 'status', number)
        set_(self, 'reason', None if reason is None else header_text(reason))
        set_(self, 'payload', payload)
        set_(self, 'headers', headers_box(headers or {}).value)
        for name in self.headers:
            header_text(name)
        set_(self, 'cookies', cookies_box(cookies or {}).value)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError('a Response can not be changed; make a new one')

    def __repr__(self) -> str:
        fields = [(name, getattr(self, name)) for name in ('status', 'reason', 'headers', 'cookies', 'payload')]
        return f'Response({", ".join(f"{name}={value!r}" for name, value in fields if value not in (None, {}))})'


class Tap(Protocol):
    """A transport's way to take the chunks of a feeding at once, without waking the stream's task."""

    def __call__(self, feeding: 'Chunks', /) -> bool:
        """Take the chunks; False if it can't now (not started, or the client is slow): the task will do it."""
        ...


class Chunks:
    """Chunks that are sent to many streams: encoded once, framed once."""

    __slots__ = ('_framed', 'chunks')

    def __init__(self, chunks: list[bytes]) -> None:
        self.chunks: list[bytes] = chunks
        self._framed: bytes | None = None

    @property
    def framed(self) -> bytes:
        """The chunks in the chunked transfer coding (RFC 9112 §7.1)."""
        if self._framed is None:
            self._framed = frame_chunks(self.chunks)
        return self._framed


def frame_chunks(chunks: Iterable[bytes]) -> bytes:
    """Put chunks into the chunked transfer coding (RFC 9112 §7.1); empty ones would end the body and are left out."""
    return b''.join([b'%x\r\n%b\r\n' % (len(chunk), chunk) for chunk in chunks if chunk])


class BodyStream(Protocol):
    """A streamed body, in batches of chunks that are ready together."""

    @property
    def breakage(self) -> Breakage | None:
        """What breaks it off, as soon as that is known; `batches` raises its error."""
        ...

    @property
    def is_unheard(self) -> bool:
        """True if a fault comes before all of the answer: then not even the head is sent."""
        ...

    @property
    def tap(self) -> Tap | None:
        """Set by a transport that can take the chunks of live feedings at once."""
        ...

    @tap.setter
    def tap(self, tap: Tap | None, /) -> None: ...
    def batches(self) -> AsyncGenerator[list[bytes], None]:
        """The chunks, those that need no waiting in one list."""
        ...

    def __aiter__(self) -> AsyncIterator[bytes]:
        """The chunks one by one."""
        ...

    async def aclose(self) -> None:
        """End it early: a client has left, or a server stops."""
        ...


class Answer:
    """A rendered response: status, reason, headers in order, and the body as bytes or as a stream.

    Content-Length and Content-Type are among the headers already; what frames a stream is the transport's business.
    """

    __slots__ = ('body', 'head', 'headers', 'reason', 'status')

    status: int
    reason: str
    headers: HeaderPairs
    body: bytes | BodyStream
    head: Any
    """A place for a transport to keep what it has made of this answer, if the answer is sent many times."""

    def __init__(self, status: int, reason: str, headers: HeaderPairs, body: 'bytes | BodyStream') -> None:
        self.status = status
        self.reason = reason
        self.headers = headers
        self.body = body
        self.head = None

    def __repr__(self) -> str:
        body = f'{len(self.body)} bytes' if isinstance(self.body, bytes) else 'a stream'
        return f'<Answer {self.status} {self.reason}: {body}>'

    def without_body(self) -> 'Answer':
        """The same for HEAD requests (RFC 9110 §9.3.2)."""
        return Answer(self.status, self.reason, self.headers, b'')

    def header(self, name: str) -> str | None:
        """The value of the first header of that name, in lower case."""
        for known, value in self.headers:
            if known.lower() == name:
                return value
        return None


def has_no_body(status: int) -> bool:
    """True for the statuses that never have a body (RFC 9110 §6.4.1)."""
    return status < 200 or status in {204, 304}


_NOTHING: Mapping[str, Any] = MappingProxyType({})


class Metadata:
    """Status, reason, headers and cookies, as they are gathered; merging makes new ones."""

    __slots__ = ('cookies', 'headers', 'reason', 'status')

    def __init__(
        self,
        status: int | None = None,
        reason: str | None = None,
        headers: Mapping[str, Any] | None = None,
        cookies: Mapping[str, Any] | None = None,
    ) -> None:
        self.status: int | None = status
        self.reason: str | None = reason
        self.headers: Mapping[str, Any] = headers or _NOTHING
        self.cookies: Mapping[str, Any] = cookies or _NOTHING

    def over(self, base: 'Metadata') -> 'Metadata':
        """This metadata merged over another; header names are compared in any case."""
        taken = {name.lower() for name in self.headers}
        kept = {name: value for name, value in base.headers.items() if name.lower() not in taken}
        return Metadata(
            base.status if self.status is None else self.status,
            (base.reason if self.status is None else None) if self.reason is None else self.reason,
            {**kept, **self.headers},
            {**base.cookies, **self.cookies},
        )

    def __bool__(self) -> bool:
        return self.status is not None or self.reason is not None or bool(self.headers) or bool(self.cookies)

    def compose(self, body: 'bytes | BodyStream', content_type: str | None = None) -> Answer:
        """Make the answer of these and of a body; for bytes the Content-Length is added."""
        status = 200 if self.status is None else self.status
        reason = REASONS.get(status, '') if self.reason is None else self.reason
        if not self and isinstance(body, bytes):
            return _compose_plain(body, content_type)
        pairs: list[tuple[str, str]] = []
        names: set[str] = set()
        for name, value in self.headers.items():
            names.add(name.lower())
            if value is None:
                continue
            values: Iterable[Any] = value
            if not isinstance(value, (list, tuple)):
                values = (value,)
            pairs.extend((name, header_text(item)) for item in values)
        pairs.extend(('Set-Cookie', set_cookie(name, value)) for name, value in self.cookies.items())
        if isinstance(body, bytes):
            if has_no_body(status):
                body = b''
            elif 'content-length' not in names and 'transfer-encoding' not in names:
                pairs.append(('Content-Length', str(len(body))))
        if content_type is not None and 'content-type' not in names and not has_no_body(status):
            pairs.append(('Content-Type', content_type))
        return Answer(status, reason, tuple(pairs), body)


def _compose_plain(body: bytes, content_type: str | None) -> Answer:
    return Answer(200, 'OK', _plain_headers(len(body), content_type), body)


@lru_cache(maxsize=1024)
def _plain_headers(length: int, content_type: str | None) -> HeaderPairs:
    """The headers of an answer without any of its own: the same ones for most rules."""
    pair = ('Content-Length', str(length))
    return (pair,) if content_type is None else (pair, ('Content-Type', content_type))


def header_text(value: object) -> str:
    """The text of a header value; line breaks would forge other headers and are refused."""
    text = value.decode('utf-8', 'surrogateescape') if isinstance(value, bytes) else str(value)
    if '\r' in text or '\n' in text or '\0' in text:
        raise ValueError(f'a header value can not have line breaks: {text!r}')
    return text


def set_cookie(name: str, value: object) -> str:
    """The value of a Set-Cookie header (RFC 6265 §4.1); None deletes the cookie on the client."""
    if value is None:
        return f'{name}=""; expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0; Path=/'
    return f'{header_text(name)}={header_text(value)}; Path=/'
