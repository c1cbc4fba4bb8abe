"""The controllers of storage that is in use: claims and volumes that are deleted go when nobody needs them."""

from collections.abc import Mapping

from kmock_k8s.cluster.controllers.hands import Hands
from kmock_k8s.cluster.controllers.references import finalizers_of
from kmock_k8s.cluster.structures import part_of, structures_of
from kmock_k8s.model.encoding import JSONObject
from kmock_k8s.model.keys import ObjectKey
from kmock_k8s.model.metadata import metadata_of
from kmock_k8s.model.resources import resource

PODS = resource('', 'v1', 'pods')
CLAIMS = resource('', 'v1', 'persistentvolumeclaims')
VOLUMES = resource('', 'v1', 'persistentvolumes')

_FINALIZERS: Mapping[resource, str] = {
    CLAIMS: 'kubernetes.io/pvc-protection',
    VOLUMES: 'kubernetes.io/pv-protection',
}
"""What holds the objects; the server itself puts it there when they are created."""


class Protector:
    """Lets go of claims that no pod on a node has, and of volumes that are not bound."""

    def __init__(self, hands: Hands) -> None:
        self._hands = hands
        self._waiting: dict[ObjectKey, None] = {}

    def __bool__(self) -> bool:
        """Tell if anything waits for pods to go."""
        return bool(self._waiting)

    def clear(self) -> None:
        """Forget what waits."""
        self._waiting.clear()

    def forget(self, key: ObjectKey) -> None:
        """An object is gone."""
        self._waiting.pop(key, None)

    def follow(self, key: ObjectKey) -> None:
        """Know an object that is to be deleted, if it is one of those that are protected."""
        if key.resource in _FINALIZERS:
            self._waiting[key] = None

    def review(self, key: ObjectKey) -> None:
        """Let go of an object that is to be deleted, if it is not in use."""
        finalizer = _FINALIZERS.get(key.resource)
        live = None if finalizer is None else self._hands.load(key)
        if finalizer is None or live is None or not metadata_of(live).get('deletionTimestamp'):
            return
        if finalizer not in finalizers_of(live):
            self.forget(key)
        elif self._is_used(key, live):
            self.follow(key)
        else:
            self._hands.release(key, finalizer)

    def review_all(self) -> None:
        """Look at all that waits: a pod is gone."""
        for key in [*self._waiting]:
            self.review(key)

    def _is_used(self, key: ObjectKey, live: JSONObject) -> bool:
        if key.resource == VOLUMES:
            return part_of(live, 'status').get('phase') == 'Bound'
        pods = self._hands.store.select(PODS, key.namespace)
        return any(_has_claim(state.load(), key.name) for _, state in pods)


def _has_claim(pod: JSONObject, name: str) -> bool:
    spec = part_of(pod, 'spec')
    if not spec.get('nodeName'):
        return False
    volumes = structures_of(spec, 'volumes')
    return any(part_of(volume, 'persistentVolumeClaim').get('claimName') == name for volume in volumes)
