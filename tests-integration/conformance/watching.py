"""Watches that run while other steps are taken."""

import http.client
import json
import socket
import threading
import time

from conformance.orders import Order
from conformance.recordings import JSON
from conformance.wire import Address, noted_body, noted_headers

OPENING = 20.0
"""Seconds within which a watch has to be answered."""

QUIET = 0.3
"""Seconds without an event, after which nothing is expected to come if all that was recorded has come."""


class Watch:
    """A request whose answer is read line by line in a thread, until it is collected."""

    def __init__(self, address: Address, order: Order) -> None:
        self._connection = address.connect(timeout=60)
        self._changed = threading.Condition()
        self._response: http.client.HTTPResponse | None = None
        self._error: Exception | None = None
        self._lines: list[bytes] = []
        self._body: bytes | None = None
        self._last = time.monotonic()
        self._ended = False
        self._closed = False
        address.send(self._connection, order)
        self._socket: socket.socket = self._connection.sock
        self._thread = threading.Thread(target=self._read, name='a watch of a scenario', daemon=True)
        self._thread.start()
        with self._changed:
            self._changed.wait_for(lambda: self._response is not None or self._ended, OPENING)

    def wait(self, window: float, enough: int | None = None) -> None:
        """Wait until the server ends the stream, at most for so many seconds.

        Args:
            window: how long, in seconds.
            enough: do not wait for more events than that, if none comes for a while.
        """
        begin = time.monotonic()
        with self._changed:
            while not self._ended:
                until = begin + window
                if enough is not None and len(self._lines) >= enough:
                    until = min(until, max(begin, self._last) + QUIET)
                left = until - time.monotonic()
                if left <= 0:
                    break
                self._changed.wait(left)

    def collect(self) -> dict[str, JSON]:
        """What has come till now; this ends the watch."""
        closed = self._closed
        self.stop()
        if self._response is None:
            raise ConnectionError(f'a watch was not answered: {self._error!r}')
        noted: dict[str, JSON] = {'status': self._response.status, 'headers': noted_headers(self._response)}
        if self._body is not None:
            return {**noted, 'body': noted_body(self._response, self._body)}
        return {**noted, 'events': [_event(line) for line in self._lines], 'server_closed': closed}

    def stop(self) -> None:
        """End the watch, if it has not ended."""
        try:
            self._socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass  # the server was first
        self._thread.join(2)
        self._connection.close()

    def _read(self) -> None:
        try:
            response = self._connection.getresponse()
            streamed = response.status == 200 and response.headers.get('Transfer-Encoding') == 'chunked'
            if not streamed:
                self._body = response.read()
            with self._changed:
                self._response = response
                self._changed.notify_all()
            while streamed and (line := response.readline()):
                with self._changed:
                    self._lines.append(line)
                    self._last = time.monotonic()
                    self._changed.notify_all()
            self._closed = True
        except (http.client.HTTPException, OSError, ValueError) as exc:
            self._error = exc
        finally:
            with self._changed:
                self._ended = True
                self._changed.notify_all()


def _event(line: bytes) -> JSON:
    try:
        return json.loads(line)
    except ValueError:
        return {'_raw': line.decode('utf-8', 'replace')}
