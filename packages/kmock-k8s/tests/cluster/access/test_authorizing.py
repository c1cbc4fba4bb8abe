"""What users may do: with no roles but those of everybody, with roles, and how it is told that they may not."""

from collections.abc import Callable
from typing import Any

import pytest
from asking import CONFIG_MAPS, RBAC, ROLES, ask, review

import kmock

READ = ['get', 'list', 'watch']
ACCOUNT = 'system:serviceaccount:default:robot'


def status_of(message: str, **details: str) -> Any:
    return {
        'kind': 'Status',
        'apiVersion': 'v1',
        'metadata': {},
        'status': 'Failure',
        'message': message,
        'reason': 'Forbidden',
        'details': details,
        'code': 403,
    }


def cannot(verb: str, resource: str, group: str, where: str) -> str:
    return f'is forbidden: User "jane" cannot {verb} resource "{resource}" in API group "{group}" {where}'


# ---- Everybody ----


@pytest.mark.parametrize(
    ('token', 'method', 'url', 'status'),
    [
        *(('nobody-token', 'GET', url, 200) for url in ('/api', '/apis', '/apis/apps/v1', '/openapi/v3', '/healthz')),
        ('nobody-token', 'GET', '/metrics', 403),
        ('nobody-token', 'HEAD', '/healthz', 403),
        ('nobody-token', 'GET', '/api/v1/namespaces', 403),
        *((None, 'GET', url, 200) for url in ('/healthz', '/livez', '/readyz', '/version')),
        *((None, 'GET', url, 403) for url in ('/api', '/apis', '/', '/healthz/ping', '/nope')),
        *(('admin-token', 'GET', url, 200) for url in ('/api', '/api/v1/namespaces', '/api/v1/secrets')),
        ('admin-token', 'GET', '/nope', 404),
    ],
)
async def test_everybody_may_discover_the_api(
    guarded: kmock.KubernetesCluster, token: str | None, method: str, url: str, status: int
) -> None:
    assert (await ask(guarded, token, method, url))[0] == status


async def test_all_may_be_allowed_to_everybody() -> None:
    async with kmock.KubernetesCluster(tokens={'jane': []}, authorization='always') as cluster:
        assert (await ask(cluster, 'jane', 'POST', CONFIG_MAPS, {'metadata': {'name': 'x'}}))[0] == 201
        assert (await ask(cluster, None, 'DELETE', f'{CONFIG_MAPS}/x'))[0] == 200
        assert (await ask(cluster, 'bogus', 'GET', CONFIG_MAPS))[0] == 401


async def test_roles_count_only_if_they_are_to_count(guarded: kmock.KubernetesCluster) -> None:
    binding: Any = {'kind': 'ClusterRoleBinding', 'apiVersion': f'{RBAC}/v1', 'metadata': {'name': 'all'}}
    binding['roleRef'] = {'apiGroup': RBAC, 'kind': 'ClusterRole', 'name': 'cluster-admin'}
    binding['subjects'] = [{'apiGroup': RBAC, 'kind': 'User', 'name': 'jane'}]
    guarded.load(binding)
    assert (await ask(guarded, 'jane-token', 'GET', CONFIG_MAPS))[0] == 403


# ---- How it is told ----


@pytest.mark.parametrize(
    ('method', 'url', 'message', 'details'),
    [
        (
            'GET',
            CONFIG_MAPS,
            f'configmaps {cannot("list", "configmaps", "", "in the namespace")} "default"',
            {'kind': 'configmaps'},
        ),
        (
            'PATCH',
            '/apis/apps/v1/namespaces/ns1/deployments/x/scale',
            f'deployments.apps "x" {cannot("patch", "deployments/scale", "apps", "in the namespace")} "ns1"',
            {'name': 'x', 'group': 'apps', 'kind': 'deployments'},
        ),
        (
            'GET',
            '/api/v1/namespaces/default',
            f'namespaces "default" {cannot("get", "namespaces", "", "in the namespace")} "default"',
            {'name': 'default', 'kind': 'namespaces'},
        ),
        (
            'DELETE',
            '/api/v1/nodes/a%22b',
            f'nodes "a\\"b" {cannot("delete", "nodes", "", "at the cluster scope")}',
            {'name': 'a"b', 'kind': 'nodes'},
        ),
        (
            'GET',
            '/apis/nope.dev/v1/things/x/parts',
            f'things.nope.dev "x" {cannot("get", "things/parts", "nope.dev", "at the cluster scope")}',
            {'name': 'x', 'group': 'nope.dev', 'kind': 'things'},
        ),
        ('POST', '/logs', 'forbidden: User "jane" cannot post path "/logs"', {}),
    ],
)
async def test_a_refusal_tells_who_can_not_do_what(
    guarded: kmock.KubernetesCluster, method: str, url: str, message: str, details: dict[str, str]
) -> None:
    assert await ask(guarded, 'jane-token', method, url, {}) == (403, status_of(message, **details))


