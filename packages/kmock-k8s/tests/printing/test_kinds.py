"""The cells of all the other kinds."""

from datetime import UTC, datetime
from typing import Any

import pytest

from kmock_k8s.model.encoding import JSONObject
from kmock_k8s.printing import printer_of

NOW = datetime(2030, 6, 15, 12, 0, 0, tzinfo=UTC)
CREATED = '2030-06-15T11:00:00Z'
METADATA: JSONObject = {'name': 'x', 'creationTimestamp': CREATED}
LEAVING: JSONObject = {**METADATA, 'deletionTimestamp': CREATED}


def marked(annotation: str, value: str) -> JSONObject:
    return {**METADATA, 'annotations': {annotation: value}}


def cells(group: str, kind: str, content: JSONObject) -> list[Any]:
    printer = printer_of(group, kind)
    assert printer is not None
    return printer({'metadata': METADATA, **content}, NOW)


CORE: list[tuple[str, JSONObject, list[Any]]] = [
    ('ConfigMap', {}, ['x', 0, '60m']),
    ('ConfigMap', {'data': {'a': '', 'b': ''}, 'binaryData': {'c': ''}}, ['x', 3, '60m']),
    ('Secret', {}, ['x', 'Opaque', 0, '60m']),
    ('Secret', {'type': 'kubernetes.io/tls', 'data': {'a': ''}}, ['x', 'kubernetes.io/tls', 1, '60m']),
    ('Namespace', {'status': {'phase': 'Terminating'}}, ['x', 'Terminating', '60m']),
    ('Namespace', {}, ['x', 'Active', '60m']),
    ('ServiceAccount', {'secrets': [{}]}, ['x', '60m']),
    ('LimitRange', {}, ['x', CREATED]),
    ('LimitRange', {'metadata': {'name': 'x'}}, ['x', '0001-01-01T00:00:00Z']),
    ('ComponentStatus', {}, ['x', 'Unknown', '', '']),
    (
        'ComponentStatus',
        {'conditions': [{'type': 'Healthy', 'status': 'True', 'message': 'ok'}]},
        ['x', 'Healthy', 'ok', ''],
    ),
    (
        'ComponentStatus',
        {'conditions': [{'type': 'Other'}, {'type': 'Healthy', 'status': 'False', 'error': 'no'}]},
        ['x', 'Unhealthy', '', 'no'],
    ),
    (
        'ResourceQuota',
        {
            'status': {
                'hard': {'requests.cpu': '2', 'limits.memory': '1Gi', 'pods': '10', 'limits.cpu': '4'},
                'used': {'requests.cpu': '500m', 'pods': '3'},
            }
        },
        ['x', 'pods: 3/10, requests.cpu: 500m/2', 'limits.cpu: 0/4, limits.memory: 0/1Gi', '60m'],
    ),
    ('ResourceQuota', {'spec': {'hard': {'pods': '1'}}}, ['x', '', '', '60m']),
]

