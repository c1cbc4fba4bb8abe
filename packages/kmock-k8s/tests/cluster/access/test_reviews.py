"""The kinds that only answer: who somebody is, and what they may do."""

from collections.abc import Callable
from typing import Any

import pytest
from asking import CONFIG_MAPS, RBAC, ask, review

import kmock

AUTHENTICATION = '/apis/authentication.k8s.io/v1'
AUTHORIZATION = '/apis/authorization.k8s.io/v1'
PODS = {'verb': 'list', 'resource': 'pods', 'namespace': 'default'}
DEFAULT_RULES = {
    'resourceRules': [
        {
            'verbs': ['create'],
            'apiGroups': ['authorization.k8s.io'],
            'resources': ['selfsubjectaccessreviews', 'selfsubjectrulesreviews'],
        },
        {'verbs': ['create'], 'apiGroups': ['authentication.k8s.io'], 'resources': ['selfsubjectreviews']},
    ],
}


@pytest.mark.parametrize(
    ('token', 'spec', 'answer'),
    [
        ('admin-token', {'resourceAttributes': PODS}, {'allowed': True}),
        ('nobody-token', {'resourceAttributes': PODS}, {'allowed': False}),
        (
            'nobody-token',
            {'nonResourceAttributes': {'path': '/version', 'verb': 'get'}},
            {
                'allowed': True,
                'reason': 'RBAC: allowed by ClusterRoleBinding "system:discovery" of ClusterRole "system:discovery" to '
                'Group "system:authenticated"',
            },
        ),
        ('nobody-token', {'nonResourceAttributes': {}}, {'allowed': False}),
    ],
)
async def test_users_ask_what_they_may_do(guarded: kmock.KubernetesCluster, token: str, spec: Any, answer: Any) -> None:
    assert await review(guarded, token, 'SelfSubjectAccessReview', spec) == answer


async def test_where_users_are_not_told_apart_all_is_allowed(cluster: kmock.KubernetesCluster) -> None:
    assert await review(cluster, None, 'SelfSubjectAccessReview', {'resourceAttributes': PODS}) == {'allowed': True}
    asked = {'user': 'bob', 'resourceAttributes': PODS}
    assert await review(cluster, None, 'SubjectAccessReview', asked) == {'allowed': True}
    assert await review(cluster, None, 'SelfSubjectRulesReview', {'namespace': 'default'}) == {
        'resourceRules': [{'verbs': ['*'], 'apiGroups': ['*'], 'resources': ['*']}],
        'nonResourceRules': [{'verbs': ['*'], 'nonResourceURLs': ['*']}],
        'incomplete': False,
    }


@pytest.mark.parametrize(
    ('binding', 'subject', 'told'),
    [
        (
            'RoleBinding',
            {'kind': 'ServiceAccount', 'name': 'robot'},
            'RoleBinding "b/default" of ClusterRole "view" to ServiceAccount "robot/default"',
        ),
        (
            'RoleBinding',
            {'apiGroup': RBAC, 'kind': 'User', 'name': 'system:serviceaccount:default:robot'},
            'RoleBinding "b/default" of ClusterRole "view" to User "system:serviceaccount:default:robot"',
        ),
        (
            'ClusterRoleBinding',
            {'kind': 'ServiceAccount', 'name': 'robot', 'namespace': 'default'},
            'ClusterRoleBinding "b" of ClusterRole "view" to ServiceAccount "robot/default"',
        ),
    ],
)
async def test_a_review_says_which_binding_allows_it(
    ruled: kmock.KubernetesCluster, binding: str, subject: Any, told: str
) -> None:
    plural = f'{RBAC}/v1/{binding.lower()}s'
    ruled.objects[plural, None if binding.startswith('Cluster') else 'default', 'b'] = {
        'roleRef': {'apiGroup': RBAC, 'kind': 'ClusterRole', 'name': 'view'},
        'subjects': [{'kind': 'Group', 'apiGroup': RBAC, 'name': 'others'}, subject],
    }
    asked = {'user': 'system:serviceaccount:default:robot', 'resourceAttributes': PODS}
    assert await review(ruled, 'admin-token', 'SubjectAccessReview', asked) == {
        'allowed': True,
        'reason': f'RBAC: allowed by {told}',
    }


async def test_a_review_is_about_all_that_a_role_can_say(
    ruled: kmock.KubernetesCluster, grant: Callable[..., None]
) -> None:
    grant({'apiGroups': ['apps'], 'resources': ['*/scale'], 'verbs': ['get'], 'resourceNames': ['web']})
    wanted = {'verb': 'get', 'group': 'apps', 'resource': 'deployments', 'subresource': 'scale', 'namespace': 'default'}
    for name, allowed in {'web': True, 'db': False}.items():
        asked = {'resourceAttributes': {**wanted, 'name': name}}
        assert (await review(ruled, 'jane-token', 'SelfSubjectAccessReview', asked))['allowed'] is allowed


