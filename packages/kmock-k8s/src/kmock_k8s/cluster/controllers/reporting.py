"""The events that the garbage collector reports: objects whose owners are elsewhere."""

from kmock_k8s.cluster.controllers.hands import Hands
from kmock_k8s.cluster.controllers.references import Reference
from kmock_k8s.model.encoding import JSONObject
from kmock_k8s.model.keys import ObjectKey
from kmock_k8s.model.metadata import metadata_of

_COMPONENT = 'garbage-collector-controller'


def report_misplaced(key: ObjectKey, live: JSONObject, owner: Reference, hands: Hands) -> None:
    """Report an object that refers to an owner in another namespace; nothing is said if the owner is nowhere."""
    kind = hands.kind_named(owner.api_version, owner.kind)
    if kind is None or not kind.namespaced:
        return
    found = hands.store.select(kind.resource, ..., owner.name)
    if not any(metadata_of(state.load()).get('uid') == owner.uid for _, state in found):
        return
    namespace = key.namespace or ''
    shown = f'[{owner.api_version}/{owner.kind}, namespace: {namespace}, name: {owner.name}, uid: {owner.uid}]'
    clock, now = hands.backend.clock(), hands.backend.now()
    involved = {
        'kind': live.get('kind'),
        'namespace': namespace,
        'name': key.name,
        'uid': metadata_of(live).get('uid'),
        'apiVersion': live.get('apiVersion'),
    }
    event: JSONObject = {
        'metadata': {'name': f'{key.name}.{int(clock.timestamp() * 1e6) * 1000 + hands.store.revision % 1000:x}'},
        'involvedObject': {field: value for field, value in involved.items() if value},
        'reason': 'OwnerRefInvalidNamespace',
        'message': f'ownerRef {shown} does not exist in namespace "{namespace}"',
        'source': {'component': _COMPONENT},
        'firstTimestamp': now,
        'lastTimestamp': now,
        'count': 1,
        'type': 'Warning',
        'eventTime': None,
        'reportingComponent': _COMPONENT,
        'reportingInstance': '',
    }
    hands.create('v1', 'Event', namespace or 'default', event)