STORAGE: list[tuple[str, str, JSONObject, list[Any]]] = [
    (
        '',
        'PersistentVolume',
        {},
        ['x', '0', '', 'Retain', 'Pending', '', '', '<unset>', '', '60m', 'Filesystem'],
    ),
    (
        '',
        'PersistentVolume',
        {
            'spec': {
                'capacity': {'storage': '4Gi'},
                'accessModes': ['ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOnce', 'ReadOnlyMany', 'ReadWriteOncePod'],
                'persistentVolumeReclaimPolicy': 'Delete',
                'claimRef': {'namespace': 'ns', 'name': 'c'},
                'storageClassName': 'fast',
                'volumeAttributesClassName': 'gold',
                'volumeMode': 'Block',
            },
            'status': {'phase': 'Failed', 'reason': 'Why'},
        },
        ['x', '4Gi', 'RWO,ROX,RWX,RWOP', 'Delete', 'Failed', 'ns/c', 'fast', 'gold', 'Why', '60m', 'Block'],
    ),
    (
        '',
        'PersistentVolume',
        {'metadata': LEAVING, 'status': {'phase': 'Bound'}},
        ['x', '0', '', 'Retain', 'Terminating', '', '', '<unset>', '', '60m', 'Filesystem'],
    ),
    (
        '',
        'PersistentVolumeClaim',
        {'spec': {'storageClassName': 'fast'}, 'status': {'capacity': {'storage': '1Gi'}}},
        ['x', 'Pending', '', '', '', 'fast', '<unset>', '60m', 'Filesystem'],
    ),
    (
        '',
        'PersistentVolumeClaim',
        {
            'metadata': marked('volume.beta.kubernetes.io/storage-class', 'old'),
            'spec': {'volumeName': 'v', 'storageClassName': 'fast', 'volumeMode': 'Block'},
            'status': {'phase': 'Bound', 'capacity': {'storage': '1Gi'}, 'accessModes': ['ReadWriteOnce']},
        },
        ['x', 'Bound', 'v', '1Gi', 'RWO', 'old', '<unset>', '60m', 'Block'],
    ),
    (
        '',
        'PersistentVolumeClaim',
        {'metadata': LEAVING, 'status': {'phase': 'Bound'}},
        ['x', 'Terminating', '', '', '', '', '<unset>', '60m', 'Filesystem'],
    ),
    ('storage.k8s.io', 'StorageClass', {'provisioner': 'p'}, ['x', 'p', 'Delete', 'Immediate', False, '60m']),
    (
        'storage.k8s.io',
        'StorageClass',
        {
            'metadata': marked('storageclass.kubernetes.io/is-default-class', 'true'),
            'provisioner': 'p',
            'reclaimPolicy': 'Retain',
            'volumeBindingMode': 'WaitForFirstConsumer',
            'allowVolumeExpansion': True,
        },
        ['x (default)', 'p', 'Retain', 'WaitForFirstConsumer', True, '60m'],
    ),
    (
        'storage.k8s.io',
        'VolumeAttributesClass',
        {'metadata': marked('volumeattributesclass.alpha.kubernetes.io/is-default-class', 'true'), 'driverName': 'd'},
        ['x (default)', 'd', '60m'],
    ),
    (
        'storage.k8s.io',
        'VolumeAttachment',
        {
            'spec': {'attacher': 'a', 'source': {'persistentVolumeName': 'v'}, 'nodeName': 'n'},
            'status': {'attached': True},
        },
        ['x', 'a', 'v', 'n', True, '60m'],
    ),
    ('storage.k8s.io', 'CSINode', {'spec': {'drivers': [{}, {}]}}, ['x', 2, '60m']),
    (
        'storage.k8s.io',
        'CSIDriver',
        {'spec': {}},
        ['x', True, False, False, '<unset>', False, 'Persistent', '60m'],
    ),
    (
        'storage.k8s.io',
        'CSIDriver',
        {
            'spec': {
                'attachRequired': False,
                'podInfoOnMount': True,
                'storageCapacity': True,
                'tokenRequests': [{'audience': 'a'}, {'audience': 'b'}],
                'requiresRepublish': True,
                'volumeLifecycleModes': ['Ephemeral', 'Persistent'],
            }
        },
        ['x', False, True, True, 'a,b', True, 'Ephemeral,Persistent', '60m'],
    ),
    ('storage.k8s.io', 'CSIStorageCapacity', {'capacity': '1Gi'}, ['x', CREATED]),
]

