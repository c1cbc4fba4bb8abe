"""The validation of what administrates a cluster: quotas, limits, webhooks, nodes, classes."""

import copy
import json
from typing import Any

import pytest

from kmock_k8s.cluster.defaulting import prepare, set_defaults
from kmock_k8s.cluster.kinds import Kind
from kmock_k8s.cluster.validating import validate
from kmock_k8s.model.info import ResourceInfo
from kmock_k8s.model.resources import resource

Object = dict[str, Any]

RBAC = 'rbac.authorization.k8s.io'
ADMISSION = 'admissionregistration.k8s.io'
VALIDATING, MUTATING = 'validatingwebhookconfigurations', 'mutatingwebhookconfigurations'
KINDS = {
    VALIDATING: 'ValidatingWebhookConfiguration',
    MUTATING: 'MutatingWebhookConfiguration',
    'limitranges': 'LimitRange',
    'resourcequotas': 'ResourceQuota',
    'nodes': 'Node',
    'ingressclasses': 'IngressClass',
    'runtimeclasses': 'RuntimeClass',
    'poddisruptionbudgets': 'PodDisruptionBudget',
    'leases': 'Lease',
    'priorityclasses': 'PriorityClass',
    'networkpolicies': 'NetworkPolicy',
    'clusterroles': 'ClusterRole',
}
RULE: Object = {
    'operations': ['CREATE'],
    'apiGroups': [''],
    'apiVersions': ['v1'],
    'resources': ['pods', 'pods/status'],
}
HOOK: Object = {
    'name': 'a.example.com',
    'rules': [RULE],
    'clientConfig': {'service': {'name': 's', 'namespace': 'ns', 'path': '/a/b'}},
    'sideEffects': 'None',
    'admissionReviewVersions': ['v1'],
}
LIMIT: Object = {'type': 'Container', 'max': {'cpu': '2'}, 'min': {'cpu': '1'}, 'maxLimitRequestRatio': {'cpu': '2'}}
TAINT: Object = {'key': 'example.com/a', 'value': 'b', 'effect': 'NoExecute'}
UNIQUE = 'taints must be unique by key and effect pair'
PARAMETERS: Object = {'apiGroup': 'example.com', 'kind': 'K', 'name': 'n'}


def blocked(network: str, *excepted: str) -> Object:
    return {'spec': {'ingress': [{'from': [{'ipBlock': {'cidr': network, 'except': list(excepted)}}]}]}}


VALID: list[tuple[str, str, Object]] = [
    (ADMISSION, VALIDATING, {'webhooks': [HOOK, {**HOOK, 'name': 'b.example.com', 'timeoutSeconds': 30}]}),
    (ADMISSION, MUTATING, {'webhooks': [{**HOOK, 'reinvocationPolicy': 'IfNeeded'}]}),
    (ADMISSION, VALIDATING, {'webhooks': [{**HOOK, 'clientConfig': {'url': 'https://localhost:9443/path'}}]}),
    (ADMISSION, VALIDATING, {}),
    ('', 'limitranges', {'spec': {'limits': [LIMIT, {'type': 'Pod', 'max': {'example.com/gpu': '1'}}]}}),
    ('', 'limitranges', {'spec': {'limits': [{'type': 'PersistentVolumeClaim', 'max': {'storage': '1Gi'}}]}}),
    ('', 'resourcequotas', {'spec': {'hard': {'pods': '4', 'requests.cpu': '500m', 'count/jobs.batch': '3'}}}),
    ('', 'resourcequotas', {'spec': {'hard': {'pods': '4'}, 'scopes': ['BestEffort']}}),
    ('', 'nodes', {'spec': {'taints': [TAINT, {**TAINT, 'effect': 'NoSchedule'}], 'podCIDRs': ['10.0.0.0/24']}}),
    ('networking.k8s.io', 'ingressclasses', {'spec': {'controller': 'example.com/x', 'parameters': PARAMETERS}}),
    ('node.k8s.io', 'runtimeclasses', {'handler': 'gvisor'}),
    ('policy', 'poddisruptionbudgets', {'spec': {'minAvailable': '100%', 'unhealthyPodEvictionPolicy': 'AlwaysAllow'}}),
    ('scheduling.k8s.io', 'priorityclasses', {'value': 5}),
    ('networking.k8s.io', 'networkpolicies', blocked('10.0.0.0/8', '10.1.0.0/16')),
    (RBAC, 'clusterroles', {'aggregationRule': {'clusterRoleSelectors': [{'matchLabels': {'a': 'b'}}]}}),
]


