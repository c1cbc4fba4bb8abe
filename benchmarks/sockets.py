"""A client that costs next to nothing: a blocking socket, and requests as bytes."""

import socket
from typing import Self


class Connection:
    """One connection, kept alive."""

    def __init__(self, port: int) -> None:
        self.port = port
        self._socket = socket.create_connection(('127.0.0.1', port))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._rest = b''

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *args: object) -> None:
        self._socket.close()

    def request(self, method: str, target: str, body: bytes = b'', content_type: str = 'application/json') -> bytes:
        """Send a request and read the body of its answer, which has to be a success."""
        head = f'{method} {target} HTTP/1.1\r\nHost: localhost\r\n'
        if body:
            head += f'Content-Type: {content_type}\r\nContent-Length: {len(body)}\r\n'
        self._socket.sendall(f'{head}\r\n'.encode() + body)
        answer, start = self._read_head()
        length = int(answer.lower().partition(b'content-length:')[2].partition(b'\r\n')[0])
        if len(start) >= length:
            return start
        content = bytearray(length)
        content[: len(start)] = start
        view = memoryview(content)[len(start) :]
        while view:
            view = view[self._socket.recv_into(view) :]
        return bytes(content)

    def watch(self, target: str, count: int) -> list[bytes]:
        """Begin a watch, and read so many lines of it."""
        self._socket.sendall(f'GET {target} HTTP/1.1\r\nHost: localhost\r\n\r\n'.encode())
        data = self._read_head()[1]
        while data.count(b'"type":"') < count or not data.endswith(b'}\n\r\n'):
            data += self._socket.recv(1_048_576)
        return [line for line in data.split(b'\r\n') if line.startswith(b'{')]

    def _read_head(self) -> tuple[bytes, bytes]:
        data = b''
        while b'\r\n\r\n' not in data:
            data += self._socket.recv(1_048_576)
        head, _, rest = data.partition(b'\r\n\r\n')
        assert head.startswith((b'HTTP/1.1 200', b'HTTP/1.1 201')), data
        return head, rest
