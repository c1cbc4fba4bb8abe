"""What keeps an object from being valid, field by field."""

import re
from collections.abc import Callable, Iterator

from kmock_k8s.cluster.crds.checking import validate_definition
from kmock_k8s.cluster.crds.kinds import CustomKind
from kmock_k8s.cluster.crds.validating import check_kind, validate_custom
from kmock_k8s.cluster.kinds import Kind
from kmock_k8s.cluster.naming import (
    check_annotations,
    check_finalizers,
    check_labels,
    check_name,
    check_names,
)
from kmock_k8s.cluster.statuses import Cause, forbidden, invalid_value, required
from kmock_k8s.model.encoding import JSONObject
from kmock_k8s.model.metadata import metadata_of

_CONFIG_KEY = r'[-._a-zA-Z0-9]+'
_CONFIG_KEY_TEXT = (
    "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or "
    f"'key-name', regex used for validation is '{_CONFIG_KEY}')"
)

MAX_DATA = 1_048_576
"""Bytes of all values of a ConfigMap or of a Secret."""

Validator = Callable[[JSONObject, JSONObject | None], Iterator[Cause]]
"""The causes to refuse an object; with what it was before, if it is an update."""


def validate(
    kind: Kind, content: JSONObject, live: JSONObject | None = None, part: str | None = None
) -> list[Cause]:
    """The causes to refuse an object: of its metadata, and of what is known of its kind; or a part of it."""
    if isinstance(kind, CustomKind):
        check_kind(kind, content)
    causes = list(validate_metadata(kind, metadata_of(content), live is None))
    validator = _VALIDATORS.get((kind.group, kind.name))
    if validator is not None:
        causes += validator(content, live)
    elif isinstance(kind, CustomKind):
        causes += validate_custom(kind, content, part)
    return causes


def validate_metadata(kind: Kind, metadata: JSONObject, fresh: bool) -> Iterator[Cause]:
    """The causes to refuse metadata."""
    if not metadata.get('name'):
        yield required('metadata.name', 'name or generateName is required')
    elif fresh:
        yield from check_names(metadata, check_name(kind.group, kind.name))
    yield from check_labels(metadata.get('labels') or {}, 'metadata.labels')
    yield from check_annotations(metadata.get('annotations') or {}, 'metadata.annotations')
    if kind.is_builtin:
        yield from check_finalizers(metadata.get('finalizers') or [], 'metadata.finalizers')


def _validate_config(content: JSONObject, live: JSONObject | None) -> Iterator[Cause]:
    data, binary = content.get('data') or {}, content.get('binaryData') or {}
    size = 0
    for field, values in (('data', data), ('binaryData', binary)):
        for key, value in values.items():
            if not re.fullmatch(_CONFIG_KEY, key):
                yield invalid_value(f'{field}[{key}]', key, _CONFIG_KEY_TEXT)
            size += len(value.encode())
    for key in data:
        if key in binary:
            yield invalid_value(f'data[{key}]', key, 'duplicate of key present in binaryData')
    if size > MAX_DATA:
        yield Cause('FieldValueTooLong', f'Too long: may not be more than {MAX_DATA} bytes', '')
    if live is not None and live.get('immutable'):
        yield from _keep(content, live, ('immutable', 'data', 'binaryData'))


def _validate_secret(content: JSONObject, live: JSONObject | None) -> Iterator[Cause]:
    for key in content.get('data') or {}:
        if not re.fullmatch(_CONFIG_KEY, key):
            yield invalid_value(f'data[{key}]', key, _CONFIG_KEY_TEXT)
    if live is not None:
        if content.get('type') != live.get('type'):
            yield invalid_value('type', content.get('type', ''), 'field is immutable')
        if live.get('immutable'):
            yield from _keep(content, live, ('immutable', 'data'))


def _keep(content: JSONObject, live: JSONObject, fields: tuple[str, ...]) -> Iterator[Cause]:
    for field in fields:
        if content.get(field) != live.get(field):
            yield forbidden(field, 'field is immutable when `immutable` is set')


_VALIDATORS: dict[tuple[str, str], Validator] = {
    ('', 'ConfigMap'): _validate_config,
    ('', 'Secret'): _validate_secret,
    ('apiextensions.k8s.io', 'CustomResourceDefinition'): validate_definition,
}
