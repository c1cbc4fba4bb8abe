"""The formats of texts that are checked in custom objects (``kube-openapi/pkg/validation/strfmt``)."""

import re
from collections.abc import Callable
from datetime import date

from kmock_k8s.cluster.crds.addresses import is_email, is_hostname, is_ipv4, is_ipv6, is_mac, is_network, is_uri

_TIME = re.compile(r'([01]\d|2[0-3]):[0-5]\d:[0-5]\d(.\d+)?(z|[+-]\d{2}:\d{2})', re.ASCII)
_DURATION = re.compile(r'[+-]?(0|((\d+(\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h))+)', re.ASCII)
_LONG_DURATION = re.compile(r'[\t\n\f\r ]*(\d+[\t\n\f\r ]*[A-Za-zµ]+[\t\n\f\r ]*)+', re.ASCII)
_UNIT = re.compile(r'\d+[\t\n\f\r ]*([A-Za-zµ]+)', re.ASCII)
_UNITS = frozenset(['ns', 'us', 'µs', 'ms', 's', 'sec', 'm', 'min', 'h', 'hr', 'd', 'w', 'wk'])
_PREFIXES = ('nano', 'micro', 'milli', 'sec', 'min', 'hour', 'day', 'week')
_UUID = r'[0-9a-fA-F]{8}-?[0-9a-fA-F]{4}-?%s[0-9a-fA-F]{3}-?%s[0-9a-fA-F]{3}-?[0-9a-fA-F]{12}'
_HEX, _VARIANT = '[0-9a-fA-F]', '[89abAB]'
_CREDIT_CARD = re.compile(
    r'(?:4[0-9]{12}(?:[0-9]{3})?|5[1-5][0-9]{14}|6(?:011|5[0-9][0-9])[0-9]{12}|3[47][0-9]{13}|3(?:0[0-5]|[68][0-9])[0-9]{11}'
    r'|(?:2131|1800|35[0-9]{3})[0-9]{11})'
)
_BYTE = r'(0|[1-9][0-9]?|1[0-9]{2}|2[0-4][0-9]|25[0-5])'
_SHORT_NAME = r'[a-z0-9]([-a-z0-9]*[a-z0-9])?'


def is_checked(wanted: str) -> bool:
    """Tell if a server knows a format; of the others, such as ``int32``, it takes no notice."""
    return wanted.replace('-', '') in _CHECKS


def matches_format(text: str, wanted: str) -> bool:
    """Tell if a text is of a format; those that a server does not know have no rules."""
    check = _CHECKS.get(wanted.replace('-', ''))
    return check is None or check(text)


def _is_date(text: str) -> bool:
    try:
        return len(text) == 10 and text.isascii() and bool(date.fromisoformat(text))
    except ValueError:
        return False


def _is_date_time(text: str) -> bool:
    day, _, rest = text.lower().partition('t')
    return _is_date(day) and _TIME.fullmatch(rest.partition('t')[0]) is not None


def _is_duration(text: str) -> bool:
    if _DURATION.fullmatch(text):
        return True
    units = [unit.lower() for unit in _UNIT.findall(text)] if _LONG_DURATION.fullmatch(text) else []
    return any(unit in _UNITS or unit.startswith(_PREFIXES) for unit in units)


def _is_isbn10(text: str) -> bool:
    digits = re.sub(r'[\s-]+', '', text)
    if not re.fullmatch('[0-9]{9}[0-9X]', digits):
        return False
    return sum(index * (10 if digit == 'X' else int(digit)) for index, digit in enumerate(digits, 1)) % 11 == 0


def _is_isbn13(text: str) -> bool:
    digits = re.sub(r'[\s-]+', '', text)
    if not re.fullmatch('[0-9]{13}', digits):
        return False
    return sum(int(digit) * (3 if index % 2 else 1) for index, digit in enumerate(digits)) % 10 == 0


def _is_credit_card(text: str) -> bool:
    digits = re.sub('[^0-9]+', '', text)
    doubled = [int(digit) * (2 if index % 2 else 1) for index, digit in enumerate(reversed(digits))]
    return _CREDIT_CARD.fullmatch(digits) is not None and sum(sum(divmod(one, 10)) for one in doubled) % 10 == 0


def _matching(pattern: str, longest: int | None = None) -> Callable[[str], bool]:
    compiled = re.compile(pattern)
    return lambda text: (longest is None or len(text) <= longest) and compiled.fullmatch(text) is not None


_CHECKS: dict[str, Callable[[str], bool]] = {
    'bsonobjectid': _matching('[0-9a-fA-F]{24}'),
    'byte': _matching('([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{4})'),
    'cidr': is_network,
    'creditcard': _is_credit_card,
    'date': _is_date,
    'datetime': _is_date_time,
    'duration': _is_duration,
    'email': is_email,
    'hexcolor': _matching(r'#?([0-9a-fA-F]{3}|[0-9a-fA-F]{6})'),
    'hostname': is_hostname,
    'ipv4': is_ipv4,
    'ipv6': is_ipv6,
    'isbn': lambda text: _is_isbn10(text) or _is_isbn13(text),
    'isbn10': _is_isbn10,
    'isbn13': _is_isbn13,
    'k8slongname': _matching(rf'{_SHORT_NAME}(\.{_SHORT_NAME})*', 253),
    'k8sshortname': _matching(_SHORT_NAME, 63),
    'mac': is_mac,
    'password': lambda text: True,
    'rgbcolor': _matching(rf'rgb\(\s*{_BYTE}\s*,\s*{_BYTE}\s*,\s*{_BYTE}\s*\)'),
    'ssn': _matching(r'[0-9]{3}[- ]?[0-9]{2}[- ]?[0-9]{4}'),
    'uri': is_uri,
    'uuid': _matching(_UUID % (_HEX, _HEX)),
    'uuid3': _matching(_UUID % ('3', _HEX)),
    'uuid4': _matching(_UUID % ('4', _VARIANT)),
    'uuid5': _matching(_UUID % ('5', _VARIANT)),
}
