"""The ``ListOptions`` of the API reference, with the errors of a real server: of lists and of watches."""

import re
from collections.abc import Iterator, Mapping

from kmock_core import Request
from kmock_k8s.api.options import ListOptions
from kmock_k8s.cluster.statuses import Cause, Named, bad_request, forbidden, internal, invalid, not_supported, show

FALSE = frozenset({'0', 'false'})
"""What is false in a query, in any case of letters; all else is true there, nothing at all too."""

_MAX_DIGITS = 20
"""How many digits a number of 64 bits has at most, with its sign."""

_MATCH = 'resourceVersionMatch'
_MATCHES = ('Exact', 'NotOlderThan', '')

_is_int = re.compile(r'[+-]?[0-9]+').fullmatch


def read_list_options(request: Request, *, watching: bool, named: bool) -> ListOptions:
    """Read the options of a list or of a watch.

    Args:
        request: the request.
        watching: whether it is a watch.
        named: whether one object is read, or watched.

    Raises:
        KubernetesError: they are malformed, or contradict each other.
    """
    given: dict[str, str] = {}
    for name, value in request.query_pairs:
        given.setdefault(name, value)
    if named and not watching:
        given = {'resourceVersion': given.get('resourceVersion', '')}  # the only option of what reads one object
    version = given.get('resourceVersion', '')
    limit, timeout = _read_number(given, 'limit'), _read_number(given, 'timeoutSeconds')
    initial = given['sendInitialEvents'].lower() not in FALSE if 'sendInitialEvents' in given else None
    causes = list(_check_watch(given, initial) if watching else _check_list(given, initial))
    if causes:
        raise invalid(Named('meta.k8s.io', 'ListOptions'), causes)
    if version and (why := _check_revision(version)):
        text = f'resourceVersion: Invalid value: {show(version)}: strconv.ParseUint: parsing {show(version)}: {why}'
        raise internal(text) if watching or named else bad_request(f'invalid resource version: {text}')
    bookmarks = given.get('allowWatchBookmarks', 'false').lower() not in FALSE
    revision = int(version) if version else None
    if bookmarks and initial is None and not revision:
        initial = True
    return ListOptions(
        labels=given.get('labelSelector', ''),
        fields=given.get('fieldSelector', ''),
        limit=limit if limit is not None and limit > 0 else None,
        token=given.get('continue', ''),
        revision=revision,
        timeout=timeout or None,
        bookmarks=bookmarks,
        initial=initial,
    )


def _read_number(given: dict[str, str], name: str) -> int | None:
    return parse_int(given[name]) if name in given else None


def parse_int(text: str) -> int:
    """The number that a text is, as Go reads it; a bad request, if it is none of 64 bits."""
    if not _is_int(text):
        raise bad_request(f'strconv.ParseInt: parsing {show(text)}: invalid syntax')
    if len(text) > _MAX_DIGITS or not -(2**63) <= int(text) < 2**63:
        raise bad_request(f'strconv.ParseInt: parsing {show(text)}: value out of range')
    return int(text)


def _check_revision(text: str) -> str | None:
    """Why a text is no revision; None if it is one."""
    if not (text.isascii() and text.isdecimal()):
        return 'invalid syntax'
    return None if len(text) <= _MAX_DIGITS and int(text) < 2**64 else 'value out of range'


def _check_list(given: Mapping[str, str], initial: bool | None) -> Iterator[Cause]:
    version, match = given.get('resourceVersion', ''), given.get('resourceVersionMatch', '')
    if match:
        if not version:
            yield forbidden(_MATCH, 'resourceVersionMatch is forbidden unless resourceVersion is provided')
        yield from _check_token(given)
        if match not in _MATCHES:
            yield not_supported(_MATCH, match, _MATCHES)
        if match == 'Exact' and version == '0':
            yield forbidden(_MATCH, 'resourceVersionMatch "exact" is forbidden for resourceVersion "0"')
    if initial is not None:
        yield forbidden('sendInitialEvents', 'sendInitialEvents is forbidden for list')


def _check_watch(given: Mapping[str, str], initial: bool | None) -> Iterator[Cause]:
    match = given.get('resourceVersionMatch', '')
    if initial is not None and match != 'NotOlderThan':
        yield forbidden(_MATCH, 'sendInitialEvents requires setting resourceVersionMatch to NotOlderThan')
    if match:
        if initial is None:
            yield forbidden(_MATCH, 'resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided')
        if match != 'NotOlderThan':
            yield not_supported(_MATCH, match, ['NotOlderThan'])
        yield from _check_token(given)


def _check_token(given: Mapping[str, str]) -> Iterator[Cause]:
    if given.get('continue'):
        yield forbidden(_MATCH, 'resourceVersionMatch is forbidden when continue is provided')
