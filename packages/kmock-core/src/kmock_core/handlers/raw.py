"""The raw handler: plain HTTP mocks."""

import traceback
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Any, ClassVar, Final, Literal, Self, cast

import attrs

from kmock_core.errors import (
    ForgottenRequestError,
    KMockError,
    LimitExceededError,
    NotRunningError,
    OutcomeError,
    UnmatchedRequestError,
    error_of,
)
from kmock_core.handlers.blocking import drive
from kmock_core.handlers.clients import ClientCalls
from kmock_core.handlers.diagnosis import explain_unmatched
from kmock_core.handlers.names import FacadeNames
from kmock_core.handlers.strictness import Level, is_raised, validate_level, validate_limit
from kmock_core.handlers.verification import describe_unmet, explain_unmet, explain_unused, raise_all
from kmock_core.rendering.outcomes import Outcome
from kmock_core.rendering.playing import StreamWriter
from kmock_core.rendering.reply import EMPTY, Reply
from kmock_core.transports.asgi import ASGIApp
from kmock_core.values.conversations import is_conversation
from kmock_core.values.headers import RawHeaders
from kmock_core.values.log import BLOCK
from kmock_core.values.requests import OriginAtoms, Record, Request, request_of
from kmock_core.values.responses import Answer, Metadata, Response, has_no_body
from kmock_core.views.reactions import Reaction
from kmock_core.views.root import Root
from kmock_core.views.typing import RequestT

UNRULED: Final = False
"""What is found where no rule is for a request: neither an answer nor a rule that takes its time."""

READING: Final = frozenset({'GET', 'HEAD', 'OPTIONS', 'TRACE', 'CONNECT'})
"""The methods that change nothing (RFC 9110 §9.2.1); CONNECT asks for a tunnel."""

INTERNED_HEADERS = 512
"""How many sets of headers are kept once for all of the requests that have them."""


