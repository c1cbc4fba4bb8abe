"""What a test demands in the end: so many requests of views and rules, and how strict single rules are."""

from collections.abc import Iterable, Mapping
from typing import Generic, NamedTuple, Protocol

from kmock_core.errors import ContradictionError, KMockError
from kmock_core.values.log import Log
from kmock_core.views.base import View
from kmock_core.views.expectations import Bounds, Expectation, check_count
from kmock_core.views.locations import locate_caller
from kmock_core.views.reactions import Reaction
from kmock_core.views.streams import Stream
from kmock_core.views.typing import RequestT


class Strictness(NamedTuple):
    """What a rule has said for itself; None leaves it to the level of the handler."""

    errors: bool | None = None
    """Whether its errors are raised in the end."""
    use: bool | None = None
    """Whether it must be used."""


class Book(Protocol[RequestT]):
    """What the demands are about: the rules and the requests of a handler."""

    log: Log
    epoch: int

    @property
    def rules(self) -> Mapping[int, Reaction[RequestT]]: ...


class Demands(Generic[RequestT]):
    """The demands of a test; owned by the workshop of its handler, and used under the lock of that.

    Rules are known by their numbers: those of the longer reactions that stand in their places, too.
    """

    __slots__ = ('_book', '_kept', '_kept_epoch', '_strictness', 'expectations')

    expectations: list[Expectation[RequestT]]

    def __init__(self, book: Book[RequestT]) -> None:
        self._book = book
        self.expectations = []
        self._strictness: dict[int, Strictness] = {}
        self._kept: tuple[tuple[Expectation[RequestT], ...], dict[int, Strictness]] = ((), {})
        self._kept_epoch = -1

    # ---- Expectations ----

    def expect(self, view: View[RequestT], bounds: Mapping[str, object]) -> None:
        """Expect so many requests of a view or of a rule, ``least`` and ``most``: what `View.times` does."""
        expected = Bounds(**{name: check_count(count) for name, count in bounds.items()})
        if isinstance(view, Stream):
            message = f'{view!r} are those that wait at the moment: expect so many requests of {view.source!r}'
            raise KMockError(message)
        number = None
        if isinstance(view, Reaction):
            view.demand_active()
            number = view.rank[1]
        for known in self.expectations:
            if known.is_about(view, number) and known.bounds.contradicts(expected):
                field = f'the number of requests of {view!r}'
                raise ContradictionError(field, f'{known.bounds} ({known.location})', f'{expected}')
        self.expectations.append(Expectation(view, number, expected, locate_caller()))

    def unmet(self, *, leaving: bool = False) -> list[Expectation[RequestT]]:
        """The expectations that are not met by now.

        Those that last are asked for each stretch between two resets in which a request came; at `leaving`, also if
        there was no reset at all.
        """
        lasting = len(self._kept[0])
        idle = not self._book.log and (not leaving or self._book.epoch > self._kept_epoch)
        return [known for known in self.expectations[lasting if idle else 0 :] if not self._is_met(known)]

    def subject(self, expectation: Expectation[RequestT]) -> View[RequestT]:
        """The view of which something is expected; of a rule, what stands in its place now."""
        number = expectation.number
        return expectation.view if number is None else self._book.rules.get(number, expectation.view)

    def _is_met(self, expectation: Expectation[RequestT]) -> bool:
        try:
            return expectation.bounds.admits(len(self.subject(expectation)))
        except Exception:  # of a criterion: it will be told why nothing can be counted
            return False

    # ---- Single rules ----

    def grade(self, number: int, *, errors: bool | None = None, use: bool | None = None) -> None:
        """Note what a rule says for itself."""
        known = self.strictness(number)
        self._strictness[number] = Strictness(
            known.errors if errors is None else errors, known.use if use is None else use
        )

    def strictness(self, number: int) -> Strictness:
        """What a rule has said for itself."""
        return self._strictness.get(number, Strictness())

    def idle_among(self, rules: Iterable[Reaction[RequestT]], *, by_default: bool) -> list[Reaction[RequestT]]:
        """The rules that must be used and never were; by default also those that have not said so themselves."""
        expected = {known.number for known in self.expectations}
        return [
            rule
            for rule in rules
            if not rule.used
            and rule.active
            and rule.rank[1] not in expected
            and (by_default if (use := self.strictness(rule.rank[1]).use) is None else use)
        ]

    def describe(self, number: int) -> str:
        """What is demanded of a rule, in a few words."""
        errors, use = self.strictness(number)
        words = [f'expected {known.bounds}' for known in self.expectations if known.number == number]
        if errors is not None:
            words.append('strict' if errors else 'not strict')
        if use is not None:
            words.append('must be used' if use else 'optional')
        return ''.join(f', {word}' for word in words)

    # ---- Forgetting ----

    def keep(self) -> None:
        """Let those made so far last."""
        self._kept = tuple(self.expectations), dict(self._strictness)
        self._kept_epoch = self._book.epoch

    def forget(self) -> None:
        """Go back to those that last."""
        expectations, strictness = self._kept
        self.expectations = list(expectations)
        self._strictness = dict(strictness)
