"""The documents of discovery: which groups, versions and resources there are.

Their fields and the order of these are as those of a real server (API concepts, "Discovery API").
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from kmock_k8s.api.describing import Description, Subresource, describe
from kmock_k8s.api.precedence import rank_group, sort_groups, sort_versions
from kmock_k8s.model.encoding import JSONObject
from kmock_k8s.model.info import ResourceInfo
from kmock_k8s.model.resources import resource

CORE = 'v1'
"""The version of the core group that every server has: clients ask for it without looking whether it is there."""


class Catalog:
    """The known resources, by their groups and versions; all that is listed is in the order of a real server.

    Args:
        known: what is known of each one.
        find_storage: gives what the objects of a resource are stored as (``apps/v1/Deployment``), empty if they are
            not, or if that is not known.
    """

    def __init__(
        self, known: Mapping[resource, ResourceInfo], find_storage: Callable[[resource, Description], str] | None = None
    ) -> None:
        self._known = known
        self._find_storage = find_storage
        self._found: dict[str, dict[str, list[resource]]] = {'': {CORE: []}}
        for one in known:
            group, version, _ = one.key
            self._found.setdefault(group, {}).setdefault(version, []).append(one)

    @property
    def groups(self) -> list[str]:
        """The names of the groups, without the core one."""
        return sort_groups(group for group in self._found if group)

    @property
    def listed_groups(self) -> list[str]:
        """The same as ``/apis`` lists them: those that are not built-in by the names of their API services.

        An ``APIService`` is named as ``v1.example.com``, and the first one of each group counts (kube-aggregator,
        ``ByGroupPriorityMinimum``).
        """

        def rank(group: str) -> tuple[int, str]:
            return rank_group(group), min(f'{version}.{group}' for version in self._found[group])

        return sorted((group for group in self._found if group), key=rank)

    def versions(self, group: str) -> list[str]:
        """The versions of a group, the preferred one first; empty if the group is not known."""
        return sort_versions(self._found.get(group, ()))

    def resources(self, group: str, version: str) -> list[Description]:
        """The resources of a version of a group; empty if there are none."""
        found = self._found.get(group, {}).get(version, ())
        return [self._describe(one) for one in sorted(found, key=lambda one: one.key)]

    def _describe(self, one: resource) -> Description:
        described = describe(one, self._known[one])
        if self._find_storage is None or described.storage:
            return described
        return described._replace(storage=self._find_storage(one, described))


def list_versions(catalog: Catalog, address: str) -> JSONObject:
    """``/api``: the versions of the core group; the address is where the client has come to."""
    addresses = [{'clientCIDR': '0.0.0.0/0', 'serverAddress': address}] if address else []
    return {'kind': 'APIVersions', 'versions': catalog.versions(''), 'serverAddressByClientCIDRs': addresses}


def list_groups(catalog: Catalog) -> JSONObject:
    """``/apis``: all groups but the core one."""
    groups = [_describe_group(catalog, group) for group in catalog.listed_groups]
    return {'kind': 'APIGroupList', 'apiVersion': 'v1', 'groups': groups}


def show_group(catalog: Catalog, group: str) -> JSONObject:
    """``/apis/GROUP``: the versions of a group."""
    return {'kind': 'APIGroup', 'apiVersion': 'v1', **_describe_group(catalog, group)}


def _describe_group(catalog: Catalog, group: str) -> JSONObject:
    versions = [{'groupVersion': f'{group}/{version}', 'version': version} for version in catalog.versions(group)]
    return {'name': group, 'versions': versions, 'preferredVersion': versions[0]}


def list_resources(catalog: Catalog, group: str, version: str) -> JSONObject:
    """``/apis/GROUP/VERSION`` and ``/api/VERSION``: the resources, and their subresources."""
    rows = [row for item in catalog.resources(group, version) for row in _describe_resource(item)]
    if not group:
        return {'kind': 'APIResourceList', 'groupVersion': version, 'resources': rows}
    return {
        'kind': 'APIResourceList',
        'apiVersion': 'v1',
        'groupVersion': f'{group}/{version}',
        'resources': rows,
    }


def _describe_resource(item: Description) -> list[JSONObject]:
    row = {
        'name': item.plural,
        'singularName': item.singular,
        'namespaced': item.namespaced,
        'kind': item.kind,
        'verbs': item.verbs,
        **_nicknames(item),
        **({'storageVersionHash': hash_storage(item.storage)} if item.storage else {}),
    }
    return [row, *(_describe_subresource(item, subresource) for subresource in item.subresources)]


def hash_storage(storage: str) -> str:
    """What tells the versions apart that objects are stored in: ``storageVersionHash``."""
    from base64 import b64encode
    from hashlib import sha256

    return b64encode(sha256(storage.encode()).digest()[:8]).decode()


def _describe_subresource(item: Description, subresource: Subresource) -> JSONObject:
    origin = {'group': subresource.group, 'version': subresource.version} if subresource.version else {}
    return {
        'name': f'{item.plural}/{subresource.name}',
        'singularName': '',
        'namespaced': item.namespaced,
        **origin,
        'kind': subresource.kind,
        'verbs': subresource.verbs,
    }


def _nicknames(item: Description) -> dict[str, Any]:
    named = {'shortNames': item.shortnames, 'categories': item.categories}
    return {name: words for name, words in named.items() if words}


def list_core_aggregated(catalog: Catalog) -> JSONObject:
    """``/api`` with all of its versions and resources at once (KEP-3352)."""
    return _aggregate([{'metadata': {}, 'versions': _aggregate_versions(catalog, '')}])


def list_groups_aggregated(catalog: Catalog) -> JSONObject:
    """``/apis`` with all groups, versions and resources at once (KEP-3352)."""
    return _aggregate(
        [{'metadata': {'name': group}, 'versions': _aggregate_versions(catalog, group)} for group in catalog.groups]
    )


def _aggregate(items: list[JSONObject]) -> JSONObject:
    return {'kind': 'APIGroupDiscoveryList', 'apiVersion': 'apidiscovery.k8s.io/v2', 'metadata': {}, 'items': items}


def _aggregate_versions(catalog: Catalog, group: str) -> list[JSONObject]:
    return [
        {
            'version': version,
            'resources': [_aggregate_resource(item) for item in catalog.resources(group, version)],
            'freshness': 'Current',
        }
        for version in catalog.versions(group)
    ]


def _aggregate_resource(item: Description) -> JSONObject:
    subresources = [
        {
            'subresource': one.name,
            'responseKind': {
                'group': one.group or item.group,
                'version': one.version or item.version,
                'kind': one.kind,
            },
            'verbs': one.verbs,
        }
        for one in item.subresources
    ]
    return {
        'resource': item.plural,
        'responseKind': {'group': item.group, 'version': item.version, 'kind': item.kind},
        'scope': 'Namespaced' if item.namespaced else 'Cluster',
        'singularResource': item.singular,
        'verbs': item.verbs,
        **_nicknames(item),
        **({'subresources': subresources} if subresources else {}),
    }


def list_paths(catalog: Catalog, others: Iterable[str]) -> JSONObject:
    """``/``: the paths that there are."""
    paths = ['/api', '/apis', '/apis/', *others]
    paths += [f'/api/{version}' for version in catalog.versions('')]
    for group in catalog.groups:
        paths += [f'/apis/{group}', *(f'/apis/{group}/{version}' for version in catalog.versions(group))]
    return {'paths': sorted(paths)}
