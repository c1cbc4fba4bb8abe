"""The facet: what GraphQL reads in a request; its attributes become those of requests."""

import re
from collections.abc import Mapping
from typing import Any, Self, cast

from kmock_core.values.requests import Request

_OPERATION = re.compile(r'\b(?P<kind>query|mutation|subscription)\s+(?P<name>\w+)')


class GraphQLFacet:
    """The operation of a request: ``request.operation``, ``request.operation_kind``, ``request.variables``."""

    def __init__(self, kind: str | None, name: str | None, variables: Mapping[str, Any]) -> None:
        self.operation_kind = kind
        self.operation = name
        self.variables = variables

    @classmethod
    def parse(cls, request: Request, /) -> Self:
        """Read any request: those that are no GraphQL have no operation."""
        data = request.data
        fields: dict[str, Any] = cast('dict[str, Any]', data) if isinstance(data, dict) else {}
        variables = fields.get('variables')
        found = _OPERATION.search(str(fields.get('query', '')))
        return cls(
            found['kind'] if found else None,
            found['name'] if found else None,
            cast('Mapping[str, Any]', variables) if isinstance(variables, Mapping) else {},
        )
