"""Arrays of objects: by their keys, in part, compared."""

import re
from typing import Any, NamedTuple, TypeAlias

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

import kmock
from kmock_k8s import (
    HistoryKey,
    Object,
    ObjectHistory,
    ObjectKey,
    ObjectsArray,
    ObjectVersion,
    ResourcesArray,
    VersionKey,
    resource,
)
from kmock_k8s.errors import NotJSONError, ResourceNotationError
from kmock_k8s.store.memory import Store

PODS = resource('v1/pods')


class Foreign(NamedTuple):
    """A resource as other libraries have it."""

    group: str = ''
    version: str = 'v1'
    plural: str = 'pods'


@pytest.fixture
def objects() -> ObjectsArray:
    objects = ObjectsArray()
    objects['v1/pods', 'ns1', 'a'] = {'metadata': {'name': 'a'}, 'spec': {'x': 1}}
    objects['v1/pods', 'ns1', 'b'] = {'metadata': {'name': 'b'}, 'spec': {'x': 1}}
    objects['v1/pods', 'ns2', 'a'] = {'metadata': {'name': 'a'}, 'spec': {'x': 2}}
    objects['v1/nodes', None, 'n'] = {'kind': 'Node'}
    return objects


@pytest.mark.parametrize('key', [PODS, 'v1/pods', 'pods.v1', ('', 'v1', 'pods'), ('v1', 'pods'), Foreign(), 'pods'])
def test_a_resource_is_in_any_notation(objects: ObjectsArray, key: Any) -> None:
    assert objects[key, 'ns1', 'a'] >= {'spec': {'x': 1}}
    assert (key, 'ns1', 'a') in objects
    assert len(objects[key, 'ns1']) == 2


def test_a_part_of_a_resource_is_completed_from_the_known_ones() -> None:
    known = ResourcesArray({'v1/pods': {}, 'v1/events': {}, 'events.k8s.io/v1/events': {}})
    objects = ObjectsArray(known_resources=known.keys)
    objects['pods', 'ns1', 'a'] = {}
    assert list(objects) == [ObjectKey(PODS, 'ns1', 'a')]
    with pytest.raises(ResourceNotationError, match=r'events can be any of events.k8s.io/v1/events, v1/events'):
        objects['events', 'ns1', 'a']
    with pytest.raises(ResourceNotationError, match=r'No known resource is nodes: type it in full'):
        objects['nodes', None, 'n'] = {}
    assert ('nodes', None, 'n') not in objects


def test_keys_are_named_tuples(objects: ObjectsArray) -> None:
    assert objects[ObjectKey(PODS, 'ns1', 'a')] == objects['v1/pods', 'ns1', 'a']
    assert objects[VersionKey(PODS, 'ns1', 'a', 0)] == objects['v1/pods', 'ns1', 'a', 0]
    assert objects[HistoryKey(PODS, 'ns1', 'a', slice(1))] == objects['v1/pods', 'ns1', 'a', :1]
    assert str(next(iter(objects))) == 'v1/pods ns1/a'
    assert str(ObjectKey(resource('v1/nodes'), None, 'n')) == 'v1/nodes n'


def test_arrays_are_mappings_of_the_objects_that_exist(objects: ObjectsArray) -> None:
    objects['v1/pods', 'ns1', 'b'].delete()
    assert [str(key) for key in objects] == ['v1/pods ns1/a', 'v1/pods ns2/a', 'v1/nodes n']
    assert len(objects) == len(objects.keys()) == len(objects.values()) == 3
    assert {key: value.raw for key, value in objects.items()} == {key: objects[key].raw for key in objects}
    assert objects.get(('v1/pods', 'ns1', 'b')) is None
    assert objects.get(('v1/pods', 'ns1', 'a')) == objects['v1/pods', 'ns1', 'a']
    assert ('v1/pods', 'ns1', 'b') not in objects
    assert objects['v1/pods', 'ns1', 'b'].deleted
    assert objects['v1/pods', 'ns1', 'c'].empty
    assert ('v1/pods', 'ns2') in objects
    assert ('v1/pods', 'ns3') not in objects
    assert 'v1/services' not in objects


def test_parts_of_an_array_take_what_remains_of_the_key(objects: ObjectsArray) -> None:
    assert objects['v1/pods']['ns1', 'a'] == objects['v1/pods', 'ns1']['a'] == objects['v1/pods', 'ns1', 'a']
    assert objects['v1/pods']['ns1']['a', 0] == objects['v1/pods']['ns1', 'a', 0] == objects['v1/pods', 'ns1', 'a', 0]
    assert objects['v1/nodes'][None]['n'] == {'kind': 'Node'}
    objects['v1/pods', 'ns3']['z'] = {'z': 1}
    objects['v1/pods']['ns4', 'z'] = {'z': 2}
    assert objects >= [{'z': 1}, {'z': 2}]
    assert list(objects['v1/pods', 'ns3']) == [ObjectKey(PODS, 'ns3', 'z')]


