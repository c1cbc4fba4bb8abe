"""What names, labels and annotations may be (``apimachinery/pkg/util/validation``, ``pkg/api/validation``)."""

import re
from collections.abc import Callable, Iterator
from typing import Any

from kmock_k8s.cluster.statuses import Cause, invalid_value
from kmock_k8s.model.encoding import JSONObject

_LABEL = r'[a-z0-9]([-a-z0-9]*[a-z0-9])?'
_SUBDOMAIN = rf'{_LABEL}(\.{_LABEL})*'
_LABEL_1035 = r'[a-z]([-a-z0-9]*[a-z0-9])?'
_QUALIFIED = r'([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]'
_LABEL_VALUE = rf'({_QUALIFIED})?'

MAX_ANNOTATIONS = 262_144
"""Bytes of all annotations together."""


def _explain(text: str, pattern: str, *examples: str) -> str:
    shown = ',  or '.join(f"'{example}'" for example in examples)
    return f"{text} (e.g. {shown}, regex used for validation is '{pattern}')"


_SUBDOMAIN_TEXT = _explain(
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and "
    'end with an alphanumeric character',
    _SUBDOMAIN,
    'example.com',
)
_LABEL_TEXT = _explain(
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with "
    'an alphanumeric character',
    _LABEL,
    'my-name',
    '123-abc',
)
_LABEL_1035_TEXT = _explain(
    "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, "
    'and end with an alphanumeric character',
    _LABEL_1035,
    'my-name',
    'abc-123',
)
_QUALIFIED_TEXT = _explain(
    "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric "
    'character',
    _QUALIFIED,
    'MyName',
    'my.name',
    '123-abc',
)
_LABEL_VALUE_TEXT = _explain(
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and "
    'end with an alphanumeric character',
    _LABEL_VALUE,
    'MyValue',
    'my_value',
    '12345',
)

Check = Callable[[str], Iterator[str]]


def _checker(pattern: str, text: str, limit: str) -> Check:
    compiled = re.compile(pattern, re.ASCII)
    most = int(limit.partition(' ')[0])

    def check(value: str) -> Iterator[str]:
        if len(value.encode('utf-8', 'surrogatepass')) > most:
            yield f'must be no more than {limit}'
        if not compiled.fullmatch(value):
            yield text

    return check


# Names are checked by other functions than labels: each of them counts bytes, but not each says so.
check_subdomain: Check = _checker(_SUBDOMAIN, _SUBDOMAIN_TEXT, '253 characters')
check_label_1035: Check = _checker(_LABEL_1035, _LABEL_1035_TEXT, '63 characters')
check_label_value: Check = _checker(_LABEL_VALUE, _LABEL_VALUE_TEXT, '63 bytes')
_check_label: Check = _checker(_LABEL, _LABEL_TEXT, '63 characters')
_check_domain: Check = _checker(_SUBDOMAIN, _SUBDOMAIN_TEXT, '253 bytes')

_is_subdomain = re.compile(_SUBDOMAIN).fullmatch


def check_label(value: str) -> Iterator[str]:
    """What is wrong with the name of a namespace, or of something else that is one part of a domain."""
    for detail in _check_label(value):
        yield 'must not contain dots' if detail is _LABEL_TEXT and _is_subdomain(value) else detail


def check_path_segment(value: str) -> Iterator[str]:
    """Names that can be anything that stands in a URL: those of roles and of their bindings."""
    if value in {'.', '..'}:
        yield f"may not be '{value}'"
    for char in '/%':
        if char in value:
            yield f"may not contain '{char}'"


_NAMES: dict[tuple[str, str], Check] = {
    ('', 'Namespace'): check_label,
    ('', 'Service'): check_label_1035,
    **{
        ('rbac.authorization.k8s.io', kind): check_path_segment
        for kind in ('Role', 'RoleBinding', 'ClusterRole', 'ClusterRoleBinding')
    },
}


def check_name(group: str, kind: str) -> Check:
    """What the names of the objects of a kind may be; subdomains, if nothing else is known."""
    return _NAMES.get((group, kind), check_subdomain)


