"""The users of a cluster, and how tests write them down."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any, NamedTuple, TypeAlias, cast

from kmock_k8s.model.encoding import JSONObject

MASTERS = 'system:masters'
"""The group whose members may do everything, whatever the roles say."""
AUTHENTICATED = 'system:authenticated'
UNAUTHENTICATED = 'system:unauthenticated'

_ACCOUNT = 'system:serviceaccount:'
_ACCOUNTS = 'system:serviceaccounts'

UserNotation: TypeAlias = Collection[str] | Mapping[str, Any]
"""A username; or the groups; or ``username``, ``uid``, ``groups``, ``extra``."""

_FIELDS = ('username', 'uid', 'groups', 'extra')
_EXAMPLE = "['developers'], or 'jane', or {'username': 'jane', 'uid': '1', 'groups': ['developers'], 'extra': {}}"


class User(NamedTuple):
    """Somebody who asks."""

    name: str
    uid: str = ''
    groups: tuple[str, ...] = ()
    extra: tuple[tuple[str, tuple[str, ...]], ...] = ()

    @property
    def is_master(self) -> bool:
        """Whether all is allowed."""
        return MASTERS in self.groups

    def show(self) -> JSONObject:
        """The user as a ``UserInfo``; what is empty is left out."""
        extra = {key: list(values) for key, values in self.extra}
        fields = {'username': self.name, 'uid': self.uid, 'groups': list(self.groups), 'extra': extra}
        return {key: value for key, value in fields.items() if value}


ADMIN = User('kubernetes-admin', groups=(MASTERS, AUTHENTICATED))
"""Who asks where nobody is told apart."""
SERVER = User('system:apiserver', groups=(MASTERS, AUTHENTICATED))
"""Who asks where the server asks itself."""
ANONYMOUS = User('system:anonymous', groups=(UNAUTHENTICATED,))


def make_authenticated(user: User) -> User:
    """The user in the group of all whose identity is known."""
    if AUTHENTICATED in user.groups or UNAUTHENTICATED in user.groups:
        return user
    return user._replace(groups=(*user.groups, AUTHENTICATED))


# ---- Service accounts ----


def name_account(namespace: str, name: str) -> str:
    """The username of a service account."""
    return f'{_ACCOUNT}{namespace}:{name}'


def groups_of_account(namespace: str) -> tuple[str, ...]:
    """The groups that each service account of a namespace is in, besides that of all whose identity is known."""
    return (_ACCOUNTS, f'{_ACCOUNTS}:{namespace}')


def split_account(username: str) -> tuple[str, str] | None:
    """The namespace and the name of a service account; None if it is another user.

    >>> split_account('system:serviceaccount:default:robot')
    ('default', 'robot')
    """
    if not username.startswith(_ACCOUNT):
        return None
    namespace, colon, name = username.removeprefix(_ACCOUNT).partition(':')
    return (namespace, name) if namespace and colon and name and ':' not in name else None


# ---- Notations ----


def read_tokens(tokens: Any) -> dict[str, User]:
    """The users by their tokens, as tests write them down.

    Raises:
        ValueError: there is something else than tokens with users; the message says what to type.
    """
    known: Mapping[Any, Any] = tokens
    if not isinstance(tokens, Mapping):
        raise ValueError(f"tokens are {{'a-token': {_EXAMPLE}}}, not {tokens!r}")
    return {_check_token(token): read_user(token, user) for token, user in known.items()}


def read_user(token: str, user: object) -> User:
    """The user of a token.

    >>> read_user('admin-token', ['system:masters'])
    User(name='admin', uid='admin-uid', groups=('system:masters', 'system:authenticated'), extra=())
    """
    fields: Mapping[str, Any]
    if isinstance(user, str):
        fields = {'username': user}
    elif isinstance(user, Mapping):
        fields = cast('Mapping[str, Any]', user)
    elif isinstance(user, Iterable):
        fields = {'groups': user}
    else:
        raise ValueError(f'tokens[{token!r}] is {_EXAMPLE}, not {user!r}')
    unknown = [key for key in fields if key not in _FIELDS]
    if unknown:
        raise ValueError(f'tokens[{token!r}] has {unknown[0]!r} (known: {", ".join(_FIELDS)})')
    name = _read_text(token, fields, 'username', token.removesuffix('-token') or token)
    uid = _read_text(token, fields, 'uid', f'{name}-uid')
    groups = _read_texts(fields.get('groups') or (), f'tokens[{token!r}], the groups')
    given: Any = fields.get('extra') or {}
    extras: Mapping[Any, Any] = given
    if not isinstance(given, Mapping):
        raise ValueError(f"tokens[{token!r}], the extra is {{'a-key': ['a-value']}}, not {given!r}")
    extra = tuple(
        (str(key), _read_texts(values, f'tokens[{token!r}], the extra {key!r}')) for key, values in extras.items()
    )
    return make_authenticated(User(name, uid, groups, extra))


def _check_token(token: object) -> str:
    if not isinstance(token, str) or not token or any(char.isspace() for char in token):
        raise ValueError(f"a token is a text without spaces, as 'admin-token', not {token!r}")
    return token


def _read_text(token: str, fields: Mapping[str, Any], field: str, default: str) -> str:
    value = fields.get(field, default)
    if not isinstance(value, str) or (field == 'username' and not value):
        raise ValueError(f'tokens[{token!r}], the {field} is a text, not {value!r}')
    return value


def _read_texts(given: Any, what: str) -> tuple[str, ...]:
    items: Iterable[Any] = given
    if isinstance(given, Iterable) and not isinstance(given, (str, bytes, Mapping)):
        texts = tuple(items)
        if all(isinstance(text, str) for text in texts):
            return texts
    raise ValueError(f"{what} are texts in a list, as ['developers'], not {given!r}")