def test_parts_of_an_array_know_their_full_keys_and_no_others(objects: ObjectsArray) -> None:
    part = objects['v1/pods', 'ns1']
    assert all(part[key] == objects[key] for key in part)
    assert ObjectKey(PODS, 'ns2', 'a') not in part
    with pytest.raises(KeyError, match='is not in'):
        part[ObjectKey(PODS, 'ns2', 'a')]


def test_a_mapping_adds_a_state_and_a_list_replaces_the_history(objects: ObjectsArray) -> None:
    objects['v1/pods', 'ns1', 'a'] = {'spec': {'x': 9}}
    assert objects['v1/pods', 'ns1', 'a'].history == [{'metadata': ..., 'spec': {'x': 1}}, {'spec': {'x': 9}}]
    objects['v1/pods', 'ns1', 'a'] = [{'v': 1}, None, {'v': 2}]
    assert objects['v1/pods', 'ns1', 'a'].history == [{'v': 1}, None, {'v': 2}]
    assert objects['v1/pods', 'ns1', 'a'] == {'v': 2}
    objects['v1/pods', 'ns1', 'a'] = [{'v': 1}, None]
    assert objects['v1/pods', 'ns1', 'a'].deleted
    objects['v1/pods', 'ns1', 'a'] = []
    assert objects['v1/pods', 'ns1', 'a'].empty


def test_versions_are_addressed_by_a_number_or_a_slice(objects: ObjectsArray) -> None:
    objects['v1/pods', 'ns1', 'a'] = [{'v': 1}, None, {'v': 2}]
    assert isinstance(objects['v1/pods', 'ns1', 'a', 0], ObjectVersion)
    assert objects['v1/pods', 'ns1', 'a', 1] is None
    assert objects['v1/pods', 'ns1', 'a', -1] == {'v': 2}
    assert isinstance(objects['v1/pods', 'ns1', 'a', :], ObjectHistory)
    assert objects['v1/pods', 'ns1', 'a', 1:] == [None, {'v': 2}]
    objects['v1/pods', 'ns1', 'a', 0] = {'v': 7}
    objects['v1/pods', 'ns1', 'a', 1:2] = [{'v': 8}, None]
    del objects['v1/pods', 'ns1', 'a', -1]
    assert objects['v1/pods', 'ns1', 'a'].history == [{'v': 7}, {'v': 8}, None]
    with pytest.raises(IndexError):
        objects['v1/pods', 'ns1', 'a', 5] = {}
    assert ('v1/pods', 'ns1', 'a', -3) in objects
    assert ('v1/pods', 'ns1', 'a', 3) not in objects
    assert ('v1/pods', 'ns1', 'a', slice(2, None)) in objects
    assert ('v1/pods', 'ns1', 'a', slice(3, None)) not in objects


def test_forgetting_leaves_nothing(objects: ObjectsArray) -> None:
    del objects['v1/pods', 'ns1', 'a']
    assert objects['v1/pods', 'ns1', 'a'].empty
    with pytest.raises(KeyError):
        del objects['v1/pods', 'ns1', 'a']
    del objects['v1/pods', 'ns1']
    assert [str(key) for key in objects] == ['v1/pods ns2/a', 'v1/nodes n']
    objects['v1/pods'].clear()
    assert [str(key) for key in objects] == ['v1/nodes n']
    objects.clear()
    assert not objects
    assert not objects.store.resources()


def test_popping_gives_what_was_there(objects: ObjectsArray) -> None:
    assert objects.pop(('v1/nodes', None, 'n')) == {'kind': 'Node'}
    assert objects.pop(('v1/nodes', None, 'n'), None) is None
    with pytest.raises(KeyError):
        objects.pop(('v1/nodes', None, 'n'))
    key, found = objects.popitem()
    assert (key, found['spec']) == (ObjectKey(PODS, 'ns2', 'a'), {'x': 2})
    assert objects.setdefault(('v1/nodes', None, 'm'), {'m': 1}) == {'m': 1}
    assert objects.setdefault(('v1/nodes', None, 'm'), {'m': 2}) == {'m': 1}
    assert len(objects) == 3


