"""Replies: all that stands after ``<<`` and ``>>`` of one rule, ready to be played for any number of requests."""

import inspect
import warnings
from collections.abc import Mapping
from typing import Any, cast

from kmock_core.errors import KMockError, UnsupportedPayloadError
from kmock_core.live.bus import Effect, Point
from kmock_core.rendering import nodes
from kmock_core.rendering.compiling import compile_payload
from kmock_core.rendering.nodes import Node
from kmock_core.rendering.outcomes import Outcome
from kmock_core.rendering.playing import Playback, StreamHost, compile_result, fire, is_stop_iteration
from kmock_core.rendering.shaping import shape_answer
from kmock_core.values import boxes
from kmock_core.values.calls import describe_payload
from kmock_core.values.headers import mentions_only_headers
from kmock_core.values.requests import Request
from kmock_core.values.responses import Answer, Metadata, Response, header_text

_PLAIN = Metadata()


class Reply:
    """What a rule does for its requests: frozen; `extend` and `extend_effect` make longer ones.

    ``answer`` is the ready answer if it is the same for all requests. ``silent`` tells that nothing is ever answered:
    a spy, or effects only.
    """

    __slots__ = (
        '_document', '_fixed', '_made', 'answer', 'effects', 'items', 'metadata', 'payloads', 'shapings', 'silent',
    )  # fmt: skip

    def __init__(
        self,
        metadata: Metadata | None = None,
        items: tuple[Node, ...] = (),
        effects: tuple[Effect, ...] = (),
        payloads: tuple[Any, ...] = (),
        shapings: tuple[tuple[int, nodes.Shaping], ...] = (),
    ) -> None:
        self.metadata: Metadata = _PLAIN if metadata is None else metadata
        self.items: tuple[Node, ...] = items
        self.effects: tuple[Effect, ...] = effects
        self.payloads: tuple[Any, ...] = payloads
        self.shapings: tuple[tuple[int, nodes.Shaping], ...] = shapings
        self.silent: bool = not items and not self.metadata and not shapings
        self._document: nodes.Document | None = None
        self._fixed: nodes.Fixed | None = None
        self._made: Answer | None = None
        self.answer: Answer | None = None
        if not effects and not self.silent and not shapings:
            if not items:
                self.answer = self.metadata.compose(b'')
            elif len(items) == 1 and isinstance(items[0], nodes.Fixed):
                self.answer = self.metadata.compose(items[0].alone, items[0].content_type)
            elif len(items) == 1 and type(items[0]) is nodes.Document:
                self._document = items[0]

    def ready(self) -> Answer | None:
        """The answer if nothing has to be waited for or called: the ready one, or that of a JSON document."""
        document = self._document
        if document is None:
            return self.answer
        node = document.make()
        if self._fixed is not node:
            self._fixed = node
            self._made = self.metadata.compose(node.alone, node.content_type)
        return self._made

    @property
    def response(self) -> Response:
        """The reply in the form in which users write whole answers."""
        bodies = [p for p in self.payloads if not _is_metadata(p)]
        return Response(
            status=self.metadata.status,
            reason=self.metadata.reason,
            headers=self.metadata.headers,
            cookies=self.metadata.cookies,
            payload=bodies[0] if len(bodies) == 1 else tuple(bodies) if bodies else None,
        )

    # ---- Definition ----

    def extend(self, payload: Any, *, stacklevel: int = 1) -> 'Reply':
        """Add a payload as the operator ``<<`` reads it: nothing, a status, headers, cookies, or a body.

        Repetitions are warned of; `stacklevel` says how many frames up is the line to be blamed, 1 is the caller's.
        """
        if payload is None:
            return Reply(self.metadata, self.items, self.effects, (*self.payloads, None), self.shapings)
        metadata = self._read_metadata(payload)
        payloads = (*self.payloads, payload)
        if metadata is not None:
            self._warn_of_repetitions(metadata, stacklevel + 1)
            return Reply(metadata.over(self.metadata), self.items, self.effects, payloads, self.shapings)
        node = compile_payload(payload)
        if type(node) is nodes.Shaping:
            shapings = (*self.shapings, (len(self.items), node))
            return Reply(self.metadata, self.items, self.effects, payloads, shapings)
        return Reply(self.metadata, (*self.items, node), self.effects, payloads, self.shapings)

    def extend_effect(self, effect: Effect) -> 'Reply':
        """Add a side effect."""
        return Reply(self.metadata, self.items, (*self.effects, effect), self.payloads, self.shapings)

    @staticmethod
    def _read_metadata(payload: Any) -> Metadata | None:
        if type(payload) in _BODIES:
            return None
        if isinstance(payload, int) and not isinstance(payload, bool):
            return Metadata(status=int(payload)) if 100 <= payload <= 999 else None
        if isinstance(payload, (boxes.headers, boxes.cookies)):
            if not isinstance(payload.value, Mapping):
                raise UnsupportedPayloadError(f'Unsupported payload: {payload!r} has no values to send', payload)
            if isinstance(payload, boxes.cookies):
                return Metadata(cookies=payload.value)
            return Metadata(headers=_checked(payload.value))
        if isinstance(payload, Mapping) and mentions_only_headers(cast('Mapping[object, object]', payload)):
            return Metadata(headers=_checked(cast('Mapping[str, Any]', payload)))
        return None

    def _warn_of_repetitions(self, new: Metadata, stacklevel: int) -> None:
        known = self.metadata
        stacklevel += 1
        if new.status is not None and known.status is not None:
            _warn(f'Ambiguous statuses: {known.status} vs. {new.status}', stacklevel)
        if new.reason is not None and known.reason is not None:
            _warn(f'Ambiguous reasons: {known.reason!r} vs. {new.reason!r}', stacklevel)
        names = {name.lower() for name in known.headers}
        repeated = [name for name in new.headers if name.lower() in names]
        if repeated:
            _warn(f'Ambiguous headers: {repeated}', stacklevel)
        repeated = [name for name in new.cookies if name in known.cookies]
        if repeated:
            _warn(f'Ambiguous cookies: {repeated}', stacklevel)

    # ---- Playing ----

    async def play(self, request: Request, host: StreamHost) -> Answer | Outcome:
        """Render for one request: an answer, or why there is none."""
        if self.silent:
            await fire(self.effects, request)
            return Outcome.SILENT
        try:
            answer = await self._render(request, host)
        except Exception as exc:
            if not is_stop_iteration(exc):
                if self.effects:  # it is for the request, though it fails; and errors can be meant as answers
                    await fire(self.effects, request)
                raise
            return Outcome.DEPLETED
        if isinstance(answer, Answer) and (self.effects or self.shapings):
            try:
                await fire(self.effects, request)
                if len(self.items) <= 1:
                    answer = await _shape(answer, [shaping for _, shaping in self.shapings], request)
            except BaseException:
                if not isinstance(answer.body, bytes):
                    await answer.body.aclose()
                raise
        return answer

    async def _render(self, request: Request, host: StreamHost) -> Answer | Outcome:
        if len(self.items) == 1:
            return await self._render_alone(self.items[0], request, host)
        if not self.items:
            return self.metadata.compose(b'')
        return await self._stream(Playback(self._stream_items(), request, host), self.metadata)

    def _stream_items(self) -> tuple[Node, ...]:
        """The items of a stream with its shaping faults among them, where they stand."""
        items = list(self.items)
        for position, shaping in reversed(self.shapings):
            items.insert(position, shaping)
        return tuple(items)

    async def _render_alone(self, node: Node, request: Request, host: StreamHost) -> Answer | Outcome:
        metadata = self.metadata
        calls = 0
        while True:
            if isinstance(node, (nodes.Fixed, nodes.Live)):
                chunk = node if isinstance(node, nodes.Fixed) else node.make()
                return metadata.compose(chunk.alone, chunk.content_type)
            outcome = _OUTCOMES.get(type(node))
            if outcome is not None:
                return outcome
            if isinstance(node, nodes.Whole):
                response = node.response
                metadata = Metadata(response.status, response.reason, response.headers, response.cookies).over(metadata)
                node = _EMPTY_BODY if response.payload is None else compile_result(response.payload)
            elif isinstance(node, nodes.Call):
                calls += 1
                if calls > MAX_CALLS:  # it would hang the server
                    raise KMockError(f'callables give callables without end: {describe_payload(node.fn)}')
                # None is "not mine", unless the rule has said what to answer by a status.
                value = await _call(node, request)
                declined = nodes.DECLINED if metadata.status is None else _EMPTY_BODY
                node = declined if value is None else compile_result(value)
            elif isinstance(node, (nodes.Pending, nodes.Waiting)):
                node = compile_result(await node.wait())
            elif isinstance(node, nodes.Raising):
                raise node.exception
            elif isinstance(node, nodes.Feed):
                fed = await self._receive(request, host)
                if isinstance(fed, Playback):
                    return await self._stream(fed, metadata)
                node = fed
            elif isinstance(node, nodes.OneShot) and node.claimed:
                return Outcome.DEPLETED
            else:
                return await self._render_stream(node, metadata, request, host)

    async def _render_stream(
        self, node: Node, metadata: Metadata, request: Request, host: StreamHost
    ) -> Answer | Outcome:
        if isinstance(node, nodes.Shaping):
            return await _shape(metadata.compose(b''), [node], request)
        return await self._stream(Playback((node,), request, host), metadata)

    @staticmethod
    async def _receive(request: Request, host: StreamHost) -> Node | Playback:
        point = Point(request)
        host.live.join(point)
        try:
            feedings = await point.wait()
        finally:
            host.live.leave(point)
        if len(feedings) > 1 or not feedings[0].single:
            return Playback((), request, host, fed=feedings)
        await fire(feedings[0].effects, request)
        return feedings[0].nodes[0] if feedings[0].nodes else nodes.NOTHING

    @staticmethod
    async def _stream(stream: Playback, metadata: Metadata) -> Answer | Outcome:
        if not await stream.prime():
            return Outcome.SILENT
        return metadata.compose(stream, stream.content_type)

    def close(self) -> None:
        """Close the coroutines that nobody has awaited, so that they do not complain."""
        for node in self.items:
            nodes.close(node)
        for effect in self.effects:
            close = getattr(effect, 'close', None)
            if close is not None:
                close()


