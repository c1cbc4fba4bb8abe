"""What keeps ConfigMaps and Secrets from being valid."""

import re
from collections.abc import Iterator, Mapping

from kmock_k8s.cluster.statuses import Cause, forbidden, invalid_value, required
from kmock_k8s.cluster.structures import part_of
from kmock_k8s.model.encoding import JSONObject

_CONFIG_KEY = r'[-._a-zA-Z0-9]+'
_CONFIG_KEY_TEXT = (
    "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or "
    f"'key-name', regex used for validation is '{_CONFIG_KEY}')"
)
_is_config_key = re.compile(_CONFIG_KEY).fullmatch
_is_plain_key = re.compile(r'[-_a-zA-Z0-9][-._a-zA-Z0-9]{0,252}').fullmatch
_NEEDED: Mapping[str, tuple[str, ...]] = {
    'kubernetes.io/dockercfg': ('.dockercfg',),
    'kubernetes.io/dockerconfigjson': ('.dockerconfigjson',),
    'kubernetes.io/ssh-auth': ('ssh-privatekey',),
    'kubernetes.io/tls': ('tls.crt', 'tls.key'),
}
"""What secrets of some types can't be without."""

_ACCOUNT = 'kubernetes.io/service-account.name'

MAX_DATA = 1_048_576
"""Bytes of all values of a ConfigMap or of a Secret."""


def check_config_key(key: str) -> Iterator[str]:
    """What is wrong with a key of a ConfigMap or of a Secret."""
    if len(key) > 253:
        yield 'must be no more than 253 characters'
    if not _is_config_key(key):
        yield _CONFIG_KEY_TEXT
    if key in {'.', '..'}:
        yield f"must not be '{key}'"
    elif key.startswith('..'):
        yield "must not start with '..'"


def validate_config_map(content: JSONObject, live: JSONObject | None) -> Iterator[Cause]:
    """The causes to refuse a ConfigMap."""
    data, binary = part_of(content, 'data'), part_of(content, 'binaryData')
    for field, values in (('data', data), ('binaryData', binary)):
        yield from _check_keys(values, field)
    for key in data:
        if key in binary:
            yield invalid_value(f'data[{key}]', key, 'duplicate of key present in binaryData')
    if sum(len(value.encode()) for value in data.values()) + sum(map(_size, binary.values())) > MAX_DATA:
        yield Cause('FieldValueTooLong', f'Too long: may not be more than {MAX_DATA} bytes', '')
    if live is not None and live.get('immutable'):
        yield from _keep(content, live, ('immutable', 'data', 'binaryData'))


def validate_secret(content: JSONObject, live: JSONObject | None) -> Iterator[Cause]:
    """The causes to refuse a Secret."""
    data: JSONObject = part_of(content, 'data')
    yield from _check_keys(data, 'data')
    if sum(map(_size, data.values())) > MAX_DATA:
        yield Cause('FieldValueTooLong', f'Too long: may not be more than {MAX_DATA} bytes', 'data')
    kind = content.get('type') or ''
    for key in _NEEDED.get(kind, ()):
        if key not in data:
            yield required(f'data[{key}]')
    if kind == 'kubernetes.io/basic-auth' and not {'username', 'password'} & {*data}:
        yield required('data[username]')
        yield required('data[password]')
    annotations: JSONObject = part_of(content['metadata'], 'annotations')
    if kind == 'kubernetes.io/service-account-token' and not annotations.get(_ACCOUNT):
        yield required(f'metadata.annotations[{_ACCOUNT}]')
    if live is not None:
        if content.get('type') != live.get('type'):
            yield invalid_value('type', content.get('type', ''), 'field is immutable')
        if live.get('immutable'):
            yield from _keep(content, live, ('immutable', 'data'))


def _check_keys(values: JSONObject, field: str) -> Iterator[Cause]:
    for key in values:
        for detail in () if _is_plain_key(key) else check_config_key(key):
            yield invalid_value(f'{field}[{key}]', key, detail)


def _size(encoded: str) -> int:
    return len(encoded) * 3 // 4


def _keep(content: JSONObject, live: JSONObject, fields: tuple[str, ...]) -> Iterator[Cause]:
    for field in fields:
        if content.get(field) != live.get(field):
            yield forbidden(field, 'field is immutable when `immutable` is set')
