"""Who asks: by tokens of the test, by those of service accounts, by none."""

import base64
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from asking import CONFIG_MAPS, ask, who_am_i

import kmock

ACCOUNT = '/api/v1/namespaces/default/serviceaccounts/robot'
ROBOT = 'system:serviceaccount:default:robot'


async def issue(cluster: kmock.KubernetesCluster, **spec: Any) -> str:
    cluster.load({'apiVersion': 'v1', 'kind': 'ServiceAccount', 'metadata': {'name': 'robot'}})
    status, found = await ask(cluster, 'admin-token', 'POST', f'{ACCOUNT}/token', {'spec': spec})
    assert status == 201
    token: str = found['status']['token']
    return token


@pytest.mark.parametrize('token', [None, 'whatever'])
async def test_without_users_everybody_is_an_administrator(cluster: kmock.KubernetesCluster, token: str | None) -> None:
    assert await who_am_i(cluster, token) == {
        'username': 'kubernetes-admin',
        'groups': ['system:masters', 'system:authenticated'],
    }
    assert (await ask(cluster, token, 'GET', CONFIG_MAPS))[0] == 200


async def test_a_token_is_that_of_its_user(guarded: kmock.KubernetesCluster) -> None:
    assert await who_am_i(guarded, 'jane-token') == {
        'username': 'jane',
        'uid': '1',
        'groups': ['developers', 'system:authenticated'],
        'extra': {'acme.dev/team': ['blue']},
    }


@pytest.mark.parametrize('token', ['bogus', 'a.b.c', 'a.e30.c', 'a.@.c', '5'])
async def test_an_unknown_token_is_refused(guarded: kmock.KubernetesCluster, token: str) -> None:
    status, found = await ask(guarded, token, 'GET', '/version')
    assert (status, found) == (
        401,
        {
            'kind': 'Status',
            'apiVersion': 'v1',
            'metadata': {},
            'status': 'Failure',
            'message': 'Unauthorized',
            'reason': 'Unauthorized',
            'code': 401,
        },
    )


@pytest.mark.parametrize('shown', ['', 'Basic amFuZTpzZWNyZXQ=', 'Bearer', 'Bearer  admin-token', 'admin-token'])
async def test_who_shows_no_token_is_anonymous(guarded: kmock.KubernetesCluster, shown: str) -> None:
    status, found = await ask(guarded, None, 'GET', '/api', Authorization=shown)
    assert (status, found['message']) == (403, 'forbidden: User "system:anonymous" cannot get path "/api"')


@pytest.mark.parametrize('shown', ['bearer admin-token', '  BEARER admin-token  ', 'Bearer admin-token and more'])
async def test_a_token_may_be_shown_in_several_ways(guarded: kmock.KubernetesCluster, shown: str) -> None:
    assert (await ask(guarded, None, 'GET', '/api', Authorization=shown))[0] == 200


async def test_a_browser_shows_its_token_as_a_protocol_of_websockets(guarded: kmock.KubernetesCluster) -> None:
    encoded = base64.urlsafe_b64encode(b'admin-token').decode().rstrip('=')
    shown = f'v4.channel.k8s.io, base64url.bearer.authorization.k8s.io.{encoded}'
    asking = {'Connection': 'Upgrade', 'Upgrade': 'websocket'}
    assert (await ask(guarded, None, 'GET', '/api', **asking, Sec_WebSocket_Protocol=shown))[0] == 200
    assert (await ask(guarded, None, 'GET', '/api', Sec_WebSocket_Protocol=shown))[0] == 403
    shown = 'base64url.bearer.authorization.k8s.io.@@@'
    assert (await ask(guarded, None, 'GET', '/api', **asking, Sec_WebSocket_Protocol=shown))[0] == 401


# ---- Service accounts ----


