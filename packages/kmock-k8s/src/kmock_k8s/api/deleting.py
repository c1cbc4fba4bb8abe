"""DELETE: an object, or those of a collection that are selected."""

from datetime import UTC, datetime

from kmock_core.values.responses import Answer
from kmock_k8s.api.answers import answer_raw
from kmock_k8s.api.calls import Call
from kmock_k8s.api.listing import join
from kmock_k8s.api.writing import demand
from kmock_k8s.model.encoding import encode
from kmock_k8s.model.keys import ObjectKey
from kmock_k8s.model.metadata import metadata_of
from kmock_k8s.store.spi import ObjectStore
from kmock_k8s.store.states import State


def delete(call: Call, store: ObjectStore) -> Answer:
    """Delete an object, or mark it as to be deleted; the answer is what it was last."""
    with store.lock:
        return answer_raw(_delete(call, store, call.key, demand(store, call.key)))


def delete_collection(call: Call, store: ObjectStore) -> Answer:
    """Delete the objects of a collection that are selected; the answer is a list of what they were last."""
    with store.lock:
        raws = [_delete(call, store, key, state) for key, state in call.selection.find(store, call.resource)]
        return answer_raw(join(call, {'resourceVersion': str(store.revision)}, raws))


def _delete(call: Call, store: ObjectStore, key: ObjectKey, state: State) -> bytes:
    content = state.load() if b'"finalizers"' in state.raw or b'\\' in state.raw else {}
    metadata = metadata_of(content)
    if not metadata.get('finalizers'):
        if not call.dry_run:
            store.delete(key)
        return state.raw
    if metadata.get('deletionTimestamp'):
        return state.raw
    metadata['deletionTimestamp'] = datetime.now(UTC).strftime('%Y-%m-%dT%H:%M:%SZ')
    raw = encode(content)
    if not call.dry_run:
        store.put(key, raw, content)
    return raw
