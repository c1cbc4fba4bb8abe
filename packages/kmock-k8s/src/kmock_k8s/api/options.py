"""What the query of a request asks for: selectors, pages, where to begin, when to end.

The names are those of ``ListOptions`` in the API reference; those that mean nothing here are ignored.
"""

import re
from collections.abc import Iterable
from typing import NamedTuple

from kmock_k8s.errors import KubernetesBadRequestError, KubernetesInvalidError

MAX_DIGITS = 20
"""How many digits a number has that is not one of 64 bits any more."""

_is_number = re.compile(r'[+-]?[0-9]+').fullmatch
_TRUE, _FALSE = frozenset({'1', 't', 'true'}), frozenset({'0', 'f', 'false'})


class ListOptions(NamedTuple):
    """The options of lists, watches and deletions of collections."""

    labels: str = ''
    """The label selector."""
    fields: str = ''
    """The field selector."""
    limit: int | None = None
    """How many objects there are on a page; None is all."""
    token: str = ''
    """Which page is to be continued with."""
    revision: int | None = None
    """After which revision a watch begins; None, and 0, begin with all that is there."""
    timeout: float | None = None
    """In how many seconds a watch ends."""
    bookmarks: bool = False
    """Whether the watcher takes bookmarks."""
    initial: bool | None = None
    """Whether a watch begins with all that is there, and a bookmark after it; None if nothing is said of it."""


NO_OPTIONS = ListOptions()


def read_options(pairs: Iterable[tuple[str, str]]) -> ListOptions:
    """Read the options from the pairs of a query; of options that are repeated, the first ones count.

    Raises:
        KubernetesBadRequestError: something is no number, no boolean.
        KubernetesInvalidError: the options contradict each other.
    """
    given: dict[str, str] = {}
    for name, value in pairs:
        given.setdefault(name, value)
    limit = _read_number(given, 'limit')
    timeout = _read_number(given, 'timeoutSeconds')
    initial = _read_boolean(given, 'sendInitialEvents') if given.get('sendInitialEvents') else None
    if initial is not None and given.get('resourceVersionMatch') != 'NotOlderThan':
        raise KubernetesInvalidError(
            message='resourceVersionMatch: Forbidden: sendInitialEvents requires setting resourceVersionMatch to '
            'NotOlderThan'
        )
    return ListOptions(
        labels=given.get('labelSelector', ''),
        fields=given.get('fieldSelector', ''),
        limit=limit if limit is not None and limit > 0 else None,
        token=given.get('continue', ''),
        revision=_read_revision(given.get('resourceVersion', '')),
        timeout=timeout if timeout is not None and timeout > 0 else None,
        bookmarks=_read_boolean(given, 'allowWatchBookmarks'),
        initial=initial,
    )


def _read_number(given: dict[str, str], name: str) -> int | None:
    text = given.get(name, '')
    if not text:
        return None
    if not _is_number(text):
        why = 'invalid syntax'
    elif len(text) < MAX_DIGITS:
        return int(text)
    else:
        why = 'value out of range'
    message = f'{name} is a whole number, not {text!r}: strconv.ParseInt: parsing "{text}": {why}'
    raise KubernetesBadRequestError(message=message)


def _read_boolean(given: dict[str, str], name: str) -> bool:
    text = given.get(name, '').lower()
    if text in _TRUE or (not text and name in given):
        return True
    if text in _FALSE or not text:
        return False
    raise KubernetesBadRequestError(message=f'{name} is true or false, not {given[name]!r}')


def _read_revision(text: str) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) < MAX_DIGITS):
        message = f'resourceVersion: Invalid value: "{text}": it is a number that a list or a watch has given'
        raise KubernetesBadRequestError(message=message)
    return int(text)
