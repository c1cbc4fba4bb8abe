"""Criteria on the fields of an HTTP request: the ones that can be indexed and merged."""

import re
from collections.abc import Callable, Mapping, Sequence
from types import EllipsisType
from typing import Any, ClassVar, cast

from kmock_core.criteria.base import Criteria, Finding
from kmock_core.criteria.differences import differences, in_one_line
from kmock_core.criteria.paths import glob_check
from kmock_core.criteria.patterns import (
    ABSENT,
    any_matches,
    as_text,
    compile_glob,
    describe,
    is_glob,
    matches,
    merge_patterns,
)
from kmock_core.errors import ContradictionError
from kmock_core.values.bodies import explain_unreadable
from kmock_core.values.requests import Request

RequestCheck = Callable[[Request], bool]

FIELDS: tuple[str, ...] = (
    'method', 'scheme', 'host', 'path', 'params', 'headers', 'cookies', 'body', 'text', 'data',
)  # fmt: skip
"""The fields of `HTTPCriteria` in the order in which they are asked, the cheap ones first."""


class HTTPCriteria(Criteria):
    """One pattern for each field of an HTTP request; ``...`` (the default) is anything.

    Args:
        method: the method, in any case.
        scheme: ``http`` or ``https``.
        host: the Host header; a pattern without a port is for any port; globs.
        path: the decoded path; globs and ``{placeholders}``.
        params: a mapping of query keys to patterns, or None for no query.
        headers: a mapping of header names, in any case, to patterns.
        cookies: a mapping of cookie names to patterns.
        body: the raw body; None for no body.
        text: the decoded body.
        data: the JSON or form data; mappings are subsets unless `exact`.
        exact: compare `data` exactly.

    Two of them merge into one that says both; a contradiction is a `ContradictionError`.
    """

    __slots__ = ('exact', '_target', '_rest', *FIELDS)

    method: Any
    scheme: Any
    host: Any
    path: Any
    params: Any
    headers: Any
    cookies: Any
    body: Any
    text: Any
    data: Any

    def __init__(
        self,
        *,
        method: object = ...,
        scheme: object = ...,
        host: object = ...,
        path: object = ...,
        params: 'Mapping[str, Any] | EllipsisType | None' = ...,
        headers: 'Mapping[str, Any] | EllipsisType | None' = ...,
        cookies: 'Mapping[str, Any] | EllipsisType | None' = ...,
        body: object = ...,
        text: object = ...,
        data: object = ...,
        exact: bool = False,
    ) -> None:
        if isinstance(method, str):
            method = method.upper() if type(method) is str else str(method)
        self.method = method
        self.scheme = scheme
        self.host = host.lower() if isinstance(host, str) else host
        self.path = path
        self.params = params
        self.headers = headers
        self.cookies = cookies
        self.body = body
        self.text = text
        self.data = data
        self.exact = exact
        self._target: RequestCheck | EllipsisType | None = ...
        self._rest: RequestCheck | EllipsisType | None = ...

    def _defined(self) -> 'list[tuple[str, Any]]':
        return [(name, value) for name in FIELDS if (value := getattr(self, name)) is not ...]

    def __repr__(self) -> str:
        shown = [f'{name}={str(value) if name == "method" else describe(value)}' for name, value in self._defined()]
        return f'HTTPCriteria({", ".join(shown)}{", exact=True" if self.exact else ""})'

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, HTTPCriteria):
            return NotImplemented
        return self.exact == other.exact and self._defined() == other._defined()

    __hash__: ClassVar[None] = None  # type: ignore[assignment]  # its fields can be dicts

    @property
    def notation(self) -> str:
        url = ''
        shown: set[str] = set()
        if isinstance(self.path, str):
            has_host = isinstance(self.scheme, str) and isinstance(self.host, str)
            prefix = f'{self.scheme}://{self.host}' if has_host else ''
            url = prefix + self.path
            shown |= {'path', 'scheme', 'host'} if prefix else {'path'}
        params: Mapping[str, Any] = self.params
        if isinstance(self.params, Mapping):
            items = params.items()
            if all(value is ... or isinstance(value, (str, int)) for _, value in items):
                url += '?' + '&'.join(key if value is ... else f'{key}={value}' for key, value in items)
                shown.add('params')
        if isinstance(self.method, str):
            url = f'{self.method.lower()} {url}'.rstrip()
            shown.add('method')
        rest = [f'{name}({describe(value)})' for name, value in self._defined() if name not in shown]
        return ', '.join([describe(url), *rest] if url else rest) or 'None'

    # ---- Merging ----

    def merge(self, other: Criteria, /) -> 'HTTPCriteria | None':
        """The criteria that mean both; field by field, and key by key in mappings."""
        if not isinstance(other, HTTPCriteria):
            return None
        merged = HTTPCriteria(exact=(self.exact and self.data is not ...) or (other.exact and other.data is not ...))
        for name in FIELDS:
            old, new = getattr(self, name), getattr(other, name)
            if old is ... or new is ...:
                value = new if old is ... else old
            elif name == 'headers' and isinstance(old, Mapping) and isinstance(new, Mapping):
                value = _merge_headers(cast('Mapping[str, Any]', old), cast('Mapping[str, Any]', new))
            elif name == 'data' and self.exact != other.exact:
                value = _merge_exact(old, new, other.exact)
            elif name == 'data' and self.exact and old != new:
                raise ContradictionError(name, getattr(self, name), getattr(other, name))
            else:
                value = merge_patterns(name, old, new)
            setattr(merged, name, value)
        return merged

    # ---- What an index can use ----

    @property
    def exact_method(self) -> str | None:
        """The only method that can match, if there is one."""
        return self.method if type(self.method) is str else None

    @property
    def exact_path(self) -> str | None:
        """The only decoded path that can match, if there is one."""
        return self.path if type(self.path) is str and not is_glob(self.path) else None

    # ---- Asking ----

    def check(self, request: Request, /) -> bool:
        """Say if all of the fields match."""
        target, rest = self.target_check, self.rest_check
        return (target is None or target(request)) and (rest is None or rest(request))

    @property
    def target_check(self) -> RequestCheck | None:
        """The part that depends on the method and the target alone; None if any will do. Made once."""
        if self._target is ...:
            self._target = self._compile_target()
        return self._target

    @property
    def rest_check(self) -> RequestCheck | None:
        """The part that depends on anything else in the request; None if any will do. Made once."""
        if self._rest is ...:
            # Most criteria have nothing of it; it is a chain, as rules are registered by thousands.
            nothing = (
                self.scheme is self.host is self.headers is self.cookies is self.body is self.text is self.data is ...
            )
            nothing = nothing and all(map(_is_constant, self._target_patterns))
            self._rest = None if nothing else self._compile_rest()
        return self._rest

    def residual_check(self, method: str | None, path: str | None) -> RequestCheck | None:
        """The same as `target_check`, for those who know that the method and the path are exactly these."""
        checks: list[RequestCheck] = []
        if self.method is not ... and (method is None or self.method != method) and _is_constant(self.method):
            checks.append(_method_check(self.method))
        if self.path is not ... and (path is None or self.path != path) and _is_constant(self.path):
            checks.append(_path_check(self.path))
        if self.params is not ... and _is_constant(self.params):
            checks.append(_params_check(self.params))
        return all_of(checks)

    @property
    def _target_patterns(self) -> tuple[Any, Any, Any]:
        return self.method, self.path, self.params

    def _compile_target(self) -> RequestCheck | None:
        return self.residual_check(None, None)

    def _compile_rest(self) -> RequestCheck | None:
        checks: list[RequestCheck] = []
        scheme, text, body, data = self.scheme, self.text, self.body, self.data
        for pattern, make in zip(self._target_patterns, (_method_check, _path_check, _params_check), strict=True):
            if not _is_constant(pattern):
                checks.append(make(pattern))
        if scheme is not ...:
            checks.append(lambda request: matches(scheme, request.record[5][0]))
        if self.host is not ...:
            checks.append(_host_check(self.host))
        if self.headers is not ...:
            checks.append(_headers_check(self.headers))
        if self.cookies is not ...:
            checks.append(_cookies_check(self.cookies))
        if body is not ...:
            checks.append(_body_check(body))
        if text is not ...:
            checks.append(lambda request: matches(text, request.text if request.body or text is not None else ABSENT))
        if data is not ...:
            checks.append(_data_check(data, self.exact))
        return all_of(checks)

    # ---- Explaining ----

    def explain(self, request: Request, /) -> list[Finding]:
        """One finding a field, or a key of a mapping field."""
        findings: list[Finding] = []
        for name, pattern in self._defined():
            if name in {'params', 'headers', 'cookies'} and isinstance(pattern, Mapping):
                for key, item in cast('Mapping[str, Any]', pattern).items():
                    values = _VALUES[name](request, key)
                    held = any_matches(item, values)
                    shown = describe(ABSENT if not values else values[0] if len(values) == 1 else list(values))
                    label = f'{name}[{key!r}]'
                    findings.append(Finding(label, held, '' if held else f'{label}: {shown} != {describe(item)}'))
            else:
                findings.append(self._explain_field(name, pattern, request))
        return findings

    def _explain_field(self, name: str, pattern: Any, request: Request) -> Finding:
        detail = ''
        if name == 'data':  # first, as it is a document that may be long, and these are found early
            detail = in_one_line(differences(name, pattern, request.data, exact=self.exact))
        if not detail and HTTPCriteria(**{name: pattern}, exact=self.exact).check(request):
            return Finding(name, held=True)
        actual: Any = (
            request.method_name if name == 'method' else getattr(request.origin if name == 'scheme' else request, name)
        )
        if name == 'data':
            detail = detail or f'{name}: {describe(actual)}'
            if actual is None and request.body:
                detail += f'; {explain_unreadable(request.body)}'
            return Finding(name, False, detail, pattern, actual, exact=self.exact)
        shown = describe(actual) if name != 'method' else str(actual)
        wanted = describe(pattern) if name != 'method' else str(pattern)
        return Finding(name, False, f'{name}: {shown} != {wanted}')