SELECTED = (
    '&LabelSelector{MatchLabels:map[string]string{a: 1,b: 2,},MatchExpressions:[]LabelSelectorRequirement{'
    'LabelSelectorRequirement{Key:k,Operator:In,Values:[x y],},},}'
)
GUARDS: list[tuple[str, str, JSONObject, list[Any]]] = [
    ('admissionregistration.k8s.io', 'MutatingWebhookConfiguration', {'webhooks': [{}, {}]}, ['x', 2, '60m']),
    ('admissionregistration.k8s.io', 'ValidatingWebhookConfiguration', {}, ['x', 0, '60m']),
    (
        'admissionregistration.k8s.io',
        'ValidatingAdmissionPolicy',
        {'spec': {'paramKind': {'apiVersion': 'example.com/v1', 'kind': 'Params'}, 'validations': [{}]}},
        ['x', 1, 'example.com/v1/Params', '60m'],
    ),
    ('admissionregistration.k8s.io', 'ValidatingAdmissionPolicy', {}, ['x', 0, '<unset>', '60m']),
    (
        'admissionregistration.k8s.io',
        'MutatingAdmissionPolicy',
        {'spec': {'mutations': [{}, {}]}},
        ['x', 2, '<unset>', '60m'],
    ),
    (
        'admissionregistration.k8s.io',
        'ValidatingAdmissionPolicyBinding',
        {'spec': {'policyName': 'p'}},
        ['x', 'p', '<unset>', '60m'],
    ),
    (
        'admissionregistration.k8s.io',
        'ValidatingAdmissionPolicyBinding',
        {'spec': {'policyName': 'p', 'paramRef': {'name': 'n', 'namespace': 'ns'}}},
        ['x', 'p', 'ns/n', '60m'],
    ),
    (
        'admissionregistration.k8s.io',
        'MutatingAdmissionPolicyBinding',
        {'spec': {'policyName': 'p', 'paramRef': {'name': 'n'}}},
        ['x', 'p', '*/n', '60m'],
    ),
    (
        'admissionregistration.k8s.io',
        'MutatingAdmissionPolicyBinding',
        {
            'spec': {
                'policyName': 'p',
                'paramRef': {
                    'selector': {
                        'matchLabels': {'b': '2', 'a': '1'},
                        'matchExpressions': [{'key': 'k', 'operator': 'In', 'values': ['x', 'y']}],
                    }
                },
            }
        },
        [
            'x',
            'p',
            SELECTED,
            '60m',
        ],
    ),
    ('rbac.authorization.k8s.io', 'Role', {}, ['x', CREATED]),
    ('rbac.authorization.k8s.io', 'ClusterRole', {}, ['x', CREATED]),
    (
        'rbac.authorization.k8s.io',
        'RoleBinding',
        {
            'roleRef': {'kind': 'Role', 'name': 'r'},
            'subjects': [
                {'kind': 'User', 'name': 'u1'},
                {'kind': 'Group', 'name': 'g'},
                {'kind': 'ServiceAccount', 'namespace': 'ns', 'name': 'sa'},
                {'kind': 'User', 'name': 'u2'},
                {'kind': 'Other', 'name': 'o'},
            ],
        },
        ['x', 'Role/r', '60m', 'u1, u2', 'g', 'ns/sa'],
    ),
    (
        'rbac.authorization.k8s.io',
        'ClusterRoleBinding',
        {'roleRef': {'kind': 'ClusterRole', 'name': 'r'}},
        ['x', 'ClusterRole/r', '60m', '', '', ''],
    ),
    (
        'certificates.k8s.io',
        'CertificateSigningRequest',
        {},
        ['x', '60m', '<none>', '', '<none>', 'Pending'],
    ),
    (
        'certificates.k8s.io',
        'CertificateSigningRequest',
        {
            'spec': {'signerName': 'example.com/s', 'username': 'u', 'expirationSeconds': 7200},
            'status': {'conditions': [{'type': 'Approved'}], 'certificate': 'Y2VydA=='},
        },
        ['x', '60m', 'example.com/s', 'u', '120m', 'Approved,Issued'],
    ),
    (
        'certificates.k8s.io',
        'CertificateSigningRequest',
        {'status': {'conditions': [{'type': 'Approved'}, {'type': 'Denied'}, {'type': 'Failed'}]}},
        ['x', '60m', '<none>', '', '<none>', 'Denied,Failed'],
    ),
]