async def test_a_refusal_comes_before_all_that_is_wrong(guarded: kmock.KubernetesCluster) -> None:
    url = '/api/v1/namespaces/missing/nopes?watch=1&limit=x'
    status, found = await ask(guarded, 'jane-token', 'GET', url, Accept='image/png')
    assert (status, found['reason']) == (403, 'Forbidden')


async def test_the_request_says_who_was_refused(guarded: kmock.KubernetesCluster) -> None:
    await ask(guarded, 'jane-token', 'GET', '/api/v1/pods')
    await ask(guarded, 'bogus', 'POST', '/logs')
    assert [guarded.describe_builtin(request) for request in guarded] == [
        f'list v1/pods, refused: pods {cannot("list", "pods", "", "at the cluster scope")}',
        'refused: Unauthorized',
    ]


async def test_rules_of_the_test_answer_anybody(guarded: kmock.KubernetesCluster) -> None:
    guarded['get /metrics'] << b'up 1'
    response = await guarded.get('/metrics')
    assert (response.status, await response.read()) == (200, b'up 1')


async def test_the_test_itself_may_do_everything(ruled: kmock.KubernetesCluster) -> None:
    ruled.objects['v1/configmaps', 'default', 'a'] = {}
    ruled.load({'apiVersion': 'v1', 'kind': 'ConfigMap', 'metadata': {'name': 'b'}})
    assert len(ruled.objects['v1/configmaps', 'default']) == 2


# ---- Roles ----


@pytest.mark.parametrize(
    ('rule', 'method', 'url', 'allowed'),
    [
        ({'resources': ['configmaps'], 'verbs': READ}, 'GET', CONFIG_MAPS, True),
        ({'resources': ['configmaps'], 'verbs': ['get']}, 'GET', CONFIG_MAPS, False),
        ({'resources': ['*'], 'verbs': ['*']}, 'DELETE', CONFIG_MAPS, True),
        ({'resources': ['configmaps'], 'verbs': ['*']}, 'GET', '/api/v1/namespaces/kube-system/configmaps', False),
        ({'resources': ['configmaps'], 'verbs': ['*']}, 'GET', '/api/v1/configmaps', False),
        ({'resources': ['pods'], 'verbs': ['get']}, 'GET', '/api/v1/namespaces/default/pods/x/log', False),
        ({'resources': ['pods/log'], 'verbs': ['get']}, 'GET', '/api/v1/namespaces/default/pods/x/log', True),
        ({'resources': ['*/log'], 'verbs': ['get']}, 'GET', '/api/v1/namespaces/default/pods/x/log', True),
        ({'resources': ['*/log'], 'verbs': ['get']}, 'GET', '/api/v1/namespaces/default/pods/x', False),
        ({'resources': ['configmaps'], 'verbs': ['*'], 'resourceNames': ['x']}, 'GET', f'{CONFIG_MAPS}/x', True),
        ({'resources': ['configmaps'], 'verbs': ['*'], 'resourceNames': ['x']}, 'GET', f'{CONFIG_MAPS}/y', False),
        ({'resources': ['configmaps'], 'verbs': ['*'], 'resourceNames': ['x']}, 'GET', CONFIG_MAPS, False),
        (
            {'resources': ['configmaps'], 'verbs': ['*'], 'resourceNames': ['x']},
            'GET',
            f'{CONFIG_MAPS}?fieldSelector=metadata.name%3Dx',
            True,
        ),
        ({'resources': ['*'], 'verbs': ['*']}, 'GET', '/apis/apps/v1/namespaces/default/deployments', False),
        (
            {'apiGroups': ['apps'], 'resources': ['deployments'], 'verbs': ['list']},
            'GET',
            '/apis/apps/v1/namespaces/default/deployments',
            True,
        ),
        (
            {'apiGroups': ['*'], 'resources': ['*/scale'], 'verbs': ['get']},
            'GET',
            '/apis/apps/v1/namespaces/default/deployments/x/scale',
            True,
        ),
    ],
)
async def test_a_role_gives_what_its_rules_say(
    ruled: kmock.KubernetesCluster,
    grant: Callable[..., None],
    rule: dict[str, list[str]],
    method: str,
    url: str,
    allowed: bool,
) -> None:
    grant({'apiGroups': [''], **rule})
    status, _ = await ask(ruled, 'jane-token', method, url)
    assert (status != 403) is allowed


