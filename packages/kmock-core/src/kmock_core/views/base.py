"""The base of all views: a live sequence of requests with operators that make other views, and reactions."""

import threading
from abc import abstractmethod
from bisect import bisect_left
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from types import EllipsisType
from typing import TYPE_CHECKING, Any, Generic, Protocol, Self, cast, overload

from kmock_core.criteria.base import Finding
from kmock_core.values.requests import Record, Request
from kmock_core.views.typing import Criterions, Payload, RequestT, Sink

if TYPE_CHECKING:
    from kmock_core.views.chained import Exclusion, Priority, Slicer
    from kmock_core.views.groups import AndGroup, OrGroup
    from kmock_core.views.reactions import Reaction
    from kmock_core.views.streams import Stream
    from kmock_core.views.typing import Parts

INFINITY = float('inf')


class Workshop(Protocol):
    """What makes views of views: the root. It knows all kinds of them, so that none has to know the others."""

    lock: threading.RLock
    epoch: int
    """How often all requests were forgotten: what views have found before another epoch is void."""
    request_type: type[Request]
    """The class of the requests that views and criteria are asked about."""

    def select(self, view: Any, item: Any, /) -> Any: ...
    def unite(self, views: 'Sequence[View[RequestT]]', /) -> 'OrGroup[RequestT]': ...
    def intersect(self, views: 'Sequence[View[RequestT]]', /) -> 'AndGroup[RequestT]': ...
    def exclude(self, view: 'View[RequestT]', other: 'View[RequestT]', /) -> 'Exclusion[RequestT]': ...
    def prioritise(self, view: 'View[RequestT]', priority: float, /) -> 'Priority[RequestT]': ...
    def react(self, view: 'View[RequestT]', payloads: Sequence[Any], /) -> 'Reaction[RequestT]': ...
    def affect(self, view: 'View[RequestT]', sinks: Sequence[Any], /) -> 'Reaction[RequestT]': ...
    def look_at(self, record: Record, scope: Any, /) -> Any: ...
    def remembers(self, record: Record, /) -> bool: ...
    def expect(self, view: 'View[RequestT]', /, **bounds: object) -> None: ...
    @property
    def root(self) -> Any: ...
    async def wait(self, view: 'View[RequestT]', count: int, timeout: float | None, /) -> list[RequestT]: ...
    def wait_sync(self, view: 'View[RequestT]', count: int, timeout: float | None, /) -> list[RequestT]: ...


