"""The defaults of built-in kinds: what the server adds to what was sent."""

import copy
from typing import Any

import pytest

from kmock_k8s.cluster.defaulting import prepare, set_defaults
from kmock_k8s.cluster.kinds import Kind
from kmock_k8s.model.info import ResourceInfo
from kmock_k8s.model.resources import resource

Object = dict[str, Any]

CONTAINERS: list[Any] = [{'name': 'c', 'image': 'nginx'}]
TEMPLATE: Object = {'metadata': {'labels': {'app': 'a'}}, 'spec': {'containers': CONTAINERS}}


def kind_of(group: str, version: str, plural: str) -> Kind:
    return Kind(resource(group, version, plural), ResourceInfo())


def made(group: str, plural: str, spec: Object | None = None, /, **fields: Any) -> Object:
    kind = kind_of(group, 'v1', plural)
    content = copy.deepcopy({'metadata': {'name': 'a', 'uid': '1-2-3'}, **fields})
    if spec is not None:
        content['spec'] = copy.deepcopy(spec)
    set_defaults(kind, content)
    prepare(kind, content)
    return content


@pytest.mark.parametrize(
    ('image', 'policy'),
    [
        ('nginx', 'Always'),
        ('nginx:latest', 'Always'),
        ('nginx:1.27', 'IfNotPresent'),
        ('example.com:5000/nginx', 'Always'),
        ('example.com:5000/nginx:1', 'IfNotPresent'),
        ('nginx@sha256:0123', 'IfNotPresent'),
        ('nginx:latest@sha256:0123', 'IfNotPresent'),
    ],
)
def test_the_latest_image_is_always_pulled(image: str, policy: str) -> None:
    pod = made('', 'pods', {'containers': [{'name': 'c', 'image': image}]})
    assert pod['spec']['containers'][0]['imagePullPolicy'] == policy


def test_a_pod_gets_what_every_pod_has() -> None:
    pod = made('', 'pods', {'containers': CONTAINERS})
    tolerations = pod['spec'].pop('tolerations')
    assert pod['spec'] == {
        'containers': [
            {
                'name': 'c',
                'image': 'nginx',
                'imagePullPolicy': 'Always',
                'resources': {},
                'terminationMessagePath': '/dev/termination-log',
                'terminationMessagePolicy': 'File',
            }
        ],
        'dnsPolicy': 'ClusterFirst',
        'enableServiceLinks': True,
        'preemptionPolicy': 'PreemptLowerPriority',
        'priority': 0,
        'restartPolicy': 'Always',
        'schedulerName': 'default-scheduler',
        'securityContext': {},
        'terminationGracePeriodSeconds': 30,
    }
    assert [one['key'] for one in tolerations] == ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable']
    assert pod['status'] == {'phase': 'Pending', 'qosClass': 'BestEffort'}


def test_defaults_do_not_replace_what_was_sent() -> None:
    spec = {'containers': CONTAINERS, 'dnsPolicy': 'None', 'terminationGracePeriodSeconds': 0}
    pod = made('', 'pods', spec)
    assert pod['spec']['dnsPolicy'] == 'None'
    assert pod['spec']['terminationGracePeriodSeconds'] == 0


def test_a_toleration_of_everything_is_enough() -> None:
    pod = made('', 'pods', {'containers': CONTAINERS, 'tolerations': [{'operator': 'Exists'}]})
    assert pod['spec']['tolerations'] == [{'operator': 'Exists'}]


@pytest.mark.parametrize(
    ('resources', 'quality'),
    [
        ({}, 'BestEffort'),
        ({'requests': {'cpu': '1'}}, 'Burstable'),
        ({'limits': {'cpu': '1'}}, 'Burstable'),
        ({'limits': {'cpu': '1', 'memory': '1Gi'}}, 'Guaranteed'),
        ({'limits': {'cpu': '1', 'memory': '1Gi'}, 'requests': {'cpu': '500m'}}, 'Burstable'),
        ({'limits': {'cpu': '1', 'memory': '1Gi'}, 'requests': {'cpu': '1000m', 'memory': '1024Mi'}}, 'Guaranteed'),
        ({'limits': {'example.com/gpu': '1'}}, 'BestEffort'),
    ],
)
def test_the_quality_of_a_pod_follows_from_its_resources(resources: Object, quality: str) -> None:
    pod = made('', 'pods', {'containers': [{'name': 'c', 'image': 'i', 'resources': resources}]})
    assert pod['status']['qosClass'] == quality


def test_limits_are_requested_in_pods_but_not_in_templates() -> None:
    containers = [{'name': 'c', 'image': 'i', 'resources': {'limits': {'cpu': '1'}}}]
    pod = made('', 'pods', {'containers': containers})
    deployment = made('apps', 'deployments', {'template': {'spec': {'containers': containers}}})
    assert pod['spec']['containers'][0]['resources']['requests'] == {'cpu': '1'}
    assert 'requests' not in deployment['spec']['template']['spec']['containers'][0]['resources']


