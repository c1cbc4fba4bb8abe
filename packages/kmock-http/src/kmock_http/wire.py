"""Answers on the wire: status line, headers and framing of HTTP/1.1 (RFC 9112), without aiohttp."""

import time
from email.utils import formatdate

from kmock_core.values.responses import Answer

SERVER = b'Server: kmock\r\n'


class Head:
    """The status line and the headers of an answer, in bytes, ready but for the date."""

    __slots__ = ('chunked', 'closes', 'start')

    def __init__(self, answer: Answer, version: str, keep_alive: bool) -> None:
        names = {name.lower() for name, _ in answer.headers}
        self.closes = not keep_alive or (answer.header('connection') or '').strip().lower() == 'close'
        self.chunked = False
        lines = [f'HTTP/{version} {answer.status} {answer.reason}\r\n']
        lines += [f'{name}: {value}\r\n' for name, value in answer.headers]
        if not isinstance(answer.body, bytes) and 'content-length' not in names:
            if version == '1.1':
                self.chunked = True
                if 'transfer-encoding' not in names:
                    lines.append('Transfer-Encoding: chunked\r\n')
            else:
                self.closes = True
        if 'connection' not in names:
            if self.closes:
                lines.append('Connection: close\r\n')
            elif version == '1.0':
                lines.append('Connection: keep-alive\r\n')
        start = ''.join(lines).encode('utf-8', 'surrogateescape')
        if 'server' not in names:
            start += SERVER
        if 'date' in names:
            start += b'\r\n'
        self.start = start

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


clock = Clock()


def head_of(answer: Answer, version: str, keep_alive: bool) -> Head:
    """The head of an answer; kept in the answer, since most are sent many times."""
    if version == '1.1' and keep_alive:
        head = answer.head
        if head is None:
            head = answer.head = Head(answer, version, keep_alive)
        return head  # type: ignore[no-any-return]  # the place is for any transport
    return Head(answer, version, keep_alive)
