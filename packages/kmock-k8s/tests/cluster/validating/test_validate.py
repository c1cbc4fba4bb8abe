"""The validation of built-in kinds: what the server refuses, and in which fields."""

import copy
from typing import Any

import pytest

from kmock_k8s.cluster.defaulting import prepare, set_defaults
from kmock_k8s.cluster.kinds import Kind
from kmock_k8s.cluster.validating import validate
from kmock_k8s.cluster.validating.cron import explain_schedule
from kmock_k8s.model.info import ResourceInfo
from kmock_k8s.model.resources import resource

Object = dict[str, Any]

POD_SPEC: Object = {'containers': [{'name': 'c', 'image': 'i:1'}]}
TEMPLATE: Object = {'metadata': {'labels': {'app': 'a'}}, 'spec': POD_SPEC}
SELECTED: Object = {'selector': {'matchLabels': {'app': 'a'}}, 'template': TEMPLATE}
JOB: Object = {'template': {'spec': {**POD_SPEC, 'restartPolicy': 'Never'}}}
PATHS: list[Any] = [{'path': '/', 'pathType': 'Prefix', 'backend': {'service': {'name': 's', 'port': {'number': 80}}}}]
STORAGE: Object = {'accessModes': ['ReadWriteOnce'], 'resources': {'requests': {'storage': '1Gi'}}}

VALID: list[tuple[str, str, Object]] = [
    ('', 'pods', {'spec': POD_SPEC}),
    ('', 'services', {'spec': {'ports': [{'port': 80}]}}),
    ('', 'persistentvolumeclaims', {'spec': STORAGE}),
    ('', 'configmaps', {'data': {'a.b-c_d': 'x'}}),
    ('', 'secrets', {'data': {'a': 'eA=='}}),
    ('apps', 'deployments', {'spec': SELECTED}),
    ('apps', 'replicasets', {'spec': SELECTED}),
    ('apps', 'statefulsets', {'spec': SELECTED}),
    ('apps', 'daemonsets', {'spec': SELECTED}),
    ('batch', 'jobs', {'spec': JOB}),
    ('batch', 'cronjobs', {'spec': {'schedule': '*/5 * * * mon-fri', 'jobTemplate': {'spec': JOB}}}),
    ('networking.k8s.io', 'ingresses', {'spec': {'rules': [{'host': '*.example.com', 'http': {'paths': PATHS}}]}}),
    ('networking.k8s.io', 'networkpolicies', {'spec': {'ingress': [{'from': [{'podSelector': {}}]}]}}),
    ('policy', 'poddisruptionbudgets', {'spec': {'minAvailable': '50%'}}),
    ('coordination.k8s.io', 'leases', {'spec': {'leaseDurationSeconds': 15}}),
    ('storage.k8s.io', 'storageclasses', {'provisioner': 'example.com/x'}),
    ('rbac.authorization.k8s.io', 'roles', {'rules': [{'verbs': ['get'], 'apiGroups': [''], 'resources': ['pods']}]}),
    ('discovery.k8s.io', 'endpointslices', {'addressType': 'IPv4', 'endpoints': [{'addresses': ['10.0.0.1']}]}),
]


def made(group: str, plural: str, fields: Object) -> tuple[Kind, Object]:
    kind = Kind(resource(group, 'v1', plural), ResourceInfo())
    content = copy.deepcopy({'metadata': {'name': 'a', 'namespace': 'ns', 'uid': '1-2-3'}, **fields})
    set_defaults(kind, content)
    prepare(kind, content)
    return kind, content


def causes_of(group: str, plural: str, fields: Object, before: Object | None = None) -> dict[str, str]:
    kind, content = made(group, plural, fields)
    live = None if before is None else made(group, plural, before)[1]
    return {cause.field: cause.message for cause in validate(kind, content, live)}


@pytest.mark.parametrize(('group', 'plural', 'fields'), VALID)
def test_usual_objects_are_valid(group: str, plural: str, fields: Object) -> None:
    assert causes_of(group, plural, fields) == {}


@pytest.mark.parametrize(('group', 'plural', 'fields'), VALID)
def test_usual_objects_stay_valid_when_nothing_changes(group: str, plural: str, fields: Object) -> None:
    assert causes_of(group, plural, fields, fields) == {}


