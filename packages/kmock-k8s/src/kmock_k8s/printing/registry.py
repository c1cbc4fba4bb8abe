"""Which printer an object has: by its group and kind, whatever the version."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeAlias

from kmock_k8s.model.encoding import JSONObject
from kmock_k8s.printing import (
    core,
    events,
    jobs,
    networking,
    nodes,
    others,
    pods,
    policies,
    scaling,
    services,
    simple,
    storage,
    workloads,
)

Printer: TypeAlias = Callable[[JSONObject, datetime], list[Any]]
"""The cells of an object in the order of the columns, at a time, which ages are told by."""

Rank: TypeAlias = Callable[[JSONObject], tuple[int, str]]
"""Where the row of an object is among others."""

_PRINTERS: dict[str, dict[str, Printer]] = {
    '': {
        'ComponentStatus': core.print_component_status,
        'ConfigMap': core.print_config_map,
        'Endpoints': services.print_endpoints,
        'Event': events.print_event,
        'LimitRange': simple.print_with_time,
        'Namespace': core.print_namespace,
        'Node': nodes.print_node,
        'PersistentVolume': storage.print_volume,
        'PersistentVolumeClaim': storage.print_claim,
        'Pod': pods.print_pod,
        'PodTemplate': workloads.print_pod_template,
        'ReplicationController': workloads.print_replication_controller,
        'ResourceQuota': core.print_resource_quota,
        'Secret': core.print_secret,
        'Service': services.print_service,
        'ServiceAccount': simple.print_with_age,
    },
    'admissionregistration.k8s.io': {
        'MutatingAdmissionPolicy': policies.print_mutating_policy,
        'MutatingAdmissionPolicyBinding': policies.print_policy_binding,
        'MutatingWebhookConfiguration': policies.print_webhooks,
        'ValidatingAdmissionPolicy': policies.print_validating_policy,
        'ValidatingAdmissionPolicyBinding': policies.print_policy_binding,
        'ValidatingWebhookConfiguration': policies.print_webhooks,
    },
    'apiextensions.k8s.io': {'CustomResourceDefinition': simple.print_with_time},
    'apiregistration.k8s.io': {'APIService': others.print_api_service},
    'apps': {
        'ControllerRevision': workloads.print_controller_revision,
        'DaemonSet': workloads.print_daemon_set,
        'Deployment': workloads.print_deployment,
        'ReplicaSet': workloads.print_replica_set,
        'StatefulSet': workloads.print_stateful_set,
    },
    'autoscaling': {'HorizontalPodAutoscaler': scaling.print_autoscaler, 'Scale': scaling.print_scale},
    'batch': {'CronJob': jobs.print_cron_job, 'Job': jobs.print_job},
    'certificates.k8s.io': {'CertificateSigningRequest': policies.print_signing_request},
    'coordination.k8s.io': {'Lease': others.print_lease},
    'discovery.k8s.io': {'EndpointSlice': services.print_endpoint_slice},
    'events.k8s.io': {'Event': events.print_event},
    'flowcontrol.apiserver.k8s.io': {
        'FlowSchema': others.print_flow_schema,
        'PriorityLevelConfiguration': others.print_priority_level,
    },
    'networking.k8s.io': {
        'IPAddress': networking.print_ip_address,
        'Ingress': networking.print_ingress,
        'IngressClass': networking.print_ingress_class,
        'NetworkPolicy': networking.print_network_policy,
        'ServiceCIDR': networking.print_service_cidr,
    },
    'node.k8s.io': {'RuntimeClass': others.print_runtime_class},
    'policy': {'PodDisruptionBudget': scaling.print_disruption_budget},
    'rbac.authorization.k8s.io': {
        'ClusterRole': simple.print_with_time,
        'ClusterRoleBinding': policies.print_role_binding,
        'Role': simple.print_with_time,
        'RoleBinding': policies.print_role_binding,
    },
    'resource.k8s.io': {
        'DeviceClass': simple.print_with_age,
        'ResourceClaim': others.print_resource_claim,
        'ResourceClaimTemplate': simple.print_with_age,
        'ResourceSlice': others.print_resource_slice,
    },
    'scheduling.k8s.io': {'PriorityClass': others.print_priority_class},
    'storage.k8s.io': {
        'CSIDriver': storage.print_driver,
        'CSINode': storage.print_csi_node,
        'CSIStorageCapacity': simple.print_with_time,
        'StorageClass': storage.print_storage_class,
        'VolumeAttachment': storage.print_attachment,
        'VolumeAttributesClass': storage.print_attributes_class,
    },
}


KINDS: tuple[tuple[str, str], ...] = tuple((group, kind) for group, kinds in _PRINTERS.items() for kind in kinds)
"""The groups and kinds that have printers."""


def printer_of(group: str, kind: str) -> Printer | None:
    """What makes the cells of the objects of a kind; None if the kind is not built in.

    Any object gives a row, also one that is half empty. The version does not matter: an object is read as any of them.
    """
    return _PRINTERS.get(group, {}).get(kind)


def conditions_of(group: str, kind: str) -> Callable[[JSONObject], list[JSONObject]] | None:
    """What lists the conditions of the row of an object; None if the rows of the kind have none."""
    return pods.list_conditions if (group, kind) == ('', 'Pod') else None


def rank_of(group: str, kind: str) -> Rank | None:
    """By what the rows of a kind are sorted; None if they are in the order in which the objects are listed."""
    return others.rank_flow_schema if (group, kind) == ('flowcontrol.apiserver.k8s.io', 'FlowSchema') else None
