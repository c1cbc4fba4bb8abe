"""What is answered below ``/openapi``: the index of the documents of v3, and these; and the only document of v2."""

from collections.abc import Callable, Iterator, Mapping
from functools import cache, lru_cache
from hashlib import sha512
from time import time
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from kmock_core import Request
from kmock_core.values.headers import parse_query
from kmock_core.values.requests import split_target
from kmock_core.values.responses import Answer, Metadata
from kmock_k8s.api.accepting import parse_accept
from kmock_k8s.api.describing import Description
from kmock_k8s.api.documents import Catalog
from kmock_k8s.model.encoding import JSONObject, encode
from kmock_k8s.model.info import ResourceInfo
from kmock_k8s.model.resources import resource
from kmock_k8s.openapi import documents
from kmock_k8s.openapi.custom import Published
from kmock_k8s.schemas.tables import load

if TYPE_CHECKING:
    from kmock_k8s.openapi.together import Together

ROOT: Final = '/openapi/v3'
TOGETHER: Final = '/openapi/v2'

_JSON = 'application/json'
_YEAR: Final = 365 * 24 * 60 * 60
_PRIVATE: Final = {'Cache-Control': 'no-cache, private'}
_INDEX = Metadata(headers=_PRIVATE)
_ABSENT = Metadata(status=404, headers=_PRIVATE)
_REFUSED = Metadata(status=406, headers={**_PRIVATE, 'Vary': 'Accept'})


class Source(NamedTuple):
    """What a document is made of; documents of equal sources are equal."""

    path: str
    group: str
    version: str
    builtin: tuple[Description, ...]
    custom: tuple[tuple[Description, Published], ...]
    release: str

    @property
    def hash(self) -> str:
        """What tells the states of a document apart."""
        return sha512(encode([_release(), *self])).hexdigest().upper()


