"""Views on top of one other view: filters, slices, priorities, exclusions."""

import inspect
from bisect import insort
from collections.abc import Awaitable, Iterable, Mapping, Sequence
from typing import Any, ClassVar, cast

from kmock_core.criteria.base import Criteria, Finding, Verdict
from kmock_core.criteria.http import HTTPCriteria
from kmock_core.criteria.paths import captures_of
from kmock_core.criteria.patterns import is_glob
from kmock_core.errors import KMockError
from kmock_core.values.requests import Record, Request, request_of
from kmock_core.views.base import View, Workshop, has_record, position_of
from kmock_core.views.typing import RequestT


class Chained(View[RequestT]):
    """A view on top of another one, its source."""

    __slots__ = ('__weakref__', '_workshop', 'source')

    source: View[RequestT]

    def __init__(self, source: View[RequestT]) -> None:
        self.source = source
        self._workshop = source.workshop

    @property
    def workshop(self) -> Workshop:
        return self._workshop

    @property
    def priorities(self) -> tuple[float, ...]:
        return self.source.priorities

    @property
    def steady(self) -> bool:
        return self.source.steady

    def captures(self, request: Request, /) -> Mapping[str, str]:
        return self.source.captures(request)

    def explain(self, request: Request, /) -> list[Finding]:
        return self.source.explain(request)


_NO_HITS: list[Record] = []


class Tracked(Chained[RequestT]):
    """A view that can be told of every arrival, and otherwise catches up with its source when it is looked at.

    A view is *tracked* where its answer can't wait: criteria that are not pure, and the positions of slices. Its root
    holds it weakly and calls `observe`.
    """

    __slots__ = ('_cursor', '_epoch', '_hits', '_since', '_verdicts')

    def __init__(self, source: View[RequestT]) -> None:
        super().__init__(source)
        self._hits: list[Record] = _NO_HITS  # most views are never looked at: they share an empty one
        self._verdicts: dict[int, bool] = {}  # only where the source is not steady
        self._cursor = 0
        self._since: int | None = None
        self._epoch = self._workshop.epoch

    @property
    def tracked(self) -> bool:
        """True if the root tells this view of every arrival."""
        return self._since is not None

    def track(self, since: int) -> None:
        """The arrivals from the request of that number on will be told by `observe`."""
        if self._since is None:
            self._since = since

    def _renew(self) -> None:
        """Forget what was found, if the requests were forgotten."""
        epoch = self._workshop.epoch
        if self._epoch != epoch:
            self._hits = _NO_HITS
            self._verdicts = {}
            self._cursor = 0
            self._since = None if self._since is None else 0
            self._epoch = epoch

    def ask(self, request: Request, /) -> Verdict:
        """Ask about a request which the source has."""
        raise NotImplementedError

    def observe(self, request: Request, /) -> Awaitable[None] | None:
        """Take notice of an arrival; what is returned must be awaited before rules are asked."""
        if not self.source.accepts(request):
            return None
        verdict = self.ask(request)
        if isinstance(verdict, bool):
            self._note(request.record, verdict)
            return None
        return self._observe_later(verdict, request.record)

    async def _observe_later(self, verdict: Awaitable[bool], record: Record) -> None:
        self._note(record, bool(await verdict))

    def _note(self, record: Record, verdict: bool) -> None:
        with self._workshop.lock:
            if not self._workshop.remembers(record):
                return
            self._renew()
            if verdict:
                self._add(record)
            if not self.source.steady:
                self._verdicts[record[0]] = verdict

    def _add(self, record: Record) -> None:
        if self._hits is _NO_HITS:
            self._hits = [record]
        elif self._hits[-1][0] < record[0]:
            self._hits.append(record)
        elif not has_record(self._hits, record[0]):
            insort(self._hits, record, key=lambda known: known[0])

    def accepts(self, request: Request, /) -> bool:
        if self._since is not None:
            self._renew()
            if request.id >= self._since:
                return has_record(self._hits, request.id)
        if not self.source.accepts(request):
            return False
        verdict = self.ask(request)
        return verdict if isinstance(verdict, bool) else run_at_once(verdict)

    def records(self) -> Sequence[Record]:
        with self._workshop.lock:  # else two threads that look might find a request twice
            return self._catch_up()

    def _catch_up(self) -> Sequence[Record]:
        self._renew()
        known = self.source.records()
        if not self.steady:
            return [record for record in known if self._recall(record)]
        if self._cursor < len(known):
            end = len(known)
            for position in range(self._cursor, end):
                record = known[position]
                if self._since is not None and record[0] >= self._since:
                    break
                self._cursor = position + 1
                if self._ask_of_past(record):
                    self._add(record)
        return self._hits

    def _recall(self, record: Record) -> bool:
        verdict = self._verdicts.get(record[0])
        if verdict is None:
            verdict = self._verdicts[record[0]] = self._ask_of_past(record)
        return verdict

    def _ask_of_past(self, record: Record) -> bool:
        verdict = self.ask(request_of(record, self._workshop.request_type))
        return verdict if isinstance(verdict, bool) else run_at_once(verdict)


