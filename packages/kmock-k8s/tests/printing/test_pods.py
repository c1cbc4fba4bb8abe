"""The cells of pods."""

from datetime import UTC, datetime
from typing import Any

import pytest

from kmock_k8s.model.encoding import JSONObject
from kmock_k8s.printing import conditions_of, printer_of
from kmock_k8s.printing.pods import list_conditions

NOW = datetime(2030, 6, 15, 12, 0, 0, tzinfo=UTC)
CREATED = '2030-06-15T11:00:00Z'
SCHEDULED: JSONObject = {'type': 'PodScheduled', 'status': 'True'}
READY: JSONObject = {'type': 'Ready', 'status': 'True'}
INITIALIZED: JSONObject = {'type': 'Initialized', 'status': 'True'}
RUNNING: JSONObject = {'ready': True, 'state': {'running': {}}}
SIDECAR: JSONObject = {'name': 'sidecar', 'restartPolicy': 'Always'}


def waiting(reason: str, **fields: Any) -> JSONObject:
    return {'ready': False, 'state': {'waiting': {'reason': reason}}, **fields}


def terminated(*, ready: bool = False, **fields: Any) -> JSONObject:
    return {'ready': ready, 'state': {'terminated': fields}}


def ended(restarts: int, moment: str, **fields: Any) -> JSONObject:
    return {'restartCount': restarts, 'lastState': {'terminated': {'finishedAt': moment}}, **fields}


def make_pod(
    containers: list[JSONObject],
    *,
    inits: list[JSONObject] | None = None,
    started: list[JSONObject] | None = None,
    phase: str = 'Running',
    **status: Any,
) -> JSONObject:
    return {
        'metadata': {'name': 'p', 'creationTimestamp': CREATED},
        'spec': {'containers': [{'name': str(n)} for n, _ in enumerate(containers)], 'initContainers': started or []},
        'status': {
            'phase': phase,
            'containerStatuses': containers,
            'initContainerStatuses': inits or [],
            **status,
        },
    }


def print_pod(pod: JSONObject) -> list[Any]:
    printer = printer_of('', 'Pod')
    assert printer is not None
    return printer(pod, NOW)


STATES: dict[str, tuple[JSONObject, str, str]] = {
    'nothing is known of it': (make_pod([{}, {}], phase='Pending'), '0/2', 'Pending'),
    'all run': (make_pod([RUNNING, RUNNING], conditions=[READY]), '2/2', 'Running'),
    'one runs, but is not ready': (make_pod([RUNNING, {'state': {'running': {}}}]), '1/2', 'Running'),
    'ready without running': (make_pod([{'ready': True}]), '0/1', 'Running'),
    'the pod has a reason': (make_pod([{}], phase='Failed', reason='Evicted'), '0/1', 'Evicted'),
    'gated': (
        make_pod([{}], phase='Pending', conditions=[{**SCHEDULED, 'status': 'False', 'reason': 'SchedulingGated'}]),
        '0/1',
        'SchedulingGated',
    ),
    'a container waits': (make_pod([waiting('CrashLoopBackOff')]), '0/1', 'CrashLoopBackOff'),
    'the first one that waits tells': (make_pod([waiting('A'), waiting('B')]), '0/2', 'A'),
    'waiting without a reason': (make_pod([waiting('')], phase='Pending'), '0/1', 'Pending'),
    'ended with a reason': (make_pod([terminated(reason='OOMKilled', exitCode=137)]), '0/1', 'OOMKilled'),
    'ended by a signal': (make_pod([terminated(signal=9, exitCode=137)]), '0/1', 'Signal:9'),
    'ended with a code': (make_pod([terminated(exitCode=3)]), '0/1', 'ExitCode:3'),
    'completed': (make_pod([terminated(reason='Completed')], phase='Succeeded'), '0/1', 'Completed'),
    'one completed, one runs and is ready': (
        make_pod([terminated(reason='Completed'), RUNNING], conditions=[READY]),
        '1/2',
        'Running',
    ),
    'one completed, one runs and the pod is not ready': (
        make_pod([terminated(reason='Completed'), RUNNING], conditions=[{**READY, 'status': 'False'}]),
        '1/2',
        'NotReady',
    ),
}
INITIALIZATIONS: dict[str, tuple[JSONObject, str, str]] = {
    'the first of two': (make_pod([{}], inits=[{}, {}], started=[{}, {}], phase='Pending'), '0/1', 'Init:0/2'),
    'the second of two': (
        make_pod([{}], inits=[terminated(exitCode=0), {}], started=[{}, {}], phase='Pending'),
        '0/1',
        'Init:1/2',
    ),
    'it is about to begin': (make_pod([{}], inits=[waiting('PodInitializing')], started=[{}]), '0/1', 'Init:0/1'),
    'it waits': (make_pod([{}], inits=[waiting('ImagePullBackOff')], started=[{}]), '0/1', 'Init:ImagePullBackOff'),
    'it failed with a reason': (
        make_pod([{}], inits=[terminated(exitCode=1, reason='Error')], started=[{}]),
        '0/1',
        'Init:Error',
    ),
    'it failed with a code': (make_pod([{}], inits=[terminated(exitCode=2)], started=[{}]), '0/1', 'Init:ExitCode:2'),
    'it was killed': (
        make_pod([{}], inits=[terminated(exitCode=137, signal=9)], started=[{}]),
        '0/1',
        'Init:Signal:9',
    ),
    'all are done': (make_pod([RUNNING], inits=[terminated(exitCode=0)], started=[{}]), '1/1', 'Running'),
    'containers do not count before the end of it': (
        make_pod([waiting('PodInitializing')], inits=[{}], started=[{}]),
        '0/1',
        'Init:0/1',
    ),
    'an init container starts again while the pod is initialised': (
        make_pod([RUNNING], inits=[{}], started=[{}], conditions=[INITIALIZED]),
        '1/1',
        'Init:0/1',
    ),
    'a sidecar is counted': (
        make_pod([RUNNING], inits=[{'name': 'sidecar', 'started': True, 'ready': True}], started=[SIDECAR]),
        '2/2',
        'Running',
    ),
    'a sidecar is not ready': (
        make_pod([RUNNING], inits=[{'name': 'sidecar', 'started': True, 'ready': False}], started=[SIDECAR]),
        '1/2',
        'Running',
    ),
    'a sidecar has not started': (make_pod([{}], inits=[{'name': 'sidecar'}], started=[SIDECAR]), '0/2', 'Init:0/1'),
    'one that is started, but is no sidecar': (
        make_pod([{}], inits=[{'name': 'other', 'started': True, 'ready': True}], started=[{'name': 'other'}]),
        '0/1',
        'Init:0/1',
    ),
}


