"""Who owns what after several writes by several managers, as in the tests of the real server."""

import json
from typing import Any, NamedTuple

import pytest

from kmock_k8s.errors import KubernetesError
from kmock_k8s.model.encoding import JSONObject
from kmock_k8s.model.metadata import metadata_of
from kmock_k8s.ownership import apply, track_update
from kmock_k8s.ownership.fieldsets import paths, show_path
from kmock_k8s.ownership.managers import read
from kmock_k8s.schemas import Schema

TEXT, NUMBER = {'type': 'string'}, {'type': 'integer'}
SET = {'type': 'array', 'items': TEXT, 'x-kubernetes-list-type': 'set'}
ITEM: dict[str, Any] = {
    'type': 'object',
    'properties': {'name': TEXT, 'value': NUMBER, 'set': SET},
    'required': ['name'],
}
PORT: dict[str, Any] = {
    'type': 'object',
    'properties': {'port': NUMBER, 'protocol': {**TEXT, 'default': 'TCP'}, 'name': TEXT},
}
SCHEMA = Schema.of({
    'type': 'object',
    'properties': {
        'metadata': {'type': 'object'},
        'numeric': NUMBER,
        'string': TEXT,
        'bool': {'type': 'boolean'},
        'set': SET,
        'map': {'type': 'object', 'additionalProperties': TEXT},
        'maps': {'type': 'object', 'additionalProperties': {'type': 'object', 'additionalProperties': TEXT}},
        'struct': {'type': 'object', 'properties': {'name': TEXT, 'numeric': NUMBER, 'set': SET}},
        'items': {
            'type': 'array',
            'items': ITEM,
            'x-kubernetes-list-type': 'map',
            'x-kubernetes-list-map-keys': ['name'],
        },
        'ports': {
            'type': 'array',
            'items': PORT,
            'x-kubernetes-list-type': 'map',
            'x-kubernetes-list-map-keys': ['port', 'protocol'],
        },
        'list': {'type': 'array', 'items': TEXT},
        'whole': {'type': 'object', 'additionalProperties': TEXT, 'x-kubernetes-map-type': 'atomic'},
    },
})  # fmt: skip


class Write(NamedTuple):
    """One write of a history."""

    how: str
    manager: str
    content: JSONObject
    version: str = 'v1'
    subresource: str = ''


def applies(manager: str = 'me', version: str = 'v1', **content: Any) -> Write:
    return Write('apply', manager, content, version)


def forces(manager: str = 'me', **content: Any) -> Write:
    return Write('force', manager, content)


def updates(manager: str = 'other', version: str = 'v1', **content: Any) -> Write:
    return Write('update', manager, content, version)


def play(*writes: Write) -> JSONObject | None:
    """The object after the writes."""
    live: JSONObject | None = None
    for second, write in enumerate(writes):
        now = f'2026-01-01T00:00:{second:02}Z'
        version, part = write.version, write.subresource
        content = json.loads(json.dumps(write.content))
        if write.how == 'update':
            managed: Any = track_update(
                live, content, write.manager, schema=SCHEMA, api_version=version, subresource=part, now=now
            )
            live = {**content, 'metadata': {'managedFields': managed} if managed else {}}
        else:
            live = apply(
                live,
                content,
                write.manager,
                force=write.how == 'force',
                schema=SCHEMA,
                api_version=version,
                subresource=part,
                now=now,
            )
    return live


def managed(live: JSONObject | None) -> list[JSONObject]:
    found: list[JSONObject] = metadata_of(live).get('managedFields') or []
    return found


def owned(live: JSONObject | None) -> dict[str, str]:
    """What each manager owns, as the API shows it in messages."""
    return {
        entry.manager: ' '.join(sorted(show_path(path) for path in paths(entry.fields)))
        for entry in read(managed(live))
    }


def content_of(live: JSONObject | None) -> JSONObject:
    return {key: value for key, value in (live or {}).items() if key != 'metadata'}


def items(*names: str) -> list[JSONObject]:
    return [{'name': name} for name in names]