# ---- Ready-made checks ----


def _is_constant(pattern: Any) -> bool:
    """True if a pattern will always say the same of equal values, so that its answer may be remembered."""
    if type(pattern) is str or pattern is ... or pattern is None:
        return True
    several: Any = pattern
    if isinstance(pattern, Mapping):
        return all(map(_is_constant, several.values()))
    if isinstance(pattern, (set, frozenset, list, tuple)):
        return all(map(_is_constant, several))
    return isinstance(pattern, (str, bytes, int, float, range, re.Pattern))


def all_of(checks: Sequence[RequestCheck]) -> RequestCheck | None:
    """One check for several; None for none."""
    if not checks:
        return None
    if len(checks) == 1:
        return checks[0]
    if len(checks) == 2:
        first, second = checks
        return lambda request: first(request) and second(request)
    return lambda request: all(check(request) for check in checks)


def _method_check(pattern: Any) -> RequestCheck:
    if type(pattern) is str:
        return lambda request: request.method_name == pattern
    if isinstance(pattern, (set, frozenset)):
        names = {str(as_text(item) or '').upper() for item in cast('set[Any]', pattern)}
        return lambda request: request.method_name in names
    return lambda request: matches(pattern, request.method_name)


def _path_check(pattern: Any) -> RequestCheck:
    if isinstance(pattern, (bytes, bytearray)):
        pattern = as_text(pattern)
    expression: re.Pattern[Any] = pattern
    if isinstance(pattern, re.Pattern):
        if isinstance(expression.pattern, str):
            return _expression_check(expression)
    elif type(pattern) is str:
        if is_glob(pattern):
            return glob_check(pattern)
        return lambda request: request.path == pattern or request.raw_path == pattern
    elif isinstance(pattern, (set, frozenset, list, tuple)):
        checks = [_path_check(item) for item in cast('set[Any]', pattern)]
        return lambda request: any(check(request) for check in checks)
    return lambda request: matches(pattern, request.path)


