"""The index of rules: those that can match a method and a path are found by dictionary, in the order of their ranks."""

import threading
from bisect import bisect_left, insort
from collections.abc import Callable
from typing import Any, Generic, NamedTuple, Protocol, TypeVar

from kmock_core.criteria.http import HTTPCriteria, RequestCheck
from kmock_core.values.requests import Request, decode_path, split_target
from kmock_core.views.base import View
from kmock_core.views.chained import Chained, Filter, Priority

MEMO_SIZE = 16_384
"""How many (method, target) pairs are remembered with their candidates."""

Rank = tuple[tuple[float, ...], int]

_PADDING = 32
_NO_PRIORITY = (0.0,) * _PADDING


def rank_of(priorities: tuple[float, ...], sequence: int) -> Rank:
    """The place in the order: by the stacked priorities, padded with zeros, the higher first; then the first defined."""
    if not priorities:
        return _NO_PRIORITY, sequence
    return tuple(-p for p in priorities) + (0.0,) * (_PADDING - len(priorities)), sequence


class Plan(NamedTuple):
    """How to ask a view: what an index can use, what depends on the target alone, and the rest."""

    key: tuple[str | None, str | None]
    """The exact method and path, where there are such."""
    target_checks: tuple[RequestCheck, ...]
    """Depend on the method and the target alone: asked once for each of them."""
    check: Callable[[Request], bool] | None
    """Asked for each request; None if there is nothing more to ask."""


def plan_of(view: View[Any]) -> Plan:
    """Find out how a view can be asked."""
    method = path = None
    target_checks: list[RequestCheck] = []
    rest_checks: list[RequestCheck] = []
    plain = True
    node = view
    while isinstance(node, Chained):
        if isinstance(node, Filter) and isinstance(node.criteria, HTTPCriteria):
            criteria = node.criteria
            method = method or criteria.exact_method
            path = path or criteria.exact_path
            if criteria.target_check is not None:
                target_checks.append(criteria.target_check)
            if criteria.rest_check is not None:
                rest_checks.append(criteria.rest_check)
        elif not isinstance(node, Priority):
            plain = False
        node = node.source
    if not plain or node is not view.workshop.root:
        return Plan((method, path), tuple(target_checks), view.accepts)
    return Plan((method, path), tuple(target_checks), _all_of(rest_checks))


def _all_of(checks: list[RequestCheck]) -> RequestCheck | None:
    if not checks:
        return None
    if len(checks) == 1:
        return checks[0]
    return lambda request: all(check(request) for check in checks)


class Ranked(Protocol):
    """What can be put into an index."""

    @property
    def rank(self) -> Rank: ...


EntryT = TypeVar('EntryT', bound=Ranked)


class Entry(Generic[EntryT]):
    """A thing in the index with the plan of its view."""

    __slots__ = ('check', 'item', 'key', 'rank', 'target_checks')

    def __init__(self, item: EntryT, rank: Rank, plan: Plan) -> None:
        self.item = item
        self.rank = rank
        self.key, self.target_checks, self.check = plan


Candidate = tuple[EntryT, RequestCheck | None]


class Index(Generic[EntryT]):
    """Entries by method and path; any thread may change it, under its lock."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._buckets: dict[tuple[str | None, str | None], list[Entry[EntryT]]] = {}
        self.memo: dict[tuple[str, str], tuple[Candidate[EntryT], ...]] = {}

    def __bool__(self) -> bool:
        return bool(self._buckets)

    def add(self, item: EntryT, rank: Rank, plan: Plan) -> None:
        """Add a thing, or replace the one of the same rank."""
        entry = Entry(item, rank, plan)
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
        return tuple(
            (entry.item, entry.check)
            for entry in entries
            if not entry.target_checks or all(check(request) for check in entry.target_checks)
        )


def _rank(entry: Entry[Any]) -> Rank:
    return entry.rank
