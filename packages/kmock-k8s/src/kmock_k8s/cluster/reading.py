"""GET: one object, or a list of them."""

from kmock_core.values.responses import Answer
from kmock_k8s.api.calls import Call
from kmock_k8s.api.listing import Pages, Paged, make_token, read_token
from kmock_k8s.cluster.backend import Backend, answer
from kmock_k8s.cluster.kinds import Kind
from kmock_k8s.cluster.statuses import bad_request, not_found, too_large
from kmock_k8s.errors import KubernetesExpiredError
from kmock_k8s.model.encoding import JSONObject, encode


def get(call: Call, kind: Kind, backend: Backend) -> Answer:
    """GET of one object."""
    state = backend.store.get(call.key)
    if state is None:
        raise not_found(kind.of(call.key.name))
    check_future(call, backend)
    return answer(kind.show(state).raw)


def list_objects(call: Call, kind: Kind, backend: Backend, pages: Pages) -> Answer:
    """GET of a collection: by namespace and name, perhaps page by page."""
    options = call.options
    with backend.store.lock:
        if options.token:
            if options.revision:
                raise bad_request('specifying resource version is not allowed when using continue')
            number, start = read_token(options.token)
            paged = pages.find(number)
            if paged is None:
                raise KubernetesExpiredError(
                    message='The provided continue parameter is too old to display a consistent list result. You can '
                    'start a new list without the continue parameter.'
                )
        else:
            check_future(call, backend)
            number, start = 0, 0
            found = call.selection.find(backend.store, kind.resource)
            found.sort(key=lambda pair: (pair[0].namespace or '', pair[0].name))
            raws = [state.raw for _, state in found]
            paged = Paged(backend.store.revision, raws, counted=not call.selection.selective)
        limit = None if options.revision == 0 else options.limit
        end = len(paged.raws) if limit is None else start + limit
        remaining = max(0, len(paged.raws) - end)
        metadata: JSONObject = {'resourceVersion': str(paged.revision)}
        if not kind.is_builtin:
            metadata['continue'] = ''
        if remaining:
            metadata['continue'] = make_token(number or pages.keep(paged), end)
            if paged.counted:
                metadata['remainingItemCount'] = remaining
    page = paged.raws if not start and not remaining else paged.raws[start:end]
    return answer(join_list(kind, metadata, page))


def check_future(call: Call, backend: Backend) -> None:
    """Refuse to wait for a revision that has not come yet."""
    asked = call.options.revision
    if asked is not None and asked > backend.store.revision:
        raise too_large(asked, backend.store.revision)


def join_list(kind: Kind, metadata: JSONObject, raws: list[bytes]) -> bytes:
    """A list of objects that are encoded already; those of built-in kinds don't repeat their kind there."""
    head = encode({'kind': f'{kind.name}List', 'apiVersion': kind.api_version, 'metadata': metadata})
    if kind.is_builtin:
        start = len(kind.prefix) + 1
        raws = [b'{' + raw[start:] for raw in raws]
    return b'%b,"items":[%b]}' % (head[:-1], b','.join(raws))
