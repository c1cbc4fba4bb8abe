"""The end of a definition: its objects go first."""

from kmock_k8s.cluster.backend import Backend
from kmock_k8s.cluster.crds.conditions import TERMINATING, with_condition
from kmock_k8s.cluster.crds.definitions import DEFINITIONS, Definition, as_object
from kmock_k8s.cluster.crds.writing import write_status
from kmock_k8s.model.encoding import JSONObject
from kmock_k8s.model.keys import ObjectKey
from kmock_k8s.model.metadata import metadata_of

FINALIZER = 'customresourcecleanup.apiextensions.k8s.io'
"""What holds a definition until its objects are gone."""

_PENDING = 'CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon'


def finalizers_of(content: JSONObject) -> list[str]:
    """The finalizers of an object, in a list of the caller's own."""
    found: list[str] = metadata_of(content).get('finalizers') or []
    return [*found]


def mark(content: JSONObject, now: str) -> JSONObject:
    """A definition that is to be deleted, with what says so."""
    metadata = metadata_of(content)
    finalizers = finalizers_of(content)
    if FINALIZER not in finalizers:
        finalizers.append(FINALIZER)
    status = with_condition(
        as_object(content.get('status')), now, TERMINATING, True, 'InstanceDeletionPending', _PENDING
    )
    return {**content, 'metadata': {**metadata, 'finalizers': finalizers}, 'status': status}


def clean_up(name: str, definition: Definition, backend: Backend) -> None:
    """Delete the objects of a definition; when none is left, let the definition go."""
    status = as_object(definition.content.get('status'))
    message = 'CustomResource deletion is in progress'
    status = with_condition(status, backend.now(), TERMINATING, True, 'InstanceDeletionInProgress', message)
    write_status(name, status, backend)
    for key, state in backend.store.select(definition.stored):
        _delete(key, state.load(), definition, backend)
    if not backend.store.count(definition.stored):
        _release(name, backend)


def _delete(key: ObjectKey, live: JSONObject, definition: Definition, backend: Backend) -> None:
    metadata = metadata_of(live)
    if not metadata.get('finalizers'):
        backend.remove(key)
    elif not metadata.get('deletionTimestamp'):
        marked = {
            **metadata,
            'deletionTimestamp': backend.now(),
            'deletionGracePeriodSeconds': 0,
            'generation': metadata.get('generation', 0) + 1,
        }
        kind = next((kind for _, _, kind in definition.make_kinds()), None) or backend.find_kind(DEFINITIONS)
        assert kind is not None
        backend.commit(kind, key, {**live, 'metadata': marked})


def _release(name: str, backend: Backend) -> None:
    key = ObjectKey(DEFINITIONS, None, name)
    state = backend.store.get(key)
    if state is None:
        return
    live = state.load()
    finalizers = finalizers_of(live)
    if finalizers == [FINALIZER]:
        backend.remove(key)
        return
    kind = backend.find_kind(DEFINITIONS)
    if kind is not None and FINALIZER in finalizers:
        finalizers.remove(FINALIZER)
        backend.commit(kind, key, {**live, 'metadata': {**metadata_of(live), 'finalizers': finalizers}})
