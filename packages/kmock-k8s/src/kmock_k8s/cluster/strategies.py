"""What the kinds differ in when they are updated: as the strategies of the real server say (``pkg/registry``)."""

from collections.abc import Mapping

from kmock_k8s.cluster.kinds import Kind
from kmock_k8s.model.encoding import JSONObject
from kmock_k8s.model.metadata import metadata_of

_ADMISSION = 'admissionregistration.k8s.io'
_RBAC = 'rbac.authorization.k8s.io'

_CREATED_BY_UPDATES = frozenset({
    ('', 'Endpoints'), ('', 'Event'), ('', 'LimitRange'), ('', 'Service'),
    ('coordination.k8s.io', 'Lease'), ('events.k8s.io', 'Event'),
    (_RBAC, 'ClusterRole'), (_RBAC, 'ClusterRoleBinding'), (_RBAC, 'Role'), (_RBAC, 'RoleBinding'),
})  # fmt: skip

_CONDITIONAL = frozenset({
    (_ADMISSION, 'MutatingAdmissionPolicy'), (_ADMISSION, 'MutatingAdmissionPolicyBinding'),
    (_ADMISSION, 'MutatingWebhookConfiguration'), (_ADMISSION, 'ValidatingAdmissionPolicy'),
    (_ADMISSION, 'ValidatingAdmissionPolicyBinding'), (_ADMISSION, 'ValidatingWebhookConfiguration'),
    ('apiextensions.k8s.io', 'CustomResourceDefinition'), ('apiregistration.k8s.io', 'APIService'),
    ('coordination.k8s.io', 'Lease'), ('node.k8s.io', 'RuntimeClass'), ('policy', 'PodDisruptionBudget'),
    ('storage.k8s.io', 'CSIDriver'), ('storage.k8s.io', 'CSINode'), ('storage.k8s.io', 'VolumeAttachment'),
})  # fmt: skip

_DESIRED: Mapping[tuple[str, str], str | None] = {
    ('', 'PodTemplate'): 'template',
    (_ADMISSION, 'MutatingWebhookConfiguration'): 'webhooks',
    (_ADMISSION, 'ValidatingWebhookConfiguration'): 'webhooks',
    ('scheduling.k8s.io', 'PriorityClass'): None,
}
"""The field with what is desired, where that is not the ``spec``; None where nothing is counted after the creation."""


_STATUS_ALONE = frozenset({
    (_ADMISSION, 'MutatingAdmissionPolicy'), (_ADMISSION, 'ValidatingAdmissionPolicy'),
    ('apiextensions.k8s.io', 'CustomResourceDefinition'), ('apiregistration.k8s.io', 'APIService'),
    ('flowcontrol.apiserver.k8s.io', 'FlowSchema'), ('flowcontrol.apiserver.k8s.io', 'PriorityLevelConfiguration'),
    ('resource.k8s.io', 'ResourceClaim'), ('storage.k8s.io', 'VolumeAttachment'),
})  # fmt: skip
"""The built-in kinds whose metadata stays as it is when their status is written, as that of custom resources does."""

_KEPT_WITH_STATUS: Mapping[tuple[str, str], str] = {('', 'Pod'): 'ownerReferences', ('apps', 'Deployment'): 'labels'}


def choose_metadata(kind: Kind, live: JSONObject, content: JSONObject) -> JSONObject:
    """The metadata of an object whose status is written: of most built-in kinds it is written too."""
    known, given = metadata_of(live), metadata_of(content)
    if not kind.is_builtin or (kind.group, kind.name) in _STATUS_ALONE:
        return {**known, 'managedFields': given.get('managedFields')}
    kept = _KEPT_WITH_STATUS.get((kind.group, kind.name))
    taken = {field: value for field, value in given.items() if field != kept}
    return {**taken, kept: known[kept]} if kept in known else taken


def is_created_by_updates(kind: Kind) -> bool:
    """Tell if a PUT of what is not there creates it."""
    return (kind.group, kind.name) in _CREATED_BY_UPDATES


def is_created_with_status(kind: Kind) -> bool:
    """Tell if a status that is sent with a new object stays: a kubelet registers its node so."""
    return (kind.group, kind.name) == ('', 'Node')


def is_conditional(kind: Kind) -> bool:
    """Tell if an update has to say which version it is made of."""
    return not kind.is_builtin or (kind.group, kind.name) in _CONDITIONAL


def is_desire_changed(kind: Kind, live: JSONObject, content: JSONObject) -> bool:
    """Tell if what is desired has changed, which a generation counts."""
    if not kind.counts_generations:
        return False
    name = (kind.group, kind.name)
    if not kind.is_builtin:
        apart = {'metadata', 'status'} if kind.has_status else {'metadata'}
        return _all_but(apart, live) != _all_but(apart, content)
    if name == ('apps', 'Deployment'):  # its annotations are copied to what it owns
        return live.get('spec') != content.get('spec') or _differ('annotations', live, content)
    if name == ('discovery.k8s.io', 'EndpointSlice'):
        apart = {'metadata', 'kind', 'apiVersion'}
        return _all_but(apart, live) != _all_but(apart, content) or _differ('labels', live, content)
    field = _DESIRED.get(name, 'spec')
    return field is not None and live.get(field) != content.get(field)


def _differ(field: str, live: JSONObject, content: JSONObject) -> bool:
    return (metadata_of(live).get(field) or {}) != (metadata_of(content).get(field) or {})


def _all_but(fields: set[str], content: JSONObject) -> JSONObject:
    return {key: value for key, value in content.items() if key not in fields}
