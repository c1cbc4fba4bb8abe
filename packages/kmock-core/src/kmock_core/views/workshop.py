"""The workshop of a handler: owns the log of requests and the rules, and makes views of views."""

import threading
import weakref
from collections.abc import Callable, Sequence
from types import EllipsisType
from typing import Any, Generic, NamedTuple, cast

from kmock_core.criteria import notations
from kmock_core.errors import KMockError, UnsupportedCriterionError, UnsupportedPayloadError
from kmock_core.live.bus import LiveBus
from kmock_core.rendering.outcomes import Outcome
from kmock_core.rendering.reply import EMPTY, Reply
from kmock_core.sinks.adapters import SinkBox, adapt_sink
from kmock_core.values.log import Log
from kmock_core.values.requests import Record, Request, Scope, request_of
from kmock_core.views import waiting
from kmock_core.views.base import View
from kmock_core.views.chained import Chained, Exclusion, Filter, Priority, Slicer, Tracked
from kmock_core.views.demands import Demands
from kmock_core.views.expectations import Expectation
from kmock_core.views.groups import AndGroup, Group, OrGroup
from kmock_core.views.index import Index, Rank, plan_of, rank_of
from kmock_core.views.locations import levels_to_caller, locate_caller
from kmock_core.views.reactions import Reaction
from kmock_core.views.streams import Stream
from kmock_core.views.typing import RequestT


class Tracker:
    """A tracked view in the index of those that are told of every arrival; held weakly."""

    __slots__ = ('rank', 'view')

    def __init__(self, view: Tracked[Any], number: int) -> None:
        self.view: weakref.ReferenceType[Tracked[Any]] = weakref.ref(view)
        self.rank: Rank = rank_of((), number)


class Change(NamedTuple, Generic[RequestT]):
    """A rule was made, or put in the place of another one."""

    made: Reaction[RequestT]
    replaced: Reaction[RequestT] | None


