"""Who asks, and whether they may: what a cluster demands of each request before it does anything."""

import base64
import binascii
from collections.abc import Iterator, Mapping

from kmock_core import Request
from kmock_k8s.api.sockets import find_socket_token
from kmock_k8s.cluster.access.attributes import read_attributes
from kmock_k8s.cluster.access.bootstrap import API_GROUP, list_bootstrap, list_everybody
from kmock_k8s.cluster.access.deciding import AllowsAll, Authorizer, ByRoles
from kmock_k8s.cluster.access.grants import Grants
from kmock_k8s.cluster.access.impersonating import impersonate, read_wanted
from kmock_k8s.cluster.access.refusing import forbid, unauthorized
from kmock_k8s.cluster.access.tokens import Tokens
from kmock_k8s.cluster.access.users import ADMIN, ANONYMOUS, SERVER, User, UserNotation, read_tokens
from kmock_k8s.cluster.backend import Backend
from kmock_k8s.cluster.creating import insert
from kmock_k8s.cluster.write_options import BY_ITSELF
from kmock_k8s.model.encoding import JSONObject
from kmock_k8s.model.resources import resource
from kmock_k8s.store.spi import ObjectStore

_RESOURCES = tuple(
    resource(API_GROUP, 'v1', plural) for plural in ('clusterroles', 'clusterrolebindings', 'roles', 'rolebindings')
)


class Access:
    """Knows the users of a cluster, and what they may do.

    Args:
        tokens: the users by their tokens, in the notation of tests; None: whoever asks may do everything.
        authorization: ``'rbac'``: by the roles in the store; ``'always'``: everybody may do everything; None: who is no
            member of ``system:masters`` may only do what everybody may in a real cluster.
        backend: where the objects are.
    """

    def __init__(self, tokens: Mapping[str, UserNotation] | None, authorization: str | None, backend: Backend) -> None:
        self._users = None if tokens is None else read_tokens(tokens)
        self.tokens: Tokens = Tokens(self._users, backend)
        self.by_roles: bool = authorization == 'rbac'
        self.authorizer: Authorizer
        self._stored: StoredGrants | None = None
        self._backend = backend
        if authorization == 'always' or (tokens is None and not self.by_roles):
            self.authorizer = AllowsAll()
        elif self.by_roles:
            self._stored = StoredGrants(backend.store)
            self.authorizer = ByRoles(self._stored.read)
        else:
            everybody = Grants(list_everybody())
            self.authorizer = ByRoles(lambda: everybody)

    @property
    def first_token(self) -> str | None:
        """The token of somebody who may do everything, if there is one; else the first one."""
        users = self._users or {}
        return next((token for token, user in users.items() if user.is_master), next(iter(users), None))

    def fill(self) -> None:
        """Put into the store what a new cluster has of roles; it counts there only if roles do."""
        if self.by_roles:
            for content in list_bootstrap():
                kind = self._backend.find_kind(_resource_of(content))
                if kind is not None:
                    insert(content, kind, content['metadata'].get('namespace'), self._backend, BY_ITSELF)

    def reload(self) -> None:
        """Look at all roles anew: what is in the store was replaced as a whole."""
        if self._stored is not None:
            self._stored.forget()

    # ---- Who ----

    def trust(self, request: Request) -> Request:
        """Let a request be one of the server itself, which nobody else can make."""
        request.once(Access, lambda: SERVER)
        return request

    def user_of(self, request: Request) -> User:
        """Who asks: whom the token is of, or in whose name they ask.

        Raises:
            KubernetesError: that is not known, or they may not ask in that name.
        """
        return request.once(Access, lambda: self._identify(request))

    def _identify(self, request: Request) -> User:
        user = self._authenticate(request)
        wanted = read_wanted(request.header_values)
        if wanted is None:
            return user
        return impersonate(user, wanted, read_attributes(request.method_name, request.target), self.authorizer)

    def _authenticate(self, request: Request) -> User:
        token = _find_token(request)
        if token is None:
            return ADMIN if self._users is None else ANONYMOUS
        user = self.tokens.check(token).user
        if user is None:
            if self._users is None and not self.by_roles:
                return ADMIN
            raise unauthorized()
        return user

    # ---- Whether ----

    def admit(self, request: Request) -> None:
        """Let those pass who may do what they ask for.

        Raises:
            KubernetesError: others.
        """
        user = self.user_of(request)
        wanted = read_attributes(request.method_name, request.target)
        decision = self.authorizer.decide(user, wanted)
        if not decision.allowed:
            raise forbid(user, wanted, decision.reason)


class StoredGrants:
    """The grants of the roles and bindings in a store: read anew only after one of them has changed."""

    def __init__(self, store: ObjectStore) -> None:
        self._store = store
        self._grants: Grants | None = None
        for one in _RESOURCES:
            store.subscribe(self.forget, one)

    def forget(self, _: object = None) -> None:
        """Read them anew when they are asked for."""
        self._grants = None

    def read(self) -> Grants:
        """The grants as they are now."""
        grants = self._grants
        if grants is None:
            with self._store.lock:
                grants = self._grants = Grants(self._list())
        return grants

    def _list(self) -> Iterator[JSONObject]:
        for one in _RESOURCES:
            for _, state in self._store.select(one):
                yield state.load()


def _resource_of(content: JSONObject) -> resource:
    return resource(API_GROUP, 'v1', f'{content["kind"].lower()}s')


def _find_token(request: Request) -> str | None:
    """The token that is shown; None if there is none, or something else."""
    scheme, _, token = request.header_values.get(b'authorization', [''])[0].strip().partition(' ')
    token = token.partition(' ')[0]
    if scheme.lower() == 'bearer' and token:
        return token
    encoded = find_socket_token(request)
    return None if encoded is None else _decode(encoded)


def _decode(encoded: str) -> str:
    try:
        return base64.urlsafe_b64decode(encoded + '=' * (-len(encoded) % 4)).decode()
    except (binascii.Error, ValueError):
        return ''
