"""The kinds that are served: what is known of each one, beyond its resource."""

from functools import cached_property

from kmock_k8s.api.describing import describe
from kmock_k8s.cluster.statuses import Named
from kmock_k8s.model.encoding import JSONObject, encode
from kmock_k8s.model.info import ResourceInfo
from kmock_k8s.model.resources import resource
from kmock_k8s.model.versions import api_version_of
from kmock_k8s.schemas import Schema, builtin
from kmock_k8s.store.states import State

WITH_GENERATION = frozenset({
    ('', 'ReplicationController'), ('', 'Pod'), ('', 'PodTemplate'),
    ('apps', 'Deployment'), ('apps', 'ReplicaSet'), ('apps', 'StatefulSet'), ('apps', 'DaemonSet'),
    ('batch', 'Job'), ('batch', 'CronJob'), ('policy', 'PodDisruptionBudget'),
    ('networking.k8s.io', 'Ingress'), ('networking.k8s.io', 'IngressClass'), ('networking.k8s.io', 'NetworkPolicy'),
    ('discovery.k8s.io', 'EndpointSlice'), ('apiextensions.k8s.io', 'CustomResourceDefinition'),
    ('admissionregistration.k8s.io', 'MutatingWebhookConfiguration'),
    ('admissionregistration.k8s.io', 'ValidatingWebhookConfiguration'),
    ('admissionregistration.k8s.io', 'ValidatingAdmissionPolicy'),
    ('admissionregistration.k8s.io', 'ValidatingAdmissionPolicyBinding'),
    ('admissionregistration.k8s.io', 'MutatingAdmissionPolicy'),
    ('admissionregistration.k8s.io', 'MutatingAdmissionPolicyBinding'),
    ('flowcontrol.apiserver.k8s.io', 'FlowSchema'), ('flowcontrol.apiserver.k8s.io', 'PriorityLevelConfiguration'),
    ('resource.k8s.io', 'DeviceClass'), ('resource.k8s.io', 'ResourceSlice'),
    ('scheduling.k8s.io', 'PriorityClass'), ('storage.k8s.io', 'CSIDriver'),
})  # fmt: skip
"""The built-in kinds of which the server counts the generations."""


_DEPRECATIONS = {
    ('', 'v1', 'ComponentStatus'): 'v1 ComponentStatus is deprecated in v1.19+',
    ('', 'v1', 'Endpoints'): 'v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice',
}


_VERBS = frozenset({'get', 'list', 'create', 'update', 'patch', 'delete', 'deletecollection'})
"""What can be done with the objects of most kinds; collections of some are not deleted as a whole."""


class Kind:
    """One kind of objects in one version, with its resource.

    Args:
        one: the resource.
        info: what is declared of it.
        schema: that of its objects, if it is a custom one; else the built-in one of its kind.
    """

    group: str
    version: str
    plural: str
    name: str
    list_name: str
    namespaced: bool
    subresources: frozenset[str]
    builtin: Schema | None
    schema: Schema | None

    def __init__(self, one: resource, info: ResourceInfo, schema: Schema | None = None) -> None:
        known = describe(one, info)
        self.one: resource = one
        self.resource: resource = one
        self.group, self.version, self.plural = one.key
        self.name = known.kind
        self.list_name = f'{known.kind}List'
        self.namespaced = known.namespaced
        self.subresources = frozenset(info.subresources)
        self.is_watched: bool = not info.verbs or 'watch' in info.verbs
        self.missing: frozenset[str] = _VERBS.difference(info.verbs) if info.verbs else frozenset()
        self.builtin = builtin(self.group, self.version, self.name) if schema is None else None
        self.schema = schema or self.builtin

    def __repr__(self) -> str:
        return f'<Kind {self.api_version} {self.name}>'

    @cached_property
    def api_version(self) -> str:
        """The group and the version as they stand in objects."""
        return api_version_of(self.group, self.version)

    @property
    def is_namespace(self) -> bool:
        """True for namespaces."""
        return not self.group and self.name == 'Namespace'

    @property
    def is_definition(self) -> bool:
        """True for the definitions of custom resources."""
        return self.name == 'CustomResourceDefinition' and self.group == 'apiextensions.k8s.io'

    @property
    def is_builtin(self) -> bool:
        """True if its objects are those of a real server by themselves; not custom ones."""
        return self.builtin is not None

    @cached_property
    def prefix(self) -> bytes:
        """What the JSON of each object begins with."""
        return encode({'kind': self.name, 'apiVersion': self.api_version})[:-1]

    @cached_property
    def counts_generations(self) -> bool:
        """Whether the server counts the changes of what is desired."""
        return not self.is_builtin or (self.group, self.name) in WITH_GENERATION

    @property
    def has_status(self) -> bool:
        """Whether the status is written apart from all else."""
        return 'status' in self.subresources

    @property
    def deprecation(self) -> str | None:
        """What to warn of whenever this version is used; None if it is not deprecated."""
        return _DEPRECATIONS.get((self.group, self.version, self.name))

    def warn(self, content: JSONObject, live: JSONObject | None = None) -> list[str]:
        """What to warn of in an object that is valid; with what it was before, if it is an update."""
        if self.is_definition and content.get('spec') != (live or {}).get('spec'):
            from kmock_k8s.cluster.crds.unserved import find_unserved

            return find_unserved(content)
        return []

    def complete(self, content: JSONObject) -> None:
        """Add what is there by default, besides that of the schema, in place."""

    def internalize(self, content: JSONObject) -> JSONObject:
        """An object as it is checked: the same for all versions of a kind."""
        return content

    def encode(self, content: JSONObject) -> bytes:
        """The bytes of an object."""
        return encode(content)

    def pack(self, raw: bytes) -> bytes:
        """The bytes of an object of this version as they are kept."""
        return raw

    def show(self, state: State) -> State:
        """The state of an object as clients of this version see it."""
        return state

    def of(self, name: str) -> Named:
        """An object, in errors about objects that are there or are not."""
        return Named(self.group, self.plural, name)

    def made(self, name: str) -> Named:
        """An object, in errors about what it would be; events are those of the core group there, in both groups."""
        return Named('' if self.group == 'events.k8s.io' else self.group, self.name, name)
