"""The command: ``kmock graphql QUERY`` tells how to mock a query."""

import sys
from argparse import ArgumentParser, Namespace

from kmock_core import Request
from kmock_graphql.facet import GraphQLFacet


class GraphQLCommand:
    """Tells how to mock a query."""

    help = 'tell how to mock a GraphQL query'

    def configure(self, parser: ArgumentParser, /) -> None:
        """Add the arguments."""
        parser.add_argument('query', help='the text of the query')

    def run(self, args: Namespace, /) -> int:
        """Print the rule; 1 if the query has no name."""
        found = GraphQLFacet.parse(Request('POST', '/graphql', data={'query': args.query}))
        if found.operation is None:
            sys.stdout.write('the query has no name\n')
            return 1
        sys.stdout.write(f"kmock['{found.operation_kind} {found.operation}'] << kmock.Result(...)\n")
        return 0


COMMAND = GraphQLCommand()
