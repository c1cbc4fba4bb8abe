"""The documents of discovery as a kube-apiserver serves them: with ETags, and with representations to choose from."""

import json
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from hashlib import sha512
from typing import Any

from kmock_core import Request
from kmock_core.values.requests import split_target
from kmock_core.values.responses import Answer, Metadata
from kmock_k8s.api import documents
from kmock_k8s.api.discovery import AGGREGATED, prefers_aggregated
from kmock_k8s.api.documents import Catalog
from kmock_k8s.cluster.backend import answer, no_such_page
from kmock_k8s.cluster.discovery.health import find_health, list_checks
from kmock_k8s.cluster.discovery.pages import PAGES, find_page
from kmock_k8s.cluster.discovery.storage import find_storage
from kmock_k8s.cluster.representing.answers import represent_document
from kmock_k8s.cluster.statuses import no_such_resource, not_allowed
from kmock_k8s.model.encoding import JSONObject, encode
from kmock_k8s.model.info import ResourceInfo
from kmock_k8s.model.loading import read_bundled
from kmock_k8s.model.resources import resource
from kmock_k8s.model.urls import Location, parse_path
from kmock_k8s.schemas import builtin

_JSON = 'application/json'
_RAW = Metadata(headers={'Cache-Control': 'no-cache, private'})
_OPENAPI = ('/openapi/v2', '/openapi/v3', '/openapi/v3/')


class Discovery:
    """What is told at the URLs that are about no objects.

    Args:
        list_known: gives the resources to tell of.
        version: gives the document of ``/version``.
        count: counts the objects of each resource.
    """

    def __init__(
        self,
        list_known: Callable[[], Mapping[resource, ResourceInfo]],
        version: Callable[[], Mapping[str, Any]],
        count: Callable[[], Iterable[tuple[resource, int]]],
    ) -> None:
        self._list_known = list_known
        self._version = version
        self._count = count

    def find(self, request: Request) -> Answer | None:
        """The answer to a request; None if there is nothing to tell at its URL.

        Raises:
            KubernetesError: there is no such version of a group; or the method, or what the client takes, is not for
                this document.
        """
        path, query = split_target(request.target)
        location = parse_path(path)
        if location.discovery:
            return self._find_resources(request, location)
        if path.rstrip('/') == '/version':
            _demand(request, 'GET')
            return _indent(self._version())
        return self._find_page(request, path, query)  # by handlers that do not look at the method

    def _find_page(self, request: Request, path: str, query: str) -> Answer | None:
        if path == '/':
            paths = [*list_checks(), *PAGES, *_OPENAPI, '/version']
            return _indent(documents.list_paths(self._catalog(), paths))
        return find_health(path, query) or find_page(path, request, self._version(), self._count)

    def _catalog(self) -> Catalog:
        return Catalog(self._list_known(), find_storage)

    def _find_resources(self, request: Request, location: Location) -> Answer:
        group, version = location.group, location.version
        catalog = self._catalog()
        if group is not None:
            versions = catalog.versions(group)
            if version not in (None, *versions) or not versions:
                if version is None or not _is_builtin(catalog, group):
                    return no_such_page()
                raise no_such_resource()
        if version or group == '':  # what is not of one version comes from a handler that does not look at the method
            _demand(request, 'GET')
        accept = ','.join(request.header_values.get(b'accept', ()))
        if version is None and not group and prefers_aggregated(accept):
            aggregate = documents.list_groups_aggregated if group is None else documents.list_core_aggregated
            return _tag(encode(aggregate(catalog)) + b'\n', request)
        return represent_document(request, answer(encode(_describe(catalog, group, version, request.host))))


def _describe(catalog: Catalog, group: str | None, version: str | None, host: str) -> JSONObject:
    if group is None:
        return documents.list_groups(catalog)
    if version is not None:
        return documents.list_resources(catalog, group, version)
    return documents.show_group(catalog, group) if group else documents.list_versions(catalog, host)


def _is_builtin(catalog: Catalog, group: str) -> bool:
    return any(
        builtin(group, version, item.kind) is not None
        for version in catalog.versions(group)
        for item in catalog.resources(group, version)
    )


def _demand(request: Request, *methods: str) -> None:
    if request.method_name not in methods:
        raise not_allowed()


def _tag(body: bytes, request: Request) -> Answer:
    """A document that a client may have already, and asks for by its hash (RFC 9110 §13.1.2)."""
    tag = f'"{sha512(body).hexdigest().upper()}"'
    headers = {'Cache-Control': 'public', 'Vary': 'Accept', 'ETag': tag}
    if tag in request.header_values.get(b'if-none-match', ()):
        return Metadata(status=304, headers=headers).compose(b'')
    return Metadata(headers=headers).compose(body, AGGREGATED)


def _indent(document: Mapping[str, Any]) -> Answer:
    """A document that is always indented, and does not end its line (``responsewriters.WriteRawJSON``)."""
    return _RAW.compose(json.dumps(document, indent=2, ensure_ascii=False).encode(), _JSON)


def imitated_version() -> dict[str, Any]:
    """What ``/version`` tells of the Kubernetes that is imitated: that of the bundled resources."""
    return dict(_imitated_version())


@cache
def _imitated_version() -> dict[str, Any]:
    return dict(read_bundled()['version'])
