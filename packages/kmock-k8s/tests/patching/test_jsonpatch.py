"""JSON patches: all of the operations, or none."""

import contextlib
import json
import subprocess
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kmock_k8s.errors import KubernetesBadRequestError, KubernetesInvalidError
from kmock_k8s.model.encoding import encode
from kmock_k8s.patching.jsonpatch import apply

REJECTED = 'the server rejected our request due to an error in our request'
OBJECT: dict[str, Any] = {
    'metadata': {'labels': {'l': '1', 'a.b/c': '2', '': '3'}},
    'data': {'k1': '1', 'k2': '2', 'null': None, 'one': 1, 'true': True},
    'list': ['a', {'b': 'c'}, []],
}

WORKING: list[tuple[Any, Any]] = [
    ([], {}),
    ([{'op': 'add', 'path': '/x', 'value': {'y': [1]}}], {'x': {'y': [1]}}),
    ([{'op': 'add', 'path': '/list', 'value': 1}], {'list': 1}),
    ([{'op': 'add', 'path': '/list/-', 'value': 1}], {'list': ['a', {'b': 'c'}, [], 1]}),
    ([{'op': 'add', 'path': '/list/0', 'value': 1}], {'list': [1, 'a', {'b': 'c'}, []]}),
    ([{'op': 'add', 'path': '/list/3', 'value': 1}], {'list': ['a', {'b': 'c'}, [], 1]}),
    ([{'op': 'add', 'path': '/list/1/b', 'value': None}], {'list': ['a', {'b': None}, []]}),
    ([{'op': 'remove', 'path': '/metadata/labels/a.b~1c'}], {'metadata': {'labels': {'l': '1', '': '3'}}}),
    ([{'op': 'remove', 'path': '/metadata/labels/'}], {'metadata': {'labels': {'l': '1', 'a.b/c': '2'}}}),
    ([{'op': 'remove', 'path': '/list/0'}], {'list': [{'b': 'c'}, []]}),
    ([{'op': 'replace', 'path': '/list/0', 'value': []}], {'list': [[], {'b': 'c'}, []]}),
    ([{'op': 'replace', 'path': '/data', 'value': {}}], {'data': {}}),
    ([{'op': 'copy', 'from': '/list/1', 'path': '/data'}], {'data': {'b': 'c'}}),
    ([{'op': 'move', 'from': '/list/1', 'path': '/data'}], {'data': {'b': 'c'}, 'list': ['a', []]}),
    ([{'op': 'move', 'from': '/list/0', 'path': '/list/2'}], {'list': [{'b': 'c'}, [], 'a']}),
    ([{'op': 'test', 'path': '/data/k1', 'value': '1'}], {}),
    ([{'op': 'test', 'path': '/list', 'value': ['a', {'b': 'c'}, []]}], {}),
    ([{'op': 'test', 'path': '/data/null', 'value': None}], {}),
    ([{'op': 'add', 'path': '/x', 'value': {}}, {'op': 'add', 'path': '/x/y', 'value': 1}], {'x': {'y': 1}}),
]

