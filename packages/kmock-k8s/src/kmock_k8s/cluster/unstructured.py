"""Why the result of a strategic merge patch is of wrong types: it is no JSON there, so other words are used for it.

They are those of ``k8s.io/apimachinery/pkg/runtime/converter.go``.
"""

import json
import re
from typing import Any

from kmock_k8s.patching.golang import print_value

_DECODED = re.compile(r'json: cannot unmarshal (?P<got>\w+)(?: (?P<number>\S+))? into Go .* of type (?P<wanted>.+)')
_KINDS = {'string': 'string', 'bool': 'bool', 'array': 'slice', 'object': 'map'}


def convert_error(why: str) -> str:
    """The words for what a decoder of JSON says in its own.

    >>> convert_error('json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32')
    'unrecognized type: int32'
    """
    found = _DECODED.fullmatch(why)
    if found is None:
        return why
    wanted, number = found['wanted'], found['number'] or ''
    got = _KINDS.get(found['got']) or ('float64' if isinstance(_parse(number), float) else 'int64')
    if wanted.startswith('map['):
        return f'cannot restore map from {got}'
    if wanted.startswith('[]'):
        return f'cannot restore slice from {got}'
    if '.' in wanted:
        return f'cannot restore struct from: {got}'
    if got in ('int64', 'float64') and wanted != 'bool':
        return f'cannot convert {got} to {wanted}'
    return f'unrecognized type: {wanted}'


def show_changes(changes: Any) -> str:
    """A patch, as Go prints it.

    >>> show_changes({'spec': {'replicas': 'x'}})
    'map[spec:map[replicas:x]]'
    """
    return print_value(changes)


def _parse(number: str) -> object:
    try:
        return json.loads(number)
    except ValueError:
        return None
