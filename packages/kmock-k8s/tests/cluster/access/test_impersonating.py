"""Asking in the name of others."""

from collections.abc import Callable
from typing import Any

import pytest
from asking import CONFIG_MAPS, ask, who_am_i

import kmock

IDENTITIES = 'authentication.k8s.io'
JOE: Any = {'Impersonate_User': 'joe'}


@pytest.mark.parametrize(
    ('headers', 'user'),
    [
        (JOE, {'username': 'joe', 'groups': ['system:authenticated']}),
        (
            {'Impersonate_User': 'joe', 'Impersonate_Group': 'dev', 'Impersonate_Uid': '7'},
            {'username': 'joe', 'uid': '7', 'groups': ['dev', 'system:authenticated']},
        ),
        (
            {'Impersonate_User': 'joe', 'Impersonate_Extra_Acme.dev%2Fteam': 'blue'},
            {'username': 'joe', 'groups': ['system:authenticated'], 'extra': {'acme.dev/team': ['blue']}},
        ),
        (
            {'Impersonate_User': 'joe', 'Impersonate_Group': 'system:masters'},
            {'username': 'joe', 'groups': ['system:masters', 'system:authenticated']},
        ),
        (
            {'Impersonate_User': 'joe', 'Impersonate_Group': 'system:unauthenticated'},
            {'username': 'joe', 'groups': ['system:unauthenticated']},
        ),
        (
            {'Impersonate_User': 'system:anonymous'},
            {'username': 'system:anonymous', 'groups': ['system:unauthenticated']},
        ),
        (
            {'Impersonate_User': 'system:serviceaccount:ns1:robot'},
            {
                'username': 'system:serviceaccount:ns1:robot',
                'groups': ['system:serviceaccounts', 'system:serviceaccounts:ns1', 'system:authenticated'],
            },
        ),
        (
            {'Impersonate_User': 'system:node:n1'},
            {'username': 'system:node:n1', 'groups': ['system:nodes', 'system:authenticated']},
        ),
        (
            {'Impersonate_User': 'system:node:n1', 'Impersonate_Group': 'dev'},
            {'username': 'system:node:n1', 'groups': ['dev', 'system:authenticated']},
        ),
    ],
)
@pytest.mark.parametrize('tokens', [None, {'admin-token': ['system:masters']}], ids=['open', 'guarded'])
async def test_an_administrator_may_ask_in_any_name(tokens: Any, headers: Any, user: Any) -> None:
    async with kmock.KubernetesCluster(tokens=tokens, authorization='always') as cluster:
        assert await who_am_i(cluster, 'admin-token', **headers) == user


async def test_in_the_name_of_others_one_may_do_what_they_may(guarded: kmock.KubernetesCluster) -> None:
    assert (await ask(guarded, 'admin-token', 'GET', '/api', **JOE))[0] == 200
    status, found = await ask(guarded, 'admin-token', 'GET', CONFIG_MAPS, **JOE)
    assert (status, found['message']) == (
        403,
        (
            'configmaps is forbidden: User "joe" cannot list resource "configmaps" in API group "" '
            'in the namespace "default"'
        ),
    )


@pytest.mark.parametrize(
    ('headers', 'shown'),
    [
        ({'Impersonate_Group': 'dev'}, 'UID:"", Groups:[]string{"dev"}, Extra:map[string][]string(nil)'),
        ({'Impersonate_Uid': '7'}, 'UID:"7", Groups:[]string(nil), Extra:map[string][]string(nil)'),
        (
            {'Impersonate_Extra_Scope': 'a'},
            'UID:"", Groups:[]string(nil), Extra:map[string][]string{"scope":[]string{"a"}}',
        ),
    ],
)
async def test_there_has_to_be_a_name(guarded: kmock.KubernetesCluster, headers: Any, shown: str) -> None:
    status, found = await ask(guarded, 'admin-token', 'GET', '/api', **headers)
    assert (status, found['reason'], found['message']) == (
        400,
        'BadRequest',
        f'requested &user.DefaultInfo{{Name:"", {shown}}} without impersonating a user name',
    )