@pytest.mark.parametrize(
    ('urls', 'path', 'allowed'),
    [
        (['/metrics'], '/metrics', True),
        (['/metrics'], '/metrics/x', False),
        (['/metrics/*'], '/metrics/x/y', True),
        (['/metrics/*'], '/metrics', False),
        (['*'], '/anything', True),
    ],
)
async def test_a_role_may_give_paths(
    ruled: kmock.KubernetesCluster, grant: Callable[..., None], urls: list[str], path: str, allowed: bool
) -> None:
    grant({'nonResourceURLs': urls, 'verbs': ['get']}, namespace=None)
    status, _ = await ask(ruled, 'jane-token', 'GET', path)
    assert (status != 403) is allowed


async def test_roles_count_from_when_they_are_there(ruled: kmock.KubernetesCluster, grant: Callable[..., None]) -> None:
    before = ruled.snapshot()
    assert (await ask(ruled, 'jane-token', 'GET', CONFIG_MAPS))[0] == 403
    grant({'apiGroups': [''], 'resources': ['configmaps'], 'verbs': READ})
    assert (await ask(ruled, 'jane-token', 'GET', CONFIG_MAPS))[0] == 200
    ruled.objects[f'{RBAC}/v1/roles', 'default', 'given'].patch({'rules': []})
    assert (await ask(ruled, 'jane-token', 'GET', CONFIG_MAPS))[0] == 403
    grant({'apiGroups': [''], 'resources': ['configmaps'], 'verbs': READ})
    assert (await ask(ruled, 'jane-token', 'GET', CONFIG_MAPS))[0] == 200
    ruled.restore(before)
    assert (await ask(ruled, 'jane-token', 'GET', CONFIG_MAPS))[0] == 403


@pytest.mark.parametrize(
    'subject',
    [
        {'apiGroup': RBAC, 'kind': 'Group', 'name': 'system:serviceaccounts:default'},
        {'apiGroup': RBAC, 'kind': 'User', 'name': ACCOUNT},
        {'kind': 'ServiceAccount', 'name': 'robot', 'namespace': 'default'},
    ],
)
async def test_a_service_account_has_the_roles_of_all_that_it_is(
    ruled: kmock.KubernetesCluster, subject: dict[str, str]
) -> None:
    binding: Any = {'kind': 'ClusterRoleBinding', 'apiVersion': f'{RBAC}/v1', 'metadata': {'name': 'robots'}}
    binding |= {'roleRef': {'apiGroup': RBAC, 'kind': 'ClusterRole', 'name': 'view'}, 'subjects': [subject]}
    ruled.load(binding, {'apiVersion': 'v1', 'kind': 'ServiceAccount', 'metadata': {'name': 'robot'}})
    url = '/api/v1/namespaces/default/serviceaccounts/robot/token'
    _, issued = await ask(ruled, 'admin-token', 'POST', url, {})
    token: str = issued['status']['token']
    assert (await ask(ruled, token, 'GET', CONFIG_MAPS))[0] == 200
    status, found = await ask(ruled, token, 'GET', '/api/v1/secrets')
    assert (status, found['message']) == (
        403,
        f'secrets is forbidden: User "{ACCOUNT}" cannot list resource "secrets" in API group "" at the cluster scope',
    )


