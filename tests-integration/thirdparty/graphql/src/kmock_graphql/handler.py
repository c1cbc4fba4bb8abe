"""The handler: a GraphQL server that knows its own name; ``kmock_cls = graphql`` makes it the fixture."""

from typing import Any

from kmock_core import RawHandler, Reaction, Request
from kmock_core.rendering.outcomes import Outcome
from kmock_core.values.responses import Response
from kmock_graphql.facet import GraphQLFacet


class GraphQLHandler(RawHandler):
    """Answers what no rule does as GraphQL servers do: by an error in a document."""

    async def _handle_unmatched(self, request: Request, outcomes: list[tuple[Reaction[Request], Outcome]]) -> Any:
        operation = request.facet(GraphQLFacet).operation
        if operation is None:
            return await super()._handle_unmatched(request, outcomes)
        return Response(payload={'data': None, 'errors': [{'message': f'{operation} is not mocked'}]})
