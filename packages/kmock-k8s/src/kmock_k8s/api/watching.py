"""WATCH: the objects that are there, or the changes that were missed; then each change, as long as the client stays."""

import sys

from kmock_core.values.responses import Answer, Metadata
from kmock_k8s.api.answers import JSON_TYPE
from kmock_k8s.api.calls import Call
from kmock_k8s.api.options import ListOptions
from kmock_k8s.api.selection import Selection
from kmock_k8s.api.streams import Hub, Watch, Watches
from kmock_k8s.api.views import View, Viewed, ViewedWatch
from kmock_k8s.errors import KubernetesExpiredError
from kmock_k8s.model.encoding import JSONObject, encode
from kmock_k8s.store.spi import ObjectStore
from kmock_k8s.store.states import State, encode_event

INITIAL_EVENTS_END = 'k8s.io/initial-events-end'
"""The annotation of the bookmark that follows the objects which are there at the beginning."""

_STREAM = Metadata()


def watch(
    call: Call, store: ObjectStore, watches: Watches, *, patient: bool = False, view: View | None = None
) -> Answer:
    """Begin a watch: it gets the events before it looks at what is there, so that there is no gap.

    Args:
        call: what is to be watched.
        store: where it is.
        watches: those that are open.
        patient: whether a watch from a revision that has not come yet is silent until then.
        view: how the objects are seen, if not as they are.
    """
    options = call.options
    selection = call.selection
    with store.lock:
        try:
            first = _begin(call, store, selection, options, view)
        except KubernetesExpiredError as exc:  # as an event of a stream, as in a real server: its cacher says why
            return _fail(watches.hub(call.resource), selection, encode(exc.as_status()), view)
        wanted = (options.revision or 0) if patient else 0
        is_waiting = bool(options.initial) and options.bookmarks and wanted > store.revision
        if options.initial and options.bookmarks and not is_waiting:
            first.append(_bookmark(call, view, store.revision, {INITIAL_EVENTS_END: 'true'}))
        is_over = options.timeout is not None and options.timeout < 0
        hub = watches.hub(call.resource)
        revision = store.revision
        if patient and not options.initial:
            revision = max(revision, options.revision or 0)
        first = [] if is_over else first
        if view is None:
            stream = Watch(hub, selection, revision, first)
        else:
            stream = ViewedWatch(hub, Viewed(selection, view), revision, first, view)
        hub.join(stream)
    if options.bookmarks:
        marked = stream.revision if options.initial else -1

        def mark(revision: int) -> bytes:
            nonlocal is_waiting
            is_end = is_waiting and revision >= wanted
            is_waiting = is_waiting and not is_end
            return _bookmark(call, view, revision, {INITIAL_EVENTS_END: 'true'} if is_end else None)

        stream.mark(mark, options.timeout, marked, wanted if is_waiting else 0)
    if options.timeout is not None:
        stream.limit(max(0, options.timeout))
    return _STREAM.compose(stream, JSON_TYPE if view is None else view.media_type)


def _fail(hub: Hub, selection: Selection, status: bytes, view: View | None) -> Answer:
    """A watch that ends with its first event."""
    line = encode_event('ERROR', status) if view is None else view.frame('ERROR', status)
    stream = Watch(hub, selection, sys.maxsize, [line])  # no event is newer
    hub.join(stream)
    stream.end()
    return _STREAM.compose(stream, JSON_TYPE if view is None else view.media_type)


def _begin(
    call: Call, store: ObjectStore, selection: Selection, options: ListOptions, view: View | None
) -> list[bytes]:
    if options.initial or (options.initial is None and not options.revision):
        return [_frame('ADDED', state, view) for _, state in call.find(store)]
    if not options.revision or options.revision >= store.revision:
        return []
    watched = selection if view is None else Viewed(selection, view)
    shown = [watched.translate(event) for event in store.since(call.resource, options.revision)]
    return [line for chunks in shown if chunks is not None for line in chunks.chunks]


def _bookmark(call: Call, view: View | None, revision: int, annotations: dict[str, str] | None = None) -> bytes:
    metadata: JSONObject = {'resourceVersion': str(revision)}
    if annotations:
        metadata['annotations'] = annotations
    raw = encode({'kind': call.kind, 'apiVersion': call.api_version, 'metadata': metadata})
    return _frame('BOOKMARK', State(revision, raw), view)


def _frame(type: str, state: State, view: View | None) -> bytes:
    return encode_event(type, state.raw) if view is None else view.frame(type, view.show(state))
