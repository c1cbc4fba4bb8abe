"""The cells of what runs pods."""

from datetime import UTC, datetime
from typing import Any

import pytest

from kmock_k8s.model.encoding import JSONObject
from kmock_k8s.printing import printer_of

NOW = datetime(2030, 6, 15, 12, 0, 0, tzinfo=UTC)
METADATA: JSONObject = {'name': 'x', 'creationTimestamp': '2030-06-15T11:00:00Z'}
TEMPLATE: JSONObject = {
    'metadata': {'labels': {'b': '2', 'a': '1'}},
    'spec': {
        'containers': [{'name': 'c1', 'image': 'i1'}, {'name': 'c2', 'image': 'i2'}],
        'nodeSelector': {'disk': 'ssd', 'arch': 'arm'},
    },
}
SELECTOR: JSONObject = {'matchLabels': {'foo': 'bar'}}


def cells(group: str, kind: str, content: JSONObject) -> list[Any]:
    printer = printer_of(group, kind)
    assert printer is not None
    return printer({'metadata': METADATA, **content}, NOW)


COMPLETE = [
    (
        'apps',
        'Deployment',
        {
            'spec': {'replicas': 5, 'template': TEMPLATE, 'selector': SELECTOR},
            'status': {'replicas': 10, 'updatedReplicas': 2, 'availableReplicas': 1, 'readyReplicas': 4},
        },
        ['x', '4/5', 2, 1, '60m', 'c1,c2', 'i1,i2', 'foo=bar'],
    ),
    (
        'apps',
        'ReplicaSet',
        {
            'spec': {'replicas': 5, 'template': TEMPLATE, 'selector': SELECTOR},
            'status': {'replicas': 4, 'readyReplicas': 3},
        },
        ['x', 5, 4, 3, '60m', 'c1,c2', 'i1,i2', 'foo=bar'],
    ),
    (
        '',
        'ReplicationController',
        {
            'spec': {'replicas': 5, 'template': TEMPLATE, 'selector': {'b': '2', 'a': '1'}},
            'status': {'replicas': 4},
        },
        ['x', 5, 4, 0, '60m', 'c1,c2', 'i1,i2', 'a=1,b=2'],
    ),
    (
        'apps',
        'StatefulSet',
        {'spec': {'replicas': 5, 'template': TEMPLATE, 'selector': SELECTOR}, 'status': {'readyReplicas': 1}},
        ['x', '1/5', '60m', 'c1,c2', 'i1,i2'],
    ),
    (
        'apps',
        'DaemonSet',
        {
            'spec': {'template': TEMPLATE, 'selector': SELECTOR},
            'status': {
                'currentNumberScheduled': 2,
                'desiredNumberScheduled': 3,
                'numberReady': 1,
                'updatedNumberScheduled': 4,
                'numberAvailable': 5,
            },
        },
        ['x', 3, 2, 1, 4, 5, 'arch=arm,disk=ssd', '60m', 'c1,c2', 'i1,i2', 'foo=bar'],
    ),
    ('', 'PodTemplate', {'template': TEMPLATE}, ['x', 'c1,c2', 'i1,i2', 'a=1,b=2']),
    ('apps', 'ControllerRevision', {'revision': 7}, ['x', '<none>', 7, '60m']),
]


SELECTORS: list[tuple[JSONObject | None, str]] = [
    (None, '<none>'),
    ({}, '<none>'),
    ({'matchLabels': {'b': '2', 'a': '1'}}, 'a=1,b=2'),
    ({'matchExpressions': [{'key': 'k', 'operator': 'In', 'values': ['y', 'x']}]}, 'k in (x,y)'),
    ({'matchExpressions': [{'key': 'k', 'operator': 'NotIn', 'values': ['x']}]}, 'k notin (x)'),
    ({'matchExpressions': [{'key': 'k', 'operator': 'Exists'}]}, 'k'),
    ({'matchExpressions': [{'key': 'k', 'operator': 'DoesNotExist'}]}, '!k'),
    (
        {
            'matchLabels': {'b': '2'},
            'matchExpressions': [{'key': 'c', 'operator': 'Exists'}, {'key': 'a', 'operator': 'DoesNotExist'}],
        },
        '!a,b=2,c',
    ),
    ({'matchExpressions': [{'key': 'k', 'operator': 'Gt', 'values': ['1']}]}, '<error>'),
    ({'matchExpressions': [{'key': 'k', 'operator': 'In', 'values': []}]}, '<error>'),
    ({'matchExpressions': [{'key': 'k', 'operator': 'Exists', 'values': ['x']}]}, '<error>'),
]


@pytest.mark.parametrize(('group', 'kind', 'content', 'expected'), COMPLETE, ids=[case[1] for case in COMPLETE])
def test_a_workload_tells_what_runs_of_it(group: str, kind: str, content: JSONObject, expected: list[Any]) -> None:
    assert cells(group, kind, content) == expected


def test_a_workload_of_which_nothing_is_known_wants_one_pod() -> None:
    assert cells('apps', 'Deployment', {}) == ['x', '0/1', 0, 0, '60m', '', '', '']


