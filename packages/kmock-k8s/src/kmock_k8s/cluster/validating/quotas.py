"""What keeps quotas and the ranges of limits from being valid."""

from collections.abc import Iterator, Mapping
from typing import Any

from kmock_k8s.cluster.formats.quantities import amount_of
from kmock_k8s.cluster.naming import check_qualified
from kmock_k8s.cluster.statuses import Cause, duplicate, forbidden, invalid_value, required
from kmock_k8s.cluster.structures import items_of, part_of
from kmock_k8s.model.encoding import JSONObject

_COUNTED = frozenset({
    'pods', 'resourcequotas', 'services', 'replicationcontrollers', 'secrets', 'configmaps', 'persistentvolumeclaims',
    'services.nodeports', 'services.loadbalancers',
})  # fmt: skip
_COMPUTED = frozenset({'cpu', 'memory', 'ephemeral-storage'})
_OF_QUOTAS = _COUNTED | _COMPUTED | {
    'requests.cpu', 'requests.memory', 'requests.storage', 'requests.ephemeral-storage', 'limits.cpu',
    'limits.memory', 'limits.ephemeral-storage',
}  # fmt: skip
_STANDARD = _OF_QUOTAS | {'storage'}
_PAGES = ('hugepages-', 'requests.hugepages-')
_KINDS = ('Pod', 'Container', 'PersistentVolumeClaim')
_SCOPES = (
    'Terminating', 'NotTerminating', 'BestEffort', 'NotBestEffort', 'PriorityClass', 'CrossNamespacePodAffinity',
    'VolumeAttributesClass',
)  # fmt: skip
_EXISTING = frozenset(_SCOPES) - {'PriorityClass', 'VolumeAttributesClass'}
_OF_PODS = _COMPUTED | {'pods', 'requests.cpu', 'requests.memory', 'requests.ephemeral-storage', 'limits.cpu',
                        'limits.memory', 'limits.ephemeral-storage'}  # fmt: skip
_PAIRS = (('BestEffort', 'NotBestEffort'), ('NotTerminating', 'Terminating'))
_ALLOWED: Mapping[str, frozenset[str]] = {
    **dict.fromkeys(_SCOPES, frozenset(_OF_PODS)),
    'BestEffort': frozenset({'pods'}),
    'VolumeAttributesClass': frozenset({'persistentvolumeclaims', 'requests.storage'}),
}
"""The standard resources that can be counted in a scope."""


def validate_quota(content: JSONObject, live: JSONObject | None) -> Iterator[Cause]:
    """The causes to refuse a ResourceQuota."""
    spec: JSONObject = part_of(content, 'spec')
    for part, fields in (('spec', ('hard',)), ('status', ('hard', 'used'))):
        for field in fields:
            for name, amount in part_of(content, part, field).items():
                yield from _check_amount(name, amount, f'{part}.{field}[{name}]')
    scopes: list[Any] = items_of(spec, 'scopes')
    for scope in scopes:
        if scope not in _SCOPES:
            yield invalid_value('spec.scopes', scopes, 'unsupported scope')
        yield from _check_scope(scope, spec, scopes, 'spec.scopes')
    yield from _check_pairs({*scopes}, scopes, 'spec.scopes')
    selector: JSONObject | None = spec.get('scopeSelector')
    if selector is not None:
        yield from _check_selector(selector, spec, 'spec.scopeSelector.matchExpressions')
    if live is not None and {*scopes} != {*items_of(part_of(live, 'spec'), 'scopes')}:
        yield invalid_value('spec.scopes', scopes or None, 'field is immutable')


def _check_amount(name: str, amount: Any, field: str) -> Iterator[Cause]:
    yield from _check_resource(name, field)
    if '/' not in name and name not in _OF_QUOTAS and not name.startswith(_PAGES):
        yield invalid_value(field, name, 'must be a standard resource for quota')
    if amount_of(amount) < 0:
        yield invalid_value(field, amount, 'must be greater than or equal to 0')
    if name in _COUNTED and amount_of(amount).denominator != 1:
        yield invalid_value(field, amount, 'must be an integer')


def _check_resource(name: str, field: str) -> Iterator[Cause]:
    for detail in check_qualified(name):
        yield invalid_value(field, name, detail)
    if '/' not in name and name not in _STANDARD and not name.startswith(_PAGES):
        yield invalid_value(field, name, 'must be a standard resource type or fully qualified')


def _check_scope(scope: Any, spec: JSONObject, shown: Any, path: str) -> Iterator[Cause]:
    for name in sorted(part_of(spec, 'hard')):
        if name in _OF_QUOTAS and name not in _ALLOWED.get(scope, ()):
            yield invalid_value(path, shown, 'unsupported scope applied to resource')


def _check_pairs(scopes: set[Any], shown: Any, path: str) -> Iterator[Cause]:
    for pair in _PAIRS:
        if scopes.issuperset(pair):
            yield invalid_value(path, shown or None, 'conflicting scopes')


