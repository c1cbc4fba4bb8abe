"""The log of the requests that ``kmock serve`` serves: a line for each, when it is answered."""

import inspect
import os
import sys
import traceback
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from time import perf_counter
from typing import Any, TextIO

from kmock_core.errors import UnmatchedRequestError
from kmock_core.values.conversations import Conversation, is_conversation
from kmock_core.values.relays import Relay
from kmock_core.values.responses import Answer, BodyStream
from kmock_http.commands.lines import Format, Line, choose_format

HERE = Path(__file__).parent
"""Where rules come from that nobody has written but the command itself."""


class Entry:
    """One request that is being served."""

    def __init__(self, handler: Any, number: int, method: str, target: str, missed: set[int], show: Format) -> None:
        self.handler = handler
        self.missed = missed
        self.show = show
        self.number = number
        self.method = method
        self.target = target
        self.started: float = perf_counter()

    def write(self, status: object, remark: str = '') -> None:
        """Write the line: the method, the path, the status, what has served it, and the time since it came."""
        spent = (perf_counter() - self.started) * 1000
        is_missed = self.number in self.missed
        self.missed.discard(self.number)
        served_by = 'no rule' if is_missed else describe_server(self.handler, self.number)
        target = printable(self.target)
        write_log(self.show(Line(self.method, target, str(status), printable(f'{served_by}{remark}'), spent)))


def journaling(cls: type[Any], *, is_quiet: bool = False) -> type[Any]:
    """A subclass that is the same, but for the log of its requests; errors are told there, not collected.

    All else that serves this class, as in tests, has nothing to do for the log. A quiet one tells of errors alone.
    """

    missed: set[int] = set()  # the numbers of requests that nothing has answered, until their lines are written
    show = choose_format(sys.stderr)

    def serve(self: Any, method: str, target: str, headers: Any, body: bytes, origin: Any, /) -> Any:
        entry = Entry(self, len(self), method, target, missed, show)
        answer: Any = cls.serve(self, method, target, headers, body, origin)
        return _note(entry, answer) if not inspect.isawaitable(answer) else _finish(entry, answer)

    def collect(self: Any, exc: Exception, request: Any = None) -> None:
        if not isinstance(exc, UnmatchedRequestError):
            write_log(''.join(traceback.format_exception(exc)).rstrip('\n'))
        elif not is_quiet:
            missed.add(exc.request.id)

    members: dict[str, Any] = {'_collect': collect, '__module__': cls.__module__, '__doc__': cls.__doc__}
    if not is_quiet:
        members['serve'] = serve
    return type(cls.__name__, (cls,), members)


async def _finish(entry: Entry, answer: Any) -> Any:
    try:
        answered = await answer
    except BaseException:
        entry.write('-', ' (left unanswered)')
        raise
    return _note(entry, answered)


def _note(entry: Entry, answer: Any) -> Any:
    if isinstance(answer, Answer) and not isinstance(answer.body, bytes):
        entry.write(answer.status, ' (stream begins)')
        body = answer.body
        noted: BodyStream
        if is_conversation(body):
            noted = NotedConversation(body, entry, answer.status)
        else:
            noted = NotedStream(body, entry, answer.status)
        return Answer(answer.status, answer.reason, answer.headers, noted)
    entry.write(getattr(answer, 'status', '-'))
    return answer


class NotedStream(Relay):
    """A stream whose end is written to the log."""

    def __init__(self, stream: BodyStream, entry: Entry, status: int) -> None:
        super().__init__(stream)
        self._entry = entry
        self._status = status
        self._has_ended = False

    async def aclose(self) -> None:
        """End it; whoever sends it does so in any case."""
        try:
            await super().aclose()
        finally:
            if not self._has_ended:
                self._has_ended = True
                self._entry.write(self._status, ' (stream ends)')


class NotedConversation(NotedStream):
    """The same of what goes both ways."""

    def __init__(self, body: Conversation, entry: Entry, status: int) -> None:
        super().__init__(body, entry, status)
        self.subprotocol: str = body.subprotocol
        self.is_text: bool = body.is_text
        self.receive: Callable[[bytes, bool], None] = body.receive


def describe_server(handler: Any, number: int) -> str:
    """What has served a request: a rule and where it is written, or what the handler says of itself."""
    request: Any = handler[number]
    rule: Any = handler.served_by(request)
    if rule is not None:
        return f'{rule.source!r} at {rule.location}' if Path(rule.place[0]).parent != HERE else 'built-in'
    cls: type[Any] = handler.__class__
    describe: Any = getattr(cls, 'describe_builtin', None)
    return 'no rule' if describe is None else describe(handler, request) or 'built-in'


def printable(text: str) -> str:
    """The text with escapes for all that would not be seen, or do something to a terminal."""
    return text if text.isprintable() else ''.join(c if c.isprintable() else ascii(c)[1:-1] for c in text)


def write_log(text: str) -> None:
    """Write to stderr; nobody may be there to read it any more."""
    write_line(sys.stderr, text)


def write_line(stream: TextIO | None, text: str) -> None:
    """Write to a standard stream at once, if it is there: a closed one is None, and a pipe may have lost its reader."""
    if stream is None:
        return
    try:
        stream.write(f'{text}\n')
        stream.flush()
    except OSError:
        # What is left in the buffer would fail once more when Python ends, and be its exit status.
        with suppress(OSError, ValueError), Path(os.devnull).open('w') as nothing:
            os.dup2(nothing.fileno(), stream.fileno())
