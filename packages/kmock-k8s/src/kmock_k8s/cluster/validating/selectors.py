"""Label selectors that are objects: whether they are valid, and whether they match."""

from collections.abc import Iterator, Mapping
from typing import Any

from kmock_k8s.cluster.naming import check_labels, check_qualified
from kmock_k8s.cluster.statuses import Cause, forbidden, invalid_value, required
from kmock_k8s.cluster.structures import part_of, structures_of
from kmock_k8s.model.encoding import JSONObject


def check_selector(selector: JSONObject | None, field: str) -> Iterator[Cause]:
    """The causes to refuse a selector."""
    if not selector:
        return
    yield from check_labels(part_of(selector, 'matchLabels'), f'{field}.matchLabels')
    for index, one in enumerate(selector.get('matchExpressions') or ()):
        yield from _check_expression(one, f'{field}.matchExpressions[{index}]')


def _check_expression(one: JSONObject, field: str) -> Iterator[Cause]:
    operator, values = one.get('operator'), one.get('values')
    if operator in {'In', 'NotIn'}:
        if not values:
            yield required(f'{field}.values', "must be specified when `operator` is 'In' or 'NotIn'")
    elif operator in {'Exists', 'DoesNotExist'}:
        if values:
            detail = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"
            yield forbidden(f'{field}.values', detail)
    else:
        yield invalid_value(f'{field}.operator', operator or '', 'not a valid selector operator')
    for detail in check_qualified(one.get('key') or ''):
        yield invalid_value(f'{field}.key', one.get('key') or '', detail)


def is_empty(selector: JSONObject) -> bool:
    """Tell if a selector selects everything."""
    return not selector.get('matchLabels') and not selector.get('matchExpressions')


def matches(selector: JSONObject | None, labels: Mapping[str, Any]) -> bool:
    """Tell if labels are selected; no selector at all selects nothing."""
    if selector is None:
        return False
    wanted: JSONObject = part_of(selector, 'matchLabels')
    if any(labels.get(key) != value for key, value in wanted.items()):
        return False
    return all(_matches_expression(one, labels) for one in structures_of(selector, 'matchExpressions'))


def _matches_expression(one: JSONObject, labels: Mapping[str, Any]) -> bool:
    given: Any = one.get('key')
    key = given if isinstance(given, str) else ''
    values: list[Any] = one['values'] if isinstance(one.get('values'), list) else []
    match one.get('operator'):
        case 'In':
            return key in labels and labels[key] in values
        case 'NotIn':
            return key not in labels or labels[key] not in values
        case 'Exists':
            return key in labels
        case 'DoesNotExist':
            return key not in labels
        case _:
            return False


def describe_selector(selector: JSONObject | None) -> str:
    """The selector as a text, as in the status of a scale."""
    if selector is None:
        return ''
    parts: list[tuple[str, str]] = [(key, f'{key}={value}') for key, value in part_of(selector, 'matchLabels').items()]
    for one in selector.get('matchExpressions') or ():
        key: str = one.get('key') or ''
        values = ','.join(sorted(one.get('values') or ()))
        shown = {
            'In': f'{key} in ({values})',
            'NotIn': f'{key} notin ({values})',
            'Exists': key,
            'DoesNotExist': f'!{key}',
        }.get(one.get('operator') or '', key)
        parts.append((key, shown))
    return ','.join(text for _, text in sorted(parts))
