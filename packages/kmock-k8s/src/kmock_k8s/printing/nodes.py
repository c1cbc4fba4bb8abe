"""The cells of nodes."""

from datetime import datetime
from typing import Any

from kmock_k8s.model.encoding import JSONObject
from kmock_k8s.printing.ages import UNKNOWN, print_age
from kmock_k8s.printing.fields import filled, flag, name_of, part, parts, text
from kmock_k8s.printing.labels import NONE

_ROLES = 'node-role.kubernetes.io/'
_ROLE = 'kubernetes.io/role'


def print_node(node: JSONObject, now: datetime) -> list[Any]:
    """A Node."""
    status = part(node, 'status')
    info = part(status, 'nodeInfo')
    return [
        name_of(node),
        ','.join(_states(node)),
        ','.join(sorted(_roles(part(node, 'metadata', 'labels')))) or NONE,
        print_age(node, now),
        text(info, 'kubeletVersion'),
        _address(status, 'InternalIP'),
        _address(status, 'ExternalIP'),
        filled(info, 'osImage', default=UNKNOWN),
        filled(info, 'kernelVersion', default=UNKNOWN),
        filled(info, 'containerRuntimeVersion', default=UNKNOWN),
    ]


def _states(node: JSONObject) -> list[str]:
    told = [text(one, 'status') for one in parts(node, 'status', 'conditions') if text(one, 'type') == 'Ready']
    state = 'Unknown' if not told else 'Ready' if told[-1] == 'True' else 'NotReady'
    return [state, 'SchedulingDisabled'] if flag(node, 'spec', 'unschedulable') else [state]


def _roles(labels: JSONObject) -> set[str]:
    named = {key.removeprefix(_ROLES) for key in labels if key.startswith(_ROLES)}
    return (named | {text(labels, _ROLE)}) - {''}


def _address(status: JSONObject, kind: str) -> str:
    found = (text(one, 'address') for one in parts(status, 'addresses') if text(one, 'type') == kind)
    return next(found, NONE)
