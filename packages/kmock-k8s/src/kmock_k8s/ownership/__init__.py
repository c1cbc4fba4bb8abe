"""Who owns which fields of an object: managedFields, and server-side apply.

All is as in a kube-apiserver: see "Server-Side Apply" in the documentation of Kubernetes, and KEP-555.
"""

from kmock_k8s.ownership.applying import apply
from kmock_k8s.ownership.scopes import EVERYTHING, Scope
from kmock_k8s.ownership.updating import track_update

__all__ = ['EVERYTHING', 'Scope', 'apply', 'track_update']
