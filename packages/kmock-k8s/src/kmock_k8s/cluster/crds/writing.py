"""What the server writes into definitions by itself."""

from kmock_k8s.cluster.backend import Backend
from kmock_k8s.cluster.crds.definitions import DEFINITIONS
from kmock_k8s.cluster.write_options import WriteOptions
from kmock_k8s.cluster.writing import track
from kmock_k8s.model.encoding import JSONObject
from kmock_k8s.model.keys import ObjectKey
from kmock_k8s.model.metadata import metadata_of

_OPTIONS = WriteOptions(dry_run=False, manager='kube-apiserver', validation='Ignore', force=False)


def write_status(name: str, status: JSONObject, backend: Backend) -> JSONObject | None:
    """Write the status of a definition if it is another one; what the definition is then, None if it is gone."""
    key = ObjectKey(DEFINITIONS, None, name)
    state = backend.store.get(key)
    kind = backend.find_kind(DEFINITIONS)
    if state is None or kind is None:
        return None
    live = state.load()
    if live.get('status') == status:
        return live
    content = {**live, 'metadata': {**metadata_of(live)}, 'status': status}
    track(live, content, kind, backend, _OPTIONS, 'status')
    backend.commit(kind, key, content)
    return content
