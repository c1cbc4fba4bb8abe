"""Server-sent events (WHATWG HTML §9.2) as payloads, and their continuation by ``Last-Event-ID``."""

import re
from typing import Any, cast

from kmock_core.errors import UnsupportedPayloadError
from kmock_core.rendering import nodes
from kmock_core.values.requests import Request

EVENTS_TYPE = 'text/event-stream'

_LINE_END = re.compile(rb'\r\n|\r|\n')


class sse(nodes.Typed):
    """One server-sent event; a stream that begins with one is ``text/event-stream``.

    Args:
        data: text or UTF-8 bytes, split into a ``data:`` line each; anything else is sent as JSON.
        event: the type of the event; browsers take an absent one for ``message``.
        id: what the client sends as ``Last-Event-ID`` when it reconnects.
        retry: milliseconds after which the client reconnects.
        comment: what clients ignore; alone it is a heartbeat.

    With no arguments it is no event: it begins the stream, so that the client gets the headers at once. As the
    specification has it, browsers ignore an event without data: type ``sse('', event='done')``.

    >>> sse({'x': 1}, event='tick', id=7).alone
    b'event: tick\\nid: 7\\ndata: {"x": 1}\\n\\n'
    """

    __slots__ = ('_shown', 'id')

    id: str | None

    def __init__(
        self,
        data: Any = ...,
        *,
        event: str | None = None,
        id: str | int | None = None,
        retry: int | None = None,
        comment: str | None = None,
    ) -> None:
        lines: list[bytes] = []
        if comment is not None:
            lines += [b': ' + line if line else b':' for line in _lines_of('comment', comment)]
        if event is not None:
            lines.append(b'event: ' + _line_of('event', event))
        if id is not None:
            lines.append(b'id: ' + _line_of('id', str(id) if type(id) is int else id))
        if retry is not None:
            if type(retry) is not int or retry < 0:
                raise _refusal(f'retry={retry!r} is not a number of milliseconds')
            lines.append(b'retry: %d' % retry)
        if data is not ...:
            lines += [b'data: ' + line for line in _lines_of('data', data)]
        super().__init__(b''.join(line + b'\n' for line in lines) + b'\n' if lines else b'', EVENTS_TYPE)
        self.id = None if id is None else str(id)
        fields = {'event': event, 'id': id, 'retry': retry, 'comment': comment}
        shown = [] if data is ... else [repr(data)]
        self._shown = [*shown, *(f'{name}={value!r}' for name, value in fields.items() if value is not None)]

    def __repr__(self) -> str:
        return f'sse({", ".join(self._shown)})'


class resume:
    """A stream of events that goes on where the client has stopped: after the event of its ``Last-Event-ID``.

    All events are sent if the request has no such header, or an unknown one. Every request gets them anew.

    >>> resume(sse('a', id=1), sse('b', id=2))
    resume(sse('a', id=1), sse('b', id=2))
    """

    __slots__ = ('_positions', 'events')

    events: tuple[sse, ...]

    def __init__(self, *events: sse) -> None:
        given: Any = events
        for event in given:
            if not isinstance(event, sse):
                example = 'resume(*events)' if isinstance(event, (list, tuple)) else f'sse({event!r}, id=1)'
                raise _refusal(f'resume() takes events, not {event!r}; type e.g. {example}')
        self.events = events
        # An event without an id does not change the last id of a client: it is sent again.
        self._positions = {event.id: number for number, event in enumerate(events, 1) if event.id}
        if events and not self._positions:
            raise _refusal('no client can tell which of the events was the last one, none has an id: type sse(…, id=1)')

    def __repr__(self) -> str:
        return f'resume({", ".join(map(repr, self.events))})'

    def __call__(self, request: Request, /) -> tuple[sse, ...]:
        """The events for this request, after a beginning that says what they are, as there may be none."""
        return (sse(), *self.events[self._positions.get(request.headers.get('Last-Event-ID', ''), 0) :])


def _lines_of(field: str, value: Any) -> list[bytes]:
    if isinstance(value, (bytes, bytearray, memoryview)):
        content = bytes(cast('bytes', value))
    elif isinstance(value, str):
        content = _encode(field, value)
    elif field == 'data':
        try:
            content = nodes.encode_json(value)
        except (TypeError, ValueError, RecursionError) as exc:
            raise UnsupportedPayloadError(f'Unsupported data of an event: {exc} in {value!r}', value) from exc
    else:
        raise _refusal(f'{field}={value!r} is not a text')
    return _LINE_END.split(content)


def _line_of(field: str, value: object) -> bytes:
    if not isinstance(value, str):
        raise _refusal(f'{field}={value!r} is not a text')
    if '\n' in value or '\r' in value:
        raise _refusal(f'{field}={value!r} has a line break, which would begin another field')
    if field == 'id' and '\0' in value:
        raise _refusal(f'id={value!r} has a NUL, for which clients ignore it')
    return _encode(field, value)


def _encode(field: str, value: str) -> bytes:
    try:
        return value.encode('utf-8')
    except UnicodeEncodeError as exc:
        raise _refusal(f'{field}={value!r} can not be sent as UTF-8: {exc.reason}') from exc


def _refusal(message: str) -> UnsupportedPayloadError:
    return UnsupportedPayloadError(f'Unsupported event: {message} (WHATWG HTML §9.2)')
