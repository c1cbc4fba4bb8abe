"""The formats of texts that are checked in custom objects (``kube-openapi/pkg/validation/strfmt``)."""

import base64
import binascii
import ipaddress
import re
from collections.abc import Callable
from datetime import date
from urllib.parse import urlsplit

_DATE_TIME = re.compile(
    r'(\d{4}-\d{2}-\d{2})[Tt ]([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)([.,]\d+)?([Zz]|[+-]\d{2}:?\d{2})?', re.ASCII
)
_DURATION = re.compile(
    r'[+-]?((\d+(\.\d*)?|\.\d+)\s*(ns|us|µs|μs|ms|s|m|h|d|w|days?|hours?|minutes?|seconds?|weeks?)\s*)+'
)
_EMAIL = re.compile(r'[^@\s<>]+@[^@\s<>]+')
_HOSTNAME = re.compile(
    r'([a-zA-Z0-9_]([a-zA-Z0-9_-]{0,61}[a-zA-Z0-9_])?)(\.[a-zA-Z0-9_]([a-zA-Z0-9_-]{0,61}[a-zA-Z0-9_])?)*\.?'
)
_UUID = r'[0-9a-fA-F]{8}-?[0-9a-fA-F]{4}-?%s[0-9a-fA-F]{3}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{12}'
_CREDIT_CARD = re.compile(
    r'(?:4[0-9]{12}(?:[0-9]{3})?|5[1-5][0-9]{14}|6(?:011|5[0-9][0-9])[0-9]{12}|3[47][0-9]{13}|3(?:0[0-5]|[68][0-9])[0-9]{11}'
    r'|(?:2131|1800|35\d{3})\d{11})'
)


def matches_format(text: str, wanted: str) -> bool:
    """Tell if a text is of a format; those that a server does not know have no rules."""
    check = _CHECKS.get(wanted.replace('-', ''))
    return check is None or check(text)


def _is_date(text: str) -> bool:
    try:
        return len(text) == 10 and bool(date.fromisoformat(text))
    except ValueError:
        return False


def _is_date_time(text: str) -> bool:
    found = _DATE_TIME.fullmatch(text)
    return found is not None and _is_date(found[1])


def _is_base64(text: str) -> bool:
    try:
        base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return False
    return True


def _is_address(version: int) -> Callable[[str], bool]:
    def check(text: str) -> bool:
        try:
            return ipaddress.ip_address(text).version == version
        except ValueError:
            return False

    return check


def _is_network(text: str) -> bool:
    try:
        ipaddress.ip_network(text, strict=False)
    except ValueError:
        return False
    return '/' in text


def _is_uri(text: str) -> bool:
    try:
        found = urlsplit(text)
    except ValueError:
        return False
    return bool(found.scheme) or text.startswith('/')


def _matching(pattern: 'str | re.Pattern[str]') -> Callable[[str], bool]:
    compiled = re.compile(pattern)
    return lambda text: compiled.fullmatch(text) is not None


_CHECKS: dict[str, Callable[[str], bool]] = {
    'byte': _is_base64,
    'cidr': _is_network,
    'creditcard': _matching(_CREDIT_CARD),
    'date': _is_date,
    'datetime': _is_date_time,
    'duration': lambda text: text == '0' or _DURATION.fullmatch(text) is not None,
    'email': _matching(_EMAIL),
    'hexcolor': _matching(r'#?([0-9a-fA-F]{3}|[0-9a-fA-F]{6})'),
    'hostname': _matching(_HOSTNAME),
    'ipv4': _is_address(4),
    'ipv6': _is_address(6),
    'isbn': lambda text: len(text.replace('-', '').replace(' ', '')) in {10, 13},
    'isbn10': lambda text: len(text.replace('-', '').replace(' ', '')) == 10,
    'isbn13': lambda text: len(text.replace('-', '').replace(' ', '')) == 13,
    'mac': _matching(r'([0-9a-fA-F]{2}([:-])([0-9a-fA-F]{2}\2){4}[0-9a-fA-F]{2})|([0-9a-fA-F]{4}\.){2}[0-9a-fA-F]{4}'),
    'rgbcolor': _matching(r'rgb\(\s*\d{1,3}\s*,\s*\d{1,3}\s*,\s*\d{1,3}\s*\)'),
    'ssn': _matching(r'\d{3}[- ]?\d{2}[- ]?\d{4}'),
    'uri': _is_uri,
    'uuid': _matching(_UUID % '[0-9a-fA-F]'),
    'uuid3': _matching(_UUID % '3'),
    'uuid4': _matching(_UUID % '4'),
    'uuid5': _matching(_UUID % '5'),
}