def made(group: str, plural: str, fields: Object) -> tuple[Kind, Object]:
    kind = Kind(resource(group, 'v1', plural), ResourceInfo(kind=KINDS[plural]))
    assert kind.is_builtin
    content = copy.deepcopy({'metadata': {'name': 'a', 'uid': '1-2-3'}, **fields})
    set_defaults(kind, content)
    prepare(kind, content)
    return kind, content


def causes_of(group: str, plural: str, fields: Object, before: Object | None = None) -> list[tuple[str, str]]:
    kind, content = made(group, plural, fields)
    live = None if before is None else made(group, plural, before)[1]
    return [(cause.field, cause.message) for cause in validate(kind, content, live)]


@pytest.mark.parametrize(('group', 'plural', 'fields'), VALID)
def test_usual_objects_are_valid(group: str, plural: str, fields: Object) -> None:
    assert causes_of(group, plural, fields) == []
    assert causes_of(group, plural, fields, fields) == []


def hook(**fields: Any) -> Object:
    return {'webhooks': [{name: value for name, value in {**HOOK, **fields}.items() if value is not None}]}


def ruled(**fields: Any) -> Object:
    return hook(rules=[{**RULE, **fields}])


@pytest.mark.parametrize('plural', [VALIDATING, MUTATING])
@pytest.mark.parametrize(
    ('fields', 'field', 'message'),
    [
        (hook(name=''), 'name', 'Required value'),
        (
            hook(name='a.b'),
            'name',
            'Invalid value: "a.b": should be a domain with at least three segments separated by dots',
        ),
        (hook(sideEffects=None), 'sideEffects', 'Required value: must specify one of None, NoneOnDryRun'),
        (
            hook(sideEffects='Some'),
            'sideEffects',
            'Unsupported value: "Some": supported values: "None", "NoneOnDryRun"',
        ),
        (
            hook(admissionReviewVersions=None),
            'admissionReviewVersions',
            'Required value: must specify one of v1, v1beta1',
        ),
        (
            hook(admissionReviewVersions=['v2']),
            'admissionReviewVersions',
            'Invalid value: ["v2"]: must include at least one of v1, v1beta1',
        ),
        (
            hook(admissionReviewVersions=['v1', 'v1']),
            'admissionReviewVersions[1]',
            'Invalid value: "v1": duplicate version',
        ),
        (
            hook(timeoutSeconds=31),
            'timeoutSeconds',
            'Invalid value: 31: the timeout value must be between 1 and 30 seconds',
        ),
        (
            hook(failurePolicy='Sure'),
            'failurePolicy',
            'Unsupported value: "Sure": supported values: "Fail", "Ignore"',
        ),
        (
            hook(matchPolicy='Near'),
            'matchPolicy',
            'Unsupported value: "Near": supported values: "Equivalent", "Exact"',
        ),
        (hook(clientConfig={}), 'clientConfig', 'Required value: exactly one of url or service is required'),
        (
            hook(clientConfig={'url': 'http://a/b'}),
            'clientConfig.url',
            'Invalid value: "http": \'https\' is the only allowed URL scheme; desired format: https://host[/path]',
        ),
        (
            hook(clientConfig={'url': 'https://a?b'}),
            'clientConfig.url',
            'Invalid value: "b": query parameters are not permitted in the URL',
        ),
        (
            hook(clientConfig={'service': {'name': 's', 'namespace': ''}}),
            'clientConfig.service.namespace',
            'Required value: service namespace is required',
        ),
        (
            hook(clientConfig={'service': {'name': 's', 'namespace': 'n', 'path': 'ab'}}),
            'clientConfig.service.path',
            'Invalid value: "ab": must start with a \'/\'',
        ),
        (
            hook(clientConfig={'service': {'name': 's', 'namespace': 'n', 'port': 0x10000}}),
            'clientConfig.service.port',
            'Invalid value: 65536: port is not valid: must be between 1 and 65535, inclusive',
        ),
        (
            hook(objectSelector={'matchExpressions': [{'key': 'a', 'operator': 'In'}]}),
            'objectSelector.matchExpressions[0].values',
            "Required value: must be specified when `operator` is 'In' or 'NotIn'",
        ),
        (ruled(operations=[]), 'rules[0].operations', 'Required value'),
        (
            ruled(operations=['*', 'CREATE']),
            'rules[0].operations',
            'Invalid value: ["*","CREATE"]: if \'*\' is present, must not specify other operations',
        ),
        (
            ruled(operations=['GET']),
            'rules[0].operations[0]',
            'Unsupported value: "GET": supported values: "*", "CONNECT", "CREATE", "DELETE", "UPDATE"',
        ),
        (ruled(apiVersions=['']), 'rules[0].apiVersions[0]', 'Required value'),
        (ruled(resources=[]), 'rules[0].resources', 'Required value'),
        (
            ruled(resources=['pods/*', 'pods/log']),
            'rules[0].resources[1]',
            'Invalid value: "pods/log": if \'pods/*\' is present, must not specify pods/log',
        ),
        (
            ruled(resources=['*', 'pods']),
            'rules[0].resources',
            'Invalid value: ["*","pods"]: if \'*\' is present, must not specify other resources without subresources',
        ),
        (
            ruled(scope='Any'),
            'rules[0].scope',
            'Unsupported value: "Any": supported values: "*", "Cluster", "Namespaced"',
        ),
    ],
)
def test_a_webhook_that_could_not_be_called_is_refused(plural: str, fields: Object, field: str, message: str) -> None:
    assert causes_of(ADMISSION, plural, fields) == [(f'webhooks[0].{field}', message)]