HISTORIES: dict[str, tuple[list[Write], JSONObject, dict[str, str]]] = {
    # ---- Fields. ----
    'fields are applied twice': (
        [applies(numeric=1, string='s'), applies(numeric=2, string='s', bool=False)],
        {'numeric': 2, 'string': 's', 'bool': False},
        {'me': '.bool .numeric .string'},
    ),
    'others own what they add': (
        [applies(numeric=1, string='s'), updates(numeric=1, string='s', bool=True), applies(numeric=2, string='s')],
        {'numeric': 2, 'string': 's', 'bool': True},
        {'me': '.numeric .string', 'other': '.bool'},
    ),
    'a forced field changes its owner': (
        [
            applies(numeric=1, string='mine'),
            updates(numeric=1, string='theirs', bool=True),
            forces(numeric=2, string='mine'),
        ],
        {'numeric': 2, 'string': 'mine', 'bool': True},
        {'me': '.numeric .string', 'other': '.bool'},
    ),
    'all that was owned is lost by force': (
        [updates(string='theirs'), forces(string='mine')],
        {'string': 'mine'},
        {'me': '.string'},
    ),
    'a field that is not applied any more goes': (
        [applies(numeric=1, string='s', bool=False), applies(string='new')],
        {'string': 'new'},
        {'me': '.string'},
    ),
    'a field that another has changed stays when it is not applied any more': (
        [applies(numeric=2), updates(numeric=1), applies()],
        {'numeric': 1},
        {'other': '.numeric'},
    ),
    'a field that two apply alike is of both': (
        [applies('one', string='s'), applies('two', string='s')],
        {'string': 's'},
        {'one': '.string', 'two': '.string'},
    ),
    'a field of two stays for the other': (
        [applies('one', string='s', numeric=1), applies('two', string='s'), applies('one', numeric=1)],
        {'string': 's', 'numeric': 1},
        {'one': '.numeric', 'two': '.string'},
    ),
    'who updates what two apply takes it from both': (
        [applies('one', string='s'), applies('two', string='s'), updates(string='t')],
        {'string': 't'},
        {'other': '.string'},
    ),
    "what is removed by an update is nobody's": (
        [applies(string='s', numeric=1), updates(numeric=1)],
        {'numeric': 1},
        {'me': '.numeric'},
    ),
    'an update that changes nothing owns nothing': (
        [applies(string='s'), updates(string='s')],
        {'string': 's'},
        {'me': '.string'},
    ),
    # ---- Sets. ----
    'sets are joined': (
        [applies(set=['a', 'c']), updates(set=['a', 'a1', 'c', 'c1']), applies(set=['a', 'c'])],
        {'set': ['a', 'a1', 'c', 'c1']},
        {'me': '.set[="a"] .set[="c"]', 'other': '.set[="a1"] .set[="c1"]'},
    ),
    'values of sets are shared': (
        [applies(set=['a', 'c']), updates(set=['a', 'b', 'c', 'd']), applies(set=['a', 'b', 'c'])],
        {'set': ['a', 'b', 'c', 'd']},
        {'me': '.set[="a"] .set[="b"] .set[="c"]', 'other': '.set[="b"] .set[="d"]'},
    ),
    'sets are in the order of who applies': (
        [applies(set=['a', 'b', 'c', 'd']), applies(set=['a', 'd', 'c', 'b'])],
        {'set': ['a', 'd', 'c', 'b']},
        {'me': '.set[="a"] .set[="b"] .set[="c"] .set[="d"]'},
    ),
    'an order is changed by an update without owning it': (
        [applies(set=['a', 'b']), updates(set=['b', 'a'])],
        {'set': ['b', 'a']},
        {'me': '.set[="a"] .set[="b"]'},
    ),
    'values that are not applied any more go from sets': (
        [applies(set=['a', 'b', 'c', 'd']), updates(set=['a', 'b', 'c', 'd', 'e']), applies(set=['a', 'c'])],
        {'set': ['a', 'c', 'e']},
        {'me': '.set[="a"] .set[="c"]', 'other': '.set[="e"]'},
    ),
    'a value that another applies too stays in a set': (
        [applies('one', set=['a', 'b']), applies('two', set=['b', 'c']), applies('one', set=['a'])],
        {'set': ['a', 'b', 'c']},
        {'one': '.set[="a"]', 'two': '.set[="b"] .set[="c"]'},
    ),
    'numbers and texts are other values of sets': (
        [applies(set=['1', '2'])],
        {'set': ['1', '2']},
        {'me': '.set[="1"] .set[="2"]'},
    ),
    # ---- Maps. ----
    'entries of maps are joined': (
        [applies('one', map={'a': '1'}), applies('two', map={'b': '2'})],
        {'map': {'a': '1', 'b': '2'}},
        {'one': '.map.a', 'two': '.map.b'},
    ),
    'an entry that is not applied any more goes': (
        [applies(map={'a': '1', 'b': '2'}), updates(map={'a': '1', 'b': '2', 'c': '3'}), applies(map={'a': '1'})],
        {'map': {'a': '1', 'c': '3'}},
        {'me': '.map.a', 'other': '.map.c'},
    ),
    'maps of maps are joined': (
        [applies('one', maps={'x': {'a': '1'}}), applies('two', maps={'x': {'b': '2'}, 'y': {'c': '3'}})],
        {'maps': {'x': {'a': '1', 'b': '2'}, 'y': {'c': '3'}}},
        {'one': '.maps.x .maps.x.a', 'two': '.maps.x .maps.x.b .maps.y .maps.y.c'},
    ),
    'an entry with what others have in it stays': (
        [
            applies('one', maps={'x': {'a': '1'}}),
            applies('two', maps={'x': {'b': '2'}}),
            applies('one', maps={'z': {}}),
        ],
        {'maps': {'x': {'b': '2'}, 'z': {}}},
        {'one': '.maps.z', 'two': '.maps.x .maps.x.b'},
    ),
    # ---- Parts. ----
    'a part that is not applied any more goes': ([applies(struct={'name': 'a', 'numeric': 1}), applies()], {}, {}),
    'a field of a part goes': (
        [applies(struct={'name': 'a', 'numeric': 1}), applies(struct={'name': 'a'})],
        {'struct': {'name': 'a'}},
        {'me': '.struct.name'},
    ),
    'a part stays for what others have in it': (
        [
            applies(struct={'name': 'a', 'numeric': 1}),
            updates(struct={'name': 'a', 'numeric': 1, 'set': ['x']}),
            applies(),
        ],
        {'struct': {'set': ['x']}},
        {'other': '.struct.set .struct.set[="x"]'},
    ),
    # ---- Lists of items with keys. ----
    'items are joined by their keys': (
        [
            applies('one', items=[{'name': 'a', 'value': 1}]),
            applies('two', items=[{'name': 'a', 'set': ['x']}, {'name': 'b'}]),
        ],
        {'items': [{'name': 'a', 'value': 1, 'set': ['x']}, {'name': 'b'}]},
        {
            'one': '.items[name="a"] .items[name="a"].name .items[name="a"].value',
            'two': '.items[name="a"] .items[name="a"].name .items[name="a"].set[="x"] '
            '.items[name="b"] .items[name="b"].name',
        },
    ),
    'items of one go and those of another stay': (
        [
            applies('one', items=items('a', 'b', 'c')),
            applies('two', items=items('c', 'd')),
            applies('one', items=items('a')),
        ],
        {'items': items('a', 'c', 'd')},
        {
            'one': '.items[name="a"] .items[name="a"].name',
            'two': '.items[name="c"] .items[name="c"].name .items[name="d"] .items[name="d"].name',
        },
    ),
    'all items go when none is applied': ([applies(items=items('a', 'b')), applies()], {}, {}),
    'an item stays with its keys for what others have in it': (
        [
            applies(items=[{'name': 'a', 'value': 1}, {'name': 'd'}]),
            updates(items=[{'name': 'a', 'value': 1, 'set': ['x']}, {'name': 'd'}]),
            applies(items=items('d')),
        ],
        {'items': [{'name': 'd'}]},
        {'me': '.items[name="d"] .items[name="d"].name'},
    ),
    'an item that another has made is only owned where it is applied': (
        [updates(items=[{'name': 'a', 'value': 1}]), applies(items=items('a')), applies()],
        {'items': [{'name': 'a', 'value': 1}]},
        {'other': '.items .items[name="a"] .items[name="a"].name .items[name="a"].value'},
    ),
    'items with several keys are told apart by all of them': (
        [
            applies('one', ports=[{'port': 1, 'protocol': 'TCP'}]),
            applies('two', ports=[{'port': 1, 'protocol': 'UDP'}]),
        ],
        {'ports': [{'port': 1, 'protocol': 'TCP'}, {'port': 1, 'protocol': 'UDP'}]},
        {
            'one': '.ports[port=1,protocol="TCP"] .ports[port=1,protocol="TCP"].port '
            '.ports[port=1,protocol="TCP"].protocol',
            'two': '.ports[port=1,protocol="UDP"] .ports[port=1,protocol="UDP"].port '
            '.ports[port=1,protocol="UDP"].protocol',
        },
    ),
    'a key that is not said is the default one': (
        [applies('one', ports=[{'port': 1, 'protocol': 'TCP'}]), applies('two', ports=[{'port': 1, 'name': 'n'}])],
        {'ports': [{'port': 1, 'protocol': 'TCP', 'name': 'n'}]},
        {
            'one': '.ports[port=1,protocol="TCP"] .ports[port=1,protocol="TCP"].port '
            '.ports[port=1,protocol="TCP"].protocol',
            'two': '.ports[port=1,protocol="TCP"] .ports[port=1,protocol="TCP"].name '
            '.ports[port=1,protocol="TCP"].port',
        },
    ),
    # ---- What is not divided. ----
    'lists are owned as a whole': (
        [applies(list=['a', 'b']), applies(list=['b'])],
        {'list': ['b']},
        {'me': '.list'},
    ),
    'a whole map is replaced': (
        [applies(whole={'a': '1', 'b': '2'}), applies(whole={'c': '3'})],
        {'whole': {'c': '3'}},
        {'me': '.whole'},
    ),
    'a forced list is replaced': (
        [updates(list=['a', 'b']), forces(list=['b', 'c'])],
        {'list': ['b', 'c']},
        {'me': '.list'},
    ),
    'lists are the same in one order only': (
        [applies(list=['a', 'b']), updates(list=['b', 'a'])],
        {'list': ['b', 'a']},
        {'other': '.list'},
    ),
    # ---- Versions. ----
    'one who applies owns what it applies in all versions': (
        [applies(string='s', numeric=1), applies(version='v2', numeric=1)],
        {'numeric': 1},
        {'me': '.numeric'},
    ),
    'null is a value that is owned': (
        [applies(struct=None, numeric=1)],
        {'struct': None, 'numeric': 1},
        {'me': '.numeric .struct'},
    ),
}

