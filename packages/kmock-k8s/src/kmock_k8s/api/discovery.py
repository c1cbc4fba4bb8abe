"""What a server of the Kubernetes API tells of itself: its resources, its version, its health."""

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from kmock_core.values.headers import parse_query
from kmock_core.values.requests import split_target
from kmock_core.values.responses import Answer, Metadata
from kmock_k8s.api import documents
from kmock_k8s.api.accepting import parse_accept
from kmock_k8s.api.documents import Catalog
from kmock_k8s.errors import KubernetesNotFoundError, KubernetesResourceNotFoundError
from kmock_k8s.model.encoding import encode
from kmock_k8s.model.info import ResourceInfo
from kmock_k8s.model.loading import read_bundled
from kmock_k8s.model.resources import resource
from kmock_k8s.model.urls import Location, parse_path

JSON = 'application/json'
AGGREGATED = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList'
PLAIN_TEXT = 'text/plain; charset=utf-8'

_HEALTH = ('/healthz', '/livez', '/readyz')
_CHECKS = ('ping', 'log', 'etcd')
_PATHS = [*_HEALTH, *(f'{path}/{check}' for path in _HEALTH for check in _CHECKS), '/version']

_SHOWN = 10  # names in messages
_PLAIN = Metadata()
_VARYING = Metadata(headers={'Vary': 'Accept'})


def find_document(
    target: str,
    list_known: Callable[[], Mapping[resource, ResourceInfo]],
    version: Mapping[str, Any],
    *,
    accept: str = '',
    host: str = '',
) -> Answer | None:
    """The answer to a GET of a URL that is not about objects; None if it is about objects, or not of the API.

    Slashes at the end of a URL do not matter. What is known is only read.

    Args:
        target: a request target: a path, perhaps with a query.
        list_known: gives the resources to tell of; ``v1`` of the core group is there even if it has none.
        version: the document for ``/version``.
        accept: the header of that name: ``/api`` and ``/apis`` tell all at once to clients that prefer that.
        host: the header of that name.

    Raises:
        KubernetesNotFoundError: there is no such group, or no such version of it; the message says how to declare it.
    """
    path, query = split_target(target)
    path = path.rstrip('/')
    if path == '':
        return _answer(documents.list_paths(Catalog(list_known()), _PATHS))
    if path == '/version':
        return _answer(version)
    location = parse_path(path)
    if location.discovery:
        return _find_resources(location, Catalog(list_known()), accept, host)
    return _find_health(path, query)


def _find_resources(location: Location, catalog: Catalog, accept: str, host: str) -> Answer:
    group, version = location.group, location.version
    if group is None:
        if prefers_aggregated(accept):
            return _answer(documents.list_groups_aggregated(catalog), AGGREGATED, _VARYING)
        return _answer(documents.list_groups(catalog))
    if version is None and not group:
        if prefers_aggregated(accept):
            return _answer(documents.list_core_aggregated(catalog), AGGREGATED, _VARYING)
        return _answer(documents.list_versions(catalog, host))
    versions = catalog.versions(group)
    if not versions or version not in (None, *versions):
        raise _refuse(group, version, versions, catalog.groups)
    if version is None:
        return _answer(documents.show_group(catalog, group))
    return _answer(documents.list_resources(catalog, group, version))


def _refuse(group: str, version: str | None, versions: list[str], groups: list[str]) -> KubernetesNotFoundError:
    if versions:
        what = f'version {version} of the API group {group}' if group else f'version {version} of the core API group'
    else:
        what = f'the API group {group}'
    known = versions or groups
    shown = ', '.join(known[:_SHOWN]) + (f' and {len(known) - _SHOWN} more' if len(known) > _SHOWN else '')
    example = resource(group, version or 'v1', 'plural')
    typed = repr(str(example)) if example == str(example) else repr(example)
    return KubernetesResourceNotFoundError(
        details={'group': group},
        message=f'No resources are known in {what} (known: {shown or "none"}). '
        f"Declare one: kmock.resources[{typed}] = {{'kind': …}}",
    )


def prefers_aggregated(accept: str) -> bool:
    """Tell if a client would rather have all groups, versions and resources in one document (KEP-3352, ``v2``)."""
    if 'APIGroupDiscoveryList' not in accept:
        return False
    for clause in parse_accept(accept):
        given = {name: value for name, value in clause.parameters.items() if name in _WANTED}
        if clause.covers(JSON) and given in ({}, _WANTED):
            return bool(given)
    return False


_WANTED = {'g': 'apidiscovery.k8s.io', 'v': 'v2', 'as': 'APIGroupDiscoveryList'}


def _find_health(path: str, query: str) -> Answer | None:
    _, _, tail = path.partition('/')
    name, _, check = tail.partition('/')
    if f'/{name}' not in _HEALTH or (check and check not in _CHECKS):
        return None
    text = 'ok'
    if not check and any(key == 'verbose' for key, _ in parse_query(query)):
        text = ''.join(f'[+]{one} ok\n' for one in _CHECKS) + f'{name} check passed\n'
    return _PLAIN.compose(text.encode(), PLAIN_TEXT)


def _answer(document: Mapping[str, Any], content_type: str = JSON, metadata: Metadata = _PLAIN) -> Answer:
    return metadata.compose(encode(document), content_type)


def default_version() -> dict[str, Any]:
    """What ``/version`` tells: the version of the Kubernetes whose resources are bundled.

    It has all fields that clients demand; of the build, nothing is made up: these fields are as in an unknown one.
    """
    return dict(_default_version())


@lru_cache(maxsize=1)
def _default_version() -> dict[str, Any]:
    import platform

    bundled = read_bundled()['version']
    machine = platform.machine().lower()
    machine = {'x86_64': 'amd64', 'aarch64': 'arm64'}.get(machine, machine)
    return {
        'major': bundled['major'],
        'minor': bundled['minor'],
        'gitVersion': bundled['gitVersion'],
        'gitCommit': '',
        'gitTreeState': '',
        'buildDate': '1970-01-01T00:00:00Z',
        'goVersion': '',
        'compiler': '',
        'platform': f'{platform.system().lower()}/{machine}',
    }