async def test_a_binding_to_a_role_that_is_not_there_is_told(ruled: kmock.KubernetesCluster) -> None:
    for name in ('ghost', 'phantom'):
        ruled.load({
            'kind': 'RoleBinding',
            'apiVersion': f'{RBAC}/v1',
            'metadata': {'name': name},
            'roleRef': {'apiGroup': RBAC, 'kind': 'Role', 'name': name},
            'subjects': [{'apiGroup': RBAC, 'kind': 'User', 'name': 'jane'}],
        })  # fmt: skip
    _, found = await ask(ruled, 'jane-token', 'GET', CONFIG_MAPS)
    assert found['message'].endswith(
        'in the namespace "default": RBAC: [role.rbac.authorization.k8s.io "ghost" not found, '
        'role.rbac.authorization.k8s.io "phantom" not found]'
    )


async def test_objects_that_are_no_roles_give_nothing(ruled: kmock.KubernetesCluster) -> None:
    roles, bindings = ruled.objects[f'{RBAC}/v1/clusterroles'], ruled.objects[f'{RBAC}/v1/clusterrolebindings']
    subjects = [{'kind': 'User', 'name': 'jane'}, 5, {'kind': 'Robot', 'name': 'jane'}]
    for name, rules in {'a': 5, 'b': [5, {}, {'verbs': 5}, {'verbs': [5]}]}.items():
        roles[None, name] = {'rules': rules}
        bindings[None, name] = {'roleRef': {'kind': 'ClusterRole', 'name': name}, 'subjects': subjects}
    bindings[None, 'c'] = {'roleRef': 5, 'subjects': subjects}
    bindings[None, 'd'] = {'subjects': 5}
    assert await review(ruled, 'jane-token', 'SelfSubjectAccessReview', {
        'resourceAttributes': {'verb': 'get', 'resource': 'pods'},
    }) == {'allowed': False}  # fmt: skip


@pytest.mark.parametrize('subject', [{'kind': 'User'}, {'kind': 'User', 'name': None}, {'kind': None, 'name': 'None'}])
async def test_a_subject_without_a_name_is_nobody(ruled: kmock.KubernetesCluster, subject: Any) -> None:
    role = {'kind': 'ClusterRole', 'name': 'cluster-admin'}
    ruled.objects[f'{RBAC}/v1/clusterrolebindings', None, 'odd'] = {'roleRef': role, 'subjects': [subject]}
    assert (await ask(ruled, 'admin-token', 'GET', CONFIG_MAPS, Impersonate_User='None'))[0] == 403


@pytest.mark.parametrize(
    'expressions',
    [5, [None, 5], [{'key': {}, 'operator': 'Exists'}], [{'key': 'part', 'operator': 'In', 'values': 5}]],
)
async def test_selectors_of_roles_that_are_none_can_be_stored(ruled: kmock.KubernetesCluster, expressions: Any) -> None:
    roles = ruled.objects[f'{RBAC}/v1/clusterroles']
    roles[None, 'pods'] = {'metadata': {'labels': {'part': 'yes'}}}
    roles[None, 'odd'] = {'aggregationRule': {'clusterRoleSelectors': [None, {'matchExpressions': expressions}]}}
    assert roles[None, 'odd']['aggregationRule']
    assert (await ask(ruled, 'jane-token', 'GET', '/api/v1/pods'))[0] == 403


# ---- The roles of a new cluster ----


@pytest.mark.parametrize(
    ('role', 'method', 'url', 'allowed'),
    [
        ('view', 'GET', CONFIG_MAPS, True),
        ('view', 'POST', CONFIG_MAPS, False),
        ('view', 'GET', '/api/v1/namespaces/default/secrets', False),
        ('edit', 'POST', CONFIG_MAPS, True),
        ('edit', 'GET', '/api/v1/namespaces/default/secrets', True),
        ('edit', 'GET', f'{ROLES}/namespaces/default/roles', False),
        ('admin', 'GET', f'{ROLES}/namespaces/default/roles', True),
        ('admin', 'GET', f'{ROLES}/clusterroles', False),
        ('admin', 'GET', '/api/v1/nodes', False),
        ('cluster-admin', 'GET', '/api/v1/nodes', True),
        ('cluster-admin', 'GET', '/metrics', True),
    ],
)
async def test_the_usual_roles_are_there(
    ruled: kmock.KubernetesCluster, role: str, method: str, url: str, allowed: bool
) -> None:
    binding: Any = {'kind': 'ClusterRoleBinding', 'apiVersion': f'{RBAC}/v1', 'metadata': {'name': 'janes'}}
    binding['roleRef'] = {'apiGroup': RBAC, 'kind': 'ClusterRole', 'name': role}
    binding['subjects'] = [{'apiGroup': RBAC, 'kind': 'Group', 'name': 'developers'}]
    ruled.load(binding)
    status, _ = await ask(ruled, 'jane-token', method, url, {})
    assert (status != 403) is allowed