@attrs.define(slots=False, eq=False, repr=False, kw_only=True)
class RawHandler(FacadeNames, ClientCalls, Root[RequestT]):
    """Plain HTTP mocks: every request is recorded and answered by the rules.

    As a context manager, async or not, it collects the errors of the server side; it can be entered again and again,
    each time with a list of its own. As a view it has all the requests.

    Args:
        limit: how many requests are served; further ones get a 500 and a `KMockError`.
        strict: what is raised when the context is left: nothing (False), the collected errors (True, ``'errors'``),
            only those of the requests that no rule answered (``'unmatched'``), or ``'all'``: the errors, and that there
            are rules which were never used.
    """

    limit: int | None = attrs.field(default=None, validator=validate_limit)
    strict: Level = attrs.field(default=False, validator=validate_level)

    lenient: bool = attrs.field(default=False, init=False)
    """The test has failed already: what the handler itself has to complain about stays silent."""
    before_forgetting: Callable[[], object] | None = attrs.field(default=None, init=False, repr=False, eq=False)
    """Called by `reset` if that is going to raise something, while all is there yet: for those who make reports."""

    _levels: list[list[Exception]] = attrs.field(factory=list[list[Exception]], init=False, repr=False, eq=False)
    _interned: dict[RawHeaders, RawHeaders] = attrs.field(
        factory=dict[RawHeaders, RawHeaders], init=False, repr=False, eq=False
    )
    _culprits: dict[int, int] = attrs.field(factory=dict[int, int], init=False, repr=False, eq=False)
    _settings: dict[str, Any] = attrs.field(factory=dict[str, Any], init=False, repr=False, eq=False)

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls._serves_by_itself = cls._handle is not RawHandler._handle
        for name in ('__eq__', '__ne__', '__repr__'):
            if _is_generated(cls.__dict__.get(name)):  # a view stays a view, whatever @attrs.define adds by default
                delattr(cls, name)
                if name == '__eq__' and cls.__dict__.get('__hash__', NotImplemented) is None:
                    delattr(cls, '__hash__')

    _serves_by_itself = False
    _acts: ClassVar[bool] = False
    """True if requests do something by themselves, whoever answers them: see `_act`."""

    # ---- The context ----

    async def __aenter__(self) -> Self:
        self._levels.append([])
        return self

    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None
    ) -> None:
        try:
            if len(self._levels) == 1:
                await self._close_calls()
                for reaction in self.rules:
                    reaction.reply.close()
            failures = [] if exc is not None else self._find_failures(leaving=True, outermost=len(self._levels) == 1)
        finally:
            self._levels.pop()
        raise_all(failures)

    def __enter__(self) -> Self:
        return drive(self.__aenter__())

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None
    ) -> bool | None:
        suppresses: bool | None = drive(self.__aexit__(exc_type, exc, tb))
        return suppresses

    @property
    def active(self) -> bool:
        """True while the handler is entered."""
        return bool(self._levels)

    @property
    def errors(self) -> list[Exception]:
        """What went wrong on the server side since the handler was entered."""
        if not self._levels:
            raise NotRunningError(
                'Errors are collected only while the handler is entered: async with kmock.RawHandler() as kmock. '
                'Outside of that, they are raised to whoever calls.'
            )
        return self._levels[-1]

    @property
    def unmatched(self) -> list[RequestT]:
        """The requests that no rule answered."""
        return [self._workshop.look_at(record, self) for record in self._workshop.unmatched]

    def served_by(self, request: Request) -> 'Reaction[RequestT] | None':
        """The rule that answered a request, or failed to; None if there was no such rule."""
        workshop = self._workshop
        return workshop.served_by[request.id] if workshop.remembers(request.record) else None

    # ---- Verification ----

    @property
    def failures(self) -> list[Exception]:
        """What would be raised if the handler were left now without an error of the test: see `strict` and `verify`."""
        return self._find_failures(leaving=True, outermost=True)

    @property
    def unmet(self) -> list[str]:
        """The expectations of rules and views that are not met by now, in words."""
        return [describe_unmet(self._workshop, expectation) for expectation in self._workshop.unmet(leaving=True)]

    def verify(self) -> None:
        """Raise an `ExpectationError` if the expectations of rules and views are not met by now."""
        error = explain_unmet(self._workshop, self._workshop.unmet(leaving=True))
        if error is not None:
            raise error

    def checkpoint(self) -> None:
        """Let the rules, the expectations and the settings made so far last: `reset` goes back to them."""
        with self._workshop.lock:
            self._workshop.checkpoint()
            self._settings = {name: getattr(self, name) for name in ('limit', 'strict')}

    def reset(self) -> None:
        """Forget all requests, and the rules and expectations made since the last `checkpoint` (else all of them).

        Then it is as if it were new: the log, the spies and `unmatched` are empty, the ids of requests start from 0,
        open streams have ended, the settings are those of the checkpoint. What can not be undone: an iterator that was
        consumed stays so, also in a rule that lasts. May be called from any thread.

        Raises:
            Exception: what leaving the context would raise, after everything was forgotten; nothing, if `lenient`.
        """
        with self._workshop.lock:
            failures = self._find_failures(leaving=False, outermost=True)
            if failures and self.before_forgetting is not None:
                self.before_forgetting()
            if self._levels:
                self._levels[-1].clear()
            self._culprits = {}
            self.lenient = False
            for name, value in self._settings.items():
                if getattr(self, name) is not value:
                    setattr(self, name, value)
            self._workshop.forget()
        raise_all(failures)

    def _find_failures(self, *, leaving: bool, outermost: bool) -> list[Exception]:
        if self.lenient:
            return []
        failures = [error for error in self._levels[-1] if self._is_raised(error)] if self._levels else []
        if not outermost:
            return failures
        workshop = self._workshop
        unmet = explain_unmet(workshop, workshop.unmet(leaving=leaving))
        unused = explain_unused(workshop.idle_rules(by_default=self.strict == 'all', leaving=leaving))
        return [*failures, *(failure for failure in (unmet, unused) if failure is not None)]

    def _is_raised(self, error: Exception) -> bool:
        if isinstance(error, OutcomeError):
            return True
        rule = self._culprits.get(id(error), -1)  # errors are in the list: ids are theirs
        said = self._workshop.demands.strictness(rule).errors
        return is_raised(error, self.strict) if said is None else said

    # ---- Serving ----

    def serve(
        self, method: str, target: str, headers: RawHeaders, body: bytes, origin: OriginAtoms, /
    ) -> 'Answer | Awaitable[Answer]':
        """Record and answer one request: what transports call, in their loops.

        Args:
            method: as in the request line.
            target: as in the request line, percent-encoded.
            headers: pairs of bytes, in order.
            body: the whole body.
            origin: the connection it came by: the atoms of an `Origin` as a plain tuple.

        Returns:
            The answer, at once if it is the same for all requests; else something to be awaited for it.
        """
        workshop = self._workshop
        headers = self._interned.get(headers) or self._intern(headers)
        with workshop.lock:  # so that another thread that looks never finds a request without its rule
            served_by = workshop.served_by
            record: Record = (len(served_by), method, target, headers, body, origin)
            if self.limit is not None and record[0] >= self.limit:
                return self._refuse(request_of(record))
            tail = workshop.log.tail
            tail.append(record)
            if len(tail) == BLOCK:
                workshop.log.seal()
            served_by.append(None)
            acted = self._act_on(record) if self._acts and method not in READING else None
            found = None if self._serves_by_itself or workshop.trackers else self._find_ready(record, method, target)
            if found is None:
                workshop.hand_out()
        if not found:
            return self._serve_slowly(record, acted) if found is None else self._serve_unruled(record, acted)
        if workshop.waiters:
            workshop.notify()
        return found if method != 'HEAD' else found.without_body()

    def _find_ready(self, record: Record, method: str, target: str) -> Answer | Literal[False] | None:
        workshop = self._workshop
        request = None
        try:
            candidates = workshop.index.memo.get((method, target))
            if candidates is None:
                request = request_of(record, self.request_type)
                candidates = workshop.index.candidates(request)
            for reaction, check, answer in candidates:
                if check is not None:
                    if request is None:
                        request = request_of(record, self.request_type)
                    if not check(request):
                        continue
                if answer is None:
                    answer = reaction.reply.ready()
                    if answer is None:
                        return None
                workshop.served_by[record[0]] = reaction
                return answer
        except BaseException as exc:  # a failing criterion is asked once more there, where errors are collected
            error_of(exc)
            return None
        return UNRULED

    def _act_on(self, record: Record) -> Request:
        request: Request = self._workshop.look_at(record, self)  # to be kept: what has become of it is noted there
        self._act(request)
        return request

    def _serve_unruled(self, record: Record, acted: Request | None) -> Answer | Awaitable[Answer]:
        """Serve a request that no rule is for by what is built in, at once if that is possible."""
        workshop = self._workshop
        request = request_of(record, self.request_type) if acted is None else acted
        try:
            answer = self._answer_builtin(request)
        except BaseException as exc:
            if workshop.waiters:
                workshop.notify()
            return self._serve_error(error_of(exc), request)
        if answer is None:
            workshop.hand_out()
            return self._serve_slowly(record, acted)
        if workshop.waiters:
            workshop.notify()
        return answer if record[1] != 'HEAD' and isinstance(answer, Answer) else self._finalise(answer, request)

    def _intern(self, headers: RawHeaders) -> RawHeaders:
        if len(self._interned) >= INTERNED_HEADERS:
            self._interned = {}
        self._interned[headers] = headers
        return headers

    async def _refuse(self, request: Request) -> Answer:
        error = LimitExceededError(f'Too many requests: only {self.limit} are served (limit={self.limit}).')
        self._collect(error)
        return await self._finalise(await self._render_error(error), request)

    async def _serve_slowly(self, record: Record, acted: Request | None) -> Answer:
        request: Request = self._workshop.look_at(record, self) if acted is None else acted
        try:
            await self._tell_trackers(request)
            answer = await self._handle(request)
            if answer is None:
                raise KMockError(
                    f'{type(self).__name__}._handle() has given no answer for {request!r}: '
                    f'return await super()._handle(request), or a kmock.Response()'
                )
        except BaseException as exc:
            return await self._serve_error(error_of(exc), request)
        return await self._finalise(answer, request)

    async def _serve_error(self, error: Exception, request: Request) -> Answer:
        answer = await self._answer_meant(error, request)
        if answer is None:
            self._collect(error, request)
            answer = await self._render_error(error)
        return await self._finalise(answer, request)

    async def _tell_trackers(self, request: Request) -> None:
        # A criterion that fails keeps no other from being asked about the request: that is the only time.
        failures: list[Exception] = []
        if self._workshop.waiters:
            self._workshop.notify()  # it has arrived, however long the criteria may take
        for tracker, _, _ in self._workshop.trackers.candidates(request):
            view = tracker.view()
            if view is not None:
                try:
                    pending = view.observe(request)
                    if pending is not None:
                        await pending
                except BaseException as exc:
                    failures.append(error_of(exc))
        if self._workshop.waiters:
            self._workshop.notify()
        for failure in failures[1:]:
            self._collect(failure, request)
        if failures:
            raise failures[0]

    async def _finalise(self, answer: Any, request: Request) -> Answer:
        if isinstance(answer, Response):
            answer = await EMPTY.extend(answer).play(request, self)
        if not isinstance(answer, Answer):
            return cast('Answer', answer)  # a transport may know more kinds of answers
        if request.method_name == 'HEAD' or has_no_body(answer.status):
            if not isinstance(answer.body, bytes):
                if answer.body.is_unheard or (request.method_name != 'HEAD' and is_conversation(answer.body)):
                    return answer
                await answer.body.aclose()
            return answer.without_body()
        return answer

    async def _handle(self, request: Request) -> Any:
        """Serve one request; subclasses may do it in another way, or something before and after."""
        outcomes: list[tuple[Reaction[RequestT], Outcome]] = []
        for reaction, check, _ in self._workshop.index.candidates(request):
            if reaction.exhausted or not (check is None or check(request)):
                continue
            request.scope(reaction)
            self._workshop.credit(reaction, request.record)  # also if it fails
            if self._workshop.waiters:
                self._workshop.notify()
            outcome = reaction.reply.ready() or await reaction.reply.play(request, self)
            if isinstance(outcome, Answer):
                return outcome
            self._workshop.pass_on(reaction, request.record, outcome)
            outcomes.append((reaction, outcome))
        return await self._handle_unmatched(request, outcomes)

    def _act(self, request: Request, /) -> None:
        """Do what a request does by itself, before the rules are asked; only if the class says that it `_acts`.

        It is not called for the methods that only read (RFC 9110 §9.2.1). It must not fail: what has become of it is
        to be noted with the request, by `Request.once`.
        """

    def _answer_builtin(self, request: Request, /) -> Answer | Response | None:
        """Answer a request that no rule of the test has answered; None if there is nothing built in for it.

        Handlers with behaviour of their own have it here: it is synchronous, so that such requests are as quick as
        those of rules. An `Answer` is the quickest, a `Response` has to be rendered. What it raises is answered as
        what the payload of a rule raises.
        """
        return None

    async def _handle_unmatched(self, request: Request, outcomes: list[tuple[Reaction[RequestT], Outcome]]) -> Any:
        """Serve a request that no rule has answered: by what is built in, else it is an error."""
        answer = self._answer_builtin(request)
        if answer is not None:
            return answer
        self._workshop.miss(request.record)
        raise UnmatchedRequestError(self._explain_unmatched(request, outcomes), request)

    def _explain_unmatched(self, request: Request, outcomes: list[tuple[Reaction[RequestT], Outcome]]) -> str:
        """What is told of a request that nothing has answered: the nearest rules, and one that would answer."""
        return explain_unmatched(request, self.rules, outcomes)

    # ---- Errors ----

    async def _answer_meant(self, exc: Exception, request: Request) -> Answer | None:
        """The answer that an exception means by itself, as those of protocols do; None if it is an error."""
        meant = getattr(exc, '__kmock_payload__', None)
        if meant is None:
            return None
        rule = self.served_by(request)
        reply = EMPTY if rule is None else Reply(rule.reply.metadata)  # its headers are for this answer of it too
        outcome = await reply.extend(meant()).play(request, self)
        return outcome if isinstance(outcome, Answer) else None

    def _collect(self, exc: Exception, request: Request | None = None) -> None:
        workshop = self._workshop
        with workshop.lock:
            if request is not None and not workshop.remembers(request.record):
                return  # it is none of the errors of the test that runs now
            if not self._levels:
                raise exc
            self._levels[-1].append(exc)
            rule = None if request is None else workshop.served_by[request.id]
            self._culprits[id(exc)] = -1 if rule is None else rule.rank[1]

    async def _render_error(self, exc: Exception) -> Any:
        """Answer an error."""
        return Metadata(status=500).compose(describe_error(exc).encode('utf-8', 'replace'), 'text/plain; charset=utf-8')

    async def _stream_error(self, exc: Exception, response: StreamWriter) -> None:
        """Write an error into a started stream."""
        await response.write(describe_error(exc).encode('utf-8', 'replace'))

    async def stream_failed(self, exc: Exception, writer: StreamWriter, /) -> None:
        """Collect and write an error of a started stream: what streams call."""
        self._collect(exc, writer.request)
        await self._stream_error(exc, writer)

    # ---- ASGI and the facade ----

    @property
    def asgi(self) -> ASGIApp:
        """This handler as an ASGI 3 application."""
        return ASGIApp(self)


def _is_generated(method: Any) -> bool:
    code = getattr(method, '__code__', None)
    return code is not None and code.co_filename.startswith('<attrs generated')


def describe_error(exc: Exception) -> str:
    """The text of an error for the client: the explanation of an unmatched request, else the traceback."""
    if isinstance(exc, (UnmatchedRequestError, LimitExceededError, ForgottenRequestError)):
        return f'{type(exc).__name__}: {exc}\n'
    return ''.join(traceback.format_exception(exc))
