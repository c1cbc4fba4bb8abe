from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kmock_k8s.errors import KubernetesBadRequestError, KubernetesError, KubernetesInvalidError
from kmock_k8s.patching.strategic import merge_strategic
from kmock_k8s.schemas import Schema, builtin

SCHEMA = Schema.of(
    {
        'properties': {
            'spec': {
                'properties': {
                    'mode': {'type': 'string'},
                    'labels': {'additionalProperties': {'type': 'string'}},
                    'selector': {'x-kubernetes-patch-strategy': 'replace', 'additionalProperties': {}},
                    'args': {'items': {'type': 'string'}, 'x-kubernetes-list-type': 'atomic'},
                    'tags': {'items': {}, 'x-kubernetes-list-type': 'set', 'x-kubernetes-patch-strategy': 'merge'},
                    'ports': {
                        'items': {'properties': {'tags': {'x-kubernetes-patch-strategy': 'merge'}}},
                        'x-kubernetes-patch-merge-key': 'port',
                        'x-kubernetes-patch-strategy': 'merge,retainKeys',
                    },
                }
            }
        }
    }
)


def patched(spec: dict[str, Any], patch: dict[str, Any]) -> Any:
    return merge_strategic({'spec': spec}, {'spec': patch}, SCHEMA).get('spec')


def test_nulls_remove_keys_and_all_else_is_merged() -> None:
    assert patched({'mode': 'a', 'labels': {'x': '1', 'y': '2'}}, {'mode': None, 'labels': {'x': None, 'z': '3'}}) == {
        'labels': {'y': '2', 'z': '3'}
    }


def test_nulls_in_new_objects_are_left_out() -> None:
    assert patched({}, {'labels': {'x': None, 'y': '1'}, 'more': [{'a': None}, None]}) == {
        'labels': {'y': '1'},
        'more': [{}, None],
    }


def test_unknown_fields_are_merged_as_by_merge_patches() -> None:
    assert patched({'free': {'a': 1, 'list': [1]}}, {'free': {'b': 2, 'list': [2]}, 'new': {}}) == {
        'free': {'a': 1, 'b': 2, 'list': [2]},
        'new': {},
    }


def test_values_of_other_types_are_replaced() -> None:
    assert patched(
        {'mode': {'a': 1}, 'tags': 'x', 'labels': []}, {'mode': 'b', 'tags': ['y'], 'labels': {'a': '1'}}
    ) == {
        'mode': 'b',
        'tags': ['y'],
        'labels': {'a': '1'},
    }


def test_maps_that_are_replaced_are_not_merged() -> None:
    assert patched({'selector': {'a': 1}}, {'selector': {'b': 2}}) == {'selector': {'b': 2}}


def test_lists_without_a_strategy_are_replaced() -> None:
    assert patched({'args': ['a', 'b']}, {'args': ['c']}) == {'args': ['c']}


def test_sets_are_united() -> None:
    assert patched({'tags': ['a', 'b', 'c']}, {'tags': ['c', 'x', 'c']}) == {'tags': ['a', 'b', 'c', 'x']}


def test_lists_in_items_of_lists_are_merged() -> None:
    assert patched({'ports': [{'port': 1, 'tags': ['a']}]}, {'ports': [{'port': 1, 'tags': ['b']}]}) == {
        'ports': [{'port': 1, 'tags': ['b', 'a']}]
    }


def test_items_are_told_apart_by_the_types_of_their_keys() -> None:
    assert patched({'ports': [{'port': 1}]}, {'ports': [{'port': True, 'x': 1}]}) == {
        'ports': [{'port': True, 'x': 1}, {'port': 1}]
    }


def test_the_first_of_items_with_the_same_key_is_merged() -> None:
    assert patched({'ports': [{'port': 1, 'p': 't'}, {'port': 1, 'p': 'u'}]}, {'ports': [{'port': 1, 'x': 1}]}) == {
        'ports': [{'port': 1, 'p': 't', 'x': 1}, {'port': 1, 'p': 'u'}]
    }


def test_deleted_objects_become_empty() -> None:
    assert patched({'labels': {'a': '1'}}, {'labels': {'$patch': 'delete'}}) == {'labels': {}}


def test_replaced_objects_are_as_in_the_patch() -> None:
    assert patched({'labels': {'a': '1'}}, {'labels': {'$patch': 'replace', 'b': '2'}}) == {'labels': {'b': '2'}}


def test_a_deletion_of_what_is_not_there_does_nothing() -> None:
    assert patched({'ports': [{'port': 1}]}, {'ports': [{'port': 2, '$patch': 'delete'}]}) == {'ports': [{'port': 1}]}


@pytest.mark.parametrize('directive', ['delete', 'replace', 'nope', {}])
def test_directives_in_what_is_new_are_left_out_with_their_objects(directive: Any) -> None:
    marked = {'$patch': directive, 'port': 1}
    assert patched({}, {'mode': marked, 'more': [marked, 'x'], 'ports': [marked, {'port': 2}]}) == {
        'more': ['x'],
        'ports': [{'port': 2}],
    }


