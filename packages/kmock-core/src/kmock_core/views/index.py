"""The index of rules: those that can match a method and a path are found by dictionary, in the order of their ranks."""

import threading
from bisect import bisect_left, insort
from collections.abc import Callable
from typing import Any, Generic, NamedTuple, Protocol, TypeVar, cast

from kmock_core.criteria.base import Criteria
from kmock_core.criteria.http import HTTPCriteria, RequestCheck, all_of
from kmock_core.values.requests import Request, decode_path, split_target
from kmock_core.values.responses import Answer
from kmock_core.views.base import View
from kmock_core.views.chained import Chained, Filter, Priority
from kmock_core.views.groups import OrGroup

MEMO_SIZE = 16_384
"""How many (method, target) pairs are remembered with their candidates."""

Rank = tuple[tuple[float, ...], int]

_NO_PRIORITY = (0.0,)


def rank_of(priorities: tuple[float, ...], sequence: int) -> Rank:
    """The place in the order: by the stacked priorities, padded with zeros, the higher first; then by definition."""
    if not priorities:
        return _NO_PRIORITY, sequence
    # The padding is endless, so it is not written: each priority goes with the number of zeros before it. More zeros
    # before a positive priority are worse, before a negative one better; and the end is neither.
    key: list[float] = []
    zeros = 0
    for priority in priorities:
        if priority:
            key += (-1, zeros, -priority) if priority > 0 else (1, -zeros, -priority)
            zeros = 0
        else:
            zeros += 1
    return (*key, 0), sequence


class Plan(NamedTuple):
    """How to ask a view: what an index can use, what depends on the target alone, and the rest."""

    key: tuple[str | None, str | None]
    """The exact method and path, where there are such."""
    target_check: RequestCheck | None
    """What depends on the method and the target alone and is not said by the key: asked once for each of them."""
    check: Callable[[Request], bool] | None
    """Asked for each request; None if there is nothing more to ask."""


def plan_of(view: View[Any]) -> Plan:
    """Find out how a view can be asked."""
    method = path = None
    node = view
    if type(node) is Filter and node.source is node.workshop.root and type(node.criteria) is HTTPCriteria:
        criteria = node.criteria  # most rules are no more than this
        method, path = criteria.exact_method, criteria.exact_path
        return Plan((method, path), criteria.residual_check(method, path), criteria.rest_check)
    while isinstance(node, Chained):
        if isinstance(node, Filter) and type(node.criteria) is HTTPCriteria:
            method = method or node.criteria.exact_method
            path = path or node.criteria.exact_path
        node = node.source
    checks = _compile(view, method, path)
    if checks is None:
        return Plan((method, path), None, view.accepts)
    return Plan((method, path), *checks)


_Checks = tuple[RequestCheck | None, RequestCheck | None]


def _compile(view: View[Any], method: str | None, path: str | None) -> _Checks | None:
    """The check of the target and the check of the rest; None if the view has to be asked as it is."""
    targets: list[RequestCheck] = []
    rests: list[RequestCheck] = []
    node = view
    root = view.workshop.root
    while node is not root:
        if isinstance(node, Filter) and not node.tracked and node.criteria.pure:
            target, rest = _compile_criteria(node.criteria, method, path)
        elif isinstance(node, OrGroup):
            checks = _compile_union(node)
            if checks is None:
                return None
            target, rest = checks
        elif isinstance(node, Priority):
            target = rest = None
        else:
            return None
        if target is not None:
            targets.append(target)
        if rest is not None:
            rests.append(rest)
        if not isinstance(node, Chained):
            break
        node = node.source
    return all_of(targets[::-1]), all_of(rests[::-1])


def _compile_criteria(criteria: Criteria, method: str | None, path: str | None) -> _Checks:
    if type(criteria) is HTTPCriteria:
        return criteria.residual_check(method, path), criteria.rest_check
    return criteria.target_check, cast('RequestCheck | None', criteria.rest_check)  # pure ones give no awaitables


