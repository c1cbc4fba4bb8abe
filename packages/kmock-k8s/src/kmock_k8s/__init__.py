"""The Kubernetes part of KMock: what requests mean to the Kubernetes API, criteria on that, and the errors of the API.

Users import it as ``import kmock``.
"""

from typing import TYPE_CHECKING

from kmock_k8s.criteria import K8sCriteria, name, namespace, subresource
from kmock_k8s.emulator import KubernetesEmulator
from kmock_k8s.errors import (
    KubernetesBadRequestError,
    KubernetesEndpointNotFoundError,
    KubernetesError,
    KubernetesExpiredError,
    KubernetesInvalidError,
    KubernetesMediaTypeError,
    KubernetesMethodNotAllowedError,
    KubernetesNotFoundError,
    KubernetesObjectConflictError,
    KubernetesObjectNotFoundError,
    KubernetesResourceNotFoundError,
    ManifestError,
)
from kmock_k8s.model.actions import CREATE, DELETE, FETCH, LIST, UPDATE, WATCH, action
from kmock_k8s.model.info import ResourceDict, ResourceInfo
from kmock_k8s.model.keys import HistoryKey, ObjectKey, VersionKey
from kmock_k8s.model.known import ResourcesArray
from kmock_k8s.model.resources import ResourceKey, Selectable, resource
from kmock_k8s.objects.arrays import ObjectsArray
from kmock_k8s.objects.single import Object
from kmock_k8s.objects.versions import ObjectHistory, ObjectVersion
from kmock_k8s.requests import KubernetesRequest
from kmock_k8s.scaffold import KubernetesScaffold

if TYPE_CHECKING:
    from kmock_k8s.cluster.handler import KubernetesCluster
else:

    def __getattr__(name):
        if name != 'KubernetesCluster':
            raise AttributeError(f'module {__name__!r} has no attribute {name!r}', name=name)
        from kmock_k8s.cluster.handler import KubernetesCluster  # heavy: half of this package

        return KubernetesCluster


__version__ = '0.1.0'

__all__ = [
    'CREATE',
    'DELETE',
    'FETCH',
    'LIST',
    'UPDATE',
    'WATCH',
    'HistoryKey',
    'K8sCriteria',
    'KubernetesBadRequestError',
    'KubernetesCluster',
    'KubernetesEmulator',
    'KubernetesEndpointNotFoundError',
    'KubernetesError',
    'KubernetesExpiredError',
    'KubernetesInvalidError',
    'KubernetesMediaTypeError',
    'KubernetesMethodNotAllowedError',
    'KubernetesNotFoundError',
    'KubernetesObjectConflictError',
    'KubernetesObjectNotFoundError',
    'KubernetesRequest',
    'KubernetesResourceNotFoundError',
    'KubernetesScaffold',
    'ManifestError',
    'Object',
    'ObjectHistory',
    'ObjectKey',
    'ObjectVersion',
    'ObjectsArray',
    'ResourceDict',
    'ResourceInfo',
    'ResourceKey',
    'ResourcesArray',
    'Selectable',
    'VersionKey',
    'action',
    'name',
    'namespace',
    'resource',
    'subresource',
]
