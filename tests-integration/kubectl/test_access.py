"""``kubectl auth``, ``--as``, ``create role`` and the like: as whom one asks, and what they may do."""

from pathlib import Path
from typing import Any

import pytest

from kmock import KubernetesCluster
from programs import Kubectl, Outcome, done, failed

TOKENS = {'admin-token': ['system:masters'], 'jane-token': {'username': 'jane', 'groups': ['developers']}}
WHO = 'user "jane" (groups=["developers" "system:authenticated"])'
WHAT = 'is attempting to grant RBAC permissions not currently held'

pytestmark = pytest.mark.kmock(
    cls=KubernetesCluster, tls=True, tokens=TOKENS, authorization='rbac'
)  # by http, no tokens


@pytest.fixture
def jane(kmock: KubernetesCluster, tmp_path: Path) -> Kubectl:
    """kubectl for a user without rights."""
    place = tmp_path / 'jane'
    place.mkdir()
    kmock.write_kubeconfig(place / 'config', token='jane-token')
    return Kubectl(place)


def refused(message: str) -> Outcome:
    return failed(f'Error from server (Forbidden): {message}')


def answer(text: str) -> Outcome:
    """What a question for a right has answered: no is a failure, too."""
    return Outcome(0 if text == 'yes' else 1, f'{text}\n', '')


def test_one_is_told_who_one_is(kubectl: Kubectl, jane: Kubectl) -> None:
    found = jane.json('auth whoami -o json')
    assert found['status']['userInfo'] == {
        'username': 'jane',
        'uid': 'jane-uid',
        'groups': ['developers', 'system:authenticated'],
    }
    assert [
        line.split() for line in kubectl('auth whoami --as joe --as-group dev --as-group ops').text.splitlines()
    ] == [
        ['ATTRIBUTE', 'VALUE'],
        ['Username', 'joe'],
        ['Groups', '[dev', 'ops', 'system:authenticated]'],
    ]


@pytest.mark.kmock(tokens=None, authorization=None)
def test_where_users_are_not_told_apart_one_is_an_administrator(kubectl: Kubectl) -> None:
    assert kubectl.json('auth whoami -o json')['status']['userInfo']['username'] == 'kubernetes-admin'
    assert kubectl('auth can-i create pods') == answer('yes')
    assert kubectl('auth can-i "*" "*" --all-namespaces') == answer('yes')
    assert kubectl('get pods --as joe') == Outcome(0, '', 'No resources found in default namespace.\n')


def test_the_kubeconfig_has_the_token_of_an_administrator(kmock: KubernetesCluster, kubectl: Kubectl) -> None:
    assert kmock.kubeconfig()['users'][0]['user'] == {'token': 'admin-token'}
    assert kubectl('create configmap settings') == done('configmap/settings created')
    assert kmock[-1].headers['Authorization'] == 'Bearer admin-token'


def test_a_right_is_asked_for(kubectl: Kubectl, jane: Kubectl) -> None:
    assert kubectl('auth can-i create pods') == answer('yes')
    assert jane('auth can-i create pods') == answer('no')
    assert jane('auth can-i get /version') == answer('yes')
    assert kubectl('auth can-i create pods --as jane') == answer('no')


def test_a_right_is_given_by_a_role(kubectl: Kubectl, jane: Kubectl) -> None:
    message = 'pods is forbidden: User "jane" cannot list resource "pods" in API group "" in the namespace "default"'
    assert jane('get pods') == refused(message)

    assert kubectl('create role reader --verb get,list --resource pods,pods/log') == done(
        'role.rbac.authorization.k8s.io/reader created'
    )
    assert kubectl('create rolebinding readers --role reader --group developers') == done(
        'rolebinding.rbac.authorization.k8s.io/readers created'
    )

    assert jane('get pods') == Outcome(0, '', 'No resources found in default namespace.\n')
    assert jane('auth can-i get pods/log') == answer('yes')
    assert jane('auth can-i get pods -n kube-system') == answer('no')


def test_all_rights_are_listed(kubectl: Kubectl, jane: Kubectl) -> None:
    kubectl('create rolebinding readers --clusterrole view --user jane')
    lines = [line.split() for line in jane('auth can-i --list').text.splitlines()]
    assert ['configmaps', '[]', '[]', '[get', 'list', 'watch]'] in lines
    assert ['[/version]', '[]', '[get]'] in lines
    assert not [line for line in lines if line[0] == 'secrets']


def test_nobody_gives_more_than_they_have(kubectl: Kubectl, jane: Kubectl) -> None:
    kubectl('create rolebinding admins --clusterrole admin --user jane')
    assert jane('create role pods --verb get --resource pods').code == 0
    outcome = jane('create role nodes --verb get --resource nodes')
    assert outcome.error.splitlines() == [
        f'Error from server (Forbidden): roles.rbac.authorization.k8s.io "nodes" is forbidden: {WHO} {WHAT}:',
        '{APIGroups:[""], Resources:["nodes"], Verbs:["get"]}',
    ]


def test_a_service_account_uses_a_token_of_its_own(kmock: KubernetesCluster, kubectl: Kubectl, jane: Kubectl) -> None:
    kubectl('create serviceaccount robot')
    token = kubectl('create token robot').text.strip()
    name = 'system:serviceaccount:default:robot'
    assert jane.json(f'auth whoami -o json --token {token}')['status']['userInfo']['username'] == name
    kubectl('create clusterrolebinding robots --clusterrole view --serviceaccount default:robot')
    assert jane(f'get namespaces --token {token} -o name').text.splitlines()[0] == 'namespace/default'
    assert kubectl(f'auth can-i list secrets --as {name}') == answer('no')


def test_a_token_that_nobody_has_is_refused(jane: Kubectl) -> None:
    outcome = jane('get pods --token bogus')
    assert outcome.error.splitlines()[-1] == (
        'error: You must be logged in to the server (the server has asked for the client to provide credentials)'
    )


def test_the_usual_roles_are_shown(kubectl: Kubectl) -> None:
    shown = kubectl('get clusterroles -o name').text.splitlines()
    assert {f'clusterrole.rbac.authorization.k8s.io/{name}' for name in ('cluster-admin', 'edit', 'view')} <= set(shown)


def test_roles_are_reconciled(kubectl: Kubectl) -> None:
    role: Any = {
        'apiVersion': 'rbac.authorization.k8s.io/v1',
        'kind': 'ClusterRole',
        'metadata': {'name': 'reader'},
        'rules': [{'apiGroups': [''], 'resources': ['pods'], 'verbs': ['get']}],
    }
    assert kubectl('auth reconcile -f -', input=role).text.startswith(
        'clusterrole.rbac.authorization.k8s.io/reader reconciled'
    )
    assert kubectl.json('get clusterrole reader -o json')['rules'] == role['rules']
