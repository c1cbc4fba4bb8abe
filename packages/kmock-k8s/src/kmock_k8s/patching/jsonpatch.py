"""JSON patches (RFC 6902)."""

from typing import Any, cast

from kmock_k8s.errors import KubernetesInvalidError
from kmock_k8s.model.copying import copy
from kmock_k8s.model.encoding import JSONObject, encode
from kmock_k8s.patching.decoding import too_deep
from kmock_k8s.patching.golang import describe_type, is_json
from kmock_k8s.patching.operations import MAX_COPIED, Operation, check_operations, cut, shorten

_REJECTED = 'the server rejected our request due to an error in our request'
_NOWHERE = object()


def apply(target: JSONObject, operations: Any) -> JSONObject:
    """The target after all operations of a JSON patch.

    Neither the target nor the operations are changed, whatever happens; the result has objects and lists of its own.

        >>> apply({'a': 1}, [{'op': 'test', 'path': '/a', 'value': 1}, {'op': 'add', 'path': '/b', 'value': []}])
        {'a': 1, 'b': []}

    Args:
        target: an object.
        operations: the parsed body of the patch, whatever it is.

    Raises:
        KubernetesBadRequestError: it is no JSON patch, or it is nested too deep.
        KubernetesError: 413, there are too many operations.
        KubernetesInvalidError: an operation can't be done, a test fails, or the result is no object.
    """
    try:
        patched: Any = copy(target)
        copied = 0
        for index, operation in enumerate(check_operations(operations)):
            found = _find(patched, operation['from']) if operation['op'] in ('copy', 'move') else None
            if found is _NOWHERE:
                raise _invalid(index, operation, f'there is nothing at {operation["from"]}')
            if operation['op'] == 'copy':
                copied += len(encode(found))
                if copied > MAX_COPIED:
                    raise _invalid(index, operation, f'more than {MAX_COPIED} bytes are copied')
            patched = _apply(index, operation, patched)
        encode(patched)  # values in values may have become too deep
    except RecursionError as exc:
        raise too_deep() from exc
    if not isinstance(patched, dict):
        raise KubernetesInvalidError(message=f'{_REJECTED}: the object became {describe_type(patched)}')
    return cast('JSONObject', patched)


def _apply(index: int, operation: Operation, patched: Any) -> Any:
    import jsonpatch

    try:
        return jsonpatch.JsonPatch([copy(operation)]).apply(patched, in_place=True)
    except (jsonpatch.JsonPatchException, jsonpatch.JsonPointerException) as exc:
        raise _invalid(index, operation, _explain(operation, patched) or str(exc)) from exc


def _explain(operation: Operation, patched: Any) -> str | None:
    path: str = operation['path']
    found = _find(patched, path)
    if operation['op'] in ('test', 'remove', 'replace') and found is _NOWHERE:
        return f'there is nothing at {path}'
    if operation['op'] == 'test':
        return f'it is {shorten(found)}, not {shorten(operation["value"])}'
    parent = path.rpartition('/')[0]
    found = _find(patched, parent)
    if found is _NOWHERE:
        return f'there is nothing at {parent}'
    return None if isinstance(found, (dict, list)) else f'{parent} is neither an object nor an array'


def _find(patched: Any, pointer: str) -> Any:
    import jsonpatch

    found = jsonpatch.JsonPointer(pointer).resolve(patched, _NOWHERE)
    return found if is_json(found) else _NOWHERE  # what is after the last item of a list is an object of the library


def _invalid(index: int, operation: Operation, why: str) -> KubernetesInvalidError:
    what = f'operation {index} ({operation["op"]} {cut(operation["path"])})'
    return KubernetesInvalidError(message=f'{_REJECTED}: {what}: {cut(why, 250)}')
