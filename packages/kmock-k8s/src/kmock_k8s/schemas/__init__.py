"""Schemas: what the fields of objects are, of the built-in kinds and of custom resources.

Nothing is read before the first kind is asked for.
"""

from kmock_k8s.schemas.kinds import builtin, custom, object_meta
from kmock_k8s.schemas.nodes import ABSENT, Absent, Schema

__all__ = ['ABSENT', 'Absent', 'Schema', 'builtin', 'custom', 'object_meta']