def _expression_check(expression: 're.Pattern[str]') -> RequestCheck:
    fullmatch = expression.fullmatch
    return lambda request: fullmatch(request.path) is not None


def _host_check(pattern: Any) -> RequestCheck:
    if not isinstance(pattern, str):
        return lambda request: matches(pattern, request.host.lower())
    if is_glob(pattern):
        with_port = re.search(r':\d+$', pattern) is not None
        fullmatch = compile_glob(pattern).fullmatch
        return lambda request: fullmatch(request.host.lower() if with_port else _without_port(request.host)) is not None
    prefix = f'{pattern}:'

    def check(request: Request) -> bool:
        host = request.host
        return (
            host == pattern
            or (host := host.lower()) == pattern
            or (host.startswith(prefix) and host[len(prefix) :].isdigit())
        )

    return check


def _without_port(host: str) -> str:
    return re.sub(r':\d+$', '', host.lower())


def _params_check(pattern: Any) -> RequestCheck:
    if not isinstance(pattern, Mapping):
        return lambda request: matches(pattern, request.raw_query or None)
    items = list(cast('Mapping[str, Any]', pattern).items())
    return lambda request: all(any_matches(item, _param_values(request, key)) for key, item in items)


def _headers_check(pattern: Any) -> RequestCheck:
    if not isinstance(pattern, Mapping):
        return lambda request: matches(pattern, dict(request.headers) or None)
    mapping = cast('Mapping[str, Any]', pattern)
    items = [(name.lower().encode('utf-8', 'surrogateescape'), item) for name, item in mapping.items()]
    if len(items) == 1 and type(items[0][1]) is str:
        name, text = items[0]
        return lambda request: text in request.header_values.get(name, ())
    return lambda request: all(any_matches(item, request.header_values.get(name, ())) for name, item in items)