class View(Generic[RequestT]):
    """A description of requests: ``kmock['get /path']``.

    As a sequence it holds the recorded requests that match, in the order of arrival, always up to date. With ``<<``
    and ``>>`` it gets reactions. Views of views narrow it down or combine it: ``v[...]``, ``|``, ``&``, ``-``, ``~``,
    ``**``.
    """

    __slots__ = ()

    # ---- What the kinds of views define ----

    @property
    @abstractmethod
    def workshop(self) -> Workshop:
        """The root of all views of a handler."""
        raise NotImplementedError

    @abstractmethod
    def records(self) -> Sequence[Record]:
        """The records that match, up to date; not to be changed."""
        raise NotImplementedError

    @abstractmethod
    def accepts(self, request: Request, /) -> bool:
        """Say if the request that has just arrived matches; at arrival only."""
        raise NotImplementedError

    @property
    def priorities(self) -> tuple[float, ...]:
        """The stacked priorities: higher first, compared as tuples padded with zeros."""
        return ()

    @property
    def steady(self) -> bool:
        """True if a record that matched will match for ever: then a view on top can go on from where it was."""
        return True

    def captures(self, request: Request, /) -> Mapping[str, str]:
        """What the placeholders of paths capture from the request."""
        return {}

    def explain(self, request: Request, /) -> list[Finding]:
        """What every criterion says of the request."""
        return []

    # ---- A sequence of requests ----

    @property
    def requests(self) -> list[RequestT]:
        """The recorded requests that match, as a list."""
        return list(self)

    def __len__(self) -> int:
        return len(self.records())

    def __bool__(self) -> bool:
        return bool(self.records())

    def __iter__(self) -> Iterator[RequestT]:
        return iter([cast('RequestT', self.workshop.look_at(record, self)) for record in tuple(self.records())])

    def __reversed__(self) -> Iterator[RequestT]:
        return reversed(list(iter(self)))

    async def __aiter__(self) -> AsyncIterator[RequestT]:
        for request in self:
            yield request

    def __contains__(self, item: object) -> bool:
        return isinstance(item, Request) and any(item is request for request in self)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, View):
            theirs = cast('View[Any]', cast('object', other))
            return self is theirs or (self.workshop is theirs.workshop and list(self) == list(theirs))
        if isinstance(other, (list, tuple)):
            return list(self) == list(cast('Sequence[object]', other))
        return NotImplemented

    def __hash__(self) -> int:
        return object.__hash__(self)

    async def wait(self, count: int = 1, *, timeout: float | None = 5.0) -> list[RequestT]:
        """Wait until at least `count` requests match, and return them.

        Args:
            count: how many requests, including those that came before.
            timeout: seconds of the loop's clock; None is no limit.

        Raises:
            WaitTimeoutError: the time is over; the message tells what did arrive.
        """
        return await self.workshop.wait(self, count, timeout)

    def wait_sync(self, count: int = 1, *, timeout: float | None = 5.0) -> list[RequestT]:
        """The blocking twin of `wait`, for other threads than that of the server."""
        return self.workshop.wait_sync(self, count, timeout)

    # ---- Expectations ----

    def times(self, count: int) -> Self:
        """Expect exactly so many requests in the end; nothing is limited by that.

        What is expected is verified when the outermost context of the handler is left, or by `verify`.
        """
        self.workshop.expect(self, least=count, most=count)
        return self

    def once(self) -> Self:
        """Expect exactly one request in the end."""
        return self.times(1)

    def never(self) -> Self:
        """Expect no request at all."""
        return self.times(0)

    def at_least(self, count: int) -> Self:
        """Expect so many requests or more in the end."""
        self.workshop.expect(self, least=count)
        return self

    def at_most(self, count: int) -> Self:
        """Expect no more requests than that in the end."""
        self.workshop.expect(self, most=count)
        return self

    # ---- Views of this view ----

    # The order decides: bool stands before int, which it is; and int before all that has a truth, as it does.
    @overload
    def __getitem__(self, item: None, /) -> 'View[RequestT]': ...
    @overload
    def __getitem__(self, item: bool, /) -> 'View[RequestT]': ...  # type: ignore[overload-overlap]
    @overload
    def __getitem__(self, item: int, /) -> RequestT: ...  # type: ignore[overload-overlap]
    @overload
    def __getitem__(self, item: slice, /) -> 'Slicer[RequestT]': ...
    @overload
    def __getitem__(self, item: EllipsisType, /) -> 'Stream[RequestT]': ...
    @overload
    def __getitem__(self, item: 'tuple[*Parts[RequestT], bool]', /) -> 'View[RequestT]': ...  # type: ignore[overload-overlap]
    @overload
    def __getitem__(self, item: 'tuple[*Parts[RequestT], int]', /) -> RequestT: ...  # type: ignore[overload-overlap]
    @overload
    def __getitem__(self, item: 'tuple[*Parts[RequestT], EllipsisType]', /) -> 'Stream[RequestT]': ...
    @overload
    def __getitem__(self, item: Criterions[RequestT], /) -> 'View[RequestT]': ...
    def __getitem__(self, item: Any, /) -> Any:
        """Narrow down by criteria, or take the n-th request, or the requests at a feeding point (``[...]``)."""
        if item.__class__ is int:
            position: int = item
            records = self.records()
            try:
                return self.workshop.look_at(records[position], self)
            except IndexError:
                raise IndexError(f'there is no request {position} of {self!r}, only {len(records)} came') from None
        return self.workshop.select(self, item)

    def __or__(self, other: 'View[RequestT]') -> 'OrGroup[RequestT]':
        if not isinstance(cast('object', other), View):
            return NotImplemented
        return self.workshop.unite((self, other))

    def __and__(self, other: 'View[RequestT]') -> 'AndGroup[RequestT]':
        if not isinstance(cast('object', other), View):
            return NotImplemented
        return self.workshop.intersect((self, other))

    def __sub__(self, other: 'View[RequestT]') -> 'Exclusion[RequestT]':
        if not isinstance(cast('object', other), View):
            return NotImplemented
        return self.workshop.exclude(self, other)

    def __invert__(self) -> 'Exclusion[RequestT]':
        return self.workshop.exclude(self.workshop.root, self)

    def __pow__(self, priority: float) -> 'Priority[RequestT]':
        if not isinstance(cast('object', priority), (int, float)):
            return NotImplemented
        return self.workshop.prioritise(self, priority)

    @property
    def override(self) -> 'Priority[RequestT]':
        """The same with the highest priority, before all others."""
        return self**INFINITY

    @property
    def fallback(self) -> 'Priority[RequestT]':
        """The same with the lowest priority, after all others."""
        return self**-INFINITY

    # ---- Reactions ----

    def __lshift__(self, payload: Payload[RequestT]) -> 'Reaction[RequestT]':
        return self.workshop.react(self, (payload,))

    __rrshift__ = __lshift__

    def __rshift__(self, sink: Sink[RequestT]) -> 'Reaction[RequestT]':
        return self.workshop.affect(self, (sink,))

    __rlshift__ = __rshift__

    def respond(self, *payloads: Payload[RequestT]) -> 'Reaction[RequestT]':
        """The operator ``<<`` in a form that linters accept as a statement."""
        return self.workshop.react(self, payloads)

    def effect(self, *sinks: Sink[RequestT]) -> 'Reaction[RequestT]':
        """The operator ``>>`` in a form that linters accept as a statement."""
        return self.workshop.affect(self, sinks)

    def feed(self, *items: Payload[RequestT]) -> 'Stream[RequestT]':
        """Feed the requests of this view that wait at a feeding point: ``v[...] << item``, for linters."""
        return self[...].feed(*items)


def has_record(records: Sequence[Record], number: int) -> bool:
    """Tell if a request is among records, which are sorted by their numbers."""
    if records and records[-1][0] == number:
        return True
    position = bisect_left(records, number, key=_number)
    return position < len(records) and records[position][0] == number


def position_of(records: Sequence[Record], number: int) -> int:
    """How many of the records came before the request of that number."""
    if records and records[-1][0] == number:
        return len(records) - 1
    return bisect_left(records, number, key=_number)


def _number(record: Record) -> int:
    return record[0]
