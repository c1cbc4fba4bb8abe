"""What the keys of `ObjectsArray` address: one object, versions of it, all of a resource or of a namespace."""

from collections.abc import Callable, Iterable
from types import EllipsisType
from typing import Any, NamedTuple

from kmock_k8s.model.keys import HistoryKey, ObjectKey, VersionKey
from kmock_k8s.model.resolving import Choose, resolve
from kmock_k8s.model.resources import resource

_ALL: Any = ...
USAGE = 'kmock.objects[resource, namespace or None, name]'
"""How objects are addressed, in messages."""


class Scope(NamedTuple):
    """Which objects an array is about; ``...`` is all."""

    selector: resource | EllipsisType = ...
    namespace: str | EllipsisType | None = ...


def locate(
    parts: tuple[Any, ...], known: Callable[[], Iterable[resource]] | None, choose: Choose | None = None
) -> ObjectKey | VersionKey | HistoryKey | Scope:
    """What a key addresses.

    Args:
        parts: the key from its resource on: one to four items.
        known: gives the resources that a part of one can mean; None: parts of resources remain what they are.
        choose: says which resource is meant by a part that can be of several.

    Raises:
        TypeError: it is no key; the message tells how one is typed.
        ResourceNotationError: a part of a resource means none of those that are known, or several.
    """
    one = parts[0] if isinstance(parts[0], resource) else resource(parts[0])
    namespace = _check_namespace(parts[1]) if len(parts) > 1 else _ALL
    if len(parts) < 3:
        return Scope(one, namespace)
    if not isinstance(parts[2], str) or not parts[2]:
        raise TypeError(f'A name is a text, not {parts[2]!r}: {USAGE}')
    if known is not None and not one.full:  # a full one is known by itself
        one = resolve(one, known(), choose)
    if len(parts) == 3:
        return ObjectKey(one, namespace, parts[2])
    chosen: Any = parts[3]
    if isinstance(chosen, slice):
        return HistoryKey(one, namespace, parts[2], parts[3])
    if isinstance(chosen, int):
        return VersionKey(one, namespace, parts[2], chosen)
    raise TypeError(f'A version has a number, or a slice for several, not {parts[3]!r}: {USAGE[:-1]}, -1]')


def _check_namespace(namespace: Any) -> Any:
    if namespace is None or namespace is ... or (isinstance(namespace, str) and namespace):
        return namespace
    raise TypeError(f'A namespace is a text, or None for objects of the cluster, not {namespace!r}: {USAGE}')