REFUSED: dict[str, tuple[list[Write], set[str]]] = {
    'another field': ([updates(string='a'), applies(string='b')], {'.string'}),
    'several fields': ([updates(string='a', numeric=1), applies(string='b', numeric=2)], {'.string', '.numeric'}),
    'an entry': ([applies('one', map={'a': '1'}), applies('two', map={'a': '2'})], {'.map.a'}),
    'a field of an item': (
        [applies('one', items=[{'name': 'a', 'value': 1}]), applies('two', items=[{'name': 'a', 'value': 2}])],
        {'.items[name="a"].value'},
    ),
    'a whole list': ([applies('one', list=['a']), applies('two', list=['b'])], {'.list'}),
    'a whole map': ([applies('one', whole={'a': '1'}), applies('two', whole={'b': '1'})], {'.whole'}),
    'a field of several others': (
        [applies('one', string='a'), applies('two', string='a'), applies('three', string='b')],
        {'.string'},
    ),
}

MISTAKES: dict[str, tuple[JSONObject, str]] = {
    'a value twice in a set': ({'set': ['a', 'b', 'a']}, '.set: duplicate entries for key [="a"]'),
    'an item twice': ({'items': items('a', 'a')}, '.items: duplicate entries for key [name="a"]'),
    'an item without its key': (
        {'items': [{'value': 1}]},
        '.items: element 0: associative list with keys has an element',
    ),
    'an unknown field': ({'nope': 1}, '.nope: field not declared in schema'),
    'an unknown field of an item': ({'items': [{'name': 'a', 'no': 1}]}, '.items[name="a"].no: field not declared'),
    'a text for a number': ({'numeric': 'a'}, '.numeric: expected numeric (int or float), got string'),
    'a map for a list': ({'set': {'a': 'b'}}, '.set: expected list, got'),
    'a list for a map': ({'map': ['a']}, '.map: expected map, got'),
    'null in a set': ({'set': [None]}, "associative list without keys has an element that's an explicit null"),
}