FAILING: list[tuple[Any, str]] = [
    ({'op': 'test', 'path': '/data/k1', 'value': 'nope'}, 'it is "1", not "nope"'),
    ({'op': 'test', 'path': '/data/k1', 'value': None}, 'it is "1", not null'),
    ({'op': 'test', 'path': '/data/one', 'value': True}, 'it is 1, not true'),
    ({'op': 'test', 'path': '/data/true', 'value': 1}, 'it is true, not 1'),
    ({'op': 'test', 'path': '/data/zz', 'value': None}, 'there is nothing at /data/zz'),
    ({'op': 'test', 'path': '/list/-', 'value': None}, 'there is nothing at /list/-'),
    ({'op': 'test', 'path': '/list/9', 'value': None}, 'there is nothing at /list/9'),
    ({'op': 'test', 'path': f'/list/{"9" * 5000}', 'value': 1}, 'there is nothing at /list/999'),
    ({'op': 'remove', 'path': ''}, "can't remove the whole document"),
    ({'op': 'remove', 'path': '/data/zz'}, 'there is nothing at /data/zz'),
    ({'op': 'remove', 'path': '/data/zz/y'}, 'there is nothing at /data/zz/y'),
    ({'op': 'remove', 'path': '/list/9'}, 'there is nothing at /list/9'),
    ({'op': 'remove', 'path': f'/list/{10**30}'}, 'there is nothing at /list/1000'),
    ({'op': 'remove', 'path': f'/list/{"9" * 5000}'}, 'there is nothing at /list/999'),
    ({'op': 'remove', 'path': '/list/-'}, 'there is nothing at /list/-'),
    ({'op': 'remove', 'path': '/list/01'}, 'there is nothing at /list/01'),
    ({'op': 'remove', 'path': '/list/-1'}, 'there is nothing at /list/-1'),
    ({'op': 'remove', 'path': '/list/x'}, 'there is nothing at /list/x'),
    ({'op': 'remove', 'path': '/data/k1/0'}, 'there is nothing at /data/k1/0'),
    ({'op': 'remove', 'path': '/data/one/0'}, 'there is nothing at /data/one/0'),
    ({'op': 'remove', 'path': '/data/null/0'}, 'there is nothing at /data/null/0'),
    ({'op': 'replace', 'path': '/data/zz', 'value': 1}, 'there is nothing at /data/zz'),
    ({'op': 'replace', 'path': '/list/-', 'value': 1}, 'there is nothing at /list/-'),
    ({'op': 'replace', 'path': '/list/3', 'value': 1}, 'there is nothing at /list/3'),
    ({'op': 'replace', 'path': '/data/k1/0', 'value': 1}, 'there is nothing at /data/k1/0'),
    ({'op': 'add', 'path': '/absent/x', 'value': 1}, 'there is nothing at /absent'),
    ({'op': 'add', 'path': '/list/-/x', 'value': 1}, 'there is nothing at /list/-'),
    ({'op': 'add', 'path': '/data/k1/0', 'value': 1}, '/data/k1 is neither an object nor an array'),
    ({'op': 'add', 'path': '/data/null/0', 'value': 1}, '/data/null is neither an object nor an array'),
    ({'op': 'add', 'path': '/list/4', 'value': 1}, "can't insert outside of list"),
    ({'op': 'add', 'path': f'/list/{10**30}', 'value': 1}, "can't insert outside of list"),
    ({'op': 'add', 'path': f'/list/{"9" * 5000}', 'value': 1}, 'nvalid'),
    ({'op': 'add', 'path': '/list/x', 'value': 1}, "'x' is not a valid sequence index"),
    ({'op': 'copy', 'from': '/data/zz', 'path': '/x'}, 'there is nothing at /data/zz'),
    ({'op': 'copy', 'from': '/list/-', 'path': '/x'}, 'there is nothing at /list/-'),
    ({'op': 'copy', 'from': '/data/k1', 'path': '/absent/x'}, 'there is nothing at /absent'),
    ({'op': 'move', 'from': '/data/zz', 'path': '/x'}, 'there is nothing at /data/zz'),
    ({'op': 'move', 'from': '/list/-', 'path': '/x'}, 'there is nothing at /list/-'),
    ({'op': 'move', 'from': '/data', 'path': '/data/x'}, 'children'),
    ({'op': 'move', 'from': '/data/k1', 'path': '/absent/x'}, 'there is nothing at /absent'),
    ({'op': 'move', 'from': '/data/k1', 'path': '/data/one/x'}, '/data/one is neither an object nor an array'),
]

REPLACING: list[tuple[Any, str]] = [
    ({'op': 'replace', 'path': '', 'value': []}, 'array'),
    ({'op': 'add', 'path': '', 'value': None}, 'null'),
    ({'op': 'copy', 'path': '', 'from': '/data/k1'}, 'string'),
    ({'op': 'move', 'path': '', 'from': '/data/true'}, 'bool'),
]

keys = st.sampled_from(['a', 'b', '0', '1'])
values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(0, 3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3),
    max_leaves=8,
)
objects = st.dictionaries(keys, values, max_size=3)
pointers = st.lists(keys | st.just('-'), max_size=3).map(lambda parts: ''.join(f'/{part}' for part in parts))
operations = st.fixed_dictionaries(
    {
        'op': st.sampled_from(['add', 'remove', 'replace', 'move', 'copy', 'test']),
        'path': pointers,
        'from': pointers,
        'value': values,
    }
)
garbage = values | st.lists(
    st.dictionaries(
        st.sampled_from(['op', 'path', 'from', 'value']),
        st.sampled_from(['add', 'remove', 'test', 'copy', '', '/a', '/a/-', '/0', 'x']) | values,
    )
    | values,
    max_size=4,
)


@pytest.mark.parametrize(('patch', 'changed'), WORKING)
def test_a_patch_changes_the_object(patch: Any, changed: Any) -> None:
    assert apply(OBJECT, patch) == {**OBJECT, **changed}


