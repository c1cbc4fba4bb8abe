"""What the API takes as the keys and the values of labels; what is wrong is said in its words."""

import re

_NAME = r'([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]'
_VALUE = rf'({_NAME})?'
_SUBDOMAIN = r'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*'

_is_name = re.compile(r'[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?', re.ASCII).fullmatch
_is_subdomain = re.compile(r'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*', re.ASCII).fullmatch

_NAME_RULES = (
    "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character "
    f"(e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '{_NAME}')"
)
_VALUE_RULES = (
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', "
    'and must start and end with an alphanumeric character '
    f"(e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '{_VALUE}')"
)
_SUBDOMAIN_RULES = (
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', "
    'and must start and end with an alphanumeric character '
    f"(e.g. 'example.com', regex used for validation is '{_SUBDOMAIN}')"
)
_PREFIXED_RULES = (
    f"a valid label key {_NAME_RULES} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')"
)


def explain_key(key: str) -> str | None:
    """Why a text can't be the key of a label, or None if it can: a name of up to 63 characters, or a domain/name."""
    prefix, slash, name = key.rpartition('/')
    if '/' in prefix:
        return _PREFIXED_RULES
    wrong: list[str] = []
    if slash and not prefix:
        wrong.append('prefix part must be non-empty')
    elif slash:
        if len(prefix.encode('utf-8', 'surrogatepass')) > 253:
            wrong.append('prefix part must be no more than 253 bytes')
        if not _is_subdomain(prefix):
            wrong.append(f'prefix part {_SUBDOMAIN_RULES}')
    if not name:
        wrong.append('name part must be non-empty')
    elif len(name.encode('utf-8', 'surrogatepass')) > 63:
        wrong.append('name part must be no more than 63 bytes')
    if not _is_name(name):
        wrong.append(f'name part {_NAME_RULES}')
    return '; '.join(wrong) or None


def explain_value(value: str) -> str | None:
    """Why a text can't be the value of a label, or None if it can: empty, or a name of up to 63 characters."""
    wrong: list[str] = []
    if len(value.encode('utf-8', 'surrogatepass')) > 63:
        wrong.append('must be no more than 63 bytes')
    if value and not _is_name(value):
        wrong.append(_VALUE_RULES)
    return '; '.join(wrong) or None