@pytest.mark.parametrize('name', HISTORIES)
def test_after_a_history_the_object_and_its_owners_are_those_of_the_real_server(name: str) -> None:
    writes, content, owners = HISTORIES[name]
    live = play(*writes)
    assert content_of(live) == content
    assert owned(live) == owners


@pytest.mark.parametrize('name', HISTORIES)
def test_the_last_apply_of_a_history_changes_nothing_when_it_is_repeated(name: str) -> None:
    writes, _, _ = HISTORIES[name]
    if writes[-1].how == 'update':
        writes = [*writes, applies('late')]
    assert play(*writes, writes[-1]) == play(*writes)


@pytest.mark.parametrize('name', REFUSED)
def test_what_another_owns_is_not_changed_without_force(name: str) -> None:
    writes, fields = REFUSED[name]
    with pytest.raises(KubernetesError) as caught:
        play(*writes)
    assert (caught.value.status, caught.value.reason) == (409, 'Conflict')
    assert {cause['field'] for cause in (caught.value.details or {})['causes']} == fields
    forced = play(*writes[:-1], writes[-1]._replace(how='force'))
    assert {key: content_of(forced).get(key) for key in writes[-1].content} == writes[-1].content


@pytest.mark.parametrize('name', MISTAKES)
def test_what_is_not_as_the_schema_says_can_not_be_applied(name: str) -> None:
    content, why = MISTAKES[name]
    with pytest.raises(KubernetesError) as caught:
        play(Write('apply', 'me', {'apiVersion': 'v1', **content}))
    assert caught.value.status == 500
    assert why in (caught.value.message or '')