async def test_the_usual_roles_are_there_only_if_roles_count(
    guarded: kmock.KubernetesCluster, ruled: kmock.KubernetesCluster
) -> None:
    assert not guarded.objects[f'{RBAC}/v1/clusterroles']
    assert ruled.objects[f'{RBAC}/v1/clusterroles', None, 'view'] >= {
        'metadata': {'labels': {'kubernetes.io/bootstrapping': 'rbac-defaults'}},
        'aggregationRule': ...,
    }
    assert ruled.objects[f'{RBAC}/v1/clusterroles', None, 'view']['rules']


async def test_a_role_of_others_has_what_they_give(ruled: kmock.KubernetesCluster, grant: Callable[..., None]) -> None:
    selector = {'matchLabels': {'rbac.acme.dev/to-jane': 'yes'}}
    grant(namespace=None)
    roles = ruled.objects[f'{RBAC}/v1/clusterroles']
    roles[None, 'given'].patch({'aggregationRule': {'clusterRoleSelectors': [selector]}})
    assert (await ask(ruled, 'jane-token', 'GET', '/api/v1/pods'))[0] == 403
    roles[None, 'pods'] = {
        'metadata': {'labels': selector['matchLabels']},
        'rules': [{'apiGroups': [''], 'resources': ['pods'], 'verbs': READ}],
    }
    assert (await ask(ruled, 'jane-token', 'GET', '/api/v1/pods'))[0] == 200


async def test_roles_that_are_made_of_each_other_give_what_they_have(
    ruled: kmock.KubernetesCluster, grant: Callable[..., None]
) -> None:
    grant(namespace=None)
    roles = ruled.objects[f'{RBAC}/v1/clusterroles']
    for name in ('given', 'other'):
        roles[None, name] = {
            'metadata': {'labels': {'round': 'yes'}},
            'aggregationRule': {'clusterRoleSelectors': [{'matchLabels': {'round': 'yes'}}]},
        }
    roles[None, 'pods'] = {
        'metadata': {'labels': {'round': 'yes'}},
        'rules': [{'apiGroups': [''], 'resources': ['pods'], 'verbs': READ}],
    }
    assert (await ask(ruled, 'jane-token', 'GET', '/api/v1/pods'))[0] == 200


async def test_without_controllers_a_role_of_others_has_only_what_is_written_in_it() -> None:
    selector = {'matchLabels': {'part': 'yes'}}
    async with kmock.KubernetesCluster(tokens={'jane': 'jane'}, authorization='rbac', controllers=False) as cluster:
        roles = cluster.objects[f'{RBAC}/v1/clusterroles']
        rules = [{'apiGroups': [''], 'resources': ['pods'], 'verbs': READ}]
        roles[None, 'pods'] = {'metadata': {'labels': {'part': 'yes'}}, 'rules': rules}
        roles[None, 'all'] = {'aggregationRule': {'clusterRoleSelectors': [selector]}}
        cluster.objects[f'{RBAC}/v1/clusterrolebindings', None, 'all'] = {
            'roleRef': {'kind': 'ClusterRole', 'name': 'all'},
            'subjects': [{'kind': 'User', 'name': 'jane'}],
        }
        assert (await ask(cluster, 'jane', 'GET', '/api/v1/pods'))[0] == 403
        roles[None, 'all'].patch({'rules': rules})
        assert (await ask(cluster, 'jane', 'GET', '/api/v1/pods'))[0] == 200