MAX_CALLS = 1_000
"""How often a callable may give another one, as long as none of them gives an answer."""

_BODIES = frozenset({bytes, str, list, tuple, float, bool})

EMPTY = Reply()


async def _call(node: nodes.Call, request: Request) -> Any:
    value = node.call(request)
    return await value if inspect.isawaitable(value) else value


async def _shape(answer: Answer, shapings: 'list[nodes.Shaping]', request: Request) -> Answer:
    if not shapings:
        return answer
    shapers = [await shaping.begin(request) for shaping in shapings]
    return shape_answer(answer, tuple(shaper for shaper in shapers if shaper is not None))


def _is_metadata(payload: Any) -> bool:
    return payload is None or Reply._read_metadata(payload) is not None  # pyright: ignore[reportPrivateUsage]


def _checked(headers: Mapping[str, Any]) -> Mapping[str, Any]:
    for name, value in headers.items():
        header_text(name)
        if value is ...:
            raise UnsupportedPayloadError(f'header {name!r} has no value to send; type None to remove it', headers)
        if value is not None and not isinstance(value, (list, tuple)):
            header_text(value)
    return headers


def _warn(message: str, stacklevel: int) -> None:
    warnings.warn(message, UserWarning, stacklevel=stacklevel + 1)


_EMPTY_BODY = nodes.Fixed(b'', None)
_OUTCOMES: dict[type[Node], Outcome] = {
    nodes.Nothing: Outcome.SILENT,
    nodes.Declined: Outcome.DECLINED,
    nodes.Depleted: Outcome.DEPLETED,
}