def test_items_that_are_there_twice_stay_for_those_who_do_not_apply_them() -> None:
    live = play(updates(set=['a', 'b', 'a'], items=[*items('x', 'x'), *items('y')]), applies(items=items('z')))
    assert content_of(live) == {'set': ['a', 'b', 'a'], 'items': items('x', 'x', 'y', 'z')}


def test_updates_by_several_versions_are_entries_of_their_own() -> None:
    live = play(updates(string='a'), updates(string='a', numeric=1, version='v2'))
    assert [(entry['apiVersion'], list(entry['fieldsV1'])) for entry in managed(live)] == [
        ('v1', ['f:string']),
        ('v2', ['f:numeric']),
    ]


def test_a_subresource_has_an_entry_of_its_own() -> None:
    live = play(applies(string='a'), Write('apply', 'me', {'numeric': 1}, subresource='status'))
    assert [(entry.get('subresource'), list(entry['fieldsV1'])) for entry in managed(live)] == [
        (None, ['f:string']),
        ('status', ['f:numeric']),
    ]


def test_the_time_stays_when_nothing_changes() -> None:
    live = play(
        applies(string='a'), updates(string='a', numeric=1), applies(string='a'), updates(string='a', numeric=1)
    )
    assert [(entry['manager'], entry['time'][-3:]) for entry in managed(live)] == [('me', '00Z'), ('other', '01Z')]
