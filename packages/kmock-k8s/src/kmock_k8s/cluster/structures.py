"""Reaching into objects, where there may be nothing."""

from typing import Any, cast

from kmock_k8s.model.encoding import JSONObject
from kmock_k8s.model.metadata import metadata_of
from kmock_k8s.store.states import State


def part_of(content: JSONObject, *path: str) -> JSONObject:
    """A structure within another one, its own and not a copy; an empty one if there is none.

    >>> part_of({'spec': {'template': {'metadata': {}}}}, 'spec', 'template')
    {'metadata': {}}
    >>> part_of({'spec': None}, 'spec', 'template')
    {}
    """
    found: Any = content
    for step in path:
        found = cast('JSONObject', found).get(step) if isinstance(found, dict) else None
    return cast('JSONObject', found) if isinstance(found, dict) else {}


def items_of(content: JSONObject, field: str) -> list[Any]:
    """The items of a list in a structure, itself and not a copy; an empty one if there is none."""
    found: list[Any] | None = content.get(field)
    return [] if found is None else found


def structures_of(content: JSONObject, field: str) -> list[JSONObject]:
    """The structures in a list in a structure; whatever else is there is left out.

    >>> structures_of({'rules': [{'verbs': ['get']}, 5]}, 'rules')
    [{'verbs': ['get']}]
    """
    found: Any = content.get(field)
    items: list[Any] = found
    return [cast('JSONObject', item) for item in items if isinstance(item, dict)] if isinstance(found, list) else []


def is_leaving(state: State) -> bool:
    """Tell if an object is to be deleted; that costs a search in its bytes if it is not."""
    return b'"deletionTimestamp"' in state.raw and bool(metadata_of(state.load()).get('deletionTimestamp'))