def test_a_list_is_replaced_by_its_items_but_the_directives() -> None:
    patch = {'ports': [{'port': 3}, {'$patch': 'replace'}, {'port': 1, '$patch': 'delete'}, {'port': 4}]}
    assert patched({'ports': [{'port': 1}, {'port': 2}]}, patch) == {'ports': [{'port': 3}, {'port': 4}]}


def test_a_list_is_emptied_by_a_replacement_alone() -> None:
    assert patched({'ports': [{'port': 1}]}, {'ports': [{'$patch': 'replace'}]}) == {'ports': []}


def test_keys_that_are_not_retained_are_removed() -> None:
    patch = {'$retainKeys': ['mode', 'args'], 'mode': 'b', 'labels': None}
    assert patched({'mode': 'a', 'args': ['x'], 'labels': {'a': '1'}, 'more': 1}, patch) == {'mode': 'b', 'args': ['x']}


def test_the_order_of_a_list_is_set_without_a_patch_of_it() -> None:
    patch = {'$setElementOrder/ports': [{'port': 3}, {'port': 1}]}
    assert patched({'ports': [{'port': 1}, {'port': 2}, {'port': 3}]}, patch) == {
        'ports': [{'port': 2}, {'port': 3}, {'port': 1}]
    }


def test_the_order_of_a_new_list_is_set() -> None:
    patch = {'$setElementOrder/tags': ['a', 'b'], 'tags': ['a', 'b']}
    assert patched({}, patch) == {'tags': ['a', 'b']}


def test_the_order_is_set_among_deletions() -> None:
    patch = {
        '$setElementOrder/ports': [{'port': 3}, {'port': 2}],
        'ports': [{'port': 1, '$patch': 'delete'}, {'port': 3, 'x': 1}],
    }
    assert patched({'ports': [{'port': 1}, {'port': 2}]}, patch) == {'ports': [{'port': 3, 'x': 1}, {'port': 2}]}


def test_the_order_of_no_list_is_ignored() -> None:
    assert patched({'mode': 'a'}, {'$setElementOrder/tags': ['a']}) == {'mode': 'a'}


def test_values_are_deleted_from_lists_of_any_strategy() -> None:
    patch = {'$deleteFromPrimitiveList/tags': ['a', 'z'], '$deleteFromPrimitiveList/args': ['b']}
    assert patched({'tags': ['a', 'b'], 'args': ['a', 'b']}, patch) == {'tags': ['b'], 'args': ['a']}


@pytest.mark.parametrize('spec', [{}, {'tags': 'x'}, {'tags': []}])
def test_deletions_from_no_list_do_nothing(spec: dict[str, Any]) -> None:
    assert patched({**spec}, {'$deleteFromPrimitiveList/tags': ['a']}) == spec


def test_values_are_deleted_and_added_at_once() -> None:
    patch = {
        '$setElementOrder/tags': ['c', 'a'],
        '$deleteFromPrimitiveList/tags': ['b'],
        'tags': ['c'],
    }
    assert patched({'tags': ['a', 'b']}, patch) == {'tags': ['c', 'a']}


def test_other_keys_with_a_dollar_are_fields() -> None:
    assert patched({'labels': {}}, {'labels': {'$ref': 'x'}}) == {'labels': {'$ref': 'x'}}


def test_the_result_shares_nothing_with_the_patch() -> None:
    patch: dict[str, Any] = {'ports': [{'port': 1, 'tags': ['a']}], 'labels': {'a': '1'}, 'args': [['b']]}
    result = patched({'args': []}, patch)
    result['ports'][0]['tags'].append('x')
    result['labels']['x'] = '1'
    result['args'][0].append('x')
    assert patch == {'ports': [{'port': 1, 'tags': ['a']}], 'labels': {'a': '1'}, 'args': [['b']]}


