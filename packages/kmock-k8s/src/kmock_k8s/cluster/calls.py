"""One request to the cluster about a resource."""

from functools import cached_property

from kmock_k8s.api.calls import Call
from kmock_k8s.api.options import NO_OPTIONS, ListOptions
from kmock_k8s.api.selection import Selection
from kmock_k8s.cluster.options import read_list_options
from kmock_k8s.cluster.statuses import bad_request
from kmock_k8s.model.actions import WATCH, action_of

_EVERYWHERE = frozenset({'metadata.name', 'metadata.namespace'})


class ClusterCall(Call):
    """What is asked for, and about what; where it is malformed, the errors are those of a real server."""

    @cached_property
    def is_watch(self) -> bool:
        """Whether it is a watch of a collection."""
        request, location = self.request, self.location
        return location.name is None and action_of(request.method_name, location, request.target) is WATCH

    @cached_property
    def options(self) -> ListOptions:
        """What the query asks for."""
        if '?' not in self.request.target:
            return NO_OPTIONS
        return read_list_options(self.request, watching=self.is_watch, named=self.location.name is not None)

    @cached_property
    def selection(self) -> Selection:
        """The objects that the URL and the selectors mean."""
        found = self._select()
        for term in found.fields.terms:
            if term.path not in _EVERYWHERE and not self._is_field(term.path):
                raise bad_request(self._refuse_field(term.path))
        return found

    def _select(self) -> Selection:
        return super().selection

    def _is_field(self, path: str) -> bool:
        group, _, plural = self.resource.key
        return path in FIELDS.get((group, plural), ())

    def _refuse_field(self, path: str) -> str:
        group, _, plural = self.resource.key
        if (group, plural) in FIELDS or group:
            return f'field label not supported: {path}'
        return f'"{path}" is not a known field selector: only "metadata.name", "metadata.namespace"'


FIELDS: dict[tuple[str, str], tuple[str, ...]] = {
    ('', 'pods'): (
        'spec.nodeName', 'spec.restartPolicy', 'spec.schedulerName', 'spec.serviceAccountName', 'spec.hostNetwork',
        'status.phase', 'status.podIP', 'status.podIPs', 'status.nominatedNodeName',
    ),
    ('', 'nodes'): ('spec.unschedulable',),
    ('', 'namespaces'): ('status.phase',),
    ('', 'secrets'): ('type',),
    ('', 'services'): ('spec.clusterIP', 'spec.type'),
    ('', 'replicationcontrollers'): ('status.replicas',),
    ('', 'events'): (
        'involvedObject.kind', 'involvedObject.namespace', 'involvedObject.name', 'involvedObject.uid',
        'involvedObject.apiVersion', 'involvedObject.resourceVersion', 'involvedObject.fieldPath', 'reason',
        'reportingComponent', 'source', 'type',
    ),
    ('batch', 'jobs'): ('status.successful',),
    ('apps', 'replicasets'): ('status.replicas',),
    ('certificates.k8s.io', 'certificatesigningrequests'): ('spec.signerName',),
}  # fmt: skip
"""The fields of built-in resources that can be selected by, besides the name and the namespace."""
