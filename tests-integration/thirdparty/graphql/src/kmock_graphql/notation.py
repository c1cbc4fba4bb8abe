"""The notation: ``kmock['query Hero']`` and ``kmock['mutation']``."""

from typing import Any

from kmock_core.criteria.base import Criteria, Finding
from kmock_core.values.requests import Request
from kmock_graphql.facet import GraphQLFacet

KINDS = ('query', 'mutation', 'subscription')


class OperationCriteria(Criteria):
    """The kind of the operation and, if there is one, its name."""

    def __init__(self, kind: str, name: str | None) -> None:
        self.kind = kind
        self.name = name

    def __repr__(self) -> str:
        return repr(f'{self.kind} {self.name}' if self.name else self.kind)

    def check(self, request: Request, /) -> bool:
        """Say if the request asks for this operation."""
        found = request.facet(GraphQLFacet)
        return found.operation_kind == self.kind and self.name in {None, found.operation}

    def explain(self, request: Request, /) -> list[Finding]:
        """Say what it asks for instead."""
        found = request.facet(GraphQLFacet)
        held = self.check(request)
        detail = '' if held else f'operation: {found.operation_kind} {found.operation} != {self!r}'
        return [Finding('operation', held, detail)]


class GraphQLNotation:
    """Strings that begin with the kind of an operation."""

    order = 300

    def parse(self, item: object, /) -> Any:
        """The criteria of such a string."""
        words = item.split() if isinstance(item, str) else []
        if words and words[0] in KINDS and len(words) <= 2:
            return OperationCriteria(words[0], words[1] if len(words) == 2 else None)
        return NotImplemented


NOTATION = GraphQLNotation()