class Documents:
    """The documents of a server: each one is made when it is first asked for, and again when something in it changes.

    Args:
        list_known: gives the resources to tell of.
        find_published: gives what is published of a resource that is not a built-in one; None if that is nothing.
        release: gives what ``/version`` tells.
    """

    def __init__(
        self,
        list_known: Callable[[], Mapping[resource, ResourceInfo]],
        find_published: Callable[[resource], Published | None],
        release: Callable[[], Mapping[str, Any]],
    ) -> None:
        self._list_known = list_known
        self._find_published = find_published
        self._release = release
        self._made: dict[str, tuple[Source, bytes]] = {}
        self._together: Together | None = None

    def find(self, request: Request) -> Answer | None:
        """The answer to a GET; None if it is about something else."""
        path, query = split_target(request.target)
        if path.rstrip('/') == ROOT:
            return self._show_index()
        if path != TOGETHER and not path.startswith(f'{ROOT}/'):
            return None
        accept = ','.join(request.header_values.get(b'accept', ()))
        tags = ','.join(request.header_values.get(b'if-none-match', ()))
        if path == TOGETHER:
            return self._show_together(accept, tags)
        wanted = next((value for key, value in parse_query(query) if key == 'hash' and value), None)
        return self._show(path.removeprefix(f'{ROOT}/').rstrip('/'), accept, wanted, tags)

    def _show_index(self) -> Answer:
        paths = {one.path: {'serverRelativeURL': f'{ROOT}/{one.path}?hash={one.hash}'} for one in self._sources()}
        return _INDEX.compose(encode({'paths': paths}), 'text/plain; charset=utf-8')

    def _show(self, path: str, accept: str, wanted: str | None, tags: str) -> Answer:
        source = next((one for one in self._sources() if one.path == path), None)
        if source is None:
            return _ABSENT.compose(b'')
        if not _takes_json(accept):
            return _REFUSED.compose(b'')
        tag = source.hash
        headers = {**_PRIVATE, 'Vary': 'Accept', 'ETag': f'"{tag}"'}
        if wanted is not None and wanted != tag:
            headers['Location'] = f'{ROOT}/{path}?hash={tag}'
            return Metadata(status=301, headers=headers).compose(b'')
        if wanted is not None:
            headers['Cache-Control'] = 'public, immutable'
            headers['Expires'] = _in_a_year()
        if _is_known(tag, tags):
            return Metadata(status=304, headers=headers).compose(b'')
        return Metadata(headers=headers).compose(self._make(source), _JSON)

    def _show_together(self, accept: str, tags: str) -> Answer:
        from kmock_k8s.openapi.together import Together, choose

        media = choose(accept)
        if media is None:
            return _REFUSED.compose(b'')
        sources = tuple(self._sources())
        document = self._together
        if document is None or document.sources != sources:
            document = self._together = Together(sources)
        tag = document.tag
        headers = {**_PRIVATE, 'Vary': 'Accept', 'ETag': f'"{tag}"'}
        if _is_known(tag, tags):
            return Metadata(status=304, headers=headers).compose(b'')
        return Metadata(headers=headers).compose(document.encode(media), media)

    def _make(self, source: Source) -> bytes:
        if not source.custom:
            return _encode_builtin(source)
        known, raw = self._made.get(source.path, (None, b''))
        if known != source:
            raw = encode(_make(source))
            self._made[source.path] = (source, raw)
        return raw

    def _sources(self) -> Iterator[Source]:
        known = self._release()
        release = f'{known.get("major", "")}.{known.get("minor", "")}'
        catalog = Catalog(self._list_known())
        yield Source('version', '', '', (), (), release)
        yield Source('api', '', '', (), (), release)
        yield Source('apis', '', '', (), (), release)
        for group in ['', *catalog.groups]:
            found = [self._read(catalog, group, version, release) for version in catalog.versions(group)]
            if group and any(one.builtin for one in found):
                yield Source(f'apis/{group}', group, '', (), (), release)
            yield from found

    def _read(self, catalog: Catalog, group: str, version: str, release: str) -> Source:
        builtin: list[Description] = []
        custom: list[tuple[Description, Published]] = []
        kinds = load().kinds
        for item in catalog.resources(group, version):
            published = self._find_published(resource(group, version, item.plural))
            if published is not None:
                custom.append((item, published))
            elif all(f'{group}/{version}/{kind}' in kinds for kind in _kinds_of(item)):
                builtin.append(item)
            else:
                custom.append((item, Published(f'{item.kind}List')))
        path = f'apis/{group}/{version}' if group else f'api/{version}'
        return Source(path, group, version, tuple(builtin), tuple(custom), release)


def _kinds_of(item: Description) -> list[str]:
    return [item.kind, f'{item.kind}List'] if 'list' in item.verbs else [item.kind]


def _make(source: Source) -> JSONObject:
    match source.path.split('/'):
        case ['version']:
            return documents.document_release(source.release)
        case ['apis']:
            return documents.document_groups(source.release)
        case ['api'] | ['apis', _]:
            return documents.document_group(source.group, source.release)
        case _:
            return _make_version(source)


def _make_version(source: Source) -> JSONObject:
    group, version = source.group, source.version
    builtin = None
    if source.builtin or not source.custom:
        builtin = documents.document_version(group, version, source.builtin, source.release)
    if not source.custom:
        return builtin or {}
    return documents.document_custom(group, version, source.custom, builtin)


@lru_cache(maxsize=128)
def _encode_builtin(source: Source) -> bytes:
    """The document of built-in resources alone: it is the same one in all servers."""
    return encode(_make(source))


@cache
def _release() -> str:
    from importlib.metadata import version

    return version('kmock-k8s')


def _in_a_year() -> str:
    from email.utils import formatdate

    return formatdate(time() + _YEAR, usegmt=True)


def _is_known(tag: str, tags: str) -> bool:
    """Tell if a client has this state of a document, by its ``If-None-Match``."""
    return f'"{tag}"' in tags or tags.strip() == '*'


def _takes_json(accept: str) -> bool:
    return any(clause.covers(_JSON) for clause in parse_accept(accept or '*/*'))
