"""Whose token it is: one of a test, or one of a service account."""

import base64
import binascii
import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, cast

from kmock_k8s.cluster.access.users import (
    ADMIN,
    User,
    groups_of_account,
    make_authenticated,
    name_account,
    split_account,
)
from kmock_k8s.cluster.backend import Backend
from kmock_k8s.cluster.structures import is_leaving, part_of
from kmock_k8s.cluster.subresources.tokens import ISSUER
from kmock_k8s.model.encoding import JSONObject
from kmock_k8s.model.keys import ObjectKey
from kmock_k8s.model.metadata import metadata_of
from kmock_k8s.model.resources import resource

AUDIENCES = (ISSUER,)
"""For whom a token has to be, to be one for this server."""

_ACCOUNTS = resource('', 'v1', 'serviceaccounts')
_SECRETS = resource('', 'v1', 'secrets')
_OF_ACCOUNT = 'kubernetes.io/service-account-token'
_NAME_OF_ACCOUNT = 'kubernetes.io/service-account.name'
_UNKNOWN = 'invalid bearer token'


class Verdict(NamedTuple):
    """Whose token it is, and for whom; or why it is nobody's."""

    user: User | None
    audiences: tuple[str, ...] = ()
    error: str = ''


class Tokens:
    """All tokens that are known.

    Args:
        users: those of the test; None: any token is that of somebody who may do everything.
        backend: where the service accounts are.
    """

    def __init__(self, users: Mapping[str, User] | None, backend: Backend) -> None:
        self._users = users
        self._backend = backend

    def check(self, token: str, wanted: Sequence[str] = ()) -> Verdict:
        """Whose token it is.

        Args:
            token: as it was shown.
            wanted: for whom it has to be; by default, for this server.
        """
        told = tuple(one for one in wanted if one in AUDIENCES) if wanted else AUDIENCES
        known = None if self._users is None else self._users.get(token)
        if known is not None:
            return Verdict(known, told) if told else Verdict(None, error=_UNKNOWN)
        claims = _read_claims(token)
        if claims is not None:
            return self._check_claims(claims, wanted or AUDIENCES)
        if self._users is None:
            return Verdict(ADMIN, told) if told else Verdict(None, error=_UNKNOWN)
        account = self._find_secret(token)
        return Verdict(None, error=_UNKNOWN) if account is None or not told else Verdict(account, told)

    def _check_claims(self, claims: JSONObject, wanted: Sequence[str]) -> Verdict:
        namespace, name = split_account(str(claims.get('sub'))) or ('', '')
        told: Any = claims.get('aud')
        audiences = tuple(one for one in wanted if isinstance(told, list) and one in told)
        now, end, start = self._backend.clock().timestamp(), claims.get('exp'), claims.get('nbf')
        live = self._find_account(namespace, name)
        why = ''
        if not isinstance(end, int) or now > end:
            why = 'service account token has expired'
        elif isinstance(start, int) and now < start:
            why = 'service account token is not valid yet'
        elif not audiences:
            why = f'token audiences {_show(told)} is invalid for the target audiences {_show(wanted)}'
        elif live is None:
            why = f'serviceaccounts "{name}" not found'
        elif live.get('uid') != (uid := _uid_in(claims)):
            why = f'service account UID ({live.get("uid")}) does not match claim ({uid})'
        if why or live is None:
            return Verdict(None, error=f'[{_UNKNOWN}, {why}]')
        extra = (('authentication.kubernetes.io/credential-id', (f'JTI={claims.get("jti")}',)),)
        return Verdict(_user_of(namespace, live)._replace(extra=extra), audiences)

    def _find_account(self, namespace: str, name: str) -> JSONObject | None:
        state = self._backend.store.get(ObjectKey(_ACCOUNTS, namespace, name)) if name else None
        return None if state is None else metadata_of(state.load())

    def _find_secret(self, token: str) -> User | None:
        """The service account that a secret with a token is for."""
        encoded = base64.b64encode(token.encode('utf-8', 'surrogatepass'))
        for key, state in self._backend.store.select(_SECRETS):
            if encoded not in state.raw or is_leaving(state):
                continue
            content = state.load()
            if content.get('type') != _OF_ACCOUNT or part_of(content, 'data').get('token') != encoded.decode():
                continue
            name: object = part_of(content, 'metadata', 'annotations').get(_NAME_OF_ACCOUNT)
            live = self._find_account(key.namespace or '', str(name))
            if live is not None:
                return _user_of(key.namespace or '', live)
        return None


def _user_of(namespace: str, metadata: JSONObject) -> User:
    name = name_account(namespace, str(metadata.get('name')))
    return make_authenticated(User(name, str(metadata.get('uid')), groups_of_account(namespace)))


def _uid_in(claims: JSONObject) -> object:
    return part_of(claims, 'kubernetes.io', 'serviceaccount').get('uid')


def _read_claims(token: str) -> JSONObject | None:
    """What a token says that looks like one of the server; None if it does not."""
    parts = token.split('.')
    if len(parts) != 3:
        return None
    try:
        claims: Any = json.loads(base64.urlsafe_b64decode(parts[1] + '=' * (-len(parts[1]) % 4)))
    except (ValueError, binascii.Error, RecursionError):
        return None
    fields = cast('JSONObject', claims) if isinstance(claims, dict) else {}
    return fields if fields.get('iss') == ISSUER else None


def _show(audiences: Any) -> str:
    """Audiences as Go prints them by ``%q``."""
    items = cast('Sequence[Any]', audiences) if isinstance(audiences, (list, tuple)) else ()
    return f'[{" ".join(json.dumps(one) for one in items)}]'
