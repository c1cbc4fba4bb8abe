"""The logs of pods."""

from kmock_core.values.responses import Answer, Metadata
from kmock_k8s.api.calls import Call
from kmock_k8s.cluster.backend import Backend
from kmock_k8s.cluster.defaulting.pods import containers_of
from kmock_k8s.cluster.kinds import Kind
from kmock_k8s.cluster.statuses import bad_request
from kmock_k8s.cluster.structures import part_of
from kmock_k8s.cluster.writing import load
from kmock_k8s.model.encoding import JSONObject


def read_log(call: Call, kind: Kind, backend: Backend) -> Answer:
    """GET: what a container of a pod has written."""
    pod = load(kind, call.key, backend)
    given = dict(call.request.query_pairs) if '?' in call.request.target else {}
    container = _choose(pod, given.get('container', ''))
    text = backend.logs.find(call.location.namespace or '', call.location.name or '', container)
    lines, size = _read_number(given, 'tailLines'), _read_number(given, 'limitBytes')
    if lines is not None:
        text = ''.join(text.splitlines(keepends=True)[-lines:] if lines else ())
    payload = text.encode()
    return Metadata(status=200, headers=_HEADERS).compose(payload if size is None else payload[:size], 'text/plain')


_HEADERS = {'Cache-Control': 'no-cache, private'}


def _choose(pod: JSONObject, asked: str) -> str:
    """The container that is meant: the only one, if none is named."""
    name: str = pod['metadata']['name']
    spec: JSONObject = part_of(pod, 'spec')
    known = [one['name'] for one in containers_of(spec)]
    known += [one['name'] for one in spec.get('ephemeralContainers') or ()]
    if asked:
        if asked not in known:
            raise bad_request(f'container {asked} is not valid for pod {name}')
        return asked
    names: list[str] = [one['name'] for one in spec.get('containers') or ()]
    if len(names) == 1:
        return names[0]
    default: str | None = part_of(pod['metadata'], 'annotations').get('kubectl.kubernetes.io/default-container')
    if default in names:
        return default
    raise bad_request(f'a container name must be specified for pod {name}, choose one of: [{" ".join(names)}]')


def _read_number(given: dict[str, str], name: str) -> int | None:
    text = given.get(name)
    if text is None:
        return None
    try:
        return int(text)
    except ValueError as exc:
        raise bad_request(f'strconv.ParseInt: parsing "{text}": invalid syntax') from exc
