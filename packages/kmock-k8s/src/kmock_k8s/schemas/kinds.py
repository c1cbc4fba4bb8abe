"""The schemas of whole objects."""

from collections.abc import Mapping
from typing import Any

from kmock_k8s.schemas.nodes import Schema
from kmock_k8s.schemas.tables import load

_OBJECT_META = 'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta'


def builtin(group: str, version: str, kind: str) -> Schema | None:
    """The schema of a built-in kind; None if there is no such kind, or not in this version.

        >>> builtin('apps', 'v1', 'Deployment').child('spec').required
        ('selector', 'template')
        >>> builtin('kmock.dev', 'v1', 'Example')

    Args:
        group: the API group, empty for the core one.
        version: its version.
        kind: the kind of the objects, or of other bodies: ``DeploymentList``, ``Scale``, ``DeleteOptions``.
    """
    name = load().kinds.get(f'{group}/{version}/{kind}')
    return None if name is None else Schema.named(name)


def object_meta() -> Schema:
    """The schema of the metadata of all objects."""
    return Schema.named(_OBJECT_META)


def custom(openapi: Mapping[str, Any]) -> Schema:
    """The schema of the objects of a custom resource, by the ``openAPIV3Schema`` of its definition.

    Besides what is there, these objects have an apiVersion, a kind, and the metadata of all objects.

        >>> custom({'type': 'object'}).child('metadata').child('finalizers').list_type
        'set'
    """
    return Schema.of({**openapi, 'x-kubernetes-embedded-resource': True})
