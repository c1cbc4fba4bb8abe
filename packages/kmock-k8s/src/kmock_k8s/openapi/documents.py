"""OpenAPI v3 documents: one for each version of an API group, and small ones for what discovery is at."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from kmock_k8s.api.describing import Description
from kmock_k8s.model.encoding import JSONObject
from kmock_k8s.model.versions import root_of
from kmock_k8s.openapi.builtin import META, BuiltinRoutes
from kmock_k8s.openapi.components import collect
from kmock_k8s.openapi.custom import Published, list_routes, publish
from kmock_k8s.openapi.routes import JSON, Route, build_paths, name_operation, name_tag

_SECURITY: Final = {'BearerToken': {'type': 'apiKey', 'name': 'authorization', 'in': 'header'}}
_VERSION_INFO: Final = 'io.k8s.apimachinery.pkg.version.Info'


def document_version(group: str, version: str, items: Sequence[Description], release: str) -> JSONObject:
    """The document of a version of a built-in group: ``api/v1``, ``apis/apps/v1``."""
    return _document(build_paths(list_version(group, version, items)), release, group, version)


def document_group(group: str, release: str) -> JSONObject:
    """The document of a built-in group without its versions: ``apis/apps``; ``api`` of the core one."""
    return _document(build_paths([tell_group(group)]), release, '', '')


def document_groups(release: str) -> JSONObject:
    """The document of what is at ``/apis``."""
    return _document(build_paths([tell_groups()]), release, '', '')


def document_release(release: str) -> JSONObject:
    """The document of what is at ``/version``."""
    return _document(build_paths([tell_release()]), release, '', '')


def list_version(group: str, version: str, items: Sequence[Description]) -> list[Route]:
    """The operations of a version of a built-in group."""
    root = f'{root_of(group, version)}/'
    operation = name_operation('get', group, version, 'APIResources')
    routes = [_tell(root, operation, name_tag(group, version), f'{META}APIResourceList')]
    for item in items:
        routes += BuiltinRoutes(group, version, item)
    return routes


def tell_group(group: str) -> Route:
    """The operation that tells of a built-in group; or of the versions of the core one."""
    if group:
        operation = name_operation('get', group, '', 'APIGroup')
        return _tell(f'/apis/{group}/', operation, name_tag(group), f'{META}APIGroup')
    return _tell('/api/', 'getCoreAPIVersions', 'core', f'{META}APIVersions')


def tell_groups() -> Route:
    """The operation that tells of all groups."""
    return _tell('/apis/', 'getAPIVersions', 'apis', f'{META}APIGroupList')


def tell_release() -> Route:
    """The operation that tells of the server."""
    return _tell('/version/', 'getCodeVersion', 'version', _VERSION_INFO)._replace(produces=(JSON,))


def document_custom(
    group: str, version: str, items: Sequence[tuple[Description, Published]], others: Mapping[str, Any] | None = None
) -> JSONObject:
    """The document of a version of a group that has custom resources; they are added to the built-in document, if any.

    Args:
        group: the API group.
        version: its version.
        items: its custom resources.
        others: the document of the built-in resources of the same version of the group.
    """
    routes: list[Route] = []
    own: dict[str, JSONObject] = {}
    for item, known in items:
        routes += list_routes(group, version, item, known.list_kind)
        own |= publish(group, version, item.kind, known)
    paths = build_paths(routes)
    schemas = collect(paths, group, version, own)
    if others is not None:
        mixed = {**others['components'], 'schemas': {**others['components']['schemas'], **schemas}}
        return {**others, 'paths': {**others['paths'], **paths}, 'components': mixed}
    info = {'title': 'Kubernetes CRD Swagger', 'version': 'v0.1.0'}
    return {'openapi': '3.0.0', 'info': info, 'paths': paths, 'components': {'schemas': schemas}}


def _tell(path: str, operation: str, tag: str, answer: str) -> Route:
    return Route(path, 'get', tag, operation, answers={200: answer})


def _document(paths: JSONObject, release: str, group: str, version: str) -> JSONObject:
    schemas = collect(paths, group, version, {})
    return {
        'openapi': '3.0.0',
        'info': {'title': 'Kubernetes', 'version': release},
        'paths': paths,
        'components': {'schemas': schemas, 'securitySchemes': _SECURITY},
    }
