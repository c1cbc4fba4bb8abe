"""Asking in the name of somebody else: the headers ``Impersonate-*`` (KEP-5284 for rights of a mode).

Who may do so is decided as in Kubernetes 1.36: first by the rights for a kind of users, and for what is done in their
name (the verbs ``impersonate:user-info`` and ``impersonate-on:user-info:list``), then by the verb ``impersonate``. The
first refusal is the one that is told.
"""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from kmock_core.values.headers import decode_percent
from kmock_k8s.cluster.access.attributes import Attributes
from kmock_k8s.cluster.access.deciding import Authorizer
from kmock_k8s.cluster.access.refusing import ForbiddenError, forbid
from kmock_k8s.cluster.access.users import (
    ANONYMOUS,
    AUTHENTICATED,
    MASTERS,
    UNAUTHENTICATED,
    User,
    groups_of_account,
    split_account,
)
from kmock_k8s.cluster.naming import check_subdomain
from kmock_k8s.cluster.statuses import bad_request, show

_USER, _UID, _GROUP, _EXTRA = b'impersonate-user', b'impersonate-uid', b'impersonate-group', b'impersonate-extra-'
_NODE = 'system:node:'
_NODES = 'system:nodes'
_IDENTITIES = 'authentication.k8s.io'
_NODE_OF_ACCOUNT = 'authentication.kubernetes.io/node-name'


def read_wanted(headers: Mapping[bytes, list[str]]) -> User | None:
    """In whose name a request is made, just as the headers say it; None if it is made in the own one.

    Args:
        headers: the values of the headers, by their names in lower case.

    Raises:
        KubernetesError: there is more of a user, but no name.
    """
    name = headers.get(_USER, [''])[0]
    uid = headers.get(_UID, [''])[0]
    groups = tuple(headers.get(_GROUP, ()))
    extra = tuple(
        (decode_percent(key.removeprefix(_EXTRA).decode('latin-1')), tuple(values))
        for key, values in headers.items()
        if key.startswith(_EXTRA)
    )
    if name:
        return User(name, uid, groups, extra)
    if uid or groups or extra:
        raise bad_request(f'requested {_show(uid, groups, extra)} without impersonating a user name')
    return None


class _Mode(NamedTuple):
    """Which users are meant, and whether what is done in their name counts too."""

    name: str
    group: str = _IDENTITIES

    @property
    def verb(self) -> str:
        return f'impersonate:{self.name}' if self.name else 'impersonate'


def impersonate(user: User, wanted: User, action: Attributes, authorizer: Authorizer) -> User:
    """The user in whose name a request is made, with its groups.

    Raises:
        ForbiddenError: it is not allowed.
    """
    refused: ForbiddenError | None = None
    for mode in _list_modes(user, wanted):
        try:
            return _enter(mode, user, wanted, action, authorizer)
        except ForbiddenError as exc:
            refused = refused or exc
    assert refused is not None
    raise refused


def _list_modes(user: User, wanted: User) -> Iterator[_Mode]:
    is_bare = not (wanted.uid or wanted.groups or wanted.extra)
    node, account = _node_of(wanted), split_account(wanted.name)
    if is_bare and node:
        if split_account(user.name) and dict(user.extra).get(_NODE_OF_ACCOUNT) == (node,):
            yield _Mode('associated-node')
        yield _Mode('arbitrary-node')
    elif is_bare and account:
        yield _Mode('serviceaccount')
    elif not node and not account:
        yield _Mode('user-info')
    yield _Mode('', '')


def _enter(mode: _Mode, user: User, wanted: User, action: Attributes, authorizer: Authorizer) -> User:
    def demand(attributes: Attributes) -> None:
        decision = authorizer.decide(user, attributes)
        if not decision.allowed:
            raise forbid(user, attributes, decision.reason)

    if mode.name:
        demand(action._replace(verb=f'impersonate-on:{mode.name}:{action.verb}'))
    for attributes in _list_identities(mode, wanted):
        if mode.name and attributes.resource == 'groups' and attributes.name in {'', MASTERS}:
            which = f'the {MASTERS} group' if attributes.name else 'the empty string group'
            raise forbid(user, attributes, f'impersonating {which} is not allowed')
        demand(attributes)
    return _complete(wanted, mode)


def _list_identities(mode: _Mode, wanted: User) -> Iterator[Attributes]:
    """All that a user consists of: each part is to be allowed."""
    node, account = _node_of(wanted), split_account(wanted.name)
    if mode.name and node:
        name = '*' if mode.name == 'associated-node' else node
        yield Attributes(mode.verb, mode.group, 'nodes', name=name)
    elif account:
        namespace, name = account
        yield Attributes(mode.verb, mode.group, 'serviceaccounts', namespace=namespace, name=name)
    else:
        yield Attributes(mode.verb, mode.group, 'users', name=wanted.name)
    if wanted.uid:
        yield Attributes(mode.verb, _IDENTITIES, 'uids', name=wanted.uid)
    for group in wanted.groups:
        yield Attributes(mode.verb, mode.group, 'groups', name=group)
    for key, values in wanted.extra:
        for value in values:
            yield Attributes(mode.verb, _IDENTITIES, 'userextras', key, name=value)


def _complete(wanted: User, mode: _Mode) -> User:
    """The user with the groups that nobody has to ask for."""
    groups, account = wanted.groups, split_account(wanted.name)
    if mode.name and _node_of(wanted):
        groups = (_NODES,)
    elif account and not groups:
        groups = groups_of_account(account[0])
    if wanted.name == ANONYMOUS.name:
        added = UNAUTHENTICATED
    else:
        added = '' if UNAUTHENTICATED in groups else AUTHENTICATED
    return wanted._replace(groups=groups if not added or added in groups else (*groups, added))


def _node_of(user: User) -> str:
    """The node that somebody is; empty if they are none."""
    name = user.name.removeprefix(_NODE)
    return '' if name == user.name or list(check_subdomain(name)) else name


def _show(uid: str, groups: tuple[str, ...], extra: tuple[tuple[str, tuple[str, ...]], ...]) -> str:
    """The user as Go prints it by ``%#v``."""

    def texts(values: tuple[str, ...]) -> str:
        return f'[]string{{{", ".join(map(show, values))}}}'

    shown = ', '.join(f'{show(key)}:{texts(values)}' for key, values in sorted(extra))
    return (
        f'&user.DefaultInfo{{Name:"", UID:{show(uid)}, Groups:{texts(groups) if groups else "[]string(nil)"}, '
        f'Extra:{f"map[string][]string{{{shown}}}" if extra else "map[string][]string(nil)"}}}'
    )
