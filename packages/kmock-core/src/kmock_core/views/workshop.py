"""The workshop of a handler: owns the log of requests and the rules, and makes views of views."""

import asyncio
import concurrent.futures
import threading
import weakref
from collections.abc import Callable, Sequence
from types import EllipsisType
from typing import Any, Generic, cast

from kmock_core.criteria import notations
from kmock_core.errors import KMockError, UnsupportedCriterionError, UnsupportedPayloadError, WaitTimeoutError
from kmock_core.live.bus import LiveBus
from kmock_core.rendering.reply import EMPTY, Reply
from kmock_core.sinks.adapters import SinkBox, adapt_sink
from kmock_core.values.log import Log
from kmock_core.values.requests import Record, Request, Scope, request_of
from kmock_core.views.base import View
from kmock_core.views.chained import Chained, Exclusion, Filter, Priority, Slicer, Tracked
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


class Workshop(Generic[RequestT]):
    """The one owner of the mutable state of a handler: the log, the rules, the trackers, the live streams.

    Rules may be made and views may be read in any thread, under the lock; requests arrive in the loops of servers.
    """

    def __init__(self, root: View[RequestT]) -> None:
        self.root: View[RequestT] = root
        self.lock: threading.RLock = threading.RLock()
        self.log: Log = Log()
        self.served_by: list[Reaction[RequestT] | None] = []
        self.known: weakref.WeakValueDictionary[int, Request] = weakref.WeakValueDictionary()
        self.rules: dict[int, Reaction[RequestT]] = {}
        self.index: Index[Reaction[RequestT]] = Index()
        self.trackers: Index[Tracker] = Index()
        self.sequence: int = 0
        self._handed_out: int = 0
        self.waiters: list[Callable[[], None]] = []
        self.live: LiveBus = LiveBus(self.notify)

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
        with self.lock:
            for number in range(self._handed_out, len(self.log)):
                reaction = self.served_by[number]
                if reaction is not None:
                    reaction.own.append(self.log[number])
            self._handed_out = len(self.log)

    def look_at(self, record: Record, scope: Scope, /) -> Any:
        """The one `Request` of a record, as it is looked at through a view."""
        known = self.known.get(record[0])
        if known is None:
            with self.lock:
                known = self.known.setdefault(record[0], self._make_request(record))
                served_by = self.served_by[record[0]] if record[0] < len(self.served_by) else None
            if served_by is not None:
                known.scope(served_by)
        if scope is not self.root:
            known.scope(scope)
        return known

    def _make_request(self, record: Record) -> Request:
        return request_of(record)

    # ---- Waiting ----

    def notify(self) -> None:
        """Let those who wait look if their time has come."""
        for waiter in list(self.waiters):
            waiter()

    async def wait(self, view: View[RequestT], count: int, timeout: float | None, /) -> list[RequestT]:
        """Wait until a view has so many requests; see `View.wait`."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[None] = loop.create_future()
        due = False

        def look() -> None:
            nonlocal due
            due = False
            try:
                if len(view) >= count and not future.done():
                    future.set_result(None)
            except Exception as exc:  # of a criterion: it is for the one who waits
                if not future.done():
                    future.set_exception(exc)

        def check() -> None:  # a thousand streams that come to a feeding point at once are counted once
            nonlocal due
            if not due:
                due = True
                loop.call_soon_threadsafe(look)

        self.waiters.append(check)
        try:
            if len(view) < count:
                async with asyncio.timeout(timeout):
                    await future
        except TimeoutError:
            raise WaitTimeoutError(self._describe_wait(view, count, timeout)) from None
        finally:
            self.waiters.remove(check)
        return list(view)

    def wait_sync(self, view: View[RequestT], count: int, timeout: float | None, /) -> list[RequestT]:
        """The blocking twin of `wait`."""
        future: concurrent.futures.Future[None] = concurrent.futures.Future()

        def check() -> None:
            if len(view) >= count and not future.done():
                future.set_result(None)

        self.waiters.append(check)
        try:
            if len(view) < count:
                future.result(timeout)
        except TimeoutError:
            raise WaitTimeoutError(self._describe_wait(view, count, timeout)) from None
        finally:
            self.waiters.remove(check)
        return list(view)

    def _describe_wait(self, view: View[RequestT], count: int, timeout: float | None) -> str:
        arrived = '\n'.join(f'  {request!r}' for request in self.root) or '  nothing'
        return (
            f'{count} requests of {view!r} did not come in {timeout} s, only {len(view)}. What did arrive:\n{arrived}'
        )
