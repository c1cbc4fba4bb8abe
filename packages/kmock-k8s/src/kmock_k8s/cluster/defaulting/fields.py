"""The defaults of fields, by the types where they are (``pkg/apis/*/v1/defaults.go``, the API reference)."""

from collections.abc import Mapping
from typing import Any

from kmock_k8s.cluster.defaulting.zeros import APPS, BATCH, CORE

_RBAC = 'io.k8s.api.rbac.v1.'
_STORAGE = 'io.k8s.api.storage.v1.'
_ADMISSION = 'io.k8s.api.admissionregistration.v1.'

_CONTAINER = {'terminationMessagePath': '/dev/termination-log', 'terminationMessagePolicy': 'File'}
_WEBHOOK: Mapping[str, Any] = {
    'failurePolicy': 'Fail',
    'matchPolicy': 'Equivalent',
    'namespaceSelector': {},
    'objectSelector': {},
    'timeoutSeconds': 10,
}
_MODE = {'defaultMode': 0o644}

FIELDS: Mapping[str, Mapping[str, Any]] = {
    f'{CORE}PodSpec': {
        'dnsPolicy': 'ClusterFirst',
        'restartPolicy': 'Always',
        'schedulerName': 'default-scheduler',
        'securityContext': {},
        'terminationGracePeriodSeconds': 30,
    },
    f'{CORE}Container': _CONTAINER,
    f'{CORE}EphemeralContainer': _CONTAINER,
    f'{CORE}ContainerPort': {'protocol': 'TCP'},
    f'{CORE}Probe': {'failureThreshold': 3, 'periodSeconds': 10, 'successThreshold': 1, 'timeoutSeconds': 1},
    f'{CORE}HTTPGetAction': {'path': '/', 'scheme': 'HTTP'},
    f'{CORE}ObjectFieldSelector': {'apiVersion': 'v1'},
    f'{CORE}ResourceFieldSelector': {'divisor': '0'},
    f'{CORE}ConfigMapVolumeSource': _MODE,
    f'{CORE}SecretVolumeSource': _MODE,
    f'{CORE}DownwardAPIVolumeSource': _MODE,
    f'{CORE}ProjectedVolumeSource': _MODE,
    f'{CORE}HostPathVolumeSource': {'type': ''},
    f'{CORE}ServiceAccountTokenProjection': {'expirationSeconds': 3600},
    f'{CORE}ISCSIVolumeSource': {'iscsiInterface': 'default'},
    f'{CORE}RBDVolumeSource': {'keyring': '/etc/ceph/keyring', 'pool': 'rbd', 'user': 'admin'},
    f'{CORE}PersistentVolumeClaimSpec': {'volumeMode': 'Filesystem'},
    f'{CORE}PersistentVolumeClaimStatus': {'phase': 'Pending'},
    f'{CORE}PersistentVolumeSpec': {'persistentVolumeReclaimPolicy': 'Retain', 'volumeMode': 'Filesystem'},
    f'{CORE}PersistentVolumeStatus': {'phase': 'Pending'},
    f'{CORE}ReplicationControllerSpec': {'replicas': 1},
    f'{CORE}ServiceSpec': {'sessionAffinity': 'None', 'type': 'ClusterIP'},
    f'{CORE}ServicePort': {'protocol': 'TCP'},
    f'{CORE}EndpointPort': {'protocol': 'TCP'},
    f'{CORE}Secret': {'type': 'Opaque'},
    f'{APPS}DeploymentSpec': {'progressDeadlineSeconds': 600, 'replicas': 1, 'revisionHistoryLimit': 10},
    f'{APPS}DeploymentStrategy': {'type': 'RollingUpdate'},
    f'{APPS}RollingUpdateDeployment': {'maxSurge': '25%', 'maxUnavailable': '25%'},
    f'{APPS}ReplicaSetSpec': {'replicas': 1},
    f'{APPS}DaemonSetSpec': {'revisionHistoryLimit': 10},
    f'{APPS}DaemonSetUpdateStrategy': {'type': 'RollingUpdate'},
    f'{APPS}RollingUpdateDaemonSet': {'maxSurge': 0, 'maxUnavailable': 1},
    f'{APPS}StatefulSetSpec': {
        'persistentVolumeClaimRetentionPolicy': {},
        'podManagementPolicy': 'OrderedReady',
        'replicas': 1,
        'revisionHistoryLimit': 10,
    },
    f'{APPS}StatefulSetUpdateStrategy': {'type': 'RollingUpdate'},
    f'{APPS}RollingUpdateStatefulSetStrategy': {'partition': 0},
    f'{APPS}StatefulSetPersistentVolumeClaimRetentionPolicy': {'whenDeleted': 'Retain', 'whenScaled': 'Retain'},
    f'{BATCH}CronJobSpec': {
        'concurrencyPolicy': 'Allow',
        'failedJobsHistoryLimit': 1,
        'successfulJobsHistoryLimit': 3,
        'suspend': False,
    },
    f'{BATCH}PodFailurePolicyOnPodConditionsPattern': {'status': 'True'},
    'io.k8s.api.autoscaling.v1.HorizontalPodAutoscalerSpec': {'minReplicas': 1},
    'io.k8s.api.autoscaling.v2.HorizontalPodAutoscalerSpec': {'minReplicas': 1},
    'io.k8s.api.networking.v1.IngressClassParametersReference': {'scope': 'Cluster'},
    'io.k8s.api.networking.v1.NetworkPolicyPort': {'protocol': 'TCP'},
    'io.k8s.api.discovery.v1.EndpointPort': {'name': '', 'protocol': 'TCP'},
    f'{_RBAC}RoleRef': {'apiGroup': 'rbac.authorization.k8s.io'},
    f'{_STORAGE}StorageClass': {'reclaimPolicy': 'Delete', 'volumeBindingMode': 'Immediate'},
    f'{_STORAGE}CSIDriverSpec': {
        'attachRequired': True,
        'fsGroupPolicy': 'ReadWriteOnceWithFSType',
        'podInfoOnMount': False,
        'requiresRepublish': False,
        'seLinuxMount': False,
        'storageCapacity': False,
        'volumeLifecycleModes': ['Persistent'],
    },
    f'{_ADMISSION}ValidatingWebhook': _WEBHOOK,
    f'{_ADMISSION}MutatingWebhook': {**_WEBHOOK, 'reinvocationPolicy': 'Never'},
    f'{_ADMISSION}RuleWithOperations': {'scope': '*'},
    f'{_ADMISSION}ServiceReference': {'port': 443},
    f'{_ADMISSION}ValidatingAdmissionPolicySpec': {'failurePolicy': 'Fail'},
    f'{_ADMISSION}MatchResources': {'matchPolicy': 'Equivalent', 'namespaceSelector': {}, 'objectSelector': {}},
    'io.k8s.api.scheduling.v1.PriorityClass': {'preemptionPolicy': 'PreemptLowerPriority'},
}
"""What the fields of a type are, where they are not set."""