OTHERS: list[tuple[str, str, JSONObject, list[Any]]] = [
    ('apiextensions.k8s.io', 'CustomResourceDefinition', {}, ['x', CREATED]),
    ('apiregistration.k8s.io', 'APIService', {}, ['x', 'Local', 'Unknown', '60m']),
    (
        'apiregistration.k8s.io',
        'APIService',
        {
            'spec': {'service': {'namespace': 'ns', 'name': 's'}},
            'status': {'conditions': [{'type': 'Available', 'status': 'True', 'reason': 'Passed'}]},
        },
        ['x', 'ns/s', 'True', '60m'],
    ),
    (
        'apiregistration.k8s.io',
        'APIService',
        {'status': {'conditions': [{'type': 'Available', 'status': 'False', 'reason': 'MissingEndpoints'}]}},
        ['x', 'Local', 'False (MissingEndpoints)', '60m'],
    ),
    ('coordination.k8s.io', 'Lease', {'spec': {'holderIdentity': 'me'}}, ['x', 'me', '60m']),
    ('coordination.k8s.io', 'Lease', {}, ['x', '', '60m']),
    ('node.k8s.io', 'RuntimeClass', {'handler': 'runc'}, ['x', 'runc', '60m']),
    ('scheduling.k8s.io', 'PriorityClass', {}, ['x', 0, False, '60m', 'PreemptLowerPriority']),
    (
        'scheduling.k8s.io',
        'PriorityClass',
        {'value': -5, 'globalDefault': True, 'preemptionPolicy': 'Never'},
        ['x', -5, True, '60m', 'Never'],
    ),
    ('resource.k8s.io', 'DeviceClass', {}, ['x', '60m']),
    ('resource.k8s.io', 'ResourceClaimTemplate', {}, ['x', '60m']),
    ('resource.k8s.io', 'ResourceClaim', {}, ['x', 'pending', '60m']),
    ('resource.k8s.io', 'ResourceClaim', {'metadata': LEAVING}, ['x', 'deleted', '60m']),
    ('resource.k8s.io', 'ResourceClaim', {'status': {'allocation': {}}}, ['x', 'allocated', '60m']),
    (
        'resource.k8s.io',
        'ResourceClaim',
        {'metadata': LEAVING, 'status': {'allocation': {}, 'reservedFor': [{}]}},
        ['x', 'deleted,allocated,reserved', '60m'],
    ),
    (
        'resource.k8s.io',
        'ResourceSlice',
        {'spec': {'nodeName': 'n', 'driver': 'd', 'pool': {'name': 'p'}}},
        ['x', 'n', 'd', 'p', '60m'],
    ),
    (
        'flowcontrol.apiserver.k8s.io',
        'FlowSchema',
        {'spec': {'priorityLevelConfiguration': {'name': 'l'}}},
        ['x', 'l', 1000, '<none>', '60m', '?'],
    ),
    (
        'flowcontrol.apiserver.k8s.io',
        'FlowSchema',
        {
            'spec': {'matchingPrecedence': 5, 'distinguisherMethod': {'type': 'ByUser'}},
            'status': {'conditions': [{'type': 'Dangling', 'status': 'False'}]},
        },
        ['x', '', 5, 'ByUser', '60m', 'False'],
    ),
    (
        'flowcontrol.apiserver.k8s.io',
        'PriorityLevelConfiguration',
        {'spec': {'type': 'Exempt'}},
        ['x', 'Exempt', '<none>', '<none>', '<none>', '<none>', '60m'],
    ),
    (
        'flowcontrol.apiserver.k8s.io',
        'PriorityLevelConfiguration',
        {'spec': {'type': 'Limited', 'limited': {'nominalConcurrencyShares': 7}}},
        ['x', 'Limited', 7, '<none>', '<none>', '<none>', '60m'],
    ),
    (
        'flowcontrol.apiserver.k8s.io',
        'PriorityLevelConfiguration',
        {
            'spec': {
                'type': 'Limited',
                'limited': {'limitResponse': {'queuing': {'queues': 1, 'handSize': 2, 'queueLengthLimit': 3}}},
            }
        },
        ['x', 'Limited', 30, 1, 2, 3, '60m'],
    ),
    ('autoscaling', 'Scale', {'spec': {'replicas': 3}, 'status': {'replicas': 2}}, ['x', 3, 2, '60m']),
    (
        'policy',
        'PodDisruptionBudget',
        {'spec': {'minAvailable': 22}, 'status': {'disruptionsAllowed': 5}},
        ['x', '22', 'N/A', 5, '60m'],
    ),
    ('policy', 'PodDisruptionBudget', {'spec': {'maxUnavailable': '10%'}}, ['x', 'N/A', '10%', 0, '60m']),
    ('policy', 'PodDisruptionBudget', {'spec': {'maxUnavailable': 0}}, ['x', 'N/A', '0', 0, '60m']),
]


