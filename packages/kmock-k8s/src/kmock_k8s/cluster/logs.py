"""What the containers of pods have written: texts that a test sets."""

from collections.abc import Iterator
from typing import TypeAlias

LogKey: TypeAlias = tuple[str, str] | tuple[str, str, str]
"""The namespace and the name of a pod, and perhaps the name of a container."""


class Logs:
    """What containers have written: of a pod, or of one of its containers.

    >>> logs = Logs()
    >>> logs['default', 'web'] = 'started'
    >>> logs['default', 'web', 'sidecar'] = 'waiting'
    >>> logs.find('default', 'web', 'sidecar'), logs.find('default', 'web', 'main'), logs.find('default', 'db', 'x')
    ('waiting', 'started', '')
    """

    def __init__(self) -> None:
        self._texts: dict[LogKey, str] = {}

    def __setitem__(self, key: LogKey, text: str) -> None:
        self._texts[key] = text

    def __getitem__(self, key: LogKey) -> str:
        return self._texts[key]

    def __delitem__(self, key: LogKey) -> None:
        del self._texts[key]

    def __iter__(self) -> Iterator[LogKey]:
        return iter(self._texts)

    def __len__(self) -> int:
        return len(self._texts)

    def clear(self) -> None:
        """Forget all of them."""
        self._texts.clear()

    def find(self, namespace: str, name: str, container: str) -> str:
        """What a container has written; else what its pod has; empty if nothing was set."""
        found = self._texts.get((namespace, name, container))
        return self._texts.get((namespace, name), '') if found is None else found