@pytest.mark.parametrize(('selector', 'shown'), SELECTORS)
def test_a_selector_is_shown_as_in_queries(selector: JSONObject | None, shown: str) -> None:
    assert cells('apps', 'ReplicaSet', {'spec': {'selector': selector}})[-1] == shown


def test_a_deployment_with_a_wrong_selector_is_invalid() -> None:
    selector = {'matchExpressions': [{'key': 'k', 'operator': '?'}]}
    assert cells('apps', 'Deployment', {'spec': {'selector': selector}})[-1] == '<invalid>'


@pytest.mark.parametrize(
    ('owner', 'shown'),
    [
        ({'apiVersion': 'apps/v1', 'kind': 'DaemonSet', 'name': 'd', 'controller': True}, 'daemonset.apps/d'),
        ({'apiVersion': 'v1', 'kind': 'Node', 'name': 'n', 'controller': True}, 'node/n'),
        ({'apiVersion': 'apps/v1', 'kind': 'DaemonSet', 'name': 'd'}, '<none>'),
    ],
)
def test_a_revision_tells_what_controls_it(owner: JSONObject, shown: str) -> None:
    metadata = {**METADATA, 'ownerReferences': [owner]}
    assert cells('apps', 'ControllerRevision', {'metadata': metadata, 'revision': 1}) == ['x', shown, 1, '60m']


@pytest.mark.parametrize(
    ('conditions', 'state'),
    [
        ([], 'Running'),
        ([{'type': 'Complete', 'status': 'True'}], 'Complete'),
        ([{'type': 'Complete', 'status': 'False'}], 'Running'),
        ([{'type': 'Failed', 'status': 'True'}], 'Failed'),
        ([{'type': 'Suspended', 'status': 'True'}], 'Suspended'),
        ([{'type': 'FailureTarget', 'status': 'True'}], 'FailureTarget'),
        ([{'type': 'SuccessCriteriaMet', 'status': 'True'}], 'Running'),
        ([{'type': 'Failed', 'status': 'True'}, {'type': 'Complete', 'status': 'True'}], 'Complete'),
        ([{'type': 'Complete', 'status': 'False'}, {'type': 'Complete', 'status': 'True'}], 'Running'),
    ],
)
def test_a_job_tells_its_state_by_its_conditions(conditions: list[JSONObject], state: str) -> None:
    assert cells('batch', 'Job', {'status': {'conditions': conditions}})[1] == state


@pytest.mark.parametrize(
    ('condition', 'state'), [('Suspended', 'Terminating'), ('Failed', 'Failed'), ('Complete', 'Complete')]
)
def test_a_job_that_leaves_is_terminating_unless_it_has_ended(condition: str, state: str) -> None:
    metadata = {**METADATA, 'deletionTimestamp': '2030-06-15T11:30:00Z'}
    status = {'conditions': [{'type': condition, 'status': 'True'}]}
    assert cells('batch', 'Job', {'metadata': metadata, 'status': status})[1] == state


@pytest.mark.parametrize(
    ('spec', 'shown'),
    [
        ({'completions': 4}, '2/4'),
        ({}, '2/1'),
        ({'parallelism': 1}, '2/1'),
        ({'parallelism': 3}, '2/1 of 3'),
    ],
)
def test_a_job_tells_how_many_completions_there_are(spec: JSONObject, shown: str) -> None:
    assert cells('batch', 'Job', {'spec': spec, 'status': {'succeeded': 2}})[2] == shown


@pytest.mark.parametrize(
    ('status', 'shown'),
    [
        ({}, ''),
        ({'startTime': '2030-06-15T11:50:00Z'}, '10m'),
        ({'startTime': '2030-06-15T11:50:00Z', 'completionTime': '2030-06-15T11:50:33Z'}, '33s'),
    ],
)
def test_a_job_tells_how_long_it_ran(status: JSONObject, shown: str) -> None:
    assert cells('batch', 'Job', {'status': status})[3] == shown


def test_a_job_tells_its_containers() -> None:
    spec = {'template': TEMPLATE, 'selector': SELECTOR}
    assert cells('batch', 'Job', {'spec': spec})[4:] == ['60m', 'c1,c2', 'i1,i2', 'foo=bar']


def test_a_cron_job_tells_when_it_runs() -> None:
    content: JSONObject = {
        'spec': {
            'schedule': '0/5 * * * ?',
            'timeZone': 'Etc/UTC',
            'suspend': True,
            'jobTemplate': {'spec': {'template': TEMPLATE, 'selector': SELECTOR}},
        },
        'status': {'active': [{}, {}], 'lastScheduleTime': '2030-06-15T11:59:00Z'},
    }
    shown = ['x', '0/5 * * * ?', 'Etc/UTC', 'True', 2, '60s', '60m', 'c1,c2', 'i1,i2', 'foo=bar']
    assert cells('batch', 'CronJob', content) == shown


def test_a_cron_job_that_never_ran_has_no_last_time() -> None:
    shown = ['x', '@daily', '<none>', 'False', 0, '<none>', '60m', '', '', '<none>']
    assert cells('batch', 'CronJob', {'spec': {'schedule': '@daily'}}) == shown
