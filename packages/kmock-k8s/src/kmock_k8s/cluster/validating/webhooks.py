"""What keeps the configurations of admission webhooks from being valid."""

from collections.abc import Iterator, Sequence
from typing import Any

from kmock_k8s.cluster.naming import check_subdomain
from kmock_k8s.cluster.statuses import Cause, duplicate, invalid_value, not_supported, required
from kmock_k8s.cluster.structures import items_of, part_of
from kmock_k8s.cluster.validating.clients import REVIEWS, check_client, check_reviews
from kmock_k8s.cluster.validating.selectors import check_selector
from kmock_k8s.cluster.validating.values import check_choice
from kmock_k8s.model.encoding import JSONObject

_EFFECTS = ('None', 'NoneOnDryRun')
_OPERATIONS = ('*', 'CONNECT', 'CREATE', 'DELETE', 'UPDATE')
_SCOPES = ('*', 'Cluster', 'Namespaced')
_MOST_CONDITIONS = 64


def validate_webhooks(content: JSONObject, live: JSONObject | None) -> Iterator[Cause]:
    """The causes to refuse a ValidatingWebhookConfiguration, or a MutatingWebhookConfiguration."""
    hooks: list[JSONObject] = items_of(content, 'webhooks')
    before: list[JSONObject] = items_of(live or {}, 'webhooks')
    known = all(set(hook.get('admissionReviewVersions') or ()) & set(REVIEWS) for hook in before)
    names: list[str] = []
    for index, hook in enumerate(hooks):
        path = f'webhooks[{index}]'
        yield from _check_hook(hook, path)
        field, why = f'{path}.admissionReviewVersions', f'must specify one of {", ".join(REVIEWS)}'
        yield from check_reviews(hook.get('admissionReviewVersions') or [], field, why, known=known)
        name: str = hook.get('name') or ''
        if name and name in names:
            yield duplicate(f'{path}.name', name)
        names.append(name)


def _check_hook(hook: JSONObject, path: str) -> Iterator[Cause]:
    yield from _check_name(hook.get('name') or '', f'{path}.name')
    for index, rule in enumerate(items_of(hook, 'rules')):
        yield from _check_rule(rule, f'{path}.rules[{index}]')
    yield from check_choice(hook.get('failurePolicy'), f'{path}.failurePolicy', ('Fail', 'Ignore'), needed=False)
    yield from check_choice(hook.get('matchPolicy'), f'{path}.matchPolicy', ('Equivalent', 'Exact'), needed=False)
    effects = hook.get('sideEffects')
    if effects is None:
        yield required(f'{path}.sideEffects', f'must specify one of {", ".join(_EFFECTS)}')
    elif effects not in _EFFECTS:
        yield not_supported(f'{path}.sideEffects', effects, _EFFECTS)
    seconds = hook.get('timeoutSeconds')
    if seconds is not None and not 1 <= seconds <= 30:
        yield invalid_value(f'{path}.timeoutSeconds', seconds, 'the timeout value must be between 1 and 30 seconds')
    for field in ('namespaceSelector', 'objectSelector'):
        yield from check_selector(hook.get(field), f'{path}.{field}')
    policies = ('IfNeeded', 'Never')
    yield from check_choice(hook.get('reinvocationPolicy'), f'{path}.reinvocationPolicy', policies, needed=False)
    yield from check_client(part_of(hook, 'clientConfig'), f'{path}.clientConfig')
    yield from _check_conditions(items_of(hook, 'matchConditions'), f'{path}.matchConditions')


def _check_name(name: str, field: str) -> Iterator[Cause]:
    wrong = ','.join(check_subdomain(name))
    if not name:
        yield required(field)
    elif wrong:
        yield invalid_value(field, name, wrong)
    elif name.count('.') < 2:
        yield invalid_value(field, name, 'should be a domain with at least three segments separated by dots')


def _check_rule(rule: JSONObject, path: str) -> Iterator[Cause]:
    operations: list[Any] = items_of(rule, 'operations')
    yield from _check_any(operations, f'{path}.operations', 'operations')
    for index, one in enumerate(operations):
        if one not in _OPERATIONS:
            yield not_supported(f'{path}.operations[{index}]', one, _OPERATIONS)
    yield from _check_any(items_of(rule, 'apiGroups'), f'{path}.apiGroups', 'API groups')
    versions: list[Any] = items_of(rule, 'apiVersions')
    yield from _check_any(versions, f'{path}.apiVersions', 'API versions')
    for index, one in enumerate(versions):
        if not one:
            yield required(f'{path}.apiVersions[{index}]')
    yield from _check_resources(items_of(rule, 'resources'), f'{path}.resources')
    yield from check_choice(rule.get('scope'), f'{path}.scope', _SCOPES, needed=False)


def _check_any(values: Sequence[Any], field: str, what: str) -> Iterator[Cause]:
    if not values:
        yield required(field)
    elif len(values) > 1 and '*' in values:
        yield invalid_value(field, values, f"if '*' is present, must not specify other {what}")


def _check_resources(resources: list[str], field: str) -> Iterator[Cause]:
    if not resources:
        yield required(field)
    below_any: set[str] = set()
    of_any: set[str] = set()
    for index, one in enumerate(resources):
        place = f'{field}[{index}]'
        resource, slash, part = one.partition('/')
        if not one:
            yield required(place)
        if not slash:
            continue
        if resource in below_any:
            yield invalid_value(place, one, f"if '{resource}/*' is present, must not specify {one}")
        if part in of_any:
            yield invalid_value(place, one, f"if '*/{part}' is present, must not specify {one}")
        below_any |= {resource} if part == '*' else set()
        of_any |= {part} if resource == '*' else set()
    if len(resources) > 1 and '*/*' in resources:
        yield invalid_value(field, resources, "if '*/*' is present, must not specify other resources")
    if '*' in resources and any('/' not in one and one != '*' for one in resources):
        detail = "if '*' is present, must not specify other resources without subresources"
        yield invalid_value(field, resources, detail)


def _check_conditions(conditions: list[JSONObject], path: str) -> Iterator[Cause]:
    if len(conditions) > _MOST_CONDITIONS:
        yield Cause('FieldValueTooMany', f'Too many: {len(conditions)}: must have at most 64 items', path)
    names: set[str] = set()
    for index, one in enumerate(conditions):
        for field in ('name', 'expression'):
            if not str(one.get(field) or '').strip():
                yield required(f'{path}[{index}].{field}')
        name = one.get('name') or ''
        if name and name in names:
            yield duplicate(f'{path}[{index}].name', name)
        names.add(name)
