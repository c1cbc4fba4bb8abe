"""Applied configurations: merged into what is there."""

from collections.abc import Iterator
from typing import Any, cast

from kmock_k8s.model.encoding import JSONObject
from kmock_k8s.ownership.comparing import index
from kmock_k8s.ownership.elements import Element
from kmock_k8s.ownership.shapes import FREE, Shape


def merge(live: JSONObject, config: JSONObject, shape: Shape) -> JSONObject:
    """The object with all that the configuration says, and with all else that it had.

        >>> merge({'a': 1, 'b': {'c': 1}}, {'b': {'d': [2]}}, FREE)
        {'a': 1, 'b': {'c': 1, 'd': [2]}}

    Neither is changed; the result shares values with both.
    """
    return cast('JSONObject', _merge(live, config, shape))


def _merge(live: Any, config: Any, shape: Shape) -> Any:
    fields: dict[str, Any] = live
    items: list[Any] = live
    wanted: Any = config or ()
    if not live:
        return config
    if isinstance(live, dict) and shape.divided_map and (config is None or isinstance(config, dict)):
        merged = {**fields}
        for key, value in dict(wanted).items():
            merged[key] = _merge(merged[key], value, shape.child(key) or FREE) if key in merged else value
        return merged
    if isinstance(live, list) and shape.divided_list and (config is None or isinstance(config, list)):
        return list(_merge_lists(items, wanted, shape))
    return config


def _merge_lists(live: list[Any], config: list[Any], shape: Shape) -> Iterator[Any]:
    theirs, mine = index(live, shape), index(config, shape)
    for element, place in _interleave(live, list(mine), theirs, shape):
        if element not in mine:
            yield live[place]
        elif len(theirs.get(element, ())) == 1:
            yield _merge(theirs[element][0], mine[element][0], shape.item)
        else:
            yield mine[element][0]


def _interleave(
    live: list[Any], config: list[Element], theirs: dict[Element, list[Any]], shape: Shape
) -> Iterator[tuple[Element, int]]:
    """The items in the order of the configuration; those that it does not have stay behind those that they followed."""
    order = [element for item in live for element in index([item], shape)]
    wanted = set(config)
    shared = iter([element for element in config if element in theirs])
    awaited = next(shared, None)
    place = 0
    for element in config:
        while place < len(order) and order[place] != awaited:
            if order[place] not in wanted:
                yield order[place], place
            place += 1
        yield element, -1
        if element == awaited:
            place += 1
            awaited = next(shared, None)
    for left in range(place, len(order)):
        if order[left] not in wanted:
            yield order[left], left
