"""What a cluster tells of itself: its groups and resources, its version, its health."""

from kmock_k8s.cluster.discovery.documents import Discovery, imitated_version

__all__ = ['Discovery', 'imitated_version']
