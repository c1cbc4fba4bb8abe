"""What keeps roles and their bindings from being valid."""

from collections.abc import Callable, Iterator

from kmock_k8s.cluster.statuses import Cause, invalid_value, not_supported, required
from kmock_k8s.cluster.structures import items_of, part_of
from kmock_k8s.cluster.validating.selectors import check_selector
from kmock_k8s.model.encoding import JSONObject

_GROUP = 'rbac.authorization.k8s.io'


def validate_role(*, namespaced: bool) -> Callable[[JSONObject, JSONObject | None], Iterator[Cause]]:
    """What checks the rules of a role.

    Args:
        namespaced: whether it is a Role; else a ClusterRole.
    """

    def validate(content: JSONObject, live: JSONObject | None) -> Iterator[Cause]:
        for index, rule in enumerate(content.get('rules') or ()):
            yield from _check_rule(rule, f'rules[{index}]', namespaced=namespaced)
        aggregation: JSONObject | None = content.get('aggregationRule')
        if not namespaced and aggregation is not None:
            yield from _check_aggregation(items_of(aggregation, 'clusterRoleSelectors'))

    return validate


def _check_aggregation(selectors: list[JSONObject]) -> Iterator[Cause]:
    path = 'aggregationRule.clusterRoleSelectors'
    if not selectors:
        yield required(path, 'at least one clusterRoleSelector required if aggregationRule is non-nil')
    for index, selector in enumerate(selectors):
        yield from check_selector(selector, f'{path}[{index}]')


def _check_rule(rule: JSONObject, path: str, *, namespaced: bool) -> Iterator[Cause]:
    if not rule.get('verbs'):
        yield required(f'{path}.verbs', 'verbs must contain at least one value')
    urls = rule.get('nonResourceURLs')
    if urls:
        if namespaced:
            detail = 'namespaced rules cannot apply to non-resource URLs'
            yield invalid_value(f'{path}.nonResourceURLs', urls, detail)
        if rule.get('apiGroups') or rule.get('resources') or rule.get('resourceNames'):
            detail = 'rules cannot apply to both regular resources and non-resource URLs'
            yield invalid_value(f'{path}.nonResourceURLs', urls, detail)
        return
    if not rule.get('apiGroups'):
        yield required(f'{path}.apiGroups', 'resource rules must supply at least one api group')
    if not rule.get('resources'):
        yield required(f'{path}.resources', 'resource rules must supply at least one resource')


def validate_binding(*kinds: str) -> Callable[[JSONObject, JSONObject | None], Iterator[Cause]]:
    """What checks a binding.

    Args:
        kinds: those of the roles that it can refer to.
    """

    def validate(content: JSONObject, live: JSONObject | None) -> Iterator[Cause]:
        role: JSONObject = part_of(content, 'roleRef')
        if role.get('apiGroup') != _GROUP:
            yield not_supported('roleRef.apiGroup', role.get('apiGroup') or '', (_GROUP,))
        if role.get('kind') not in kinds:
            yield not_supported('roleRef.kind', role.get('kind') or '', kinds)
        if not role.get('name'):
            yield required('roleRef.name')
        for index, subject in enumerate(content.get('subjects') or ()):
            yield from _check_subject(subject, f'subjects[{index}]')
        if live is not None and role != live.get('roleRef'):
            yield invalid_value('roleRef', role, 'cannot change roleRef')

    return validate


def _check_subject(subject: JSONObject, path: str) -> Iterator[Cause]:
    if not subject.get('name'):
        yield required(f'{path}.name')
    kind, group = subject.get('kind') or '', subject.get('apiGroup') or ''
    if kind == 'ServiceAccount':
        if not subject.get('namespace'):
            yield required(f'{path}.namespace')
        if group:
            yield not_supported(f'{path}.apiGroup', group, ('',))
    elif kind in {'User', 'Group'}:
        if group != _GROUP:
            yield not_supported(f'{path}.apiGroup', group, (_GROUP,))
    else:
        yield not_supported(f'{path}.kind', kind, ('ServiceAccount', 'User', 'Group'))
