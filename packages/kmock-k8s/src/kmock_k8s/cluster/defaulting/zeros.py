"""What Go writes for fields that nobody has set, and what it leaves out though it was sent.

Schemas tell of the fields that are always written (they have a default: ``{}``, ``0``, ``''``). They do not tell which
times and lists are written as null, and which zeros are the same as nothing: that is here, by the names of the types.
"""

from collections.abc import Mapping

CORE = 'io.k8s.api.core.v1.'
APPS = 'io.k8s.api.apps.v1.'
BATCH = 'io.k8s.api.batch.v1.'
_META = 'io.k8s.apimachinery.pkg.apis.meta.v1.'

NULLS: Mapping[str, tuple[str, ...]] = {
    f'{CORE}ContainerStateRunning': ('startedAt',),
    f'{CORE}ContainerStateTerminated': ('startedAt', 'finishedAt'),
    f'{CORE}Event': ('firstTimestamp', 'lastTimestamp', 'eventTime'),
    'io.k8s.api.events.v1.Event': ('eventTime', 'deprecatedFirstTimestamp', 'deprecatedLastTimestamp'),
    'io.k8s.api.rbac.v1.Role': ('rules',),
    'io.k8s.api.rbac.v1.ClusterRole': ('rules',),
    'io.k8s.api.autoscaling.v2.HorizontalPodAutoscalerStatus': ('currentMetrics',),
    'io.k8s.api.discovery.v1.EndpointSlice': ('endpoints', 'ports'),
}
"""The fields that are written as null when they are not set; besides the times of conditions, and required lists."""

OMITTED: Mapping[str, tuple[str, ...]] = {
    f'{APPS}DaemonSetSpec': ('minReadySeconds',),
    f'{APPS}DaemonSetStatus': (
        'numberAvailable', 'numberUnavailable', 'observedGeneration', 'updatedNumberScheduled',
    ),
    f'{APPS}DeploymentSpec': ('minReadySeconds', 'paused'),
    f'{APPS}DeploymentStatus': (
        'availableReplicas', 'observedGeneration', 'readyReplicas', 'replicas', 'unavailableReplicas',
        'updatedReplicas',
    ),
    f'{APPS}ReplicaSetSpec': ('minReadySeconds',),
    f'{APPS}ReplicaSetStatus': ('availableReplicas', 'fullyLabeledReplicas', 'observedGeneration', 'readyReplicas'),
    f'{APPS}StatefulSetSpec': ('minReadySeconds',),
    f'{APPS}StatefulSetStatus': ('currentReplicas', 'observedGeneration', 'readyReplicas', 'updatedReplicas'),
    f'{BATCH}JobStatus': ('active', 'failed', 'succeeded'),
    'io.k8s.api.autoscaling.v1.ScaleSpec': ('replicas',),
    'io.k8s.api.autoscaling.v2.HorizontalPodAutoscalerStatus': ('currentReplicas',),
    f'{CORE}Container': ('stdin', 'stdinOnce', 'tty'),
    f'{CORE}EphemeralContainer': ('stdin', 'stdinOnce', 'tty'),
    f'{CORE}ContainerPort': ('hostPort',),
    f'{CORE}ContainerStateTerminated': ('signal',),
    f'{CORE}ContainerImage': ('sizeBytes',),
    f'{CORE}Event': ('count',),
    f'{CORE}EventSeries': ('count',),
    'io.k8s.api.events.v1.Event': ('deprecatedCount',),
    f'{CORE}NodeSpec': ('unschedulable',),
    f'{CORE}PodCondition': ('observedGeneration',),
    f'{CORE}PodSpec': ('hostIPC', 'hostNetwork', 'hostPID'),
    f'{CORE}PodStatus': ('observedGeneration',),
    f'{CORE}Probe': ('failureThreshold', 'initialDelaySeconds', 'periodSeconds', 'successThreshold', 'timeoutSeconds'),
    f'{CORE}ReplicationControllerSpec': ('minReadySeconds',),
    f'{CORE}ReplicationControllerStatus': (
        'availableReplicas', 'fullyLabeledReplicas', 'observedGeneration', 'readyReplicas',
    ),
    f'{CORE}ServicePort': ('nodePort',),
    f'{CORE}ServiceSpec': ('healthCheckNodePort', 'publishNotReadyAddresses'),
    f'{CORE}VolumeMount': ('readOnly',),
    f'{CORE}VolumeMountStatus': ('readOnly',),
    'io.k8s.api.networking.v1.ServiceBackendPort': ('number',),
    'io.k8s.api.policy.v1.PodDisruptionBudgetStatus': ('observedGeneration',),
    'io.k8s.api.scheduling.v1.PriorityClass': ('globalDefault',),
    'io.k8s.api.authentication.v1.TokenReviewStatus': ('authenticated',),
    'io.k8s.api.authorization.v1.SubjectAccessReviewStatus': ('denied',),
    f'{_META}Condition': ('observedGeneration',),
}  # fmt: skip
"""The numbers and the flags that are left out when they are zero or false: they are no pointers in Go."""

UNWRITTEN: Mapping[str, tuple[str, ...]] = {
    'io.k8s.api.autoscaling.v1.ScaleSpec': ('replicas',),
    f'{CORE}ReplicationControllerSpec': ('minReadySeconds',),
    f'{BATCH}PodFailurePolicyOnPodConditionsPattern': ('status',),
}
"""The fields that have an empty default in their schema and yet are left out; besides names that are optional."""


def nulls_of(name: str, times: 'tuple[str, ...]') -> tuple[str, ...]:
    """The fields of a type that are written as null when they are not set.

    Args:
        name: of the type.
        times: its fields that are times.
    """
    return times if name.endswith('Condition') else NULLS.get(name, ())


def omitted_of(name: str) -> tuple[str, ...]:
    """The fields of a type that are left out when they are zero or false."""
    if name.endswith('VolumeSource') and not name.endswith('AzureDiskVolumeSource'):
        return ('readOnly', 'partition')
    return OMITTED.get(name, ())
