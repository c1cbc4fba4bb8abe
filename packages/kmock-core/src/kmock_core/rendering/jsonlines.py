"""JSON lines as payloads: ``application/x-ndjson``."""

import reprlib
from typing import Any

from kmock_core.errors import UnsupportedPayloadError
from kmock_core.rendering import nodes

LINES_TYPE = 'application/x-ndjson'


class ndjson(nodes.Typed):
    """JSON documents, a line each; a stream that begins with it is ``application/x-ndjson``.

    With no arguments it begins the stream, so that the client gets the headers at once; in a stream, plain JSON values
    are lines of JSON already.

    >>> ndjson({'a': 1}, {'a': 2}).alone
    b'{"a": 1}\\n{"a": 2}\\n'
    """

    __slots__ = ('_shown',)

    def __init__(self, *items: Any) -> None:
        try:
            lines = [nodes.encode_json(item) + b'\n' for item in items]
        except (TypeError, ValueError, RecursionError) as exc:
            raise UnsupportedPayloadError(f'Unsupported payload: {exc} in {reprlib.repr(items)}', items) from exc
        super().__init__(b''.join(lines), LINES_TYPE)
        self._shown = ', '.join(map(repr, items))

    def __repr__(self) -> str:
        return f'ndjson({self._shown})'
