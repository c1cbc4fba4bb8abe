"""The sink: ``kmock['/graphql'] >> tally`` counts the operations."""

from typing import Any

from kmock_core.values.requests import Request
from kmock_graphql.facet import GraphQLFacet


class Tally:
    """How often each operation was asked for."""

    def __init__(self) -> None:
        self.counts: dict[str, int] = {}

    def add(self, operation: str) -> None:
        """Count one more."""
        self.counts[operation] = self.counts.get(operation, 0) + 1


class TallyAdapter:
    """Delivers requests to tallies."""

    order = 500

    def adapt(self, sink: object, /) -> Any:
        """A function that counts the operation of a request."""
        if not isinstance(sink, Tally):
            return NotImplemented

        def deliver(request: Request) -> None:
            sink.add(request.facet(GraphQLFacet).operation or '-')

        return deliver


ADAPTER = TallyAdapter()
