"""GET: one object, or a list of them."""

from bisect import bisect_right
from typing import TYPE_CHECKING

from kmock_core.values.responses import Answer
from kmock_k8s.api.calls import Call, Item
from kmock_k8s.cluster.backend import Backend, answer, answer_body
from kmock_k8s.cluster.calls import place_of
from kmock_k8s.cluster.kinds import Kind
from kmock_k8s.cluster.paging import LATEST, Mark, Paging, make_token, read_token
from kmock_k8s.cluster.statuses import TooOldTokenError, bad_request, not_found, too_large, too_old_list
from kmock_k8s.errors import KubernetesExpiredError
from kmock_k8s.model.encoding import JSONObject, encode
from kmock_k8s.model.keys import ObjectKey
from kmock_k8s.store.states import State

if TYPE_CHECKING:
    from kmock_k8s.cluster.representing.views import Transform


def get(call: Call, kind: Kind, backend: Backend) -> Answer:
    """GET of one object."""
    check_future(call, backend)
    state = backend.store.get(call.key)
    if state is None:
        raise not_found(kind.of(call.key.name))
    return answer(kind.show(state).raw)


def list_objects(call: Call, kind: Kind, backend: Backend, paging: Paging, view: 'Transform | None' = None) -> Answer:
    """GET of a collection: by namespace and name, perhaps page by page, or as it was at a revision.

    Args:
        call: what is asked for.
        kind: that of the objects.
        backend: where they are.
        paging: the lists that are read in pages.
        view: how the objects are seen, if not as they are.
    """
    options, selection = call.options, call.selection
    with backend.store.lock:
        if options.token:
            mark = read_token(options.token)
            if options.revision:
                raise bad_request('specifying resource version is not allowed when using continue')
            if mark.revision > backend.store.revision:
                raise too_large(mark.revision, backend.store.revision)
            items = paging.find((mark.revision, kind.resource, selection))
            if items is None:
                mark, items = _find_again(call, kind, backend, mark)
            items = items[bisect_right(items, mark.after, key=place_of) :]
        else:
            check_future(call, backend)
            mark = Mark(backend.store.revision, '')
            if _is_exact(call) and options.revision is not None:
                mark = Mark(options.revision, '')
            items = _find(call, kind, backend, mark.revision)
        limit = None if options.revision == 0 else options.limit
        page = items if limit is None else items[:limit]
        metadata: JSONObject = {'resourceVersion': str(mark.revision)}
        if not kind.is_builtin:
            metadata['continue'] = ''
        if len(page) < len(items):
            if not options.token:
                paging.keep((mark.revision, kind.resource, selection), items)
            metadata['continue'] = make_token(Mark(mark.revision, place_of(page[-1])))
            if not selection.selective:
                metadata['remainingItemCount'] = len(items) - len(page)
    if view is not None:
        return answer(view.join(metadata, [state for _, state in page]))
    return answer_body(join_list(kind, metadata, [state.raw for _, state in page]))


def _is_exact(call: Call) -> bool:
    return '?' in call.request.target and call.request.query.get('resourceVersionMatch') == 'Exact'


def _find_again(call: Call, kind: Kind, backend: Backend, mark: Mark) -> tuple[Mark, list[Item]]:
    """A list that is not kept any more: as it was, or as it is now, if that is what its token says."""
    if mark.revision < 0:
        now = Mark(backend.store.revision, mark.after)
        return now, _find(call, kind, backend, now.revision)
    try:
        return mark, _find(call, kind, backend, mark.revision)
    except KubernetesExpiredError as exc:
        raise TooOldTokenError(make_token(Mark(LATEST, mark.after))) from exc


def _find(call: Call, kind: Kind, backend: Backend, revision: int) -> list[Item]:
    """The objects that are selected, as they were at a revision: what has happened since then is undone."""
    store = backend.store
    if revision >= store.revision:
        return call.find(store)
    try:
        later = store.since(kind.resource, revision)
    except KubernetesExpiredError as exc:
        raise too_old_list() from exc
    states: dict[ObjectKey, State | None] = dict(store.select(kind.resource))
    for event in reversed(later):
        states[event.key] = event.previous
    selects = call.selection.selects
    return call.arrange([(key, kind.show(state)) for key, state in states.items() if state and selects(key, state)])


def check_future(call: Call, backend: Backend) -> None:
    """Refuse to wait for a revision that has not come yet."""
    asked = call.options.revision
    if asked is not None and asked > backend.store.revision:
        raise too_large(asked, backend.store.revision)


def join_list(kind: Kind, metadata: JSONObject, raws: list[bytes]) -> bytes:
    """The body of a list of objects that are encoded already; those of built-in kinds don't repeat their kind there."""
    head = encode({'kind': kind.list_name, 'apiVersion': kind.api_version, 'metadata': metadata})[:-1]
    start = len(kind.prefix) + 1 if kind.is_builtin else 1
    # Long lists are copied once: what is between two objects takes the place of what each one begins with.
    parts = [raw[start:] for raw in raws]
    if not parts:
        return head + b',"items":[]}\n'
    parts[0] = head + b',"items":[{' + parts[0]
    parts[-1] += b']}\n'
    return b',{'.join(parts)