def test_gated_pods_say_that_they_are_not_scheduled() -> None:
    pod = made('', 'pods', {'containers': CONTAINERS, 'schedulingGates': [{'name': 'example.com/x'}]})
    [condition] = pod['status']['conditions']
    assert (condition['type'], condition['status'], condition['reason']) == ('PodScheduled', 'False', 'SchedulingGated')


def test_zeros_that_mean_nothing_are_left_out() -> None:
    probe = {'httpGet': {'port': 80}, 'initialDelaySeconds': 0, 'periodSeconds': 0}
    pod = made('', 'pods', {'containers': [{**CONTAINERS[0], 'livenessProbe': probe, 'tty': False}], 'hostPID': False})
    [container] = pod['spec']['containers']
    assert container['livenessProbe'] == {
        'httpGet': {'path': '/', 'port': 80, 'scheme': 'HTTP'},
        'timeoutSeconds': 1,
        'periodSeconds': 10,
        'successThreshold': 1,
        'failureThreshold': 3,
    }
    assert 'tty' not in container
    assert 'hostPID' not in pod['spec']


def test_times_that_are_not_set_are_null_where_the_server_writes_them() -> None:
    event = made('', 'events', None, involvedObject={'kind': 'Pod'})
    assert (event['firstTimestamp'], event['lastTimestamp'], event['eventTime']) == (None, None, None)
    assert (event['reportingComponent'], event['reportingInstance'], event['source']) == ('', '', {})


@pytest.mark.parametrize(
    ('plural', 'spec', 'expected'),
    [
        (
            'deployments',
            {},
            {
                'progressDeadlineSeconds': 600,
                'replicas': 1,
                'revisionHistoryLimit': 10,
                'strategy': {
                    'type': 'RollingUpdate',
                    'rollingUpdate': {'maxSurge': '25%', 'maxUnavailable': '25%'},
                },
            },
        ),
        ('deployments', {'strategy': {'type': 'Recreate'}}, {'strategy': {'type': 'Recreate'}}),
        ('deployments', {'replicas': 0, 'paused': False}, {'replicas': 0}),
        ('replicasets', {}, {'replicas': 1}),
        (
            'statefulsets',
            {},
            {
                'persistentVolumeClaimRetentionPolicy': {'whenDeleted': 'Retain', 'whenScaled': 'Retain'},
                'podManagementPolicy': 'OrderedReady',
                'updateStrategy': {'type': 'RollingUpdate', 'rollingUpdate': {'partition': 0}},
            },
        ),
        (
            'daemonsets',
            {},
            {'updateStrategy': {'type': 'RollingUpdate', 'rollingUpdate': {'maxSurge': 0, 'maxUnavailable': 1}}},
        ),
    ],
)
def test_workloads_get_their_defaults(plural: str, spec: Object, expected: Object) -> None:
    content = made('apps', plural, {'template': TEMPLATE, **spec})
    assert {key: content['spec'][key] for key in expected} == expected
    assert 'paused' not in content['spec']


def test_templates_of_claims_are_claims() -> None:
    content = made(
        'apps', 'statefulsets', {'template': TEMPLATE, 'volumeClaimTemplates': [{'metadata': {'name': 'd'}}]}
    )
    [claim] = content['spec']['volumeClaimTemplates']
    assert (claim['kind'], claim['apiVersion']) == ('PersistentVolumeClaim', 'v1')
    assert claim['spec']['volumeMode'] == 'Filesystem'
    assert claim['status'] == {'phase': 'Pending'}


def test_a_daemon_set_counts_its_templates() -> None:
    kind = kind_of('apps', 'v1', 'daemonsets')
    content = made('apps', 'daemonsets', {'template': TEMPLATE})
    changed = copy.deepcopy(content)
    changed['spec']['template']['spec']['containers'][0]['image'] = 'nginx:1'
    prepare(kind, changed, content)
    name = 'deprecated.daemonset.template.generation'
    assert content['metadata']['annotations'] == {name: '1'}
    assert changed['metadata']['annotations'] == {name: '2'}


def test_a_job_selects_its_pods_by_its_uid() -> None:
    job = made('batch', 'jobs', {'template': {'spec': {'containers': CONTAINERS}}})
    labels = {
        'batch.kubernetes.io/controller-uid': '1-2-3',
        'batch.kubernetes.io/job-name': 'a',
        'controller-uid': '1-2-3',
        'job-name': 'a',
    }
    assert job['spec']['selector'] == {'matchLabels': {'batch.kubernetes.io/controller-uid': '1-2-3'}}
    assert job['spec']['template']['metadata']['labels'] == labels
    assert job['metadata']['labels'] == labels


