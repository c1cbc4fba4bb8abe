"""Kinds of custom resources: one in each version of a definition."""

import json
from functools import cached_property

from kmock_k8s.cluster.kinds import Kind
from kmock_k8s.model.encoding import JSONObject
from kmock_k8s.model.info import ResourceInfo
from kmock_k8s.model.metadata import metadata_of
from kmock_k8s.model.resources import resource
from kmock_k8s.schemas import Schema, custom
from kmock_k8s.schemas.defaulting import apply_defaults
from kmock_k8s.schemas.pruning import prune
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
        kept: the version in the definition that they are kept in, if it is there yet.

    Attributes:
        since: up to which revision the objects may be of another schema than they would be now.
    """

    schema: Schema  # pyright: ignore[reportIncompatibleVariableOverride]  # it is set once

    def __init__(
        self, one: resource, info: ResourceInfo, version: JSONObject, stored: resource, kept: JSONObject | None = None
    ) -> None:
        declared = declared_by(version)
        super().__init__(one, info, custom(declared))
        self.since: int = 0
        self.declared: JSONObject = declared
        self.definition = version
        self.resource = stored
        self.is_converted: bool = one != stored
        self._kept = declared if kept is None else declared_by(kept)

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
        if not self.is_converted:
            return raw
        if raw.startswith(self.prefix):
            return self.stored_prefix + raw[len(self.prefix) :]
        group, version, _ = self.resource.key
        return self.encode({**json.loads(raw), 'apiVersion': f'{group}/{version}'})

    def show(self, state: State) -> State:
        """The state of an object as clients of this version see it: as if it had been written by its schema."""
        is_recent = state.revision >= self.since
        if is_recent and not self.is_converted:
            return state
        if is_recent and self._kept == self.declared and state.raw.startswith(self.stored_prefix):
            return State(state.revision, self.prefix + state.raw[len(self.stored_prefix) :])
        content = {**state.load(), 'apiVersion': self.api_version}
        apply_defaults(content, custom(self._kept))
        prune(content, self.schema)
        return State(state.revision, self.encode(content))


def declared_by(version: JSONObject) -> JSONObject:
    """The schema in a version of a definition; anything, if it has none."""
    schema: JSONObject = version.get('schema') or {}
    return schema.get('openAPIV3Schema') or _ANYTHING