@pytest.mark.parametrize(
    ('container', 'field', 'message'),
    [
        ({'name': ''}, 'name', 'Required value'),
        ({'image': ''}, 'image', 'Required value'),
        ({'image': ' i'}, 'image', 'Invalid value: " i": must not have leading or trailing whitespace'),
        (
            {'ports': [{'containerPort': 0}]},
            'ports[0].containerPort',
            'Required value',
        ),
        (
            {'ports': [{'containerPort': 80, 'protocol': 'X'}]},
            'ports[0].protocol',
            'Unsupported value: "X": supported values: "SCTP", "TCP", "UDP"',
        ),
        ({'volumeMounts': [{'name': 'v', 'mountPath': '/x'}]}, 'volumeMounts[0].name', 'Not found: "v"'),
        (
            {'imagePullPolicy': 'X'},
            'imagePullPolicy',
            'Unsupported value: "X": supported values: "Always", "IfNotPresent", "Never"',
        ),
        (
            {'resources': {'limits': {'memory': '1Gi'}, 'requests': {'memory': '2Gi'}}},
            'resources.requests',
            'Invalid value: "2Gi": must be less than or equal to memory limit of 1Gi',
        ),
        ({'livenessProbe': {}}, 'livenessProbe', 'Required value: must specify a handler type'),
        (
            {'livenessProbe': {'tcpSocket': {'port': 70000}}},
            'livenessProbe.tcpSocket.port',
            'Invalid value: 70000: must be between 1 and 65535, inclusive',
        ),
        (
            {'env': [{'name': 'A', 'value': 'x', 'valueFrom': {'fieldRef': {'fieldPath': 'metadata.name'}}}]},
            'env[0].valueFrom',
            'Invalid value: "": may not be specified when `value` is not empty',
        ),
    ],
)
def test_containers_are_refused_where_they_are_wrong(container: Object, field: str, message: str) -> None:
    spec = {'containers': [{'name': 'c', 'image': 'i:1', **container}]}
    assert causes_of('', 'pods', {'spec': spec}) == {f'spec.containers[0].{field}': message}


@pytest.mark.parametrize(
    ('group', 'plural', 'fields', 'field', 'message'),
    [
        (
            '',
            'services',
            {'spec': {'ports': [{'port': 80}, {'port': 81, 'name': 'b'}]}},
            'spec.ports[0].name',
            'Required value',
        ),
        ('', 'services', {'spec': {}}, 'spec.ports', 'Required value'),
        ('', 'services', {'spec': {'type': 'ExternalName'}}, 'spec.externalName', 'Required value'),
        (
            '',
            'persistentvolumeclaims',
            {'spec': {**STORAGE, 'accessModes': []}},
            'spec.accessModes',
            'Required value: at least 1 access mode is required',
        ),
        (
            '',
            'persistentvolumeclaims',
            {'spec': {**STORAGE, 'resources': {}}},
            'spec.resources[storage]',
            'Required value',
        ),
        ('', 'secrets', {'type': 'kubernetes.io/tls', 'data': {'tls.crt': 'eA=='}}, 'data[tls.key]', 'Required value'),
        (
            'apps',
            'statefulsets',
            {'spec': {**SELECTED, 'replicas': -1}},
            'spec.replicas',
            'Invalid value: -1: must be greater than or equal to 0',
        ),
        (
            'apps',
            'deployments',
            {'spec': {**SELECTED, 'strategy': {'type': 'Recreate', 'rollingUpdate': {}}}},
            'spec.strategy.rollingUpdate',
            "Forbidden: may not be specified when strategy `type` is 'Recreate'",
        ),
        (
            'networking.k8s.io',
            'ingresses',
            {'spec': {'rules': [{'http': {'paths': [{**PATHS[0], 'path': 'x'}]}}]}},
            'spec.rules[0].http.paths[0].path',
            'Invalid value: "x": must be an absolute path',
        ),
        (
            'rbac.authorization.k8s.io',
            'roles',
            {'rules': [{'apiGroups': [''], 'resources': ['pods']}]},
            'rules[0].verbs',
            'Required value: verbs must contain at least one value',
        ),
        (
            'coordination.k8s.io',
            'leases',
            {'spec': {'leaseDurationSeconds': 0}},
            'spec.leaseDurationSeconds',
            'Invalid value: 0: must be greater than 0',
        ),
        ('storage.k8s.io', 'storageclasses', {}, 'provisioner', 'Required value'),
    ],
)
def test_objects_are_refused_where_they_are_wrong(
    group: str, plural: str, fields: Object, field: str, message: str
) -> None:
    assert causes_of(group, plural, fields) == {field: message}


