"""Reactions: rules, as the test holds them."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal, Protocol, Self, cast

from kmock_core.criteria.base import Finding
from kmock_core.errors import ReactionMismatchError
from kmock_core.rendering.faults import find_drawn
from kmock_core.rendering.reply import EMPTY, Reply
from kmock_core.values.calls import describe_payload
from kmock_core.values.requests import Record, Request
from kmock_core.values.responses import Response
from kmock_core.views.base import View
from kmock_core.views.chained import Chained
from kmock_core.views.locations import Location
from kmock_core.views.typing import Payload, RequestT, Sink


class Rulebook(Protocol):
    """What a reaction needs of the root: to be replaced by a longer one."""

    rules: 'Mapping[int, Reaction[Any]]'
    epoch: int

    def hand_out(self) -> None: ...
    def describe_demands(self, rule: 'Reaction[RequestT]', /) -> str: ...
    def grade(self, rule: 'Reaction[RequestT]', /, *, errors: object = None, use: bool | None = None) -> None: ...
    def replace(self, old: 'Reaction[RequestT]', reply: Reply, /) -> 'Reaction[RequestT]': ...
    def extend_reply(self, reply: Reply, payloads: Sequence[object], sinks: Sequence[object], /) -> Reply: ...


class Reaction(Chained[RequestT]):
    """A rule: what happens to the requests of a view. As a sequence: the requests that it has served.

    A spy (``v << None``) and a rule of effects alone serve every request that comes to them, and let it go on.
    ``<<`` and ``>>`` on it make a longer reaction in its place; the shorter one can't be used any more.
    """

    __slots__ = ('_location', 'active', 'epoch', 'exhausted', 'own', 'rank', 'reply', 'was_used')

    active: bool
    """False once it was replaced by a longer one, or removed."""
    exhausted: bool
    """True once its payload is depleted."""
    rank: tuple[tuple[float, ...], int]
    """The place in the order in which rules are asked: the lower, the earlier."""
    reply: Reply
    own: list[Record]
    """The requests that were handed out to it: what `served` brings up to date."""
    epoch: int
    """The epoch of the workshop whose requests these are."""
    was_used: bool
    """True if it is known that it has served a request, though that may not be among its own, or no longer."""

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
        self.epoch = self._workshop.epoch
        self.active = True
        self.exhausted = False
        self.was_used = False

    def __repr__(self) -> str:
        count = f'{len(self.served)} request{"" if len(self.served) == 1 else "s"}'
        state = 'replaced' if self._is_replaced else count if self.active else 'forgotten by reset()'
        demands = cast('Rulebook', self.workshop).describe_demands(self) if self.active else ''
        return f'<Reaction {self.describe()} at {self.location}: {state}{demands}>'

    def describe(self) -> str:
        """The view, the payloads and the number of the sinks, in one line."""
        count = len(self.reply.effects)
        payloads = self.reply.payloads or (() if count else (None,))
        shown = ' << '.join(map(describe_payload, payloads))
        if '\n' in shown:
            shown = ' '.join(shown.split())
        if len(shown) > 80:
            drawn = ' '.join(repr(item) for payload in payloads for item in find_drawn(payload))
            kept = shown[: max(77 - len(drawn), 20)] if drawn else shown[:77]
            shown = f'{kept}… {drawn}' if drawn else f'{kept}…'
        parts = [
            repr(self.source),
            *([f'<< {shown}'] if payloads else []),
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
        book = cast('Rulebook', self.workshop)
        book.hand_out()
        return self.own if self.epoch == book.epoch else []

    @property
    def used(self) -> bool:
        """True once it has served a request, also one that was forgotten since."""
        return self.was_used or bool(self.own)

    def take(self, record: Record) -> None:
        """Take a request that it serves; under the lock of the workshop."""
        epoch = self._workshop.epoch
        if self.epoch != epoch:
            self.was_used = self.used
            self.own = []
            self.epoch = epoch
        self.own.append(record)

    def give_back(self, record: Record) -> None:
        """Give back a request that it has not served in the end; under the lock of the workshop."""
        if self.own and self.own[-1] is record:
            self.own.pop()
        else:
            self.own.remove(record)

    def records(self) -> Sequence[Record]:
        if self._is_replaced:
            self.demand_active()
        return self.served

    def accepts(self, request: Request, /) -> bool:
        return any(record[0] == request.id for record in self.served)

    def explain(self, request: Request, /) -> list[Finding]:
        return self.source.explain(request)

    @property
    def _is_replaced(self) -> bool:
        return not self.active and self.rank[1] in cast('Rulebook', self.workshop).rules

    def demand_active(self) -> None:
        """Raise if it is no rule any more."""
        if self._is_replaced:
            raise ReactionMismatchError(
                f'This reaction was replaced by a longer one: {self.describe()} at {self.location}; '
                f'keep the result of the last << or >>'
            )
        if not self.active:
            raise ReactionMismatchError(
                f'This reaction was forgotten by reset(): {self.describe()} at {self.location}; '
                f'define it anew, or before checkpoint()'
            )

    def strict(self, level: "bool | Literal['errors', 'all']" = True) -> Self:
        """Say what of this rule fails the test, whatever the level of the handler.

        Args:
            level: True or ``'errors'``: the errors in serving are raised in the end; ``'all'``: these, and the rule
                must be used; False: its errors are not raised, and it need not be used.
        """
        self.demand_active()
        if level not in (True, False, 'errors', 'all'):
            raise ValueError(f"no level of strictness {level!r} of a rule (known: True, False, 'errors', 'all')")
        use = {'all': True, False: False}.get(level)
        cast('Rulebook', self.workshop).grade(self, errors=bool(level), use=use)
        return self

    def optional(self) -> Self:
        """Say that the rule need not be used, also where the handler's level is ``'all'``."""
        self.demand_active()
        cast('Rulebook', self.workshop).grade(self, use=False)
        return self

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
        self.demand_active()
        book = cast('Rulebook', self.workshop)
        return book.replace(self, book.extend_reply(self.reply, payloads, sinks))
