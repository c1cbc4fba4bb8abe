"""Objects of which anything may be missing, or be of another type: they have rows all the same."""

import copy
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kmock_k8s.model.encoding import JSONObject
from kmock_k8s.printing import printer_of
from kmock_k8s.printing.pods import list_conditions
from kmock_k8s.printing.registry import KINDS

NOW = datetime(2030, 6, 15, 12, 0, 0, tzinfo=UTC)
MOMENT = '2030-06-15T11:00:00Z'
QUANTITIES: JSONObject = {'averageValue': '1', 'averageUtilization': 1, 'value': '1'}
SELECTOR: JSONObject = {
    'matchLabels': {'a': 'b'},
    'matchExpressions': [{'key': 'k', 'operator': 'In', 'values': ['v']}],
}
CONTAINER: JSONObject = {'name': 'c', 'image': 'i', 'restartPolicy': 'Always'}
STATUS: JSONObject = {
    'name': 'c',
    'ready': True,
    'started': True,
    'restartCount': 1,
    'state': {'waiting': {'reason': 'W'}, 'running': {}, 'terminated': {'reason': '', 'exitCode': 1, 'signal': 2}},
    'lastState': {'terminated': {'finishedAt': MOMENT}},
}
TEMPLATE: JSONObject = {
    'metadata': {'labels': {'a': 'b'}},
    'spec': {'containers': [CONTAINER], 'nodeSelector': {'a': 'b'}},
}
KINDS_OF_METRICS = ('Resource', 'ContainerResource', 'Pods', 'Object', 'External')
PARTS_OF_METRICS = ('resource', 'containerResource', 'pods', 'object', 'external')
EVERYTHING: JSONObject = {
    'metadata': {
        'name': 'x',
        'creationTimestamp': MOMENT,
        'deletionTimestamp': MOMENT,
        'labels': {'node-role.kubernetes.io/r': '', 'kubernetes.io/role': 's'},
        'annotations': {'volume.beta.kubernetes.io/storage-class': 'c'},
        'ownerReferences': [{'apiVersion': 'apps/v1', 'kind': 'K', 'name': 'n', 'controller': True}],
    },
    'spec': {
        'containers': [CONTAINER],
        'initContainers': [CONTAINER],
        'readinessGates': [{'conditionType': 'Ready'}],
        'nodeName': 'n',
        'replicas': 1,
        'completions': 1,
        'parallelism': 2,
        'template': TEMPLATE,
        'jobTemplate': {'spec': {'template': TEMPLATE, 'selector': SELECTOR}},
        'selector': SELECTOR,
        'podSelector': SELECTOR,
        'type': 'LoadBalancer',
        'clusterIPs': ['10.0.0.1'],
        'externalIPs': ['10.0.0.2'],
        'ports': [{'port': 80, 'nodePort': 1, 'protocol': 'TCP'}],
        'rules': [{'host': 'h'}],
        'tls': [{}],
        'parameters': {'kind': 'K', 'apiGroup': 'g', 'name': 'n'},
        'parentRef': {'group': 'g', 'resource': 'r', 'namespace': 'ns', 'name': 'n'},
        'cidrs': ['10.0.0.0/8'],
        'capacity': {'storage': '1Gi'},
        'accessModes': ['ReadWriteOnce'],
        'claimRef': {'namespace': 'ns', 'name': 'n'},
        'volumeName': 'v',
        'drivers': [{}],
        'tokenRequests': [{'audience': 'a'}],
        'volumeLifecycleModes': ['Persistent'],
        'source': {'persistentVolumeName': 'v'},
        'metrics': [
            {'type': kind, field: {'name': 'cpu', 'target': QUANTITIES}}
            for kind, field in zip(KINDS_OF_METRICS, PARTS_OF_METRICS, strict=True)
        ],
        'paramKind': {'apiVersion': 'v1', 'kind': 'K'},
        'paramRef': {'selector': SELECTOR},
        'validations': [{}],
        'expirationSeconds': 7,
        'service': {'namespace': 'ns', 'name': 'n'},
        'pool': {'name': 'p'},
        'distinguisherMethod': {'type': 'ByUser'},
        'limited': {'nominalConcurrencyShares': 1, 'limitResponse': {'queuing': {'queues': 1}}},
    },
    'status': {
        'phase': 'Running',
        'conditions': [{'type': 'Ready', 'status': 'True'}, {'type': 'Available', 'status': 'False', 'reason': 'R'}],
        'containerStatuses': [STATUS],
        'initContainerStatuses': [STATUS],
        'podIPs': [{'ip': '10.0.0.1'}],
        'readyReplicas': 1,
        'startTime': MOMENT,
        'completionTime': MOMENT,
        'lastScheduleTime': MOMENT,
        'active': [{}],
        'loadBalancer': {'ingress': [{'ip': '10.0.0.3'}, {'hostname': 'h'}]},
        'capacity': {'storage': '1Gi'},
        'accessModes': ['ReadWriteOnce'],
        'hard': {'pods': '1', 'limits.cpu': '1'},
        'used': {'pods': '1'},
        'currentMetrics': [{field: {'current': QUANTITIES}} for field in PARTS_OF_METRICS],
        'addresses': [{'type': 'InternalIP', 'address': '10.0.0.4'}],
        'nodeInfo': {'kubeletVersion': 'v1'},
        'allocation': {},
        'reservedFor': [{}],
    },
    'data': {'a': 'b'},
    'conditions': [{'type': 'Healthy', 'status': 'True'}],
    'subsets': [{'addresses': [{'ip': '10.0.0.5'}], 'ports': [{'port': 80}]}],
    'ports': [{'port': 80}, {'name': 'http'}],
    'endpoints': [{'addresses': ['10.0.0.6']}],
    'subjects': [{'kind': 'ServiceAccount', 'namespace': 'ns', 'name': 'n'}],
    'roleRef': {'kind': 'Role', 'name': 'n'},
    'webhooks': [{}],
    'involvedObject': {'kind': 'Pod', 'name': 'n'},
    'source': {'component': 'c', 'host': 'h'},
    'message': 'm',
    'firstTimestamp': MOMENT,
    'lastTimestamp': MOMENT,
    'eventTime': MOMENT,
    'series': {'count': 1, 'lastObservedTime': MOMENT},
}
MOMENTS = ['0001-01-01T00:00:00Z', '9999-12-31T23:59:59-12:00']
SCALARS: list[Any] = [None, True, 0, -7, 2**70, 1.5, '', 'x', 'True', *MOMENTS]
VALUES: list[Any] = [*SCALARS, [], {}, [None], ['x'], [7], [[]], [{}], {'x': None}, {'x': {}}, {'name': 7}]


