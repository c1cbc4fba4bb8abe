"""Single objects: mappings over their latest state, with a history."""

import copy
import json
import operator
from collections import UserDict
from collections.abc import Callable
from types import MappingProxyType
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kmock_k8s import (
    KubernetesObjectConflictError,
    KubernetesObjectNotFoundError,
    Object,
    ObjectHistory,
    ObjectsArray,
    ObjectVersion,
)
from kmock_k8s.errors import NotJSONError

PLACES = ['in a store', 'on its own']


@pytest.fixture(params=PLACES)
def pod(request: pytest.FixtureRequest) -> Object:
    """An object with one state, in a store and on its own: they do the same."""
    state = {'metadata': {'name': 'p'}, 'spec': {'items': [{'n': 1}, {'n': 2}]}}
    if request.param == 'on its own':
        return Object(state)
    objects = ObjectsArray()
    objects['v1/pods', 'ns', 'p'] = state
    return objects['v1/pods', 'ns', 'p']


@pytest.fixture(params=PLACES)
def nobody(request: pytest.FixtureRequest) -> Object:
    return Object() if request.param == 'on its own' else ObjectsArray()['v1/pods', 'ns', 'p']


def test_an_object_is_a_mapping_over_its_latest_state(pod: Object) -> None:
    assert list(pod) == ['metadata', 'spec']
    assert len(pod) == 2
    assert 'spec' in pod
    assert pod['metadata']['name'] == 'p'
    assert pod.get('status') is None
    assert {**pod} == pod


def test_nested_changes_are_seen_and_make_new_states(pod: Object) -> None:
    pod['spec']['items'][0]['n'] = 5
    pod['spec']['x'] = {'y': [1]}
    assert pod >= {'spec': {'items': [{'n': 5}, {'n': 2}], 'x': {'y': [1]}}}
    assert len(pod.history) == 3
    assert pod.history[1] == {'metadata': ..., 'spec': {'items': [{'n': 5}, {'n': 2}]}}


def test_a_default_that_was_set_is_a_view_and_not_what_the_caller_has_passed_in(pod: Object) -> None:
    default: dict[str, Any] = {}
    pod.setdefault('metadata', {}).setdefault('labels', default)['tier'] = 'web'

    assert pod >= {'metadata': {'labels': {'tier': 'web'}}}
    assert default == {}
    assert pod['metadata']['labels'].setdefault('tier', 'db') == 'web'


def test_lists_are_sorted_in_one_state(pod: Object) -> None:
    pod['list'] = [{'n': 3}, {'n': 1}, {'n': 2}]
    states = len(pod.history)
    pod['list'].sort(key=operator.itemgetter('n'), reverse=True)
    assert pod['list'] == [{'n': 3}, {'n': 2}, {'n': 1}]
    assert len(pod.history) == states + 1


def test_a_deep_copy_of_an_object_stays_what_it_was(pod: Object) -> None:
    before, history = pod.raw, [None if version is None else version.raw for version in pod.history]
    copied = copy.deepcopy(pod)
    pod.delete()

    assert copied == before
    assert copied.history == history
    copied['mine'] = 1
    assert pod.deleted
    assert copy.deepcopy(pod).deleted
    assert copy.deepcopy(Object()).empty


def test_deep_copies_of_views_are_plain_data(pod: Object) -> None:
    pod['spec'] = {'list': [{'n': 1}]}
    for view in (pod['spec'], pod['spec']['list']):
        copied = copy.deepcopy(view)
        assert type(copied) in (dict, list)
        assert copied == view
        copied.clear()
    assert pod['spec'] == {'list': [{'n': 1}]}


def test_views_see_later_states(pod: Object) -> None:
    spec = pod['spec']
    pod.patch({'spec': {'x': 1}})
    assert spec['x'] == 1
    assert spec == {'items': ..., 'x': 1}


def test_a_view_of_what_was_removed_says_so(pod: Object) -> None:
    spec = pod['spec']
    del pod['spec']
    assert list(spec) == []
    assert spec != {}
    assert repr(spec) == 'nothing any more'
    with pytest.raises(KeyError, match='is not there any more'):
        spec['items']
    with pytest.raises(KeyError, match='is not there any more'):
        spec['items'] = []
    assert len(pod.history) == 2


def test_one_operation_makes_one_state(pod: Object) -> None:
    pod.update({'a': 1}, b=2)
    pod['spec'] |= {'c': 3, 'd': 4}
    pod['spec']['items'].extend([1, 2])
    pod['spec']['items'].clear()
    pod['spec'].clear()
    assert len(pod.history) == 1 + 6  # ``|=`` on an item also assigns it
    assert pod == {'metadata': ..., 'spec': {}, 'a': 1, 'b': 2}


