"""JSON patches (RFC 6902)."""

from typing import Any, cast

from kmock_k8s.errors import KubernetesInvalidError
from kmock_k8s.model.encoding import JSONObject, encode
from kmock_k8s.patching.copying import copy
from kmock_k8s.patching.decoding import describe, is_json, too_deep
from kmock_k8s.patching.operations import Operation, check_operations, shorten

_MAX_COPIED = 3 * 1024 * 1024
"""How many bytes of JSON one patch may copy, as in the API: some dozens of copies of copies would fill the memory."""

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
            if operation['op'] == 'copy':
                copied += _measure(patched, operation['from'])
                if copied > _MAX_COPIED:
                    raise _invalid(index, operation, f'more than {_MAX_COPIED} bytes are copied')
            patched = _apply(index, operation, patched)
        encode(patched)  # values in values may have become too deep
    except RecursionError as exc:
        raise too_deep() from exc
    if not isinstance(patched, dict):
        raise KubernetesInvalidError(message=f'{_REJECTED}: the object became {describe(patched)}')
    return cast('JSONObject', patched)


def _apply(index: int, operation: Operation, patched: Any) -> Any:
    import jsonpatch

    try:
        return jsonpatch.JsonPatch([copy(operation)]).apply(patched, in_place=True)
    except jsonpatch.JsonPatchTestFailed as exc:
        raise _invalid(index, operation, _explain_test(patched, operation)) from exc
    except (jsonpatch.JsonPatchException, jsonpatch.JsonPointerException) as exc:
        raise _invalid(index, operation, str(exc)) from exc
    except (LookupError, TypeError, ValueError, AttributeError) as exc:  # of paths into what is neither object nor list
        raise _invalid(index, operation, 'there is no such place') from exc


def _measure(patched: Any, pointer: str) -> int:
    found = _find(patched, pointer)
    return 0 if found is _NOWHERE else len(encode(found))


def _explain_test(patched: Any, operation: Operation) -> str:
    found = _find(patched, operation['path'])
    if found is _NOWHERE:
        return 'there is no such place'
    return f'it is {shorten(found)}, not {shorten(operation["value"])}'


def _find(patched: Any, pointer: str) -> Any:
    import jsonpatch

    found = jsonpatch.JsonPointer(pointer).resolve(patched, _NOWHERE)
    return found if is_json(found) else _NOWHERE  # what is after the last item of a list is an object of the library


def _invalid(index: int, operation: Operation, why: str) -> KubernetesInvalidError:
    what = f'operation {index} ({operation["op"]} {operation["path"]})'
    return KubernetesInvalidError(message=f'{_REJECTED}: {what}: {why}')
