"""Nobody gives others what they do not have themselves, where roles count."""

from collections.abc import Callable
from typing import Any

import pytest
from asking import RBAC, ROLES, ask

import kmock

ALL = ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch']
ON_ROLES = {'apiGroups': [RBAC], 'resources': ['roles', 'rolebindings'], 'verbs': ALL}
ON_CLUSTER_ROLES = {'apiGroups': [RBAC], 'resources': ['clusterroles', 'clusterrolebindings'], 'verbs': ALL}
PODS = {'apiGroups': [''], 'resources': ['pods'], 'verbs': ['get', 'list']}
IN_DEFAULT = f'{ROLES}/namespaces/default'
WHO = (
    'user "jane" (groups=["developers" "system:authenticated"]) is attempting to grant RBAC permissions not currently '
    'held'
)
MERGE = 'application/merge-patch+json'
APPLY = 'application/apply-patch+yaml'

Grant = Callable[..., None]


def role(*rules: Any, kind: str = 'Role', **fields: Any) -> Any:
    return {'apiVersion': f'{RBAC}/v1', 'kind': kind, 'metadata': {'name': 'new'}, 'rules': list(rules), **fields}


def binding(name: str, kind: str = 'Role', scope: str = '') -> Any:
    return {
        'apiVersion': f'{RBAC}/v1',
        'kind': f'{scope}RoleBinding',
        'metadata': {'name': 'new'},
        'roleRef': {'apiGroup': RBAC, 'kind': kind, 'name': name},
        'subjects': [{'apiGroup': RBAC, 'kind': 'User', 'name': 'joe'}],
    }


async def test_who_has_it_may_give_it(ruled: kmock.KubernetesCluster, grant: Grant) -> None:
    grant(ON_ROLES, PODS)
    assert (await ask(ruled, 'jane-token', 'POST', f'{IN_DEFAULT}/roles', role(PODS)))[0] == 201
    assert (await ask(ruled, 'jane-token', 'POST', f'{IN_DEFAULT}/rolebindings', binding('new')))[0] == 201


async def test_who_lacks_it_may_not_put_it_into_a_role(ruled: kmock.KubernetesCluster, grant: Grant) -> None:
    grant(ON_ROLES, {**PODS, 'verbs': ['get']})
    wanted = {'apiGroups': [''], 'resources': ['pods', 'secrets'], 'verbs': ['get', 'list']}
    named = {'apiGroups': ['apps'], 'resources': ['deployments'], 'verbs': ['get'], 'resourceNames': ['web']}
    status, found = await ask(ruled, 'jane-token', 'POST', f'{IN_DEFAULT}/roles', role(wanted, named))
    assert (status, found['message'], found['details']) == (
        403,
        (
            f'roles.{RBAC} "new" is forbidden: {WHO}:\n'
            '{APIGroups:[""], Resources:["pods"], Verbs:["list"]}\n'
            '{APIGroups:[""], Resources:["secrets"], Verbs:["get" "list"]}\n'
            '{APIGroups:["apps"], Resources:["deployments"], ResourceNames:["web"], Verbs:["get"]}'
        ),
        {'name': 'new', 'group': RBAC, 'kind': 'roles'},
    )


@pytest.mark.parametrize(
    ('method', 'media_type', 'body'),
    [
        ('PUT', 'application/json', role(PODS)),
        ('PATCH', MERGE, {'rules': [PODS]}),
        ('PATCH', f'{APPLY}', role(PODS)),
    ],
)
async def test_who_lacks_it_may_not_put_it_there_later(
    ruled: kmock.KubernetesCluster, grant: Grant, method: str, media_type: str, body: Any
) -> None:
    grant(ON_ROLES)
    ruled.load(role() | {'metadata': {'name': 'new', 'namespace': 'default'}})
    url = f'{IN_DEFAULT}/roles/new?fieldManager=m&force=true' if media_type == APPLY else f'{IN_DEFAULT}/roles/new'
    status, found = await ask(ruled, 'jane-token', method, url, body, Content_Type=media_type)
    assert (status, WHO in found['message']) == (403, True)


async def test_what_is_no_right_may_be_changed_by_anybody(ruled: kmock.KubernetesCluster, grant: Grant) -> None:
    grant(ON_ROLES)
    ruled.load(role(PODS) | {'metadata': {'name': 'new', 'namespace': 'default', 'finalizers': ['acme.dev/x']}})
    url = f'{IN_DEFAULT}/roles/new'
    body: Any = {'metadata': {'finalizers': None}}
    assert (await ask(ruled, 'jane-token', 'PATCH', url, body, Content_Type=MERGE))[0] == 200
    body = {'metadata': {'labels': {'a': 'b'}}}
    assert (await ask(ruled, 'jane-token', 'PATCH', url, body, Content_Type=MERGE))[0] == 403


