"""A recorded request: a tuple of atoms in the log, and the rich `Request` that is made when somebody looks at it."""

import json
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, Protocol, TypeVar, cast, runtime_checkable

from kmock_core.registry import FACETS
from kmock_core.values import methods
from kmock_core.values.bodies import decode_text, parse_data
from kmock_core.values.headers import (
    RawHeaders,
    decode_headers,
    decode_percent,
    encode_headers,
    parse_cookies,
    parse_query,
)

if TYPE_CHECKING:
    from multidict import CIMultiDictProxy, MultiDictProxy
    from yarl import URL

    from kmock_core.values.certificates import Certificate

_T = TypeVar('_T')
_D = TypeVar('_D')


class Origin(NamedTuple):
    """Where a request came from and by which way; one object is shared by all requests of a connection."""

    scheme: str = 'http'
    """``http`` or ``https``."""
    authority: str = 'localhost'
    """Host and port of the server's end, used where a request has no Host header."""
    remote: str | None = None
    """The address of the client's end without the port, or None where there is none (in process)."""
    version: str = '1.1'
    """The HTTP version as in the request line: ``1.0``, ``1.1``, ``2``."""
    client_cert: 'CertificateAtoms | None' = None
    """The certificate that the client has presented, if any; `Request.client_cert` reads it."""


NameAtoms = tuple[tuple[str, str], ...]
CertificateAtoms = tuple[NameAtoms, NameAtoms, str, NameAtoms, str, str]
"""A certificate: its subject, alternative names, serial number in hex, issuer, and the dates of its validity."""

OriginAtoms = tuple[str, str, str | None, str] | tuple[str, str, str | None, str, CertificateAtoms | None]
"""The same as a plain tuple, not a named one: the garbage collector stops tracking only those.

The certificate can be left out.
"""

IN_PROCESS: OriginAtoms = ('http', 'localhost', None, '1.1')

Record = tuple[int, str, str, RawHeaders, bytes, OriginAtoms]
"""A request in the log: id, method, target, raw headers, body, origin. Tuples of atoms cost the collector nothing."""


class Raw(NamedTuple):
    """A request as it came, before any interpretation."""

    method: str
    target: str
    headers: RawHeaders
    body: bytes
    origin: Origin


@runtime_checkable
class Facet(Protocol):
    """A reading of a request that a plugin adds; its public attributes become attributes of the request."""

    @classmethod
    def parse(cls, request: 'Request', /) -> 'Facet':
        """Read the request; must accept any request and never fail."""
        ...  # pragma: no cover


class Scope(Protocol):
    """A view or a rule by which a request is looked at."""

    def captures(self, request: 'Request', /) -> Mapping[str, str]:
        """What the placeholders of paths capture from the request."""
        ...  # pragma: no cover


FacetT = TypeVar('FacetT', bound=Facet)
MadeT = TypeVar('MadeT')


class Params(Mapping[str, str]):
    """The query of a request, whose look-ups fall back to the fields of a form or of a JSON object body.

    Iteration, length and equality are those of the query alone. A repeated key gives its first value; `getall` gives
    all of them.
    """

    __slots__ = ('_fallback', '_pairs')

    def __init__(self, pairs: list[tuple[str, str]], fallback: Mapping[str, Any] | None = None) -> None:
        self._pairs = pairs
        self._fallback: Mapping[str, Any] = {} if fallback is None else fallback

    def __getitem__(self, key: str) -> Any:
        for name, value in self._pairs:
            if name == key:
                return value
        return self._fallback[key]

    def get(self, key: str, /, default: Any = None) -> Any:
        """The value of the query, else of the body's field, else the default."""
        return super().get(key, default)

    def getall(self, key: str) -> list[str]:
        """All values of a key in the query, in order; an empty list if there are none."""
        return [value for name, value in self._pairs if name == key]

    def __contains__(self, key: object) -> bool:
        return any(name == key for name, _ in self._pairs) or key in self._fallback

    def __iter__(self) -> Iterator[str]:
        return iter(dict(self._pairs))

    def __len__(self) -> int:
        return len(dict(self._pairs))

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Params):
            return self._pairs == other._pairs
        if isinstance(other, Mapping):
            theirs = cast('Mapping[object, object]', other)
            return set(self) == set(theirs) and all(
                theirs[key] == (values[0] if len(values := self.getall(key)) == 1 else values) for key in self
            )
        return NotImplemented

    __hash__: ClassVar[None] = None  # type: ignore[assignment]  # as of any mapping

    def __repr__(self) -> str:
        shown = {key: values[0] if len(values := self.getall(key)) == 1 else values for key in self}
        return f'Params({shown!r})'


