"""Logs that are followed: the streams in which they are sent."""

import asyncio
import threading
from collections.abc import Callable
from datetime import datetime

from kmock_core.values.responses import Chunks
from kmock_k8s.api.feeds import Feed
from kmock_k8s.cluster.logs import Follower, Line

Shape = Callable[[list[Line]], bytes]
"""Makes what is sent of some lines."""


class LogStream(Feed):
    """One log that is followed; it belongs to its loop.

    Args:
        lines: what is there already.
        shape: how the lines are sent, those that come too; nothing is sent after what it leaves no room for.
        is_full: tells if there is no room for more.

    Attributes:
        on_leave: what is called when nobody reads it any more.
    """

    def __init__(self, lines: list[Line], shape: Shape, is_full: Callable[[], bool]) -> None:
        super().__init__(asyncio.get_running_loop(), Chunks([shape(lines)] if lines else []))
        self._shape = shape
        self._is_full = is_full
        self._thread = threading.get_ident()
        self._ended = is_full()
        self.on_leave: list[Callable[[], object]] = []

    def feed(self, time: datetime, text: str) -> None:
        """Send a line, from any thread."""
        self._call(lambda: self._take(Line(time, text)))

    def end(self) -> None:
        """End after what is there, from any thread."""
        self._call(super().end)

    def _call(self, function: Callable[[], object]) -> None:
        if threading.get_ident() == self._thread:
            function()
            return
        try:
            self._loop.call_soon_threadsafe(function)
        except RuntimeError:  # the loop is closed, and with it the client
            self._leave()

    def _take(self, line: Line) -> None:
        raw = self._shape([line])
        if raw:
            self._send(Chunks([raw]))
        if self._is_full():
            self.end()

    def _leave(self) -> None:
        while self.on_leave:
            self.on_leave.pop()()


_: type[Follower] = LogStream
