"""What the query asks for: the ``CreateOptions``, ``PatchOptions``, ``ListOptions`` … of the API reference."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from kmock_core import Request
from kmock_k8s.api.options import ListOptions
from kmock_k8s.cluster.statuses import (
    Cause,
    Named,
    bad_request,
    forbidden,
    internal,
    invalid,
    invalid_value,
    not_supported,
    required,
    show,
)

VALIDATIONS = ('', 'Ignore', 'Strict', 'Warn')
MAX_MANAGER = 128


class WriteOptions(NamedTuple):
    """How something is to be written."""

    dry_run: bool
    """Whether it is only tried."""
    manager: str
    """Who owns the fields that are changed."""
    validation: str
    """What becomes of unknown and duplicate fields: ``Ignore``, ``Strict``, ``Warn``."""
    force: bool
    """Whether an apply takes fields from others."""
    applied: bool = False
    """Whether it is an apply: then what is written has its managedFields already."""


def read_write_options(request: Request, kind: str, *, applied: bool = False) -> WriteOptions:
    """Read the options of a write.

    Args:
        request: the request.
        kind: the kind of the options, for errors: ``CreateOptions``.
        applied: whether it is an apply: then it has to say who applies, and can be forced.
    """
    if '?' not in request.target and not applied:
        return WriteOptions(dry_run=False, manager=agent_of(request), validation='Warn', force=False)
    given: dict[str, list[str]] = {}
    for name, value in request.query_pairs:
        given.setdefault(name, []).append(value)
    causes: list[Cause] = []
    manager = given.get('fieldManager', [''])[0]
    if applied and not manager:
        causes.append(required('fieldManager', 'is required for apply patch'))
    if not applied and kind == 'PatchOptions' and 'force' in given:
        causes.append(forbidden('force', 'may not be specified for non-apply patch'))
    causes += _check_manager(manager)
    dry = given.get('dryRun', [])
    causes += check_dry_run(dry)
    validation = given.get('fieldValidation', [''])[0]
    if validation not in VALIDATIONS:
        causes.append(not_supported('fieldValidation', validation, VALIDATIONS))
    if causes:
        raise invalid(Named('meta.k8s.io', kind), causes)
    return WriteOptions(
        dry_run=bool(dry),
        manager=manager or agent_of(request),
        validation=validation or 'Warn',
        force=given.get('force', ['false'])[0].lower() not in FALSE,
        applied=applied,
    )


def _check_manager(manager: str) -> Iterator[Cause]:
    """The causes to refuse the name of who writes: it has to be short, and can be shown."""
    if len(manager.encode('utf-8', 'surrogatepass')) > MAX_MANAGER:
        message = f'Too long: may not be more than {MAX_MANAGER} bytes'
        yield Cause('FieldValueTooLong', message, 'fieldManager')
    if not manager.isprintable():
        for index, char in enumerate(manager):
            if not char.isprintable():
                place = len(manager[:index].encode('utf-8', 'surrogatepass'))
                yield invalid_value(
                    'fieldManager', manager, f'invalid character U+{ord(char):04X} (at position {place})'
                )


def check_dry_run(values: Sequence[str]) -> list[Cause]:
    """The causes to refuse what is said of dry runs."""
    if any(value != 'All' for value in values):
        return [not_supported('dryRun', list(values), ['All'])]
    return []


def agent_of(request: Request) -> str:
    """The name by which a client calls itself, up to its version: the manager of the fields that it writes."""
    agent = request.header_values.get(b'user-agent', [''])[0].partition('/')[0]
    if not (agent.isascii() and agent.isprintable()):
        shown = ''.join(char for char in agent if char.isprintable())
        return shown.encode()[:MAX_MANAGER].decode(errors='ignore') or 'unknown'
    return agent[:MAX_MANAGER] or 'unknown'


BY_ITSELF = WriteOptions(dry_run=False, manager='kube-apiserver', validation='Ignore', force=False)
"""What the server writes by itself."""


# ---- Lists and watches ----

MAX_DIGITS = 20
"""How many digits a number of 64 bits has at most, with its sign."""

MATCHES = ('Exact', 'NotOlderThan', '')
FALSE = frozenset({'0', 'false'})
"""What is false in a query, in any case of letters; all else is true there, nothing at all too."""

_is_int = re.compile(r'[+-]?[0-9]+').fullmatch


def read_list_options(request: Request, *, watching: bool, named: bool) -> ListOptions:
    """Read the options of a list or of a watch, with the errors of a real server."""
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
    if len(text) > MAX_DIGITS or not -(2**63) <= int(text) < 2**63:
        raise bad_request(f'strconv.ParseInt: parsing {show(text)}: value out of range')
    return int(text)


def _check_revision(text: str) -> str | None:
    """Why a text is no revision; None if it is one."""
    if not (text.isascii() and text.isdecimal()):
        return 'invalid syntax'
    return None if len(text) <= MAX_DIGITS and int(text) < 2**64 else 'value out of range'


def _check_list(given: Mapping[str, str], initial: bool | None) -> Iterator[Cause]:
    version, match = given.get('resourceVersion', ''), given.get('resourceVersionMatch', '')
    if match:
        if not version:
            yield forbidden(_MATCH, 'resourceVersionMatch is forbidden unless resourceVersion is provided')
        yield from _check_token(given)
        if match not in MATCHES:
            yield not_supported(_MATCH, match, MATCHES)
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


_MATCH = 'resourceVersionMatch'
