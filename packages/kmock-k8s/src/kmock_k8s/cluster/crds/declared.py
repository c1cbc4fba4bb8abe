"""Resources that were declared without a definition: ``kmock.resources[…] = …``, ``kmock serve --resources``."""

from kmock_k8s.cluster.crds.kinds import CustomKind
from kmock_k8s.model.encoding import JSONObject
from kmock_k8s.model.info import ResourceInfo
from kmock_k8s.model.resources import resource

_SCALE = {'specReplicasPath': '.spec.replicas', 'statusReplicasPath': '.status.replicas'}
"""Where the replicas usually are."""


def declare(one: resource, info: ResourceInfo) -> CustomKind:
    """The kind of a resource of which nobody knows the schema: its objects are custom ones that can have any fields."""
    known: dict[str, JSONObject] = {'status': {}, 'scale': {**_SCALE}}
    parts = {part: what for part, what in known.items() if part in info.subresources}
    return CustomKind(one, info, {'name': one.version, 'subresources': parts}, one)