@pytest.mark.parametrize(('kind', 'content', 'expected'), CORE)
def test_an_object_of_the_core_has_its_cells(kind: str, content: JSONObject, expected: list[Any]) -> None:
    assert cells('', kind, content) == expected


@pytest.mark.parametrize(('group', 'kind', 'content', 'expected'), [*STORAGE, *GUARDS, *OTHERS])
def test_an_object_has_the_cells_of_its_kind(group: str, kind: str, content: JSONObject, expected: list[Any]) -> None:
    assert cells(group, kind, content) == expected


@pytest.mark.parametrize(
    ('content', 'state'),
    [
        ({}, 'Unknown'),
        ({'status': {'conditions': [{'type': 'Ready', 'status': 'True'}]}}, 'Ready'),
        ({'status': {'conditions': [{'type': 'Ready', 'status': 'False'}]}}, 'NotReady'),
        ({'status': {'conditions': [{'type': 'Ready', 'status': 'Unknown'}]}}, 'NotReady'),
        ({'status': {'conditions': [{'type': 'DiskPressure', 'status': 'True'}]}}, 'Unknown'),
        ({'spec': {'unschedulable': True}}, 'Unknown,SchedulingDisabled'),
        (
            {'spec': {'unschedulable': True}, 'status': {'conditions': [{'type': 'Ready', 'status': 'True'}]}},
            'Ready,SchedulingDisabled',
        ),
    ],
)
def test_a_node_tells_if_it_is_ready_and_may_be_used(content: JSONObject, state: str) -> None:
    assert cells('', 'Node', content)[1] == state


@pytest.mark.parametrize(
    ('labels', 'roles'),
    [
        ({}, '<none>'),
        ({'node-role.kubernetes.io/worker': '', 'node-role.kubernetes.io/control-plane': ''}, 'control-plane,worker'),
        ({'kubernetes.io/role': 'node', 'node-role.kubernetes.io/': '', 'a': 'b'}, 'node'),
        ({'kubernetes.io/role': '', 'node-role.kubernetes.io/x': 'y'}, 'x'),
    ],
)
def test_a_node_tells_its_roles(labels: JSONObject, roles: str) -> None:
    assert cells('', 'Node', {'metadata': {**METADATA, 'labels': labels}})[2] == roles


def test_a_node_tells_its_addresses_and_versions() -> None:
    addresses = [
        {'type': 'Hostname', 'address': 'h'},
        {'type': 'InternalIP', 'address': '10.0.0.1'},
        {'type': 'InternalIP', 'address': '10.0.0.2'},
    ]
    info = {'kubeletVersion': 'v1.36.0', 'osImage': 'os', 'containerRuntimeVersion': 'containerd://2'}
    shown = cells('', 'Node', {'status': {'addresses': addresses, 'nodeInfo': info}})
    assert shown[3:] == ['60m', 'v1.36.0', '10.0.0.1', '<none>', 'os', '<unknown>', 'containerd://2']


