"""A CustomResourceDefinition as it was sent, read for what it defines."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from kmock_k8s.api.describing import CUSTOM_VERBS
from kmock_k8s.cluster.crds.kinds import CustomKind
from kmock_k8s.model.encoding import JSONObject
from kmock_k8s.model.info import ResourceInfo
from kmock_k8s.model.metadata import metadata_of
from kmock_k8s.model.resources import resource

DEFINITIONS: resource = resource('apiextensions.k8s.io', 'v1', 'customresourcedefinitions')
"""Where the definitions are themselves."""


class Definition(NamedTuple):
    """What is defined: one kind of objects, in one or more versions.

    Args:
        content: the CustomResourceDefinition.
        stored: where its objects are, in whichever version they are written and read.
    """

    content: JSONObject
    stored: resource

    @property
    def name(self) -> str:
        """The name of the definition: ``widgets.example.com``."""
        return str(metadata_of(self.content).get('name') or '')

    @property
    def spec(self) -> JSONObject:
        """What is desired."""
        return as_object(self.content.get('spec'))

    @property
    def group(self) -> str:
        """The API group of the kind."""
        return str(self.spec.get('group') or '')

    @property
    def names(self) -> JSONObject:
        """The names of the kind: ``plural``, ``kind``, ``shortNames``."""
        return as_object(self.spec.get('names'))

    @property
    def is_terminating(self) -> bool:
        """Whether it is to be deleted as soon as all of its objects are."""
        return bool(metadata_of(self.content).get('deletionTimestamp'))

    def make_kinds(self) -> Iterator[tuple[resource, ResourceInfo, CustomKind]]:
        """The kinds of all versions that are served, with what is told of them."""
        names = self.names
        plural, kind = str(names.get('plural') or ''), str(names.get('kind') or '')
        versions = versions_of(self.spec)
        kept = next((one for one in versions if one.get('name') == self.stored.version), None)
        for version in versions:
            name = version.get('name')
            if not (version.get('served') and name and plural and kind and self.group):
                continue
            parts = as_object(version.get('subresources'))
            info = ResourceInfo(
                kind=kind,
                singular=str(names.get('singular') or kind.lower()),
                namespaced=self.spec.get('scope') == 'Namespaced',
                verbs=CUSTOM_VERBS,
                shortnames=names.get('shortNames') or [],
                categories=names.get('categories') or [],
                subresources=[part for part in ('status', 'scale') if part in parts],
            )
            one = resource(self.group, name, plural)
            made = CustomKind(one, info, version, self.stored, kept)
            made.list_name = str(names.get('listKind') or made.list_name)
            yield one, info, made


def read_definition(content: JSONObject, known: Definition | None = None) -> Definition:
    """Read a definition; its objects stay where they are, if it was known before."""
    if known is not None:
        return Definition(content, known.stored)
    spec = as_object(content.get('spec'))
    versions = versions_of(spec)
    stored = next((one for one in versions if one.get('storage')), versions[0] if versions else {})
    plural = as_object(spec.get('names')).get('plural')
    return Definition(content, resource(str(spec.get('group') or ''), str(stored.get('name') or ''), str(plural or '')))


def versions_of(spec: JSONObject) -> list[JSONObject]:
    """The versions in the spec of a definition."""
    found: list[Any] = spec.get('versions') or []
    return [as_object(one) for one in found]


def as_object(value: Any) -> JSONObject:
    """A JSON object as it is; anything else as an empty one."""
    found: JSONObject = value
    return found if isinstance(value, dict) else {}
