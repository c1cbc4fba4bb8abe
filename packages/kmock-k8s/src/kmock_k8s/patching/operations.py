"""The operations of JSON patches: which are well-formed."""

import json
import re
from collections.abc import Sequence
from typing import Any, TypeAlias, cast

from kmock_k8s.errors import KubernetesError
from kmock_k8s.patching.decoding import mistyped, undecodable
from kmock_k8s.patching.golang import describe_type

Operation: TypeAlias = dict[str, Any]
"""One operation of a patch, well-formed."""

MAX_OPERATIONS = 10_000
"""How many operations a patch may have, as in the API."""

MAX_COPIED = 3 * 1024 * 1024
"""How many bytes of JSON one patch may copy, as in the API: some dozens of copies of copies would fill the memory."""

_MEMBERS = {
    'add': ('path', 'value'),
    'copy': ('path', 'from'),
    'move': ('path', 'from'),
    'remove': ('path',),
    'replace': ('path', 'value'),
    'test': ('path', 'value'),
}
_is_pointer = re.compile(r'(/([^/~]|~[01])*)*').fullmatch


def check_operations(patch: Any) -> list[Operation]:
    """The patch itself, if it is a list of well-formed operations; whether they can be done is seen later.

    Raises:
        KubernetesBadRequestError: it is not.
        KubernetesError: 413, there are too many.
    """
    operations: list[Any] = patch
    if not isinstance(patch, list):
        raise mistyped(patch, '[]handlers.jsonPatchOp')
    check_count(operations)
    return [_check(index, operation) for index, operation in enumerate(operations)]


def check_count(operations: Sequence[object]) -> None:
    """Refuse a patch of too many operations, by a `KubernetesError` 413."""
    if len(operations) > MAX_OPERATIONS:
        what = f'The allowed maximum operations in a JSON patch is {MAX_OPERATIONS}, got {len(operations)}'
        message = f'Request entity too large: {what}'
        raise KubernetesError(status=413, reason='RequestEntityTooLarge', message=message)


def _check(index: int, operation: Any) -> Operation:
    if not isinstance(operation, dict):
        raise undecodable(f'operation {index} has to be an object, not {describe_type(operation)}')
    checked = cast('Operation', operation)
    op: Any = checked.get('op')
    members = _MEMBERS.get(op) if isinstance(op, str) else None
    if members is None:
        got = f'unknown op {shorten(op)}' if 'op' in checked else 'no op'
        raise undecodable(f'operation {index} has {got} (known: {", ".join(_MEMBERS)})')
    for member in members:
        if member not in checked:
            raise undecodable(f'operation {index} ({op}) has no {member}')
        if member != 'value':
            _check_pointer(f'operation {index} ({op})', member, checked[member])
    return checked


def _check_pointer(what: str, member: str, pointer: Any) -> None:
    if not isinstance(pointer, str) or not _is_pointer(pointer):
        example = '"/metadata/labels/example.com~1app"'
        raise undecodable(f'{what}: {member} has to be a JSON pointer, such as {example}, not {shorten(pointer)}')


def shorten(value: Any) -> str:
    """The JSON of a thing, for people: cut if it is long."""
    return cut(json.dumps(value, ensure_ascii=False))


def cut(text: str, limit: int = 100) -> str:
    """The text, or so much of it that fits the limit, which ends with an ellipsis then."""
    return text if len(text) <= limit else f'{text[: limit - 1]}…'