class _Draft:
    """A request that is being made: what it keeps, and it can be changed yet."""

    __slots__ = (
        '__weakref__', '_cache', '_header_values', '_path', '_scopes', 'id', 'method_name', 'record', 'target',
    )  # fmt: skip

    id: int
    """The number of the request in the order of arrival to its handler, from 0."""
    method_name: str
    """The method as plain text, upper-case for the standard ones."""
    target: str
    """The request target as it stands in the request line (RFC 9112 §3.2)."""
    record: Record
    """The request as the log keeps it."""

    _cache: dict[Any, Any] | None
    _scopes: 'list[Scope] | None'
    _path: str | None
    _header_values: 'dict[bytes, list[str]] | None'


_fill = object.__setattr__
"""Fills a place of a request that is parsed on demand."""


class Request(_Draft):
    """A request that came, as the test sees it: immutable, compared and hashed by identity.

    Everything beyond the method and the target is parsed when it is first asked for, and once.
    """

    __slots__ = ()

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f'a Request can not be changed: {name} = {value!r}', name=name, obj=self)

    def __reduce__(self) -> tuple[Any, ...]:
        return request_of, (self.record, type(self))

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f'a Request can not be changed: del {name}', name=name, obj=self)

    def __init__(
        self,
        method: str = 'GET',
        url: 'str | URL' = '/',
        *,
        id: int = 0,
        params: Mapping[str, Any] | None = None,
        headers: Mapping[str, Any] | None = None,
        cookies: Mapping[str, Any] | None = None,
        body: bytes | None = None,
        text: str | None = None,
        data: Any = None,
        origin: Origin | None = None,
    ) -> None:
        """Make a request by hand, e.g. to try criteria on; at most one of `body`, `text` and `data` (JSON) is given."""
        if sum(part is not None for part in (body, text, data)) > 1:
            raise TypeError('a request has either a body, or a text, or JSON data')
        target = str(url)
        fields = {name: str(value) for name, value in (headers or {}).items()}
        if params:
            from urllib.parse import urlencode  # heavy, and rarely needed

            target += ('&' if '?' in target else '?') + urlencode(params, doseq=True)
        if cookies:
            fields['Cookie'] = '; '.join(f'{name}={value}' for name, value in cookies.items())
        if text is not None:
            body = text.encode('utf-8')
        elif data is not None:
            body = json.dumps(data).encode('ascii')
            if not any(name.lower() == 'content-type' for name in fields):
                fields['Content-Type'] = 'application/json'
        raw = encode_headers(fields.items())
        record = (id, method.upper(), target, raw, body or b'', IN_PROCESS if origin is None else origin[:])
        for name, value in zip(('record', 'id', 'method_name', 'target'), (record, *record[:3]), strict=True):
            _fill(self, name, value)
        for name in ('_cache', '_scopes', '_path', '_header_values'):
            _fill(self, name, None)

    def __repr__(self) -> str:
        target = _shorten(self.target, 200)
        body = ' ' + _shorten(self.text, 60) if self.body else ''
        return f'<Request {self.id}: {self.method_name} {target}{body}>'

    def _cached(self, key: Any, make: Any) -> Any:
        cache = self._cache
        if cache is None:
            cache = {}
            _fill(self, '_cache', cache)
        try:
            return cache[key]
        except KeyError:
            value = cache[key] = make()
            return value

    @property
    def method(self) -> methods.method:
        """The HTTP method; compares with plain strings."""
        return methods.method(self.method_name)

    @property
    def url(self) -> 'URL':
        """The URL that the client asked for: the scheme of the connection, the Host header, the target."""
        return cast('URL', self._cached('url', self._make_url))

    def _make_url(self) -> 'URL':
        from yarl import URL

        try:
            if self.target.startswith(('http://', 'https://')):
                return URL(self.target)
            base = f'{self.origin.scheme}://{self.host}'
            return URL(base + (self.target if self.target.startswith('/') else f'/{self.target}'), encoded=True)
        except ValueError:
            path = self.path if self.path.startswith('/') else f'/{self.path}'
            return URL.build(scheme=self.origin.scheme, host='localhost', path=path)

    @property
    def origin(self) -> Origin:
        """The connection that the request came by."""
        return Origin(*cast('tuple[str, str, str | None, str, CertificateAtoms | None]', self.record[5]))

    @property
    def host(self) -> str:
        """The Host header, else the address of the server's end; with the port as it was sent."""
        if not self.target.startswith('/') and '://' in self.target:  # RFC 9112 §3.2.2: it beats the header
            return authority_of(self.target)
        values = self.header_values.get(b'host')
        if values:
            return values[0]
        return self.record[5][1]

    @property
    def remote(self) -> str | None:
        """The address of the client without its port, or None in process."""
        return self.record[5][2]

    @property
    def client_cert(self) -> 'Certificate | None':
        """The certificate that the client has presented, or None: without TLS, or without one."""
        return cast('Certificate | None', self._cached('client_cert', self._make_client_cert))

    def _make_client_cert(self) -> 'Certificate | None':
        origin = self.record[5]
        if len(origin) < 5 or origin[4] is None:
            return None
        from kmock_core.values.certificates import Certificate  # few tests have to do with them

        return Certificate(origin[4])

    @property
    def raw_path(self) -> str:
        """The path as it was sent: percent-encoded, without the query."""
        return cast('str', self._cached('raw_path', lambda: split_target(self.target)[0]))

    @property
    def raw_query(self) -> str:
        """The query as it was sent: percent-encoded, without the question mark."""
        return split_target(self.target)[1]

    @property
    def path(self) -> str:
        """The decoded path."""
        path = self._path
        if path is None:
            path = decode_path(split_target(self.target)[0])
            _fill(self, '_path', path)
        return path

    @property
    def path_params(self) -> Mapping[str, str]:
        """What the ``{placeholders}`` of the matched paths captured."""
        captured: dict[str, str] = {}
        for scope in self._scopes or ():
            captured.update(scope.captures(self))
        return MappingProxyType(captured)

    @property
    def params(self) -> Params:
        """The query; a look-up of a key that it lacks falls back to the fields of the body."""
        return cast('Params', self._cached('params', self._make_params))

    def _make_params(self) -> Params:
        data = self.data
        return Params(self.query_pairs, cast('Mapping[str, Any]', data) if isinstance(data, dict) else None)

    @property
    def query(self) -> 'MultiDictProxy[str]':
        """The query alone."""
        return cast('MultiDictProxy[str]', self._cached('query', self._make_query))

    def _make_query(self) -> 'MultiDictProxy[str]':
        from multidict import MultiDict, MultiDictProxy

        return MultiDictProxy(MultiDict(self.query_pairs))

    @property
    def query_pairs(self) -> list[tuple[str, str]]:
        """The decoded pairs of the query in order."""
        return cast('list[tuple[str, str]]', self._cached('query_pairs', self._make_query_pairs))

    def _make_query_pairs(self) -> list[tuple[str, str]]:
        query = split_target(self.target)[1]
        return [(name, '' if value is None else value) for name, value in parse_query(query)] if query else []

    @property
    def header_values(self) -> 'dict[bytes, list[str]]':
        """All values of each header by its name in lower-case bytes; for the matchers, not to be changed."""
        values = self._header_values
        if values is None:
            values = index_headers(self.record[3])
            _fill(self, '_header_values', values)
        return values

    @property
    def headers(self) -> 'CIMultiDictProxy[str]':
        """The headers; names ignore the case."""
        return cast('CIMultiDictProxy[str]', self._cached('headers', self._make_headers))

    def _make_headers(self) -> 'CIMultiDictProxy[str]':
        from multidict import CIMultiDict, CIMultiDictProxy

        return CIMultiDictProxy(CIMultiDict(decode_headers(self.record[3])))

    @property
    def cookies(self) -> Mapping[str, str]:
        """The cookies that the client sent."""
        return cast('Mapping[str, str]', self._cached('cookies', self._make_cookies))

    def _make_cookies(self) -> Mapping[str, str]:
        lines = [value.decode('utf-8', 'replace') for name, value in self.record[3] if name.lower() == b'cookie']
        return MappingProxyType(parse_cookies('; '.join(lines)))

    @property
    def content_type(self) -> str:
        """The media type of the body without parameters, in lower case; empty if there is none."""
        return self.full_content_type.partition(';')[0].strip().lower()

    @property
    def full_content_type(self) -> str:
        """The Content-Type header as it was sent; empty if there is none."""
        for name, value in self.record[3]:
            if len(name) == 12 and name.lower() == b'content-type':
                return value.decode('utf-8', 'replace')
        return ''

    @property
    def body(self) -> bytes:
        """The body as it came (content codings that the transport knows are undone)."""
        return self.record[4]

    @property
    def text(self) -> str:
        """The body as text; what can't be decoded becomes U+FFFD."""
        return cast('str', self._cached('text', lambda: decode_text(self.record[4], self.full_content_type)))

    @property
    def data(self) -> Any:
        """The body as JSON whenever it parses, else the fields of a form or of a multipart body, else None."""
        return self._cached('data', lambda: parse_data(self.record[4], self.full_content_type))

    @property
    def raw(self) -> Raw:
        """The request as it came."""
        return Raw(*self.record[1:5], self.origin)

    def facet(self, facet: type[FacetT]) -> FacetT:
        """The reading of this request by a plugin, made once."""
        return cast('FacetT', self._cached(facet, lambda: facet.parse(self)))

    def once(self, key: object, make: Callable[[], MadeT]) -> MadeT:
        """What handlers and plugins have made of this request under a key of theirs; it is made once."""
        return cast('MadeT', self._cached(key, make))

    def scope(self, scope: 'Scope') -> None:
        """Add a view by which this request is looked at; its placeholders count in `path_params`."""
        if self._scopes is None:
            _fill(self, '_scopes', [scope])
        elif not any(known is scope for known in self._scopes):
            self._scopes.append(scope)

    if not TYPE_CHECKING:

        def __getattr__(self, name):
            # Only what the facets of the installed plugins surface; asked for once a request and a facet.
            if not name.startswith('_'):
                for entry in FACETS.values():
                    value = getattr(self.facet(entry), name, FACETS)
                    if value is not FACETS:
                        return value
            raise AttributeError(f'{type(self).__name__!r} object has no attribute {name!r}', name=name, obj=self)