def test_webhooks_have_names_of_their_own() -> None:
    causes = causes_of(ADMISSION, VALIDATING, {'webhooks': [HOOK, HOOK]})
    assert causes == [('webhooks[1].name', 'Duplicate value: "a.example.com"')]


def test_webhooks_have_their_defaults() -> None:
    _, content = made(ADMISSION, MUTATING, {'webhooks': [HOOK]})
    assert content['webhooks'][0] == {
        **HOOK,
        'clientConfig': {'service': {**HOOK['clientConfig']['service'], 'port': 443}},
        'rules': [{**RULE, 'scope': '*'}],
        'failurePolicy': 'Fail',
        'matchPolicy': 'Equivalent',
        'namespaceSelector': {},
        'objectSelector': {},
        'reinvocationPolicy': 'Never',
        'timeoutSeconds': 10,
    }


def limited(**fields: Any) -> Object:
    return {'spec': {'limits': [{'type': 'Container', **fields}]}}


@pytest.mark.parametrize(
    ('fields', 'field', 'message'),
    [
        (
            limited(type='Job'),
            'type',
            'Invalid value: "Job": must be a standard limit type or fully qualified',
        ),
        (
            limited(type='Pod', default={'cpu': '1'}),
            'default',
            "Forbidden: may not be specified when `type` is 'Pod'",
        ),
        (
            limited(type='Pod', min={'cpu': '2'}, max={'cpu': '1'}),
            'min[cpu]',
            'Invalid value: "2": min value 2 is greater than max value 1',
        ),
        (
            limited(default={'memory': '1Gi'}, max={'memory': '1Mi'}, defaultRequest={'memory': '1Mi'}),
            'default[memory]',
            'Invalid value: "1Mi": default value 1Gi is greater than max value 1Mi',
        ),
        (
            limited(default={'cpu': '1'}, defaultRequest={'cpu': '2'}),
            'defaultRequest[cpu]',
            'Invalid value: "2": default request value 2 is greater than default limit value 1',
        ),
        (
            limited(type='Pod', maxLimitRequestRatio={'cpu': '500m'}),
            'maxLimitRequestRatio[cpu]',
            'Invalid value: "500m": ratio 500m is less than 1',
        ),
        (
            limited(type='Pod', min={'cpu': '1'}, max={'cpu': '2'}, maxLimitRequestRatio={'cpu': '3'}),
            'maxLimitRequestRatio[cpu]',
            'Invalid value: "3": ratio 3 is greater than max/min = 2.000000',
        ),
        (
            limited(type='PersistentVolumeClaim'),
            'limits',
            'Required value: either minimum or maximum storage value is required, but neither was provided',
        ),
    ],
)
def test_a_limit_that_makes_no_sense_is_refused(fields: Object, field: str, message: str) -> None:
    assert causes_of('', 'limitranges', fields) == [(f'spec.limits[0].{field}', message)]


