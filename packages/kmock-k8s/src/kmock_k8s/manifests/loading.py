"""From manifests to stored objects: which resource a kind is, and where an object belongs."""

from collections.abc import Iterable, Mapping
from typing import Any, cast

from kmock_k8s.errors import ManifestError
from kmock_k8s.manifests.reading import Manifest, is_definition
from kmock_k8s.model.info import ResourceInfo
from kmock_k8s.model.keys import ObjectKey
from kmock_k8s.model.known import ResourcesArray
from kmock_k8s.model.resources import resource
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


def load(manifests: Iterable[Manifest], resources: ResourcesArray, objects: ObjectsArray) -> int:
    """Store objects, all or none, and make their resources known; returns how many objects they are.

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
    return len(placed)


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
            raise ManifestError(_describe_unknown(manifest, [*self._known, *self._bundled]))
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
            found[f'{group}/{version}' if group else version, info.kind] = (one, info)
    return found


def _describe_unknown(manifest: Manifest, known: list[tuple[str, str]]) -> str:
    versions = sorted({version for version, kind in known if kind == manifest.kind})
    there = f' (it is there in {", ".join(versions)})' if versions else ''
    return (
        f'{manifest.origin}: the kind {manifest.kind} of {manifest.api_version} is not known{there}; '
        f'load its CustomResourceDefinition too, or a file of resources as of: kmock fetch resources'
    )


def _place(manifest: Manifest, one: resource, info: ResourceInfo) -> tuple[ObjectKey, Mapping[str, Any]]:
    """Where an object belongs, and the object."""
    name, namespace = manifest.metadata.get('name'), manifest.metadata.get('namespace')
    if not isinstance(name, str) or not name:
        raise ManifestError(f'{manifest.origin}: metadata.name has to be a text, not {name!r}')
    if namespace is not None and not isinstance(namespace, str):
        raise ManifestError(f'{manifest.origin}: metadata.namespace has to be a text, not {namespace!r}')
    if info.namespaced is False:
        return ObjectKey(one, None, name), manifest.content
    if not namespace and info.namespaced:
        namespace = DEFAULT_NAMESPACE
        return ObjectKey(one, namespace, name), {
            **manifest.content,
            'metadata': {**manifest.metadata, 'namespace': namespace},
        }
    return ObjectKey(one, namespace or None, name), manifest.content