IMPOSSIBLE: list[tuple[Any, Any, str]] = [
    (
        {'labels': {}},
        {'labels': {'$patch': 'merge', 'a': '1'}},
        'unknown patch type: merge in map: map[$patch:merge a:1]',
    ),
    ({'labels': {}}, {'labels': {'$patch': 5}}, 'unknown patch type: %!s(int64=5) in map: map[$patch:5]'),
    ({'ports': []}, {'ports': [{'$patch': 'merge'}]}, 'merging lists cannot yet be specified in the patch'),
    ({'ports': []}, {'ports': [{'$patch': 'x'}]}, 'unknown patch type: x in map: map[$patch:x]'),
    (
        {'ports': []},
        {'ports': [{'$patch': 'delete'}]},
        'map: map[$patch:delete] does not contain declared merge key: port',
    ),
    ({'ports': [{}]}, {'ports': [{'port': 1}]}, 'map: map[] does not contain declared merge key: port'),
    ({'ports': []}, {'ports': [{'port': {}}]}, 'map[] does not identify an item of a list'),
    ({'ports': []}, {'ports': ['x']}, 'expected a map[string]interface {}, but received a string'),
    ({'ports': [{'port': 1}]}, {'ports': ['x']}, 'list element types are not identical: [[map[port:1]] [x]]'),
    ({'tags': ['a']}, {'tags': [1]}, 'list element types are not identical: [[a] [1]]'),
    ({'tags': ['a']}, {'tags': [None]}, 'list element types are not identical: [[a] [<nil>]]'),
    ({'tags': []}, {'tags': [{}]}, 'cannot merge lists without merge key'),
    ({}, {'$setElementOrder/tags': 'x'}, 'expected a []interface {}, but received a string'),
    (
        {'tags': {}},
        {'$setElementOrder/tags': ['a']},
        'expected a []interface {}, but received a map[string]interface {}',
    ),
    ({}, {'$setElementOrder/tags': [], 'tags': None}, 'expected a []interface {}, but received a %!s(<nil>)'),
    ({'tags': []}, {'$setElementOrder/tags': ['a']}, 'no elements in any of the given slices'),
    (
        {'tags': ['a']},
        {'$setElementOrder/tags': ['b'], 'tags': ['a']},
        "The order in patch list:\n[a]\n doesn't match $setElementOrder list:\n[b]\n",
    ),
    ({}, {'$setElementOrder/nope': ['a']}, 'unable to find api field in struct  for the json field "nope"'),
]


@pytest.mark.parametrize(('spec', 'patch', 'message'), IMPOSSIBLE)
def test_impossible_patches_are_errors_of_the_server(spec: Any, patch: Any, message: str) -> None:
    with pytest.raises(KubernetesError) as caught:
        patched(spec, patch)
    assert (caught.value.status, caught.value.reason, caught.value.message) == (500, None, message)


MALFORMED: list[tuple[dict[str, Any], str]] = [
    ({'$retainKeys': 'mode'}, 'retainKeys'),
    ({'$retainKeys': [], 'mode': 'a'}, 'retainKeys'),
    ({'$retainKeys': [{}], 'mode': 'a'}, 'retainKeys'),
    ({'$setElementOrder': []}, 'setElementOrder list'),
    ({'$setElementOrders/tags': []}, 'setElementOrder list'),
    ({'$deleteFromPrimitiveList': []}, 'primitive list'),
]


@pytest.mark.parametrize(('patch', 'what'), MALFORMED)
def test_malformed_directives_are_bad_requests(patch: dict[str, Any], what: str) -> None:
    with pytest.raises(KubernetesBadRequestError, match=f'^invalid patch format of {what}$'):
        patched({'mode': 'a'}, patch)


def test_lists_of_lists_are_invalid() -> None:
    with pytest.raises(KubernetesInvalidError):
        patched({'tags': []}, {'tags': [['a']]})


def test_patches_that_are_nested_too_deep_are_bad_requests() -> None:
    patch: dict[str, Any] = {}
    for _ in range(5000):
        patch = {'a': patch}
    with pytest.raises(KubernetesBadRequestError, match='too deep'):
        patched({}, patch)


def test_unknown_fields_that_are_ordered_are_told_with_the_type_that_lacks_them() -> None:
    schema = builtin('', 'v1', 'ConfigMap')
    assert schema is not None
    with pytest.raises(KubernetesError, match='struct ObjectMeta for the json field "nope"'):
        merge_strategic({'metadata': {}}, {'metadata': {'$setElementOrder/nope': []}}, schema)


KEYS = st.sampled_from(
    [
        *('spec', 'mode', 'labels', 'selector', 'args', 'tags', 'ports', 'port', '$patch', '$retainKeys', '$other'),
        *('$setElementOrder/tags', '$setElementOrder/ports', '$setElementOrder/mode', '$setElementOrder'),
        *('$deleteFromPrimitiveList/tags', '$deleteFromPrimitiveList/ports', '$deleteFromPrimitiveList/'),
    ]
)
ANYTHING: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.sampled_from(['delete', 'replace', 'mode', 'x']),
    lambda below: st.lists(below, max_size=3) | st.dictionaries(KEYS, below, max_size=5),
    max_leaves=20,
)
OBJECTS = st.fixed_dictionaries({'spec': st.dictionaries(KEYS, ANYTHING, max_size=8)})


@settings(max_examples=200, deadline=None)
@given(target=OBJECTS, patch=OBJECTS)
def test_whatever_is_patched_only_errors_of_the_api_are_raised(target: dict[str, Any], patch: dict[str, Any]) -> None:
    sent = repr(patch)
    with suppress(KubernetesError):
        merge_strategic(target, patch, SCHEMA)
    assert repr(patch) == sent
