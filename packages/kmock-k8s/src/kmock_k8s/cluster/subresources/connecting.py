"""What goes on in the containers of pods: ``exec``, ``attach`` and ``portforward``, as far as an API server goes."""

from typing import NoReturn

from kmock_k8s.api.calls import Call
from kmock_k8s.cluster.backend import Backend
from kmock_k8s.cluster.kinds import Kind
from kmock_k8s.cluster.statuses import bad_request, internal
from kmock_k8s.cluster.structures import part_of
from kmock_k8s.cluster.subresources.logs import choose_container
from kmock_k8s.cluster.writing import load


def connect(call: Call, kind: Kind, backend: Backend) -> NoReturn:
    """GET and POST: refuse where a real server would turn to the agent of a node; a rule of the test may answer."""
    with backend.store.lock:
        pod = load(kind, call.key, backend)
    name = call.location.name
    if call.location.subresource != 'portforward':
        choose_container(pod, call.request.params.get('container', ''))
    if not part_of(pod, 'spec').get('nodeName'):
        raise bad_request(f'pod {name} does not have a host assigned')
    if 'upgrade' not in call.request.headers.get('Connection', '').lower():
        raise bad_request('Upgrade request required')
    raise internal(f'error dialing backend: nothing runs in the pod "{name}"')
