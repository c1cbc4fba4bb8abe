"""Kinds of custom resources: one in each version of a definition."""

import json
from functools import cached_property

from kmock_k8s.cluster.kinds import Kind
from kmock_k8s.model.encoding import JSONObject
from kmock_k8s.model.info import ResourceInfo
from kmock_k8s.model.metadata import metadata_of
from kmock_k8s.model.resources import resource
from kmock_k8s.schemas import Schema, custom
from kmock_k8s.store.states import State

_ANYTHING: JSONObject = {'type': 'object', 'x-kubernetes-preserve-unknown-fields': True}
_PREFERRED = 'prefer a domain-qualified finalizer name to avoid accidental conflicts with other finalizer writers'
_STANDARD = frozenset({'foregroundDeletion', 'orphan', 'kubernetes'})

_encode = json.JSONEncoder(ensure_ascii=False, separators=(',', ':'), check_circular=False, sort_keys=True).encode


class CustomKind(Kind):
    """One kind of custom objects in one version. Their fields are sorted by name, as a real server has them.

    Args:
        one: the resource of this version.
        info: what is told of it.
        version: the version in the definition.
        stored: the resource under which the objects of all versions are kept.
    """

    schema: Schema

    def __init__(self, one: resource, info: ResourceInfo, version: JSONObject, stored: resource) -> None:
        schema: JSONObject = version.get('schema') or {}
        declared: JSONObject = schema.get('openAPIV3Schema') or _ANYTHING
        super().__init__(one, info, custom(declared))
        self.declared: JSONObject = declared
        self.definition = version
        self.resource = stored
        self.is_converted = one != stored

    @property
    def scale(self) -> JSONObject | None:
        """Where the replicas are; None if it can't be scaled."""
        found: JSONObject = self.definition.get('subresources') or {}
        return found.get('scale')

    @property
    def deprecation(self) -> str | None:
        """What to warn of whenever this version is used; None if it is not deprecated."""
        if not self.definition.get('deprecated'):
            return None
        return str(self.definition.get('deprecationWarning') or f'{self.api_version} {self.name} is deprecated')

    @cached_property
    def prefix(self) -> bytes:
        """What the JSON of each object begins with."""
        return self.encode({'apiVersion': self.api_version, 'kind': self.name})[:-1]

    @cached_property
    def stored_prefix(self) -> bytes:
        """What the JSON of each object begins with where it is kept."""
        group, version, _ = self.resource.key
        return self.encode({'apiVersion': f'{group}/{version}', 'kind': self.name})[:-1]

    def warn(self, content: JSONObject, live: JSONObject | None = None) -> list[str]:
        """What to warn of in an object that is valid; with what it was before, if it is an update."""
        known = metadata_of(live).get('finalizers') or ()
        added = {one for one in metadata_of(content).get('finalizers') or () if one not in known and '/' not in one}
        return [f'metadata.finalizers: "{one}": {_PREFERRED}' for one in sorted(added - _STANDARD)]

    def encode(self, content: JSONObject) -> bytes:
        """The bytes of an object."""
        try:
            return _encode(content).encode('utf-8')
        except UnicodeEncodeError:
            return super().encode(content)

    def pack(self, raw: bytes) -> bytes:
        """An object of this version as it is kept."""
        return raw.replace(self.prefix, self.stored_prefix, 1) if self.is_converted else raw

    def unpack(self, raw: bytes) -> bytes:
        """An object as it is kept, in this version; or what contains it."""
        return raw.replace(self.stored_prefix, self.prefix, 1) if self.is_converted else raw

    def show(self, state: State) -> State:
        """The state of an object as clients of this version see it."""
        return State(state.revision, self.unpack(state.raw)) if self.is_converted else state
