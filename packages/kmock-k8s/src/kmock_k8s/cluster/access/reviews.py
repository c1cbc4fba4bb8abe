"""What somebody may do, and who they are: the kinds that are only answered, and never kept (``pkg/registry``)."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, cast

from kmock_core.values.responses import Answer
from kmock_k8s.api.calls import Call
from kmock_k8s.cluster.access.access import Access
from kmock_k8s.cluster.access.attributes import Attributes
from kmock_k8s.cluster.access.review_checks import check_local, check_review, check_self
from kmock_k8s.cluster.access.rules import show_rules
from kmock_k8s.cluster.access.users import User
from kmock_k8s.cluster.backend import Backend, answer
from kmock_k8s.cluster.identity import place
from kmock_k8s.cluster.kinds import Kind
from kmock_k8s.cluster.statuses import Cause, Named, bad_request, invalid
from kmock_k8s.cluster.structures import items_of, part_of
from kmock_k8s.cluster.writing import arrange, receive, track
from kmock_k8s.model.encoding import JSONObject, encode
from kmock_k8s.model.metadata import metadata_of


class _Review(NamedTuple):
    """What is asked, by whom, and of whom."""

    content: JSONObject
    user: User
    access: Access
    backend: Backend

    @property
    def spec(self) -> JSONObject:
        return part_of(self.content, 'spec')


def review(call: Call, kind: Kind, backend: Backend) -> Answer:
    """POST: answer what is asked; nothing is stored."""
    options, decoded, warnings = receive(call, kind, 'CreateOptions')
    content = decoded.content
    metadata: JSONObject = {**metadata_of(content)}
    content['metadata'] = metadata
    place(metadata, kind, call.location.namespace)
    metadata.pop('managedFields', None)
    track(None, content, kind, backend, options)
    access = backend.access
    asked = _Review(content, access.user_of(call.request), access, backend)
    return answer(encode(_REVIEWS[kind.name](asked)), 201, warnings)


# ---- What somebody may do ----


def _review_self(asked: _Review) -> JSONObject:
    _refuse(asked, check_self(_ordered(asked.content)))
    return _decide(asked, asked.user)


def _review_subject(asked: _Review) -> JSONObject:
    _refuse(asked, check_review(_ordered(asked.content)))
    return _decide(asked, _read_user(asked.spec))


def _review_local(asked: _Review) -> JSONObject:
    _refuse(asked, check_local(_ordered(asked.content)))
    return _decide(asked, _read_user(asked.spec))


def _review_rules(asked: _Review) -> JSONObject:
    namespace: str = asked.spec.get('namespace') or ''
    if not namespace:
        raise bad_request('no namespace on request')
    rules, error = asked.access.authorizer.list_rules(asked.user, namespace)
    resources, urls = show_rules(rules)
    status: JSONObject = {'resourceRules': resources, 'nonResourceRules': urls, 'incomplete': False}
    if error:
        status['evaluationError'] = error
    return {**_type_of(asked.content), 'metadata': {}, 'spec': {}, 'status': status}


def _decide(asked: _Review, user: User) -> JSONObject:
    decision = asked.access.authorizer.decide(user, _read_attributes(asked.spec))
    status: JSONObject = {'allowed': decision.allowed}
    if decision.reason:
        status['reason'] = decision.reason
    return {**_ordered(asked.content), 'status': status}


def _read_attributes(spec: JSONObject) -> Attributes:
    url: JSONObject | None = spec.get('nonResourceAttributes')
    if url is not None:
        return Attributes(url.get('verb') or '', path=url.get('path') or '')
    wanted: JSONObject = part_of(spec, 'resourceAttributes')
    fields = ('verb', 'group', 'resource', 'subresource', 'namespace', 'name')
    return Attributes(*(wanted.get(field) or '' for field in fields))


def _read_user(spec: JSONObject) -> User:
    extra: Mapping[str, list[str]] = spec.get('extra') or {}
    groups = tuple(items_of(spec, 'groups'))
    told = tuple((key, tuple(values or ())) for key, values in extra.items())
    return User(spec.get('user') or '', spec.get('uid') or '', groups, told)


# ---- Who somebody is ----


def _review_token(asked: _Review) -> JSONObject:
    token: str = asked.spec.get('token') or ''
    if not token:
        raise bad_request('token is required for TokenReview in authentication')
    verdict = asked.access.tokens.check(token.split(' ')[0], tuple(items_of(asked.spec, 'audiences')))
    if verdict.user is None:
        status: JSONObject = {'user': {}, 'error': verdict.error}
    else:
        status = {'authenticated': True, 'user': verdict.user.show(), 'audiences': list(verdict.audiences)}
    return {**_ordered(asked.content), 'status': status}


def _review_own(asked: _Review) -> JSONObject:
    metadata = {'creationTimestamp': asked.backend.now()}
    return {**_type_of(asked.content), 'metadata': metadata, 'status': {'userInfo': asked.user.show()}}


_REVIEWS: Mapping[str, Callable[[_Review], JSONObject]] = {
    'SelfSubjectAccessReview': _review_self,
    'SubjectAccessReview': _review_subject,
    'LocalSubjectAccessReview': _review_local,
    'SelfSubjectRulesReview': _review_rules,
    'TokenReview': _review_token,
    'SelfSubjectReview': _review_own,
}


def _refuse(asked: _Review, causes: list[Cause]) -> None:
    """Refuse what is asked, if there are causes; the kind is not told."""
    if causes:
        group, _, _ = str(asked.content['apiVersion']).partition('/')
        raise invalid(Named(group, ''), causes)


def _ordered(content: JSONObject) -> JSONObject:
    """What was asked, in the order of a real server; there is always a spec."""
    whole = arrange(content)
    fields = {key: value for key, value in whole.items() if key not in {'spec', 'status'}}
    return {**fields, 'spec': cast('Any', whole.get('spec')) or {}}


def _type_of(content: JSONObject) -> JSONObject:
    return {'kind': content['kind'], 'apiVersion': content['apiVersion']}
