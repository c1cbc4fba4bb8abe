"""From manifests to stored objects: which resource a kind is, and where an object belongs."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any, cast

from kmock_k8s.errors import ManifestError
from kmock_k8s.manifests.reading import Manifest, is_definition
from kmock_k8s.model.info import ResourceInfo
from kmock_k8s.model.keys import ObjectKey
from kmock_k8s.model.known import ResourcesArray
from kmock_k8s.model.resources import resource
from kmock_k8s.model.versions import api_version_of
from kmock_k8s.objects.arrays import ObjectsArray

DEFAULT_NAMESPACE = 'default'
VERBS = ('create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch')
"""What can be done with the objects of a ``CustomResourceDefinition``."""


def resources_of_crds(manifests: Iterable[Manifest]) -> dict[resource, ResourceInfo]:
    """The resources that the ``CustomResourceDefinition`` objects define, in all their served versions.

    Raises:
        ManifestError: a definition lacks what makes a resource.
    """
    found: dict[resource, ResourceInfo] = {}
    for manifest in manifests:
        if is_definition(manifest):
            try:
                found.update(_read_definition(manifest.content['spec']))
            except (KeyError, TypeError, AttributeError, ValueError) as exc:
                missing = f'no {exc}' if isinstance(exc, KeyError) else str(exc)
                raise ManifestError(f'{manifest.origin}: the CustomResourceDefinition has {missing}') from exc
    return found


def _read_definition(spec: Any) -> dict[resource, ResourceInfo]:
    names = spec['names']
    return {
        resource(group=spec['group'], version=version['name'], plural=names['plural']): ResourceInfo(
            namespaced=spec['scope'] == 'Namespaced',
            kind=names['kind'],
            singular=names.get('singular') or names['kind'].lower(),
            verbs=VERBS,
            shortnames=names.get('shortNames'),
            categories=names.get('categories'),
            subresources=list(version.get('subresources') or ()),
        )
        for version in spec['versions']
        if version.get('served', True)
    }


def load(manifests: Iterable[Manifest], resources: ResourcesArray, objects: ObjectsArray) -> list[ObjectKey]:
    """Store objects as they are, all or none, and make their resources known; returns where they are.

    As with kubectl, an object of a namespaced resource that names no namespace is one of ``default``.

    Raises:
        ManifestError: an object has no name, or its kind is not known.
    """
    given = list(manifests)
    kinds = _Kinds(resources, resources_of_crds(given))
    placed = [_place(manifest, *kinds.find(manifest)) for manifest in given]
    resources.update(cast('Any', kinds.used))
    for key, content in placed:
        objects[key] = content
    return [key for key, _ in placed]


class _Kinds:
    """The kinds that are known, and of the bundled ones, those that are used."""

    def __init__(self, resources: Mapping[resource, ResourceInfo], defined: Mapping[resource, ResourceInfo]) -> None:
        self.used: dict[resource, ResourceInfo] = dict(defined)
        self._known = _by_kind({**resources, **defined})
        self._bundled: dict[tuple[str, str], tuple[resource, ResourceInfo]] = {}

    def find(self, manifest: Manifest) -> tuple[resource, ResourceInfo]:
        """The resource of an object, with what is known of it."""
        kind = (manifest.api_version, manifest.kind)
        if kind in self._known:
            return self._known[kind]
        if not self._bundled:
            bundle = ResourcesArray()
            bundle.load_bundled()
            self._bundled = _by_kind(bundle)
        if kind not in self._bundled:
            raise ManifestError(describe_unknown(manifest, [*self._known, *self._bundled]))
        one, info = self._known[kind] = self._bundled[kind]
        self.used[one] = info
        return one, info


def _by_kind(
    resources: Mapping[resource, ResourceInfo],
) -> dict[tuple[str, str], tuple[resource, ResourceInfo]]:
    found: dict[tuple[str, str], tuple[resource, ResourceInfo]] = {}
    for one, info in resources.items():
        if info.kind:
            group, version, _ = one.key
            found[api_version_of(group, version), info.kind] = (one, info)
    return found


def describe_unknown(manifest: Manifest, known: Collection[tuple[str, str]]) -> str:
    """Say that a kind is not known, and what to do; with the kinds that are known."""
    version, kind = manifest.api_version, manifest.kind
    if version.startswith('kustomize.config.k8s.io/'):
        return f'{manifest.origin}: {kind} is for kustomize: load what it makes instead: kubectl kustomize …'
    return (
        f'{manifest.origin}: the kind {kind} of {version} is not known{_describe_alike(version, kind, known)}; '
        f'load its CustomResourceDefinition too, or a file of resources as of: kmock fetch resources'
    )


def _describe_alike(version: str, kind: str, known: Collection[tuple[str, str]]) -> str:
    from difflib import get_close_matches  # heavy, and only failures need it

    if versions := sorted({other for other, name in known if name == kind}):
        return f' (it is there in {", ".join(versions)})'
    alike = get_close_matches(kind, [name for other, name in known if other == version], n=1)
    return f' (did you mean {alike[0]}?)' if alike else ''


def place(manifest: Manifest, one: resource, *, namespaced: bool | None, can_be_nameless: bool = False) -> ObjectKey:
    """Where an object belongs.

    Args:
        manifest: the object.
        one: its resource.
        namespaced: whether objects of the resource are in namespaces; None if that is not known.
        can_be_nameless: whether a ``generateName`` is enough; then the name is empty.

    Raises:
        ManifestError: it has no name.
    """
    name, namespace = manifest.metadata.get('name'), manifest.metadata.get('namespace')
    if can_be_nameless and not name and isinstance(manifest.metadata.get('generateName'), str):
        name = ''
    elif not isinstance(name, str) or not name:
        raise ManifestError(f'{manifest.origin}: metadata.name has to be a text, not {name!r}')
    if namespace is not None and not isinstance(namespace, str):
        raise ManifestError(f'{manifest.origin}: metadata.namespace has to be a text, not {namespace!r}')
    if namespaced is False:
        return ObjectKey(one, None, name)
    return ObjectKey(one, namespace or (DEFAULT_NAMESPACE if namespaced else None), name)


def _place(manifest: Manifest, one: resource, info: ResourceInfo) -> tuple[ObjectKey, Mapping[str, Any]]:
    """Where an object belongs, and the object."""
    key = place(manifest, one, namespaced=info.namespaced)
    if key.namespace and not manifest.metadata.get('namespace'):
        return key, {**manifest.content, 'metadata': {**manifest.metadata, 'namespace': key.namespace}}
    return key, manifest.content