@pytest.mark.parametrize(('pod', 'ready', 'state'), [*STATES.values()], ids=[*STATES])
def test_the_containers_of_a_pod_tell_its_state(pod: JSONObject, ready: str, state: str) -> None:
    assert print_pod(pod)[1:3] == [ready, state]


@pytest.mark.parametrize(('pod', 'ready', 'state'), [*INITIALIZATIONS.values()], ids=[*INITIALIZATIONS])
def test_the_init_containers_of_a_pod_come_first(pod: JSONObject, ready: str, state: str) -> None:
    assert print_pod(pod)[1:3] == [ready, state]


@pytest.mark.parametrize(
    ('phase', 'reason', 'state'),
    [
        ('Running', '', 'Terminating'),
        ('Pending', '', 'Terminating'),
        ('Running', 'NodeLost', 'Unknown'),
        ('Succeeded', '', 'Succeeded'),
        ('Failed', 'Evicted', 'Evicted'),
    ],
)
def test_a_pod_that_leaves_is_terminating_unless_it_has_ended(phase: str, reason: str, state: str) -> None:
    pod = make_pod([{}], phase=phase, reason=reason)
    pod['metadata']['deletionTimestamp'] = CREATED
    assert print_pod(pod)[2] == state


@pytest.mark.parametrize(
    ('pod', 'restarts'),
    [
        (make_pod([{'restartCount': 3}]), '3'),
        (make_pod([ended(3, '2030-06-15T11:55:00Z')]), '3 (5m ago)'),
        (make_pod([ended(2, '2030-06-15T11:55:00Z'), ended(1, '2030-06-15T11:59:50Z')]), '3 (10s ago)'),
        (make_pod([ended(2, '2030-06-15T11:59:50Z'), ended(1, '2030-06-15T11:55:00Z')]), '3 (10s ago)'),
        (make_pod([ended(0, '2030-06-15T11:55:00Z')]), '0'),
        (make_pod([ended(1, '0001-01-01T00:00:00Z')]), '1'),
        (make_pod([{}], inits=[ended(4, '2030-06-15T11:55:00Z')], started=[{}]), '4 (5m ago)'),
        (make_pod([{'restartCount': 1}], inits=[{'restartCount': 4, **terminated(exitCode=0)}], started=[{}]), '1'),
        (
            make_pod(
                [{'restartCount': 1}],
                inits=[ended(4, '2030-06-15T11:55:00Z', name='sidecar', started=True)],
                started=[SIDECAR],
            ),
            '5 (5m ago)',
        ),
    ],
)
def test_restarts_are_counted_with_the_last_one(pod: JSONObject, restarts: str) -> None:
    assert print_pod(pod)[3] == restarts


@pytest.mark.parametrize(
    ('status', 'address'),
    [
        ({}, '<none>'),
        ({'podIP': '', 'podIPs': []}, '<none>'),
        ({'podIP': '10.1.1.1'}, '10.1.1.1'),
        ({'podIPs': [{'ip': '10.1.1.1'}, {'ip': 'fd00::1'}]}, '10.1.1.1'),
        ({'podIP': '10.2.2.2', 'podIPs': [{'ip': '10.1.1.1'}]}, '10.2.2.2'),
    ],
)
def test_the_first_address_of_a_pod_is_shown(status: JSONObject, address: str) -> None:
    assert print_pod(make_pod([{}], **status))[5] == address


def test_the_nodes_of_a_pod_are_shown() -> None:
    pod = make_pod([{}], nominatedNodeName='n2')
    pod['spec']['nodeName'] = 'n1'
    assert print_pod(pod)[4:8] == ['60m', '<none>', 'n1', 'n2']


def test_readiness_gates_are_counted_by_their_first_conditions() -> None:
    conditions = [{'type': 'a', 'status': 'True'}, {'type': 'b', 'status': 'False'}, {'type': 'b', 'status': 'True'}]
    pod = make_pod([{}], conditions=conditions)
    assert print_pod(pod)[8] == '<none>'
    pod['spec']['readinessGates'] = [{'conditionType': name} for name in 'abc']
    assert print_pod(pod)[8] == '1/3'


@pytest.mark.parametrize(('phase', 'count'), [('Succeeded', 1), ('Failed', 1), ('Running', 0), ('Pending', 0)])
def test_the_row_of_a_pod_that_has_ended_is_marked(phase: str, count: int) -> None:
    conditions = list_conditions(make_pod([], phase=phase))
    assert [(one['type'], one['status'], one['reason']) for one in conditions] == [('Completed', 'True', phase)] * count


def test_the_rows_of_other_kinds_are_not_marked() -> None:
    assert conditions_of('', 'Pod') is list_conditions
    assert conditions_of('batch', 'Job') is None
