"""The words of the DSL that name one field: ``path() params() headers() cookies() body() text() data()``.

Each is a criterion in ``kmock[...]``; ``headers cookies body text data`` are payloads after ``<<`` too.
"""

from collections.abc import Iterable, Mapping, Sequence
from types import EllipsisType
from typing import Any, cast

from kmock_core.values.headers import parse_cookies, parse_header_lines, parse_query

_MappingSource = Mapping[str, Any] | str | bytes | Iterable[tuple[str, Any]] | EllipsisType | None


class Word:
    """A word of the DSL, as a criterion; those of plugins get their meaning from the notations of the same plugins."""

    __slots__ = ()


class Box(Word):
    """A value with the name of the field that it is for; frozen."""

    __slots__ = ('value',)

    value: Any

    def __init__(self, value: Any) -> None:
        object.__setattr__(self, 'value', value)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f'{type(self).__name__}() can not be changed; make a new one')

    def __repr__(self) -> str:
        return f'{type(self).__name__}({self.value!r})'

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and bool(other.value == self.value)

    def __hash__(self) -> int:
        return hash(type(self))


class path(Box):
    """The path: exact text, globs (``'/users/*'``), placeholders (``'/users/{id}'``), a regular expression, a set.

    ``path('/a', '/b')`` means one of them.
    """

    __slots__ = ()

    def __init__(self, value: Any = ..., *others: Any) -> None:
        super().__init__([value, *others] if others else value)


class MappingBox(Box):
    """A field of named values; the sources are merged from left to right, keywords last."""

    __slots__ = ()

    value: 'dict[str, Any] | EllipsisType | None'

    def __init__(self, *sources: _MappingSource, **items: Any) -> None:
        if len(sources) == 1 and not items and (sources[0] is None or sources[0] is ...):
            super().__init__(sources[0])
            return
        merged: dict[str, Any] = {}
        for source in sources:
            if source is None or isinstance(source, EllipsisType):
                raise TypeError(f'{type(self).__name__}({source!r}) stands alone: it says all about the field')
            if isinstance(source, Mapping):
                merged.update(cast('Mapping[str, Any]', source))
            elif isinstance(source, (str, bytes)):
                merged.update(self._parse(source if isinstance(source, str) else source.decode('utf-8')))
            else:
                try:
                    merged.update(source)
                except (TypeError, ValueError):
                    raise TypeError(f'{type(self).__name__}({source!r}): type a mapping, a text, or pairs') from None
        names: Any = merged
        wrong = next((name for name in names if not isinstance(name, str)), None)
        if wrong is not None:
            raise TypeError(f'{type(self).__name__}({merged!r}): names are texts, type {str(wrong)!r}')
        merged.update({self._name(key): value for key, value in items.items()})
        super().__init__(merged)

    @staticmethod
    def _name(key: str) -> str:
        return key

    @staticmethod
    def _parse(text: str) -> dict[str, Any]:
        raise NotImplementedError


class params(MappingBox):
    """The query: ``params('?a=1&b')``, ``params({'a': 1})``, ``params(a=1, b=...)``; a bare key is any value.

    ``params(None)`` is no query at all, ``params(a=None)`` a query without that key.
    """

    __slots__ = ()

    @staticmethod
    def _parse(text: str) -> dict[str, Any]:
        result: dict[str, Any] = {}
        for key, value in parse_query(text.removeprefix('?')):
            item: Any = ... if value is None else value
            if key not in result:
                result[key] = item
            elif isinstance(result[key], list):
                result[key].append(item)
            else:
                result[key] = [result[key], item]
        return result


class headers(MappingBox):
    """Headers: ``headers('A: 1\\nB: 2')``, ``headers({'A': '1'})``, ``headers(content_type=...)``; any case.

    As a payload they are sent; None as a value removes a header.
    """

    __slots__ = ()

    @staticmethod
    def _name(key: str) -> str:
        return key.replace('_', '-')

    @staticmethod
    def _parse(text: str) -> dict[str, Any]:
        return {name: ... if value is None else value for name, value in parse_header_lines(text).items()}