def test_what_was_assigned_is_not_shared(objects: ObjectsArray) -> None:
    given: dict[str, Any] = {'a': {'b': [1]}}
    objects['v1/pods', 'ns1', 'x'] = given
    given['a']['b'].append(2)
    assert objects['v1/pods', 'ns1', 'x'] == {'a': {'b': [1]}}
    objects['v1/pods', 'ns1', 'y'] = objects['v1/pods', 'ns1', 'x']
    objects['v1/pods', 'ns1', 'y']['a']['b'].append(3)
    assert objects['v1/pods', 'ns1', 'x'] == {'a': {'b': [1]}}


BAD_KEYS: list[tuple[Any, str]] = [
    (('v1/pods', 'ns', 'a', 0, 0), 'Objects are addressed as'),
    (('v1/pods', '', 'a'), 'A namespace is a text, or None'),
    (('v1/pods', 5, 'a'), 'A namespace is a text, or None'),
    (('v1/pods', 'ns', ''), 'A name is a text'),
    (('v1/pods', 'ns', None), 'A name is a text'),
    (('v1/pods', 'ns', 'a', 'b'), 'A version has a number'),
]


@pytest.mark.parametrize(('key', 'message'), BAD_KEYS)
def test_wrong_keys_are_explained(objects: ObjectsArray, key: Any, message: str) -> None:
    with pytest.raises(TypeError, match=message):
        objects[key]


BAD_VALUES: list[tuple[Any, str]] = [
    (None, r'to delete it, type kmock.objects\[…\].delete\(\)'),
    ('text', 'An object has to be a mapping, not str'),
    (5, 'An object has to be a mapping, not int'),
    ([5], 'An object has to be a mapping, not int'),
    (Object(), 'has no state to assign'),
    ({'a': [{'b': {1}}]}, r"the value of a\[0\]\['b'\]"),
    ({'a': {5: 1}}, 'a key of a is int: 5'),
    ({'a': float('nan')}, 'JSON has no float: nan'),
]


@pytest.mark.parametrize(('value', 'message'), BAD_VALUES)
def test_wrong_values_are_explained_and_nothing_is_stored(objects: ObjectsArray, value: Any, message: str) -> None:
    with pytest.raises(TypeError, match=message):
        objects['v1/pods', 'ns1', 'new'] = value
    assert objects['v1/pods', 'ns1', 'new'].empty


def test_what_contains_itself_is_no_json(objects: ObjectsArray) -> None:
    endless: dict[str, Any] = {}
    endless['a'] = endless
    with pytest.raises(NotJSONError, match='does it contain itself'):
        objects['v1/pods', 'ns1', 'new'] = endless


def test_objects_are_assigned_one_by_one(objects: ObjectsArray) -> None:
    with pytest.raises(TypeError, match='Objects are assigned one by one'):
        objects['v1/pods', 'ns1'] = {}


def test_each_pattern_needs_an_object_of_its_own(objects: ObjectsArray) -> None:
    pods = objects['v1/pods']
    assert pods >= []
    assert pods >= [{'spec': {'x': 1}}, {'spec': {'x': 1}}]
    assert not pods >= [{'spec': {'x': 1}}] * 3
    assert pods >= [{'spec': {'x': {1, 2}}}, {'metadata': {'name': re.compile('b')}}, {'spec': {'x': 1}}]
    assert objects >= [{'kind': 'Node'}]


def test_each_object_needs_a_pattern_of_its_own(objects: ObjectsArray) -> None:
    part = objects['v1/pods', 'ns1']
    assert part <= [{'metadata': ..., 'spec': ..., 'status': ...}] * 2
    assert part <= [{}, {'metadata': {'name': 'b'}, 'spec': ...}, {'metadata': {'name': 'a'}, 'spec': ...}]
    assert not part <= [{'metadata': {'name': 'b'}, 'spec': ...}] * 2
    assert not part <= [{'metadata': ..., 'spec': ...}]


def test_equal_arrays_have_all_objects_exactly_in_any_order(objects: ObjectsArray) -> None:
    part = objects['v1/pods', 'ns1']
    patterns: list[Any] = [{'metadata': {'name': name}, 'spec': {'x': 1}} for name in 'ba']
    assert part == patterns
    assert patterns == part
    assert part != patterns[:1]
    assert part != [*patterns, {}]
    assert part != [{'metadata': ...}, {'metadata': ...}]
    assert ObjectsArray() == []