EVENT: JSONObject = {
    'type': 'Warning',
    'reason': 'Failed',
    'source': {'component': 'kubelet', 'host': 'n1'},
    'involvedObject': {'kind': 'Pod', 'name': 'p', 'fieldPath': 'spec.containers{c}'},
    'message': '  Pulling\n',
    'firstTimestamp': '2030-06-15T11:00:00Z',
    'lastTimestamp': '2030-06-15T11:59:00Z',
    'count': 6,
}
MICROS = '2030-06-15T11:58:00.000001Z'
NEWER: JSONObject = {
    'type': 'Warning',
    'reason': 'Failed',
    'deprecatedSource': {'component': 'kubelet', 'host': 'n1'},
    'regarding': {'kind': 'Pod', 'name': 'p', 'fieldPath': 'spec.containers{c}'},
    'note': '  Pulling\n',
    'deprecatedFirstTimestamp': '2030-06-15T11:00:00Z',
    'deprecatedLastTimestamp': '2030-06-15T11:59:00Z',
    'deprecatedCount': 6,
}


@pytest.mark.parametrize(('group', 'event'), [('', EVENT), ('events.k8s.io', NEWER), ('', NEWER)])
def test_an_event_of_either_group_tells_the_same(group: str, event: JSONObject) -> None:
    shown = ['60s', 'Warning', 'Failed', 'pod/p', 'spec.containers{c}', 'kubelet, n1', 'Pulling', '60m', 6, 'x']
    assert cells(group, 'Event', event) == shown


@pytest.mark.parametrize(
    ('changes', 'last', 'first', 'count'),
    [
        ({'lastTimestamp': None}, '60m', '60m', 6),
        (
            {'firstTimestamp': None, 'lastTimestamp': None, 'eventTime': '2030-06-15T11:58:00.000001Z'},
            '119s',
            '119s',
            6,
        ),
        ({'firstTimestamp': None, 'eventTime': None}, '60s', '<unknown>', 6),
        ({'count': 0}, '60s', '60m', 1),
        ({'series': {'count': 9, 'lastObservedTime': '2030-06-15T11:57:00.000000Z'}}, '3m', '60m', 9),
        ({'series': {}}, '<unknown>', '60m', 0),
    ],
)
def test_an_event_tells_when_it_was_seen_and_how_often(changes: JSONObject, last: str, first: str, count: int) -> None:
    shown = cells('', 'Event', {**EVENT, **changes})
    assert (shown[0], shown[7], shown[8]) == (last, first, count)


@pytest.mark.parametrize(
    ('changes', 'shown'),
    [
        ({'reportingComponent': 'c', 'reportingInstance': 'i'}, 'c, i'),
        ({'reportingController': 'c'}, 'c'),
        ({'source': {'component': 's'}, 'reportingComponent': 'c', 'reportingInstance': 'i'}, 's, i'),
        ({}, ''),
    ],
)
def test_an_event_tells_who_reported_it(changes: JSONObject, shown: str) -> None:
    assert cells('', 'Event', changes)[5] == shown


def test_an_event_of_something_without_a_name_tells_the_kind() -> None:
    assert cells('', 'Event', {'involvedObject': {'kind': 'Node'}})[3] == 'node'


def quantity(**values: Any) -> JSONObject:
    return {'target': values}