async def test_a_local_review_is_about_its_namespace(guarded: kmock.KubernetesCluster) -> None:
    url = f'{AUTHORIZATION}/namespaces/default/localsubjectaccessreviews'
    asked: Any = {'spec': {'user': 'bob', 'groups': ['system:masters'], 'resourceAttributes': PODS}}
    status, found = await ask(guarded, 'admin-token', 'POST', url, asked)
    assert (status, found['status']) == (201, {'allowed': True})
    assert found['metadata']['namespace'] == 'default'
    asked['spec'] |= {'resourceAttributes': {**PODS, 'namespace': 'other'}, 'nonResourceAttributes': {'path': '/'}}
    status, found = await ask(guarded, 'admin-token', 'POST', url, asked)
    assert (status, [cause['message'] for cause in found['details']['causes']]) == (
        422,
        [
            'Invalid value: {"Path":"/","Verb":""}: cannot be specified in combination with resourceAttributes',
            'Invalid value: "other": must match metadata.namespace',
            'Invalid value: {"Path":"/","Verb":""}: disallowed on this kind of request',
        ],
    )


@pytest.mark.parametrize(
    ('kind', 'body', 'field', 'message'),
    [
        (
            'SelfSubjectAccessReview',
            {'spec': {}},
            'spec.resourceAttributes',
            'Invalid value: null: exactly one of nonResourceAttributes or resourceAttributes must be specified',
        ),
        (
            'SubjectAccessReview',
            {'spec': {'resourceAttributes': PODS}},
            'spec.user',
            'Invalid value: "": at least one of user or group must be specified',
        ),
        (
            'SelfSubjectAccessReview',
            {'spec': {'resourceAttributes': {**PODS, 'fieldSelector': {}}}},
            'spec.resourceAttributes.fieldSelector.requirements',
            (
                'Required value: when spec.resourceAttributes.fieldSelector is specified, requirements or rawSelector '
                'is required'
            ),
        ),
        (
            'SelfSubjectAccessReview',
            {
                'spec': {
                    'resourceAttributes': {
                        **PODS,
                        'labelSelector': {'rawSelector': 'a', 'requirements': [{'key': 'a', 'operator': 'Exists'}]},
                    }
                }
            },
            'spec.resourceAttributes.labelSelector.rawSelector',
            'Invalid value: "a": may not specified at the same time as requirements',
        ),
    ],
)
async def test_a_review_that_makes_no_sense_is_refused(
    guarded: kmock.KubernetesCluster, kind: str, body: Any, field: str, message: str
) -> None:
    status, found = await ask(guarded, 'admin-token', 'POST', f'{AUTHORIZATION}/{kind.lower()}s', body)
    [cause] = found['details']['causes']
    assert (status, cause['field'], cause['message']) == (422, field, message)
    assert found['message'] == f'.authorization.k8s.io "" is invalid: {field}: {message}'


@pytest.mark.parametrize('metadata', [{'name': 'x'}, {'generateName': 'x'}, {'labels': {'a': 'b'}}])
async def test_a_review_has_no_metadata(guarded: kmock.KubernetesCluster, metadata: Any) -> None:
    body = {'metadata': metadata, 'spec': {'resourceAttributes': PODS}}
    status, found = await ask(guarded, 'admin-token', 'POST', f'{AUTHORIZATION}/selfsubjectaccessreviews', body)
    [cause] = found['details']['causes']
    assert (status, cause['field'], cause['message'].endswith(': must be empty')) == (422, 'metadata', True)


# ---- Rules ----


async def test_users_ask_for_all_rules_of_theirs(ruled: kmock.KubernetesCluster, grant: Callable[..., None]) -> None:
    rule = {'apiGroups': [''], 'resources': ['pods'], 'verbs': ['get'], 'resourceNames': ['web']}
    grant(rule)
    found = await review(ruled, 'jane-token', 'SelfSubjectRulesReview', {'namespace': 'default'})
    assert found['resourceRules'] == [*DEFAULT_RULES['resourceRules'], rule]
    assert {'/api', '/version', '/healthz'} <= set(found['nonResourceRules'][0]['nonResourceURLs'])
    found = await review(ruled, 'jane-token', 'SelfSubjectRulesReview', {'namespace': 'kube-system'})
    assert found['resourceRules'] == DEFAULT_RULES['resourceRules']


async def test_an_administrator_has_all_rules(guarded: kmock.KubernetesCluster, ruled: kmock.KubernetesCluster) -> None:
    for cluster in (guarded, ruled):
        found = await review(cluster, 'admin-token', 'SelfSubjectRulesReview', {'namespace': 'default'})
        everything = {'verbs': ['*'], 'apiGroups': ['*'], 'resources': ['*']}
        assert found['resourceRules'] == [everything, *DEFAULT_RULES['resourceRules']]


async def test_rules_that_can_not_be_found_are_told(ruled: kmock.KubernetesCluster) -> None:
    ruled.objects[f'{RBAC}/v1/clusterrolebindings', None, 'b'] = {
        'roleRef': {'kind': 'ClusterRole', 'name': 'ghost'},
        'subjects': [{'kind': 'User', 'name': 'jane'}],
    }
    found = await review(ruled, 'jane-token', 'SelfSubjectRulesReview', {'namespace': 'default'})
    assert found['evaluationError'] == 'clusterrole.rbac.authorization.k8s.io "ghost" not found'


