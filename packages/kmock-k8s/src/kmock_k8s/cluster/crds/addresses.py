"""Texts that are addresses: of hosts, networks, mailboxes, and what URLs lead to; as the libraries of Go see them."""

import ipaddress
import re
import unicodedata

_LEADING_ZEROS = re.compile(r'(?<![0-9a-fA-F:])0+(?=[0-9])|(?<=\.)0+(?=[0-9])')
_BITS = re.compile('[0-9]{1,3}')
_PAIRS = ''.join(f'|{{0}}({mark}{{0}}){{{{{count}}}}}' for mark in ':-' for count in (5, 7, 19)).format(
    '[0-9a-fA-F]{2}'
)
_MAC = re.compile(
    _PAIRS.removeprefix('|') + r'|[0-9a-fA-F]{4}((\.[0-9a-fA-F]{4}){2}|(\.[0-9a-fA-F]{4}){3}|(\.[0-9a-fA-F]{4}){9})'
)
_HOSTNAME = re.compile(
    r'[a-zA-Z0-9](-?[a-zA-Z0-9]{0,62})?|([a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?\.)+[a-zA-Z]{2,63}'
)
_WORD = r'[^\s()<>\[\]:;@\\,.\"\x00-\x1f\x7f]+'
_QUOTED = r'"(?:[^"\\\r\n]|\\.)*"'
_MAILBOX = rf'(?:{_WORD}(?:\.{_WORD})*|{_QUOTED})@(?:{_WORD}(?:\.{_WORD})*|\[[0-9a-fA-F.:IPv]+\])'
_EMAIL = re.compile(rf'\s*(?:{_MAILBOX}|(?:[^()<>\[\]:;@\\,"\x00-\x1f\x7f]|{_QUOTED})*<{_MAILBOX}>)\s*')
_SCHEME = re.compile(r'[a-zA-Z][a-zA-Z0-9+.-]*:')
_BAD_ESCAPE = re.compile('%(?![0-9a-fA-F]{2})')
_AUTHORITY = re.compile(r'([^/?#@]*@)?(\[[0-9a-fA-F:.%\w-]+\]|[^\[\]\s/?#@:"<>\\^`{|}]*)(:[0-9]*)?')


def is_ipv4(text: str) -> bool:
    """Tell if this is an IP address with dots; zeros may lead in its numbers."""
    return '.' in text and _parse(_LEADING_ZEROS.sub('', text))


def is_ipv6(text: str) -> bool:
    """Tell if this is an IP address with colons."""
    return ':' in text and _parse(text)


def is_network(text: str) -> bool:
    """Tell if this is an IP address with a number of bits."""
    address, slash, bits = text.partition('/')
    if not slash or not _BITS.fullmatch(bits) or not (is_ipv4(address) or is_ipv6(address)):
        return False
    return int(bits) <= (128 if ':' in address else 32)


def _parse(text: str) -> bool:
    try:
        return '%' not in text and bool(ipaddress.ip_address(text))
    except ValueError:
        return False


def is_mac(text: str) -> bool:
    """Tell if this is an address of hardware: of 6, 8, or 20 bytes."""
    return _MAC.fullmatch(text) is not None


def is_hostname(text: str) -> bool:
    """Tell if this is the name of a host; letters and symbols of any script may be in it."""
    if len(text.encode('utf-8', 'replace')) > 255:
        return False
    plain = ''.join(_simplify(char) for char in text)
    return _HOSTNAME.fullmatch(plain) is not None and all(
        len(one.encode('utf-8', 'replace')) <= 63 for one in text.split('.')
    )


def _simplify(char: str) -> str:
    kind = unicodedata.category(char)[0]
    return 'a' if kind == 'L' else '0' if kind == 'S' else char


def is_email(text: str) -> bool:
    """Tell if this is the address of a mailbox, alone or with a name before it."""
    return _EMAIL.fullmatch(text) is not None


def is_uri(text: str) -> bool:
    """Tell if this is what can be requested: an absolute URL or path."""
    if text == '*':
        return True
    found = _SCHEME.match(text)
    rest = text[found.end() :] if found else text
    if not text or re.search('[\x00-\x1f\x7f]', text) or not (found or text.startswith('/')):
        return False
    path = rest.partition('?')[0]
    if found and path.startswith('//'):
        authority, _, path = path[2:].partition('/')
        if not _AUTHORITY.fullmatch(authority):
            return False
    elif not path.startswith('/'):
        return True
    return not _BAD_ESCAPE.search(path)
