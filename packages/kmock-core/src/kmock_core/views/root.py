"""The root of all views: the view of all requests."""

from collections.abc import Sequence
from typing import ClassVar, cast

import attrs

from kmock_core.live.bus import LiveBus
from kmock_core.values.requests import Record, Request
from kmock_core.views.base import View
from kmock_core.views.base import Workshop as WorkshopProtocol
from kmock_core.views.reactions import Reaction
from kmock_core.views.typing import RequestT
from kmock_core.views.workshop import Workshop


@attrs.define(slots=False, eq=False, repr=False, kw_only=True)
class Root(View[RequestT]):
    """The view of all requests, in the order of arrival."""

    request_type: ClassVar[type[Request]] = Request
    """Of what class the requests are; those of others are subclasses with no slots, which only add properties."""

    _workshop: Workshop[RequestT] = attrs.field(
        default=attrs.Factory(Workshop, takes_self=True), init=False, repr=False, eq=False
    )

    def __repr__(self) -> str:
        return 'kmock'

    @property
    def workshop(self) -> WorkshopProtocol:
        return cast('WorkshopProtocol', self._workshop)

    @property
    def live(self) -> LiveBus:
        """The live streams: who waits at a feeding point."""
        return self._workshop.live

    def records(self) -> Sequence[Record]:
        return self._workshop.log

    def accepts(self, request: Request, /) -> bool:
        return True

    @property
    def rules(self) -> 'list[Reaction[RequestT]]':
        """All active reactions in the order in which they are asked."""
        return sorted(self._workshop.rules.values(), key=lambda reaction: reaction.rank)

    @property
    def unused(self) -> 'list[Reaction[RequestT]]':
        """The rules that have never served a request, in the order of their definition."""
        return [reaction for reaction in self._workshop.rules.values() if not reaction.served]
