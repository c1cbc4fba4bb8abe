"""Random strategic merge patches, against a slow model that is written in another way: no state, no places."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from kmock_k8s.errors import KubernetesError
from kmock_k8s.model.encoding import copy_object
from kmock_k8s.patching.strategic import merge_strategic
from kmock_k8s.schemas import Schema

FIELDS: dict[str, Any] = {
    'mode': {'type': 'string'},
    'labels': {'additionalProperties': {'type': 'string'}},
    'whole': {'x-kubernetes-patch-strategy': 'replace'},
    'args': {'items': {'type': 'string'}},
    'tags': {'items': {'type': 'string'}, 'x-kubernetes-patch-strategy': 'merge'},
}
ITEM: dict[str, Any] = {'properties': {'id': {'type': 'string'}, **FIELDS}}
ITEMS: dict[str, Any] = {'items': ITEM, 'x-kubernetes-patch-strategy': 'merge', 'x-kubernetes-patch-merge-key': 'id'}
SCHEMA = Schema.of({'properties': {**FIELDS, 'items': ITEMS, 'inner': {'properties': {**FIELDS, 'items': ITEMS}}}})
MERGED = {'tags': None, 'items': 'id'}


class ModelError(Exception):
    pass


def model(target: Any, patch: Any) -> Any:
    """The patched object: every key of both is asked for what becomes of it."""
    match patch.get('$patch'):
        case None:
            pass
        case 'replace':
            return {key: value for key, value in patch.items() if key != '$patch'}
        case 'delete':
            return {}
        case _:
            raise ModelError
    retained = patch.get('$retainKeys')
    if retained is not None and any(
        value is not None and not key.startswith('$') and key not in retained for key, value in patch.items()
    ):
        raise ModelError
    kept = {key: value for key, value in target.items() if retained is None or key in retained}
    fields = {*kept, *(key.rpartition('/')[2] for key in patch if not key.startswith('$') or '/' in key)}
    found = {key: field(key, kept.get(key), patch) for key in fields}
    return {key: value for key, value in found.items() if value is not None}


def field(key: str, target: Any, patch: Any) -> Any:
    """What becomes of one field; None if it is not there then."""
    order = patch.get(f'$setElementOrder/{key}')
    deleted = patch.get(f'$deleteFromPrimitiveList/{key}', [])
    if order is not None:
        result = ordered(key, target, patch.get(key), order) if target is not None or key in patch else None
        return None if result is None else [item for item in result if item not in deleted]
    items: list[Any] = target
    rest: Any = [item for item in items if item not in deleted] if isinstance(target, list) else target
    if key not in patch:
        return rest
    if patch[key] is None:
        return None
    if type(rest) is not type(patch[key]) or not isinstance(rest, (dict, list)):
        return clean(patch[key])
    if isinstance(rest, dict):
        return patch[key] if key == 'whole' else model(rest, patch[key])
    return merged(key, rest, patch[key]) if key in MERGED else patch[key]


def clean(value: Any) -> Any:
    fields: dict[str, Any] = value
    items: list[Any] = value
    if isinstance(value, dict):
        cleaned = {key: clean(item) for key, item in fields.items() if item is not None}
        return None if '$patch' in fields else {key: item for key, item in cleaned.items() if item is not None}
    return [clean(item) for item in items if clean(item) is not None] if isinstance(value, list) else fields


def name(key: str, item: Any) -> Any:
    if MERGED.get(key) is None:
        return item
    if 'id' not in item:
        raise ModelError
    return item['id']


def merged(key: str, target: Any, patch: Any) -> Any:
    """The items in their order: those of the patch are as there, and each other one is before what it was before."""
    if key == 'tags':
        return interleaved(key, [*target, *patch], patch, target)
    plain = [item for item in patch if '$patch' not in item]
    directives = [item for item in patch if '$patch' in item]
    if any(item['$patch'] not in ('delete', 'replace') for item in directives):
        raise ModelError
    gone = [name(key, item) for item in directives if item['$patch'] == 'delete']
    if any(item['$patch'] == 'replace' for item in directives):
        return plain if all('id' in item for item in plain) else name(key, {})
    live = [item for item in target if item['id'] not in gone]
    ids = list(dict.fromkeys(name(key, item) for item in [*live, *plain]))
    found: list[Any] = []
    for one in ids:
        before = [item for item in live if item['id'] == one]
        patches = [item for item in plain if item['id'] == one]
        value = before[0] if before else patches.pop(0)
        for item in patches:
            value = model(value, item)
        found.append(value)
    return interleaved(key, found, plain, live)


def interleaved(key: str, items: Any, wanted: Any, live: Any) -> Any:
    by_name = {name(key, item): item for item in reversed(items)}
    wishes = [one for one in dict.fromkeys(name(key, item) for item in wanted) if one in by_name]
    before = list(dict.fromkeys(name(key, item) for item in live))
    arranged, start = list(wishes), 0
    for one in [one for one in before if one in by_name and one not in wishes]:
        later = before[before.index(one) :]
        place = next((at for at in range(start, len(arranged)) if arranged[at] in later), len(arranged))
        arranged.insert(place, one)
        start = place + 1
    return [by_name[one] for one in arranged]


def ordered(key: str, target: Any, patch: Any, order: Any) -> Any:
    if patch and order:
        rest = [name(key, item) for item in order]
        for item in patch:
            if '$patch' not in item:
                if name(key, item) not in rest:
                    raise ModelError
                rest = rest[rest.index(name(key, item)) + 1 :]
        left = [item for item in patch if '$patch' not in item or item['$patch'] != 'delete']
        if not rest and left and '$patch' in left[-1]:
            raise ModelError  # a peculiarity: nothing is left to compare the directive with
    if not target and not patch:
        raise ModelError
    result = clean(patch) if target is None else target if patch is None else merged(key, target, patch)
    return interleaved(key, result, order, target or result)


ids = st.sampled_from('abcde')
words = st.sampled_from('pqrs')


@st.composite
def _fields(draw: st.DrawFn, nullable: bool = False) -> dict[str, Any]:
    values: st.SearchStrategy[Any] = st.none() | words if nullable else words
    made: dict[str, Any] = {}
    for key in draw(st.sets(st.sampled_from(list(FIELDS)), max_size=3)):
        match key:
            case 'mode':
                made[key] = draw(values)
            case 'args':
                made[key] = draw(st.lists(words, max_size=2))
            case 'tags':
                made[key] = draw(st.lists(ids, max_size=4, unique=True))
            case _:
                made[key] = draw(st.dictionaries(ids, values, max_size=2))
    return made


def _rarely(draw: st.DrawFn, times: int) -> bool:
    return draw(st.integers(1, times)) == times  # which is never the simplest


@st.composite
def _patches_of_fields(draw: st.DrawFn) -> dict[str, Any]:
    patch = dict(draw(_fields(nullable=True)))
    if _rarely(draw, 30):
        patch['$patch'] = draw(st.sampled_from(['delete', 'replace', 'nope']))
    if _rarely(draw, 6):
        keys = [key for key, value in patch.items() if value is not None]
        patch['$retainKeys'] = [*keys, 'id', 'items', *draw(st.lists(st.sampled_from(list(FIELDS)), max_size=2))]
    if _rarely(draw, 4):
        patch['$deleteFromPrimitiveList/tags'] = draw(st.lists(ids, max_size=2))
    if _rarely(draw, 4):
        patch['$setElementOrder/tags'] = patch.get('tags') or draw(st.lists(ids, min_size=1, unique=True))
    for key in ('labels', 'args'):
        if key in patch and _rarely(draw, 8):
            patch[key] = draw(st.sampled_from([None, {'$patch': 'delete'}, {'$patch': 'replace', 'p': 'q'}]))
    return patch


@st.composite
def _patches_of_items(draw: st.DrawFn) -> dict[str, Any]:
    patch = draw(_patches_of_fields())
    order = draw(st.permutations('abcde'))
    chosen = draw(st.lists(ids, max_size=3, unique=True))
    items = [{'id': one, **draw(_patches_of_fields())} for one in chosen]
    if _rarely(draw, 3):
        if not _rarely(draw, 6):
            items.sort(key=lambda item: order.index(item['id']))
        patch['$setElementOrder/items'] = [{'id': one} for one in order if one in chosen or draw(st.booleans())]
        patch['$setElementOrder/items'] = patch['$setElementOrder/items'] or [{'id': 'a'}]
    for _ in range(draw(st.integers(0, 2))):
        items.insert(draw(st.integers(0, len(items))), {'id': draw(ids), '$patch': 'delete'})
    if _rarely(draw, 6):
        items.insert(draw(st.integers(0, len(items))), {'$patch': 'replace'})
    if _rarely(draw, 20):
        items.insert(draw(st.integers(0, len(items))), draw(st.sampled_from([{'$patch': 'delete'}, {'mode': 'p'}])))
    if '$retainKeys' not in patch or items:
        patch['items'] = items
    return patch


@st.composite
def _targets_of_items(draw: st.DrawFn) -> dict[str, Any]:
    some = draw(st.lists(ids, max_size=5, unique=True))
    return {**draw(_fields()), 'items': [{'id': one, **draw(_fields())} for one in some]}


@st.composite
def _pairs(draw: st.DrawFn) -> tuple[dict[str, Any], dict[str, Any]]:
    """An object and a patch; in both, it may be one level deeper."""
    target, patch = draw(_targets_of_items()), draw(_patches_of_items())
    if _rarely(draw, 2):
        return {'inner': target}, {'inner': patch}
    if _rarely(draw, 5):
        target.pop('items')
    return target, patch


@settings(max_examples=200, deadline=None)
@given(pair=_pairs())
def test_random_patches_do_what_the_model_does(pair: tuple[dict[str, Any], dict[str, Any]]) -> None:
    target, patch = pair
    sent = copy_object(patch)
    try:
        expected = model(copy_object(target), copy_object(patch))
    except ModelError:
        expected = None
    try:
        result = merge_strategic(target, patch, SCHEMA)
    except KubernetesError:
        result = None
    assert result == expected
    assert patch == sent


@settings(max_examples=100, deadline=None)
@given(target=_targets_of_items(), patch=_targets_of_items())
def test_a_patch_without_directives_changes_nothing_when_applied_again(
    target: dict[str, Any], patch: dict[str, Any]
) -> None:
    once = merge_strategic(target, patch, SCHEMA)
    assert merge_strategic(copy_object(once), patch, SCHEMA) == once
