"""GraphQL in KMock: an example of a plugin that extends every group of entry points.

What stands in ``__all__`` becomes names of ``import kmock``.
"""

from kmock_graphql.payloads import Result
from kmock_graphql.sinks import Tally

__all__ = ['Result', 'Tally']