def paths_of(value: Any) -> Iterator[tuple[Any, ...]]:
    fields: JSONObject = value
    items: list[Any] = value
    steps: list[tuple[Any, Any]] = []
    if isinstance(value, dict):
        steps = [*fields.items()]
    elif isinstance(value, list):
        steps = [*enumerate(items)]
    for step, inner in steps:
        yield (step,)
        yield from ((step, *rest) for rest in paths_of(inner))


PATHS = [*paths_of(EVERYTHING)]


def print_object(group: str, kind: str, content: JSONObject) -> list[Any]:
    printer = printer_of(group, kind)
    assert printer is not None
    return printer(content, NOW)


def change(content: Any, path: tuple[Any, ...], value: Any) -> Any:
    """A copy with another value in one place, if that is still there."""
    fields: JSONObject = content
    items: list[Any] = content
    if not path:
        return value
    step, rest = path[0], path[1:]
    if isinstance(content, dict):
        return {**fields, step: change(fields.get(step), rest, value)}
    if isinstance(content, list):
        return [change(item, rest, value) if index == step else item for index, item in enumerate(items)]
    return content


@given(st.lists(st.tuples(st.sampled_from(PATHS), st.sampled_from(VALUES)), max_size=4))
@settings(max_examples=150, deadline=None)
def test_any_object_has_a_row_of_as_many_scalars(changes: list[tuple[tuple[Any, ...], Any]]) -> None:
    content = EVERYTHING
    for path, value in changes:
        content = change(content, path, value)
    for group, kind in KINDS:
        cells = print_object(group, kind, content)
        assert len(cells) == len(print_object(group, kind, {}))
        assert all(isinstance(cell, (str, int)) for cell in cells), (group, kind, cells)
    assert isinstance(list_conditions(content), list)


@pytest.mark.parametrize(('group', 'kind'), KINDS)
def test_printing_leaves_an_object_as_it_is(group: str, kind: str) -> None:
    content = copy.deepcopy(EVERYTHING)
    print_object(group, kind, content)
    assert content == EVERYTHING


@pytest.mark.parametrize(('group', 'kind'), [('', 'Deployment'), ('apps', 'Pod'), ('example.com', 'Pod'), ('', 'pods')])
def test_a_kind_that_is_not_built_in_has_no_printer(group: str, kind: str) -> None:
    assert printer_of(group, kind) is None


@pytest.mark.parametrize('seconds', [10**30, -(10**30)])
def test_a_request_for_a_certificate_of_any_duration_has_a_row(seconds: int) -> None:
    request = {'spec': {'expirationSeconds': seconds}}
    assert print_object('certificates.k8s.io', 'CertificateSigningRequest', request)[4] in {'68y', '<invalid>'}
