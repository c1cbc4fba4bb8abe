"""The payload: ``kmock['query Hero'] << kmock.Result(hero={'name': 'R2-D2'})``."""

from typing import Any


class Result:
    """What a GraphQL server answers: the data, or errors."""

    def __init__(self, *errors: str, **data: Any) -> None:
        self.errors = errors
        self.data = data

    def __repr__(self) -> str:
        parts = [*map(repr, self.errors), *(f'{name}={value!r}' for name, value in self.data.items())]
        return f'Result({", ".join(parts)})'


class ResultRenderer:
    """Makes JSON of results."""

    order = 500

    def render(self, payload: object, /) -> object:
        """A document in the form of the specification (GraphQL, §7.1)."""
        if not isinstance(payload, Result):
            return NotImplemented
        document: dict[str, Any] = {'data': payload.data or None}
        if payload.errors:
            document['errors'] = [{'message': message} for message in payload.errors]
        return document


RENDERER = ResultRenderer()
