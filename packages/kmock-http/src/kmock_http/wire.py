"""Answers on the wire: status line, headers and framing of HTTP/1.1 (RFC 9112), without aiohttp."""

import time
from email.utils import formatdate

from kmock_core.values.responses import Answer, has_no_body

SERVER = b'Server: kmock\r\n'
LAST_CHUNK = b'0\r\n\r\n'


class Head:
    """The status line and the headers of an answer, in bytes, ready but for the date.

    ``chunked`` tells how the body is to be framed, ``length`` how long the user says it is (None: nothing is said).
    ``closes`` is true if the connection has to be closed afterwards: asked for, or the only way to end the body,
    also one that is not as long as it says.
    """

    __slots__ = ('chunked', 'closes', 'length', 'start')

    chunked: bool
    closes: bool
    length: int | None
    start: bytes

    def __init__(self, answer: Answer, version: str, keep_alive: bool, method: str) -> None:
        values = {name.lower(): value for name, value in answer.headers}
        self.closes = not keep_alive or 'close' in _tokens(values.get('connection', '')) or answer.status < 200
        self.chunked = False
        self.length = None
        if method != 'HEAD' and not has_no_body(answer.status):
            self._delimit(answer, values, version)
        lines = [f'HTTP/{version} {answer.status} {answer.reason}\r\n']
        lines += [f'{name}: {value}\r\n' for name, value in answer.headers]
        if self.chunked and 'transfer-encoding' not in values:
            lines.append('Transfer-Encoding: chunked\r\n')
        if 'connection' not in values:
            if self.closes:
                lines.append('Connection: close\r\n')
            elif version == '1.0':
                lines.append('Connection: keep-alive\r\n')
        start = ''.join(lines).encode('utf-8', 'surrogateescape')
        if 'server' not in values:
            start += SERVER
        if 'date' in values:
            start += b'\r\n'
        self.start = start

    def _delimit(self, answer: Answer, values: dict[str, str], version: str) -> None:
        """Find out how the client knows where the body ends (RFC 9112 §6.3)."""
        body = answer.body
        size = len(body) if isinstance(body, bytes) else None
        if 'transfer-encoding' in values:
            self.chunked = version == '1.1' and _tokens(values['transfer-encoding'])[-1:] == ['chunked']
            self.closes |= not self.chunked
        elif 'content-length' in values:
            length = values['content-length'].strip()
            self.length = int(length) if length.isascii() and length.isdigit() else -1
            self.closes |= size is not None and size != self.length
        elif size is None and version == '1.1':
            self.chunked = True
        else:
            self.closes = True

    @property
    def dated(self) -> bytes:
        """The whole head with the date of now, unless the answer has one of its own."""
        if self.start.endswith(b'\r\n\r\n'):
            return self.start
        return self.start + clock.line()


class Clock:
    """The Date header (RFC 9110 §6.6.1), made once a second."""

    __slots__ = ('_line', '_second')

    def __init__(self) -> None:
        self._second = 0
        self._line = b''

    def line(self) -> bytes:
        """The header with the end of the head."""
        now = int(time.time())
        if now != self._second:
            self._second = now
            self._line = b'Date: %b\r\n\r\n' % formatdate(now, usegmt=True).encode('ascii')
        return self._line


clock: Clock = Clock()


def _tokens(value: str) -> list[str]:
    return [token.strip().lower() for token in value.split(',')]


_shared: dict[tuple[object, ...], Head] = {}
SHARED = 1024
"""How many heads are shared by the answers that differ in their bodies only, as those of most rules do."""


def _shared_head(answer: Answer, method: str) -> Head:
    if not isinstance(answer.body, bytes):
        return Head(answer, '1.1', True, method)
    key = (answer.status, answer.reason, answer.headers, len(answer.body), method == 'HEAD')
    head = _shared.get(key)
    if head is None:
        if len(_shared) >= SHARED:
            _shared.clear()
        head = _shared[key] = Head(answer, '1.1', True, method)
    return head


def head_of(answer: Answer, version: str, keep_alive: bool, method: str) -> Head:
    """The head of an answer; kept in the answer, since most are sent many times (always to HEAD, or never)."""
    if version == '1.1' and keep_alive:
        head = answer.head
        if head is None:
            head = answer.head = _shared_head(answer, method)
        return head  # type: ignore[no-any-return]  # the place is for any transport
    return Head(answer, version, keep_alive, method)
