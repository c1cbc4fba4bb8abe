"""Lists that a strategic merge patch merges: by a key of their items, or as sets of plain values."""

from collections.abc import Callable, Hashable
from operator import itemgetter
from typing import Any, TypeAlias

from kmock_k8s.errors import KubernetesError
from kmock_k8s.model.copying import copy
from kmock_k8s.patching.directives import (
    DELETE,
    DIRECTIVE,
    MERGE,
    REPLACE,
    SET_ORDER,
    check_alike,
    keyless,
    unexpected,
    unknown,
)
from kmock_k8s.patching.golang import print_value

MergeItems: TypeAlias = Callable[[dict[str, Any], dict[str, Any]], dict[str, Any]]
"""Gives the patched item of an item, which is used up, and of the patch of it."""


def merge_list(target: list[Any], patch: list[Any], key: str | None, merge: MergeItems) -> list[Any]:
    """The target after the patch of a list that is merged; the order is that of `arrange`.

    Args:
        target: the items that there are; it is used up.
        patch: the items to be merged.
        key: the key that identifies items; None for lists of plain values.
        merge: what merges items.

    Raises:
        KubernetesError: an item has no such key, or the items are not of one type.
    """
    if not target and not patch:
        return target
    check_alike(target, patch)
    if not isinstance((target or patch)[0], dict):
        merged = list({identify(item, None): item for item in (*target, *patch)}.values())
        return arrange(merged, patch, target, key)
    if key is None:
        raise KubernetesError(message='cannot merge lists without merge key')
    items, patches = _obey(target, patch, key)
    live = [*items]
    places: dict[Hashable, int] = {}
    for place, item in enumerate(items):
        if key in item:
            places.setdefault(identify(item, key), place)
    for item in patches:
        identity = identify(item, key)
        if identity in places:
            place = places[identity]
            items[place] = merge(items[place], item)
        else:
            places[identity] = len(items)
            items.append(copy(item))
    return arrange(items, patches, live, key)


def _obey(target: list[Any], patch: list[Any], key: str) -> tuple[list[Any], list[Any]]:
    """Do what the directives among the items say; what is left is the items and those to be merged into them."""
    deleted: set[Hashable] = set()
    replaces = False
    patches: list[Any] = []
    item: dict[str, Any]
    for item in patch:
        if DIRECTIVE not in item:
            patches.append(item)
        elif item[DIRECTIVE] == DELETE:
            deleted.add(identify(item, key))
        elif item[DIRECTIVE] == REPLACE:
            replaces = True
        elif item[DIRECTIVE] == MERGE:
            raise KubernetesError(message='merging lists cannot yet be specified in the patch')
        else:
            raise unknown(item)
    if replaces:
        return copy(patches), []
    if deleted:
        return [item for item in target if key not in item or identify(item, key) not in deleted], patches
    return target, patches


def arrange(items: list[Any], wanted: list[Any], live: list[Any], key: str | None) -> list[Any]:
    """The items in the order of a patch, then in that of the object.

    Those that the patch mentions are in its order, the others in that which they had; so far as both allow it, all are
    in that which they had. What is new comes as early as it can: before the others, if nothing else is mentioned.

        >>> arrange(['a', 'b', 'c', 'new'], ['new'], ['a', 'b', 'c'], None)
        ['new', 'a', 'b', 'c']
        >>> arrange(['a', 'b', 'c', 'new'], ['b', 'new'], ['a', 'b', 'c'], None)
        ['a', 'b', 'new', 'c']

    Args:
        items: what is to be ordered.
        wanted: the items of the patch, or only their keys, in its order.
        live: the items of the object before.
        key: the key that identifies items; None for lists of plain values.
    """
    wishes = _index(wanted, key)
    places = _index(live, key)
    ours: list[tuple[int, int, Any]] = []  # (the place in the patch, the place before, the item)
    theirs: list[tuple[int, Any]] = []
    for item in items:
        identity = identify(item, key)
        wish = wishes.get(identity)
        if wish is None:
            theirs.append((places.get(identity, -1), item))
        else:
            ours.append((wish, places.get(identity, -1), item))
    ours.sort(key=itemgetter(0))
    theirs.sort(key=itemgetter(0))
    arranged: list[Any] = []
    rest = iter(theirs)
    upcoming = next(rest, None)
    for _, place, item in ours:
        while upcoming is not None and 0 <= upcoming[0] < place:
            arranged.append(upcoming[1])
            upcoming = next(rest, None)
        arranged.append(item)
    while upcoming is not None:
        arranged.append(upcoming[1])
        upcoming = next(rest, None)
    return arranged


def check_order(patch: list[Any], order: list[Any], key: str | None) -> None:
    """An error if the items of a patch are not all in an order, or not in this one; those to be deleted don't count."""
    if not patch or not order:
        return
    marks = [_directive(item) for item in patch]
    items = [(item, mark) for item, mark in zip(patch, marks, strict=True) if key is None or mark != DELETE]
    place = 0
    for wanted in order:
        while place < len(items) and items[place][1] is not None:
            place += 1
        if place == len(items):
            return
        if identify(items[place][0], key) == identify(wanted, key):
            place += 1
    if place < len(items):
        raise KubernetesError(
            message=f'The order in patch list:\n{print_value(patch)}\n'
            f" doesn't match {SET_ORDER} list:\n{print_value(order)}\n"
        )


def _directive(item: Any) -> Any:
    mapping: dict[str, Any] = item
    return mapping.get(DIRECTIVE) if isinstance(item, dict) else None


def identify(item: Any, key: str | None) -> Hashable:
    """What makes an item of a list the same one as another; numbers are never the same as booleans.

    Raises:
        KubernetesError: it is not an object with this key, or it is not a plain value if there is no key.
    """
    value: Any = item
    mapping: dict[str, Any] = item
    if key is not None:
        if not isinstance(item, dict):
            raise unexpected(item, {})
        if key not in mapping:
            raise keyless(mapping, key)
        value = mapping[key]
    if isinstance(value, str):
        return value
    if isinstance(value, (dict, list)):
        raise KubernetesError(message=f'{print_value(value)} does not identify an item of a list')
    return isinstance(value, bool), isinstance(value, float), value


def _index(items: list[Any], key: str | None) -> dict[Hashable, int]:
    places: dict[Hashable, int] = {}
    for place, item in enumerate(items):
        places.setdefault(identify(item, key), place)
    return places