@given(st.lists(st.integers(0, 3), max_size=4), st.data())
def test_views_of_lists_do_what_lists_do(items: list[int], data: st.DataObject) -> None:
    pod = Object({'items': items})
    view, model = pod['items'], list(items)
    for _ in range(3):
        index = data.draw(st.integers(-5, 5))
        part = slice(data.draw(st.none() | st.integers(-5, 5)), data.draw(st.none() | st.integers(-5, 5)))
        operation = data.draw(st.sampled_from(OPERATIONS))
        assert attempt(operation, view, index, part) == attempt(operation, model, index, part)
        assert view == model
        assert view.raw == [*view] == model
        assert len(view) == len(model)


def attempt(operation: Any, items: Any, index: int, part: slice) -> Any:
    try:
        return operation(items, index, part)
    except (IndexError, ValueError) as exc:
        return type(exc)


OPERATIONS: list[Callable[[Any, int, slice], Any]] = [
    lambda items, index, part: items.__getitem__(index),
    lambda items, index, part: items.__getitem__(part),
    lambda items, index, part: items.__setitem__(index, 9),
    lambda items, index, part: items.__setitem__(part, [7, 8]),
    lambda items, index, part: items.__delitem__(index),
    lambda items, index, part: items.__delitem__(part),
    lambda items, index, part: items.insert(index, 6),
    lambda items, index, part: items.append(index),
    lambda items, index, part: items.pop(index),
    lambda items, index, part: items.reverse(),
    lambda items, index, part: items.remove(index),
    lambda items, index, part: items.index(index),
]


def test_views_of_mappings_do_what_dictionaries_do(pod: Object) -> None:
    metadata = pod['metadata']
    assert metadata.setdefault('labels', {'a': 'b'}) == {'a': 'b'}
    assert metadata.pop('labels') == {'a': 'b'}
    assert metadata.pop('labels', 5) == 5
    with pytest.raises(KeyError, match='labels'):
        metadata.pop('labels')
    with pytest.raises(KeyError, match='labels'):
        del metadata['labels']
    assert metadata.popitem() == ('name', 'p')
    assert metadata == {}


def test_what_was_passed_in_and_what_comes_out_is_never_shared(pod: Object) -> None:
    given: dict[str, Any] = {'a': [{'b': 1}]}
    pod['x'] = given
    pod['spec']['items'].append(given)
    pod.patch({'y': given})
    given['a'][0]['b'] = 2
    pod.raw['x']['a'].clear()
    pod['x'].raw['a'].clear()
    pod['x']['a'].raw.clear()
    last = pod.last
    assert last is not None
    last.raw['x'].clear()
    assert pod['x'] == pod['y'] == pod['spec']['items'][-1] == {'a': [{'b': 1}]}


def test_mappings_and_sequences_of_any_kind_can_be_assigned(pod: Object) -> None:
    pod['x'] = MappingProxyType({'a': UserDict({'b': (1, 2)})})
    assert json.loads(json.dumps(pod['x'].raw)) == {'a': {'b': [1, 2]}}


def test_a_patch_merges_mappings_and_removes_by_none(pod: Object) -> None:
    pod.patch({'metadata': {'labels': {'a': 'b', 'c': None}}, 'spec': None})
    assert pod == {'metadata': {'name': 'p', 'labels': {'a': 'b'}}}
    assert pod.patch({'metadata': {'labels': {'a': None}}})['metadata']['labels'] == {}


@pytest.mark.parametrize('wrong', [5, 'text', [], [('a', 1)]])
def test_what_is_no_mapping_is_refused_as_an_object_and_as_a_patch(pod: Object, wrong: Any) -> None:
    for use in (Object, pod.patch, Object({}).patch, Object().create):
        with pytest.raises(TypeError, match=r'A mapping is expected, not (int|str|list): '):
            use(wrong)
    assert len(pod.history) == 1


def test_a_patch_that_contains_itself_is_refused(pod: Object) -> None:
    changes: dict[str, Any] = {}
    changes['spec'] = {'inner': changes}
    with pytest.raises(NotJSONError, match='nested too deep'):
        pod.patch(changes)
    assert len(pod.history) == 1


def test_a_deleted_object_has_no_state_but_a_last_one(pod: Object) -> None:
    state = pod.raw
    pod.delete()
    assert (pod.empty, pod.deleted) == (False, True)
    assert list(pod) == []
    assert 'metadata' not in pod
    assert pod.last == pod.raw == state
    assert not pod >= {}
    assert pod != {}
    assert pod.history == [state, None]
    with pytest.raises(KeyError, match=r'was deleted; what it was last is in `last`'):
        pod['metadata']


def test_a_deleted_object_can_be_created_anew_and_its_history_goes_on(pod: Object) -> None:
    pod.delete()
    assert pod.create({'a': 1}) is pod
    assert not pod.deleted
    assert pod == {'a': 1}
    assert pod.history == [..., None, {'a': 1}]