class cookies(MappingBox):
    """Cookies: ``cookies('a=1; b=2')``, ``cookies({'a': '1'})``, ``cookies(a='1')``.

    As a payload they are set; None as a value deletes a cookie on the client.
    """

    __slots__ = ()

    @staticmethod
    def _parse(text: str) -> dict[str, Any]:
        return {
            **{name.strip(): ... for name in text.split(';') if name.strip() and '=' not in name},
            **parse_cookies(text),
        }


class body(Box):
    """The raw body: bytes, a bytes pattern, or None for no body. As a payload: bytes, sent as they are.

    Several parts are joined.
    """

    __slots__ = ()

    def __init__(self, *parts: Any) -> None:
        super().__init__(_join('body', b'', [p.encode('utf-8') if isinstance(p, str) else p for p in parts]))


class text(Box):
    """The decoded body as text. As a payload: UTF-8 text, ``text/plain``. Several parts are joined."""

    __slots__ = ()

    def __init__(self, *parts: Any) -> None:
        super().__init__(_join('text', '', parts))


class data(Box):
    """The JSON or form data: mappings are subsets, unless ``exact=True``. As a payload: JSON, whatever the value is.

    Several mappings are merged, and fields by name with them.
    """

    __slots__ = ('exact',)

    exact: bool

    def __init__(self, *values: Any, exact: bool = False, **fields: Any) -> None:
        parts = [*values, fields] if fields else list(values)
        if len(parts) > 1:
            if not all(isinstance(part, Mapping) for part in parts):
                raise TypeError(f'data() takes a value, or mappings and fields to be merged, not both; got {parts!r}')
            merged: dict[str, Any] = {}
            for part in parts:
                merged.update(part)
            parts = [merged]
        super().__init__(parts[0] if parts else ...)
        object.__setattr__(self, 'exact', exact)

    def __repr__(self) -> str:
        return f'data({self.value!r}{", exact=True" if self.exact else ""})'


class client_cert(Box):
    """The certificate that the client has presented over TLS: ``client_cert('alice')`` is one of that common name.

    Patterns are as for other fields; texts may be globs: ``client_cert('*.example.com')``. ``client_cert()`` is any
    certificate, ``client_cert(None)`` none at all. Where a certificate has several values, any of them may match.
    """

    __slots__ = ()

    value: 'dict[str, Any] | EllipsisType | None'

    def __init__(
        self,
        common_name: Any = ...,
        *,
        organization: Any = ...,
        organizational_unit: Any = ...,
        names: Any = ...,
        serial: Any = ...,
        issuer: Any = ...,
    ) -> None:
        fields = {
            'common_name': common_name, 'organization': organization, 'organizational_unit': organizational_unit,
            'names': names, 'serial': serial, 'issuer': issuer,
        }  # fmt: skip
        patterns = {name: pattern for name, pattern in fields.items() if pattern is not ...}
        if common_name is None and len(patterns) > 1:
            raise TypeError('client_cert(None) stands alone: it is no certificate at all')
        super().__init__(None if common_name is None else patterns or ...)

    def __repr__(self) -> str:
        if self.value is None or isinstance(self.value, EllipsisType):
            return 'client_cert(None)' if self.value is None else 'client_cert()'
        return f'client_cert({", ".join(f"{name}={value!r}" for name, value in self.value.items())})'


def _join(name: str, empty: Any, parts: Sequence[Any]) -> Any:
    if len(parts) < 2:
        return parts[0] if parts else ...
    if not all(isinstance(part, type(empty)) for part in parts):
        raise TypeError(f'{name}() takes one value, or several parts of {type(empty).__name__}; got {parts!r}')
    return empty.join(parts)