class Workshop(Generic[RequestT]):
    """The one owner of the mutable state of a handler: the log, the rules, the trackers, the live streams.

    Rules may be made and views may be read in any thread, under the lock; requests arrive in the loops of servers.
    """

    def __init__(self, root: View[RequestT]) -> None:
        self.root: View[RequestT] = root
        self.request_type: type[Request] = getattr(root, 'request_type', Request)
        self.lock: threading.RLock = threading.RLock()
        self.log: Log = Log()
        self.served_by: list[Reaction[RequestT] | None] = []
        self.unmatched: list[Record] = []
        self.known: weakref.WeakValueDictionary[int, Request] = weakref.WeakValueDictionary()
        self.rules: dict[int, Reaction[RequestT]] = {}
        self.index: Index[Reaction[RequestT]] = Index()
        self.trackers: Index[Tracker] = Index()
        self.sequence: int = 0
        self._handed_out: int = 0
        self.waiters: list[Callable[[], None]] = []
        self.live: LiveBus = LiveBus(self.notify, self.remembers)
        self.epoch: int = 0
        self.demands: Demands[RequestT] = Demands(self)
        self.changes: list[Change[RequestT]] = []
        self.depleted: list[Reaction[RequestT]] = []

    # ---- Making views of views ----

    def select(self, view: Any, item: Any, /) -> Any:
        """Narrow a view down: what the brackets mean."""
        if type(item) is str:
            return self._filter(view, item)
        given: Any = item
        match item:
            case None:
                return view
            case tuple() | list():
                for part in given:
                    view = view[part]
                return view
            case set() | frozenset():
                parts = [view[part] for part in given]
                if not all(isinstance(part, View) for part in parts):
                    message = f'Unsupported filtering criteria: {item!r}; numbers in a set mean nothing'
                    raise UnsupportedCriterionError(message, given)
                return self.unite(parts) if parts else view
            case slice():
                return Slicer(view, given)
            case EllipsisType():
                return Stream(view)
            case View():
                message = f'Unsupported filtering criteria: {item!r} is a view; combine views with | & -'
                raise UnsupportedCriterionError(message, given)
            case _:
                return self._filter(view, item)

    def _filter(self, view: View[RequestT], item: Any) -> View[RequestT]:
        criteria = notations.parse(item)
        known: Any = view
        if known.__class__ is Filter:
            merged = known.criteria.merge(criteria)
            if merged is not None:
                return Filter(known.source, merged)
        made = Filter(view, criteria)
        if not criteria.pure:
            self._track(made)
        return made

    def _track(self, view: Tracked[RequestT]) -> None:
        with self.lock:
            if view.tracked:
                return
            view.records()
            view.track(len(self.log))
            self.sequence += 1
            tracker = Tracker(view, self.sequence)
            plan = plan_of(view.source)
            self.trackers.add(tracker, tracker.rank, plan._replace(check=None))
            weakref.finalize(view, self.trackers.remove, tracker.rank, plan.key).atexit = False

    def unite(self, views: Sequence[View[RequestT]], /) -> View[RequestT]:
        """The union of views."""
        self._demand_own(views)
        return views[0] if len(views) == 1 else OrGroup(views)

    def intersect(self, views: Sequence[View[RequestT]], /) -> View[RequestT]:
        """The intersection of views."""
        self._demand_own(views)
        return AndGroup(views)

    def exclude(self, view: View[RequestT], other: View[RequestT], /) -> View[RequestT]:
        """The difference of views."""
        self._demand_own((view, other))
        return Exclusion(view, other)

    def _demand_own(self, views: Sequence[View[RequestT]]) -> None:
        if any(view.workshop is not self.root.workshop for view in views):
            shown = ' and '.join(repr(view) for view in views)
            raise KMockError(f'views of different handlers can not be combined: {shown}')

    def prioritise(self, view: View[RequestT], priority: float, /) -> View[RequestT]:
        """The view with one more priority."""
        return Priority(view, priority)

    # ---- Rules ----

    def react(self, view: View[RequestT], payloads: Sequence[Any], /) -> Reaction[RequestT]:
        """Make a rule of payloads: what ``<<`` does."""
        return self._define(view, self.extend_reply(EMPTY, payloads, ()))

    def affect(self, view: View[RequestT], sinks: Sequence[Any], /) -> Reaction[RequestT]:
        """Make a rule of side effects: what ``>>`` does."""
        return self._define(view, self.extend_reply(EMPTY, (), sinks))

    def extend_reply(self, reply: Reply, payloads: Sequence[Any], sinks: Sequence[Any], /) -> Reply:
        """Add payloads and sinks to a reply."""
        for payload in payloads:
            if isinstance(payload, View):
                message = f'Unsupported payload type: {payload!r} is a view of requests'
                raise UnsupportedPayloadError(message, cast('object', payload))
            if isinstance(payload, SinkBox):
                reply = reply.extend_effect(payload.effect)
            else:
                # Only what repeats something can warn; then the warning has to point at the line of the test.
                reply = reply.extend(payload, stacklevel=1 + levels_to_caller() if reply.metadata else 1)
        for sink in sinks:
            effect = adapt_sink(sink)
            if sink is not None:
                reply = reply.extend_effect(effect)
        return reply

    def _define(self, view: View[RequestT], reply: Reply) -> Reaction[RequestT]:
        self._prepare(view)
        with self.lock:
            self.sequence += 1
            rank = rank_of(view.priorities, self.sequence)
            reaction = Reaction(view, reply, rank, locate_caller())
            self._install(reaction)
            self.changes.append(Change(reaction, None))
        return reaction

    def _install(self, reaction: Reaction[RequestT]) -> None:
        self.rules[reaction.rank[1]] = reaction
        self.index.add(reaction, reaction.rank, plan_of(reaction.source), reaction.reply.answer)

    def replace(self, old: Reaction[RequestT], reply: Reply, /) -> Reaction[RequestT]:
        """Put a longer reaction in the place of an old one."""
        with self.lock:
            longer = Reaction(old.source, reply, old.rank, old.place)
            old.active = False
            self._install(longer)
            self.changes.append(Change(longer, old))
        return longer

    def _prepare(self, view: View[Any]) -> None:
        """Let the positions of slices be counted from now on, and refuse what can't be a rule."""
        if type(view) is Filter and view.source is self.root:
            return  # most rules are no more than this
        if isinstance(view, (Stream, Reaction)):
            raise KMockError(f'{view!r} can have no reactions of its own: make the rule on {view.source!r}')
        if isinstance(view, Slicer) and isinstance(view.source, Tracked):
            self._track(view.source)
        if isinstance(view, Chained):
            self._prepare(view.source)
        if isinstance(view, Exclusion):
            self._prepare(view.excluded)
        if isinstance(view, Group):
            for source in view.sources:
                self._prepare(source)

    # ---- Requests ----

    def hand_out(self) -> None:
        """Hand the requests out to the reactions that have served them at once, up to the latest one.

        On the way of a request, only `served_by` is written: the list of a reaction is one more cold place of memory.
        """
        if self._handed_out == len(self.log):
            return
        with self.lock:
            for number in range(self._handed_out, len(self.log)):
                reaction = self.served_by[number]
                if reaction is not None:
                    reaction.take(self.log[number])
            self._handed_out = len(self.log)

    def _note_use(self) -> None:
        """Let the rules know that they have served, without handing every request out: there may be very many."""
        with self.lock:
            for rule in set(self.served_by[self._handed_out :]):
                if rule is not None:
                    rule.was_used = True

    def remembers(self, record: Record, /) -> bool:
        """Tell if a request is in the log: false if it was forgotten while it was served."""
        log = self.log
        return record[0] < len(log) and log[record[0]] is record

    def credit(self, reaction: Reaction[RequestT], record: Record, /) -> None:
        """Note that a rule serves a request."""
        with self.lock:
            if self.remembers(record):
                reaction.take(record)
                self.served_by[record[0]] = reaction

    def miss(self, record: Record, /) -> None:
        """Note that no rule has answered a request."""
        with self.lock:
            if self.remembers(record):
                self.unmatched.append(record)

    def pass_on(self, reaction: Reaction[RequestT], record: Record, outcome: Outcome, /) -> None:
        """Note that a rule has not answered a request."""
        with self.lock:
            remembered = self.remembers(record)
            if remembered:
                self.served_by[record[0]] = None
            if outcome is not Outcome.SILENT:
                if remembered:
                    reaction.give_back(record)
                reaction.exhausted = outcome is Outcome.DEPLETED
                if reaction.exhausted:
                    self.depleted.append(reaction)

    def look_at(self, record: Record, scope: Scope, /) -> Any:
        """The one `Request` of a record, as it is looked at through a view."""
        known = self.known.get(record[0])
        if known is None or known.record is not record:
            served_by = None
            with self.lock:
                known = self._make_request(record)
                if self.remembers(record):
                    known = self.known.setdefault(record[0], known)
                    served_by = self.served_by[record[0]]
            if served_by is not None:
                known.scope(served_by)
        if scope is not self.root:
            known.scope(scope)
        return known

    def _make_request(self, record: Record) -> Request:
        return request_of(record, self.request_type)

    # ---- Demands ----

    def expect(self, view: View[RequestT], /, **bounds: object) -> None:
        """Expect so many requests of a view or of a rule: what `View.times` does."""
        with self.lock:
            self.demands.expect(view, bounds)

    def unmet(self, *, leaving: bool = False) -> list[Expectation[RequestT]]:
        """The expectations that are not met by now; see `Demands.unmet`."""
        with self.lock:
            return self.demands.unmet(leaving=leaving)

    def grade(self, rule: Reaction[RequestT], /, *, errors: bool | None = None, use: bool | None = None) -> None:
        """Note how strict a rule is: if its errors are raised in the end, and if it must be used."""
        with self.lock:
            self.demands.grade(rule.rank[1], errors=errors, use=use)

    def describe_demands(self, rule: Reaction[RequestT], /) -> str:
        """What is demanded of a rule, in a few words."""
        return self.demands.describe(rule.rank[1])

    def idle_rules(self, *, by_default: bool, leaving: bool = False) -> list[Reaction[RequestT]]:
        """The rules that must be used and never were.

        Args:
            by_default: also those that have not said so themselves.
            leaving: also those that last: they are used up to the end.
        """
        with self.lock:
            self._note_use()
            rules = self.rules if leaving else {change.made.rank[1]: change.made for change in self.changes}
            return self.demands.idle_among(rules.values(), by_default=by_default)

    # ---- Forgetting ----

    def checkpoint(self) -> None:
        """Let the rules and the expectations made so far last."""
        with self.lock:
            self.demands.keep()
            self.changes = []
            self.depleted = []

    def forget(self) -> None:
        """Forget the requests, and what was made since the checkpoint; views find that out by the epoch."""
        with self.lock:
            self._note_use()
            self.epoch += 1
            self.log = Log()
            self.served_by = []
            self.unmatched = []
            self.known = weakref.WeakValueDictionary()
            self._handed_out = 0
            self._forget_rules()
            self.demands.forget()
            self.live.end()
        self.notify()

    def _forget_rules(self) -> None:
        for made, replaced in reversed(self.changes):
            made.active = False
            if replaced is not None:
                replaced.active = True
                self._install(replaced)
            else:
                del self.rules[made.rank[1]]
                self.index.remove(made.rank, plan_of(made.source).key)
        for rule in self.depleted:
            rule.exhausted = False
        self.changes = []
        self.depleted = []

    # ---- Waiting ----

    def notify(self) -> None:
        """Let those who wait look if their time has come."""
        for waiter in list(self.waiters):
            waiter()

    async def wait(self, view: View[RequestT], count: int, timeout: float | None, /) -> list[RequestT]:
        """Wait until a view has so many requests; see `View.wait`."""
        return await waiting.wait(self, view, count, timeout)

    def wait_sync(self, view: View[RequestT], count: int, timeout: float | None, /) -> list[RequestT]:
        """The blocking twin of `wait`."""
        return waiting.wait_sync(self, view, count, timeout)
