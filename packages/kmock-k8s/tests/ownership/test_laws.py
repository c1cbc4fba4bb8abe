"""What holds for all objects and all managers."""

import copy
import json
from pathlib import Path
from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st

from kmock_k8s.model.encoding import JSONObject
from kmock_k8s.ownership import apply, track_update
from kmock_k8s.ownership.comparing import UNTRACKED, compare, equal, tracked
from kmock_k8s.ownership.fieldsets import FieldSet, difference, intersection, union
from kmock_k8s.ownership.managers import read
from kmock_k8s.ownership.merging import merge
from kmock_k8s.ownership.shapes import Shape
from kmock_k8s.ownership.typed import field_set
from kmock_k8s.schemas import Schema

SCHEMA = Schema.of(json.loads((Path(__file__).parent / 'schema.json').read_text()))

SHAPE = Shape.of(SCHEMA)
names = st.sampled_from(('a', 'b', 'c', 'd'))
texts = st.sampled_from(('', 'x', 'y'))
maps = st.dictionaries(names, texts, max_size=3)


def keyed(name: str) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({'name': st.just(name)}, optional={'value': texts, 'inner': maps})


items = st.lists(names, unique=True, max_size=4).flatmap(lambda found: st.tuples(*map(keyed, found)).map(list))
metadata = st.fixed_dictionaries({'name': st.just('x')}, optional={'labels': maps})
objects: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {'apiVersion': st.just('v1'), 'kind': st.just('X'), 'metadata': metadata},
    optional={
        'text': texts,
        'part': st.fixed_dictionaries({}, optional={'a': texts, 'b': st.integers(0, 2)}),
        'map': st.dictionaries(names, maps, max_size=2),
        'whole': maps,
        'list': st.lists(texts, max_size=2),
        'set': st.lists(names, unique=True, max_size=3),
        'items': items,
    },
)
MANAGERS = st.sampled_from(('m1', 'm2', 'm3'))


def applied(live: JSONObject | None, config: JSONObject, manager: str, now: str = '2026-01-01T00:00:00Z') -> JSONObject:
    return apply(live, config, manager, force=True, schema=SCHEMA, api_version='v1', now=now)


def updated(live: JSONObject | None, after: JSONObject, manager: str) -> JSONObject:
    after = copy.deepcopy(after)
    owners = track_update(live, after, manager, schema=SCHEMA, api_version='v1', now='2026-01-01T00:00:00Z')
    return {**after, 'metadata': {**after['metadata'], 'managedFields': owners}}


def owned(value: JSONObject, manager: str, operation: str) -> FieldSet:
    for entry in read(value['metadata'].get('managedFields')):
        if (entry.manager, entry.operation) == (manager, operation):
            return entry.fields
    return {}


def says_no_empty_list(config: JSONObject) -> bool:
    """Divided lists without items are owned by nobody: who applies one instead of items gives up the list."""
    return [] not in (config.get('set'), config.get('items'))


@st.composite
def histories(draw: st.DrawFn) -> JSONObject:
    """An object after some writes by some managers."""
    live: JSONObject = updated(None, draw(objects), draw(MANAGERS))
    for _ in range(draw(st.integers(0, 4))):
        write: Any = draw(st.sampled_from((applied, updated)))
        live = write(live, draw(objects), draw(MANAGERS))
    return live


@given(histories(), objects, MANAGERS)
def test_who_applies_owns_exactly_the_configuration(live: JSONObject, config: JSONObject, manager: str) -> None:
    fields = owned(applied(live, config, manager), manager, 'Apply')

    assert fields == difference(field_set(config, SHAPE), UNTRACKED)


@given(histories(), objects, MANAGERS)
def test_what_is_applied_is_there(live: JSONObject, config: JSONObject, manager: str) -> None:
    assume(says_no_empty_list(config))
    result = applied(live, config, manager)

    assert equal(merge(result, config, SHAPE), result)


@given(histories(), objects, MANAGERS)
def test_applying_twice_is_as_applying_once(live: JSONObject, config: JSONObject, manager: str) -> None:
    assume(says_no_empty_list(config))
    once = applied(live, config, manager)
    assume('managedFields' in once['metadata'])  # else all that is there gets an owner on the next apply

    assert applied(once, config, manager, now='2027-01-01T00:00:00Z') is once


@given(objects, objects, MANAGERS)
def test_what_one_applies_on_nothing_is_gone_when_one_does_not_apply_it(
    first: JSONObject, second: JSONObject, manager: str
) -> None:
    result = applied(applied(None, first, manager), second, manager)

    fields = field_set(result, SHAPE)
    assert not difference(fields, union(field_set(second, SHAPE), UNTRACKED))


@given(histories(), objects, MANAGERS)
def test_what_an_update_changes_is_owned_by_its_manager_alone(
    live: JSONObject, after: JSONObject, manager: str
) -> None:
    result = updated(live, after, manager)

    changes = compare(tracked(live), tracked(after), SHAPE)
    changed = union(changes.added, changes.modified)
    for entry in read(result['metadata']['managedFields']):
        if (entry.manager, entry.operation) != (manager, 'Update'):
            assert intersection(entry.fields, changed) == {}
    if live['metadata'].get('managedFields'):
        assert not difference(changed, owned(result, manager, 'Update'))


@given(histories(), objects, MANAGERS)
def test_nobody_owns_what_an_update_has_removed(live: JSONObject, after: JSONObject, manager: str) -> None:
    result = updated(live, after, manager)

    removed = compare(tracked(live), tracked(after), SHAPE).removed
    for entry in read(result['metadata']['managedFields']):
        assert intersection(entry.fields, removed) == {}


@given(histories(), histories())
def test_changes_are_told_alike_in_both_directions(one: JSONObject, other: JSONObject) -> None:
    there = compare(tracked(one), tracked(other), SHAPE)
    back = compare(tracked(other), tracked(one), SHAPE)

    assert (there.added, there.modified, there.removed) == (back.removed, back.modified, back.added)
    assert intersection(there.added, there.removed) == {}


@given(histories(), objects)
def test_merging_is_idempotent(live: JSONObject, config: JSONObject) -> None:
    once = merge(live, config, SHAPE)

    assert equal(merge(once, config, SHAPE), once)