@pytest.mark.parametrize(('operation', 'why'), FAILING)
def test_an_operation_that_can_not_be_done_is_invalid_and_is_named(operation: Any, why: str) -> None:
    before = json.dumps(OBJECT)
    with pytest.raises(KubernetesInvalidError) as caught:
        apply(OBJECT, [{'op': 'add', 'path': '/data/new', 'value': 1}, operation])
    message = caught.value.message or ''
    assert message.startswith(f'{REJECTED}: operation 1 ({operation["op"]} {operation["path"][:99]}')
    assert len(message) < 500
    assert why in message.partition('): ')[2]
    assert caught.value.as_status()['code'] == 422
    assert json.dumps(OBJECT) == before


@pytest.mark.parametrize(('operation', 'kind'), REPLACING)
def test_what_is_no_object_afterwards_is_invalid(operation: Any, kind: str) -> None:
    with pytest.raises(KubernetesInvalidError) as caught:
        apply(OBJECT, [operation])
    assert caught.value.message == f'{REJECTED}: the object became {kind}'


def test_the_whole_object_can_be_replaced() -> None:
    assert apply(OBJECT, [{'op': 'replace', 'path': '', 'value': {'a': 1}}]) == {'a': 1}


def test_what_is_no_patch_is_a_bad_request_before_anything_is_tried() -> None:
    with pytest.raises(KubernetesBadRequestError, match=r'^error decoding patch: operation 1 has unknown op "nope"'):
        apply(OBJECT, [{'op': 'test', 'path': '/absent', 'value': 1}, {'op': 'nope', 'path': '/data'}])


@given(objects, st.lists(operations, max_size=5))
def test_a_patch_changes_neither_the_target_nor_itself(target: dict[str, Any], patch: list[Any]) -> None:
    before = json.dumps([target, patch])
    try:
        patched = apply(target, patch)
    except KubernetesInvalidError:
        pass
    else:
        wreck(patched)
    assert json.dumps([target, patch]) == before


@given(objects, st.lists(operations, max_size=5), st.lists(operations, max_size=5))
def test_patches_one_after_the_other_are_one_patch(target: dict[str, Any], first: list[Any], second: list[Any]) -> None:
    def attempt(*patches: list[Any]) -> Any:
        patched = target
        try:
            for patch in patches:
                patched = apply(patched, patch)
        except KubernetesInvalidError:
            return None
        return patched

    in_two = attempt(first, second)
    assert in_two is None or in_two == attempt([*first, *second])


@given(objects, objects)
def test_a_test_passes_if_and_only_if_the_json_is_the_same(target: dict[str, Any], wanted: dict[str, Any]) -> None:
    same = json.dumps(target, sort_keys=True) == json.dumps(wanted, sort_keys=True)
    try:
        passed = apply(target, [{'op': 'test', 'path': '', 'value': wanted}]) == target
    except KubernetesInvalidError:
        passed = False
    assert passed is same


@given(objects, garbage)
def test_any_json_is_either_a_patch_or_an_error_of_the_api(target: dict[str, Any], patch: Any) -> None:
    with contextlib.suppress(KubernetesBadRequestError, KubernetesInvalidError):
        assert isinstance(apply(target, patch), dict)


def test_copies_of_copies_do_not_fill_the_memory() -> None:
    bomb = [{'op': 'add', 'path': '/x', 'value': ['x' * 1000]}]
    bomb += [{'op': 'copy', 'from': '/x', 'path': '/x/-'}] * 100
    with pytest.raises(KubernetesInvalidError, match='more than 3145728 bytes are copied'):
        apply({}, bomb)


def test_a_value_that_is_nested_too_deep_is_a_bad_request() -> None:
    value: Any = []
    for _ in range(100_000):
        value = [value]
    with pytest.raises(KubernetesBadRequestError, match='nested too deep'):
        apply({}, [{'op': 'add', 'path': '/x', 'value': value}])


def test_an_object_that_becomes_nested_deeper_and_deeper_can_be_encoded_or_is_a_bad_request() -> None:
    value: Any = {}
    for _ in range(299):
        value = {'a': value}
    patch = [{'op': 'add', 'path': '/a' * (300 * index + 1), 'value': value} for index in range(20)]
    with contextlib.suppress(KubernetesBadRequestError):  # the limit is that of the interpreter
        assert encode(apply({}, patch)).count(b'a') == 20 * 300


def test_the_library_is_only_imported_when_it_is_needed() -> None:
    code = 'import sys, kmock_k8s, kmock_k8s.patching.choosing; sys.exit("jsonpatch" in sys.modules)'
    assert subprocess.run([sys.executable, '-c', code], check=False).returncode == 0


def wreck(value: Any) -> None:
    """Change all dictionaries and lists in a value."""
    mapping: dict[str, Any] = value
    items: list[Any] = value
    if isinstance(value, dict):
        for item in mapping.values():
            wreck(item)
        mapping['wrecked'] = True
    elif isinstance(value, list):
        for item in items:
            wreck(item)
        items.append('wrecked')