@pytest.mark.parametrize(
    ('headers', 'verb'),
    [
        (JOE, 'impersonate-on:user-info:list'),
        ({'Impersonate_User': 'system:node:n1'}, 'impersonate-on:arbitrary-node:list'),
        ({'Impersonate_User': 'system:serviceaccount:a:b'}, 'impersonate-on:serviceaccount:list'),
    ],
)
async def test_others_may_not(guarded: kmock.KubernetesCluster, headers: Any, verb: str) -> None:
    status, found = await ask(guarded, 'nobody-token', 'GET', '/api/v1/pods', **headers)
    assert (status, found['message']) == (
        403,
        f'pods is forbidden: User "nobody" cannot {verb} resource "pods" in API group "" at the cluster scope',
    )


async def test_a_group_can_not_be_taken_with_a_service_account_by_its_own_rights(
    guarded: kmock.KubernetesCluster,
) -> None:
    headers: Any = {'Impersonate_User': 'system:serviceaccount:a:b', 'Impersonate_Group': 'dev'}
    status, found = await ask(guarded, 'nobody-token', 'GET', '/api/v1/pods', **headers)
    assert (status, found['message']) == (
        403,
        (
            'serviceaccounts "b" is forbidden: User "nobody" cannot impersonate resource "serviceaccounts" in API '
            'group "" in the namespace "a"'
        ),
    )


@pytest.mark.parametrize(
    ('rules', 'headers', 'allowed'),
    [
        ([{'apiGroups': [''], 'resources': ['users'], 'verbs': ['impersonate']}], JOE, True),
        (
            [{'apiGroups': [''], 'resources': ['users'], 'verbs': ['impersonate'], 'resourceNames': ['jim']}],
            JOE,
            False,
        ),
        (
            [{'apiGroups': [''], 'resources': ['users'], 'verbs': ['impersonate']}],
            {**JOE, 'Impersonate_Group': 'dev'},
            False,
        ),
        (
            [
                {'apiGroups': ['', IDENTITIES], 'resources': ['users', 'groups', 'uids'], 'verbs': ['impersonate']},
                {'apiGroups': [IDENTITIES], 'resources': ['userextras/scope'], 'verbs': ['impersonate']},
            ],
            {**JOE, 'Impersonate_Group': 'dev', 'Impersonate_Uid': '7', 'Impersonate_Extra_Scope': 'a'},
            True,
        ),
        (
            [{'apiGroups': [''], 'resources': ['serviceaccounts'], 'verbs': ['impersonate']}],
            {'Impersonate_User': 'system:serviceaccount:a:b'},
            True,
        ),
        (
            [
                {'apiGroups': [''], 'resources': ['pods'], 'verbs': ['impersonate-on:user-info:list']},
                {'apiGroups': [IDENTITIES], 'resources': ['users'], 'verbs': ['impersonate:user-info']},
            ],
            JOE,
            True,
        ),
        ([{'apiGroups': [''], 'resources': ['pods'], 'verbs': ['impersonate-on:user-info:list']}], JOE, False),
        (
            [
                {'apiGroups': [''], 'resources': ['pods'], 'verbs': ['*']},
                {'apiGroups': [IDENTITIES], 'resources': ['*'], 'verbs': ['*']},
            ],
            {**JOE, 'Impersonate_Group': 'system:masters'},
            False,
        ),
    ],
)
async def test_who_may_ask_in_which_names_is_said_by_roles(
    ruled: kmock.KubernetesCluster, grant: Callable[..., None], rules: Any, headers: Any, allowed: bool
) -> None:
    grant(*rules, namespace=None)
    _, found = await ask(ruled, 'jane-token', 'GET', '/api/v1/pods', **headers)
    meant = headers['Impersonate_User'] if allowed else 'jane'
    assert f'User "{meant}" cannot' in found['message']
