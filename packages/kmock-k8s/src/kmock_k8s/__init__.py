"""The Kubernetes part of KMock: by now, the errors of the Kubernetes API as payloads.

Users import it as ``import kmock``.
"""

from kmock_k8s.errors import (
    KubernetesEndpointNotFoundError,
    KubernetesError,
    KubernetesNotFoundError,
    KubernetesObjectConflictError,
    KubernetesObjectNotFoundError,
    KubernetesResourceNotFoundError,
)

__version__ = '0.1.0'

__all__ = [
    'KubernetesEndpointNotFoundError',
    'KubernetesError',
    'KubernetesNotFoundError',
    'KubernetesObjectConflictError',
    'KubernetesObjectNotFoundError',
    'KubernetesResourceNotFoundError',
]