METRICS: list[tuple[list[JSONObject], list[JSONObject], str]] = [
    ([], [], '<none>'),
    ([{'type': 'Pods', 'pods': quantity(averageValue='100m')}], [], '<unknown>/100m'),
    (
        [{'type': 'Pods', 'pods': quantity(averageValue='100m')}],
        [{'type': 'Pods', 'pods': {'current': {'averageValue': '50m'}}}],
        '50m/100m',
    ),
    ([{'type': 'Object', 'object': quantity(value='100m')}], [], '<unknown>/100m'),
    (
        [{'type': 'Object', 'object': quantity(value='100m')}],
        [{'type': 'Object', 'object': {'current': {'value': '50m'}}}],
        '50m/100m',
    ),
    ([{'type': 'Object', 'object': quantity(averageValue='100m')}], [], '<unknown>/100m (avg)'),
    (
        [{'type': 'External', 'external': quantity(averageValue='100m')}],
        [{'type': 'External', 'external': {'current': {'averageValue': '50m'}}}],
        '50m/100m (avg)',
    ),
    (
        [{'type': 'External', 'external': quantity(averageValue='100m')}],
        [{'type': 'External', 'external': {'current': {'value': '50m'}}}],
        '<unknown>/100m (avg)',
    ),
    ([{'type': 'External', 'external': quantity(value='1k')}], [{'external': {'current': {}}}], '<nil>/1k'),
    (
        [{'type': 'Resource', 'resource': {'name': 'cpu', **quantity(averageUtilization=80)}}],
        [{'type': 'Resource', 'resource': {'name': 'cpu', 'current': {'averageUtilization': 50}}}],
        'cpu: 50%/80%',
    ),
    ([{'type': 'Resource', 'resource': {'name': 'cpu', **quantity(averageUtilization=80)}}], [], 'cpu: <unknown>/80%'),
    ([{'type': 'Resource', 'resource': {'name': 'cpu', 'target': {}}}], [], 'cpu: <unknown>/<auto>'),
    (
        [{'type': 'Resource', 'resource': {'name': 'memory', **quantity(averageValue='1Gi')}}],
        [{'type': 'Resource', 'resource': {'name': 'memory', 'current': {'averageValue': '512Mi'}}}],
        'memory: 512Mi/1Gi',
    ),
    (
        [{'type': 'ContainerResource', 'containerResource': {'name': 'cpu', **quantity(averageUtilization=80)}}],
        [{'type': 'ContainerResource', 'containerResource': {'current': {'averageUtilization': 50}}}],
        'cpu: 50%/80%',
    ),
    ([{'type': 'Other'}], [], '<unknown type>'),
    (
        [{'type': 'Pods', 'pods': quantity(averageValue=f'{n}')} for n in (1, 2, 3, 4)],
        [],
        '<unknown>/1, <unknown>/2 + 2 more...',
    ),
]


@pytest.mark.parametrize(('wanted', 'found', 'shown'), METRICS)
def test_an_autoscaler_tells_what_it_aims_at(wanted: list[JSONObject], found: list[JSONObject], shown: str) -> None:
    content: JSONObject = {'spec': {'metrics': wanted}, 'status': {'currentMetrics': found}}
    assert cells('autoscaling', 'HorizontalPodAutoscaler', content)[2] == shown


@pytest.mark.parametrize(
    ('status', 'shown'), [({}, 'cpu: <unknown>/80%'), ({'currentCPUUtilizationPercentage': 50}, 'cpu: 50%/80%')]
)
def test_an_autoscaler_of_v1_tells_the_load(status: JSONObject, shown: str) -> None:
    content: JSONObject = {'spec': {'targetCPUUtilizationPercentage': 80}, 'status': status}
    assert cells('autoscaling', 'HorizontalPodAutoscaler', content)[2] == shown


def test_an_autoscaler_tells_what_it_scales() -> None:
    target = {'kind': 'Deployment', 'name': 'web'}
    content: JSONObject = {
        'spec': {'scaleTargetRef': target, 'minReplicas': 2, 'maxReplicas': 10},
        'status': {'currentReplicas': 4},
    }
    shown = cells('autoscaling', 'HorizontalPodAutoscaler', content)
    assert shown == ['x', 'Deployment/web', '<none>', '2', 10, 4, '60m']
