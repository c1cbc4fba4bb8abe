"""Reactions: rules, as the test holds them."""

from collections.abc import Sequence
from typing import Protocol, cast

from kmock_core.criteria.base import Finding
from kmock_core.errors import ReactionMismatchError
from kmock_core.rendering.reply import EMPTY, Reply
from kmock_core.values.requests import Record, Request
from kmock_core.values.responses import Response
from kmock_core.views.base import View
from kmock_core.views.chained import Chained
from kmock_core.views.locations import Location
from kmock_core.views.typing import Payload, RequestT, Sink


class Rulebook(Protocol):
    """What a reaction needs of the root: to be replaced by a longer one."""

    def hand_out(self) -> None: ...
    def replace(self, old: 'Reaction[RequestT]', reply: Reply, /) -> 'Reaction[RequestT]': ...
    def extend_reply(self, reply: Reply, payloads: Sequence[object], sinks: Sequence[object], /) -> Reply: ...


class Reaction(Chained[RequestT]):
    """A rule: what happens to the requests of a view. As a sequence: the requests that it has served.

    A spy (``v << None``) and a rule of effects alone serve every request that comes to them, and let it go on.
    ``<<`` and ``>>`` on it make a longer reaction in its place; the shorter one can't be used any more.
    """

    __slots__ = ('_location', 'active', 'exhausted', 'own', 'rank', 'reply')

    active: bool
    """False once it was replaced by a longer one, or removed."""
    exhausted: bool
    """True once its payload is depleted."""
    rank: tuple[tuple[float, ...], int]
    """The place in the order in which rules are asked: the lower, the earlier."""
    reply: Reply
    own: list[Record]
    """The requests that were handed out to it: what `served` brings up to date."""

    def __init__(
        self,
        source: View[RequestT],
        reply: Reply | None = None,
        rank: tuple[tuple[float, ...], int] = ((), 0),
        location: tuple[str, int] = ('', 0),
    ) -> None:
        super().__init__(source)
        self.reply = EMPTY if reply is None else reply
        self.rank = rank
        self._location = location
        self.own: list[Record] = []
        self.active = True
        self.exhausted = False

    def __repr__(self) -> str:
        count = f'{len(self.served)} request{"" if len(self.served) == 1 else "s"}'
        state = count if self.active else 'replaced'
        return f'<Reaction {self.describe()} at {self.location}: {state}>'

    def describe(self) -> str:
        """The view, the payloads and the number of the sinks, in one line."""
        count = len(self.reply.effects)
        payloads = self.reply.payloads or (() if count else (None,))
        shown = ' << '.join(map(repr, payloads))
        if '\n' in shown:
            shown = ' '.join(shown.split())
        parts = [
            repr(self.source),
            *([f'<< {shown if len(shown) <= 80 else shown[:77] + "…"}'] if payloads else []),
            *([f'>> {count} sink{"" if count == 1 else "s"}'] if count else []),
        ]
        return ' '.join(parts)

    @property
    def location(self) -> Location:
        """Where it was defined."""
        return Location(*self._location)

    @property
    def place(self) -> tuple[str, int]:
        """The file and the line of the definition."""
        return self._location

    @property
    def response(self) -> Response:
        """What is answered, in the form in which users write whole answers."""
        return self.reply.response

    @property
    def served(self) -> list[Record]:
        """The requests that came to it so far, up to date."""
        cast('Rulebook', self.workshop).hand_out()
        return self.own

    def records(self) -> Sequence[Record]:
        self._check()
        return self.served

    def accepts(self, request: Request, /) -> bool:
        return any(record[0] == request.id for record in self.served)

    def explain(self, request: Request, /) -> list[Finding]:
        return self.source.explain(request)

    def _check(self) -> None:
        if not self.active:
            raise ReactionMismatchError(
                f'This reaction was replaced by a longer one: {self.describe()} at {self.location}; '
                f'keep the result of the last << or >>'
            )

    def __lshift__(self, payload: Payload[RequestT]) -> 'Reaction[RequestT]':
        return self.respond(payload)

    __rrshift__ = __lshift__

    def __rshift__(self, sink: Sink[RequestT]) -> 'Reaction[RequestT]':
        return self.effect(sink)

    __rlshift__ = __rshift__

    def respond(self, *payloads: Payload[RequestT]) -> 'Reaction[RequestT]':
        return self._extend(payloads, ())

    def effect(self, *sinks: Sink[RequestT]) -> 'Reaction[RequestT]':
        return self._extend((), sinks)

    def _extend(self, payloads: Sequence[object], sinks: Sequence[object]) -> 'Reaction[RequestT]':
        self._check()
        book = cast('Rulebook', self.workshop)
        return book.replace(self, book.extend_reply(self.reply, payloads, sinks))