def check_names(metadata: JSONObject, check: Check) -> Iterator[Cause]:
    """The causes to refuse the name of an object, and what it was generated from."""
    base = metadata.get('generateName')
    if base:
        masked = f'{base[:-2]}a' if base.endswith('-') and len(base) > 1 else base  # the real one masks two characters
        for detail in check(f'{base}a' if check is check_path_segment else masked):
            yield invalid_value('metadata.generateName', base, detail)
    for detail in check(metadata.get('name') or ''):
        yield invalid_value('metadata.name', metadata.get('name'), detail)


def check_labels(labels: JSONObject, field: str) -> Iterator[Cause]:
    """The causes to refuse labels."""
    for key, value in labels.items():
        for detail in check_qualified(key):
            yield invalid_value(field, key, detail)
        for detail in check_label_value(value):
            yield invalid_value(field, value, detail)


def check_annotations(annotations: JSONObject, field: str) -> Iterator[Cause]:
    """The causes to refuse annotations: their keys, and the size of all of them."""
    size = 0
    for key, value in annotations.items():
        for detail in check_qualified(key.lower()):
            yield invalid_value(field, key, detail)
        size += len(key.encode()) + len(value.encode())
    if size > MAX_ANNOTATIONS:
        yield Cause('FieldValueTooLong', f'Too long: may not be more than {MAX_ANNOTATIONS} bytes', field)


def check_qualified(key: str) -> Iterator[str]:
    """What is wrong with a name that may have a domain before it: ``example.com/name``."""
    prefix, slash, name = key.rpartition('/')
    if slash and '/' in prefix:
        yield (
            _explain(
                "a valid label key must consist of alphanumeric characters, '-', '_' or '.', and must start and end "
                'with an alphanumeric character',
                _QUALIFIED,
                'MyName',
                'my.name',
                '123-abc',
            )
            + " with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')"
        )
        return
    if slash and not prefix:
        yield 'prefix part must be non-empty'
    elif slash:
        yield from (f'prefix part {detail}' for detail in _check_domain(prefix))
    if not name:
        yield 'name part must be non-empty'
    elif len(name.encode('utf-8', 'surrogatepass')) > 63:
        yield 'name part must be no more than 63 bytes'
    if not re.fullmatch(_QUALIFIED, name):
        yield _QUALIFIED_TEXT


def check_finalizers(finalizers: list[Any], field: str, *, builtin: bool) -> Iterator[Cause]:
    """The causes to refuse finalizers: the checks of all objects, then those of built-in ones."""
    for finalizer in finalizers:
        for detail in check_qualified(finalizer):
            yield invalid_value(field, finalizer, detail)
    if {'foregroundDeletion', 'orphan'}.issubset(finalizers):
        yield invalid_value(field, finalizers, 'finalizer foregroundDeletion and orphan cannot be both set')
    for index, finalizer in enumerate(finalizers if builtin else ()):
        if not is_full_finalizer(finalizer):
            yield invalid_value(f'{field}[{index}]', finalizer, NO_FINALIZER)


def is_full_finalizer(finalizer: str) -> bool:
    """Tell if a finalizer is one of Kubernetes itself, or has a domain, as built-in objects demand it."""
    return '/' in finalizer or finalizer in {'foregroundDeletion', 'orphan', 'kubernetes'}


NO_FINALIZER = 'name is neither a standard finalizer name nor is it fully qualified'


def check_owners(owners: list[Any], field: str) -> Iterator[Cause]:
    """The causes to refuse owners: each has to be named in full, and one at most controls."""
    for owner in owners:
        version = owner.get('apiVersion') or ''
        if not version.rpartition('/')[2]:
            yield invalid_value(f'{field}.apiVersion', version, 'version must not be empty')
        for name in ('kind', 'name', 'uid'):
            if not owner.get(name):
                yield invalid_value(f'{field}.{name}', '', 'must not be empty')
        if (version, owner.get('kind')) == ('v1', 'Event'):
            yield invalid_value(field, '/v1, Kind=Event', 'is disallowed from being an owner')
    controllers = [f'{owner.get("kind")}/{owner.get("name")}' for owner in owners if owner.get('controller')]
    for other in controllers[1:]:
        found = f'Found "true" in references for {controllers[0]} and {other}'
        yield invalid_value(field, owners, f'Only one reference can have Controller set to true. {found}')
