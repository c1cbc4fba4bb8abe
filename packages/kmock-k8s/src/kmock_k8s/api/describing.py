"""What discovery tells of a resource and of its subresources, where not all is known too."""

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from kmock_k8s.model.info import ResourceInfo
from kmock_k8s.model.loading import read_bundled, read_data
from kmock_k8s.model.resources import resource

VERBS = ('create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch')
"""What can be done with the resources of which no verbs are known."""

CUSTOM_VERBS = dict.fromkeys(('delete', 'deletecollection', 'get', 'list', 'patch', 'create', 'update', 'watch')).keys()
"""What can be done with custom resources, as a real server orders it."""


class Subresource(NamedTuple):
    """A subresource of a resource: ``pods/status``."""

    name: str
    group: str
    """The group and the version of its kind: empty if they are those of the resource."""
    version: str
    kind: str
    verbs: tuple[str, ...]


class Description(NamedTuple):
    """A resource, with nothing left unknown."""

    plural: str
    singular: str
    namespaced: bool
    kind: str
    verbs: tuple[str, ...]
    shortnames: tuple[str, ...]
    categories: tuple[str, ...]
    subresources: tuple[Subresource, ...]
    storage: str = ''
    """The group, the version and the kind that its objects are stored as; empty if that is not known."""
    group: str = ''
    """The group and the version of a custom resource; a real server leaves them out of built-in ones."""
    version: str = ''


def describe(one: resource, info: ResourceInfo) -> Description:
    """Describe a resource by what is known of it.

    What is not known of it is as in a current Kubernetes, if the resource is a built-in one; else it is namespaced, its
    kind and its singular are derived from its plural, and all can be done with it.
    """
    plural, names = one.key[2], info.names
    given_kind, singular, namespaced = info.kind, info.singular, info.namespaced
    kind = given_kind
    if (kind is None or singular is None or namespaced is None) and (usual := _usual().get(one)):
        kind = usual.kind if kind is None else kind
        singular = usual.singular if singular is None and kind == usual.kind else singular
        namespaced = usual.namespaced if namespaced is None else namespaced
    if singular is None:
        singular = given_kind.lower() if given_kind else singularize(plural)
    if kind is None:
        kind = singular[:1].upper() + singular[1:]
    return Description(
        plural=plural,
        singular=singular,
        namespaced=True if namespaced is None else namespaced,
        kind=kind,
        verbs=_order_verbs(one, info),
        shortnames=tuple(sorted(info.shortnames)) if names is None else names.shortnames,
        categories=tuple(sorted(info.categories)) if names is None else names.categories,
        subresources=tuple(_describe_subresources(info, kind)),
        storage=info.storage,
        group='' if names is None else one.key[0],
        version='' if names is None else one.key[1],
    )


def _order_verbs(one: resource, info: ResourceInfo) -> tuple[str, ...]:
    if info.verbs == CUSTOM_VERBS and one not in _usual():
        return tuple(CUSTOM_VERBS)
    return tuple(sorted(info.verbs)) or VERBS


def singularize(plural: str) -> str:
    """Guess the name of one by the name of many, as Kubernetes guesses the other way round."""
    if plural.endswith('ies'):
        return plural[:-3] + 'y'
    if plural.endswith(('sses', 'xes', 'ches', 'shes')):
        return plural[:-2]
    return (plural[:-1] or plural) if plural.endswith('s') and not plural.endswith('ss') else plural


_GET_PATCH_UPDATE = ('get', 'patch', 'update')
_CREATE_GET = ('create', 'get')

_SUBRESOURCES = {
    'attach': Subresource('attach', '', '', '{}AttachOptions', _CREATE_GET),
    'binding': Subresource('binding', '', '', 'Binding', ('create',)),
    'eviction': Subresource('eviction', 'policy', 'v1', 'Eviction', ('create',)),
    'exec': Subresource('exec', '', '', '{}ExecOptions', _CREATE_GET),
    'finalize': Subresource('finalize', '', '', '{}', ('update',)),
    'log': Subresource('log', '', '', '{}', ('get',)),
    'portforward': Subresource('portforward', '', '', '{}PortForwardOptions', _CREATE_GET),
    'proxy': Subresource('proxy', '', '', '{}ProxyOptions', ('create', 'delete', *_GET_PATCH_UPDATE)),
    'scale': Subresource('scale', 'autoscaling', 'v1', 'Scale', _GET_PATCH_UPDATE),
    'token': Subresource('token', 'authentication.k8s.io', 'v1', 'TokenRequest', ('create',)),
}
"""Those that are not like ``status``: their kinds, where ``{}`` is that of the resource, and verbs."""


def _describe_subresources(info: ResourceInfo, kind: str) -> Iterator[Subresource]:
    for name in sorted(info.subresources, reverse=info.names is not None):  # of a custom one: status, scale
        usual = _SUBRESOURCES.get(name)
        if usual is None:
            yield Subresource(name, '', '', kind, _GET_PATCH_UPDATE)
        else:
            yield usual._replace(kind=usual.kind.replace('{}', kind))


@lru_cache(maxsize=1)
def _usual() -> dict[resource, ResourceInfo]:
    return dict(read_data(read_bundled()['resources']))