async def test_a_token_of_a_service_account_is_known(guarded: kmock.KubernetesCluster) -> None:
    token = await issue(guarded)
    found = await who_am_i(guarded, token)
    [credential] = found.pop('extra')['authentication.kubernetes.io/credential-id']
    assert credential.startswith('JTI=')
    assert found == {
        'username': ROBOT,
        'uid': guarded.objects['v1/serviceaccounts', 'default', 'robot']['metadata']['uid'],
        'groups': ['system:serviceaccounts', 'system:serviceaccounts:default', 'system:authenticated'],
    }


async def test_a_service_account_is_itself_where_users_are_not_told_apart(cluster: kmock.KubernetesCluster) -> None:
    assert (await who_am_i(cluster, await issue(cluster)))['username'] == ROBOT


async def test_a_token_expires_by_the_clock_of_the_cluster(guarded: kmock.KubernetesCluster) -> None:
    now = datetime(2030, 1, 1, tzinfo=UTC)
    guarded.clock = lambda: now
    token = await issue(guarded, expirationSeconds=600)

    now += timedelta(seconds=600)
    assert (await who_am_i(guarded, token))['username'] == ROBOT
    now += timedelta(seconds=1)
    assert await who_am_i(guarded, token) == 'Unauthorized'


async def test_a_token_is_nobodys_when_its_account_is_gone(guarded: kmock.KubernetesCluster) -> None:
    token = await issue(guarded)
    await ask(guarded, 'admin-token', 'DELETE', ACCOUNT)
    assert await who_am_i(guarded, token) == 'Unauthorized'
    await issue(guarded)  # another account of that name
    assert await who_am_i(guarded, token) == 'Unauthorized'


async def test_where_roles_count_nobody_becomes_an_administrator_by_a_token_of_an_account_that_is_gone() -> None:
    async with kmock.KubernetesCluster(authorization='rbac') as cluster:
        token = await issue(cluster)
        assert (await who_am_i(cluster, token))['username'] == ROBOT
        del cluster.objects['v1/serviceaccounts', 'default', 'robot']
        assert await who_am_i(cluster, token) == 'Unauthorized'
        assert (await who_am_i(cluster, None))['username'] == 'kubernetes-admin'


async def test_a_token_for_others_is_not_for_the_server(guarded: kmock.KubernetesCluster) -> None:
    assert await who_am_i(guarded, await issue(guarded, audiences=['vault'])) == 'Unauthorized'


async def test_a_secret_may_have_the_token_of_a_service_account(guarded: kmock.KubernetesCluster) -> None:
    await issue(guarded)
    guarded.objects['v1/secrets', 'default', 'old'] = {
        'type': 'kubernetes.io/service-account-token',
        'metadata': {'annotations': {'kubernetes.io/service-account.name': 'robot'}},
        'data': {'token': base64.b64encode(b'of-robot').decode()},
    }
    guarded.objects['v1/secrets', 'default', 'other'] = {
        'type': 'Opaque',
        'data': {'token': base64.b64encode(b'of-nobody').decode()},
    }
    assert (await who_am_i(guarded, 'of-robot'))['username'] == ROBOT
    assert await who_am_i(guarded, 'of-nobody') == 'Unauthorized'


# ---- Certificates ----


@pytest.mark.parametrize('token', ['admin-token', None])
async def test_a_request_for_a_certificate_says_who_makes_it(token: str | None) -> None:
    tokens = None if token is None else {token: {'username': 'jane', 'uid': '1', 'groups': ['system:masters']}}
    url = '/apis/certificates.k8s.io/v1/certificatesigningrequests'
    spec = {'request': 'Li4u', 'signerName': 'acme.dev/it', 'usages': ['client auth'], 'username': 'somebody else'}
    async with kmock.KubernetesCluster(tokens=tokens) as cluster:
        status, made = await ask(cluster, token, 'POST', url, {'metadata': {'name': 'c'}, 'spec': spec})
        assert status == 201
        user = await who_am_i(cluster, token)
        assert {key: made['spec'].get(key) for key in user} == user
        made['spec'] |= {'username': 'another', 'request': 'Li4='}
        status, changed = await ask(cluster, token, 'PUT', f'{url}/c', made)
        assert status == 200
        assert changed['spec']['username'] == user['username']
        assert changed['spec']['request'] == 'Li4u'
