"""The notations of users, and what is said of those that are none."""

from typing import Any

import pytest

import kmock
from kmock_k8s.cluster.access.users import User, read_user, split_account


@pytest.mark.parametrize(
    ('token', 'notation', 'user'),
    [
        ('admin-token', ['system:masters'], User('admin', 'admin-uid', ('system:masters', 'system:authenticated'))),
        ('secret', (), User('secret', 'secret-uid', ('system:authenticated',))),
        ('-token', [], User('-token', '-token-uid', ('system:authenticated',))),
        ('t', 'jane', User('jane', 'jane-uid', ('system:authenticated',))),
        ('t', {}, User('t', 't-uid', ('system:authenticated',))),
        ('t', {'username': 'jane', 'uid': ''}, User('jane', '', ('system:authenticated',))),
        ('t', {'groups': {'system:unauthenticated'}}, User('t', 't-uid', ('system:unauthenticated',))),
        (
            't',
            {'username': 'jane', 'uid': '1', 'groups': ['dev'], 'extra': {'a': ['b', 'c']}},
            User('jane', '1', ('dev', 'system:authenticated'), (('a', ('b', 'c')),)),
        ),
    ],
)
def test_a_user_is_a_name_or_groups_or_all_of_it(token: str, notation: Any, user: User) -> None:
    assert read_user(token, notation) == user


@pytest.mark.parametrize(
    ('tokens', 'message'),
    [
        (['admin-token'], r"^tokens are \{'a-token': \['developers'\], or 'jane', or .*\}, not \['admin-token'\]$"),
        ({'t': 5}, r"^tokens\['t'\] is \['developers'\], or 'jane', or .*, not 5$"),
        ({'t': None}, r"^tokens\['t'\] is .*, not None$"),
        ({'t': [5]}, r"^tokens\['t'\], the groups are texts in a list, as \['developers'\], not \[5\]$"),
        ({'t': {'groups': 'dev'}}, r"^tokens\['t'\], the groups are texts in a list, .*, not 'dev'$"),
        ({'t': {'name': 'x'}}, r"^tokens\['t'\] has 'name' \(known: username, uid, groups, extra\)$"),
        ({'t': {'username': ''}}, r"^tokens\['t'\], the username is a text, not ''$"),
        ({'t': {'uid': 1}}, r"^tokens\['t'\], the uid is a text, not 1$"),
        ({'t': {'extra': ['x']}}, r"^tokens\['t'\], the extra is \{'a-key': \['a-value'\]\}, not \['x'\]$"),
        ({'t': {'extra': {'k': 'v'}}}, r"^tokens\['t'\], the extra 'k' are texts in a list, .*, not 'v'$"),
        ({'a b': []}, r"^a token is a text without spaces, as 'admin-token', not 'a b'$"),
        ({5: []}, r"^a token is a text without spaces, as 'admin-token', not 5$"),
    ],
)
def test_what_is_no_user_is_refused_with_advice(tokens: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        kmock.KubernetesCluster(tokens=tokens)


def test_an_unknown_authorization_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ValueError, match=r"^authorization is None, 'rbac' or 'always', not 'abac'$"):
        kmock.KubernetesCluster(authorization='abac')


@pytest.mark.parametrize(
    'name', ['jane', 'system:serviceaccount:', 'system:serviceaccount:a', 'system:serviceaccount:a:b:c']
)
def test_other_users_are_no_service_accounts(name: str) -> None:
    assert split_account(name) is None
