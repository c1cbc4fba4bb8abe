"""Pruning against a slow model of it: sets of paths, as it is described for the API."""

import json
from collections.abc import Iterator
from pathlib import Path as FilePath
from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st

from kmock_k8s.ownership.comparing import index, whole
from kmock_k8s.ownership.fieldsets import FieldSet, Path, paths, union
from kmock_k8s.ownership.pruning import prune
from kmock_k8s.ownership.shapes import FREE, Shape
from kmock_k8s.ownership.typed import MistypedError, field_set
from kmock_k8s.schemas import Schema

SHAPE = Shape.of(Schema.of(json.loads((FilePath(__file__).parent / 'schema.json').read_text())))


def with_parts(fields: set[Path]) -> set[Path]:
    """Parts that are known by their names belong to who owns anything in them."""
    above = {path[:length] for path in fields for length in range(1, len(path))}
    return fields | {path for path in above if is_named(path)}


def is_named(path: Path) -> bool:
    shape = SHAPE
    for element in path[:-1]:
        shape = below(shape, element)
    return path[-1][0] == 'f' and shape.names(path[-1][2:])


def below(shape: Shape, element: str) -> Shape:
    return (shape.child(element[2:]) or FREE) if element[0] == 'f' else shape.item


def fields_of(value: Any) -> set[Path]:
    return with_parts({*paths(field_set(value, SHAPE)), *empty_lists(value)})


def empty_lists(value: Any, shape: Shape = SHAPE, at: Path = ()) -> Iterator[Path]:
    for element, item in children(value, shape):
        yield from empty_lists(item, below(shape, element), (*at, element))
    if value == [] and shape.divided_list:
        yield at


def children(value: Any, shape: Shape) -> list[tuple[str, Any]]:
    fields: dict[str, Any] = value
    items: list[Any] = value
    if isinstance(value, dict) and shape.divided_map:
        return [('f:' + key, item) for key, item in fields.items()]
    if isinstance(value, list) and shape.divided_list:
        return [(element, item) for item in items for element in index([item], shape)]
    return []


def remove(value: Any, gone: set[Path], shape: Shape = SHAPE, at: Path = ()) -> Any:
    kept = [(element, item) for element, item in children(value, shape) if (*at, element) not in gone]
    same: Any = value
    if isinstance(value, dict) and shape.divided_map:
        return {element[2:]: remove(item, gone, below(shape, element), (*at, element)) for element, item in kept}
    if isinstance(value, list) and shape.divided_list:
        return [remove(item, gone, shape.item, (*at, element)) for element, item in kept]
    return same


def pruned(merged: Any, last: FieldSet, owned: FieldSet) -> Any:
    """Remove all that was owned; add what is owned, with all above; then all that was never owned."""
    before = with_parts(set(paths(field_set(merged, SHAPE))))
    was_owned = with_parts(set(paths(last)))
    bare = remove(merged, was_owned)
    with_owned = remove(merged, before - fields_of(bare) - with_parts(set(paths(owned))))
    return remove(merged, (before - fields_of(with_owned)) & was_owned)


names, texts = st.sampled_from('abc'), st.sampled_from(('', 'x'))
maps = st.dictionaries(names, texts, max_size=3)
item = st.fixed_dictionaries({'name': names}, optional={'value': texts, 'inner': maps})
objects: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {},
    optional={
        'text': texts,
        'part': st.fixed_dictionaries({}, optional={'a': texts, 'b': st.just(1)}),
        'map': st.dictionaries(names, maps, max_size=2),
        'whole': maps,
        'set': st.lists(names, unique=True),
        'items': st.lists(item, unique_by=lambda one: str(one['name'])),
    },
)


@st.composite
def cases(draw: st.DrawFn) -> tuple[dict[str, Any], FieldSet, FieldSet]:
    """An object, and two sets of fields of it."""
    value = draw(objects)
    every = whole(value, SHAPE) if value else {}
    known = sorted({*paths(every), *paths(field_set(value, SHAPE))})

    def some() -> FieldSet:
        found: FieldSet = {}
        for path in draw(st.lists(st.sampled_from(known), unique=True) if known else st.just([])):
            one: FieldSet = {}
            for element in reversed(path):
                one = {element: one}
            found = union(found, one)
        return found

    return value, some(), some()


@given(cases())
def test_pruning_is_what_the_model_says(case: tuple[dict[str, Any], FieldSet, FieldSet]) -> None:
    value, last, owned = case
    try:
        expected = pruned(value, last, owned)
    except MistypedError:  # an item without its keys: who owns these owns the item too
        assume(False)

    assert prune(value, last, owned, SHAPE) == expected