def _shorten(text: str, limit: int) -> str:
    shown = text if len(text) <= limit else text[: limit - 3] + '…'
    return shown if shown.isprintable() else repr(shown)


def request_of(record: Record, kind: type[Request] = Request) -> Request:
    """The request of a record of the log; its kind can't have any attributes of its own but properties."""
    draft = _Draft()
    draft.record = record
    draft.id, draft.method_name, draft.target = record[0], record[1], record[2]
    draft._cache = draft._scopes = draft._path = draft._header_values = None  # pyright: ignore[reportPrivateUsage]
    request = cast('Request', draft)
    request.__class__ = kind  # from now on, it can't be changed
    return request


@lru_cache(maxsize=512)
def index_headers(raw: RawHeaders) -> 'dict[bytes, list[str]]':
    """The values of headers by their names; most requests of a client have the same headers."""
    values: dict[bytes, list[str]] = {}
    for name, value in raw:
        values.setdefault(name.lower(), []).append(value.decode('utf-8', 'surrogateescape'))
    return values


def split_target(target: str) -> tuple[str, str]:
    """Split a request target into its raw path and raw query; absolute forms (RFC 9112 §3.2.2) lose their host."""
    if not target.startswith('/'):
        scheme, separator, rest = target.partition('://')
        if separator and scheme.isalpha():
            slash = rest.find('/')
            mark = rest.find('?')
            cut = min(p for p in (slash, mark, len(rest)) if p >= 0)
            target = rest[cut:] if rest[cut : cut + 1] == '/' else '/' + rest[cut:]
    path, _, query = target.partition('?')
    return path, query.partition('#')[0]


def authority_of(target: str) -> str:
    """The host and port of a request target in the absolute form."""
    rest = target.partition('://')[2]
    return rest[: min((p for p in (rest.find('/'), rest.find('?')) if p >= 0), default=len(rest))]


def decode_path(path: str) -> str:
    """Undo the percent-encoding of a path; bytes that are not UTF-8 become U+FFFD."""
    return decode_percent(path) if '%' in path else path
