"""Rules in CEL, as far as they can be checked without reading them."""

from collections.abc import Iterator, Mapping
from typing import Any

from kmock_k8s.cluster.statuses import Cause, invalid_value, not_supported, required
from kmock_k8s.model.encoding import JSONObject

REASONS = ('FieldValueDuplicate', 'FieldValueForbidden', 'FieldValueInvalid', 'FieldValueRequired')


def check_rules(schema: Mapping[str, Any], path: str) -> Iterator[Cause]:
    """The causes to refuse the rules at a place of a schema: texts that are missing, or in several lines."""
    rules: list[JSONObject] = schema.get('x-kubernetes-validations') or []
    for index, rule in enumerate(rules):
        place = f'{path}.x-kubernetes-validations[{index}]'
        yield from _check_message(rule, place)
        if rule.get('messageExpression') and not rule['messageExpression'].strip():
            yield required(f'{place}.messageExpression', 'messageExpression must be non-empty if specified')
        if rule.get('reason') is not None and rule['reason'] not in REASONS:
            yield not_supported(f'{place}.reason', rule['reason'], REASONS)
        field: str = rule.get('fieldPath') or ''
        if field and not field.strip():
            yield invalid_value(f'{place}.fieldPath', field, 'fieldPath must be non-empty if specified')
        if _has_lines(field):
            yield invalid_value(f'{place}.fieldPath', field, 'fieldPath must not contain line breaks')


def _check_message(rule: JSONObject, place: str) -> Iterator[Cause]:
    text: str = (rule.get('rule') or '').strip()
    message: str = rule.get('message') or ''
    if not text:
        yield required(f'{place}.rule', 'rule is not specified')
    elif message and not message.strip():
        yield invalid_value(f'{place}.message', message, 'message must be non-empty if specified')
    elif _has_lines(message.strip()):
        yield invalid_value(f'{place}.message', message, 'message must not contain line breaks')
    elif _has_lines(text) and not message:
        yield required(f'{place}.message', 'message must be specified if rule contains line breaks')


def _has_lines(text: str) -> bool:
    return '\n' in text or '\r' in text
