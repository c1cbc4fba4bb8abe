"""The operations of the built-in resources."""

from collections.abc import Iterator, Mapping
from typing import Final

from kmock_k8s.api.describing import Description, Subresource
from kmock_k8s.model.deletions import ANSWERING
from kmock_k8s.model.versions import root_of
from kmock_k8s.openapi.parameters import (
    CONNECTING,
    DELETING,
    LISTING,
    LOGGING,
    PATCHING,
    PRETTY,
    SELECTING,
    WRITING,
)
from kmock_k8s.openapi.routes import STREAMED, WHOLE, Route, name_operation, name_tag
from kmock_k8s.schemas.tables import load

META: Final = 'io.k8s.apimachinery.pkg.apis.meta.v1.'
PATCHES: Final = (
    'application/apply-patch+yaml',
    'application/json-patch+json',
    'application/merge-patch+json',
    'application/strategic-merge-patch+json',
)
_CONNECTED: Final = {
    'proxy': ('get', 'put', 'post', 'delete', 'options', 'head', 'patch'),
}


class BuiltinRoutes:
    """The operations of one resource.

    Args:
        group: its API group, empty for the core one.
        version: its version.
        item: what discovery tells of it.
    """

    def __init__(self, group: str, version: str, item: Description) -> None:
        self._group = group
        self._version = version
        self._item = item
        self._root = root_of(group, version)
        self._place = f'{"namespaces/{namespace}/" if item.namespaced else ""}{item.plural}'
        self._kind = (group, version, item.kind)
        self._scope = 'Namespaced' if item.namespaced else ''

    def __iter__(self) -> Iterator[Route]:
        yield from self._about_all()
        yield from self._about_one()
        yield from self._watches()
        for part in self._item.subresources:
            yield from self._about_part(part)

    def _route(
        self,
        path: str,
        method: str,
        verb: str,
        rest: str,
        action: str,
        query: tuple[str, ...] = (),
        answers: Mapping[int, str | None] | None = None,
        produces: tuple[str, ...] = WHOLE,
        body: str | None = None,
        consumes: tuple[str, ...] = ('*/*',),
        demands_body: bool = True,
        kind: tuple[str, str, str] | None = None,
    ) -> Route:
        return Route(
            f'{self._root}/{path}',
            method,
            name_tag(self._group, self._version),
            name_operation(verb, self._group, self._version, rest),
            query,
            {200: None} if answers is None else answers,
            produces,
            body,
            consumes,
            demands_body,
            action,
            self._kind if kind is None else kind,
        )

    def _about_all(self) -> Iterator[Route]:
        verbs, named = self._item.verbs, self._scope + self._item.kind
        if 'list' in verbs:
            query: tuple[str, ...] = (*LISTING, *PRETTY)
            listed: dict[int, str | None] = {200: schema_of(*self._kind, suffix='List')}
            if self._item.namespaced:
                rest = f'{self._item.kind}ForAllNamespaces'
                yield self._route(self._item.plural, 'get', 'list', rest, 'list', query, listed, STREAMED)
            yield self._route(self._place, 'get', 'list', named, 'list', query, listed, STREAMED)
        if 'create' in verbs:
            yield self._create(self._place, named, self._kind)
        if 'deletecollection' in verbs:
            query = (*SELECTING, *DELETING, *PRETTY)
            rest, answers, body = f'Collection{named}', {200: f'{META}Status'}, f'{META}DeleteOptions'
            yield self._route(
                self._place, 'delete', 'delete', rest, 'deletecollection', query, answers, body=body, demands_body=False
            )

    def _create(self, path: str, rest: str, kind: tuple[str, str, str]) -> Route:
        name = schema_of(*kind)
        answers: dict[int, str | None] = {200: name, 201: name, 202: name}
        return self._route(path, 'post', 'create', rest, 'post', (*WRITING, *PRETTY), answers, body=name, kind=kind)

    def _about_one(self) -> Iterator[Route]:
        path, rest = f'{self._place}/{{name}}', self._scope + self._item.kind
        yield from self._change(path, rest, self._item.verbs, self._kind)
        if 'delete' in self._item.verbs:
            answers_object = (self._group, self._item.kind) in ANSWERING
            name = schema_of(*self._kind) if answers_object else f'{META}Status'
            yield self._route(
                path, 'delete', 'delete', rest, 'delete', (*DELETING, *PRETTY), {200: name, 202: name},
                body=f'{META}DeleteOptions', demands_body=False,
            )  # fmt: skip

    def _change(self, path: str, rest: str, verbs: tuple[str, ...], kind: tuple[str, str, str]) -> Iterator[Route]:
        name = schema_of(*kind)
        if 'get' in verbs:
            yield self._route(path, 'get', 'read', rest, 'get', PRETTY, {200: name}, kind=kind)
        answers: dict[int, str | None] = {200: name, 201: name}
        query: tuple[str, ...] = (*WRITING, *PRETTY)
        if 'update' in verbs:
            yield self._route(path, 'put', 'replace', rest, 'put', query, answers, body=name, kind=kind)
        if 'patch' in verbs:
            query, body = (*PATCHING, *PRETTY), f'{META}Patch'
            yield self._route(
                path, 'patch', 'patch', rest, 'patch', query, answers, body=body, consumes=PATCHES, kind=kind
            )

    def _watches(self) -> Iterator[Route]:
        """The URLs for watches alone, from before there was a parameter for it."""
        if 'watch' not in self._item.verbs:
            return
        query = (*LISTING, *PRETTY)
        answers: dict[int, str | None] = {200: f'{META}WatchEvent'}
        kind, place = self._item.kind, f'watch/{self._place}'
        if self._item.namespaced:
            path, rest = f'watch/{self._item.plural}', f'{kind}ListForAllNamespaces'
            yield self._route(path, 'get', 'watch', rest, 'watchlist', query, answers, STREAMED)
        yield self._route(place, 'get', 'watch', f'{self._scope}{kind}List', 'watchlist', query, answers, STREAMED)
        path = f'{place}/{{name}}'
        yield self._route(path, 'get', 'watch', self._scope + kind, 'watch', query, answers, STREAMED)

    def _about_part(self, part: Subresource) -> Iterator[Route]:
        path = f'{self._place}/{{name}}/{part.name}'
        rest = f'{self._scope}{self._item.kind}{part.name.capitalize()}'
        kind = (part.group, part.version, part.kind) if part.version else (self._group, self._version, part.kind)
        if (query := CONNECTING.get(part.name)) is not None:
            yield from self._connect(path, rest, part, query, kind)
        elif part.name == 'log':
            yield self._route(path, 'get', 'read', rest, 'get', LOGGING, produces=(*WHOLE, 'text/plain'))
        elif part.verbs == ('create',):
            yield self._create(path, rest, kind)
        else:
            yield from self._change(path, rest, part.verbs, kind)

    def _connect(
        self, path: str, rest: str, part: Subresource, query: tuple[str, ...], kind: tuple[str, str, str]
    ) -> Iterator[Route]:
        for method in _CONNECTED.get(part.name, ('get', 'post')):
            named = method.capitalize() + rest
            yield self._route(path, method, 'connect', named, 'connect', query, produces=('*/*',), kind=kind)
            if part.name == 'proxy':
                below, longer = f'{path}/{{path}}', f'{named}WithPath'
                yield self._route(below, method, 'connect', longer, 'connect', query, produces=('*/*',), kind=kind)


def schema_of(group: str, version: str, kind: str, suffix: str = '') -> str:
    """The name of the schema of a built-in kind."""
    return load().kinds[f'{group}/{version}/{kind}{suffix}']
