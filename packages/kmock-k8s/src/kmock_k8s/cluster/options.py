"""What the query of a write asks for (``CreateOptions``, ``UpdateOptions``, ``PatchOptions`` of the API reference)."""

from collections.abc import Sequence
from typing import NamedTuple

from kmock_core import Request
from kmock_k8s.cluster.statuses import Cause, Named, invalid, not_supported

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


def read_write_options(request: Request, kind: str) -> WriteOptions:
    """Read the options of a write.

    Args:
        request: the request.
        kind: the kind of the options, for errors: ``CreateOptions``.
    """
    given: dict[str, list[str]] = {}
    for name, value in request.query_pairs if '?' in request.target else ():
        given.setdefault(name, []).append(value)
    causes: list[Cause] = []
    dry = given.get('dryRun', [])
    causes += check_dry_run(dry)
    manager = given.get('fieldManager', [''])[0]
    if len(manager.encode()) > MAX_MANAGER:
        message = f'Too long: may not be more than {MAX_MANAGER} bytes'
        causes.append(Cause('FieldValueTooLong', message, 'fieldManager'))
    validation = given.get('fieldValidation', [''])[0]
    if validation not in VALIDATIONS:
        causes.append(not_supported('fieldValidation', validation, VALIDATIONS))
    if causes:
        raise invalid(Named('meta.k8s.io', kind), causes)
    return WriteOptions(
        dry_run=bool(dry),
        manager=manager or agent_of(request),
        validation=validation or 'Warn',
        force=given.get('force', [''])[0].lower() in {'1', 't', 'true'},
    )


def check_dry_run(values: Sequence[str]) -> list[Cause]:
    """The causes to refuse what is said of dry runs."""
    if any(value != 'All' for value in values):
        return [not_supported('dryRun', list(values), ['All'])]
    return []


def agent_of(request: Request) -> str:
    """The name by which a client calls itself, up to its version: the manager of the fields that it writes."""
    agent = request.headers.get('user-agent', '')
    return agent.partition('/')[0][:MAX_MANAGER] or 'unknown'
