"""What is written in the name of its user: who asks for a certificate, and that nobody gives more than they have."""

from kmock_k8s.cluster.access.attributes import Attributes, read_attributes
from kmock_k8s.cluster.access.bootstrap import API_GROUP
from kmock_k8s.cluster.access.deciding import Authorizer
from kmock_k8s.cluster.access.rules import EVERYTHING, Rule, find_missing, read_rules, show_texts
from kmock_k8s.cluster.access.users import User
from kmock_k8s.cluster.backend import Backend
from kmock_k8s.cluster.kinds import Kind
from kmock_k8s.cluster.statuses import Named, not_found, refused, show
from kmock_k8s.cluster.structures import part_of
from kmock_k8s.cluster.write_options import WriteOptions
from kmock_k8s.model.encoding import JSONObject
from kmock_k8s.model.metadata import metadata_of

_IDENTITY = ('username', 'uid', 'groups', 'extra')
_ROLES = frozenset({'Role', 'ClusterRole'})
_BINDINGS = frozenset({'RoleBinding', 'ClusterRoleBinding'})
_OF_SIGNERS = {'approval': 'approve', 'status': 'sign'}
_OF_COLLECTOR = frozenset({'ownerReferences', 'finalizers', 'managedFields', 'resourceVersion'})


def attend(kind: Kind, content: JSONObject, live: JSONObject | None, backend: Backend, options: WriteOptions) -> None:
    """Complete an object by what is known of who writes it, in place.

    Raises:
        KubernetesError: they may not give others what they do not have.
    """
    if options.request is None:
        return
    access = backend.access
    user = access.user_of(options.request)
    if kind.name == 'CertificateSigningRequest':
        _identify(content, live, user)
    if not access.by_roles or user.is_master or (live is not None and _is_kept(content, live)):
        return
    wanted = read_attributes(options.request.method_name, options.request.target)
    if kind.name in _ROLES:
        _check_role(kind, content, live, user, wanted, access.authorizer)
    elif kind.name in _BINDINGS:
        _check_binding(kind, content, user, wanted, access.authorizer)
    elif kind.name == 'CertificateSigningRequest' and live is not None:
        _check_signer(kind, content, live, user, wanted, access.authorizer)


def _identify(content: JSONObject, live: JSONObject | None, user: User) -> None:
    """Let a request for a certificate say who makes it; what it says does not change."""
    if live is not None:
        if 'spec' in live:
            content['spec'] = live['spec']
        return
    given = {key: value for key, value in part_of(content, 'spec').items() if key not in _IDENTITY}
    content['spec'] = {**given, **user.show()}


def _is_kept(content: JSONObject, live: JSONObject) -> bool:
    """Tell if there is nothing new but what garbage collectors write."""

    def essence(one: JSONObject) -> JSONObject:
        metadata = {key: value for key, value in metadata_of(one).items() if key not in _OF_COLLECTOR}
        return {**one, 'metadata': metadata}

    return essence(content) == essence(live)


def _check_role(
    kind: Kind, content: JSONObject, live: JSONObject | None, user: User, wanted: Attributes, authorizer: Authorizer
) -> None:
    if authorizer.decide(user, wanted._replace(verb='escalate', subresource='')).allowed:
        return
    name = metadata_of(content).get('name') or ''
    _demand(kind, name, user, wanted.namespace, read_rules(content), authorizer)
    if content.get('aggregationRule') is not None or (live or {}).get('aggregationRule') is not None:
        held, _ = authorizer.list_rules(user, '')
        if find_missing(held, EVERYTHING):
            raise refused(kind.of(name), 'must have cluster-admin privileges to use the aggregationRule')


def _check_binding(kind: Kind, content: JSONObject, user: User, wanted: Attributes, authorizer: Authorizer) -> None:
    role = part_of(content, 'roleRef')
    plural = {'Role': 'roles', 'ClusterRole': 'clusterroles'}.get(str(role.get('kind')))
    if plural is None:
        return  # there is no such role: that is told with all else that is wrong
    target = str(role.get('name') or '')
    if authorizer.decide(user, Attributes('bind', API_GROUP, plural, '', wanted.namespace, target)).allowed:
        return
    rules = authorizer.find_rules(role, wanted.namespace)
    if rules is None:
        raise not_found(Named(API_GROUP, plural, target))
    _demand(kind, metadata_of(content).get('name') or '', user, wanted.namespace, rules, authorizer)


def _check_signer(
    kind: Kind, content: JSONObject, live: JSONObject, user: User, wanted: Attributes, authorizer: Authorizer
) -> None:
    """Refuse to approve or to sign for a signer (``plugin/pkg/admission/certificates``)."""
    verb = _OF_SIGNERS.get(wanted.subresource)
    if verb is None or (verb == 'sign' and part_of(content, 'status') == part_of(live, 'status')):
        return
    signer = str(part_of(live, 'spec').get('signerName') or '')
    domain, _, _ = signer.partition('/')
    for name in (signer, f'{domain}/*'):
        if authorizer.decide(user, Attributes(verb, kind.group, 'signers', name=name)).allowed:
            return
    why = f'user not permitted to {verb} requests with signerName {show(signer)}'
    raise refused(kind.of(metadata_of(live).get('name') or ''), why)


def _demand(kind: Kind, name: str, user: User, namespace: str, rules: tuple[Rule, ...], authorizer: Authorizer) -> None:
    """Refuse to give others what the user does not have."""
    held, error = authorizer.list_rules(user, namespace)
    missing = find_missing(held, rules)
    if missing:
        told = '\n'.join(missing) + (f'; resolution errors: [{error}]' if error else '')
        who = f'user {show(user.name)} (groups={show_texts(user.groups)})'
        why = f'{who} is attempting to grant RBAC permissions not currently held:\n{told}'
        raise refused(kind.of(name), why)
