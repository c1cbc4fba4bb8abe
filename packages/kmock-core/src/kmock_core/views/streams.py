"""The requests that stand at a feeding point, and the feeding of them: ``kmock[...] << event``."""

from collections.abc import Sequence
from typing import Protocol, cast

from kmock_core.live.bus import Feeding, LiveBus, Point
from kmock_core.rendering.compiling import compile_payload
from kmock_core.rendering.nodes import find_plain
from kmock_core.sinks.adapters import SinkBox, adapt_sink
from kmock_core.values.requests import Record, Request
from kmock_core.views.base import View, has_record
from kmock_core.views.chained import Chained
from kmock_core.views.typing import Payload, RequestT, Sink


class LiveRoot(Protocol):
    """What a stream needs of the root."""

    @property
    def live(self) -> LiveBus: ...


class Stream(Chained[RequestT]):
    """The requests of a view that wait at a feeding point (``...``) now.

    ``<<`` feeds them and ``>>`` delivers them to a sink, at once; both may be called from any thread. What is fed
    to one stream object before the streams have consumed it is one batch; after that, it can't be fed again.

    In the thread of the streams' event loop, a batch is consumed at the next turn of the loop. In other threads, it is
    when the statement is over, or rather when the stream object is gone; one that is kept, is after 50 milliseconds.
    """

    __slots__ = ('_epoch', '_feeding')

    def __init__(self, source: View[RequestT]) -> None:
        super().__init__(source)
        self._feeding: Feeding | None = None
        self._epoch = self._workshop.epoch

    def __del__(self) -> None:
        feeding = self._feeding
        if feeding is not None and feeding.held:
            self._live.deliver(feeding)

    def __repr__(self) -> str:
        return f'{self.source!r}[...]'

    @property
    def steady(self) -> bool:
        return False

    @property
    def _live(self) -> LiveBus:
        return cast('LiveRoot', self.workshop).live

    def _select(self, points: list[Point]) -> list[Point]:
        if self.source.steady:
            return [point for point in points if self.source.accepts(point.request)]
        known = self.source.records()
        return [point for point in points if has_record(known, point.request.id)]

    def records(self) -> Sequence[Record]:
        waiting = self._select(self._live.waiting())
        return sorted((point.request.record for point in waiting), key=lambda record: record[0])

    def accepts(self, request: Request, /) -> bool:
        return any(point.request is request for point in self._select(self._live.points()))

    def __lshift__(self, payload: Payload[RequestT]) -> 'Stream[RequestT]':  # type: ignore[override]  # feeds, no rule
        return self.feed(payload)

    __rrshift__ = __lshift__  # type: ignore[assignment]  # feeds, no rule

    def __rshift__(self, sink: Sink[RequestT]) -> 'Stream[RequestT]':  # type: ignore[override]  # feeds, no rule
        return self.effect(sink)

    __rlshift__ = __rshift__  # type: ignore[assignment]  # feeds, no rule

    def respond(self, *payloads: Payload[RequestT]) -> 'Stream[RequestT]':  # type: ignore[override]  # feeds, no rule
        return self.feed(*payloads)

    def effect(self, *sinks: Sink[RequestT]) -> 'Stream[RequestT]':  # type: ignore[override]  # feeds, no rule
        effects = [adapt_sink(sink) for sink in sinks]
        feeding, is_new = self._open()
        for effect in effects:
            feeding.add_effect(effect)
        return self._post(feeding, is_new)

    def feed(self, *items: Payload[RequestT]) -> 'Stream[RequestT]':
        """Feed the items to the requests that wait now."""
        boxes = [item for item in items if isinstance(item, SinkBox)]
        compiled = [compile_payload(item) for item in items if not isinstance(item, SinkBox)]
        feeding, is_new = self._open()
        for node in compiled:
            feeding.add(node)
        for box in boxes:
            feeding.add_effect(box.effect)
        return self._post(feeding, is_new)

    def _open(self) -> tuple[Feeding, bool]:
        known = self._epoch == self._workshop.epoch
        if known and self._feeding is not None and self._feeding.points:  # what nobody was there for can't be continued
            self._feeding.check()
            return self._feeding, False
        self._epoch = self._workshop.epoch
        self._feeding = Feeding(self._select(self._live.points()), find_plain)
        return self._feeding, True

    def _post(self, feeding: Feeding, is_new: bool) -> 'Stream[RequestT]':
        if is_new:
            self._live.post(feeding)
        return self

    async def wait(self, count: int = 1, *, timeout: float | None = 5.0) -> list[RequestT]:
        """Wait until at least `count` requests of the view stand at a feeding point, and return them.

        Args:
            count: how many requests.
            timeout: seconds of the loop's clock; None is no limit.

        Raises:
            WaitTimeoutError: the time is over; the message tells who stands there.
        """
        return await super().wait(count, timeout=timeout)