def test_arrays_compare_with_mappings_by_their_keys(objects: ObjectsArray) -> None:
    assert objects['v1/pods', 'ns1'] == {'a': {'metadata': ..., 'spec': ...}, 'b': {'metadata': ..., 'spec': ...}}
    assert objects['v1/pods', 'ns1'] != {'a': {'metadata': ..., 'spec': ...}}
    assert objects >= {('v1/pods', 'ns1', 'a'): {'spec': {'x': 1}}, ('v1/nodes', None, 'n'): ...}
    assert not objects >= {('v1/pods', 'ns1', 'zzz'): ...}
    assert not objects >= {('v1/pods', 'ns1', 'a'): {'spec': {'x': 2}}}
    assert objects == objects
    assert objects['v1/pods'] <= objects
    assert not objects <= objects['v1/pods']


def test_strict_comparisons_of_arrays_are_refused(objects: ObjectsArray) -> None:
    with pytest.raises(TypeError, match='type >='):
        objects > []
    with pytest.raises(TypeError, match='not supported'):
        objects >= 5


def test_changes_in_python_are_events_of_the_store(objects: ObjectsArray) -> None:
    seen: list[str] = []
    objects.store.subscribe(lambda event: seen.append(f'{event.type} {event.state.raw.decode()}'))
    pod = objects['v1/pods', 'ns1', 'new']
    pod.create({'a': 'é'})
    pod['b'] = {}
    pod['b']['c'] = [1]
    pod.delete()
    objects['v1/pods', 'ns1', 'new'] = [{'d': 1}, {'d': 2}]
    del objects['v1/pods', 'ns1', 'new']
    assert seen == [
        'ADDED {"a":"é"}',
        'MODIFIED {"a":"é","b":{}}',
        'MODIFIED {"a":"é","b":{"c":[1]}}',
        'DELETED {"a":"é","b":{"c":[1]}}',
        'ADDED {"d":2}',
        'DELETED {"d":2}',
    ]


def test_a_representation_shows_all_objects(objects: ObjectsArray) -> None:
    assert repr(objects['v1/nodes']) == "ObjectsArray({'v1/nodes n': {'kind': 'Node'}})"


async def test_objects_and_what_is_in_them_are_payloads(objects: ObjectsArray) -> None:
    async with kmock.RawHandler() as mock:
        mock['/object'] << objects['v1/nodes', None, 'n']
        mock['/inside'] << objects['v1/pods', 'ns1', 'a']['spec']
        mock['/version'] << objects['v1/pods', 'ns1', 'a'].history[0]
        assert await (await mock.get('/object')).json() == {'kind': 'Node'}
        assert await (await mock.get('/inside')).json() == {'x': 1}
        assert (await (await mock.get('/version')).json())['spec'] == {'x': 1}


Key: TypeAlias = tuple[str, str | None, str]


class Machine(RuleBasedStateMachine):
    """Random operations on an array and on a dictionary."""

    keys: st.SearchStrategy[Key] = st.tuples(
        st.sampled_from(['v1/pods', 'v1/nodes']), st.sampled_from(['ns', None]), st.sampled_from('ab')
    )
    states = st.dictionaries(st.sampled_from('xy'), st.integers(0, 1), max_size=2)

    def __init__(self) -> None:
        super().__init__()
        self.objects = ObjectsArray(Store())
        self.model: dict[Key, list[Any]] = {}

    @rule(key=keys, state=states)
    def assign(self, key: Key, state: dict[str, int]) -> None:
        self.objects[key] = state
        self.model.setdefault(key, []).append(dict(state))

    @rule(key=keys, history=st.lists(st.none() | states, max_size=3))
    def assign_history(self, key: Key, history: list[Any]) -> None:
        self.objects[key] = history
        self.model[key] = list(history)

    @rule(key=keys, name=st.sampled_from('xy'), value=st.integers(0, 1))
    def set_item(self, key: Key, name: str, value: int) -> None:
        if key in self.objects:
            self.objects[key][name] = value
            self.model[key].append({**self.model[key][-1], name: value})

    @rule(key=keys)
    def delete(self, key: Key) -> None:
        if key in self.objects:
            self.objects[key].delete()
            self.model[key].append(None)

    @rule(key=keys)
    def forget(self, key: Key) -> None:
        if not self.objects[key].empty:
            del self.objects[key]
            del self.model[key]

    @invariant()
    def is_like_the_dictionary(self) -> None:
        known = {key: history for key, history in self.model.items() if history}
        assert all(self.objects[key].history == history for key, history in known.items())
        living = {key: history[-1] for key, history in known.items() if history[-1] is not None}
        assert self.objects == living
        assert self.objects == list(living.values())
        assert self.objects >= list(living.values())[:1]
        assert self.objects <= [*living.values(), {}]
        assert len(self.objects) == len(living)


TestArrays = Machine.TestCase
