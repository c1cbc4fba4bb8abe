"""Views of several views: unions and intersections."""

from collections.abc import Mapping, Sequence

from kmock_core.criteria.base import Finding
from kmock_core.values.requests import Record, Request
from kmock_core.views.base import View, Workshop, has_record
from kmock_core.views.typing import RequestT


class Group(View[RequestT]):
    """Several views together; its priority is that of its sources, the highest first."""

    __slots__ = ('__weakref__', '_priorities', '_workshop', 'sources')

    sources: tuple[View[RequestT], ...]
    symbol = '?'

    def __init__(self, sources: Sequence[View[RequestT]]) -> None:
        self.sources = tuple(sources)
        self._workshop = self.sources[0].workshop
        self._priorities = tuple(sorted((p for source in self.sources for p in source.priorities), reverse=True))

    def __repr__(self) -> str:
        return f'({f" {self.symbol} ".join(repr(source) for source in self.sources)})'

    @property
    def workshop(self) -> Workshop:
        return self._workshop

    @property
    def priorities(self) -> tuple[float, ...]:
        return self._priorities

    @property
    def steady(self) -> bool:
        return all(source.steady for source in self.sources)

    def captures(self, request: Request, /) -> Mapping[str, str]:
        captured: dict[str, str] = {}
        for source in self.sources:
            if has_record(source.records(), request.id):
                captured.update(source.captures(request))
        return captured


class OrGroup(Group[RequestT]):
    """The requests of any of the sources: chronologically, without duplicates."""

    __slots__ = ()

    symbol = '|'

    def records(self) -> Sequence[Record]:
        found = {record[0]: record for source in self.sources for record in source.records()}
        return [found[number] for number in sorted(found)]

    def accepts(self, request: Request, /) -> bool:
        return any(source.accepts(request) for source in self.sources)

    def explain(self, request: Request, /) -> list[Finding]:
        found = [source.explain(request) for source in self.sources]
        if any(all(finding.held for finding in findings) for findings in found):
            return [Finding(repr(self), held=True)]
        details = [' and '.join(f.detail for f in findings if not f.held) for findings in found]
        return [Finding(repr(self), held=False, detail='; nor '.join(details))]


class AndGroup(Group[RequestT]):
    """The requests of all of the sources."""

    __slots__ = ()

    symbol = '&'

    def records(self) -> Sequence[Record]:
        first, *others = (source.records() for source in self.sources)
        common = {record[0] for record in first}.intersection(*({record[0] for record in other} for other in others))
        return [record for record in first if record[0] in common]

    def accepts(self, request: Request, /) -> bool:
        return all(source.accepts(request) for source in self.sources)

    def explain(self, request: Request, /) -> list[Finding]:
        return [finding for source in self.sources for finding in source.explain(request)]