def test_an_object_that_never_was_is_empty_and_can_be_created(nobody: Object) -> None:
    assert (nobody.empty, nobody.deleted) == (True, False)
    assert nobody.last is None
    assert nobody.raw == {}
    assert nobody.history == []
    assert repr(nobody) == 'Object()'
    nobody.create({'a': 1})
    assert (nobody.empty, nobody.deleted) == (False, False)
    assert nobody == {'a': 1}


def test_what_does_not_exist_can_not_be_changed(nobody: Object) -> None:
    with pytest.raises(KeyError, match='does not exist'):
        nobody['spec']
    with pytest.raises(KubernetesObjectNotFoundError, match=r'does not exist. Make it by create\(\)'):
        nobody['spec'] = {}
    with pytest.raises(KubernetesObjectNotFoundError):
        nobody.patch({})
    with pytest.raises(KubernetesObjectNotFoundError):
        nobody.delete()
    assert nobody.empty


def test_what_exists_can_not_be_created(pod: Object) -> None:
    with pytest.raises(KubernetesObjectConflictError, match='exists already'):
        pod.create({})
    assert len(pod.history) == 1


def test_objects_that_do_not_exist_are_alike_and_unlike_all_that_do(pod: Object, nobody: Object) -> None:
    assert nobody == Object()
    assert pod != nobody
    assert nobody != pod
    assert Object({}) != nobody


def test_a_failed_change_leaves_all_as_it_was() -> None:
    objects = ObjectsArray()
    objects['v1/pods', 'ns', 'p'] = {'a': {}}
    pod = objects['v1/pods', 'ns', 'p']
    with pytest.raises(TypeError, match=r"JSON has no set: \{1\}, but it is the value of a\['b'\]"):
        pod['a']['b'] = {1}
    with pytest.raises(IndexError):
        pod['a'].setdefault('c', []).pop()
    assert pod == {'a': {'c': []}}
    assert pod.history == [{'a': {}}, {'a': {'c': []}}]


def test_versions_do_not_change(pod: Object) -> None:
    version = pod.history[0]
    assert isinstance(version, ObjectVersion)
    pod['metadata']['name'] = 'q'
    assert version['metadata'] == {'name': 'p'}
    with pytest.raises(TypeError, match='can not be changed'):
        version['metadata']['name'] = 'x'
    with pytest.raises(TypeError, match='item assignment'):
        operator.setitem(cast('Any', version), 'metadata', {})


def test_a_history_goes_on_but_its_slice_does_not(pod: Object) -> None:
    history = pod.history
    part = history[:]
    pod.delete()
    assert len(history) == 2
    assert history[-1] is None
    assert len(part) == 1
    with pytest.raises(IndexError, match=r'has 2 version\(s\), but number 5 is wanted'):
        history[5]


HISTORY: list[Any] = [{'a': 1, 'b': 1}, {'a': 2, 'b': 1}, None, {'a': 3}]
HISTORIES: list[tuple[str, list[Any], bool]] = [
    ('==', [{'a': 1, 'b': ...}, {'a': ..., 'b': 1}, None, {'a': 3}], True),
    ('==', [{'a': 1}, {'a': ..., 'b': 1}, None, {'a': 3}], False),
    ('==', HISTORY[:3], False),
    ('==', HISTORY[::-1], False),
    ('>=', [], True),
    ('>=', [{'a': 3}, {'a': 1}], True),
    ('>=', [None], True),
    ('>=', [None, None], False),
    ('>=', [{'b': 1}, {'b': 1}], True),
    ('>=', [{'b': 1}, {'b': 1}, {'b': 1}], False),
    ('<=', [*HISTORY, {'a': 4}], True),
    ('<=', [{'a': 1, 'b': 1, 'c': 1}, None, {'a': ...}, {'a': ..., 'b': 1}], True),
    ('<=', [], False),
]


@pytest.mark.parametrize(('sign', 'patterns', 'expected'), HISTORIES)
def test_histories_compare_in_order_or_one_to_one(sign: str, patterns: list[Any], expected: bool) -> None:
    history = ObjectHistory(HISTORY)
    compared = {'==': history == patterns, '>=': history >= patterns, '<=': history <= patterns}
    assert compared[sign] is expected


def test_representations_show_what_there_is(pod: Object) -> None:
    assert repr(Object({'a': [1]})) == "Object({'a': [1]})"
    assert repr(pod['metadata']) == "{'name': 'p'}"
    assert repr(pod['spec']['items'][:1]) == "[{'n': 1}]"
    pod.delete()
    assert repr(pod).startswith("<deleted Object, last it was {'metadata'")
    assert repr(pod.history).endswith(', None])')