async def test_who_lacks_it_may_not_bind_it(ruled: kmock.KubernetesCluster, grant: Grant) -> None:
    grant(ON_ROLES)
    url = f'{IN_DEFAULT}/rolebindings'
    status, found = await ask(ruled, 'jane-token', 'POST', url, binding('system:monitoring', 'ClusterRole'))
    assert (status, found['message'].partition(':\n')[0]) == (403, f'rolebindings.{RBAC} "new" is forbidden: {WHO}')
    status, found = await ask(ruled, 'jane-token', 'POST', url, binding('missing', 'ClusterRole'))
    assert (status, found['message']) == (404, f'clusterroles.{RBAC} "missing" not found')
    status, found = await ask(ruled, 'jane-token', 'POST', url, binding('missing', 'Robot'))
    assert status == 422


@pytest.mark.parametrize(
    ('rule', 'url', 'body'),
    [
        ({'resources': ['roles'], 'verbs': ['escalate']}, f'{IN_DEFAULT}/roles', role(PODS)),
        (
            {'resources': ['clusterroles'], 'verbs': ['bind'], 'resourceNames': ['view']},
            f'{IN_DEFAULT}/rolebindings',
            binding('view', 'ClusterRole'),
        ),
    ],
)
async def test_some_may_give_what_they_lack(
    ruled: kmock.KubernetesCluster, grant: Grant, rule: Any, url: str, body: Any
) -> None:
    grant(ON_ROLES, {'apiGroups': [RBAC], **rule})
    assert (await ask(ruled, 'jane-token', 'POST', url, body))[0] == 201


async def test_only_who_has_everything_may_make_a_role_of_others(ruled: kmock.KubernetesCluster, grant: Grant) -> None:
    grant(ON_CLUSTER_ROLES, namespace=None)
    body = role(kind='ClusterRole', aggregationRule={'clusterRoleSelectors': [{'matchLabels': {'a': 'b'}}]})
    status, found = await ask(ruled, 'jane-token', 'POST', f'{ROLES}/clusterroles', body)
    assert (status, found['message']) == (
        403,
        f'clusterroles.{RBAC} "new" is forbidden: must have cluster-admin privileges to use the aggregationRule',
    )
    everything = [{'apiGroups': ['*'], 'resources': ['*'], 'verbs': ['*']}, {'nonResourceURLs': ['*'], 'verbs': ['*']}]
    grant(*everything, namespace=None, name='everything')
    assert (await ask(ruled, 'jane-token', 'POST', f'{ROLES}/clusterroles', body))[0] == 201


@pytest.mark.parametrize('authorization', [None, 'always'])
async def test_where_roles_do_not_count_anybody_may_write_them(authorization: str | None) -> None:
    tokens = {'jane': ['system:masters'] if authorization is None else []}
    async with kmock.KubernetesCluster(tokens=tokens, authorization=authorization) as cluster:
        assert (await ask(cluster, 'jane', 'POST', f'{IN_DEFAULT}/roles', role(PODS)))[0] == 201


# ---- Signers ----


CERTIFICATES = '/apis/certificates.k8s.io/v1/certificatesigningrequests'
ON_REQUESTS = {
    'apiGroups': ['certificates.k8s.io'],
    'resources': ['certificatesigningrequests/approval', 'certificatesigningrequests/status'],
    'verbs': ['patch'],
}


@pytest.mark.parametrize(
    ('part', 'verb', 'status'),
    [
        ('approval', 'approve', {'conditions': [{'type': 'Approved', 'status': 'True', 'reason': 'Known'}]}),
        ('status', 'sign', {'certificate': 'LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCg=='}),
    ],
)
@pytest.mark.parametrize('signer', ['acme.dev/it', 'acme.dev/*'])
async def test_who_approves_and_signs_is_said_by_roles(
    ruled: kmock.KubernetesCluster, grant: Grant, part: str, verb: str, status: Any, signer: str
) -> None:
    spec = {'request': 'Li4u', 'signerName': 'acme.dev/it', 'usages': ['client auth']}
    assert (await ask(ruled, 'admin-token', 'POST', CERTIFICATES, {'metadata': {'name': 'c'}, 'spec': spec}))[0] == 201
    url = f'{CERTIFICATES}/c/{part}'

    grant(ON_REQUESTS, namespace=None)
    code, found = await ask(ruled, 'jane-token', 'PATCH', url, {'status': status}, Content_Type=MERGE)
    assert (code, found['message']) == (
        403,
        (
            'certificatesigningrequests.certificates.k8s.io "c" is forbidden: user not permitted to '
            f'{verb} requests with signerName "acme.dev/it"'
        ),
    )

    rule = {'apiGroups': ['certificates.k8s.io'], 'resources': ['signers'], 'resourceNames': [signer], 'verbs': [verb]}
    grant(rule, namespace=None, name='signers')
    code, found = await ask(ruled, 'jane-token', 'PATCH', url, {'status': status}, Content_Type=MERGE)
    assert (code, found['status'].keys() >= status.keys()) == (200, True)