def _compile_union(group: OrGroup[Any]) -> _Checks | None:
    compiled = [_compile(source, None, None) for source in group.sources]
    pairs = [pair for pair in compiled if pair is not None]
    if len(pairs) < len(compiled):
        return None
    if all(rest is None for _, rest in pairs):
        targets = [target for target, _ in pairs]
        return lambda request: any(target is None or target(request) for target in targets), None
    wholes = [all_of([check for check in pair if check is not None]) for pair in pairs]
    return None, lambda request: any(whole is None or whole(request) for whole in wholes)


class Ranked(Protocol):
    """What can be put into an index."""

    @property
    def rank(self) -> Rank: ...


EntryT = TypeVar('EntryT', bound=Ranked)


Candidate = tuple[EntryT, RequestCheck | None, Answer | None]
"""A thing that may fit, what is left to be asked, and its answer if that is ready: it saves ways through memory."""


class Entry(Generic[EntryT]):
    """A thing in the index with the plan of its view."""

    __slots__ = ('alone', 'item', 'key', 'rank', 'target_check')

    def __init__(self, item: EntryT, rank: Rank, plan: Plan, ready: Answer | None) -> None:
        self.item: EntryT = item
        self.rank: Rank = rank
        self.key: tuple[str | None, str | None] = plan.key
        self.target_check: RequestCheck | None = plan.target_check
        self.alone: tuple[Candidate[EntryT], ...] = ((item, plan.check, ready),)


class Index(Generic[EntryT]):
    """Entries by method and path; any thread may change it, under its lock."""

    def __init__(self) -> None:
        self._lock = threading.RLock()  # the collector may remove a tracker from within
        self._buckets: dict[tuple[str | None, str | None], list[Entry[EntryT]]] = {}
        self.memo: dict[tuple[str, str], tuple[Candidate[EntryT], ...]] = {}

    def __bool__(self) -> bool:
        return bool(self._buckets)

    def add(self, item: EntryT, rank: Rank, plan: Plan, ready: Answer | None = None) -> None:
        """Add a thing, or replace the one of the same rank."""
        entry = Entry(item, rank, plan, ready)
        with self._lock:
            bucket = self._buckets.setdefault(entry.key, [])
            if not bucket or bucket[-1].rank < rank:
                bucket.append(entry)
            else:
                position = bisect_left(bucket, rank, key=_rank)
                if position < len(bucket) and bucket[position].rank == rank:
                    bucket[position] = entry
                else:
                    insort(bucket, entry, key=_rank)
            if self.memo:
                self.memo = {}

    def remove(self, rank: Rank, key: tuple[str | None, str | None]) -> None:
        """Remove the thing of that rank."""
        with self._lock:
            bucket = self._buckets.get(key, [])
            bucket[:] = [entry for entry in bucket if entry.rank != rank]
            if not bucket:
                self._buckets.pop(key, None)
            self.memo = {}

    def clear(self) -> None:
        """Remove all."""
        with self._lock:
            self._buckets.clear()
            self.memo = {}

    def candidates(self, request: Request) -> tuple[Candidate[EntryT], ...]:
        """The things whose method and target fit the request, in the order of ranks, with what is left to be asked."""
        key = (request.method_name, request.target)
        found = self.memo.get(key)
        if found is None:
            with self._lock:
                found = self._find(request)
                if len(self.memo) >= MEMO_SIZE:
                    self.memo = {}
                self.memo[key] = found
        return found

    def _find(self, request: Request) -> tuple[Candidate[EntryT], ...]:
        method, target = request.method_name, request.target
        raw_path = split_target(target)[0]
        path = decode_path(raw_path)
        buckets = self._buckets
        entries: list[Entry[EntryT]] = []
        lists = 0
        keys = [(method, path), (None, path), (method, None), (None, None)]
        if raw_path != path:
            keys += [(method, raw_path), (None, raw_path)]
        for key in keys:
            bucket = buckets.get(key)
            if bucket:
                entries += bucket
                lists += 1
        if lists > 1:
            entries.sort(key=_rank)
        fitting = [entry for entry in entries if entry.target_check is None or entry.target_check(request)]
        if len(fitting) == 1:
            return fitting[0].alone
        return tuple([entry.alone[0] for entry in fitting])


def _rank(entry: Entry[Any]) -> Rank:
    return entry.rank