async def test_rules_are_those_in_a_namespace(guarded: kmock.KubernetesCluster) -> None:
    found = await review(guarded, 'jane-token', 'SelfSubjectRulesReview', {})
    assert (found['code'], found['message']) == (400, 'no namespace on request')


# ---- Tokens ----


async def review_token(cluster: kmock.KubernetesCluster, **spec: Any) -> Any:
    _, found = await ask(cluster, 'admin-token', 'POST', f'{AUTHENTICATION}/tokenreviews', {'spec': spec})
    return found['status'] if found['kind'] == 'TokenReview' else (found['code'], found['message'])


async def test_a_review_tells_whose_token_it_is(guarded: kmock.KubernetesCluster) -> None:
    assert await review_token(guarded, token='jane-token') == {
        'authenticated': True,
        'user': {
            'username': 'jane',
            'uid': '1',
            'groups': ['developers', 'system:authenticated'],
            'extra': {'acme.dev/team': ['blue']},
        },
        'audiences': ['https://kubernetes.default.svc'],
    }


@pytest.mark.parametrize('spec', [{'token': 'bogus'}, {'token': 'jane-token', 'audiences': ['vault']}])
async def test_a_review_tells_that_a_token_is_nobodys(guarded: kmock.KubernetesCluster, spec: Any) -> None:
    assert await review_token(guarded, **spec) == {'user': {}, 'error': 'invalid bearer token'}


async def test_there_is_a_token_to_be_reviewed(guarded: kmock.KubernetesCluster) -> None:
    assert await review_token(guarded) == (400, 'token is required for TokenReview in authentication')


async def test_a_webhook_reviews_a_token_that_is_for_it(guarded: kmock.KubernetesCluster) -> None:
    guarded.load({'apiVersion': 'v1', 'kind': 'ServiceAccount', 'metadata': {'name': 'robot'}})
    url = '/api/v1/namespaces/default/serviceaccounts/robot/token'
    _, issued = await ask(guarded, 'admin-token', 'POST', url, {'spec': {'audiences': ['vault', 'other']}})
    token = issued['status']['token']
    found = await review_token(guarded, token=token, audiences=['mine', 'vault'])
    assert (found['audiences'], found['user']['username']) == (['vault'], 'system:serviceaccount:default:robot')
    assert await review_token(guarded, token=token) == {
        'user': {},
        'error': '[invalid bearer token, token audiences ["vault" "other"] is invalid for the target audiences '
        '["https://kubernetes.default.svc"]]',
    }


# ---- All of them ----


@pytest.mark.parametrize(
    ('url', 'spec'),
    [
        (f'{AUTHORIZATION}/selfsubjectaccessreviews', {'resourceAttributes': PODS}),
        (f'{AUTHORIZATION}/selfsubjectrulesreviews', {'namespace': 'default'}),
        (f'{AUTHENTICATION}/tokenreviews', {'token': 'x'}),
    ],
)
async def test_a_review_is_not_kept(cluster: kmock.KubernetesCluster, url: str, spec: Any) -> None:
    _, before = await ask(cluster, None, 'GET', CONFIG_MAPS)
    for query in ('', '?dryRun=All'):
        assert (await ask(cluster, None, 'POST', url + query, {'spec': spec}))[0] == 201
    assert (await ask(cluster, None, 'GET', url))[0] == 405
    assert (await ask(cluster, None, 'GET', f'{url}/x'))[0] == 404
    assert await ask(cluster, None, 'GET', CONFIG_MAPS) == (200, before)  # in the same revision


async def test_a_local_review_is_nowhere_but_in_namespaces(cluster: kmock.KubernetesCluster) -> None:
    for method in ('GET', 'POST'):
        status, found = await ask(cluster, None, method, f'{AUTHORIZATION}/localsubjectaccessreviews', {})
        assert (status, found['message']) == (404, 'the server could not find the requested resource')


async def test_a_review_says_who_owns_its_fields(cluster: kmock.KubernetesCluster) -> None:
    body = {'spec': {'resourceAttributes': PODS}}
    url = f'{AUTHORIZATION}/selfsubjectaccessreviews?fieldManager=me'
    _, found = await ask(cluster, None, 'POST', url, body)
    assert [entry['manager'] for entry in found['metadata']['managedFields']] == ['me']


async def test_the_body_of_a_review_is_read_as_any_other(cluster: kmock.KubernetesCluster) -> None:
    url = f'{AUTHORIZATION}/selfsubjectaccessreviews'
    assert (await ask(cluster, None, 'POST', url, {'kind': 'Pod', 'apiVersion': 'v1'}))[0] == 400
    status, found = await ask(cluster, None, 'POST', f'{url}?fieldValidation=Strict', {'spec': {'nope': 1}})
    assert (status, 'unknown field "spec.nope"' in found['message']) == (400, True)
