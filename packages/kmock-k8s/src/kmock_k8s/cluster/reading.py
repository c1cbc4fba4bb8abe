"""GET: one object, or a list of them."""

from bisect import bisect_right

from kmock_core.values.responses import Answer
from kmock_k8s.api.calls import Call
from kmock_k8s.cluster.backend import Backend, answer
from kmock_k8s.cluster.kinds import Kind
from kmock_k8s.cluster.paging import Item, Mark, Paging, make_token, read_token
from kmock_k8s.cluster.statuses import bad_request, not_found, too_large
from kmock_k8s.model.encoding import JSONObject, encode


def get(call: Call, kind: Kind, backend: Backend) -> Answer:
    """GET of one object."""
    state = backend.store.get(call.key)
    if state is None:
        raise not_found(kind.of(call.key.name))
    check_future(call, backend)
    return answer(kind.show(state).raw)


def list_objects(call: Call, kind: Kind, backend: Backend, paging: Paging) -> Answer:
    """GET of a collection: by namespace and name, perhaps page by page."""
    options, selection = call.options, call.selection
    with backend.store.lock:
        if options.token:
            if options.revision:
                raise bad_request('specifying resource version is not allowed when using continue')
            mark = read_token(options.token)
            items = paging.find((mark.revision, kind.resource, selection))
            if items is None:
                items = _find(call, kind, backend)
            items = items[bisect_right(items, mark.after, key=_key_of) :]
        else:
            check_future(call, backend)
            mark = Mark(backend.store.revision, '')
            items = _find(call, kind, backend)
        limit = None if options.revision == 0 else options.limit
        page = items if limit is None else items[:limit]
        metadata: JSONObject = {'resourceVersion': str(mark.revision)}
        if not kind.is_builtin:
            metadata['continue'] = ''
        if len(page) < len(items):
            if not options.token:
                paging.keep((mark.revision, kind.resource, selection), items)
            metadata['continue'] = make_token(Mark(mark.revision, page[-1][0]))
            if not selection.selective:
                metadata['remainingItemCount'] = len(items) - len(page)
    return answer(join_list(kind, metadata, [raw for _, raw in page]))


def _find(call: Call, kind: Kind, backend: Backend) -> list[Item]:
    found = call.selection.find(backend.store, kind.resource)
    return sorted([(f'{key.namespace or ""}/{key.name}', state.raw) for key, state in found], key=_key_of)


def _key_of(item: Item) -> str:
    return item[0]


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
