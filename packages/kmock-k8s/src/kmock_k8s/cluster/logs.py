"""What the containers of pods have written: texts that a test sets, with the times when it did."""

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from typing import NamedTuple, Protocol, TypeAlias, cast

LogKey: TypeAlias = tuple[str, str] | tuple[str, str, str]
"""The namespace and the name of a pod, and perhaps the name of a container."""

_USAGE = 'kmock.pod_logs[namespace, name] or kmock.pod_logs[namespace, name, container]'


class Line(NamedTuple):
    """A line of a log, with its end; the last one may have none."""

    time: datetime
    text: str


class Follower(Protocol):
    """Gets what is added to a log."""

    def feed(self, time: datetime, text: str) -> None:
        """Get what was written then; from any thread."""
        ...

    def end(self) -> None:
        """Get no more; from any thread."""
        ...


class Logs:
    """What containers have written: of a pod, or of one of its containers. What is not set is empty.

    Each line has the time when it was set. What is added to a text reaches the clients that follow it.

    >>> logs = Logs()
    >>> logs['default', 'web'] = 'started'
    >>> logs['default', 'web'] += ', ready'
    >>> logs['default', 'web', 'sidecar'] = 'waiting'
    >>> logs.find('default', 'web', 'sidecar'), logs.find('default', 'web', 'main'), logs.find('default', 'db', 'x')
    ('waiting', 'started, ready', '')

    Args:
        clock: the time.
    """

    def __init__(self, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._clock = clock
        self.lock: AbstractContextManager[object] = threading.RLock()
        self._logs: dict[LogKey, _Log] = {}
        self._followers: dict[Follower, tuple[str, str, str]] = {}
        self._previous: Logs | None = None

    @property
    def previous(self) -> 'Logs':
        """What the containers have written before they were started again: those that were, as far as it is set."""
        if self._previous is None:
            self._previous = Logs(self._clock)
        return self._previous

    def __setitem__(self, key: LogKey, text: str) -> None:
        _check(key, text)
        with self.lock:
            time = self._clock()
            log = self._logs.get(key)
            if log is None or not text.startswith(log.text):
                log = self._logs[key] = _Log()
            added = text[len(log.text) :]
            log.add(time, added)
            followers = [one for one, place in self._followers.items() if added and self._find(*place) is log]
        for follower in followers:
            follower.feed(time, added)

    def __getitem__(self, key: LogKey) -> str:
        log = self._logs.get(key)
        return '' if log is None else log.text

    def __delitem__(self, key: LogKey) -> None:
        del self._logs[key]

    def __contains__(self, key: object) -> bool:
        return key in self._logs

    def __iter__(self) -> Iterator[LogKey]:
        return iter(self._logs)

    def __len__(self) -> int:
        return len(self._logs)

    def clear(self) -> None:
        """Forget all of them; who follows one gets no more."""
        with self.lock:
            self._logs.clear()
            self._previous = None
        self.end()

    def end(self, namespace: str | None = None, name: str | None = None) -> None:
        """Let those who follow get no more, as if the containers had ended: those of a pod, or of all pods."""
        with self.lock:
            found = [one for one, place in self._followers.items() if name is None or place[:2] == (namespace, name)]
        for follower in found:
            follower.end()

    def find(self, namespace: str, name: str, container: str) -> str:
        """What a container has written; else what its pod has; empty if nothing was set."""
        log = self._find(namespace, name, container)
        return '' if log is None else log.text

    def lines(self, namespace: str, name: str, container: str) -> list[Line] | None:
        """The same, line by line; None if nothing was set."""
        with self.lock:
            log = self._find(namespace, name, container)
            return None if log is None else [*log.lines()]

    def join(self, follower: Follower, namespace: str, name: str, container: str) -> None:
        """Tell somebody what is added from now on; under the lock, there is no gap after the lines that were there."""
        with self.lock:
            self._followers[follower] = (namespace, name, container)

    def leave(self, follower: Follower) -> None:
        """Tell somebody no more; twice is as good as once."""
        with self.lock:
            self._followers.pop(follower, None)

    def _find(self, namespace: str, name: str, container: str) -> '_Log | None':
        return self._logs.get((namespace, name, container)) or self._logs.get((namespace, name))


def _check(key: object, text: object) -> None:
    parts = cast('tuple[object, ...]', key) if isinstance(key, tuple) else ()
    if len(parts) not in {2, 3} or not all(isinstance(part, str) for part in parts):
        raise TypeError(f'A log is addressed as {_USAGE}, not by {key!r}')
    if not isinstance(text, str):
        raise TypeError(f'A log is a text, not {type(text).__name__}: {text!r}')


class _Log:
    """A text, and from where on it was written at what time."""

    def __init__(self) -> None:
        self.text: str = ''
        self._marks: list[tuple[int, datetime]] = []

    def add(self, time: datetime, text: str) -> None:
        self._marks.append((len(self.text), time))
        self.text += text

    def lines(self) -> Iterator[Line]:
        start, index = 0, 0
        for text in split_lines(self.text):
            while index + 1 < len(self._marks) and self._marks[index + 1][0] <= start:
                index += 1
            yield Line(self._marks[index][1], text)
            start += len(text)


def split_lines(text: str) -> list[str]:
    """The lines of a text, with their ends: nothing but a newline is one.

    >>> split_lines('a\\rb\\nc')
    ['a\\rb\\n', 'c']
    """
    *whole, last = text.split('\n')
    return [*(f'{line}\n' for line in whole), *([last] if last else [])]
