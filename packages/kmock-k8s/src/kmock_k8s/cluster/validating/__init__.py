"""What keeps objects from being valid, field by field: for each kind what the real server refuses, with its causes."""

from collections.abc import Callable, Iterable, Iterator, Mapping

from kmock_k8s.cluster.crds.kinds import CustomKind
from kmock_k8s.cluster.kinds import Kind
from kmock_k8s.cluster.statuses import Cause
from kmock_k8s.cluster.validating.autoscaling import validate_autoscaler
from kmock_k8s.cluster.validating.classes import validate_ingress_class, validate_node, validate_runtime_class
from kmock_k8s.cluster.validating.config import validate_config_map, validate_secret
from kmock_k8s.cluster.validating.ephemeral import validate_ephemeral, validate_resized
from kmock_k8s.cluster.validating.events import validate_core_event, validate_event
from kmock_k8s.cluster.validating.jobs import validate_cron_job, validate_job
from kmock_k8s.cluster.validating.metadata import validate_finalized, validate_metadata
from kmock_k8s.cluster.validating.networking import validate_endpoint_slice, validate_ingress, validate_network_policy
from kmock_k8s.cluster.validating.pods import validate_pod
from kmock_k8s.cluster.validating.policy import validate_budget, validate_lease, validate_priority
from kmock_k8s.cluster.validating.quotas import validate_limit_range, validate_quota
from kmock_k8s.cluster.validating.rbac import validate_binding, validate_role
from kmock_k8s.cluster.validating.revisions import validate_revision
from kmock_k8s.cluster.validating.services import validate_service
from kmock_k8s.cluster.validating.storage import validate_claim, validate_class, validate_volume
from kmock_k8s.cluster.validating.webhooks import validate_webhooks
from kmock_k8s.cluster.validating.workloads import (
    validate_daemon_set,
    validate_deployment,
    validate_replica_set,
    validate_replication_controller,
    validate_stateful_set,
)
from kmock_k8s.model.encoding import JSONObject
from kmock_k8s.model.metadata import metadata_of

__all__ = ['validate']

Validator = Callable[[JSONObject, JSONObject | None], Iterator[Cause]]
"""The causes to refuse an object; with what it was before, if it is an update."""


def validate(kind: Kind, content: JSONObject, live: JSONObject | None = None, part: str | None = None) -> list[Cause]:
    """The causes to refuse an object: of its metadata, and of what is known of its kind; or a part of it."""
    if isinstance(kind, CustomKind):
        from kmock_k8s.cluster.crds.validating import check_kind, validate_custom  # heavy, and most tests have none

        check_kind(kind, content)
        return [*_validate_metadata(kind, content, live), *validate_custom(kind, content, part)]
    causes = list(_validate_metadata(kind, content, live))
    validator = _find_validator(kind, part) if kind.is_builtin else None
    if validator is not None:
        causes += validator(kind.internalize(content), live if live is None else kind.internalize(live))
    return causes


def _validate_metadata(kind: Kind, content: JSONObject, live: JSONObject | None) -> Iterable[Cause]:
    return validate_metadata(kind, metadata_of(content), None if live is None else metadata_of(live))


def _validate_definition(content: JSONObject, live: JSONObject | None) -> Iterator[Cause]:
    from kmock_k8s.cluster.crds.checking import validate_definition  # heavy, and most tests define nothing

    return validate_definition(content, live)


def _find_validator(kind: Kind, part: str | None) -> Validator | None:
    found = None if part is None else _OF_PARTS.get((kind.group, kind.name, part))
    return found or _VALIDATORS.get((kind.group, kind.name))


_OF_PARTS: Mapping[tuple[str, str, str], Validator] = {
    ('', 'Namespace', 'finalize'): validate_finalized,
    ('', 'Pod', 'ephemeralcontainers'): validate_ephemeral,
    ('', 'Pod', 'resize'): validate_resized,
}
"""What checks the objects of a kind when a part of them is written."""

_RBAC = 'rbac.authorization.k8s.io'

_VALIDATORS: Mapping[tuple[str, str], Validator] = {
    ('', 'ConfigMap'): validate_config_map,
    ('', 'Event'): validate_core_event,
    ('', 'LimitRange'): validate_limit_range,
    ('', 'Node'): validate_node,
    ('', 'PersistentVolume'): validate_volume,
    ('', 'PersistentVolumeClaim'): validate_claim,
    ('', 'Pod'): validate_pod,
    ('', 'ReplicationController'): validate_replication_controller,
    ('', 'ResourceQuota'): validate_quota,
    ('', 'Secret'): validate_secret,
    ('', 'Service'): validate_service,
    ('admissionregistration.k8s.io', 'MutatingWebhookConfiguration'): validate_webhooks,
    ('admissionregistration.k8s.io', 'ValidatingWebhookConfiguration'): validate_webhooks,
    ('apiextensions.k8s.io', 'CustomResourceDefinition'): _validate_definition,
    ('apps', 'ControllerRevision'): validate_revision,
    ('apps', 'DaemonSet'): validate_daemon_set,
    ('apps', 'Deployment'): validate_deployment,
    ('apps', 'ReplicaSet'): validate_replica_set,
    ('apps', 'StatefulSet'): validate_stateful_set,
    ('autoscaling', 'HorizontalPodAutoscaler'): validate_autoscaler,
    ('batch', 'CronJob'): validate_cron_job,
    ('batch', 'Job'): validate_job,
    ('coordination.k8s.io', 'Lease'): validate_lease,
    ('discovery.k8s.io', 'EndpointSlice'): validate_endpoint_slice,
    ('events.k8s.io', 'Event'): validate_event,
    ('networking.k8s.io', 'Ingress'): validate_ingress,
    ('networking.k8s.io', 'IngressClass'): validate_ingress_class,
    ('networking.k8s.io', 'NetworkPolicy'): validate_network_policy,
    ('node.k8s.io', 'RuntimeClass'): validate_runtime_class,
    ('policy', 'PodDisruptionBudget'): validate_budget,
    (_RBAC, 'ClusterRole'): validate_role(namespaced=False),
    (_RBAC, 'ClusterRoleBinding'): validate_binding('ClusterRole'),
    (_RBAC, 'Role'): validate_role(namespaced=True),
    (_RBAC, 'RoleBinding'): validate_binding('Role', 'ClusterRole'),
    ('scheduling.k8s.io', 'PriorityClass'): validate_priority,
    ('storage.k8s.io', 'StorageClass'): validate_class,
}
"""What checks the objects of a kind."""
