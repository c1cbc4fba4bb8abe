"""The cells of pods: how many containers are ready, and what is the matter with the others."""

from datetime import datetime
from typing import Any

from kmock_k8s.model.encoding import JSONObject
from kmock_k8s.printing.ages import parse, print_age, print_since
from kmock_k8s.printing.fields import filled, flag, has, is_leaving, name_of, number, part, parts, text
from kmock_k8s.printing.labels import NONE

_ENDS = {
    'Succeeded': 'The pod has completed successfully.',
    'Failed': 'The pod failed.',
}


def list_conditions(content: JSONObject) -> list[JSONObject]:
    """The conditions of the row of a pod: clients hide the rows of those that are done by them."""
    phase = text(content, 'status', 'phase')
    if phase not in _ENDS:
        return []
    return [{'type': 'Completed', 'status': 'True', 'reason': phase, 'message': _ENDS[phase]}]


def print_pod(pod: JSONObject, now: datetime) -> list[Any]:
    """A pod."""
    spec, status = part(pod, 'spec'), part(pod, 'status')
    reading = _Reading(spec, status)
    restarts = str(reading.restarts.count)
    if reading.restarts.count and reading.restarts.last is not None:
        restarts = f'{restarts} ({print_since(reading.restarts.last.isoformat(), now)} ago)'
    return [
        name_of(pod),
        f'{reading.ready}/{reading.total}',
        _end(pod, reading.reason),
        restarts,
        print_age(pod, now),
        _address(status),
        filled(spec, 'nodeName', default=NONE),
        filled(status, 'nominatedNodeName', default=NONE),
        _gates(spec, status),
    ]


class _Restarts:
    """How often containers were started again, and when the last one of them had ended."""

    def __init__(self) -> None:
        self.count = 0
        self.last: datetime | None = None

    def add(self, container: JSONObject) -> None:
        self.count += number(container, 'restartCount')
        ended = parse(part(container, 'lastState', 'terminated').get('finishedAt'))
        if ended is not None and (self.last is None or ended > self.last):
            self.last = ended


class _Reading:
    """What the statuses of the containers of a pod say of it.

    Containers of the pod only count after those that initialise it; of these, the ones that go on running count, too.
    """

    def __init__(self, spec: JSONObject, status: JSONObject) -> None:
        inits = parts(spec, 'initContainers')
        self._sidecars = {text(one, 'name') for one in inits if text(one, 'restartPolicy') == 'Always'}
        self.total = len(parts(spec, 'containers')) + sum(text(one, 'restartPolicy') == 'Always' for one in inits)
        self.ready = 0
        self.reason = _begin(status)
        self.restarts = _Restarts()
        lasting = _Restarts()
        blocked = self._initialize(parts(status, 'initContainerStatuses'), len(inits), lasting)
        if not blocked or _condition(status, 'Initialized') == 'True':
            self.restarts = lasting
            self._run(status)

    def _initialize(self, containers: list[JSONObject], wanted: int, lasting: _Restarts) -> bool:
        for index, container in enumerate(containers):
            is_sidecar = text(container, 'name') in self._sidecars
            self.restarts.add(container)
            if is_sidecar:
                lasting.add(container)
            state = part(container, 'state')
            if has(state, 'terminated') and not number(state, 'terminated', 'exitCode'):
                continue
            if is_sidecar and flag(container, 'started'):
                self.ready += flag(container, 'ready')
                continue
            waiting = text(state, 'waiting', 'reason')
            if has(state, 'terminated'):
                self.reason = f'Init:{_name_end(part(state, "terminated"))}'
            elif waiting and waiting != 'PodInitializing':
                self.reason = f'Init:{waiting}'
            else:
                self.reason = f'Init:{index}/{wanted}'
            return True
        return False

    def _run(self, status: JSONObject) -> None:
        is_running = False
        for container in reversed(parts(status, 'containerStatuses')):
            self.restarts.add(container)
            state = part(container, 'state')
            if waiting := text(state, 'waiting', 'reason'):
                self.reason = waiting
            elif has(state, 'terminated'):
                self.reason = _name_end(part(state, 'terminated'))
            elif flag(container, 'ready') and has(state, 'running'):
                is_running = True
                self.ready += 1
        if self.reason == 'Completed' and is_running:
            self.reason = 'Running' if _has_condition(status, 'Ready', 'True') else 'NotReady'


def _begin(status: JSONObject) -> str:
    for condition in parts(status, 'conditions'):
        if text(condition, 'type') == 'PodScheduled' and text(condition, 'reason') == 'SchedulingGated':
            return 'SchedulingGated'
    return text(status, 'reason') or text(status, 'phase')


def _end(pod: JSONObject, reason: str) -> str:
    if not is_leaving(pod):
        return reason
    if text(pod, 'status', 'reason') == 'NodeLost':
        return 'Unknown'
    return reason if text(pod, 'status', 'phase') in _ENDS else 'Terminating'


def _name_end(terminated: JSONObject) -> str:
    if reason := text(terminated, 'reason'):
        return reason
    signal = number(terminated, 'signal')
    return f'Signal:{signal}' if signal else f'ExitCode:{number(terminated, "exitCode")}'


def _address(status: JSONObject) -> str:
    """The address; the single one is believed where it differs from the many, as older kubelets knew of it only."""
    known = [text(address, 'ip') for address in parts(status, 'podIPs')]
    return text(status, 'podIP') or (known[0] if known else '') or NONE


def _gates(spec: JSONObject, status: JSONObject) -> str:
    gates = [text(gate, 'conditionType') for gate in parts(spec, 'readinessGates')]
    if not gates:
        return NONE
    return f'{sum(_condition(status, gate) == "True" for gate in gates)}/{len(gates)}'


def _condition(status: JSONObject, name: str) -> str:
    return next((text(one, 'status') for one in parts(status, 'conditions') if text(one, 'type') == name), '')


def _has_condition(status: JSONObject, name: str, state: str) -> bool:
    return any(text(one, 'type') == name and text(one, 'status') == state for one in parts(status, 'conditions'))
