"""What deletions are answered with."""

from typing import Final

ANSWERING: Final = frozenset((
    ('', 'PersistentVolume'), ('', 'PersistentVolumeClaim'), ('', 'Pod'), ('', 'PodTemplate'), ('', 'ResourceQuota'),
    ('', 'Service'), ('', 'ServiceAccount'),
    ('resource.k8s.io', 'DeviceClass'), ('resource.k8s.io', 'ResourceClaim'),
    ('resource.k8s.io', 'ResourceClaimTemplate'), ('resource.k8s.io', 'ResourceSlice'),
    ('storage.k8s.io', 'CSIDriver'), ('storage.k8s.io', 'CSINode'), ('storage.k8s.io', 'StorageClass'),
    ('storage.k8s.io', 'VolumeAttachment'), ('storage.k8s.io', 'VolumeAttributesClass'),
))  # fmt: skip
"""The built-in kinds, by groups and names, whose deletion is answered with the object; the others have a ``Status``."""