def test_there_is_one_limit_of_each_type() -> None:
    causes = causes_of('', 'limitranges', {'spec': {'limits': [LIMIT, LIMIT]}})
    assert causes == [('spec.limits[1].type', 'Duplicate value: "Container"')]


@pytest.mark.parametrize(
    ('spec', 'field', 'message'),
    [
        ({'hard': {'pods': '-1'}}, 'hard[pods]', 'Invalid value: "-1": must be greater than or equal to 0'),
        ({'hard': {'pods': '500m'}}, 'hard[pods]', 'Invalid value: "500m": must be an integer'),
        (
            {'hard': {'storage': '1'}},
            'hard[storage]',
            'Invalid value: "storage": must be a standard resource for quota',
        ),
        ({'hard': {}, 'scopes': ['Odd']}, 'scopes', 'Invalid value: ["Odd"]: unsupported scope'),
        (
            {'hard': {'cpu': '1'}, 'scopes': ['BestEffort']},
            'scopes',
            'Invalid value: ["BestEffort"]: unsupported scope applied to resource',
        ),
        (
            {'hard': {}, 'scopes': ['Terminating', 'NotTerminating']},
            'scopes',
            'Invalid value: ["Terminating","NotTerminating"]: conflicting scopes',
        ),
        (
            {'scopeSelector': {'matchExpressions': [{'scopeName': 'PriorityClass', 'operator': 'In'}]}},
            'scopeSelector.matchExpressions.values',
            "Required value: must be at least one value when `operator` is 'In' or 'NotIn' for scope selector",
        ),
    ],
)
def test_a_quota_that_makes_no_sense_is_refused(spec: Object, field: str, message: str) -> None:
    assert causes_of('', 'resourcequotas', {'spec': spec}) == [(f'spec.{field}', message)]


def test_the_scopes_of_a_quota_stay() -> None:
    before = {'spec': {'hard': {'pods': '1'}, 'scopes': ['BestEffort']}}
    causes = causes_of('', 'resourcequotas', {'spec': {'hard': {'pods': '1'}}}, before)
    assert causes == [('spec.scopes', 'Invalid value: null: field is immutable')]


@pytest.mark.parametrize(
    ('spec', 'field', 'message'),
    [
        ({'taints': [{**TAINT, 'effect': ''}]}, 'taints[0].effect', 'Required value'),
        (
            {'taints': [{**TAINT, 'effect': 'Never'}]},
            'taints[0].effect',
            'Unsupported value: "Never": supported values: "NoSchedule", "PreferNoSchedule", "NoExecute"',
        ),
        (
            {'taints': [TAINT, TAINT]},
            'taints[1]',
            f'Duplicate value: {json.dumps(TAINT, separators=(",", ":"))}: {UNIQUE}',
        ),
    ],
)
def test_a_taint_that_makes_no_sense_is_refused(spec: Object, field: str, message: str) -> None:
    assert causes_of('', 'nodes', {'spec': spec}) == [(f'spec.{field}', message)]


def test_a_node_keeps_what_it_was_given() -> None:
    before = {'spec': {'podCIDRs': ['10.0.0.0/24'], 'providerID': 'a'}}
    causes = causes_of('', 'nodes', {'spec': {'podCIDRs': ['10.0.1.0/24'], 'providerID': 'b'}}, before)
    assert [field for field, _ in causes] == ['spec.podCIDRs', 'spec.providerID']


