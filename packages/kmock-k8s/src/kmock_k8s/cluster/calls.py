"""One request to the cluster about a resource."""

from functools import cached_property

from kmock_k8s.api.calls import Call, Item
from kmock_k8s.api.options import NO_OPTIONS, ListOptions
from kmock_k8s.api.selection import Selection
from kmock_k8s.cluster.list_options import read_list_options
from kmock_k8s.cluster.statuses import bad_request, show
from kmock_k8s.errors import KubernetesBadRequestError
from kmock_k8s.model.actions import WATCH, action_of
from kmock_k8s.selectors.fields import FieldSelector, Term

_NO_PATH = 'field label not supported: '

_CLUSTER_WIDE = frozenset({
    ('', 'namespaces'), ('', 'nodes'), ('certificates.k8s.io', 'certificatesigningrequests'),
    ('resource.k8s.io', 'resourceslices'),
})  # fmt: skip
"""The resources that have fields of their own to be selected by, and no namespaces; others take the name of any."""


class ClusterCall(Call):
    """What is asked for, and about what; where it is malformed, the errors are those of a real server."""

    @cached_property
    def is_watch(self) -> bool:
        """Whether it is a watch: of a collection, or at an old URL, of one object too."""
        request, location = self.request, self.location
        if location.name is not None and not location.is_watch:
            return False
        return action_of(request.method_name, location, request.target) is WATCH

    @cached_property
    def options(self) -> ListOptions:
        """What the query asks for."""
        if '?' not in self.request.target:
            return NO_OPTIONS
        return read_list_options(self.request, watching=self.is_watch, named=self.location.name is not None)

    @cached_property
    def selection(self) -> Selection:
        """The objects that the URL and the selectors mean."""
        try:
            found = self._select()
        except KubernetesBadRequestError as exc:
            if (message := exc.message or '').startswith(_NO_PATH):  # what can't be a path is no field of any kind
                raise bad_request(self._refuse_field(message.removeprefix(_NO_PATH))) from None
            raise
        if found.fields and self.location.name not in {None, found.fields.exact('metadata.name')}:
            raise bad_request("fieldSelector metadata.name doesn't match requested name")
        for term in found.fields.terms:
            if not self._is_field(term.path):
                raise bad_request(self._refuse_field(term.path))
        if found.fields:
            found.fields = FieldSelector(self._find_field(term) for term in found.fields.terms)
        return found

    def arrange(self, items: list[Item]) -> list[Item]:
        """Put objects in the order of lists: by their namespaces, then by their names."""
        return sorted(items, key=place_of if self.selection.namespace is ... else _name_of)

    @property
    def _served(self) -> tuple[str, str]:
        """The group and the plural in the URL."""
        group, _, plural = (self.location.resource or self.resource).key
        return group, plural

    def _find_field(self, term: Term) -> Term:
        """The same term about where the field is in objects; it may be called otherwise, or be left out there."""
        group, plural = self._served
        path, value, negated = term
        path = _PLACES.get((group, plural, path), path)
        if path in _FLAGS and value != 'true':  # an empty value is no flag: it equals none
            return Term(path, 'true', not negated) if value == 'false' else Term(path, 'neither', negated)
        if path in _COUNTS and value == '0':
            return Term(path, '', negated)
        return Term(path, value, negated)

    def _select(self) -> Selection:
        return super().selection

    def _is_field(self, path: str) -> bool:
        group, plural = self._served
        if path == 'metadata.namespace':
            return (group, plural) not in _CLUSTER_WIDE
        return path == 'metadata.name' or path in FIELDS.get((group, plural), ())

    def _refuse_field(self, path: str) -> str:
        group, plural = self._served
        if (group, plural) == ('batch', 'jobs'):
            return f'field label {show(path)} not supported for batchv1.Job'
        if (group, plural) == ('resource.k8s.io', 'resourceslices'):
            version = (self.location.resource or self.resource).key[1]
            return f'field label not supported for {group}/{version}, Kind=ResourceSlice: {path}'
        if (group, plural) in FIELDS:
            return f'{_NO_PATH}{path}'
        return f'{show(path)} is not a known field selector: only "metadata.name", "metadata.namespace"'


def place_of(item: Item) -> str:
    """Where an object is in the order of lists."""
    key = item[0]
    return f'{key.namespace or ""}/{key.name}'


def _name_of(item: Item) -> str:
    return item[0].name


FIELDS: dict[tuple[str, str], tuple[str, ...]] = {
    ('', 'pods'): (
        'spec.nodeName', 'spec.restartPolicy', 'spec.schedulerName', 'spec.serviceAccountName', 'spec.hostNetwork',
        'status.phase', 'status.podIP', 'status.podIPs', 'status.nominatedNodeName', 'spec.host',
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
    ('events.k8s.io', 'events'): (
        'regarding.kind', 'regarding.namespace', 'regarding.name', 'regarding.uid', 'regarding.apiVersion',
        'regarding.resourceVersion', 'regarding.fieldPath', 'reason', 'reportingController', 'type',
    ),
    ('batch', 'jobs'): ('status.successful',),
    ('certificates.k8s.io', 'certificatesigningrequests'): ('spec.signerName',),
    ('resource.k8s.io', 'resourceslices'): ('spec.nodeName', 'spec.driver'),
}  # fmt: skip
"""The fields of built-in resources that can be selected by, besides the name and the namespace."""

_PLACES: dict[tuple[str, str, str], str] = {
    ('', 'pods', 'spec.host'): 'spec.nodeName',
    ('', 'events', 'source'): 'source.component',
    ('events.k8s.io', 'events', 'reportingController'): 'reportingComponent',
    **{
        ('events.k8s.io', 'events', f'regarding.{field}'): f'involvedObject.{field}'
        for field in ('kind', 'namespace', 'name', 'uid', 'apiVersion', 'resourceVersion', 'fieldPath')
    },
    ('batch', 'jobs', 'status.successful'): 'status.succeeded',
}
"""Where the fields are that are selected by other names."""

_FLAGS = frozenset({'spec.unschedulable', 'spec.hostNetwork'})
_COUNTS = frozenset({'status.succeeded'})
