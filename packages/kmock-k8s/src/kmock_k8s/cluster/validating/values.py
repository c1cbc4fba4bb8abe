"""What is checked of single values, in all kinds alike."""

import re
from collections.abc import Iterable, Iterator
from ipaddress import ip_address
from typing import Any, cast

from kmock_k8s.cluster.naming import Check, check_label, check_subdomain
from kmock_k8s.cluster.statuses import Cause, invalid_value, not_supported, required
from kmock_k8s.model.encoding import JSONObject

_PORT_NAME = r'[-a-z0-9]+'
_PERCENT = r'[0-9]+%'
_PERCENT_TEXT = (
    "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for "
    f"validation is '{_PERCENT}')"
)

PROTOCOLS = ('SCTP', 'TCP', 'UDP')


def check_nonnegative(content: JSONObject, fields: Iterable[str], path: str) -> Iterator[Cause]:
    """Refuse numbers below zero in some fields of a structure."""
    for field in fields:
        value: Any = content.get(field)
        if value is not None and value < 0:
            yield invalid_value(f'{path}.{field}', value, 'must be greater than or equal to 0')


def check_choice(value: Any, field: str, supported: Iterable[str], *, needed: bool = True) -> Iterator[Cause]:
    """Refuse what is none of the known values; nothing is absent, if something is needed."""
    if not value:
        if needed:
            yield required(field)
    elif value not in (known := tuple(supported)):
        yield not_supported(field, value, known)


def check_text(value: Any, field: str, check: Check) -> Iterator[Cause]:
    """Refuse a text in which something is wrong."""
    for detail in check(value):
        yield invalid_value(field, value, detail)


def check_named(value: Any, field: str, check: Check) -> Iterator[Cause]:
    """Refuse a name that is absent, or in which something is wrong."""
    if not value:
        yield required(field)
    else:
        yield from check_text(value, field, check)


def check_kept(content: JSONObject, live: JSONObject, fields: Iterable[str], path: str) -> Iterator[Cause]:
    """Refuse other values than before in some fields of a structure."""
    for field in fields:
        if content.get(field) != live.get(field):
            yield invalid_value(f'{path}.{field}', sort_maps(content.get(field)), 'field is immutable')


def check_port(value: Any, field: str) -> Iterator[Cause]:
    """Refuse what is no number of a port."""
    if not 1 <= value <= 65_535:
        yield invalid_value(field, value, 'must be between 1 and 65535, inclusive')


def check_port_or_name(value: Any, field: str) -> Iterator[Cause]:
    """Refuse what is neither the number nor the name of a port."""
    if isinstance(value, int):
        yield from check_port(value, field)
    else:
        yield from check_text(value or '', field, check_port_name)


def check_port_name(value: str) -> Iterator[str]:
    """What is wrong with the name of a port (an IANA service name)."""
    if len(value) > 15:
        yield 'must be no more than 15 characters'
    if not re.fullmatch(_PORT_NAME, value, re.ASCII):
        yield 'must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)'
    if not re.search('[a-z]', value):
        yield 'must contain at least one letter (a-z)'
    if '--' in value:
        yield 'must not contain consecutive hyphens'
    if value[:1] == '-' or value[-1:] == '-':
        yield 'must not begin or end with a hyphen'


def check_share(value: Any, field: str) -> Iterator[Cause]:
    """Refuse what is neither a number of at least zero nor a percentage."""
    if isinstance(value, int):
        if value < 0:
            yield invalid_value(field, value, 'must be greater than or equal to 0')
    elif not isinstance(value, str) or not re.fullmatch(_PERCENT, value, re.ASCII):
        yield invalid_value(field, value, _PERCENT_TEXT)


def check_address(value: Any, field: str) -> Iterator[Cause]:
    """Refuse what is no address of IP."""
    try:
        ip_address(value)
    except ValueError:
        yield invalid_value(field, value, 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)')


def check_host(value: str) -> Iterator[str]:
    """What is wrong with the name of a host, which may begin with ``*.``."""
    yield from check_subdomain(value.removeprefix('*.'))


def check_short(limit: int, check: Check = check_label) -> Check:
    """Checks names that have to be shorter than others."""

    def checked(value: str) -> Iterator[str]:
        yield from check(value)
        if len(value) > limit:
            yield f'must be no more than {limit} characters'

    return checked


def sort_maps(value: Any) -> Any:
    """The value as Go shows it: labels in the order of their keys."""
    if isinstance(value, dict):
        fields = cast('JSONObject', value)
        texts = all(isinstance(item, str) for item in fields.values())
        return {key: sort_maps(fields[key]) for key in (sorted(fields) if texts else fields)}
    return value
