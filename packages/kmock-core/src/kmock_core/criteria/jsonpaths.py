"""A criterion on the nodes of a JSON document that a JSONPath query finds."""

from typing import Any, ClassVar

from kmock_core.criteria.base import Criteria, Finding
from kmock_core.criteria.extras import document_of, load
from kmock_core.criteria.patterns import ABSENT, describe, matches
from kmock_core.errors import UnsupportedCriterionError
from kmock_core.values.requests import Request

SHOWN = 3
"""How many of the found values an explanation shows."""


class jsonpath(Criteria):
    """The JSON data have a node that the query (RFC 9535) finds, and whose value is as the pattern says.

    Patterns are those of values in mappings; any of the found nodes may match. None means that there is no such node,
    or that it is null. The fields of forms can be asked about too. Comes with ``pip install 'kmock-core[jsonpath]'``.

    Args:
        query: e.g. ``'$.items[?@.price > 10]'``.
        pattern: e.g. ``'john'``, ``{1, 2}``, ``re.compile('a.*')``; by default any value.

    >>> jsonpath('$.user.name', 'john')
    jsonpath('$.user.name', 'john')
    """

    __slots__ = ('_query', 'pattern', 'query')

    query: str
    pattern: Any

    def __init__(self, query: str, pattern: Any = ...) -> None:
        library = load('jsonpath', extra='jsonpath')
        if not isinstance(query, str):  # pyright: ignore[reportUnnecessaryIsInstance]  # users do it
            raise UnsupportedCriterionError(f"jsonpath({query!r}): type a query, e.g. '$.user.name'", query)
        self.query = query
        self.pattern = pattern
        try:
            self._query = library.compile(query, strict=True)
        except library.JSONPathError as exc:
            hint = '' if query.startswith('$') else f' (it begins with $, e.g. {"$." + query.strip("./ ")!r})'
            message = f'{query!r} is no JSONPath query (RFC 9535){hint}: {exc}'
            raise UnsupportedCriterionError(message, query) from exc

    def __repr__(self) -> str:
        pattern = '' if self.pattern is ... else f', {describe(self.pattern)}'
        return f'jsonpath({self.query!r}{pattern})'

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, jsonpath):
            return NotImplemented
        return other.query == self.query and bool(other.pattern == self.pattern)

    __hash__: ClassVar[None] = None  # type: ignore[assignment]  # as the other criteria

    def check(self, request: Request, /) -> bool:
        return self._accepts(self._find(request))

    def _find(self, request: Request) -> list[Any]:
        document = document_of(request)
        return [] if document is ABSENT else [match.value for match in self._query.finditer(document)]

    def _accepts(self, values: list[Any]) -> bool:
        return (self.pattern is None and not values) or any(matches(self.pattern, value) for value in values)

    def explain(self, request: Request, /) -> list[Finding]:
        label = f'jsonpath({self.query!r})'
        values = self._find(request)
        if self._accepts(values):
            return [Finding(label, held=True)]
        if document_of(request) is ABSENT:
            return [Finding(label, False, f'{label}: the body is not JSON' if request.body else f'{label}: no body')]
        if not values:
            return [Finding(label, False, f'{label}: found nothing')]
        found = ', '.join(describe(value) for value in values[:SHOWN])
        more = f' and {len(values) - SHOWN} more' if len(values) > SHOWN else ''
        return [Finding(label, False, f'{label}: found {found}{more} != {describe(self.pattern)}')]
