"""Labels and label selectors, as they are written in cells."""

from kmock_k8s.model.encoding import JSONObject
from kmock_k8s.printing.fields import part, parts, text, texts

NONE = '<none>'
ERROR = '<error>'

_MEMBERSHIPS = {'In': 'in', 'NotIn': 'notin'}
_PRESENCES = {'Exists': '', 'DoesNotExist': '!'}


def print_labels(content: JSONObject, *path: str) -> str:
    """Labels in the order of their names: ``a=1,b=2``; ``<none>`` without any.

    >>> print_labels({'labels': {'b': '2', 'a': '1'}}, 'labels')
    'a=1,b=2'
    """
    labels = part(content, *path)
    return ','.join(f'{key}={text(labels, key)}' for key in sorted(labels)) or NONE


def print_selector(content: JSONObject, *path: str) -> str:
    """A label selector as in queries; ``<none>`` if there is none, ``<error>`` if it can't be one.

    >>> print_selector({'matchExpressions': [{'key': 'tier', 'operator': 'In', 'values': ['b', 'a']}]})
    'tier in (a,b)'
    """
    written = write_selector(part(content, *path))
    return ERROR if written is None else written or NONE


def write_selector(selector: JSONObject) -> str | None:
    """The requirements of a label selector, in the order of their keys; None if it can't be one."""
    labels = part(selector, 'matchLabels')
    terms: list[tuple[str, str]] = [(key, f'{key}={text(labels, key)}') for key in labels]
    for expression in parts(selector, 'matchExpressions'):
        key = text(expression, 'key')
        written = _write(key, text(expression, 'operator'), texts(expression, 'values'))
        if written is None:
            return None
        terms.append((key, written))
    return ','.join(written for _, written in sorted(terms, key=lambda term: term[0]))


def _write(key: str, operator: str, values: list[str]) -> str | None:
    if operator in _MEMBERSHIPS and values:
        return f'{key} {_MEMBERSHIPS[operator]} ({",".join(sorted(values))})'
    if operator in _PRESENCES and not values:
        return f'{_PRESENCES[operator]}{key}'
    return None