def _cookies_check(pattern: Any) -> RequestCheck:
    if not isinstance(pattern, Mapping):
        return lambda request: matches(pattern, dict(request.cookies) or None)
    mapping = cast('Mapping[str, Any]', pattern)
    if all(item is not None for item in mapping.values()):
        return lambda request: b'cookie' in request.header_values and matches(mapping, request.cookies)
    return lambda request: matches(mapping, request.cookies)


def _data_check(pattern: Any, exact: bool) -> RequestCheck:
    if isinstance(pattern, (Mapping, list, tuple)):
        return lambda request: request.record[4] != b'' and matches(pattern, request.data, exact=exact)
    return lambda request: matches(pattern, request.data, exact=exact)


def _body_check(pattern: Any) -> RequestCheck:
    if pattern is None:
        return lambda request: not request.body
    if isinstance(pattern, (bytes, bytearray, memoryview)):
        wanted = bytes(cast('Any', pattern))
        return lambda request: request.body == wanted
    return lambda request: matches(pattern, request.body)


def _param_values(request: Request, key: str) -> list[str]:
    return [value for name, value in request.query_pairs if name == key]


def _header_values(request: Request, key: str) -> list[str]:
    return request.header_values.get(key.lower().encode('utf-8', 'surrogateescape'), [])


def _cookie_values(request: Request, key: str) -> list[str]:
    return [request.cookies[key]] if key in request.cookies else []


_VALUES: dict[str, Callable[[Request, str], list[str]]] = {
    'params': _param_values,
    'headers': _header_values,
    'cookies': _cookie_values,
}


def _merge_exact(old: Any, new: Any, new_is_exact: bool) -> Any:
    exact, subset = (new, old) if new_is_exact else (old, new)
    if exact == subset or matches(subset, exact):
        return exact
    raise ContradictionError('data', old, new)


def _merge_headers(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(old)
    known = {name.lower(): name for name in merged}
    for name, value in new.items():
        twin = known.get(name.lower())
        if twin is None:
            merged[name] = value
        else:
            merged[twin] = merge_patterns(f'headers[{twin!r}]', merged[twin], value)
    return merged
