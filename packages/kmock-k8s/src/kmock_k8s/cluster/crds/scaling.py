"""Custom objects that can be scaled: what keeps the parts that their scales show from being valid."""

from collections.abc import Iterator
from typing import Any, cast

from kmock_k8s.cluster.crds.kinds import CustomKind
from kmock_k8s.cluster.statuses import Cause, invalid_value
from kmock_k8s.model.encoding import JSONObject

_MOST = 2**31 - 1
_NAMES: dict[type, str] = {bool: 'bool', str: 'string', float: 'float64', list: '[]interface {}'}
_MAP = 'map[string]interface {}'


def check_scale(kind: CustomKind, content: JSONObject) -> Iterator[Cause]:
    """The causes to refuse the numbers of replicas, and the selector."""
    declared: JSONObject = kind.scale or {}
    for field in ('specReplicasPath', 'statusReplicasPath'):
        if declared.get(field):
            yield from _check_number(content, str(declared[field]))
    path = declared.get('labelSelectorPath')
    if path:
        found, why = _find(content, str(path), str, 'string')
        if why:
            yield invalid_value(str(path), found or '', why)


def _check_number(content: JSONObject, path: str) -> Iterator[Cause]:
    number, why = _find(content, path, int, 'int64')
    if why:
        yield invalid_value(path, 0, why)
    elif number is not None and number < 0:
        yield invalid_value(path, number, 'should be a non-negative integer')
    elif number is not None and number > _MOST:
        yield invalid_value(path, number, f'should be less than or equal to {_MOST}')


def _find(content: JSONObject, path: str, wanted: type, shown: str) -> tuple[Any, str]:
    """What is at a path; or why it can't be that."""
    found: Any = content
    steps = path.removeprefix('.').split('.')
    for index, step in enumerate(steps):
        if found is None:
            return None, ''
        if not isinstance(found, dict):
            return None, _explain(steps[:index], found, _MAP)
        found = cast('JSONObject', found).get(step)
    if found is None or found.__class__ is wanted:
        return found, ''
    return None, _explain(steps, found, shown)


def _explain(steps: list[str], value: Any, wanted: str) -> str:
    shown = str(value).lower() if isinstance(value, bool) else value
    name = _NAMES.get(value.__class__, 'int64' if isinstance(value, int) else _MAP)
    return f'.{".".join(steps)} accessor error: {shown} is of the type {name}, expected {wanted}'
