"""The words of strategic merge patches, and what is wrong with them."""

from itertools import chain
from typing import Any, Final

from kmock_k8s.errors import KubernetesBadRequestError, KubernetesError, KubernetesInvalidError
from kmock_k8s.patching.golang import print_string, print_type, print_value

DIRECTIVE: Final = '$patch'
DELETE: Final = 'delete'
MERGE: Final = 'merge'
REPLACE: Final = 'replace'
RETAIN_KEYS: Final = '$retainKeys'
SET_ORDER: Final = '$setElementOrder'
DELETE_FROM: Final = '$deleteFromPrimitiveList'

_WHAT = {RETAIN_KEYS: 'retainKeys', SET_ORDER: 'setElementOrder list', DELETE_FROM: 'primitive list'}


def field_of(key: str, prefix: str) -> str:
    """The field that a directive is about: ``containers`` of ``$setElementOrder/containers``.

    Raises:
        KubernetesBadRequestError: the key only begins as a directive does.
    """
    head, slash, field = key.partition('/')
    if head != prefix or not slash:
        raise malformed(prefix)
    return field


def malformed(directive: str) -> KubernetesBadRequestError:
    """The error about a directive that makes no sense."""
    return KubernetesBadRequestError(message=f'invalid patch format of {_WHAT[directive]}')


def unknown(patch: dict[str, Any]) -> KubernetesError:
    """The error about a ``$patch`` that is neither ``delete`` nor ``replace``."""
    return KubernetesError(message=f'unknown patch type: {print_string(patch[DIRECTIVE])} in map: {print_value(patch)}')


def keyless(item: dict[str, Any], key: str) -> KubernetesError:
    """The error about an item of a list that can't be identified."""
    return KubernetesError(message=f'map: {print_value(item)} does not contain declared merge key: {key}')


def unexpected(value: Any, wanted: dict[str, Any] | list[Any]) -> KubernetesError:
    """The error about a value of another type than that of the wanted one."""
    return KubernetesError(message=f'expected a {print_type(wanted)}, but received a {print_type(value)}')


def as_list(value: Any) -> list[Any]:
    """The value, if it is a list; else an error."""
    items: list[Any] = value
    if not isinstance(value, list):
        raise unexpected(value, [])
    return items


def check_alike(*lists: list[Any]) -> None:
    """An error if not all items in all lists are of one type, or if they are lists themselves.

    Raises:
        KubernetesInvalidError: there are lists in a list.
        KubernetesError: 500, the types differ.
    """
    kinds: list[type[object]] = []
    item: object
    for item in chain(*lists):
        if type(item) not in kinds:
            kinds.append(type(item))
    if not kinds:
        raise KubernetesError(message='no elements in any of the given slices')
    if kinds[0] is list:
        raise KubernetesInvalidError(message='the server rejected our request due to an error in our request')
    if len(kinds) > 1 or kinds[0] is type(None):
        raise KubernetesError(message=f'list element types are not identical: {print_value(list(lists))}')
