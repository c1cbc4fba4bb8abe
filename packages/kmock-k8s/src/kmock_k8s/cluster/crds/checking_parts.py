"""What keeps the parts of a definition from being valid: columns, subresources, conversion."""

from collections.abc import Iterator, Sequence
from typing import Any

from kmock_k8s.cluster.statuses import Cause, forbidden, invalid_value, not_supported, required
from kmock_k8s.cluster.validating.clients import check_client, check_reviews
from kmock_k8s.model.encoding import JSONObject

STRATEGIES = ('None', 'Webhook')

_COLUMN_TYPES = ('boolean', 'date', 'integer', 'number', 'string')
_COLUMN_FORMATS = ('byte', 'date', 'date-time', 'double', 'float', 'int32', 'int64', 'password')


def check_columns(columns: Sequence[JSONObject], path: str) -> Iterator[Cause]:
    """The causes to refuse the columns of tables."""
    for index, column in enumerate(columns):
        place = f'{path}[{index}]'
        kind, form, where = column.get('type'), column.get('format'), column.get('jsonPath')
        if not column.get('name'):
            yield required(f'{place}.name')
        known = f'must be one of {",".join(_COLUMN_TYPES)}'
        if not kind:
            yield required(f'{place}.type', known)
        elif kind not in _COLUMN_TYPES:
            yield invalid_value(f'{place}.type', kind, known)
        if form and form not in _COLUMN_FORMATS:
            yield invalid_value(f'{place}.format', form, f'must be one of {",".join(_COLUMN_FORMATS)}')
        yield from _check_path(where, f'{place}.JSONPath')


def _check_path(path: Any, field: str) -> Iterator[Cause]:
    if not path:
        yield required(field)
    elif not path.startswith('.'):
        yield invalid_value(field, path, 'must be a simple json path starting with .')


def check_deprecation(version: JSONObject, path: str) -> Iterator[Cause]:
    """The causes to refuse what is warned of when a version is used."""
    text: str | None = version.get('deprecationWarning')
    if text is None:
        return
    found: list[str] = []
    if not version.get('deprecated'):
        found.append('can only be set for deprecated versions')
    elif not text:
        found.append('must not be an empty string')
    else:
        if len(text.encode('utf-8', 'replace')) > 256:
            found.append('must be <= 256 characters long')
        bad = next((index for index, char in enumerate(text) if not (char.isprintable())), None)
        if bad is not None:
            at = len(text[:bad].encode('utf-8', 'replace'))
            only = 'must only contain printable UTF-8 characters'
            found.append(f'{only}; non-printable character found at index {at}')
    for what in found:
        yield invalid_value(f'{path}.deprecationWarning', text, what)


def check_subresources(parts: JSONObject, path: str) -> Iterator[Cause]:
    """The causes to refuse subresources: where the replicas are."""
    found: JSONObject | None = parts.get('scale')
    if found is None:
        return
    for field, root in (('specReplicasPath', '.spec.'), ('statusReplicasPath', '.status.')):
        place = f'{path}.scale.{field}'
        causes = list(_check_path(found.get(field), place))
        yield from causes
        if not causes and not found[field].startswith(root):
            yield invalid_value(place, found[field], f'should be a json path under {root[:-1]}')
    selector = found.get('labelSelectorPath')
    if selector:
        place = f'{path}.scale.labelSelectorPath'
        causes = list(_check_path(selector, place))
        yield from causes
        if not causes and not selector.startswith(('.spec.', '.status.')):
            yield invalid_value(place, selector, 'should be a json path under either .spec or .status')


def check_conversion(conversion: JSONObject, path: str = 'spec.conversion') -> Iterator[Cause]:
    """The causes to refuse how objects are converted from version to version."""
    strategy = conversion.get('strategy')
    webhook: JSONObject | None = conversion.get('webhook')
    if not conversion:
        return
    if not strategy:
        yield required(f'{path}.strategy')
    elif strategy not in STRATEGIES:
        yield not_supported(f'{path}.strategy', strategy, STRATEGIES)
    if strategy == 'Webhook':
        client: JSONObject | None = None if webhook is None else webhook.get('clientConfig')
        if client is None:
            yield required(f'{path}.webhookClientConfig', 'required when strategy is set to Webhook')
        else:
            yield from check_client(client, f'{path}.webhookClientConfig')
        versions: Sequence[Any] = (webhook or {}).get('conversionReviewVersions') or []
        yield from check_reviews(versions, f'{path}.conversionReviewVersions', '')
    else:
        for field, shown in (('clientConfig', 'webhookClientConfig'), ('conversionReviewVersions',) * 2):
            if (webhook or {}).get(field):
                yield forbidden(f'{path}.{shown}', 'should not be set when strategy is not set to Webhook')