@pytest.mark.parametrize(
    ('group', 'plural', 'before', 'after', 'field'),
    [
        ('', 'pods', {'spec': POD_SPEC}, {'spec': {**POD_SPEC, 'nodeSelector': {'a': 'b'}}}, 'spec'),
        (
            '',
            'pods',
            {'spec': POD_SPEC},
            {'spec': {'containers': [*POD_SPEC['containers'], {'name': 'd', 'image': 'i'}]}},
            'spec.containers',
        ),
        ('', 'secrets', {'type': 'a'}, {'type': 'b'}, 'type'),
        (
            '',
            'persistentvolumeclaims',
            {'spec': STORAGE},
            {'spec': {**STORAGE, 'accessModes': ['ReadOnlyMany']}},
            'spec',
        ),
        ('apps', 'statefulsets', {'spec': SELECTED}, {'spec': {**SELECTED, 'serviceName': 'x'}}, 'spec'),
        ('batch', 'jobs', {'spec': JOB}, {'spec': {**JOB, 'completions': 5}}, 'spec.completions'),
        ('storage.k8s.io', 'storageclasses', {'provisioner': 'a'}, {'provisioner': 'b'}, 'provisioner'),
    ],
)
def test_what_is_immutable_stays_as_it_is(group: str, plural: str, before: Object, after: Object, field: str) -> None:
    assert [*causes_of(group, plural, after, before)] == [field]


def test_the_image_of_a_running_pod_can_change() -> None:
    changed = {'containers': [{'name': 'c', 'image': 'i:2'}]}
    assert causes_of('', 'pods', {'spec': changed}, {'spec': POD_SPEC}) == {}


@pytest.mark.parametrize('schedule', ['* * * * *', '*/5 0-6/2 1,15 jan-mar MON', '@daily', '@every 1h30m', '0 0 1 1 ?'])
def test_schedules_of_cron_are_understood(schedule: str) -> None:
    assert explain_schedule(schedule) is None


@pytest.mark.parametrize(
    ('schedule', 'why'),
    [
        ('whenever', 'expected exactly 5 fields, found 1: [whenever]'),
        ('60 * * * *', 'end of range (60) above maximum (59): 60'),
        ('* * 0 * *', 'beginning of range (0) below minimum (1): 0'),
        ('x * * * *', 'failed to parse int from x: strconv.Atoi: parsing "x": invalid syntax'),
        ('5-1 * * * *', 'beginning of range (5) beyond end of range (1): 5-1'),
        ('*/0 * * * *', 'step of range should be a positive number: */0'),
        ('1-2-3 * * * *', 'too many hyphens: 1-2-3'),
        ('@sometimes', 'unrecognized descriptor: @sometimes'),
    ],
)
def test_other_schedules_are_explained(schedule: str, why: str) -> None:
    assert explain_schedule(schedule) == why


def test_a_stateful_set_mounts_the_volumes_of_its_claims() -> None:
    containers = [{**POD_SPEC['containers'][0], 'volumeMounts': [{'name': 'data', 'mountPath': '/data'}]}]
    spec = {**SELECTED, 'template': {**TEMPLATE, 'spec': {'containers': containers}}}
    claim = {'metadata': {'name': 'data'}, 'spec': STORAGE}
    assert causes_of('apps', 'statefulsets', {'spec': {**spec, 'volumeClaimTemplates': [claim]}}) == {}
    assert causes_of('apps', 'statefulsets', {'spec': spec}) == {
        'spec.template.spec.containers[0].volumeMounts[0].name': 'Not found: "data"'
    }