class Filter(Tracked[RequestT]):
    """The requests of the source that are as the criteria say."""

    __slots__ = ('criteria',)

    criteria: Criteria

    def __init__(self, source: View[RequestT], criteria: Criteria) -> None:
        super().__init__(source)
        self.criteria = criteria

    def __repr__(self) -> str:
        return f'{self.source!r}[{self.criteria.notation}]'

    def ask(self, request: Request, /) -> Verdict:
        shown = request if self.criteria.pure else self._workshop.look_at(request.record, self.source)
        verdict: Verdict = self.criteria.check(shown)
        given: object = verdict  # criteria of other code may be less strict about what they return
        return verdict if isinstance(given, bool) or inspect.isawaitable(given) else bool(given)

    def accepts(self, request: Request, /) -> bool:
        if self._since is None and self.criteria.pure:
            return self.source.accepts(request) and bool(self.criteria.check(request))
        return super().accepts(request)

    def captures(self, request: Request, /) -> Mapping[str, str]:
        captured = self.source.captures(request)
        if isinstance(self.criteria, HTTPCriteria):
            mine = _captures(self.criteria.path, request)
            if mine:
                return {**captured, **mine}
        return captured

    def explain(self, request: Request, /) -> list[Finding]:
        if not self.criteria.pure and self.tracked:
            self._renew()
            held = has_record(self._hits, request.id)
            if not all(finding.held for finding in self.source.explain(request)):
                return [*self.source.explain(request), Finding(repr(self.criteria), held, 'not asked')]
            return [*self.source.explain(request), Finding(repr(self.criteria), held, f'{self.criteria!r}: no')]
        return [*self.source.explain(request), *self.criteria.explain(request)]


class Slicer(Chained[RequestT]):
    """A slice of the requests of the source; as a rule: only for those positions, whichever rule served the others."""

    __slots__ = ('s',)

    s: slice

    def __init__(self, source: View[RequestT], s: slice) -> None:
        super().__init__(source)
        range(0)[s]  # raises for what is no slice of a sequence
        self.s = s

    def __repr__(self) -> str:
        start, stop, step = ('' if part is None else str(part) for part in (self.s.start, self.s.stop, self.s.step))
        return f'{self.source!r}[{start}:{stop}{":" + step if step else ""}]'

    @property
    def steady(self) -> bool:
        parts = (self.s.start, self.s.stop, self.s.step)
        return self.source.steady and all(part is None or part >= 0 for part in parts)

    def records(self) -> Sequence[Record]:
        return self.source.records()[self.s]

    def accepts(self, request: Request, /) -> bool:
        if not self.source.accepts(request):
            return False
        position = position_of(self.source.records(), request.id)
        return position in range(position + 1)[self.s]

    def explain(self, request: Request, /) -> list[Finding]:
        found = self.source.explain(request)
        records = self.source.records()
        label = repr(self).removeprefix(repr(self.source))
        if not has_record(records, request.id):
            return [*found, Finding(label, held=False, detail=f'{label}: not counted')]
        position = position_of(records, request.id)
        held = position in range(position + 1)[self.s]
        return [*found, Finding(label, held, '' if held else f'position: {position} is not in {label}')]


_PRIORITY_WORDS = {float('inf'): 'override', float('-inf'): 'fallback'}


class Priority(Chained[RequestT]):
    """The source with one more priority: ``v ** 5``."""

    __slots__ = ('_priorities', 'priority')

    priority: float

    def __init__(self, source: View[RequestT], priority: float) -> None:
        super().__init__(source)
        if priority != priority:
            raise ValueError('NaN is no priority: it is neither higher nor lower than any other')
        self.priority = priority
        self._priorities = (*source.priorities, priority)

    def __repr__(self) -> str:
        word = _PRIORITY_WORDS.get(self.priority)
        return f'{self.source!r}.{word}' if word else f'({self.source!r} ** {self.priority})'

    @property
    def priorities(self) -> tuple[float, ...]:
        return self._priorities

    def records(self) -> Sequence[Record]:
        return self.source.records()

    def accepts(self, request: Request, /) -> bool:
        return self.source.accepts(request)


class Exclusion(Chained[RequestT]):
    """The requests of the source that are not in another view: ``a - b``, ``~a``."""

    __slots__ = ('excluded',)

    excluded: View[RequestT]

    symbol: ClassVar[str] = '-'

    def __init__(self, source: View[RequestT], excluded: View[RequestT]) -> None:
        super().__init__(source)
        self.excluded = excluded

    def __repr__(self) -> str:
        return f'({self.source!r} - {self.excluded!r})'

    @property
    def steady(self) -> bool:
        return self.source.steady and self.excluded.steady

    def records(self) -> Sequence[Record]:
        known = self.source.records()
        numbers = {record[0] for record in self.excluded.records()}
        return [record for record in known if record[0] not in numbers]

    def accepts(self, request: Request, /) -> bool:
        return self.source.accepts(request) and not self.excluded.accepts(request)

    def explain(self, request: Request, /) -> list[Finding]:
        found = self.excluded.explain(request)
        held = not found or not all(finding.held for finding in found)
        return [
            *self.source.explain(request),
            Finding(f'not {self.excluded!r}', held, '' if held else f'excluded by {self.excluded!r}'),
        ]


def run_at_once(awaitable: Awaitable[bool]) -> bool:
    """Run a coroutine that has nothing to wait for: an async criterion that is asked about the past."""
    steps = awaitable.__await__()
    try:
        next(steps)
    except StopIteration as exc:
        return bool(exc.value)
    cast('Any', steps).close()
    raise KMockError(
        'an async criterion that has to wait can be asked only when a request arrives: make its view before the traffic'
    )


_NONE: Mapping[str, str] = {}


def _captures(pattern: Any, request: Request) -> Mapping[str, str]:
    if type(pattern) is str:
        if '{' not in pattern or not is_glob(pattern):
            return _NONE
        return captures_of(pattern, request)
    if isinstance(pattern, (list, tuple, set, frozenset)):
        found = (_captures(item, request) for item in cast('Iterable[Any]', pattern))
        return next((captured for captured in found if captured), _NONE)
    match = pattern.fullmatch(request.path) if getattr(pattern, 'groupindex', None) else None
    return {} if match is None else {key: value for key, value in match.groupdict().items() if value is not None}
