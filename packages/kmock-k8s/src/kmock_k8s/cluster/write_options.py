"""The ``CreateOptions``, ``UpdateOptions``, ``PatchOptions`` of the API reference, which are in the query."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from kmock_core import Request
from kmock_k8s.cluster.list_options import FALSE
from kmock_k8s.cluster.statuses import Cause, Named, forbidden, invalid, invalid_value, not_supported, required

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
    request: Request | None = None
    """Who asks for it; None if it is the server itself."""


def read_write_options(request: Request, kind: str, *, applied: bool = False) -> WriteOptions:
    """Read the options of a write.

    Args:
        request: the request.
        kind: the kind of the options, for errors: ``CreateOptions``.
        applied: whether it is an apply: then it has to say who applies, and can be forced.

    Raises:
        KubernetesError: they can't be.
    """
    if '?' not in request.target and not applied:
        return WriteOptions(dry_run=False, manager=agent_of(request), validation='Warn', force=False, request=request)
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
        request=request,
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