@pytest.mark.parametrize(
    ('spec', 'field', 'message'),
    [
        ({}, 'controller', 'Required value'),
        (
            {'controller': 'x'},
            'controller',
            'Invalid value: "x": must be a domain-prefixed path (such as "acme.io/foo")',
        ),
        ({'controller': 'a.b/c', 'parameters': {'kind': 'K'}}, 'parameters.name', 'Required value: name is required'),
        (
            {'controller': 'a.b/c', 'parameters': {**PARAMETERS, 'scope': 'Namespace'}},
            'parameters.namespace',
            "Required value: `parameters.scope` is set to 'Namespace'",
        ),
        (
            {'controller': 'a.b/c', 'parameters': {**PARAMETERS, 'namespace': 'n'}},
            'parameters.namespace',
            "Forbidden: `parameters.scope` is set to 'Cluster'",
        ),
    ],
)
def test_a_class_of_ingresses_that_makes_no_sense_is_refused(spec: Object, field: str, message: str) -> None:
    assert causes_of('networking.k8s.io', 'ingressclasses', {'spec': spec}) == [(f'spec.{field}', message)]


def test_the_controller_of_a_class_of_ingresses_stays() -> None:
    spec, before = {'spec': {'controller': 'a.b/c'}}, {'spec': {'controller': 'a.b/d'}}
    causes = causes_of('networking.k8s.io', 'ingressclasses', spec, before)
    assert causes == [('spec.controller', 'Invalid value: "a.b/c": field is immutable')]


def test_the_handler_of_a_class_of_runtimes_is_a_label_and_stays() -> None:
    assert [field for field, _ in causes_of('node.k8s.io', 'runtimeclasses', {'handler': 'A'})] == ['handler']
    causes = causes_of('node.k8s.io', 'runtimeclasses', {'handler': 'a'}, {'handler': 'b'})
    assert causes == [('handler', 'Invalid value: "a": field is immutable')]


EXCEPTED = 'spec.ingress[0].from[0].ipBlock.except[0]'


@pytest.mark.parametrize(
    ('group', 'plural', 'fields', 'field', 'message'),
    [
        (
            'policy',
            'poddisruptionbudgets',
            {'spec': {'maxUnavailable': '101%'}},
            'spec.maxUnavailable',
            'Invalid value: "101%": must not be greater than 100%',
        ),
        (
            'policy',
            'poddisruptionbudgets',
            {'spec': {'unhealthyPodEvictionPolicy': 'Sure'}},
            'spec.unhealthyPodEvictionPolicy',
            'Unsupported value: "Sure": supported values: "AlwaysAllow", "IfHealthyBudget"',
        ),
        (
            'coordination.k8s.io',
            'leases',
            {'spec': {'preferredHolder': 'a'}},
            'spec.preferredHolder',
            'Forbidden: may only be specified if `strategy` is defined',
        ),
        (
            'networking.k8s.io',
            'networkpolicies',
            blocked('10.1.0.0/16', '10.0.0.0/8'),
            EXCEPTED,
            'Invalid value: "10.0.0.0/8": must be a strict subset of `cidr`',
        ),
        (
            'networking.k8s.io',
            'networkpolicies',
            blocked('10.1.0.0/16', '::1/128'),
            EXCEPTED,
            'Invalid value: "::1/128": must be a strict subset of `cidr`',
        ),
        (
            'networking.k8s.io',
            'networkpolicies',
            blocked('10.1.0.0/16', 'x'),
            EXCEPTED,
            'Invalid value: "x": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)',
        ),
        (
            RBAC,
            'clusterroles',
            {'aggregationRule': {}},
            'aggregationRule.clusterRoleSelectors',
            'Required value: at least one clusterRoleSelector required if aggregationRule is non-nil',
        ),
    ],
)
def test_a_policy_that_makes_no_sense_is_refused(
    group: str, plural: str, fields: Object, field: str, message: str
) -> None:
    assert causes_of(group, plural, fields) == [(field, message)]


def test_a_class_of_priorities_stays_what_it_is() -> None:
    before, after = {'value': 1}, {'value': 2, 'preemptionPolicy': 'Never'}
    assert causes_of('scheduling.k8s.io', 'priorityclasses', after, before) == [
        ('value', 'Forbidden: may not be changed in an update.'),
        ('preemptionPolicy', 'Invalid value: "Never": field is immutable'),
    ]
