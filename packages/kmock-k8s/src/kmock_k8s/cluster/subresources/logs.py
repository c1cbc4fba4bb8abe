"""The logs of pods."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from kmock_core.values.responses import Answer, Metadata
from kmock_k8s.api.calls import Call
from kmock_k8s.api.sockets import upgrade_log
from kmock_k8s.cluster.backend import Backend
from kmock_k8s.cluster.formats.times import parse_time
from kmock_k8s.cluster.kinds import Kind
from kmock_k8s.cluster.list_options import parse_int
from kmock_k8s.cluster.logs import Line, Logs, split_lines
from kmock_k8s.cluster.statuses import Cause, Named, bad_request, forbidden, invalid, invalid_value, not_supported
from kmock_k8s.cluster.structures import items_of, part_of
from kmock_k8s.cluster.subresources.following import LogStream
from kmock_k8s.cluster.writing import load
from kmock_k8s.model.encoding import JSONObject
from kmock_k8s.store.states import Event

_HEADERS = {'Cache-Control': 'no-cache, private'}
_TYPE = 'text/plain'
_FALSE = frozenset({'0', 'false'})
_FINISHED = ('Failed', 'Succeeded')
_EVER = 10**9
"""Seconds: longer than anything is written."""

_STREAMS = ('All', 'Stderr', 'Stdout')


class LogOptions(NamedTuple):
    """What of a log is wanted, and how: the ``PodLogOptions`` of the API reference."""

    container: str
    follow: bool
    previous: bool
    timestamps: bool
    tail: int | None
    limit: int | None
    since: datetime | None


def read_log(call: Call, kind: Kind, backend: Backend) -> Answer:
    """GET: what a container of a pod has written; if it is to be followed, also what it writes from then on."""
    return upgrade_log(call.request, lambda: _read_log(call, kind, backend))


def _read_log(call: Call, kind: Kind, backend: Backend) -> Answer:
    options = _read_options(call, backend)
    namespace, name = call.location.namespace or '', call.location.name or ''
    with backend.store.lock:
        pod = load(kind, call.key, backend)
        container = choose_container(pod, options.container)
        shaping = _Shaping(options)
        if options.follow and not options.previous and not _is_over(pod):
            stream = _follow(shaping, backend, call, container)
            return Metadata(status=200, headers=_HEADERS).compose(stream, _TYPE)
        logs: Logs = backend.logs.previous if options.previous else backend.logs
        lines = logs.lines(namespace, name, container)
    if lines is None and options.previous:
        raise bad_request(f'previous terminated container "{container}" in pod "{name}" not found')
    if lines is None and not part_of(pod, 'spec').get('nodeName'):
        return Metadata(status=204, headers=_HEADERS).compose(b'', None)
    return Metadata(status=200, headers=_HEADERS).compose(shaping.begin(lines or []), _TYPE)


def _follow(shaping: '_Shaping', backend: Backend, call: Call, container: str) -> LogStream:
    """Send what is there, and what comes, until the pod has finished or is gone."""
    logs = backend.logs
    place = (call.location.namespace or '', call.location.name or '', container)
    with logs.lock:
        stream = LogStream(shaping.choose(logs.lines(*place) or []), shaping.shape, shaping.is_full)
        logs.join(stream, *place)

    def receive(event: Event) -> None:
        if event.key == call.key and (event.type == 'DELETED' or _is_over(event.state.load())):
            stream.end()

    subscription = backend.store.subscribe(receive, call.resource)
    stream.on_leave += [subscription.cancel, lambda: logs.leave(stream)]
    return stream


class _Shaping:
    """What is sent of a log, as long as its client reads it."""

    def __init__(self, options: LogOptions) -> None:
        self._options = options
        self._left = options.limit
        self._inside = False

    def begin(self, lines: list[Line]) -> bytes:
        """What is sent of a log at first."""
        return self.shape(self.choose(lines))

    def choose(self, lines: list[Line]) -> list[Line]:
        """The lines that are wanted: the last ones, since some time."""
        tail, since = self._options.tail, self._options.since
        if tail is not None:
            lines = lines[-tail:] if tail else []
        return [line for line in lines if since is None or line.time >= since]

    def shape(self, lines: list[Line]) -> bytes:
        """The bytes of some lines, or of texts of several ones, as far as there is room for them."""
        raw = ''.join(text for line in lines for text in self._stamp(line)).encode()
        if self._left is not None:
            raw = raw[: self._left]
            self._left -= len(raw)
        return raw

    def _stamp(self, line: Line) -> Iterator[str]:
        for text in split_lines(line.text):
            if self._options.timestamps and not self._inside:
                yield f'{line.time.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}000Z '
            yield text
            self._inside = not text.endswith('\n')

    def is_full(self) -> bool:
        """Tell if there is no room for more."""
        return self._left == 0


# ---- Options ----


def _read_options(call: Call, backend: Backend) -> LogOptions:
    given: dict[str, str] = {}
    for field, value in call.request.query_pairs if '?' in call.request.target else ():
        given.setdefault(field, value)
    seconds, tail, limit = (_read_number(given, field) for field in ('sinceSeconds', 'tailLines', 'limitBytes'))
    since = _read_time(given.get('sinceTime', ''))
    causes = [*_check(given, tail, limit, seconds, since)]
    if causes:
        raise invalid(Named('', 'PodLogOptions', call.location.name or ''), causes)
    if seconds is not None:
        since = backend.clock() - timedelta(seconds=min(seconds, _EVER))
    follow, previous, timestamps = (
        field in given and given[field].lower() not in _FALSE for field in ('follow', 'previous', 'timestamps')
    )
    return LogOptions(given.get('container', ''), follow, previous, timestamps, tail, limit, since)


def _check(
    given: dict[str, str], tail: int | None, limit: int | None, seconds: int | None, since: datetime | None
) -> Iterator[Cause]:
    if tail is not None and tail < 0:
        yield invalid_value('tailLines', tail, 'must be greater than or equal to 0')
    if limit is not None and limit < 1:
        yield invalid_value('limitBytes', limit, 'must be greater than 0')
    if seconds is not None and since is not None:
        yield forbidden('', 'at most one of `sinceTime` or `sinceSeconds` may be specified')
    elif seconds is not None and seconds < 1:
        yield invalid_value('sinceSeconds', seconds, 'must be greater than 0')
    if given.get('stream') and given['stream'] not in _STREAMS:
        yield not_supported('stream', given['stream'], _STREAMS)


def _read_number(given: dict[str, str], field: str) -> int | None:
    return parse_int(given[field]) if field in given else None


def _read_time(text: str) -> datetime | None:
    if not text or text == 'null':
        return None
    try:
        return parse_time(text)
    except ValueError as exc:
        raise bad_request(str(exc)) from exc


# ---- Containers ----


def choose_container(pod: JSONObject, asked: str) -> str:
    """The container that is meant: the only one, if none is named."""
    name: str = pod['metadata']['name']
    spec: JSONObject = part_of(pod, 'spec')
    fields = ('initContainers', 'containers', 'ephemeralContainers')
    known: list[str] = [one['name'] for field in fields for one in items_of(spec, field)]
    if asked:
        if asked not in known:
            raise bad_request(f'container {asked} is not valid for pod {name}')
        return asked
    containers: list[Any] = items_of(spec, 'containers')
    if len(containers) != 1:
        raise bad_request(f'a container name must be specified for pod {name}, choose one of: [{" ".join(known)}]')
    return str(containers[0]['name'])


def _is_over(pod: JSONObject) -> bool:
    """Tell if nothing is written any more."""
    return part_of(pod, 'status').get('phase') in _FINISHED