def test_a_job_with_a_selector_of_its_own_keeps_it() -> None:
    selector = {'matchLabels': {'app': 'a'}}
    job = made('batch', 'jobs', {'manualSelector': True, 'selector': selector, 'template': TEMPLATE})
    assert job['spec']['selector'] == selector
    assert job['spec']['template']['metadata']['labels'] == {'app': 'a'}


def test_a_job_of_a_cron_job_gets_no_defaults_yet() -> None:
    job = {'template': {'spec': {'containers': CONTAINERS}}}
    content = made('batch', 'cronjobs', {'schedule': '@daily', 'jobTemplate': {'spec': job}})
    assert content['spec']['concurrencyPolicy'] == 'Allow'
    assert {*content['spec']['jobTemplate']['spec']} == {'template'}


def test_a_service_gets_target_ports_and_policies() -> None:
    service = made('', 'services', {'ports': [{'port': 80}]})
    assert service['spec']['ports'] == [{'port': 80, 'protocol': 'TCP', 'targetPort': 80}]
    assert service['spec']['internalTrafficPolicy'] == 'Cluster'
    assert 'externalTrafficPolicy' not in service['spec']
    assert service['status'] == {'loadBalancer': {}}


def test_a_load_balancer_gets_more_policies() -> None:
    spec = made('', 'services', {'type': 'LoadBalancer', 'ports': [{'port': 80}]})['spec']
    assert (spec['externalTrafficPolicy'], spec['allocateLoadBalancerNodePorts']) == ('Cluster', True)


def test_an_update_of_a_service_keeps_what_was_allocated() -> None:
    kind = kind_of('', 'v1', 'services')
    known = made(
        '', 'services', {'type': 'NodePort', 'ports': [{'port': 80, 'nodePort': 30001}], 'clusterIP': '10.96.0.9'}
    )
    wanted = made('', 'services', {'type': 'NodePort', 'ports': [{'port': 80}]})
    prepare(kind, wanted, known)
    assert wanted['spec']['clusterIP'] == '10.96.0.9'
    assert wanted['spec']['ports'][0]['nodePort'] == 30001


def test_texts_in_secrets_become_data() -> None:
    secret = made('', 'secrets', None, stringData={'a': 'x'}, data={'a': 'AA==', 'b': 'AA=='})
    assert secret['data'] == {'a': 'eA==', 'b': 'AA=='}
    assert secret['type'] == 'Opaque'
    assert 'stringData' not in secret


POLICIES: list[tuple[Object, list[str]]] = [
    ({}, ['Ingress']),
    ({'egress': [{}]}, ['Ingress', 'Egress']),
    ({'egress': [{}], 'policyTypes': ['Egress']}, ['Egress']),
]


@pytest.mark.parametrize(('spec', 'types'), POLICIES)
def test_policies_of_networks_have_types(spec: Object, types: list[str]) -> None:
    assert made('networking.k8s.io', 'networkpolicies', spec)['spec']['policyTypes'] == types


def test_users_and_groups_in_bindings_are_of_the_group_of_roles() -> None:
    subjects = [{'kind': 'User', 'name': 'u'}, {'kind': 'ServiceAccount', 'name': 's', 'namespace': 'n'}]
    content = made('rbac.authorization.k8s.io', 'rolebindings', None, subjects=subjects, roleRef={'kind': 'Role'})
    assert content['roleRef']['apiGroup'] == 'rbac.authorization.k8s.io'
    assert [one.get('apiGroup') for one in content['subjects']] == ['rbac.authorization.k8s.io', None]


@pytest.mark.parametrize(
    ('plural', 'finalizer'),
    [('persistentvolumeclaims', 'kubernetes.io/pvc-protection'), ('persistentvolumes', 'kubernetes.io/pv-protection')],
)
def test_storage_in_use_is_protected(plural: str, finalizer: str) -> None:
    assert made('', plural, {})['metadata']['finalizers'] == [finalizer]


@pytest.mark.parametrize('plural', ['pods', 'services', 'secrets', 'events', 'nodes', 'limitranges'])
def test_defaults_set_nothing_when_they_are_set_already(plural: str) -> None:
    content = made('', plural, {})
    once = copy.deepcopy(content)
    set_defaults(kind_of('', 'v1', plural), content)
    assert content == once


def test_all_that_a_node_has_is_there_for_pods_unless_it_says_otherwise() -> None:
    capacity = {'cpu': '4', 'memory': '8Gi'}
    assert made('', 'nodes', status={'capacity': capacity})['status']['allocatable'] == capacity
    given = made('', 'nodes', status={'capacity': capacity, 'allocatable': {'cpu': '3'}})
    assert given['status']['allocatable'] == {'cpu': '3'}
