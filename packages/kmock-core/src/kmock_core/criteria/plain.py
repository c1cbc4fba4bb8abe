"""Criteria of plain values: a text, a mapping of whatever it fits."""

import re
from collections.abc import Mapping
from typing import Any, ClassVar

from kmock_core.criteria.base import Criteria, Finding
from kmock_core.criteria.differences import differences, in_one_line
from kmock_core.criteria.patterns import any_matches, describe, matches
from kmock_core.values.requests import Request

_SEVERAL_WORDS = re.compile(r'([A-Za-z-]+) +[/?]\S*')


class StrCriteria(Criteria):
    """A text that equals the method (in any case), the JSON data, or the text of the body."""

    __slots__ = ('text',)

    def __init__(self, text: str) -> None:
        self.text: str = text

    def __repr__(self) -> str:
        return f'StrCriteria({describe(self.text)})'

    @property
    def notation(self) -> str:
        return describe(self.text)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, StrCriteria) and other.text == self.text

    __hash__: ClassVar[None] = None  # type: ignore[assignment]  # as the other criteria

    def check(self, request: Request, /) -> bool:
        text = self.text
        if request.method_name == text or request.method_name.upper() == text.upper():
            return True
        return bool(request.body) and (request.text == text or request.data == text)

    def explain(self, request: Request, /) -> list[Finding]:
        held = self.check(request)
        detail = '' if held else f'neither the method, the data nor the text is {describe(self.text)}'
        misread = _SEVERAL_WORDS.fullmatch(self.text)
        if not held and misread is not None:  # most likely a typo in a notation
            detail += f' (it is read as a text: {misread[1]!r} is no standard method; type method({misread[1]!r}))'
        return [Finding('text', held, detail)]


class DictCriteria(Criteria):
    """A mapping that is a subset of the headers, the cookies, the query, or the data: any one of them, wholly."""

    __slots__ = ('_first', '_names', 'items')

    def __init__(self, items: Mapping[Any, Any]) -> None:
        self.items: dict[Any, Any] = dict(items)
        self._names = [
            (key.lower().encode('utf-8', 'surrogateescape') if isinstance(key, str) else b'', key, item)
            for key, item in self.items.items()
        ]
        # A header that must be there: most requests can be refused by it at once.
        self._first = next((name for name, _, item in self._names if item is not None), None)

    def __repr__(self) -> str:
        return f'DictCriteria({describe(self.items)})'

    @property
    def notation(self) -> str:
        return describe(self.items)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, DictCriteria) and other.items == self.items

    __hash__: ClassVar[None] = None  # type: ignore[assignment]  # as the other criteria

    def check(self, request: Request, /) -> bool:
        values = request.header_values
        if (self._first is None or self._first in values) and self._in_headers(values):
            return True
        return (
            ('?' in request.target and self._in_query(request))
            or (b'cookie' in values and matches(self.items, request.cookies))
            or (request.record[4] != b'' and matches(self.items, request.data))
        )

    def _in_headers(self, values: Mapping[bytes, list[str]]) -> bool:
        return all(any_matches(item, values.get(name, ())) for name, _, item in self._names)

    def _in_query(self, request: Request) -> bool:
        pairs = request.query_pairs
        return all(any_matches(item, [v for k, v in pairs if k == key]) for _, key, item in self._names)

    def explain(self, request: Request, /) -> list[Finding]:
        if self.check(request):
            return [Finding('mapping', held=True)]
        detail = f'neither the headers, the cookies, the query nor the data have {describe(self.items)}'
        nearest = self._find_nearest(request)
        if nearest is None:
            return [Finding('mapping', False, detail)]
        place, fields = nearest
        detail = f'{detail}; the nearest: {in_one_line(differences(place, self.items, fields))}'
        if place != 'data':
            return [Finding('mapping', False, detail)]
        return [Finding('mapping', False, detail, self.items, fields, exact=False)]

    def _find_nearest(self, request: Request) -> tuple[str, Mapping[Any, Any]] | None:
        """The place that has the most of the keys; None if there is no key anywhere."""
        headers, params = request.header_values, request.query_pairs
        fields: Mapping[Any, Any] = request.data
        places: dict[str, Mapping[Any, Any]] = {
            'headers': {key: values[0] for name, key, _ in self._names if (values := headers.get(name))},
            'cookies': request.cookies,
            'params': dict(reversed(params)),
            'data': fields if isinstance(request.data, Mapping) else {},
        }
        wanted = {key for key, item in self.items.items() if item is not None}
        place = max(places, key=lambda place: len(wanted & places[place].keys()))
        return (place, places[place]) if wanted & places[place].keys() else None