def _check_selector(selector: JSONObject, spec: JSONObject, path: str) -> Iterator[Cause]:
    scopes: set[Any] = set()
    for one in items_of(selector, 'matchExpressions'):
        scope, operator, values = one.get('scopeName') or '', one.get('operator') or '', one.get('values')
        scopes.add(scope)
        if scope not in _SCOPES:
            yield invalid_value(f'{path}.scopeName', scope, 'unsupported scope')
        yield from _check_scope(scope, spec, selector, path)
        if scope in _EXISTING and operator != 'Exists':
            known = 'ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, '
            last = 'ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity'
            yield invalid_value(f'{path}.operator', operator, f"must be 'Exist' when scope is any of {known}{last}")
        if operator in {'In', 'NotIn'}:
            if not values:
                detail = "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector"
                yield required(f'{path}.values', detail)
        elif operator in {'Exists', 'DoesNotExist'}:
            if values:
                detail = "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector"
                yield invalid_value(f'{path}.values', values, detail)
        else:
            yield invalid_value(f'{path}.operator', operator, 'not a valid selector operator')
    yield from _check_pairs(scopes, items_of(spec, 'scopes'), path)


# ---- Ranges of limits ----


def validate_limit_range(content: JSONObject, live: JSONObject | None) -> Iterator[Cause]:
    """The causes to refuse a LimitRange."""
    kinds: set[str] = set()
    for index, limit in enumerate(items_of(part_of(content, 'spec'), 'limits')):
        path, kind = f'spec.limits[{index}]', limit.get('type') or ''
        for detail in check_qualified(kind):
            yield invalid_value(f'{path}.type', kind, detail)
        if '/' not in kind and kind not in _KINDS:
            yield invalid_value(f'{path}.type', kind, 'must be a standard limit type or fully qualified')
        if kind in kinds:
            yield duplicate(f'{path}.type', kind)
        kinds.add(kind)
        yield from _check_limit(limit, kind, path)


def _check_limit(limit: JSONObject, kind: str, path: str) -> Iterator[Cause]:
    fields = ['max', 'min', 'default', 'defaultRequest', 'maxLimitRequestRatio']
    if kind == 'Pod':
        for field in ('default', 'defaultRequest'):
            if limit.get(field):
                yield forbidden(f'{path}.{field}', "may not be specified when `type` is 'Pod'")
        fields = ['max', 'min', 'maxLimitRequestRatio']
    names: set[str] = set()
    for field in fields:
        for name in part_of(limit, field):
            names.add(name)
            yield from _check_limited(name, kind, f'{path}.{field}[{name}]')
    if kind == 'PersistentVolumeClaim' and not {'storage'} & {*part_of(limit, 'min'), *part_of(limit, 'max')}:
        detail = 'either minimum or maximum storage value is required, but neither was provided'
        yield required(f'{path}.limits', detail)
    for name in sorted(names):
        amounts = {field: part_of(limit, field).get(name) for field in fields}
        yield from _check_order(amounts, name, path)
        yield from _check_ratio(amounts, name, path)


def _check_limited(name: str, kind: str, field: str) -> Iterator[Cause]:
    yield from _check_resource(name, field)
    if kind in {'Pod', 'Container'} and '/' not in name and name not in _COMPUTED and not name.startswith('hugepages-'):
        yield invalid_value(field, name, 'must be a standard resource for containers')


_ORDERS = (
    ('min', 'max', 'min', 'min'),
    ('min', 'defaultRequest', 'defaultRequest', 'defaultRequest'),
    ('defaultRequest', 'max', 'defaultRequest', 'defaultRequest'),
    ('defaultRequest', 'default', 'defaultRequest', 'defaultRequest'),
    ('min', 'default', 'default', 'min'),
    ('default', 'max', 'default', 'max'),
)
"""Of each two amounts: which one can't be greater than which one, of which field that is said, whose value is shown."""

_SPOKEN = {'defaultRequest': 'default request'}


def _check_order(amounts: Mapping[str, Any], name: str, path: str) -> Iterator[Cause]:
    for less, more, field, shown in _ORDERS:
        one, other = amounts.get(less), amounts.get(more)
        if one is not None and other is not None and amount_of(one) > amount_of(other):
            limit = 'default limit' if (less, more) == ('defaultRequest', 'default') else _SPOKEN.get(more, more)
            why = f'{_SPOKEN.get(less, less)} value {one} is greater than {limit} value {other}'
            yield invalid_value(f'{path}.{field}[{name}]', amounts[shown], why)


def _check_ratio(amounts: Mapping[str, Any], name: str, path: str) -> Iterator[Cause]:
    ratio, least, most = (amounts.get(field) for field in ('maxLimitRequestRatio', 'min', 'max'))
    field = f'{path}.maxLimitRequestRatio[{name}]'
    if ratio is None:
        return
    if amount_of(ratio) < 1:
        yield invalid_value(field, ratio, f'ratio {ratio} is less than 1')
    if least is not None and most is not None and amount_of(least) > 0:
        limit = amount_of(most) / amount_of(least)
        if amount_of(ratio) > limit:
            yield invalid_value(field, ratio, f'ratio {ratio} is greater than max/min = {float(limit):f}')
