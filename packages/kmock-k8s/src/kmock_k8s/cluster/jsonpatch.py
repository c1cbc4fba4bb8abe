"""JSON patches as a real server applies them: more leniently than RFC 6902 wants it, and without saying what is wrong.

What is absent is null there: it equals null, it can be replaced, moved and copied. Only what has no place is refused.
"""

from typing import Any, cast

from kmock_k8s.cluster.statuses import rejected
from kmock_k8s.model.copying import copy
from kmock_k8s.model.encoding import JSONObject, encode
from kmock_k8s.ownership.comparing import equal
from kmock_k8s.patching.operations import MAX_COPIED, check_count

_MAX_DIGITS = 18


def apply(target: JSONObject, operations: list[Any]) -> Any:
    """Apply the operations to an object, which may be changed for it; all of them, or the request is refused."""
    check_count(operations)
    document: Any = target
    copied = 0
    for operation in operations:
        if not isinstance(operation, dict) or not isinstance(cast('JSONObject', operation).get('path'), str):
            raise rejected()
        if cast('JSONObject', operation).get('op') == 'copy':
            copied += len(encode(_get(document, _source_of(cast('JSONObject', operation)))))
            if copied > MAX_COPIED:
                raise rejected()
        document = _apply(document, cast('JSONObject', operation))
    return document


def _apply(document: Any, operation: JSONObject) -> Any:
    path = operation['path']
    match operation.get('op'):
        case 'add':
            return _add(document, path, operation.get('value'))
        case 'remove':
            _remove(document, path)
            return document
        case 'replace':
            return _replace(document, path, operation.get('value'))
        case 'test':
            if not equal(_get(document, path), operation.get('value')):
                raise rejected()
            return document
        case 'move':
            source = _source_of(operation)
            value = _get(document, source)
            if source == path:
                return document
            if _exists(document, source):
                _remove(document, source)
            return _add(document, path, value)
        case 'copy':
            return _add(document, path, copy(_get(document, _source_of(operation))))
        case _:
            raise rejected()


def _source_of(operation: JSONObject) -> str:
    source = operation.get('from')
    if not isinstance(source, str):
        raise rejected()
    return source


def _split(path: str) -> list[str]:
    if path and not path.startswith('/'):
        raise rejected()
    return [part.replace('~1', '/').replace('~0', '~') for part in path.split('/')[1:]]


def _parent(document: Any, path: str) -> tuple[Any, str]:
    if not path:
        raise rejected()
    *parents, last = _split(path)
    found = document
    for part in parents:
        found = _child(found, part)
    container: Any = found
    if not isinstance(found, (dict, list)):
        raise rejected()
    return container, last


def _child(container: Any, part: str) -> Any:
    fields: JSONObject = container
    items: list[Any] = container
    if isinstance(container, dict):
        return fields.get(part)
    if isinstance(container, list):
        return items[_index(part, len(items))]
    raise rejected()


def _index(part: str, count: int) -> int:
    digits = part.removeprefix('-')
    if not (digits.isascii() and digits.isdecimal() and len(digits) <= _MAX_DIGITS):
        raise rejected()
    index = int(part)
    if not -count <= index < count:
        raise rejected()
    return index


def _get(document: Any, path: str) -> Any:
    if not path:
        return document
    container, last = _parent(document, path)
    return _child(container, last)


def _exists(document: Any, path: str) -> bool:
    container, last = _parent(document, path)
    return not isinstance(container, dict) or last in container


def _add(document: Any, path: str, value: Any) -> Any:
    if not path:
        return value
    container, last = _parent(document, path)
    items: list[Any] = container
    if isinstance(container, list):
        if last == '-':
            items.append(value)
        else:
            items.insert(_index(last, len(items) + 1), value)
    else:
        container[last] = value
    return document


def _replace(document: Any, path: str, value: Any) -> Any:
    if not path:
        return value
    container, last = _parent(document, path)
    items: list[Any] = container
    if isinstance(container, list):
        items[_index(last, len(items))] = value
    else:
        container[last] = value
    return document


def _remove(document: Any, path: str) -> None:
    if not path:
        raise rejected()
    container, last = _parent(document, path)
    items: list[Any] = container
    if isinstance(container, list):
        del items[_index(last, len(items))]
    elif last in container:
        del container[last]
    else:
        raise rejected()
